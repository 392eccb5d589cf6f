//! What a step of a cycle says.

use super::{Edge, Step, Through};
use crate::estate::{Estate, LinkKind};

/// The sentence of a place that makes one part need another.
#[must_use]
pub fn need(estate: &Estate, step: &Step, edge: &Edge) -> String {
    let (from, to) = (estate.node_name(&step.from), estate.node_name(&step.to));
    match edge.through {
        _ if step.from == step.to => format!("`{from}` refers to itself through `{}`", shorten(&edge.path)),
        Through::Reference
        | Through::Link(LinkKind::Import | LinkKind::StackOutput | LinkKind::Nested | LinkKind::StackSet) => {
            format!("`{from}` needs `{to}` through `{}`", shorten(&edge.path))
        }
        Through::DependsOn => format!("`{from}` waits for `{to}` by `DependsOn`"),
        Through::MadeRole => format!("`{from}` needs `{to}`, the role that SAM makes for it"),
        Through::Link(LinkKind::Stored) => {
            format!("`{from}` reads what `{to}` stores: that holds up the first deployment only")
        }
        Through::Link(LinkKind::Manifest) => format!("`{from}` needs `{to}` by the manifest of the assembly"),
    }
}

/// A path without its middle: the property it begins with and the element it ends in are enough beside the place itself.
fn shorten(path: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    let mut depth = 0_usize;
    let mut start = 0;
    for (at, character) in path.char_indices() {
        match character {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '.' if depth == 0 => {
                words.extend(path.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    words.extend(path.get(start..));
    let head = if path.starts_with("Resources.") { 4 } else { 2 };
    match (words.get(..head), words.len().checked_sub(2).and_then(|tail| words.get(tail..))) {
        (Some(first), Some(last)) if words.len() > head + 2 => format!("{}…{}", first.join("."), last.join(".")),
        _ => path.to_owned(),
    }
}
