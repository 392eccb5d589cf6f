//! Cycles through keys: parts of the estate of which none can be created first.
//!
//! Three kinds. [`in_templates`]: resources of one template refer to each other in a circle, and CloudFormation refuses the template.
//! [`between_stacks`]: stacks, or nested stacks of one parent, need each other's outputs. [`latent`]: CloudFormation sees no circle, as one
//! edge is the ARN of a role written as text, but KMS refuses a key policy whose principal does not exist yet.
//!
//! A cycle is reported only under guards that can be: edges of branches that exclude each other close no circle.

mod graph;
mod latent;
mod order;
mod resources;
mod stacks;
mod words;

pub use latent::{LatentCycle, Precedence, latent, needs_key, without_partition};
pub use order::Order;
pub use words::need;

use super::{Estate, KeyId, LinkKind};
use crate::finding::Site;
use crate::resolve::{Guard, StackId};
use crate::template::Resource;
use graph::{About, At, Graph, Search, Via};
use std::collections::{BTreeMap, BTreeSet};

/// Most guards under which one cycle is told apart; beyond that the first of them are enough for a reader.
const MOST_GUARDS: usize = 8;

/// Whether a search may go on under a guard.
type Allowed<'f> = &'f dyn Fn(&Guard) -> bool;

/// A part of a cycle: a resource of a stack, or a stack as a whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node {
    /// The stack.
    pub stack: StackId,
    /// The logical id; none for the stack as a whole.
    pub resource: Option<String>,
}

/// How one part needs another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Through {
    /// `Ref`, `Fn::GetAtt` or `Fn::Sub` in a property or in metadata.
    Reference,
    /// `DependsOn`.
    DependsOn,
    /// The role that SAM makes for a function or a state machine.
    MadeRole,
    /// A link between stacks.
    Link(LinkKind),
}

/// A place that makes one part need another.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// Where it is written.
    pub site: Site,
    /// Where that is in the part that needs: `Properties.KeyPolicy.Statement[0].Principal.AWS`, from `Resources.…` on where that is a stack.
    pub path: String,
    /// How.
    pub through: Through,
}

/// One part of a cycle needs the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Who needs.
    pub from: Node,
    /// What is needed.
    pub to: Node,
    /// The places that say so, at least one; each of them alone closes the cycle.
    pub edges: Vec<Edge>,
}

/// A cycle, told from the key on.
#[derive(Clone, Debug, PartialEq)]
pub struct Cycle {
    /// The key or alias that it is about.
    pub key: Node,
    /// The steps: each begins where the one before ends, the last ends where the first begins.
    pub steps: Vec<Step>,
    /// The guards under which it is closed, perhaps by other steps than these.
    pub guards: Vec<Guard>,
    /// Whether the first step stands in the key's policy, or ends up there.
    pub in_policy: bool,
    /// What else is bound up in circles with these parts.
    pub others: Vec<Node>,
}

/// The cycles of one kind, and the parts for which conditions are too many to tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cycles {
    /// The cycles.
    pub found: Vec<Cycle>,
    /// Keys and aliases that lie in a circle of references of which it is not known whether it can be closed.
    pub undecided: Vec<Node>,
}

impl Node {
    pub(super) fn resource(stack: StackId, name: &str) -> Self {
        Self { stack, resource: Some(name.to_owned()) }
    }

    pub(super) fn stack(stack: StackId) -> Self {
        Self { stack, resource: None }
    }
}

impl Estate {
    /// Where a part of a cycle is declared; none for a stack as a whole.
    #[must_use]
    pub fn node_site(&self, node: &Node) -> Option<Site> {
        let resource = self.resource(node.stack, node.resource.as_deref()?)?;
        Some(Site { stack: node.stack, span: resource.name.span })
    }

    /// The name of a part of a cycle for people.
    #[must_use]
    pub fn node_name(&self, node: &Node) -> String {
        match &node.resource {
            Some(resource) => resource.clone(),
            None => self.stack(node.stack).map(|stack| stack.name.clone()).unwrap_or_default(),
        }
    }

    /// The declared key that a part of a cycle is.
    #[must_use]
    pub fn node_key(&self, node: &Node) -> Option<KeyId> {
        let name = node.resource.as_deref()?;
        self.index.declared(node.stack, name)
    }
}

/// Whether a resource is a key, a replica or an alias.
fn is_kms(resource: &Resource) -> bool {
    resource.kind.value.starts_with("AWS::KMS::")
}

/// Whether a resource has a key policy.
fn is_key(resource: &Resource) -> bool {
    matches!(resource.kind.value.as_str(), "AWS::KMS::Key" | "AWS::KMS::ReplicaKey")
}

/// The cycles of resources inside a template that go through a key or an alias. A template that is deployed several times is told
/// about once, in the first of its stacks in which the cycle can be.
#[must_use]
pub fn in_templates(estate: &Estate) -> Cycles {
    let mut cycles = Cycles::default();
    let mut seen = BTreeSet::new();
    for stack in estate.stacks.iter().filter(|stack| stack.reported) {
        let Some(template) = estate.template(stack.id) else { continue };
        if !template.resources.iter().any(is_kms) || !resources::has_circle(template) {
            continue;
        }
        let mut own = Cycles::default();
        let graph = resources::graph(estate, stack.id);
        let feasible = |guard: &Guard| stack.worlds.feasible(guard);
        self_references(estate, &graph, &feasible, &mut own);
        for component in graph.components() {
            through_keys(estate, &graph, &component, &feasible, &mut own);
        }
        own.found.retain(|cycle| seen.insert((stack.template, cycle.key.resource.clone(), cycle.steps.len() == 1)));
        cycles.found.append(&mut own.found);
        cycles.undecided.append(&mut own.undecided);
    }
    cycles
}

/// The cycles of stacks, and of nested stacks of one parent, in which one side needs a key of the other or is named in its policy.
#[must_use]
pub fn between_stacks(estate: &Estate) -> Cycles {
    let mut cycles = Cycles::default();
    let feasible = |guard: &Guard| estate.feasible(guard);
    for graph in &stacks::circles(estate) {
        for component in graph.components() {
            through_key_edges(estate, graph, &component, &feasible, &mut cycles);
        }
    }
    cycles.found.retain(|cycle| estate.stack(cycle.key.stack).is_some_and(|stack| stack.reported));
    cycles
}

/// Keys that refer to themselves.
fn self_references(estate: &Estate, graph: &Graph, feasible: Allowed<'_>, cycles: &mut Cycles) {
    for (at, node) in graph.nodes() {
        if !resource_of(estate, node).is_some_and(is_kms) {
            continue;
        }
        let loops = graph.between(at, at);
        let search = |allowed: Allowed<'_>| {
            let mut open = loops.iter().filter(|via| allowed(&graph.wire(**via).guard));
            open.next().map_or(Search::Nothing, |via| Search::Found(graph.wire(*via).guard.clone(), vec![*via]))
        };
        if let Closed::Under(guards, path) = closed(&search, feasible) {
            cycles.found.push(cycle(estate, graph, node.clone(), &BTreeSet::new(), &path, guards));
        }
    }
}

/// The shortest cycle through each key of a component; through an alias where no key is in its cycle.
fn through_keys(estate: &Estate, graph: &Graph, component: &BTreeSet<At>, feasible: Allowed<'_>, cycles: &mut Cycles) {
    let of_kind = |wanted: fn(&Resource) -> bool| {
        component.iter().copied().filter(move |at| resource_of(estate, graph.node(*at)).is_some_and(wanted))
    };
    let keys: BTreeSet<At> = of_kind(is_key).collect();
    let mut told = BTreeSet::new();
    for start in keys.iter().copied().chain(of_kind(|resource| is_kms(resource) && !is_key(resource))) {
        let search = |allowed: Allowed<'_>| graph.path(start, start, &Guard::ALWAYS, component, allowed);
        match closed(&search, feasible) {
            Closed::Never => {}
            Closed::Unknown => cycles.undecided.push(graph.node(start).clone()),
            Closed::Under(guards, path) => {
                let parts = graph.parts(&path);
                let is_told_by_its_key = !keys.contains(&start) && parts.iter().any(|part| keys.contains(part));
                if !is_told_by_its_key && told.insert((parts, guards.clone())) {
                    cycles.found.push(cycle(estate, graph, graph.node(start).clone(), component, &path, guards));
                }
            }
        }
    }
}

/// The shortest cycle through an edge that is about a key: for each key whose policy closes it, else once for the component.
fn through_key_edges(
    estate: &Estate,
    graph: &Graph,
    component: &BTreeSet<At>,
    feasible: Allowed<'_>,
    cycles: &mut Cycles,
) {
    let mut by_policy: BTreeMap<&Node, Vec<Via>> = BTreeMap::new();
    let mut by_value: Vec<Via> = Vec::new();
    for via in graph.within(component) {
        match &graph.wire(via).about {
            Some(About::Policy(key)) => by_policy.entry(key).or_default().push(via),
            Some(About::Value(_)) => by_value.push(via),
            None => {}
        }
    }
    let before = cycles.found.len();
    for (key, through) in &by_policy {
        let search = |allowed: Allowed<'_>| graph.shortest_through(through, component, allowed);
        match closed(&search, feasible) {
            Closed::Never => {}
            Closed::Unknown => cycles.undecided.push((*key).clone()),
            Closed::Under(guards, path) => {
                cycles.found.push(cycle(estate, graph, (*key).clone(), component, &path, guards));
            }
        }
    }
    if cycles.found.len() > before {
        return;
    }
    let key_of = |via: Option<&Via>| match via.map(|via| &graph.wire(*via).about) {
        Some(Some(About::Value(key))) => Some(key.clone()),
        _ => None,
    };
    let search = |allowed: Allowed<'_>| graph.shortest_through(&by_value, component, allowed);
    match closed(&search, feasible) {
        Closed::Never => {}
        Closed::Unknown => cycles.undecided.extend(key_of(by_value.first())),
        Closed::Under(guards, mut path) => {
            if let Some(key) = key_of(path.first()) {
                path.rotate_left(1);
                cycles.found.push(cycle(estate, graph, key, component, &path, guards));
            }
        }
    }
}

fn cycle(
    estate: &Estate,
    graph: &Graph,
    key: Node,
    component: &BTreeSet<At>,
    path: &[Via],
    guards: Vec<Guard>,
) -> Cycle {
    let parts = graph.parts(path);
    let others = component.difference(&parts).map(|at| graph.node(*at).clone()).collect();
    let guard = guards.first().cloned().unwrap_or_default();
    let in_policy = path.first().is_some_and(|first| matches!(graph.wire(*first).about, Some(About::Policy(_))));
    Cycle { key, steps: graph.steps(estate, path, &guard), guards, in_policy, others }
}

/// Whether and when a circle of references can be closed.
enum Closed {
    Never,
    /// Under each of these guards; the path for the first of them.
    Under(Vec<Guard>, Vec<Via>),
    /// There are too many combinations of conditions to tell.
    Unknown,
}

/// Searches again and again, each time in worlds in which no cycle was found yet.
fn closed(search: &dyn Fn(Allowed<'_>) -> Search, feasible: Allowed<'_>) -> Closed {
    let mut guards: Vec<Guard> = Vec::new();
    let mut first = None;
    while guards.len() < MOST_GUARDS {
        let is_new = |guard: &Guard| !guards.iter().any(|known| includes(guard, known)) && feasible(guard);
        match search(&is_new) {
            Search::Found(guard, path) if guard.is_always() => return Closed::Under(vec![guard], path),
            Search::Found(guard, path) => {
                guards.push(guard);
                first.get_or_insert(path);
            }
            Search::Nothing => break,
            Search::TooMany if first.is_none() => return Closed::Unknown,
            Search::TooMany => break,
        }
    }
    first.map_or(Closed::Never, |path| Closed::Under(guards, path))
}

/// Whether every choice of `part` is one of `whole`.
fn includes(whole: &Guard, part: &Guard) -> bool {
    part.atoms().all(|atom| whole.atoms().any(|other| other == atom))
}

fn resource_of<'e>(estate: &'e Estate, node: &Node) -> Option<&'e Resource> {
    estate.resource(node.stack, node.resource.as_deref()?)
}
