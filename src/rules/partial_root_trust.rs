//! A key policy trusts the account, but leaves out cryptographic actions: IAM policies that give these have no effect.

use super::{Cx, Rule, Sink, words};
use crate::authz::{Asker, Decision, Surveyed, key_side};
use crate::estate::{Estate, Key, KeyId};
use crate::finding::Meta;
use crate::policy::{Action, Effect, KeyPolicy, Principal};
use crate::resolve::{Guard, Truth};
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/partial-root-trust.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut granted: BTreeMap<KeyId, Vec<&Surveyed>> = BTreeMap::new();
    for surveyed in cx.survey {
        granted.entry(surveyed.key).or_default().push(surveyed);
    }
    for (id, key, fact) in cx.estate.declared_keys() {
        if !matches!(key.policy, KeyPolicy::Document(_)) || !trusts_without_conditions(key) {
            continue;
        }
        let dead = granted.get(&id).is_some_and(|grants| grants.iter().any(|grant| !grant.dead_actions.is_empty()));
        if cx.is_granted(id) && !dead {
            continue;
        }
        let left_out = left_out(cx.estate, key, &fact.guard, &cx.possible_actions(fact));
        for (guard, actions) in left_out {
            let names: Vec<String> = actions.iter().map(|action| action.name().to_owned()).collect();
            let site = fact.site();
            let mut report = sink.report(
                site,
                format!("key `{}` trusts its account, but not with {}", key.name, words::list(&names)),
            );
            report.here("IAM policies cannot give these actions on this key").when(&guard);
            if let Some(policy) = key.policy_site {
                report.also(policy, "the account is trusted here with other actions only");
            }
            report.help(cx.full_trust_repair(key));
        }
    }
}

/// Whether some statement allows something to the own account without conditions.
fn trusts_without_conditions(key: &Key) -> bool {
    key.statements().filter(|statement| statement.effect == Some(Effect::Allow)).any(|statement| {
        let own = |principal: &Principal| {
            matches!(principal, Principal::Account(account) if account.equals(&key.account) == Truth::Yes)
        };
        statement.conditions.is_empty() && statement.principals.elements().iter().any(|element| own(&element.value))
    })
}

/// Cryptographic actions that nobody's IAM policies can give, by the worlds in which that is so.
fn left_out(estate: &Estate, key: &Key, there: &Guard, actions: &[Action]) -> Vec<(Guard, Vec<Action>)> {
    let side = key_side(key);
    let asker = Asker::trusted_with_everything(&key.account);
    let mut by_guard: BTreeMap<Guard, Vec<Action>> = BTreeMap::new();
    for action in actions {
        for world in asker.may(estate, &side, *action) {
            let denied = world.verdict.decision == Decision::ImplicitDeny;
            let guard = there.and(&world.guard).filter(|guard| estate.feasible(guard));
            if let Some(guard) = guard.filter(|_| denied) {
                by_guard.entry(guard).or_default().push(*action);
            }
        }
    }
    by_guard.into_iter().collect()
}
