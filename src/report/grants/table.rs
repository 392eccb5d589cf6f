//! Grants for people, by key and principal.

use super::{by_key, outcome, remarks, summary};
use crate::report::concise::place;
use crate::report::{Style, plain};
use crate::source::Sources;
use crate::view::grants::{AllBut, Outcome, Party, Row};

/// Before a principal, and before a result.
const INDENT: usize = 2;
/// The width of `ineffective` and what separates it from what follows.
const RESULT: usize = 13;

pub(super) fn text(rows: &[Row], sources: &Sources, style: &Style) -> String {
    let mut out = String::new();
    for group in by_key(rows) {
        let Some(first) = group.first() else { continue };
        let place = first.key.declared.map(|span| format!(" {}", place(sources, span))).unwrap_or_default();
        // Paths and ARNs are not broken: they are there to be copied.
        for line in plain::wrap(&format!("{}{place}", heading(&first.key)), style.columns()) {
            out.push_str(&if style.color { format!("\x1b[1m{line}\x1b[0m\n") } else { format!("{line}\n") });
        }
        for rows in group.chunk_by(|a, b| a.principal == b.principal) {
            let Some(first) = rows.first() else { continue };
            for line in cell(&name(&first.principal), style.columns() - INDENT) {
                out.push_str(&format!("{:INDENT$}{line}\n", ""));
            }
            rows.iter().for_each(|row| lines(row, style, &mut out));
        }
        out.push('\n');
    }
    out.push_str(&summary(rows));
    out.push('\n');
    out
}

/// The name of a key with what tells it from others.
fn heading(key: &Party) -> String {
    let name = match key.kind {
        "pattern" => format!("any key: {}", key.name),
        "reference" => format!("no key in view: {}", key.name),
        _ => format!("key {}", key.name),
    };
    let stack = key.stack.as_ref().map(|stack| format!(" (stack {stack})")).unwrap_or_default();
    let arn = match (&key.arn, key.kind) {
        (Some(arn), "imported") => format!(" {arn}"),
        _ => String::new(),
    };
    format!("{name}{stack}{arn}")
}

/// A principal with what tells it from others.
fn name(principal: &Party) -> String {
    match principal.kind {
        "role" | "user" | "group" => format!("{} {}", principal.kind, principal.name),
        "everyone" => format!("everyone: {}", principal.name),
        _ => principal.name.clone(),
    }
}

/// The result, the actions beside it, and below them what else there is to say.
fn lines(row: &Row, style: &Style, out: &mut String) {
    let columns = style.columns() - 2 * INDENT - RESULT;
    let result = outcome(row.outcome);
    let mut left = painted(&format!("{result:RESULT$}"), row.outcome, style);
    let actions = cell(&actions(row, str::to_owned), columns);
    for line in actions.into_iter().chain(remarks(row).iter().flat_map(|remark| cell(remark, columns))) {
        out.push_str(&format!("{:1$}{left}{line}\n", "", 2 * INDENT));
        left = " ".repeat(RESULT);
    }
}

/// The actions, each laid out.
fn actions(row: &Row, lay_out: fn(&str) -> String) -> String {
    let all = |names: &[String]| names.iter().map(|name| lay_out(name)).collect::<Vec<_>>().join(" ");
    match &row.all_but {
        Some(AllBut { pattern, missing }) => format!("{} except {}", lay_out(pattern), all(missing)),
        None => all(&row.actions),
    }
}

/// Safe lines that fit a column; what has no blank where it would have to break is broken anywhere.
fn cell(text: &str, columns: usize) -> Vec<String> {
    plain::wrap(text, columns).iter().flat_map(|line| broken(line, columns)).filter(|line| !line.is_empty()).collect()
}

fn broken(line: &str, columns: usize) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut used = 0;
    for ch in line.chars() {
        let width = plain::width_of(ch);
        if used + width > columns {
            parts.push(String::new());
            used = 0;
        }
        if let Some(last) = parts.last_mut() {
            last.push(ch);
        }
        used += width;
    }
    parts
}

fn painted(text: &str, outcome: Outcome, style: &Style) -> String {
    if !style.color {
        return text.to_owned();
    }
    let code = match outcome {
        Outcome::Effective => 32,
        Outcome::Ineffective => 31,
        Outcome::Undecided => 33,
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}

pub(super) fn markdown(rows: &[Row]) -> String {
    let mut out = String::from("# KMS grants\n");
    for group in by_key(rows) {
        let Some(first) = group.first() else { continue };
        out.push_str(&format!("\n## {}\n\n", escaped(&heading(&first.key))));
        out.push_str("| principal | actions | result | |\n|---|---|---|---|\n");
        for row in group {
            let remarks: Vec<_> = remarks(row).iter().map(|remark| escaped(remark)).collect();
            out.push_str(&format!(
                "| {} | {} | {} | {} |\n",
                escaped(&name(&row.principal)),
                actions(row, code),
                outcome(row.outcome),
                remarks.join("; ")
            ));
        }
    }
    out.push_str(&format!("\n{}\n", summary(rows)));
    out
}

/// Text that markdown takes for nothing else; code in backticks stays code.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for (at, part) in plain::line(text).split('`').enumerate() {
        if at > 0 {
            out.push('`');
        }
        let is_code = at % 2 == 1;
        for ch in part.chars() {
            if ch == '|' || (!is_code && matches!(ch, '*' | '_' | '<' | '[' | ']' | '\\')) {
                out.push('\\');
            }
            out.push(ch);
        }
    }
    out
}

fn code(text: &str) -> String {
    format!("`{}`", plain::line(text).replace('|', "\\|"))
}
