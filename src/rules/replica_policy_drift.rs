//! A replica key whose policy gives other things than that of its primary key.

use super::trust::is_own_account;
use super::words::list;
use super::{Cx, Rule, Sink};
use crate::estate::{Key, KeyOrigin, Target};
use crate::finding::Meta;
use crate::policy::{Action, Effect, KeyPolicy, Match, Policy, Principal};
use crate::resolve::{Guard, Piece, Symbol, Text, Truth, Value};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/replica-policy-drift.md")), check };

/// What a policy gives and takes: by effect and principal.
type Given = BTreeMap<(Effect, String), BTreeSet<Action>>;

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, replica, fact) in cx.estate.declared_keys().filter(|(_, _, fact)| Key::is_replica(fact)) {
        let Some(named) = fact.property("PrimaryKeyArn") else { continue };
        let Some(Value::Text(arn)) = named.value.known() else { continue };
        let Target::Key(id) = cx.estate.target(fact.stack, arn) else { continue };
        let Some(primary) = cx.estate.key(id).filter(|key| matches!(key.origin, KeyOrigin::Declared { .. })) else {
            continue;
        };
        let (KeyPolicy::Document(ours), KeyPolicy::Document(theirs)) = (&replica.policy, &primary.policy) else {
            continue;
        };
        let (Some(site), Some(other)) = (replica.policy_site, primary.policy_site) else { continue };
        let (Some(ours), Some(theirs)) = (given(ours, replica), given(theirs, primary)) else {
            sink.undecided(
                "key policy",
                site,
                "the policies of the replica and its primary key are not wholly known from here",
            );
            continue;
        };
        let differences = differences(&ours, &theirs);
        if differences.is_empty() {
            continue;
        }
        let message =
            format!("the policy of replica `{}` differs from that of its primary key `{}`", replica.name, primary.name);
        let mut report = sink.report(site, message);
        report.when(&fact.guard).here("policies are not synchronised between the keys of a family");
        report.also(other, "the policy of the primary key");
        for difference in differences {
            report.note(difference);
        }
        report.help("give both keys the same policy, or leave the difference and say why");
    }
}

/// What a policy gives, where all of it is known and the same in every deployment.
fn given(policy: &Policy, key: &Key) -> Option<Given> {
    let mut given = Given::new();
    if !policy.unknown.is_empty() {
        return None;
    }
    for statement in &policy.statements {
        if !statement.guard.is_always() || !statement.unknown.is_empty() || !statement.unread.is_empty() {
            return None;
        }
        let (Match::Only(principals), Match::Only(patterns)) = (&statement.principals, &*statement.actions) else {
            return None;
        };
        let is_fixed = |guard: &Guard| guard.is_always();
        if !patterns.iter().all(|pattern| is_fixed(&pattern.guard) && pattern.value.text.as_literal().is_some()) {
            return None;
        }
        let actions: BTreeSet<Action> = patterns.iter().flat_map(|pattern| pattern.value.expand()).collect();
        for principal in principals {
            if !is_fixed(&principal.guard) {
                return None;
            }
            let name = name(&principal.value, key)?;
            given.entry((statement.effect?, name)).or_default().extend(&actions);
        }
    }
    Some(given)
}

/// A principal by a name that is the same in both policies: without partition, own account and own Region.
fn name(principal: &Principal, key: &Key) -> Option<String> {
    if is_own_account(principal, key) == Truth::Yes {
        return Some("the account".to_owned());
    }
    match principal {
        Principal::Everyone => Some("*".to_owned()),
        Principal::Account(text) | Principal::Arn(text) | Principal::Service(text) | Principal::Federated(text) => {
            neutral(text, key)
        }
        Principal::CanonicalUser(text) => neutral(text, key),
        Principal::UniqueId(id) => Some(id.clone()),
        Principal::Malformed(_) | Principal::Unknown(_) => None,
    }
}

fn neutral(text: &Text, key: &Key) -> Option<String> {
    let mut name = String::new();
    for piece in text.pieces() {
        match piece {
            Piece::Literal(literal) => name.push_str(literal),
            Piece::Symbol(symbol @ Symbol::Account(_)) if key.account.as_symbol() == Some(symbol) => {
                name.push_str("ACCOUNT")
            }
            Piece::Symbol(Symbol::Region(_)) => name.push_str("REGION"),
            Piece::Symbol(Symbol::Partition(_)) => name.push_str("aws"),
            Piece::Symbol(_) => return None,
        }
    }
    for (own, word) in [(&key.account, "ACCOUNT"), (&key.region, "REGION")] {
        if let Some(own) = own.as_literal() {
            name = name.replace(own, word);
        }
    }
    Some(name)
}

/// Where two policies differ, a sentence for each principal.
fn differences(ours: &Given, theirs: &Given) -> Vec<String> {
    let everyone: BTreeSet<&(Effect, String)> = ours.keys().chain(theirs.keys()).collect();
    let none = BTreeSet::new();
    let mut differences = Vec::new();
    for principal in everyone {
        let (here, there) = (ours.get(principal).unwrap_or(&none), theirs.get(principal).unwrap_or(&none));
        let names = |actions: &BTreeSet<Action>, without: &BTreeSet<Action>| -> Vec<String> {
            actions.difference(without).map(|action| action.name().to_owned()).collect()
        };
        let verb = match principal.0 {
            Effect::Allow => "allowed to",
            Effect::Deny => "denied to",
        };
        for (which, only) in [("the replica", names(here, there)), ("the primary key", names(there, here))] {
            if !only.is_empty() {
                differences.push(format!("only on {which}: {} {verb} `{}`", list(&only), principal.1));
            }
        }
    }
    differences
}
