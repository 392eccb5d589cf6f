//! Aliases and consumers: by which names keys are known, and which resources name them.

use super::draft::{Draft, Drawn, Origin, Spot, node};
use super::{Evidence, Link, Outcome, Part};
use crate::estate::{Alias, AliasId, AliasTarget, Consumer, Fact, Target};
use crate::finding::{Certainty, Site};
use crate::resolve::{Guard, StackId, Symbol, Text};
use std::collections::BTreeMap;

/// Every alias with the keys to which it points.
pub(super) fn aliases(draft: &mut Draft<'_>) {
    let estate = draft.estate;
    for (id, alias) in (0..).map(AliasId).zip(&estate.aliases) {
        let origin = declared(draft, id, alias);
        for (key, guards) in targets(alias) {
            let (from, outcome, why) = match key {
                AliasTarget::Key(key) => (draft.key(*key), Outcome::Effective, None),
                AliasTarget::Alias(text) => {
                    let why = "an alias cannot point to an alias: KMS refuses it".to_owned();
                    (draft.reference(Some(alias.stack), "reference", text.to_string()), Outcome::Ineffective, Some(why))
                }
                AliasTarget::Unknown(why) => {
                    let unknown = draft.reference(Some(alias.stack), "reference", "a key that is not known".to_owned());
                    (unknown, Outcome::Undecided, Some(why.clone()))
                }
            };
            draft.edges.push(Drawn {
                outcome: Some(outcome),
                why,
                when: Certainty::of(guards),
                evidence: vec![written(draft, "the key that the alias names", alias.target_site)],
                ..Drawn::between(Spot::Node(from), Spot::Node(origin.clone()), Link::Alias)
            });
        }
    }
    for (at, alias) in estate.known_aliases.iter().enumerate() {
        let Some(key) = alias.key else { continue };
        let (from, to) = (draft.key(key), known(draft, at));
        let evidence = alias.site.map(|site| written(draft, "its entry in the inventory", site));
        draft.edges.push(Drawn {
            outcome: Some(Outcome::Effective),
            evidence: evidence.into_iter().collect(),
            ..Drawn::between(Spot::Node(from), Spot::Node(to), Link::Alias)
        });
    }
}

/// What an alias points to, each with the guards under which it does.
fn targets(alias: &Alias) -> Vec<(&AliasTarget, Vec<Guard>)> {
    let mut targets: Vec<(&AliasTarget, Vec<Guard>)> = Vec::new();
    for (guard, target) in &alias.targets {
        match targets.iter_mut().find(|(known, _)| *known == target) {
            Some((_, guards)) => guards.push(guard.clone()),
            None => targets.push((target, vec![guard.clone()])),
        }
    }
    targets
}

fn declared(draft: &mut Draft<'_>, id: AliasId, alias: &Alias) -> Origin {
    let mut names: Vec<String> = alias.names.iter().map(|(_, name)| name.to_string()).collect();
    names.sort();
    names.dedup();
    let label = if names.is_empty() { alias.logical.clone() } else { names.join(" or ") };
    let site = draft.estate.facts.get(alias.fact).map(Fact::site);
    let plain = node(Part::Alias, "declared", label);
    let node = draft.declared(plain, Some(alias.stack), &alias.logical, site);
    draft.enter(Origin::Alias(id), node)
}

/// An alias of the inventory.
fn known(draft: &mut Draft<'_>, at: usize) -> Origin {
    let origin = Origin::KnownAlias(at);
    let Some(alias) = draft.estate.known_aliases.get(at) else { return origin };
    let called = format!("{}:{}:{}", alias.region, alias.account, alias.name);
    let plain = node(Part::Alias, "imported", alias.name.clone());
    let node = draft.declared(plain, None, &called, alias.site);
    draft.enter(origin, node)
}

/// A place at which a consumer names something: what, who, and by which property.
type Way<'e> = (Origin, Origin, &'e str, Site);

/// Every property that names a key, with what it names.
pub(super) fn consumers(draft: &mut Draft<'_>) {
    let estate = draft.estate;
    let mut uses: BTreeMap<Way<'_>, (Vec<Guard>, Outcome, Option<String>)> = BTreeMap::new();
    let mut order = Vec::new();
    for consumer in &estate.consumers {
        let Some((from, outcome, why)) = named(draft, consumer) else { continue };
        let to = entered(draft, consumer);
        let way = (from, to, consumer.property, consumer.site);
        let known = uses.entry(way.clone()).or_insert_with(|| {
            order.push(way);
            (Vec::new(), outcome, why)
        });
        known.0.push(consumer.guard.clone());
    }
    for way in order {
        let Some((guards, outcome, why)) = uses.remove(&way) else { continue };
        let (from, to, property, site) = way;
        draft.edges.push(Drawn {
            outcome: Some(outcome),
            property: Some(property.to_owned()),
            why,
            when: Certainty::of(guards),
            evidence: vec![written(draft, &format!("`{}` names it", last_part(property)), site)],
            ..Drawn::between(Spot::Node(from), Spot::Node(to), Link::Use)
        });
    }
}

/// The name of a property without the way to it.
fn last_part(property: &str) -> &str {
    property.rsplit('.').find(|part| *part != "*").unwrap_or(property)
}

fn entered(draft: &mut Draft<'_>, consumer: &Consumer) -> Origin {
    let origin = Origin::Consumer(consumer.stack, consumer.resource.clone());
    if draft.contains(&origin) {
        return origin;
    }
    let site = site_of(draft, consumer.stack, &consumer.resource);
    let plain = node(Part::Consumer, &consumer.kind, consumer.resource.clone());
    let node = draft.declared(plain, Some(consumer.stack), &consumer.resource, site);
    draft.enter(origin, node)
}

/// Where a resource is declared.
pub(super) fn site_of(draft: &Draft<'_>, stack: StackId, resource: &str) -> Option<Site> {
    draft.estate.resource(stack, resource).map(|resource| Site { stack, span: resource.name.span })
}

/// What a property names; none where that is certainly nothing of KMS.
fn named(draft: &mut Draft<'_>, consumer: &Consumer) -> Option<(Origin, Outcome, Option<String>)> {
    let text = &consumer.value;
    let (outcome, why) = match &consumer.target {
        Target::Key(key) | Target::KeyById(key) => return Some((draft.key(*key), Outcome::Effective, None)),
        Target::AliasName(_, Some(alias)) | Target::AliasArn(_, Some(alias)) => {
            return Some((Origin::Alias(*alias), Outcome::Effective, None));
        }
        Target::AliasName(name, None) | Target::AliasArn(name, None) => match alias(draft, consumer.stack, name) {
            Ok(origin) => return Some((origin, Outcome::Effective, None)),
            Err(why) => (Outcome::Undecided, why),
        },
        Target::OtherService => return None,
        Target::Pattern(_) => (Outcome::Ineffective, "a pattern names no key".to_owned()),
        Target::Malformed(_) => (Outcome::Ineffective, "this is the ARN of no key".to_owned()),
        Target::BareId(_) => (Outcome::Undecided, "no key of this id is in view".to_owned()),
        Target::Unknown(why) => (Outcome::Undecided, why.clone()),
    };
    let name = match text.as_symbol() {
        Some(Symbol::Derived(_)) => "a key that is not known".to_owned(),
        _ => text.to_string(),
    };
    Some((draft.reference(Some(consumer.stack), "reference", name), outcome, Some(why)))
}

/// The alias that no template in view declares: one of the inventory, or AWS's own; else why it is not known.
fn alias(draft: &mut Draft<'_>, stack: StackId, name: &Text) -> Result<Origin, String> {
    let estate = draft.estate;
    if let Some(found) = estate.known_alias(stack, name) {
        let at = estate.known_aliases.iter().position(|alias| std::ptr::eq(alias, found));
        return at.map(|at| known(draft, at)).ok_or_else(String::new);
    }
    let text = name.to_string();
    match text.find("alias/aws/").and_then(|at| text.get(at..)) {
        Some(own) => Ok(draft.reference(Some(stack), "aws-managed", own.to_owned())),
        None => Err("no alias of this name is in view".to_owned()),
    }
}

fn written(draft: &Draft<'_>, text: &str, site: Site) -> Evidence {
    Evidence { text: text.to_owned(), place: Some(draft.estate.place(site)) }
}
