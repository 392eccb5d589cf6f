//! Services that use a key for a resource: source, target, and the property that names the key of the target.

mod table;

pub use table::{Case, Integration, Limit, Service, Via, When};

use super::{Consumer, Estate, Fact, target};
use crate::finding::Site;
use crate::resolve::{Guard, Spanned, StackId, Symbol, Text, Truth, Value, Valued};
use std::collections::BTreeMap;
use table::CASES;

/// A service that uses a key for a resource, or might.
#[derive(Clone, Debug)]
pub struct ServiceUse<'e> {
    /// What the service does.
    pub case: &'static Case,
    /// The resource for which it acts.
    pub source: &'e Fact,
    /// Where that names the target, or the key.
    pub site: Site,
    /// When.
    pub guard: Guard,
    /// The key.
    pub key: UsedKey<'e>,
}

/// The key that a service uses.
#[derive(Clone, Debug)]
pub enum UsedKey<'e> {
    /// That which this property names.
    Named(&'e Consumer),
    /// Whether there is one cannot be known from here, and why: lower case, no period.
    Unknown(String),
}

/// Whether resources of this type make a service use a key.
pub(crate) fn is_source(kind: &str) -> bool {
    CASES.iter().any(|case| case.source == kind)
}

impl Estate {
    /// What services of a family do with keys, in the order of the resources and then of the text.
    #[must_use]
    pub fn service_uses(&self, integration: Integration) -> Vec<ServiceUse<'_>> {
        let cases: Vec<&'static Case> = CASES.iter().filter(|case| case.integration == integration).collect();
        let links = Links::new(self);
        let mut uses = Vec::new();
        for source in &self.facts {
            for case in cases.iter().filter(|case| case.source == source.kind) {
                links.follow(case, source, &mut uses);
            }
        }
        uses
    }
}

type Entries = [(Spanned, Valued)];

/// A value at the end of a path, with the maps around it, outermost first.
struct Named<'v> {
    guard: Guard,
    valued: &'v Valued,
    value: &'v Value,
    around: Vec<&'v Entries>,
}

/// A queue or topic by what identifies it: service, Region, account and name.
type Identity = (&'static str, Text, Text, Text);

/// Types of targets: the service in their ARN and the property that names them.
const TARGETS: [(&str, &str, &str); 2] =
    [("AWS::SQS::Queue", "sqs", "QueueName"), ("AWS::SNS::Topic", "sns", "TopicName")];

/// What a text names.
enum Aim<'e> {
    /// Queues or topics in view, each where it has that name.
    Declared(Vec<(Guard, &'e Fact)>),
    /// Nothing that has to do with the case, or nothing in view: whether that has a key, nothing here says.
    Other,
    /// Cannot be known from here, and why: it may be one in view.
    Unknown(String),
}

struct Links<'e> {
    estate: &'e Estate,
    targets: BTreeMap<Identity, Vec<(Guard, &'e Fact)>>,
    keys: BTreeMap<(StackId, &'e str), Vec<&'e Consumer>>,
}

impl<'e> Links<'e> {
    fn new(estate: &'e Estate) -> Self {
        let mut links = Self { estate, targets: BTreeMap::new(), keys: BTreeMap::new() };
        for fact in &estate.facts {
            let Some((_, service, property)) = TARGETS.iter().find(|(kind, ..)| *kind == fact.kind) else { continue };
            let Some(stack) = estate.stack(fact.stack) else { continue };
            let place = &stack.environment;
            for (guard, name) in names(fact, property) {
                let identity = (*service, place.region.clone(), place.account.clone(), name);
                links.targets.entry(identity).or_default().push((guard, fact));
            }
        }
        for consumer in &estate.consumers {
            links.keys.entry((consumer.stack, consumer.resource.as_str())).or_default().push(consumer);
        }
        links
    }

    fn follow(&self, case: &'static Case, source: &'e Fact, uses: &mut Vec<ServiceUse<'e>>) {
        let found = match case.via {
            Via::Own(property) => {
                let own = self.keys_of(source).filter(|consumer| consumer.property == property);
                own.map(|consumer| (consumer.site, consumer.guard.clone(), UsedKey::Named(consumer))).collect()
            }
            Via::Target(kind, path) => self.through_targets(case, source, kind, path),
        };
        let found = found.into_iter().filter(|(_, guard, _)| self.estate.feasible(guard));
        uses.extend(found.map(|(site, guard, key)| ServiceUse { case, source, site, guard, key }));
    }

    /// The keys of the queues or topics that a resource names at a path.
    fn through_targets(
        &self,
        case: &Case,
        source: &'e Fact,
        kind: &str,
        path: &str,
    ) -> Vec<(Site, Guard, UsedKey<'e>)> {
        let path: Vec<&str> = path.split('.').collect();
        let mut found = Vec::new();
        follow(&source.properties, &path, &source.guard, &[], &mut found);
        let mut keys = Vec::new();
        for named in found {
            let site = Site { stack: source.stack, span: named.valued.span };
            let aim = match applies(case.when, &named) {
                Some(None) => self.aim(source.stack, kind, named.value),
                Some(Some(why)) => Aim::Unknown(why),
                None => Aim::Other,
            };
            match aim {
                Aim::Declared(targets) => keys.extend(self.keys_of_all(&targets, &named.guard, site)),
                Aim::Other => {}
                Aim::Unknown(why) => keys.push((site, named.guard, UsedKey::Unknown(why))),
            }
        }
        keys
    }

    fn keys_of_all(&self, targets: &[(Guard, &'e Fact)], under: &Guard, site: Site) -> Vec<(Site, Guard, UsedKey<'e>)> {
        let mut keys = Vec::new();
        for (guard, target) in targets {
            for consumer in self.keys_of(target) {
                let together = guard.and(under).and_then(|guard| guard.and(&consumer.guard));
                keys.extend(together.map(|guard| (site, guard, UsedKey::Named(consumer))));
            }
        }
        keys
    }

    fn keys_of(&self, fact: &'e Fact) -> impl Iterator<Item = &'e Consumer> {
        self.keys.get(&(fact.stack, fact.name.as_str())).into_iter().flatten().copied()
    }

    /// The queue or topic of this type that a value of a stack names.
    fn aim(&self, from: StackId, kind: &str, value: &Value) -> Aim<'e> {
        let text = match value {
            Value::Text(text) => text,
            Value::Unknown(cause) => return self.perhaps(from, kind, |_| true, || cause.why.clone()),
            Value::Absent | Value::Null | Value::List(_) | Value::Map(_) => return Aim::Other,
        };
        let Some((_, service, _)) = TARGETS.iter().find(|(target, ..)| *target == kind) else { return Aim::Other };
        if let Some(arn) = target::arn(text) {
            return match arn.service.as_literal() {
                Some(named) if named == *service => {
                    self.declared(from, kind, (service, arn.region, arn.account, arn.resource), text)
                }
                Some(_) => Aim::Other,
                None => self.perhaps(from, kind, |_| true, || format!("the service in `{text}` is not known here")),
            };
        }
        match text.as_symbol() {
            // By what identifies it otherwise no queue or topic is a target, and what no stack in view exports or stores none of these has.
            Some(
                Symbol::Resource(..)
                | Symbol::Attribute(..)
                | Symbol::Import(_)
                | Symbol::Output(..)
                | Symbol::Dynamic(_),
            ) => Aim::Other,
            Some(_) => self.perhaps(from, kind, |_| true, || format!("`{text}` is not known from here")),
            None if text.as_literal().is_some() || !text.literal_ends().0.is_empty() => Aim::Other,
            None => {
                self.perhaps(from, kind, |_| true, || format!("`{text}` is built from parts that are not known here"))
            }
        }
    }

    /// Unknown, if a queue or topic in view that has a key may be it.
    fn perhaps(
        &self,
        from: StackId,
        kind: &str,
        may_be: impl Fn(&Identity) -> bool,
        why: impl Fn() -> String,
    ) -> Aim<'e> {
        let scope = |stack: StackId| self.estate.stack(stack).map(|stack| stack.scope);
        let is_one = |(identity, facts): &(&Identity, &Vec<(Guard, &'e Fact)>)| {
            let is_near = |(_, fact): &(Guard, &'e Fact)| {
                fact.kind == kind && scope(fact.stack) == scope(from) && self.keys_of(fact).next().is_some()
            };
            facts.iter().any(is_near) && may_be(identity)
        };
        if self.targets.iter().any(|target| is_one(&target)) { Aim::Unknown(why()) } else { Aim::Other }
    }

    /// What has this name where the stack lives; what it declares itself comes first.
    fn declared(&self, from: StackId, kind: &str, identity: Identity, text: &Text) -> Aim<'e> {
        let scope = |stack: StackId| self.estate.stack(stack).map(|stack| stack.scope);
        let all = self.targets.get(&identity).map_or(&[][..], Vec::as_slice);
        let near: Vec<_> = all.iter().filter(|(_, fact)| scope(fact.stack) == scope(from)).cloned().collect();
        let own: Vec<_> = near.iter().filter(|(_, fact)| fact.stack == from).cloned().collect();
        let found = if own.is_empty() { near } else { own };
        let mut stacks: Vec<StackId> = found.iter().map(|(_, fact)| fact.stack).collect();
        stacks.dedup();
        match stacks.len() {
            0 => {
                let may_be = |other: &Identity| {
                    let same =
                        other.1.equals(&identity.1).and(other.2.equals(&identity.2)).and(other.3.equals(&identity.3));
                    same != Truth::No
                };
                self.perhaps(from, kind, may_be, || format!("`{text}` is not in view"))
            }
            1 => Aim::Declared(found),
            _ => Aim::Unknown(format!("several stacks declare `{text}`")),
        }
    }
}

/// The names of a resource, as texts that name it have them.
fn names(fact: &Fact, property: &str) -> Vec<(Guard, Text)> {
    let generated = || Text::symbol(Symbol::Resource(fact.stack, fact.name.clone()));
    let unknown = || Text::symbol(Symbol::Attribute(fact.stack, fact.name.clone(), property.to_owned()));
    let Some(valued) = fact.property(property) else { return vec![(fact.guard.clone(), generated())] };
    let name = |value: &Value| match value {
        Value::Text(text) => text.clone(),
        Value::Absent | Value::Null => generated(),
        Value::List(_) | Value::Map(_) | Value::Unknown(_) => unknown(),
    };
    valued.branches(&fact.guard).into_iter().map(|(guard, value)| (guard, name(value))).collect()
}

/// Follows a path through a value in every world.
fn follow<'v>(valued: &'v Valued, path: &[&str], guard: &Guard, around: &[&'v Entries], found: &mut Vec<Named<'v>>) {
    for (guard, value) in valued.branches(guard) {
        match (value, path) {
            (Value::Absent | Value::Null, _) | (Value::List(_) | Value::Map(_), []) => {}
            (Value::Text(_), [] | ["*"]) | (Value::Unknown(_), _) => {
                found.push(Named { guard, valued, value, around: around.to_vec() });
            }
            (Value::List(items), ["*", rest @ ..]) => {
                items.iter().for_each(|item| follow(item, rest, &guard, around, found));
            }
            (Value::Map(entries), [key, rest @ ..]) => {
                let inner = entries.iter().find(|(name, _)| name.value == *key);
                let around: Vec<&'v Entries> = around.iter().copied().chain([entries.as_slice()]).collect();
                inner.into_iter().for_each(|(_, inner)| follow(inner, rest, &guard, &around, found));
            }
            (Value::Text(_) | Value::List(_), [_, ..]) => {}
        }
    }
}

/// Whether a value is one of a case: none if it is not; else why that cannot be known, if so.
fn applies(tests: &[When], named: &Named<'_>) -> Option<Option<String>> {
    let mut why = None;
    for test in tests {
        let (property, maps) = match test {
            When::Is(property, _) => (property, named.around.last().into_iter().collect::<Vec<_>>()),
            When::Unless(property, _) | When::Without(property) => (property, named.around.iter().collect()),
        };
        let set = maps.into_iter().filter_map(|map| map.iter().find(|(name, _)| name.value == *property));
        for (guard, value) in set.flat_map(|(_, valued)| valued.branches(&named.guard)) {
            match (test, value) {
                (_, Value::Absent | Value::Null | Value::List(_) | Value::Map(_)) => {}
                (_, Value::Unknown(cause)) => why = Some(cause.why.clone()),
                (When::Is(_, wanted), Value::Text(text)) => {
                    if text.as_literal().is_some_and(|text| text != *wanted) {
                        return None;
                    }
                }
                (When::Unless(_, off), Value::Text(text)) => {
                    if text.as_literal().is_some_and(|text| text.eq_ignore_ascii_case(off)) && guard == named.guard {
                        return None;
                    }
                }
                (When::Without(_), Value::Text(_)) if guard == named.guard => return None,
                (When::Without(_), Value::Text(_)) => why = Some(format!("`{property}` is set under a condition")),
            }
        }
    }
    Some(why)
}
