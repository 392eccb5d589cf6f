//! What the rules on identity policies share.

use super::Cx;
use crate::estate::{AliasTarget, Grant, Key, KeyId, Target};
use crate::finding::Site;
use crate::policy::{Action, ActionPattern};
use std::collections::BTreeSet;

/// A grant by what the author wrote: a managed policy attached to ten roles is one statement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct GrantSite {
    site: Site,
    resource: String,
}

impl GrantSite {
    pub(super) fn of(grant: &Grant<'_>) -> Self {
        Self { site: grant.resource_site(), resource: grant.resource_text() }
    }
}

impl Grant<'_> {
    /// The actions, as written, that need a key and nothing but a key (`kms:CreateAlias` needs the alias too).
    pub(super) fn key_actions(&self) -> Vec<String> {
        self.key_actions_of(|_| true)
    }

    /// The same, as far as one of their actions is of some kind.
    pub(super) fn key_actions_of(&self, is_meant: impl Fn(Action) -> bool) -> Vec<String> {
        let patterns = self.statement.actions.elements().iter().filter(|pattern| pattern.value.is_kms());
        let is_any = |pattern: &ActionPattern| pattern.expand().any(|action| is_key_action(action) && is_meant(action));
        let on_key = patterns.filter(|pattern| is_any(&pattern.value));
        on_key.map(|pattern| pattern.value.text.to_string()).collect()
    }

    fn expanded(&self) -> BTreeSet<Action> {
        let patterns = self.statement.actions.elements().iter();
        patterns.flat_map(|pattern| pattern.value.expand()).filter(|action| is_key_action(*action)).collect()
    }
}

fn is_key_action(action: Action) -> bool {
    action.info().on_key && !action.info().on_alias
}

/// Whether the key behind an alias is, or may be, given with the same actions by another element of the same principal.
/// The key of an alias that is not in view may be any.
pub(super) fn covered_elsewhere(cx: &Cx<'_>, grant: &Grant<'_>) -> bool {
    let behind: Vec<KeyId> = cx.estate.keys_behind(grant.attached.stack, &grant.target);
    let wanted = grant.expanded();
    let together = |other: &&Grant<'_>| other.guard.and(&grant.guard).is_some_and(|both| cx.estate.feasible(&both));
    let others = cx.grants_of(grant.principal).iter().filter(together);
    let mut given: BTreeSet<Action> = BTreeSet::new();
    for other in others {
        let may_be_it = match &other.target {
            Target::Key(key) => behind.is_empty() || behind.contains(key),
            Target::Pattern(_) | Target::Unknown(_) => true,
            Target::KeyById(_)
            | Target::AliasName(..)
            | Target::AliasArn(..)
            | Target::BareId(_)
            | Target::OtherService
            | Target::Malformed(_) => false,
        };
        if may_be_it {
            given.extend(other.expanded());
        }
    }
    wanted.is_subset(&given)
}

impl Cx<'_> {
    /// The logical id of the key or alias that a target names, where a template declares it.
    pub(super) fn declared_name(&self, target: &Target) -> Option<&str> {
        let key = match target {
            Target::Key(key) | Target::KeyById(key) => *key,
            Target::AliasName(_, Some(alias)) | Target::AliasArn(_, Some(alias)) => {
                let alias = self.estate.aliases.get(alias.0 as usize)?;
                alias.targets.iter().find_map(|(_, target)| match target {
                    AliasTarget::Key(key) => Some(*key),
                    AliasTarget::Alias(_) | AliasTarget::Unknown(_) => None,
                })?
            }
            Target::AliasName(_, None)
            | Target::AliasArn(_, None)
            | Target::Pattern(_)
            | Target::BareId(_)
            | Target::OtherService
            | Target::Malformed(_)
            | Target::Unknown(_) => return None,
        };
        let key = self.estate.key(key)?;
        key.stack.map(|_| key.name.as_str())
    }

    /// The one key from elsewhere that an element of `Resource` means.
    pub(super) fn key_from_elsewhere(&self, grant: &Grant<'_>) -> Option<&Key> {
        match self.estate.keys_behind(grant.attached.stack, &grant.target).as_slice() {
            [only] => self.estate.key(*only).filter(|key| key.stack.is_none()),
            _ => None,
        }
    }

    /// Whether the same element of `Resource` names a key in another world (an import that is found by a parameter's default).
    pub(super) fn resolves_in_some_world(&self, grant: &Grant<'_>) -> bool {
        self.grants_of(grant.principal)
            .iter()
            .any(|other| other.span == grant.span && !matches!(other.target, Target::Unknown(_)))
    }

    /// What to do about a grant on a key from elsewhere.
    pub(super) fn imported_repair(&self, grant: &Grant<'_>) -> String {
        let from_cdk = self.estate.is_from_cdk(grant.statement_site());
        let cdk = if from_cdk {
            "; `grant*` and `addToResourcePolicy` on a key from `Key.fromKeyArn` do not touch its policy"
        } else {
            ""
        };
        format!(
            "see to it where the key is owned that its policy trusts this account (`kms:*` for the account root) or names the role{cdk}"
        )
    }
}
