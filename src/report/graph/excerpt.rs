//! The lines of a place as they are written, with what is meant on each of them told apart.

use crate::source::{SourceFile, Sources, Span};
use serde::Serialize;
use std::num::NonZeroU32;

/// Most lines that are shown; the rest is counted.
const MOST_LINES: u32 = 40;
/// Most characters of what is meant on a line, and of what stands on each side of it: a template may be one line.
const MOST_MARKED: usize = 400;
const MOST_BESIDE: usize = 80;

/// What stands at a place.
#[derive(Debug, Serialize)]
pub(super) struct Excerpt {
    lines: Vec<Line>,
    /// How many lines more the place has.
    more: u32,
}

/// A line, from 1: what stands before the place, what in it, and what behind it. What is too long ends or begins with `…`.
#[derive(Debug, Serialize)]
struct Line {
    line: u32,
    before: String,
    marked: String,
    after: String,
}

pub(super) fn of(span: Span, sources: &Sources) -> Option<Excerpt> {
    let file = sources.file(span.file)?;
    let first = file.line(span.start).get();
    let last = file.line(span.end.saturating_sub(1).max(span.start)).get();
    let shown = last.min(first.saturating_add(MOST_LINES - 1));
    let lines: Vec<Line> = (first..=shown).filter_map(|number| line(file, span, number)).collect();
    Some(Excerpt { lines: dedented(lines), more: last - shown })
}

fn line(file: &SourceFile, span: Span, number: u32) -> Option<Line> {
    let whole = file.line_span(NonZeroU32::new(number)?);
    let from = span.start.clamp(whole.start, whole.end);
    let to = span.end.clamp(from, whole.end);
    let text = |start, end| file.text_of(Span { start, end, ..whole });
    // Indentation is no part of what is meant, even where a place goes on over it.
    let marked = text(from, to);
    let indent = if from == whole.start { marked.len() - marked.trim_start().len() } else { 0 };
    let (indent, marked) = marked.split_at_checked(indent).unwrap_or(("", marked));
    Some(Line {
        line: number,
        before: format!("{}{indent}", text(whole.start, from)),
        marked: start_of(marked, MOST_MARKED),
        after: start_of(text(to, whole.end), MOST_BESIDE),
    })
}

fn start_of(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn end_of(text: &str) -> String {
    match text.char_indices().rev().nth(MOST_BESIDE) {
        Some((at, ch)) => format!("…{}", text.get(at + ch.len_utf8()..).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Lines without the blanks that all of them begin with.
fn dedented(mut lines: Vec<Line>) -> Vec<Line> {
    let is_blank = |line: &&Line| line.before.trim().is_empty() && line.marked.is_empty() && line.after.is_empty();
    let blanks = |line: &Line| line.before.len() - line.before.trim_start_matches(' ').len();
    let indent = lines.iter().filter(|line| !is_blank(line)).map(blanks).min().unwrap_or(0);
    for line in &mut lines {
        line.before = end_of(line.before.get(indent..).unwrap_or_default());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn shown(text: &str, start: usize, end: usize) -> Vec<String> {
        let file = SourceFile::new(FileId(0), "a".to_owned(), text.to_owned());
        let excerpt = of(Span::new(FileId(0), start, end), &Sources::new(vec![file])).unwrap();
        let lines = excerpt.lines.iter();
        lines.map(|line| format!("{}:{}[{}]{}", line.line, line.before, line.marked, line.after)).collect()
    }

    #[test]
    fn what_is_meant_is_told_from_what_stands_beside_it() {
        assert_eq!(shown("a:\n    b: c # d\n", 10, 11), ["2:b: [c] # d"]);
        assert_eq!(shown("a:\n  - b: c\n    d: e\n  - f\n", 7, 20), ["2:- [b: c]", "3:  [d: e]"]);
    }

    #[test]
    fn a_line_of_a_megabyte_is_cut_on_both_sides() {
        let text = format!("{}é{}", "x".repeat(1000), "y".repeat(1000));
        let [line] = shown(&text, 1000, 1002).try_into().unwrap();
        assert_eq!(line, format!("1:…{}[é]{}…", "x".repeat(80), "y".repeat(80)));
        let [line] = shown(&text, 0, 1002).try_into().unwrap();
        assert!(line.starts_with("1:[x") && line.contains("x…]"), "{line}");
    }

    #[test]
    fn long_places_are_cut_and_counted() {
        let file = SourceFile::new(FileId(0), "a".to_owned(), "x\n".repeat(60));
        let excerpt = of(Span::new(FileId(0), 0, 120), &Sources::new(vec![file])).unwrap();
        assert_eq!((excerpt.lines.len(), excerpt.more), (40, 20));
    }
}
