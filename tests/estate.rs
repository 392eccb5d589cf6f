//! Links, attachments and names: what the estate makes of several templates.

use crate::support::estate;
use kmslint::estate::cycles::Order;
use kmslint::estate::{Fate, LifecyclePolicy, LinkKind, PrincipalKind, Target};
use kmslint::resolve::{StackId, Truth};

const KEY: &str = "
Resources:
  Key:
    Type: AWS::KMS::Key
Outputs:
  Arn:
    Value: !GetAtt Key.Arn
    Export: { Name: !Sub '${AWS::StackName}-KeyArn' }
";

fn consumer(import: &str) -> String {
    format!(
        "
Parameters:
  Keys: {{ Type: String, Default: keys }}
  Open: {{ Type: String }}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{}}
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement: {{ Effect: Allow, Action: kms:Decrypt, Resource: {import} }}
"
    )
}

fn targets(files: &[(&str, &str)]) -> Vec<String> {
    let estate = estate(files);
    estate
        .grants()
        .iter()
        .map(|grant| {
            let name = match &grant.target {
                Target::Key(key) => format!("key {}", estate.key(*key).unwrap().name),
                other => format!("{other:?}"),
            };
            if grant.guard.is_always() { name } else { format!("{name} when {:?}", grant.guard) }
        })
        .collect()
}

#[test]
fn an_import_meets_an_export_whose_name_is_built() {
    let app = consumer("!ImportValue keys-KeyArn");
    assert_eq!(targets(&[("app.yaml", &app), ("keys.yaml", KEY)]), ["key Key"]);
}

#[test]
fn an_import_that_rests_on_a_default_says_so() {
    let app = consumer("!ImportValue { 'Fn::Sub': '${Keys}-KeyArn' }");
    let found = targets(&[("app.yaml", &app), ("keys.yaml", KEY)]);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("key Key when "), "{found:?}");
    assert!(found[1].contains("no producer for import"), "{found:?}");
}

#[test]
fn an_import_with_one_open_hole_meets_the_only_export_that_fits() {
    let app = consumer("!ImportValue { 'Fn::Sub': '${Open}-KeyArn' }");
    let found = targets(&[("app.yaml", &app), ("keys.yaml", KEY)]);
    assert!(found[0].starts_with("key Key when "), "{found:?}");
    let found = targets(&[("app.yaml", &app), ("keys.yaml", KEY), ("other.yaml", KEY)]);
    assert_eq!(found.len(), 1, "two exports fit: {found:?}");
    assert!(found[0].contains("fits exports of stack `keys`, stack `other`"), "{found:?}");
}

#[test]
fn an_import_that_several_stacks_export_may_be_from_each_of_them() {
    let app = consumer("!ImportValue keys-KeyArn");
    let found = targets(&[("app.yaml", &app), ("a/keys.yaml", KEY), ("b/keys.yaml", KEY)]);
    assert_eq!(found.len(), 2, "{found:?}");
    for (found, file) in found.iter().zip(["a/keys.yaml", "b/keys.yaml"]) {
        assert!(found.starts_with("key Key when ") && found.contains(file), "{found}");
    }
}

#[test]
fn exports_of_one_stack_under_one_name_are_told_apart_by_their_conditions() {
    let keys = "
Parameters: { Make: { Type: String } }
Conditions: { Makes: !Equals [!Ref Make, 'yes'], Takes: !Not [!Condition Makes] }
Resources: { Key: { Type: AWS::KMS::Key, Condition: Makes }, Other: { Type: AWS::KMS::Key, Condition: Takes } }
Outputs:
  Made: { Condition: Makes, Value: !GetAtt Key.Arn, Export: { Name: keys-KeyArn } }
  Taken: { Condition: Takes, Value: !GetAtt Other.Arn, Export: { Name: keys-KeyArn } }
";
    let found = targets(&[("app.yaml", &consumer("!ImportValue keys-KeyArn")), ("keys.yaml", keys)]);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("key Key when ") && found[1].starts_with("key Other when "), "{found:?}");
}

#[test]
fn more_exports_of_one_name_than_can_be_told_apart_leave_it_unknown() {
    let app = consumer("!ImportValue keys-KeyArn");
    let paths: Vec<String> = (0..9).map(|n| format!("{n}/keys.yaml")).collect();
    let files: Vec<_> = paths.iter().map(|path| (path.as_str(), KEY)).chain([("app.yaml", app.as_str())]).collect();
    let found = targets(&files);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("9 stacks in view export `keys-KeyArn`"), "{found:?}");
}

#[test]
fn a_nested_stack_gets_its_parents_values_and_gives_its_outputs() {
    let parent = "
Resources:
  Keys: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: ./keys.yaml } }
  Use:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: use.yaml
      Parameters: { Open: !GetAtt Keys.Outputs.Arn, Keys: x }
";
    let child = consumer("!Ref Open");
    let files = [("parent.yaml", parent), ("keys.yaml", KEY), ("use.yaml", &child)];
    assert_eq!(targets(&files), ["key Key"]);
    let estate = estate(&files);
    assert_eq!(estate.stacks.len(), 3);
    assert_eq!(estate.links.iter().filter(|link| link.through == LinkKind::Nested).count(), 2);
}

#[test]
fn policies_are_attached_from_every_side() {
    let text = "
Resources:
  Role: { Type: AWS::IAM::Role, Properties: { RoleName: named, ManagedPolicyArns: [!Ref Managed, arn:aws:iam::aws:policy/ReadOnlyAccess] } }
  User: { Type: AWS::IAM::User, Properties: { Groups: [!Ref Group] } }
  Group: { Type: AWS::IAM::Group, Properties: { Policies: [{ PolicyName: g, PolicyDocument: { Statement: [] } }] } }
  Managed: { Type: AWS::IAM::ManagedPolicy, Properties: { PolicyDocument: { Statement: [] } } }
  Alone: { Type: AWS::IAM::ManagedPolicy, Properties: { PolicyDocument: { Statement: [] } } }
  ByName: { Type: AWS::IAM::Policy, Properties: { PolicyName: n, Roles: [named], PolicyDocument: { Statement: [] } } }
  ByRef: { Type: AWS::IAM::RolePolicy, Properties: { PolicyName: r, RoleName: !Ref Role, PolicyDocument: { Statement: [] } } }
";
    let estate = estate(&[("t.yaml", text)]);
    let of = |logical: &str| {
        let entry = estate.principals.iter().find(|entry| entry.logical == logical).unwrap();
        let mut holders: Vec<_> = entry.policies.iter().map(|policy| policy.resource.as_str()).collect();
        holders.sort_unstable();
        (entry.kind, holders)
    };
    assert_eq!(of("Role"), (PrincipalKind::Role, vec!["ByName", "ByRef", "Managed", "Role"]));
    assert_eq!(of("User"), (PrincipalKind::User, vec!["Group"]));
    assert_eq!(of("Alone"), (PrincipalKind::Unattached, vec!["Alone"]));
}

#[test]
fn a_sam_function_has_a_role_and_policy_templates() {
    let text = "
Transform: AWS::Serverless-2016-10-31
Resources:
  Key: { Type: AWS::KMS::Key }
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Policies:
        - KMSDecryptPolicy: { KeyId: !Ref Key }
        - AWSLambdaBasicExecutionRole
        - Statement: [{ Effect: Allow, Action: kms:Encrypt, Resource: !GetAtt Key.Arn }]
";
    assert_eq!(targets(&[("t.yaml", text)]), ["key Key", "key Key"]);
}

#[test]
fn a_text_names_what_it_names() {
    let text = "
Resources:
  Key: { Type: AWS::KMS::Key }
  Alias: { Type: AWS::KMS::Alias, Properties: { AliasName: alias/x, TargetKeyId: !Ref Key } }
  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement:
              Effect: Allow
              Action: kms:Decrypt
              Resource:
                - !GetAtt Key.Arn
                - !Ref Key
                - !Ref Alias
                - !Sub arn:aws:kms:${AWS::Region}:${AWS::AccountId}:alias/x
                - arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012
                - arn:aws:kms:eu-west-1:111122223333:key/*
                - !Sub arn:aws:kms:${AWS::Region}:${AWS::AccountId}:key/${Alias}
                - arn:aws:s3:::bucket
                - '{{resolve:ssm:/key}}'
";
    let found = targets(&[("t.yaml", text)]);
    let kinds: Vec<_> = found.iter().map(|target| target.split(['(', ' ']).next().unwrap()).collect();
    let expected =
        ["key", "KeyById", "AliasName", "AliasArn", "key", "Pattern", "Malformed", "OtherService", "Unknown"];
    assert_eq!(kinds, expected, "{found:#?}");
}

const STORED: &str = "
Resources:
  Key: { Type: AWS::KMS::Key }
  Stored: { Type: AWS::SSM::Parameter, Properties: { Type: String, Name: /kms/arn, Value: !GetAtt Key.Arn } }
  Writer:
    Type: Custom::CrossRegionExportWriter
    Properties: { WriterProps: { region: eu-west-1, exports: { /cdk/exports/app/arn: !GetAtt Key.Arn } } }
";

#[test]
fn a_dynamic_reference_meets_the_stack_that_writes_the_parameter() {
    let app = consumer("'{{resolve:ssm:/kms/arn}}'");
    let files = [("app.yaml", app.as_str()), ("keys.yaml", STORED)];
    assert_eq!(targets(&files), ["key Key"]);
    let estate = estate(&files);
    assert_eq!(estate.links.iter().filter(|link| link.through == LinkKind::Stored).count(), 1);
    let versioned = consumer("'{{resolve:ssm:/kms/arn:3}}'");
    assert_eq!(targets(&[("app.yaml", &versioned), ("keys.yaml", STORED)]), ["key Key"]);
    let other = consumer("'{{resolve:ssm:/kms/other}}'");
    assert!(targets(&[("app.yaml", &other), ("keys.yaml", STORED)])[0].starts_with("Unknown"));
}

#[test]
fn a_parameter_read_from_the_store_rests_on_its_default_name() {
    let app = consumer("!Ref Arn")
        .replace("Open: { Type: String }", "Arn: { Type: 'AWS::SSM::Parameter::Value<String>', Default: /kms/arn }");
    let found = targets(&[("app.yaml", &app), ("keys.yaml", STORED)]);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("key Key when "), "{found:?}");
    assert!(found[1].starts_with("Unknown"), "{found:?}");
}

#[test]
fn two_stacks_that_write_different_values_leave_a_parameter_unknown() {
    let app = consumer("'{{resolve:ssm:/kms/arn}}'");
    let found = targets(&[("app.yaml", &app), ("keys.yaml", STORED), ("others.yaml", STORED)]);
    assert!(found[0].starts_with("Unknown"), "{found:?}");
}

#[test]
fn the_reader_of_another_region_sees_what_the_writer_exports() {
    let reader = "
  Reader:
    Type: Custom::CrossRegionExportReader
    Properties: { ReaderProps: { imports: { /cdk/exports/app/arn: '{{resolve:ssm:/cdk/exports/app/arn}}' } } }
";
    let app = consumer("!GetAtt [Reader, /cdk/exports/app/arn]") + reader;
    assert_eq!(targets(&[("app.yaml", &app), ("keys.yaml", STORED)]), ["key Key"]);
}

const SECRET: &str = "
Resources:
  Key: { Type: AWS::KMS::Key }
  Secret:
    Type: AWS::SecretsManager::Secret
    Properties: { Name: shared/keys, SecretString: !Sub '{\"arn\": \"${Key.Arn}\", \"user\": \"x\"}' }
  Other:
    Type: AWS::SecretsManager::Secret
    Properties:
      GenerateSecretString: { SecretStringTemplate: !Sub '{\"arn\": \"${Key.Arn}\"}', GenerateStringKey: password }
Outputs:
  ByName: { Value: !Ref Secret, Export: { Name: keys-Secret } }
  ByTemplate: { Value: !Ref Other, Export: { Name: keys-Other } }
";

#[test]
fn a_dynamic_reference_meets_the_secret_that_holds_the_key() {
    let by_name = "'{{resolve:secretsmanager:shared/keys:SecretString:arn}}'";
    let by_arn = "!Sub ['{{resolve:secretsmanager:${S}:SecretString:arn}}', { S: !ImportValue keys-Secret }]";
    let by_template = "!Join ['', ['{{resolve:secretsmanager:', !ImportValue keys-Other, ':SecretString:arn::}}']]";
    for reference in [by_name, by_arn, by_template] {
        let app = consumer(reference);
        let files = [("app.yaml", app.as_str()), ("keys.yaml", SECRET)];
        assert_eq!(targets(&files), ["key Key"], "{reference}");
        let estate = estate(&files);
        assert_eq!(estate.links.iter().filter(|link| link.through == LinkKind::Stored).count(), 1, "{reference}");
    }
    for other in ["shared/keys:SecretString:key", "shared/keys:SecretString:arn:AWSPREVIOUS", "other:SecretString:arn"]
    {
        let app = consumer(&format!("'{{{{resolve:secretsmanager:{other}}}}}'"));
        assert!(targets(&[("app.yaml", &app), ("keys.yaml", SECRET)])[0].starts_with("Unknown"), "{other}");
    }
}

#[test]
fn a_role_whose_name_depends_on_a_condition_is_one_principal_in_each_world() {
    let text = "
Parameters: { Stage: { Type: String } }
Conditions: { IsProd: !Equals [!Ref Stage, prod] }
Resources:
  Key: { Type: AWS::KMS::Key }
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !If [IsProd, app-role, !Ref AWS::NoValue]
      PermissionsBoundary: !If [IsProd, 'arn:aws:iam::111122223333:policy/a', 'arn:aws:iam::111122223333:policy/b']
  Policy:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: p
      Roles: [!Ref Role]
      PolicyDocument: { Statement: { Effect: Allow, Action: kms:Decrypt, Resource: !GetAtt Key.Arn } }
";
    let estate = estate(&[("t.yaml", text)]);
    let arns: Vec<String> = estate.principals.iter().map(|entry| entry.arn.to_string()).collect();
    assert_eq!(
        arns,
        [
            "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/app-role",
            "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${Role}"
        ]
    );
    assert!(estate.principals.iter().all(|entry| entry.policies.len() == 1 && entry.boundary.len() == 2));
    assert_eq!(estate.grants().len(), 2, "the grant is there in each of the two worlds");
}

#[test]
fn resources_are_created_after_those_that_they_refer_to_over_any_number_of_steps() {
    let text = "
Resources:
  Key: { Type: AWS::KMS::Key }
  Alias: { Type: AWS::KMS::Alias, Properties: { AliasName: alias/a, TargetKeyId: !Ref Key } }
  Queue: { Type: AWS::SQS::Queue, DependsOn: Alias }
  Topic: { Type: AWS::SNS::Topic }
";
    let estate = estate(&[("t.yaml", text)]);
    let order = Order::of(&estate, StackId(0));
    assert_eq!(order.is_after("Queue", "Key"), Truth::Yes);
    assert_eq!(order.is_after("Key", "Queue"), Truth::No);
    assert_eq!(order.is_after("Topic", "Key"), Truth::No);
}

#[test]
fn a_resource_is_deleted_with_its_stack_unless_it_says_otherwise_or_is_a_database() {
    let text = "
Resources:
  Deleted: { Type: AWS::SQS::Queue }
  Kept: { Type: AWS::SQS::Queue, DeletionPolicy: RetainExceptOnCreate }
  Database: { Type: AWS::RDS::DBInstance }
  Member: { Type: AWS::RDS::DBInstance, Properties: { DBClusterIdentifier: main } }
";
    let estate = estate(&[("t.yaml", text)]);
    let fate = |name: &str, policy| {
        let fact = estate.fact(StackId(0), name).unwrap();
        estate.fates(fact, policy).into_iter().map(|(_, fate)| fate).collect::<Vec<_>>()
    };
    assert_eq!(fate("Deleted", LifecyclePolicy::Deletion), [Fate::Deleted]);
    assert_eq!(fate("Kept", LifecyclePolicy::Deletion), [Fate::Retained]);
    assert_eq!(fate("Kept", LifecyclePolicy::UpdateReplace), [Fate::Deleted]);
    assert_eq!(fate("Database", LifecyclePolicy::Deletion), [Fate::Snapshot]);
    assert_eq!(fate("Member", LifecyclePolicy::Deletion), [Fate::Deleted]);
}

#[test]
fn an_arn_behind_key_is_malformed_and_a_wildcard_for_the_account_is_a_pattern() {
    let found = |resource: &str| targets(&[("app.yaml", &consumer(resource)), ("keys.yaml", KEY)]).remove(0);
    assert!(found("arn:aws:kms:*:111122223333:key/11aa22bb-33cc-44dd-55ee-667788990011").starts_with("Pattern"));
    assert!(found("arn:aws:kms:eu-west-1:111122223333:11aa22bb-33cc-44dd-55ee-667788990011").starts_with("Malformed"));
    assert!(found("!Sub 'arn:aws:kms:eu-west-1:111122223333:key/${Role.Arn}'").starts_with("Malformed"));
}

#[test]
fn what_a_nested_stack_has_is_there_only_while_the_stack_is() {
    let parent = "
Parameters: { Env: { Type: String } }
Conditions: { Prod: !Equals [!Ref Env, prod] }
Resources:
  Use: { Type: AWS::CloudFormation::Stack, Condition: Prod, Properties: { TemplateURL: keys.yaml } }
";
    let estate = estate(&[("parent.yaml", parent), ("keys.yaml", KEY)]);
    let fact = estate.facts.iter().find(|fact| fact.name == "Key").unwrap();
    assert_eq!(fact.guard.to_string(), "Prod is true", "{:?}", fact.guard);
}

#[test]
fn a_policy_means_the_role_of_its_own_stack_where_two_stacks_declare_the_name() {
    let text = "
Resources:
  Role: { Type: AWS::IAM::Role, Properties: { RoleName: worker } }
  Policy: { Type: AWS::IAM::Policy, Properties: { PolicyName: p, Roles: [!Ref Role], PolicyDocument: { Statement: [] } } }
  Keys: { Type: AWS::SSM::Parameter, Properties: { Value: !ImportValue keys-KeyArn } }
";
    let estate = estate(&[("a.yaml", text), ("b.yaml", text), ("keys.yaml", KEY)]);
    assert_eq!(estate.principals.iter().map(|entry| entry.policies.len()).collect::<Vec<_>>(), [1, 1]);
}
