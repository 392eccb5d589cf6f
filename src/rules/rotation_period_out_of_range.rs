//! A rotation period that KMS refuses.

use super::properties::{Choices, Setting, site, worlds};
use super::words::list;
use super::{Cx, Rule, Sink};
use crate::estate::Key;
use crate::finding::Meta;

pub(super) const RULE: Rule =
    Rule { meta: Meta::of(include_str!("../../rules/rotation-period-out-of-range.md")), check };

/// The period in days that KMS takes, both ends included.
const DAYS: std::ops::RangeInclusive<i64> = 90..=2560;

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, _, fact) in cx.estate.declared_keys().filter(|(_, _, fact)| !Key::is_replica(fact)) {
        let (mut guards, mut values, mut unknown) = (Vec::new(), Vec::new(), None);
        for world in worlds(cx, fact, &["RotationPeriodInDays"], Choices::Allowed) {
            match world.settings.as_slice() {
                [Setting::Is(text)] if text.parse().is_ok_and(|days| !DAYS.contains(&days)) => {
                    guards.push(world.guard);
                    if !values.contains(text) {
                        values.push(text.clone());
                    }
                }
                [Setting::Unknown(why)] => unknown = unknown.or(Some(why.clone())),
                _ => {}
            }
        }
        if !guards.is_empty() {
            let message = format!("a rotation period of {} days is outside 90 to 2560", list(&values));
            sink.report(site(fact, "RotationPeriodInDays"), message)
                .whenever(&guards)
                .here("KMS refuses this period")
                .help_or_cdk(
                    "choose a value from 90 to 2560, or leave `RotationPeriodInDays` out for a yearly rotation",
                    "choose a `rotationPeriod` of 90 to 2560 days, or leave it out for a yearly rotation",
                );
        } else if let Some(why) = unknown {
            sink.undecided("rotation", site(fact, "RotationPeriodInDays"), why);
        }
    }
}
