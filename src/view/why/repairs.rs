//! The repairs that the engine found, in the terms of the author.

use super::writing::Writer;
use super::{Question, Repair, Step, place};
use crate::authz::{self, Change, Decision, PolicyRef};
use crate::finding::Site;
use crate::resolve::{Guard, StackId};

impl Question<'_> {
    pub(super) fn repairs(&self, under: &Guard) -> Vec<Repair> {
        let found = self.asker.repairs(self.estate, under, self.side, &[self.action], self.means);
        found.iter().map(|repair| self.repair(repair)).collect()
    }

    fn repair(&self, repair: &authz::Repair) -> Repair {
        let steps = repair.changes.iter().map(|change| self.step(change)).collect();
        let then = match repair.after {
            Decision::Allow => self.way(repair.way),
            Decision::Undecided | Decision::ExplicitDeny | Decision::ImplicitDeny if repair.unknown.is_empty() => {
                format!("allowed where {}", repair.conditions.join(" and "))
            }
            Decision::Undecided | Decision::ExplicitDeny | Decision::ImplicitDeny => {
                format!("no longer denied, as far as this can be known: {}", repair.unknown.join("; "))
            }
        };
        Repair { steps, then }
    }

    fn step(&self, change: &Change) -> Step {
        let (holder, key) = (&self.holder, &self.which.key);
        let to_key = || format!("add to the policy of key `{}`", key.name);
        let key_site = key.policy_site.or(key.site);
        let (text, site) = match change {
            Change::Trust(_) => (format!("{}, so that the account's IAM policies decide", to_key()), key_site),
            Change::TrustWith(_) => {
                (format!("{}, so that the account's IAM policies may give this action", to_key()), key_site)
            }
            Change::Name(_) => (to_key(), key_site),
            Change::Give(_) => (format!("add to a policy of `{holder}`"), self.identity_site()),
            Change::Bound(_) => (format!("add to the permissions boundary of `{holder}`"), self.boundary_site()),
            Change::Spare { policy, span, .. } => return self.spare(*policy, *span),
        };
        let stack = site.map(|site| site.stack);
        let statement = change.addition().map(|addition| {
            let writer = Writer { estate: self.estate, stack };
            addition.json(&|text| writer.write(text))
        });
        let from_cdk = site.is_some_and(|site| self.estate.is_from_cdk(site));
        let code = if from_cdk { self.code(change) } else { None };
        Step { text, place: site.map(|site| self.estate.place(site)), statement, code }
    }

    /// Where the principal's own policies are written: its inline policy or a policy of the templates, else the principal.
    fn identity_site(&self) -> Option<Site> {
        let entry = self.entry?;
        let written = entry.policies.iter().find(|policy| policy.document().is_some());
        Some(written.map_or(entry.site, |policy| policy.site))
    }

    fn boundary_site(&self) -> Option<Site> {
        let entry = self.entry?;
        Some(entry.boundary.as_ref().map_or(entry.site, |boundary| boundary.site))
    }

    fn stack_of(&self, policy: PolicyRef) -> Option<StackId> {
        let entry = || self.entry;
        match policy {
            PolicyRef::Key => self.which.key.stack,
            PolicyRef::Identity(at) => Some(entry()?.policies.get(at)?.stack),
            PolicyRef::Boundary => Some(entry()?.boundary.as_ref()?.stack),
        }
    }

    fn spare(&self, policy: PolicyRef, span: crate::source::Span) -> Step {
        let text = match policy {
            PolicyRef::Key => {
                format!("take `{}` out of this `Deny`: an `aws:PrincipalArn` condition can spare it", self.holder)
            }
            PolicyRef::Identity(_) | PolicyRef::Boundary => {
                format!("take `{}` or this key out of this `Deny`", self.action)
            }
        };
        Step { text, place: place(self.estate, self.stack_of(policy), span), statement: None, code: None }
    }

    /// The change as CDK code.
    fn code(&self, change: &Change) -> Option<String> {
        let action = self.action;
        let key_statement = |who: &str, what: &str| {
            format!(
                "key.addToResourcePolicy(new iam.PolicyStatement({{\n  actions: ['{what}'],\n  principals: [{who}],\n  resources: ['*'],\n}}));"
            )
        };
        match change {
            Change::Trust(_) => Some(key_statement("new iam.AccountRootPrincipal()", "kms:*")),
            Change::TrustWith(_) => Some(key_statement("new iam.AccountRootPrincipal()", action.name())),
            Change::Name(_) if self.is_service => {
                Some(key_statement(&format!("new iam.ServicePrincipal('{}')", self.holder), action.name()))
            }
            Change::Name(_) => Some(key_statement("role", action.name())),
            Change::Give(_) => Some(format!(
                "role.addToPrincipalPolicy(new iam.PolicyStatement({{\n  actions: ['{action}'],\n  resources: [key.keyArn],\n}}));"
            )),
            Change::Bound(_) | Change::Spare { .. } => None,
        }
    }
}
