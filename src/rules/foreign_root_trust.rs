//! A key policy that trusts another account in place of its own.

use super::missing_root_trust::trust;
use super::trust::{Absence, account_of, covers};
use super::{Cx, Rule, Sink};
use crate::estate::{Fact, Key};
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
                let foreign = administrators.iter().find(|(_, account)| account.equals(&key.account) == Truth::No);
                if let Some((foreign, account)) = foreign {
                    report(cx, key, fact, &untrusting, foreign, account, sink);
                }
            }
        }
    }
}

fn report(
    cx: &Cx<'_>,
    key: &Key,
    fact: &Fact,
    untrusting: &[Guard],
    foreign: &Guarded<Principal>,
    account: &Text,
    sink: &mut Sink<'_>,
) {
    let together = untrusting.iter().filter_map(|guard| guard.and(&foreign.guard));
    let guards: Vec<Guard> = together.filter(|guard| cx.estate.feasible(guard)).collect();
    if guards.is_empty() {
        return;
    }
    let message = format!("the key policy of `{}` trusts account `{account}` and not its own", key.name);
    let site = Site { stack: fact.stack, span: foreign.span };
    let mut report = sink.report(fact.site(), message);
    report
        .whenever(&guards)
        .here("nobody in its own account can administer it")
        .about(Subject::Resource(fact.stack, fact.name.clone()))
        .also(site, format!("the stack is deployed to `{}`", key.account))
        .help_or_cdk(
            "name the account as `!Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root`",
            "name the account by `new AccountRootPrincipal()`",
        );
    // Whatever else this account is given was meant for the own one too.
    for statement in key.statements().filter(|statement| names(statement, account)) {
        report.about(Subject::Place(Site { stack: fact.stack, span: statement.span }));
    }
}

/// Whether a statement names an account or one of its principals.
fn names(statement: &Statement, account: &Text) -> bool {
    statement.principals.elements().iter().any(|principal| match &principal.value {
        Principal::Account(named) => named == account,
        Principal::Arn(arn) => account_of(arn).is_some_and(|named| named == *account),
        _ => false,
    })
}

type Administrator<'p> = (&'p Guarded<Principal>, &'p Text);

/// The accounts that a policy lets administer the key: a statement that only shares its use is meant for another account.
fn administering_accounts(policy: &Policy) -> Vec<Administrator<'_>> {
    let Some(put) = Action::named("kms:PutKeyPolicy") else { return Vec::new() };
    let administering = policy
        .statements
        .iter()
        .filter(|statement| statement.effect == Some(Effect::Allow) && covers(statement, put) != Truth::No);
    let named = administering.flat_map(|statement| match &statement.principals {
        Match::Only(principals) => principals.as_slice(),
        Match::AllExcept(_) | Match::Missing => &[],
    });
    let accounts = named.filter_map(|principal| match &principal.value {
        Principal::Account(account) if account.as_literal().is_some() => Some((principal, account)),
        _ => None,
    });
    accounts.collect()
}
