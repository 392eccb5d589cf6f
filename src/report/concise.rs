//! A line a finding: `path:line:col: high[rule-name] message`.

use super::{Style, open_question, plain, summary};
use crate::finding::{Finding, Outcome};
use crate::source::{Sources, Span};
use std::collections::BTreeSet;

pub(super) fn render(outcome: &Outcome, sources: &Sources, style: &Style) -> String {
    let mut lines = Vec::new();
    let line = |finding: &Finding| {
        let place = place(sources, finding.primary.place.span);
        let (severity, rule) = (finding.rule.severity.name(), finding.rule.id);
        format!("{place}: {severity}[{rule}] {}", plain::line(&finding.message))
    };
    // Stacks of one template may have the same to say under conditions of their own.
    let twice = outcome.findings.windows(2).filter_map(|pair| match pair {
        [one, next] if line(one) == line(next) => Some(line(one)),
        _ => None,
    });
    let twice: BTreeSet<String> = twice.collect();
    for finding in &outcome.findings {
        let line = line(finding);
        let stack = finding.primary.place.stack.as_deref().filter(|_| twice.contains(&line));
        lines.push(line + &stack.map(|stack| format!(" (stack `{}`)", plain::line(stack))).unwrap_or_default());
    }
    for error in &outcome.errors {
        let place = match error.span {
            Some(span) => self::place(sources, span),
            None => plain::line(&error.file),
        };
        lines.push(format!("{place}: error: {}", plain::line(&error.message)));
    }
    if style.undecided {
        for undecided in &outcome.undecided {
            let place = place(sources, undecided.place.span);
            lines.push(format!("{place}: undecided: {}", plain::line(&open_question(undecided))));
        }
    }
    lines.extend(summary::lines(outcome, style));
    lines.push(String::new());
    lines.join("\n")
}

/// `path:line:col`, both numbers from 1, the column in characters.
pub(super) fn place(sources: &Sources, span: Span) -> String {
    let Some(file) = sources.file(span.file) else { return "?".to_owned() };
    let position = file.position(span.start);
    format!("{}:{}:{}", plain::line(&file.path), position.line, position.column)
}
