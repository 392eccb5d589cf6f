//! Grants for programs: JSON and CSV.

use super::{certainty, counts, outcome, through};
use crate::finding::{Certainty, Place};
use crate::report::as_json;
use crate::report::json::{Choice, Range, Tool, choices, path, range};
use crate::source::Sources;
use crate::view::grants::{Party, Row};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    grants: Vec<Grant<'a>>,
    summary: BTreeMap<&'a str, usize>,
}

#[derive(Serialize)]
struct Grant<'a> {
    principal: Names<'a>,
    key: Names<'a>,
    actions: &'a [String],
    outcome: &'a str,
    through: Option<&'a str>,
    conditions: &'a [String],
    why: Option<&'a str>,
    certainty: &'a str,
    when: Option<Vec<Vec<Choice<'a>>>>,
    evidence: Vec<Evidence<'a>>,
}

#[derive(Serialize)]
struct Names<'a> {
    kind: &'a str,
    name: &'a str,
    arn: Option<&'a str>,
    stack: Option<&'a str>,
    construct: Option<&'a str>,
    file: Option<&'a str>,
    range: Option<Range>,
}

#[derive(Serialize)]
struct Evidence<'a> {
    text: &'a str,
    file: Option<&'a str>,
    stack: Option<&'a str>,
    resource: Option<&'a str>,
    path: Option<&'a str>,
    range: Option<Range>,
}

impl<'a> Names<'a> {
    fn of(party: &'a Party, sources: &'a Sources) -> Self {
        Self {
            kind: party.kind,
            name: &party.name,
            arn: party.arn.as_deref(),
            stack: party.stack.as_deref(),
            construct: party.construct.as_deref(),
            file: party.declared.and_then(|span| path(span, sources)),
            range: party.declared.and_then(|span| range(span, sources)),
        }
    }
}

pub(super) fn json(rows: &[Row], sources: &Sources) -> String {
    as_json(&Document {
        version: 1,
        tool: Tool::THIS,
        grants: rows.iter().map(|row| grant(row, sources)).collect(),
        summary: counts(rows).into_iter().map(|(of, count)| (outcome(of), count)).collect(),
    })
}

fn grant<'a>(row: &'a Row, sources: &'a Sources) -> Grant<'a> {
    let when = match &row.when {
        Certainty::Always => None,
        Certainty::Conditional(guards) | Certainty::Defaults(guards) => Some(guards.iter().map(choices).collect()),
    };
    let evidence = row.evidence.iter().map(|evidence| {
        let place: Option<&Place> = evidence.place.as_ref();
        Evidence {
            text: &evidence.text,
            file: place.and_then(|place| path(place.span, sources)),
            stack: place.and_then(|place| place.stack.as_deref()),
            resource: place.and_then(|place| place.resource.as_deref()),
            path: place.map(|place| place.path.as_str()),
            range: place.and_then(|place| range(place.span, sources)),
        }
    });
    Grant {
        principal: Names::of(&row.principal, sources),
        key: Names::of(&row.key, sources),
        actions: &row.actions,
        outcome: outcome(row.outcome),
        through: row.through.map(through),
        conditions: &row.conditions,
        why: row.why.as_deref(),
        certainty: certainty(&row.when),
        when,
        evidence: evidence.collect(),
    }
}

const COLUMNS: [&str; 14] = [
    "key",
    "key_kind",
    "key_stack",
    "key_arn",
    "principal",
    "principal_kind",
    "principal_stack",
    "principal_arn",
    "actions",
    "outcome",
    "through",
    "conditions",
    "why",
    "evidence",
];

pub(super) fn csv(rows: &[Row], sources: &Sources) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Memory takes everything: writing has no way to fail.
    let _ = writer.write_record(COLUMNS);
    for row in rows {
        let _ = writer.write_record(record(row, sources));
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

fn record(row: &Row, sources: &Sources) -> [String; 14] {
    let or_nothing = |text: &Option<String>| text.clone().unwrap_or_default();
    let when = crate::report::when::sentence(&row.when);
    let conditions: Vec<String> = row.conditions.iter().cloned().chain(when).collect();
    let places = row.evidence.iter().filter_map(|evidence| evidence.place.as_ref());
    let places: Vec<String> = places.map(|place| crate::report::concise::place(sources, place.span)).collect();
    [
        row.key.name.clone(),
        row.key.kind.to_owned(),
        or_nothing(&row.key.stack),
        or_nothing(&row.key.arn),
        row.principal.name.clone(),
        row.principal.kind.to_owned(),
        or_nothing(&row.principal.stack),
        or_nothing(&row.principal.arn),
        row.actions.join(" "),
        outcome(row.outcome).to_owned(),
        row.through.map(through).unwrap_or_default().to_owned(),
        conditions.join("; "),
        or_nothing(&row.why),
        places.join(" "),
    ]
}
