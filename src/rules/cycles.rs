//! What the rules on cycles share: steps and repairs in words.

use super::Report;
use super::words;
use crate::estate::Estate;
use crate::estate::LinkKind;
use crate::estate::cycles::{Cycle, Edge, Node, Step, Through};
use crate::policy::{Effect, Principal};
use std::collections::BTreeSet;

/// Most places of one step that are shown: one is enough to see it, but each has to go.
const MOST_PLACES: usize = 3;

/// Shows every step at its places.
pub(super) fn show(report: &mut Report<'_>, estate: &Estate, steps: &[Step]) {
    for step in steps {
        for edge in step.edges.iter().take(MOST_PLACES) {
            report.also(edge.site, need(estate, step, edge));
        }
    }
}

fn need(estate: &Estate, step: &Step, edge: &Edge) -> String {
    let (from, to) = (estate.node_name(&step.from), estate.node_name(&step.to));
    match edge.through {
        _ if step.from == step.to => format!("`{from}` refers to itself through `{}`", shorten(&edge.path)),
        Through::Reference | Through::Link(LinkKind::Import | LinkKind::StackOutput | LinkKind::Nested) => {
            format!("`{from}` needs `{to}` through `{}`", shorten(&edge.path))
        }
        Through::DependsOn => format!("`{from}` waits for `{to}` by `DependsOn`"),
        Through::MadeRole => format!("`{from}` needs `{to}`, the role that SAM makes for it"),
        Through::Link(LinkKind::Stored) => {
            format!("`{from}` reads what `{to}` writes into Parameter Store: that holds up the first deployment only")
        }
        Through::Link(LinkKind::Manifest) => format!("`{from}` needs `{to}` by the manifest of the assembly"),
    }
}

/// A path without its middle: the property it begins with and the element it ends in are enough beside the place itself.
fn shorten(path: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    let mut depth = 0_usize;
    let mut start = 0;
    for (at, character) in path.char_indices() {
        match character {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '.' if depth == 0 => {
                words.extend(path.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    words.extend(path.get(start..));
    let head = if path.starts_with("Resources.") { 4 } else { 2 };
    match (words.get(..head), words.len().checked_sub(2).and_then(|tail| words.get(tail..))) {
        (Some(first), Some(last)) if words.len() > head + 2 => format!("{}…{}", first.join("."), last.join(".")),
        _ => path.to_owned(),
    }
}

/// The names of the parts of a cycle, in its order.
pub(super) fn names(estate: &Estate, cycle: &Cycle) -> Vec<String> {
    cycle.steps.iter().map(|step| estate.node_name(&step.from)).collect()
}

/// A remark on what else hangs on the same references.
pub(super) fn note_others(report: &mut Report<'_>, estate: &Estate, cycle: &Cycle) {
    let others: Vec<String> = cycle.others.iter().map(|node| estate.node_name(node)).collect();
    if !others.is_empty() {
        report.note(format!("further circles bind these to {}", words::list(&others)));
    }
}

/// Where a reference stands in a key policy.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Principal,
    /// In a condition on `aws:SourceArn`.
    SourceArn,
    /// In another condition.
    Condition,
    Resource,
    Other,
}

/// The part of a key policy in which the first place of a step stands.
pub(super) fn part(step: &Step) -> Part {
    let Some(edge) = step.edges.first() else { return Part::Other };
    let Some((_, inside)) = edge.path.split_once("KeyPolicy.Statement") else { return Part::Other };
    let element = inside.split_once(']').map_or(inside, |(_, rest)| rest);
    let is = |name: &str| element.trim_start_matches('.').starts_with(name);
    match () {
        () if is("Principal") || is("NotPrincipal") => Part::Principal,
        () if is("Condition") && element.to_ascii_lowercase().contains("aws:sourcearn") => Part::SourceArn,
        () if is("Condition") => Part::Condition,
        () if is("Resource") || is("NotResource") => Part::Resource,
        () => Part::Other,
    }
}

/// The role or user of a cycle whose inline policy is one of its steps.
pub(super) fn inline_policy(estate: &Estate, cycle: &Cycle) -> Option<String> {
    let is_inline = |step: &&Step| {
        let kind = kind(estate, &step.from).unwrap_or_default();
        let holds_policies = matches!(kind, "AWS::IAM::Role" | "AWS::IAM::User" | "AWS::IAM::Group");
        holds_policies && step.edges.iter().all(|edge| edge.path.starts_with("Properties.Policies"))
    };
    cycle.steps.iter().find(is_inline).map(|step| estate.node_name(&step.from))
}

/// The type of the resource that a part of a cycle is.
pub(super) fn kind<'e>(estate: &'e Estate, node: &Node) -> Option<&'e str> {
    let resource = estate.resource(node.stack, node.resource.as_deref()?)?;
    Some(&resource.kind.value)
}

/// Whether the policy of a key lets IAM policies of an account give everything already.
pub(super) fn trusts_account(estate: &Estate, key: &Node) -> bool {
    let Some(key) = estate.node_key(key).and_then(|id| estate.key(id)) else { return false };
    key.statements().any(|statement| {
        let principals = statement.principals.elements();
        let actions: BTreeSet<_> =
            statement.actions.elements().iter().filter_map(|action| action.value.text.as_literal()).collect();
        statement.effect == Some(Effect::Allow)
            && statement.conditions.is_empty()
            && (actions.contains("kms:*") || actions.contains("*"))
            && principals.iter().any(|element| match &element.value {
                Principal::Account(account) => *account == key.account,
                _ => false,
            })
    })
}
