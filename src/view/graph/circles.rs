//! The circles of the estate: their steps as edges, and marks on whatever closes them.

use super::draft::{Circle, Draft, Drawn, Origin, Spot, node};
use super::uses::site_of;
use super::{CycleKind, Evidence, Link, Part};
use crate::estate::cycles::{self, Cycle, LatentCycle, Node, Step};
use crate::estate::{AliasId, Estate, PrincipalId, PrincipalKind};
use crate::finding::{Certainty, Site};
use crate::resolve::StackId;
use crate::source::Span;

/// Enters every cycle.
pub(super) fn circles(draft: &mut Draft<'_>) {
    let estate = draft.estate;
    let kinds =
        [(CycleKind::Resources, cycles::in_templates(estate)), (CycleKind::Stacks, cycles::between_stacks(estate))];
    for (kind, cycles) in &kinds {
        cycles.found.iter().for_each(|cycle| closed(draft, *kind, cycle));
        cycles.undecided.iter().for_each(|key| undecided(draft, *kind, key));
    }
    for cycle in &cycles::latent(estate) {
        latent(draft, cycle);
    }
}

fn closed(draft: &mut Draft<'_>, kind: CycleKind, cycle: &Cycle) {
    let names: Vec<String> =
        cycle.steps.iter().map(|step| format!("`{}`", draft.estate.node_name(&step.from))).collect();
    let key = draft.estate.node_name(&cycle.key);
    let text = match (kind, names.as_slice()) {
        (_, [only]) => format!("{only} refers to itself: it can never be created"),
        (CycleKind::Stacks, names) => {
            format!("{} need each other through `{key}`: none can be deployed first", listed(names))
        }
        (CycleKind::Resources | CycleKind::Latent, names) => {
            format!("{} need each other: none can be created first", listed(names))
        }
    };
    let about = origin(draft, &cycle.key);
    let (steps, parts, sites) = steps(draft, &cycle.steps);
    let circle =
        Circle { kind, certain: true, key: about, text, when: Certainty::of(cycle.guards.clone()), steps, parts };
    mark(draft, circle, &sites);
}

fn undecided(draft: &mut Draft<'_>, kind: CycleKind, key: &Node) {
    let name = draft.estate.node_name(key);
    let about = origin(draft, key);
    draft.circles.push(Circle {
        kind,
        certain: false,
        text: format!("whether `{name}` is bound up in a circle depends on more conditions than are looked at"),
        when: Certainty::Always,
        steps: Vec::new(),
        parts: vec![Spot::Node(about.clone())],
        key: about,
    });
}

fn latent(draft: &mut Draft<'_>, cycle: &LatentCycle) {
    let estate = draft.estate;
    let (Some(key), Some(entry)) = (estate.key(cycle.key), estate.principal(cycle.principal)) else { return };
    let stack = estate.stack(entry.stack).map(|stack| stack.name.as_str()).unwrap_or_default();
    let text = format!(
        "the policy of `{}` names `{}`, but stack `{stack}`, which creates it, needs this key first",
        key.name, entry.logical
    );
    let from = draft.key(cycle.key);
    let to = principal(draft, cycle.principal);
    let (mut steps, mut parts, mut sites) = steps(draft, &cycle.steps);
    let named = Evidence {
        text: format!("`{}` is named as text: KMS refuses the policy as long as it is missing", entry.logical),
        place: Some(estate.place(cycle.named)),
    };
    steps.push(need(draft, Spot::Node(from.clone()), Spot::Node(to.clone()), vec![named]));
    parts.extend([Spot::Node(from.clone()), Spot::Node(to)]);
    sites.push(cycle.named.span);
    let when = Certainty::of(vec![cycle.guard.clone()]);
    let circle = Circle { kind: CycleKind::Latent, certain: true, key: from, text, when, steps, parts };
    mark(draft, circle, &sites);
}

/// `` `a` and `b` ``, `` `a`, `b` and `c` ``.
fn listed(names: &[String]) -> String {
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((only, _)) => only.clone(),
        None => String::new(),
    }
}

/// Steps as edges: their numbers, the parts that they bind, and the places that bind them.
fn steps(draft: &mut Draft<'_>, steps: &[Step]) -> (Vec<usize>, Vec<Spot>, Vec<Span>) {
    let (mut edges, mut parts, mut sites) = (Vec::new(), Vec::new(), Vec::new());
    for step in steps {
        let (from, to) = (spot(draft, &step.from), spot(draft, &step.to));
        let estate = draft.estate;
        let witness = |edge: &cycles::Edge| Evidence {
            text: cycles::need(estate, step, edge),
            place: Some(estate.place(edge.site)),
        };
        let evidence = step.edges.iter().map(witness).collect();
        sites.extend(step.edges.iter().map(|edge| edge.site.span));
        parts.extend([from.clone(), to.clone()]);
        edges.push(need(draft, from, to, evidence));
    }
    (edges, parts, sites)
}

fn need(draft: &mut Draft<'_>, from: Spot, to: Spot, evidence: Vec<Evidence>) -> usize {
    draft.edges.push(Drawn { evidence, ..Drawn::between(from, to, Link::Need) });
    draft.edges.len() - 1
}

/// Enters a circle, and marks its steps and every other edge between its parts that one of its places says.
fn mark(draft: &mut Draft<'_>, mut circle: Circle, sites: &[Span]) {
    let number = draft.circles.len();
    let parts = circle.parts.clone();
    let estate = draft.estate;
    let is_part = |spot: &Spot| parts.contains(spot) || parts.iter().any(|part| is_in(estate, spot, part));
    let says = |evidence: &Evidence| {
        let span = evidence.place.as_ref().map(|place| place.span);
        span.is_some_and(|span| sites.iter().any(|site| span.contains(site) || site.contains(&span)))
    };
    for (at, edge) in draft.edges.iter_mut().enumerate() {
        let is_step = circle.steps.contains(&at);
        let closes = || edge.link != Link::Need && is_part(&edge.from) && is_part(&edge.to);
        if is_step || (closes() && edge.evidence.iter().any(says)) {
            edge.cycles.push(number);
            circle.parts.extend([edge.from.clone(), edge.to.clone()]);
        }
    }
    circle.parts.push(Spot::Node(circle.key.clone()));
    draft.circles.push(circle);
}

/// Whether a node lies in a stack, or in one that is nested there.
fn is_in(estate: &Estate, spot: &Spot, part: &Spot) -> bool {
    let (Spot::Node(origin), Spot::Stack(stack)) = (spot, part) else { return false };
    let own = match origin {
        Origin::Principal(id) => estate.principal(*id).map(|entry| entry.stack),
        Origin::Key(id) => estate.key(*id).and_then(|key| key.stack),
        Origin::Alias(id) => estate.aliases.get(id.0 as usize).map(|alias| alias.stack),
        Origin::Consumer(stack, _) | Origin::Resource(stack, _) => Some(*stack),
        Origin::Outsider(..) | Origin::Pattern(_) | Origin::Reference(..) | Origin::KnownAlias(_) => None,
    };
    let parent = |stack: &StackId| estate.stack(*stack)?.parent.as_ref().map(|(parent, _)| *parent);
    std::iter::successors(own, parent).any(|own| own == *stack)
}

/// What a part of a cycle is in the picture.
fn spot(draft: &mut Draft<'_>, part: &Node) -> Spot {
    let Some(resource) = &part.resource else { return Spot::Stack(part.stack) };
    let nested = draft.estate.stacks.iter().find(|stack| {
        stack.parent.as_ref().is_some_and(|(parent, logical)| *parent == part.stack && logical == resource)
    });
    match nested {
        Some(stack) => Spot::Stack(stack.id),
        None => Spot::Node(origin(draft, part)),
    }
}

/// The node of a resource: one that is there, else one of its own.
fn origin(draft: &mut Draft<'_>, part: &Node) -> Origin {
    let estate = draft.estate;
    let name = part.resource.clone().unwrap_or_default();
    if let Some(key) = estate.node_key(part) {
        return draft.key(key);
    }
    let is_alias = |alias: &&crate::estate::Alias| alias.stack == part.stack && alias.logical == name;
    let alias = (0..).map(AliasId).zip(&estate.aliases).find(|(_, alias)| is_alias(alias));
    if let Some(alias) = alias.map(|(id, _)| Origin::Alias(id)).filter(|origin| draft.contains(origin)) {
        return alias;
    }
    let consumer = Origin::Consumer(part.stack, name.clone());
    if draft.contains(&consumer) {
        return consumer;
    }
    let entry = (0..).map(PrincipalId).zip(&estate.principals).find(|(_, entry)| {
        entry.declared && entry.stack == part.stack && entry.logical == name && entry.kind != PrincipalKind::Unattached
    });
    if let Some((id, _)) = entry {
        return principal(draft, id);
    }
    let kind = estate.resource(part.stack, &name).map(|resource| resource.kind.value.as_str());
    let site: Option<Site> = site_of(draft, part.stack, &name);
    let plain = node(Part::Resource, kind.unwrap_or_default(), name.clone());
    let node = draft.declared(plain, Some(part.stack), &name, site);
    draft.enter(Origin::Resource(part.stack, name), node)
}

fn principal(draft: &mut Draft<'_>, id: PrincipalId) -> Origin {
    let kind = match draft.estate.principal(id).map(|entry| entry.kind) {
        Some(PrincipalKind::User) => "user",
        Some(PrincipalKind::Group) => "group",
        Some(PrincipalKind::Unattached) => "holder",
        Some(PrincipalKind::Role) | None => "role",
    };
    draft.entry(id, kind)
}
