//! A bucket that notifies a queue or topic under a key that S3 may not use.

use super::integrations::{Saying, check as check_uses};
use super::{Cx, Rule, Sink};
use crate::estate::integrations::Integration;
use crate::finding::Meta;

pub(super) const RULE: Rule =
    Rule { meta: Meta::of(include_str!("../../rules/s3-notification-blocked-by-key.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let fails = |sources: &str, targets: &str| format!("{sources} cannot notify {targets}, and its deployment fails");
    check_uses(cx, sink, &Saying { integration: Integration::BucketNotification, fails });
}
