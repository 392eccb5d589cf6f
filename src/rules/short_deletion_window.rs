//! A key that can be deleted sooner than somebody may notice.

use super::properties::{Choices, Setting, settings, site};
use super::{Cx, Rule, Sink};
use crate::finding::{Meta, NumberOption};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/short-deletion-window.md")), check };

/// The longest window there is, which KMS also takes where none is given.
const LONGEST: u32 = 30;

const MINIMUM_DAYS: NumberOption = RULE.meta.number("minimum-days");

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let least = cx.number(MINIMUM_DAYS).unwrap_or(LONGEST);
    for (_, key, fact) in cx.estate.declared_keys() {
        let (mut guards, mut shortest, mut unknown) = (Vec::new(), None, None);
        for (guard, setting) in settings(cx, fact, "PendingWindowInDays", Choices::Default) {
            match setting {
                Setting::Is(text) => {
                    let Some(days) = text.parse::<u32>().ok().filter(|days| (7..least).contains(days)) else {
                        continue;
                    };
                    guards.push(guard);
                    shortest = Some(shortest.map_or(days, |other: u32| other.min(days)));
                }
                Setting::Unknown(why) => unknown = unknown.or(Some(why)),
                Setting::Absent => {}
            }
        }
        match (shortest, unknown) {
            (Some(days), _) => {
                let message = format!("`{}` can be gone {days} days after somebody deletes it", key.name);
                sink.report(site(fact, "PendingWindowInDays"), message)
                    .whenever(&guards)
                    .here(format!("fewer than {least} days"))
                    .help(format!("set `PendingWindowInDays: {least}`, or leave it out: {LONGEST} is the default"));
            }
            (None, Some(why)) => {
                sink.undecided("key", site(fact, "PendingWindowInDays"), why).key = Some(key.name.clone());
            }
            (None, None) => {}
        }
    }
}
