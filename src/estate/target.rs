//! What a text names: a key, an alias, a pattern over keys, or nothing of KMS.

use super::keys::{Key, KeyOrigin};
use super::unread::Unread;
use super::{AliasId, KeyId};
use crate::policy::KeyPolicy;
use crate::resolve::{Cause, Environment, Piece, StackId, Symbol, Text, Truth};
use crate::source::Span;
use std::collections::BTreeMap;

/// How the ids of multi-Region keys begin.
const MULTI_REGION: &str = "mrk-";

/// What a text in a `Resource` element, an alias target or a property names.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// One key, by its ARN.
    Key(KeyId),
    /// One key, by its bare id.
    KeyById(KeyId),
    /// An alias by name (`alias/x`), with the alias if it is in view.
    AliasName(Text, Option<AliasId>),
    /// An alias by ARN, with the alias if it is in view.
    AliasArn(Text, Option<AliasId>),
    /// `*`, or a pattern that is not about one key: `arn:aws:kms:*:*:key/*`.
    Pattern(Text),
    /// A bare key id of no key in view, in the form of one (UUID or `mrk-…`).
    BareId(Text),
    /// Begins with `arn:` and is of another service than KMS.
    OtherService,
    /// An ARN of KMS that can be neither key nor alias.
    Malformed(Text),
    /// Cannot be known from here, and why: lower case, no period.
    Unknown(String),
}

/// A key by what identifies it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identity {
    /// Declared in a stack.
    Declared(StackId, String),
    /// Account, Region and key id.
    Named(Text, Text, String),
}

/// The keys and aliases of an estate by their names.
#[derive(Debug, Default)]
pub(crate) struct Index {
    keys: BTreeMap<Identity, KeyId>,
    aliases: BTreeMap<Text, Vec<Entry>>,
    /// Keys of the inventory by their ids.
    known: BTreeMap<String, Vec<Known>>,
    /// Templates that could not be read.
    unread: Vec<Unread>,
}

/// A key of the inventory.
#[derive(Debug)]
struct Known {
    id: KeyId,
    account: Text,
    region: Text,
}

#[derive(Debug)]
struct Entry {
    id: AliasId,
    account: Text,
    region: Text,
}

/// An ARN by its parts. Holes are taken to fill the part in which they stand.
pub(super) struct Arn {
    pub(super) service: Text,
    pub(super) region: Text,
    pub(super) account: Text,
    pub(super) resource: Text,
}

impl Arn {
    /// Whether it is a pattern over accounts or Regions.
    fn is_anywhere(&self) -> bool {
        let is_pattern = |part: &Text| part.as_literal().is_some_and(|part| part.contains(['*', '?']));
        is_pattern(&self.account) || is_pattern(&self.region)
    }
}

/// The six parts of an ARN: none if the text does not begin with `arn:` or has fewer.
pub(super) fn arn(text: &Text) -> Option<Arn> {
    if !text.literal_ends().0.starts_with("arn:") {
        return None;
    }
    let mut parts = vec![Text::default()];
    for piece in text.pieces() {
        match piece {
            Piece::Symbol(symbol) => parts.last_mut()?.push(&Text::symbol(symbol.clone())),
            Piece::Literal(literal) => {
                for (index, part) in literal.split(':').enumerate() {
                    if index > 0 && parts.len() < 6 {
                        parts.push(Text::default());
                    } else if index > 0 {
                        parts.last_mut()?.push_str(":");
                    }
                    parts.last_mut()?.push_str(part);
                }
            }
        }
    }
    let [_, _, service, region, account, resource] = <[Text; 6]>::try_from(parts).ok()?;
    Some(Arn { service, region, account, resource })
}

impl Index {
    /// An index over nothing yet, with the templates that will be missing.
    pub(super) fn without(unread: Vec<Unread>) -> Self {
        Self { unread, ..Self::default() }
    }

    /// The file that seems to provide what a hole stands for, and could not be read.
    pub(super) fn unread_provider(&self, symbol: &Symbol) -> Option<&str> {
        self.unread.iter().find(|unread| unread.seems_to_provide(symbol)).map(|unread| unread.path.as_str())
    }

    /// Why a hole hides what stands behind it.
    fn why(&self, symbol: &Symbol) -> String {
        match self.unread_provider(symbol) {
            Some(path) => format!("`{symbol}` seems to come from `{path}`, which is broken"),
            None => why(symbol),
        }
    }

    /// Enters a declared key.
    pub(super) fn add_declared(&mut self, stack: StackId, logical: &str, id: KeyId) {
        self.keys.insert(Identity::Declared(stack, logical.to_owned()), id);
    }

    /// The key that a stack declares under a logical id.
    pub(super) fn declared(&self, stack: StackId, logical: &str) -> Option<KeyId> {
        self.keys.get(&Identity::Declared(stack, logical.to_owned())).copied()
    }

    /// Enters a key of the inventory; whether it was not there yet.
    pub(super) fn add_known(&mut self, account: &Text, region: &Text, key: &str, id: KeyId) -> bool {
        let identity = Identity::Named(account.clone(), region.clone(), key.to_owned());
        if self.keys.contains_key(&identity) {
            return false;
        }
        self.keys.insert(identity, id);
        let known = Known { id, account: account.clone(), region: region.clone() };
        self.known.entry(key.to_owned()).or_default().push(known);
        true
    }

    /// The key of this id in an account and a Region. Where these are not known, a key of the inventory has its id for itself, but for
    /// multi-Region keys: those share theirs with keys of other Regions.
    pub(super) fn named(&self, account: &Text, region: &Text, id: &str) -> Option<KeyId> {
        if let Some(key) = self.keys.get(&Identity::Named(account.clone(), region.clone(), id.to_owned())) {
            return Some(*key);
        }
        let least = if id.starts_with(MULTI_REGION) { Truth::Yes } else { Truth::Unknown };
        let may_be =
            |known: &&Known| known.account.equals(account) != Truth::No && known.region.equals(region) >= least;
        match self.known.get(id)?.iter().filter(may_be).collect::<Vec<_>>().as_slice() {
            [only] => Some(only.id),
            _ => None,
        }
    }

    /// Enters an alias under one of its names.
    pub(super) fn add_alias(&mut self, name: &Text, id: AliasId, environment: &Environment) {
        let entry = Entry { id, account: environment.account.clone(), region: environment.region.clone() };
        self.aliases.entry(name.clone()).or_default().push(entry);
    }

    /// Enters the key that a text names by its literal id, if it is not there yet.
    pub(super) fn intern(&mut self, text: &Text, keys: &mut Vec<Key>) {
        let Some(arn) = arn(text) else { return };
        let Some(id) = literal_key_id(&arn) else { return };
        if self.named(&arn.account, &arn.region, id).is_some() {
            return;
        }
        let Ok(next) = u32::try_from(keys.len()) else { return };
        self.keys.insert(Identity::Named(arn.account.clone(), arn.region.clone(), id.to_owned()), KeyId(next));
        keys.push(Key {
            origin: KeyOrigin::Imported,
            stack: None,
            name: id.to_owned(),
            arn: text.clone(),
            account: arn.account.clone(),
            region: arn.region.clone(),
            policy: KeyPolicy::Unknown(Cause {
                span: Span::new(crate::source::FileId(0), 0, 0),
                why: format!("the policy of key `{text}` is not in view"),
            }),
            site: None,
            policy_site: None,
            described: None,
            granted: None,
        });
    }

    /// What a text names, as a stack in this environment sees it.
    pub(super) fn target(&self, text: &Text, environment: &Environment) -> Target {
        if let Some(arn) = arn(text) {
            return self.by_arn(text, &arn);
        }
        let (head, _) = text.literal_ends();
        if text.as_literal() == Some("*") {
            return Target::Pattern(text.clone());
        }
        if head.starts_with("alias/") {
            let alias = self.alias(text, &environment.account, &environment.region);
            return Target::AliasName(text.clone(), alias);
        }
        match text.as_symbol() {
            Some(Symbol::Resource(stack, logical)) => {
                match self.keys.get(&Identity::Declared(*stack, logical.clone())) {
                    Some(key) => Target::KeyById(*key),
                    None => Target::Unknown(format!("`{logical}` is no key in view")),
                }
            }
            Some(symbol) => Target::Unknown(self.why(symbol)),
            None => self.plain(text, head, environment),
        }
    }

    fn plain(&self, text: &Text, head: &str, environment: &Environment) -> Target {
        match text.as_literal() {
            Some(id) if is_key_id(id) => self
                .named(&environment.account, &environment.region, id)
                .map_or_else(|| Target::BareId(text.clone()), Target::KeyById),
            Some(literal) if literal.contains(['*', '?']) => Target::Pattern(text.clone()),
            Some(literal) if literal.starts_with("arn") => Target::Malformed(text.clone()),
            Some(_) => Target::Unknown(format!("`{text}` is no form of a key")),
            None if head.is_empty() => {
                Target::Unknown(text.symbols().next().map_or_else(String::new, |symbol| self.why(symbol)))
            }
            None => Target::Unknown(format!("`{text}` is built from parts that are not known here")),
        }
    }

    fn by_arn(&self, text: &Text, arn: &Arn) -> Target {
        let service = arn.service.as_literal();
        match service {
            Some("kms") => {}
            Some(pattern) if pattern.contains(['*', '?']) => return Target::Pattern(text.clone()),
            Some(_) => return Target::OtherService,
            None => return Target::Unknown(format!("the service in `{text}` is not known here")),
        }
        if let Some(id) = literal_key_id(arn) {
            return self
                .named(&arn.account, &arn.region, id)
                .map_or_else(|| Target::Unknown(format!("key `{text}` is not in view")), Target::Key);
        }
        let (head, _) = arn.resource.literal_ends();
        if head.starts_with("alias/") {
            return Target::AliasArn(text.clone(), self.alias(&arn.resource, &arn.account, &arn.region));
        }
        match arn.resource.pieces() {
            [Piece::Literal(key), Piece::Symbol(symbol)] if key == "key/" => self.by_symbol(symbol),
            [Piece::Literal(literal)] if literal.contains(['*', '?']) => Target::Pattern(text.clone()),
            [Piece::Literal(literal)] if literal.starts_with("key/") && arn.is_anywhere() => {
                Target::Pattern(text.clone())
            }
            [Piece::Literal(_)] | [] => Target::Malformed(text.clone()),
            [Piece::Literal(literal), ..] if literal.starts_with("key/alias/") || literal.starts_with("key/arn:") => {
                Target::Malformed(text.clone())
            }
            [Piece::Symbol(symbol), ..] => Target::Unknown(self.why(symbol)),
            [Piece::Literal(_), Piece::Symbol(symbol), ..] => Target::Unknown(self.why(symbol)),
            [Piece::Literal(_), Piece::Literal(_), ..] => Target::Malformed(text.clone()),
        }
    }

    /// The key whose id a hole is.
    fn by_symbol(&self, symbol: &Symbol) -> Target {
        match symbol {
            Symbol::Resource(stack, logical) => match self.keys.get(&Identity::Declared(*stack, logical.clone())) {
                Some(key) => Target::Key(*key),
                None => Target::Unknown(format!("`{logical}` is no key in view")),
            },
            other => Target::Unknown(self.why(other)),
        }
    }

    /// The one alias of this name in this account and Region.
    fn alias(&self, name: &Text, account: &Text, region: &Text) -> Option<AliasId> {
        let same =
            |entry: &&Entry| entry.account.equals(account) == Truth::Yes && entry.region.equals(region) == Truth::Yes;
        let found: Vec<_> = self.aliases.get(name)?.iter().filter(same).collect();
        match found.as_slice() {
            [only] => Some(only.id),
            _ => None,
        }
    }
}

/// The key id of a key ARN whose id is literal and no pattern.
fn literal_key_id(arn: &Arn) -> Option<&str> {
    if arn.service.as_literal() != Some("kms") {
        return None;
    }
    let id = arn.resource.as_literal()?.strip_prefix("key/")?;
    let plain = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let fixed = |text: &Text| text.as_literal().is_none_or(|text| !text.is_empty() && !text.contains(['*', '?']));
    (plain && fixed(&arn.account) && fixed(&arn.region)).then_some(id)
}

/// Whether a text has the form of a key id: a UUID, or `mrk-` and 32 hexadecimal digits.
pub(super) fn is_key_id(text: &str) -> bool {
    let hexadecimal = |part: &str, length: usize| part.len() == length && part.chars().all(|c| c.is_ascii_hexdigit());
    if let Some(rest) = text.strip_prefix(MULTI_REGION) {
        return hexadecimal(rest, 32);
    }
    let parts: Vec<_> = text.split('-').collect();
    parts.len() == 5 && parts.iter().zip([8, 4, 4, 4, 12]).all(|(part, length)| hexadecimal(part, length))
}

/// Why a hole hides what stands behind it.
fn why(symbol: &Symbol) -> String {
    match symbol {
        Symbol::Parameter(_, name) => format!("parameter `{name}` has no value here"),
        Symbol::Import(name) => format!("no producer for import `{name}`"),
        Symbol::Dynamic(_) => format!("`{symbol}` is looked up when the stack is deployed"),
        Symbol::Output(stack, output) => format!("output `{output}` of stack `{stack}` is not in view"),
        Symbol::Resource(_, logical) => format!("`{logical}` is no key in view"),
        Symbol::Attribute(_, logical, attribute) if attribute.starts_with("Outputs.") => {
            format!("the template of nested stack `{logical}` is not in view")
        }
        Symbol::Attribute(_, logical, attribute) => format!("`{logical}.{attribute}` is known only when deployed"),
        Symbol::Account(_) | Symbol::Region(_) | Symbol::Partition(_) | Symbol::Pseudo(..) | Symbol::Derived(_) => {
            format!("`{symbol}` is not known here")
        }
    }
}
