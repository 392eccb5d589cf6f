//! Laws that hold whatever the policies say.

use super::{answer, random};
use kmslint::resolve::Truth;
use proptest::prelude::*;
use serde_json::{Value, json};

/// The policies of a vector: key policy, identity policies, boundary.
fn policies(vector: &mut Value) -> Vec<&mut Value> {
    let Some(object) = vector.as_object_mut() else { return Vec::new() };
    let mut found = Vec::new();
    for (name, value) in object.iter_mut() {
        match name.as_str() {
            "key_policy" => found.push(value),
            "identity_policies" => {
                found.extend(value.as_array_mut().unwrap().iter_mut().map(|policy| &mut policy["document"]));
            }
            "boundary" if !value.is_null() => found.push(&mut value["document"]),
            _ => {}
        }
    }
    found
}

fn statements(policy: &mut Value) -> &mut Vec<Value> {
    policy["Statement"].as_array_mut().unwrap()
}

/// Splits every statement at the lists of an element into one statement an item.
fn split(policy: &mut Value, element: &str) {
    let mut all = Vec::new();
    for statement in statements(policy).iter() {
        match &statement[element] {
            Value::Array(items) => all.extend(items.iter().map(|item| {
                let mut one = statement.clone();
                one[element] = item.clone();
                one
            })),
            _ => all.push(statement.clone()),
        }
    }
    *statements(policy) = all;
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_statements_and_policies_does_not_matter(vector in random::vector()) {
        let mut other = vector.clone();
        policies(&mut other).into_iter().for_each(|policy| statements(policy).reverse());
        other["identity_policies"].as_array_mut().unwrap().reverse();
        prop_assert_eq!(answer(&vector).0.decision, answer(&other).0.decision);
    }

    #[test]
    fn a_statement_with_a_list_is_as_good_as_one_for_each_item(vector in random::vector()) {
        for element in ["Action", "Resource"] {
            let mut other = vector.clone();
            policies(&mut other).into_iter().for_each(|policy| split(policy, element));
            prop_assert_eq!(answer(&vector).0.decision, answer(&other).0.decision, "{}", element);
        }
    }

    #[test]
    fn a_statement_about_something_else_changes_nothing(vector in random::vector()) {
        let mut other = vector.clone();
        for policy in policies(&mut other) {
            let unrelated = json!({"Effect": "Deny", "Principal": "*", "Action": "kms:TagResource", "Resource": "*"});
            let mut unrelated = unrelated;
            let has_principal = statements(policy).iter().any(|s| s.get("Principal").or(s.get("NotPrincipal")).is_some());
            if !has_principal {
                unrelated.as_object_mut().unwrap().remove("Principal");
            }
            statements(policy).push(unrelated);
        }
        prop_assert_eq!(answer(&vector).0, answer(&other).0);
    }

    #[test]
    fn one_more_deny_never_allows_more(vector in random::vector(), in_key in random::statement(true, "Deny"), in_identity in random::statement(false, "Deny")) {
        let mut other = vector.clone();
        for (index, policy) in policies(&mut other).into_iter().enumerate() {
            let is_key = statements(policy).iter().any(|s| s.get("Principal").or(s.get("NotPrincipal")).is_some());
            if index < 2 {
                statements(policy).push(if is_key { in_key.clone() } else { in_identity.clone() });
            }
        }
        prop_assert!(answer(&other).1 <= answer(&vector).1);
    }

    #[test]
    fn one_more_allow_never_allows_less(vector in random::vector(), in_key in random::statement(true, "Allow"), in_identity in random::statement(false, "Allow")) {
        let mut other = vector.clone();
        for policy in policies(&mut other) {
            let is_key = statements(policy).iter().any(|s| s.get("Principal").or(s.get("NotPrincipal")).is_some());
            statements(policy).push(if is_key { in_key.clone() } else { in_identity.clone() });
        }
        prop_assert!(answer(&other).1 >= answer(&vector).1);
        let denied = |vector: &Value| answer(vector).0.decision == "explicit_deny";
        prop_assert_eq!(denied(&vector), denied(&other));
    }

    #[test]
    fn a_context_key_that_no_policy_names_changes_nothing(vector in random::vector()) {
        let mut other = vector.clone();
        other["context"]["aws:UserAgent"] = json!("x");
        prop_assert_eq!(answer(&vector).0, answer(&other).0);
    }
}

#[test]
fn the_values_of_allowed_are_ordered() {
    assert!(Truth::No < Truth::Unknown && Truth::Unknown < Truth::Yes);
}
