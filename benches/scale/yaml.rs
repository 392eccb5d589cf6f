//! Templates as YAML, with the short forms of functions.

use serde_json::{Map, Value};

/// A template as people write it.
pub(crate) fn write(template: &Value) -> String {
    let mut text = String::new();
    if let Value::Object(sections) = template {
        entries(sections, 0, &mut text);
    }
    text
}

/// The entries of a map; the first one stands where the text ends.
fn entries(map: &Map<String, Value>, depth: usize, text: &mut String) {
    for (at, (key, value)) in map.iter().enumerate() {
        if at > 0 {
            indent(depth, text);
        }
        text.push_str(&scalar(key));
        text.push(':');
        after_colon(value, depth + 1, text);
    }
}

/// What stands behind a key or a dash, on its line or on the lines below it.
fn after_colon(value: &Value, depth: usize, text: &mut String) {
    if let Some((tag, inner)) = function(value) {
        text.push_str(" !");
        text.push_str(tag);
        match (tag, inner) {
            ("GetAtt", Value::Array(parts)) => {
                let parts: Vec<&str> = parts.iter().filter_map(Value::as_str).collect();
                text.push_str(&format!(" {}\n", parts.join(".")));
            }
            _ => after_colon(inner, depth, text),
        }
        return;
    }
    match value {
        Value::Object(map) if map.is_empty() => text.push_str(" {}\n"),
        Value::Array(items) if items.is_empty() => text.push_str(" []\n"),
        Value::Object(map) => {
            text.push('\n');
            indent(depth, text);
            entries(map, depth, text);
        }
        Value::Array(items) => {
            text.push('\n');
            for item in items {
                indent(depth, text);
                text.push('-');
                match item {
                    Value::Object(map) if !map.is_empty() && function(item).is_none() => {
                        text.push(' ');
                        entries(map, depth + 1, text);
                    }
                    _ => after_colon(item, depth + 1, text),
                }
            }
        }
        Value::String(plain) => text.push_str(&format!(" {}\n", scalar(plain))),
        other => text.push_str(&format!(" {other}\n")),
    }
}

/// The short tag of a function, and its argument. One short form right behind another is no YAML: the outer one stays long.
fn function(value: &Value) -> Option<(&str, &Value)> {
    let Value::Object(map) = value else { return None };
    let mut only = map.iter();
    let (Some((name, inner)), None) = (only.next(), only.next()) else { return None };
    let tag = name.strip_prefix("Fn::").or_else(|| (name == "Ref").then_some("Ref"))?;
    function(inner).is_none().then_some((tag, inner))
}

fn indent(depth: usize, text: &mut String) {
    text.extend(std::iter::repeat_n("  ", depth));
}

/// Text that means itself, or in quotes.
fn scalar(text: &str) -> String {
    let is_word = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-:".contains(c))
        && !text.ends_with(':')
        && !["yes", "no", "true", "false", "on", "off", "null"].contains(&text.to_ascii_lowercase().as_str());
    if is_word { text.to_owned() } else { format!("'{}'", text.replace('\'', "''")) }
}
