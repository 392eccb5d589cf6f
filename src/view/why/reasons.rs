//! The answer in sentences.

use super::policies::residual_words;
use super::{Answer, Question};
use crate::authz::{Applied, PolicyRef, Residual, Side, Way, WorldVerdict};
use crate::policy::{CrossAccount, Effect, KeyPolicy};
use crate::resolve::Truth;

impl Question<'_> {
    pub(super) fn reasons(&self, world: &WorldVerdict<'_>, answer: Answer) -> Vec<String> {
        match answer {
            Answer::Allowed => vec![self.way(world.verdict.way)],
            Answer::Conditional => self.conditions(world),
            Answer::DeniedExplicitly => world.verdict.sides.iter().map(|side| self.denied_by(*side)).collect(),
            Answer::Denied => self.missing(world),
            Answer::Undecided => not_known(world),
        }
    }

    /// How it is permitted.
    pub(super) fn way(&self, way: Option<Way>) -> String {
        let (holder, action) = (&self.holder, self.action);
        if way == Some(Way::Grant) {
            return format!("a KMS grant on the key gives `{action}` to `{holder}`: no policy is needed");
        }
        if self.is_service {
            return format!("the key policy admits `{holder}`, and a service needs nothing else");
        }
        if action.info().iam_only {
            return format!("a policy of `{holder}` gives `{action}`, and key policies have no say in it");
        }
        match way {
            Some(Way::KeyPolicy) => format!("the key policy itself admits `{holder}`: no IAM policy is needed"),
            Some(Way::Delegation) => {
                format!(
                    "the key policy lets the account's IAM policies decide, and a policy of `{holder}` gives `{action}`"
                )
            }
            Some(Way::Either) => format!(
                "the key policy itself admits `{holder}`; it also lets the account's IAM policies decide, and a policy of `{holder}` \
                 gives `{action}`"
            ),
            Some(Way::BothSides) => format!(
                "both accounts agree: the key policy admits `{holder}` or its account, and a policy of `{holder}` gives `{action}`"
            ),
            Some(Way::Grant) | None => format!("key policy and IAM policies together give `{action}`"),
        }
    }

    fn conditions(&self, world: &WorldVerdict<'_>) -> Vec<String> {
        let of_request = |applied: &&Applied<'_>| {
            applied.residual.iter().all(|residual| matches!(residual, Residual::Request { .. }))
        };
        // What is not known may allow more requests than these.
        let only = if world.verdict.causes().next().is_some() { "effective at least" } else { "effective only" };
        let open = world.verdict.statements.iter().filter(|applied| !applied.residual.is_empty()).filter(of_request);
        let mut sentences: Vec<String> = open
            .map(|applied| {
                let words = residual_words(applied);
                match applied.effect {
                    Effect::Allow => words.replacen("but only", only, 1),
                    Effect::Deny => words.replacen("but only", "forbidden", 1),
                }
            })
            .collect();
        sentences.dedup();
        sentences
    }

    fn denied_by(&self, side: Side) -> String {
        match side {
            Side::Boundary => format!("a `Deny` in the permissions boundary of `{}` forbids it", self.holder),
            Side::Identity => format!("a `Deny` in a policy of `{}` forbids it", self.holder),
            Side::KeyPolicy | Side::Grants => "a `Deny` in the key policy forbids it".to_owned(),
        }
    }

    fn missing(&self, world: &WorldVerdict<'_>) -> Vec<String> {
        let (holder, action) = (&self.holder, self.action);
        let is_abroad = self.same_account == Truth::No;
        if is_abroad && action.info().cross_account == CrossAccount::No {
            return vec![format!("`{action}` never works on a key of another account")];
        }
        if world.verdict.contradictory {
            return vec![format!(
                "the key policy and a policy of `{holder}` both give `{action}`, but under conditions that exclude each other"
            )];
        }
        let sides = &world.verdict.sides;
        let lacking = sides.iter().map(|side| match side {
            Side::Boundary => format!("the permissions boundary of `{holder}` does not admit `{action}` on this key"),
            Side::Identity if is_abroad => {
                format!("no policy of `{holder}` gives `{action}` on this key, which is needed across accounts")
            }
            Side::Identity => format!("no policy of `{holder}` gives `{action}` on this key"),
            Side::KeyPolicy | Side::Grants => self.key_policy_is_silent(is_abroad),
        });
        let mut missing: Vec<String> = lacking.collect();
        let gives =
            |applied: &Applied<'_>| applied.effect == Effect::Allow && matches!(applied.policy, PolicyRef::Identity(_));
        let is_silent = self.entry.is_some_and(|entry| entry.declared) && !world.verdict.statements.iter().any(gives);
        // Only the key policy counts as lacking, as it could do without the other.
        if is_silent && sides.contains(&Side::KeyPolicy) && !sides.contains(&Side::Identity) {
            missing.push(format!("no policy of `{holder}` gives `{action}` on this key either"));
        }
        missing
    }

    fn key_policy_is_silent(&self, is_abroad: bool) -> String {
        let (holder, action) = (&self.holder, self.action);
        if self.is_service {
            return format!("the key policy does not admit `{holder}` with `{action}`");
        }
        if let KeyPolicy::AwsManaged(_) = &self.which.key.policy {
            return format!("the policy of this AWS managed key does not give `{action}`");
        }
        if is_abroad {
            return format!("the key policy admits neither `{holder}` nor its account with `{action}`");
        }
        format!("the key policy neither admits `{holder}` nor lets the account's IAM policies give `{action}`")
    }
}

/// What keeps the answer open.
fn not_known(world: &WorldVerdict<'_>) -> Vec<String> {
    let mut causes: Vec<&str> = world.verdict.causes().map(|cause| cause.why.as_str()).collect();
    causes.sort_unstable();
    causes.dedup();
    let Some((first, others)) = causes.split_first() else { return Vec::new() };
    let more = match others.len() {
        0 => String::new(),
        1 => ", and one thing more".to_owned(),
        more => format!(", and {more} things more"),
    };
    vec![format!("what decides is not known here: {first}{more}")]
}
