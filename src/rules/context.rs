//! What a rule sees.

use crate::estate::Estate;

/// The estate and what was decided about it, for one run of all rules.
#[derive(Clone, Copy)]
pub struct Cx<'e> {
    /// Everything in view.
    pub estate: &'e Estate,
}
