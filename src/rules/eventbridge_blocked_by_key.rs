//! A rule of EventBridge whose target is under a key that EventBridge may not use.

use super::integrations::{Saying, check as check_uses};
use super::{Cx, Rule, Sink};
use crate::estate::integrations::Integration;
use crate::finding::Meta;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/eventbridge-blocked-by-key.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let fails = |sources: &str, targets: &str| format!("what {sources} sends to {targets} is lost");
    check_uses(cx, sink, &Saying { integration: Integration::EventRule, fails });
}
