//! KMS grants: entered with their keys, and what they give as statements, so that one engine decides policies and grants alike.

use super::read::GrantFact;
use super::{GrantConstraint, Inventory, KeyGrant, NamedGrant, OUTSIDE};
use crate::estate::Estate;
use crate::finding::Site;
use crate::policy::{Action, Part, Policy, Principal, Statement, allow, always, aws_principal, condition_of};
use crate::resolve::{Cause, Text, Truth};
use crate::source::Span;

/// The operation that ends a grant: constraints do not apply to it, and it is about this grant alone.
const RETIRE: &str = "RetireGrant";

/// Enters the KMS grants of the inventory, in its order. All of their keys are entered already.
pub(super) fn enter_grants(estate: &mut Estate, inventory: &mut Inventory) {
    for (place, id) in &inventory.grants_listed {
        let found = estate.index.named(&Text::literal(&place.account), &Text::literal(&place.region), id);
        let key = found.and_then(|key| estate.keys.get_mut(key.0 as usize));
        if let Some(described) = key.and_then(|key| key.described.as_mut()) {
            described.grants_listed = true;
        }
    }
    for NamedGrant { place, key, grant } in std::mem::take(&mut inventory.grants) {
        let found = estate.index.named(&Text::literal(&place.account), &Text::literal(&place.region), &key);
        let Some(key) = found else { continue };
        let GrantFact { name, id, grantee, retiring, operations, constraints, span, .. } = grant;
        let site = Site { stack: OUTSIDE, span };
        let grant = KeyGrant { key, name, id, grantee, retiring, operations, constraints, site };
        if let Some(key) = estate.keys.get_mut(key.0 as usize) {
            let granted = key.granted.get_or_insert_with(|| Box::new(Policy::empty(span)));
            grant.say(&mut granted.statements);
            // A list with a grant is a list.
            if let Some(described) = key.described.as_mut() {
                described.grants_listed = true;
            }
        }
        estate.key_grants.push(grant);
    }
}

impl KeyGrant {
    /// Its name, or else its id: for people.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.name.as_deref().or(self.id.as_deref())
    }

    /// What it gives, as Allow statements on its key.
    fn say(&self, statements: &mut Vec<Statement>) {
        let operations = self.operations.iter().filter(|operation| *operation != RETIRE);
        let actions = operations.filter_map(|operation| Action::named(&format!("kms:{operation}")));
        // Constraints count only for operations that have an encryption context.
        let (constrained, free): (Vec<Action>, Vec<Action>) = actions.partition(|action| has_context(*action));
        let grantee = principal(&self.grantee);
        if !constrained.is_empty() {
            let mut statement = self.statement(statements.len(), grantee.clone(), &constrained);
            for constraint in &self.constraints {
                constrain(&mut statement, constraint);
            }
            statements.push(statement);
        }
        if !free.is_empty() {
            statements.push(self.statement(statements.len(), grantee.clone(), &free));
        }
        let Some(retire) = Action::named("kms:RetireGrant") else { return };
        let by_operation = self.operations.iter().any(|operation| operation == RETIRE).then_some(grantee);
        for principal in self.retiring.as_deref().map(principal).into_iter().chain(by_operation) {
            statements.push(self.statement(statements.len(), principal, &[retire]));
        }
    }

    fn statement(&self, index: usize, principal: Principal, actions: &[Action]) -> Statement {
        let names: Vec<&str> = actions.iter().map(|action| action.name()).collect();
        Statement { sid: self.label().map(str::to_owned), ..allow(self.site.span, index, principal, &names) }
    }
}

fn has_context(action: Action) -> bool {
    action.carries("kms:encryptioncontextkeys") == Truth::Yes
}

/// A grantee or retiring principal: grants name services by their host names alone.
fn principal(name: &str) -> Principal {
    let is_service = name.ends_with(".amazonaws.com") || name.ends_with(".amazonaws.com.cn");
    if is_service && !name.contains(':') {
        Principal::Service(Text::literal(name))
    } else {
        aws_principal(&Text::literal(name))
    }
}

/// Conditions on the encryption context that come to the same as a constraint.
fn constrain(statement: &mut Statement, constraint: &GrantConstraint) {
    let span: Span = statement.span;
    let (pairs, exact) = match constraint {
        GrantConstraint::Equals(pairs) => (pairs, true),
        GrantConstraint::Subset(pairs) => (pairs, false),
        GrantConstraint::Other(name) => {
            let why = format!("whether requests meet the constraint `{name}` of the KMS grant");
            statement.unread.push((Part::Conditions, always(span, Cause { span, why })));
            return;
        }
    };
    for (key, value) in pairs {
        let key = format!("kms:EncryptionContext:{key}");
        statement.conditions.push(condition_of(span, "StringEquals", &key, vec![Text::literal(value)]));
    }
    if exact {
        let keys = pairs.iter().map(|(key, _)| Text::literal(key)).collect();
        statement.conditions.push(condition_of(span, "ForAllValues:StringEquals", "kms:EncryptionContextKeys", keys));
    }
}
