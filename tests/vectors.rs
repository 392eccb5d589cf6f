//! Every authorization vector is decided as it expects, with the statements that it blames.

use flate2::read::GzDecoder;
use kmslint::authz::vector::Vector;
use kmslint::authz::{Applied, Decision, PolicyRef, PrincipalMatch, Side, Verdict, Way, decide};
use kmslint::policy::Effect;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::LazyLock;

/// The vectors of `testdata`, and others where `KMSLINT_VECTORS` names a file.
pub(crate) fn all() -> &'static [Value] {
    static ALL: LazyLock<Vec<Value>> = LazyLock::new(read);
    &ALL
}

fn read() -> Vec<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = root.join("testdata/vectors/authorization.jsonl.gz");
    let path = std::env::var_os("KMSLINT_VECTORS").map_or(own, Into::into);
    let file = std::fs::File::open(path).unwrap();
    let lines = BufReader::new(GzDecoder::new(file)).lines();
    lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect()
}

fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Allow => "allow",
        Decision::ExplicitDeny => "explicit_deny",
        Decision::ImplicitDeny => "implicit_deny",
        Decision::Undecided => "undecided",
    }
}

fn policy(policy: PolicyRef) -> String {
    match policy {
        PolicyRef::Key => "key_policy".to_owned(),
        PolicyRef::Grants => "grants".to_owned(),
        PolicyRef::Identity(index) => format!("identity:{index}"),
        PolicyRef::Boundary => "boundary".to_owned(),
    }
}

fn statement(applied: &Applied<'_>) -> Value {
    let effect = match applied.effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    };
    let mut value = json!({"policy": policy(applied.policy), "index": applied.statement.index, "effect": effect});
    let by = applied.principal_match.map(|by| match by {
        PrincipalMatch::Own => "self",
        PrincipalMatch::Wildcard => "wildcard",
        PrincipalMatch::Role => "role",
        PrincipalMatch::Account => "account",
        PrincipalMatch::NotPrincipal => "notprincipal",
    });
    if let Some(by) = by {
        value["principal_match"] = json!(by);
    }
    value
}

fn code(verdict: &Verdict<'_>) -> &'static str {
    match verdict.way {
        Some(Way::KeyPolicy) => "key_policy",
        Some(Way::Delegation) => "delegation_and_identity",
        Some(Way::Either) => "key_policy_or_delegation",
        Some(Way::BothSides) => "cross_account_both",
        Some(Way::Grant) => "grant",
        None => decision(verdict.decision),
    }
}

fn why(verdict: &Verdict<'_>) -> Value {
    let side = |side: &Side| match side {
        Side::Boundary => "boundary",
        Side::Identity => "identity",
        Side::KeyPolicy => "key_policy",
        Side::Grants => "grants",
    };
    let sides: Vec<_> = verdict.sides.iter().map(side).collect();
    let statements: Vec<_> = verdict.statements.iter().map(statement).collect();
    json!({"code": code(verdict), "sides": sides, "statements": statements})
}

#[test]
fn every_vector_is_decided_and_explained_as_expected() {
    let vectors = all();
    assert!(vectors.len() >= 3000);
    let mut wrong = String::new();
    let mut count = 0;
    for expected in vectors {
        let vector = Vector::read(expected).unwrap();
        let (key, identity, boundary) = (vector.key(), vector.attached(), vector.bounds());
        let verdict = decide(&vector.request(&key, &identity, &boundary));
        let right = decision(verdict.decision) == expected["expected"] && why(&verdict) == expected["why"];
        if !right {
            count += 1;
            let id = (&expected["id"], &expected["family"]);
            writeln!(
                wrong,
                "{id:?}\n  is     {} {}\n  should {} {}",
                decision(verdict.decision),
                why(&verdict),
                expected["expected"],
                expected["why"]
            )
            .unwrap();
        }
    }
    assert!(count == 0, "{count} wrong:\n{wrong}");
}
