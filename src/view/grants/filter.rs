//! Which rows are wanted: by any name of a key or a principal, and by actions.

use super::super::names;
use super::interest::{Interests, Subject};
use super::row;
use crate::estate::{AliasTarget, Estate, KeyId, PrincipalId};
use crate::policy::{Action, ActionPattern};
use crate::resolve::Text;
use globset::{GlobBuilder, GlobMatcher};
use std::collections::BTreeSet;
use thiserror::Error;

/// What is wanted; nothing: everything.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// A key by logical id, ARN, id, alias, or construct path; `*` and `?` are wildcards.
    pub key: Option<String>,
    /// A principal by logical id, ARN, name, account id, service, or construct path; `*` and `?` are wildcards.
    pub principal: Option<String>,
    /// Actions: `Decrypt`, `kms:Decrypt`, `kms:Generate*`.
    pub action: Option<String>,
}

/// A filter that lets nothing through.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NothingMeant {
    /// No key has this name.
    #[error("no key in view is called `{0}`: a logical id, an ARN, an alias or a construct path names one")]
    Key(String),
    /// No principal has this name.
    #[error("no principal in view is called `{0}`: a logical id, an ARN, an account id or a construct path names one")]
    Principal(String),
    /// No action has this name.
    #[error("`{0}` is no action on a key, nor a pattern over some")]
    Action(String),
    /// Not a pattern.
    #[error("`{0}` is no pattern")]
    Pattern(String),
}

/// A filter, read.
#[derive(Debug)]
pub(super) struct Wanted {
    keys: Option<(Name, BTreeSet<KeyId>)>,
    principals: Option<(Name, BTreeSet<PrincipalId>)>,
    actions: Option<BTreeSet<Action>>,
}

/// A name as a user gives it.
#[derive(Debug)]
struct Name {
    text: String,
    pattern: Option<GlobMatcher>,
}

impl Name {
    fn new(text: &str) -> Result<Self, NothingMeant> {
        let is_pattern = text != "*" && text.contains(['*', '?']);
        let made = || GlobBuilder::new(text).literal_separator(false).build();
        let pattern = is_pattern.then(made).transpose().map_err(|_| NothingMeant::Pattern(text.to_owned()))?;
        Ok(Self { text: text.to_owned(), pattern: pattern.map(|glob| glob.compile_matcher()) })
    }

    fn is(&self, name: &str) -> bool {
        self.pattern.as_ref().map_or(name == self.text, |pattern| pattern.is_match(name))
    }

    fn is_one_of(&self, names: &[String]) -> bool {
        names.iter().any(|name| self.is(name))
    }
}

impl Wanted {
    pub(super) fn of(estate: &Estate, filter: &Filter) -> Result<Self, NothingMeant> {
        let keys = filter.key.as_deref().map(|text| keys(estate, text)).transpose()?;
        let principals = filter.principal.as_deref().map(|text| principals(estate, text)).transpose()?;
        let actions = filter.action.as_deref().map(actions).transpose()?;
        Ok(Self { keys, principals, actions })
    }

    /// The keys that are asked for, where some are.
    pub(super) fn keys(&self) -> Option<impl Iterator<Item = KeyId>> {
        self.keys.as_ref().map(|(_, keys)| keys.iter().copied())
    }

    pub(super) fn key(&self, id: KeyId) -> bool {
        self.keys.as_ref().is_none_or(|(_, keys)| keys.contains(&id))
    }

    /// Whether text that names no key of the estate is asked for.
    pub(super) fn reference(&self, text: &str) -> bool {
        self.keys.as_ref().is_none_or(|(name, _)| name.is(text))
    }

    pub(super) fn principal(&self, id: PrincipalId) -> bool {
        self.principals.as_ref().is_none_or(|(_, principals)| principals.contains(&id))
    }

    pub(super) fn subject(&self, subject: &Subject) -> bool {
        let Some((name, principals)) = &self.principals else { return true };
        match subject {
            Subject::Entry(id) => principals.contains(id),
            Subject::Account(account) => {
                name.is_one_of(&[account.to_string(), format!("account {account}"), root(account)])
            }
            Subject::Everyone | Subject::EveryoneElse => name.text == "*",
            Subject::Service(text) | Subject::Named(text) => {
                let text = text.to_string();
                let last = text.rsplit('/').next().unwrap_or_default().to_owned();
                name.is_one_of(&[text, last])
            }
        }
    }

    pub(super) fn action(&self, action: Action) -> bool {
        self.actions.as_ref().is_none_or(|actions| actions.contains(&action))
    }
}

fn root(account: &Text) -> String {
    format!("arn:aws:iam::{account}:root")
}

fn actions(text: &str) -> Result<BTreeSet<Action>, NothingMeant> {
    let full = if text.contains(':') { text.to_owned() } else { format!("kms:{text}") };
    let pattern = ActionPattern::new(Text::literal(&full));
    let found: BTreeSet<Action> = pattern.expand().filter(|action| row::is_on_key(*action)).collect();
    if found.is_empty() { Err(NothingMeant::Action(text.to_owned())) } else { Ok(found) }
}

fn keys(estate: &Estate, text: &str) -> Result<(Name, BTreeSet<KeyId>), NothingMeant> {
    let name = Name::new(text)?;
    let mut found: BTreeSet<KeyId> = estate
        .keys()
        .filter(|(_, key)| text == "*" || name.is_one_of(&names::of_key(estate, key)))
        .map(|(id, _)| id)
        .collect();
    for alias in &estate.aliases {
        let names: Vec<String> = alias.names.iter().map(|(_, name)| name.to_string()).collect();
        if name.is(&alias.logical)
            || name.is_one_of(&names)
            || names.iter().any(|own| text.ends_with(&format!(":{own}")))
        {
            found.extend(alias.targets.iter().filter_map(|(_, target)| match target {
                AliasTarget::Key(key) => Some(*key),
                AliasTarget::Alias(_) | AliasTarget::Unknown(_) => None,
            }));
        }
    }
    let may_be_reference = text.contains(['/', ':', '*', '$']);
    if found.is_empty() && !may_be_reference { Err(NothingMeant::Key(text.to_owned())) } else { Ok((name, found)) }
}

fn principals(estate: &Estate, text: &str) -> Result<(Name, BTreeSet<PrincipalId>), NothingMeant> {
    let name = Name::new(text)?;
    let entries = (0..).map(PrincipalId).zip(&estate.principals);
    let found: BTreeSet<PrincipalId> =
        entries.filter(|(_, entry)| name.is_one_of(&names::of_principal(estate, entry))).map(|(id, _)| id).collect();
    let wanted = Wanted { keys: None, principals: Some((name, found)), actions: None };
    let is_known =
        wanted.principals.as_ref().is_some_and(|(_, found)| !found.is_empty()) || text.contains(['*', '?']) || {
            let interests = Interests::of(estate, &wanted);
            !interests.decided.is_empty() || !interests.settled.is_empty()
        };
    match wanted.principals {
        Some(principals) if is_known => Ok(principals),
        _ => Err(NothingMeant::Principal(text.to_owned())),
    }
}
