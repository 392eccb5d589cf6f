//! The picture for programs. Places stand in a list of their own, as many links are said at the same one.

use super::excerpt::{self, Excerpt};
use crate::finding::{Certainty, Place};
use crate::report::grants::{certainty, outcome, said, through};
use crate::report::json::{Choice, Range, Tool, choices, path, range};
use crate::source::{Sources, Span};
use crate::view::grants::Outcome;
use crate::view::graph::{self, CycleKind, End, Graph, Link, Part};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
pub(super) struct Document<'a> {
    version: u32,
    tool: Tool,
    stacks: Vec<Stack<'a>>,
    nodes: Vec<Node<'a>>,
    edges: Vec<Edge<'a>>,
    cycles: Vec<Cycle<'a>>,
    places: Vec<Written<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Stack<'a> {
    id: &'a str,
    name: &'a str,
    file: Option<&'a str>,
    account: Option<&'a str>,
    region: Option<&'a str>,
    parent: Option<&'a str>,
    cycles: Vec<&'a str>,
}

#[derive(Serialize)]
struct Node<'a> {
    id: &'a str,
    kind: &'static str,
    #[serde(rename = "type")]
    of: &'a str,
    label: &'a str,
    stack: Option<&'a str>,
    arn: Option<&'a str>,
    construct: Option<&'a str>,
    place: Option<usize>,
    cycles: Vec<&'a str>,
}

#[derive(Serialize)]
struct Edge<'a> {
    id: &'a str,
    kind: &'static str,
    from: &'a str,
    to: &'a str,
    verdict: Option<&'static str>,
    through: Option<&'static str>,
    actions: &'a [String],
    property: Option<&'a str>,
    conditions: &'a [String],
    why: Option<&'a str>,
    certainty: &'static str,
    when: Option<Vec<Vec<Choice<'a>>>>,
    /// All of the above but the actions, a sentence each.
    remarks: Vec<String>,
    evidence: Vec<Evidence<'a>>,
    cycles: Vec<&'a str>,
}

#[derive(Serialize)]
struct Evidence<'a> {
    text: &'a str,
    place: Option<usize>,
}

#[derive(Serialize)]
struct Cycle<'a> {
    id: &'a str,
    kind: &'static str,
    certain: bool,
    key: Option<&'a str>,
    text: &'a str,
    certainty: &'static str,
    when: Option<Vec<Vec<Choice<'a>>>>,
    remarks: Vec<String>,
    steps: Vec<&'a str>,
}

#[derive(Serialize)]
struct Written<'a> {
    file: Option<&'a str>,
    stack: Option<&'a str>,
    resource: Option<&'a str>,
    construct: Option<&'a str>,
    path: &'a str,
    range: Option<Range>,
    excerpt: Option<Excerpt>,
}

#[derive(Serialize)]
struct Summary {
    stacks: usize,
    principals: usize,
    keys: usize,
    aliases: usize,
    consumers: usize,
    grants: BTreeMap<&'static str, usize>,
    cycles: usize,
}

/// The places that are spoken of, each once.
#[derive(Default)]
struct Places<'a> {
    numbers: BTreeMap<(Span, Option<&'a str>), usize>,
    list: Vec<&'a Place>,
}

impl<'a> Places<'a> {
    fn number(&mut self, place: &'a Place) -> usize {
        let next = self.list.len();
        let number = *self.numbers.entry((place.span, place.stack.as_deref())).or_insert(next);
        if number == next {
            self.list.push(place);
        }
        number
    }
}

pub(super) fn document<'a>(graph: &'a Graph, sources: &'a Sources) -> Document<'a> {
    let mut places = Places::default();
    let nodes = graph.nodes.iter().map(|known| node(graph, known, &mut places)).collect();
    let edges = graph.edges.iter().map(|known| edge(graph, known, &mut places)).collect();
    Document {
        version: 1,
        tool: Tool::THIS,
        stacks: graph.stacks.iter().map(|known| stack(graph, known, sources)).collect(),
        nodes,
        edges,
        cycles: graph.cycles.iter().map(|known| cycle(graph, known)).collect(),
        places: places.list.into_iter().map(|place| written(place, sources)).collect(),
        summary: summary(graph),
    }
}

fn stack<'a>(graph: &'a Graph, stack: &'a graph::Stack, sources: &'a Sources) -> Stack<'a> {
    Stack {
        id: &stack.id,
        name: &stack.name,
        file: stack.template.and_then(|file| sources.file(file)).map(|file| file.path.as_str()),
        account: stack.account.as_deref(),
        region: stack.region.as_deref(),
        parent: stack_id(graph, stack.parent),
        cycles: cycle_ids(graph, &stack.cycles),
    }
}

fn node<'a>(graph: &'a Graph, node: &'a graph::Node, places: &mut Places<'a>) -> Node<'a> {
    Node {
        id: &node.id,
        kind: node.part.name(),
        of: &node.kind,
        label: &node.label,
        stack: stack_id(graph, node.stack),
        arn: node.arn.as_deref(),
        construct: node.construct.as_deref(),
        place: node.place.as_ref().map(|place| places.number(place)),
        cycles: cycle_ids(graph, &node.cycles),
    }
}

fn edge<'a>(graph: &'a Graph, edge: &'a graph::Edge, places: &mut Places<'a>) -> Edge<'a> {
    let evidence = edge.evidence.iter().map(|evidence| Evidence {
        text: &evidence.text,
        place: evidence.place.as_ref().map(|place| places.number(place)),
    });
    Edge {
        id: &edge.id,
        kind: match edge.link {
            Link::Grant => "grant",
            Link::Alias => "alias",
            Link::Use => "use",
            Link::Need => "need",
        },
        from: end(graph, edge.from),
        to: end(graph, edge.to),
        verdict: edge.outcome.map(outcome),
        through: edge.through.map(through),
        actions: &edge.actions,
        property: edge.property.as_deref(),
        conditions: &edge.conditions,
        why: edge.why.as_deref(),
        certainty: certainty(&edge.when),
        when: when(&edge.when),
        remarks: said(edge.through, edge.why.as_ref(), &edge.conditions, &edge.when),
        evidence: evidence.collect(),
        cycles: cycle_ids(graph, &edge.cycles),
    }
}

fn cycle<'a>(graph: &'a Graph, cycle: &'a graph::Cycle) -> Cycle<'a> {
    let step = |at: &usize| graph.edges.get(*at).map(|edge| edge.id.as_str());
    Cycle {
        id: &cycle.id,
        kind: match cycle.kind {
            CycleKind::Resources => "resources",
            CycleKind::Stacks => "stacks",
            CycleKind::Latent => "latent",
        },
        certain: cycle.certain,
        key: graph.nodes.get(cycle.key).map(|node| node.id.as_str()),
        text: &cycle.text,
        certainty: certainty(&cycle.when),
        when: when(&cycle.when),
        remarks: said(None, None, &[], &cycle.when),
        steps: cycle.steps.iter().filter_map(step).collect(),
    }
}

fn written<'a>(place: &'a Place, sources: &'a Sources) -> Written<'a> {
    Written {
        file: path(place.span, sources),
        stack: place.stack.as_deref(),
        resource: place.resource.as_deref(),
        construct: place.construct.as_deref(),
        path: &place.path,
        range: range(place.span, sources),
        excerpt: excerpt::of(place.span, sources),
    }
}

fn when(certainty: &Certainty) -> Option<Vec<Vec<Choice<'_>>>> {
    match certainty {
        Certainty::Always => None,
        Certainty::Conditional(guards) | Certainty::Defaults(guards) => Some(guards.iter().map(choices).collect()),
    }
}

fn end(graph: &Graph, end: End) -> &str {
    match end {
        End::Node(at) => graph.nodes.get(at).map_or("", |node| node.id.as_str()),
        End::Stack(at) => stack_id(graph, Some(at)).unwrap_or_default(),
    }
}

fn stack_id(graph: &Graph, stack: Option<usize>) -> Option<&str> {
    graph.stacks.get(stack?).map(|stack| stack.id.as_str())
}

fn cycle_ids<'a>(graph: &'a Graph, cycles: &[usize]) -> Vec<&'a str> {
    cycles.iter().filter_map(|cycle| graph.cycles.get(*cycle)).map(|cycle| cycle.id.as_str()).collect()
}

fn summary(graph: &Graph) -> Summary {
    // A pattern is no key, nor is a text that names none.
    let is_known = |node: &graph::Node| !matches!(node.kind.as_str(), "pattern" | "reference");
    let nodes = |part: Part| graph.nodes.iter().filter(|node| node.part == part && is_known(node)).count();
    let grants = |wanted: Outcome| {
        let is_one = |edge: &&graph::Edge| edge.link == Link::Grant && edge.outcome == Some(wanted);
        (outcome(wanted), graph.edges.iter().filter(is_one).count())
    };
    Summary {
        stacks: graph.stacks.len(),
        principals: nodes(Part::Principal),
        keys: nodes(Part::Key),
        aliases: nodes(Part::Alias),
        consumers: nodes(Part::Consumer),
        grants: [Outcome::Effective, Outcome::Ineffective, Outcome::Undecided].map(grants).into_iter().collect(),
        cycles: graph.cycles.len(),
    }
}
