//! Values of parameters as deployment tools keep them, told apart by their shape; and those that no deployment could have.

use crate::choice::closest;
use crate::discover::Supplied;
use crate::finding::FileError;
use crate::template::{Parameter, Template};
use serde_json::Value;
use std::collections::BTreeMap;

/// Which command's section of a `samconfig` file counts, first to last: the default environment is what `sam deploy` takes.
const SAM_SECTIONS: [&str; 2] =
    ["/default/deploy/parameters/parameter_overrides", "/default/global/parameters/parameter_overrides"];

/// The values in some files, given as path and text; a later file wins. What cannot be read is an error for its file.
pub(crate) fn read(files: &[(String, String)]) -> (BTreeMap<String, String>, Vec<FileError>) {
    let mut values = BTreeMap::new();
    let mut errors = Vec::new();
    for (path, text) in files {
        match parsed(path, text).and_then(|value| of_file(&value)) {
            Ok(found) => values.extend(found),
            Err(message) => errors.push(FileError { file: path.clone(), message, span: None }),
        }
    }
    (values, errors)
}

/// The values of one stack, and what is wrong with them.
#[derive(Debug, Default)]
pub(crate) struct Supply {
    /// Values that its template can be deployed with.
    pub(crate) values: BTreeMap<String, String>,
    /// Values that are given to it alone and with which it cannot be deployed.
    pub(crate) refused: Vec<FileError>,
    /// Values for all stacks that are none for it, a sentence each.
    pub(crate) passed_over: Vec<String>,
}

/// What a stack gets of what is given to it alone, and of what is given to all. A value that its template does not allow is not taken: there
/// would be no world in which it holds, and nothing could be said of the stack.
pub(crate) fn supply(
    own: &BTreeMap<String, Supplied>,
    for_all: &BTreeMap<String, String>,
    template: &Template,
    path: &str,
) -> Supply {
    let mut supply = Supply::default();
    for (name, Supplied { origin, .. }) in own.iter().filter(|_| template.opaque.is_empty()) {
        if template.parameter(name).is_none() {
            let hint = closest(name, template.parameters.iter().map(|known| known.name.value.as_str()));
            let hint = hint.map(|close| format!(", did you mean `{close}`")).unwrap_or_default();
            let message = format!("`{path}` has no parameter `{name}`{hint}");
            supply.refused.push(FileError { file: origin.clone(), message, span: None });
        }
    }
    for parameter in &template.parameters {
        let name = &parameter.name.value;
        let given = own.get(name);
        let Some(value) = given.map(|supplied| &supplied.value).or_else(|| for_all.get(name)) else { continue };
        if allows(parameter, value) {
            supply.values.insert(name.clone(), value.clone());
            continue;
        }
        let allowed: Vec<&str> = parameter.allowed_values.iter().map(|value| value.value.as_str()).collect();
        let allowed = allowed.join("`, `");
        let message = format!("`{value}` is no value that `{path}` allows for `{name}`: there are `{allowed}`");
        match given {
            Some(Supplied { origin, .. }) => {
                supply.refused.push(FileError { file: origin.clone(), message, span: None });
            }
            None => supply.passed_over.push(format!("{message}; it stays open there")),
        }
    }
    supply
}

/// Whether a value is an allowed one; a list is where each of its elements is.
fn allows(parameter: &Parameter, value: &str) -> bool {
    let is_listed = |value: &str| parameter.allowed_values.iter().any(|allowed| allowed.value == value);
    let is_list = parameter.kind == "CommaDelimitedList" || parameter.kind.starts_with("List<");
    parameter.allowed_values.is_empty()
        || is_listed(value)
        || is_list && value.split(',').all(|item| is_listed(item.trim()))
}

fn parsed(path: &str, text: &str) -> Result<Value, String> {
    let text = text.trim_start_matches('\u{feff}');
    if path.ends_with(".toml") {
        return toml::from_str(text).map_err(|error| {
            let at = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            format!("no TOML: {} in line {}", error.message(), at.matches('\n').count() + 1)
        });
    }
    if text.trim_start().starts_with(['{', '[']) {
        return serde_json::from_str(text).map_err(|error| format!("no JSON: {error}"));
    }
    serde_yaml::from_str(text).map_err(|error| format!("no YAML: {error}"))
}

/// Recognises `[{"ParameterKey": …, "ParameterValue": …}]`, `["Key=Value"]`, `{"Parameters": {…}}`, `samconfig` files and plain maps.
fn of_file(value: &Value) -> Result<Vec<(String, String)>, String> {
    match value {
        Value::Array(items) => of_list(items),
        Value::Object(entries) => {
            if let Some(overrides) = SAM_SECTIONS.iter().find_map(|section| value.pointer(section)) {
                return of_overrides(overrides);
            }
            match entries.get("Parameters") {
                Some(Value::Object(parameters)) => of_map(parameters),
                Some(Value::Array(parameters)) => of_list(parameters),
                Some(_) => Err("`Parameters` is neither a map nor a list".to_owned()),
                None => of_map(entries),
            }
        }
        _ => Err("no parameters: write a map of names and values, or a list of `ParameterKey` and `ParameterValue`"
            .to_owned()),
    }
}

fn of_list(items: &[Value]) -> Result<Vec<(String, String)>, String> {
    let mut found = Vec::new();
    for item in items {
        match (item.as_str(), item.get("ParameterKey").and_then(Value::as_str)) {
            (Some(pair), _) => found.push(pair_of(pair)?),
            // `UsePreviousValue` tells no value.
            (None, Some(key)) => {
                let value = item.get("ParameterValue").map(|value| text_of(key, value)).transpose()?;
                found.extend(value.map(|value| (key.to_owned(), value)));
            }
            (None, None) => return Err(format!("`{item}` has no `ParameterKey`")),
        }
    }
    Ok(found)
}

fn of_map(entries: &serde_json::Map<String, Value>) -> Result<Vec<(String, String)>, String> {
    entries.iter().map(|(key, value)| Ok((key.clone(), text_of(key, value)?))).collect()
}

/// `parameter_overrides` of SAM: text with pairs between blanks, a list of pairs, or a map.
fn of_overrides(overrides: &Value) -> Result<Vec<(String, String)>, String> {
    match overrides {
        Value::String(text) => words(text).iter().map(|word| pair_of(word)).collect(),
        Value::Array(items) => of_list(items),
        Value::Object(entries) => of_map(entries),
        _ => Err("`parameter_overrides` is neither text nor a list nor a map".to_owned()),
    }
}

/// `Key=Value`, or `ParameterKey=Key,ParameterValue=Value`.
fn pair_of(text: &str) -> Result<(String, String), String> {
    let pair = match text.strip_prefix("ParameterKey=").and_then(|rest| rest.split_once(",ParameterValue=")) {
        Some(pair) => Some(pair),
        None => text.split_once('='),
    };
    let (key, value) = pair.ok_or_else(|| format!("`{text}` is no `Key=Value`"))?;
    Ok((key.to_owned(), value.to_owned()))
}

/// The words of a text; blanks in quotes or behind a backslash belong to theirs.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let (mut quote, mut inside) = (None, false);
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if quote.is_none() && character.is_whitespace() {
            inside = false;
            continue;
        }
        if !std::mem::replace(&mut inside, true) {
            words.push(String::new());
        }
        let Some(word) = words.last_mut() else { continue };
        match (character, quote) {
            ('"' | '\'', None) => quote = Some(character),
            (end, Some(begin)) if end == begin => quote = None,
            ('\\', None | Some('"')) => word.extend(characters.next()),
            _ => word.push(character),
        }
    }
    words
}

fn text_of(key: &str, value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        Value::Array(items) => {
            let items: Result<Vec<String>, String> = items.iter().map(|item| text_of(key, item)).collect();
            Ok(items?.join(","))
        }
        Value::Null | Value::Object(_) => Err(format!("the value of `{key}` is neither text nor a list")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(path: &str, text: &str) -> Vec<(String, String)> {
        let (values, errors) = read(&[(path.to_owned(), text.to_owned())]);
        assert!(errors.is_empty(), "{errors:?}");
        values.into_iter().collect()
    }

    #[test]
    fn every_tool_keeps_parameters_in_its_own_form() {
        let wanted = vec![("Env".to_owned(), "prod eu".to_owned()), ("Ids".to_owned(), "1,2".to_owned())];
        let forms = [
            (
                "cli.json",
                r#"[{"ParameterKey": "Env", "ParameterValue": "prod eu"}, {"ParameterKey": "Ids", "ParameterValue": "1,2"},
                {"ParameterKey": "Old", "UsePreviousValue": true}]"#,
            ),
            ("pairs.json", r#"["Env=prod eu", "Ids=1,2"]"#),
            ("pipeline.json", r#"{"Parameters": {"Env": "prod eu", "Ids": "1,2"}, "Tags": {"a": "b"}}"#),
            ("map.json", r#"{"Env": "prod eu", "Ids": [1, 2]}"#),
            ("map.yaml", "Env: prod eu\nIds: [1, 2]\n"),
            (
                "samconfig.toml",
                "version = 0.1\n[default.deploy.parameters]\nparameter_overrides = \"Env=\\\"prod eu\\\" Ids=1,2\"\n",
            ),
            ("list.toml", "[default.global.parameters]\nparameter_overrides = [\"Env=prod eu\", \"Ids=1,2\"]\n"),
            (
                "long.toml",
                "[default.deploy.parameters]\nparameter_overrides = 'ParameterKey=Env,ParameterValue=prod\\ eu Ids=1,2'\n",
            ),
            (
                "samconfig.yaml",
                "version: 0.1\ndefault: {deploy: {parameters: {parameter_overrides: 'Env=\"prod eu\" Ids=1,2'}}}\n",
            ),
        ];
        for (path, text) in forms {
            assert_eq!(values(path, text), wanted, "{path}");
        }
    }

    #[test]
    fn what_holds_no_parameters_is_an_error() {
        let broken = [
            ("a.json", "{", "no JSON: "),
            ("a.yaml", "text", "no parameters: "),
            ("a.json", "[1]", "`1` has no `ParameterKey`"),
            ("a.json", "{\"A\": {}}", "the value of `A` is neither text nor a list"),
            ("a.toml", "a = \n", "no TOML: "),
        ];
        for (path, text, message) in broken {
            let (_, errors) = read(&[(path.to_owned(), text.to_owned())]);
            assert!(errors[0].message.starts_with(message), "{text}: {errors:?}");
        }
    }
}
