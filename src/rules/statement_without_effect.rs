//! A key policy statement without `Resource` or `Action`: KMS takes it and never applies it.

use super::trust::is_own_account;
use super::{Cx, Rule, Sink};
use crate::finding::{Meta, Site, Subject};
use crate::policy::{Effect, Match, Statement};
use crate::resolve::Truth;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/statement-without-effect.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, key, fact) in cx.estate.declared_keys() {
        for statement in key.statements() {
            let Some(missing) = missing(statement) else { continue };
            let Some(guard) = fact.guard.and(&statement.guard) else { continue };
            let site = Site { stack: fact.stack, span: statement.span };
            if let Some(unknown) = statement.hidden() {
                sink.undecided("key policy", site, unknown.value.why.clone());
                continue;
            }
            let consequence = match statement.effect {
                Some(Effect::Allow) => "it allows nothing",
                Some(Effect::Deny) => "it denies nothing",
                None => continue,
            };
            let name = statement.sid.as_ref().map(|sid| format!(" `{sid}`")).unwrap_or_default();
            let mut report = sink.report(site, format!("the statement{name} has no {missing}: {consequence}"));
            report
                .when(&guard)
                .here("KMS takes this statement and never applies it")
                .about(Subject::Place(site))
                .also(fact.site(), "the key")
                .help("add `Resource: \"*\"` (this key) and the actions that are meant");
            let principals = statement.principals.elements().iter();
            if principals.map(|principal| is_own_account(&principal.value, key)).any(|own| own == Truth::Yes) {
                // What the key lacks by it is the same defect.
                report.about(Subject::Resource(fact.stack, fact.name.clone()));
            }
        }
    }
}

/// What a statement lacks.
fn missing(statement: &Statement) -> Option<&'static str> {
    let lacks_resource = matches!(statement.resources, Match::Missing);
    let lacks_action = matches!(*statement.actions, Match::Missing);
    match (lacks_resource, lacks_action) {
        (true, true) => Some("`Resource` and no `Action`"),
        (true, false) => Some("`Resource`"),
        (false, true) => Some("`Action`"),
        (false, false) => None,
    }
}
