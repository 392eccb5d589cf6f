//! Every repair that is offered works, made by somebody who knows nothing of how it was found.

use super::super::vectors;
use kmslint::authz::vector::Vector;
use kmslint::authz::{Change, Decision, Means, PolicyRef, Wish, decide, repairs};
use kmslint::resolve::{Guard, Text, Truth};
use serde_json::{Value, json};

fn literal(text: &Text) -> Value {
    json!(text.as_literal().unwrap())
}

fn statements(document: &mut Value) -> &mut Vec<Value> {
    if document["Statement"].is_object() {
        document["Statement"] = json!([document["Statement"].clone()]);
    }
    document["Statement"].as_array_mut().unwrap()
}

/// The vector as its owner would write it after the changes. What is taken away leaves a statement that says nothing, so that places stay.
fn repaired(vector: &Value, changes: &[Change]) -> Value {
    let mut vector = vector.clone();
    for change in changes {
        let addition = change.addition().map(|addition| addition.json(&literal));
        match (change, addition) {
            (Change::Spare { policy, index, .. }, _) => {
                let document = match policy {
                    PolicyRef::Key => &mut vector["key_policy"],
                    PolicyRef::Grants => unreachable!("no repair changes a grant"),
                    PolicyRef::Identity(at) => &mut vector["identity_policies"][*at]["document"],
                    PolicyRef::Boundary => &mut vector["boundary"]["document"],
                };
                statements(document)[*index] = json!({"Effect": "Allow", "Action": "s3:Nothing", "Resource": "*"});
            }
            (Change::Trust(_) | Change::TrustWith(_) | Change::Name(_), Some(addition)) => {
                statements(&mut vector["key_policy"]).push(addition);
            }
            (Change::Give(_), Some(addition)) => {
                let policy = json!({"document": {"Version": "2012-10-17", "Statement": [addition]}});
                vector["identity_policies"].as_array_mut().unwrap().push(policy);
            }
            (Change::Bound(_), Some(addition)) => statements(&mut vector["boundary"]["document"]).push(addition),
            (_, None) => unreachable!(),
        }
    }
    vector
}

fn decision(vector: &Value) -> (Decision, Truth) {
    let vector = Vector::read(vector).unwrap();
    let (key, identity, boundary) = (vector.key(), vector.attached(), vector.bounds());
    let verdict = decide(&vector.request(&key, &identity, &boundary));
    (verdict.decision, verdict.allowed)
}

fn offered(vector: &Value, means: Means) -> Vec<kmslint::authz::Repair> {
    let vector = Vector::read(vector).unwrap();
    let (key, identity, boundary) = (vector.key(), vector.attached(), vector.bounds());
    let wish = Wish { actions: &[vector.action], under: &Guard::ALWAYS, feasible: &|_| true, means };
    repairs(&vector.request(&key, &identity, &boundary), &wish)
}

#[test]
fn every_repair_of_a_denied_vector_makes_it_allowed_and_no_part_of_it_does() {
    let denied: Vec<&Value> = vectors::all().iter().filter(|vector| vector["expected"] != "allow").collect();
    let mut without = 0;
    for vector in &denied {
        let id = &vector["id"];
        let offered = offered(vector, Means::ALL);
        without += usize::from(offered.is_empty());
        for repair in &offered {
            let (after, allowed) = decision(&repaired(vector, &repair.changes));
            assert_eq!(after, repair.after, "{id}: {:?}", repair.changes);
            assert_ne!(allowed, Truth::No, "{id}: {:?}", repair.changes);
            for at in 0..repair.changes.len() {
                let mut fewer = repair.changes.clone();
                fewer.remove(at);
                assert_eq!(decision(&repaired(vector, &fewer)).1, Truth::No, "{id}: {fewer:?} would do");
            }
        }
    }
    println!("{without} of {} denied vectors have no repair", denied.len());
    assert!(without * 10 < denied.len(), "{without} of {} have no repair", denied.len());
}

#[test]
fn what_is_allowed_needs_no_repair() {
    for vector in vectors::all().iter().filter(|vector| vector["expected"] == "allow") {
        assert!(offered(vector, Means::ALL).is_empty(), "{}", vector["id"]);
    }
}

#[test]
fn a_repair_uses_only_what_can_be_changed() {
    let identity_only = Means { key_policy: false, naming: false, identity: true };
    let unnamed = Means { naming: false, ..Means::ALL };
    for vector in vectors::all().iter().filter(|vector| vector["expected"] == "implicit_deny") {
        let changes = |means| offered(vector, means).into_iter().flat_map(|repair| repair.changes);
        assert!(changes(identity_only).all(|change| change.policy() != PolicyRef::Key), "{}", vector["id"]);
        assert!(changes(unnamed).all(|change| !matches!(change, Change::Name(_))), "{}", vector["id"]);
    }
}
