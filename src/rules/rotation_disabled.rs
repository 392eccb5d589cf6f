//! A key that can rotate automatically and does not.

use super::properties::{Choices, Setting, site, why_unknown, worlds};
use super::{Cx, Rule, Sink};
use crate::estate::{Fact, Key};
use crate::finding::Meta;
use crate::resolve::Truth;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/rotation-disabled.md")), check };

/// `EnableKeyRotation`, `Enabled`, and what decides whether a key can rotate.
const PROPERTIES: [&str; 6] = ["EnableKeyRotation", "Enabled", "KeySpec", "KeyUsage", "Origin", "CustomKeyStoreId"];

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, _, fact) in cx.estate.declared_keys().filter(|(_, _, fact)| !Key::is_replica(fact)) {
        let (mut guards, mut unknown) = (Vec::new(), None);
        for world in worlds(cx, fact, &PROPERTIES, Choices::Default) {
            match stands_still(&world.settings) {
                Truth::Yes => guards.push(world.guard),
                Truth::Unknown => unknown = unknown.or(Some(why_unknown(&world.settings))),
                Truth::No => {}
            }
        }
        if guards.is_empty() {
            if let Some(why) = unknown {
                sink.undecided("rotation", fact.site(), why);
            }
            continue;
        }
        let mut report = report(fact, sink);
        report.whenever(&guards);
        let help = if report.is_from_cdk() {
            "set `enableKeyRotation: true` on the key"
        } else {
            "set `EnableKeyRotation: true`"
        };
        report.help(help);
    }
}

fn report<'s>(fact: &Fact, sink: &'s mut Sink<'_>) -> super::Report<'s> {
    let (state, here) = match fact.property("EnableKeyRotation") {
        Some(_) => ("is not true", "rotation is off"),
        None => ("is not set", "a symmetric key with material of KMS"),
    };
    let message = format!("`{}` can rotate, but `EnableKeyRotation` {state}", fact.name);
    let mut report = sink.report(site(fact, "EnableKeyRotation"), message);
    report.here(here);
    report
}

/// Whether a key is in use, can rotate, and does not.
fn stands_still(settings: &[Setting]) -> Truth {
    let [rotation, enabled, spec, usage, origin, store] = settings else { return Truth::Unknown };
    let can_rotate = spec
        .is_one_of(&["SYMMETRIC_DEFAULT"])
        .and(usage.is_one_of(&["ENCRYPT_DECRYPT"]))
        .and(origin.is_one_of(&["AWS_KMS"]))
        .and((*store == Setting::Absent).into());
    can_rotate.and(enabled.is_on(true)).and(!rotation.is_on(false))
}
