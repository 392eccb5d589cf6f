//! The format itself: the sample, the schema, and what is shown of a configuration.

use super::super::cli::program;
use super::super::discover::tree;
use super::{BAD, run, told};
use kmslint::config;
use kmslint::source::{FileId, SourceFile};
use kmslint::syntax::Problem;
use regex_automata::meta::Regex;
use serde_json::{Value, json};
use std::fs;

fn problems(text: &str) -> Vec<Problem> {
    let file = SourceFile::new(FileId(0), "c".to_owned(), text.to_owned());
    config::read(&file, &kmslint::all_rules()).1
}

/// Whether a value fulfils a schema, for the keywords that the schema of the configuration uses.
fn fulfils(value: &Value, schema: &Value) -> bool {
    let keyword = |(name, rule): (&String, &Value)| match name.as_str() {
        "$schema" | "title" | "description" => true,
        "const" => value == rule,
        "enum" => rule.as_array().unwrap().contains(value),
        "type" => match rule {
            Value::Array(kinds) => kinds.iter().any(|kind| is_a(value, kind.as_str().unwrap())),
            kind => is_a(value, kind.as_str().unwrap()),
        },
        "anyOf" => rule.as_array().unwrap().iter().any(|schema| fulfils(value, schema)),
        "properties" => {
            let property = |(name, value)| rule.get(name).is_none_or(|schema: &Value| fulfils(value, schema));
            value.as_object().is_none_or(|entries| entries.iter().all(property))
        }
        "additionalProperties" => {
            let known = schema.get("properties").and_then(Value::as_object);
            let is_more = |name: &String| known.is_none_or(|known| !known.contains_key(name));
            let mut more = value.as_object().into_iter().flatten().filter(|(name, _)| is_more(name));
            more.all(|(_, value)| *rule != json!(false) && fulfils(value, rule))
        }
        "required" => value.as_object().is_none_or(|entries| {
            rule.as_array().unwrap().iter().all(|name| entries.contains_key(name.as_str().unwrap()))
        }),
        "items" => value.as_array().is_none_or(|items| items.iter().all(|item| fulfils(item, rule))),
        "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= rule.as_u64().unwrap()),
        "minLength" => value.as_str().is_none_or(|text| text.len() as u64 >= rule.as_u64().unwrap()),
        "pattern" => value.as_str().is_none_or(|text| Regex::new(rule.as_str().unwrap()).unwrap().is_match(text)),
        "minimum" => value.as_u64().is_none_or(|number| number >= rule.as_u64().unwrap()),
        "maximum" => value.as_u64().is_none_or(|number| number <= rule.as_u64().unwrap()),
        other => panic!("the schema uses `{other}`"),
    };
    schema.as_object().unwrap().iter().all(keyword)
}

fn is_a(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        other => panic!("the schema has a `{other}`"),
    }
}

fn agree(text: &str) -> bool {
    let value: Value = serde_yaml::from_str(text).unwrap();
    let (read, fulfilled) = (problems(text), fulfils(&value, &config::schema(&kmslint::all_rules())));
    assert_eq!(read.is_empty(), fulfilled, "{text}: {read:?}");
    fulfilled
}

/// The sample with its examples in force.
fn uncommented() -> String {
    let line = |line: &str| {
        let is_example = |text: &str| text.contains(": ") || text.ends_with(':') || text.starts_with([' ', '-']);
        let text = line.strip_prefix("# ").filter(|text| is_example(text) && !text.starts_with(char::is_uppercase));
        format!("{}\n", text.unwrap_or(line))
    };
    config::SAMPLE.lines().map(line).collect()
}

#[test]
fn the_schema_and_the_reader_accept_the_same() {
    let all = uncommented();
    assert!(agree(config::SAMPLE) && agree(&all), "{all}");
    let good = [
        "{}",
        "version: 1",
        "fail-on: never",
        "rules: { select: [ALL], ignore: [rotation, public-key-policy], options: {} }",
        "stacks: [{ template: a, name: a, account: 111122223333, region: us-gov-west-1, parameters: { A: 1, B: [a, true], C: x } }]",
        "inventory: []\ninventory-complete: false",
        "per-file: [{ files: [a], ignore: [ALL] }]",
    ];
    for text in good {
        assert!(agree(text), "{text}");
    }
    let bad = [
        "versions: 1",
        "version: 2",
        "version: '1'",
        "files: []",
        "files: { include: a }",
        "files: { include: [''] }",
        "files: { exclude: [1] }",
        "files: { exclud: [a] }",
        "min-severity: never",
        "min-severity: High",
        "fail-on: none",
        "rules: { ignore: [nope] }",
        "rules: { options: { nope: {} } }",
        "rules: { options: { rotation-disabled: {} } }",
        "rules: { options: { short-deletion-window: { minimum-days: 31 } } }",
        "rules: { options: { short-deletion-window: { minimum-days: '14' } } }",
        "rules: { options: { fragile-key-administration: { administrators: [1] } } }",
        "stacks: [a]",
        "stacks: [{ template: a }]",
        "stacks: [{ template: a, name: 1a }]",
        "stacks: [{ template: a, name: a, account: '1111' }]",
        "stacks: [{ template: a, name: a, account: 1111 }]",
        "stacks: [{ template: a, name: a, region: eu }]",
        "stacks: [{ template: a, name: a, scope: 1 }]",
        "stacks: [{ template: a, name: a, parameters: { A: {} } }]",
        "inventory: a.json",
        "inventory-complete: 'yes'",
        "parameters: { A: null }",
        "per-file: [{ files: [a] }]",
        "per-file: [{ files: [a], ignore: [] }]",
        "suppressions: {}",
    ];
    for text in bad {
        assert!(!agree(text), "{text}");
    }
}

#[test]
fn what_the_documentation_shows_is_a_configuration() {
    let pages = kmslint::all_rules().into_iter().map(|rule| rule.page).chain([include_str!("../../README.md")]);
    let fences = pages.flat_map(|page| page.split("```yaml\n").skip(1));
    let shown: Vec<&str> = fences.map(|rest| rest.split("```").next().unwrap()).collect();
    let is_configuration = |text: &&&str| text.starts_with("version: 1") || text.starts_with("rules:");
    let shown: Vec<&str> = shown.iter().filter(is_configuration).copied().collect();
    assert!(shown.len() > 2, "{shown:?}");
    for text in shown {
        assert!(agree(text), "{text}");
    }
}

#[test]
fn every_key_is_in_the_schema_with_a_description_and_in_the_sample() {
    fn keys(schema: &Value, found: &mut Vec<String>) {
        for (name, inner) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            assert!(
                inner["description"].as_str().is_some_and(|about| !about.is_empty())
                    || name.contains("days")
                    || name == "administrators",
                "{name}"
            );
            found.push(name.clone());
            keys(inner, found);
            keys(inner.get("items").unwrap_or(&Value::Null), found);
        }
    }
    let mut found = Vec::new();
    keys(&config::schema(&kmslint::all_rules()), &mut found);
    for key in found.iter().filter(|key| *key != "select") {
        assert!(config::SAMPLE.contains(&format!("{key}:")), "{key}");
    }
}

#[test]
fn the_program_prints_the_schema() {
    let dir = tree(&[]);
    let (code, out, err) = run(dir.path(), &["schema", "config"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let schema: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(schema, config::schema(&kmslint::all_rules()));
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
}

#[test]
fn init_writes_a_configuration_once() {
    let dir = tree(&[("a.yaml", BAD)]);
    let path = dir.path().join(".kmslint.yaml");
    let before = run(dir.path(), &["a.yaml"]);
    assert_eq!(run(dir.path(), &["init"]).0, 0);
    assert_eq!(fs::read_to_string(&path).unwrap(), config::SAMPLE);
    assert_eq!(run(dir.path(), &["a.yaml"]), before, "nothing of it is in force");
    fs::write(&path, "version: 1 # mine\n").unwrap();
    let (code, out, err) = run(dir.path(), &["init"]);
    assert_eq!(
        (code, out.as_str(), err.as_str()),
        (2, "", "error: `.kmslint.yaml` is there already, it stays as it is\n")
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "version: 1 # mine\n");
    let names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

const CONFIG: &str = "\
version: 1
files:
  include: [t]
  exclude: [\"**/old/**\"]
fail-on: medium
rules:
  ignore: [rotation]
  options:
    short-deletion-window: { minimum-days: 14 }
stacks:
  - template: t/bad.yaml
    name: keys
    account: \"012345678901\"
    parameters: { Env: prod }
parameters: { Env: test, Ids: [1, 2] }
inventory-complete: true
per-file:
  - { files: [\"sandbox/**\"], ignore: [ALL] }
";

#[test]
fn what_is_in_force_is_shown_with_its_origin() {
    let dir = tree(&[(".kmslint.yaml", CONFIG), ("t/bad.yaml", BAD)]);
    let mut program = program(dir.path());
    program.env("KMSLINT_EXCLUDE", "x").env("KMSLINT_REGION", "eu-west-1").env("KMSLINT_HIDDEN", "0");
    let arguments = ["--show-config", "--fail-on", "high", "--select", "rotation,trust"];
    let (code, out, err) = told(&program.args(arguments).output().unwrap());
    assert_eq!((code, err.as_str()), (0, ""));
    insta::assert_snapshot!(out);
    assert_eq!(problems(&out), [], "what is shown is a configuration");
}

#[test]
fn without_a_file_the_defaults_are_shown() {
    let dir = tree(&[]);
    let (code, out, _) = run(dir.path(), &["grants", "--show-config", "--isolated"]);
    assert_eq!(code, 0);
    insta::assert_snapshot!(out);
}
