//! What several outputs say of one key becomes one key, and that a key of the estate.

use super::granted::enter_grants;
use super::read::{AliasFact, Facts, KeyFact, KeyName, PolicyFact};
use super::{Described, Inventory, KnownAlias, KnownKey, NamedAlias, NamedGrant, OUTSIDE, Whereabouts};
use crate::estate::{Estate, Key, KeyId, KeyOrigin};
use crate::finding::Site;
use crate::policy::KeyPolicy;
use crate::resolve::{Cause, Text};
use crate::source::Span;
use std::collections::BTreeMap;

/// The name space of the aliases of AWS managed keys.
const AWS_MANAGED: &str = "alias/aws/";

type Name = (Whereabouts, String);

/// The places of keys by their ids.
struct Ids(BTreeMap<String, Vec<Whereabouts>>);

/// Joins facts by key. What cannot be joined is added to the errors.
pub(super) fn join(facts: &mut Facts) -> Inventory {
    let ids = Ids::of(facts);
    let mut errors = Vec::new();
    let mut inventory = Inventory::default();
    let mut by_name: BTreeMap<Name, Vec<KeyFact>> = BTreeMap::new();
    for fact in std::mem::take(&mut facts.keys) {
        match ids.name(&fact.key) {
            Ok(name) => by_name.entry(name).or_default().push(fact),
            Err(message) => errors.push((fact.span, message)),
        }
    }
    for ((place, id), said) in by_name {
        inventory.keys.push(known_key(place, id, said, &mut errors));
    }
    for AliasFact { place, name, target, span } in std::mem::take(&mut facts.aliases) {
        inventory.aliases.push(NamedAlias { place, name, target, span });
    }
    for grant in std::mem::take(&mut facts.grants) {
        match ids.name(&grant.key) {
            Ok((place, key)) => inventory.grants.push(NamedGrant { place, key, grant }),
            Err(message) => errors.push((grant.span, message)),
        }
    }
    inventory.grants_listed = facts.grants_listed.iter().filter_map(|key| ids.name(key).ok()).collect();
    inventory.given = std::mem::take(&mut facts.named);
    std::mem::take(&mut facts.account).join(&mut inventory);
    facts.errors.append(&mut errors);
    facts.errors.sort();
    inventory
}

impl Ids {
    fn of(facts: &Facts) -> Self {
        let mut ids: BTreeMap<String, Vec<Whereabouts>> = BTreeMap::new();
        let mut add = |place: &Whereabouts, id: &str| {
            let places = ids.entry(id.to_owned()).or_default();
            if !places.contains(place) {
                places.push(place.clone());
            }
        };
        let named = facts.keys.iter().map(|fact| &fact.key).chain(facts.grants.iter().map(|grant| &grant.key));
        for name in named {
            if let KeyName::Arn(place, id) = name {
                add(place, id);
            }
        }
        for (place, id) in &facts.named {
            add(place, id);
        }
        for alias in &facts.aliases {
            if let Some(target) = &alias.target {
                add(&alias.place, target);
            }
        }
        Self(ids)
    }

    /// The key of a name, or why it cannot be found.
    fn name(&self, key: &KeyName) -> Result<Name, String> {
        let id = match key {
            KeyName::Arn(place, id) => return Ok((place.clone(), id.clone())),
            KeyName::Id(id) => id,
        };
        match self.0.get(id).map(Vec::as_slice) {
            Some([only]) => Ok((only.clone(), id.clone())),
            None | Some([]) => Err(format!(
                "nothing in the inventory says in which account and Region key `{id}` is: add what `aws kms list-keys` prints"
            )),
            Some([..]) => {
                Err(format!("several Regions have a key `{id}`: name the one that is meant by its ARN in `KeyId`"))
            }
        }
    }
}

fn known_key(place: Whereabouts, id: String, said: Vec<KeyFact>, errors: &mut Vec<(Span, String)>) -> KnownKey {
    let mut described = Described::default();
    let mut policy: Option<PolicyFact> = None;
    let mut contradiction = None;
    let first = said.first().map(|fact| fact.span);
    for fact in said {
        described.add(fact.described);
        match (&policy, fact.policy) {
            (_, None) => {}
            (None, Some(new)) => policy = Some(new),
            (Some(known), Some(new)) if known.plain == new.plain => {}
            (Some(_), Some(new)) => contradiction = Some(new.span),
        }
    }
    let policy_span = policy.as_ref().map(|policy| policy.span);
    let unknown = |why: String| {
        let span = policy_span.or(first).unwrap_or(Span::new(crate::source::FileId(0), 0, 0));
        KeyPolicy::Unknown(Cause { span, why })
    };
    let policy = match (policy, contradiction) {
        (Some(_), Some(span)) => {
            let message = format!("key `{id}` has another policy elsewhere in the inventory: keep the one that holds");
            errors.push((span, message));
            unknown(format!("the inventory has two policies of key `{id}`"))
        }
        (Some(policy), None) => KeyPolicy::Document(policy.policy),
        (None, _) => unknown(format!("the inventory has no policy of key `{id}`")),
    };
    KnownKey { place, id, policy, policy_span, described }
}

impl Described {
    /// Adds what another output says.
    fn add(&mut self, other: Self) {
        // The place is that of the output that says most: `describe-key` names the state.
        if self.state.is_none() && (self.site.is_none() || other.state.is_some()) {
            self.site = other.site.or(self.site);
        }
        let replicas = if self.replicas.is_empty() { other.replicas } else { std::mem::take(&mut self.replicas) };
        *self = Self {
            site: self.site,
            state: self.state.take().or(other.state),
            spec: self.spec.take().or(other.spec),
            usage: self.usage.take().or(other.usage),
            origin: self.origin.take().or(other.origin),
            manager: self.manager.take().or(other.manager),
            multi_region: self.multi_region.or(other.multi_region),
            primary: self.primary.take().or(other.primary),
            replicas,
            rotation: self.rotation.or(other.rotation),
            rotation_days: self.rotation_days.or(other.rotation_days),
            grants_listed: self.grants_listed || other.grants_listed,
        };
    }
}

/// Enters the keys of the inventory, and the KMS grants on them.
pub(in crate::estate) fn add_keys(estate: &mut Estate, inventory: &mut Inventory) {
    let services: BTreeMap<Name, String> = inventory.aliases.iter().filter_map(NamedAlias::managed_by).collect();
    for known in std::mem::take(&mut inventory.keys) {
        add_key(estate, known, &services);
    }
    for alias in &inventory.aliases {
        let Some(target) = &alias.target else { continue };
        let bare = KnownKey {
            place: alias.place.clone(),
            id: target.clone(),
            policy: KeyPolicy::Unknown(Cause {
                span: alias.span.unwrap_or(Span::new(crate::source::FileId(0), 0, 0)),
                why: format!("the inventory has no policy of key `{target}`"),
            }),
            policy_span: None,
            described: Described::default(),
        };
        add_key(estate, bare, &services);
    }
    for NamedGrant { place, key, grant } in &inventory.grants {
        let why = format!("the inventory has no policy of key `{key}`");
        let known = KnownKey {
            place: place.clone(),
            id: key.clone(),
            policy: KeyPolicy::Unknown(Cause { span: grant.span, why }),
            policy_span: None,
            described: Described::default(),
        };
        add_key(estate, known, &services);
    }
    enter_grants(estate, inventory);
}

fn add_key(estate: &mut Estate, known: KnownKey, services: &BTreeMap<Name, String>) {
    let KnownKey { place, id, policy, policy_span, described } = known;
    let (account, region) = (Text::literal(&place.account), Text::literal(&place.region));
    let Ok(next) = u32::try_from(estate.keys.len()) else { return };
    if !estate.index.add_known(&account, &region, &id, KeyId(next)) {
        return;
    }
    let arn = place.arn(&format!("key/{id}"));
    let service = services.get(&(place, id.clone())).cloned();
    let is_seen = matches!(policy, KeyPolicy::Document(_));
    let (origin, policy) = match service {
        Some(service) if is_seen => (KeyOrigin::AwsManaged { service }, policy),
        Some(service) => (KeyOrigin::AwsManaged { service: service.clone() }, KeyPolicy::AwsManaged(service)),
        None => (KeyOrigin::Imported, policy),
    };
    let site = |span| Site { stack: OUTSIDE, span };
    estate.keys.push(Key {
        origin,
        stack: None,
        name: id,
        arn,
        account,
        region,
        policy,
        site: described.site,
        policy_site: policy_span.map(site),
        described: Some(Box::new(described)),
        granted: None,
    });
}

/// The aliases of the inventory with their keys.
pub(in crate::estate) fn known_aliases(estate: &Estate, inventory: &Inventory) -> Vec<KnownAlias> {
    let alias = |alias: &NamedAlias| {
        let NamedAlias { place: Whereabouts { account, region, .. }, name, target, span } = alias;
        let key = target
            .as_ref()
            .and_then(|target| estate.index.named(&Text::literal(account), &Text::literal(region), target));
        KnownAlias {
            name: name.clone(),
            account: account.clone(),
            region: region.clone(),
            key,
            site: span.map(|span| Site { stack: OUTSIDE, span }),
        }
    };
    let mut aliases: Vec<KnownAlias> = inventory.aliases.iter().map(alias).collect();
    // Of an alias that is listed twice the entry with a key counts.
    aliases.sort_by(|a, b| {
        let order = |alias: &KnownAlias| (alias.account.clone(), alias.region.clone(), alias.name.clone());
        order(a).cmp(&order(b)).then_with(|| (a.key.is_none(), a.site).cmp(&(b.key.is_none(), b.site)))
    });
    aliases.dedup_by(|next, first| {
        next.account == first.account && next.region == first.region && next.name == first.name
    });
    aliases
}

impl NamedAlias {
    /// The key and the service of the alias of an AWS managed key.
    fn managed_by(&self) -> Option<(Name, String)> {
        let service = self.name.strip_prefix(AWS_MANAGED)?;
        Some(((self.place.clone(), self.target.clone()?), service.to_owned()))
    }
}
