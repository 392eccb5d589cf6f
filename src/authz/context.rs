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
    /// The hash of each key, as [`ConditionKey::hash`] makes it: a look-up reads these few bytes, and then one entry.
    hashes: Vec<u32>,
    /// Keys in lower case with their values.
    entries: Vec<(Box<str>, ContextValue)>,
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
        Self { complete: true, ..Self::default() }
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
        let hash = ConditionKey::hash(&key);
        let known = self.position(&key, hash).and_then(|at| self.entries.get_mut(at));
        match known {
            Some((_, old)) => *old = value,
            None => {
                self.hashes.push(hash);
                self.entries.push((key.into_boxed_str(), value));
            }
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
        self.hashed(folded, ConditionKey::hash(folded))
    }

    /// The same where the hash of the key is known.
    pub(super) fn hashed(&self, folded: &str, hash: u32) -> Option<&ContextValue> {
        let at = self.position(folded, hash)?;
        self.entries.get(at).map(|(_, value)| value)
    }

    fn position(&self, folded: &str, hash: u32) -> Option<usize> {
        let is_it = |at: &usize| self.entries.get(*at).is_some_and(|(known, _)| **known == *folded);
        let alike = self.hashes.iter().enumerate().filter(|(_, known)| **known == hash);
        alike.map(|(at, _)| at).find(is_it)
    }

    /// Gives back memory that is not used: for a context that stays as it is.
    pub(super) fn fixed(mut self) -> Self {
        self.hashes.shrink_to_fit();
        self.entries.shrink_to_fit();
        self
    }

    /// Sets a key to literal text.
    pub(super) fn set_text(&mut self, key: &str, text: &str) {
        self.set(key, ContextValue::One(Text::literal(text)));
    }
}
