//! The engine against a second one, against laws that any engine keeps, and against itself with less knowledge.

mod branches;
mod laws;
pub(crate) mod naive;
mod open;
mod random;
mod symbols;

use kmslint::authz::vector::Vector;
use kmslint::authz::{Decision, PolicyRef, decide};
use kmslint::resolve::Truth;
use naive::Answer;
use proptest::prelude::*;
use serde_json::Value;

/// The engine's answer to a vector.
fn answer(vector: &Value) -> (Answer, Truth) {
    let vector = Vector::read(vector).unwrap();
    let (key, identity, boundary) = (vector.key(), vector.attached(), vector.bounds());
    let verdict = decide(&vector.request(&key, &identity, &boundary));
    let decision = match verdict.decision {
        Decision::Allow => "allow",
        Decision::ExplicitDeny => "explicit_deny",
        Decision::ImplicitDeny => "implicit_deny",
        Decision::Undecided => "undecided",
    };
    let statements = verdict.statements.iter().map(|applied| {
        let policy = match applied.policy {
            PolicyRef::Key => "key_policy".to_owned(),
            PolicyRef::Grants => "grants".to_owned(),
            PolicyRef::Identity(index) => format!("identity:{index}"),
            PolicyRef::Boundary => "boundary".to_owned(),
        };
        format!("{policy}#{}", applied.statement.index)
    });
    (Answer { decision, statements: statements.collect() }, verdict.allowed)
}

#[test]
fn the_naive_procedure_agrees_with_all_vectors() {
    for vector in crate::vectors::all() {
        let answer = naive::decide(vector).unwrap();
        assert_eq!(answer.decision, vector["expected"], "{}", vector["id"]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_procedures_give_the_same_answer(vector in random::vector()) {
        let (engine, _) = answer(&vector);
        if let Some(naive) = naive::decide(&vector) {
            prop_assert_eq!(engine, naive, "{:#}", vector);
        }
    }
}
