//! Random requests with their policies, in the format of the vectors: small pools, so that things meet.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

pub(crate) const OWNER: &str = "111122223333";
const OTHER: &str = "444455556666";
pub(crate) const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234";

fn pick(values: &'static [&'static str]) -> impl Strategy<Value = Value> {
    select(values).prop_map(Value::from)
}

/// One of a pool, or several of it.
fn some(values: &'static [&'static str]) -> BoxedStrategy<Value> {
    let several = vec(select(values), 1..4).prop_map(|values| json!(values));
    prop_oneof![pick(values), several].boxed()
}

fn actions() -> BoxedStrategy<Value> {
    some(&[
        "kms:Decrypt",
        "KMS:decrypt",
        "kms:*",
        "*",
        "kms:De*",
        "kms:?ecrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey*",
        "s3:*",
    ])
}

fn resources() -> BoxedStrategy<Value> {
    some(&[
        "*",
        KEY,
        "arn:aws:kms:*:111122223333:key/*",
        "arn:aws:kms:eu-west-?:*:key/mrk-*",
        "arn:aws:kms:*",
        "arn:aws:kms:us-*:111122223333:key/*",
        "arn:aws:kms:eu-west-1:111122223333:alias/x",
        "arn:aws:kms:eu-west-1:111122223333:key/${aws:PrincipalTag/id}",
        "arn:aws:kms:eu-west-1:${aws:PrincipalAccount}:key/*",
        "arn:*",
        "mrk-1234",
    ])
}

fn condition() -> BoxedStrategy<(String, String, Value)> {
    let operator = |names: &'static [&'static str]| select(names).prop_map(str::to_owned);
    let key = |names: &'static [&'static str]| select(names).prop_map(str::to_owned);
    let strings = (
        operator(&[
            "StringEquals",
            "StringNotEquals",
            "StringLike",
            "StringNotLike",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "StringEqualsIfExists",
            "StringNotLikeIfExists",
            "StringNotEqualsIfExists",
        ]),
        key(&[
            "aws:PrincipalTag/team",
            "AWS:principaltag/TEAM",
            "kms:CallerAccount",
            "kms:ViaService",
            "aws:PrincipalOrgID",
        ]),
        some(&[
            "red",
            "Red",
            "re*",
            "r?d",
            "*",
            "",
            "111122223333",
            "${kms:CallerAccount}",
            "${aws:PrincipalTag/team}",
            "${aws:PrincipalTag/none}",
            "${aws:PrincipalTag/none, 'red'}",
            "r${*}d",
            "s3.eu-west-1.amazonaws.com",
        ]),
    );
    let arns = (
        operator(&["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "ArnLikeIfExists", "ArnNotEqualsIfExists"]),
        key(&["aws:PrincipalArn", "aws:SourceArn"]),
        some(&[
            "arn:aws:iam::111122223333:role/App",
            "arn:aws:iam::*:role/*",
            "arn:aws:iam::*",
            "*",
            "arn:aws:iam::444455556666:user/al*",
            "arn:aws:iam::${aws:PrincipalAccount}:user/${aws:username}",
        ]),
    );
    let numbers = (
        operator(&[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
            "NumericLessThanIfExists",
        ]),
        key(&["aws:MultiFactorAuthAge"]),
        some(&["900", "901", "-1", "900.0"]),
    );
    let dates = (
        operator(&[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateGreaterThan",
            "DateLessThanEquals",
            "DateGreaterThanEqualsIfExists",
        ]),
        key(&["aws:CurrentTime"]),
        some(&[
            "2024-03-01",
            "2024-03-01T12:00:00Z",
            "1709294400",
            "2024-03-01T13:00:00+01:00",
            "2030-01-01T00:00:00Z",
        ]),
    );
    let addresses = (
        operator(&["IpAddress", "NotIpAddress", "IpAddressIfExists", "NotIpAddressIfExists"]),
        key(&["aws:SourceIp"]),
        some(&["10.0.0.0/8", "10.1.2.3", "0.0.0.0/0", "2001:db8::/32", "::/0"]),
    );
    let flags = (
        operator(&["Bool", "BoolIfExists"]),
        key(&["aws:SecureTransport", "aws:ViaAWSService"]),
        some(&["true", "false", "True"]),
    );
    let nulls = (
        operator(&["Null"]),
        key(&["aws:SourceIp", "kms:ViaService", "aws:TagKeys", "aws:PrincipalTag/team"]),
        pick(&["true", "false"]).boxed(),
    );
    let sets = (
        operator(&[
            "ForAllValues:StringEquals",
            "ForAnyValue:StringEquals",
            "ForAllValues:StringLike",
            "ForAnyValue:StringNotLike",
            "ForAllValues:StringNotEquals",
            "ForAnyValue:StringEqualsIgnoreCase",
        ]),
        key(&["aws:TagKeys", "kms:EncryptionContextKeys"]),
        some(&["a", "b", "A", "*", "?"]),
    );
    prop_oneof![3 => strings, 2 => arns, 1 => numbers, 1 => dates, 1 => addresses, 1 => flags, 1 => nulls, 2 => sets]
        .boxed()
}

fn conditions() -> BoxedStrategy<Value> {
    let built = |conditions: Vec<(String, String, Value)>| {
        let mut operators = Map::new();
        for (operator, key, values) in conditions {
            let keys = operators.entry(operator).or_insert_with(|| json!({}));
            let known = keys.as_object().unwrap().keys().any(|known| known.eq_ignore_ascii_case(&key));
            if !known {
                keys[key] = values;
            }
        }
        Value::Object(operators)
    };
    prop_oneof![2 => Just(json!({})), 3 => vec(condition(), 1..3).prop_map(built)].boxed()
}

fn principals() -> BoxedStrategy<Value> {
    let names = some(&[
        "arn:aws:iam::111122223333:root",
        "111122223333",
        "444455556666",
        "arn:aws:iam::444455556666:root",
        "arn:aws:iam::111122223333:user/alice",
        "arn:aws:iam::444455556666:user/alice",
        "arn:aws:iam::111122223333:role/App",
        "arn:aws:iam::444455556666:role/App",
        "arn:aws:sts::111122223333:assumed-role/App/one",
        "arn:aws:sts::444455556666:assumed-role/App/one",
        "AIDACKCEVSQ6C2EXAMPLE",
        "*",
    ]);
    let both = names.clone().prop_map(|names| json!({"AWS": names, "Service": "logs.amazonaws.com"}));
    prop_oneof![1 => Just(json!("*")), 6 => names.prop_map(|names| json!({"AWS": names})), 1 => both].boxed()
}

fn spared() -> BoxedStrategy<Value> {
    let names = vec(
        select(
            &[
                "arn:aws:iam::111122223333:root",
                "444455556666",
                "arn:aws:iam::111122223333:user/alice",
                "arn:aws:iam::444455556666:user/alice",
                "arn:aws:iam::111122223333:role/App",
                "arn:aws:sts::111122223333:assumed-role/App/one",
                "arn:aws:iam::111122223333:user/bob",
            ][..],
        ),
        1..5,
    );
    names.prop_map(|names| json!({"AWS": names})).boxed()
}

/// A statement of an identity policy or of a key policy.
pub(crate) fn statement(key_policy: bool, effect: &'static str) -> BoxedStrategy<Value> {
    let parts = (actions(), resources(), conditions(), principals(), spared(), 0..10_u8, 0..10_u8, 0..10_u8);
    parts
        .prop_map(
            move |(actions, resources, conditions, principals, spared, not_action, not_resource, not_principal)| {
                let mut statement = json!({"Effect": effect});
                statement[if not_action == 0 { "NotAction" } else { "Action" }] = actions;
                statement[if not_resource == 0 { "NotResource" } else { "Resource" }] = resources;
                if key_policy && effect == "Deny" && not_principal < 3 {
                    statement["NotPrincipal"] = spared;
                } else if key_policy {
                    statement["Principal"] = principals;
                }
                if conditions.as_object().is_some_and(|conditions| !conditions.is_empty()) {
                    statement["Condition"] = conditions;
                }
                statement
            },
        )
        .boxed()
}

fn policy(key_policy: bool) -> BoxedStrategy<Value> {
    let statement = prop_oneof![4 => statement(key_policy, "Allow"), 1 => statement(key_policy, "Deny")];
    let version = select(vec![json!("2012-10-17"), json!("2012-10-17"), json!("2008-10-17"), Value::Null]);
    (vec(statement, 1..4), version)
        .prop_map(|(statements, version)| {
            let mut policy = json!({"Statement": statements});
            if !version.is_null() {
                policy["Version"] = version;
            }
            policy
        })
        .boxed()
}

fn named(policy: Value) -> Value {
    json!({"name": "p", "document": policy})
}

/// A request with everything that bears on it.
pub(crate) fn vector() -> impl Strategy<Value = Value> {
    let principal = (select(&[OWNER, OWNER, OTHER][..]), select(&["user/alice", "role/App", "session"][..]));
    let context = (
        option::of(select(&["red", "Red", "blue", "r*d"][..])),
        option::of(select(&["10.1.2.3", "2001:db8::17", "192.0.2.1"][..])),
        option::of(select(&["2024-03-01T12:00:00Z", "2024-03-01T00:00:00Z"][..])),
        option::of(select(&["900", "30"][..])),
        option::of(vec(select(&["a", "b", "A"][..]), 1..3)),
        option::of(select(&["s3.eu-west-1.amazonaws.com", "sns.eu-west-1.amazonaws.com"][..])),
        option::of(select(&["true", "false"][..])),
    );
    let action = select(&["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey"][..]);
    let policies = (policy(true), vec(policy(false), 0..3), option::weighted(0.3, policy(false)));
    (principal, context, action, policies).prop_map(|((account, kind), context, action, (key, identity, boundary))| {
        let (tag, address, time, age, set, via, flag) = context;
        let (arn, principal_arn, kind_name) = match kind {
            "session" => (
                format!("arn:aws:sts::{account}:assumed-role/App/one"),
                format!("arn:aws:iam::{account}:role/App"),
                "AssumedRole",
            ),
            "role/App" => {
                (format!("arn:aws:iam::{account}:role/App"), format!("arn:aws:iam::{account}:role/App"), "AssumedRole")
            }
            _ => (format!("arn:aws:iam::{account}:user/alice"), format!("arn:aws:iam::{account}:user/alice"), "User"),
        };
        let mut keys = json!({
            "aws:PrincipalArn": principal_arn, "aws:PrincipalAccount": account, "kms:CallerAccount": account,
            "aws:PrincipalType": kind_name,
        });
        if kind_name == "User" {
            keys["aws:username"] = json!("alice");
        }
        let texts = [
            ("aws:PrincipalTag/team", tag),
            ("aws:SourceIp", address),
            ("aws:CurrentTime", time),
            ("aws:MultiFactorAuthAge", age),
            ("kms:ViaService", via),
            ("aws:SecureTransport", flag),
        ];
        for (key, value) in texts {
            if let Some(value) = value {
                keys[key] = json!(value);
            }
        }
        if let Some(set) = set {
            keys["aws:TagKeys"] = json!(set);
        }
        json!({
            "account": OWNER, "principal": arn, "key_arn": KEY, "action": action, "context": keys, "key_policy": key,
            "identity_policies": identity.into_iter().map(named).collect::<Vec<_>>(),
            "boundary": boundary.map_or(Value::Null, named),
        })
    })
}
