//! Repairs: the smallest changes of policies that make a denied question come out right, each tried by deciding the question again.

mod amend;

use super::caller::{Caller, CallerKind};
use super::matching;
use super::request::Request;
use super::worlds::decide_in_worlds;
use super::{Decision, PolicyRef, Residual, Way, WorldVerdict};
use crate::estate::{Estate, KeyId, PrincipalId, PrincipalKind, cycles};
use crate::policy::{Action, Effect, KeyPolicy, Principal, aws_principal, is_service_linked};
use crate::resolve::{Guard, Text, Truth};
use crate::source::Span;
use amend::Amended;

/// More repairs than this are not offered.
const MOST: usize = 3;

/// What of the policies can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Means {
    /// Whether the key's policy can be changed: it is written here, or is the default one.
    pub key_policy: bool,
    /// Whether the key's policy can name the principal, and a deployment in this order exists.
    pub naming: bool,
    /// Whether policies can be attached to the principal.
    pub identity: bool,
}

impl Means {
    /// Everything can be changed.
    pub const ALL: Self = Self { key_policy: true, naming: true, identity: true };

    /// What can be changed about a principal and a key of the estate.
    #[must_use]
    pub fn of(estate: &Estate, principal: PrincipalId, key: KeyId) -> Self {
        let kind = estate.principal(principal).map(|entry| entry.kind);
        let is_principal = matches!(kind, Some(PrincipalKind::Role | PrincipalKind::User));
        let policy = estate.key(key).map(|key| &key.policy);
        let is_service_linked = estate.principal(principal).is_some_and(|entry| is_service_linked(&entry.arn));
        Self {
            key_policy: matches!(policy, Some(KeyPolicy::Document(_) | KeyPolicy::Default)),
            naming: is_principal && !cycles::needs_key(estate, principal, key),
            identity: !is_service_linked,
        }
    }
}

/// A statement that is to be added.
#[derive(Clone, Debug, PartialEq)]
pub struct Addition {
    /// Who, in a key policy: what stands under `AWS`, or under `Service`.
    pub principal: Option<Text>,
    /// Whether that is a service.
    pub is_service: bool,
    /// What, as written.
    pub actions: Vec<&'static str>,
    /// On what.
    pub resource: Text,
}

impl Addition {
    /// What stands for the principal in the engine.
    fn named(&self) -> Option<Principal> {
        let text = self.principal.as_ref()?;
        Some(if self.is_service { Principal::Service(text.clone()) } else { aws_principal(text) })
    }

    /// The statement as JSON; `write` says how a text is written where the statement is to stand.
    #[must_use]
    pub fn json(&self, write: &dyn Fn(&Text) -> serde_json::Value) -> serde_json::Value {
        let mut statement = serde_json::Map::new();
        statement.insert("Effect".to_owned(), "Allow".into());
        if let Some(principal) = &self.principal {
            let kind = if self.is_service { "Service" } else { "AWS" };
            statement.insert("Principal".to_owned(), serde_json::json!({ kind: write(principal) }));
        }
        let actions = match self.actions.as_slice() {
            [only] => serde_json::json!(only),
            several => serde_json::json!(several),
        };
        statement.insert("Action".to_owned(), actions);
        statement.insert("Resource".to_owned(), write(&self.resource));
        serde_json::Value::Object(statement)
    }
}

/// One change of one policy.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The key's policy lets IAM policies of the caller's account give every action.
    Trust(Addition),
    /// The key's policy lets IAM policies of the caller's account give these actions.
    TrustWith(Addition),
    /// The key's policy names the caller with these actions.
    Name(Addition),
    /// An identity policy of the caller gives these actions.
    Give(Addition),
    /// The permissions boundary admits these actions.
    Bound(Addition),
    /// A Deny no longer meets the caller.
    Spare {
        /// The policy that denies.
        policy: PolicyRef,
        /// The statement's place in it.
        index: usize,
        /// The statement.
        span: Span,
    },
}

impl Change {
    /// The policy to change: an identity policy that gives something may be any of the caller's.
    #[must_use]
    pub fn policy(&self) -> PolicyRef {
        match self {
            Self::Trust(_) | Self::TrustWith(_) | Self::Name(_) => PolicyRef::Key,
            Self::Give(_) => PolicyRef::Identity(0),
            Self::Bound(_) => PolicyRef::Boundary,
            Self::Spare { policy, .. } => *policy,
        }
    }

    /// The statement to add, where one is.
    #[must_use]
    pub fn addition(&self) -> Option<&Addition> {
        match self {
            Self::Trust(addition)
            | Self::TrustWith(addition)
            | Self::Name(addition)
            | Self::Give(addition)
            | Self::Bound(addition) => Some(addition),
            Self::Spare { .. } => None,
        }
    }
}

/// Changes that together make the question come out right.
#[derive(Clone, Debug)]
pub struct Repair {
    /// What to change: no part of it would do alone.
    pub changes: Vec<Change>,
    /// The answer afterwards: allowed, or undecided for the reasons that follow.
    pub after: Decision,
    /// How it is permitted then, where that is the same wherever it is allowed.
    pub way: Option<Way>,
    /// The deployments in which it is allowed then.
    pub allowed: Vec<Guard>,
    /// What must hold of the request then, in words.
    pub conditions: Vec<String>,
    /// What cannot be known then.
    pub unknown: Vec<String>,
}

/// What is to become possible.
#[derive(Clone, Copy)]
pub struct Wish<'w> {
    /// The actions: all of them.
    pub actions: &'w [Action],
    /// In which deployments.
    pub under: &'w Guard,
    /// Whether a guard can hold at all.
    pub feasible: &'w dyn Fn(&Guard) -> bool,
    /// What can be changed.
    pub means: Means,
}

/// The repairs of a question that is denied or undecided, the smallest first; each was tried on the policies with its changes made.
/// The action of the request itself does not count.
#[must_use]
pub fn repairs(request: &Request<'_>, wish: &Wish<'_>) -> Vec<Repair> {
    let trial = Trial { request, wish };
    let Some(before) = trial.outcome(*request) else { return trial.of_denied() };
    if before.after == Decision::Allow {
        return Vec::new();
    }
    // What is open stays open unless a change settles it: no Deny is taken away that some requests do not meet.
    trial.accepted(&[]).into_iter().filter(|repair| repair.after == Decision::Allow).take(MOST).collect()
}

struct Trial<'t, 'p> {
    request: &'t Request<'p>,
    wish: &'t Wish<'t>,
}

impl Trial<'_, '_> {
    fn of_denied(&self) -> Vec<Repair> {
        let mut repairs = self.accepted(&self.denies());
        repairs.truncate(MOST);
        repairs
    }

    /// The sets of changes that work, none of which holds another; each contains these too.
    fn accepted(&self, always: &[Change]) -> Vec<Repair> {
        let mut accepted: Vec<Repair> = Vec::new();
        for set in self.sets() {
            let changes: Vec<Change> = always.iter().cloned().chain(set).collect();
            let holds_another =
                accepted.iter().any(|repair| repair.changes.iter().all(|change| changes.contains(change)));
            if changes.is_empty() || holds_another {
                continue;
            }
            let amended = Amended::of(self.request, &changes);
            let (key, identity, boundary) = (amended.key(self.request), amended.identity(), amended.boundary());
            let request = Request { key: &key, identity: &identity, boundary: &boundary, ..*self.request };
            accepted.extend(self.outcome(request).map(|outcome| Repair { changes, ..outcome }));
        }
        accepted
    }

    /// All sets of additions, the smallest first.
    fn sets(&self) -> Vec<Vec<Change>> {
        let key: Vec<Option<Change>> = std::iter::once(None).chain(self.key_changes().into_iter().map(Some)).collect();
        let boundary = [None, self.bound()];
        let identity = [None, self.give()];
        let mut sets: Vec<Vec<Change>> = Vec::new();
        for bound in boundary.iter().take(if self.request.boundary.is_empty() { 1 } else { 2 }) {
            for give in &identity {
                for key in &key {
                    let set: Vec<Change> = [key, give, bound].into_iter().flatten().cloned().collect();
                    if !sets.contains(&set) {
                        sets.push(set);
                    }
                }
            }
        }
        // A key's policy stays as it is where an IAM policy does as well.
        sets.sort_by_key(|set| (set.len(), set.iter().any(|change| change.policy() == PolicyRef::Key)));
        sets
    }

    /// What could be added to the key's policy, the usual first.
    fn key_changes(&self) -> Vec<Change> {
        let is_last_word = self.wish.actions.iter().any(|action| action.info().iam_only);
        let can_change = self.wish.means.key_policy && !matches!(self.request.key.policy, KeyPolicy::AwsManaged(_));
        if is_last_word || !can_change {
            return Vec::new();
        }
        let caller = self.request.caller;
        let mut changes = Vec::new();
        let is_home = matching::same(&caller.account, &self.request.key.account) != Truth::No;
        let root = self.account_root();
        if let (Some(root), true) = (&root, is_home) {
            changes.push(Change::Trust(self.addition(Some(root.clone()), vec!["kms:*"])));
        }
        if self.wish.means.naming {
            changes.extend(self.caller_name(caller).map(|name| Change::Name(self.addition(Some(name), self.names()))));
        }
        changes.extend(root.map(|root| Change::TrustWith(self.addition(Some(root), self.names()))));
        changes
    }

    fn give(&self) -> Option<Change> {
        let has_policies = !matches!(self.request.caller.kind, CallerKind::Service | CallerKind::Root);
        (has_policies && self.wish.means.identity).then(|| Change::Give(self.on_key()))
    }

    fn bound(&self) -> Option<Change> {
        self.wish.means.identity.then(|| Change::Bound(self.on_key()))
    }

    fn on_key(&self) -> Addition {
        let names_no_key = self.wish.actions.iter().any(|action| action.info().iam_only);
        let resource = if names_no_key { Text::literal("*") } else { self.request.key.arn.clone() };
        Addition { principal: None, is_service: false, actions: self.names(), resource }
    }

    fn addition(&self, principal: Option<Text>, actions: Vec<&'static str>) -> Addition {
        let is_service = self.request.caller.kind == CallerKind::Service;
        Addition { principal, is_service, actions, resource: Text::literal("*") }
    }

    fn names(&self) -> Vec<&'static str> {
        self.wish.actions.iter().map(|action| action.name()).collect()
    }

    /// How a key policy names the caller.
    fn caller_name(&self, caller: &Caller) -> Option<Text> {
        match caller.kind {
            CallerKind::User | CallerKind::Service => Some(caller.arn.clone()),
            CallerKind::Role | CallerKind::Session => Some(caller.role.clone()),
            CallerKind::Root | CallerKind::Anyone => None,
        }
    }

    /// The ARN that stands for the caller's account.
    fn account_root(&self) -> Option<Text> {
        let caller = self.request.caller;
        if caller.kind == CallerKind::Service {
            return None;
        }
        let mut root = Text::literal("arn:");
        root.push(&matching::arn_part(&self.request.key.arn, 1).unwrap_or_else(|| Text::literal("aws")));
        root.push_str(":iam::");
        root.push(&caller.account);
        root.push_str(":root");
        Some(root)
    }

    /// The Deny statements that certainly meet the request.
    fn denies(&self) -> Vec<Change> {
        let mut denies: Vec<Change> = Vec::new();
        for world in self.worlds(*self.request) {
            let certain = world
                .verdict
                .statements
                .iter()
                .filter(|applied| applied.effect == Effect::Deny && applied.residual.is_empty());
            for applied in certain {
                let (index, span) = (applied.statement.index, applied.statement.span);
                let spare = Change::Spare { policy: applied.policy, index, span };
                if !denies.contains(&spare) {
                    denies.push(spare);
                }
            }
        }
        denies
    }

    /// What comes out in every world of the wish; none where it is denied in one.
    fn outcome(&self, request: Request<'_>) -> Option<Repair> {
        let mut outcome = Repair {
            changes: Vec::new(),
            after: Decision::Allow,
            way: None,
            allowed: Vec::new(),
            conditions: Vec::new(),
            unknown: Vec::new(),
        };
        for world in self.worlds(request) {
            let verdict = world.verdict;
            if verdict.allowed == Truth::No {
                return None;
            }
            if verdict.decision == Decision::Allow {
                let is_first = outcome.allowed.is_empty();
                outcome.way = if is_first { verdict.way } else { outcome.way.filter(|way| Some(*way) == verdict.way) };
                outcome.allowed.push(world.guard);
                continue;
            }
            outcome.after = Decision::Undecided;
            let residuals = verdict.statements.iter().flat_map(|applied| &applied.residual);
            let words = residuals.filter_map(|residual| match residual {
                Residual::Request { words, .. } => Some(words.clone()),
                Residual::Unresolved(_) => None,
            });
            outcome.conditions.extend(words);
            outcome.unknown.extend(verdict.causes().map(|cause| cause.why.clone()));
        }
        outcome.allowed.sort();
        outcome.allowed.dedup();
        outcome.conditions.sort();
        outcome.conditions.dedup();
        outcome.unknown.sort();
        outcome.unknown.dedup();
        Some(outcome)
    }

    fn worlds<'r>(&self, request: Request<'r>) -> Vec<WorldVerdict<'r>> {
        let mut worlds = Vec::new();
        for action in self.wish.actions {
            let request = Request { action: *action, ..request };
            let within = decide_in_worlds(&request, self.wish.feasible)
                .into_iter()
                .filter(|world| world.guard.and(self.wish.under).is_some_and(|guard| (self.wish.feasible)(&guard)));
            worlds.extend(within);
        }
        worlds
    }
}
