//! A log group under a key that CloudWatch Logs may not use.

use super::integrations::{Saying, check as check_uses};
use super::{Cx, Rule, Sink};
use crate::estate::integrations::Integration;
use crate::finding::Meta;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/log-group-blocked-by-key.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let fails = |sources: &str, _: &str| format!("{sources} cannot be encrypted under it, and its deployment fails");
    check_uses(cx, sink, &Saying { integration: Integration::LogGroup, fails });
}
