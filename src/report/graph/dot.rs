//! The picture in Graphviz' language.

use super::drawing::{Groups, Line, lines, stack_title, title};
use crate::report::plain;
use crate::view::grants::Outcome;
use crate::view::graph::{End, Graph, Part};
use std::fmt::Write as _;

const HEAD: &str = "\
digraph kmslint {
  graph [rankdir=LR, compound=true, fontname=\"Helvetica\", fontsize=11, nodesep=0.25, ranksep=1.2, labelloc=b,
    label=\"solid: effective · dashed, ends in a bar: ineffective · dotted, ends in a circle: undecided · thick: part of a cycle\"]
  node [fontname=\"Helvetica\", fontsize=11, style=filled, fillcolor=white, margin=\"0.12,0.06\"]
  edge [fontname=\"Helvetica\", fontsize=9]
";

pub(super) fn render(graph: &Graph) -> String {
    let mut out = HEAD.to_owned();
    let groups = Groups::of(graph);
    groups.nodes(None).for_each(|at| node(graph, at, 1, &mut out));
    groups.nested(None).for_each(|stack| cluster(graph, &groups, stack, 1, &mut out));
    lines(graph).iter().for_each(|line| link(line, &mut out));
    out.push_str("}\n");
    out
}

fn cluster(graph: &Graph, groups: &Groups, at: usize, depth: usize, out: &mut String) {
    let Some(stack) = graph.stacks.get(at) else { return };
    let room = "  ".repeat(depth);
    let (mark, style) =
        if stack.cycles.is_empty() { ("", "rounded") } else { ("↻ ", "rounded,bold\"; color=\"#7b1fa2") };
    let _ = writeln!(out, "{room}subgraph cluster_{at} {{");
    let _ =
        writeln!(out, "{room}  label=\"{mark}stack {}\"; labelloc=t; style=\"{style}\"", escaped(stack_title(stack)));
    if !stack.cycles.is_empty() {
        // Edges lead from node to node: this one stands for the stack.
        let _ = writeln!(out, "{room}  s{at} [shape=point, style=invis]");
    }
    groups.nodes(Some(at)).for_each(|at| node(graph, at, depth + 1, out));
    groups.nested(Some(at)).for_each(|stack| cluster(graph, groups, stack, depth + 1, out));
    let _ = writeln!(out, "{room}}}");
}

fn node(graph: &Graph, at: usize, depth: usize, out: &mut String) {
    let Some(node) = graph.nodes.get(at) else { return };
    let (kind, name) = title(node);
    let shape = match node.part {
        Part::Principal => "ellipse",
        Part::Key => "hexagon",
        Part::Alias => "cds",
        Part::Consumer => "box",
        Part::Resource => "component",
    };
    let frame = if node.cycles.is_empty() { "" } else { ", color=\"#7b1fa2\", penwidth=2.5" };
    let room = "  ".repeat(depth);
    let _ = writeln!(out, "{room}n{at} [shape={shape}, label=\"{}\\n{}\"{frame}]", escaped(&kind), escaped(name));
}

fn link(line: &Line, out: &mut String) {
    let form = match line.outcome {
        Some(Outcome::Effective) => "color=\"#00796b\"",
        Some(Outcome::Ineffective) => "color=\"#c62828\", style=dashed, arrowhead=tee",
        Some(Outcome::Undecided) => "color=\"#8a6100\", style=dotted, arrowhead=odot",
        None => "color=\"#7b1fa2\", style=bold, constraint=false",
    };
    let width = if line.closes { ", penwidth=3" } else { "" };
    let tail = match line.from {
        End::Stack(at) => format!(", ltail=cluster_{at}"),
        End::Node(_) => String::new(),
    };
    let head = match line.to {
        End::Stack(at) => format!(", lhead=cluster_{at}"),
        End::Node(_) => String::new(),
    };
    let label = escaped(&line.label);
    let _ = writeln!(out, "  {} -> {} [label=\"{label}\", {form}{width}{tail}{head}]", end(line.from), end(line.to));
}

fn end(end: End) -> String {
    match end {
        End::Node(at) => format!("n{at}"),
        End::Stack(at) => format!("s{at}"),
    }
}

/// Text inside quotes: Graphviz knows escapes and the entities of HTML there.
fn escaped(text: &str) -> String {
    plain::line(text).replace('\\', "\\\\").replace('"', "\\\"").replace('&', "&amp;")
}
