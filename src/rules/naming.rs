//! How texts name keys: what a property names, and where that key is.

use super::Cx;
use super::properties::{Choices, Setting, at_defaults, settings};
use crate::estate::{AliasTarget, Consumer, Key, KeyId, KeyOrigin, Target};
use crate::finding::Site;
use crate::resolve::{Environment, Guard, StackId, Text, Truth};
use std::collections::BTreeMap;

/// Where a key is.
pub(super) struct Home {
    pub(super) region: Text,
    pub(super) account: Text,
    /// Whether it is a multi-Region key, which is the same key in several Regions.
    pub(super) multi_region: Truth,
    /// Where it is declared, if it is.
    pub(super) site: Option<Site>,
}

/// What a property names in some worlds.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) guard: Guard,
    pub(super) text: Text,
    pub(super) target: Target,
}

/// A property that names a key, with what it names in its worlds.
#[derive(Debug)]
pub(super) struct Naming<'e> {
    pub(super) consumer: &'e Consumer,
    pub(super) named: Vec<Named>,
}

impl Naming<'_> {
    /// What namings are sorted by.
    pub(super) fn order(&self) -> (StackId, &str) {
        (self.consumer.stack, &self.consumer.resource)
    }
}

/// Every property that names a key, with what it names as written or while parameters keep their defaults; sorted by stack and resource.
pub(super) fn namings<'e>(cx: &Cx<'e>) -> Vec<Naming<'e>> {
    let mut namings: Vec<Naming<'e>> = Vec::new();
    for consumer in &cx.estate.consumers {
        let named = named(cx, consumer);
        let is_same =
            |last: &&mut Naming<'e>| last.consumer.site == consumer.site && last.consumer.property == consumer.property;
        match namings.last_mut().filter(is_same) {
            Some(last) => last.named.push(named),
            None => namings.push(Naming { consumer, named: vec![named] }),
        }
    }
    namings.sort_by(|a, b| a.order().cmp(&b.order()));
    namings
}

/// What a property names, as written or while parameters keep their defaults.
pub(super) fn named(cx: &Cx<'_>, consumer: &Consumer) -> Named {
    if let Target::Unknown(_) = consumer.target
        && let Some((guard, text)) = at_defaults(cx, consumer.stack, &consumer.guard, &consumer.value)
    {
        let target = cx.estate.target(consumer.stack, &text);
        return Named { guard, text, target };
    }
    Named { guard: consumer.guard.clone(), text: consumer.value.clone(), target: consumer.target.clone() }
}

/// Whether a property names a key that AWS manages, whose policy nobody can change.
pub(super) fn is_aws_managed(target: &Target) -> bool {
    let (Target::AliasName(name, None) | Target::AliasArn(name, None)) = target else { return false };
    name.as_literal()
        .or(Some(name.literal_ends().1))
        .is_some_and(|name| name.rsplit(':').next().unwrap_or(name).starts_with("alias/aws/"))
}

impl Cx<'_> {
    /// The declared keys that a target is, each with the worlds in which it is it; through an alias too.
    pub(super) fn keys_of(&self, target: &Target) -> Vec<(Guard, KeyId)> {
        match target {
            Target::Key(key) | Target::KeyById(key) => vec![(Guard::ALWAYS, *key)],
            Target::AliasName(_, Some(alias)) | Target::AliasArn(_, Some(alias)) => {
                let targets = self.estate.aliases.get(alias.0 as usize).map_or(&[][..], |alias| &alias.targets);
                let key = |(guard, target): &(Guard, AliasTarget)| match target {
                    AliasTarget::Key(key) => Some((guard.clone(), *key)),
                    AliasTarget::Alias(_) | AliasTarget::Unknown(_) => None,
                };
                targets.iter().filter_map(key).collect()
            }
            Target::AliasName(_, None)
            | Target::AliasArn(_, None)
            | Target::Pattern(_)
            | Target::BareId(_)
            | Target::OtherService
            | Target::Malformed(_)
            | Target::Unknown(_) => Vec::new(),
        }
    }

    /// The properties that name each key in view, with the worlds in which they do.
    pub(super) fn uses(&self) -> BTreeMap<KeyId, Vec<(Guard, &Consumer)>> {
        let mut uses: BTreeMap<KeyId, Vec<_>> = BTreeMap::new();
        for consumer in &self.estate.consumers {
            for (guard, key) in self.keys_of(&consumer.target) {
                if let Some(guard) = consumer.guard.and(&guard).filter(|guard| self.estate.feasible(guard)) {
                    uses.entry(key).or_default().push((guard, consumer));
                }
            }
        }
        uses
    }
}

/// Where the key is that a text names, as written or while parameters keep their defaults.
pub(super) fn home(cx: &Cx<'_>, stack: StackId, guard: &Guard, text: &Text) -> Option<(Guard, Text, Home)> {
    if let Some(home) = place(cx, stack, text) {
        return Some((guard.clone(), text.clone(), home));
    }
    let (guard, text) = at_defaults(cx, stack, guard, text)?;
    let home = place(cx, stack, &text)?;
    Some((guard, text, home))
}

fn place(cx: &Cx<'_>, stack: StackId, text: &Text) -> Option<Home> {
    if let Target::Key(id) | Target::KeyById(id) = cx.estate.target(stack, text) {
        let key = cx.estate.key(id)?;
        let multi_region = is_multi_region(cx, key);
        return Some(Home { region: key.region.clone(), account: key.account.clone(), multi_region, site: key.site });
    }
    let (parts, _) = text.split_at(":");
    let [arn, _, service, region, account, resource, ..] = parts.as_slice() else { return None };
    let id = resource.literal_ends().0.strip_prefix("key/")?;
    if arn.as_literal() != Some("arn") || service.as_literal() != Some("kms") {
        return None;
    }
    let multi_region = if id.len() < "mrk-".len() { Truth::Unknown } else { id.starts_with("mrk-").into() };
    Some(Home { region: region.clone(), account: account.clone(), multi_region, site: None })
}

/// Whether a key is, or can get, a replica in another Region.
pub(super) fn is_multi_region(cx: &Cx<'_>, key: &Key) -> Truth {
    let KeyOrigin::Declared { fact } = key.origin else { return key.name.starts_with("mrk-").into() };
    let Some(fact) = cx.estate.facts.get(fact) else { return Truth::Unknown };
    if Key::is_replica(fact) {
        return Truth::Yes;
    }
    let all = settings(cx, fact, "MultiRegion", Choices::Default);
    let is_on = |(_, setting): &(Guard, Setting)| setting.is_on(false);
    let mut answers = all.iter().map(is_on);
    let Some(first) = answers.next() else { return Truth::Unknown };
    if answers.all(|other| other == first) { first } else { Truth::Unknown }
}

/// Whether a key is not where a stack is, and what differs.
pub(super) fn elsewhere(home: &Home, environment: &Environment) -> (Truth, &'static str) {
    let account = !home.account.equals(&environment.account);
    let region = !home.region.equals(&environment.region);
    match (account, region) {
        (Truth::Yes, Truth::Yes) => (Truth::Yes, "account and Region"),
        (Truth::Yes, _) => (Truth::Yes, "account"),
        (_, Truth::Yes) => (Truth::Yes, "Region"),
        (Truth::Unknown, Truth::Unknown) => (Truth::Unknown, "account and Region"),
        (Truth::Unknown, Truth::No) => (Truth::Unknown, "account"),
        (Truth::No, Truth::Unknown) => (Truth::Unknown, "Region"),
        (Truth::No, Truth::No) => (Truth::No, ""),
    }
}

/// Types of resources that act where their data lies, which may be a bucket or a copy in another Region.
const ELSEWHERE_TYPES: [&str; 8] = [
    "AWS::Athena::WorkGroup",
    "AWS::CloudTrail::Trail",
    "AWS::CodeBuild::Project",
    "AWS::Config::DeliveryChannel",
    "AWS::EMR::Cluster",
    "AWS::Redshift::SnapshotCopyGrant",
    "AWS::SSM::ResourceDataSync",
    "AWS::Synthetics::Canary",
];

/// Words in the path of a property that speaks of data in another place: a bucket, a copy, a replica.
const ELSEWHERE_WORDS: [&str; 9] =
    ["ArtifactStores", "Copy", "CrossRegion", "Destination", "Export", "Output", "Regions", "Replica", "S3"];

/// Whether a property names the key of data that may lie in another Region or belong to another resource.
pub(super) fn is_for_data_elsewhere(consumer: &Consumer) -> bool {
    ELSEWHERE_TYPES.contains(&consumer.kind.as_str())
        || ELSEWHERE_WORDS.iter().any(|word| consumer.property.contains(word))
}
