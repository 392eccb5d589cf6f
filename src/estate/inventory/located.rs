//! JSON with places: what evidence about an inventory points to.

use crate::resolve::{Resolved, Spanned, Text, Value, Valued};
use crate::source::{FileId, SourceFile, Span};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::num::NonZeroU32;

/// A JSON value of an inventory file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Located<'t> {
    text: &'t str,
    /// Where it is written.
    pub(super) span: Span,
}

/// The entries of an object in their order, doubled ones too.
struct Entries<'t>(Vec<(String, &'t RawValue)>);

impl<'de: 't, 't> Deserialize<'de> for Entries<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_map(Object).map(Self)
    }
}

/// The values that stand one after the other in a file, and where it is no JSON: the reason.
pub(super) fn values(file: &SourceFile) -> (Vec<Located<'_>>, Option<(Span, String)>) {
    let whole = Located { text: &file.text, span: Span::new(file.id, 0, file.text.len()) };
    let mut found = Vec::new();
    for value in serde_json::Deserializer::from_str(&file.text).into_iter::<&RawValue>() {
        match value {
            Ok(value) => found.push(whole.inner(value)),
            Err(error) => return (found, Some((place_of(&error, file), reason(&error)))),
        }
    }
    (found, None)
}

fn place_of(error: &serde_json::Error, file: &SourceFile) -> Span {
    let line = u32::try_from(error.line()).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
    let line = file.line_span(line);
    let at = (line.start as usize + error.column().saturating_sub(1)).min(line.end as usize);
    Span::new(file.id, at, line.end as usize)
}

/// What a JSON parser says, without the place.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_lowercase()
}

impl<'t> Located<'t> {
    /// A value inside this one.
    fn inner(&self, raw: &'t RawValue) -> Self {
        let text = raw.get();
        let offset = (text.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let start = self.span.start as usize + offset;
        Self { text, span: Span::new(self.span.file, start, start + text.len()) }
    }

    /// The entries, if it is an object.
    pub(super) fn entries(&self) -> Option<Vec<(String, Self)>> {
        let Entries(entries) = serde_json::from_str(self.text).ok()?;
        Some(entries.into_iter().map(|(key, value)| (key, self.inner(value))).collect())
    }

    /// The items, if it is an array.
    pub(super) fn items(&self) -> Option<Vec<Self>> {
        let items: Vec<&RawValue> = serde_json::from_str(self.text).ok()?;
        Some(items.into_iter().map(|item| self.inner(item)).collect())
    }

    /// The text, if it is a string.
    pub(super) fn text(&self) -> Option<String> {
        serde_json::from_str(self.text).ok()
    }

    /// The truth value, if it is one.
    pub(super) fn truth(&self) -> Option<bool> {
        serde_json::from_str(self.text).ok()
    }

    /// The number, if it is a whole one that is not negative.
    pub(super) fn number(&self) -> Option<u32> {
        serde_json::from_str(self.text).ok()
    }

    /// Whether it is `null`.
    pub(super) fn is_null(&self) -> bool {
        self.text == "null"
    }

    /// The value without places: of a string that holds JSON, what it holds.
    pub(super) fn plain(&self) -> Option<serde_json::Value> {
        match serde_json::from_str(self.text).ok()? {
            serde_json::Value::String(text) => serde_json::from_str(&text).ok(),
            other => Some(other),
        }
    }

    /// The value with the place of each of its parts; a key stands where its value does. A string that holds JSON is what it holds.
    pub(super) fn document(&self) -> Valued {
        let Some(inner) = Unescaped::of(self) else { return self.valued(&|span| span) };
        let text = Located { text: &inner.text, span: Span::new(self.span.file, 0, inner.text.len()) };
        text.valued(&|span| inner.written(span))
    }

    fn valued(&self, place: &dyn Fn(Span) -> Span) -> Valued {
        let value = if let Some(entries) = self.entries() {
            let entry =
                |(key, value): &(String, Self)| (Spanned::new(key.clone(), place(value.span)), value.valued(place));
            Value::Map(entries.iter().map(entry).collect())
        } else if let Some(items) = self.items() {
            Value::List(items.iter().map(|item| item.valued(place)).collect())
        } else if self.is_null() {
            Value::Null
        } else {
            Value::Text(Text::literal(&self.text().unwrap_or_else(|| self.text.to_owned())))
        };
        Valued { span: place(self.span), value: Resolved::Known(value) }
    }
}

/// The JSON in a string, with the place of each of its characters.
struct Unescaped {
    file: FileId,
    text: String,
    /// Offsets in `text` and in the file at which something begins, ascending in both.
    offsets: Vec<(usize, usize)>,
}

impl Unescaped {
    /// The text of a string; none for any other value.
    fn of(value: &Located<'_>) -> Option<Self> {
        let text = value.text()?.trim_end().to_owned();
        let mut offsets = Vec::new();
        let mut written = value.text.char_indices().skip(1);
        let mut at = 0;
        while let (true, Some((raw, character))) = (at < text.len(), written.next()) {
            offsets.push((at, value.span.start as usize + raw));
            let escape = if character == '\\' { written.next() } else { None };
            at += match escape {
                Some((_, 'u')) => {
                    let (units, skip) = unicode(value.text.get(raw..).unwrap_or_default());
                    (0..skip).for_each(|_| _ = written.next());
                    units
                }
                Some(_) => 1,
                None => character.len_utf8(),
            };
        }
        Some(Self { file: value.span.file, text, offsets })
    }

    /// Where a span of the text is written.
    fn written(&self, span: Span) -> Span {
        let at = |offset: u32| {
            let after = self.offsets.partition_point(|(own, _)| *own <= offset as usize);
            self.offsets.get(after.saturating_sub(1)).map_or(0, |(_, written)| *written)
        };
        // The last character ends where the next one begins.
        let last = at(span.end.saturating_sub(1).max(span.start));
        let next = self.offsets.get(self.offsets.partition_point(|(_, written)| *written <= last));
        Span::new(self.file, at(span.start), next.map_or(last + 1, |(_, written)| *written))
    }
}

/// The bytes of UTF-8 that an escape `\u…` stands for, with how many characters follow after the `u`.
fn unicode(escape: &str) -> (usize, usize) {
    let unit = |from: usize| escape.get(from..from + 4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    match unit(2) {
        Some(0xD800..=0xDBFF) => (4, 10),
        Some(code) => (char::from_u32(code).map_or(3, char::len_utf8), 4),
        None => (3, 4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_in_an_escaped_string_knows_its_place() {
        let text = r#"[{"Policy": "{\n \"a\": \"\u00e9\ud83d\udd11\", \"b\": [\"x\"] }\n"}]"#;
        let file = SourceFile::new(FileId(0), "a.json".to_owned(), text.to_owned());
        let (found, problem) = values(&file);
        assert!(problem.is_none());
        let policy = found[0].items().unwrap()[0].entries().unwrap()[0].1;
        let document = policy.document();
        let Some(Value::Map(entries)) = document.value.known() else { panic!("{document:?}") };
        let written: Vec<&str> = entries.iter().map(|(_, value)| file.text_of(value.span)).collect();
        assert_eq!(written, [r#"\"\u00e9\ud83d\udd11\""#, r#"[\"x\"]"#]);
        assert_eq!(file.text_of(document.span), r#"{\n \"a\": \"\u00e9\ud83d\udd11\", \"b\": [\"x\"] }"#);
    }

    #[test]
    fn values_follow_each_other_until_one_is_broken() {
        let file = SourceFile::new(FileId(0), "a.json".to_owned(), "{} [1]\n{\"a\": tru}\n".to_owned());
        let (found, problem) = values(&file);
        assert_eq!(found.len(), 2);
        let (span, reason) = problem.unwrap();
        assert_eq!(file.line(span.start).get(), 2);
        assert_eq!(reason, "expected ident");
    }
}
