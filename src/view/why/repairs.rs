//! The repairs that the engine found, in the terms of the author.

use super::writing::Writer;
use super::{Question, Repair, Step, place};
use crate::authz::{self, Change, Decision, PolicyRef};
use crate::finding::Site;
use crate::resolve::{Guard, StackId, Truth};

impl Question<'_> {
    pub(super) fn repairs(&self, under: &Guard) -> Vec<Repair> {
        let found = self.asker.repairs(self.estate, under, self.side, &[self.action], self.means);
        found.iter().map(|repair| self.repair(repair)).collect()
    }

    fn repair(&self, repair: &authz::Repair) -> Repair {
        let steps = repair.changes.iter().map(|change| self.step(change)).collect();
        let is_everywhere = repair.after == Decision::Allow;
        let then = if is_everywhere || !repair.allowed.is_empty() {
            self.way(repair.way)
        } else if repair.unknown.is_empty() {
            format!("it is allowed where {}", repair.conditions.join(" and "))
        } else {
            format!("it is no longer denied, and what is left is not known from here: {}", repair.unknown.join("; "))
        };
        let within = if is_everywhere { Vec::new() } else { repair.allowed.clone() };
        Repair { steps, then, within }
    }

    fn step(&self, change: &Change) -> Step {
        let (holder, key) = (&self.holder, &self.which.key);
        let to_key = || format!("add to the policy of key `{}`", key.name);
        let key_site = key.policy_site.or(key.site);
        let (text, site) = match change {
            Change::Trust(_) => (format!("{}, so that IAM policies of the account decide", to_key()), key_site),
            Change::TrustWith(_) => {
                let whose = if self.same_account == Truth::No { "the other" } else { "the" };
                (format!("{}, so that IAM policies of {whose} account may give this action", to_key()), key_site)
            }
            Change::Name(_) => (to_key(), key_site),
            Change::Give(_) => (format!("add to a policy of `{holder}`"), self.identity_site()),
            Change::Bound(_) => (format!("add to the permissions boundary of `{holder}`"), self.boundary_site()),
            Change::Spare { policy, span, .. } => return self.spare(*policy, *span),
        };
        let writer = Writer { estate: self.estate, stack: site.map(|site| site.stack) };
        let statement = change.addition().map(|addition| addition.json(&|text| writer.write(text)));
        let from_cdk = site.is_some_and(|site| self.estate.is_from_cdk(site));
        let code = if from_cdk { self.code(change) } else { None };
        let texts = change.addition().into_iter().flat_map(|one| one.principal.iter().chain([&one.resource]));
        let export = texts.filter(|_| code.is_none()).find_map(|text| writer.missing_export(text));
        let text = match export {
            Some(export) => {
                format!("{text}, once stack `{}` exports `{}.Arn` as `{}`", export.stack, export.resource, export.name)
            }
            None => text,
        };
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
        Some(entry.boundary.first().map_or(entry.site, |boundary| boundary.site))
    }

    fn stack_of(&self, policy: PolicyRef) -> Option<StackId> {
        let entry = || self.entry;
        match policy {
            PolicyRef::Key | PolicyRef::Grants => self.which.key.stack,
            PolicyRef::Identity(at) => Some(entry()?.policies.get(at)?.stack),
            PolicyRef::Boundary => Some(entry()?.boundary.first()?.stack),
        }
    }

    fn spare(&self, policy: PolicyRef, span: crate::source::Span) -> Step {
        let text = match policy {
            PolicyRef::Key | PolicyRef::Grants => {
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
