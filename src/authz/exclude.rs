//! Conditions that no request fulfils together: one value cannot be two.

use super::apply;
use super::condition::Setting;
use super::matching::{self, Comparison};
use crate::policy::{Condition, Operator, OperatorKind, Statement};
use crate::resolve::{Piece, Text, Truth};

/// Condition keys of which a request has one value at most.
const SINGLE: [&str; 16] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:requestedregion",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "aws:username",
    "kms:calleraccount",
    "kms:requestalias",
    "kms:viaservice",
];

/// Families of such keys.
const SINGLE_FAMILIES: [&str; 4] =
    ["aws:principaltag/", "aws:requesttag/", "aws:resourcetag/", "kms:encryptioncontext:"];

/// Whether certainly no request fulfils the conditions of both statements, which may be the same one.
pub(super) fn exclude(one: &Statement, other: &Statement, setting: Setting<'_, '_>) -> bool {
    if one.conditions.is_empty() || apply::is_hidden(one, setting) || apply::is_hidden(other, setting) {
        return false;
    }
    let all = || one.conditions.iter().filter_map(|condition| Some((condition, demand(condition, setting)?)));
    other.conditions.iter().any(|condition| {
        demand(condition, setting).is_some_and(|demanded| {
            all().any(|(own, own_demanded)| {
                own.key.folded == condition.key.folded && are_apart((own, own_demanded), (condition, demanded), setting)
            })
        })
    })
}

/// The operator of a condition that is certainly there and demands one of its values for a key that has one value.
fn demand(condition: &Condition, setting: Setting<'_, '_>) -> Option<OperatorKind> {
    let Operator { kind, negated: false, if_exists: false, set: None } = condition.operator? else { return None };
    let is_of_text = match kind {
        OperatorKind::StringEquals
        | OperatorKind::StringEqualsIgnoreCase
        | OperatorKind::StringLike
        | OperatorKind::ArnEquals
        | OperatorKind::ArnLike => true,
        OperatorKind::NumericEquals
        | OperatorKind::NumericLessThan
        | OperatorKind::NumericLessThanEquals
        | OperatorKind::NumericGreaterThan
        | OperatorKind::NumericGreaterThanEquals
        | OperatorKind::DateEquals
        | OperatorKind::DateLessThan
        | OperatorKind::DateLessThanEquals
        | OperatorKind::DateGreaterThan
        | OperatorKind::DateGreaterThanEquals
        | OperatorKind::Bool
        | OperatorKind::BinaryEquals
        | OperatorKind::IpAddress
        | OperatorKind::Null => false,
    };
    let key = condition.key.folded.as_str();
    let is_single = SINGLE.contains(&key) || SINGLE_FAMILIES.iter().any(|family| key.starts_with(family));
    let is_read = condition.unknown.is_empty() && setting.world.holds(&condition.guard) == Truth::Yes;
    let is_plain = || !condition.values.iter().any(|value| matching::has_variable(&value.value));
    (is_of_text && is_single && is_read && is_plain()).then_some(kind)
}

type Demand<'c> = (&'c Condition, OperatorKind);

fn are_apart((one, kind): Demand<'_>, (other, other_kind): Demand<'_>, setting: Setting<'_, '_>) -> bool {
    let can_be = |condition: &'_ Condition| {
        let there = condition.values.iter().filter(|value| setting.world.holds(&value.guard) != Truth::No);
        there.map(|value| &value.value).cloned().collect::<Vec<Text>>()
    };
    let others = can_be(other);
    can_be(one).iter().all(|a| others.iter().all(|b| never_same(a, kind, b, other_kind)))
}

/// Whether no text fits both patterns.
fn never_same(a: &Text, kind: OperatorKind, b: &Text, other: OperatorKind) -> bool {
    let fold = OperatorKind::StringEqualsIgnoreCase;
    let (exact, other_exact) = (is_exact(a, kind), is_exact(b, other));
    match (kind == fold || other == fold, exact, other_exact) {
        (true, true, true) => matching::compare(a, b, Comparison::EqualIgnoringCase) == Truth::No,
        (true, ..) => false,
        (false, _, true) => matching::compare(a, b, comparison(kind)) == Truth::No,
        (false, true, false) => matching::compare(b, a, comparison(other)) == Truth::No,
        (false, false, false) => {
            let head = |text: &Text| text.literal_ends().0.split(['*', '?']).next().unwrap_or_default().to_owned();
            let (a, b) = (head(a), head(b));
            !a.starts_with(&b) && !b.starts_with(&a)
        }
    }
}

fn comparison(kind: OperatorKind) -> Comparison {
    match kind {
        OperatorKind::StringLike => Comparison::Like,
        OperatorKind::ArnEquals | OperatorKind::ArnLike => Comparison::Arn,
        _ => Comparison::Equal,
    }
}

/// Whether only the text itself fits.
fn is_exact(text: &Text, kind: OperatorKind) -> bool {
    comparison(kind) == Comparison::Equal || !has_wildcard(text)
}

fn has_wildcard(text: &Text) -> bool {
    text.pieces().iter().any(|piece| matches!(piece, Piece::Literal(literal) if literal.contains(['*', '?'])))
}
