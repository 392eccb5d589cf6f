//! AWS managed policies: the table says what the reference data says (`KMSLINT_WRITE_TABLES=1` writes it anew), and the engine heeds it.

use crate::support::estate;
use kmslint::authz::{Asker, Decision, key_side};
use kmslint::estate::PolicySource;
use kmslint::policy::Action;
use kmslint::resolve::Guard;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The reference data, where it lies beside the project.
fn data() -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = ["../shared", "../../shared"].iter().map(|up| root.join(up).join("data/managed_policies_kms.tsv"));
    Some(std::fs::read_to_string(found.into_iter().find(|path| path.exists())?).unwrap())
}

fn target() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/policy/managed/table.rs")
}

/// One element is written without a list.
fn one_or_list(elements: &str, separator: char) -> Value {
    let elements: Vec<&str> = elements.split(separator).collect();
    if let [one] = elements.as_slice() { json!(one) } else { json!(elements) }
}

/// `Action` or `NotAction` as far as it is of KMS: where nothing of KMS is excepted, all of it is meant.
fn actions(mode: &str, listed: &str) -> (&'static str, Value) {
    if mode == "Action" {
        return ("Action", one_or_list(listed, ','));
    }
    let (excepted, _) = listed.strip_prefix("all kms except: ").unwrap().split_once(" [NotAction with ").unwrap();
    if excepted == "(nothing excluded)" {
        return ("Action", json!("kms:*"));
    }
    ("NotAction", one_or_list(excepted, ','))
}

fn statement(row: &BTreeMap<&str, &str>) -> String {
    let mut statement = serde_json::Map::new();
    if !row["sid"].starts_with('#') {
        statement.insert("Sid".to_owned(), json!(row["sid"]));
    }
    statement.insert("Effect".to_owned(), json!(row["effect"]));
    let (element, listed) = actions(row["mode"], row["kms_actions"]);
    statement.insert(element.to_owned(), listed);
    match row["resource"].strip_prefix("NOT ") {
        Some(excepted) => statement.insert("NotResource".to_owned(), one_or_list(excepted, '|')),
        None => statement.insert("Resource".to_owned(), one_or_list(row["resource"], '|')),
    };
    if row["conditions"] != "-" {
        statement.insert("Condition".to_owned(), serde_json::from_str(row["conditions"]).unwrap());
    }
    Value::Object(statement).to_string()
}

fn table(data: &str) -> String {
    let mut lines = data.lines();
    let header: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let mut policies: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for line in lines {
        let row: BTreeMap<&str, &str> = header.iter().copied().zip(line.split('\t')).collect();
        policies.entry(row["policy"]).or_default().push(statement(&row));
    }
    let mut out = String::from(
        "//! The statements of AWS managed policies that reach actions of KMS: written by `tests/managed_policies.rs`.\n\n\
         /// Names and statements as JSON, separated by commas; sorted by name.\n",
    );
    writeln!(out, "pub(super) static TABLE: [(&str, &str); {}] = [", policies.len()).unwrap();
    for (name, statements) in policies {
        writeln!(out, "    ({name:?}, r#\"{}\"#),", statements.join(",")).unwrap();
    }
    out.push_str("];\n");
    out
}

#[test]
fn the_table_of_managed_policies_is_what_the_reference_data_gives() {
    let Some(data) = data() else { return };
    let expected = table(&data);
    if std::env::var_os("KMSLINT_WRITE_TABLES").is_some() {
        std::fs::write(target(), &expected).unwrap();
    }
    let squeeze = |text: &str| text.split_whitespace().collect::<String>().replace(",)", ")").replace(",]", "]");
    assert!(squeeze(&std::fs::read_to_string(target()).unwrap()) == squeeze(&expected), "the table is stale");
}

/// What the role `Role` of a template may do with the key `Key`.
fn decision(role: &str, action: &str) -> Decision {
    let text = format!(
        "
Resources:
  Key: {{ Type: AWS::KMS::Key }}
  Role:
    Type: AWS::IAM::Role
    Properties:
{role}
  Mine:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: AWSDenyAll
      PolicyDocument: {{ Statement: {{ Effect: Allow, Action: 'kms:Decrypt', Resource: '*' }} }}
"
    );
    let estate = estate(&[("app.yaml", &text)]);
    let (_, key) = estate.keys().find(|(_, key)| key.name == "Key").unwrap();
    let role = estate.principals.iter().find(|entry| entry.logical == "Role").unwrap();
    let (asker, side) = (Asker::of(role), key_side(key));
    let worlds = asker.may(&estate, &Guard::ALWAYS, &side, Action::named(action).unwrap());
    let [world] = worlds.as_slice() else { panic!("{worlds:?}") };
    world.verdict.decision
}

fn with(arn: &str, action: &str) -> Decision {
    decision(&format!("      ManagedPolicyArns: [{arn}]"), action)
}

#[test]
fn a_managed_policy_allows_and_denies_what_it_says() {
    let partition = "!Join ['', ['arn:', !Ref AWS::Partition, ':iam::aws:policy/AdministratorAccess']]";
    assert_eq!(with(partition, "kms:Decrypt"), Decision::Allow);
    assert_eq!(with("arn:aws:iam::aws:policy/AdministratorAccess", "kms:Decrypt"), Decision::Allow);
    assert_eq!(with("arn:aws:iam::aws:policy/ReadOnlyAccess", "kms:Decrypt"), Decision::ImplicitDeny);
    assert_eq!(with("arn:aws:iam::aws:policy/ReadOnlyAccess", "kms:DescribeKey"), Decision::Allow);
    assert_eq!(with("arn:aws:iam::aws:policy/AWSDenyAll", "kms:Decrypt"), Decision::ExplicitDeny);
    let lambda = "!Sub 'arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'";
    assert_eq!(with(lambda, "kms:Decrypt"), Decision::ImplicitDeny);
}

#[test]
fn its_arns_are_of_the_partition_of_the_stack() {
    let backup = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForIndexing";
    assert_eq!(with(backup, "kms:DescribeKey"), Decision::Allow);
}

#[test]
fn what_no_list_has_and_what_is_of_an_account_is_not_an_aws_managed_policy() {
    assert_eq!(with("arn:aws:iam::aws:policy/Newer", "kms:Decrypt"), Decision::Undecided);
    assert_eq!(with("arn:aws:iam::123456789012:policy/AWSDenyAll", "kms:Decrypt"), Decision::Undecided);
    assert_eq!(with("!Sub 'arn:aws:iam::${AWS::AccountId}:policy/AWSDenyAll'", "kms:Encrypt"), Decision::Undecided);
    assert_eq!(with("!Sub 'arn:aws:iam::aws:policy/${AWS::Region}AWSDenyAll'", "kms:Decrypt"), Decision::Undecided);
    assert_eq!(with("arn:aws:x:iam::aws:policy/AWSDenyAll", "kms:Decrypt"), Decision::Undecided);
    let mine = "!Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/AWSDenyAll'";
    assert_eq!(with(mine, "kms:Decrypt"), Decision::Allow);
}

#[test]
fn a_managed_policy_bounds() {
    let bounded = |boundary: &str, action: &str| {
        let role = format!(
            "      ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]\n      \
             PermissionsBoundary: arn:aws:iam::aws:policy/{boundary}"
        );
        decision(&role, action)
    };
    assert_eq!(bounded("PowerUserAccess", "kms:Decrypt"), Decision::Allow);
    assert_eq!(bounded("ReadOnlyAccess", "kms:Decrypt"), Decision::ImplicitDeny);
    assert_eq!(bounded("AmazonS3ReadOnlyAccess", "kms:DescribeKey"), Decision::ImplicitDeny);
    assert_eq!(bounded("AmazonDataZoneEnvironmentRolePermissionsBoundary", "kms:PutKeyPolicy"), Decision::ExplicitDeny);
}

#[test]
fn a_serverless_function_names_managed_policies_and_none_of_them_is_a_grant_to_judge() {
    let text = "
Transform: AWS::Serverless-2016-10-31
Resources:
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Policies: [AWSLambdaExecute, AdministratorAccess, AWSUnheardOf]
";
    let estate = estate(&[("app.yaml", text)]);
    let function = estate.principals.iter().find(|entry| entry.name == "Function").unwrap();
    let said: Vec<String> = function
        .policies
        .iter()
        .map(|policy| match &policy.source {
            PolicySource::AwsManaged(name, policy) => format!("{name} {}", policy.statements.len()),
            PolicySource::Document(_) => "document".to_owned(),
            PolicySource::NotInView(_) => "not in view".to_owned(),
        })
        .collect();
    assert_eq!(said, ["AWSLambdaExecute 0", "AdministratorAccess 1", "not in view"]);
    assert!(function.policies.iter().all(|policy| policy.document().is_none() && policy.kms_grants().count() == 0));
    assert!(estate.grants().is_empty());
}
