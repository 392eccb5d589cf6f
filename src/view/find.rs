//! From what a user calls a principal or a key to the one that is meant.

use super::names;
use crate::authz::Caller;
use crate::estate::{Estate, Key, KeyId, KeyOrigin, PrincipalEntry, PrincipalId};
use crate::policy::KeyPolicy;
use crate::resolve::{Cause, Environment, StackId, Symbol, Text, Truth};
use crate::source::{FileId, Span};
use std::borrow::Cow;

/// A name that does not mean exactly one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotOne {
    /// What was looked for: `principal`, `key`.
    pub what: &'static str,
    /// The name as given.
    pub asked: String,
    /// What it may mean: a name that means only this, and what that is. Empty: it means nothing.
    pub candidates: Vec<(String, String)>,
    /// Names that there are.
    pub known: Vec<String>,
}

/// A principal that is meant.
#[derive(Clone, Debug)]
pub(super) enum Who<'e> {
    /// One of the estate.
    Entry(PrincipalId, &'e PrincipalEntry),
    /// Somebody whom no template declares: an ARN, or a service.
    Outsider(Box<Caller>),
}

/// A key that is meant: of the estate, or only named.
#[derive(Clone, Debug)]
pub(super) struct Which<'e> {
    pub(super) id: Option<KeyId>,
    pub(super) key: Cow<'e, Key>,
}

const NOWHERE: Span = Span { file: FileId(0), start: 0, end: 0 };

/// What is called by several names.
struct Named<T> {
    item: T,
    /// The name that says most, with its stack.
    full: String,
    about: String,
    /// Every name.
    names: Vec<String>,
}

impl<T> Named<T> {
    fn is_called(&self, asked: &str) -> bool {
        self.names.iter().any(|name| name == asked) || self.full == asked
    }
}

pub(super) fn principal<'e>(estate: &'e Estate, asked: &str) -> Result<Who<'e>, NotOne> {
    let all: Vec<_> =
        (0..).map(PrincipalId).zip(&estate.principals).map(|(id, entry)| named_entry(estate, id, entry)).collect();
    let mut meant: Vec<&Named<(PrincipalId, &PrincipalEntry)>> =
        all.iter().filter(|one| one.is_called(asked)).collect();
    if meant.is_empty() && asked.starts_with("arn:") {
        let may_be = |one: &&Named<(PrincipalId, &PrincipalEntry)>| {
            names::last_part(&one.item.1.arn.to_string()) == names::last_part(asked)
                && one.item.1.arn.equals(&Text::literal(asked)) != Truth::No
        };
        meant = all.iter().filter(may_be).collect();
    }
    if meant.iter().any(|one| one.item.1.declared) {
        meant.retain(|one| one.item.1.declared);
    }
    if let [only] = meant.as_slice() {
        return Ok(Who::Entry(only.item.0, only.item.1));
    }
    if meant.is_empty()
        && let Some(outsider) = outsider(asked)
    {
        return Ok(Who::Outsider(Box::new(outsider)));
    }
    Err(not_one("principal", asked, &meant, &all))
}

fn outsider(asked: &str) -> Option<Caller> {
    let is_service = asked.ends_with(".amazonaws.com") || asked.ends_with(".amazonaws.com.cn");
    if is_service && !asked.contains(':') {
        return Some(Caller::service(Text::literal(asked)));
    }
    Caller::of_arn(asked)
}

fn named_entry<'e>(
    estate: &'e Estate,
    id: PrincipalId,
    entry: &'e PrincipalEntry,
) -> Named<(PrincipalId, &'e PrincipalEntry)> {
    let own = if entry.declared { &entry.logical } else { &entry.name };
    let full = names::with_stack(estate, entry.stack, own);
    Named { item: (id, entry), full, about: entry.arn.to_string(), names: names::of_principal(estate, entry) }
}

pub(super) fn key<'e>(estate: &'e Estate, asked: &str, of: Option<StackId>) -> Result<Which<'e>, NotOne> {
    let all: Vec<_> = estate.keys().map(|(id, key)| named_key(estate, id, key)).collect();
    let mut meant: Vec<&Named<(KeyId, &Key)>> = all.iter().filter(|one| one.is_called(asked)).collect();
    let alias = asked.starts_with("arn:").then(|| asked.split_once(":alias/")).flatten();
    if let (true, Some((_, name))) = (meant.is_empty(), alias) {
        let name = format!("alias/{name}");
        meant = all.iter().filter(|one| one.is_called(&name)).collect();
    }
    if let [only] = meant.as_slice() {
        return Ok(Which { id: Some(only.item.0), key: Cow::Borrowed(only.item.1) });
    }
    let environment = of.and_then(|stack| estate.stack(stack)).map(|stack| &stack.environment);
    let outside =
        if meant.is_empty() { managed_key(asked, of, environment).or_else(|| foreign_key(asked)) } else { None };
    match outside {
        Some(key) => Ok(Which { id: None, key: Cow::Owned(key) }),
        None => Err(not_one("key", asked, &meant, &all)),
    }
}

fn named_key<'e>(estate: &'e Estate, id: KeyId, key: &'e Key) -> Named<(KeyId, &'e Key)> {
    let about = key.arn.to_string();
    let full = key.stack.map_or_else(|| about.clone(), |stack| names::with_stack(estate, stack, &key.name));
    let names = [names::of_key(estate, key), names::of_aliases(estate, id)].concat();
    Named { item: (id, key), full, about, names }
}

/// The AWS managed key behind `alias/aws/…`, as seen from a stack.
fn managed_key(asked: &str, of: Option<StackId>, environment: Option<&Environment>) -> Option<Key> {
    let service = asked.strip_prefix("alias/aws/")?;
    let unknown = |what: &str| Text::symbol(Symbol::Derived(format!("${{AWS::{what}}}")));
    let account = environment.map_or_else(|| unknown("AccountId"), |known| known.account.clone());
    let region = environment.map_or_else(|| unknown("Region"), |known| known.region.clone());
    let mut arn = Text::literal("arn:");
    arn.push(&environment.map_or_else(|| Text::literal("aws"), |known| known.partition.clone()));
    for part in [&Text::literal("kms"), &region, &account] {
        arn.push_str(":");
        arn.push(part);
    }
    arn.push_str(":key/");
    // A generated id that is that of no other key.
    let owner = of.unwrap_or(StackId(u32::MAX));
    arn.push(&Text::symbol(Symbol::Resource(owner, asked.to_owned())));
    Some(Key {
        origin: KeyOrigin::AwsManaged { service: service.to_owned() },
        stack: None,
        name: asked.to_owned(),
        arn,
        account,
        region,
        policy: KeyPolicy::AwsManaged(service.to_owned()),
        site: None,
        policy_site: None,
        described: None,
        granted: None,
    })
}

/// A key of which nothing but its ARN is known.
fn foreign_key(asked: &str) -> Option<Key> {
    let parts: Vec<&str> = asked.splitn(6, ':').collect();
    let ["arn", _, "kms", region, account, resource] = parts.as_slice() else { return None };
    let id = resource.strip_prefix("key/").filter(|id| !id.is_empty() && !id.contains('*'))?;
    let why = format!("the policy of key `{id}` is not in view");
    Some(Key {
        origin: KeyOrigin::Imported,
        stack: None,
        name: id.to_owned(),
        arn: Text::literal(asked),
        account: Text::literal(account),
        region: Text::literal(region),
        policy: KeyPolicy::Unknown(Cause { span: NOWHERE, why }),
        site: None,
        policy_site: None,
        described: None,
        granted: None,
    })
}

fn not_one<T>(what: &'static str, asked: &str, meant: &[&Named<T>], all: &[Named<T>]) -> NotOne {
    // What the stack's name does not tell apart is told apart by nothing but the ARN.
    let is_unique = |one: &Named<T>| all.iter().filter(|other| other.is_called(&one.full)).count() == 1;
    let pick = |one: &&Named<T>| {
        let name = if is_unique(one) { one.full.clone() } else { one.about.clone() };
        (name, one.about.clone())
    };
    let mut candidates: Vec<_> = meant.iter().map(pick).collect();
    candidates.sort();
    candidates.dedup();
    let mut known: Vec<String> = all.iter().flat_map(|one| one.names.iter().take(2).cloned()).collect();
    known.extend(all.iter().map(|one| one.full.clone()));
    known.sort();
    known.dedup();
    NotOne { what, asked: asked.to_owned(), candidates, known }
}
