//! Snippets with labels, for people: ariadne draws the snippets, the heading and the remarks around them are laid out here.

mod canvas;

use ariadne::{CharSet, Color, Config, IndexType, Label, LabelAttach, Report, ReportKind, Source};
use std::ops::Range;

use super::excerpt::{self, Shown, Wanted};
use super::{Style, concise, open_question, page_address, plain, summary, when};
use crate::finding::{FileError, Finding, Meta, Outcome, Place, Severity, Undecided};
use crate::source::Sources;
use canvas::{Canvas, MESSAGE, PLACE, Paint};

/// Most labels of one finding; the rest is counted.
const LABELS: usize = 5;

pub(super) fn render(outcome: &Outcome, sources: &Sources, style: &Style) -> String {
    let mut page = Page { out: String::new(), sources, style };
    outcome.findings.iter().for_each(|finding| page.finding(finding));
    outcome.errors.iter().for_each(|error| page.error(error));
    if style.undecided {
        outcome.undecided.iter().for_each(|undecided| page.undecided(undecided));
    }
    for line in summary::lines(outcome, style) {
        page.out.push_str(&line);
        page.out.push('\n');
    }
    page.out
}

struct Page<'a> {
    out: String,
    sources: &'a Sources,
    style: &'a Style,
}

impl Page<'_> {
    fn finding(&mut self, finding: &Finding) {
        let paint = paint(finding.rule.severity);
        self.heading(finding.rule.severity.name(), Some(finding.rule), paint, &finding.message);
        let primary = Wanted { span: finding.primary.place.span, text: &finding.primary.text, primary: true };
        let evidence =
            finding.evidence.iter().map(|one| Wanted { span: one.place.span, text: &one.text, primary: false });
        let labels: Vec<_> = std::iter::once(primary).chain(evidence.clone()).take(LABELS).collect();
        let mut remarks: Vec<(&str, String)> = Vec::new();
        match finding.evidence.len().saturating_sub(LABELS - 1) {
            0 => {}
            1 => remarks.push(("note", "one more place is not shown".to_owned())),
            more => remarks.push(("note", format!("{more} more places are not shown"))),
        }
        remarks.extend(when::sentence(&finding.certainty).map(|sentence| ("note", sentence)));
        remarks.extend(finding.notes.iter().map(|note| ("note", note.clone())));
        remarks.extend(self.told_stack(&finding.primary.place).map(|stack| ("stack", stack.to_owned())));
        remarks.extend(finding.primary.place.construct.iter().map(|path| ("construct", path.clone())));
        let created = finding.primary.place.created.iter();
        remarks.extend(created.map(|line| ("note", format!("created at {line}"))));
        remarks.extend(finding.help.iter().map(|help| ("help", help.clone())));
        self.snippets(&labels, paint, &remarks);
    }

    /// The name of a place's stack, unless its file is called like it.
    fn told_stack<'p>(&self, place: &'p Place) -> Option<&'p str> {
        let stack = place.stack.as_deref()?;
        let path = &self.sources.file(place.span.file)?.path;
        let name = path.rsplit('/').next().unwrap_or(path);
        let same = name.strip_prefix(stack).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        (!same).then_some(stack)
    }

    fn error(&mut self, error: &FileError) {
        self.heading("error", None, Paint::Red, &error.message);
        match error.span {
            Some(span) => self.snippets(&[Wanted { span, text: "here", primary: true }], Paint::Red, &[]),
            None => self.out.push_str(&format!("  --> {}\n\n", plain::line(&error.file))),
        }
    }

    fn undecided(&mut self, undecided: &Undecided) {
        self.heading("undecided", None, Paint::Cyan, &open_question(undecided));
        self.out.push_str(&format!("  --> {}\n\n", concise::place(self.sources, undecided.place.span)));
    }

    /// `high[rule]: message`, broken to the width.
    fn heading(&mut self, kind: &str, rule: Option<&Meta>, paint: Paint, message: &str) {
        let kind = rule.map_or_else(|| format!("{kind}:"), |rule| format!("{kind}[{}]:", rule.id));
        let (bold, dyed, end) = if self.style.color { ("\x1b[1m", paint.escape(), "\x1b[0m") } else { ("", "", "") };
        let wrapped = plain::wrap(&format!("{kind} {}", plain::line(message)), self.style.columns() - 2);
        let linked = match rule {
            Some(rule) if self.style.hyperlinks => kind.replace(rule.id, &link(rule)),
            Some(_) | None => kind.clone(),
        };
        for (at, line) in wrapped.iter().enumerate() {
            match line.strip_prefix(&kind).filter(|_| at == 0) {
                Some(text) => self.out.push_str(&format!("{bold}{dyed}{linked}{end}{bold}{text}{end}\n")),
                None => self.out.push_str(&format!("  {bold}{line}{end}\n")),
            }
        }
    }

    fn snippets(&mut self, labels: &[Wanted<'_>], paint: Paint, remarks: &[(&str, String)]) {
        // The gutter takes the digits of the line numbers and six more; two further columns are kept for an ellipsis at either end.
        let columns = self.style.columns() - 14;
        let shown = excerpt::excerpts(labels, self.sources, columns, self.style.ascii);
        let places: Vec<_> = shown.iter().map(place).collect();
        let drawn = draw(&shown, paint, self.style);
        let mut canvas = Canvas::new(&places, self.style);
        // The first line is ariadne's own heading.
        drawn.lines().skip(1).for_each(|line| canvas.line(line));
        self.out.push_str(&canvas.finish(remarks));
        self.out.push('\n');
    }
}

fn place(shown: &Shown<'_>) -> String {
    let position = shown.file.position(shown.at);
    format!("{}:{}:{}", plain::line(&shown.file.path), position.line, position.column)
}

/// The name of a rule as a link to its page.
fn link(rule: &Meta) -> String {
    format!("\x1b]8;;{}\x1b\\{}\x1b]8;;\x1b\\", page_address(rule), rule.id)
}

/// The snippets as ariadne draws them, with marks where a place and where a message begins.
fn draw(shown: &[Shown<'_>], paint: Paint, style: &Style) -> String {
    let charset = if style.ascii { CharSet::Ascii } else { CharSet::Unicode };
    let config = Config::new()
        .with_color(style.color)
        .with_char_set(charset)
        .with_index_type(IndexType::Char)
        .with_label_attach(LabelAttach::Start)
        .with_cross_gap(false);
    let mut report = Report::build(ReportKind::Error, (0, 0..0)).with_config(config);
    for (id, excerpt) in shown.iter().enumerate() {
        for mark in &excerpt.marks {
            let label = Label::new((id, characters(&excerpt.text, &mark.range)));
            report.add_label(match mark.label {
                None => label.with_priority(-1),
                Some(wanted) => label
                    .with_message(format!(
                        "{MESSAGE}{}",
                        plain::line(if wanted.text.is_empty() { "here" } else { wanted.text })
                    ))
                    .with_color(if wanted.primary { paint.color() } else { Color::Blue }),
            });
        }
    }
    let files = Files(shown.iter().map(|excerpt| Source::from(excerpt.text.as_str())).collect());
    let mut drawn = Vec::new();
    // Writing to memory has no way to fail.
    let _ = report.finish().write(files, &mut drawn);
    String::from_utf8_lossy(&drawn).into_owned()
}

/// A range of bytes as one of characters: where ariadne counts bytes, it takes the one for the other in every file but the first.
fn characters(text: &str, range: &Range<usize>) -> Range<usize> {
    let until = |end: usize| text.char_indices().take_while(|(at, _)| *at < end).count();
    until(range.start)..until(range.end)
}

/// The excerpts by their number.
struct Files<'a>(Vec<Source<&'a str>>);

impl<'a> ariadne::Cache<usize> for Files<'a> {
    type Storage = &'a str;

    fn fetch(&mut self, id: &usize) -> Result<&Source<&'a str>, impl std::fmt::Debug> {
        self.0.get(*id).ok_or("no such excerpt")
    }

    fn display<'b>(&self, id: &'b usize) -> Option<impl std::fmt::Display + 'b> {
        Some(format!("{PLACE}{id}"))
    }
}

const fn paint(severity: Severity) -> Paint {
    match severity {
        Severity::Critical | Severity::High => Paint::Red,
        Severity::Medium => Paint::Yellow,
        Severity::Low | Severity::Info => Paint::Cyan,
    }
}
