//! A statement as it is written, with the numbers of its lines.

use super::super::{Style, plain};
use crate::source::{SourceFile, Span};
use std::num::NonZeroU32;

/// Longer statements are told in a line instead.
const LINES: u32 = 8;

/// The lines of a span without their common indentation; none where they are too many.
pub(super) fn lines(file: &SourceFile, span: Span, style: &Style, columns: usize) -> Option<Vec<(u32, String)>> {
    let first = file.line(span.start).get();
    let last = file.line(span.end.saturating_sub(1).max(span.start)).get();
    if last - first >= LINES {
        return None;
    }
    let lines: Vec<(u32, String)> =
        (first..=last).filter_map(|number| Some((number, line(file, span, number)?))).collect();
    let written = || lines.iter().filter(|(_, text)| !text.trim().is_empty());
    let indent = written().map(|(_, text)| text.len() - text.trim_start_matches(' ').len()).min().unwrap_or(0);
    let shown = written().map(|(number, text)| (*number, cut(text.get(indent..).unwrap_or(""), style, columns)));
    Some(shown.collect())
}

/// What of a line lies in the span, at its own column.
fn line(file: &SourceFile, span: Span, number: u32) -> Option<String> {
    let whole = file.line_span(NonZeroU32::new(number)?);
    let (start, end) = (whole.start.max(span.start), whole.end.min(span.end));
    let text = file.text_of(Span { start, end: end.max(start), ..whole });
    Some(format!("{}{text}", " ".repeat((start - whole.start) as usize)))
}

/// A safe line of at most these columns.
fn cut(text: &str, style: &Style, columns: usize) -> String {
    let safe = plain::line(text);
    if plain::width(&safe) <= columns {
        return safe;
    }
    let ellipsis = if style.ascii { "..." } else { "…" };
    let mut shown = String::new();
    let mut used = plain::width(ellipsis);
    for ch in safe.chars() {
        used += plain::width_of(ch);
        if used > columns {
            break;
        }
        shown.push(ch);
    }
    shown + ellipsis
}
