//! Conditions of a statement: operator, key, values.

use super::Guarded;
use crate::resolve::{Cause, Guard, Text};
use crate::source::Span;

/// One operator with one key and its values.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The key with its values.
    pub span: Span,
    /// When this condition is written at all.
    pub guard: Guard,
    /// How values are compared; none where the operator is unknown.
    pub operator: Option<Operator>,
    /// The operator as written.
    pub operator_text: String,
    /// What is compared.
    pub key: ConditionKey,
    /// The values: alternatives.
    pub values: Vec<Guarded<Text>>,
    /// Values that cannot be read: any value could stand there.
    pub unknown: Vec<Guarded<Cause>>,
}

/// A condition key. Compared without regard to case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionKey {
    /// As written.
    pub text: String,
    /// In lower case.
    pub folded: String,
    /// Tells most different keys apart without a look at their text.
    hash: u32,
}

impl Condition {
    /// Whether it never holds for a request that does not carry its key. `Null` asks for the absence itself.
    #[must_use]
    pub fn fails_without_key(&self) -> bool {
        self.operator.is_some_and(|operator| {
            !operator.negated
                && !operator.if_exists
                && operator.set != Some(SetOperator::ForAllValues)
                && operator.kind != OperatorKind::Null
        })
    }
}

impl ConditionKey {
    /// A key as written.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let folded = Self::fold(text);
        let hash = Self::hash(&folded);
        Self { text: text.to_owned(), folded, hash }
    }

    /// The same number for equal keys.
    #[must_use]
    pub fn hashed(&self) -> u32 {
        self.hash
    }

    /// [`Self::hashed`] of a key in lower case (FNV-1a).
    #[must_use]
    pub fn hash(folded: &str) -> u32 {
        folded.bytes().fold(0x811C_9DC5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    }

    /// A key in the form in which keys are compared; keys of tags may have letters of any script.
    #[must_use]
    pub fn fold(text: &str) -> String {
        if text.is_ascii() { text.to_ascii_lowercase() } else { text.to_lowercase() }
    }
}

/// A set operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetOperator {
    /// `ForAllValues:`.
    ForAllValues,
    /// `ForAnyValue:`.
    ForAnyValue,
}

/// An operator with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operator {
    /// The comparison.
    pub kind: OperatorKind,
    /// `…Not…`.
    pub negated: bool,
    /// `…IfExists`.
    pub if_exists: bool,
    /// `ForAllValues:` or `ForAnyValue:`.
    pub set: Option<SetOperator>,
}

/// The comparison of an operator, without negation and modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorKind {
    /// `StringEquals`.
    StringEquals,
    /// `StringEqualsIgnoreCase`.
    StringEqualsIgnoreCase,
    /// `StringLike`.
    StringLike,
    /// `NumericEquals`.
    NumericEquals,
    /// `NumericLessThan`.
    NumericLessThan,
    /// `NumericLessThanEquals`.
    NumericLessThanEquals,
    /// `NumericGreaterThan`.
    NumericGreaterThan,
    /// `NumericGreaterThanEquals`.
    NumericGreaterThanEquals,
    /// `DateEquals`.
    DateEquals,
    /// `DateLessThan`.
    DateLessThan,
    /// `DateLessThanEquals`.
    DateLessThanEquals,
    /// `DateGreaterThan`.
    DateGreaterThan,
    /// `DateGreaterThanEquals`.
    DateGreaterThanEquals,
    /// `Bool`.
    Bool,
    /// `BinaryEquals`.
    BinaryEquals,
    /// `IpAddress`.
    IpAddress,
    /// `ArnEquals` (takes wildcards like `ArnLike`).
    ArnEquals,
    /// `ArnLike`.
    ArnLike,
    /// `Null`.
    Null,
}

impl Operator {
    /// The operator of this name, in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        let (set, name) = match name.split_once(':') {
            Some(("forallvalues", rest)) => (Some(SetOperator::ForAllValues), rest),
            Some(("foranyvalue", rest)) => (Some(SetOperator::ForAnyValue), rest),
            Some(_) => return None,
            None => (None, name.as_str()),
        };
        let (if_exists, name) = match name.strip_suffix("ifexists") {
            Some(rest) => (true, rest),
            None => (false, name),
        };
        let (kind, negated) = OperatorKind::named(name)?;
        Some(Self { kind, negated, if_exists, set })
    }
}

impl OperatorKind {
    /// The comparison of a name in lower case, and whether it is negated.
    fn named(name: &str) -> Option<(Self, bool)> {
        Some(match name {
            "stringequals" => (Self::StringEquals, false),
            "stringnotequals" => (Self::StringEquals, true),
            "stringequalsignorecase" => (Self::StringEqualsIgnoreCase, false),
            "stringnotequalsignorecase" => (Self::StringEqualsIgnoreCase, true),
            "stringlike" => (Self::StringLike, false),
            "stringnotlike" => (Self::StringLike, true),
            "numericequals" => (Self::NumericEquals, false),
            "numericnotequals" => (Self::NumericEquals, true),
            "numericlessthan" => (Self::NumericLessThan, false),
            "numericlessthanequals" => (Self::NumericLessThanEquals, false),
            "numericgreaterthan" => (Self::NumericGreaterThan, false),
            "numericgreaterthanequals" => (Self::NumericGreaterThanEquals, false),
            "dateequals" => (Self::DateEquals, false),
            "datenotequals" => (Self::DateEquals, true),
            "datelessthan" => (Self::DateLessThan, false),
            "datelessthanequals" => (Self::DateLessThanEquals, false),
            "dategreaterthan" => (Self::DateGreaterThan, false),
            "dategreaterthanequals" => (Self::DateGreaterThanEquals, false),
            "bool" => (Self::Bool, false),
            "binaryequals" => (Self::BinaryEquals, false),
            "ipaddress" => (Self::IpAddress, false),
            "notipaddress" => (Self::IpAddress, true),
            "arnequals" => (Self::ArnEquals, false),
            "arnnotequals" => (Self::ArnEquals, true),
            "arnlike" => (Self::ArnLike, false),
            "arnnotlike" => (Self::ArnLike, true),
            "null" => (Self::Null, false),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_is_read_with_all_its_modifiers() {
        let operator = Operator::named("ForAnyValue:StringNotLikeIfExists").unwrap();
        assert_eq!(operator.kind, OperatorKind::StringLike);
        assert!(operator.negated && operator.if_exists);
        assert_eq!(operator.set, Some(SetOperator::ForAnyValue));
    }

    #[test]
    fn a_misspelt_operator_is_none() {
        assert_eq!(Operator::named("StringEqual"), None);
        assert_eq!(Operator::named("ForSomeValues:StringEquals"), None);
    }
}
