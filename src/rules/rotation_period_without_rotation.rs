//! A rotation period that has no effect, since rotation is not switched on.

use super::properties::{Choices, Setting, site, why_unknown, worlds};
use super::{Cx, Rule, Sink};
use crate::estate::Key;
use crate::finding::{Meta, Site};
use crate::resolve::Truth;

pub(super) const RULE: Rule =
    Rule { meta: Meta::of(include_str!("../../rules/rotation-period-without-rotation.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, _, fact) in cx.estate.declared_keys().filter(|(_, _, fact)| !Key::is_replica(fact)) {
        let (mut guards, mut unknown) = (Vec::new(), None);
        for world in worlds(cx, fact, &["RotationPeriodInDays", "EnableKeyRotation"], Choices::Default) {
            let [period, rotation] = world.settings.as_slice() else { continue };
            let is_set = match period {
                // Which number it is does not matter, but `AWS::NoValue` would be absent.
                Setting::Is(_) | Setting::Unknown(_) if fact.property("RotationPeriodInDays").is_some() => Truth::Yes,
                Setting::Unknown(_) => Truth::Unknown,
                Setting::Is(_) | Setting::Absent => Truth::No,
            };
            match is_set.and(!rotation.is_on(false)) {
                Truth::Yes => guards.push(world.guard),
                Truth::Unknown => unknown = unknown.or(Some(why_unknown(&world.settings))),
                Truth::No => {}
            }
        }
        let place = site(fact, "RotationPeriodInDays");
        if guards.is_empty() {
            if let Some(why) = unknown {
                sink.undecided("rotation", place, why);
            }
            continue;
        }
        let message = format!("`{}` has a rotation period, but `EnableKeyRotation` is not true", fact.name);
        let mut report = sink.report(place, message);
        report.whenever(&guards).here("this has no effect").help("set `EnableKeyRotation: true`, or drop the period");
        if let Some(valued) = fact.property("EnableKeyRotation") {
            report.also(Site { stack: fact.stack, span: valued.span }, "rotation is not switched on here");
        }
    }
}
