//! A key policy that trusts another account in place of its own.

use super::missing_root_trust::trust;
use super::trust::{Absence, covers};
use super::{Cx, Rule, Sink};
use crate::estate::Key;
use crate::finding::{Meta, Site, Subject};
use crate::policy::{Action, Effect, Guarded, KeyPolicy, Match, Policy, Principal, Statement};
use crate::resolve::{Guard, Text, Truth};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/foreign-root-trust.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, key, fact) in cx.estate.declared_keys() {
        let KeyPolicy::Document(policy) = &key.policy else { continue };
        let administrators = administering_accounts(policy);
        if administrators.is_empty() {
            continue;
        }
        match trust(policy, key).absence(cx.estate, &fact.guard) {
            Absence::Nowhere => {}
            Absence::Unknown(why) => {
                sink.undecided("key policy", fact.site(), why).key = Some(key.name.clone());
            }
            Absence::In(untrusting) => {
                let Some((statement, foreign, account)) =
                    administrators.iter().find(|(_, _, account)| account.equals(&key.account) == Truth::No)
                else {
                    continue;
                };
                let guards: Vec<Guard> = untrusting
                    .iter()
                    .filter_map(|guard| guard.and(&foreign.guard))
                    .filter(|guard| cx.estate.feasible(guard))
                    .collect();
                if guards.is_empty() {
                    continue;
                }
                let site = Site { stack: fact.stack, span: foreign.span };
                sink.report(fact.site(), message(key, account))
                    .whenever(&guards)
                    .here("nobody in its own account can administer it")
                    .about(Subject::Resource(fact.stack, fact.name.clone()))
                    .about(Subject::Place(Site { stack: fact.stack, span: statement.span }))
                    .also(site, format!("the stack is deployed to `{}`", key.account))
                    .help("name the account as `!Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root`");
            }
        }
    }
}

fn message(key: &Key, account: &Text) -> String {
    format!("the key policy of `{}` trusts account `{account}` and not its own", key.name)
}

type Administrator<'p> = (&'p Statement, &'p Guarded<Principal>, &'p Text);

/// The accounts that a policy lets administer the key: a statement that only shares its use is meant for another account.
fn administering_accounts(policy: &Policy) -> Vec<Administrator<'_>> {
    let Some(put) = Action::named("kms:PutKeyPolicy") else { return Vec::new() };
    let administering = policy
        .statements
        .iter()
        .filter(|statement| statement.effect == Some(Effect::Allow) && covers(statement, put) != Truth::No);
    let named = administering.flat_map(|statement| match &statement.principals {
        Match::Only(principals) => principals.iter().map(|principal| (statement, principal)).collect(),
        Match::AllExcept(_) | Match::Missing => Vec::new(),
    });
    let accounts = named.filter_map(|(statement, principal)| match &principal.value {
        Principal::Account(account) if account.as_literal().is_some() => Some((statement, principal, account)),
        _ => None,
    });
    accounts.collect()
}
