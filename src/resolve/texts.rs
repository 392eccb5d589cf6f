//! Functions that make text of texts.

use super::eval::{Cases, Eval, Texts, always, text_of, text_values, too_many, value_texts};
use super::lists::Listing;
use super::{Cause, Symbol, Text, Value};
use crate::source::Span;
use crate::template::{Expr, Name, SubPiece};

impl Eval<'_> {
    /// One text after the other in each deployment.
    pub(super) fn concatenated(&self, parts: impl Iterator<Item = Texts>, span: Span) -> Texts {
        let mut all: Texts = always(Ok(Text::default()));
        for part in parts {
            let Some(longer) = self.then(&all, |_, before| match before {
                Ok(before) => part.iter().map(|(guard, text)| (guard.clone(), appended(before, text))).collect(),
                Err(cause) => always(Err(cause.clone())),
            }) else {
                return value_texts(too_many(span), span);
            };
            all = longer;
        }
        all.into_iter().map(|(guard, text)| (guard, text.map(|text| self.looked_up(text)))).collect()
    }

    pub(super) fn sub(&self, pieces: &[SubPiece], variables: &[(Name, Expr)], span: Span) -> Texts {
        let parts = pieces.iter().map(|piece| match piece {
            SubPiece::Text(text) => always(Ok(Text::literal(text))),
            SubPiece::Ref(name) => match variables.iter().find(|(variable, _)| variable.value == name.value) {
                Some((_, value)) => self.texts(value),
                None => value_texts(self.reference(&name.value, name.span), name.span),
            },
            SubPiece::GetAtt(name, attribute) => {
                value_texts(self.attribute(&name.value, attribute, name.span), name.span)
            }
        });
        self.concatenated(parts, span)
    }

    pub(super) fn join(&self, delimiter: &Expr, list: &Expr, span: Span) -> Cases<Value> {
        self.then_values(&self.texts(delimiter), span, |eval, delimiter| {
            let delimiter = match delimiter {
                Ok(delimiter) => delimiter,
                Err(cause) => return always(Value::Unknown(cause.clone())),
            };
            eval.then_values(&eval.list(list), span, |eval, list| match list {
                Listing::Elements(elements) => text_values(eval.joined(delimiter, elements, span)),
                Listing::Split(by, text) if delimiter.as_literal() == Some(by) => always(Value::Text(text.clone())),
                Listing::Split(..) | Listing::Opaque(_) => {
                    let derived = format!("${{join `{}` of {}}}", delimiter.canonical(), list.canonical());
                    always(Value::Text(Text::symbol(Symbol::Derived(derived))))
                }
                Listing::Unknown(cause) => always(Value::Unknown(cause.clone())),
            })
        })
    }

    /// Joins the elements that are there.
    fn joined(&self, delimiter: &Text, elements: &[super::Valued], span: Span) -> Texts {
        let Some(present) = self.present(elements) else { return value_texts(too_many(span), span) };
        let joined = self.then(&present, |eval, elements| {
            let parts = elements.iter().enumerate().flat_map(|(index, element)| {
                let cases = eval.admitted(&element.value);
                let before = if index == 0 { None } else { Some(always(Ok(delimiter.clone()))) };
                let texts = cases.into_iter().map(|(guard, value)| (guard, text_of(value, element.span))).collect();
                before.into_iter().chain(std::iter::once(texts))
            });
            eval.concatenated(parts, span)
        });
        joined.unwrap_or_else(|| value_texts(too_many(span), span))
    }
}

fn appended(before: &Text, text: &Result<Text, Cause>) -> Result<Text, Cause> {
    let mut all = before.clone();
    all.push(text.as_ref().map_err(Clone::clone)?);
    Ok(all)
}
