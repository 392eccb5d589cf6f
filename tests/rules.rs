//! What holds for all rules together: yielding, selection, order, stacks that are only read.

use kmslint::estate::{self, Deployed, Estate, Input, Source};
use kmslint::finding::{Certainty, Finding};
use kmslint::rules::{self, Cx, RULES};
use kmslint::source::{FileId, SourceFile};
use kmslint::{syntax, template};

/// An estate of texts; each is deployed once for each name beside it, and reported if that does not begin with `context`.
fn estate(texts: &[(&str, &[&str])]) -> Estate {
    let mut input = Input::default();
    for (id, (text, stacks)) in (0..).zip(texts) {
        let file = SourceFile::new(FileId(id), format!("{id}.yaml"), (*text).to_owned());
        let tree = syntax::parse(&file);
        assert!(tree.problems.is_empty(), "{:?}", tree.problems);
        for name in *stacks {
            input.deployments.push(Deployed {
                named: true,
                reported: !name.starts_with("context"),
                ..Deployed::loose(input.sources.len(), name)
            });
        }
        input.sources.push(Source {
            template: template::lower(&tree),
            path: file.path.clone(),
            duplicates: Vec::new(),
        });
    }
    estate::build(input)
}

fn check(texts: &[(&str, &[&str])], selected: &[&str]) -> Vec<Finding> {
    let estate = estate(texts);
    let rules: Vec<_> = selected.iter().map(|id| rules::rule(id).unwrap()).collect();
    rules::run(&Cx::new(&estate), &rules).0
}

fn ids(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.rule.id).collect()
}

const PERIOD_ONLY: &str = "
Resources:
  DataKey:
    Type: AWS::KMS::Key
    Properties:
      RotationPeriodInDays: 180
";

#[test]
fn a_rule_is_silent_where_one_it_yields_to_speaks() {
    let both = ["rotation-disabled", "rotation-period-without-rotation"];
    assert_eq!(ids(&check(&[(PERIOD_ONLY, &["a"])], &both)), ["rotation-period-without-rotation"]);
}

#[test]
fn a_rule_yields_to_one_that_is_not_selected() {
    assert!(check(&[(PERIOD_ONLY, &["a"])], &["rotation-disabled"]).is_empty());
}

#[test]
fn a_rule_yields_only_in_the_worlds_in_which_the_other_speaks() {
    let text = "
Parameters:
  Stage: { Type: String }
Conditions:
  HasPeriod: !Equals [!Ref Stage, production]
Resources:
  DataKey:
    Type: AWS::KMS::Key
    Properties:
      RotationPeriodInDays: !If [HasPeriod, 180, !Ref AWS::NoValue]
";
    let found = check(&[(text, &["a"])], &["rotation-disabled", "rotation-period-without-rotation"]);
    assert_eq!(ids(&found), ["rotation-disabled", "rotation-period-without-rotation"]);
    let guards = |finding: &Finding| match &finding.certainty {
        Certainty::Conditional(guards) => {
            guards.iter().flat_map(|g| g.atoms().map(|(_, holds)| holds).collect::<Vec<_>>()).collect()
        }
        Certainty::Always | Certainty::Defaults(_) => Vec::new(),
    };
    assert_eq!(found.iter().map(guards).collect::<Vec<_>>(), [[false], [true]]);
}

#[test]
fn a_statement_that_has_a_finding_does_not_silence_its_neighbour() {
    let text = r#"
Resources:
  DataKey:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
          - { Effect: Allow, Principal: "*", Action: "kms:*", Resource: "*" }
          - { Effect: Allow, Principal: "*", Action: "kms:*", Resource: "*", Condition: { StringEquals: { "kms:ViaService": s3.eu-west-1.amazonaws.com } } }
"#;
    let found = check(&[(text, &["a"])], &["public-key-policy", "via-service-only"]);
    assert_eq!(ids(&found), ["public-key-policy", "via-service-only"]);
}

#[test]
fn nothing_is_reported_in_a_stack_that_is_only_read() {
    assert!(check(&[(PERIOD_ONLY, &["context"])], &["rotation-period-without-rotation"]).is_empty());
}

#[test]
fn a_template_that_is_deployed_twice_has_its_defect_once() {
    let found = check(&[(PERIOD_ONLY, &["blue", "green"])], &["rotation-period-without-rotation"]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].notes, ["also in stack `green`"]);
}

#[test]
fn exclusive_conditions_that_cover_everything_make_a_finding_certain() {
    let text = "
Parameters:
  Stage: { Type: String }
Conditions:
  IsProduction: !Equals [!Ref Stage, production]
Resources:
  DataKey:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: !If [IsProduction, false, !Ref AWS::NoValue]
";
    let found = check(&[(text, &["a"])], &["rotation-disabled"]);
    assert_eq!(found[0].certainty, Certainty::Always);
}

#[test]
fn findings_come_in_the_order_of_the_files_however_many_threads_there_are() {
    let key = |n: usize| format!("  Key{n}:\n    Type: AWS::KMS::Key\n");
    let text = format!("Resources:\n{}", (0..200).map(key).collect::<String>());
    let texts: [(&str, &[&str]); 2] = [(&text, &["a"]), (PERIOD_ONLY, &["b"])];
    let estate = estate(&texts);
    let usual: Vec<_> = RULES.iter().copied().filter(|rule| rule.meta.default).collect();
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let findings = pool.install(|| rules::run(&Cx::new(&estate), &usual).0);
        findings.into_iter().map(|f| (f.primary.place.span, f.rule.id, f.fingerprint)).collect::<Vec<_>>()
    };
    let one = run(1);
    assert!(one.is_sorted_by(|a, b| (a.0, a.1) <= (b.0, b.1)));
    assert_eq!(one.len(), 201);
    assert_eq!(one, run(4));
}

#[test]
fn a_finding_rests_on_a_default_only_where_the_value_matters() {
    let text = "
Parameters:
  Days: { Type: Number, Default: 365 }
  Rotate: { Type: String, Default: 'false' }
Resources:
  Period:
    Type: AWS::KMS::Key
    Properties: { RotationPeriodInDays: !Ref Days }
  Rotation:
    Type: AWS::KMS::Key
    Properties: { EnableKeyRotation: !Ref Rotate }
";
    let found = check(&[(text, &["a"])], &["rotation-disabled", "rotation-period-without-rotation"]);
    assert_eq!(ids(&found), ["rotation-period-without-rotation", "rotation-disabled"]);
    assert_eq!(found[0].certainty, Certainty::Always);
    assert!(matches!(&found[1].certainty, Certainty::Defaults(guards) if guards.len() == 1));
}

#[test]
fn a_dead_statement_for_the_account_is_one_defect() {
    let text = "
Resources:
  DataKey:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Statement:
          - { Effect: Allow, Principal: { AWS: !Ref AWS::AccountId }, Action: 'kms:*' }
";
    let estate = estate(&[(text, &["a"])]);
    let by_default: Vec<_> = RULES.iter().copied().filter(|rule| rule.meta.default).collect();
    assert_eq!(ids(&rules::run(&Cx::new(&estate), &by_default).0), ["statement-without-effect"]);
}

const OTHER_ACCOUNT: &str = "
Resources:
  DataKey:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Version: '2012-10-17'
        Statement:
          - { Effect: Allow, Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'kms:*', Resource: '*' }
          - { Effect: Allow, Principal: { AWS: 'arn:aws:iam::111122223333:role/App' }, Action: ['kms:CreateGrant', 'kms:EnableKey'], Resource: '*' }
";

/// The rules that are on by default, on one template that is deployed to this account.
fn usual_in_account(text: &str, account: Option<&str>) -> Vec<Finding> {
    let file = SourceFile::new(FileId(0), "a.yaml".to_owned(), text.to_owned());
    let tree = syntax::parse(&file);
    let deployed = Deployed { named: true, account: account.map(str::to_owned), ..Deployed::loose(0, "a") };
    let source = Source { template: template::lower(&tree), path: file.path.clone(), duplicates: Vec::new() };
    let estate = estate::build(Input { sources: vec![source], deployments: vec![deployed], ..Input::default() });
    let usual: Vec<_> = RULES.iter().copied().filter(|rule| rule.meta.default).collect();
    rules::run(&Cx::new(&estate), &usual).0
}

#[test]
fn a_copied_account_is_one_defect_of_the_key() {
    assert_eq!(ids(&usual_in_account(OTHER_ACCOUNT, Some("444455556666"))), ["foreign-root-trust"]);
}

#[test]
fn a_literal_account_says_nothing_of_an_unknown_one() {
    assert_eq!(ids(&usual_in_account(OTHER_ACCOUNT, None)), ["unbounded-create-grant"]);
}

#[test]
fn a_key_that_names_itself_hides_no_other_circle() {
    let text = "
Resources:
  DataKey:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Version: '2012-10-17'
        Statement:
          - { Effect: Allow, Principal: { AWS: !Ref 'AWS::AccountId' }, Action: 'kms:*', Resource: !GetAtt DataKey.Arn }
          - { Effect: Allow, Principal: { AWS: !GetAtt Role.Arn }, Action: 'kms:Decrypt', Resource: '*' }
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: Allow, Principal: { Service: ec2.amazonaws.com }, Action: 'sts:AssumeRole' }] }
      Policies:
        - PolicyName: use
          PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: Allow, Action: 'kms:Decrypt', Resource: !GetAtt DataKey.Arn }] }
";
    assert_eq!(ids(&usual_in_account(text, None)), ["circular-key-dependency", "self-referencing-key-policy"]);
}

#[test]
fn nobody_is_locked_out_where_a_mapping_has_no_row() {
    let text = |admin: &str| {
        format!(
            "
Parameters:
  Stage: {{ Type: String }}
Mappings:
  Stages:
    prod: {{ Admin: 'arn:aws:iam::111122223333:role/admin' }}
    test: {{ Admin: 'arn:aws:iam::111122223333:root' }}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
          - Effect: Allow
            Principal: {{ AWS: {admin} }}
            Action: kms:*
            Resource: '*'
"
        )
    };
    let found = |admin: &str| check(&[(&text(admin), &["a"])], &["key-policy-lockout"]).len();
    assert_eq!(found("!FindInMap [Stages, !Ref Stage, Admin]"), 0);
    assert_eq!(found("!If [IsProd, !FindInMap [Stages, !Ref Stage, Admin], !FindInMap [Stages, test, Admin]]"), 0);
    assert_eq!(found("!If [IsProd, !Ref AWS::NoValue, !FindInMap [Stages, !Ref Stage, Admin]]"), 1);
}
