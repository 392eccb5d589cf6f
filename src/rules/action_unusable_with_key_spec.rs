//! Actions that a key of this spec and usage cannot do, allowed on it.

use super::properties::{Choices, Setting, site, worlds};
use super::statements::{self, names, wholly};
use super::words::list;
use super::{Cx, Rule, Sink};
use crate::estate::{Fact, Grant, Key, KeyId, PrincipalId, Target};
use crate::finding::{Meta, Site, Subject};
use crate::policy::{Action, ActionPattern, Effect, Guarded, Statement};
use crate::resolve::{Atom, Guard};
use std::collections::BTreeMap;

pub(super) const RULE: Rule =
    Rule { meta: Meta::of(include_str!("../../rules/action-unusable-with-key-spec.md")), check };

/// What a key is in one world.
struct Kind {
    guard: Guard,
    spec: String,
    usage: String,
}

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut by_key: BTreeMap<KeyId, BTreeMap<PrincipalId, Vec<&Grant<'_>>>> = BTreeMap::new();
    for grant in &cx.grants {
        if let Target::Key(key) = grant.target {
            by_key.entry(key).or_default().entry(grant.principal).or_default().push(grant);
        }
    }
    for (id, key, fact) in cx.estate.declared_keys().filter(|(_, _, fact)| !Key::is_replica(fact)) {
        let kinds = kinds(cx, fact);
        if kinds.is_empty() {
            continue;
        }
        for written in statements::of_key(cx.estate, key, fact) {
            if written.statement.effect == Some(Effect::Allow) {
                let dead = dead(cx, &kinds, written.statement, &written.guard);
                report(key, fact, &dead, |part| written.site(part), written.subject(), sink);
            }
        }
        for grants in by_key.get(&id).into_iter().flat_map(BTreeMap::values) {
            let dead: Vec<Dead<'_>> =
                grants.iter().flat_map(|grant| dead(cx, &kinds, grant.statement, &grant.guard)).collect();
            let Some(grant) = grants.iter().find(|grant| dead.first().is_some_and(|dead| dead.is_in(grant))) else {
                continue;
            };
            let subject = Subject::Grant(grant.entry.arn.to_string(), key.arn.to_string());
            report(key, fact, &dead, |span| Site { stack: grant.attached.stack, span }, subject, sink);
        }
    }
}

/// A pattern of which a key can do nothing.
struct Dead<'e> {
    pattern: &'e Guarded<ActionPattern>,
    guards: Vec<Guard>,
    kind: String,
}

impl Dead<'_> {
    fn is_in(&self, grant: &Grant<'_>) -> bool {
        grant.statement.actions.elements().iter().any(|pattern| std::ptr::eq(pattern, self.pattern))
    }
}

/// The spec and usage of a key in the worlds in which both are known, unless the deployer chooses them: then the choice goes with the grants.
fn kinds(cx: &Cx<'_>, fact: &Fact) -> Vec<Kind> {
    let known = worlds(cx, fact, &["KeySpec", "KeyUsage"], Choices::Default).into_iter().filter_map(|world| {
        let value = |setting: &Setting, default: &str| match setting {
            Setting::Absent => Some(default.to_owned()),
            Setting::Is(text) => Some(text.clone()),
            Setting::Unknown(_) => None,
        };
        let is_chosen = |atom: &Atom| matches!(atom, Atom::Parameter { .. });
        if world.guard.atoms().any(|(atom, _)| is_chosen(atom)) {
            return None;
        }
        let [spec, usage] = world.settings.as_slice() else { return None };
        Some(Kind {
            spec: value(spec, "SYMMETRIC_DEFAULT")?,
            usage: value(usage, "ENCRYPT_DECRYPT")?,
            guard: world.guard,
        })
    });
    known.collect()
}

/// The patterns of a statement of which a key of some of these kinds can do nothing.
fn dead<'e>(cx: &Cx<'_>, kinds: &[Kind], statement: &'e Statement, there: &Guard) -> Vec<Dead<'e>> {
    let mut found: Vec<Dead<'e>> = Vec::new();
    for kind in kinds {
        let is_dead = |action: Action| action.info().cryptographic && !action.works_with(&kind.spec, &kind.usage);
        for pattern in wholly(statement, is_dead) {
            let guard = there.and(&kind.guard).and_then(|guard| guard.and(&pattern.guard));
            let Some(guard) = guard.filter(|guard| cx.estate.feasible(guard)) else { continue };
            match found.iter_mut().find(|dead| std::ptr::eq(dead.pattern, pattern)) {
                Some(dead) => dead.guards.push(guard),
                None => found.push(Dead {
                    pattern,
                    guards: vec![guard],
                    kind: format!("`{}`, `{}`", kind.spec, kind.usage),
                }),
            }
        }
    }
    found
}

/// One finding for all of them: at the first.
fn report(
    key: &Key,
    fact: &Fact,
    dead: &[Dead<'_>],
    place: impl Fn(crate::source::Span) -> Site,
    subject: Subject,
    sink: &mut Sink<'_>,
) {
    let Some(first) = dead.first() else { return };
    let patterns: Vec<&Guarded<ActionPattern>> = dead.iter().map(|dead| dead.pattern).collect();
    let message = format!("key `{}` cannot do {}", key.name, list(&names(&patterns)));
    let mut report = sink.report(place(first.pattern.span), message);
    report
        .whenever(dead.iter().flat_map(|dead| &dead.guards))
        .here(format!("its spec and usage are {}", first.kind))
        .about(subject)
        .help("drop it, or give the key the `KeySpec` and `KeyUsage` that it is for");
    let property = if fact.property("KeyUsage").is_some() { "KeyUsage" } else { "KeySpec" };
    report.also(site(fact, property), "the key");
}
