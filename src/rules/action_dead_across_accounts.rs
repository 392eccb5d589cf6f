//! An action that never works across accounts, given to a principal of another account.

use super::statements::{names, wholly};
use super::trust::{owner_of, unknown_owner};
use super::words::{agreeing, list};
use super::{Cx, Rule, Sink};
use crate::estate::{Fact, Grant, Key, KeyId, PrincipalId, Target};
use crate::finding::{Meta, Site, Subject};
use crate::policy::{ActionPattern, CrossAccount, Effect, Guarded, Match, Statement};
use crate::resolve::{Guard, Text, Truth};
use std::collections::BTreeMap;

pub(super) const RULE: Rule =
    Rule { meta: Meta::of(include_str!("../../rules/action-dead-across-accounts.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, key, fact) in cx.estate.declared_keys() {
        for statement in key.statements().filter(|statement| statement.effect == Some(Effect::Allow)) {
            in_key_policy(cx, key, fact, statement, sink);
        }
    }
    let mut by_pair: BTreeMap<(PrincipalId, KeyId), Vec<&Grant<'_>>> = BTreeMap::new();
    for grant in &cx.grants {
        if let Target::Key(key) = grant.target {
            by_pair.entry((grant.principal, key)).or_default().push(grant);
        }
    }
    for ((_, key), grants) in by_pair {
        if let Some(key) = cx.estate.key(key) {
            in_identity_policies(cx, key, &grants, sink);
        }
    }
}

/// The patterns of a statement of which everything is dead across accounts, as far as they are of keys at all.
fn dead(statement: &Statement) -> Vec<&Guarded<ActionPattern>> {
    wholly(statement, |action| action.info().cross_account == CrossAccount::No)
}

/// A statement whose principals are all of other accounts.
fn in_key_policy(cx: &Cx<'_>, key: &Key, fact: &Fact, statement: &Statement, sink: &mut Sink<'_>) {
    let Match::Only(principals) = &statement.principals else { return };
    let dead = dead(statement);
    let Some(first) = dead.first() else { return };
    let accounts: Option<Vec<(Text, Text)>> = principals.iter().map(|principal| owner_of(&principal.value)).collect();
    let Some(accounts) = accounts.filter(|accounts| !accounts.is_empty()) else { return };
    let foreign = accounts.iter().fold(Truth::Yes, |all, (account, _)| all.and(!account.equals(&key.account)));
    let site = Site { stack: fact.stack, span: first.span };
    match foreign {
        Truth::No => return,
        Truth::Unknown => {
            let unknown = accounts.iter().find(|(account, _)| account.equals(&key.account) == Truth::Unknown);
            let why = unknown.map(|(account, _)| unknown_owner(account)).unwrap_or_default();
            sink.undecided("key policy", fact.site(), why).key = Some(key.name.clone());
            return;
        }
        Truth::Yes => {}
    }
    let guards = guards(cx, &fact.guard, &dead);
    let names: Vec<String> = accounts.iter().map(|(_, name)| name.to_string()).collect();
    let message = format!("{} no effect on `{}` for {}", have(&dead), key.name, list(&names));
    let mut report = sink.report(site, message);
    report
        .whenever(&guards)
        .here("this works in the key's own account only")
        .about(Subject::Place(Site { stack: fact.stack, span: statement.span }));
    if let Some(principal) = principals.first() {
        let site = Site { stack: fact.stack, span: principal.span };
        report.also(site, format!("the key belongs to account `{}`", key.account));
    }
    report.help("drop it, or let a role of the key's account do it");
}

/// The grants of one principal on one key.
fn in_identity_policies(cx: &Cx<'_>, key: &Key, grants: &[&Grant<'_>], sink: &mut Sink<'_>) {
    let patterns =
        grants.iter().flat_map(|grant| dead(grant.statement).into_iter().map(move |pattern| (*grant, pattern)));
    let patterns: Vec<_> = patterns.collect();
    let Some((grant, first)) = patterns.first() else { return };
    let entry = grant.entry;
    let site = Site { stack: grant.attached.stack, span: first.span };
    match entry.account.equals(&key.account) {
        Truth::Yes => return,
        Truth::Unknown => {
            let question = sink.undecided("grant", site, "whether key and principal share an account is not known");
            question.principal = Some(entry.name.clone());
            question.key = Some(key.name.clone());
            return;
        }
        Truth::No => {}
    }
    let dead: Vec<&Guarded<ActionPattern>> = patterns.iter().map(|(_, pattern)| *pattern).collect();
    let guards: Vec<Guard> =
        patterns.iter().flat_map(|(grant, pattern)| guards(cx, &grant.guard, &[pattern])).collect();
    let message = format!("{} no effect on key `{}` for `{}`", have(&dead), key.name, entry.name);
    sink.report(site, message)
        .whenever(&guards)
        .here("this works in the key's own account only")
        .about(Subject::Grant(entry.arn.to_string(), key.arn.to_string()))
        .also(grant.resource_site(), format!("the key belongs to account `{}`", key.account))
        .help("drop it, or let a role of the key's account do it");
}

/// The patterns with their verb: `` `kms:EnableKey` has ``.
fn have(patterns: &[&Guarded<ActionPattern>]) -> String {
    let names = names(patterns);
    format!("{} {}", list(&names), agreeing(&names, "has", "have"))
}

fn guards(cx: &Cx<'_>, there: &Guard, patterns: &[&Guarded<ActionPattern>]) -> Vec<Guard> {
    let guards = patterns.iter().filter_map(|pattern| there.and(&pattern.guard));
    guards.filter(|guard| cx.estate.feasible(guard)).collect()
}
