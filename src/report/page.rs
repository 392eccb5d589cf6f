//! The markdown of a rule's page, as far as a terminal and code scanning need it.

use super::{PAGES, Style, page_address, plain};
use crate::finding::Meta;

/// What a page is made of.
#[derive(Debug, PartialEq, Eq)]
enum Block {
    /// The heading of a section, without its marks.
    Section(String),
    /// A heading inside a section.
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

/// The page, its sections and one example of each kind, as plain text.
pub(super) fn text(rule: &'static Meta, style: &Style) -> String {
    let mut out = String::new();
    let mut previous_is_item = false;
    for block in blocks(&brief(rule)) {
        let is_item = matches!(block, Block::Item(_) | Block::Row(_));
        let same_list = is_item && previous_is_item;
        if !out.is_empty() && !same_list {
            out.push('\n');
        }
        previous_is_item = is_item;
        match block {
            Block::Section(title) => push_lines(&mut out, vec![bold(&inline(&title).to_uppercase(), style)], ""),
            Block::Heading(title) => push_lines(&mut out, vec![bold(&inline(&title), style)], ""),
            Block::Text(text) => push_lines(&mut out, plain::wrap(&inline(&text), style.columns()), ""),
            Block::Item(text) => push_item(&mut out, &text, style),
            Block::Code(lines) => push_lines(&mut out, lines, "    "),
            Block::Row(row) => push_lines(&mut out, vec![inline(&row)], ""),
        }
    }
    out
}

/// The same as markdown, with links that hold from anywhere.
pub(super) fn markdown(rule: &'static Meta) -> String {
    let brief = brief(rule);
    let mut parts = brief.split("](");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let to_page = part.split_once(')').is_some_and(|(to, _)| to.ends_with(".md") && !to.contains("://"));
        out.push_str("](");
        out.push_str(&if to_page { format!("{PAGES}/{part}") } else { part.to_owned() });
    }
    out
}

/// The first paragraph of running text, with the list that it begins, on one line.
pub(super) fn first_paragraph(rule: &'static Meta) -> Option<String> {
    let mut blocks = blocks(rule.body()).into_iter().skip_while(|block| !matches!(block, Block::Text(_)));
    let Some(Block::Text(first)) = blocks.next() else { return None };
    let mut paragraph = inline(&first);
    if paragraph.ends_with(['.', '!', '?']) {
        return Some(paragraph);
    }
    for block in blocks {
        let Block::Item(item) = block else { break };
        let (_, text) = item.split_once(' ').unwrap_or(("", &item));
        paragraph.push(' ');
        paragraph.push_str(&inline(text));
    }
    Some(paragraph)
}

/// A text that stands out where colours may be used.
pub(super) fn bold(text: &str, style: &Style) -> String {
    if style.color { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
}

/// Appends lines without trailing blanks.
pub(super) fn push_lines(out: &mut String, lines: Vec<String>, indent: &str) {
    for line in lines {
        out.push_str(format!("{indent}{line}").trim_end());
        out.push('\n');
    }
}

fn push_item(out: &mut String, item: &str, style: &Style) {
    let (mark, text) = item.split_once(' ').unwrap_or(("-", item));
    let mark = if mark == "*" { "-" } else { mark };
    let lines = plain::wrap(&inline(text), style.columns() - mark.len() - 3);
    for (at, line) in lines.iter().enumerate() {
        let mark = if at == 0 { mark.to_owned() } else { " ".repeat(mark.len()) };
        out.push_str(&format!("  {mark} {line}\n"));
    }
}

/// The page with the first example of each section only: the pages hold many, as they are tests too.
fn brief(rule: &'static Meta) -> String {
    let mut out = String::new();
    let mut fence_open = None;
    let (mut examples, mut left_out) = (0, 0);
    for line in rule.body().lines() {
        if fence_open.is_none() && line.starts_with("## ") {
            examples = 0;
        }
        if fence_open.is_none() && line.starts_with("### ") {
            examples += 1;
            left_out += usize::from(examples > 1);
        }
        fence_open = match fence_open {
            Some(fence) if line.trim() == fence => None,
            Some(fence) => Some(fence),
            None => fence(line.trim()),
        };
        if examples < 2 {
            out.push_str(line);
            out.push('\n');
        }
    }
    if left_out > 0 {
        let more =
            if left_out == 1 { "One more example is".to_owned() } else { format!("{left_out} more examples are") };
        out.push_str(&format!("\n{more} on [the rule's page]({}).\n", page_address(rule)));
    }
    out
}

/// Splits markdown into blocks; the title is left out, as the header says it.
fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open = false;
    let mut lines = markdown.lines();
    while let Some(line) = lines.next() {
        let trimmed = line.trim();
        let goes_on = std::mem::take(&mut open);
        if let Some(fence) = fence(trimmed) {
            blocks
                .push(Block::Code(lines.by_ref().take_while(|line| line.trim() != fence).map(str::to_owned).collect()));
        } else if let Some(title) = trimmed.strip_prefix("## ") {
            blocks.push(Block::Section(title.trim().to_owned()));
        } else if trimmed.starts_with("# ") || trimmed.is_empty() {
        } else if trimmed.starts_with('#') {
            blocks.push(Block::Heading(trimmed.trim_start_matches('#').trim().to_owned()));
        } else if trimmed.starts_with('|') {
            let is_rule = trimmed.chars().all(|ch| "|-: ".contains(ch));
            blocks.extend((!is_rule).then(|| Block::Row(trimmed.to_owned())));
        } else if is_item(trimmed) {
            blocks.push(Block::Item(trimmed.to_owned()));
            open = true;
        } else {
            open = true;
            match blocks.last_mut() {
                Some(Block::Text(text) | Block::Item(text)) if goes_on => {
                    text.push(' ');
                    text.push_str(trimmed);
                }
                Some(_) | None => blocks.push(Block::Text(trimmed.to_owned())),
            }
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
    let numbered =
        |(number, _): (&str, &str)| (1..=2).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    line.starts_with("- ") || line.starts_with("* ") || line.split_once(". ").is_some_and(numbered)
}

/// Running text without the marks of emphasis, links as `text (address)`; what stands in backticks stays as it is.
fn inline(text: &str) -> String {
    unlinked(text)
        .split('`')
        .enumerate()
        .map(|(at, part)| if at % 2 == 0 { unstressed(&part.replace("**", "")) } else { format!("`{part}`") })
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

/// A text without the stars around `*words*`.
fn unstressed(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('*') {
        out.push_str(before);
        match after.split_once('*') {
            Some((word, after)) if !word.is_empty() && word == word.trim() => {
                out.push_str(word);
                rest = after;
            }
            Some(_) | None => {
                out.push('*');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "---\nid: x\ntitle: t\nseverity: low\ncategory: grants\ndefault: yes\nfix: no\nprecision: high\nsince: 0.1.0\n---\n";

    fn rule(body: &str) -> &'static Meta {
        let page: &'static str = Box::leak(format!("{HEADER}{body}").into_boxed_str());
        Box::leak(Box::new(Meta::of(page)))
    }

    #[test]
    fn running_text_loses_its_marks_and_code_keeps_them() {
        assert_eq!(inline("**all** of `kms:*`, *every* `*` and 2 * 3 * 4"), "all of `kms:*`, every `*` and 2 * 3 * 4");
        assert_eq!(inline("see [`x`](x.md) or [AWS](https://a.b/c)"), "see `x` or AWS (https://a.b/c)");
    }

    #[test]
    fn a_number_that_begins_a_line_is_no_list() {
        let page = rule("# x\n\n## Why\n\nbetween 90 and\n2560. Anything else fails.\n");
        assert_eq!(first_paragraph(page).unwrap(), "between 90 and 2560. Anything else fails.");
    }

    #[test]
    fn a_list_belongs_to_the_paragraph_that_begins_it() {
        let page = rule("# x\n\nWithout one\n\n- this fails;\n- that\n  fails.\n\nMore.\n");
        assert_eq!(first_paragraph(page).unwrap(), "Without one this fails; that fails.");
    }

    #[test]
    fn one_example_of_each_kind_is_shown_and_the_rest_is_counted() {
        let page = rule(
            "# x\n\n## Bad\n\n### A\n\n```yaml\n### no heading\n```\n\n### B\n\n```yaml\nb: 1\n```\n\n## Good\n\n### C\n\ntext [y](y.md)\n\n### D\n\nd\n\n## Fix\n\nend\n",
        );
        let text = text(page, &Style::default());
        let address = page_address(page);
        assert_eq!(
            text,
            format!(
                "BAD\n\nA\n\n    ### no heading\n\nGOOD\n\nC\n\ntext y\n\nFIX\n\nend\n\n2 more examples are on the rule's page ({address}).\n"
            )
        );
        assert!(markdown(page).contains("[y](https://github.com/kmslint/kmslint/blob/main/rules/y.md)"));
    }
}
