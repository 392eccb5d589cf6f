//! What a run is told of deployments: values of parameters, and templates that are only context.

use super::discover::tree;
use kmslint::choice::{Choice, Wish};
use kmslint::discover::Request;
use kmslint::{Checked, Options};
use std::path::Path;

const KEYS: &str = "
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy: { Statement: [{ Effect: Allow, Principal: { AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:role/Admin' }, Action: 'kms:*', Resource: '*' }] }
Outputs:
  Arn: { Value: !GetAtt Key.Arn, Export: { Name: !Sub '${AWS::StackName}-Arn' } }
";

/// A role that may use a key of which a parameter of this type tells the ARN, or that is imported.
fn app(kind: &str, resource: &str) -> String {
    format!(
        "
Parameters:
  KeyArn: {{ Type: {kind} }}
  Keys: {{ Type: String }}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{}}
      Policies:
        - PolicyName: p
          PolicyDocument: {{ Statement: [{{ Effect: Allow, Action: kms:Decrypt, Resource: {resource} }}] }}
"
    )
}

fn options(dir: &Path, inputs: &[&str]) -> Options {
    let all = kmslint::all_rules();
    let absolute = |input: &&str| dir.join(input).to_string_lossy().into_owned();
    let request =
        Request { inputs: inputs.iter().map(absolute).collect(), root: Some(dir.to_path_buf()), ..Request::default() };
    Options {
        request,
        choice: Choice::of(&all, &Wish { pedantic: true, ..Wish::default() }).unwrap(),
        ..Options::default()
    }
}

fn rules(checked: &Checked) -> Vec<(&str, &'static str)> {
    assert!(checked.outcome.errors.is_empty(), "{:?}", checked.outcome.errors);
    let file = |finding: &kmslint::finding::Finding| {
        checked.sources.file(finding.primary.place.span.file).unwrap().path.as_str()
    };
    let of_grants = checked.outcome.findings.iter().filter(|finding| finding.rule.id.ends_with("-grant"));
    of_grants.map(|finding| (file(finding), finding.rule.id)).collect()
}

#[test]
fn a_supplied_parameter_is_a_value() {
    let arn = "arn:aws:kms:eu-west-1:111122223333:key/11111111-12ab-34cd-56ef-1234567890ab";
    let given = serde_json::json!([{"ParameterKey": "KeyArn", "ParameterValue": arn}, {"ParameterKey": "Other", "ParameterValue": "x"}]);
    for kind in ["String", "AWS::SSM::Parameter::Value<String>"] {
        let dir = tree(&[("app.yaml", &app(kind, "!Ref KeyArn")), ("p.json", &given.to_string())]);
        let mut options = options(dir.path(), &["app.yaml"]);
        assert_eq!(rules(&kmslint::check(&options)), [("app.yaml", "unresolved-key-grant")], "{kind}");
        options.request.parameter_files.push(dir.path().join("p.json"));
        assert_eq!(rules(&kmslint::check(&options)), [("app.yaml", "imported-key-grant")], "{kind}");
    }
}

#[test]
fn a_supplied_parameter_decides_on_conditions_and_imports() {
    let template = app("String", "!If [Ours, !ImportValue { 'Fn::Sub': '${Keys}-Arn' }, '*']");
    let template = template.replace("Resources:\n", "Conditions:\n  Ours: !Equals [!Ref Keys, keys]\nResources:\n");
    let dir =
        tree(&[("app.yaml", &template), ("keys.yaml", KEYS), ("p.yaml", "Keys: keys\n"), ("q.yaml", "Keys: none\n")]);
    let mut options = options(dir.path(), &["app.yaml", "keys.yaml"]);
    options.request.parameter_files.push(dir.path().join("q.yaml"));
    let of_app = |checked: &Checked| -> Vec<&'static str> {
        rules(checked).into_iter().filter(|(file, _)| *file == "app.yaml").map(|(_, rule)| rule).collect()
    };
    assert!(!of_app(&kmslint::check(&options)).contains(&"ineffective-grant"));
    options.request.parameter_files.push(dir.path().join("p.yaml"));
    let checked = kmslint::check(&options);
    assert!(of_app(&checked).contains(&"ineffective-grant"));
    let finding = checked.outcome.findings.iter().find(|finding| finding.rule.id == "ineffective-grant").unwrap();
    assert_eq!(finding.certainty, kmslint::finding::Certainty::Always);
}

#[test]
fn what_a_parent_passes_is_what_a_nested_stack_gets() {
    let parent = "
Resources:
  App: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: app.yaml, Parameters: { Keys: x } } }
";
    let template = app("String", "!Ref KeyArn");
    let dir = tree(&[
        ("app.yaml", &template),
        ("parent.yaml", parent),
        ("p.yaml", "KeyArn: arn:aws:kms:eu-west-1:111122223333:key/1\n"),
    ]);
    let mut options = options(dir.path(), &["app.yaml", "parent.yaml"]);
    options.request.parameter_files.push(dir.path().join("p.yaml"));
    assert_eq!(rules(&kmslint::check(&options)), [("app.yaml", "unresolved-key-grant")]);
}

#[test]
fn a_broken_file_of_parameters_is_an_error_and_the_rest_counts() {
    let dir = tree(&[("app.yaml", &app("String", "!Ref KeyArn")), ("p.json", "{")]);
    let mut options = options(dir.path(), &["app.yaml"]);
    options.request.parameter_files = vec![dir.path().join("p.json"), dir.path().join("none.json")];
    let checked = kmslint::check(&options);
    assert_eq!(checked.outcome.errors.len(), 1);
    assert!(checked.outcome.errors[0].message.starts_with("no JSON: "), "{:?}", checked.outcome.errors);
    assert_eq!(checked.mistakes[0].message, "cannot be read: no such file or folder");
    assert_eq!(checked.outcome.findings.len(), 1);
}

#[test]
fn context_is_read_for_links_and_nothing_in_it_is_reported() {
    let template = app("String", "!ImportValue keys-Arn");
    let dir = tree(&[
        ("t/app.yaml", &template),
        ("t/keys.yaml", KEYS),
        ("t/broken.yaml", "Resources: {"),
        ("none/a.txt", ""),
    ]);
    let alone = kmslint::check(&options(dir.path(), &["t/app.yaml"]));
    assert_eq!(rules(&alone), [("t/app.yaml", "unresolved-key-grant")]);
    let mut options = options(dir.path(), &["t/app.yaml"]);
    options.request.context.push(dir.path().join("t").to_string_lossy().into_owned());
    let checked = kmslint::check(&options);
    assert_eq!(rules(&checked), [("t/app.yaml", "ineffective-grant")]);
    assert_eq!(checked.outcome.files, 1);
    assert!(checked.mistakes.is_empty(), "{:?}", checked.mistakes);
    options.request.context =
        ["none", "nope"].map(|path| dir.path().join(path).to_string_lossy().into_owned()).to_vec();
    let mistakes = kmslint::check(&options).mistakes;
    let messages: Vec<&str> = mistakes.iter().map(|mistake| mistake.message.as_str()).collect();
    assert_eq!(messages, ["nothing to read for links: no CloudFormation template in it", "no such file or folder"]);
}
