//! A copy of the policies of a request in which changes are made.

use super::super::PolicyRef;
use super::super::request::{Attached, IdentityPolicy, KeySide, Request};
use super::{Addition, Change};
use crate::policy::{ActionPattern, Actions, Effect, Guarded, KeyPolicy, Match, Policy, Statement};
use crate::resolve::{Cause, Guard, Text};
use crate::source::Span;

/// The policies after the changes.
pub(super) struct Amended {
    key: KeyPolicy,
    identity: Vec<(Guard, Result<Policy, Cause>)>,
    boundary: Vec<(Guard, Result<Policy, Cause>)>,
}

impl Amended {
    pub(super) fn of(request: &Request<'_>, changes: &[Change]) -> Self {
        let key = match request.key.statements() {
            Ok(policy) => KeyPolicy::Document(policy.clone()),
            Err(cause) => KeyPolicy::Unknown(cause.clone()),
        };
        let site = request.key.site;
        let mut amended = Self { key, identity: copies(request.identity), boundary: copies(request.boundary) };
        for change in changes {
            amended.make(change, site);
        }
        amended
    }

    fn make(&mut self, change: &Change, site: Span) {
        match change {
            Change::Trust(addition) | Change::TrustWith(addition) | Change::Name(addition) => {
                if let KeyPolicy::Document(policy) = &mut self.key {
                    policy.statements.push(statement(addition, site));
                }
            }
            Change::Give(addition) => {
                let mut policy = Policy::empty(site);
                policy.statements.push(statement(addition, site));
                self.identity.push((Guard::ALWAYS, Ok(policy)));
            }
            Change::Bound(addition) => {
                for policy in self.boundary.iter_mut().filter_map(|(_, policy)| policy.as_mut().ok()) {
                    policy.statements.push(statement(addition, site));
                }
            }
            Change::Spare { policy, index, span } => {
                let is_it = |statement: &Statement| {
                    statement.effect == Some(Effect::Deny) && statement.index == *index && statement.span == *span
                };
                for policy in self.policies(*policy) {
                    policy.statements.retain(|statement| !is_it(statement));
                }
            }
        }
    }

    fn policies(&mut self, of: PolicyRef) -> Vec<&mut Policy> {
        match of {
            PolicyRef::Key => match &mut self.key {
                KeyPolicy::Document(policy) => vec![policy],
                KeyPolicy::Default | KeyPolicy::AwsManaged(_) | KeyPolicy::Unknown(_) => Vec::new(),
            },
            // Grants deny nothing, and nobody changes them here.
            PolicyRef::Grants => Vec::new(),
            PolicyRef::Identity(at) => {
                self.identity.get_mut(at).and_then(|(_, policy)| policy.as_mut().ok()).into_iter().collect()
            }
            PolicyRef::Boundary => self.boundary.iter_mut().filter_map(|(_, policy)| policy.as_mut().ok()).collect(),
        }
    }

    pub(super) fn key<'k>(&'k self, request: &Request<'k>) -> KeySide<'k> {
        request.key.with_policy(&self.key)
    }

    pub(super) fn identity(&self) -> Vec<IdentityPolicy<'_>> {
        attached(&self.identity)
    }

    pub(super) fn boundary(&self) -> Vec<IdentityPolicy<'_>> {
        attached(&self.boundary)
    }
}

fn copies(policies: &[IdentityPolicy<'_>]) -> Vec<(Guard, Result<Policy, Cause>)> {
    let copy = |policy: &IdentityPolicy<'_>| {
        let document = match &policy.policy {
            Attached::Document(document) => Ok((*document).clone()),
            Attached::Unknown(cause) => Err(cause.clone()),
        };
        (policy.guard.clone(), document)
    };
    policies.iter().map(copy).collect()
}

fn attached(policies: &[(Guard, Result<Policy, Cause>)]) -> Vec<IdentityPolicy<'_>> {
    policies.iter().map(|(guard, policy)| one_attached(guard, policy)).collect()
}

fn one_attached<'p>(guard: &Guard, policy: &'p Result<Policy, Cause>) -> IdentityPolicy<'p> {
    let policy = match policy {
        Ok(document) => Attached::Document(document),
        Err(cause) => Attached::Unknown(cause.clone()),
    };
    IdentityPolicy { guard: guard.clone(), policy }
}

fn statement(addition: &Addition, site: Span) -> Statement {
    let always = |text: Text| Guarded { guard: Guard::ALWAYS, span: site, value: text };
    let pattern = |name: &&'static str| Guarded {
        guard: Guard::ALWAYS,
        span: site,
        value: ActionPattern::new(Text::literal(name)),
    };
    let principals = match addition.named() {
        Some(principal) => Match::Only(vec![Guarded { guard: Guard::ALWAYS, span: site, value: principal }]),
        None => Match::Missing,
    };
    Statement {
        guard: Guard::ALWAYS,
        span: site,
        index: usize::MAX,
        sid: None,
        effect: Some(Effect::Allow),
        principals,
        actions: Actions::new(Match::Only(addition.actions.iter().map(pattern).collect()), &Guard::ALWAYS),
        resources: Match::Only(vec![always(addition.resource.clone())]),
        conditions: Vec::new(),
        unread: Vec::new(),
        unknown: Vec::new(),
    }
}
