//! The picture in Mermaid's language, as README files and wikis draw it.

use super::drawing::{Groups, Line, lines, stack_title, title};
use crate::report::plain;
use crate::view::grants::Outcome;
use crate::view::graph::{End, Graph, Part};
use std::fmt::Write as _;

/// What Mermaid draws unless its settings say otherwise: `maxTextSize` in characters, and `maxEdges`.
const MOST_CHARACTERS: usize = 50_000;
const MOST_EDGES: usize = 500;

const LEGEND: &str = "\
%% kmslint graph: principals, keys, aliases, consumers
%% --> effective, --x ineffective, -.-> undecided, ==> needs (a cycle)
";

pub(super) fn render(graph: &Graph) -> String {
    let mut body = String::new();
    let groups = Groups::of(graph);
    groups.nodes(None).for_each(|at| node(graph, at, 1, &mut body));
    groups.nested(None).for_each(|stack| group(graph, &groups, stack, 1, &mut body));
    let lines = lines(graph);
    lines.iter().for_each(|line| link(line, &mut body));
    styles(graph, &lines, &mut body);
    let text = format!("flowchart LR\n{LEGEND}{body}");
    match too_large(&text) {
        Some(note) => text.replacen("flowchart LR\n", &format!("flowchart LR\n%% {note}\n"), 1),
        None => text,
    }
}

/// What to do where a diagram is larger than what Mermaid draws.
pub(super) fn too_large(text: &str) -> Option<String> {
    let (edges, characters) = (text.lines().filter(|line| is_edge(line)).count(), text.chars().count());
    (edges > MOST_EDGES || characters > MOST_CHARACTERS).then(|| {
        format!(
            "{edges} edges and {characters} characters are more than Mermaid draws by itself ({MOST_EDGES} and \
             {MOST_CHARACTERS}): give it fewer stacks, raise its `maxEdges` and `maxTextSize`, or take another format"
        )
    })
}

/// Whether a line links something: `n1 --> …`.
fn is_edge(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let is_end =
        |word: &str| word.strip_prefix(['n', 's']).is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    words.next().is_some_and(is_end) && words.next().is_some_and(|word| ARROWS.contains(&word))
}

const ARROWS: [&str; 4] = ["-->", "--x", "-.->", "==>"];

fn arrow(line: &Line) -> &'static str {
    match line.outcome {
        Some(Outcome::Effective) => "-->",
        Some(Outcome::Ineffective) => "--x",
        Some(Outcome::Undecided) => "-.->",
        None => "==>",
    }
}

fn group(graph: &Graph, groups: &Groups, at: usize, depth: usize, out: &mut String) {
    let Some(stack) = graph.stacks.get(at) else { return };
    let room = "  ".repeat(depth);
    let mark = if stack.cycles.is_empty() { "" } else { "↻ " };
    let _ = writeln!(out, "{room}subgraph s{at}[\"{mark}stack {}\"]", escaped(stack_title(stack)));
    groups.nodes(Some(at)).for_each(|at| node(graph, at, depth + 1, out));
    groups.nested(Some(at)).for_each(|stack| group(graph, groups, stack, depth + 1, out));
    let _ = writeln!(out, "{room}end");
}

fn node(graph: &Graph, at: usize, depth: usize, out: &mut String) {
    let Some(node) = graph.nodes.get(at) else { return };
    let (kind, name) = title(node);
    let (open, close) = match node.part {
        Part::Principal => ("([", "])"),
        Part::Key => ("{{", "}}"),
        Part::Alias => (">", "]"),
        Part::Consumer => ("[", "]"),
        Part::Resource => ("[[", "]]"),
    };
    let room = "  ".repeat(depth);
    let _ = writeln!(out, "{room}n{at}{open}\"{}<br/>{}\"{close}", escaped(&kind), escaped(name));
}

fn link(line: &Line, out: &mut String) {
    let label = if line.label.is_empty() { String::new() } else { format!("|\"{}\"| ", escaped(&line.label)) };
    let _ = writeln!(out, "  {} {} {label}{}", end(line.from), arrow(line), end(line.to));
}

fn end(end: End) -> String {
    match end {
        End::Node(at) => format!("n{at}"),
        End::Stack(at) => format!("s{at}"),
    }
}

/// Colours beside the forms of lines, and a thick frame around what is part of a cycle.
fn styles(graph: &Graph, lines: &[Line], out: &mut String) {
    let numbered = |wanted: fn(&Line) -> bool| -> Vec<String> {
        lines.iter().enumerate().filter(|(_, line)| wanted(line)).map(|(at, _)| at.to_string()).collect()
    };
    let kinds = [
        (numbered(|line| line.outcome == Some(Outcome::Effective) && !line.closes), "stroke:#00796b"),
        (numbered(|line| line.outcome == Some(Outcome::Ineffective)), "stroke:#c62828,stroke-dasharray:6 3"),
        (numbered(|line| line.outcome == Some(Outcome::Undecided)), "stroke:#8a6100"),
        (
            numbered(|line| line.outcome.is_none() || (line.outcome == Some(Outcome::Effective) && line.closes)),
            "stroke:#7b1fa2,stroke-width:3px",
        ),
    ];
    for (numbers, style) in kinds.iter().filter(|(numbers, _)| !numbers.is_empty()) {
        let _ = writeln!(out, "  linkStyle {} {style}", numbers.join(","));
    }
    let circular = |at: usize| graph.nodes.get(at).is_some_and(|node| !node.cycles.is_empty());
    let nodes: Vec<String> = (0..graph.nodes.len()).filter(|at| circular(*at)).map(|at| format!("n{at}")).collect();
    if !nodes.is_empty() {
        out.push_str("  classDef cycle stroke:#7b1fa2,stroke-width:3px,stroke-dasharray:8 3\n");
        let _ = writeln!(out, "  class {} cycle", nodes.join(","));
    }
}

/// Text that is nothing but text inside quotes: what Mermaid, its markdown or HTML could take for more is written as a number.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for ch in plain::line(text).chars() {
        match ch {
            '"' | '#' | '`' | '\\' | '<' | '>' | '&' | ';' | '%' | '*' | '_' | '~' | '[' | ']' | '@' => {
                let _ = write!(out, "#{};", u32::from(ch));
            }
            ch => out.push(ch),
        }
    }
    out
}
