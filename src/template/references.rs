//! Edges from an expression to logical ids.

use super::{Expr, Form, Logic, SubPiece};
use crate::source::Span;

/// How a logical id is referred to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReferenceKind {
    /// `Ref`.
    Ref,
    /// `Fn::GetAtt`.
    GetAtt,
    /// A hole of `Fn::Sub`, with or without an attribute.
    Sub,
}

/// A mention of a parameter, a resource or a pseudo parameter by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference<'e> {
    /// The logical id.
    pub name: &'e str,
    /// The attribute, if one is named and literal.
    pub attribute: Option<&'e str>,
    /// Where it is written.
    pub span: Span,
    /// How.
    pub kind: ReferenceKind,
    /// The keys of maps on the way to it, outermost first; `Properties` itself is not among them.
    pub path: Vec<&'e str>,
}

/// Every reference in an expression, in the order of the text. Both branches of `Fn::If` count: CloudFormation orders resources by both.
pub fn references(expr: &Expr) -> impl Iterator<Item = Reference<'_>> {
    let mut found = Vec::new();
    collect(expr, &mut Vec::new(), &mut found);
    found.into_iter()
}

fn collect<'e>(expr: &'e Expr, path: &mut Vec<&'e str>, found: &mut Vec<Reference<'e>>) {
    match &expr.form {
        Form::Ref(name) => found.push(Reference {
            name: &name.value,
            attribute: None,
            span: expr.span,
            kind: ReferenceKind::Ref,
            path: path.clone(),
        }),
        Form::GetAtt(name, attribute) => found.push(Reference {
            name: &name.value,
            attribute: attribute.literal(),
            span: expr.span,
            kind: ReferenceKind::GetAtt,
            path: path.clone(),
        }),
        Form::Sub(pieces, variables) => {
            let is_variable = |name: &str| variables.iter().any(|(variable, _)| variable.value == name);
            for piece in pieces {
                let (name, attribute) = match piece {
                    SubPiece::Text(_) => continue,
                    SubPiece::Ref(name) if is_variable(&name.value) => continue,
                    SubPiece::Ref(name) => (name, None),
                    SubPiece::GetAtt(name, attribute) => (name, Some(attribute.as_ref())),
                };
                found.push(Reference {
                    name: &name.value,
                    attribute,
                    span: name.span,
                    kind: ReferenceKind::Sub,
                    path: path.clone(),
                });
            }
        }
        Form::Map(entries) => {
            for (name, value) in entries {
                path.push(&name.value);
                collect(value, path, found);
                path.pop();
            }
            return;
        }
        _ => {}
    }
    for part in expr.parts() {
        collect(part, path, found);
    }
}

impl Expr {
    /// The expressions directly inside this one: elements, values, arguments.
    #[must_use]
    pub fn parts(&self) -> Vec<&Expr> {
        match &self.form {
            Form::Null | Form::Literal(..) | Form::Ref(_) | Form::Opaque(_) => Vec::new(),
            Form::List(items) => items.iter().collect(),
            Form::Map(entries) | Form::Sub(_, entries) => entries.iter().map(|(_, value)| value).collect(),
            Form::GetAtt(_, attribute) => vec![attribute],
            Form::Join(a, b) | Form::Select(a, b) | Form::Split(a, b) | Form::If(_, a, b) => vec![a, b],
            Form::FindInMap(keys, default) => keys.iter().chain(default.as_deref()).collect(),
            Form::ImportValue(a) | Form::Base64(a) | Form::ToJsonString(a) | Form::Length(a) => vec![a],
            Form::GetStackOutput(output) => {
                [&output.stack, &output.output].into_iter().chain(&output.region).chain(&output.role).collect()
            }
            Form::Logic(logic) => match logic.as_ref() {
                Logic::And(parts) | Logic::Or(parts) => parts.iter().collect(),
                Logic::Not(part) => vec![part],
                Logic::Equals(a, b) | Logic::Contains(a, b) => vec![a, b],
                Logic::Condition(_) => Vec::new(),
            },
        }
    }

    /// This expression and every one inside it, outermost first.
    pub fn walk(&self) -> impl Iterator<Item = &Expr> {
        let mut open = vec![self];
        std::iter::from_fn(move || {
            let next = open.pop()?;
            open.extend(next.parts().into_iter().rev());
            Some(next)
        })
    }
}
