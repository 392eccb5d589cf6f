//! A rotation period that has no effect, since rotation is not switched on.

use super::properties::{Choices, site, why_unknown, worlds};
use super::{Cx, Rule, Sink};
use crate::estate::Key;
use crate::finding::{Meta, Site};
use crate::resolve::{Guard, Truth, Value};

pub(super) const RULE: Rule =
    Rule { meta: Meta::of(include_str!("../../rules/rotation-period-without-rotation.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, _, fact) in cx.estate.declared_keys().filter(|(_, _, fact)| !Key::is_replica(fact)) {
        let Some(period) = fact.property("RotationPeriodInDays") else { continue };
        // Which number it is does not matter.
        let is_set = period.branches(&fact.guard).into_iter().filter(|(_, value)| !is_absent(value));
        let is_set: Vec<Guard> = is_set.map(|(guard, _)| guard).collect();
        let (mut guards, mut unknown) = (Vec::new(), None);
        for world in worlds(cx, fact, &["EnableKeyRotation"], Choices::Default) {
            let stands_still = world.settings.first().map_or(Truth::Unknown, |rotation| !rotation.is_on(false));
            let both = is_set.iter().filter_map(|guard| guard.and(&world.guard));
            let mut both = both.filter(|guard| cx.estate.feasible(guard)).peekable();
            match stands_still {
                Truth::Yes => guards.extend(both),
                Truth::Unknown if both.peek().is_some() => unknown = unknown.or(Some(why_unknown(&world.settings))),
                Truth::Unknown | Truth::No => {}
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
        report.whenever(&guards).here("this has no effect").help_or_cdk(
            "set `EnableKeyRotation: true`, or drop the period",
            "set `enableKeyRotation: true` on the key, or drop `rotationPeriod`",
        );
        if let Some(valued) = fact.property("EnableKeyRotation") {
            report.also(Site { stack: fact.stack, span: valued.span }, "rotation is not switched on here");
        }
    }
}

fn is_absent(value: &Value) -> bool {
    matches!(value, Value::Absent | Value::Null)
}
