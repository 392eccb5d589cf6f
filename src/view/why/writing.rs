//! How a text is written in a template: as a reference where there is one.

use crate::estate::{Estate, KeyOrigin, PrincipalEntry};
use crate::resolve::{Piece, Resolved, StackId, Symbol, Text, Value};
use serde_json::{Value as Json, json};

/// Writes texts for a template of a stack.
pub(super) struct Writer<'w> {
    pub(super) estate: &'w Estate,
    /// The stack; none where it is not in view.
    pub(super) stack: Option<StackId>,
}

/// An export that is needed and not there.
pub(super) struct MissingExport {
    /// The name of the stack.
    pub(super) stack: String,
    /// The resource whose ARN it is to be.
    pub(super) resource: String,
    /// The name that it could have.
    pub(super) name: String,
}

impl Writer<'_> {
    /// A text as CloudFormation has it.
    pub(super) fn write(&self, text: &Text) -> Json {
        if let Some(literal) = text.as_literal().filter(|literal| self.with_account(literal) == **literal) {
            return json!(literal);
        }
        let missing = || self.missing_export(text).map(|export| json!({"Fn::ImportValue": export.name}));
        self.attribute(text).or_else(|| self.import(text)).or_else(missing).unwrap_or_else(|| self.substituted(text))
    }

    /// The export that another stack would have to make for this text to be written: it is the ARN of a resource there.
    pub(super) fn missing_export(&self, text: &Text) -> Option<MissingExport> {
        let of_other = |stack: Option<StackId>| stack.filter(|stack| Some(*stack) != self.stack);
        let key = self.estate.keys().find(|(_, key)| key.arn == *text && of_other(key.stack).is_some());
        let key = key.and_then(|(_, key)| Some((key.stack?, &key.name)));
        let is_it =
            |entry: &&PrincipalEntry| entry.declared && entry.arn == *text && of_other(Some(entry.stack)).is_some();
        let entry = || self.estate.principals.iter().find(is_it).map(|entry| (entry.stack, &entry.logical));
        let (stack, resource) = key.or_else(entry)?;
        let has_own_name = text.symbols().any(|symbol| matches!(symbol, Symbol::Resource(owner, _) if *owner == stack));
        if !has_own_name || self.import(text).is_some() {
            return None;
        }
        let stack = self.estate.stack(stack)?.name.clone();
        let name = format!("{stack}-{resource}Arn");
        Some(MissingExport { stack, resource: resource.clone(), name })
    }

    /// `Fn::GetAtt` of a key or a role of the same stack.
    fn attribute(&self, text: &Text) -> Option<Json> {
        let stack = self.stack?;
        let key = self.estate.keys().find(|(_, key)| key.stack == self.stack && key.arn == *text);
        let is_declared = |origin: &KeyOrigin| matches!(origin, KeyOrigin::Declared { .. });
        let key = key.filter(|(_, key)| is_declared(&key.origin)).map(|(_, key)| key.name.as_str());
        let of_stack = |entry: &&PrincipalEntry| entry.declared && entry.stack == stack && entry.arn == *text;
        let logical =
            key.or_else(|| self.estate.principals.iter().find(of_stack).map(|entry| entry.logical.as_str()))?;
        Some(json!({"Fn::GetAtt": [logical, "Arn"]}))
    }

    /// `Fn::ImportValue` of an export of another stack that has this value.
    fn import(&self, text: &Text) -> Option<Json> {
        let owner = text.symbols().find_map(|symbol| match symbol {
            Symbol::Resource(stack, _) => Some(*stack),
            _ => None,
        })?;
        let scope = self.estate.scope(owner).filter(|_| self.stack != Some(owner))?;
        let exported = self.estate.template(owner)?.outputs.iter().find_map(|output| {
            let is_it =
                matches!(&scope.value(&output.value).value, Resolved::Known(Value::Text(value)) if value == text);
            let name = output.export.as_ref().filter(|_| is_it)?;
            match scope.value(name).value {
                Resolved::Known(Value::Text(name)) => Some(name),
                _ => None,
            }
        })?;
        let name = exported.as_literal().map_or_else(|| self.substituted(&exported), |name| json!(name));
        Some(json!({"Fn::ImportValue": name}))
    }

    /// `Fn::Sub` with a hole for each symbol.
    fn substituted(&self, text: &Text) -> Json {
        let mut written = String::new();
        for piece in text.pieces() {
            match piece {
                Piece::Literal(literal) => {
                    written.push_str(&self.with_account(&literal.replace("${", "${!")));
                }
                Piece::Symbol(symbol) => written.push_str(&symbol.to_string()),
            }
        }
        json!({"Fn::Sub": written})
    }

    /// An ARN of the stack's own account without its number: a template is for every account.
    fn with_account(&self, literal: &str) -> String {
        let stack = self.stack.and_then(|stack| self.estate.stack(stack));
        match stack.and_then(|stack| stack.environment.account.as_literal()) {
            Some(account) => literal.replace(&format!(":{account}:"), ":${AWS::AccountId}:"),
            None => literal.to_owned(),
        }
    }
}
