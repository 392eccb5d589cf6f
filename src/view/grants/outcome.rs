//! What the verdict on one action comes to.

use super::interest::Subject;
use super::{Outcome, Through};
use crate::authz::{Applied, Caller, Decision, PolicyRef, PrincipalMatch, Residual, Side, Verdict, Way};
use crate::estate::{Estate, Key};
use crate::policy::{Action, CrossAccount, Effect, Policy};
use crate::resolve::{Text, Truth};
use crate::source::Span;

/// Most causes that are told.
const TOLD: usize = 2;

/// Everything that must be the same for actions to share a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Class {
    pub(super) outcome: Outcome,
    pub(super) through: Option<Through>,
    pub(super) conditions: Vec<String>,
    pub(super) why: Option<String>,
}

/// A statement that takes part, by policy and place.
pub(super) type Cited = (PolicyRef, Span);

/// What a verdict comes to; none where nothing in view gives the action: a pattern that is not about this key.
pub(super) fn class(
    estate: &Estate,
    key: &Key,
    subject: &Subject,
    action: Action,
    by_name: bool,
    verdict: &Verdict<'_>,
) -> Option<(Class, Vec<Cited>)> {
    let is_given = verdict.statements.iter().any(|applied| applied.effect == Effect::Allow && is_written(applied));
    if !by_name && !is_given && verdict.unknown.is_empty() {
        return None;
    }
    let at_home = account(estate, subject).map(|account| account.equals(&key.account));
    let teller = Teller { subject, action, at_home: at_home.unwrap_or(Truth::Unknown), verdict };
    Some(match subject {
        Subject::Everyone | Subject::EveryoneElse => teller.everyone(),
        Subject::Account(_) | Subject::Service(_) | Subject::Named(_) | Subject::Entry(_) => teller.one(),
    })
}

fn account(estate: &Estate, subject: &Subject) -> Option<Text> {
    match subject {
        Subject::Account(account) => Some(account.clone()),
        Subject::Entry(id) => estate.principal(*id).map(|entry| entry.account.clone()),
        Subject::Named(arn) => Caller::of_text(arn).map(|caller| caller.account),
        Subject::Everyone | Subject::EveryoneElse | Subject::Service(_) => None,
    }
}

/// Whether somebody wrote a statement: the engine's own "everything" is in no file.
fn is_written(applied: &Applied<'_>) -> bool {
    let span = applied.statement.span;
    applied.policy == PolicyRef::Key || span.end > span.start
}

struct Teller<'t, 'p> {
    subject: &'t Subject,
    action: Action,
    at_home: Truth,
    verdict: &'t Verdict<'p>,
}

impl<'p> Teller<'_, 'p> {
    fn one(&self) -> (Class, Vec<Cited>) {
        match (self.verdict.decision, self.verdict.allowed) {
            (Decision::Allow, _) => self.effective(self.verdict.way.map(way), Vec::new()),
            (Decision::ExplicitDeny, _) => self.denied(),
            (Decision::ImplicitDeny, _) | (Decision::Undecided, Truth::No) => self.ineffective(),
            (Decision::Undecided, Truth::Yes | Truth::Unknown) => self.open(),
        }
    }

    /// Everyone is asked for as a stranger of an account that is not known: only what speaks of everyone counts.
    fn everyone(&self) -> (Class, Vec<Cited>) {
        let is_for_all = |applied: &&Applied<'_>| {
            matches!(applied.principal_match, Some(PrincipalMatch::Wildcard | PrincipalMatch::NotPrincipal))
        };
        if self.verdict.decision == Decision::ExplicitDeny {
            return self.denied();
        }
        let allows: Vec<&Applied<'_>> = self.allows(PolicyRef::Key).filter(is_for_all).collect();
        if allows.is_empty() {
            return self.ineffective();
        }
        let conditions = self.conditions_of(&allows).into_iter().chain(self.exceptions()).collect();
        let unread = allows.iter().flat_map(|applied| unread(applied)).next();
        match unread.filter(|_| !allows.iter().any(|applied| applied.residual.is_empty())) {
            Some(why) => self.class(Outcome::Undecided, None, Vec::new(), Some(why), &allows),
            None => self.class(Outcome::Effective, Some(Through::KeyPolicy), conditions, None, &allows),
        }
    }

    fn allows(&self, policy: PolicyRef) -> impl Iterator<Item = &Applied<'p>> {
        let of = move |applied: &&Applied<'p>| {
            let same = match policy {
                PolicyRef::Identity(_) => matches!(applied.policy, PolicyRef::Identity(_)),
                PolicyRef::Key | PolicyRef::Grants | PolicyRef::Boundary => applied.policy == policy,
            };
            same && applied.effect == Effect::Allow && !(self.verdict.met && has_unread(applied))
        };
        self.verdict.statements.iter().filter(of)
    }

    fn class(
        &self,
        outcome: Outcome,
        through: Option<Through>,
        conditions: Vec<String>,
        why: Option<String>,
        statements: &[&Applied<'_>],
    ) -> (Class, Vec<Cited>) {
        let written = statements.iter().filter(|applied| is_written(applied));
        let cited = written.map(|applied| (applied.policy, applied.statement.span)).collect();
        (Class { outcome, through, conditions, why }, cited)
    }

    fn effective(&self, through: Option<Through>, conditions: Vec<String>) -> (Class, Vec<Cited>) {
        let through = match self.subject {
            Subject::Account(_) if !matches!(through, Some(Through::KeyPolicy | Through::Grant)) => {
                Some(Through::Trust)
            }
            _ => through,
        };
        let alone = match through {
            Some(Through::KeyPolicy) => Some(PolicyRef::Key),
            Some(Through::Grant) => Some(PolicyRef::Grants),
            _ => None,
        };
        let takes_part = |applied: &&Applied<'_>| {
            applied.effect == Effect::Allow && alone.is_none_or(|alone| applied.policy == alone)
        };
        let statements: Vec<_> = self.verdict.statements.iter().filter(takes_part).collect();
        self.class(Outcome::Effective, through, conditions, None, &statements)
    }

    fn denied(&self) -> (Class, Vec<Cited>) {
        let denies: Vec<_> = self
            .verdict
            .statements
            .iter()
            .filter(|applied| applied.effect == Effect::Deny && applied.residual.is_empty())
            .collect();
        let whose = match denies.first().map(|applied| applied.policy) {
            Some(PolicyRef::Identity(_)) => "an IAM policy",
            Some(PolicyRef::Boundary) => "the permissions boundary",
            Some(PolicyRef::Key | PolicyRef::Grants) | None => "the key policy",
        };
        let why = format!("a `Deny` of {whose} forbids it");
        self.class(Outcome::Ineffective, None, Vec::new(), Some(why), &denies)
    }

    fn ineffective(&self) -> (Class, Vec<Cited>) {
        let given: Vec<_> = self.verdict.statements.iter().filter(|applied| applied.effect == Effect::Allow).collect();
        self.class(Outcome::Ineffective, None, Vec::new(), Some(self.missing()), &given)
    }

    /// What is missing, in words.
    fn missing(&self) -> String {
        let lacks = |side: Side| self.verdict.sides.contains(&side);
        if self.at_home == Truth::No && self.action.info().cross_account == CrossAccount::No {
            return "KMS never lets another account do this".to_owned();
        }
        if self.verdict.contradictory {
            return "the conditions of the key policy and those of the IAM policies exclude each other".to_owned();
        }
        if lacks(Side::KeyPolicy) {
            let key = match self.subject {
                Subject::Entry(_) if self.at_home == Truth::Yes => {
                    "the key policy admits neither it nor the IAM policies of its account"
                }
                Subject::Entry(_) => "the key policy admits neither it nor its account",
                _ => "the statement never applies to it: a condition or the resource excludes it",
            };
            let also = if lacks(Side::Identity) { ", and no IAM policy allows it" } else { "" };
            return format!("{key}{also}");
        }
        let what = if lacks(Side::Boundary) {
            "the permissions boundary does not allow it"
        } else {
            "no IAM policy allows it"
        };
        what.to_owned()
    }

    /// Open to conditions on the request alone: effective where they are met. Else undecided.
    fn open(&self) -> (Class, Vec<Cited>) {
        let mut causes: Vec<String> = self.verdict.causes().map(|cause| cause.why.clone()).collect();
        let mut seen = std::collections::BTreeSet::new();
        causes.retain(|cause| seen.insert(cause.clone()));
        if !causes.is_empty() && !self.verdict.met {
            let more = causes.len().saturating_sub(TOLD);
            causes.truncate(TOLD);
            let more = if more == 0 { String::new() } else { format!("; and {more} more") };
            let given: Vec<_> = self.verdict.statements.iter().collect();
            let why = format!("{}{more}", causes.join("; "));
            return self.class(Outcome::Undecided, None, Vec::new(), Some(why), &given);
        }
        let direct: Vec<_> = self
            .allows(PolicyRef::Key)
            .filter(|applied| applied.principal_match != Some(PrincipalMatch::Account))
            .collect();
        let by_key_alone = !direct.is_empty() && self.at_home != Truth::No;
        let identity: Vec<_> = self.allows(PolicyRef::Identity(0)).collect();
        let boundary: Vec<_> = self.allows(PolicyRef::Boundary).collect();
        let key: Vec<_> = self.allows(PolicyRef::Key).collect();
        let grants: Vec<_> = self.allows(PolicyRef::Grants).collect();
        let no_policy = !by_key_alone && (key.is_empty() || identity.is_empty());
        if no_policy && !grants.is_empty() {
            let conditions = self.conditions_of(&grants).into_iter().chain(self.exceptions()).collect();
            return self.effective(Some(Through::Grant), conditions);
        }
        let sides = if by_key_alone { vec![direct] } else { vec![key, identity, boundary] };
        let conditions = sides.iter().filter_map(|side| self.conditions_of(side)).chain(self.exceptions()).collect();
        let through = match (by_key_alone, self.at_home) {
            (true, _) => Through::KeyPolicy,
            (false, Truth::No) => Through::BothSides,
            (false, Truth::Yes | Truth::Unknown) => Through::Delegation,
        };
        self.effective(Some(through), conditions)
    }

    /// What some of these statements asks for; none where one of them asks for nothing.
    fn conditions_of(&self, allows: &[&Applied<'_>]) -> Option<String> {
        if allows.iter().any(|applied| applied.residual.is_empty()) {
            return None;
        }
        let mut ways: Vec<String> = allows.iter().map(|applied| wants(applied)).collect();
        ways.sort();
        ways.dedup();
        let joined = ways.join(", or ");
        (!joined.is_empty()).then_some(joined)
    }

    /// The denies that some requests meet.
    fn exceptions(&self) -> impl Iterator<Item = String> {
        let denies = self.verdict.statements.iter().filter(|applied| applied.effect == Effect::Deny);
        denies.filter(|applied| !applied.residual.is_empty()).map(|applied| format!("not where {}", wants(applied)))
    }
}

/// Whether something about a statement could not be read or compared.
fn has_unread(applied: &Applied<'_>) -> bool {
    applied.residual.iter().any(|residual| matches!(residual, Residual::Unresolved(_)))
}

/// What must hold for a statement to apply.
fn wants(applied: &Applied<'_>) -> String {
    let words = applied.residual.iter().map(|residual| match residual {
        Residual::Request { words, .. } => words.clone(),
        Residual::Unresolved(cause) => cause.why.strip_prefix("whether ").unwrap_or(&cause.why).to_owned(),
    });
    words.collect::<Vec<_>>().join(" and ")
}

/// What in a statement cannot be read: what is unknown of its conditions only because the caller is anybody does not count.
fn unread(applied: &Applied<'_>) -> impl Iterator<Item = String> {
    let of_caller = |span: Span| applied.statement.conditions.iter().any(|c| c.span == span && c.unknown.is_empty());
    applied.residual.iter().filter_map(move |residual| match residual {
        Residual::Unresolved(cause) if !of_caller(cause.span) => Some(cause.why.clone()),
        Residual::Unresolved(_) | Residual::Request { .. } => None,
    })
}

fn way(way: Way) -> Through {
    match way {
        Way::KeyPolicy => Through::KeyPolicy,
        Way::Delegation => Through::Delegation,
        Way::Either => Through::Either,
        Way::BothSides => Through::BothSides,
        Way::Grant => Through::Grant,
    }
}

/// The statement of a policy at a place.
pub(super) fn statement_at(policy: &Policy, span: Span) -> Option<&crate::policy::Statement> {
    policy.statements.iter().find(|statement| statement.span == span)
}
