//! Managed policies: declared, of AWS, or elsewhere; and permissions boundaries, which are managed policies too.

use super::attach::{Roster, attached, iam_arn, text_or_attribute};
use super::{AttachedPolicy, PolicySource, PrincipalEntry, PrincipalKind};
use crate::estate::Fact;
use crate::finding::Site;
use crate::policy::{self, PolicyKind};
use crate::resolve::{Cause, Environment, Guard, Symbol, Text, Value, Valued};
use crate::source::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A managed policy of a template: its ARN and its document.
pub(super) struct Managed {
    pub(super) arn: Text,
    pub(super) policy: AttachedPolicy,
    pub(super) attached: bool,
}

/// A managed policy that a principal names by ARN.
pub(super) struct Wanted {
    pub(super) principal: usize,
    pub(super) guard: Guard,
    pub(super) arn: Text,
    pub(super) site: Site,
    pub(super) boundary: bool,
}

impl Roster<'_> {
    /// Managed policies that an identity names by ARN.
    pub(super) fn managed_arns(&mut self, fact: &Fact, principal: usize, property: &str, boundary: bool) {
        if let Some(arns) = fact.property(property) {
            self.name_managed(fact, principal, arns, boundary);
        }
    }

    /// The boundary of the role that SAM makes for a function: its own, or that of all functions.
    pub(super) fn serverless_boundary(&mut self, fact: &Fact, principal: usize) {
        const PROPERTY: &str = "PermissionsBoundary";
        if fact.property(PROPERTY).is_some() || fact.kind != "AWS::Serverless::Function" {
            return self.managed_arns(fact, principal, PROPERTY, true);
        }
        let is_read = matches!(fact.properties.value.known(), Some(Value::Map(_)));
        let Some(scope) = self.estate.scope(fact.stack).filter(|_| is_read) else { return };
        let globals = scope.template.globals.as_ref().and_then(|globals| globals.path(&["Function", PROPERTY]));
        if let Some(boundary) = globals {
            self.name_managed(fact, principal, &scope.value(boundary), true);
        }
    }

    fn name_managed(&mut self, fact: &Fact, principal: usize, arns: &Valued, boundary: bool) {
        for element in arns.elements(&fact.guard) {
            let site = Site { stack: fact.stack, span: element.span };
            match element.value {
                Value::Text(arn) => {
                    self.wanted.push(Wanted { principal, guard: element.guard, arn: arn.clone(), site, boundary });
                }
                Value::Unknown(cause) => {
                    let source = PolicySource::NotInView(cause.clone());
                    let policy = attached(fact, element.guard, element.span, source);
                    self.put(principal, policy, boundary);
                }
                _ => {}
            }
        }
    }

    fn put(&mut self, principal: usize, policy: AttachedPolicy, boundary: bool) {
        if let Some(entry) = self.entries.get_mut(principal) {
            let list = if boundary { &mut entry.boundary } else { &mut entry.policies };
            list.push(policy);
        }
    }

    pub(super) fn declare_managed_policy(&mut self, fact: &Fact) {
        let Some(environment) = self.environment(fact.stack) else { return };
        let Some(document) = fact.property("PolicyDocument") else { return };
        let own = Text::symbol(Symbol::Resource(fact.stack, fact.name.clone()));
        let name = text_or_attribute(fact, "ManagedPolicyName", &own);
        let path = text_or_attribute(fact, "Path", &Text::literal("/"));
        let source = PolicySource::Document(Arc::new(policy::parse(document, PolicyKind::Identity)));
        self.managed_of.insert((fact.stack, fact.name.clone()), self.managed.len());
        self.managed.push(Managed {
            arn: iam_arn(environment, "policy", &path, &name),
            policy: attached(fact, fact.guard.clone(), document.span, source),
            attached: false,
        });
    }

    /// Joins the managed policies that identities name with those that templates declare; what is left is attached to whoever.
    pub(super) fn attach_managed_policies(&mut self) {
        let mut by_arn: BTreeMap<Text, Vec<usize>> = BTreeMap::new();
        for (at, managed) in self.managed.iter().enumerate() {
            by_arn.entry(managed.arn.clone()).or_default().push(at);
        }
        for wanted in std::mem::take(&mut self.wanted) {
            // Where no template declares it, an ARN names a policy that is there already.
            let mut elsewhere = vec![wanted.guard.clone()];
            for at in by_arn.get(&wanted.arn).into_iter().flatten() {
                let Some(managed) = self.managed.get_mut(*at) else { continue };
                managed.attached |= !wanted.boundary;
                let (policy, without) = (managed.policy.clone(), managed.policy.guard.otherwise());
                elsewhere =
                    elsewhere.iter().flat_map(|guard| without.iter().filter_map(|other| guard.and(other))).collect();
                if let Some(guard) = policy.guard.and(&wanted.guard) {
                    self.put(wanted.principal, AttachedPolicy { guard, ..policy }, wanted.boundary);
                }
            }
            for guard in elsewhere.into_iter().filter(|guard| self.estate.feasible(guard)) {
                let policy = AttachedPolicy { guard, ..self.elsewhere(&wanted) };
                self.put(wanted.principal, policy, wanted.boundary);
            }
        }
        for managed in std::mem::take(&mut self.managed) {
            if managed.attached {
                continue;
            }
            let site = managed.policy.site;
            let account =
                self.environment(site.stack).map(|environment| environment.account.clone()).unwrap_or_default();
            let whoever = format!("whoever {} is attached to", managed.policy.resource);
            self.entries.push(PrincipalEntry {
                kind: PrincipalKind::Unattached,
                stack: site.stack,
                logical: managed.policy.resource.clone(),
                declared: false,
                name: whoever.clone(),
                arn: Text::symbol(Symbol::Derived(whoever)),
                account,
                guard: managed.policy.guard.clone(),
                site,
                policies: vec![managed.policy],
                boundary: Vec::new(),
                trusted_services: Vec::new(),
            });
        }
    }

    /// A managed policy whose document no template declares.
    fn elsewhere(&self, wanted: &Wanted) -> AttachedPolicy {
        let site = wanted.site;
        let known = aws_managed_name(&wanted.arn).zip(self.environment(site.stack));
        let source = match known {
            Some((name, environment)) => aws_managed(name, environment, site.span),
            None => PolicySource::NotInView(Cause {
                span: site.span,
                why: format!("the managed policy `{}` is not in view", wanted.arn),
            }),
        };
        let entry = self.entries.get(wanted.principal);
        AttachedPolicy {
            guard: wanted.guard.clone(),
            stack: site.stack,
            resource: entry.map(|entry| entry.logical.clone()).unwrap_or_default(),
            site,
            source,
        }
    }
}

/// What an AWS managed policy says of KMS, where its name is heard of.
pub(super) fn aws_managed(name: &str, environment: &Environment, span: Span) -> PolicySource {
    match policy::aws_managed(name, &environment.partition, span) {
        Some(policy) => PolicySource::AwsManaged(name.to_owned(), Arc::new(policy)),
        None => PolicySource::NotInView(Cause {
            span,
            why: format!("what the AWS managed policy `{name}` says is not known here"),
        }),
    }
}

/// The name in the ARN of an AWS managed policy: `arn:P:iam::aws:policy/path/name`. An account's own policies have the account in place
/// of `aws`.
fn aws_managed_name(arn: &Text) -> Option<&str> {
    let (_, tail) = arn.literal_ends();
    let (partition, path) = tail.split_once(":iam::aws:policy/")?;
    let partition = if arn.as_literal().is_some() { partition.strip_prefix("arn:")? } else { partition };
    if partition.contains(':') {
        return None;
    }
    path.rsplit('/').next()
}
