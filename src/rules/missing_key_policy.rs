//! A key without a policy of its own: KMS gives it the default policy.

use super::properties::written;
use super::{Cx, Rule, Sink};
use crate::estate::Key;
use crate::finding::Meta;
use crate::resolve::{Guard, Truth};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/missing-key-policy.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, key, fact) in cx.estate.declared_keys().filter(|(_, _, fact)| !Key::is_replica(fact)) {
        let policy = written(cx, fact, "KeyPolicy");
        let guards: Vec<Guard> =
            policy.iter().filter(|(_, truth)| *truth == Truth::No).map(|(guard, _)| guard.clone()).collect();
        if !guards.is_empty() {
            let message = format!("`{}` has no `KeyPolicy`: IAM policies alone decide who may use it", key.name);
            sink.report(fact.site(), message)
                .whenever(&guards)
                .here("KMS gives it the default policy, which trusts the account with everything")
                .help("write the policy out, to say who administers the key and who uses it");
        } else if policy.iter().any(|(_, truth)| *truth == Truth::Unknown) {
            let why = "whether the key has a `KeyPolicy` is not known from here";
            sink.undecided("key policy", fact.site(), why).key = Some(key.name.clone());
        }
    }
}
