//! What all diagrams have in common: one line for all ways in which two nodes are linked alike, and nodes by stack.

use crate::view::grants::Outcome;
use crate::view::graph::{CycleKind, Edge, End, Graph, Link, Node, Part, Stack};
use std::collections::{BTreeMap, BTreeSet};

/// Most actions that a line names; the rest is counted.
const MOST_ACTIONS: usize = 3;

/// Edges between the same ends that mean the same.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) from: End,
    pub(super) to: End,
    pub(super) outcome: Option<Outcome>,
    /// Whether it is part of a cycle.
    pub(super) closes: bool,
    pub(super) label: String,
}

/// The lines of a graph, in the order of their first edges.
pub(super) fn lines(graph: &Graph) -> Vec<Line> {
    let mut order = Vec::new();
    let mut alike: BTreeMap<(End, End, Link, Option<Outcome>), Vec<&Edge>> = BTreeMap::new();
    for edge in &graph.edges {
        let way = (edge.from, edge.to, edge.link, edge.outcome);
        let edges = alike.entry(way).or_default();
        if edges.is_empty() {
            order.push(way);
        }
        edges.push(edge);
    }
    let line = |way| {
        let edges = alike.get(&way).map_or(&[][..], Vec::as_slice);
        let (from, to, link, outcome) = way;
        let closes = edges.iter().any(|edge| !edge.cycles.is_empty());
        Line { from, to, outcome, closes, label: label(graph, link, outcome, edges) }
    };
    order.into_iter().map(line).collect()
}

fn label(graph: &Graph, link: Link, outcome: Option<Outcome>, edges: &[&Edge]) -> String {
    let mut words: Vec<String> =
        outcome.filter(|_| link == Link::Grant).map(|it| sign(it).to_owned()).into_iter().collect();
    match link {
        Link::Grant => words.push(actions(edges)),
        Link::Need if edges.iter().any(|edge| is_latent(graph, edge)) => words.push("↻ needs (latent)".to_owned()),
        Link::Need => words.push("↻ needs".to_owned()),
        Link::Alias | Link::Use => match outcome {
            Some(Outcome::Effective) | None => {}
            Some(Outcome::Ineffective) => words.push("✗ names no key".to_owned()),
            Some(Outcome::Undecided) => words.push("? not known".to_owned()),
        },
    }
    if link != Link::Need && edges.iter().any(|edge| !edge.cycles.is_empty()) {
        words.push("↻".to_owned());
    }
    words.join(" ")
}

fn is_latent(graph: &Graph, edge: &Edge) -> bool {
    let cycles = edge.cycles.iter().filter_map(|cycle| graph.cycles.get(*cycle));
    cycles.into_iter().all(|cycle| cycle.kind == CycleKind::Latent)
}

fn actions(edges: &[&Edge]) -> String {
    let mut seen = BTreeSet::new();
    let all: Vec<&str> =
        edges.iter().flat_map(|edge| &edge.actions).map(String::as_str).filter(|action| seen.insert(*action)).collect();
    let shown = all.iter().take(MOST_ACTIONS).copied().collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(MOST_ACTIONS) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// An outcome in a character.
pub(super) const fn sign(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Effective => "✓",
        Outcome::Ineffective => "✗",
        Outcome::Undecided => "?",
    }
}

/// What a node is and is called.
pub(super) fn title(node: &Node) -> (String, &str) {
    let kind = match (node.part, node.kind.as_str()) {
        (Part::Key, "declared") => "key".to_owned(),
        (Part::Key, "imported") => "imported key".to_owned(),
        (Part::Key, "aws-managed") => "AWS managed key".to_owned(),
        (Part::Key, "pattern") => "any key".to_owned(),
        (Part::Key, _) => "no key in view".to_owned(),
        (Part::Alias, "declared") => "alias".to_owned(),
        (Part::Alias, _) => "imported alias".to_owned(),
        (Part::Principal, "holder") => "policy that nobody has".to_owned(),
        (Part::Principal | Part::Consumer | Part::Resource, kind) => kind.to_owned(),
    };
    let kind = if node.cycles.is_empty() { kind } else { format!("↻ {kind}") };
    (kind, &node.label)
}

/// What a stack is called, told from others of its name.
pub(super) fn stack_title(stack: &Stack) -> &str {
    stack.id.strip_prefix("stack:").unwrap_or(&stack.name)
}

/// Nodes by the stack that declares them, and stacks by the one in which they are nested.
#[derive(Debug, Default)]
pub(super) struct Groups {
    nodes: BTreeMap<Option<usize>, Vec<usize>>,
    nested: BTreeMap<Option<usize>, Vec<usize>>,
}

impl Groups {
    pub(super) fn of(graph: &Graph) -> Self {
        let mut groups = Self::default();
        let mut drawn = BTreeSet::new();
        for (at, node) in graph.nodes.iter().enumerate() {
            groups.nodes.entry(node.stack).or_default().push(at);
            drawn.extend(lineage(graph, node.stack));
        }
        for (at, _) in graph.stacks.iter().enumerate().filter(|(_, stack)| !stack.cycles.is_empty()) {
            drawn.extend(lineage(graph, Some(at)));
        }
        for at in drawn {
            let parent = graph.stacks.get(at).and_then(|stack| stack.parent);
            groups.nested.entry(parent).or_default().push(at);
        }
        groups
    }

    /// The nodes of a stack; none: those that no stack declares.
    pub(super) fn nodes(&self, stack: Option<usize>) -> impl Iterator<Item = usize> {
        self.nodes.get(&stack).into_iter().flatten().copied()
    }

    /// The stacks that are nested in a stack and have something to draw; none: those that are deployed by themselves.
    pub(super) fn nested(&self, stack: Option<usize>) -> impl Iterator<Item = usize> {
        self.nested.get(&stack).into_iter().flatten().copied()
    }
}

/// A stack and those in which it lies.
fn lineage(graph: &Graph, stack: Option<usize>) -> impl Iterator<Item = usize> {
    std::iter::successors(stack, |at| graph.stacks.get(*at)?.parent)
}
