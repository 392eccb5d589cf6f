//! Who may administer a key: the engine's answers for everyone who could.

use super::Cx;
use super::trust::{Worlds, covers};
use crate::authz::{Asker, Decision, key_side};
use crate::estate::{Estate, Fact, Key};
use crate::policy::{Action, Effect, Guarded, Match, Policy, Principal};
use crate::resolve::{Guard, Text, Truth};
use crate::source::Span;

/// In which worlds somebody may do something, and in which a `Deny` of the key policy keeps them from it.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// Where they may, at least under conditions on the request, and where that is not known.
    pub(super) may: Worlds,
    /// Where they may whatever the request.
    pub(super) always: Vec<Guard>,
    /// Where a Deny meets them, with the statement.
    pub(super) denied: Vec<(Guard, Span)>,
}

impl Answer {
    /// What the engine says of an action on a key.
    pub(super) fn ask(&mut self, estate: &Estate, asker: &Asker<'_>, key: &Key, there: &Guard, action: Action) {
        let side = key_side(key);
        for world in asker.may(estate, there, &side, action) {
            let verdict = &world.verdict;
            match verdict.allowed {
                Truth::Yes => {
                    self.may.is(&world.guard);
                    self.always.push(world.guard.clone());
                }
                Truth::Unknown => match verdict.causes().next().filter(|_| !verdict.met) {
                    Some(cause) => self.may.may_be(&world.guard, cause.why.clone()),
                    None => self.may.is(&world.guard),
                },
                Truth::No => {}
            }
            if verdict.decision == Decision::ExplicitDeny {
                let deny = verdict.statements.iter().find(|applied| applied.effect == Effect::Deny);
                self.denied.extend(deny.map(|applied| (world.guard.clone(), applied.statement.span)));
            }
        }
    }
}

/// A user, role or session that a key policy names for an action.
#[derive(Clone, Copy, Debug)]
pub(super) struct NamedPrincipal<'p> {
    pub(super) principal: &'p Guarded<Principal>,
    pub(super) arn: &'p Text,
}

/// The users, roles and sessions that the Allow statements of a policy name for an action.
pub(super) fn named(policy: &Policy, action: Action) -> Vec<NamedPrincipal<'_>> {
    let giving = policy
        .statements
        .iter()
        .filter(|statement| statement.effect == Some(Effect::Allow) && covers(statement, action) != Truth::No);
    let listed = giving.flat_map(|statement| match &statement.principals {
        Match::Only(principals) => principals.as_slice(),
        Match::AllExcept(_) | Match::Missing => &[],
    });
    let named = listed.filter_map(|principal| match &principal.value {
        Principal::Arn(arn) => Some(NamedPrincipal { principal, arn }),
        _ => None,
    });
    named.collect()
}

/// What the account's own IAM policies can give, if they give everything.
pub(super) fn of_account(cx: &Cx<'_>, key: &Key, fact: &Fact, action: Action) -> Answer {
    let mut answer = Answer::default();
    answer.ask(cx.estate, &Asker::trusted_with_everything(&key.account), key, &fact.guard, action);
    answer
}
