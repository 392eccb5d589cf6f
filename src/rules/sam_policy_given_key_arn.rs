//! A SAM policy template for KMS takes a key id, and gets something else: SAM builds an ARN of it that names no key.

use super::{Cx, Rule, Sink};
use crate::estate::{Fact, Target};
use crate::finding::{Meta, Site, Subject};
use crate::resolve::{Guard, Text, Value};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/sam-policy-given-key-arn.md")), check };

/// Policy templates with the parameter `KeyId`.
const TEMPLATES: [&str; 3] = ["KMSDecryptPolicy", "KMSEncryptPolicy", "KMSEncryptPolicy_v2"];

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for fact in cx.estate.facts.iter().filter(|fact| fact.kind.starts_with("AWS::Serverless::")) {
        let Some(policies) = fact.property("Policies") else { continue };
        for element in policies.elements(&fact.guard) {
            let Value::Map(entries) = element.value else { continue };
            let template = entries.iter().find(|(name, _)| TEMPLATES.contains(&name.value.as_str()));
            let Some((name, parameters)) = template else { continue };
            for (guard, id) in parameters.get(&element.guard, "KeyId") {
                let place = Site { stack: fact.stack, span: id.span };
                let statement = Site { stack: fact.stack, span: element.span };
                let (mut guards, mut wrong) = (Vec::new(), None);
                for (guard, value) in id.branches(&guard) {
                    let Value::Text(text) = value else { continue };
                    if let Some(what) = not_an_id(cx, fact, text) {
                        guards.push(guard);
                        wrong = wrong.or(Some((text, what)));
                    }
                }
                let Some((text, what)) = wrong else { continue };
                report(&name.value, text, what, &guards, (place, statement), sink);
            }
        }
    }
}

fn report(
    template: &str,
    text: &Text,
    what: &str,
    guards: &[Guard],
    (place, statement): (Site, Site),
    sink: &mut Sink<'_>,
) {
    sink.report(place, format!("`{template}` takes a key id, and `{text}` is {what}"))
        .whenever(guards)
        .here("SAM puts this behind `key/`: the statement names no key")
        .about(Subject::Place(statement))
        .help("pass the key's id, such as `!Ref` of the key, or write the statement out");
}

/// What a text is, where it is certainly no key id.
fn not_an_id(cx: &Cx<'_>, fact: &Fact, text: &Text) -> Option<&'static str> {
    match cx.estate.target(fact.stack, text) {
        Target::Key(_) => Some("a key ARN"),
        Target::AliasArn(..) => Some("an alias ARN"),
        Target::AliasName(..) => Some("an alias name"),
        Target::OtherService | Target::Malformed(_) => Some("an ARN"),
        Target::Unknown(_) if text.literal_ends().0.starts_with("arn:") => Some("an ARN"),
        Target::KeyById(_) | Target::BareId(_) | Target::Pattern(_) | Target::Unknown(_) => None,
    }
}
