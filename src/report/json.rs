//! The documented JSON: `version` first, additions only.

use serde::{Serialize, Serializer};

use super::{as_json, summary};
use crate::finding::{Certainty, Finding, Label, Outcome, Undecided};
use crate::resolve::{Atom, Guard};
use crate::source::{Sources, Span};

pub(super) fn render(outcome: &Outcome, sources: &Sources) -> String {
    as_json(&Document {
        version: 1,
        tool: Tool::THIS,
        findings: outcome.findings.iter().map(|finding| found(finding, sources)).collect(),
        undecided: outcome.undecided.iter().map(|one| open(one, sources)).collect(),
        errors: outcome
            .errors
            .iter()
            .map(|error| Failure {
                file: &error.file,
                message: &error.message,
                range: error.span.and_then(|span| range(span, sources)),
            })
            .collect(),
        skipped: &outcome.skipped,
        summary: Summary {
            files: outcome.files,
            findings: outcome.findings.len(),
            suppressed: outcome.suppressed,
            baselined: outcome.baselined,
            undecided: outcome.undecided.len(),
            by_severity: BySeverity(&outcome.findings),
        },
    })
}

fn found<'a>(finding: &'a Finding, sources: &'a Sources) -> Found<'a> {
    let place = &finding.primary.place;
    let (certainty, when) = match &finding.certainty {
        Certainty::Always => ("always", None),
        Certainty::Conditional(guards) => ("conditional", Some(guards)),
        Certainty::Defaults(guards) => ("defaults", Some(guards)),
    };
    Found {
        rule: finding.rule.id,
        severity: finding.rule.severity.name(),
        message: &finding.message,
        file: path(place.span, sources),
        stack: place.stack.as_deref(),
        resource: place.resource.as_deref(),
        construct: place.construct.as_deref(),
        created: place.created.as_deref(),
        path: &place.path,
        range: range(place.span, sources),
        certainty,
        when: when.map(|guards| guards.iter().map(choices).collect()),
        evidence: finding.evidence.iter().map(|label| witness(label, sources)).collect(),
        help: finding.help.as_deref(),
        notes: &finding.notes,
        fix: (),
        fingerprint: &finding.fingerprint,
        suppressed: (),
    }
}

fn witness<'a>(label: &'a Label, sources: &'a Sources) -> Evidence<'a> {
    Evidence {
        file: path(label.place.span, sources),
        stack: label.place.stack.as_deref(),
        resource: label.place.resource.as_deref(),
        path: &label.place.path,
        range: range(label.place.span, sources),
        text: &label.text,
    }
}

fn open<'a>(undecided: &'a Undecided, sources: &'a Sources) -> Open<'a> {
    Open {
        what: undecided.what,
        principal: undecided.principal.as_deref(),
        key: undecided.key.as_deref(),
        actions: &undecided.actions,
        file: path(undecided.place.span, sources),
        range: range(undecided.place.span, sources),
        why: &undecided.why,
    }
}

pub(super) fn choices(guard: &Guard) -> Vec<Choice<'_>> {
    guard
        .atoms()
        .map(|(atom, holds)| match atom {
            Atom::Condition { name, .. } => Choice::Condition { condition: name, is: holds },
            Atom::Parameter { name, value, .. } if holds => Choice::Parameter { parameter: name, is: value },
            Atom::Parameter { name, value, .. } => Choice::NotParameter { parameter: name, is_not: value },
            Atom::Provider { label, .. } => Choice::Provider { provider: label, is: holds },
        })
        .collect()
}

pub(super) fn path(span: Span, sources: &Sources) -> Option<&str> {
    sources.file(span.file).map(|file| file.path.as_str())
}

pub(super) fn range(span: Span, sources: &Sources) -> Option<Range> {
    let file = sources.file(span.file)?;
    let point = |offset| {
        let position = file.position(offset);
        Point { line: position.line.get(), column: position.column.get(), offset }
    };
    Some(Range { start: point(span.start), end: point(span.end) })
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    findings: Vec<Found<'a>>,
    undecided: Vec<Open<'a>>,
    errors: Vec<Failure<'a>>,
    skipped: &'a [String],
    summary: Summary<'a>,
}

#[derive(Serialize)]
pub(super) struct Tool {
    name: &'static str,
    version: &'static str,
}

impl Tool {
    pub(super) const THIS: Self = Self { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };
}

#[derive(Serialize)]
struct Found<'a> {
    rule: &'a str,
    severity: &'a str,
    message: &'a str,
    file: Option<&'a str>,
    stack: Option<&'a str>,
    resource: Option<&'a str>,
    construct: Option<&'a str>,
    /// The line of the author's app that made the resource: `lib/keys.ts:42`.
    created: Option<&'a str>,
    path: &'a str,
    range: Option<Range>,
    certainty: &'a str,
    when: Option<Vec<Vec<Choice<'a>>>>,
    evidence: Vec<Evidence<'a>>,
    help: Option<&'a str>,
    notes: &'a [String],
    /// What a machine can apply: a finding carries none, so it is null.
    fix: (),
    fingerprint: &'a str,
    /// Null for every finding that counts.
    suppressed: (),
}

#[derive(Serialize)]
struct Evidence<'a> {
    file: Option<&'a str>,
    stack: Option<&'a str>,
    resource: Option<&'a str>,
    path: &'a str,
    range: Option<Range>,
    text: &'a str,
}

#[derive(Serialize)]
struct Open<'a> {
    what: &'a str,
    principal: Option<&'a str>,
    key: Option<&'a str>,
    actions: &'a [String],
    file: Option<&'a str>,
    range: Option<Range>,
    why: &'a str,
}

#[derive(Serialize)]
struct Failure<'a> {
    file: &'a str,
    message: &'a str,
    range: Option<Range>,
}

#[derive(Serialize)]
pub(super) struct Range {
    start: Point,
    end: Point,
}

/// Line and column from 1, the column in characters; the offset in bytes from 0.
#[derive(Serialize)]
struct Point {
    line: u32,
    column: u32,
    offset: u32,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Choice<'a> {
    Condition { condition: &'a str, is: bool },
    Parameter { parameter: &'a str, is: &'a str },
    NotParameter { parameter: &'a str, is_not: &'a str },
    Provider { provider: &'a str, is: bool },
}

#[derive(Serialize)]
struct Summary<'a> {
    files: usize,
    findings: usize,
    suppressed: usize,
    baselined: usize,
    undecided: usize,
    by_severity: BySeverity<'a>,
}

/// The number of findings of each severity that occurs, the worst first.
struct BySeverity<'a>(&'a [Finding]);

impl Serialize for BySeverity<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer
            .collect_map(summary::by_severity(self.0).into_iter().map(|(severity, count)| (severity.name(), count)))
    }
}
