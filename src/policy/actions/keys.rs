//! The condition keys of KMS.

use super::CONDITION_KEYS;

/// What the values of a condition key are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// Text.
    Text,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A date.
    Date,
    /// An ARN.
    Arn,
}

/// A condition key of the service `kms`.
#[derive(Debug)]
pub struct ConditionKeyInfo {
    /// Its name, or for a family (`kms:EncryptionContext:`) what all its names begin with.
    pub name: &'static str,
    /// What its values are.
    pub values: ValueType,
    /// Whether a request can hold several values: such a key needs `ForAnyValue:` or `ForAllValues:`.
    pub multivalued: bool,
}

/// A row of the table.
pub(super) const fn key(name: &'static str, values: ValueType, multivalued: bool) -> ConditionKeyInfo {
    ConditionKeyInfo { name, values, multivalued }
}

impl ConditionKeyInfo {
    /// The key of this name, in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        CONDITION_KEYS.get(Self::position(name)?)
    }

    /// Its place in the table.
    pub(super) fn position(name: &str) -> Option<usize> {
        CONDITION_KEYS.iter().position(|info| info.is(name))
    }

    fn is(&self, name: &str) -> bool {
        if self.name.ends_with(':') {
            return name.len() > self.name.len()
                && name.get(..self.name.len()).is_some_and(|head| head.eq_ignore_ascii_case(self.name));
        }
        name.eq_ignore_ascii_case(self.name)
    }
}
