//! `Fn::ToJsonString`.

use super::eval::{Cases, Eval, Texts, always, too_many, value_texts};
use super::{Cause, Piece, Text, Value, Valued};
use crate::source::Span;
use crate::syntax::{Plain, Style, plain};
use crate::template::{Expr, Form};

/// JSON of one value; none where it is absent.
type Json = Option<Result<Text, Cause>>;

impl Eval<'_> {
    /// JSON text, with holes where symbols stand in strings.
    pub(super) fn to_json(&self, expr: &Expr) -> Texts {
        let absent = || Err(Cause { span: expr.span, why: "`AWS::NoValue` has no JSON".to_owned() });
        self.json(expr).into_iter().map(|(guard, json)| (guard, json.unwrap_or_else(absent))).collect()
    }

    fn json(&self, expr: &Expr) -> Cases<Json> {
        let span = expr.span;
        match &expr.form {
            Form::Literal(text, Style::Plain) => always(Some(Ok(scalar(text)))),
            Form::List(items) => {
                let items = items.iter().map(|item| (String::new(), self.json(item)));
                self.assembled("[", items, "]", span)
            }
            Form::Map(entries) => {
                let entries = entries.iter().map(|(name, value)| (key(&name.value), self.json(value)));
                self.assembled("{", entries, "}", span)
            }
            Form::If(condition, yes, no) => self.choose(condition, yes, no, Self::json),
            _ => {
                let cases = self.cases(expr);
                self.then(&cases, |eval, value| eval.json_of(value, span)).unwrap_or_else(|| overflow(span))
            }
        }
    }

    /// JSON of a value that comes from elsewhere: whether a scalar was a number is lost, so it is a string.
    fn json_of(&self, value: &Value, span: Span) -> Cases<Json> {
        let of_valued = |valued: &Valued| {
            let cases = self.admitted(&valued.value);
            self.then(&cases, |eval, value| eval.json_of(value, valued.span)).unwrap_or_else(|| overflow(span))
        };
        match value {
            Value::Absent => always(None),
            Value::Null => always(Some(Ok(Text::literal("null")))),
            Value::Text(text) => always(Some(Ok(string(text)))),
            Value::List(items) => {
                self.assembled("[", items.iter().map(|item| (String::new(), of_valued(item))), "]", span)
            }
            Value::Map(entries) => {
                self.assembled("{", entries.iter().map(|(name, value)| (key(&name.value), of_valued(value))), "}", span)
            }
            Value::Unknown(cause) => always(Some(Err(cause.clone()))),
        }
    }

    fn assembled(
        &self,
        open: &str,
        parts: impl Iterator<Item = (String, Cases<Json>)>,
        close: &str,
        span: Span,
    ) -> Cases<Json> {
        let mut all: Texts = always(Ok(Text::literal(open)));
        for (prefix, part) in parts {
            let Some(longer) = self.then(&all, |_, before| {
                part.iter().map(|(guard, json)| (guard.clone(), appended(before, open, &prefix, json))).collect()
            }) else {
                return overflow(span);
            };
            all = longer;
        }
        let closed = |text: Result<Text, Cause>| {
            text.map(|mut text| {
                text.push_str(close);
                text
            })
        };
        all.into_iter().map(|(guard, text)| (guard, Some(closed(text)))).collect()
    }
}

fn appended(before: &Result<Text, Cause>, open: &str, prefix: &str, json: &Json) -> Result<Text, Cause> {
    let Some(json) = json else { return before.clone() };
    let mut text = before.clone()?;
    if text.as_literal() != Some(open) {
        text.push_str(",");
    }
    text.push_str(prefix);
    text.push(json.as_ref().map_err(Clone::clone)?);
    Ok(text)
}

fn overflow(span: Span) -> Cases<Json> {
    value_texts(too_many(span), span).into_iter().map(|(guard, text)| (guard, Some(text))).collect()
}

fn key(name: &str) -> String {
    format!("{}:", quoted(name))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A scalar without quotes: a number and a truth value stay what they are.
fn scalar(text: &str) -> Text {
    match plain(text) {
        Plain::Null => Text::literal("null"),
        Plain::Bool(yes) => Text::literal(&yes.to_string()),
        Plain::Int(number) => Text::literal(&number.to_string()),
        Plain::Float(_) if serde_json::from_str::<serde_json::Number>(text).is_ok() => Text::literal(text),
        Plain::Float(_) | Plain::Text => string(&Text::literal(text).with_dynamic_references()),
    }
}

fn string(text: &Text) -> Text {
    let mut json = Text::literal("\"");
    for piece in text.pieces() {
        match piece {
            Piece::Literal(literal) => {
                let quoted = quoted(literal);
                let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
                json.push_str(inner.unwrap_or(&quoted));
            }
            Piece::Symbol(symbol) => json.push(&Text::symbol(symbol.clone())),
        }
    }
    json.push_str("\"");
    json
}
