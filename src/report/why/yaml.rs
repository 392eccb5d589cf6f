//! A statement that is to be added, as an item of a list, in YAML with CloudFormation's short forms.

use serde_json::{Map, Value};

/// The lines of a statement.
pub(super) fn item(statement: &Value) -> Vec<String> {
    let Value::Object(entries) = statement else { return vec![format!("- {}", scalar(statement))] };
    let mut lines = Vec::new();
    map(entries, 0, &mut lines);
    let mark = |(at, line): (usize, String)| if at == 0 { format!("- {line}") } else { format!("  {line}") };
    lines.into_iter().enumerate().map(mark).collect()
}

fn map(entries: &Map<String, Value>, indent: usize, lines: &mut Vec<String>) {
    let pad = " ".repeat(indent);
    for (key, value) in entries {
        match (short(value), value) {
            (Some(text), _) => lines.push(format!("{pad}{key}: {text}")),
            (None, Value::Object(inner)) => {
                lines.push(format!("{pad}{key}:"));
                map(inner, indent + 2, lines);
            }
            (None, Value::Array(items)) => {
                lines.push(format!("{pad}{key}:"));
                lines.extend(
                    items.iter().map(|item| format!("{pad}  - {}", short(item).unwrap_or_else(|| item.to_string()))),
                );
            }
            (None, other) => lines.push(format!("{pad}{key}: {}", scalar(other))),
        }
    }
}

/// What fits behind a key: a scalar, or a function with one.
fn short(value: &Value) -> Option<String> {
    match value {
        Value::Object(entries) => {
            let (name, argument) = entries.iter().next().filter(|_| entries.len() == 1)?;
            match (name.as_str(), argument) {
                ("Fn::Sub", Value::String(_)) => Some(format!("!Sub {}", scalar(argument))),
                ("Fn::ImportValue", Value::String(_)) => Some(format!("!ImportValue {}", scalar(argument))),
                ("Fn::GetAtt", Value::Array(path)) => {
                    let path: Vec<&str> = path.iter().filter_map(Value::as_str).collect();
                    Some(format!("!GetAtt {}", path.join(".")))
                }
                _ => None,
            }
        }
        Value::Array(_) => None,
        other => Some(scalar(other)),
    }
}

/// Words that mean something else than their text without quotes.
const WORDS: [&str; 7] = ["true", "false", "yes", "no", "on", "off", "null"];

/// Plain where that means the same text.
pub(in crate::report) fn scalar(value: &Value) -> String {
    let Value::String(text) = value else { return value.to_string() };
    let is_word = WORDS.iter().any(|word| text.eq_ignore_ascii_case(word));
    let is_plain = !is_word
        && text.chars().all(|ch| ch.is_ascii_alphanumeric() || "-_./:${}*@+=,".contains(ch))
        && text.starts_with(|ch: char| ch.is_ascii_alphabetic() || ch == '$')
        && !text.ends_with(':');
    if is_plain { text.clone() } else { value.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn short_forms_stand_behind_their_keys() {
        let statement = json!({
            "Effect": "Allow",
            "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}},
            "Action": ["kms:Decrypt", "kms:Sign"],
            "Resource": "*",
        });
        let text = item(&statement).join("\n");
        let expected = "- Effect: Allow\n  Principal:\n    AWS: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root\n  \
                        Action:\n    - kms:Decrypt\n    - kms:Sign\n  Resource: \"*\"";
        assert_eq!(text, expected);
    }

    #[test]
    fn functions_of_functions_are_written_long() {
        let import = json!({"Resource": {"Fn::ImportValue": {"Fn::Sub": "${Stack}-Arn"}}});
        assert_eq!(item(&import), ["- Resource:", "    Fn::ImportValue: !Sub ${Stack}-Arn"]);
        assert_eq!(item(&json!({"Resource": {"Fn::GetAtt": ["Key", "Arn"]}})), ["- Resource: !GetAtt Key.Arn"]);
    }

    #[test]
    fn numbers_and_stars_are_quoted() {
        assert_eq!(item(&json!({"A": "111122223333", "B": "*"})), ["- A: \"111122223333\"", "  B: \"*\""]);
    }
}
