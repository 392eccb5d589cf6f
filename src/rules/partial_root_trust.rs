//! A key policy trusts the account, but leaves out cryptographic actions: IAM policies that give these have no effect.

use super::properties::{Choices, Setting, worlds};
use super::words::list;
use super::{Cx, Rule, Sink};
use crate::authz::{Asker, Decision, Surveyed, key_side};
use crate::estate::{Estate, Fact, Key, KeyId};
use crate::finding::Meta;
use crate::policy::{Action, Effect, KeyPolicy, Principal};
use crate::resolve::{Guard, Truth};
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/partial-root-trust.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut granted: BTreeMap<KeyId, Vec<&Surveyed>> = BTreeMap::new();
    for surveyed in cx.survey() {
        granted.entry(surveyed.key).or_default().push(surveyed);
    }
    for (id, key, fact) in cx.estate.declared_keys() {
        if !matches!(key.policy, KeyPolicy::Document(_)) || !trusts_without_conditions(key) {
            continue;
        }
        let dead = granted.get(&id).is_some_and(|grants| grants.iter().any(|grant| !grant.dead_actions.is_empty()));
        let is_granted = cx.is_granted(id);
        if is_granted && !dead {
            continue;
        }
        let (left_out, unknown) = left_out(cx.estate, key, &fact.guard, &cryptographic_actions(cx, fact));
        if let Some(why) = unknown.filter(|_| left_out.is_empty()) {
            sink.undecided("key policy", fact.site(), why).key = Some(key.name.clone());
        }
        let mut names: Vec<String> = Vec::new();
        for action in left_out.iter().flat_map(|(_, actions)| actions) {
            if !names.iter().any(|name| name == action.name()) {
                names.push(action.name().to_owned());
            }
        }
        if !names.is_empty() {
            let site = fact.site();
            let mut report =
                sink.report(site, format!("key `{}` trusts its account, but not with {}", key.name, list(&names)));
            report.here("IAM policies cannot give these actions on this key");
            for (guard, _) in &left_out {
                report.when(guard);
            }
            if let Some(policy) = key.policy_site {
                report.also(policy, "the account is trusted here with other actions only");
            }
            let help = if report.is_from_cdk() {
                "leave `policy` of the key out; with CDK v1 set `trustAccountIdentities: true` or the flag `@aws-cdk/aws-kms:defaultKeyPolicies`"
            } else {
                "allow `kms:*` in the statement for the account root"
            };
            report.help(help);
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

/// The cryptographic actions of a key, where its spec and usage are the same in every deployment; none where they are not.
fn cryptographic_actions(cx: &Cx<'_>, fact: &Fact) -> Vec<Action> {
    let worlds = worlds(cx, fact, &["KeySpec", "KeyUsage"], Choices::Default);
    let mut kinds = worlds.iter().map(|world| match world.settings.as_slice() {
        [Setting::Unknown(_), _] | [_, Setting::Unknown(_)] => None,
        [spec, usage] => Some((text(spec, "SYMMETRIC_DEFAULT"), text(usage, "ENCRYPT_DECRYPT"))),
        _ => None,
    });
    let Some(Some((spec, usage))) = kinds.next() else { return Vec::new() };
    if !kinds.all(|other| other == Some((spec, usage))) {
        return Vec::new();
    }
    let actions = Action::all().filter(|action| action.info().cryptographic && action.info().on_key);
    actions.filter(|action| action.works_with(spec, usage)).collect()
}

fn text<'s>(setting: &'s Setting, default: &'static str) -> &'s str {
    match setting {
        Setting::Is(text) => text,
        Setting::Absent | Setting::Unknown(_) => default,
    }
}

/// Cryptographic actions that nobody's IAM policies can give, by the worlds in which that is so, and why that is not known of others.
fn left_out(
    estate: &Estate,
    key: &Key,
    there: &Guard,
    actions: &[Action],
) -> (Vec<(Guard, Vec<Action>)>, Option<String>) {
    let side = key_side(key);
    let asker = Asker::trusted_with_everything(&key.account);
    let mut by_guard: BTreeMap<Guard, Vec<Action>> = BTreeMap::new();
    let mut unknown = None;
    for action in actions {
        for world in asker.may(estate, there, &side, *action) {
            // A Deny is written on purpose, and often spares whom it names.
            if world.verdict.allowed == Truth::No && world.verdict.decision != Decision::ExplicitDeny {
                by_guard.entry(world.guard).or_default().push(*action);
            } else if world.verdict.allowed == Truth::Unknown {
                unknown = unknown.or_else(|| world.verdict.causes().next().map(|cause| cause.why.clone()));
            }
        }
    }
    (by_guard.into_iter().collect(), unknown)
}
