//! The account is trusted under conditions only: what remains for its IAM policies.

use super::administration::of_account;
use super::words::list;
use super::{Cx, Rule, Sink};
use crate::estate::{Fact, Key};
use crate::finding::{Meta, Site};
use crate::policy::{Action, Effect, KeyPolicy, Statement};
use crate::resolve::{Guard, Truth};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/conditional-root-trust.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, key, fact) in cx.estate.declared_keys() {
        if !matches!(key.policy, KeyPolicy::Document(_)) {
            continue;
        }
        let conditional: Vec<&Statement> = conditional(key).collect();
        if conditional.is_empty() {
            continue;
        }
        match gives_something_always(cx, key, fact) {
            Ok(true) => continue,
            Ok(false) => {}
            Err(why) => {
                sink.undecided("key policy", fact.site(), why).key = Some(key.name.clone());
                continue;
            }
        }
        let guards: Vec<Guard> = conditional
            .iter()
            .filter_map(|statement| fact.guard.and(&statement.guard))
            .filter(|guard| cx.estate.feasible(guard))
            .collect();
        if !guards.is_empty() {
            report(key, fact, &conditional, &guards, sink);
        }
    }
}

/// The Allow statements for the account that have conditions.
fn conditional(key: &Key) -> impl Iterator<Item = &Statement> {
    let names_account = |statement: &&Statement| {
        let principals = statement.principals.elements().iter();
        principals.map(|principal| super::trust::is_own_account(&principal.value, key)).any(|own| own == Truth::Yes)
    };
    key.statements()
        .filter(|statement| statement.effect == Some(Effect::Allow) && !statement.conditions.is_empty())
        .filter(names_account)
}

/// Whether IAM policies of the account can give some action whatever the request; else why that is not known, if it is not.
fn gives_something_always(cx: &Cx<'_>, key: &Key, fact: &Fact) -> Result<bool, String> {
    let actions = Action::all().filter(|action| action.info().on_key && !action.info().iam_only);
    let answers: Vec<_> = actions.map(|action| of_account(cx, key, fact, action)).collect();
    if answers.iter().any(|answer| !answer.always.is_empty()) {
        return Ok(true);
    }
    match answers.iter().find_map(|answer| answer.may.why_unknown()) {
        Some(why) => Err(why.to_owned()),
        None => Ok(false),
    }
}

fn report(key: &Key, fact: &Fact, conditional: &[&Statement], guards: &[Guard], sink: &mut Sink<'_>) {
    let conditions = conditional.iter().flat_map(|statement| &statement.conditions);
    let mut keys: Vec<String> = conditions.map(|condition| condition.key.text.clone()).collect();
    keys.sort();
    keys.dedup();
    let message = format!("`{}` trusts its account only under conditions on {}", key.name, list(&keys));
    let mut report = sink.report(fact.site(), message);
    report.whenever(guards).here("IAM policies have an effect only on requests that meet them");
    for statement in conditional {
        let actions: Vec<String> =
            statement.actions.elements().iter().map(|action| action.value.text.to_string()).collect();
        let site = Site { stack: fact.stack, span: statement.span };
        report.also(site, format!("this lets IAM policies give {}", list(&actions)));
    }
    report.help("keep it if that is meant; a role that calls KMS in another way needs a statement of its own");
}
