//! A replica key that cannot be: of a key that has no replicas, in the Region of its primary key, or without a policy.

use super::naming::is_multi_region;
use super::properties::{at_defaults, site, written};
use super::{Cx, Rule, Sink};
use crate::estate::{Fact, Key, Target};
use crate::finding::{Meta, Site};
use crate::resolve::{Guard, Text, Truth, Value};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/invalid-replica.md")), check };

/// Why a replica cannot be.
struct Defect {
    what: String,
    help: String,
    primary: Option<Site>,
}

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, _, fact) in cx.estate.declared_keys().filter(|(_, _, fact)| Key::is_replica(fact)) {
        primary(cx, fact, sink);
        let absent = written(cx, fact, "KeyPolicy").into_iter().filter(|(_, truth)| *truth == Truth::No);
        let guards: Vec<Guard> = absent.map(|(guard, _)| guard).collect();
        if !guards.is_empty() {
            sink.report(site(fact, "KeyPolicy"), format!("replica `{}` has no `KeyPolicy`", fact.name))
                .whenever(&guards)
                .here("a replica does not take the policy of its primary key, and cannot be without one")
                .help("add `KeyPolicy`: usually that of the primary key");
        }
    }
}

fn primary(cx: &Cx<'_>, fact: &Fact, sink: &mut Sink<'_>) {
    let Some(named) = fact.property("PrimaryKeyArn") else { return };
    let place = site(fact, "PrimaryKeyArn");
    let (mut guards, mut found, mut open) = (Vec::new(), None, None);
    for (guard, value) in named.branches(&fact.guard) {
        let Value::Text(text) = value else { continue };
        let (guard, text) = as_far_as_known(cx, fact, guard, text);
        match defect(cx, fact, &text) {
            Ok(Some(defect)) => {
                guards.push(guard);
                found = found.or(Some(defect));
            }
            Ok(None) => {}
            Err(why) => open = open.or(Some(why)),
        }
    }
    match (found, open) {
        (Some(defect), _) => {
            let mut report = sink.report(place, format!("`{}` cannot be a replica: {}", fact.name, defect.what));
            report.whenever(&guards).here("KMS refuses it").help(defect.help);
            if let Some(primary) = defect.primary {
                report.also(primary, "the key that is to be replicated");
            }
        }
        (None, Some(why)) => {
            sink.undecided("key", place, why);
        }
        (None, None) => {}
    }
}

/// A text, with the defaults of its parameters where it names no key without them.
fn as_far_as_known(cx: &Cx<'_>, fact: &Fact, guard: Guard, text: &Text) -> (Guard, Text) {
    match cx.estate.target(fact.stack, text) {
        Target::Unknown(_) => at_defaults(cx, fact.stack, &guard, text).unwrap_or((guard, text.clone())),
        _ => (guard, text.clone()),
    }
}

/// What is wrong with the primary key of a replica; an error where that cannot be known.
fn defect(cx: &Cx<'_>, fact: &Fact, text: &Text) -> Result<Option<Defect>, String> {
    let Some(own) = cx.estate.stack(fact.stack) else { return Ok(None) };
    let in_region = |region: &Text, primary: Option<Site>| match region.equals(&own.environment.region) {
        Truth::Yes => Ok(Some(Defect {
            what: format!("its primary key `{text}` is in the same Region"),
            help: "deploy the replica in another Region than its primary key".to_owned(),
            primary,
        })),
        Truth::Unknown => Err(format!("whether `{text}` is in another Region than this stack is not known")),
        Truth::No => Ok(None),
    };
    match cx.estate.target(fact.stack, text) {
        Target::Key(id) => {
            let Some(key) = cx.estate.key(id) else { return Ok(None) };
            if is_multi_region(cx, key) == Truth::No {
                return Ok(Some(Defect {
                    what: format!("`{}` is no multi-Region key", key.name),
                    help: "replicate a key with `MultiRegion: true`; a key cannot become one later".to_owned(),
                    primary: key.site,
                }));
            }
            in_region(&key.region, key.site)
        }
        Target::KeyById(_)
        | Target::BareId(_)
        | Target::AliasName(..)
        | Target::AliasArn(..)
        | Target::OtherService => Ok(Some(Defect {
            what: format!("`{text}` is no key ARN"),
            help: "name the primary key by its ARN, `arn:…:key/mrk-…`".to_owned(),
            primary: None,
        })),
        Target::Unknown(why) => Err(why),
        Target::Pattern(_) | Target::Malformed(_) => Ok(None),
    }
}
