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

    /// Line and column (in characters) of a byte offset.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let (line, start) = self.line_of(offset);
        let column = self.slice(start, offset as usize).chars().count();
        Position { line: one_based(line), column: one_based(column) }
    }

    /// Line and column of a byte offset, the column in UTF-16 code units (SARIF's `utf16CodeUnits`).
    #[must_use]
    pub fn position_utf16(&self, offset: u32) -> Position {
        let (line, start) = self.line_of(offset);
        let column = self.slice(start, offset as usize).encode_utf16().count();
        Position { line: one_based(line), column: one_based(column) }
    }

    /// Number of lines; a last line without a line break counts.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.line_starts().len()
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
