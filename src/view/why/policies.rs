//! What each policy says of the question.

use super::{Answer, Part, Policy, Question, Statement, place, words};
use crate::authz::{Applied, Decision, Misfit, NearMiss, PolicyRef, PrincipalMatch, Residual, WorldVerdict};
use crate::estate::{AttachedPolicy, OUTSIDE, PolicySource};
use crate::policy::{self, Condition, Effect, KeyPolicy};
use crate::resolve::{Guard, StackId};

/// Most statements of one policy that nearly fit and are shown.
const NEAR: usize = 4;

impl Question<'_> {
    /// The key's policy, those of the principal that bear on it, its boundary.
    pub(super) fn policies(&self, world: &WorldVerdict<'_>, answer: Answer) -> Vec<Policy> {
        let near = match answer {
            Answer::Denied => self.asker.near_misses(self.estate, &world.guard, self.side, self.action),
            Answer::Allowed | Answer::Conditional | Answer::DeniedExplicitly | Answer::Undecided => Vec::new(),
        };
        let mut policies = Vec::new();
        if !self.action.info().iam_only {
            policies.push(self.key_policy(world, &near));
        }
        policies.extend(self.grants(world, &near));
        let Some(entry) = self.entry else { return policies };
        let attached = entry.policies.iter().zip(0..).map(|(policy, at)| (policy, PolicyRef::Identity(at)));
        for (attached, of) in attached.chain(entry.boundary.iter().map(|policy| (policy, PolicyRef::Boundary))) {
            let is_there = self.can_be(&attached.guard, &world.guard);
            policies.extend(if is_there { self.attached(attached, of, world, &near) } else { None });
        }
        policies
    }

    fn key_policy(&self, world: &WorldVerdict<'_>, near: &[NearMiss<'_>]) -> Policy {
        let key = &self.which.key;
        let written = key.policy_site.or(key.site);
        let stack = written.map(|site| site.stack);
        let (title, remark) = match &key.policy {
            KeyPolicy::Document(_) => (format!("policy of key `{}`", key.name), None),
            KeyPolicy::Default => {
                (format!("policy of key `{}`", key.name), Some("none is written: the default policy holds"))
            }
            KeyPolicy::AwsManaged(_) => {
                (format!("policy of the AWS managed key `{}`", key.name), Some("nobody can change it"))
            }
            KeyPolicy::Unknown(_) => (format!("policy of key `{}`", key.name), Some("it is not in view")),
        };
        let mut statements = self.statements(PolicyRef::Key, world, near, stack);
        if statements.is_empty() {
            statements = self.others(world, stack);
        }
        let mut remarks: Vec<String> = remark.into_iter().map(str::to_owned).collect();
        if statements.is_empty() && !matches!(key.policy, KeyPolicy::Unknown(_)) {
            remarks.push("it allows nothing to anybody".to_owned());
        }
        Policy { title, place: written.map(|site| self.estate.place(site)), statements, remarks }
    }

    /// The KMS grants on the key that bear on the question; none where none does.
    fn grants(&self, world: &WorldVerdict<'_>, near: &[NearMiss<'_>]) -> Option<Policy> {
        let key = &self.which.key;
        let statements = self.statements(PolicyRef::Grants, world, near, Some(OUTSIDE));
        let title = format!("KMS grants on key `{}`", key.name);
        let place = statements.first()?.place.clone();
        Some(Policy { title, place, statements, remarks: Vec::new() })
    }

    /// Whether something can be there in a world.
    fn can_be(&self, guard: &Guard, world: &Guard) -> bool {
        guard.and(world).is_some_and(|both| self.estate.feasible(&both))
    }

    /// What the key's policy allows instead, where nothing in it comes near.
    fn others(&self, world: &WorldVerdict<'_>, stack: Option<StackId>) -> Vec<Statement> {
        let allows =
            |one: &&policy::Statement| one.effect == Some(Effect::Allow) && self.can_be(&one.guard, &world.guard);
        let about_others = || (Part::Misses, "is about something else".to_owned());
        let others = self.which.key.statements().filter(allows).take(NEAR);
        others.map(|statement| self.line(statement, about_others(), stack)).collect()
    }

    fn attached(
        &self,
        attached: &AttachedPolicy,
        of: PolicyRef,
        world: &WorldVerdict<'_>,
        near: &[NearMiss<'_>],
    ) -> Option<Policy> {
        let statements = self.statements(of, world, near, Some(attached.stack));
        let owner = self.entry.filter(|entry| entry.logical == attached.resource && entry.stack == attached.stack);
        let whose = match owner {
            Some(_) => format!("of `{}`", self.holder),
            None => format!("`{}`", attached.resource),
        };
        let kind = if of == PolicyRef::Boundary { "permissions boundary" } else { "policy" };
        let (title, remark) = match &attached.source {
            PolicySource::Document(_) => (format!("{kind} {whose}"), None),
            PolicySource::AwsManaged(name, _) => (format!("{kind} `{name}` of AWS"), None),
            PolicySource::NotInView(cause) => (format!("{kind} of `{}`", self.holder), Some(cause.why.clone())),
        };
        let is_boundary = of == PolicyRef::Boundary;
        if statements.is_empty() && remark.is_none() && !is_boundary {
            return None;
        }
        let silent = (statements.is_empty() && is_boundary && remark.is_none())
            .then(|| format!("it does not admit `{}` on this key", self.action));
        let place = place(self.estate, Some(attached.site.stack), attached.site.span);
        Some(Policy { title, place, statements, remarks: remark.into_iter().chain(silent).collect() })
    }

    fn statements(
        &self,
        of: PolicyRef,
        world: &WorldVerdict<'_>,
        near: &[NearMiss<'_>],
        stack: Option<StackId>,
    ) -> Vec<Statement> {
        // What may allow it too is no part of the proof that it is allowed.
        let is_needed =
            |applied: &&Applied<'_>| world.verdict.decision != Decision::Allow || applied.residual.is_empty();
        let of_this = world.verdict.statements.iter().filter(|applied| applied.policy == of).filter(is_needed);
        let mut statements: Vec<Statement> =
            of_this.map(|applied| self.line(applied.statement, self.contribution(applied), stack)).collect();
        let near = near.iter().filter(|miss| miss.policy == of && tells_something(miss));
        statements.extend(
            near.take(NEAR)
                .map(|miss| self.line(miss.statement, (Part::Misses, self.misfit(miss, &world.guard)), stack)),
        );
        statements
    }

    fn line(&self, statement: &policy::Statement, (part, text): (Part, String), stack: Option<StackId>) -> Statement {
        Statement {
            name: words::name(statement),
            part,
            text,
            says: words::says(statement),
            place: place(self.estate, stack, statement.span),
        }
    }

    fn contribution(&self, applied: &Applied<'_>) -> (Part, String) {
        let what = match (applied.effect, applied.policy, applied.principal_match) {
            (Effect::Deny, ..) => "forbids it".to_owned(),
            (Effect::Allow, PolicyRef::Grants, Some(PrincipalMatch::Account)) => "is for the account".to_owned(),
            (Effect::Allow, PolicyRef::Grants, _) if self.action.name() == "kms:RetireGrant" => {
                format!("lets `{}` retire this grant and no other", self.holder)
            }
            (Effect::Allow, PolicyRef::Grants, _) => format!("gives `{}` to `{}`", self.action, self.holder),
            (Effect::Allow, PolicyRef::Boundary, _) => "admits it".to_owned(),
            (Effect::Allow, PolicyRef::Identity(_), _) => format!("gives `{}` on this key", self.action),
            (Effect::Allow, PolicyRef::Key, Some(PrincipalMatch::Account)) => {
                format!("trusts the account: its IAM policies may give `{}`", self.action)
            }
            (Effect::Allow, PolicyRef::Key, Some(PrincipalMatch::Wildcard)) => "admits every principal".to_owned(),
            (Effect::Allow, PolicyRef::Key, Some(PrincipalMatch::NotPrincipal)) => {
                "admits everybody but those whom it lists".to_owned()
            }
            (Effect::Allow, PolicyRef::Key, Some(PrincipalMatch::Own | PrincipalMatch::Role) | None) => {
                format!("names `{}`", self.holder)
            }
        };
        if applied.residual.is_empty() {
            let part = if applied.effect == Effect::Allow { Part::Allows } else { Part::Denies };
            return (part, what);
        }
        (Part::Depends, format!("{what}, {}", residual_words(applied)))
    }

    fn misfit(&self, miss: &NearMiss<'_>, world: &Guard) -> String {
        let statement = miss.statement;
        let is_there = |guard: &Guard| self.can_be(guard, world);
        match (&miss.misfit, miss.policy) {
            (Misfit::Principal, _) => {
                let who = statement.principals.elements().iter().filter(|one| is_there(&one.guard));
                let who = who.map(|one| words::quoted_principal(&one.value)).collect();
                format!("gives `{}`, but to {} only", self.action, words::listed(who))
            }
            (Misfit::Action, PolicyRef::Key | PolicyRef::Grants) => {
                format!("reaches `{}`, but not with `{}`", self.holder, self.action)
            }
            (Misfit::Action, _) => format!("is about this key, but not about `{}`", self.action),
            (Misfit::Key, _) => {
                let keys = statement.resources.elements().iter().filter(|one| is_there(&one.guard));
                let keys = keys.map(|one| one.value.to_string()).collect();
                format!("gives `{}`, but on {}", self.action, words::quoted(keys))
            }
            (Misfit::Condition(words), _) => {
                format!("would give it only where {}, which cannot be here", words.join(" and "))
            }
        }
    }
}

/// A statement of `s3:*` on `*` is no near miss.
fn tells_something(miss: &NearMiss<'_>) -> bool {
    match miss.misfit {
        Misfit::Action => {
            matches!(miss.policy, PolicyRef::Key | PolicyRef::Grants) || miss.statement.names_kms_action()
        }
        Misfit::Principal | Misfit::Key | Misfit::Condition(_) => true,
    }
}

/// What must hold for a statement to apply: `but only through x`, `if …`.
pub(super) fn residual_words(applied: &Applied<'_>) -> String {
    let requests: Vec<String> = applied
        .residual
        .iter()
        .filter_map(|residual| match residual {
            Residual::Request { span, words } => Some(clause(applied, *span, words)),
            Residual::Unresolved(_) => None,
        })
        .collect();
    let unresolved = applied.residual.iter().find_map(|residual| match residual {
        Residual::Unresolved(cause) => Some(cause.why.as_str()),
        Residual::Request { .. } => None,
    });
    match (requests.is_empty(), unresolved) {
        (_, Some(why)) if why.starts_with("whether ") => format!("which is not known: {why}"),
        (_, Some(why)) => format!("but not for sure: {why}"),
        (false, None) => format!("but only {}", requests.join(" and ")),
        (true, None) => "in some cases".to_owned(),
    }
}

/// A condition as what the reader asks for: `through s3.eu-west-1.amazonaws.com`.
fn clause(applied: &Applied<'_>, span: crate::source::Span, words: &str) -> String {
    let through = |condition: &&Condition| {
        let positive = condition.operator.is_some_and(|operator| !operator.negated && !operator.if_exists);
        condition.span == span && positive && condition.key.folded == "kms:viaservice"
    };
    match applied.statement.conditions.iter().find(through) {
        Some(condition) => {
            let services: Vec<String> = condition.values.iter().map(|value| format!("`{}`", value.value)).collect();
            format!("through {}", services.join(" or "))
        }
        None => format!("where {words}"),
    }
}
