//! The graph in which cycles are searched: parts, and the places by which one needs another.

use super::{Allowed, Edge, Estate, Node, Step, Through};
use crate::finding::Site;
use crate::resolve::Guard;
use petgraph::algo::{is_cyclic_directed, tarjan_scc};
use petgraph::graph::{DiGraph, EdgeIndex, NodeIndex};
use petgraph::visit::EdgeRef;
use std::collections::{BTreeMap, BTreeSet};

/// Most states of a search: each is a part under one combination of conditions.
const MOST_STATES: usize = 20_000;

/// A part in its graph.
pub(super) type At = NodeIndex;
/// A place in its graph.
pub(super) type Via = EdgeIndex;

/// What an edge has to do with a key.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum About {
    /// It stands in the policy of this key.
    Policy(Node),
    /// Its value is the ARN, the id or a name of this key or alias.
    Value(Node),
}

/// A place by which one part needs another.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wire {
    pub(super) site: Site,
    pub(super) through: Through,
    pub(super) guard: Guard,
    pub(super) about: Option<About>,
}

/// What a search for a path gives.
#[derive(Debug, PartialEq)]
pub(super) enum Search {
    /// A shortest path and the guard under which it is there.
    Found(Guard, Vec<Via>),
    Nothing,
    /// More combinations of conditions than are looked at.
    TooMany,
}

/// Whether pairs of who needs whom close a circle.
pub(super) fn has_circle<'n, N: Ord + ?Sized + 'n>(pairs: impl Iterator<Item = (&'n N, &'n N)>) -> bool {
    let mut numbers: BTreeMap<&N, u32> = BTreeMap::new();
    let mut number = |name| {
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        *numbers.entry(name).or_insert(next)
    };
    let edges: Vec<(u32, u32)> = pairs.map(|(from, to)| (number(from), number(to))).collect();
    is_cyclic_directed(&DiGraph::<(), ()>::from_edges(edges))
}

/// Parts and places, in the order in which they were entered.
#[derive(Debug, Default)]
pub(super) struct Graph {
    inner: DiGraph<Node, Wire>,
    at: BTreeMap<Node, At>,
}

impl Graph {
    /// Enters a place, and its two parts if they are new.
    pub(super) fn connect(&mut self, from: Node, to: Node, wire: Wire) {
        let (from, to) = (self.enter(from), self.enter(to));
        self.inner.add_edge(from, to, wire);
    }

    fn enter(&mut self, node: Node) -> At {
        match self.at.get(&node) {
            Some(at) => *at,
            None => {
                let at = self.inner.add_node(node.clone());
                self.at.insert(node, at);
                at
            }
        }
    }

    pub(super) fn find(&self, node: &Node) -> Option<At> {
        self.at.get(node).copied()
    }

    pub(super) fn nodes(&self) -> impl Iterator<Item = (At, &Node)> {
        self.inner.node_indices().zip(self.inner.node_weights())
    }

    /// Indices come from this graph, which never loses a part or a place.
    pub(super) fn node(&self, at: At) -> &Node {
        &self.inner[at]
    }

    pub(super) fn wire(&self, via: Via) -> &Wire {
        &self.inner[via]
    }

    fn ends(&self, via: Via) -> (At, At) {
        self.inner.edge_endpoints(via).unwrap_or_default()
    }

    /// The places from one part to another, in the order of entry.
    pub(super) fn between(&self, from: At, to: At) -> Vec<Via> {
        let mut found: Vec<Via> = self.inner.edges_connecting(from, to).map(|edge| edge.id()).collect();
        found.sort();
        found
    }

    /// The places whose both ends are in a component, in the order of entry.
    pub(super) fn within(&self, component: &BTreeSet<At>) -> impl Iterator<Item = Via> {
        self.inner.edge_indices().filter(|via| {
            let (from, to) = self.ends(*via);
            from != to && component.contains(&from) && component.contains(&to)
        })
    }

    /// The sets of two and more parts that all need each other, in the order of their first parts.
    pub(super) fn components(&self) -> Vec<BTreeSet<At>> {
        let mut components: Vec<BTreeSet<At>> = tarjan_scc(&self.inner)
            .into_iter()
            .filter(|component| component.len() > 1)
            .map(|component| component.into_iter().collect())
            .collect();
        components.sort();
        components
    }

    /// The parts that a path touches.
    pub(super) fn parts(&self, path: &[Via]) -> BTreeSet<At> {
        path.iter().map(|via| self.ends(*via)).flat_map(|(from, to)| [from, to]).collect()
    }

    /// A shortest path of at least one step, in parts of `within` and under a guard that includes `guard` and is allowed.
    /// A part that needs itself is no step.
    pub(super) fn path(&self, from: At, to: At, guard: &Guard, within: &BTreeSet<At>, allowed: Allowed<'_>) -> Search {
        struct State {
            at: At,
            guard: Guard,
            came: Option<(usize, Via)>,
        }
        let mut states = vec![State { at: from, guard: guard.clone(), came: None }];
        let mut reached: BTreeMap<At, Vec<Guard>> = BTreeMap::new();
        let mut next = 0;
        while let Some(state) = states.get(next) {
            let (at, so_far) = (state.at, state.guard.clone());
            for via in self.leaving(at) {
                let (_, target) = self.ends(via);
                let Some(guard) = so_far.and(&self.wire(via).guard) else { continue };
                let known = reached.entry(target).or_default();
                let is_covered = known.iter().any(|less| super::includes(&guard, less));
                if target == at || !within.contains(&target) || is_covered || !allowed(&guard) {
                    continue;
                }
                if target == to {
                    let mut path = vec![via];
                    let mut came = states.get(next).and_then(|state| state.came);
                    while let Some((before, via)) = came {
                        path.push(via);
                        came = states.get(before).and_then(|state| state.came);
                    }
                    path.reverse();
                    return Search::Found(guard, path);
                }
                if states.len() >= MOST_STATES {
                    return Search::TooMany;
                }
                known.push(guard.clone());
                states.push(State { at: target, guard, came: Some((next, via)) });
            }
            next += 1;
        }
        Search::Nothing
    }

    fn leaving(&self, at: At) -> Vec<Via> {
        let mut leaving: Vec<Via> = self.inner.edges(at).map(|edge| edge.id()).collect();
        leaving.sort();
        leaving
    }

    /// A shortest cycle that begins with one of these places.
    pub(super) fn shortest_through(&self, places: &[Via], within: &BTreeSet<At>, allowed: Allowed<'_>) -> Search {
        let mut best = Search::Nothing;
        for first in places {
            let (from, to) = self.ends(*first);
            match (self.path(to, from, &self.wire(*first).guard, within, allowed), &best) {
                (Search::Found(_, path), Search::Found(_, least)) if path.len() + 1 >= least.len() => {}
                (Search::Found(guard, path), _) => {
                    best = Search::Found(guard, std::iter::once(*first).chain(path).collect());
                }
                (Search::TooMany, Search::Nothing) => best = Search::TooMany,
                (Search::TooMany | Search::Nothing, _) => {}
            }
        }
        best
    }

    /// A path as steps. Every place beside it that closes the same step under this guard belongs to the step.
    pub(super) fn steps(&self, estate: &Estate, path: &[Via], guard: &Guard) -> Vec<Step> {
        path.iter()
            .map(|via| {
                let (from, to) = self.ends(*via);
                let beside = self.between(from, to).into_iter().filter(|other| other != via);
                let edges = std::iter::once(*via)
                    .chain(beside.filter(|other| guard.and(&self.wire(*other).guard).is_some()))
                    .map(|via| self.edge(estate, from, via));
                Step { from: self.node(from).clone(), to: self.node(to).clone(), edges: edges.collect() }
            })
            .collect()
    }

    fn edge(&self, estate: &Estate, from: At, via: Via) -> Edge {
        let wire = self.wire(via);
        let place = estate.place(wire.site);
        let prefix = self.node(from).resource.as_ref().map(|name| format!("Resources.{name}."));
        let path = prefix.and_then(|prefix| place.path.strip_prefix(&prefix)).unwrap_or(&place.path).to_owned();
        Edge { site: wire.site, path, through: wire.through }
    }
}
