//! The last lines of a text report: what was found, what was left out, and where to go next.

use std::collections::BTreeMap;

use super::Style;
use crate::finding::{Finding, Meta, Outcome, Severity};

/// How many rules the hint names.
const NAMED: usize = 3;

/// Rules that reported, the worst first, with the number of their findings.
pub(super) fn by_rule(findings: &[Finding]) -> Vec<(&'static Meta, usize)> {
    let mut counts: BTreeMap<(std::cmp::Reverse<Severity>, &'static str), (&'static Meta, usize)> = BTreeMap::new();
    for finding in findings {
        let key = (std::cmp::Reverse(finding.rule.severity), finding.rule.id);
        counts.entry(key).or_insert((finding.rule, 0)).1 += 1;
    }
    counts.into_values().collect()
}

/// Severities that occur, the worst first, with the number of their findings.
pub(super) fn by_severity(findings: &[Finding]) -> Vec<(Severity, usize)> {
    let count = |severity| findings.iter().filter(|finding| finding.rule.severity == severity).count();
    Severity::ALL
        .into_iter()
        .rev()
        .map(|severity| (severity, count(severity)))
        .filter(|(_, count)| *count > 0)
        .collect()
}

/// The summary and what follows it. Without findings and errors it is a single line.
pub(super) fn lines(outcome: &Outcome, style: &Style) -> Vec<String> {
    let mut lines = Vec::new();
    if style.statistics {
        let counts = by_rule(&outcome.findings);
        lines.extend(counts.iter().map(|(rule, count)| format!("{count:>6}  {:<9} {}", rule.severity.name(), rule.id)));
    }
    let mut counted = counts(outcome);
    let list_hint = !outcome.undecided.is_empty() && !style.undecided;
    if outcome.findings.is_empty() {
        if list_hint {
            counted.push_str(" (--explain-unknown lists what is undecided)");
        }
        lines.push(counted);
        return lines;
    }
    lines.push(counted);
    lines.push(explain_hint(&outcome.findings));
    if list_hint {
        lines.push("what is undecided, and why: kmslint --explain-unknown".to_owned());
    }
    lines
}

fn counts(outcome: &Outcome) -> String {
    let mut parts = vec![found(outcome)];
    let mut part = |count: usize, text: &str| {
        if count > 0 {
            parts.push(format!("{count} {text}"));
        }
    };
    part(outcome.suppressed, "suppressed");
    part(outcome.baselined, "in baseline");
    let mut undecided: BTreeMap<&str, usize> = BTreeMap::new();
    for one in &outcome.undecided {
        *undecided.entry(one.what).or_default() += 1;
    }
    for (what, count) in undecided {
        part(count, &format!("{} undecided", plural(count, what)));
    }
    part(outcome.errors.len(), &format!("{} not judged", plural(outcome.errors.len(), "file")));
    parts.join(", ")
}

fn found(outcome: &Outcome) -> String {
    let count = outcome.findings.len();
    if count == 0 {
        return format!("no findings in {} {}", outcome.files, plural(outcome.files, "template"));
    }
    let severities: Vec<_> = by_severity(&outcome.findings)
        .into_iter()
        .map(|(severity, count)| format!("{count} {}", severity.name()))
        .collect();
    format!("{count} {} ({})", plural(count, "finding"), severities.join(", "))
}

fn explain_hint(findings: &[Finding]) -> String {
    let rules = by_rule(findings);
    let mut names = rules.iter().map(|(rule, _)| rule.id);
    let mut hint = format!("next: kmslint explain {}", names.next().unwrap_or_default());
    let others: Vec<_> = names.by_ref().take(NAMED - 1).collect();
    let more = names.count();
    if !others.is_empty() {
        let more = if more > 0 { format!(", and {more} more {}", plural(more, "rule")) } else { String::new() };
        hint.push_str(&format!(" (or {}{more})", others.join(", ")));
    }
    hint
}

/// A noun in the number that `count` asks for.
fn plural(count: usize, noun: &str) -> String {
    match noun {
        noun if count == 1 => noun.to_owned(),
        noun if noun.ends_with('s') => format!("{noun}es"),
        noun => match noun.strip_suffix('y') {
            Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
            Some(_) | None => format!("{noun}s"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_follow_their_number() {
        assert_eq!(plural(1, "alias"), "alias");
        assert_eq!(plural(2, "alias"), "aliases");
        assert_eq!(plural(2, "key policy"), "key policies");
        assert_eq!(plural(0, "grant"), "grants");
    }
}
