//! The key of an example in a value that is deployed.

use super::{Cx, Rule, Sink};
use crate::estate::Fact;
use crate::finding::{Meta, Site, Subject};
use crate::resolve::{Guard, Piece, Text, Value, Valued};
use crate::source::Span;
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/placeholder-key.md")), check };

/// Ids of keys that stand for any key in examples, the first also in what CDK writes before it has looked up a key.
const IDS: [&str; 3] = [
    "1234abcd-12ab-34cd-56ef-1234567890ab",
    "mrk-1234abcd12ab34cd56ef1234567890ab",
    "0987dcba-09fe-87dc-65ba-ab0987654321",
];

/// Whether an id stands for any key in examples.
pub(super) fn is_placeholder(id: &str) -> bool {
    IDS.contains(&id)
}

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for fact in &cx.estate.facts {
        let mut places: BTreeMap<Span, (Vec<Guard>, &'static str)> = BTreeMap::new();
        collect(&fact.properties, &fact.guard, &mut places);
        for (span, (guards, id)) in &places {
            report(fact, *span, guards, id, sink);
        }
    }
}

fn report(fact: &Fact, span: Span, guards: &[Guard], id: &str, sink: &mut Sink<'_>) {
    let site = Site { stack: fact.stack, span };
    let mut report =
        sink.report(site, format!("`{}` names the key `{id}`, which stands for any key in examples", fact.name));
    report.whenever(guards).here("no account has this key").about(Subject::Place(site));
    let help = if report.is_from_cdk() {
        "synthesize with credentials, so that `Key.fromLookup` finds the key, and keep `cdk.context.json`; else name the key by its ARN"
    } else {
        "put the key's own id or ARN here"
    };
    report.help(help);
}

fn collect(valued: &Valued, under: &Guard, places: &mut BTreeMap<Span, (Vec<Guard>, &'static str)>) {
    for (guard, value) in valued.branches(under) {
        match value {
            Value::Text(text) => {
                if let Some(id) = named(text) {
                    places.entry(valued.span).or_insert_with(|| (Vec::new(), id)).0.push(guard);
                }
            }
            Value::List(items) => items.iter().for_each(|item| collect(item, &guard, places)),
            Value::Map(entries) => entries.iter().for_each(|(_, item)| collect(item, &guard, places)),
            Value::Absent | Value::Null | Value::Unknown(_) => {}
        }
    }
}

/// The id of an example that a text is, or that its key ARN ends in.
fn named(text: &Text) -> Option<&'static str> {
    let Some(Piece::Literal(last)) = text.pieces().last() else { return None };
    let is_key = |id: &&&str| match last.strip_suffix(**id) {
        Some("") => text.pieces().len() == 1,
        Some(before) => before.ends_with("key/"),
        None => false,
    };
    IDS.iter().find(is_key).copied()
}
