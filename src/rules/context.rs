//! What a rule sees.

use super::naming::{Naming, namings};
use crate::authz::{Accounts, Surveyed, survey};
use crate::estate::cycles::{Cycles, in_templates};
use crate::estate::{Estate, Grant, KeyId, PrincipalId, Target};
use crate::finding::{ListOption, NumberOption, Settings};
use crate::resolve::StackId;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// The estate and what was decided about it, for one run of all rules.
#[derive(Debug)]
pub struct Cx<'e> {
    /// Everything in view.
    pub estate: &'e Estate,
    /// Every grant of KMS actions in identity policies, in the order of principals.
    pub grants: Vec<Grant<'e>>,
    settings: Settings,
    survey: OnceLock<Vec<Surveyed>>,
    across: OnceLock<Vec<Surveyed>>,
    cycles: OnceLock<Cycles>,
    granted: OnceLock<BTreeSet<KeyId>>,
    namings: OnceLock<Vec<Naming<'e>>>,
}

impl<'e> Cx<'e> {
    /// What the rules see of an estate.
    #[must_use]
    pub fn new(estate: &'e Estate) -> Self {
        Self {
            estate,
            grants: estate.grants(),
            settings: Settings::default(),
            survey: OnceLock::new(),
            across: OnceLock::new(),
            cycles: OnceLock::new(),
            granted: OnceLock::new(),
            namings: OnceLock::new(),
        }
    }

    /// The same with what is set for the rules.
    #[must_use]
    pub fn with(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// The number that is set for a rule.
    pub(super) fn number(&self, option: NumberOption) -> Option<u32> {
        self.settings.number(option)
    }

    /// The list that is set for a rule; empty where none is.
    pub(super) fn list(&self, option: ListOption) -> &[String] {
        self.settings.list(option)
    }

    /// What became of the grants on keys of the same account whose policies are in view; decided when the first rule asks.
    pub fn survey(&self) -> &[Surveyed] {
        self.survey.get_or_init(|| survey(self.estate, &self.grants, Accounts::Same))
    }

    /// What became of the grants on keys of another account whose policies are in view.
    pub fn survey_across(&self) -> &[Surveyed] {
        self.across.get_or_init(|| survey(self.estate, &self.grants, Accounts::Different))
    }

    /// Every property that names a key, with what it names in its worlds.
    pub(super) fn namings(&self) -> &[Naming<'e>] {
        self.namings.get_or_init(|| namings(self))
    }

    /// The properties of a resource that name a key.
    pub(super) fn namings_of(&self, stack: StackId, resource: &str) -> &[Naming<'e>] {
        let all = self.namings();
        let first = all.partition_point(|naming| naming.order() < (stack, resource));
        let of_others = all.get(first..).unwrap_or_default();
        let count = of_others.partition_point(|naming| naming.order() == (stack, resource));
        of_others.get(..count).unwrap_or_default()
    }

    /// The grants of a principal.
    pub(super) fn grants_of(&self, principal: PrincipalId) -> &[Grant<'e>] {
        let first = self.grants.partition_point(|grant| grant.principal < principal);
        let of_others = self.grants.get(first..).unwrap_or_default();
        let count = of_others.partition_point(|grant| grant.principal == principal);
        of_others.get(..count).unwrap_or_default()
    }

    /// Whether some IAM policy names a key, whoever provides it.
    pub(super) fn is_granted(&self, key: KeyId) -> bool {
        let granted = self.granted.get_or_init(|| {
            let keys = self.grants.iter().filter_map(|grant| match grant.target {
                Target::Key(key) if !grant.guard.names_a_provider() => Some(key),
                _ => None,
            });
            keys.collect()
        });
        granted.contains(&key)
    }

    /// The cycles inside of templates.
    pub fn cycles(&self) -> &Cycles {
        self.cycles.get_or_init(|| in_templates(self.estate))
    }
}
