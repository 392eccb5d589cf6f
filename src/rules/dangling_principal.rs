//! A principal of a key policy that is not there: what is left of a deleted user or role, or a role that a complete inventory does not have.

use super::trust::account_of;
use super::{Cx, Rule, Sink};
use crate::estate::Key;
use crate::finding::{Meta, Site, Subject};
use crate::policy::Principal;
use crate::resolve::{Guard, Text, Truth};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/dangling-principal.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, key, fact) in cx.estate.declared_keys() {
        for statement in key.statements() {
            for principal in statement.principals.elements() {
                let guard = fact.guard.and(&statement.guard).and_then(|guard| guard.and(&principal.guard));
                let Some(guard) = guard.filter(|guard| cx.estate.feasible(guard)) else { continue };
                let site = Site { stack: fact.stack, span: principal.span };
                match &principal.value {
                    Principal::UniqueId(id) => deleted(key, id, site, &guard, sink),
                    Principal::Arn(arn) => missing(cx, key, arn, site, &guard, sink),
                    _ => {}
                }
            }
        }
    }
}

fn deleted(key: &Key, id: &str, site: Site, guard: &Guard, sink: &mut Sink<'_>) {
    let what = if id.starts_with("AIDA") { "user" } else { "role" };
    sink.report(site, format!("the policy of `{}` names `{id}`, a {what} that was deleted", key.name))
        .when(guard)
        .here("the unique id is what KMS shows of a principal that is gone; a new one of the same name is another")
        .about(Subject::Place(site))
        .help(format!("take it out, or name the {what} that is meant by its ARN"));
}

/// A role of the key's own account. Of another account it is that account's matter to have it.
fn missing(cx: &Cx<'_>, key: &Key, arn: &Text, site: Site, guard: &Guard, sink: &mut Sink<'_>) {
    let Some(account) = account_of(arn).filter(|account| account.equals(&key.account) != Truth::No) else { return };
    if cx.estate.lacks_role(arn) != Truth::Yes {
        return;
    }
    if account.equals(&key.account) == Truth::Unknown {
        let why =
            format!("whether `{}` belongs to account `{account}`, which has no role `{arn}`, is not known", key.name);
        sink.undecided("principal", site, why).key = Some(key.name.clone());
        return;
    }
    sink.report(site, format!("the policy of `{}` names `{arn}`, a role that does not exist", key.name))
        .when(guard)
        .here("neither a template nor the inventory, which is complete, has this role: KMS refuses the policy")
        .about(Subject::Place(site))
        .help("take it out, or name a role that exists; if this one does, take the inventory again");
}
