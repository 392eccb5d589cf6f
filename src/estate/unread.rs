//! Templates that could not be read: what they would have provided is missed, and that is why.

use crate::resolve::Symbol;
use memchr::memmem;

/// How far before a name it is looked for what it names.
const BEFORE: usize = 80;

/// A template that could not be read wholly.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unread {
    /// Its path as reported.
    pub path: String,
    /// The name of the stack that it would be.
    pub name: String,
    /// Its text, as far as it is text.
    pub text: String,
}

impl Unread {
    /// Whether it seems to provide what a hole stands for.
    pub(super) fn seems_to_provide(&self, symbol: &Symbol) -> bool {
        match symbol {
            Symbol::Import(name) => self.seems_to_export(name),
            Symbol::Output(stack, _) => *stack == self.name,
            Symbol::Account(_)
            | Symbol::Region(_)
            | Symbol::Partition(_)
            | Symbol::Pseudo(..)
            | Symbol::Parameter(..)
            | Symbol::Resource(..)
            | Symbol::Attribute(..)
            | Symbol::Dynamic(_)
            | Symbol::Derived(_) => false,
        }
    }

    /// Whether the name stands in it as that of an export, as a whole or behind the name of its stack.
    fn seems_to_export(&self, name: &str) -> bool {
        let behind = name.strip_prefix(&self.name).filter(|rest| rest.starts_with(['-', ':', '_', '.']));
        self.names(name) || behind.is_some_and(|rest| self.text.is_empty() || self.names(rest))
    }

    /// Whether a text stands in it behind `Name`, and not as what is imported.
    fn names(&self, wanted: &str) -> bool {
        memmem::find_iter(self.text.as_bytes(), wanted).any(|at| {
            let first = (at.saturating_sub(BEFORE)..=at).find(|first| self.text.is_char_boundary(*first));
            let before = first.and_then(|first| self.text.get(first..at)).unwrap_or_default();
            before.contains("Name") && !before.contains("ImportValue")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unread(text: &str) -> Unread {
        Unread { path: "keys.yaml".to_owned(), name: "keys".to_owned(), text: text.to_owned() }
    }

    #[test]
    fn an_export_is_seen_in_a_text_that_is_no_template() {
        let import = |name: &str| Symbol::Import(name.to_owned());
        assert!(unread("Export: { Name: shared-Key }\n  :").seems_to_provide(&import("shared-Key")));
        assert!(unread("Name: !Sub '${AWS::StackName}-Key'").seems_to_provide(&import("keys-Key")));
        assert!(unread("").seems_to_provide(&import("keys-Key")), "its name alone speaks for it");
        assert!(!unread("Value: !ImportValue shared-Key").seems_to_provide(&import("shared-Key")));
        assert!(!unread("Name: other").seems_to_provide(&import("keys-Key")));
        assert!(unread("x").seems_to_provide(&Symbol::Output("keys".to_owned(), "Arn".to_owned())));
    }
}
