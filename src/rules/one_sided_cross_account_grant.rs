//! Access across accounts needs both sides, and one that is in view lacks its half.

use super::words::list;
use super::{Cx, Rule, Sink};
use crate::authz::{Asker, Side, Surveyed, key_side};
use crate::estate::{Estate, Fact, Key, KeyId, PrincipalEntry, PrincipalId, PrincipalKind};
use crate::finding::{Meta, Site, Subject};
use crate::policy::{Action, CrossAccount, Effect, Guarded, Match, Principal, Statement};
use crate::resolve::{Guard, Text, Truth};
use std::collections::BTreeMap;

pub(super) const RULE: Rule =
    Rule { meta: Meta::of(include_str!("../../rules/one-sided-cross-account-grant.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    lacks_key_policy(cx, sink);
    let principals = by_arn(cx.estate);
    for (_, key, fact) in cx.estate.declared_keys() {
        for statement in key.statements().filter(|statement| statement.effect == Some(Effect::Allow)) {
            let Match::Only(named) = &statement.principals else { continue };
            for principal in named {
                let Principal::Arn(arn) = &principal.value else { continue };
                let Some(entry) = principals.get(arn) else { continue };
                lacks_identity_policy(cx, &Admitted { key, fact, statement, principal, entry }, sink);
            }
        }
    }
}

/// IAM policies that give what the key policy, in another account, does not admit.
fn lacks_key_policy(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut by_pair: BTreeMap<(PrincipalId, KeyId), Vec<&Surveyed>> = BTreeMap::new();
    for surveyed in cx.survey_across() {
        by_pair.entry((surveyed.principal, surveyed.key)).or_default().push(surveyed);
    }
    for ((_, key), patterns) in by_pair {
        let Some(key) = cx.estate.key(key) else { continue };
        let dead: Vec<&Surveyed> = patterns.iter().copied().filter(|pattern| !pattern.dead.is_empty()).collect();
        let Some(first) = dead.first() else {
            undecided(cx, key, &patterns, sink);
            continue;
        };
        let Some(grant) = cx.grants.get(first.grant) else { continue };
        let elements = grant.statement.actions.elements();
        let Some(pattern) = elements.get(first.pattern) else { continue };
        let mut actions: Vec<String> = dead.iter().filter_map(|surveyed| written(cx, surveyed)).collect();
        actions.dedup();
        let entry = grant.entry;
        let site = Site { stack: grant.attached.stack, span: pattern.span };
        let message = format!(
            "{} for `{}` has no effect: the policy of key `{}`, in account `{}`, does not admit it",
            list(&actions),
            entry.name,
            key.name,
            key.account
        );
        let mut report = sink.report(site, message);
        report
            .whenever(dead.iter().flat_map(|surveyed| &surveyed.dead))
            .here("this is one half: the key policy has to allow it too")
            .about(Subject::Grant(entry.arn.to_string(), key.arn.to_string()))
            .also(grant.resource_site(), format!("the statement is about key `{}`", key.name));
        if let Some(policy) = key.policy_site.or(key.site) {
            report.also(policy, format!("this key policy does not give it to account `{}`", entry.account));
        }
        let mut help = format!(
            "allow these actions in the policy of key `{}` to account `{}`, or to this role by its ARN",
            key.name, entry.account
        );
        if key.site.is_some_and(|site| cx.estate.is_from_cdk(site)) {
            help.push_str(", such as by `key.grantDecrypt(new AccountPrincipal('…'))` in the stack of the key");
        }
        report.help(help);
    }
}

fn written(cx: &Cx<'_>, surveyed: &Surveyed) -> Option<String> {
    let grant = cx.grants.get(surveyed.grant)?;
    Some(grant.statement.actions.elements().get(surveyed.pattern)?.value.text.to_string())
}

fn undecided(cx: &Cx<'_>, key: &Key, patterns: &[&Surveyed], sink: &mut Sink<'_>) {
    let open = patterns.iter().find_map(|surveyed| Some((surveyed, surveyed.unknown.first()?)));
    let Some((surveyed, cause)) = open else { return };
    let Some(grant) = cx.grants.get(surveyed.grant) else { return };
    let question = sink.undecided("grant", grant.statement_site(), cause.why.clone());
    question.principal = Some(grant.entry.name.clone());
    question.key = Some(key.name.clone());
    question.actions = grant.action_names();
}

/// Declared roles and users by their ARN.
fn by_arn(estate: &Estate) -> BTreeMap<&Text, &PrincipalEntry> {
    let is_identity = |entry: &&PrincipalEntry| matches!(entry.kind, PrincipalKind::Role | PrincipalKind::User);
    estate
        .principals
        .iter()
        .filter(|entry| entry.declared)
        .filter(is_identity)
        .map(|entry| (&entry.arn, entry))
        .collect()
}

/// A principal in view that a key policy names.
struct Admitted<'e> {
    key: &'e Key,
    fact: &'e Fact,
    statement: &'e Statement,
    principal: &'e Guarded<Principal>,
    entry: &'e PrincipalEntry,
}

/// A role or user of another account that a key policy names, and whose policies give nothing of what the statement allows.
fn lacks_identity_policy(cx: &Cx<'_>, admitted: &Admitted<'_>, sink: &mut Sink<'_>) {
    let Admitted { key, fact, statement, principal, entry } = *admitted;
    let same = entry.account.equals(&key.account);
    if same == Truth::Yes {
        return;
    }
    let there = fact.guard.and(&principal.guard).and_then(|guard| guard.and(&entry.guard));
    let Some(there) = there.filter(|guard| cx.estate.feasible(guard)) else { return };
    let site = Site { stack: fact.stack, span: principal.span };
    let missing = missing(cx, admitted, &there);
    let why = match (same, missing) {
        (_, Missing::Nothing) => return,
        (Truth::No, Missing::Everything(guards)) => {
            report(admitted, site, &guards, sink);
            return;
        }
        (_, Missing::Everything(_)) => format!("whether `{}` is of the key's account is not known", entry.name),
        (_, Missing::Unknown(why)) => why,
    };
    let question = sink.undecided("grant", site, why);
    question.principal = Some(entry.name.clone());
    question.key = Some(key.name.clone());
    question.actions = statement.actions.elements().iter().map(|action| action.value.text.to_string()).collect();
}

/// What of a statement the policies of its principal do not give.
enum Missing {
    Nothing,
    /// All of it, in these worlds.
    Everything(Vec<Guard>),
    Unknown(String),
}

fn missing(cx: &Cx<'_>, admitted: &Admitted<'_>, there: &Guard) -> Missing {
    let (asker, side) = (Asker::of(admitted.entry), key_side(admitted.key));
    let mut lacking: Option<Vec<Guard>> = None;
    for action in reaching(admitted.statement) {
        let mut here = Vec::new();
        for world in asker.may(cx.estate, there, &side, action) {
            if world.verdict.allowed == Truth::No && world.verdict.sides.contains(&Side::Identity) {
                here.push(world.guard);
            } else if let Some(cause) = world.verdict.causes().next().filter(|_| !world.verdict.met) {
                return Missing::Unknown(cause.why.clone());
            }
        }
        let both = match lacking {
            None => here,
            Some(before) => before.iter().flat_map(|a| here.iter().filter_map(|b| a.and(b))).collect(),
        };
        if both.is_empty() {
            return Missing::Nothing;
        }
        lacking = Some(both);
    }
    match lacking {
        Some(guards) => Missing::Everything(guards.into_iter().filter(|guard| cx.estate.feasible(guard)).collect()),
        None => Missing::Nothing,
    }
}

/// The actions of a statement that work across accounts.
fn reaching(statement: &Statement) -> Vec<Action> {
    let Match::Only(patterns) = &*statement.actions else { return Vec::new() };
    let mut actions: Vec<Action> = patterns.iter().flat_map(|pattern| pattern.value.expand()).collect();
    actions.sort();
    actions.dedup();
    actions.retain(|action| action.info().on_key && action.info().cross_account == CrossAccount::Yes);
    actions
}

fn report(admitted: &Admitted<'_>, site: Site, guards: &[Guard], sink: &mut Sink<'_>) {
    let Admitted { key, statement, entry, .. } = *admitted;
    let actions: Vec<String> =
        statement.actions.elements().iter().map(|action| action.value.text.to_string()).collect();
    let message = format!(
        "`{}` has no permission on key `{}` of account `{}`, whose policy names it",
        entry.name, key.name, key.account
    );
    sink.report(entry.site, message)
        .whenever(guards)
        .here("across accounts its own policies have to allow it too")
        .about(Subject::Grant(entry.arn.to_string(), key.arn.to_string()))
        .also(site, format!("this admits it to {}", list(&actions)))
        .help_or_cdk(
            format!("allow {} on the ARN of the key in a policy of `{}`", list(&actions), entry.name),
            format!("give `{}` a `PolicyStatement` that allows {} on the ARN of the key", entry.name, list(&actions)),
        );
}
