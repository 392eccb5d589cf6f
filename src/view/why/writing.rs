//! How a text is written in a template: as a reference where there is one.

use crate::estate::{Estate, KeyOrigin};
use crate::resolve::{Piece, Resolved, StackId, Symbol, Text, Value};
use serde_json::{Value as Json, json};

/// Writes texts for a template of a stack.
pub(super) struct Writer<'w> {
    pub(super) estate: &'w Estate,
    /// The stack; none where it is not in view.
    pub(super) stack: Option<StackId>,
}

impl Writer<'_> {
    /// A text as CloudFormation has it.
    pub(super) fn write(&self, text: &Text) -> Json {
        if let Some(literal) = text.as_literal() {
            return json!(literal);
        }
        self.attribute(text).or_else(|| self.import(text)).unwrap_or_else(|| self.substituted(text))
    }

    /// `Fn::GetAtt` of a key or a role of the same stack.
    fn attribute(&self, text: &Text) -> Option<Json> {
        let stack = self.stack?;
        let key = self.estate.keys().find(|(_, key)| key.stack == self.stack && key.arn == *text);
        let is_declared = |origin: &KeyOrigin| matches!(origin, KeyOrigin::Declared { .. });
        let key = key.filter(|(_, key)| is_declared(&key.origin)).map(|(_, key)| key.name.as_str());
        let of_stack =
            |entry: &&crate::estate::PrincipalEntry| entry.declared && entry.stack == stack && entry.arn == *text;
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
                Piece::Literal(literal) => written.push_str(&literal.replace("${", "${!")),
                Piece::Symbol(symbol) => written.push_str(&symbol.to_string()),
            }
        }
        json!({"Fn::Sub": written})
    }
}
