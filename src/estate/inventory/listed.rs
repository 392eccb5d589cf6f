//! What certainly does not exist: where the inventory lists everything, as its owner says, and neither it nor a template has it.
//!
//! A list speaks of the accounts that it names, and of keys and aliases only in the Regions that it names. Of anything else it says nothing.

use super::{Inventory, Whereabouts};
use crate::estate::{Estate, Key, KeyOrigin, PrincipalKind};
use crate::resolve::{Environment, StackId, Text, Truth};
use std::collections::BTreeSet;

/// The accounts and Regions of which the inventory has lists.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    /// Account and Region of listed keys. An alias or a grant names a key, but lists none.
    keys: BTreeSet<(String, String)>,
    /// Account and Region of listed aliases.
    aliases: BTreeSet<(String, String)>,
    /// Accounts of listed roles.
    roles: BTreeSet<String>,
    /// Account, Region and id of keys that the user gives by their ARN.
    given: BTreeSet<(String, String, String)>,
    /// ARNs of primary keys and replicas, as the keys of the inventory name them.
    related: BTreeSet<String>,
}

impl Listed {
    pub(in crate::estate) fn of(inventory: &Inventory) -> Self {
        let place = |place: &Whereabouts| (place.account.clone(), place.region.clone());
        let roles = inventory.identities.iter().filter(|identity| identity.kind == PrincipalKind::Role);
        let account = |arn: &str| arn.split(':').nth(4).map(str::to_owned);
        let described = inventory.keys.iter().map(|key| &key.described);
        let related = described.flat_map(|described| described.primary.iter().chain(&described.replicas));
        Self {
            keys: inventory.keys.iter().map(|key| place(&key.place)).collect(),
            aliases: inventory.aliases.iter().filter(|one| one.span.is_some()).map(|one| place(&one.place)).collect(),
            roles: roles.filter_map(|role| account(&role.arn)).collect(),
            given: inventory.given.iter().map(|(at, id)| (at.account.clone(), at.region.clone(), id.clone())).collect(),
            related: related.cloned().collect(),
        }
    }
}

/// A place of which an account and a Region are known.
fn fixed(account: &Text, region: &Text) -> Option<(String, String)> {
    Some((account.as_literal()?.to_owned(), region.as_literal()?.to_owned()))
}

/// Unknown unless a complete list speaks of this.
fn missing_if(is_listed: bool) -> Truth {
    if is_listed { Truth::Yes } else { Truth::Unknown }
}

impl Estate {
    /// Whether a key certainly does not exist.
    #[must_use]
    pub fn lacks_key(&self, key: &Key) -> Truth {
        if key.origin != KeyOrigin::Imported || key.described.is_some() {
            return Truth::No;
        }
        let Some((account, region)) = fixed(&key.account, &key.region) else { return Truth::Unknown };
        let is_related = key.arn.as_literal().is_some_and(|arn| self.listed.related.contains(arn));
        if is_related || self.listed.given.contains(&(account, region, key.name.clone())) {
            return Truth::No;
        }
        self.lacks_key_id(&key.account, &key.region)
    }

    /// Whether a key whose id nothing in view has certainly does not exist in an account and a Region.
    #[must_use]
    pub fn lacks_key_id(&self, account: &Text, region: &Text) -> Truth {
        let place = fixed(account, region);
        missing_if(self.inventory_complete && place.is_some_and(|place| self.listed.keys.contains(&place)))
    }

    /// Whether an alias that a stack names, by its name or ARN, certainly does not exist.
    #[must_use]
    pub fn lacks_alias(&self, stack: StackId, text: &Text) -> Truth {
        let Some(environment) = self.stack(stack).map(|stack| &stack.environment) else { return Truth::Unknown };
        let (account, region, name) = match super::super::target::arn(text) {
            Some(arn) => (arn.account, arn.region, arn.resource),
            None => (environment.account.clone(), environment.region.clone(), text.clone()),
        };
        if name.literal_ends().0.starts_with("alias/aws/") || self.known_alias(stack, text).is_some() {
            return Truth::No;
        }
        let may_be_there = |there: &Environment| {
            there.account.equals(&account) != Truth::No && there.region.equals(&region) != Truth::No
        };
        let may_be_it = self.aliases.iter().any(|alias| {
            alias.names.iter().any(|(_, other)| other.equals(&name) != Truth::No)
                && self.stack(alias.stack).is_some_and(|stack| may_be_there(&stack.environment))
        });
        let place = fixed(&account, &region).filter(|_| name.as_literal().is_some() && !may_be_it);
        missing_if(self.inventory_complete && place.is_some_and(|place| self.listed.aliases.contains(&place)))
    }

    /// Whether the role of an ARN certainly does not exist. AWS makes service-linked roles when it needs them.
    #[must_use]
    pub fn lacks_role(&self, arn: &Text) -> Truth {
        let Some(parts) = arn.as_literal().map(|arn| arn.splitn(6, ':').collect::<Vec<_>>()) else {
            return Truth::Unknown;
        };
        let ["arn", _, "iam", "", account, resource] = parts.as_slice() else { return Truth::Unknown };
        if !resource.starts_with("role/") || resource.starts_with("role/aws-service-role/") {
            return Truth::Unknown;
        }
        let roles = self.principals.iter().filter(|entry| entry.declared && entry.kind == PrincipalKind::Role);
        let found = roles.map(|entry| entry.arn.equals(arn)).fold(Truth::No, Truth::or);
        match found {
            Truth::Yes => Truth::No,
            Truth::Unknown => Truth::Unknown,
            Truth::No => missing_if(self.inventory_complete && self.listed.roles.contains(*account)),
        }
    }
}
