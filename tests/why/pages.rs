//! How answers read.

use super::{answers, ask, in_view, page};
use crate::discover::tree;
use kmslint::view::why::Answer;
use std::path::Path;

fn testdata(path: &str) -> kmslint::InView {
    in_view(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(path))
}

#[test]
fn a_dead_grant_reads_well_at_a_hundred_columns() {
    let view = testdata("demo");
    let why = ask(&view.estate, "ServiceRole", "kms:Decrypt", "OrdersKey").unwrap();
    insta::assert_snapshot!(page(&view, &why, 100));
}

#[test]
fn a_dead_grant_reads_well_at_eighty_columns() {
    let view = testdata("demo");
    let why = ask(&view.estate, "ServiceRole", "kms:GenerateDataKey", "alias/reports").unwrap();
    insta::assert_snapshot!(page(&view, &why, 80));
}

#[test]
fn a_key_of_an_old_cdk_that_trusts_in_part_is_repaired_in_terms_of_cdk() {
    let view = testdata("cases/seed-07v1-trust-false-import/cdk.out");
    let role = "MyFunctionServiceRole3C357FF2";
    let why = ask(&view.estate, role, "kms:Decrypt", "MyKey6AB29FA6").unwrap();
    insta::assert_snapshot!(page(&view, &why, 100));
    let why = ask(&view.estate, role, "kms:GenerateDataKey", "MyKey6AB29FA6").unwrap();
    assert_eq!(answers(&why), [Answer::Allowed]);
}

#[test]
fn the_policy_of_an_imported_key_is_what_is_not_known() {
    let view = testdata("cases/seed-04-imported/cdk.out");
    let key = view.estate.keys.first().unwrap().arn.to_string();
    let why = ask(&view.estate, "Role1ABCC5F0", "kms:Decrypt", &key).unwrap();
    insta::assert_snapshot!(page(&view, &why, 100));
}

const ROLE: &str = "    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: 'sts:AssumeRole'}]}
";

const KEYS: &str = "\
Parameters:
  Env: {Type: String, AllowedValues: [dev, prod]}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
Resources:
  DenyKey:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: '2012-10-17'
        Statement:
          - {Effect: Allow, Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}, Action: 'kms:*', Resource: '*'}
          - Sid: NobodyDecrypts
            Effect: Deny
            Principal: '*'
            Action: kms:Decrypt
            Resource: '*'
  ViaKey:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}
            Action: kms:*
            Resource: '*'
            Condition: {StringEquals: {'kms:ViaService': s3.eu-west-1.amazonaws.com}}
  WorldKey:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal:
              AWS: !If [IsProd, !Sub 'arn:aws:iam::${AWS::AccountId}:role/KeyAdmin', !Sub 'arn:aws:iam::${AWS::AccountId}:root']
            Action: kms:*
            Resource: '*'
  NamingKey:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: '2012-10-17'
        Statement:
          - {Effect: Allow, Principal: {AWS: !GetAtt Admin.Arn}, Action: 'kms:*', Resource: '*'}
  ForeignKey:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: '2012-10-17'
        Statement:
          - {Effect: Allow, Principal: {AWS: 'arn:aws:iam::444455556666:role/Reader'}, Action: 'kms:DescribeKey', Resource: '*'}
  AppPolicy:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: app
      Roles: [!Ref AppRole]
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Action: [kms:Decrypt, kms:Encrypt]
            Resource: [!GetAtt DenyKey.Arn, !GetAtt ViaKey.Arn, !GetAtt WorldKey.Arn]
";

/// Questions about keys that decide in different ways.
fn keys() -> (tempfile::TempDir, kmslint::InView) {
    let text = format!("{KEYS}  AppRole:\n{ROLE}  Admin:\n{ROLE}");
    let dir = tree(&[("keys.yaml", &text)]);
    let view = in_view(dir.path());
    (dir, view)
}

#[test]
fn a_condition_on_the_service_is_told_as_the_only_way() {
    let (_dir, view) = keys();
    let why = ask(&view.estate, "AppRole", "kms:Decrypt", "ViaKey").unwrap();
    assert_eq!(answers(&why), [Answer::Conditional]);
    assert_eq!(why.worlds[0].reasons, ["effective only through `s3.eu-west-1.amazonaws.com`"]);
    assert!(why.worlds[0].repairs.is_empty());
}

#[test]
fn a_deny_is_shown_beside_what_it_overrules() {
    let (_dir, view) = keys();
    let why = ask(&view.estate, "AppRole", "kms:Decrypt", "DenyKey").unwrap();
    insta::assert_snapshot!(page(&view, &why, 100));
}

#[test]
fn different_deployments_have_answers_of_their_own() {
    let (_dir, view) = keys();
    let why = ask(&view.estate, "AppRole", "kms:Decrypt", "WorldKey").unwrap();
    assert_eq!(answers(&why), [Answer::Denied, Answer::Allowed]);
    insta::assert_snapshot!(page(&view, &why, 100));
}

#[test]
fn where_both_sides_lack_naming_the_role_is_the_smallest_repair() {
    let (_dir, view) = keys();
    let why = ask(&view.estate, "AppRole", "kms:Decrypt", "NamingKey").unwrap();
    let steps: Vec<usize> = why.worlds[0].repairs.iter().map(|repair| repair.steps.len()).collect();
    assert_eq!(steps, [1, 2, 2]);
    insta::assert_snapshot!(page(&view, &why, 100));
}

#[test]
fn a_role_of_another_account_needs_both_sides_and_some_actions_never_work() {
    let (_dir, view) = keys();
    let reader = "arn:aws:iam::444455556666:role/Reader";
    // The account of the stack is not known: it could be the reader's.
    let why = ask(&view.estate, reader, "kms:Decrypt", "ForeignKey").unwrap();
    assert_eq!(answers(&why), [Answer::Denied]);
    assert_eq!(answers(&ask(&view.estate, reader, "kms:DescribeKey", "ForeignKey").unwrap()), [Answer::Undecided]);
}

#[test]
fn services_and_managed_keys_are_answered_about() {
    let (_dir, view) = keys();
    let why = ask(&view.estate, "s3.amazonaws.com", "kms:Decrypt", "ForeignKey").unwrap();
    assert_eq!(answers(&why), [Answer::Denied]);
    assert_eq!(why.worlds[0].repairs.len(), 1);
    let why = ask(&view.estate, "AppRole", "kms:Decrypt", "alias/aws/s3").unwrap();
    assert_eq!(answers(&why), [Answer::Conditional]);
}

#[test]
fn what_needs_the_key_itself_is_not_to_be_named_by_it() {
    let inline = ROLE.to_owned()
        + "      Policies: [{PolicyName: use, PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: 'kms:Decrypt', Resource: !GetAtt NamingKey.Arn}]}}]\n";
    let text = format!("{KEYS}  AppRole:\n{inline}  Admin:\n{ROLE}");
    let dir = tree(&[("keys.yaml", &text)]);
    let view = in_view(dir.path());
    let why = ask(&view.estate, "AppRole", "kms:Decrypt", "NamingKey").unwrap();
    let text = page(&view, &why, 200);
    assert!(!text.contains("!GetAtt AppRole.Arn"), "{text}");
    assert!(text.contains("would close a cycle"), "{text}");
}

#[test]
fn names_that_fit_several_are_told_apart_by_their_stacks() {
    let dir = tree(&[
        ("a.yaml", &format!("Resources:\n  Role:\n{ROLE}")),
        ("b.yaml", &format!("Resources:\n  Role:\n{ROLE}  Key:\n    Type: AWS::KMS::Key\n")),
    ]);
    let view = in_view(dir.path());
    let error = ask(&view.estate, "Role", "kms:Decrypt", "Key").unwrap_err();
    let names: Vec<&str> = error.candidates.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a/Role", "b/Role"]);
    assert_eq!(answers(&ask(&view.estate, "b/Role", "kms:Decrypt", "Key").unwrap()), [Answer::Denied]);
    let error = ask(&view.estate, "b/Role", "kms:Decrypt", "Kex").unwrap_err();
    assert!(error.candidates.is_empty() && error.known.contains(&"Key".to_owned()));
}

#[test]
fn construct_paths_aliases_and_names_are_names_too() {
    let text = format!(
        "Resources:\n  Key1:\n    Type: AWS::KMS::Key\n    Metadata: {{'aws:cdk:path': App/Key/Resource}}\n  Alias:\n    \
         Type: AWS::KMS::Alias\n    Properties: {{AliasName: alias/data, TargetKeyId: !Ref Key1}}\n  Role1:\n    \
         Metadata: {{'aws:cdk:path': App/Role/Resource}}\n{ROLE}      RoleName: reader\n"
    );
    let dir = tree(&[("app.yaml", &text)]);
    let view = in_view(dir.path());
    for principal in
        ["Role1", "reader", "App/Role", "App/Role/Resource", "app/Role1", "arn:aws:iam::111122223333:role/reader"]
    {
        for key in ["Key1", "App/Key", "alias/data", "Alias", "arn:aws:kms:eu-west-1:111122223333:alias/data"] {
            let why = ask(&view.estate, principal, "kms:Decrypt", key);
            let why = why.unwrap_or_else(|error| panic!("{principal} {key}: {error:?}"));
            assert_eq!((why.principal.name.as_str(), why.key.name.as_str()), ("Role1", "Key1"), "{principal} {key}");
        }
    }
}
