//! Policy documents that are written as JSON text, perhaps with holes.

use super::Guarded;
use crate::resolve::{Cause, Guard, Piece, Resolved, Spanned, Symbol, Text, Value, Valued};
use crate::source::Span;

/// Characters that stand for the holes of a text while it is read as JSON: the first of a private-use plane.
const HOLES: std::ops::RangeInclusive<u32> = 0x000F_0000..=0x000F_FFFD;

/// A JSON value as a value without holes, wholly at `span`.
#[must_use]
pub fn valued(json: &serde_json::Value, span: Span) -> Valued {
    Reader { span, holes: &[] }.valued(json)
}

/// Reads JSON text; its holes stay symbols inside its strings.
pub(crate) fn read(text: &Text, span: Span) -> Result<Valued, Guarded<Cause>> {
    let fail = |why: String| Guarded { guard: Guard::ALWAYS, span, value: Cause { span, why } };
    let mut plain = String::new();
    let mut holes = Vec::new();
    for piece in text.pieces() {
        match piece {
            Piece::Literal(literal) if literal.chars().any(|c| HOLES.contains(&u32::from(c))) => {
                return Err(fail("the policy document holds private-use characters".to_owned()));
            }
            Piece::Literal(literal) => plain.push_str(literal),
            Piece::Symbol(symbol) => {
                let mark =
                    u32::try_from(holes.len()).ok().and_then(|at| char::from_u32(HOLES.start().checked_add(at)?));
                let mark = mark.filter(|mark| HOLES.contains(&u32::from(*mark)));
                plain.push(mark.ok_or_else(|| fail("the policy document has too many holes".to_owned()))?);
                holes.push(symbol);
            }
        }
    }
    if let [Symbol::Parameter(..) | Symbol::Derived(_) | Symbol::Import(_) | Symbol::Dynamic(_)] = holes.as_slice()
        && plain.chars().count() == 1
    {
        return Err(fail(format!("the policy document is `{text}`, which is not in view")));
    }
    match serde_json::from_str::<serde_json::Value>(&plain) {
        Ok(json) => Ok(Reader { span, holes: &holes }.valued(&json)),
        Err(error) => Err(fail(format!("the policy document is text that is no JSON ({error})"))),
    }
}

struct Reader<'t> {
    span: Span,
    holes: &'t [&'t Symbol],
}

impl Reader<'_> {
    fn valued(&self, json: &serde_json::Value) -> Valued {
        use serde_json::Value as Json;
        let value = match json {
            Json::Null => Value::Null,
            Json::Bool(bool) => Value::Text(Text::literal(if *bool { "true" } else { "false" })),
            Json::Number(number) => Value::Text(Text::literal(&number.to_string())),
            Json::String(text) => Value::Text(self.text(text)),
            Json::Array(items) => Value::List(items.iter().map(|item| self.valued(item)).collect()),
            Json::Object(entries) => Value::Map(
                entries
                    .iter()
                    .map(|(key, value)| (Spanned::new(key.clone(), self.span), self.entry(key, value)))
                    .collect(),
            ),
        };
        Valued { span: self.span, value: Resolved::Known(value) }
    }

    /// The value of an entry; unknown where its key has a hole, as keys are plain text.
    fn entry(&self, key: &str, value: &serde_json::Value) -> Valued {
        if !self.holes.is_empty() && key.chars().any(|c| HOLES.contains(&u32::from(c))) {
            let why = "a key of the policy document is not known from here".to_owned();
            let value = Resolved::Known(Value::Unknown(Cause { span: self.span, why }));
            return Valued { span: self.span, value };
        }
        self.valued(value)
    }

    /// Text with its holes put back.
    fn text(&self, text: &str) -> Text {
        if self.holes.is_empty() {
            return Text::literal(text);
        }
        let mut whole = Text::default();
        let mut literal = String::new();
        for character in text.chars() {
            let at = u32::from(character).checked_sub(*HOLES.start()).and_then(|at| usize::try_from(at).ok());
            let Some(symbol) = at.and_then(|at| self.holes.get(at)) else {
                literal.push(character);
                continue;
            };
            whole.push_str(&literal);
            literal.clear();
            whole.push(&Text::symbol((*symbol).clone()));
        }
        whole.push_str(&literal);
        whole
    }
}
