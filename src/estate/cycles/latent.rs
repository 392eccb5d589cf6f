//! Cycles that CloudFormation cannot see: a key policy names a role of another stack by its ARN as text, and that stack needs the key.

use super::graph::{Graph, Search};
use super::{Estate, Node, Step, stacks};
use crate::estate::{KeyId, PrincipalEntry, PrincipalId, PrincipalKind};
use crate::finding::Site;
use crate::policy::{Guarded, Principal, Statement};
use crate::resolve::{Guard, Piece, StackId, Symbol, Text};
use crate::source::Span;
use crate::template::{Expr, Form, SubPiece};
use std::collections::{BTreeMap, BTreeSet};

/// A key policy that names a role which can only be created after the key.
#[derive(Clone, Debug)]
pub struct LatentCycle {
    /// The key.
    pub key: KeyId,
    /// The role or user.
    pub principal: PrincipalId,
    /// The principal in the key policy.
    pub named: Site,
    /// Why the principal's stack comes after the key: from the part with the principal to the part with the key.
    pub steps: Vec<Step>,
    /// When.
    pub guard: Guard,
}

/// Every latent cycle: one a key and principal, in the order of keys and statements.
#[must_use]
pub fn latent(estate: &Estate) -> Vec<LatentCycle> {
    let roles = by_arn(estate);
    let mut order = Order::default();
    let mut found = Vec::new();
    for (id, key, fact) in estate.declared_keys() {
        let mut told = BTreeSet::new();
        for (statement, element, arn) in named_principals(key.statements()) {
            let candidates = roles.get(&without_partition(arn)).map_or(&[][..], Vec::as_slice);
            let site = Site { stack: fact.stack, span: element.span };
            for (principal, entry) in candidates.iter().filter(|(_, entry)| entry.stack != fact.stack) {
                if told.contains(principal) || !is_text(estate, site, &fact.name) {
                    continue;
                }
                let both = [&element.guard, &entry.guard, &fact.guard];
                let guard = both.into_iter().try_fold(statement.guard.clone(), |all, guard| all.and(guard));
                let needed = guard.and_then(|guard| order.needs(estate, entry, fact.stack, &fact.name, &guard));
                if let Some((guard, steps)) = needed {
                    told.insert(*principal);
                    found.push(LatentCycle { key: id, principal: *principal, named: site, steps, guard });
                }
            }
        }
    }
    found
}

/// Whether a user or role can only be created after a key, so that naming it in the key's policy would close a circle. Who asks about many
/// keeps a [`Precedence`].
#[must_use]
pub fn needs_key(estate: &Estate, principal: PrincipalId, key: KeyId) -> bool {
    Precedence::default().needs_key(estate, principal, key)
}

/// What has to be created before what: worked out once, asked many times. One estate only.
#[derive(Default)]
pub struct Precedence<'e>(Order<'e>);

impl<'e> Precedence<'e> {
    /// See [`needs_key`].
    pub fn needs_key(&mut self, estate: &'e Estate, principal: PrincipalId, key: KeyId) -> bool {
        let Some(entry) = estate.principal(principal).filter(|entry| entry.declared) else { return false };
        let Some(fact) = estate.declaration(key) else { return false };
        self.0.needs(estate, entry, fact.stack, &fact.name, &entry.guard).is_some()
    }
}

type Entry<'e> = (PrincipalId, &'e PrincipalEntry);

/// Declared users and roles by their ARN without its partition.
fn by_arn(estate: &Estate) -> BTreeMap<Text, Vec<Entry<'_>>> {
    let mut roles: BTreeMap<Text, Vec<Entry<'_>>> = BTreeMap::new();
    for (entry, id) in estate.principals.iter().zip(0..) {
        let can_be_named = matches!(entry.kind, PrincipalKind::Role | PrincipalKind::User);
        if entry.declared && can_be_named {
            roles.entry(without_partition(&entry.arn)).or_default().push((PrincipalId(id), entry));
        }
    }
    roles
}

/// Principals that are one user or role, whatever the statement does with them: KMS looks for each.
fn named_principals<'e>(
    statements: impl Iterator<Item = &'e Statement>,
) -> impl Iterator<Item = (&'e Statement, &'e Guarded<Principal>, &'e Text)> {
    statements.flat_map(|statement| {
        let elements = statement.principals.elements().iter();
        elements.filter_map(move |element| Some((statement, element, element.value.as_arn()?)))
    })
}

/// An ARN from its service on. `aws` and `${AWS::Partition}` name the same partition wherever a stack is deployed at all.
#[must_use]
pub fn without_partition(arn: &Text) -> Text {
    let mut rest = Text::default();
    match arn.pieces() {
        [Piece::Literal(head), Piece::Symbol(Symbol::Partition(_)), tail @ ..] if head == "arn:" => {
            push(&mut rest, tail)
        }
        [Piece::Literal(head), tail @ ..] => {
            let service = head.strip_prefix("arn:").and_then(|head| head.find(':').and_then(|colon| head.get(colon..)));
            rest.push_str(service.unwrap_or(head));
            push(&mut rest, tail);
        }
        other => push(&mut rest, other),
    }
    rest
}

fn push(text: &mut Text, pieces: &[Piece]) {
    for piece in pieces {
        match piece {
            Piece::Literal(literal) => text.push_str(literal),
            Piece::Symbol(symbol) => text.push(&Text::symbol(symbol.clone())),
        }
    }
}

/// Whether a value of a resource is written as text, so that it orders nothing: no reference to a resource, no import, and no parameter through
/// which a parent passes one.
fn is_text(estate: &Estate, site: Site, resource: &str) -> bool {
    let Some(resource) = estate.resource(site.stack, resource) else { return false };
    innermost(&resource.properties, site.span).is_some_and(|expr| orders_nothing(estate, site.stack, expr))
}

fn innermost(expr: &Expr, place: Span) -> Option<&Expr> {
    expr.walk().filter(|expr| expr.span.contains(&place)).last()
}

fn orders_nothing(estate: &Estate, stack: StackId, expr: &Expr) -> bool {
    expr.walk().all(|expr| match &expr.form {
        Form::Ref(name) => name_orders_nothing(estate, stack, &name.value),
        Form::Sub(pieces, variables) => pieces.iter().all(|piece| match piece {
            SubPiece::Text(_) => true,
            SubPiece::Ref(name) => {
                let is_variable = variables.iter().any(|(variable, _)| variable.value == name.value);
                is_variable || name_orders_nothing(estate, stack, &name.value)
            }
            SubPiece::GetAtt(..) => false,
        }),
        Form::GetAtt(..) | Form::ImportValue(_) | Form::GetStackOutput(_) | Form::Opaque(_) => false,
        _ => true,
    })
}

fn name_orders_nothing(estate: &Estate, stack: StackId, name: &str) -> bool {
    if name.starts_with("AWS::") {
        return true;
    }
    let is_parameter = estate.template(stack).is_some_and(|template| template.parameter(name).is_some());
    let parent = estate.stack(stack).and_then(|stack| stack.parent.as_ref());
    let passed = parent.and_then(|(parent, logical)| {
        let passed = estate.resource(*parent, logical)?.properties.path(&["Parameters", name])?;
        Some((*parent, passed))
    });
    is_parameter && passed.is_none_or(|(parent, passed)| orders_nothing(estate, parent, passed))
}

/// What is created before what, as far as it was asked for.
#[derive(Default)]
struct Order<'e> {
    meetings: Option<stacks::Meetings<'e>>,
    roots: Option<Graph>,
    inside: BTreeMap<StackId, Graph>,
}

impl<'e> Order<'e> {
    /// Why a principal can only be created after a key: the steps from the one to the other, and when.
    fn needs(
        &mut self,
        estate: &'e Estate,
        entry: &PrincipalEntry,
        key_stack: StackId,
        key: &str,
        guard: &Guard,
    ) -> Option<(Guard, Vec<Step>)> {
        let meetings = self.meetings.get_or_insert_with(|| stacks::meetings(estate));
        let of_key = stacks::lineage(estate, key_stack);
        let shared = stacks::lineage(estate, entry.stack).into_iter().find(|stack| of_key.contains(stack));
        let (graph, from, to) = match shared {
            Some(shared) => {
                let part = |stack: StackId, logical: &str| {
                    stacks::child_of(estate, shared, stack).unwrap_or_else(|| Node::resource(shared, logical))
                };
                let graph = self.inside.entry(shared).or_insert_with(|| stacks::inside(estate, meetings, shared));
                (&*graph, part(entry.stack, &entry.logical), part(key_stack, key))
            }
            None => {
                let root = |stack| stacks::lineage(estate, stack).last().copied().map(Node::stack);
                let graph = self.roots.get_or_insert_with(|| stacks::roots(estate, meetings));
                (&*graph, root(entry.stack)?, root(key_stack)?)
            }
        };
        let all: BTreeSet<_> = graph.nodes().map(|(at, _)| at).collect();
        let allowed = |guard: &Guard| estate.feasible(guard);
        match graph.path(graph.find(&from)?, graph.find(&to)?, guard, &all, &allowed) {
            Search::Found(guard, path) => {
                let steps = graph.steps(estate, &path, &guard);
                Some((guard, steps))
            }
            Search::Nothing | Search::TooMany => None,
        }
    }
}
