//! Declared aliases.

use super::{Fact, KeyId};
use crate::finding::Site;
use crate::resolve::{Guard, Resolved, StackId, Text, Value};

/// An `AWS::KMS::Alias`.
#[derive(Clone, Debug)]
pub struct Alias {
    /// The stack that declares it.
    pub stack: StackId,
    /// Index into [`super::Estate::facts`].
    pub fact: usize,
    /// Its logical id.
    pub logical: String,
    /// Its names under their guards: `alias/…`.
    pub names: Vec<(Guard, Text)>,
    /// Where the name is written.
    pub name_site: Site,
    /// What it points to, under guards.
    pub targets: Vec<(Guard, AliasTarget)>,
    /// Where the target is written.
    pub target_site: Site,
}

/// What an alias points to.
#[derive(Clone, Debug, PartialEq)]
pub enum AliasTarget {
    /// A key of the estate.
    Key(KeyId),
    /// An alias, which KMS refuses: its name or ARN.
    Alias(Text),
    /// Something that cannot be known from here.
    Unknown(String),
}

/// The texts of a property with their guards; absent and structured values are left out.
pub(super) fn texts(fact: &Fact, property: &str) -> Option<(Site, Vec<(Guard, Text)>)> {
    let valued = fact.property(property)?;
    let site = Site { stack: fact.stack, span: valued.span };
    let texts = match &valued.value {
        Resolved::Known(Value::Text(text)) => vec![(fact.guard.clone(), text.clone())],
        other => other
            .iter()
            .filter_map(|(guard, value)| match value {
                Value::Text(text) => Some((fact.guard.and(guard)?, text.clone())),
                _ => None,
            })
            .collect(),
    };
    Some((site, texts))
}
