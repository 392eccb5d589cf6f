//! What a rule sees.

use crate::authz::{Surveyed, survey};
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
}

impl<'e> Cx<'e> {
    /// What the rules see of an estate.
    #[must_use]
    pub fn new(estate: &'e Estate) -> Self {
        Self { estate, grants: estate.grants(), survey: OnceLock::new() }
    }

    /// What became of the grants on keys whose policies are in view; decided when the first rule asks.
    pub fn survey(&self) -> &[Surveyed] {
        self.survey.get_or_init(|| survey(self.estate, &self.grants))
    }
}
