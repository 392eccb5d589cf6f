//! The picture under construction: nodes by what they are, so that each is there once and in a fixed order.

use super::super::grants::{Known, Party};
use super::{Cycle, CycleKind, Edge, End, Evidence, Graph, Link, Node, Outcome, Part, Stack, Through};
use crate::estate::{AliasId, Estate, KeyId, KeyOrigin, OUTSIDE, PrincipalId, PrincipalKind};
use crate::finding::{Certainty, Site};
use crate::resolve::StackId;
use std::collections::{BTreeMap, BTreeSet};

/// What a node stands for; the order is that of the nodes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// A principal of the estate.
    Principal(PrincipalId),
    /// One that only a key policy names: its kind, and its ARN or name.
    Outsider(&'static str, String),
    /// A key of the estate.
    Key(KeyId),
    /// A pattern over keys.
    Pattern(String),
    /// A text in a stack that names no key in view.
    Reference(Option<StackId>, String),
    /// A declared alias.
    Alias(AliasId),
    /// An alias of the inventory, by its number.
    KnownAlias(usize),
    /// A resource with a property that names a key.
    Consumer(StackId, String),
    /// Another resource.
    Resource(StackId, String),
}

/// An end of an edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    Node(Origin),
    Stack(StackId),
}

/// An edge between spots.
#[derive(Debug)]
pub(super) struct Drawn {
    pub(super) from: Spot,
    pub(super) to: Spot,
    pub(super) link: Link,
    pub(super) outcome: Option<Outcome>,
    pub(super) through: Option<Through>,
    pub(super) actions: Vec<String>,
    pub(super) property: Option<String>,
    pub(super) conditions: Vec<String>,
    pub(super) why: Option<String>,
    pub(super) when: Certainty,
    pub(super) evidence: Vec<Evidence>,
    pub(super) cycles: Vec<usize>,
}

impl Drawn {
    pub(super) fn between(from: Spot, to: Spot, link: Link) -> Self {
        Self {
            from,
            to,
            link,
            outcome: None,
            through: None,
            actions: Vec::new(),
            property: None,
            conditions: Vec::new(),
            why: None,
            when: Certainty::Always,
            evidence: Vec::new(),
            cycles: Vec::new(),
        }
    }
}

/// A cycle with its key still a spot.
#[derive(Debug)]
pub(super) struct Circle {
    pub(super) kind: CycleKind,
    pub(super) certain: bool,
    pub(super) key: Origin,
    pub(super) text: String,
    pub(super) when: Certainty,
    pub(super) steps: Vec<usize>,
    /// What is marked as part of it.
    pub(super) parts: Vec<Spot>,
}

pub(super) struct Draft<'e> {
    pub(super) estate: &'e Estate,
    /// The id of each stack.
    stacks: Vec<String>,
    nodes: BTreeMap<Origin, Node>,
    pub(super) edges: Vec<Drawn>,
    pub(super) circles: Vec<Circle>,
}

impl<'e> Draft<'e> {
    /// With all keys; everything else comes with what links it.
    pub(super) fn new(estate: &'e Estate) -> Self {
        let mut names = Names::default();
        let stacks = estate.stacks.iter().map(|stack| names.unique(format!("stack:{}", stack.name))).collect();
        let mut draft = Self { estate, stacks, nodes: BTreeMap::new(), edges: Vec::new(), circles: Vec::new() };
        for (id, _) in estate.keys() {
            draft.key(id);
        }
        draft
    }

    pub(super) fn contains(&self, origin: &Origin) -> bool {
        self.nodes.contains_key(origin)
    }

    /// Enters a node, if it is new.
    pub(super) fn enter(&mut self, origin: Origin, node: Node) -> Origin {
        self.nodes.entry(origin.clone()).or_insert(node);
        origin
    }

    pub(super) fn principal(&mut self, party: &Party) -> Origin {
        if let Some(Known::Principal(id)) = party.known {
            return self.entry(id, party.kind);
        }
        let called = party.arn.clone().unwrap_or_else(|| party.name.clone());
        let label = party.name.strip_prefix("account ").unwrap_or(&party.name).to_owned();
        let node = Node { arn: party.arn.clone(), ..node(Part::Principal, party.kind, label) };
        let node = Node { id: format!("principal:{called}"), ..node };
        self.enter(Origin::Outsider(party.kind, called), node)
    }

    /// A principal of the estate.
    pub(super) fn entry(&mut self, id: PrincipalId, kind: &str) -> Origin {
        let origin = Origin::Principal(id);
        let Some(entry) = self.estate.principal(id).filter(|_| !self.contains(&origin)) else { return origin };
        let is_holder = entry.kind == PrincipalKind::Unattached;
        let stack = Some(entry.stack).filter(|stack| (entry.declared || is_holder) && *stack != OUTSIDE);
        let called = match stack {
            Some(_) => entry.logical.clone(),
            None => entry.arn.to_string(),
        };
        let plain = node(Part::Principal, kind, entry.name.clone());
        let arn = Some(entry.arn.to_string()).filter(|_| !is_holder);
        let node = Node { arn, ..self.declared(plain, stack, &called, Some(entry.site)) };
        self.enter(origin, node)
    }

    pub(super) fn key(&mut self, id: KeyId) -> Origin {
        let origin = Origin::Key(id);
        let Some(key) = self.estate.key(id).filter(|_| !self.contains(&origin)) else { return origin };
        let kind = match key.origin {
            KeyOrigin::Declared { .. } => "declared",
            KeyOrigin::Imported => "imported",
            KeyOrigin::AwsManaged { .. } => "aws-managed",
        };
        let arn = key.arn.to_string();
        let called = if key.stack.is_some() { key.name.clone() } else { arn.clone() };
        let plain = node(Part::Key, kind, key.name.clone());
        let node = Node { arn: Some(arn), ..self.declared(plain, key.stack, &called, key.site) };
        self.enter(origin, node)
    }

    /// What a grant is on, as its holder's stack sees it.
    pub(super) fn granted(&mut self, key: &Party, holder: &Party) -> Origin {
        match (key.known, key.kind) {
            (Some(Known::Key(id)), _) => self.key(id),
            (_, "pattern") => {
                let node = node(Part::Key, "pattern", key.name.clone());
                let node = Node { id: format!("pattern:{}", key.name), ..node };
                self.enter(Origin::Pattern(key.name.clone()), node)
            }
            _ => {
                let stack = match holder.known {
                    Some(Known::Principal(id)) => self.estate.principal(id).map(|entry| entry.stack),
                    Some(Known::Key(_)) | None => None,
                };
                self.reference(stack, "reference", key.name.clone())
            }
        }
    }

    /// A text in a stack that names no key in view.
    pub(super) fn reference(&mut self, stack: Option<StackId>, kind: &str, name: String) -> Origin {
        let stack = stack.filter(|stack| *stack != OUTSIDE);
        let node = self.declared(node(Part::Key, kind, name.clone()), stack, &name, None);
        let node = Node { id: node.id.replacen("key:", "reference:", 1), ..node };
        self.enter(Origin::Reference(stack, name), node)
    }

    /// A node of a stack, with its place.
    pub(super) fn declared(&self, node: Node, stack: Option<StackId>, called: &str, site: Option<Site>) -> Node {
        let place = site.map(|site| self.estate.place(site));
        let within = stack.and_then(|stack| self.stacks.get(stack.0 as usize));
        let within = within.and_then(|id| id.strip_prefix("stack:")).map(|name| format!("{name}/")).unwrap_or_default();
        Node {
            id: format!("{}:{within}{called}", node.part.name()),
            stack: stack.map(|stack| stack.0 as usize),
            construct: place.as_ref().and_then(|place| place.construct.clone()),
            place,
            ..node
        }
    }

    /// Gives everything its name and its number.
    pub(super) fn finish(mut self) -> Graph {
        let mut names = Names::default();
        let numbers: BTreeMap<Origin, usize> = self.nodes.keys().cloned().zip(0..).collect();
        let mut nodes: Vec<Node> = std::mem::take(&mut self.nodes).into_values().collect();
        nodes.iter_mut().for_each(|node| node.id = names.unique(std::mem::take(&mut node.id)));
        let mut stacks = self.drawn_stacks();
        let end = |spot: &Spot| match spot {
            Spot::Node(origin) => numbers.get(origin).copied().map(End::Node),
            Spot::Stack(stack) => Some(End::Stack(stack.0 as usize)),
        };
        let mut cycles: Vec<Cycle> = Vec::new();
        for circle in self.circles {
            let Some(key) = numbers.get(&circle.key).copied() else { continue };
            let at = cycles.len();
            for part in circle.parts.iter().filter_map(end) {
                let marks = match part {
                    End::Node(node) => nodes.get_mut(node).map(|node| &mut node.cycles),
                    End::Stack(stack) => stacks.get_mut(stack).map(|stack| &mut stack.cycles),
                };
                if let Some(marks) = marks.filter(|marks| !marks.contains(&at)) {
                    marks.push(at);
                }
            }
            let about = nodes.get(key).map(|node| node.id.clone()).unwrap_or_default();
            let Circle { kind, certain, text, when, steps, .. } = circle;
            let id = names.unique(format!("cycle:{about}"));
            cycles.push(Cycle { id, kind, certain, key, text, when, steps });
        }
        let id_of = |end: End| match end {
            End::Node(node) => nodes.get(node).map(|node| node.id.clone()).unwrap_or_default(),
            End::Stack(stack) => stacks.get(stack).map(|stack| stack.id.clone()).unwrap_or_default(),
        };
        let edge = |drawn: Drawn| {
            let (from, to) = (end(&drawn.from)?, end(&drawn.to)?);
            Some(Edge {
                id: names.unique(format!("{} > {}", id_of(from), id_of(to))),
                from,
                to,
                link: drawn.link,
                outcome: drawn.outcome,
                through: drawn.through,
                actions: drawn.actions,
                property: drawn.property,
                conditions: drawn.conditions,
                why: drawn.why,
                when: drawn.when,
                evidence: drawn.evidence,
                cycles: drawn.cycles,
            })
        };
        let edges = self.edges.into_iter().filter_map(edge).collect();
        Graph { stacks, nodes, edges, cycles }
    }

    fn drawn_stacks(&self) -> Vec<Stack> {
        let drawn = |(stack, id): (&crate::estate::Stack, &String)| Stack {
            id: id.clone(),
            name: stack.name.clone(),
            template: self.estate.template(stack.id).map(|template| template.file),
            account: stack.environment.account.as_literal().map(str::to_owned),
            region: stack.environment.region.as_literal().map(str::to_owned),
            parent: stack.parent.as_ref().map(|(parent, _)| parent.0 as usize),
            cycles: Vec::new(),
        };
        self.estate.stacks.iter().zip(&self.stacks).map(drawn).collect()
    }
}

impl Part {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Principal => "principal",
            Self::Key => "key",
            Self::Alias => "alias",
            Self::Consumer => "consumer",
            Self::Resource => "resource",
        }
    }
}

/// A node of which nothing but the name is known.
pub(super) fn node(part: Part, kind: &str, label: String) -> Node {
    Node {
        id: String::new(),
        part,
        kind: kind.to_owned(),
        label,
        stack: None,
        arn: None,
        construct: None,
        place: None,
        cycles: Vec::new(),
    }
}

/// Names that are given once each.
#[derive(Default)]
struct Names(BTreeSet<String>, BTreeMap<String, usize>);

impl Names {
    /// The name, with a number behind it where it is taken.
    fn unique(&mut self, name: String) -> String {
        if self.0.insert(name.clone()) {
            return name;
        }
        let count = self.1.entry(name.clone()).or_insert(1);
        loop {
            *count += 1;
            let next = format!("{name}~{count}");
            if self.0.insert(next.clone()) {
                return next;
            }
        }
    }
}
