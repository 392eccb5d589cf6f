//! Statements of key policies that let their principals create grants, and whether anything limits the grants.

use super::administration::Answer;
use super::trust::{Absence, Worlds, account_of, covers};
use super::{Cx, Sink};
use crate::authz::Asker;
use crate::estate::{Fact, Key};
use crate::finding::Site;
use crate::policy::{Action, Condition, Effect, Guarded, KeyPolicy, Match, OperatorKind, Policy, Principal, Statement};
use crate::resolve::{Guard, Truth};
use crate::source::Span;

/// Condition keys of `kms:CreateGrant` that limit whom a grant is for, what it gives, or who asks for it.
const LIMITS: [&str; 11] = [
    "kms:granteeprincipal",
    "kms:granteeserviceprincipal",
    "kms:grantoperations",
    "kms:grantconstraintsourcearn",
    "kms:grantconstrainttype",
    "kms:retiringprincipal",
    "kms:viaservice",
    "kms:encryptioncontextkeys",
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
];

/// Flags that limit where they are true.
const FLAGS: [&str; 3] = ["kms:grantisforawsresource", "aws:viaawsservice", "aws:principalisawsservice"];

/// A statement that gives `kms:CreateGrant` to a principal.
pub(super) struct GrantCreation<'e> {
    pub(super) key: &'e Key,
    pub(super) fact: &'e Fact,
    pub(super) statement: &'e Statement,
    /// Where the statement's `Action` or `NotAction` covers the action.
    pub(super) site: Site,
    /// How it comes to cover the action, for people; nothing where that is plain.
    pub(super) covered: String,
    pub(super) principal: &'e Guarded<Principal>,
    /// Where nothing limits it; none where that is not known, and why.
    pub(super) unlimited: Result<Vec<Guard>, String>,
}

impl GrantCreation<'_> {
    /// The statement.
    pub(super) fn statement_site(&self) -> Site {
        Site { stack: self.fact.stack, span: self.statement.span }
    }

    /// Counts it as undecided.
    pub(super) fn count(&self, why: String, sink: &mut Sink<'_>) {
        let question = sink.undecided("key policy", self.statement_site(), why);
        question.key = Some(self.key.name.clone());
        question.actions = vec!["kms:CreateGrant".to_owned()];
        question.principal = match &self.principal.value {
            Principal::Arn(text) | Principal::Account(text) => Some(text.to_string()),
            _ => None,
        };
    }

    /// Whether the principal is of another account than the key.
    pub(super) fn is_foreign(&self) -> Truth {
        match &self.principal.value {
            Principal::Account(account) => !account.equals(&self.key.account),
            Principal::Arn(arn) => account_of(arn).map_or(Truth::Unknown, |account| !account.equals(&self.key.account)),
            Principal::Everyone
            | Principal::UniqueId(_)
            | Principal::Service(_)
            | Principal::Federated(_)
            | Principal::CanonicalUser(_)
            | Principal::Malformed(_)
            | Principal::Unknown(_) => Truth::No,
        }
    }

    /// Whether the principal may change the key policy too: to such a one a limit on grants means nothing.
    pub(super) fn may_change_policy(&self, cx: &Cx<'_>) -> bool {
        let Some(put) = Action::named("kms:PutKeyPolicy") else { return false };
        let asker = match &self.principal.value {
            Principal::Arn(arn) => Asker::named(arn).map(Asker::without_policies),
            Principal::Everyone => Some(Asker::trusted_with_everything(&self.key.account).without_policies()),
            _ => None,
        };
        // A role in view may be an administrator by its own policies.
        let in_view = cx.estate.principals.iter().find(|entry| match &self.principal.value {
            Principal::Arn(arn) => entry.declared && entry.arn == *arn,
            _ => false,
        });
        let mut answer = Answer::default();
        for asker in asker.into_iter().chain(in_view.map(Asker::of)) {
            answer.ask(cx.estate, &asker, self.key, &self.fact.guard, put);
        }
        answer.may.is_possible()
    }
}

/// Every principal to which a key policy gives `kms:CreateGrant` without limits, or perhaps so, with the statement.
pub(super) fn unlimited<'e>(cx: &Cx<'e>) -> Vec<GrantCreation<'e>> {
    let mut found = Vec::new();
    let Some(create) = Action::named("kms:CreateGrant") else { return found };
    for (_, key, fact) in cx.estate.declared_keys() {
        let KeyPolicy::Document(policy) = &key.policy else { continue };
        if some_deny_limits(policy, create) {
            continue;
        }
        for statement in policy.statements.iter().filter(|statement| statement.effect == Some(Effect::Allow)) {
            let Match::Only(principals) = &statement.principals else { continue };
            let Some(Covering { guard, span, words }) = covering(statement, create) else { continue };
            for principal in principals {
                let there = fact.guard.and(guard).and_then(|guard| guard.and(&principal.guard));
                let Some(there) = there.filter(|guard| cx.estate.feasible(guard)) else { continue };
                let unlimited = match limits(statement).absence(cx.estate, &there) {
                    Absence::Nowhere => continue,
                    Absence::In(guards) => Ok(guards),
                    Absence::Unknown(why) => Err(why),
                };
                let (site, covered) = (Site { stack: fact.stack, span }, words.clone());
                found.push(GrantCreation { key, fact, statement, site, covered, principal, unlimited });
            }
        }
    }
    found
}

/// What of a statement covers an action.
struct Covering<'s> {
    guard: &'s Guard,
    span: Span,
    words: String,
}

fn covering(statement: &Statement, action: Action) -> Option<Covering<'_>> {
    match &*statement.actions {
        Match::Only(patterns) => {
            let pattern = patterns.iter().find(|pattern| pattern.value.matches(action) == Truth::Yes)?;
            let words = match pattern.value.text.as_literal() {
                Some(text) if text.contains(['*', '?']) => format!(": `{text}` matches `{}`", action.name()),
                _ => String::new(),
            };
            Some(Covering { guard: &pattern.guard, span: pattern.span, words })
        }
        Match::AllExcept(spared) if covers(statement, action) == Truth::Yes => {
            let span = spared.first().map_or(statement.span, |spared| spared.span);
            let words = format!(": `NotAction` does not list `{}`", action.name());
            Some(Covering { guard: &statement.guard, span, words })
        }
        Match::AllExcept(_) | Match::Missing => None,
    }
}

/// Whether some Deny bears on the creation of grants: what it leaves is limited.
fn some_deny_limits(policy: &Policy, create: Action) -> bool {
    let bears = |statement: &Statement| {
        statement.effect != Some(Effect::Allow)
            && (covers(statement, create) != Truth::No || !statement.unknown.is_empty())
    };
    !policy.unknown.is_empty() || policy.statements.iter().any(bears)
}

/// In which worlds a condition of a statement limits the grants.
fn limits(statement: &Statement) -> Worlds {
    let mut limits = Worlds::default();
    for condition in &statement.conditions {
        let why = format!("whether `{}` limits the grants is not known", condition.key.text);
        limits.add(limits_grants(condition), &condition.guard, why);
    }
    for (_, unread) in &statement.unread {
        limits.may_be(&unread.guard, unread.value.why.clone());
    }
    for unknown in &statement.unknown {
        limits.may_be(&unknown.guard, unknown.value.why.clone());
    }
    limits
}

/// Whether a condition limits the grants: it fixes whom they are for, what they give, or who asks for them.
fn limits_grants(condition: &Condition) -> Truth {
    let key = condition.key.folded.as_str();
    let Some(operator) = condition.operator else { return Truth::Unknown };
    let is_flag = FLAGS.contains(&key);
    let is_limit = is_flag || LIMITS.contains(&key) || key.starts_with("kms:encryptioncontext:");
    if !is_limit || operator.negated || operator.kind == OperatorKind::Null {
        return Truth::No;
    }
    let mut values = condition.values.iter().filter_map(|value| value.value.as_literal());
    if is_flag && values.any(|value| value.eq_ignore_ascii_case("false")) {
        return Truth::No;
    }
    match (operator.if_exists, key) {
        (false, _) | (true, "kms:granteeprincipal" | "kms:grantoperations") => Truth::Yes,
        // A direct request does not have it.
        (true, "kms:viaservice" | "aws:calledvia" | "aws:calledviafirst" | "aws:calledvialast") => Truth::No,
        (true, _) => Truth::Unknown,
    }
}
