//! From what was decided to what people read.

use super::interest::{Interest, Subject};
use super::outcome::{Class, statement_at};
use super::{Alike, AllBut, Evidence, Known, Party, Row};
use crate::authz::PolicyRef;
use crate::estate::{
    AttachedPolicy, Estate, Key, KeyId, KeyOrigin, OUTSIDE, PolicySource, PrincipalEntry, PrincipalId, PrincipalKind,
};
use crate::finding::{Certainty, Site};
use crate::policy::{Action, ActionPattern, KeyPolicy, Policy};
use crate::resolve::{Guard, Text};
use crate::source::Span;
use std::collections::BTreeSet;

/// Whether an action is one that a key policy speaks of.
pub(super) fn is_on_key(action: Action) -> bool {
    action.info().on_key && !action.info().iam_only
}

pub(super) fn of(
    estate: &Estate,
    (id, key): (KeyId, &Key),
    subject: &Subject,
    interest: &Interest<'_>,
    class: Class,
    guards: Vec<Guard>,
    alike: &Alike,
) -> Row {
    let evidence = alike.cited.iter().map(|(policy, span)| evidence(estate, key, subject, *policy, *span));
    Row {
        principal: principal(estate, subject),
        key: self::key(estate, id, key),
        actions: collapsed(&alike.actions, &interest.patterns),
        all_but: all_but(&alike.actions, &interest.patterns),
        outcome: class.outcome,
        through: class.through,
        conditions: class.conditions,
        why: class.why,
        when: Certainty::of(guards),
        evidence: evidence.collect(),
    }
}

/// The actions as most of one pattern; none where that takes not even half as many words.
pub(super) fn all_but(actions: &BTreeSet<Action>, patterns: &[&ActionPattern]) -> Option<AllBut> {
    let missing = |pattern: &&ActionPattern| {
        let covered: BTreeSet<Action> = pattern.expand().filter(|action| is_on_key(*action)).collect();
        let missing: Vec<String> = covered.difference(actions).map(|action| action.name().to_owned()).collect();
        (actions.is_subset(&covered) && !missing.is_empty()).then_some((missing, pattern.text.to_string()))
    };
    let (missing, pattern) = patterns.iter().filter_map(missing).min()?;
    (2 * (missing.len() + 1) < collapsed(actions, patterns).len()).then_some(AllBut { pattern, missing })
}

/// The actions, as written where a whole pattern is among them: the widest patterns, then the rest by name.
pub(super) fn collapsed(actions: &BTreeSet<Action>, patterns: &[&ActionPattern]) -> Vec<String> {
    let expanded = |pattern: &&ActionPattern| -> BTreeSet<Action> {
        pattern.expand().filter(|action| is_on_key(*action)).collect()
    };
    let mut whole: Vec<(usize, BTreeSet<Action>, String)> = Vec::new();
    for (at, pattern) in patterns.iter().enumerate() {
        let own = expanded(pattern);
        if !own.is_empty() && own.is_subset(actions) {
            whole.push((at, own, pattern.text.to_string()));
        }
    }
    let mut by_width: Vec<usize> = (0..whole.len()).collect();
    by_width.sort_by_key(|at| std::cmp::Reverse(whole.get(*at).map_or(0, |(_, own, _)| own.len())));
    let mut covered: BTreeSet<Action> = BTreeSet::new();
    let mut chosen: Vec<usize> = Vec::new();
    for at in by_width {
        let Some((_, own, _)) = whole.get(at) else { continue };
        if !own.is_subset(&covered) {
            covered.extend(own);
            chosen.push(at);
        }
    }
    chosen.sort_unstable();
    let mut names: Vec<String> =
        chosen.iter().filter_map(|at| whole.get(*at)).map(|(_, _, text)| text.clone()).collect();
    names.extend(actions.difference(&covered).map(|action| action.name().to_owned()));
    names
}

/// A key by its names.
pub(super) fn key(estate: &Estate, id: KeyId, key: &Key) -> Party {
    let kind = match key.origin {
        KeyOrigin::Declared { .. } => "declared",
        KeyOrigin::Imported => "imported",
        KeyOrigin::AwsManaged { .. } => "aws-managed",
    };
    Party {
        kind,
        name: key.name.clone(),
        arn: Some(key.arn.to_string()),
        stack: key.stack.and_then(|id| estate.stack(id)).map(|stack| stack.label.clone()),
        construct: key.site.and_then(|site| estate.place(site).construct),
        declared: key.site.map(|site| site.span),
        known: Some(Known::Key(id)),
    }
}

/// A principal of the estate by its names.
pub(super) fn entry(estate: &Estate, id: PrincipalId, entry: &PrincipalEntry) -> Party {
    let (kind, has_arn) = match entry.kind {
        PrincipalKind::Role => ("role", true),
        PrincipalKind::User => ("user", true),
        PrincipalKind::Group => ("group", true),
        PrincipalKind::Unattached => ("holder", false),
    };
    Party {
        kind,
        name: entry.name.clone(),
        arn: has_arn.then(|| entry.arn.to_string()),
        stack: estate.stack(entry.stack).map(|stack| stack.label.clone()),
        construct: entry.declared.then(|| estate.place(entry.site).construct).flatten(),
        declared: entry.declared.then_some(entry.site.span),
        known: Some(Known::Principal(id)),
    }
}

fn principal(estate: &Estate, subject: &Subject) -> Party {
    let party = Party::called;
    match subject {
        Subject::Account(account) => party("account", format!("account {account}")),
        Subject::Everyone => party("everyone", "*".to_owned()),
        Subject::EveryoneElse => party("everyone", "* but those of NotPrincipal".to_owned()),
        Subject::Service(name) => party("service", name.to_string()),
        Subject::Named(arn) => named(arn),
        Subject::Entry(id) => {
            estate.principal(*id).map_or_else(|| party("identity", String::new()), |known| entry(estate, *id, known))
        }
    }
}

/// An identity that only a key policy names.
fn named(arn: &Text) -> Party {
    let text = arn.to_string();
    let kind = if text.contains(":role/") {
        "role"
    } else if text.contains(":user/") {
        "user"
    } else {
        "identity"
    };
    let name = match text.split_once(":role/").or_else(|| text.split_once(":user/")) {
        Some((_, name)) => name.to_owned(),
        None => text.clone(),
    };
    Party { arn: Some(text), ..Party::called(kind, name) }
}

/// A place that says it all.
pub(super) fn written_here(estate: &Estate, site: Site) -> Evidence {
    Evidence { text: "written here".to_owned(), place: Some(estate.place(site)) }
}

fn evidence(estate: &Estate, key: &Key, subject: &Subject, policy: PolicyRef, span: Span) -> Evidence {
    match policy {
        PolicyRef::Key => of_key(estate, key, span),
        PolicyRef::Grants => of_grant(estate, key, span),
        PolicyRef::Identity(_) | PolicyRef::Boundary => of_holder(estate, subject, policy, span),
    }
}

fn of_key(estate: &Estate, key: &Key, span: Span) -> Evidence {
    match &key.policy {
        KeyPolicy::Document(policy) => {
            let text = format!("policy of key `{}`, {}", key.name, label(policy, span));
            let place = key.policy_site.map(|site| estate.place(Site { span, ..site }));
            Evidence { text, place }
        }
        KeyPolicy::Default => {
            let text = format!("default policy of key `{}`", key.name);
            Evidence { text, place: key.site.map(|site| estate.place(site)) }
        }
        KeyPolicy::AwsManaged(_) | KeyPolicy::Unknown(_) => {
            Evidence { text: format!("policy of `{}`", key.name), place: None }
        }
    }
}

/// A KMS grant of the inventory.
fn of_grant(estate: &Estate, key: &Key, span: Span) -> Evidence {
    let statement = key.granted.as_deref().and_then(|granted| statement_at(granted, span));
    let label = statement.and_then(|statement| statement.sid.as_ref()).map(|label| format!(" `{label}`"));
    let text = format!("KMS grant{} on key `{}`", label.unwrap_or_default(), key.name);
    Evidence { text, place: Some(estate.place(Site { stack: OUTSIDE, span })) }
}

fn of_holder(estate: &Estate, subject: &Subject, policy: PolicyRef, span: Span) -> Evidence {
    let entry = match subject {
        Subject::Entry(id) => estate.principal(*id),
        _ => None,
    };
    let (attached, what) = match policy {
        PolicyRef::Identity(at) => (entry.and_then(|entry| entry.policies.get(at)), "IAM policy"),
        PolicyRef::Boundary | PolicyRef::Key | PolicyRef::Grants => {
            let boundary = entry.map_or(&[][..], |entry| entry.boundary.as_slice());
            let says =
                |policy: &&AttachedPolicy| policy.document().is_some_and(|policy| statement_at(policy, span).is_some());
            (boundary.iter().find(says).or(boundary.first()), "permissions boundary")
        }
    };
    let Some(attached) = attached else { return Evidence { text: what.to_owned(), place: None } };
    match &attached.source {
        PolicySource::Document(policy) => {
            let text = format!("{what} of `{}`, {}", attached.resource, label(policy, span));
            Evidence { text, place: Some(estate.place(Site { stack: attached.stack, span })) }
        }
        PolicySource::AwsManaged(name, _) => {
            Evidence { text: format!("AWS managed policy `{name}`"), place: Some(estate.place(attached.site)) }
        }
        PolicySource::NotInView(_) => Evidence { text: what.to_owned(), place: Some(estate.place(attached.site)) },
    }
}

/// A statement by its `Sid`, else by its number.
fn label(policy: &Policy, span: Span) -> String {
    let Some(statement) = statement_at(policy, span) else { return "statement".to_owned() };
    match &statement.sid {
        Some(sid) => format!("statement `{sid}`"),
        None => format!("statement {}", statement.index + 1),
    }
}
