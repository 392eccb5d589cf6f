//! What ariadne drew, put right: true places, messages broken to the width beside their labels, no trailing blanks, no needless escapes.

use ariadne::Color;

use super::super::{Style, plain};

/// Stands before the number of an excerpt where its place is to be named. No user text holds it: control characters are made visible first.
pub(super) const PLACE: char = '\u{1}';
/// Stands where the message of a label begins.
pub(super) const MESSAGE: char = '\u{2}';

/// The least columns for a message beside its label.
const NARROW: usize = 24;

/// ariadne's colour of text without a label: dropped, as it is hard to read on a light ground.
const UNLABELLED: &str = "\x1b[38;5;249m";

/// The colour of what a finding says at its own place.
#[derive(Clone, Copy, Debug)]
pub(super) enum Paint {
    Red,
    Yellow,
    Cyan,
}

impl Paint {
    /// For ariadne.
    pub(super) const fn color(self) -> Color {
        match self {
            Self::Red => Color::Red,
            Self::Yellow => Color::Yellow,
            Self::Cyan => Color::Cyan,
        }
    }

    /// The sequence that begins it.
    pub(super) const fn escape(self) -> &'static str {
        match self {
            Self::Red => "\x1b[31m",
            Self::Yellow => "\x1b[33m",
            Self::Cyan => "\x1b[36m",
        }
    }
}

/// One character with the escape sequence that colours it.
#[derive(Clone, Copy)]
struct Cell<'a> {
    paint: &'a str,
    ch: char,
}

/// The lines of one finding.
pub(super) struct Canvas<'a> {
    out: String,
    places: &'a [String],
    style: &'a Style,
    /// The column of the frame.
    gutter: usize,
    corner: String,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(places: &'a [String], style: &'a Style) -> Self {
        Self { out: String::new(), places, style, gutter: 2, corner: String::new() }
    }

    /// Takes one line of ariadne's.
    pub(super) fn line(&mut self, drawn: &str) {
        let cells = cells(drawn);
        let [_, across, ..] = self.frame();
        if cells.first().is_some_and(|cell| cell.ch == across)
            && cells.iter().rev().skip(1).all(|cell| cell.ch == across)
        {
            self.gutter = cells.len() - 1;
            self.corner = cells.iter().map(|cell| cell.ch).collect();
            return;
        }
        if let Some(at) = cells.iter().position(|cell| cell.ch == PLACE) {
            return self.place(&cells, at);
        }
        if let Some(at) = cells.iter().position(|cell| cell.ch == MESSAGE) {
            return self.message(&cells, at);
        }
        self.emit(&cells);
    }

    /// The frame is closed after the remarks.
    pub(super) fn finish(mut self, remarks: &[(&str, String)]) -> String {
        let [down, ..] = self.frame();
        let margin = format!("{}{down} ", " ".repeat(self.gutter));
        if !remarks.is_empty() {
            self.frame_line(margin.trim_end());
        }
        for (kind, text) in remarks {
            let hanging = kind.len() + 2;
            let room = self.style.columns().saturating_sub(self.gutter + 2 + hanging).max(NARROW);
            for (at, line) in plain::wrap(text, room).iter().enumerate() {
                let kind = if at == 0 { format!("{kind}:") } else { String::new() };
                self.paint(&margin, FRAME);
                self.paint(&kind, if *kind == *"help:" { "\x1b[32m" } else { "\x1b[36m" });
                let pad = " ".repeat(hanging - kind.len());
                self.out.push_str(&format!("{pad}{line}"));
                self.end_line();
            }
        }
        let corner = std::mem::take(&mut self.corner);
        self.frame_line(&corner);
        self.out
    }

    /// `╭─[ path:line:col ]`
    fn place(&mut self, cells: &[Cell<'_>], at: usize) {
        let (before, rest) = cells.split_at(at);
        let number: String = rest.iter().skip(1).map(|cell| cell.ch).take_while(char::is_ascii_digit).collect();
        let place = number.parse().ok().and_then(|number: usize| self.places.get(number)).map_or("?", String::as_str);
        self.append(before);
        self.out.push_str(place);
        let bracket = rest.iter().position(|cell| cell.ch == ' ').unwrap_or(rest.len());
        self.emit(rest.split_at(bracket).1);
    }

    /// A label's message, moved to its label and broken to the width.
    fn message(&mut self, cells: &[Cell<'_>], at: usize) {
        let [_, across, _, foot, lift] = self.frame();
        let (mut art, message) = cells.split_at(at);
        let corner = art.iter().rposition(|cell| [foot, lift].contains(&cell.ch)).unwrap_or(0);
        if art.iter().skip(corner + 1).all(|cell| [across, ' '].contains(&cell.ch)) {
            art = art.split_at((corner + 2).min(art.len())).0;
        }
        let column = art.len() + usize::from(art.last().is_some_and(|cell| cell.ch != ' '));
        let text: String = message.iter().skip(1).map(|cell| cell.ch).collect();
        let room = self.style.columns().saturating_sub(column);
        if room < NARROW && plain::width(&text) > room && self.message_before(art, corner, &text) {
            return;
        }
        for (row, line) in plain::wrap(&text, room.max(NARROW)).iter().enumerate() {
            if row == 0 {
                self.append(art);
            } else {
                self.append(&self.bars(art));
            }
            self.out.push_str(&" ".repeat(column - art.len()));
            self.out.push_str(line);
            self.end_line();
        }
    }

    /// What goes on below: the bars of labels whose messages come later.
    fn bars<'c>(&self, art: &[Cell<'c>]) -> Vec<Cell<'c>> {
        let [down, _, crossing, ..] = self.frame();
        let below = |ch: char| if [down, crossing].contains(&ch) { down } else { ' ' };
        art.iter().map(|cell| Cell { ch: below(cell.ch), ..*cell }).collect()
    }

    /// A message that has no room behind its label: before it, unless there are the bars of others.
    fn message_before(&mut self, art: &[Cell<'_>], corner: usize, text: &str) -> bool {
        let (before, hook) = art.split_at(corner);
        let frame = before.iter().position(|cell| cell.ch != ' ').map_or(0, |at| at + 2);
        let free = before.iter().skip(frame).all(|cell| cell.ch == ' ');
        let room = corner.saturating_sub(frame + 3);
        if !free || room < NARROW {
            return false;
        }
        let lines = plain::wrap(text, room);
        let widest = lines.iter().map(|line| plain::width(line)).max().unwrap_or(0);
        let [_, across, ..] = self.frame();
        let bend = if self.style.ascii { '\'' } else { '╯' };
        let paint = hook.first().map_or("", |cell| cell.paint);
        let others = self.bars(hook.split_at(1.min(hook.len())).1);
        for (row, line) in lines.iter().enumerate() {
            self.append(before.split_at(frame.min(before.len())).0);
            self.out.push_str(&" ".repeat(room.saturating_sub(widest) + 1));
            self.out.push_str(line);
            self.out.push_str(&" ".repeat(widest - plain::width(line) + 1));
            let [across, bend] = if row == 0 { [across, bend] } else { [' ', ' '] };
            self.append(&[Cell { paint, ch: across }, Cell { paint, ch: bend }]);
            self.append(&others);
            self.end_line();
        }
        true
    }

    /// Bar, line, crossing, and the two corners from which a message hangs.
    const fn frame(&self) -> [char; 5] {
        if self.style.ascii { ['|', '-', '+', '`', '^'] } else { ['│', '─', '┼', '╰', '┴'] }
    }

    fn frame_line(&mut self, text: &str) {
        self.paint(text, FRAME);
        self.end_line();
    }

    fn paint(&mut self, text: &str, paint: &str) {
        if self.style.color && !text.is_empty() {
            self.out.push_str(&format!("{paint}{text}\x1b[0m"));
        } else {
            self.out.push_str(text);
        }
    }

    fn emit(&mut self, cells: &[Cell<'_>]) {
        self.append(cells);
        self.end_line();
    }

    /// Appends cells, one escape sequence for neighbours of one colour; blanks need none.
    fn append(&mut self, cells: &[Cell<'_>]) {
        let mut current = "";
        for cell in cells {
            if cell.ch != ' ' && cell.paint != current {
                self.out.push_str(if current.is_empty() { "" } else { "\x1b[0m" });
                self.out.push_str(cell.paint);
                current = cell.paint;
            }
            self.out.push(cell.ch);
        }
        if !current.is_empty() {
            self.out.truncate(self.out.trim_end_matches(' ').len());
            self.out.push_str("\x1b[0m");
            let blanks = cells.iter().rev().take_while(|cell| cell.ch == ' ').count();
            self.out.push_str(&" ".repeat(blanks));
        }
    }

    fn end_line(&mut self) {
        self.out.truncate(self.out.trim_end_matches(' ').len());
        self.out.push('\n');
    }
}

/// The colour of the frame, as ariadne's.
const FRAME: &str = "\x1b[38;5;246m";

/// Takes a drawn line apart into characters and their colours.
fn cells(line: &str) -> Vec<Cell<'_>> {
    let mut cells = Vec::with_capacity(line.len());
    let mut paint = "";
    let mut rest = line;
    while let Some(ch) = rest.chars().next() {
        if ch == '\x1b'
            && let Some(end) = rest.find('m')
        {
            let (sequence, after) = rest.split_at(end + 1);
            paint = if sequence == "\x1b[0m" || sequence == UNLABELLED { "" } else { sequence };
            rest = after;
            continue;
        }
        cells.push(Cell { paint, ch });
        rest = rest.split_at(ch.len_utf8()).1;
    }
    cells
}
