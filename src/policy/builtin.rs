//! Policies that nobody writes: the default key policy, and those of AWS managed keys.

use super::{
    ActionPattern, Actions, Condition, ConditionKey, Effect, Guarded, Match, Operator, Part, Policy, Principal,
    Statement, Version,
};
use crate::resolve::{Cause, Guard, Text};
use crate::source::Span;

/// What an AWS managed key lets the principals of its account do through its service.
const USE: [&str; 8] = [
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncrypt*",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:GenerateDataKeyPair*",
    "kms:CreateGrant",
    "kms:DescribeKey",
];

/// What an AWS managed key lets the IAM policies of its account give.
const READ: [&str; 4] = ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"];

/// The policy of a key for which none is given: it trusts the account with everything. Its parts lie at `span`.
#[must_use]
pub fn default_policy(account: &Text, span: Span) -> Policy {
    let statement = allow(span, 0, Principal::Account(account.clone()), &["kms:*"]);
    Policy { span, version: Version::V2012, statements: vec![statement], unknown: Vec::new() }
}

/// The policy of the AWS managed key of a service (`s3`): every principal of the account, but through that service only.
#[must_use]
pub fn aws_managed_policy(service: &str, account: &Text, span: Span) -> Policy {
    let mut through = allow(span, 0, Principal::Everyone, &USE);
    let caller = if service == "ebs" { "ec2" } else { service };
    let via = Text::literal(&format!("{caller}.*.amazonaws.com*"));
    through.conditions = vec![
        condition(span, "StringEquals", "kms:CallerAccount", vec![account.clone()]),
        condition(span, "StringLike", "kms:ViaService", vec![via]),
    ];
    // The exact list of actions and of the service's names differs from service to service.
    if !matches!(service, "s3" | "ebs" | "rds" | "secretsmanager" | "ssm" | "sns" | "sqs" | "dynamodb" | "lambda") {
        let why = format!("which services use the key `alias/aws/{service}`");
        through.unread.push((Part::Conditions, always(span, Cause { span, why })));
    }
    let read = allow(span, 1, Principal::Account(account.clone()), &READ);
    Policy { span, version: Version::V2012, statements: vec![through, read], unknown: Vec::new() }
}

/// What is there in every deployment.
pub(crate) fn always<T>(span: Span, value: T) -> Guarded<T> {
    Guarded { guard: Guard::ALWAYS, span, value }
}

/// An Allow statement on the key whose policy it is in.
pub(crate) fn allow(span: Span, index: usize, principal: Principal, actions: &[&str]) -> Statement {
    let patterns = actions.iter().map(|action| always(span, ActionPattern::new(Text::literal(action)))).collect();
    Statement {
        guard: Guard::ALWAYS,
        span,
        index,
        sid: None,
        effect: Some(Effect::Allow),
        principals: Match::Only(vec![always(span, principal)]),
        actions: Actions::new(Match::Only(patterns), &Guard::ALWAYS),
        resources: Match::Only(vec![always(span, Text::literal("*"))]),
        conditions: Vec::new(),
        unread: Vec::new(),
        unknown: Vec::new(),
    }
}

/// A condition with these values.
pub(crate) fn condition(span: Span, operator: &str, key: &str, values: Vec<Text>) -> Condition {
    Condition {
        span,
        guard: Guard::ALWAYS,
        operator: Operator::named(operator),
        operator_text: operator.to_owned(),
        key: ConditionKey::new(key),
        values: values.into_iter().map(|value| always(span, value)).collect(),
        unknown: Vec::new(),
    }
}
