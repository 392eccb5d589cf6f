//! Statements of key policies that let their principals create grants, and whether anything limits the grants.

use super::Cx;
use super::administration::Answer;
use super::trust::{Absence, Worlds, account_of, covers};
use crate::authz::Asker;
use crate::estate::{Fact, Key};
use crate::finding::Site;
use crate::policy::{
    Action, ActionPattern, Condition, Effect, Guarded, KeyPolicy, Match, OperatorKind, Policy, Principal, Statement,
};
use crate::resolve::{Guard, Truth};

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
    /// The pattern of the statement that covers the action.
    pub(super) pattern: &'e Guarded<ActionPattern>,
    pub(super) principal: &'e Guarded<Principal>,
    /// Where nothing limits it.
    pub(super) unlimited: Vec<Guard>,
}

impl GrantCreation<'_> {
    /// Where the action is written.
    pub(super) fn site(&self) -> Site {
        Site { stack: self.fact.stack, span: self.pattern.span }
    }

    /// The statement.
    pub(super) fn statement_site(&self) -> Site {
        Site { stack: self.fact.stack, span: self.statement.span }
    }

    /// How a pattern comes to cover the action, for people; nothing where that is plain.
    pub(super) fn covered(&self) -> String {
        match self.pattern.value.text.as_literal() {
            Some(text) if text.contains(['*', '?']) => format!(": `{text}` matches `kms:CreateGrant`"),
            _ => String::new(),
        }
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

/// Every principal to which a key policy gives `kms:CreateGrant` without limits, with the statement.
pub(super) fn unlimited<'e>(cx: &Cx<'e>) -> Vec<GrantCreation<'e>> {
    let mut found = Vec::new();
    let Some(create) = Action::named("kms:CreateGrant") else { return found };
    for (_, key, fact) in cx.estate.declared_keys() {
        let KeyPolicy::Document(policy) = &key.policy else { continue };
        if some_deny_limits(policy, create) {
            continue;
        }
        for statement in policy.statements.iter().filter(|statement| statement.effect == Some(Effect::Allow)) {
            let Match::Only(patterns) = &statement.actions else { continue };
            let Match::Only(principals) = &statement.principals else { continue };
            let Some(pattern) = patterns.iter().find(|pattern| pattern.value.matches(create) == Truth::Yes) else {
                continue;
            };
            for principal in principals {
                let there = fact.guard.and(&pattern.guard).and_then(|guard| guard.and(&principal.guard));
                let Some(there) = there.filter(|guard| cx.estate.feasible(guard)) else { continue };
                if let Absence::In(unlimited) = limits(statement).absence(cx.estate, &there) {
                    found.push(GrantCreation { key, fact, statement, pattern, principal, unlimited });
                }
            }
        }
    }
    found
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
    for condition in statement.conditions.iter().filter(|condition| limits_grants(condition)) {
        limits.is(&condition.guard);
    }
    for (_, unread) in &statement.unread {
        limits.may_be(&unread.guard, unread.value.why.clone());
    }
    for unknown in &statement.unknown {
        limits.may_be(&unknown.guard, unknown.value.why.clone());
    }
    limits
}

fn limits_grants(condition: &Condition) -> bool {
    let key = condition.key.folded.as_str();
    let Some(operator) = condition.operator else { return true };
    let is_flag = FLAGS.contains(&key);
    let is_limit = is_flag || LIMITS.contains(&key) || key.starts_with("kms:encryptioncontext:");
    if !is_limit || operator.negated || operator.if_exists || operator.kind == OperatorKind::Null {
        return false;
    }
    let is_false = |value: &&str| value.eq_ignore_ascii_case("false");
    !(is_flag && condition.values.iter().filter_map(|value| value.value.as_literal()).any(|value| is_false(&value)))
}
