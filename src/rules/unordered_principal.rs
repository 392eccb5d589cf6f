//! A key policy that names a role of the same template by its ARN as text: nothing says that the role has to be there first.

use super::{Cx, Rule, Sink};
use crate::estate::cycles::{Order, without_partition};
use crate::estate::{Fact, PrincipalEntry, PrincipalKind};
use crate::finding::{Meta, Site, Subject};
use crate::policy::{Guarded, Principal, Statement};
use crate::resolve::{StackId, Text, Truth};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/unordered-principal.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut declared: BTreeMap<(StackId, Text), &PrincipalEntry> = BTreeMap::new();
    for entry in cx.estate.principals.iter().filter(|entry| entry.declared) {
        if matches!(entry.kind, PrincipalKind::Role | PrincipalKind::User) {
            declared.insert((entry.stack, without_partition(&entry.arn)), entry);
        }
    }
    let mut orders: BTreeMap<StackId, Order> = BTreeMap::new();
    for (_, key, fact) in cx.estate.declared_keys() {
        let mut told = BTreeSet::new();
        for (statement, principal, arn) in key.statements().flat_map(named) {
            let Some(entry) = declared.get(&(fact.stack, without_partition(arn))) else { continue };
            let order = orders.entry(fact.stack).or_insert_with(|| Order::of(cx.estate, fact.stack));
            if order.is_after(&fact.name, &entry.logical) != Truth::No || !told.insert(&entry.logical) {
                continue;
            }
            let needs_key = order.is_after(&entry.logical, &fact.name) != Truth::No;
            report(cx, fact, statement, principal, entry, needs_key, sink);
        }
    }
}

fn named(statement: &Statement) -> impl Iterator<Item = (&Statement, &Guarded<Principal>, &Text)> {
    let elements = statement.principals.elements().iter();
    elements.filter_map(move |principal| Some((statement, principal, principal.value.as_arn()?)))
}

fn report(
    cx: &Cx<'_>,
    fact: &Fact,
    statement: &Statement,
    principal: &Guarded<Principal>,
    entry: &PrincipalEntry,
    needs_key: bool,
    sink: &mut Sink<'_>,
) {
    let guard = [&statement.guard, &principal.guard, &entry.guard]
        .into_iter()
        .try_fold(fact.guard.clone(), |all, guard| all.and(guard))
        .filter(|guard| cx.estate.feasible(guard));
    let Some(guard) = guard else { return };
    let site = Site { stack: fact.stack, span: principal.span };
    let (message, here, help) = if needs_key {
        (
            format!("the policy of `{}` names `{}`, which can only be created after the key", fact.name, entry.logical),
            "KMS refuses a principal that does not exist",
            "trust the account, with a condition on `aws:PrincipalArn` if only this role is meant: a condition is text and needs no role"
                .to_owned(),
        )
    } else {
        (
            format!(
                "the policy of `{}` names `{}` by text, and the key may be created first",
                fact.name, entry.logical
            ),
            "KMS refuses a principal that does not exist; nothing orders the two",
            format!("write `!GetAtt {}.Arn`, or add `DependsOn: {}` to the key", entry.logical, entry.logical),
        )
    };
    sink.report(site, message)
        .when(&guard)
        .here(here)
        .also(entry.site, "declared here")
        .about(Subject::Place(site))
        .help(help);
}
