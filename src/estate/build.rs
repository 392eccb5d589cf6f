//! Building the estate, in order: stacks, the values that cross them, evaluated resources, keys and aliases, principals, consumers, links.

use super::crossing::{settle, worlds};
use super::inventory::{self, Inventory, OUTSIDE};
use super::link::{Neighbour, Tables};
use super::places::Places;
use super::stack_links::links;
use super::stack_sets::SetPlace;
use super::target::Index;
use super::unread::Unread;
use super::{
    Alias, AliasId, AliasTarget, Estate, Fact, Key, KeyId, KeyOrigin, Stack, Target, aliases, consumers, integrations,
    nested, principals,
};
use crate::finding::{Construct, Site};
use crate::policy::{self, KeyPolicy, Statement};
use crate::resolve::{Cause, Environment, Guard, Resolved, Scope, StackId, Symbol, Text, Value, Valued};
use crate::source::Span;
use crate::template::{Resource, Template};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A template that was read wholly.
#[derive(Debug)]
pub struct Source {
    /// The template.
    pub template: Template,
    /// Its path as reported, with `/`: nested templates are found relative to it.
    pub path: String,
    /// Keys that a mapping has twice, with both places.
    pub duplicates: Vec<(String, Span, Span)>,
}

/// A template that is written in another as text: what a stack set deploys.
#[derive(Debug)]
pub struct Body {
    /// Index of the other into [`Input::sources`].
    pub source: usize,
    /// The logical id of the stack set there.
    pub set: String,
    /// The template, with its places in the file of the other.
    pub template: Template,
}

/// A deployment of a template, as far as the file system says.
#[derive(Debug, Clone)]
pub struct Deployed {
    /// Index into [`Input::sources`].
    pub source: usize,
    /// The stack's name.
    pub name: String,
    /// Whether the name is certain.
    pub named: bool,
    /// The account, 12 digits.
    pub account: Option<String>,
    /// The Region.
    pub region: Option<String>,
    /// The templates it lives with.
    pub scope: u32,
    /// Names of stacks of the same scope that have to be deployed before.
    pub depends_on: Vec<String>,
    /// The construct of each logical id, as far as the assembly that lists the stack says it; none where no assembly does.
    pub constructs: Option<Arc<BTreeMap<String, Construct>>>,
    /// Whether it is a stack of its own even if it is also nested in another.
    pub standalone: bool,
    /// Whether its findings are reported.
    pub reported: bool,
    /// Values of parameters; those that the template does not declare count for nothing.
    pub parameters: BTreeMap<String, String>,
}

impl Deployed {
    /// A stack of one template of which nothing else is known: loose, reported, in the first scope.
    #[must_use]
    pub fn loose(source: usize, name: &str) -> Self {
        Self {
            source,
            name: name.to_owned(),
            named: false,
            account: None,
            region: None,
            scope: 0,
            depends_on: Vec::new(),
            constructs: None,
            standalone: true,
            reported: true,
            parameters: BTreeMap::new(),
        }
    }
}

/// What an estate is built from.
#[derive(Debug, Default)]
pub struct Input {
    /// Templates, in the order of their paths.
    pub sources: Vec<Source>,
    /// Templates that are written in them, in the same order.
    pub bodies: Vec<Body>,
    /// Their deployments, in the order of path and name.
    pub deployments: Vec<Deployed>,
    /// Paths of templates that are uploaded before they are deployed, by the names that they get: the names of their contents.
    pub uploads: BTreeMap<String, String>,
    /// Templates that could not be read, in the order of their paths.
    pub unread: Vec<Unread>,
    /// ARNs of keys and aliases that exist.
    pub arns: Vec<String>,
    /// What else is known of things outside the templates.
    pub inventory: Inventory,
    /// Whether every key, alias and role of the accounts that the inventory speaks of is in it.
    pub inventory_complete: bool,
    /// The partition of all stacks, if the user says so.
    pub partition: Option<String>,
}

/// Builds and links the estate.
#[must_use]
pub fn build(input: Input) -> Estate {
    let mut estate = Estate { inventory_complete: input.inventory_complete, ..Estate::default() };
    let instances = nested::instances(&input);
    estate.index = Index::without(input.unread);
    let labels = labels(&input.sources, &instances);
    let paths_done = input.sources.into_iter().map(|source| {
        estate.duplicates.extend(source.duplicates);
        source.template
    });
    estate.templates = paths_done.collect();
    estate.templates.extend(input.bodies.into_iter().map(|body| body.template));
    let mut places = Places::new(&instances, input.partition.as_deref());
    estate.tables = tables(&estate.templates, &instances, &labels);
    estate.stacks = stacks(&estate.templates, &instances, &places, &estate.tables);
    settle(&mut estate);
    estate.links = links(&estate, &instances);
    if places.join(&estate.links, &instances) {
        for stack in &mut estate.stacks {
            let name = stack.parent.is_none().then_some(stack.name.as_str());
            stack.environment = places.environment(stack.id, name);
        }
        settle(&mut estate);
    }
    let facts: Vec<Vec<Fact>> = in_parallel(&estate.stacks, |stack| facts(&estate, stack));
    estate.facts = facts.into_iter().flatten().collect();
    add_keys(&mut estate);
    let mut inventory = input.inventory;
    estate.listed = inventory::Listed::of(&inventory);
    inventory::add_keys(&mut estate, &mut inventory);
    estate.known_aliases = inventory::known_aliases(&estate, &inventory);
    estate.principals = principals::principals(&estate, &inventory);
    name_keys(&mut estate, &input.arns);
    add_aliases(&mut estate);
    estate.consumers = consumers(&estate);
    estate
}

/// A stack before anything is known of others.
#[derive(Debug, Clone)]
pub(super) struct Instance {
    pub(super) deployed: Deployed,
    pub(super) parent: Option<(StackId, String)>,
    /// Where it is, if the resource of the parent is a stack set: not where the parent is.
    pub(super) set: Option<SetPlace>,
}

impl Instance {
    /// A stack that is deployed by itself.
    pub(super) fn alone(deployed: &Deployed) -> Self {
        Self { deployed: deployed.clone(), parent: None, set: None }
    }
}

/// Maps in parallel where there is enough to do: starting threads costs more than a few stacks.
pub(super) fn in_parallel<T: Send>(stacks: &[Stack], work: impl Fn(&Stack) -> T + Sync + Send) -> Vec<T> {
    if stacks.len() < 4 { stacks.iter().map(work).collect() } else { stacks.par_iter().map(work).collect() }
}

/// What tells each stack apart for people.
fn names_with_places(instances: &[Instance]) -> Vec<String> {
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    for instance in instances {
        *named.entry(&instance.deployed.name).or_default() += 1;
    }
    let label = |Instance { deployed, .. }: &Instance| {
        let place: Vec<&str> = deployed.account.iter().chain(&deployed.region).map(String::as_str).collect();
        let is_alone = named.get(deployed.name.as_str()) == Some(&1);
        if is_alone || place.is_empty() {
            return deployed.name.clone();
        }
        format!("{}@{}", deployed.name, place.join(":"))
    };
    instances.iter().map(label).collect()
}

/// The stacks for people: those that have the name of another one with their files.
fn labels(sources: &[Source], instances: &[Instance]) -> Vec<String> {
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    for instance in instances {
        *named.entry(&instance.deployed.name).or_default() += 1;
    }
    let label = |instance: &Instance| {
        let name = &instance.deployed.name;
        let file = sources.get(instance.deployed.source).filter(|_| named.get(name.as_str()) != Some(&1));
        file.map_or_else(|| format!("stack `{name}`"), |file| format!("stack `{name}` of `{}`", file.path))
    };
    instances.iter().map(label).collect()
}

/// The tables of links, before any value is in them.
fn tables(templates: &[Template], instances: &[Instance], labels: &[String]) -> Tables {
    let mut tables = Tables::default();
    for ((id, instance), label) in (0..).map(StackId).zip(instances).zip(labels) {
        let deployed = &instance.deployed;
        tables.neighbours.push(Neighbour {
            scope: deployed.scope,
            account: deployed.account.clone(),
            region: deployed.region.clone(),
            label: label.clone(),
        });
        tables.by_stack_name.entry((deployed.scope, deployed.name.clone())).or_default().push(id);
        if let Some((parent, logical)) = &instance.parent {
            let resource = (*parent, logical.clone());
            match &instance.set {
                Some(place) => tables.set_instances.entry(resource).or_default().push((id, place.group)),
                None => drop(tables.children.insert(resource, id)),
            }
        }
        for (name, value) in &deployed.parameters {
            let value = Resolved::Known(Value::Text(Text::literal(value)));
            tables.supplied.insert((id, name.clone()), value);
        }
        let parameters = templates.get(deployed.source).map_or(&[][..], |template| template.parameters.as_slice());
        for parameter in parameters {
            if let Some(default) = &parameter.default {
                tables.defaults.insert((id, parameter.name.value.clone()), default.value.clone());
            }
        }
    }
    tables
}

fn stacks(templates: &[Template], instances: &[Instance], places: &Places, tables: &Tables) -> Vec<Stack> {
    let mut by_name: BTreeMap<(u32, &str), StackId> = BTreeMap::new();
    for (id, instance) in (0..).map(StackId).zip(instances) {
        by_name.entry((instance.deployed.scope, &instance.deployed.name)).or_insert(id);
    }
    let labels = names_with_places(instances);
    let stack = |((id, instance), label): ((StackId, &Instance), String)| {
        let deployed = &instance.deployed;
        let before = deployed.depends_on.iter().filter_map(|name| by_name.get(&(deployed.scope, name.as_str())));
        let name = instance.parent.is_none().then_some(deployed.name.as_str());
        let environment = places.environment(id, name);
        Stack {
            id,
            template: deployed.source,
            name: deployed.name.clone(),
            label,
            named: deployed.named,
            scope: deployed.scope,
            worlds: worlds(templates.get(deployed.source), id, &environment, tables),
            environment,
            parent: instance.parent.clone(),
            depends_on: before.copied().collect(),
            constructs: deployed.constructs.clone(),
            reported: deployed.reported,
        }
    };
    (0..).map(StackId).zip(instances).zip(labels).map(stack).collect()
}

/// Policies by which resources that may name a key are shared.
const SHARING: [&str; 5] = [
    "AWS::Kinesis::ResourcePolicy",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::SecretsManager::ResourcePolicy",
];

/// Whether the properties of a resource of this type matter to any rule.
fn matters(kind: &str) -> bool {
    kind.starts_with("AWS::KMS::")
        || kind.starts_with("AWS::IAM::")
        || kind.starts_with("AWS::Serverless::")
        || consumers::names_a_key(kind)
        || integrations::is_source(kind)
        || SHARING.contains(&kind)
}

/// The evaluated resources of a stack.
fn facts(estate: &Estate, stack: &Stack) -> Vec<Fact> {
    let (Some(scope), Some(template)) = (estate.scope(stack.id), estate.template(stack.id)) else { return Vec::new() };
    let Some(there) = existence(estate, stack) else { return Vec::new() };
    let resources = template.resources.iter().filter(|resource| matters(&resource.kind.value));
    resources.filter_map(|resource| fact(&scope, template, resource, &there)).collect()
}

/// When a stack is there: a nested one under the conditions of the resources that deploy it; none where that can never be.
fn existence(estate: &Estate, stack: &Stack) -> Option<Guard> {
    let mut guard = Guard::ALWAYS;
    let mut parent = stack.parent.as_ref();
    while let Some((outer, logical)) = parent {
        let condition = estate.resource(*outer, logical).and_then(|resource| resource.condition.as_ref());
        guard = guard.and(&estate.scope(*outer)?.presence(condition)?)?;
        parent = estate.stack(*outer)?.parent.as_ref();
    }
    Some(guard)
}

/// One evaluated resource; none where its condition can never hold.
fn fact(scope: &Scope<'_>, template: &Template, resource: &Resource, there: &Guard) -> Option<Fact> {
    let guard = there.and(&scope.presence(resource.condition.as_ref())?)?;
    let properties = match template.opaque.first() {
        Some(opaque) => Valued {
            span: resource.properties.span,
            value: Resolved::Known(Value::Unknown(Cause {
                span: opaque.span,
                why: format!("{} may change this resource", opaque.what),
            })),
        },
        None => scope.value(&resource.properties),
    };
    Some(Fact {
        stack: scope.stack,
        name: resource.name.value.clone(),
        kind: resource.kind.value.clone(),
        guard,
        properties,
        span: resource.name.span,
    })
}

/// Declared keys and replicas.
fn add_keys(estate: &mut Estate) {
    for (at, fact) in estate.facts.iter().enumerate() {
        if fact.kind != "AWS::KMS::Key" && fact.kind != "AWS::KMS::ReplicaKey" {
            continue;
        }
        let Some(environment) = estate.stacks.get(fact.stack.0 as usize).map(|stack| &stack.environment) else {
            continue;
        };
        let Ok(next) = u32::try_from(estate.keys.len()) else { continue };
        let mut arn = Text::literal("arn:");
        arn.push(&environment.partition);
        arn.push_str(":kms:");
        arn.push(&environment.region);
        arn.push_str(":");
        arn.push(&environment.account);
        arn.push_str(":key/");
        arn.push(&Text::symbol(Symbol::Resource(fact.stack, fact.name.clone())));
        let document = fact.property("KeyPolicy");
        estate.index.add_declared(fact.stack, &fact.name, KeyId(next));
        estate.keys.push(Key {
            origin: KeyOrigin::Declared { fact: at },
            stack: Some(fact.stack),
            name: fact.name.clone(),
            arn,
            account: environment.account.clone(),
            region: environment.region.clone(),
            policy: key_policy(fact, &environment.account),
            site: Some(fact.site()),
            policy_site: document.map(|document| Site { stack: fact.stack, span: document.span }),
            described: None,
            granted: None,
        });
    }
}

/// The policy of a declared key. Without one KMS gives the default policy, in just those worlds in which none is written.
fn key_policy(fact: &Fact, account: &Text) -> KeyPolicy {
    if let Some(Value::Unknown(cause)) = fact.properties.value.known() {
        return KeyPolicy::Unknown(cause.clone());
    }
    let Some(valued) = fact.property("KeyPolicy") else { return KeyPolicy::Default };
    let absent: Vec<Guard> = valued
        .branches(&Guard::ALWAYS)
        .into_iter()
        .filter(|(_, value)| matches!(value, Value::Absent | Value::Null))
        .map(|(guard, _)| guard)
        .collect();
    if absent.iter().any(Guard::is_always) {
        return KeyPolicy::Default;
    }
    let mut document = policy::parse(valued, policy::PolicyKind::Key);
    for guard in absent {
        let written = policy::default_policy(account, valued.span).statements;
        document
            .statements
            .extend(written.into_iter().map(|statement| Statement { guard: guard.clone(), ..statement }));
    }
    KeyPolicy::Document(document)
}

/// Enters every key that is named by a literal ARN, in the order in which they are met.
fn name_keys(estate: &mut Estate, arns: &[String]) {
    let mut named: Vec<Text> = arns.iter().map(|arn| Text::literal(arn)).collect();
    for principal in &estate.principals {
        for attached in &principal.policies {
            named.extend(attached.kms_resources().cloned());
        }
    }
    for fact in &estate.facts {
        collect_arns(&fact.properties, &mut named);
    }
    let Estate { index, keys, .. } = estate;
    for text in &named {
        index.intern(text, keys);
    }
}

/// Every text in a value that begins as an ARN of KMS.
fn collect_arns(valued: &Valued, found: &mut Vec<Text>) {
    for (_, value) in valued.value.iter() {
        match value {
            Value::Text(text) if text.literal_ends().0.starts_with("arn:") => found.push(text.clone()),
            Value::List(items) => items.iter().for_each(|item| collect_arns(item, found)),
            Value::Map(entries) => entries.iter().for_each(|(_, item)| collect_arns(item, found)),
            Value::Text(_) | Value::Absent | Value::Null | Value::Unknown(_) => {}
        }
    }
}

/// Declared aliases: first their names, then what they point to (which may be another alias).
fn add_aliases(estate: &mut Estate) {
    let mut aliases = Vec::new();
    for (at, fact) in estate.facts.iter().enumerate().filter(|(_, fact)| fact.kind == "AWS::KMS::Alias") {
        let Some((name_site, names)) = aliases::texts(fact, "AliasName") else { continue };
        let Ok(next) = u32::try_from(aliases.len()) else { continue };
        let Some(environment) = estate.stacks.get(fact.stack.0 as usize).map(|stack| &stack.environment) else {
            continue;
        };
        for (_, name) in &names {
            estate.index.add_alias(name, AliasId(next), environment);
        }
        estate.index.add_alias(&Text::name_of_alias(fact.stack, &fact.name), AliasId(next), environment);
        aliases.push(Alias {
            stack: fact.stack,
            fact: at,
            logical: fact.name.clone(),
            names,
            name_site,
            targets: Vec::new(),
            target_site: fact.site(),
        });
    }
    for alias in &mut aliases {
        let Some(fact) = estate.facts.get(alias.fact) else { continue };
        let Some((site, texts)) = aliases::texts(fact, "TargetKeyId") else { continue };
        alias.target_site = site;
        alias.targets =
            texts.into_iter().map(|(guard, text)| (guard, alias_target(estate, fact.stack, &text))).collect();
    }
    estate.aliases = aliases;
}

fn alias_target(estate: &Estate, stack: StackId, text: &Text) -> AliasTarget {
    match estate.target(stack, text) {
        Target::Key(key) | Target::KeyById(key) => AliasTarget::Key(key),
        Target::AliasName(name, _) | Target::AliasArn(name, _) => AliasTarget::Alias(name),
        Target::Unknown(why) => AliasTarget::Unknown(why),
        Target::BareId(text) | Target::Pattern(text) | Target::Malformed(text) => {
            AliasTarget::Unknown(format!("`{text}` names no key in view"))
        }
        Target::OtherService => AliasTarget::Unknown(format!("`{text}` is no key")),
    }
}

fn consumers(estate: &Estate) -> Vec<super::Consumer> {
    let of = |fact: &Fact| consumers::collect(fact, &|text: &Text| estate.target(fact.stack, text));
    estate.facts.iter().flat_map(of).collect()
}

/// Where nothing is known of account and Region.
fn nowhere() -> Environment {
    Environment {
        account: Text::symbol(Symbol::Account(OUTSIDE)),
        region: Text::symbol(Symbol::Region(OUTSIDE)),
        partition: Text::symbol(Symbol::Partition(OUTSIDE)),
        stack_name: Text::symbol(Symbol::Pseudo(OUTSIDE, "AWS::StackName".to_owned())),
    }
}

impl Estate {
    /// What a text in a `Resource` element or a property of a stack names.
    #[must_use]
    pub fn target(&self, stack: StackId, text: &Text) -> Target {
        match self.stack(stack) {
            Some(stack) => self.index.target(text, &stack.environment),
            None => self.index.target(text, &nowhere()),
        }
    }
}
