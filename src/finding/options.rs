//! What may be set for a rule: its page declares it, a configuration sets it, the rule asks for it.

use super::Meta;
use std::collections::BTreeMap;

/// An option as the header of a rule's page declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub takes: Takes,
}

/// What an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// A whole number, both ends included.
    Number {
        /// The least.
        least: u32,
        /// The most.
        most: u32,
    },
    /// A list of texts.
    List,
}

/// An option that takes a number: only [`Meta::number`] makes one, so there is no other than those that a page declares.
#[derive(Clone, Copy, Debug)]
pub struct NumberOption {
    pub(super) rule: &'static str,
    pub(super) name: &'static str,
}

/// An option that takes a list: only [`Meta::list`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct ListOption {
    pub(super) rule: &'static str,
    pub(super) name: &'static str,
}

/// A value that was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// For [`Takes::Number`].
    Number(u32),
    /// For [`Takes::List`].
    List(Vec<String>),
}

/// What is set for the rules of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings(BTreeMap<(&'static str, &'static str), Setting>);

impl Settings {
    /// Sets an option of a rule.
    pub fn set(&mut self, rule: &Meta, option: Declared, setting: Setting) {
        self.0.insert((rule.id, option.name), setting);
    }

    /// The number that is set.
    #[must_use]
    pub fn number(&self, option: NumberOption) -> Option<u32> {
        match self.0.get(&(option.rule, option.name))? {
            Setting::Number(number) => Some(*number),
            Setting::List(_) => None,
        }
    }

    /// The list that is set; empty where none is.
    #[must_use]
    pub fn list(&self, option: ListOption) -> &[String] {
        match self.0.get(&(option.rule, option.name)) {
            Some(Setting::List(texts)) => texts,
            Some(Setting::Number(_)) | None => &[],
        }
    }

    /// The rules for which something is set, sorted by id.
    pub fn rules(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().map(|(rule, _)| *rule)
    }
}
