//! Declared aliases.

use super::{Estate, Fact, KeyId, KnownAlias, Target};
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

impl Estate {
    /// The keys that a target names as a stack sees it, straight or through an alias that a template declares or the inventory has.
    /// None where that is not known.
    #[must_use]
    pub fn keys_behind(&self, stack: StackId, target: &Target) -> Vec<KeyId> {
        match target {
            Target::Key(key) | Target::KeyById(key) => vec![*key],
            Target::AliasName(_, Some(alias)) | Target::AliasArn(_, Some(alias)) => {
                let targets = self.aliases.get(alias.0 as usize).map_or(&[][..], |alias| alias.targets.as_slice());
                let key = |(_, target): &(Guard, AliasTarget)| match target {
                    AliasTarget::Key(key) => Some(*key),
                    AliasTarget::Alias(_) | AliasTarget::Unknown(_) => None,
                };
                targets.iter().filter_map(key).collect()
            }
            Target::AliasName(text, None) | Target::AliasArn(text, None) => {
                self.known_alias(stack, text).and_then(|alias| alias.key).into_iter().collect()
            }
            Target::Pattern(_)
            | Target::BareId(_)
            | Target::OtherService
            | Target::Malformed(_)
            | Target::Unknown(_) => Vec::new(),
        }
    }

    /// The alias of the inventory that a name or an ARN means in a stack: only where account and Region are known, as other accounts and
    /// Regions may have one of this name too.
    #[must_use]
    pub fn known_alias(&self, stack: StackId, text: &Text) -> Option<&KnownAlias> {
        let text = text.as_literal();
        let environment = self.stack(stack).map(|stack| &stack.environment);
        let parts: Vec<&str> = text.unwrap_or_default().splitn(6, ':').collect();
        let (account, region, name) = match parts.as_slice() {
            ["arn", _, "kms", region, account, name] => (*account, *region, *name),
            [name] => (environment?.account.as_literal()?, environment?.region.as_literal()?, *name),
            _ => return None,
        };
        let order = |alias: &KnownAlias| {
            (alias.account.as_str(), alias.region.as_str(), alias.name.as_str()).cmp(&(account, region, name))
        };
        self.known_aliases.binary_search_by(order).ok().and_then(|at| self.known_aliases.get(at))
    }
}
