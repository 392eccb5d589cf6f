//! The table of actions says what the reference data says; `KMSLINT_WRITE_TABLES=1` writes it anew.

use serde_json::Value;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const FAMILIES: [&str; 2] = ["kms:EncryptionContext:", "kms:RecipientAttestation:"];

/// The reference data, where it lies beside the project.
fn data() -> Option<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = ["../shared", "../../shared"].iter().map(|up| root.join(up).join("data/kms_actions.json"));
    let path = found.into_iter().find(|path| path.exists())?;
    Some(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}

fn target() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/policy/actions/table.rs")
}

/// The name of a key in the table: a family has one row.
fn row_name(key: &str) -> &str {
    FAMILIES.into_iter().find(|family| key.starts_with(family)).unwrap_or(key)
}

fn strings<'v>(value: &'v Value, field: &str) -> Vec<&'v str> {
    value[field].as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

fn write_keys(out: &mut String, data: &Value) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut rows = String::new();
    for key in data["condition_keys"].as_array().unwrap() {
        let name = row_name(key["key"].as_str().unwrap());
        if !name.starts_with("kms:") || names.iter().any(|known| known == name) {
            continue;
        }
        let values = match key["type"].as_str().unwrap() {
            "String" | "ArrayOfString" => "Text",
            "Bool" => "Bool",
            "Numeric" => "Number",
            "Date" => "Date",
            "ARN" => "Arn",
            other => panic!("unheard-of type {other}"),
        };
        writeln!(rows, "    key({name:?}, {values}, {}),", key["multivalued"]).unwrap();
        names.push(name.to_owned());
    }
    writeln!(out, "\n/// The condition keys of the service, sorted by name.").unwrap();
    writeln!(out, "pub static CONDITION_KEYS: [ConditionKeyInfo; {}] = [\n{rows}];", names.len()).unwrap();
    names
}

fn traits(action: &Value) -> String {
    let types = strings(action, "resource_types");
    let mut traits = Vec::new();
    for (name, holds) in [
        ("KEY", types.contains(&"key")),
        ("ALIAS", types.contains(&"alias")),
        ("GRANT", action["grant_operation"] == true),
        ("CRYPTO", action["cryptographic"] == true),
        ("IAM", action["policy_type"] == "IAM policy only"),
    ] {
        if holds {
            traits.push(name);
        }
    }
    traits.join(" | ")
}

/// The bits of the condition keys that requests for an action can carry.
fn key_bits(data: &Value, action: &Value, names: &[String]) -> u64 {
    let mut keys = strings(action, "condition_keys_sar");
    if action["resource_types"].as_array().unwrap().iter().any(|kind| kind == "key") {
        keys.extend(strings(data, "general_condition_keys_for_key_ops"));
        keys.extend(["kms:CustomerMasterKeySpec", "kms:CustomerMasterKeyUsage"]);
    }
    keys.extend(["kms:CallerAccount", "kms:ViaService"]);
    let position = |key: &&str| names.iter().position(|name| name == row_name(key));
    keys.iter().filter_map(position).fold(0, |bits, at| bits | 1 << at)
}

fn write_actions(out: &mut String, data: &Value, names: &[String]) {
    let mut actions: Vec<&Value> = data["actions"].as_array().unwrap().iter().collect();
    actions.sort_by_key(|action| action["action"].as_str().unwrap().to_lowercase());
    writeln!(out, "\n/// All actions, sorted by name without regard to case.").unwrap();
    writeln!(out, "pub static ACTIONS: [ActionInfo; {}] = [", actions.len()).unwrap();
    for action in actions {
        let cross = match action["cross_account"].as_str().unwrap() {
            "yes" => "Yes",
            "n/a" => "NotApplicable",
            no if no.starts_with("no") => "No",
            other => panic!("unheard-of answer {other}"),
        };
        let valid: Vec<&str> =
            strings(action, "valid_keys").into_iter().map(|key| key.split(" (").next().unwrap()).collect();
        let name = action["action"].as_str().unwrap();
        let bits = key_bits(data, action, names);
        writeln!(out, "    action({name:?}, {}, {cross}, &{valid:?}, 0x{bits:x}),", traits(action)).unwrap();
    }
    writeln!(out, "];").unwrap();
}

fn table(data: &Value) -> String {
    let mut out = String::from(
        "//! The actions and condition keys of KMS: written by `tests/tables.rs`.\n\n\
         use super::CrossAccount::{No, NotApplicable, Yes};\n\
         use super::keys::ConditionKeyInfo;\n\
         use super::keys::ValueType::{Arn, Bool, Date, Number, Text};\n\
         use super::keys::key;\n\
         use super::traits::{ALIAS, CRYPTO, GRANT, IAM, KEY};\n\
         use super::{ActionInfo, action};\n",
    );
    let names = write_keys(&mut out, data);
    write_actions(&mut out, data, &names);
    out
}

#[test]
fn the_table_of_actions_is_what_the_reference_data_gives() {
    let Some(data) = data() else { return };
    let expected = table(&data);
    if std::env::var_os("KMSLINT_WRITE_TABLES").is_some() {
        std::fs::write(target(), &expected).unwrap();
    }
    let squeeze = |text: &str| text.split_whitespace().collect::<String>().replace(",)", ")").replace(",]", "]");
    assert_eq!(squeeze(&std::fs::read_to_string(target()).unwrap()), squeeze(&expected));
}
