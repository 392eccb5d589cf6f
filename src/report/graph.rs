//! The picture of an estate: a page, diagrams as text, or data.

mod data;
mod dot;
mod drawing;
mod excerpt;
mod html;
mod mermaid;

use super::{UnknownFormat, as_json, named};
use crate::source::Sources;
use crate::view::graph::Graph;
use std::str::FromStr;

/// The format of a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GraphFormat {
    /// A page of its own.
    #[default]
    Html,
    /// A diagram in Mermaid's language.
    Mermaid,
    /// A diagram in Graphviz' language.
    Dot,
    /// The documented form for programs.
    Json,
}

impl GraphFormat {
    /// All, in the order in which help lists them.
    pub const ALL: [Self; 4] = [Self::Html, Self::Mermaid, Self::Dot, Self::Json];

    /// Its name in options.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Mermaid => "mermaid",
            Self::Dot => "dot",
            Self::Json => "json",
        }
    }
}

impl FromStr for GraphFormat {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        named(name, Self::ALL, Self::name)
    }
}

/// The picture, ending with a line break.
#[must_use]
pub fn graph(format: GraphFormat, graph: &Graph, sources: &Sources) -> String {
    match format {
        // Strings and numbers have no way to fail.
        GraphFormat::Html => html::page(&serde_json::to_string(&data::document(graph, sources)).unwrap_or_default()),
        GraphFormat::Mermaid => mermaid::render(graph),
        GraphFormat::Dot => dot::render(graph),
        GraphFormat::Json => as_json(&data::document(graph, sources)),
    }
}

/// What to do where a picture is larger than what its format's usual reader draws.
#[must_use]
pub fn too_large(format: GraphFormat, text: &str) -> Option<String> {
    (format == GraphFormat::Mermaid).then(|| mermaid::too_large(text)).flatten()
}
