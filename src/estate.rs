//! The estate: everything in view, linked. Built once from all templates; after that nothing changes.
//!
//! Ids are indices. Facts keep the site that says them. What could not be linked stays a symbol or a cause.

mod aliases;
mod build;
mod consumers;
mod crossing;
pub mod cycles;
mod elsewhere;
mod grants;
pub mod integrations;
pub mod inventory;
mod keys;
mod lifecycle;
mod link;
mod locate;
mod nested;
mod places;
mod principals;
mod providers;
mod stack_links;
mod stack_sets;
mod stores;
mod target;
mod unread;

pub use aliases::{Alias, AliasTarget};
pub use build::{Body, Deployed, Input, Source, build};
pub use consumers::{Consumer, Forms};
pub(crate) use elsewhere::OwnChoices;
pub use grants::Grant;
pub use inventory::{Described, GrantConstraint, Inventory, KeyGrant, KnownAlias, OUTSIDE};
pub use keys::{Key, KeyOrigin};
pub use lifecycle::{Fate, Policy as LifecyclePolicy};
pub use principals::{AttachedPolicy, PolicySource, PrincipalEntry, PrincipalKind};
pub use target::Target;
pub use unread::Unread;

use crate::finding::{Construct, Site};
use crate::policy::Statement;
use crate::resolve::{Environment, Guard, Links, Scope, StackId, Symbol, Valued, Worlds};
use crate::source::Span;
use crate::template::{Resource, Template};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A key of the estate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub u32);

/// An alias of the estate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AliasId(pub u32);

/// A principal of the estate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrincipalId(pub u32);

/// A resource of a stack whose properties were evaluated.
#[derive(Debug)]
pub struct Fact {
    /// The stack.
    pub stack: StackId,
    /// Its logical id.
    pub name: String,
    /// Its type.
    pub kind: String,
    /// When it exists.
    pub guard: Guard,
    /// Its properties: a map.
    pub properties: Valued,
    /// The logical id as written: where a finding about the resource as a whole stands.
    pub span: Span,
}

/// A stack: one deployment of a template.
#[derive(Debug)]
pub struct Stack {
    /// Its id.
    pub id: StackId,
    /// Index of its template in [`Estate::templates`].
    pub template: usize,
    /// Its name: from a manifest, or the file's stem.
    pub name: String,
    /// What tells it apart for people: its name and, where others have the same, where it is deployed, as far as that is said:
    /// `keys@111122223333:eu-west-1`.
    pub label: String,
    /// Whether the name is certain.
    pub named: bool,
    /// The templates it lives with.
    pub scope: u32,
    /// Where it is deployed.
    pub environment: Environment,
    /// The parent and the logical id of the nested stack or stack set there.
    pub parent: Option<(StackId, String)>,
    /// Stacks that a manifest says have to be deployed before.
    pub depends_on: Vec<StackId>,
    /// The construct of each logical id, as far as the assembly that lists the stack says it; none where no assembly does.
    pub constructs: Option<Arc<BTreeMap<String, Construct>>>,
    /// Whether findings in it are reported.
    pub reported: bool,
    /// Its conditions and parameters.
    pub worlds: Worlds,
}

/// A link between stacks: `from` needs `to` to be deployed before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StackLink {
    /// The stack that needs something.
    pub from: StackId,
    /// The stack that provides it.
    pub to: StackId,
    /// Through what.
    pub through: LinkKind,
    /// Where it is needed.
    pub site: Site,
    /// The resource of `from` that needs it, if it is one.
    pub resource: Option<String>,
    /// The output of `to`, if it is one.
    pub output: Option<String>,
}

/// What links two stacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkKind {
    /// Export and `Fn::ImportValue`.
    Import,
    /// `Fn::GetStackOutput`.
    StackOutput,
    /// A nested stack, its parameters and outputs.
    Nested,
    /// An instance of a stack set, in a place of its own.
    StackSet,
    /// A dependency in a `cdk.out` manifest.
    Manifest,
    /// Parameter Store or Secrets Manager: one stack writes a value, the other reads it. It holds up the first deployment only.
    Stored,
}

/// Everything in view.
#[derive(Debug, Default)]
pub struct Estate {
    /// Templates that could be read wholly.
    pub templates: Vec<Template>,
    /// Keys that a mapping has twice, with both places.
    pub duplicates: Vec<(String, Span, Span)>,
    /// Stacks, in the order of file and name.
    pub stacks: Vec<Stack>,
    /// Evaluated resources that have to do with keys, policies or principals, in the order of stacks and templates.
    pub facts: Vec<Fact>,
    /// Keys: declared ones in the order of stacks and templates, those of the inventory, then those that are only named.
    pub keys: Vec<Key>,
    /// Declared aliases.
    pub aliases: Vec<Alias>,
    /// Aliases of the inventory, sorted by account, Region and name.
    pub known_aliases: Vec<KnownAlias>,
    /// KMS grants of the inventory.
    pub key_grants: Vec<KeyGrant>,
    /// Whether every key, alias and role of the accounts that the inventory speaks of is in it, as its owner says.
    pub inventory_complete: bool,
    /// Principals that own policies: declared, or only named by a policy's attachment.
    pub principals: Vec<PrincipalEntry>,
    /// Properties that name a key.
    pub consumers: Vec<Consumer>,
    /// Links between stacks.
    pub links: Vec<StackLink>,
    pub(crate) tables: link::Tables,
    pub(crate) index: target::Index,
    pub(crate) listed: inventory::Listed,
}

impl Estate {
    /// A stack by its id. Ids come from this estate, so it is there.
    #[must_use]
    pub fn stack(&self, id: StackId) -> Option<&Stack> {
        self.stacks.get(id.0 as usize)
    }

    /// The template of a stack.
    #[must_use]
    pub fn template(&self, id: StackId) -> Option<&Template> {
        self.stack(id).and_then(|stack| self.templates.get(stack.template))
    }

    /// A resource of a stack as written.
    #[must_use]
    pub fn resource(&self, stack: StackId, name: &str) -> Option<&Resource> {
        self.template(stack)?.resource(name)
    }

    /// The evaluated resource, where it is one of [`Estate::facts`].
    #[must_use]
    pub fn fact(&self, stack: StackId, name: &str) -> Option<&Fact> {
        let first = self.facts.partition_point(|fact| fact.stack < stack);
        let mut own = self.facts.get(first..).unwrap_or_default().iter().take_while(|fact| fact.stack == stack);
        own.find(|fact| fact.name == name)
    }

    /// A key by its id.
    #[must_use]
    pub fn key(&self, id: KeyId) -> Option<&Key> {
        self.keys.get(id.0 as usize)
    }

    /// The resource that declares a key, where it is declared.
    #[must_use]
    pub fn declaration(&self, id: KeyId) -> Option<&Fact> {
        match self.key(id)?.origin {
            KeyOrigin::Declared { fact } => self.facts.get(fact),
            KeyOrigin::Imported | KeyOrigin::AwsManaged { .. } => None,
        }
    }

    /// A principal by its id.
    #[must_use]
    pub fn principal(&self, id: PrincipalId) -> Option<&PrincipalEntry> {
        self.principals.get(id.0 as usize)
    }

    /// All keys with their ids.
    pub fn keys(&self) -> impl Iterator<Item = (KeyId, &Key)> {
        self.keys.iter().zip(0..).map(|(key, id)| (KeyId(id), key))
    }

    /// Declared keys and replicas of stacks that are reported.
    pub fn declared_keys(&self) -> impl Iterator<Item = (KeyId, &Key, &Fact)> {
        self.keys().filter_map(|(id, key)| {
            let KeyOrigin::Declared { fact } = &key.origin else { return None };
            Some((id, key, self.facts.get(*fact)?))
        })
    }

    /// Every Allow or Deny statement of the policy documents of declared keys.
    pub fn key_statements(&self) -> impl Iterator<Item = (KeyId, &Key, &Statement)> {
        self.keys().flat_map(|(id, key)| key.statements().map(move |statement| (id, key, statement)))
    }

    /// The file that seems to provide what a hole stands for, and could not be read.
    #[must_use]
    pub fn unread_provider(&self, symbol: &Symbol) -> Option<&str> {
        self.index.unread_provider(symbol)
    }

    /// The scope in which the expressions of a stack's template are evaluated.
    #[must_use]
    pub fn scope(&self, id: StackId) -> Option<Scope<'_>> {
        let stack = self.stack(id)?;
        let template = self.templates.get(stack.template)?;
        let links: &dyn Links = &self.tables;
        Some(Scope { stack: id, template, environment: &stack.environment, links, worlds: &stack.worlds })
    }

    /// Whether the choices of a guard can be together, in every stack it speaks of.
    #[must_use]
    pub fn feasible(&self, guard: &Guard) -> bool {
        let mut stacks: Vec<StackId> = guard.atoms().map(|(atom, _)| atom.stack()).collect();
        stacks.dedup();
        stacks.into_iter().filter_map(|id| self.stack(id)).all(|stack| stack.worlds.feasible(guard))
    }

    /// A feasible guard without choices that follow from the others of their stack, for people.
    #[must_use]
    pub(crate) fn simplified(&self, guard: &Guard) -> Guard {
        let mut stacks: Vec<StackId> = guard.atoms().map(|(atom, _)| atom.stack()).collect();
        stacks.dedup();
        let stacks = stacks.into_iter().filter_map(|id| self.stack(id));
        stacks.fold(guard.clone(), |guard, stack| stack.worlds.simplified(&guard))
    }
}
