//! Stacks that share an account and a Region in some of the worlds: one of several candidates provides what another imports.

use super::Estate;
use crate::resolve::{Atom, Guard, StackId, Text};

impl Estate {
    /// A text where a guard holds: account, Region and partition of a stack that imports are those of the candidate that provides it there.
    #[must_use]
    pub fn seen_under(&self, guard: &Guard, text: &Text) -> Text {
        guard.atoms().fold(text.clone(), |text, (atom, holds)| match atom {
            Atom::Provider { stack, imports: true, provider, .. } if holds => self.beside(*stack, *provider, text),
            Atom::Provider { .. } | Atom::Condition { .. } | Atom::Parameter { .. } => text,
        })
    }

    /// A text of a stack that is in the same place as another.
    fn beside(&self, stack: StackId, provider: StackId, text: Text) -> Text {
        let (Some(own), Some(other)) = (self.stack(stack), self.stack(provider)) else { return text };
        let (own, other) = (&own.environment, &other.environment);
        let parts = [(&own.account, &other.account), (&own.region, &other.region), (&own.partition, &other.partition)];
        parts.into_iter().fold(text, |text, (own, other)| match own.as_symbol() {
            Some(hole) => text.replaced(hole, other),
            None => text,
        })
    }

    /// A stack for people, told apart from others of its name: ``stack `keys` ``, ``stack `keys` of `b/keys.yaml` ``.
    #[must_use]
    pub fn label(&self, stack: StackId) -> &str {
        self.tables.label(stack)
    }
}
