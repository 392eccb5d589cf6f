//! Reading values without losing their guards.

use super::{Guard, Value, Valued};
use crate::source::Span;

/// An element of a list, or a single value in its place, with the guard under which it is there.
#[derive(Clone, Debug)]
pub struct Element<'v> {
    /// When it is there.
    pub guard: Guard,
    /// Where it is written.
    pub span: Span,
    /// What it is; never absent, null or a list.
    pub value: &'v Value,
}

impl Valued {
    /// Each possible value with the guard under which it holds together with `under`.
    #[must_use]
    pub fn branches(&self, under: &Guard) -> Vec<(Guard, &Value)> {
        self.value.iter().filter_map(|(guard, value)| Some((under.and(guard)?, value))).collect()
    }

    /// The values under a key in every branch that is a map and has it.
    #[must_use]
    pub fn get(&self, under: &Guard, key: &str) -> Vec<(Guard, &Valued)> {
        let mut found = Vec::new();
        for (guard, value) in self.branches(under) {
            if let Value::Map(entries) = value
                && let Some((_, entry)) = entries.iter().find(|(name, _)| name.value == key)
            {
                found.push((guard, entry));
            }
        }
        found
    }

    /// The elements of a list, nested lists flattened; a single value counts as a list of one; what is absent is left out.
    #[must_use]
    pub fn elements(&self, under: &Guard) -> Vec<Element<'_>> {
        let mut elements = Vec::new();
        self.collect_elements(under, &mut elements);
        elements
    }

    fn collect_elements<'v>(&'v self, under: &Guard, elements: &mut Vec<Element<'v>>) {
        for (guard, value) in self.branches(under) {
            match value {
                Value::Absent | Value::Null => {}
                Value::List(items) => {
                    for item in items {
                        item.collect_elements(&guard, elements);
                    }
                }
                Value::Text(_) | Value::Map(_) | Value::Unknown(_) => {
                    elements.push(Element { guard, span: self.span, value });
                }
            }
        }
    }
}
