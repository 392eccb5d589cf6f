//! Conditions of a statement: operator, key, values.

use super::Guarded;
use crate::resolve::Text;
use crate::source::Span;

/// One operator with one key and its values.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The key with its values.
    pub span: Span,
    /// When this condition is written at all.
    pub guard: crate::resolve::Guard,
    /// How values are compared; none where the operator is unknown.
    pub operator: Option<Operator>,
    /// The operator as written.
    pub operator_text: String,
    /// What is compared.
    pub key: ConditionKey,
    /// The values: alternatives.
    pub values: Vec<Guarded<Text>>,
    /// Values that cannot be read: any value could stand there.
    pub unknown: bool,
}

/// A condition key. Compared without regard to case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionKey {
    /// As written.
    pub text: String,
    /// In lower case.
    pub folded: String,
}

impl ConditionKey {
    /// A key as written.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), folded: text.to_ascii_lowercase() }
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
