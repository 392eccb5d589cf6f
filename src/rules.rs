//! The rules: each is a page (`rules/<id>.md`) and a function. [`RULES`] is the only list.

mod context;
mod sink;

pub use context::Cx;
pub use sink::{Report, Sink};

use crate::finding::Meta;

/// A rule: the facts of its page, and its check. It has no state and cannot fail.
#[derive(Debug)]
pub struct Rule {
    /// The header of its page.
    pub meta: Meta,
    /// Reports what it finds.
    pub check: fn(&Cx<'_>, &mut Sink<'_>),
}

/// All rules, sorted by id.
pub static RULES: &[&Rule] = &[];
