//! What limits who can use a statement that speaks of everyone.

use super::{Condition, Guarded, Operator, OperatorKind, Part, SetOperator, Statement};
use crate::resolve::{Guard, Piece, Text, Truth};

/// What limits the callers of a statement whose principal is everyone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Limits {
    /// Nothing: anyone in any account.
    Nothing,
    /// Only the service through which a request comes: anyone in any account, through it.
    ViaServiceOnly,
    /// Something that fixes who calls.
    Limited,
    /// Cannot be known from here.
    Unknown,
}

/// Condition keys that say who calls, or from where: a value that fixes something limits the callers.
const LIMITING: [&str; 15] = [
    "kms:calleraccount",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalarn",
    "aws:userid",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpcsourceip",
    "aws:sourceip",
    "aws:sourcevpcarn",
];

/// Condition keys that the caller chooses, that every caller has, or that speak of the key: they limit no caller.
const FREE: [&str; 26] = [
    "kms:viaservice",
    "kms:encryptioncontextkeys",
    "kms:grantisforawsresource",
    "kms:resourcealiases",
    "kms:requestalias",
    "aws:principalisawsservice",
    "aws:principaltype",
    "aws:securetransport",
    "aws:requestedregion",
    "aws:currenttime",
    "aws:epochtime",
    "aws:tokenissuetime",
    "aws:multifactorauthpresent",
    "aws:multifactorauthage",
    "aws:viaawsservice",
    "aws:useragent",
    "aws:referer",
    "aws:tagkeys",
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:resourceorgpaths",
    "aws:username",
    "aws:chatbotsourcearn",
];

/// Families of such keys.
const FREE_FAMILIES: [&str; 4] = ["kms:encryptioncontext:", "aws:principaltag/", "aws:resourcetag/", "aws:requesttag/"];

impl Statement {
    /// What limits its callers in every deployment; conditions that only some deployments have make it unknown.
    #[must_use]
    pub fn limits_caller(&self) -> Limits {
        let guard = &self.guard;
        self.limits_caller_where(&|written: &Guard| if written == guard { Truth::Yes } else { Truth::Unknown })
    }

    /// What limits its callers in the deployments in which guards hold as `holds` says.
    #[must_use]
    pub fn limits_caller_where(&self, holds: &dyn Fn(&Guard) -> Truth) -> Limits {
        let (mut limited, mut via) = (Truth::No, Truth::No);
        for condition in &self.conditions {
            let written = holds(&condition.guard);
            limited = limited.or(written.and(self.limits(condition, holds)));
            if condition.key.folded == "kms:viaservice" {
                // Whichever service it is, nothing else may limit the callers.
                let named = self.is_fixed(condition, holds) != Truth::No;
                via = via.or(written.and(named.into()));
            }
        }
        let unread =
            self.unread.iter().any(|(part, cause)| *part == Part::Conditions && holds(&cause.guard) != Truth::No)
                || self.unknown.iter().any(|cause| holds(&cause.guard) != Truth::No);
        match (limited, via) {
            (Truth::Yes, _) => Limits::Limited,
            (Truth::Unknown, _) | (Truth::No, Truth::Unknown) => Limits::Unknown,
            (Truth::No, _) if unread => Limits::Unknown,
            (Truth::No, Truth::Yes) => Limits::ViaServiceOnly,
            (Truth::No, Truth::No) => Limits::Nothing,
        }
    }

    /// Whether one condition limits the callers.
    fn limits(&self, condition: &Condition, holds: &dyn Fn(&Guard) -> Truth) -> Truth {
        if self.is_key_of_caller(condition, holds) {
            return Truth::Yes;
        }
        match names_caller(&condition.key.folded) {
            Truth::No => Truth::No,
            named => named.and(self.is_fixed(condition, holds)),
        }
    }

    /// Whether a condition demands that the key belongs to the caller's own account or organization: the key is fixed, so the caller is.
    fn is_key_of_caller(&self, condition: &Condition, holds: &dyn Fn(&Guard) -> Truth) -> bool {
        let own = match condition.key.folded.as_str() {
            "aws:resourceaccount" => "${aws:PrincipalAccount}",
            "aws:resourceorgid" => "${aws:PrincipalOrgID}",
            _ => return false,
        };
        let positive = condition.operator.is_some_and(|operator| {
            !operator.negated && !operator.if_exists && operator.set.is_none() && compares(operator)
        });
        let is_own = |value: &Guarded<Text>| {
            holds(&value.guard) == Truth::No
                || value.value.as_literal().is_some_and(|value| value.eq_ignore_ascii_case(own))
        };
        positive && condition.unknown.is_empty() && !condition.values.is_empty() && condition.values.iter().all(is_own)
    }

    /// Whether a condition demands that its key is there and has one of some fixed values.
    fn is_fixed(&self, condition: &Condition, holds: &dyn Fn(&Guard) -> Truth) -> Truth {
        let Some(operator) = condition.operator else { return Truth::Unknown };
        if operator.negated || operator.if_exists || !compares(operator) {
            return Truth::No;
        }
        // `ForAllValues` holds where the key is absent, unless another condition demands that it is there.
        if operator.set == Some(SetOperator::ForAllValues) && !self.demands(&condition.key.folded, holds) {
            return Truth::No;
        }
        let key = condition.key.folded.as_str();
        let values = condition.values.iter().filter(|value| holds(&value.guard) != Truth::No);
        let known = values.fold(Truth::Yes, |all, value| {
            let fixed = fixes(key, operator.kind, &value.value);
            all.and(if holds(&value.guard) == Truth::Yes { fixed } else { fixed.or(Truth::Unknown) })
        });
        let unread = condition.unknown.iter().any(|value| holds(&value.guard) != Truth::No);
        if unread { known.and(Truth::Unknown) } else { known }
    }

    /// Whether a `Null` condition demands that a key is there.
    fn demands(&self, key: &str, holds: &dyn Fn(&Guard) -> Truth) -> bool {
        self.conditions.iter().any(|condition| {
            condition.key.folded == key
                && holds(&condition.guard) == Truth::Yes
                && condition.operator.is_some_and(|operator| operator.kind == OperatorKind::Null)
                && !condition.values.is_empty()
                && condition.values.iter().all(|value| value.value.as_literal() == Some("false"))
        })
    }
}

/// Whether a condition key says who calls.
fn names_caller(key: &str) -> Truth {
    let free = FREE.contains(&key)
        || FREE_FAMILIES.iter().any(|family| key.starts_with(family))
        || (key != "kms:calleraccount" && super::ConditionKeyInfo::named(key).is_some());
    match (LIMITING.contains(&key), free) {
        (true, _) => Truth::Yes,
        (false, true) => Truth::No,
        (false, false) => Truth::Unknown,
    }
}

/// Whether an operator compares a key with values so that they can limit.
fn compares(operator: Operator) -> bool {
    match operator.kind {
        OperatorKind::StringEquals
        | OperatorKind::StringEqualsIgnoreCase
        | OperatorKind::StringLike
        | OperatorKind::ArnEquals
        | OperatorKind::ArnLike
        | OperatorKind::IpAddress
        | OperatorKind::BinaryEquals => true,
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
        | OperatorKind::Null => false,
    }
}

/// Whether a value of a limiting key leaves out most of the world.
fn fixes(key: &str, operator: OperatorKind, value: &Text) -> Truth {
    if let Some(variable) = first_variable(value) {
        let own =
            variable.eq_ignore_ascii_case("aws:ResourceAccount") || variable.eq_ignore_ascii_case("aws:ResourceOrgID");
        return Truth::from(own);
    }
    if operator == OperatorKind::IpAddress {
        return Truth::from(!value.as_literal().is_some_and(|range| range.ends_with("/0")));
    }
    let takes_wildcards =
        matches!(operator, OperatorKind::StringLike | OperatorKind::ArnEquals | OperatorKind::ArnLike);
    if !takes_wildcards || !has_wildcard(value) {
        return Truth::Yes;
    }
    match key {
        "aws:principalarn" | "aws:sourcearn" | "aws:sourcevpcarn" => fixes_account(value),
        _ => fixes_beginning(key, value),
    }
}

/// Whether the beginning of a pattern that is no ARN fixes something: a service's name, an organization of its paths, a role of its
/// sessions. Of other keys a part of a value is neither much nor nothing.
fn fixes_beginning(key: &str, pattern: &Text) -> Truth {
    let (head, _) = pattern.literal_ends();
    let begins_with_hole = head.is_empty();
    let fixed = head.split(['*', '?']).next().unwrap_or("").to_ascii_lowercase();
    let says_nothing = ["", "o-", "vpc-", "vpce-", "a", "aroa", "aida"].contains(&fixed.as_str());
    match key {
        _ if says_nothing && !begins_with_hole => Truth::No,
        "kms:viaservice" | "aws:principalorgpaths" | "aws:userid" => Truth::Yes,
        _ => Truth::Unknown,
    }
}

/// Whether an ARN pattern names its account. Buckets have none in their ARN, but their names are unique.
fn fixes_account(pattern: &Text) -> Truth {
    let parts = arn_parts(pattern);
    let part = |at: usize| parts.get(at).cloned().unwrap_or_default();
    let account = part(4);
    let is_open = account.as_literal().is_some_and(|text| text.bytes().all(|byte| matches!(byte, b'*' | b'?')));
    if is_open && part(2).as_literal() == Some("s3") {
        return Truth::from(parts.len() == 6 && !part(5).literal_ends().0.starts_with(['*', '?']));
    }
    match is_open {
        // With too few parts a hole may hide the account.
        true if parts.len() < 6 && parts.iter().any(|part| part.symbols().next().is_some()) => Truth::Unknown,
        true => Truth::No,
        false if has_wildcard(&account) => Truth::Unknown,
        false => Truth::Yes,
    }
}

fn has_wildcard(text: &Text) -> bool {
    text.pieces().iter().any(|piece| matches!(piece, Piece::Literal(literal) if literal.contains(['*', '?'])))
}

fn first_variable(text: &Text) -> Option<&str> {
    text.pieces().iter().find_map(|piece| match piece {
        Piece::Literal(literal) => {
            let inner = literal.split_once("${")?.1.split_once('}')?.0;
            Some(inner.split(',').next().unwrap_or(inner).trim())
        }
        Piece::Symbol(_) => None,
    })
}

/// The first six parts of an ARN; holes are opaque, and what follows the fifth `:` is one part.
fn arn_parts(text: &Text) -> Vec<Text> {
    let mut parts = vec![Text::default()];
    for piece in text.pieces() {
        let literal = match piece {
            Piece::Literal(literal) => literal,
            Piece::Symbol(symbol) => {
                if let Some(last) = parts.last_mut() {
                    last.push(&Text::symbol(symbol.clone()));
                }
                continue;
            }
        };
        let room = 7_usize.saturating_sub(parts.len());
        for (index, part) in literal.splitn(room.max(1), ':').enumerate() {
            if index > 0 {
                parts.push(Text::default());
            }
            if let Some(last) = parts.last_mut() {
                last.push_str(part);
            }
        }
    }
    parts
}
