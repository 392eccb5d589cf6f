//! Stack sets: the template that they have as text or by its path, where its instances are, and what they get. And uploaded templates.

use crate::discover::tree;
use kmslint::choice::Choice;
use kmslint::discover::Request;
use kmslint::estate::Estate;
use kmslint::finding::Outcome;
use kmslint::resolve::Truth;
use kmslint::{Options, all_rules, check, look};

const MEMBER: &str = "Parameters:
  Central: { Type: String }
Resources:
  MemberKey:
    Type: AWS::KMS::Key
    Properties: { Description: plain }
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
      Policies:
        - PolicyName: p
          PolicyDocument: { Statement: { Effect: Allow, Action: kms:PutKeyPolicy, Resource: !Ref Central } }
";

/// A template with a stack set that has this property.
fn set(body: &str, instances: &str) -> String {
    format!(
        "Resources:
  Key: {{ Type: AWS::KMS::Key, Properties: {{ EnableKeyRotation: true }} }}
  Set:
    Type: AWS::CloudFormation::StackSet
    Properties:
      StackSetName: members
      PermissionModel: SELF_MANAGED
      Parameters: [{{ ParameterKey: Central, ParameterValue: !GetAtt Key.Arn }}]
      StackInstancesGroup: {instances}
      {body}
"
    )
}

fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| format!("        {line}"));
    format!("TemplateBody: |\n{}", lines.collect::<Vec<_>>().join("\n"))
}

const IN_TWO: &str = "[{ DeploymentTargets: { Accounts: ['111122223333', '444455556666'] }, Regions: [eu-west-1] }]";

fn options(dir: &std::path::Path) -> Options {
    let (root, inputs) = (Some(dir.to_path_buf()), vec![dir.to_string_lossy().into_owned()]);
    Options {
        request: Request { inputs, root, ..Request::default() },
        choice: Choice { rules: all_rules(), ..Choice::default() },
        ..Options::default()
    }
}

fn outcome(files: &[(&str, &str)]) -> Outcome {
    check(&options(tree(files).path())).outcome
}

fn estate(files: &[(&str, &str)]) -> Estate {
    look(&options(tree(files).path())).estate
}

#[test]
fn a_finding_in_the_text_of_a_stack_set_stands_where_it_is_written_once() {
    let text = set(&indented(MEMBER), IN_TWO);
    let outcome = outcome(&[("set.yaml", &text)]);
    let found: Vec<_> = outcome.findings.iter().filter(|finding| finding.rule.id == "rotation-disabled").collect();
    let [finding] = found.as_slice() else { panic!("{found:?}") };
    let place = &finding.primary.place;
    assert_eq!(&text[place.span.range()], "MemberKey");
    assert_eq!(place.stack.as_deref(), Some("set-Set/111122223333/eu-west-1"));
    assert_eq!(finding.notes, ["also in stack `set-Set/444455556666/eu-west-1`"]);
}

#[test]
fn instances_are_in_the_accounts_and_regions_that_are_listed() {
    let estate = estate(&[("set.yaml", &set(&indented(MEMBER), IN_TWO))]);
    let places: Vec<String> = estate
        .stacks
        .iter()
        .filter(|stack| stack.parent.is_some())
        .map(|stack| format!("{} {}", stack.environment.account, stack.environment.region))
        .collect();
    assert_eq!(places, ["111122223333 eu-west-1", "444455556666 eu-west-1"]);
}

#[test]
fn the_accounts_of_organizational_units_are_others_than_that_of_the_stack_set() {
    let instances = "[{ DeploymentTargets: { OrganizationalUnitIds: [ou-1] }, Regions: [eu-west-1, us-east-1] }]";
    let estate = estate(&[("set.yaml", &set(&indented(MEMBER), instances))]);
    assert_eq!(estate.stacks.len(), 3);
    let accounts: Vec<_> = estate.stacks.iter().map(|stack| &stack.environment.account).collect();
    for (at, account) in accounts.iter().enumerate() {
        assert!(accounts[at + 1..].iter().all(|other| account.equals(other) == Truth::Unknown), "{accounts:?}");
    }
}

#[test]
fn parameters_reach_the_instances_and_a_group_overrides_them() {
    let key = |instances: &str| {
        let estate = estate(&[("set.yaml", &set(&indented(MEMBER), instances))]);
        let named: Vec<String> = estate.grants().iter().map(|grant| grant.resource_text()).collect();
        named
    };
    assert_eq!(key("[]"), ["arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/${Key}"]);
    let override_ = "[{ DeploymentTargets: { Accounts: ['111122223333'] }, Regions: [eu-west-1], ParameterOverrides: \
        [{ ParameterKey: Central, ParameterValue: 'arn:aws:kms:eu-west-1:111122223333:key/x' }] }]";
    assert_eq!(key(override_), ["arn:aws:kms:eu-west-1:111122223333:key/x"]);
}

#[test]
fn a_stack_set_deploys_a_local_template_too() {
    let text = set("TemplateURL: ./member.yaml", IN_TWO);
    let estate = estate(&[("set.yaml", &text), ("member.yaml", MEMBER)]);
    assert_eq!(estate.stacks.len(), 3, "the template is no stack of its own");
}

#[test]
fn text_that_is_no_template_is_left_alone() {
    for body in ["TemplateBody: '[not: closed'", "TemplateBody: !Sub '${X}'", "TemplateBody: plain"] {
        let outcome = outcome(&[("set.yaml", &set(body, IN_TWO))]);
        assert_eq!(outcome.errors, [], "{body}");
    }
}

#[test]
fn a_nested_stack_is_found_by_the_name_of_its_upload() {
    let manifest = r#"{"version": "1", "artifacts": {
      "P.assets": {"type": "cdk:asset-manifest", "properties": {"file": "P.assets.json"}},
      "P": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "P.template.json"}}}}"#;
    let assets = r#"{"files": {"0f1e": {"source": {"path": "N.nested.template.json", "packaging": "file"},
      "destinations": {"here": {"bucketName": "b", "objectKey": "prefix/0f1e.json"}}}}}"#;
    let parent = |key: &str| {
        format!(
            r#"{{"Resources": {{"N": {{"Type": "AWS::CloudFormation::Stack", "Properties": {{"TemplateURL":
              {{"Fn::Join": ["", ["https://s3.", {{"Ref": "AWS::URLSuffix"}}, "/b/prefix/{key}.json"]]}}}}}}}}}}"#
        )
    };
    let child = r#"{"Resources": {"Key": {"Type": "AWS::KMS::Key"}}}"#;
    for (key, parents) in [("0f1e", 1), ("e1f0", 0)] {
        let parent = parent(key);
        let files = [
            ("cdk.out/manifest.json", manifest),
            ("cdk.out/P.assets.json", assets),
            ("cdk.out/P.template.json", &parent),
            ("cdk.out/N.nested.template.json", child),
        ];
        let dir = tree(&files);
        let estate = look(&options(&dir.path().join("cdk.out"))).estate;
        assert_eq!(estate.stacks.iter().filter(|stack| stack.parent.is_some()).count(), parents, "{key}");
    }
}
