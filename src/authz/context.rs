//! What is known of a request beside caller, key and action: its condition keys.

use crate::policy::ConditionKey;
use crate::resolve::Text;

/// The value of a condition key in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContextValue {
    /// The request does not have the key.
    Absent,
    /// A single value.
    One(Text),
    /// The values of a multivalued key; never empty.
    Many(Vec<Text>),
    /// This value where the request has the key at all.
    IfPresent(Text),
    /// The request has the key, with a value that is not known.
    Present,
    /// Nothing is known.
    Unknown,
}

/// Condition keys with their values, and whether these are all.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Sorted by key in lower case.
    entries: Vec<(String, ContextValue)>,
    complete: bool,
}

impl Context {
    /// A context of which nothing is known but what follows from caller, key and action.
    #[must_use]
    pub fn open() -> Self {
        Self::default()
    }

    /// A context without any key: what is not set afterwards is absent.
    #[must_use]
    pub fn complete() -> Self {
        Self { entries: Vec::new(), complete: true }
    }

    /// Sets a key, written in any case.
    #[must_use]
    pub fn with(mut self, key: &str, value: ContextValue) -> Self {
        self.set(key, value);
        self
    }

    /// Sets a key, written in any case.
    pub fn set(&mut self, key: &str, value: ContextValue) {
        let key = ConditionKey::fold(key);
        match self.entries.binary_search_by(|(known, _)| known.as_str().cmp(&key)) {
            Ok(at) => {
                if let Some((_, old)) = self.entries.get_mut(at) {
                    *old = value;
                }
            }
            Err(at) => self.entries.insert(at, (key, value)),
        }
    }

    /// Whether a key that is not listed is absent (else it is not known).
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// The value of a key in lower case, if it is listed.
    #[must_use]
    pub fn listed(&self, folded: &str) -> Option<&ContextValue> {
        let at = self.entries.binary_search_by(|(known, _)| known.as_str().cmp(folded)).ok()?;
        self.entries.get(at).map(|(_, value)| value)
    }

    /// Sets a key to literal text.
    pub(super) fn set_text(&mut self, key: &str, text: &str) {
        self.set(key, ContextValue::One(Text::literal(text)));
    }
}
