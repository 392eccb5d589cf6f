//! Deciding a request in each of the worlds that conditions and parameters make.

use super::decide::decide_in;
use super::request::{Attached, Request};
use super::world::World;
use super::{Decision, PolicyRef, Verdict};
use crate::policy::{Guarded, Match, Policy, Statement};
use crate::resolve::{Atom, Cause, Guard, Truth};

/// How many decisions one question may take.
const LIMIT: usize = 64;

/// The answer in the deployments in which a guard holds.
#[derive(Clone, Debug)]
pub struct WorldVerdict<'p> {
    /// When.
    pub guard: Guard,
    /// What.
    pub verdict: Verdict<'p>,
}

/// Decides a request in every world that matters to it: the guards exclude each other and together cover every deployment.
///
/// `feasible` says whether a guard can hold at all (see [`crate::resolve::Worlds`]). Neighbours with the same decision are one, with the
/// evidence of the first. A question that needs too many worlds stays undecided in the rest of them.
#[must_use]
pub fn decide_in_worlds<'p>(request: &Request<'p>, feasible: &dyn Fn(&Guard) -> bool) -> Vec<WorldVerdict<'p>> {
    let mut search = Search { request, feasible, left: LIMIT };
    search.decide(&Guard::ALWAYS)
}

struct Search<'s, 'p> {
    request: &'s Request<'p>,
    feasible: &'s dyn Fn(&Guard) -> bool,
    left: usize,
}

impl<'p> Search<'_, 'p> {
    fn decide(&mut self, assignment: &Guard) -> Vec<WorldVerdict<'p>> {
        self.left = self.left.saturating_sub(1);
        let mut verdict = decide_in(self.request, World { assignment, feasible: self.feasible });
        let open = if verdict.decision == Decision::Undecided { self.open_atom(assignment, &verdict) } else { None };
        let Some(atom) = open else { return vec![WorldVerdict { guard: assignment.clone(), verdict }] };
        if self.left == 0 {
            let why = format!("more than {LIMIT} combinations of conditions and parameters bear on this");
            verdict.unknown.push(Cause { span: self.request.key.site, why });
            return vec![WorldVerdict { guard: assignment.clone(), verdict }];
        }
        let mut found = Vec::new();
        for holds in [true, false] {
            let world = assignment.and(&Guard::of(atom.clone(), holds));
            if let Some(world) = world.filter(|world| (self.feasible)(world)) {
                found.extend(self.decide(&world));
            }
        }
        merged(assignment, found)
    }

    /// A choice that is not made and that some part of the policies depends on which could change the answer. What does not apply while
    /// choices are open does not apply when they are made.
    fn open_atom(&self, assignment: &Guard, verdict: &Verdict<'p>) -> Option<Atom> {
        let mut guards = Vec::new();
        if let Ok(policy) = self.request.key.statements() {
            self.guards_of_open(policy, &mut guards);
        }
        for applied in &verdict.statements {
            guards_of(applied.statement, &mut guards);
        }
        let is_in_play = |of: PolicyRef| verdict.statements.iter().any(|applied| applied.policy == of);
        for (attached, at) in self.request.identity.iter().zip(0..) {
            let hides = match &attached.policy {
                Attached::Unknown(_) => true,
                Attached::Document(policy) => self.guards_of_open(policy, &mut guards),
            };
            if hides || is_in_play(PolicyRef::Identity(at)) {
                guards.push(&attached.guard);
            }
        }
        for attached in self.request.boundary {
            guards.push(&attached.guard);
            if let Attached::Document(policy) = &attached.policy {
                self.guards_of_open(policy, &mut guards);
            }
        }
        let made = |atom: &Atom| assignment.atoms().any(|(known, _)| known == atom);
        let open = |guard: &&Guard| self.is_possible(assignment, guard);
        let atoms = guards.into_iter().filter(open).flat_map(|guard| guard.atoms().map(|(atom, _)| atom));
        atoms.filter(|atom| !made(atom)).min().cloned()
    }

    fn is_possible(&self, assignment: &Guard, guard: &Guard) -> bool {
        assignment.and(guard).is_some_and(|joined| (self.feasible)(&joined))
    }

    /// The guards of what in a policy may be a statement of any kind, or one of unknown effect; whether there is any.
    fn guards_of_open<'a>(&self, policy: &'a Policy, guards: &mut Vec<&'a Guard>) -> bool {
        guards.extend(policy.unknown.iter().map(|cause| &cause.guard));
        let is_open = |statement: &&Statement| statement.effect.is_none() && statement.may_cover(self.request.action);
        let mut any = !policy.unknown.is_empty();
        for statement in policy.statements.iter().filter(is_open) {
            guards_of(statement, guards);
            any = true;
        }
        any
    }
}

/// The guards of everything in a statement.
fn guards_of<'a>(statement: &'a Statement, guards: &mut Vec<&'a Guard>) {
    guards.push(&statement.guard);
    push(&statement.principals, guards);
    push(&statement.actions, guards);
    push(&statement.resources, guards);
    guards.extend(statement.unread.iter().map(|(_, cause)| &cause.guard));
    guards.extend(statement.unknown.iter().map(|cause| &cause.guard));
    for condition in &statement.conditions {
        guards.push(&condition.guard);
        guards.extend(condition.values.iter().map(|value| &value.guard));
        guards.extend(condition.unknown.iter().map(|value| &value.guard));
    }
}

fn push<'a, T>(list: &'a Match<T>, guards: &mut Vec<&'a Guard>) {
    guards.extend(list.elements().iter().map(|element: &Guarded<T>| &element.guard));
}

/// Whether two answers are the same; a denial also says what it lacks.
fn is_alike(a: &Verdict<'_>, b: &Verdict<'_>) -> bool {
    a.decision == b.decision && a.allowed == b.allowed && (a.allowed != Truth::No || a.sides == b.sides)
}

/// One verdict for all, where all decisions are the same.
fn merged<'p>(assignment: &Guard, mut found: Vec<WorldVerdict<'p>>) -> Vec<WorldVerdict<'p>> {
    let alike = found.windows(2).all(|pair| match pair {
        [a, b] => is_alike(&a.verdict, &b.verdict),
        _ => true,
    });
    if alike && !found.is_empty() {
        found.truncate(1);
        if let Some(first) = found.first_mut() {
            first.guard = assignment.clone();
        }
    }
    found
}
