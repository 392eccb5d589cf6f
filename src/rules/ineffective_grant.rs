//! An IAM statement gives an action on a key whose policy lets nobody's IAM policies give it: nothing happens.

use super::repair;
use super::trust::is_own_account;
use super::words::{agreeing, list};
use super::{Cx, Report, Rule, Sink};
use crate::authz::{Surveyed, words_of};
use crate::estate::cycles::Precedence;
use crate::estate::{Grant, Key, KeyId, PrincipalId, PrincipalKind};
use crate::finding::{Meta, Site, Subject};
use crate::policy::{Effect, Principal};
use crate::resolve::Truth;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/ineffective-grant.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut by_pair: BTreeMap<(PrincipalId, KeyId), Vec<&Surveyed>> = BTreeMap::new();
    for surveyed in cx.survey() {
        by_pair.entry((surveyed.principal, surveyed.key)).or_default().push(surveyed);
    }
    let of_groups: BTreeSet<_> =
        cx.survey().iter().filter(|surveyed| !surveyed.dead.is_empty()).filter_map(|one| of_group(cx, one)).collect();
    let mut precedence = Precedence::default();
    for ((_, key), patterns) in by_pair {
        let Some(key) = cx.estate.key(key) else { continue };
        let is_told_of_group = |one: &Surveyed| of_group(cx, one).is_none() && of_groups.contains(&written_at(cx, one));
        let dead: Vec<&Surveyed> = patterns.iter().copied().filter(|pattern| !pattern.dead.is_empty()).collect();
        match dead.as_slice() {
            [] => undecided(cx, key, &patterns, sink),
            // What is dead for whoever is in a group is told once, of the group.
            dead if dead.iter().all(|one| is_told_of_group(one)) => {}
            dead => report(cx, key, dead, &mut precedence, sink),
        }
    }
}

/// Where a dead permission is written: element of `Resource`, key and pattern.
type Written = (Option<Site>, KeyId, usize);

fn written_at(cx: &Cx<'_>, surveyed: &Surveyed) -> Written {
    (cx.grants.get(surveyed.grant).map(Grant::resource_site), surveyed.key, surveyed.pattern)
}

/// The same, where it is that of a group.
fn of_group(cx: &Cx<'_>, surveyed: &Surveyed) -> Option<Written> {
    let is_group = cx.estate.principal(surveyed.principal).is_some_and(|entry| entry.kind == PrincipalKind::Group);
    is_group.then(|| written_at(cx, surveyed))
}

/// One finding for a principal and a key: it stands at the first dead action.
fn report<'e>(cx: &Cx<'e>, key: &Key, dead: &[&Surveyed], precedence: &mut Precedence<'e>, sink: &mut Sink<'_>) {
    let Some((first, grant)) = dead.first().and_then(|first| Some((*first, cx.grants.get(first.grant)?))) else {
        return;
    };
    let Some(pattern) = grant.statement.actions.elements().get(first.pattern) else { return };
    let mut actions: Vec<String> = dead.iter().filter_map(|surveyed| written(cx, surveyed)).collect();
    actions.dedup();
    let (actions, has) = (list(&actions), agreeing(&actions, "has", "have"));
    let holder = &grant.entry.name;
    let site = Site { stack: grant.attached.stack, span: pattern.span };
    let why = if first.denied {
        format!("a `Deny` of the policy of key `{}` forbids it", key.name)
    } else if dead.iter().all(|surveyed| surveyed.contradictory) {
        format!("its conditions and those of the policy of key `{}` exclude each other", key.name)
    } else {
        format!("the policy of key `{}` admits neither it nor the account's IAM policies", key.name)
    };
    let mut report = sink.report(site, format!("{actions} for `{holder}` {has} no effect: {why}"));
    report.here("this permission is dead").about(Subject::Grant(grant.entry.arn.to_string(), key.arn.to_string()));
    for guard in dead.iter().flat_map(|surveyed| &surveyed.dead) {
        report.when(guard);
    }
    report.also(grant.resource_site(), format!("the statement is about key `{}`", key.name));
    show_key_policy(&mut report, key, dead);
    if let Some(help) = repair::help(cx, grant, key, dead, precedence) {
        report.help(help);
    }
}

/// What the key policy says instead: whom it gives these actions, and with what it trusts the account.
fn show_key_policy(report: &mut Report<'_>, key: &Key, dead: &[&Surveyed]) {
    let Some(policy) = key.policy_site.or(key.site) else { return };
    let mut shown = false;
    for statement in key.statements() {
        let says = |effect| statement.effect == Some(effect);
        let covers = dead.iter().flat_map(|surveyed| &surveyed.dead_actions).any(|action| statement.may_cover(*action));
        let Some(first) = statement.principals.elements().first() else { continue };
        let trusts = |principal: &Principal| is_own_account(principal, key) == Truth::Yes;
        let trusted = statement.principals.elements().iter().find(|principal| trusts(&principal.value));
        let (span, text) = match trusted {
            _ if covers && says(Effect::Deny) => (statement.span, "this statement forbids it".to_owned()),
            _ if !says(Effect::Allow) => continue,
            Some(account) if !covers => (account.span, "the account is trusted here, but not with this".to_owned()),
            Some(account) if !statement.conditions.is_empty() => (
                account.span,
                format!("the account is trusted here, but only while {}", words_of(statement).join(" and ")),
            ),
            None if covers => {
                let who: Vec<String> =
                    statement.principals.elements().iter().map(|principal| principal.value.to_string()).collect();
                (first.span, format!("the key policy gives it to {} only", list(&who)))
            }
            Some(_) | None => continue,
        };
        shown = true;
        report.also(Site { stack: policy.stack, span }, text);
    }
    if !shown {
        report.also(policy, "no statement of this key policy gives it to anybody");
    }
}

fn written(cx: &Cx<'_>, surveyed: &Surveyed) -> Option<String> {
    let grant = cx.grants.get(surveyed.grant)?;
    Some(grant.statement.actions.elements().get(surveyed.pattern)?.value.text.to_string())
}

/// Counted once for a principal and a key.
fn undecided(cx: &Cx<'_>, key: &Key, patterns: &[&Surveyed], sink: &mut Sink<'_>) {
    let Some((surveyed, cause)) = patterns.iter().find_map(|surveyed| Some((surveyed, surveyed.unknown.first()?)))
    else {
        return;
    };
    let Some(grant) = cx.grants.get(surveyed.grant) else { return };
    let undecided = sink.undecided("grant", grant.statement_site(), cause.why.clone());
    undecided.principal = Some(grant.entry.name.clone());
    undecided.key = Some(key.name.clone());
    undecided.actions = grant.action_names();
}
