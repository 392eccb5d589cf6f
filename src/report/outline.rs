//! Values with where they come from: YAML with a comment behind each.

use super::why::scalar;
use crate::config::Outline;

/// The outline as text, ending with a line break.
#[must_use]
pub fn outline(outline: &Outline) -> String {
    let mut lines = Vec::new();
    push(outline, 0, &mut lines);
    lines.push(String::new());
    lines.join("\n")
}

fn push(outline: &Outline, indent: usize, lines: &mut Vec<String>) {
    let pad = " ".repeat(indent);
    match outline {
        Outline::Nothing => {}
        Outline::Scalar(..) => lines.push(format!("{pad}{}", in_line(outline).unwrap_or_default())),
        Outline::List(items, _) => {
            for item in items {
                let first = lines.len();
                push(item, indent + 2, lines);
                if let Some(line) = lines.get_mut(first) {
                    line.replace_range(indent..indent + 2, "- ");
                }
            }
        }
        Outline::Mapping(entries) => {
            for (key, value) in entries.iter().filter(|(_, value)| *value != Outline::Nothing) {
                let key = scalar(&key.as_str().into());
                match in_line(value) {
                    Some(text) => lines.push(format!("{pad}{key}: {text}")),
                    None => {
                        lines.push(format!("{pad}{key}:"));
                        push(value, indent + 2, lines);
                    }
                }
            }
        }
    }
}

/// What fits behind a key.
fn in_line(outline: &Outline) -> Option<String> {
    let (text, origin) = match outline {
        Outline::Scalar(value, origin) => (scalar(value), origin),
        Outline::List(items, origin) if items.is_empty() => ("[]".to_owned(), origin),
        Outline::List(..) | Outline::Mapping(_) | Outline::Nothing => return None,
    };
    Some(match origin {
        Some(origin) => format!("{text}  # {origin}"),
        None => text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_read_as_it_was() {
        let text = |text: &str, origin: &str| Outline::Scalar(text.into(), Some(origin.to_owned()));
        let stack = Outline::Mapping(vec![
            ("name".to_owned(), text("keys", "a:1:2")),
            ("account".to_owned(), Outline::Scalar("012345678901".into(), None)),
        ]);
        let all = Outline::Mapping(vec![
            ("version".to_owned(), Outline::Scalar(1.into(), None)),
            ("stacks".to_owned(), Outline::List(vec![stack.clone(), stack], None)),
            ("none".to_owned(), Outline::List(Vec::new(), Some("default".to_owned()))),
            ("words".to_owned(), Outline::List(vec![text("true", "x"), text("**/a", "y")], None)),
        ]);
        let expected = "version: 1\nstacks:\n  - name: keys  # a:1:2\n    account: \"012345678901\"\n  - name: keys  # a:1:2\n    \
                        account: \"012345678901\"\nnone: []  # default\nwords:\n  - \"true\"  # x\n  - \"**/a\"  # y\n";
        assert_eq!(outline(&all), expected);
    }
}
