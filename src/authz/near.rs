//! Statements that nearly permit a request: one part of them does not fit.

use super::PolicyRef;
use super::apply;
use super::condition::{self, Setting};
use super::reach::reach;
use super::request::{Attached, Request};
use super::residual;
use super::world::World;
use crate::policy::{Effect, Policy, Statement};
use crate::resolve::{Guard, Truth};

/// The part of a statement that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// It speaks of somebody else.
    Principal,
    /// It speaks of other actions.
    Action,
    /// It speaks of another key.
    Key,
    /// A condition cannot hold; these, in words.
    Condition(Vec<String>),
}

/// An Allow statement that would permit the request but for one part.
#[derive(Clone, Debug)]
pub struct NearMiss<'p> {
    /// Which policy.
    pub policy: PolicyRef,
    /// The statement.
    pub statement: &'p Statement,
    /// What does not fit.
    pub misfit: Misfit,
}

/// The Allow statements that are there under a guard and miss the request by one part, in the order key policy, KMS grants,
/// identity policies, boundary. A KMS grant to somebody else is no near miss: there may be thousands.
#[must_use]
pub fn near_misses<'p>(request: &Request<'p>, under: &Guard, feasible: &dyn Fn(&Guard) -> bool) -> Vec<NearMiss<'p>> {
    let search = Search { request, world: World { assignment: under, feasible } };
    let mut found = Vec::new();
    if let (Ok(policy), false) = (request.key.statements(), request.action.info().iam_only) {
        search.policy(policy, PolicyRef::Key, &mut found);
    }
    if let Some(granted) = request.key.granted() {
        search.policy(granted, PolicyRef::Grants, &mut found);
        found.retain(|miss| miss.policy != PolicyRef::Grants || miss.misfit != Misfit::Principal);
        // One grant may be several statements.
        found.dedup_by_key(|miss| (miss.policy, miss.statement.span, miss.misfit.clone()));
    }
    let identity = request.identity.iter().zip(0..).map(|(policy, at)| (policy, PolicyRef::Identity(at)));
    for (attached, of) in identity.chain(request.boundary.iter().map(|policy| (policy, PolicyRef::Boundary))) {
        if let (Attached::Document(policy), true) = (&attached.policy, search.world.holds(&attached.guard) != Truth::No)
        {
            search.policy(policy, of, &mut found);
        }
    }
    found
}

struct Search<'s, 'p> {
    request: &'s Request<'p>,
    world: World<'s>,
}

impl<'p> Search<'_, 'p> {
    fn policy(&self, policy: &'p Policy, of: PolicyRef, found: &mut Vec<NearMiss<'p>>) {
        let setting = Setting { request: self.request, version: policy.version, world: self.world };
        for statement in &policy.statements {
            if statement.effect != Some(Effect::Allow) || self.world.holds(&statement.guard) == Truth::No {
                continue;
            }
            let misfit = self.misfit(statement, of, setting);
            found.extend(misfit.map(|misfit| NearMiss { policy: of, statement, misfit }));
        }
    }

    /// The only part that does not fit; none where all parts may fit, or several do not.
    fn misfit(&self, statement: &Statement, of: PolicyRef, setting: Setting<'_, '_>) -> Option<Misfit> {
        let mut misfits = Vec::new();
        let reaches = || reach(statement, self.request.caller, Truth::No, self.world).any();
        if matches!(of, PolicyRef::Key | PolicyRef::Grants) && reaches() == Truth::No {
            misfits.push(Misfit::Principal);
        }
        if apply::covers_action(statement, setting) == Truth::No {
            misfits.push(Misfit::Action);
        }
        if apply::covers_key(statement, setting) == Truth::No {
            misfits.push(Misfit::Key);
        }
        let failing = statement.conditions.iter().filter(|one| condition::holds(one, setting) == Truth::No);
        let words: Vec<String> =
            failing.filter_map(|one| one.operator.map(|operator| residual::condition_words(one, operator))).collect();
        if !words.is_empty() {
            misfits.push(Misfit::Condition(words));
        }
        match <[Misfit; 1]>::try_from(misfits) {
            Ok([only]) => Some(only),
            Err(_) => None,
        }
    }
}
