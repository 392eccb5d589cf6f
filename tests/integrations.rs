//! Services and the keys of what they write to: what the findings print is what makes them go away.

use crate::pages::{example, run};
use kmslint::finding::Finding;
use kmslint::rules::rule;

const KEY: &str = "    Type: AWS::KMS::Key\n";

fn findings(id: &str, text: &str) -> Vec<Finding> {
    let file = example::File {
        name: "app.yaml".to_owned(),
        text: text.to_owned(),
        expected: Vec::new(),
        account: None,
        region: None,
    };
    run::check(rule(id).unwrap(), &[file]).1
}

/// The statement between backticks in the help of a finding.
fn statement(finding: &Finding) -> String {
    let help = finding.help.as_deref().unwrap();
    help.split('`').find(|part| part.starts_with("{ Effect: Allow")).unwrap_or_else(|| panic!("{help}")).to_owned()
}

#[test]
fn the_statement_of_a_finding_added_to_the_key_policy_makes_it_go_away() {
    let ids = [
        "alarm-blocked-by-key",
        "cloudtrail-blocked-by-key",
        "eventbridge-blocked-by-key",
        "log-group-blocked-by-key",
        "s3-notification-blocked-by-key",
        "sns-to-sqs-blocked-by-key",
    ];
    let mut tried = 0;
    for id in ids {
        for example in example::examples(rule(id).unwrap().meta.page, "Bad") {
            let text = &example.files[0].text;
            if !text.contains(&format!("{KEY}  ")) || text.contains("KeyPolicy") {
                continue;
            }
            let before = findings(id, text);
            assert_eq!(before.len(), 1, "{id}: {}", example.title);
            let policy = format!(
                "{KEY}    Properties:\n      KeyPolicy:\n        Statement:\n          - {}\n",
                statement(&before[0])
            );
            let after = findings(id, &text.replace(KEY, &policy));
            assert!(after.is_empty(), "{id}: {}: {}", example.title, after[0].message);
            tried += 1;
        }
    }
    assert!(tried >= ids.len(), "only {tried} examples were tried");
}

#[test]
fn a_topic_that_eventbridge_also_sends_to_gets_a_statement_without_a_condition() {
    let template = |target: &str, kind: &str| {
        format!(
            "Resources:\n  Key:\n{KEY}  Target:\n    Type: {kind}\n    Properties: {{ KmsMasterKeyId: !Ref Key }}\n  Rule:\n    \
             Type: AWS::Events::Rule\n    Properties: {{ Targets: [{{ Id: a, Arn: {target} }}] }}\n"
        )
    };
    let topic = findings("eventbridge-blocked-by-key", &template("!Ref Target", "AWS::SNS::Topic"));
    let queue = findings("eventbridge-blocked-by-key", &template("!GetAtt Target.Arn", "AWS::SQS::Queue"));
    assert!(!statement(&topic[0]).contains("Condition") && statement(&queue[0]).contains("aws:SourceArn"));
}
