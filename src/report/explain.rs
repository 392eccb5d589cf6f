//! The page of a rule, for a terminal, as markdown, or for programs.

use serde::Serialize;

use super::rules::Facts;
use super::{Listing, PAGES, Style, as_json, page_address, plain};
use crate::finding::Meta;

/// Everything about one rule, ending with a line break.
#[must_use]
pub fn explain(listing: Listing, rule: &'static Meta, style: &Style) -> String {
    match listing {
        Listing::Text => text(rule, style),
        Listing::Markdown => rule.body().to_owned(),
        Listing::Json => as_json(&Explained {
            facts: Facts::of(rule),
            since: rule.since,
            cwe: (!rule.cwe.is_empty()).then_some(rule.cwe),
            yields_to: rule.yields_to().collect(),
            url: page_address(rule),
            page: rule.body(),
        }),
    }
}

#[derive(Serialize)]
struct Explained {
    #[serde(flatten)]
    facts: Facts,
    since: &'static str,
    cwe: Option<&'static str>,
    yields_to: Vec<&'static str>,
    url: String,
    page: &'static str,
}

fn text(rule: &'static Meta, style: &Style) -> String {
    let facts = Facts::of(rule);
    let mut remarks = vec![format!("{} severity", facts.severity), facts.category.to_owned()];
    remarks.push(if facts.default { "on by default" } else { "opt-in" }.to_owned());
    remarks.extend(facts.fixable.then(|| "--fix can repair it".to_owned()));
    let mut out = format!("{}: {}\n{}\n", bold(rule.id, style), rule.title, remarks.join(", "));
    if !facts.equivalents.is_empty() {
        let list = format!("also known as {}", facts.equivalents.join(", "));
        out.extend(plain::wrap(&list, style.columns()).into_iter().map(|line| line + "\n"));
    }
    out.push('\n');
    out.push_str(&page(rule, style));
    let silence = format!(
        "To accept one place, write `# kmslint: ignore[{}] -- reason` at the end of its line or on a line above it; \
         in JSON, name the rule and the reason under `Metadata.kmslint.ignore` of the resource.",
        rule.id
    );
    out.push('\n');
    push_lines(&mut out, plain::wrap(&silence, style.columns()), "");
    out.push_str(&format!("\n{}\n", page_address(rule)));
    out
}

/// The page as plain text in lines of 100 columns.
pub(super) fn plain_page(rule: &'static Meta) -> String {
    page(rule, &Style::default())
}

/// The page as markdown whose links hold from anywhere.
pub(super) fn absolute_page(rule: &'static Meta) -> String {
    let mut parts = rule.body().split("](");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str("](");
        let page =
            part.split_once(')').is_some_and(|(address, _)| address.ends_with(".md") && !address.contains("://"));
        out.push_str(&if page { format!("{PAGES}/{part}") } else { part.to_owned() });
    }
    out
}

/// The first paragraph of running text, on one line.
pub(super) fn first_paragraph(rule: &'static Meta) -> Option<String> {
    blocks(rule.body()).into_iter().find_map(|block| match block {
        Block::Text(text) => Some(inline(&text)),
        Block::Heading(_) | Block::Item(_) | Block::Code(_) | Block::Row(_) => None,
    })
}

/// What a page is made of.
#[derive(Debug, PartialEq, Eq)]
enum Block {
    /// A heading without its marks.
    Heading(String),
    /// A paragraph, its lines joined.
    Text(String),
    /// An item of a list, with its mark.
    Item(String),
    /// The lines between two fences.
    Code(Vec<String>),
    /// A line of a table.
    Row(String),
}

/// Splits markdown into blocks; the title is left out, as the header says it.
fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open = false;
    let mut lines = markdown.lines();
    while let Some(line) = lines.next() {
        let trimmed = line.trim();
        if let Some(fence) = fence(trimmed) {
            let code = lines.by_ref().take_while(|line| line.trim() != fence).map(str::to_owned).collect();
            blocks.push(Block::Code(code));
            open = false;
        } else if trimmed.is_empty() {
            open = false;
        } else if trimmed.starts_with('#') {
            let title = trimmed.trim_start_matches('#').trim();
            blocks.extend((!trimmed.starts_with("# ")).then(|| Block::Heading(title.to_owned())));
            open = false;
        } else if trimmed.starts_with('|') {
            let rule = trimmed.chars().all(|ch| "|-: ".contains(ch));
            blocks.extend((!rule).then(|| Block::Row(trimmed.to_owned())));
            open = false;
        } else if is_item(trimmed) {
            blocks.push(Block::Item(trimmed.to_owned()));
            open = true;
        } else {
            match blocks.last_mut() {
                Some(Block::Text(text) | Block::Item(text)) if open => {
                    text.push(' ');
                    text.push_str(trimmed);
                }
                Some(_) | None => blocks.push(Block::Text(trimmed.to_owned())),
            }
            open = true;
        }
    }
    blocks
}

/// The line that ends the code which this line begins.
fn fence(line: &str) -> Option<String> {
    let ticks = line.len() - line.trim_start_matches('`').len();
    (ticks >= 3).then(|| "`".repeat(ticks))
}

fn is_item(line: &str) -> bool {
    let numbered = line.split_once(". ").is_some_and(|(number, _)| number.bytes().all(|byte| byte.is_ascii_digit()));
    line.starts_with("- ") || line.starts_with("* ") || numbered
}

fn page(rule: &'static Meta, style: &Style) -> String {
    let mut out = String::new();
    let mut previous_is_item = false;
    for block in blocks(rule.body()) {
        let is_item = matches!(block, Block::Item(_) | Block::Row(_));
        let same_list = is_item && previous_is_item;
        if !out.is_empty() && !same_list {
            out.push('\n');
        }
        previous_is_item = is_item;
        match block {
            Block::Heading(title) => out.push_str(&format!("{}\n", bold(&inline(&title), style))),
            Block::Text(text) => push_lines(&mut out, plain::wrap(&inline(&text), style.columns()), ""),
            Block::Item(text) => {
                let (mark, text) = text.split_once(' ').unwrap_or(("", &text));
                let mark = if matches!(mark, "-" | "*") { "-" } else { mark };
                let lines = plain::wrap(&inline(text), style.columns() - mark.len() - 3);
                for (at, line) in lines.iter().enumerate() {
                    let mark = if at == 0 { mark.to_owned() } else { " ".repeat(mark.len()) };
                    out.push_str(&format!("  {mark} {line}\n"));
                }
            }
            Block::Code(lines) => push_lines(&mut out, lines, "    "),
            Block::Row(row) => push_lines(&mut out, vec![inline(&row)], ""),
        }
    }
    out
}

fn push_lines(out: &mut String, lines: Vec<String>, indent: &str) {
    for line in lines {
        out.push_str(format!("{indent}{line}").trim_end());
        out.push('\n');
    }
}

/// Running text without the marks of emphasis, links as `text (address)`; what stands in backticks stays as it is.
fn inline(text: &str) -> String {
    text.split('`')
        .enumerate()
        .map(|(at, part)| if at % 2 == 0 { unlinked(&part.replace("**", "")) } else { format!("`{part}`") })
        .collect()
}

fn unlinked(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        let Some((label, (address, after))) =
            link.split_once("](").and_then(|(label, rest)| Some((label, rest.split_once(')')?)))
        else {
            break;
        };
        out.push_str(before);
        out.push_str(label);
        if address.starts_with("http") && address != label {
            out.push_str(&format!(" ({address})"));
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn bold(text: &str, style: &Style) -> String {
    if style.color { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
}
