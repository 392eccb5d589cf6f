//! A key policy statement about something else than its key: it has no effect.

use super::trust::{Absence, Worlds, may_be_own};
use super::words::list;
use super::{Cx, Rule, Sink};
use crate::estate::{Fact, Key};
use crate::finding::{Meta, Site, Subject};
use crate::policy::{Effect, Match, Part, Statement};
use crate::resolve::Guard;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/foreign-statement-resource.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, key, fact) in cx.estate.declared_keys() {
        for statement in key.statements() {
            let Match::Only(resources) = &statement.resources else { continue };
            if resources.is_empty() || resources.iter().all(|resource| may_be_own(key, &resource.value)) {
                continue;
            }
            let Some(base) = fact.guard.and(&statement.guard) else { continue };
            let mut own = Worlds::default();
            for resource in resources.iter().filter(|resource| may_be_own(key, &resource.value)) {
                own.is(&resource.guard);
            }
            for (_, unread) in statement.unread.iter().filter(|(part, _)| *part == Part::Resources) {
                own.may_be(&unread.guard, unread.value.why.clone());
            }
            for unknown in &statement.unknown {
                own.may_be(&unknown.guard, unknown.value.why.clone());
            }
            match own.absence(cx.estate, &base) {
                Absence::Nowhere => {}
                Absence::In(guards) => report(key, fact, statement, &guards, sink),
                Absence::Unknown(why) => {
                    let site = Site { stack: fact.stack, span: statement.span };
                    sink.undecided("key policy", site, why).key = Some(key.name.clone());
                }
            }
        }
    }
}

fn report(key: &Key, fact: &Fact, statement: &Statement, guards: &[Guard], sink: &mut Sink<'_>) {
    let foreign = statement.resources.elements().iter().filter(|resource| !may_be_own(key, &resource.value));
    let foreign: Vec<_> = foreign.collect();
    let Some(first) = foreign.first() else { return };
    let consequence = match statement.effect {
        Some(Effect::Allow) => "allows nothing",
        Some(Effect::Deny) => "denies nothing",
        None => return,
    };
    let mut names: Vec<String> = foreign.iter().map(|resource| resource.value.to_string()).collect();
    names.dedup();
    let verb = if names.len() > 1 { "are" } else { "is" };
    let message = format!("{} {verb} not key `{}`: this statement of its policy {consequence}", list(&names), key.name);
    sink.report(Site { stack: fact.stack, span: first.span }, message)
        .whenever(guards)
        .here("a key policy speaks of its own key only")
        .about(Subject::Place(Site { stack: fact.stack, span: statement.span }))
        .also(fact.site(), "the key")
        .help("write `Resource: \"*\"`, which means this key; the other key needs the statement in its own policy");
}
