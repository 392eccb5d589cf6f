//! Every grant of the estate on a key whose policy is in view, decided action by action.

use super::{Asker, Decision, Side, WorldVerdict, key_side};
use crate::estate::{Estate, Grant, Key, KeyId, PrincipalId, Target};
use crate::policy::{Action, ActionPattern, CrossAccount, Guarded, KeyPolicy};
use crate::resolve::{Cause, Guard, Truth};
use crate::source::Span;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Fewer principals than this are decided without starting threads.
const FEW: usize = 64;

/// Most guards that are kept for "in all of these".
const MOST_GUARDS: usize = 16;

/// What became of one action pattern of one grant.
#[derive(Clone, Debug)]
pub struct Surveyed {
    /// The grant: index into the list that was surveyed.
    pub grant: usize,
    /// Who.
    pub principal: PrincipalId,
    /// On which key.
    pub key: KeyId,
    /// The pattern: index into the elements of the statement's `Action`.
    pub pattern: usize,
    /// Worlds in which no action of the pattern has any effect, because of the key policy.
    pub dead: Vec<Guard>,
    /// Actions of the pattern that have no effect in some of the deployments (all of them where `dead` says so).
    pub dead_actions: Vec<Action>,
    /// Whether a Deny of the key policy is what kills it.
    pub denied: bool,
    /// Whether the key policy gives it under conditions that exclude those of the grant.
    pub contradictory: bool,
    /// Why it cannot be known, where it cannot: not for conditions on the request, which some requests meet.
    pub unknown: Vec<Cause>,
}

/// Which grants are decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accounts {
    /// Those on keys of the principal's own account.
    Same,
    /// Those on keys of an account that is known to be another; there only actions that work across accounts.
    Different,
}

impl Accounts {
    /// A key of the inventory counts as one of the same account where that is not known: if neither way works, that is certain.
    fn include(self, asker: &Asker<'_>, key: &Key) -> bool {
        match (self, asker.account().equals(&key.account)) {
            (Self::Same, Truth::Yes) | (Self::Different, Truth::No) => true,
            (Self::Same, Truth::Unknown) => key.described.is_some(),
            (Self::Same, Truth::No) | (Self::Different, Truth::Yes | Truth::Unknown) => false,
        }
    }

    fn decides(self, action: Action) -> bool {
        let info = action.info();
        let reaches = self == Self::Same || info.cross_account == CrossAccount::Yes;
        info.on_key && !info.iam_only && reaches
    }
}

/// Decides every grant on a key whose policy is in view. Patterns like `key/*` name no key and are left out.
#[must_use]
pub fn survey(estate: &Estate, grants: &[Grant<'_>], accounts: Accounts) -> Vec<Surveyed> {
    let mut by_principal: BTreeMap<PrincipalId, Vec<usize>> = BTreeMap::new();
    for (at, grant) in grants.iter().enumerate() {
        if matches!(grant.target, Target::Key(_)) {
            by_principal.entry(grant.principal).or_default().push(at);
        }
    }
    let groups: Vec<Vec<usize>> = by_principal.into_values().collect();
    let of_group = |group: &Vec<usize>| survey_principal(estate, grants, group, accounts);
    let surveyed: Vec<Vec<Surveyed>> = if groups.len() < FEW {
        groups.iter().map(of_group).collect()
    } else {
        groups.par_iter().map(of_group).collect()
    };
    surveyed.into_iter().flatten().collect()
}

fn survey_principal(estate: &Estate, grants: &[Grant<'_>], group: &[usize], accounts: Accounts) -> Vec<Surveyed> {
    let mut surveyed = Vec::new();
    let Some(first) = group.first().and_then(|at| grants.get(*at)) else { return surveyed };
    let asker = Asker::of(first.entry);
    for at in group {
        let Some(grant) = grants.get(*at) else { continue };
        let Target::Key(id) = grant.target else { continue };
        let Some(key) = estate.key(id) else { continue };
        let beside = asker.beside_provider(estate, &grant.guard);
        let asker = beside.as_ref().unwrap_or(&asker);
        if !accounts.include(asker, key) || matches!(key.policy, KeyPolicy::Unknown(_)) {
            continue;
        }
        let side = key_side(key);
        for (pattern, written) in grant.statement.actions.elements().iter().enumerate() {
            let mut answers =
                Answers::of(estate, grant, written, accounts, &|guard, action| asker.may(estate, guard, &side, action));
            if asker.account().equals(&key.account) == Truth::Unknown && answers.dead().is_empty() {
                answers.unknown.insert(0, unknown_account(grant, key, written.span));
            }
            if answers.dead_actions.is_empty() && answers.unknown.is_empty() {
                continue;
            }
            surveyed.push(Surveyed {
                grant: *at,
                principal: grant.principal,
                key: id,
                pattern,
                dead: answers.all_dead.unwrap_or_default(),
                dead_actions: answers.dead_actions,
                denied: answers.denied,
                contradictory: answers.contradictory,
                unknown: answers.unknown,
            });
        }
    }
    surveyed
}

fn unknown_account(grant: &Grant<'_>, key: &Key, span: Span) -> Cause {
    let (holder, account) = (&grant.entry.name, &key.account);
    Cause {
        span,
        why: format!(
            "whether `{holder}` is in account `{account}`, which owns the key, is not known: `--account` says it"
        ),
    }
}

/// The verdicts on the actions of one pattern, put together.
#[derive(Default)]
struct Answers {
    all_dead: Option<Vec<Guard>>,
    dead_actions: Vec<Action>,
    denied: bool,
    contradictory: bool,
    unknown: Vec<Cause>,
}

impl Answers {
    fn of<'v>(
        estate: &Estate,
        grant: &Grant<'_>,
        written: &Guarded<ActionPattern>,
        accounts: Accounts,
        may: &dyn Fn(&Guard, Action) -> Vec<WorldVerdict<'v>>,
    ) -> Self {
        let mut answers = Self::default();
        let Some(there) = grant.guard.and(&written.guard).filter(|guard| estate.feasible(guard)) else {
            return answers;
        };
        for action in written.value.expand().filter(|action| accounts.decides(*action)) {
            answers.add(action, &may(&there, action), estate);
        }
        answers.unknown.dedup();
        answers
    }

    /// Where no action has any effect.
    fn dead(&self) -> &[Guard] {
        self.all_dead.as_deref().unwrap_or_default()
    }

    fn add(&mut self, action: Action, worlds: &[WorldVerdict<'_>], estate: &Estate) {
        let mut dead = Vec::new();
        for world in worlds {
            if killed_by_key_policy(world) {
                self.denied |= world.verdict.decision == Decision::ExplicitDeny;
                self.contradictory |= world.verdict.contradictory;
                dead.push(world.guard.clone());
            } else if world.verdict.decision == Decision::Undecided && !world.verdict.met {
                self.unknown.extend(world.verdict.causes().cloned());
            }
        }
        if !dead.is_empty() {
            self.dead_actions.push(action);
        }
        self.all_dead = Some(match self.all_dead.take() {
            None => dead,
            Some(before) => in_both(estate, &before, &dead),
        });
    }
}

fn killed_by_key_policy(world: &WorldVerdict<'_>) -> bool {
    world.verdict.allowed == Truth::No && world.verdict.sides.contains(&Side::KeyPolicy)
}

/// The guards under which some guard of each list holds.
fn in_both(estate: &Estate, a: &[Guard], b: &[Guard]) -> Vec<Guard> {
    let mut both: Vec<Guard> =
        a.iter().flat_map(|a| b.iter().filter_map(|b| a.and(b))).filter(|guard| estate.feasible(guard)).collect();
    both.sort();
    both.dedup();
    both.truncate(MOST_GUARDS);
    both
}
