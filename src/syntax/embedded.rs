//! A document that is written as the text of a scalar of another: its nodes get their places in the outer file.

use super::{Part, Tree, parse};
use crate::source::{SourceFile, Span};

/// Parses the text of a scalar that stands at `span` of `outer`. What could not be found again there has the place of the whole scalar.
#[must_use]
pub fn parse_embedded(outer: &SourceFile, span: Span, text: &str) -> Tree {
    let mut tree = parse(&SourceFile::new(outer.id, outer.path.clone(), text.to_owned()));
    let places = outer.text.get(span.range()).and_then(|written| aligned(written, text));
    let place = |part: Part| match &places {
        Some(places) => {
            let at = |offset: u32| places.get(offset as usize).map_or(span.end, |place| span.start + place);
            let start = at(part.start);
            Part { start, end: at(part.end).max(start) }
        }
        None => Part { start: span.start, end: span.end },
    };
    let moved = |span: &mut Span| {
        let part = place(Part { start: span.start, end: span.end });
        (span.start, span.end) = (part.start, part.end);
    };
    tree.nodes.iter_mut().for_each(|node| node.part = place(node.part));
    tree.tags.iter_mut().for_each(|tag| moved(&mut tag.span));
    tree.comments.iter_mut().for_each(|comment| moved(&mut comment.span));
    for twice in &mut tree.duplicates {
        moved(&mut twice.first);
        moved(&mut twice.again);
    }
    tree.problems.iter_mut().for_each(|problem| moved(&mut problem.span));
    tree
}

/// For each byte of a scalar's text where it is written, counted from the scalar's beginning: through indentation and escapes. None where the
/// two cannot be brought together.
fn aligned(written: &str, text: &str) -> Option<Vec<u32>> {
    let is_escaped = written.starts_with('"');
    let bytes = written.as_bytes();
    let mut at = usize::from(is_escaped || written.starts_with('\''));
    let mut places = Vec::with_capacity(text.len());
    for character in text.chars() {
        loop {
            let rest = written.get(at..)?;
            let here = u32::try_from(at).ok()?;
            let escaped = if is_escaped { escape(rest) } else { None };
            let length = match escaped {
                Some((meant, length)) if meant == character => length,
                // A line that is folded.
                Some(('\n', length)) if rest.starts_with("\\\n") || rest.starts_with("\\\r") => {
                    at += length;
                    continue;
                }
                Some(_) => return None,
                None if rest.starts_with(character) => character.len_utf8(),
                None if bytes.get(at).is_some_and(u8::is_ascii_whitespace) => {
                    at += 1;
                    continue;
                }
                None if character.is_whitespace() => 0,
                None => return None,
            };
            places.extend(std::iter::repeat_n(here, character.len_utf8()));
            at += length;
            break;
        }
    }
    // Where the text ends, what was written goes on with its closing quote.
    places.push(u32::try_from(at).ok()?);
    Some(places)
}

/// The character that an escape stands for, and its length as written.
fn escape(written: &str) -> Option<(char, usize)> {
    let mut characters = written.strip_prefix('\\')?.chars();
    let hexadecimal = |digits: usize| {
        let code = u32::from_str_radix(written.get(2..2 + digits)?, 16).ok()?;
        Some((char::from_u32(code)?, 2 + digits))
    };
    match characters.next()? {
        'n' => Some(('\n', 2)),
        't' => Some(('\t', 2)),
        'r' => Some(('\r', 2)),
        'x' => hexadecimal(2),
        'u' => hexadecimal(4),
        '\r' | '\n' => Some(('\n', 2)),
        other @ ('"' | '\\' | '/' | ' ') => Some((other, 2)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::syntax::Node;

    /// The place of `Type` and its value in a template that is the property `Body` of another.
    fn found(outer: &str) -> (String, String) {
        let file = SourceFile::new(FileId(3), "outer".to_owned(), outer.to_owned());
        let tree = parse(&file);
        let body = tree.root().and_then(|root| root.get("Body")).unwrap();
        let inner = parse_embedded(&file, body.span(), body.text().unwrap());
        assert_eq!(inner.problems, [], "{outer}");
        let key = inner.root().and_then(|root| root.get("Key")).unwrap();
        let text = |node: Node<'_>| outer[node.span().range()].to_owned();
        (text(key), text(key.get("Type").unwrap()))
    }

    #[test]
    fn nodes_have_their_places_in_the_outer_file() {
        let block = "Body: |\n    Key:\n      Type: A::B\n    Other: x\n";
        assert_eq!(found(block), ("Type: A::B".to_owned(), "A::B".to_owned()));
        let json = "{\"Body\": \"{\\\"Key\\\": {\\\"Type\\\": \\\"A::B\\\"}}\"}";
        assert_eq!(found(json).1, "\\\"A::B\\\"");
        let quoted = "Body: \"Key:\\n  Type: A::B # é\\n\"\n";
        assert_eq!(found(quoted).1, "A::B");
    }

    #[test]
    fn what_cannot_be_found_again_has_the_place_of_the_whole() {
        let outer = "Body: 'Key: { Type: \"A''B\" }'\n";
        let (key, value) = found(outer);
        assert_eq!((key.as_str(), value.as_str()), ("'Key: { Type: \"A''B\" }'", "'Key: { Type: \"A''B\" }'"));
    }
}
