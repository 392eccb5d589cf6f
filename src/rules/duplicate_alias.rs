//! Two resources that create the same alias in one account and Region: the second one fails.

use super::properties::alias_names;
use super::{Cx, Rule, Sink};
use crate::estate::Alias;
use crate::finding::Meta;
use crate::resolve::{Guard, StackId, Text, Truth};
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/duplicate-alias.md")), check };

/// An alias under one of its names.
#[derive(Clone)]
struct Naming<'e> {
    alias: &'e Alias,
    guard: Guard,
}

/// Two aliases that are created under the same name in some worlds.
struct Clash<'e> {
    name: Text,
    first: &'e Alias,
    second: &'e Alias,
    guards: Vec<Guard>,
}

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut by_name: BTreeMap<Text, Vec<Naming<'_>>> = BTreeMap::new();
    for alias in &cx.estate.aliases {
        let names = alias_names(cx, alias);
        if names.is_empty() {
            sink.undecided("alias", alias.name_site, "its name is not known from here");
        }
        for (guard, name) in names {
            by_name.entry(name).or_default().push(Naming { alias, guard });
        }
    }
    let mut clashes: BTreeMap<(usize, usize), Clash<'_>> = BTreeMap::new();
    for (name, namings) in &by_name {
        for (at, second) in namings.iter().enumerate() {
            let before = namings.get(..at).unwrap_or_default();
            if !add_clash(cx, name, before, second, &mut clashes) {
                let why = format!(
                    "another stack creates `{name}` too, and whether both share an account and a Region is not known"
                );
                sink.undecided("alias", second.alias.name_site, why);
            }
        }
    }
    for clash in clashes.values() {
        report(cx, sink, clash);
    }
}

/// Notes the first of the aliases before this one that has the same name at the same time and place; false where that place is not known.
fn add_clash<'e>(
    cx: &Cx<'_>,
    name: &Text,
    before: &[Naming<'e>],
    second: &Naming<'e>,
    clashes: &mut BTreeMap<(usize, usize), Clash<'e>>,
) -> bool {
    let mut known = true;
    for first in before.iter().filter(|first| first.alias.fact != second.alias.fact) {
        match same_place(cx, first.alias.stack, second.alias.stack) {
            Truth::No => continue,
            Truth::Unknown => {
                known = false;
                continue;
            }
            Truth::Yes => {}
        }
        let Some(both) = together(cx, first, second) else { continue };
        let pair = (first.alias.fact.min(second.alias.fact), first.alias.fact.max(second.alias.fact));
        let (first, second) = (first.alias, second.alias);
        let clash =
            clashes.entry(pair).or_insert_with(|| Clash { name: name.clone(), first, second, guards: Vec::new() });
        clash.guards.push(both);
        return true;
    }
    known
}

/// When both are there.
fn together(cx: &Cx<'_>, first: &Naming<'_>, second: &Naming<'_>) -> Option<Guard> {
    first.guard.and(&second.guard).filter(|guard| cx.estate.feasible(guard))
}

fn report(cx: &Cx<'_>, sink: &mut Sink<'_>, clash: &Clash<'_>) {
    let (first, second) = (clash.first, clash.second);
    let (first, second) = if needs(cx, first.stack, second.stack) { (second, first) } else { (first, second) };
    let elsewhere = match cx.estate.stack(first.stack) {
        Some(stack) if first.stack != second.stack => format!(" in stack `{}`", stack.name),
        _ => String::new(),
    };
    let name = &clash.name;
    sink.report(second.name_site, format!("`{name}` is created a second time in this account and Region"))
        .whenever(&clash.guards)
        .here("this one fails: the name is taken")
        .also(first.name_site, format!("`{}` creates it first{elsewhere}", first.logical))
        .help_or_cdk(
            "make the name the stack's own, such as `alias/${AWS::StackName}-…`, or drop one of the two",
            "put the name of the stack into `aliasName`, or drop one of the two",
        );
}

/// Whether two stacks are in one account and Region.
fn same_place(cx: &Cx<'_>, a: StackId, b: StackId) -> Truth {
    let (Some(a), Some(b)) = (cx.estate.stack(a), cx.estate.stack(b)) else { return Truth::Unknown };
    if a.id == b.id {
        return Truth::Yes;
    }
    a.environment.account.equals(&b.environment.account).and(a.environment.region.equals(&b.environment.region))
}

/// Whether one stack is deployed after another that it needs.
fn needs(cx: &Cx<'_>, stack: StackId, other: StackId) -> bool {
    cx.estate.links.iter().any(|link| link.from == stack && link.to == other)
}
