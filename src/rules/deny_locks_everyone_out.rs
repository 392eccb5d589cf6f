//! A Deny takes away from everyone what the policy allows: nobody may change it.

use super::administration::{Answer, named};
use super::trust::Absence;
use super::{Cx, Rule, Sink};
use crate::authz::Asker;
use crate::estate::{Fact, Key};
use crate::finding::{Meta, Site, Subject};
use crate::policy::{Action, Effect, KeyPolicy, Match, Policy, Principal};
use crate::resolve::{Guard, Text};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/deny-locks-everyone-out.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(put) = Action::named("kms:PutKeyPolicy") else { return };
    for (_, key, fact) in cx.estate.declared_keys() {
        let KeyPolicy::Document(policy) = &key.policy else { continue };
        let denies = policy
            .statements
            .iter()
            .any(|statement| statement.effect != Some(Effect::Allow) && statement.may_cover(put));
        if !denies {
            continue;
        }
        let answer = anybody(cx, key, fact, policy, put);
        match answer.may.absence(cx.estate, &fact.guard) {
            Absence::Nowhere => {}
            Absence::In(guards) => report(cx, key, fact, &guards, &answer, sink),
            Absence::Unknown(why) => {
                sink.undecided("key policy", fact.site(), why).key = Some(key.name.clone());
            }
        }
    }
}

/// What the policy lets anybody do: whoever it does not name, the root user, and each that it names, be it to spare them.
fn anybody(cx: &Cx<'_>, key: &Key, fact: &Fact, policy: &Policy, action: Action) -> Answer {
    let mut askers = vec![Asker::trusted_with_everything(&key.account), Asker::root_user(key)];
    let mut arns: Vec<&Text> = named(policy, action).iter().map(|named| named.arn).collect();
    arns.extend(spared(policy));
    arns.sort();
    arns.dedup();
    askers.extend(arns.into_iter().filter_map(Asker::named));
    let mut answer = Answer::default();
    for asker in &askers {
        answer.ask(cx.estate, asker, key, &fact.guard, action);
    }
    answer
}

/// Whom a `NotPrincipal` lists.
fn spared(policy: &Policy) -> impl Iterator<Item = &Text> {
    let lists = policy.statements.iter().filter_map(|statement| match &statement.principals {
        Match::AllExcept(spared) => Some(spared),
        Match::Only(_) | Match::Missing => None,
    });
    lists.flatten().filter_map(|spared| match &spared.value {
        Principal::Arn(arn) => Some(arn),
        _ => None,
    })
}

/// Where nobody may because of a Deny; where nothing allows it in the first place is `key-policy-lockout`'s.
fn report(cx: &Cx<'_>, key: &Key, fact: &Fact, nobody: &[Guard], answer: &Answer, sink: &mut Sink<'_>) {
    let together = answer.denied.iter().flat_map(|(denied, span)| {
        nobody.iter().filter_map(|guard| Some((guard.and(denied)?, *span))).collect::<Vec<_>>()
    });
    let together: Vec<(Guard, _)> = together.filter(|(guard, _)| cx.estate.feasible(guard)).collect();
    let Some((_, span)) = together.first() else { return };
    let deny = Site { stack: fact.stack, span: *span };
    let message = format!("a `Deny` takes `kms:PutKeyPolicy` on `{}` from everyone", key.name);
    sink.report(fact.site(), message)
        .whenever(together.iter().map(|(guard, _)| guard))
        .here("nobody may change its policy: KMS refuses to create the key")
        .about(Subject::Resource(fact.stack, fact.name.clone()))
        .also(deny, "no principal of the account escapes this statement")
        .help("except the administrators by `ArnNotLike` of `aws:PrincipalArn`, or leave `kms:PutKeyPolicy` out of the `Deny`");
}
