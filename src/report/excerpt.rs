//! What of the files is drawn under a finding: the labelled lines alone, safe for a terminal, long ones cut to a window around their labels.
//!
//! Line numbers stay true, as lines that are not shown are kept empty. Columns do not, so places are named from the files themselves.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::ops::Range;

use super::plain;
use crate::source::{SourceFile, Sources, Span};

/// Most lines of one label that are shown; of a longer one its first line stands for all.
const LINES: u32 = 6;

/// A label that is to be drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    /// Where.
    pub(super) span: Span,
    /// What to say there.
    pub(super) text: &'a str,
    /// Whether it is where the finding stands.
    pub(super) primary: bool,
}

/// The lines of one file.
#[derive(Debug)]
pub(super) struct Shown<'a> {
    /// The file.
    pub(super) file: &'a SourceFile,
    /// Offset of the place that stands for the file: the finding's, else that of its topmost label.
    pub(super) at: u32,
    /// The text to draw.
    pub(super) text: String,
    /// The labels, and the lines without one that are shown too, by their last lines.
    pub(super) marks: Vec<Mark<'a>>,
}

/// A label in the text to draw.
#[derive(Debug)]
pub(super) struct Mark<'a> {
    /// Its bytes in that text.
    pub(super) range: Range<usize>,
    /// What it says; none where the line is only shown.
    pub(super) label: Option<Wanted<'a>>,
}

/// The excerpts of the files that the labels name, in the order in which they name them. `columns` are what a line of text may take.
pub(super) fn excerpts<'a>(wanted: &[Wanted<'a>], sources: &'a Sources, columns: usize, ascii: bool) -> Vec<Shown<'a>> {
    let mut files: Vec<(&SourceFile, Vec<Wanted<'a>>)> = Vec::new();
    for label in wanted {
        let Some(file) = sources.file(label.span.file) else { continue };
        match files.iter_mut().find(|(known, _)| known.id == file.id) {
            Some((_, labels)) => labels.push(*label),
            None => files.push((file, vec![*label])),
        }
    }
    let ellipsis = if ascii { "..." } else { "…" };
    files.into_iter().map(|(file, labels)| Drawing::new(file, columns, ellipsis).excerpt(labels)).collect()
}

/// The text under construction.
struct Drawing<'a> {
    file: &'a SourceFile,
    columns: usize,
    ellipsis: &'static str,
    text: String,
    /// Offsets in the file and in `text` of each character that is shown, ascending in both.
    offsets: Vec<(usize, usize)>,
    /// The line that `text` has reached, from 1.
    line: u32,
    /// Bytes of indentation that are left out of every line, so that long lines need not be cut.
    indent: usize,
}

impl<'a> Drawing<'a> {
    fn new(file: &'a SourceFile, columns: usize, ellipsis: &'static str) -> Self {
        Self { file, columns, ellipsis, text: String::new(), offsets: Vec::new(), line: 1, indent: 0 }
    }

    fn excerpt(mut self, labels: Vec<Wanted<'a>>) -> Shown<'a> {
        let at = labels.iter().find(|label| label.primary).map(|label| label.span.start);
        let topmost = labels.iter().map(|label| label.span.start).min().unwrap_or(0);
        let mut lines: BTreeMap<NonZeroU32, Vec<Range<usize>>> = BTreeMap::new();
        let ranges: Vec<_> =
            labels.into_iter().map(|label| (self.shown_range(label.span, &mut lines), label)).collect();
        self.indent = self.needless_indent(lines.keys());
        let mut marks: Vec<(u32, Mark<'a>)> = Vec::new();
        for (line, labelled) in &lines {
            marks.push((line.get(), Mark { range: self.draw_line(*line, labelled), label: None }));
        }
        for (range, label) in ranges {
            let last = self.last_line(range.start, range.end).get();
            marks.retain(|(line, mark)| *line != last || mark.label.is_some());
            let start = self.drawn(range.start);
            marks.push((last, Mark { range: start..self.drawn(range.end).max(start), label: Some(label) }));
        }
        marks.sort_by_key(|(line, mark)| (*line, mark.range.start));
        let marks = marks.into_iter().map(|(_, mark)| mark).collect();
        Shown { file: self.file, at: at.unwrap_or(topmost), text: self.text, marks }
    }

    /// The line of the last byte of a range.
    fn last_line(&self, start: usize, end: usize) -> NonZeroU32 {
        self.file.line(u32::try_from(end.saturating_sub(1).max(start)).unwrap_or(u32::MAX))
    }

    /// The part of a span that is drawn; its lines are noted with the bytes that must stay in view.
    fn shown_range(&self, span: Span, lines: &mut BTreeMap<NonZeroU32, Vec<Range<usize>>>) -> Range<usize> {
        let (first, last) = (self.file.line(span.start), self.last_line(span.start as usize, span.end as usize));
        let whole = last.get() - first.get() < LINES;
        let last = if whole { last } else { first };
        let mut end = span.start as usize;
        for line in first.get()..=last.get() {
            let Some(line) = NonZeroU32::new(line) else { continue };
            let text = self.file.line_span(line).range();
            let from = text.start.max(span.start as usize).min(text.end);
            end = text.end.min(span.end as usize).max(from);
            lines.entry(line).or_default().push(from..end);
        }
        span.start as usize..end.max(span.start as usize)
    }

    /// The indentation that all lines share, if one of them is too long.
    fn needless_indent<'l>(&self, lines: impl Iterator<Item = &'l NonZeroU32>) -> usize {
        let texts: Vec<_> = lines.map(|line| self.file.text_of(self.file.line_span(*line))).collect();
        if texts.iter().all(|line| fits(line, self.columns)) {
            return 0;
        }
        let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
        texts.into_iter().map(indent).min().unwrap_or(0)
    }

    /// Appends one line, cut where it is too long, and returns its place in the text.
    fn draw_line(&mut self, number: NonZeroU32, labelled: &[Range<usize>]) -> Range<usize> {
        while self.line < number.get() {
            self.text.push('\n');
            self.line += 1;
        }
        let begin = self.text.len();
        let mut whole = self.file.line_span(number).range();
        whole.start += self.indent;
        let line = self.file.text.get(whole.clone()).unwrap_or("");
        let within = |at: usize| at.saturating_sub(whole.start);
        let inside: Vec<_> = labelled.iter().map(|range| within(range.start)..within(range.end)).collect();
        let mut seen = 0;
        for window in windows(line, &inside, self.columns) {
            if !line.get(seen..window.start).unwrap_or("").trim().is_empty() {
                self.text.push_str(self.ellipsis);
            }
            seen = window.end;
            for (at, ch) in line.get(window.clone()).unwrap_or("").char_indices() {
                self.offsets.push((whole.start + window.start + at, self.text.len()));
                plain::push(&mut self.text, ch);
            }
            self.offsets.push((whole.start + window.end, self.text.len()));
        }
        if !line.get(seen..).unwrap_or("").trim().is_empty() {
            self.text.push_str(self.ellipsis);
        }
        begin..self.text.len()
    }

    /// Where an offset of the file is drawn; the end of the window before it where it was cut off.
    fn drawn(&self, offset: usize) -> usize {
        let after = self.offsets.partition_point(|(original, _)| *original <= offset);
        self.offsets.get(after.saturating_sub(1)).map_or(0, |(_, drawn)| *drawn)
    }
}

/// The parts of a line to show: all of it where it fits, else the labelled parts with as much around them as there is room for.
fn windows(line: &str, labelled: &[Range<usize>], columns: usize) -> Vec<Range<usize>> {
    if fits(line, columns) {
        return std::iter::once(0..line.len()).collect();
    }
    let share = (columns / labelled.len().max(1)).saturating_sub(2).max(16);
    let mut parts: Vec<_> = labelled.iter().map(|range| window(line, range, share)).collect();
    parts.sort_by_key(|part| part.start);
    let mut joined: Vec<Range<usize>> = Vec::new();
    for part in parts {
        match joined.last_mut() {
            Some(last) if part.start <= last.end + 3 => last.end = last.end.max(part.end),
            Some(_) | None => joined.push(part),
        }
    }
    joined
}

fn window(line: &str, range: &Range<usize>, columns: usize) -> Range<usize> {
    let (labelled, used) = forward(line, range.start, columns, range.end);
    let room = columns - used.min(columns);
    let indent = line.len() - line.trim_start().len();
    let (from_first, whole) = backward(line, range.start, columns);
    if from_first == 0 && whole <= room {
        return 0..forward(line, labelled, room - whole, line.len()).0;
    }
    let (start, before) = backward(line, range.start, room - room / 4);
    let (start, before) = if start <= indent { (indent.min(range.start), before) } else { (start, before) };
    start..forward(line, labelled, room - before.min(room), line.len()).0
}

fn fits(line: &str, columns: usize) -> bool {
    forward(line, 0, columns, line.len()).0 == line.len()
}

/// How far one gets from `start` within `columns`, at most to `end`, and the columns that takes.
fn forward(line: &str, start: usize, columns: usize, end: usize) -> (usize, usize) {
    let mut used = 0;
    for (at, ch) in line.get(start..end).unwrap_or("").char_indices() {
        let width = plain::width_of(ch);
        if used + width > columns {
            return (start + at, used);
        }
        used += width;
    }
    (end, used)
}

/// The same towards the beginning of the line.
fn backward(line: &str, start: usize, columns: usize) -> (usize, usize) {
    let mut used = 0;
    for (at, ch) in line.get(..start).unwrap_or("").char_indices().rev() {
        let width = plain::width_of(ch);
        if used + width > columns {
            return (at + ch.len_utf8(), used);
        }
        used += width;
    }
    (0, used)
}
