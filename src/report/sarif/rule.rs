//! Rules as SARIF names them.

use super::model::{Configuration, Help, Message, Rule, RuleProperties};
use super::{capital, sentence};
use crate::finding::{Meta, Severity};
use crate::report::{Style, page, page_address};

/// Longest full description in characters that code scanning takes.
const DESCRIPTION: usize = 1024;

pub(super) fn rule(meta: &'static Meta) -> Rule {
    let full = match page::first_paragraph(meta) {
        Some(paragraph) => shortened(&sentence(&capital(&paragraph))),
        None => sentence(&capital(meta.title)),
    };
    Rule {
        id: meta.id,
        name: pascal(meta.id),
        short_description: Message { text: sentence(&capital(meta.title)) },
        full_description: Message { text: full },
        help: Help { text: page::text(meta, &Style::default()), markdown: page::markdown(meta) },
        help_uri: page_address(meta),
        default_configuration: Configuration { level: level(meta.severity) },
        properties: RuleProperties {
            tags: tags(meta),
            precision: meta.precision,
            security_severity: security_severity(meta.severity),
            problem_severity: problem_severity(meta.severity),
        },
    }
}

/// SARIF's level of a severity.
pub(super) const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

const fn problem_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "recommendation",
    }
}

const fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "1.0",
    }
}

fn tags(meta: &Meta) -> Vec<String> {
    let mut tags: Vec<String> = ["security", "aws", "kms", meta.category.name()].map(str::to_owned).into();
    if !meta.cwe.is_empty() {
        tags.push(format!("external/cwe/cwe-{:0>3}", meta.cwe));
    }
    tags
}

fn pascal(id: &str) -> String {
    let word = |word: &str| {
        let mut rest = word.chars();
        rest.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + rest.as_str())
    };
    id.split('-').map(word).collect()
}

/// Cut behind the last sentence that fits, else behind the last word.
fn shortened(text: &str) -> String {
    if text.chars().count() <= DESCRIPTION {
        return text.to_owned();
    }
    let fitting: String = text.chars().take(DESCRIPTION - 1).collect();
    match fitting.rfind(". ").or_else(|| fitting.rfind(' ')) {
        Some(at) => sentence(fitting.split_at(at).0),
        None => sentence(&fitting),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_descriptions_end_with_a_sentence() {
        let text = "one two three. ".repeat(100);
        let short = shortened(&text);
        assert!(short.chars().count() <= DESCRIPTION && short.ends_with("three."));
        assert!(shortened(&"é".repeat(3000)).chars().count() <= DESCRIPTION);
        assert_eq!(pascal("ineffective-grant"), "IneffectiveGrant");
    }
}
