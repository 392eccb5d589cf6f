//! What a rule sees.

use crate::estate::{Estate, Grant};

/// The estate and what was decided about it, for one run of all rules.
#[derive(Debug)]
pub struct Cx<'e> {
    /// Everything in view.
    pub estate: &'e Estate,
    /// Every grant of KMS actions in identity policies.
    pub grants: Vec<Grant<'e>>,
}

impl<'e> Cx<'e> {
    /// What the rules see of an estate.
    #[must_use]
    pub fn new(estate: &'e Estate) -> Self {
        Self { estate, grants: estate.grants() }
    }
}
