//! The answer of `why`: a page for people, or JSON.

mod json;
mod snippet;
mod text;
mod yaml;

pub(super) use yaml::scalar;

use super::{Style, as_json};
use crate::source::Sources;
use crate::view::why::Why;

/// The format of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WhyFormat {
    /// A page for people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// The answer, ending with a line break.
#[must_use]
pub fn why(format: WhyFormat, why: &Why, sources: &Sources, style: &Style) -> String {
    match format {
        WhyFormat::Text => text::render(why, sources, style),
        WhyFormat::Json => as_json(&json::document(why, sources)),
    }
}
