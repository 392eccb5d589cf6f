//! `why` as a page for people.

use super::super::{Style, concise, plain, when};
use super::{snippet, yaml};
use crate::finding::Place;
use crate::source::Sources;
use crate::view::why::{Answer, Part, Policy, Repair, Statement, Step, Why, World};

pub(super) fn render(why: &Why, sources: &Sources, style: &Style) -> String {
    let mut page = Page { out: String::new(), sources, style };
    page.why(why);
    page.out
}

const BOLD: &str = "\x1b[1m";
const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const CYAN: &str = "\x1b[36m";

struct Page<'a> {
    out: String,
    sources: &'a Sources,
    style: &'a Style,
}

impl Page<'_> {
    fn why(&mut self, why: &Why) {
        let subject = format!("{} `{}`", why.principal.kind, why.principal.name);
        let object = format!("`{}` on {} `{}`", why.action, why.key.kind, why.key.name);
        match why.worlds.as_slice() {
            [] => self.heading(
                "never",
                CYAN,
                &format!("{subject} and {} `{}` are in no deployment together", why.key.kind, why.key.name),
            ),
            [only] => {
                self.heading(verdict(only.answer), paint(only.answer), &sentence(only.answer, &subject, &object));
                self.reasons(only);
                if !only.guard.is_always() {
                    self.paragraph(&format!("both are there while {}", when::all(&only.guard)), "  ", "  ");
                }
                self.world(only);
            }
            several => {
                self.heading("it depends", YELLOW, &format!("on the deployment whether {subject} may use {object}"));
                for world in several {
                    self.out.push('\n');
                    let guard = format!("while {}", when::all(&world.guard));
                    self.heading(verdict(world.answer), paint(world.answer), &guard);
                    self.reasons(world);
                    self.world(world);
                }
            }
        }
        for (at, note) in why.notes.iter().enumerate() {
            if at == 0 {
                self.out.push('\n');
            }
            self.paragraph(note, "note: ", "      ");
        }
    }

    fn reasons(&mut self, world: &World) {
        world.reasons.iter().for_each(|reason| self.paragraph(reason, "  ", "  "));
    }

    fn world(&mut self, world: &World) {
        world.policies.iter().for_each(|policy| self.policy(policy));
        // A single one without a place is told by the reasons.
        if world.unknown.len() > 1 || world.unknown.iter().any(|unknown| unknown.place.is_some()) {
            self.section("not known from here", None);
            for unknown in &world.unknown {
                let place = unknown.place.as_ref().map(|place| format!(" ({})", self.named(place))).unwrap_or_default();
                self.paragraph(&format!("{}{place}", unknown.text), "  ? ", "    ");
            }
        }
        if let Some((first, others)) = world.repairs.split_first() {
            self.section(if others.is_empty() { "to make it work" } else { "to make it work, one of" }, None);
            self.repair(first, if others.is_empty() { None } else { Some(1) });
            for (repair, number) in others.iter().zip(2..) {
                self.repair(repair, Some(number));
            }
        }
    }

    fn policy(&mut self, policy: &Policy) {
        self.section(&policy.title, policy.place.as_ref());
        policy.remarks.iter().for_each(|remark| self.paragraph(remark, "    ", "    "));
        policy.statements.iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &Statement) {
        let (mark, ascii, paint) = match statement.part {
            Part::Allows => ("✓", "+", GREEN),
            Part::Denies => ("✗", "x", RED),
            Part::Depends => ("?", "?", YELLOW),
            Part::Misses => ("○", "o", CYAN),
        };
        let mark = self.painted(if self.style.ascii { ascii } else { mark }, paint);
        self.paragraph(&format!("{} {}", statement.name, statement.text), &format!("  {mark} "), "    ");
        let file = statement.place.as_ref().and_then(|place| Some((self.sources.file(place.span.file)?, place)));
        let bar = if self.style.ascii { "|" } else { "│" };
        let columns = self.style.columns().saturating_sub(15);
        match file.and_then(|(file, place)| snippet::lines(file, place.span, self.style, columns)) {
            Some(lines) => {
                for (number, line) in lines {
                    self.out.push_str(format!("    {number:>6} {bar} {line}").trim_end());
                    self.out.push('\n');
                }
            }
            None => {
                let line = statement.place.as_ref().map(|place| self.line_of(place)).unwrap_or_default();
                let gutter = format!("    {line:>6} {bar} ");
                self.paragraph(&statement.says, &gutter, &format!("           {bar}   "));
            }
        }
    }

    fn line_of(&self, place: &Place) -> String {
        self.sources.file(place.span.file).map_or_else(String::new, |file| file.line(place.span.start).to_string())
    }

    fn repair(&mut self, repair: &Repair, number: Option<usize>) {
        let (mark, room) = match number {
            Some(number) => (format!("  {number}. "), "     "),
            None => ("  ".to_owned(), "  "),
        };
        for (at, step) in repair.steps.iter().enumerate() {
            let lead = if at == 0 { String::new() } else { "and ".to_owned() };
            self.step(step, &lead, if at == 0 { &mark } else { room }, room);
        }
        let within = match repair.within.as_slice() {
            [] => String::new(),
            guards => format!("while {}: ", when::any(guards, ", or while ")),
        };
        self.paragraph(&format!("{within}{}", repair.then), &format!("{room}then "), &format!("{room}     "));
    }

    fn step(&mut self, step: &Step, lead: &str, mark: &str, room: &str) {
        let place = step.place.as_ref().map(|place| format!(" ({})", self.named(place))).unwrap_or_default();
        self.paragraph(&format!("{lead}{}{place}", step.text), mark, room);
        let lines: Vec<String> = match (&step.code, &step.statement) {
            (Some(code), _) => code.lines().map(str::to_owned).collect(),
            (None, Some(statement)) if self.is_json(step.place.as_ref()) => {
                serde_json::to_string_pretty(statement).unwrap_or_default().lines().map(str::to_owned).collect()
            }
            (None, Some(statement)) => yaml::item(statement),
            (None, None) => Vec::new(),
        };
        for line in lines {
            let line = self.painted(&plain::line(&line), GREEN);
            self.out.push_str(&format!("{room}    {line}\n"));
        }
    }

    /// Whether a template is written as JSON.
    fn is_json(&self, place: Option<&Place>) -> bool {
        let file = place.and_then(|place| self.sources.file(place.span.file));
        file.is_some_and(|file| file.text.trim_start().starts_with('{'))
    }

    fn heading(&mut self, verdict: &str, paint: &str, text: &str) {
        let lines = plain::wrap(&format!("{verdict}: {text}"), self.style.columns() - 2);
        for (at, line) in lines.iter().enumerate() {
            match line.strip_prefix(verdict).filter(|_| at == 0) {
                Some(rest) => {
                    let line = format!("{}{}", self.painted(verdict, paint), self.painted(rest, BOLD));
                    self.out.push_str(&line);
                }
                None => {
                    let line = self.painted(line, BOLD);
                    self.out.push_str(&format!("  {line}"));
                }
            }
            self.out.push('\n');
        }
    }

    /// `title (path:line:col)` after an empty line.
    fn section(&mut self, title: &str, place: Option<&Place>) {
        self.out.push('\n');
        let place = place.map(|place| format!(" ({})", self.named(place))).unwrap_or_default();
        self.paragraph(&format!("{title}{place}"), "", "  ");
    }

    fn named(&self, place: &Place) -> String {
        concise::place(self.sources, place.span)
    }

    fn painted(&self, text: &str, paint: &str) -> String {
        if self.style.color { format!("{paint}{text}\x1b[0m") } else { text.to_owned() }
    }

    /// Text broken to the width: the first line after `first`, the others after `rest`.
    fn paragraph(&mut self, text: &str, first: &str, rest: &str) {
        let columns = self.style.columns().saturating_sub(plain::width(rest) + 1).max(24);
        for (at, line) in plain::wrap(&plain::line(text), columns).iter().enumerate() {
            self.out.push_str(if at == 0 { first } else { rest });
            self.out.push_str(line);
            self.out.push('\n');
        }
    }
}

const fn verdict(answer: Answer) -> &'static str {
    match answer {
        Answer::Allowed => "allowed",
        Answer::Conditional => "allowed under conditions",
        Answer::Denied | Answer::DeniedExplicitly => "denied",
        Answer::Undecided => "undecided",
    }
}

const fn paint(answer: Answer) -> &'static str {
    match answer {
        Answer::Allowed => GREEN,
        Answer::Conditional => YELLOW,
        Answer::Denied | Answer::DeniedExplicitly => RED,
        Answer::Undecided => CYAN,
    }
}

fn sentence(answer: Answer, subject: &str, object: &str) -> String {
    match answer {
        Answer::Allowed => format!("{subject} may use {object}"),
        Answer::Conditional => format!("{subject} may use {object} in some requests only"),
        Answer::Denied | Answer::DeniedExplicitly => format!("{subject} may not use {object}"),
        Answer::Undecided => format!("whether {subject} may use {object}"),
    }
}
