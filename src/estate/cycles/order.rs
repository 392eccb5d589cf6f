//! In which order CloudFormation creates the resources of a stack.

use super::graph::{At, Graph, Search};
use super::{Estate, Node, resources};
use crate::resolve::{Guard, StackId, Truth};
use std::collections::BTreeSet;

/// The references between the resources of a stack: each is created after those that it refers to.
#[derive(Debug)]
pub struct Order {
    stack: StackId,
    graph: Graph,
    all: BTreeSet<At>,
}

impl Order {
    /// The order of the resources of a stack.
    #[must_use]
    pub fn of(estate: &Estate, stack: StackId) -> Self {
        let graph = resources::graph(estate, stack);
        let all = graph.nodes().map(|(at, _)| at).collect();
        Self { stack, graph, all }
    }

    /// Whether a resource is created after another, by a chain of references or `DependsOn` that is there in some deployment; unknown where
    /// conditions are too many to tell.
    #[must_use]
    pub fn is_after(&self, later: &str, earlier: &str) -> Truth {
        let at = |name: &str| self.graph.find(&Node::resource(self.stack, name));
        let (Some(from), Some(to)) = (at(later), at(earlier)) else { return Truth::No };
        match self.graph.path(from, to, &Guard::ALWAYS, &self.all, &|_| true) {
            Search::Found(..) => Truth::Yes,
            Search::Nothing => Truth::No,
            Search::TooMany => Truth::Unknown,
        }
    }
}
