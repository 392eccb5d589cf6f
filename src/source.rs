//! Files as bytes and lines: the only place that turns a byte offset into a line and a column.

use std::num::NonZeroU32;
use std::sync::OnceLock;

/// One file of a run: an index into [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A range of bytes of one file, end exclusive. Offsets count from the first byte of the text after a BOM was taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span of `file` from byte `start` to byte `end` (exclusive).
    #[must_use]
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { file, start: clamp(start), end: clamp(end.max(start)) }
    }

    /// Whether `other` lies inside this span (both ends may coincide).
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }

    /// The range as indices into the text.
    #[must_use]
    pub fn range(&self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A value together with the bytes that say it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it is written.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Joins a value and its place.
    pub const fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// A place for people and for formats: line and column, both from 1. Columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: NonZeroU32,
    /// Column in characters, from 1.
    pub column: NonZeroU32,
}

/// A file that was read: its path as reported, its text without a BOM.
#[derive(Debug)]
pub struct SourceFile {
    /// This file's id.
    pub id: FileId,
    /// Path as shown: relative to the root, with `/`.
    pub path: String,
    /// The text, without a byte order mark.
    pub text: String,
    lines: OnceLock<Vec<u32>>,
}

impl SourceFile {
    /// A file with its reported path and text; a leading byte order mark is taken off.
    #[must_use]
    pub fn new(id: FileId, path: String, text: String) -> Self {
        let text = match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        };
        Self { id, path, text, lines: OnceLock::new() }
    }

    /// Byte offsets at which the lines begin. A line ends with LF, CRLF or a lone CR.
    fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let bytes = self.text.as_bytes();
            let mut starts = vec![0];
            for (at, byte) in bytes.iter().enumerate() {
                let ends_line = *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
                if ends_line {
                    starts.push(u32::try_from(at + 1).unwrap_or(u32::MAX));
                }
            }
            starts
        })
    }

    /// Zero-based line of a byte offset, and the offset at which that line begins.
    fn line_of(&self, offset: u32) -> (usize, usize) {
        let starts = self.line_starts();
        let line = starts.partition_point(|start| *start <= offset).saturating_sub(1);
        (line, starts.get(line).copied().unwrap_or(0) as usize)
    }

    /// The text between two offsets; empty where they do not fall on character boundaries.
    fn slice(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end.min(self.text.len())).unwrap_or("")
    }

    /// The bytes of a line before an offset.
    fn before(&self, start: usize, offset: u32) -> &[u8] {
        self.text.as_bytes().get(start..self.text.len().min(offset as usize)).unwrap_or(&[])
    }

    /// Line and column (in characters) of a byte offset; an offset past the end is the end.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let (line, start) = self.line_of(offset);
        let column = self.before(start, offset).iter().filter(|byte| begins_character(**byte)).count();
        Position { line: one_based(line), column: one_based(column) }
    }

    /// Line and column of a byte offset, the column in UTF-16 code units (SARIF's `utf16CodeUnits`).
    #[must_use]
    pub fn position_utf16(&self, offset: u32) -> Position {
        let (line, start) = self.line_of(offset);
        let column = self.before(start, offset).iter().map(|byte| utf16_units(*byte)).sum();
        Position { line: one_based(line), column: one_based(column) }
    }

    /// The line of a byte offset, from 1.
    #[must_use]
    pub fn line(&self, offset: u32) -> NonZeroU32 {
        one_based(self.line_of(offset).0)
    }

    /// Number of lines; a last line without a line break counts, nothing behind a last line break does not.
    #[must_use]
    pub fn line_count(&self) -> usize {
        let starts = self.line_starts();
        let ends_with_break = starts.last().is_some_and(|start| *start as usize == self.text.len());
        starts.len() - usize::from(ends_with_break)
    }

    /// The span of a line (counted from 1), without its line break; empty past the end.
    #[must_use]
    pub fn line_span(&self, line: NonZeroU32) -> Span {
        let starts = self.line_starts();
        let index = line.get() as usize - 1;
        let start = starts.get(index).map_or(self.text.len(), |s| *s as usize);
        let end = starts.get(index + 1).map_or(self.text.len(), |s| *s as usize);
        let text = self.slice(start, end);
        Span::new(self.id, start, start + text.trim_end_matches(['\n', '\r']).len())
    }

    /// The text under a span of this file.
    #[must_use]
    pub fn text_of(&self, span: Span) -> &str {
        self.slice(span.start as usize, span.end as usize)
    }
}

/// Whether a byte of UTF-8 is the first of a character.
const fn begins_character(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

/// The UTF-16 code units of the character that a byte of UTF-8 begins; 0 for the bytes that follow.
const fn utf16_units(byte: u8) -> usize {
    match byte {
        0x80..=0xBF => 0,
        0xF0.. => 2,
        _ => 1,
    }
}

fn one_based(index: usize) -> NonZeroU32 {
    let number = u32::try_from(index).unwrap_or(u32::MAX - 1).saturating_add(1);
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

/// All files of a run, in the order of their paths.
#[derive(Debug, Default)]
pub struct Sources(Vec<SourceFile>);

impl Sources {
    /// The files, which must be numbered from 0 in this order.
    #[must_use]
    pub fn new(files: Vec<SourceFile>) -> Self {
        Self(files)
    }

    /// The file with this id, if it is one of this run.
    #[must_use]
    pub fn file(&self, id: FileId) -> Option<&SourceFile> {
        self.0.get(id.0 as usize)
    }

    /// All files, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &SourceFile> {
        self.0.iter()
    }

    /// The text under a span.
    #[must_use]
    pub fn text_of(&self, span: Span) -> &str {
        self.file(span.file).map_or("", |file| file.text_of(span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> SourceFile {
        SourceFile::new(FileId(3), "a.yaml".to_owned(), text.to_owned())
    }

    fn place(position: Position) -> (u32, u32) {
        (position.line.get(), position.column.get())
    }

    fn line(number: u32) -> NonZeroU32 {
        NonZeroU32::new(number).expect("a line number")
    }

    #[test]
    fn lines_end_with_any_line_break() {
        let file = file("a\nb\r\nc\rd");
        let lines: Vec<_> = (1..=4).map(|number| file.text_of(file.line_span(line(number)))).collect();
        assert_eq!(lines, ["a", "b", "c", "d"]);
        assert_eq!(file.line_count(), 4);
        assert_eq!(place(file.position(7)), (4, 1));
        assert_eq!(place(file.position(4)), (2, 3));
    }

    #[test]
    fn a_last_line_break_begins_no_line() {
        let counts = ["", "a", "a\n", "a\n\n", "a\r\n", "\n"].map(|text| file(text).line_count());
        assert_eq!(counts, [0, 1, 1, 2, 1, 1]);
    }

    #[test]
    fn columns_count_characters_or_utf_16_units() {
        let file = file("é🔑x");
        let columns: Vec<_> = [0, 2, 6, 7].iter().map(|offset| place(file.position(*offset)).1).collect();
        assert_eq!(columns, [1, 2, 3, 4]);
        let columns: Vec<_> = [0, 2, 6, 7].iter().map(|offset| place(file.position_utf16(*offset)).1).collect();
        assert_eq!(columns, [1, 2, 4, 5]);
    }

    #[test]
    fn places_past_the_end_are_the_end() {
        let file = file("a\nbc");
        assert_eq!(place(file.position(u32::MAX)), (2, 3));
        assert_eq!(file.line_span(line(9)), Span::new(FileId(3), 4, 4));
        assert_eq!(file.text_of(Span::new(FileId(3), 2, 99)), "bc");
    }

    #[test]
    fn a_byte_order_mark_is_taken_off_once() {
        assert_eq!(file("\u{feff}a").text, "a");
        assert_eq!(file("\u{feff}\u{feff}a").text, "\u{feff}a");
    }

    #[test]
    fn spans_hold_spans_of_their_own_file() {
        let span = |file, start, end| Span::new(FileId(file), start, end);
        assert!(span(0, 2, 6).contains(&span(0, 2, 6)));
        assert!(span(0, 2, 6).contains(&span(0, 4, 4)));
        assert!(!span(0, 2, 6).contains(&span(0, 4, 7)));
        assert!(!span(0, 2, 6).contains(&span(1, 3, 4)));
        assert_eq!(span(0, 5, 3), span(0, 5, 5));
    }
}
