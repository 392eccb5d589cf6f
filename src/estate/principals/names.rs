//! Which identity a name means.

use super::{PrincipalEntry, PrincipalKind};
use crate::resolve::{StackId, Symbol, Text, Truth};
use std::collections::{BTreeMap, BTreeSet};

/// The identities of an estate by their names.
#[derive(Default)]
pub(super) struct Names {
    by_name: BTreeMap<(PrincipalKind, Text), Vec<usize>>,
    /// Names with holes.
    open: BTreeSet<(PrincipalKind, Text)>,
}

impl Names {
    pub(super) fn enter(&mut self, kind: PrincipalKind, name: &Text, at: usize) {
        self.by_name.entry((kind, name.clone())).or_default().push(at);
        if name.as_literal().is_none() {
            self.open.insert((kind, name.clone()));
        }
    }

    fn known(&self, kind: PrincipalKind, name: &Text) -> &[usize] {
        self.by_name.get(&(kind, name.clone())).map_or(&[][..], Vec::as_slice)
    }

    /// The identity of this name in an account.
    pub(super) fn find(
        &self,
        entries: &[PrincipalEntry],
        kind: PrincipalKind,
        name: &Text,
        account: &Text,
    ) -> Option<usize> {
        let is_there = |at: &&usize| entries.get(**at).is_some_and(|entry| entry.account.equals(account) == Truth::Yes);
        self.known(kind, name).iter().find(is_there).copied()
    }

    /// The identity that a name means as a stack sees it. Templates that lie side by side may declare one name twice: then it is that of the
    /// stack itself.
    pub(super) fn meant(
        &self,
        entries: &[PrincipalEntry],
        kind: PrincipalKind,
        name: &Text,
        account: &Text,
        stack: StackId,
    ) -> Option<usize> {
        let is_own = |at: &&usize| entries.get(**at).is_some_and(|entry| entry.stack == stack);
        let own = self.known(kind, name).iter().find(is_own).copied();
        own.or_else(|| self.find(entries, kind, name, account))
    }

    /// Declared identities that a name, as a stack sees it, may mean, although that is not certain. A literal name is compared with those that
    /// have holes alone.
    pub(super) fn possible(
        &self,
        entries: &[PrincipalEntry],
        kind: PrincipalKind,
        name: &Text,
        account: &Text,
        stack: StackId,
    ) -> Vec<usize> {
        let meant = self.meant(entries, kind, name, account, stack);
        let first = (kind, Text::default());
        let is_of_kind = |known: &&(PrincipalKind, Text)| known.0 == kind;
        let names: Vec<&Text> = match name.as_literal() {
            Some(_) => self.open.range(first..).take_while(is_of_kind).map(|(_, open)| open).chain([name]).collect(),
            None => self
                .by_name
                .range(first..)
                .map(|(known, _)| known)
                .take_while(is_of_kind)
                .map(|(_, known)| known)
                .collect(),
        };
        let mut possible = Vec::new();
        for other in names {
            let same_name = other.equals(name);
            if same_name == Truth::No {
                continue;
            }
            let may_be = |at: &usize| {
                let entry = entries.get(*at).filter(|entry| entry.declared);
                entry.is_some_and(|entry| {
                    let may_be = entry.account.equals(account) != Truth::No && meant != Some(*at);
                    may_be && !(entry.stack == stack && is_made_here(name, other, stack))
                })
            };
            possible.extend(self.known(kind, other).iter().copied().filter(may_be));
        }
        possible
    }
}

/// Whether one of two names is generated with this stack, and the other is given to the stack: nobody knows the one when the other is chosen.
fn is_made_here(a: &Text, b: &Text, stack: StackId) -> bool {
    let is_generated = |text: &Text| matches!(text.as_symbol(), Some(Symbol::Resource(..)));
    let is_given =
        |text: &Text| text.symbols().all(|symbol| matches!(symbol, Symbol::Parameter(of, _) if *of == stack));
    (is_generated(a) && is_given(b)) || (is_generated(b) && is_given(a))
}
