//! A queue that subscribes to a topic, under a key that SNS may not use.

use super::integrations::{Saying, check as check_uses};
use super::{Cx, Rule, Sink};
use crate::estate::integrations::Integration;
use crate::finding::Meta;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/sns-to-sqs-blocked-by-key.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let fails = |sources: &str, targets: &str| format!("what {sources} sends to {targets} is lost");
    check_uses(cx, sink, &Saying { integration: Integration::TopicToQueue, fails });
}
