//! Every policy statement in view, wherever it is written.

use super::Cx;
use crate::estate::{Estate, Fact, Key};
use crate::finding::{Site, Subject};
use crate::policy::{Action, ActionPattern, Guarded, Match, Statement};
use crate::resolve::{Guard, StackId};
use std::collections::BTreeSet;

/// A statement with its place.
pub(super) struct Written<'e> {
    /// The stack in which it is written.
    pub(super) stack: StackId,
    /// When it is there.
    pub(super) guard: Guard,
    /// The statement.
    pub(super) statement: &'e Statement,
    /// The key whose policy it is in, and its declaration; none in the policies of principals.
    pub(super) key: Option<(&'e Key, &'e Fact)>,
}

impl Written<'_> {
    /// A place in the statement.
    pub(super) fn site(&self, part: crate::source::Span) -> Site {
        Site { stack: self.stack, span: part }
    }

    /// The statement, for `yields-to`.
    pub(super) fn subject(&self) -> Subject {
        Subject::Place(self.site(self.statement.span))
    }

    /// The worlds that can be in which the statement and something in it are there together.
    pub(super) fn with(&self, cx: &Cx<'_>, part: &Guard) -> Option<Guard> {
        self.guard.and(part).filter(|guard| cx.estate.feasible(guard))
    }
}

/// The statements of the policies of declared keys.
pub(super) fn of_keys<'e>(cx: &Cx<'e>) -> impl Iterator<Item = Written<'e>> {
    let estate = cx.estate;
    estate.declared_keys().flat_map(move |(_, key, fact)| of_key(estate, key, fact))
}

/// The statements of the policy of one declared key.
pub(super) fn of_key<'e>(estate: &'e Estate, key: &'e Key, fact: &'e Fact) -> impl Iterator<Item = Written<'e>> {
    key.statements().filter_map(move |statement| {
        let guard = fact.guard.and(&statement.guard).filter(|guard| estate.feasible(guard))?;
        Some(Written { stack: fact.stack, guard, statement, key: Some((key, fact)) })
    })
}

/// The statements of the policies of principals, each once a stack, however many it is attached to.
pub(super) fn of_principals<'e>(cx: &Cx<'e>) -> impl Iterator<Item = Written<'e>> {
    let estate = cx.estate;
    let attached = estate.principals.iter().flat_map(|entry| entry.policies.iter().map(move |policy| (entry, policy)));
    let mut seen: BTreeSet<Site> = BTreeSet::new();
    attached.flat_map(move |(entry, attached)| {
        let there = entry.guard.and(&attached.guard);
        let statements = attached.document().into_iter().flat_map(|policy| &policy.statements);
        let written = statements.filter_map(|statement| {
            let guard = there.as_ref()?.and(&statement.guard).filter(|guard| estate.feasible(guard))?;
            Some(Written { stack: attached.stack, guard, statement, key: None })
        });
        written.filter(|written| seen.insert(written.site(written.statement.span))).collect::<Vec<_>>()
    })
}

/// All of them.
pub(super) fn all<'e>(cx: &Cx<'e>) -> impl Iterator<Item = Written<'e>> {
    of_keys(cx).chain(of_principals(cx))
}

/// The patterns of a statement of which everything that is of keys at all is so. A wildcard is none of them as long as it matches something else.
pub(super) fn wholly(statement: &Statement, is_so: impl Fn(Action) -> bool) -> Vec<&Guarded<ActionPattern>> {
    let Match::Only(patterns) = &*statement.actions else { return Vec::new() };
    let are_so = |pattern: &&Guarded<ActionPattern>| {
        let mut on_key = pattern.value.expand().filter(|action| action.info().on_key).peekable();
        on_key.peek().is_some() && on_key.all(&is_so)
    };
    patterns.iter().filter(are_so).collect()
}

/// Patterns as they are written, each once, sorted.
pub(super) fn names(patterns: &[&Guarded<ActionPattern>]) -> Vec<String> {
    let mut names: Vec<String> = patterns.iter().map(|pattern| pattern.value.text.to_string()).collect();
    names.sort();
    names.dedup();
    names
}
