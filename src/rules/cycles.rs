//! What the rules on cycles share: steps and repairs in words.

use super::Report;
use super::words;
use crate::estate::Estate;
use crate::estate::cycles::{Cycle, Node, Step, need};
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

/// How a key of CDK trusts its account, which spares its policy the names of roles.
pub(super) const TRUST_FROM_CDK: &str = "; from CDK: leave `policy` of the key out (with v1 set `trustAccountIdentities: true`), then `grant*` \
                                         writes the policy of the role alone";

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
