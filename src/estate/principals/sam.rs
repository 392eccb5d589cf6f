//! Policies of SAM functions: documents, names and ARNs of managed policies, and policy templates.

use crate::estate::Fact;
use crate::policy::{
    self, Action, ActionPattern, Actions, Effect, Guarded, Match, Policy, PolicyKind, Statement, Version,
};
use crate::resolve::{Cause, Environment, Guard, Text, Value, Valued};
use crate::source::Span;

/// A policy that a function is given.
pub(super) struct Given {
    pub(super) guard: Guard,
    pub(super) span: Span,
    pub(super) source: Source,
}

/// What it is.
pub(super) enum Source {
    /// A document, or a policy template written out.
    Policy(Policy),
    /// A managed policy by ARN.
    Arn(Text),
    /// An AWS managed policy by name.
    AwsManaged(String),
    /// Cannot be known from here.
    Unknown(Cause),
}

/// SAM policy templates that carry actions of KMS: name, actions. Their one parameter `KeyId` is a bare key id.
/// Source: the policy templates of the SAM translator.
const TEMPLATES: &[(&str, &[&str])] = &[
    ("KMSDecryptPolicy", &["kms:Decrypt"]),
    ("KMSEncryptPolicy", &["kms:Encrypt"]),
    (
        "KMSEncryptPolicy_v2",
        &[
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyWithoutPlaintext",
            "kms:GenerateDataKeyPair",
            "kms:GenerateDataKeyPairWithoutPlaintext",
        ],
    ),
];

/// The service that assumes the role of a SAM resource.
pub(super) fn trusted_service(kind: &str) -> &'static str {
    if kind == "AWS::Serverless::StateMachine" { "states.amazonaws.com" } else { "lambda.amazonaws.com" }
}

/// The policies in `Policies`: one or a list.
pub(super) fn policies(fact: &Fact, environment: &Environment) -> Vec<Given> {
    let Some(policies) = fact.property("Policies") else { return Vec::new() };
    let mut given = Vec::new();
    for element in policies.elements(&fact.guard) {
        let source = match element.value {
            Value::Text(text) => by_name(text),
            Value::Unknown(cause) => Source::Unknown(cause.clone()),
            Value::Map(entries) => match document_or_template(element.value, element.span, entries, environment) {
                Some(source) => source,
                None => continue,
            },
            Value::Absent | Value::Null | Value::List(_) => continue,
        };
        given.push(Given { guard: element.guard, span: element.span, source });
    }
    given
}

fn by_name(text: &Text) -> Source {
    match text.as_literal() {
        Some(name) if !name.starts_with("arn:") => Source::AwsManaged(name.to_owned()),
        _ => Source::Arn(text.clone()),
    }
}

/// A document has `Statement`; a template is one key with its parameters. Templates without actions of KMS give nothing here.
fn document_or_template(
    value: &Value,
    span: Span,
    entries: &[(crate::resolve::Spanned, Valued)],
    environment: &Environment,
) -> Option<Source> {
    if entries.iter().any(|(key, _)| key.value == "Statement") {
        let whole = Valued { span, value: crate::resolve::Resolved::Known(value.clone()) };
        return Some(Source::Policy(policy::parse(&whole, PolicyKind::Identity)));
    }
    let (name, parameters) = entries.first()?;
    let (_, actions) = TEMPLATES.iter().find(|(template, _)| *template == name.value)?;
    let ids = parameters.get(&Guard::ALWAYS, "KeyId");
    let resources = ids.iter().flat_map(|(guard, id)| id.elements(guard));
    let resources: Vec<Guarded<Text>> = resources
        .filter_map(|id| match id.value {
            Value::Text(text) => Some(Guarded { guard: id.guard, span: id.span, value: key_arn(environment, text) }),
            _ => None,
        })
        .collect();
    let action = |name: &&str| Guarded { guard: Guard::ALWAYS, span, value: ActionPattern::new(Text::literal(name)) };
    debug_assert!(actions.iter().all(|name| Action::named(name).is_some()));
    Some(Source::Policy(Policy {
        span,
        version: Version::V2012,
        statements: vec![Statement {
            guard: Guard::ALWAYS,
            span,
            index: 0,
            sid: None,
            effect: Some(Effect::Allow),
            principals: Match::Missing,
            actions: Actions::new(Match::Only(actions.iter().map(action).collect()), &Guard::ALWAYS),
            resources: Match::Only(resources),
            conditions: Vec::new(),
            unread: Vec::new(),
            unknown: Vec::new(),
        }],
        unknown: Vec::new(),
    }))
}

/// What SAM puts into `Resource`: the key id behind `key/`.
fn key_arn(environment: &Environment, id: &Text) -> Text {
    let mut arn = Text::literal("arn:");
    arn.push(&environment.partition);
    arn.push_str(":kms:");
    arn.push(&environment.region);
    arn.push_str(":");
    arn.push(&environment.account);
    arn.push_str(":key/");
    arn.push(id);
    arn
}
