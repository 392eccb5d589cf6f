//! What is left of a deleted user or role in a key policy.

use super::{Cx, Rule, Sink};
use crate::finding::{Meta, Site, Subject};
use crate::policy::Principal;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/dangling-principal.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, key, fact) in cx.estate.declared_keys() {
        for statement in key.statements() {
            for principal in statement.principals.elements() {
                let Principal::UniqueId(id) = &principal.value else { continue };
                let guard = fact.guard.and(&statement.guard).and_then(|guard| guard.and(&principal.guard));
                let Some(guard) = guard.filter(|guard| cx.estate.feasible(guard)) else { continue };
                let what = if id.starts_with("AIDA") { "user" } else { "role" };
                let site = Site { stack: fact.stack, span: principal.span };
                sink.report(site, format!("the policy of `{}` names `{id}`, a {what} that was deleted", key.name))
                    .when(&guard)
                    .here("the unique id is what KMS shows of a principal that is gone; a new one of the same name is another")
                    .about(Subject::Place(site))
                    .help(format!("take it out, or name the {what} that is meant by its ARN"));
            }
        }
    }
}
