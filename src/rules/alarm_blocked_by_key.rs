//! An alarm whose topic is under a key that CloudWatch may not use.

use super::integrations::{Saying, check as check_uses};
use super::{Cx, Rule, Sink};
use crate::estate::integrations::Integration;
use crate::finding::Meta;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/alarm-blocked-by-key.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let fails = |sources: &str, targets: &str| format!("{sources} cannot publish to {targets}");
    check_uses(cx, sink, &Saying { integration: Integration::Alarm, fails });
}
