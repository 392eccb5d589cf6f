//! What deployments once contradicted, as small as it could be made.

use super::make::{Dice, INNER, Template};
use super::{Tally, compare};
use serde_json::{Value, json};

/// How many seeds of deployments and requests each example is held against.
const SEEDS: u64 = 24;

fn template(name: &str, parameters: Value, resources: Value) -> Template {
    let json = json!({
        "Parameters": parameters,
        "Mappings": {},
        "Conditions": {"C0": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}},
        "Resources": resources,
        "Outputs": {},
    });
    Template { name: name.to_owned(), json, account: None, region: None }
}

/// Both procedures agree, and something is definite.
fn agree(templates: &[Template]) {
    let mut tally = Tally::default();
    for seed in 0..SEEDS {
        match compare(templates, &mut Dice::new(seed)) {
            Ok(one) => tally += one,
            Err(why) => panic!("{why}"),
        }
    }
    assert!(tally.definite > 0, "{tally:?}");
}

fn allow(action: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})
}

fn key(principal: &Value) -> Value {
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:*", "Resource": "*"});
    json!({"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": [statement]}}})
}

#[test]
fn a_user_has_the_policies_of_a_group_it_is_added_to() {
    let group = json!({"Policies": [{"PolicyName": "a", "PolicyDocument": allow("kms:*")}]});
    let addition = json!({"GroupName": {"Ref": "Group"}, "Users": [{"Ref": "User"}]});
    agree(&[template(
        "s0",
        json!({}),
        json!({
            "Key": {"Type": "AWS::KMS::Key", "Properties": {}},
            "User": {"Type": "AWS::IAM::User", "Properties": {}},
            "Group": {"Type": "AWS::IAM::Group", "Properties": group},
            "Addition": {"Type": "AWS::IAM::UserToGroupAddition", "Condition": "C0", "Properties": addition},
        }),
    )]);
}

#[test]
fn a_function_has_the_boundary_of_all_functions() {
    let mut serverless = template(
        "s0",
        json!({}),
        json!({
            "Key": {"Type": "AWS::KMS::Key", "Properties": {}},
            "Fn": {"Type": "AWS::Serverless::Function", "Properties": {"Policies": allow("kms:*")}},
        }),
    );
    serverless.json["Transform"] = json!(["AWS::Serverless-2016-10-31"]);
    let boundary = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    serverless.json["Globals"] = json!({"Function": {"PermissionsBoundary": boundary}});
    agree(&[serverless]);
}

#[test]
fn a_macro_may_give_a_function_another_boundary_than_that_of_all() {
    let boundary = "arn:aws:iam::aws:policy/AWSOfNobody";
    let function = json!({"Policies": allow("kms:*"), "PermissionsBoundary": boundary});
    let resources = json!({
        "Key": {"Type": "AWS::KMS::Key", "Properties": {}},
        "Fn": {"Type": "AWS::Serverless::Function", "Properties": function},
    });
    let mut changed = template("s0", json!({}), resources.clone());
    changed.json["Transform"] = json!(["AWS::Serverless-2016-10-31", "Macro"]);
    changed.json["Globals"] = json!({"Function": {"PermissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess"}});
    agree(&[template("s1", json!({}), json!({"Key": resources["Key"]})), changed]);
}

/// A stack with a key that names a role, and a nested one with that role.
fn nested(role: &Value, name: &Value, parameters: Value, passed: &Value) -> [Template; 2] {
    let child = json!({"TemplateURL": format!("{INNER}.json"), "Parameters": passed});
    let outer = json!({"Key": key(role), "Child": {"Type": "AWS::CloudFormation::Stack", "Properties": child}});
    let inner = json!({"Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": name}}});
    [template("s0", json!({}), outer), template(INNER, parameters, inner)]
}

#[test]
fn the_name_of_a_nested_stack_is_not_known() {
    let role = json!({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/s0-Child-worker"});
    let name = json!({"Fn::Sub": "${AWS::StackName}-worker"});
    agree(&nested(&role, &name, json!({}), &json!({})));
}

#[test]
fn a_parameter_that_is_not_passed_keeps_its_default() {
    let role = json!({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/worker"});
    let passed = json!({"Name": {"Fn::If": ["C0", "other", {"Ref": "AWS::NoValue"}]}});
    let parameters = json!({"Name": {"Type": "String", "Default": "worker"}});
    agree(&nested(&role, &json!({"Ref": "Name"}), parameters, &passed));
}

fn role(properties: Value) -> Value {
    json!({"Type": "AWS::IAM::Role", "Properties": properties})
}

/// A key whose policy leaves everything to IAM.
fn delegating() -> Value {
    json!({"Type": "AWS::KMS::Key", "Properties": {}})
}

#[test]
fn a_parameter_may_name_the_role_to_which_a_policy_is_attached() {
    let policy = json!({"PolicyName": "p", "PolicyDocument": allow("kms:*"), "Roles": [{"Ref": "Name"}]});
    let resources = json!({
        "Key": delegating(),
        "Role": role(json!({"RoleName": "worker"})),
        "User": {"Type": "AWS::IAM::User", "Properties": {}},
        "Policy": {"Type": "AWS::IAM::Policy", "Properties": policy},
    });
    agree(&[template("s0", json!({"Name": {"Type": "String"}}), resources)]);
}

#[test]
fn a_policy_may_be_attached_to_the_role_of_a_template_beside_it() {
    let policy = json!({"PolicyName": "p", "PolicyDocument": allow("kms:*"), "Roles": ["worker"]});
    let first = json!({"Key": delegating(), "Role": role(json!({"RoleName": "worker"}))});
    let second = json!({"Policy": {"Type": "AWS::IAM::Policy", "Properties": policy}});
    agree(&[template("s0", json!({}), first), template("s1", json!({}), second)]);
}

#[test]
fn a_boundary_that_no_template_declares_in_some_world_is_another_one() {
    let boundary = json!({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:policy/named"});
    let inline = json!([{"PolicyName": "a", "PolicyDocument": allow("kms:*")}]);
    let managed = json!({"ManagedPolicyName": "named", "PolicyDocument": allow("kms:Decrypt")});
    let resources = json!({
        "Key": delegating(),
        "Role": role(json!({"PermissionsBoundary": boundary, "Policies": inline})),
        "Managed": {"Type": "AWS::IAM::ManagedPolicy", "Condition": "C0", "Properties": managed},
    });
    agree(&[template("s0", json!({}), resources)]);
}

#[test]
fn a_macro_may_give_a_role_anything() {
    let resources = json!({"Key": delegating(), "Role": role(json!({})), "Other": delegating()});
    let mut other = template("s1", json!({}), json!({"Key": delegating(), "Role": role(json!({}))}));
    other.json["Transform"] = json!(["Macro"]);
    agree(&[template("s0", json!({}), resources), other]);
}

#[test]
fn a_group_that_is_only_named_may_have_other_policies() {
    let policy = json!({"PolicyName": "p", "PolicyDocument": allow("kms:Decrypt"), "Groups": ["worker"]});
    let resources = json!({
        "Key": delegating(),
        "User": {"Type": "AWS::IAM::User", "Properties": {"Groups": ["worker"]}},
        "Policy": {"Type": "AWS::IAM::Policy", "Properties": policy},
    });
    agree(&[template("s0", json!({}), resources)]);
}

/// A role that is given something on a key of its stack.
fn granted(statement: Value, boundary: Value) -> Value {
    let document = json!({"Version": "2012-10-17", "Statement": [statement]});
    let mut properties = json!({"Policies": [{"PolicyName": "a", "PolicyDocument": document}]});
    if !boundary.is_null() {
        properties["PermissionsBoundary"] = boundary;
    }
    role(properties)
}

#[test]
fn what_a_boundary_forbids_is_not_dead_because_of_the_key_policy() {
    let closed =
        json!({"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Put*", "Resource": "*"}]});
    let policy = json!({"Fn::If": ["C0", closed, {"Ref": "AWS::NoValue"}]});
    let statement = json!({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": {"Fn::GetAtt": ["Key", "Arn"]}});
    let resources = json!({
        "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}},
        "Role": granted(statement, json!("arn:aws:iam::aws:policy/ReadOnlyAccess")),
    });
    agree(&[template("s0", json!({}), resources)]);
}

#[test]
fn what_a_statement_leaves_out_is_not_given_by_it() {
    let statement = json!({"Effect": "Allow", "NotAction": "kms:Decrypt", "Resource": {"Fn::GetAtt": ["Key", "Arn"]}});
    let resources = json!({"Key": delegating(), "Role": granted(statement, Value::Null)});
    let template = template("s0", json!({}), resources);
    agree(std::slice::from_ref(&template));
    assert!(super::estate(&[template]).grants().is_empty());
}

#[test]
fn a_macro_may_change_a_policy_that_names_a_role_beside_it() {
    let policy = json!({"PolicyName": "p", "PolicyDocument": allow("kms:*"), "Roles": ["worker"]});
    let named = json!({"Key": delegating(), "Role": role(json!({"RoleName": "worker"}))});
    let mut changed = template("s1", json!({}), json!({"Policy": {"Type": "AWS::IAM::Policy", "Properties": policy}}));
    changed.json["Transform"] = json!(["Macro"]);
    agree(&[template("s0", json!({}), named), changed]);
}
