//! Services and the keys of what they write to: what the findings print is what makes them go away.

use crate::pages::{example, run};
use kmslint::finding::Finding;
use kmslint::rules::rule;

const KEY: &str = "    Type: AWS::KMS::Key\n";

fn file(name: &str, text: &str, account: Option<&str>) -> example::File {
    example::File {
        name: name.to_owned(),
        text: text.to_owned(),
        expected: Vec::new(),
        account: account.map(str::to_owned),
        region: account.map(|_| "eu-west-1".to_owned()),
        inventory: None,
    }
}

fn findings(id: &str, text: &str) -> Vec<Finding> {
    run::check(rule(id).unwrap(), &[file("app.yaml", text, None)]).1
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

/// A queue with a subscription, under a key whose policy has these statements.
fn subscribed(statements: &str) -> String {
    format!(
        "Resources:\n  Key:\n{KEY}    Properties:\n      KeyPolicy:\n        Statement:\n{statements}  Queue:\n    Type: AWS::SQS::Queue\n    \
         Properties: {{ KmsMasterKeyId: !Ref Key }}\n  Topic:\n    Type: AWS::SNS::Topic\n    \
         Properties: {{ Subscription: [{{ Protocol: sqs, Endpoint: !GetAtt Queue.Arn }}] }}\n"
    )
}

const ADMITS: &str =
    "          - { Effect: Allow, Principal: { Service: sns.amazonaws.com }, Action: 'kms:*', Resource: '*' }\n";

#[test]
fn a_deny_that_meets_services_too_is_told_and_no_statement_offered() {
    let deny = |condition: &str| {
        subscribed(&format!(
            "{ADMITS}          - {{ Effect: Deny, Principal: '*', Action: 'kms:Decrypt', Resource: '*', Condition: {condition} }}\n"
        ))
    };
    let organization = deny("{ StringNotEquals: { 'aws:PrincipalOrgID': o-abcdefgh } }");
    let found = findings("sns-to-sqs-blocked-by-key", &organization);
    assert!(found[0].help.as_deref().unwrap().starts_with("except `sns.amazonaws.com`"), "{:?}", found[0].help);
    assert!(found[0].evidence.iter().any(|label| label.text.contains("`Deny`")));
    let people = deny(
        "{ StringNotEquals: { 'aws:PrincipalOrgID': o-abcdefgh }, Bool: { 'aws:PrincipalIsAWSService': 'false' } }",
    );
    assert!(findings("sns-to-sqs-blocked-by-key", &people).is_empty());
}

#[test]
fn what_a_deny_makes_of_a_service_that_tests_the_account_of_the_caller_stays_open() {
    let text = subscribed(&format!(
        "{ADMITS}          - {{ Effect: Deny, Principal: '*', Action: 'kms:*', Resource: '*', \
         Condition: {{ StringNotEquals: {{ 'kms:CallerAccount': '111122223333' }} }} }}\n"
    ));
    let (_, found, undecided) =
        run::check(rule("sns-to-sqs-blocked-by-key").unwrap(), &[file("app.yaml", &text, None)]);
    assert!(found.is_empty() && undecided.len() == 1, "{found:?} {undecided:?}");
}

#[test]
fn alarms_on_one_topic_that_may_be_one_in_view_are_one_question_and_on_a_topic_from_elsewhere_none() {
    let alarm = |at: usize, topic: &str| {
        format!(
            "  Alarm{at}:\n    Type: AWS::CloudWatch::Alarm\n    Properties: {{ EvaluationPeriods: 1, \
             ComparisonOperator: GreaterThanThreshold, AlarmActions: [{topic}] }}\n"
        )
    };
    let template = |topic: &str, more: &str| {
        let alarms: String = (0..5).map(|at| alarm(at, topic)).collect();
        file("app.yaml", &format!("Parameters:\n  Topic: {{ Type: String }}\nResources:\n{alarms}{more}"), None)
    };
    let encrypted = "  Key:\n    Type: AWS::KMS::Key\n  Alerts:\n    Type: AWS::SNS::Topic\n    \
                     Properties: { KmsMasterKeyId: !Ref Key, TopicName: alerts }\n";
    let plain = "  Alerts:\n    Type: AWS::SNS::Topic\n";
    let rows = [
        ("!Ref Topic", encrypted, 1),
        ("!Ref Topic", plain, 0),
        ("!Ref Topic", "", 0),
        ("!ImportValue alerts", encrypted, 0),
        ("'arn:aws:sns:eu-west-1:111122223333:alerts'", encrypted, 1),
        ("'arn:aws:sns:eu-west-1:111122223333:others'", encrypted, 0),
    ];
    for (topic, more, questions) in rows {
        let (_, found, undecided) = run::check(rule("alarm-blocked-by-key").unwrap(), &[template(topic, more)]);
        assert!(found.is_empty() && undecided.len() == questions, "{topic} {more}: {found:?} {undecided:?}");
    }
}

#[test]
fn other_names_of_a_service_and_conditions_it_may_not_meet_stay_open() {
    let regional = ADMITS.replace("sns.amazonaws.com", "sns.me-south-1.amazonaws.com");
    let odd = ADMITS.replace(
        "Resource: '*'",
        "Resource: '*', Condition: { StringEquals: { 'kms:ViaService': sqs.me-south-1.amazonaws.com } }",
    );
    for statement in [regional, odd] {
        let app = file("app.yaml", &subscribed(&statement), Some("111122223333"));
        let app = example::File { region: Some("me-south-1".to_owned()), ..app };
        let (_, found, undecided) = run::check(rule("sns-to-sqs-blocked-by-key").unwrap(), &[app]);
        assert!(found.is_empty() && !undecided.is_empty(), "{found:?} {undecided:?}");
    }
}

#[test]
fn targets_and_keys_of_other_stacks_are_followed_and_a_foreign_source_gets_no_limit_to_the_account() {
    let data = "Resources:\n  Key:\n    Type: AWS::KMS::Key\n  Topic:\n    Type: AWS::SNS::Topic\n    Properties: { TopicName: ops, KmsMasterKeyId: !GetAtt Key.Arn }\n\
                Outputs:\n  Topic:\n    Value: !Ref Topic\n    Export: { Name: ops-topic }\n";
    let app = "Resources:\n  Alarm:\n    Type: AWS::CloudWatch::Alarm\n    Properties: { AlarmActions: [TOPIC] }\n";
    let check = |topic: &str, account: &str| {
        let app = file("app.yaml", &app.replace("TOPIC", topic), Some(account));
        let data = file("data.yaml", data, Some("111122223333"));
        run::check(rule("alarm-blocked-by-key").unwrap(), &[app, data]).1
    };
    let near = check("!ImportValue ops-topic", "111122223333");
    assert_eq!(near[0].primary.place.resource.as_deref(), Some("Key"));
    assert!(statement(&near[0]).contains("aws:SourceAccount"));
    let far = check("'arn:aws:sns:eu-west-1:111122223333:ops'", "444455556666");
    assert!(!statement(&far[0]).contains("Condition"), "{}", statement(&far[0]));
}
