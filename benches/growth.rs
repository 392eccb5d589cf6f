//! How time grows with an estate: n keys and n roles in stacks of fifty each, linked by exports; each row should be ten times the one above.

use kmslint::estate::{Deployed, Estate, Input, Source, build};
use kmslint::rules::{self, Cx, RULES};
use kmslint::source::{FileId, SourceFile};
use kmslint::view::grants::{Filter, grants};
use kmslint::{syntax, template};
use std::fmt::Write as _;
use std::time::Instant;

/// Keys, and roles, of a stack.
const IN_A_STACK: usize = 50;

/// A stack with keys, aliases, roles with inline and managed policies, and imports of the keys of the stack before.
fn stack(number: usize, size: usize) -> String {
    let mut text = String::from("Resources:\n");
    let mut outputs = String::from("Outputs:\n");
    for at in 0..size {
        let trust = if at % 5 == 0 { "arn:aws:iam::444455556666:role/x" } else { "${AWS::AccountId}" };
        let before = number.saturating_sub(1);
        let _ = write!(
            text,
            "  Key{at}:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Statement:
          - {{Effect: Allow, Principal: {{AWS: !Sub '{trust}'}}, Action: 'kms:*', Resource: '*'}}
          - {{Effect: Allow, Principal: {{AWS: !GetAtt Role{at}.Arn}}, Action: 'kms:Decrypt', Resource: '*'}}
  Alias{at}:
    Type: AWS::KMS::Alias
    Properties: {{AliasName: alias/s{number}-{at}, TargetKeyId: !Ref Key{at}}}
  Role{at}:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{Statement: {{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: sts:AssumeRole}}}}
      ManagedPolicyArns: [!Ref Managed{at}]
      Policies:
        - PolicyName: own
          PolicyDocument:
            Statement:
              - {{Effect: Allow, Action: ['kms:Decrypt', 'kms:GenerateDataKey*'], Resource: !GetAtt Key{at}.Arn}}
              - {{Effect: Allow, Action: 'kms:Encrypt', Resource: !ImportValue s{before}-{at}}}
  Managed{at}:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {{Statement: {{Effect: Allow, Action: 'kms:DescribeKey', Resource: !GetAtt Key{at}.Arn}}}}
  Policy{at}:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: more
      Roles: [!Ref Role{at}]
      PolicyDocument: {{Statement: {{Effect: Allow, Action: 'kms:Verify', Resource: 'arn:aws:kms:*:*:key/*'}}}}
  Bucket{at}:
    Type: AWS::S3::Bucket
    Properties:
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault: {{SSEAlgorithm: 'aws:kms', KMSMasterKeyID: !GetAtt Key{at}.Arn}}
"
        );
        let _ = writeln!(outputs, "  Key{at}Arn: {{Value: !GetAtt Key{at}.Arn, Export: {{Name: s{number}-{at}}}}}");
    }
    text + &outputs
}

fn sources(count: usize) -> Vec<Source> {
    let stacks = count.div_ceil(IN_A_STACK);
    let read = |number: usize| {
        let path = format!("stack{number:05}.yaml");
        let size = IN_A_STACK.min(count - number * IN_A_STACK);
        let file = SourceFile::new(FileId(u32::try_from(number).unwrap_or(0)), path.clone(), stack(number, size));
        Source { template: template::lower(&syntax::parse(&file)), path, duplicates: Vec::new() }
    };
    (0..stacks).map(read).collect()
}

fn estate(sources: Vec<Source>) -> Estate {
    let deployed = |(source, known): (usize, &Source)| Deployed {
        account: Some("111122223333".to_owned()),
        region: Some("eu-west-1".to_owned()),
        ..Deployed::loose(source, known.path.trim_end_matches(".yaml"))
    };
    let deployments = sources.iter().enumerate().map(deployed).collect();
    build(Input { sources, deployments, ..Input::default() })
}

/// What something gives, and how many milliseconds it takes.
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = Instant::now();
    let made = work();
    (made, start.elapsed().as_secs_f64() * 1e3)
}

fn main() {
    println!(
        "{:>7} {:>10} {:>10} {:>10} {:>10} {:>10}  slowest rules",
        "n", "parse ms", "link ms", "decide ms", "rules ms", "list ms"
    );
    for count in [10, 100, 1_000, 10_000] {
        let (sources, parse) = timed(|| sources(count));
        let (estate, link) = timed(|| estate(sources));
        let (cx, decide) = timed(|| {
            let cx = Cx::new(&estate);
            let _ = cx.survey();
            cx
        });
        let (_, all) = timed(|| rules::run(&cx, RULES));
        let (_, list) = timed(|| grants(&estate, &Filter::default()));
        let mut each: Vec<_> = RULES.iter().map(|rule| (timed(|| rules::run(&cx, &[rule])).1, rule.meta.id)).collect();
        each.sort_by(|a, b| b.0.total_cmp(&a.0));
        let slowest: Vec<_> = each.iter().take(4).map(|(ms, id)| format!("{id} {ms:.0}")).collect();
        println!(
            "{count:>7} {parse:>10.1} {link:>10.1} {decide:>10.1} {all:>10.1} {list:>10.1}  {}",
            slowest.join(", ")
        );
    }
}
