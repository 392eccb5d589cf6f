//! The check against lockout is switched off: KMS takes a policy that nobody may change again.

use super::properties::{site, where_true};
use super::{Cx, Rule, Sink};
use crate::estate::Key;
use crate::finding::Meta;
use crate::resolve::Truth;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/lockout-check-bypassed.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, key, fact) in cx.estate.declared_keys().filter(|(_, _, fact)| !Key::is_replica(fact)) {
        let (guards, unknown) = where_true(cx, fact, &["BypassPolicyLockoutSafetyCheck"], |settings| {
            settings.first().map_or(Truth::No, |setting| setting.is_on(false))
        });
        if let Some(why) = unknown {
            sink.undecided("key policy", fact.site(), why).key = Some(key.name.clone());
        }
        if guards.is_empty() {
            continue;
        }
        sink.report(
            site(fact, "BypassPolicyLockoutSafetyCheck"),
            format!("`{}` skips the check against lockout", key.name),
        )
        .whenever(&guards)
        .here("KMS takes any policy, also one that nobody may change again")
        .help("drop `BypassPolicyLockoutSafetyCheck`, and let the account or a role keep `kms:PutKeyPolicy`");
    }
}
