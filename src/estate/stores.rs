//! Values that one stack stores and another reads when it is deployed: Parameter Store and Secrets Manager.

use super::Stack;
use crate::policy;
use crate::resolve::{Resolved, Scope, StackId, Symbol, Text, Value};
use crate::source::Span;
use crate::template::{Expr, Form, Name, Resource};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// A stored value and the stack that writes it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stored {
    pub(crate) stack: StackId,
    /// The Region it is written to, where that is known.
    pub(crate) region: Option<String>,
    pub(crate) value: Text,
}

/// What a value is stored under: the store, the name or the identity of what holds it, and the part of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Slot {
    /// A parameter, by its name.
    Parameter(String),
    /// A value in a secret, by the secret's name or the end of its ARN; without a key: all of its text.
    Secret { secret: String, key: Option<String> },
}

/// The stored values by scope and slot; none where stacks write different values.
pub(crate) type Slots = HashMap<(u32, Slot), Option<Stored>>;

impl Slot {
    /// What a dynamic reference reads, in the canonical form of its text; none for other stores and for old versions of secrets.
    pub(crate) fn read_by(reference: &str) -> Option<Self> {
        let inner = reference.strip_prefix("{{resolve:")?.strip_suffix("}}")?;
        if let Some(parameter) = inner.strip_prefix("ssm:") {
            let name = match parameter.rsplit_once(':') {
                Some((name, version)) if version.chars().all(|digit| digit.is_ascii_digit()) => name,
                _ => parameter,
            };
            return Some(Self::Parameter(for_people(name)));
        }
        let (secret, part) = match inner.strip_prefix("secretsmanager:")?.split_once(":SecretString") {
            Some((secret, part)) => (secret, part.strip_prefix(':').unwrap_or(part)),
            None => (inner.strip_prefix("secretsmanager:")?, ""),
        };
        let mut parts = part.split(':');
        let key = parts.next().filter(|key| !key.is_empty()).map(str::to_owned);
        let is_current = parts.next().is_none_or(|stage| stage.is_empty() || stage == "AWSCURRENT");
        let has_id = parts.next().is_some_and(|id| !id.is_empty());
        (is_current && !has_id).then(|| Self::Secret { secret: secret_id(secret), key })
    }
}

/// A name as text for people: equal names of parameters are taken to be equal values, as they are for exports.
fn for_people(canonical: &str) -> String {
    Symbol::Dynamic(canonical.to_owned()).to_string()
}

/// The name of a secret, or the end of its ARN where that is a secret in view.
fn secret_id(canonical: &str) -> String {
    let is_arn = canonical.starts_with("arn:");
    match canonical.rfind("${").filter(|_| is_arn).and_then(|at| canonical.get(at..)) {
        Some(end) => end.to_owned(),
        None => for_people(canonical),
    }
}

/// What a resource stores.
pub(super) fn written(scope: &Scope<'_>, stack: &Stack, resource: &Resource) -> Vec<(Slot, Stored)> {
    let own_region = || stack.environment.region.as_literal().map(str::to_owned);
    let store = |region: Option<String>, value: Text| Stored { stack: stack.id, region, value };
    let text = |name: &str| known_text(scope, resource.properties.get(name)?);
    match resource.kind.value.as_str() {
        "AWS::SSM::Parameter" => {
            let both = text("Name").zip(text("Value"));
            let slot = |(name, value): (Text, Text)| (Slot::Parameter(name.to_string()), store(own_region(), value));
            both.map(slot).into_iter().collect()
        }
        // What CDK exports to another Region.
        "Custom::CrossRegionExportWriter" => {
            let region = resource.properties.path(&["WriterProps", "region"]).and_then(Expr::literal);
            let exports = resource.properties.path(&["WriterProps", "exports"]);
            let Some(Form::Map(exports)) = exports.map(|exports| &exports.form) else { return Vec::new() };
            let slot = |(name, value): &(Name, Expr)| {
                let value = store(region.map(str::to_owned), known_text(scope, value)?);
                Some((Slot::Parameter(name.value.clone()), value))
            };
            exports.iter().filter_map(slot).collect()
        }
        "AWS::SecretsManager::Secret" => {
            let end = Text::symbol(Symbol::Resource(stack.id, resource.name.value.clone())).canonical();
            let ids: Vec<String> = text("Name").map(|name| name.to_string()).into_iter().chain([end]).collect();
            let slots = parts(scope, resource).into_iter().flat_map(|(key, value)| {
                let value = store(own_region(), value);
                ids.iter().map(move |id| (Slot::Secret { secret: id.clone(), key: key.clone() }, value.clone()))
            });
            slots.collect()
        }
        _ => Vec::new(),
    }
}

fn known_text(scope: &Scope<'_>, expr: &Expr) -> Option<Text> {
    match scope.value(expr).value {
        Resolved::Known(Value::Text(text)) => Some(text),
        Resolved::Known(_) | Resolved::Depends(_) => None,
    }
}

/// The values in a secret by their keys, and all of its text.
fn parts(scope: &Scope<'_>, secret: &Resource) -> Vec<(Option<String>, Text)> {
    let whole = secret.properties.get("SecretString").and_then(|whole| known_text(scope, whole));
    let template = secret.properties.path(&["GenerateSecretString", "SecretStringTemplate"]);
    let Some(text) = whole.clone().or_else(|| known_text(scope, template?)) else { return Vec::new() };
    let nowhere = Span::new(scope.template.file, 0, 0);
    let entries = match policy::read_json(&text, nowhere).map(|json| json.value) {
        Ok(Resolved::Known(Value::Map(entries))) => entries,
        Ok(_) | Err(_) => Vec::new(),
    };
    let entry = |(key, value): (crate::resolve::Spanned, crate::resolve::Valued)| match value.value {
        Resolved::Known(Value::Text(value)) => Some((Some(key.value), value)),
        Resolved::Known(_) | Resolved::Depends(_) => None,
    };
    whole.map(|whole| (None, whole)).into_iter().chain(entries.into_iter().filter_map(entry)).collect()
}

/// The stored values of all stacks. Two that write different values into one slot leave it unknown.
pub(super) fn slots(written: Vec<((u32, Slot), Stored)>) -> Slots {
    let mut slots = Slots::new();
    for (slot, value) in written {
        match slots.entry(slot) {
            Entry::Vacant(free) => {
                free.insert(Some(value));
            }
            Entry::Occupied(mut taken) => {
                if taken.get().as_ref().is_some_and(|known| known.value != value.value) {
                    taken.insert(None);
                }
            }
        }
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(secret: &str, key: Option<&str>) -> Option<Slot> {
        Some(Slot::Secret { secret: secret.to_owned(), key: key.map(str::to_owned) })
    }

    #[test]
    fn a_reference_is_read_as_what_it_names() {
        let parameter = |name: &str| Some(Slot::Parameter(name.to_owned()));
        let read = |text: &str| Slot::read_by(&format!("{{{{resolve:{text}}}}}"));
        assert_eq!(read("ssm:/kms/arn"), parameter("/kms/arn"));
        assert_eq!(read("ssm:/kms/arn:3"), parameter("/kms/arn"));
        assert_eq!(read("secretsmanager:keys:SecretString:arn"), secret("keys", Some("arn")));
        assert_eq!(read("secretsmanager:keys:SecretString:arn:AWSCURRENT"), secret("keys", Some("arn")));
        assert_eq!(read("secretsmanager:keys:SecretString:arn::"), secret("keys", Some("arn")));
        assert_eq!(read("secretsmanager:keys:SecretString"), secret("keys", None));
        assert_eq!(read("secretsmanager:keys"), secret("keys", None));
        let by_arn = "secretsmanager:arn:aws:secretsmanager:r:1:secret:keys-${Secret}\u{1}2\u{2}:SecretString:arn";
        assert_eq!(read(by_arn), secret("${Secret}\u{1}2\u{2}", Some("arn")));
    }

    #[test]
    fn what_may_be_another_version_is_not_read() {
        assert_eq!(Slot::read_by("{{resolve:secretsmanager:keys:SecretString:arn:AWSPREVIOUS}}"), None);
        assert_eq!(Slot::read_by("{{resolve:secretsmanager:keys:SecretString:arn::0f1e}}"), None);
        assert_eq!(Slot::read_by("{{resolve:ssm-secure:/kms/arn}}"), None);
    }
}
