//! Several stacks in view that could provide something: what holds for all of them holds, the rest is undecided. And files that are broken.

use crate::discover::tree;
use crate::support::estate;
use kmslint::rules::{self, Cx};
use kmslint::{Options, check};

/// A key whose policy admits one principal of its account.
fn keys(admitted: &str) -> String {
    format!(
        "
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
          - {{ Effect: Allow, Principal: {{ AWS: !Sub 'arn:aws:iam::${{AWS::AccountId}}:{admitted}' }}, Action: 'kms:*', Resource: '*' }}
Outputs:
  Arn: {{ Value: !GetAtt Key.Arn, Export: {{ Name: keys-Arn }} }}
"
    )
}

const APP: &str = "
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement: { Effect: Allow, Action: kms:Decrypt, Resource: !ImportValue keys-Arn }
";

/// The findings and questions of one rule about the app with two candidates.
fn judged(one: &str, other: &str) -> (Vec<String>, Vec<String>) {
    let estate = estate(&[("app.yaml", APP), ("a/keys.yaml", &keys(one)), ("b/keys.yaml", &keys(other))]);
    let (findings, undecided) = rules::run(&Cx::new(&estate), &[rules::rule("ineffective-grant").unwrap()]);
    let findings = findings.into_iter().map(|finding| format!("{} {:?}", finding.message, finding.notes));
    (findings.collect(), undecided.into_iter().map(|undecided| undecided.why).collect())
}

#[test]
fn a_grant_that_is_dead_on_every_candidate_is_dead() {
    let (findings, undecided) = judged("role/Admin", "role/Admin");
    assert_eq!(undecided, Vec::<String>::new());
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].contains("whichever of these"), "{findings:?}");
    assert!(findings[0].contains("`a/keys.yaml`") && findings[0].contains("`b/keys.yaml`"), "{findings:?}");
}

#[test]
fn a_grant_that_works_on_every_candidate_is_no_question() {
    assert_eq!(judged("root", "root"), (vec![], vec![]));
}

#[test]
fn a_grant_that_is_dead_on_one_candidate_only_is_undecided() {
    let (findings, undecided) = judged("role/Admin", "root");
    assert_eq!(findings, Vec::<String>::new());
    assert_eq!(undecided.len(), 1, "{undecided:?}");
    assert!(undecided[0].contains("`a/keys.yaml`") && undecided[0].contains("`b/keys.yaml`"), "{undecided:?}");
}

#[test]
fn an_import_from_a_broken_file_says_which_file_is_broken() {
    let broken = keys("root") + "  Broken: [";
    let dir = tree(&[("app.yaml", APP), ("keys.yaml", &broken)]);
    let options = Options {
        request: kmslint::discover::Request {
            inputs: vec![dir.path().to_string_lossy().into_owned()],
            root: Some(dir.path().to_path_buf()),
            ..Default::default()
        },
        choice: kmslint::choice::Choice { rules: kmslint::all_rules(), ..Default::default() },
        ..Default::default()
    };
    let outcome = check(&options).outcome;
    let causes: Vec<&str> = outcome.undecided.iter().map(|undecided| undecided.why.as_str()).collect();
    assert_eq!(causes, ["`${import keys-Arn}` seems to come from `keys.yaml`, which is broken"]);
    let named = outcome.findings.iter().any(|finding| finding.message.contains("`keys.yaml`"));
    assert!(named, "`unresolved-import` names it too: {:?}", outcome.findings);
}
