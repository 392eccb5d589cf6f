//! What a rule sees.

use crate::authz::{Accounts, Surveyed, survey};
use crate::estate::cycles::{Cycles, in_templates};
use crate::estate::{Estate, Grant};
use std::sync::OnceLock;

/// The estate and what was decided about it, for one run of all rules.
#[derive(Debug)]
pub struct Cx<'e> {
    /// Everything in view.
    pub estate: &'e Estate,
    /// Every grant of KMS actions in identity policies.
    pub grants: Vec<Grant<'e>>,
    survey: OnceLock<Vec<Surveyed>>,
    across: OnceLock<Vec<Surveyed>>,
    cycles: OnceLock<Cycles>,
}

impl<'e> Cx<'e> {
    /// What the rules see of an estate.
    #[must_use]
    pub fn new(estate: &'e Estate) -> Self {
        Self {
            estate,
            grants: estate.grants(),
            survey: OnceLock::new(),
            across: OnceLock::new(),
            cycles: OnceLock::new(),
        }
    }

    /// What became of the grants on keys of the same account whose policies are in view; decided when the first rule asks.
    pub fn survey(&self) -> &[Surveyed] {
        self.survey.get_or_init(|| survey(self.estate, &self.grants, Accounts::Same))
    }

    /// What became of the grants on keys of another account whose policies are in view.
    pub fn survey_across(&self) -> &[Surveyed] {
        self.across.get_or_init(|| survey(self.estate, &self.grants, Accounts::Different))
    }

    /// The cycles inside of templates.
    pub fn cycles(&self) -> &Cycles {
        self.cycles.get_or_init(|| in_templates(self.estate))
    }
}
