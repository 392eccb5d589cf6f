//! Mappings whose keys are no part of the format: parameters, and the options of rules.

use super::leaf::Name;
use super::outline::Outline;
use super::reader::{Reader, spanned};
use super::shape::Shape;
use crate::choice::{closest, meant_by};
use crate::finding::{Declared, Meta, Setting, Settings, Takes};
use crate::source::{Span, Spanned};
use crate::syntax::{Kind, Node, Plain};
use serde_json::{Map, Value, json};

/// Values of parameters by name, as text: a list is one with commas.
#[derive(Clone, Debug, Default)]
pub struct Parameters(pub Vec<(Spanned<String>, Spanned<String>)>);

/// What is set for rules.
#[derive(Clone, Debug, Default)]
pub struct Options(pub Vec<SetOption>);

/// An option of a rule with its value.
#[derive(Clone, Debug)]
pub struct SetOption {
    /// The rule.
    pub rule: &'static Meta,
    /// The option.
    pub option: Declared,
    /// Its value, and where it is set.
    pub setting: Spanned<Setting>,
}

impl Options {
    /// The values as rules ask for them.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let mut settings = Settings::default();
        for SetOption { rule, option, setting } in &self.0 {
            settings.set(rule, *option, setting.value.clone());
        }
        settings
    }
}

impl Shape for Parameters {
    fn schema(_: &[&'static Meta]) -> Value {
        let scalar = json!(["string", "number", "boolean"]);
        json!({
            "type": "object",
            "additionalProperties": {
                "anyOf": [{ "type": scalar }, { "type": "array", "items": { "type": scalar } }]
            }
        })
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        if !matches!(node.kind(), Kind::Mapping(_)) {
            reader.mismatch(node, "a mapping of names and values");
            return None;
        }
        let mut parameters = Vec::new();
        for (name, value) in node.entries() {
            let written = name.text().unwrap_or_default();
            let text = reader.under(written, |reader| parameter(value, reader));
            parameters.extend(text.map(|text| (spanned(written.to_owned(), name), spanned(text, value))));
        }
        Some(Self(parameters))
    }

    fn outline(&self, place: &dyn Fn(Span) -> String) -> Outline {
        let value = |(name, value): &(Spanned<String>, Spanned<String>)| {
            (name.value.clone(), Outline::Scalar(value.value.as_str().into(), Some(place(value.span))))
        };
        if self.0.is_empty() { Outline::Nothing } else { Outline::Mapping(self.0.iter().map(value).collect()) }
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}

/// The value of a parameter: a scalar as it is written, or several with commas.
fn parameter(node: Node<'_>, reader: &mut Reader<'_>) -> Option<String> {
    if let Kind::Sequence(_) = node.kind() {
        let items: Vec<Option<&str>> = node.items().map(|item| scalar(item, reader)).collect();
        return items.into_iter().collect::<Option<Vec<&str>>>().map(|items| items.join(","));
    }
    scalar(node, reader).map(str::to_owned)
}

fn scalar<'t>(node: Node<'t>, reader: &mut Reader<'_>) -> Option<&'t str> {
    match (node.text(), node.plain()) {
        (Some(text), Some(Plain::Text | Plain::Bool(_) | Plain::Int(_) | Plain::Float(_))) => Some(text),
        _ => {
            reader.mismatch(node, "text, a number, `true`, `false`, or a list of these");
            None
        }
    }
}

impl Shape for Options {
    fn schema(rules: &[&'static Meta]) -> Value {
        let mut properties = Map::new();
        for rule in rules {
            let options: Map<String, Value> =
                rule.options().map(|option| (option.name.to_owned(), schema(option))).collect();
            if !options.is_empty() {
                let schema = json!({
                    "description": format!("Options of `{}`: {}", rule.id, rule.title),
                    "type": "object",
                    "properties": options,
                    "additionalProperties": false,
                });
                properties.insert(rule.id.to_owned(), schema);
            }
        }
        json!({ "type": "object", "properties": properties, "additionalProperties": false })
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        if !matches!(node.kind(), Kind::Mapping(_)) {
            reader.mismatch(node, "a mapping of rules and their options");
            return None;
        }
        let mut set = Vec::new();
        for (name, value) in node.entries() {
            let written = name.text().unwrap_or_default();
            let Some(rule) = reader.rules.iter().copied().find(|rule| rule.id == written) else {
                let message = unknown_rule(written, reader.rules);
                reader.refuse(name.span(), message);
                continue;
            };
            reader.under(written, |reader| of_rule(rule, name, value, reader, &mut set));
        }
        Some(Self(set))
    }

    fn outline(&self, place: &dyn Fn(Span) -> String) -> Outline {
        let mut rules: Vec<(String, Outline)> = Vec::new();
        for SetOption { rule, option, setting } in &self.0 {
            let value = Outline::from(&setting.value).placed(&place(setting.span));
            let option = (option.name.to_owned(), value);
            match rules.last_mut() {
                Some((last, Outline::Mapping(options))) if last == rule.id => options.push(option),
                _ => rules.push((rule.id.to_owned(), Outline::Mapping(vec![option]))),
            }
        }
        if rules.is_empty() { Outline::Nothing } else { Outline::Mapping(rules) }
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}

fn unknown_rule(written: &str, rules: &[&'static Meta]) -> String {
    if meant_by(rules, written).is_ok() {
        return format!("`{written}` is no rule, but several: options belong to one");
    }
    let known = rules.iter().map(|rule| rule.id);
    let hint = closest(written, known).map(|close| format!(", did you mean `{close}`")).unwrap_or_default();
    format!("unknown rule `{written}`{hint}: `kmslint rules` lists them")
}

/// The options of one rule.
fn of_rule(rule: &'static Meta, name: Node<'_>, value: Node<'_>, reader: &mut Reader<'_>, set: &mut Vec<SetOption>) {
    let declared: Vec<Declared> = rule.options().collect();
    let names: Vec<&str> = declared.iter().map(|option| option.name).collect();
    if names.is_empty() {
        reader.refuse(name.span(), format!("`{}` has no options", rule.id));
        return;
    }
    let Some(entries) = reader.entries(value, &names) else { return };
    for (option, node) in entries.found() {
        let Some(option) = declared.iter().find(|known| known.name == option).copied() else { continue };
        let setting = reader.under(option.name, |reader| setting(option, node, reader));
        set.extend(setting.map(|setting| SetOption { rule, option, setting: spanned(setting, node) }));
    }
}

fn setting(option: Declared, node: Node<'_>, reader: &mut Reader<'_>) -> Option<Setting> {
    match option.takes {
        Takes::Number { least, most } => {
            let takes = format!("a number from {least} to {most}");
            let Some(Plain::Int(number)) = node.plain() else {
                reader.mismatch(node, &takes);
                return None;
            };
            let number = u32::try_from(number).ok().filter(|number| (least..=most).contains(number));
            let written = node.text().unwrap_or_default();
            reader.tested(node, written, |_| number.map(|_| ()).ok_or(takes))?;
            number.map(Setting::Number)
        }
        Takes::List => {
            let texts = Vec::<Name>::read(node, reader)?;
            Some(Setting::List(texts.into_iter().map(|text| text.0).collect()))
        }
    }
}

fn schema(option: Declared) -> Value {
    match option.takes {
        Takes::Number { least, most } => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Takes::List => Vec::<Name>::schema(&[]),
    }
}
