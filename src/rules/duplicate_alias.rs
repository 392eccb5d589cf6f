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

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut by_name: BTreeMap<Text, Vec<Naming<'_>>> = BTreeMap::new();
    for alias in &cx.estate.aliases {
        for (guard, name) in alias_names(cx, alias) {
            by_name.entry(name).or_default().push(Naming { alias, guard });
        }
    }
    for (name, namings) in &by_name {
        for (at, second) in namings.iter().enumerate() {
            let before = namings.get(..at).unwrap_or_default();
            let others = before.iter().filter(|first| first.alias.fact != second.alias.fact);
            let mut unknown = false;
            let mut firsts = others.filter_map(|first| match same_place(cx, first.alias.stack, second.alias.stack) {
                Truth::No => None,
                Truth::Unknown => {
                    unknown = true;
                    None
                }
                Truth::Yes => together(cx, first, second).map(|both| (first, both)),
            });
            if let Some((first, both)) = firsts.next() {
                report(cx, sink, name, first, second, &both);
            } else if unknown {
                let why = format!(
                    "another stack creates `{name}` too, and whether both share an account and a Region is not known"
                );
                sink.undecided("alias", second.alias.name_site, why);
            }
        }
    }
}

/// When both are there.
fn together(cx: &Cx<'_>, first: &Naming<'_>, second: &Naming<'_>) -> Option<Guard> {
    first.guard.and(&second.guard).filter(|guard| cx.estate.feasible(guard))
}

fn report(cx: &Cx<'_>, sink: &mut Sink<'_>, name: &Text, first: &Naming<'_>, second: &Naming<'_>, both: &Guard) {
    let (first, second) =
        if needs(cx, first.alias.stack, second.alias.stack) { (second, first) } else { (first, second) };
    let elsewhere = match cx.estate.stack(first.alias.stack) {
        Some(stack) if first.alias.stack != second.alias.stack => format!(" in stack `{}`", stack.name),
        _ => String::new(),
    };
    sink.report(second.alias.name_site, format!("`{name}` is created a second time in this account and Region"))
        .when(both)
        .here("this one fails: the name is taken")
        .also(first.alias.name_site, format!("`{}` creates it first{elsewhere}", first.alias.logical))
        .help("make the name the stack's own, such as `alias/${AWS::StackName}-…`, or drop one of the two");
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
