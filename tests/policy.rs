//! Policy documents in all their spellings become one thing.

use kmslint::policy::{
    Effect, Limits, Match, Part, Policy, PolicyKind, Principal, Version, parse as parse_policy, valued,
};
use kmslint::resolve::{Atom, Cause, Guard, Resolved, StackId, Symbol, Text, Value, Valued};
use kmslint::source::{FileId, Span};
use serde_json::json;

fn span() -> Span {
    Span::new(FileId(0), 3, 9)
}

fn policy(json: &serde_json::Value) -> Policy {
    parse_policy(&valued(json, span()), PolicyKind::Key)
}

fn condition(holds: bool) -> Guard {
    Guard::of(Atom::Condition { stack: StackId(0), name: "Prod".into() }, holds)
}

fn either(yes: serde_json::Value, no: Option<serde_json::Value>) -> Valued {
    let value = |json: &serde_json::Value| valued(json, span()).value.known().unwrap().clone();
    let no = no.map_or(Value::Absent, |no| value(&no));
    let branches = vec![(condition(true), value(&yes)), (condition(false), no)];
    Valued { span: span(), value: Resolved::Depends(branches) }
}

fn text(text: Text) -> Valued {
    Valued { span: span(), value: Resolved::Known(Value::Text(text)) }
}

fn known(value: Value) -> Valued {
    Valued { span: span(), value: Resolved::Known(value) }
}

fn entry(key: &str, value: Valued) -> (kmslint::source::Spanned<String>, Valued) {
    (kmslint::source::Spanned::new(key.to_owned(), span()), value)
}

fn literal(value: &str) -> Valued {
    text(Text::literal(value))
}

const ROOT: &str = "arn:aws:iam::111122223333:root";

#[test]
fn single_values_and_lists_are_the_same_policy() {
    let single = policy(&json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*",
        "Condition": {"StringEquals": {"kms:CallerAccount": "1"}}}}));
    let lists = policy(&json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": [ROOT]}, "Action": ["kms:*"], "Resource": ["*"],
        "Condition": {"StringEquals": {"kms:CallerAccount": ["1"]}}}]}));
    assert_eq!(single, lists);
    assert_eq!(single.version, Version::V2012);
    assert!(single.unknown.is_empty());
}

#[test]
fn a_document_as_json_text_with_holes_is_the_same_as_a_map() {
    let mut document = Text::literal(r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::"#);
    document.push(&Text::symbol(Symbol::Account(StackId(0))));
    document.push_str(r#":root"},"Action":"kms:*","Resource":"*"}]}"#);
    let policy = parse_policy(&text(document), PolicyKind::Key);
    assert!(policy.unknown.is_empty(), "{:?}", policy.unknown);
    let [statement] = policy.statements.as_slice() else { panic!("one statement") };
    let Match::Only(principals) = &statement.principals else { panic!("a principal") };
    assert_eq!(principals[0].value, Principal::Account(Text::symbol(Symbol::Account(StackId(0)))));
    assert_eq!(statement.span, span());
}

#[test]
fn text_that_is_no_json_is_unknown_with_its_cause() {
    let policy = parse_policy(&literal("{\"Statement\": ["), PolicyKind::Key);
    assert!(policy.statements.is_empty());
    assert!(policy.unknown[0].value.why.contains("no JSON"));
}

#[test]
fn alternatives_of_a_whole_policy_carry_exclusive_guards() {
    let allow = json!({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}});
    let deny = json!({"Statement": {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}});
    let policy = parse_policy(&either(allow, Some(deny)), PolicyKind::Key);
    let effects: Vec<_> = policy.statements.iter().map(|s| (s.effect, s.guard.clone(), s.index)).collect();
    let expected = [(Some(Effect::Allow), condition(true), 0), (Some(Effect::Deny), condition(false), 1)];
    assert_eq!(effects, expected);
}

#[test]
fn absent_elements_disappear_and_nested_lists_are_flattened() {
    let actions = known(Value::List(vec![literal("kms:Encrypt"), either(json!(["kms:Decrypt", "kms:Sign"]), None)]));
    let statement = known(Value::Map(vec![
        entry("Effect", literal("Allow")),
        entry("Principal", literal("*")),
        entry("Action", actions),
        entry("Resource", literal("*")),
        entry("Condition", either(json!({"Bool": {"aws:SecureTransport": "true"}}), None)),
    ]));
    let document = known(Value::Map(vec![entry("Statement", known(Value::List(vec![statement])))]));
    let policy = parse_policy(&document, PolicyKind::Key);
    let [statement] = policy.statements.as_slice() else { panic!("one statement") };
    let guards: Vec<_> = statement.actions.elements().iter().map(|a| a.guard.clone()).collect();
    assert_eq!(guards, [Guard::ALWAYS, condition(true), condition(true)]);
    assert_eq!(statement.conditions[0].guard, condition(true));
    assert!(statement.unknown.is_empty() && statement.unread.is_empty());
}

#[test]
fn a_statement_whose_effect_depends_becomes_one_for_each_effect() {
    let statement = known(Value::Map(vec![
        entry("Effect", either(json!("Allow"), Some(json!("Deny")))),
        entry("Principal", literal("*")),
        entry("Action", literal("kms:*")),
        entry("Resource", literal("*")),
    ]));
    let document = known(Value::Map(vec![entry("Statement", statement)]));
    let policy = parse_policy(&document, PolicyKind::Key);
    let effects: Vec<_> = policy.statements.iter().map(|s| (s.effect, s.guard.clone(), s.index)).collect();
    let expected = [(Some(Effect::Allow), condition(true), 0), (Some(Effect::Deny), condition(false), 0)];
    assert_eq!(effects, expected);
}

#[test]
fn what_cannot_be_read_is_kept_with_its_part() {
    let cause = Cause { span: span(), why: "parameter `X` has no value".into() };
    let unknown = || known(Value::Unknown(cause.clone()));
    let statement = known(Value::Map(vec![
        entry("Effect", literal("Allow")),
        entry("Principal", known(Value::Map(vec![entry("AWS", unknown())]))),
        entry("Action", known(Value::List(vec![literal("kms:Decrypt"), unknown()]))),
        entry("Resource", literal("*")),
        entry("Condition", unknown()),
    ]));
    let list = known(Value::List(vec![statement, unknown()]));
    let policy = parse_policy(&known(Value::Map(vec![entry("Statement", list)])), PolicyKind::Key);
    let statement = &policy.statements[0];
    assert_eq!(statement.principals.elements()[0].value, Principal::Unknown(cause.clone()));
    let parts: Vec<_> = statement.unread.iter().map(|(part, _)| *part).collect();
    assert_eq!(parts, [Part::Actions, Part::Conditions]);
    assert_eq!(policy.unknown[0].value, cause);
}

#[test]
fn misspelt_elements_and_effects_make_a_statement_unknown() {
    for statement in [
        json!({"effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}),
        json!({"Effect": "allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}),
        json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*", "Conditions": {}}),
        json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "NotAction": "kms:*", "Resource": "*"}),
    ] {
        let policy = policy(&json!({"Statement": [statement]}));
        assert!(policy.statements[0].hidden().is_some(), "{statement}");
    }
}

#[test]
fn an_identity_policy_with_a_principal_is_not_understood() {
    let document = json!({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}});
    let policy = parse_policy(&valued(&document, span()), PolicyKind::Identity);
    assert!(!policy.statements[0].unknown.is_empty());
}

#[test]
fn a_negation_that_lists_nothing_is_unknown_only_where_it_does() {
    let statement = known(Value::Map(vec![
        entry("Effect", literal("Allow")),
        entry("Principal", literal("*")),
        entry("NotAction", either(json!(["kms:Decrypt"]), None)),
        entry("Resource", literal("*")),
    ]));
    let policy = parse_policy(&known(Value::Map(vec![entry("Statement", statement)])), PolicyKind::Key);
    let guards: Vec<_> = policy.statements[0].unknown.iter().map(|cause| cause.guard.clone()).collect();
    assert_eq!(guards, [condition(false)]);
}

fn limits(conditions: &serde_json::Value) -> Limits {
    let statement = json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*",
        "Condition": conditions});
    policy(&json!({"Statement": statement})).statements[0].limits_caller()
}

#[test]
fn a_condition_on_the_caller_limits_everyone() {
    for conditions in [
        json!({"StringEquals": {"kms:CallerAccount": "111122223333"}}),
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
        json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}),
        json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}),
        json!({"StringLike": {"aws:PrincipalArn": ["arn:aws:iam::111122223333:role/a", "arn:*:iam::111122223333:*"]}}),
        json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:my-bucket"}}),
        json!({"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::my-*"}}),
        json!({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com", "aws:SourceAccount": "111122223333"}}),
        json!({"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}),
    ] {
        assert_eq!(limits(&conditions), Limits::Limited, "{conditions}");
    }
}

#[test]
fn what_any_account_can_meet_limits_nobody() {
    for conditions in [
        json!({}),
        json!({"StringEquals": {"kms:EncryptionContext:app": "x"}}),
        json!({"StringEquals": {"aws:PrincipalTag/team": "x"}}),
        json!({"StringLike": {"kms:CallerAccount": "*"}}),
        json!({"StringEqualsIfExists": {"kms:CallerAccount": "111122223333"}}),
        json!({"StringNotEquals": {"kms:CallerAccount": "111122223333"}}),
        json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}}),
        json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}),
        json!({"StringLike": {"aws:PrincipalArn": "*"}}),
        json!({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}),
        json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
        json!({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "::/0"]}}),
        json!({"Bool": {"kms:GrantIsForAWSResource": "true"}}),
        json!({"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}}),
        json!({"Null": {"aws:PrincipalOrgID": "false"}}),
    ] {
        assert_eq!(limits(&conditions), Limits::Nothing, "{conditions}");
    }
}

#[test]
fn the_service_alone_is_no_limit_of_its_own() {
    let via = json!({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}});
    assert_eq!(limits(&via), Limits::ViaServiceOnly);
    let anywhere = json!({"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}});
    assert_eq!(limits(&anywhere), Limits::ViaServiceOnly);
    let any = json!({"StringLike": {"kms:ViaService": "*"}});
    assert_eq!(limits(&any), Limits::Nothing);
}

#[test]
fn what_is_not_known_is_neither_limited_nor_open() {
    assert_eq!(limits(&json!({"StringEquals": {"aws:NewKey": "x"}})), Limits::Unknown);
    assert_eq!(limits(&json!({"StringEqual": {"kms:CallerAccount": "111122223333"}})), Limits::Unknown);
}

#[test]
fn a_limit_that_only_some_deployments_have_is_unknown_and_known_in_each() {
    let statement = known(Value::Map(vec![
        entry("Effect", literal("Allow")),
        entry("Principal", literal("*")),
        entry("Action", literal("kms:*")),
        entry("Resource", literal("*")),
        entry("Condition", either(json!({"StringEquals": {"kms:CallerAccount": "111122223333"}}), None)),
    ]));
    let policy = parse_policy(&known(Value::Map(vec![entry("Statement", statement)])), PolicyKind::Key);
    let statement = &policy.statements[0];
    assert_eq!(statement.limits_caller(), Limits::Unknown);
    let world = |prod: bool| {
        statement.limits_caller_where(&move |guard: &Guard| (guard.is_always() || *guard == condition(prod)).into())
    };
    assert_eq!(world(true), Limits::Limited);
    assert_eq!(world(false), Limits::Nothing);
}

#[test]
fn a_service_is_the_same_with_the_suffix_of_its_partition() {
    let mut name = Text::literal("s3.");
    name.push(&Text::symbol(Symbol::Pseudo(StackId(0), "AWS::URLSuffix".into())));
    let principal = known(Value::Map(vec![entry("Service", text(name))]));
    let statement = known(Value::Map(vec![entry("Effect", literal("Allow")), entry("Principal", principal)]));
    let policy = parse_policy(&known(Value::Map(vec![entry("Statement", statement)])), PolicyKind::Trust);
    let principals = policy.statements[0].principals.elements();
    assert_eq!(principals[0].value, Principal::Service(Text::literal("s3.amazonaws.com")));
}
