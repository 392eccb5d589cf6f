//! Who needs whom among stacks, and among the nested stacks of one parent.

use super::graph::{About, Graph, Wire, has_circle};
use super::resources::{ResourceEdge, branches_around, edges, existence};
use super::{Estate, Node, Through, is_key, is_kms};
use crate::estate::link::Producer;
use crate::estate::{LinkKind, StackLink};
use crate::resolve::{Guard, Resolved, StackId, Symbol, Value};
use crate::template::{Expr, Form, references};
use std::collections::{BTreeMap, BTreeSet};

/// The stack and its parents, outermost last.
pub(super) fn lineage(estate: &Estate, stack: StackId) -> Vec<StackId> {
    let parent = |stack: &StackId| estate.stack(*stack)?.parent.as_ref().map(|(parent, _)| *parent);
    std::iter::successors(Some(stack), parent).collect()
}

/// Links between stacks by where they meet: in the parent in which both ends are nested, or (none) among the stacks that are deployed by
/// themselves. What a nested stack needs, its parents need.
pub(super) type Meetings<'e> = BTreeMap<Option<StackId>, Vec<Meeting<'e>>>;

/// A link, with the parts of the common graph in which its ends are.
pub(super) struct Meeting<'e> {
    from: Node,
    to: Node,
    link: &'e StackLink,
}

/// Where the links of an estate meet. That a parent needs its nested stacks is no link of its own: the resource says so.
pub(super) fn meetings(estate: &Estate) -> Meetings<'_> {
    let mut meetings: Meetings<'_> = BTreeMap::new();
    let is_deployment = |link: &&StackLink| matches!(link.through, LinkKind::Nested | LinkKind::StackSet);
    for link in estate.links.iter().filter(|link| !is_deployment(link)) {
        let (of_from, of_to) = (lineage(estate, link.from), lineage(estate, link.to));
        let shared = of_from.iter().copied().find(|stack| of_to.contains(stack));
        let ends = match shared {
            Some(parent) => child_of(estate, parent, link.from).zip(child_of(estate, parent, link.to)),
            None => of_from.last().zip(of_to.last()).map(|(from, to)| (Node::stack(*from), Node::stack(*to))),
        };
        if let Some((from, to)) = ends.filter(|(from, to)| from != to) {
            meetings.entry(shared).or_default().push(Meeting { from, to, link });
        }
    }
    meetings
}

/// The graph of the stacks that are deployed by themselves.
pub(super) fn roots(estate: &Estate, meetings: &Meetings<'_>) -> Graph {
    let mut graph = Graph::default();
    connect(estate, meetings, None, &mut graph);
    graph
}

/// The graph of the resources of a parent, with what its nested stacks need of each other.
pub(super) fn inside(estate: &Estate, meetings: &Meetings<'_>, parent: StackId) -> Graph {
    let mut graph = super::resources::graph(estate, parent);
    connect(estate, meetings, Some(parent), &mut graph);
    graph
}

fn connect(estate: &Estate, meetings: &Meetings<'_>, at: Option<StackId>, graph: &mut Graph) {
    for meeting in meetings.get(&at).map_or(&[][..], Vec::as_slice) {
        graph.connect(meeting.from.clone(), meeting.to.clone(), wire_of(estate, meeting.link));
    }
}

/// Graphs in which stacks need each other in a circle, with what each place has to do with a key.
pub(super) fn circles(estate: &Estate) -> Vec<Graph> {
    let meetings = meetings(estate);
    let mut graphs: Vec<Graph> = Vec::new();
    let among_roots = meetings.get(&None).map_or(&[][..], Vec::as_slice);
    if has_circle(among_roots.iter().map(|meeting| (&meeting.from, &meeting.to))) {
        graphs.push(roots(estate, &meetings));
    }
    for parent in parents(estate) {
        if !inside(estate, &meetings, parent).components().is_empty() {
            graphs.push(about_keys(estate, &meetings, parent));
        }
    }
    graphs
}

/// The stacks that have nested stacks in view.
fn parents(estate: &Estate) -> BTreeSet<StackId> {
    estate.stacks.iter().filter_map(|stack| stack.parent.as_ref()).map(|(parent, _)| *parent).collect()
}

/// The graph of [`inside`] with what its places have to do with keys of nested stacks. The parent's own keys are left out: a cycle through them
/// is one of its template.
fn about_keys(estate: &Estate, meetings: &Meetings<'_>, parent: StackId) -> Graph {
    let mut graph = Graph::default();
    let is_own_key = |name: &str| estate.resource(parent, name).is_some_and(is_kms);
    for edge in edges(estate, parent) {
        if !is_own_key(&edge.from) && !is_own_key(&edge.to) {
            let wire = Wire { about: about_reference(estate, parent, &edge), ..edge.wire };
            graph.connect(Node::resource(parent, &edge.from), Node::resource(parent, &edge.to), wire);
        }
    }
    connect(estate, meetings, Some(parent), &mut graph);
    graph
}

/// The nested stack of a parent in which a stack is, or which it is itself.
pub(super) fn child_of(estate: &Estate, parent: StackId, stack: StackId) -> Option<Node> {
    lineage(estate, stack).into_iter().find_map(|stack| {
        let (above, logical) = estate.stack(stack)?.parent.as_ref()?;
        (*above == parent).then(|| Node::resource(parent, logical))
    })
}

/// The stack behind a resource that is a nested stack.
fn child(estate: &Estate, parent: StackId, logical: &str) -> Option<StackId> {
    estate.tables.children.get(&(parent, logical.to_owned())).copied()
}

fn wire_of(estate: &Estate, link: &StackLink) -> Wire {
    let guard = guard_of(estate, link);
    Wire { site: link.site, through: Through::Link(link.through), guard, about: about_link(estate, link) }
}

/// When a link is there: the condition of the resource or output that needs it, the branches in which it stands, and the choice of parameters
/// that makes the imported name the exported one.
fn guard_of(estate: &Estate, link: &StackLink) -> Guard {
    let Some(template) = estate.template(link.from) else { return Guard::ALWAYS };
    let needs = |expr: &Expr| expr.span.contains(&link.site.span);
    let resource = link.resource.as_deref().and_then(|name| template.resource(name));
    let output = template.outputs.iter().find(|output| link.resource.is_none() && needs(&output.value));
    let (condition, expr) = match (resource, output) {
        (Some(resource), _) => (resource.condition.as_ref(), &resource.properties),
        (None, Some(output)) => (output.condition.as_ref(), &output.value),
        (None, None) => return Guard::ALWAYS,
    };
    let existence = existence(link.from, condition);
    let branches = branches_around(link.from, expr, link.site.span);
    [branches, name_guard(estate, link, expr)]
        .into_iter()
        .flatten()
        .fold(existence, |all, guard| all.and(&guard).unwrap_or(all))
}

/// The choice of parameters under which an imported name is the one that the producer exports.
fn name_guard(estate: &Estate, link: &StackLink, expr: &Expr) -> Option<Guard> {
    let import = expr.walk().find(|part| part.span == link.site.span && matches!(part.form, Form::ImportValue(_)))?;
    let Form::ImportValue(name) = &import.form else { return None };
    let name = estate.scope(link.from)?.value(name);
    name.value.iter().find_map(|(guard, name)| {
        let Value::Text(name) = name else { return None };
        let Producer::One(export, rests_on) = estate.tables.producer(link.from, name) else { return None };
        let is_it = export.stack == link.to && Some(&export.output) == link.output.as_ref();
        is_it.then(|| guard.and(&rests_on))?
    })
}

fn about_link(estate: &Estate, link: &StackLink) -> Option<About> {
    let policy = link.resource.as_deref().and_then(|name| {
        let resource = estate.resource(link.from, name)?;
        let policy = resource.properties.get("KeyPolicy").filter(|_| is_key(resource));
        if policy.is_some_and(|policy| policy.span.contains(&link.site.span)) {
            return Some(Node::resource(link.from, name));
        }
        let parameters = resource.properties.get("Parameters")?;
        let (parameter, _) = entry_around(parameters, link)?;
        policy_fed_by(estate, child(estate, link.from, name)?, parameter)
    });
    let value = || {
        let output = estate.template(link.to)?.output(link.output.as_deref()?)?;
        key_in(estate, link.to, &output.value)
    };
    policy.map(About::Policy).or_else(|| value().map(About::Value))
}

fn entry_around<'e>(map: &'e Expr, link: &StackLink) -> Option<(&'e str, &'e Expr)> {
    let Form::Map(entries) = &map.form else { return None };
    let (name, value) = entries.iter().find(|(_, value)| value.span.contains(&link.site.span))?;
    Some((&name.value, value))
}

/// What a reference inside a parent has to do with a key: the output of one nested stack that it reads, or the key policy in another that it
/// ends up in.
fn about_reference(estate: &Estate, parent: StackId, edge: &ResourceEdge) -> Option<About> {
    let policy = match edge.path.as_slice() {
        [section, parameter, ..] if section == "Parameters" => {
            child(estate, parent, &edge.from).and_then(|reader| policy_fed_by(estate, reader, parameter))
        }
        _ => None,
    };
    let value = || {
        let output = edge.attribute.as_deref()?.strip_prefix("Outputs.")?;
        let maker = child(estate, parent, &edge.to)?;
        key_in(estate, maker, &estate.template(maker)?.output(output)?.value)
    };
    policy.map(About::Policy).or_else(|| value().map(About::Value))
}

/// The key whose policy a parameter of a nested stack ends up in, also through further nested stacks.
fn policy_fed_by(estate: &Estate, stack: StackId, parameter: &str) -> Option<Node> {
    let mentions = |expr: &Expr| references(expr).any(|reference| reference.name == parameter);
    let template = estate.template(stack)?;
    template.resources.iter().find_map(|resource| {
        let name = &resource.name.value;
        if is_key(resource) {
            return resource
                .properties
                .get("KeyPolicy")
                .filter(|policy| mentions(policy))
                .map(|_| Node::resource(stack, name));
        }
        let Form::Map(passed) = &resource.properties.get("Parameters")?.form else { return None };
        let inner = child(estate, stack, name)?;
        let (passed_as, _) = passed.iter().find(|(_, value)| mentions(value))?;
        policy_fed_by(estate, inner, &passed_as.value)
    })
}

/// The key or alias that an output's value names.
fn key_in(estate: &Estate, stack: StackId, value: &Expr) -> Option<Node> {
    let is_key_of = |stack: StackId, name: &str| estate.resource(stack, name).is_some_and(is_kms);
    if let Some(reference) = references(value).find(|reference| is_key_of(stack, reference.name)) {
        return Some(Node::resource(stack, reference.name));
    }
    let evaluated = estate.scope(stack)?.value(value);
    symbols(&evaluated.value).find_map(|symbol| match symbol {
        Symbol::Resource(owner, name) | Symbol::Attribute(owner, name, _) if is_key_of(*owner, name) => {
            Some(Node::resource(*owner, name))
        }
        _ => None,
    })
}

fn symbols(value: &Resolved<Value>) -> impl Iterator<Item = &Symbol> {
    let texts = value.iter().filter_map(|(_, value)| match value {
        Value::Text(text) => Some(text),
        Value::Absent | Value::Null | Value::List(_) | Value::Map(_) | Value::Unknown(_) => None,
    });
    texts.flat_map(|text| text.symbols())
}
