//! The table of properties that name a key, against the data it is made of.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

const TABLE: &str = "src/estate/consumers/table.rs";

/// Rows of the data that name a key without handing it to the service of the resource, or that lie in a text of their own:
/// `AWS::KMS::*` is judged as keys and aliases, SAM policy templates as grants, embedded documents are not looked into.
const LEFT_OUT: &[(&str, &str)] = &[
    ("AWS::CloudFormation::StackSet", "Parameters.*"),
    ("AWS::KMS::Alias", "AliasName"),
    ("AWS::KMS::Alias", "TargetKeyId"),
    ("AWS::KMS::ReplicaKey", "PrimaryKeyArn"),
    ("AWS::OpenSearchServerless::SecurityPolicy", "Policy (JSON string: KmsARN)"),
    ("AWS::SSM::Document", "Content (JSON: inputs.kmsKeyId of Standard_Stream)"),
    ("AWS::Serverless::Function", "Policies.*.KMSDecryptPolicy.KeyId"),
    ("AWS::Serverless::Function", "Policies.*.KMSEncryptPolicy.KeyId"),
    ("AWS::Serverless::Function", "Policies.*.KMSEncryptPolicy_v2.KeyId"),
    ("AWS::Serverless::StateMachine", "Policies.*.KMSDecryptPolicy.KeyId"),
];

/// The data beside the project, where it is there.
fn data() -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let candidates = ["../shared", "../../shared"].map(|shared| root.join(shared).join("data/kms_properties.tsv"));
    candidates.iter().find_map(|path: &PathBuf| std::fs::read_to_string(path).ok())
}

/// The paths of a row: one row of the data describes three places in one document.
fn paths(path: &str) -> Vec<String> {
    let Some((property, places)) = path.split_once(" (free-form JSON: ") else { return vec![path.to_owned()] };
    let places: Vec<&str> = places.trim_end_matches(')').split(", ").collect();
    let base = places[0].strip_suffix("S3EncryptionConfiguration.AwsKmsKey").unwrap().trim_end_matches('.');
    places
        .iter()
        .map(|place| match place.strip_prefix('.') {
            Some(rest) => format!("{property}.{base}.{rest}"),
            None => format!("{property}.{place}"),
        })
        .collect()
}

/// The forms as flags: `alias` alone is a name or an ARN.
fn forms(accepted: &str, basis: &str) -> String {
    let accepted = if accepted.contains("or alias)") { format!("{accepted},alias") } else { accepted.to_owned() };
    let has = |form: &str| {
        accepted.split(',').map(|word| word.split(['(', ' ']).next().unwrap_or_default()).any(|word| word == form)
    };
    let flags = [
        ("KEY_ID", has("key-id")),
        ("KEY_ARN", has("key-arn")),
        ("ALIAS_NAME", has("alias-name") || has("alias")),
        ("ALIAS_ARN", has("alias-arn") || has("alias")),
    ];
    let mut names: Vec<&str> = flags.iter().filter(|(_, has)| *has).map(|(name, _)| *name).collect();
    if names.is_empty() {
        return "0".to_owned();
    }
    if matches!(basis, "curated" | "schema pattern") {
        names.push("CERTAIN");
    }
    names.join(" | ")
}

/// The table as it has to be checked in.
fn generated(data: &str) -> String {
    let mut types: BTreeMap<&str, BTreeMap<String, (String, bool)>> = BTreeMap::new();
    let mut left_out = 0;
    for line in data.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        if LEFT_OUT.contains(&(cells[0], cells[1])) {
            left_out += 1;
            continue;
        }
        for path in paths(cells[1]) {
            types.entry(cells[0]).or_default().insert(path, (forms(cells[2], cells[3]), cells[5] == "yes"));
        }
    }
    assert_eq!(left_out, LEFT_OUT.len(), "every row that is left out is one of the data");
    let mut rows = String::new();
    for (kind, properties) in types {
        writeln!(rows, "    ({kind:?}, &[").unwrap();
        for (path, (forms, create_only)) in properties {
            writeln!(rows, "        row({path:?}, {forms}, {create_only}),").unwrap();
        }
        rows.push_str("    ]),\n");
    }
    rows
}

/// The part of a table file between the first line of the table and its end.
fn body(file: &str) -> (usize, usize) {
    let start = file.find("&[\n    (\"AWS::").unwrap() + "&[\n".len();
    let end = file.find("\n];").unwrap() + 1;
    (start, end)
}

#[test]
fn the_table_of_consumers_is_what_the_data_says() {
    let Some(data) = data() else { return };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(TABLE);
    let file = std::fs::read_to_string(&path).unwrap();
    let (start, end) = body(&file);
    let expected = generated(&data);
    if std::env::var_os("KMSLINT_WRITE_TABLES").is_some() {
        std::fs::write(&path, format!("{}{expected}{}", &file[..start], &file[end..])).unwrap();
        return;
    }
    assert!(file[start..end] == expected, "{TABLE} is stale: run this test with KMSLINT_WRITE_TABLES=1");
}

#[test]
fn the_types_of_the_table_are_sorted_for_the_search() {
    let file = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(TABLE)).unwrap();
    let types: Vec<&str> =
        file.lines().filter_map(|line| line.strip_prefix("    (\"")?.strip_suffix("\", &[")).collect();
    assert!(types.len() > 250 && types.is_sorted_by(|a, b| a < b));
}
