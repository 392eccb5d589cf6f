//! Comparing texts that may have wildcards, policy variables and holes: three answers.

mod literal;
mod tokens;

use super::context::ContextValue;
use super::request::Request;
use crate::policy::{ConditionKey, Version};
use crate::resolve::{Piece, Text, Truth};

/// How two texts are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    /// Character by character.
    Equal,
    /// The same, without regard to case.
    EqualIgnoringCase,
    /// With `*` and `?`.
    Like,
    /// With `*` and `?`, part by part between the colons of an ARN.
    Arn,
}

impl Comparison {
    fn takes_wildcards(self) -> bool {
        matches!(self, Self::Like | Self::Arn)
    }
}

/// Whether a pattern of a policy matches a value of a request. A variable without a value matches nothing.
pub(super) fn pattern_matches(
    pattern: &Text,
    value: &Text,
    comparison: Comparison,
    version: Version,
    request: &Request<'_>,
) -> Truth {
    let plain = || compare(pattern, value, comparison);
    if !has_variable(pattern) {
        return plain();
    }
    let expanded = || match tokens::expand(pattern, comparison.takes_wildcards(), request) {
        Some(tokens) => tokens::compare(&tokens, value, comparison),
        None => Truth::No,
    };
    match version {
        Version::V2008 => plain(),
        Version::V2012 => expanded(),
        Version::Unknown => {
            let (plain, expanded) = (plain(), expanded());
            if plain == expanded { plain } else { Truth::Unknown }
        }
    }
}

/// Compares a pattern without variables.
pub(super) fn compare(pattern: &Text, value: &Text, comparison: Comparison) -> Truth {
    match (pattern.as_literal(), value.as_literal()) {
        (Some(pattern), Some(value)) => Truth::from(literal::compare(pattern, value, comparison)),
        _ => tokens::compare(&tokens::plain(pattern, comparison.takes_wildcards()), value, comparison),
    }
}

/// Whether two names (ARNs, account ids) are the same.
pub(super) fn same(a: &Text, b: &Text) -> Truth {
    match (a.as_literal(), b.as_literal()) {
        (Some(a), Some(b)) => Truth::from(a == b),
        _ if a == b => Truth::Yes,
        _ if a.excludes_generated_name(b) => Truth::No,
        _ => tokens::same(a, b),
    }
}

/// A part of an ARN, from 0: none where the text has too few parts for an ARN.
pub(super) fn arn_part(arn: &Text, part: usize) -> Option<Text> {
    if let Some(literal) = arn.as_literal() {
        return literal_arn_part(literal, part).map(Text::literal);
    }
    let tokens = tokens::plain(arn, false);
    let parts = tokens::arn_parts(&tokens);
    if parts.len() < 6 {
        return None;
    }
    parts.get(part).map(|part| tokens::text(part))
}

/// The same of an ARN without holes.
pub(super) fn literal_arn_part(arn: &str, part: usize) -> Option<&str> {
    let mut parts = arn.splitn(6, ':');
    let wanted = parts.nth(part)?;
    let is_whole = part == 5 || parts.nth(4 - part).is_some();
    is_whole.then_some(wanted)
}

/// Whether a text has a policy variable, if its version knows them.
pub(super) fn has_variable(text: &Text) -> bool {
    text.pieces().iter().any(|piece| matches!(piece, Piece::Literal(literal) if literal_has_variable(literal)))
}

fn literal_has_variable(literal: &str) -> bool {
    memchr::memchr(b'$', literal.as_bytes()).is_some() && literal.contains("${")
}

/// What a policy variable stands for in a request.
fn variable<'p>(name: &str, request: &Request<'p>) -> &'p ContextValue {
    request.value(&ConditionKey::fold(name.trim()))
}
