//! A key by its ARN or id that no template declares and that a complete inventory does not have.

use super::placeholder_key::is_placeholder;
use super::{Cx, Rule, Sink};
use crate::estate::{KeyId, Target};
use crate::finding::{Meta, Site, Subject};
use crate::resolve::{Guard, StackId, Text, Truth, Value};
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/unknown-key.md")), check };

/// A key that is, or may be, missing.
#[derive(Debug)]
struct Missing {
    lacking: Truth,
    id: String,
    account: Text,
    region: Text,
}

/// A place that names one.
#[derive(Debug)]
struct Named {
    missing: Missing,
    guards: Vec<Guard>,
    /// The grants that are on it.
    grants: Vec<Subject>,
}

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    if !cx.estate.inventory_complete {
        return;
    }
    let mut places = BTreeMap::new();
    for naming in cx.namings() {
        for named in &naming.named {
            let site = naming.consumer.site;
            note(site, &named.guard, missing(cx, naming.consumer.stack, &named.target), None, &mut places);
        }
    }
    for grant in &cx.grants {
        let Target::Key(id) = grant.target else { continue };
        let Some(key) = cx.estate.key(id) else { continue };
        let subject = Subject::Grant(grant.entry.arn.to_string(), key.arn.to_string());
        note(grant.resource_site(), &grant.guard, missing_key(cx, id), Some(subject), &mut places);
    }
    for (kind, property) in [("AWS::KMS::Alias", "TargetKeyId"), ("AWS::KMS::ReplicaKey", "PrimaryKeyArn")] {
        for fact in cx.estate.facts.iter().filter(|fact| fact.kind == kind) {
            let Some(valued) = fact.property(property) else { continue };
            let site = Site { stack: fact.stack, span: valued.span };
            for (guard, value) in valued.branches(&fact.guard) {
                let Value::Text(text) = value else { continue };
                let target = cx.estate.target(fact.stack, text);
                note(site, &guard, missing(cx, fact.stack, &target), None, &mut places);
            }
        }
    }
    for ((site, _), named) in places {
        tell(site, named, sink);
    }
}

fn note(
    site: Site,
    guard: &Guard,
    missing: Option<Missing>,
    grant: Option<Subject>,
    places: &mut BTreeMap<(Site, String), Named>,
) {
    // What stands for any key in examples has a rule of its own.
    let Some(missing) = missing.filter(|missing| !is_placeholder(&missing.id)) else { return };
    let named = places.entry((site, missing.id.clone())).or_insert_with(|| Named {
        missing,
        guards: Vec::new(),
        grants: Vec::new(),
    });
    named.guards.push(guard.clone());
    named.grants.extend(grant);
}

/// The key that a target names, where it is not known to exist.
fn missing(cx: &Cx<'_>, stack: StackId, target: &Target) -> Option<Missing> {
    match target {
        Target::Key(id) | Target::KeyById(id) => missing_key(cx, *id),
        Target::BareId(id) => {
            let environment = &cx.estate.stack(stack)?.environment;
            let (account, region) = (environment.account.clone(), environment.region.clone());
            let lacking = cx.estate.lacks_key_id(&account, &region);
            Some(Missing { lacking, id: id.to_string(), account, region })
        }
        Target::AliasName(..)
        | Target::AliasArn(..)
        | Target::Pattern(_)
        | Target::OtherService
        | Target::Malformed(_)
        | Target::Unknown(_) => None,
    }
}

fn missing_key(cx: &Cx<'_>, id: KeyId) -> Option<Missing> {
    let key = cx.estate.key(id)?;
    let lacking = cx.estate.lacks_key(key);
    let named = Missing { lacking, id: key.name.clone(), account: key.account.clone(), region: key.region.clone() };
    (lacking != Truth::No).then_some(named)
}

fn tell(site: Site, named: Named, sink: &mut Sink<'_>) {
    let Named { missing: Missing { lacking, id, account, region }, guards, grants } = named;
    if lacking != Truth::Yes {
        let why =
            format!("whether key `{id}` exists: the inventory lists no keys of account `{account}` in `{region}`");
        sink.undecided("key", site, why).key = Some(id);
        return;
    }
    let mut report = sink.report(site, format!("account {account} has no key `{id}` in {region}"));
    report
        .whenever(&guards)
        .here("neither a template nor the inventory, which is complete, has this key")
        .about(Subject::Place(site))
        .help("name a key that exists; if this one does, take the inventory again");
    for grant in grants {
        report.about(grant);
    }
}
