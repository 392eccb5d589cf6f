//! Who has which policy: inline, managed and attached from the policy's side.

use super::sam;
use super::{AttachedPolicy, PolicySource, PrincipalEntry, PrincipalKind};
use crate::estate::{Estate, Fact};
use crate::finding::Site;
use crate::policy::{self, Effect, PolicyKind, Principal};
use crate::resolve::{Cause, Environment, Guard, StackId, Symbol, Text, Truth, Value, Valued};
use crate::source::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// All principals of an estate with their policies.
pub(in crate::estate) fn principals(estate: &Estate) -> Vec<PrincipalEntry> {
    let mut roster = Roster::new(estate);
    for fact in &estate.facts {
        roster.declare(fact);
    }
    for fact in &estate.facts {
        roster.attach_from_policy(fact);
    }
    roster.attach_managed_policies();
    roster.give_groups_to_users();
    roster.entries
}

/// A managed policy of a template: its ARN and its document.
struct Managed {
    arn: Text,
    policy: AttachedPolicy,
    attached: bool,
}

/// A managed policy that a principal names by ARN.
struct Wanted {
    principal: usize,
    guard: Guard,
    arn: Text,
    site: Site,
    boundary: bool,
}

struct Roster<'e> {
    estate: &'e Estate,
    entries: Vec<PrincipalEntry>,
    by_name: BTreeMap<(PrincipalKind, Text), Vec<usize>>,
    managed: Vec<Managed>,
    wanted: Vec<Wanted>,
    memberships: Vec<(usize, Guard, Text)>,
}

impl<'e> Roster<'e> {
    fn new(estate: &'e Estate) -> Self {
        Self {
            estate,
            entries: Vec::new(),
            by_name: BTreeMap::new(),
            managed: Vec::new(),
            wanted: Vec::new(),
            memberships: Vec::new(),
        }
    }

    /// Enters a role, user, group or SAM function with what it says of its own policies; remembers managed policies.
    fn declare(&mut self, fact: &Fact) {
        match fact.kind.as_str() {
            "AWS::IAM::Role" => self.declare_identity(fact, PrincipalKind::Role, "RoleName", "role"),
            "AWS::IAM::User" => self.declare_identity(fact, PrincipalKind::User, "UserName", "user"),
            "AWS::IAM::Group" => self.declare_identity(fact, PrincipalKind::Group, "GroupName", "group"),
            "AWS::IAM::ManagedPolicy" => self.declare_managed_policy(fact),
            "AWS::Serverless::Function" | "AWS::Serverless::StateMachine" => self.declare_serverless(fact),
            _ => {}
        }
    }

    fn environment(&self, stack: StackId) -> Option<&'e Environment> {
        self.estate.stack(stack).map(|stack| &stack.environment)
    }

    fn declare_identity(&mut self, fact: &Fact, kind: PrincipalKind, name_property: &str, resource: &str) {
        let own = Text::symbol(Symbol::Resource(fact.stack, fact.name.clone()));
        let names = single_text(fact.property(name_property));
        let name = names.unwrap_or_else(|| own.clone());
        let path = single_text(fact.property("Path")).unwrap_or_else(|| Text::literal("/"));
        let Some(entry) = self.entry(fact, kind, &fact.name, resource, &path, &name) else { return };
        let at = self.enter(entry, &[own, name]);
        self.inline(fact, at);
        self.managed_arns(fact, at, "ManagedPolicyArns", false);
        self.managed_arns(fact, at, "PermissionsBoundary", true);
        if let Some(groups) = fact.property("Groups") {
            for group in groups.elements(&fact.guard) {
                if let Value::Text(name) = group.value {
                    self.memberships.push((at, group.guard.clone(), name.clone()));
                }
            }
        }
        if let Some(trust) = fact.property("AssumeRolePolicyDocument")
            && let Some(entry) = self.entries.get_mut(at)
        {
            entry.trusted_services = trusted_services(trust);
        }
    }

    fn entry(
        &self,
        fact: &Fact,
        kind: PrincipalKind,
        logical: &str,
        resource: &str,
        path: &Text,
        name: &Text,
    ) -> Option<PrincipalEntry> {
        let environment = self.environment(fact.stack)?;
        Some(PrincipalEntry {
            kind,
            stack: fact.stack,
            logical: logical.to_owned(),
            declared: true,
            name: logical.to_owned(),
            arn: iam_arn(environment, resource, path, name),
            account: environment.account.clone(),
            guard: fact.guard.clone(),
            site: fact.site(),
            policies: Vec::new(),
            boundary: None,
            trusted_services: Vec::new(),
        })
    }

    fn enter(&mut self, entry: PrincipalEntry, names: &[Text]) -> usize {
        let at = self.entries.len();
        for name in names {
            let known = self.by_name.entry((entry.kind, name.clone())).or_default();
            if known.last() != Some(&at) {
                known.push(at);
            }
        }
        self.entries.push(entry);
        at
    }

    /// Inline policies: `Policies: [{PolicyName, PolicyDocument}]`.
    fn inline(&mut self, fact: &Fact, principal: usize) {
        let Some(policies) = fact.property("Policies") else { return };
        for element in policies.elements(&fact.guard) {
            let source = match element.value {
                Value::Map(entries) => entries.iter().find(|(key, _)| key.value == "PolicyDocument"),
                Value::Unknown(cause) => {
                    let source = PolicySource::NotInView(cause.clone());
                    self.give(principal, fact, element.guard, element.span, source);
                    continue;
                }
                _ => continue,
            };
            let Some((_, document)) = source else { continue };
            let source = PolicySource::Document(Arc::new(policy::parse(document, PolicyKind::Identity)));
            self.give(principal, fact, element.guard, document.span, source);
        }
    }

    fn give(&mut self, principal: usize, fact: &Fact, guard: Guard, span: Span, source: PolicySource) {
        if let Some(entry) = self.entries.get_mut(principal) {
            entry.policies.push(attached(fact, guard, span, source));
        }
    }

    /// Managed policies that an identity names by ARN.
    fn managed_arns(&mut self, fact: &Fact, principal: usize, property: &str, boundary: bool) {
        let Some(arns) = fact.property(property) else { return };
        for element in arns.elements(&fact.guard) {
            let site = Site { stack: fact.stack, span: element.span };
            match element.value {
                Value::Text(arn) => {
                    self.wanted.push(Wanted { principal, guard: element.guard, arn: arn.clone(), site, boundary });
                }
                Value::Unknown(cause) => {
                    let source = PolicySource::NotInView(cause.clone());
                    self.give(principal, fact, element.guard, element.span, source);
                }
                _ => {}
            }
        }
    }

    fn declare_managed_policy(&mut self, fact: &Fact) {
        let Some(environment) = self.environment(fact.stack) else { return };
        let Some(document) = fact.property("PolicyDocument") else { return };
        let own = Text::symbol(Symbol::Resource(fact.stack, fact.name.clone()));
        let name = single_text(fact.property("ManagedPolicyName")).unwrap_or(own);
        let path = single_text(fact.property("Path")).unwrap_or_else(|| Text::literal("/"));
        let source = PolicySource::Document(Arc::new(policy::parse(document, PolicyKind::Identity)));
        self.managed.push(Managed {
            arn: iam_arn(environment, "policy", &path, &name),
            policy: attached(fact, fact.guard.clone(), document.span, source),
            attached: false,
        });
    }

    /// The role that SAM makes for a function or state machine that names none.
    fn declare_serverless(&mut self, fact: &Fact) {
        if fact.property("Role").is_some_and(|role| !matches!(role.value.known(), Some(Value::Absent))) {
            return;
        }
        let Some(environment) = self.environment(fact.stack) else { return };
        let logical = format!("{}Role", fact.name);
        let own = Text::symbol(Symbol::Resource(fact.stack, logical.clone()));
        let path = single_text(fact.property("RolePath")).unwrap_or_else(|| Text::literal("/"));
        let Some(mut entry) = self.entry(fact, PrincipalKind::Role, &logical, "role", &path, &own) else { return };
        entry.name.clone_from(&fact.name);
        entry.trusted_services = vec![sam::trusted_service(&fact.kind).to_owned()];
        let at = self.enter(entry, &[own]);
        for given in sam::policies(fact, environment) {
            match given.source {
                sam::Source::Policy(policy) => {
                    self.give(at, fact, given.guard, given.span, PolicySource::Document(Arc::new(policy)));
                }
                sam::Source::Arn(arn) => {
                    let site = Site { stack: fact.stack, span: given.span };
                    self.wanted.push(Wanted { principal: at, guard: given.guard, arn, site, boundary: false });
                }
                sam::Source::AwsManaged(name) => {
                    let source = aws_managed(&name, environment, given.span);
                    self.give(at, fact, given.guard, given.span, source);
                }
                sam::Source::Unknown(cause) => {
                    self.give(at, fact, given.guard, given.span, PolicySource::NotInView(cause));
                }
            }
        }
        self.managed_arns(fact, at, "PermissionsBoundary", true);
    }

    /// Policies that say themselves to whom they are attached.
    fn attach_from_policy(&mut self, fact: &Fact) {
        let lists: &[(&str, PrincipalKind)] = match fact.kind.as_str() {
            "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" => {
                &[("Roles", PrincipalKind::Role), ("Users", PrincipalKind::User), ("Groups", PrincipalKind::Group)]
            }
            "AWS::IAM::RolePolicy" => &[("RoleName", PrincipalKind::Role)],
            "AWS::IAM::UserPolicy" => &[("UserName", PrincipalKind::User)],
            "AWS::IAM::GroupPolicy" => &[("GroupName", PrincipalKind::Group)],
            _ => return,
        };
        let Some(document) = fact.property("PolicyDocument") else { return };
        let shared = match self.managed.iter_mut().find(|known| known.policy.is_of(fact)) {
            Some(known) => known.policy.source.clone(),
            None => PolicySource::Document(Arc::new(policy::parse(document, PolicyKind::Identity))),
        };
        let mut found = false;
        for (property, kind) in lists {
            let Some(names) = fact.property(property) else { continue };
            for element in names.elements(&fact.guard) {
                let Value::Text(name) = element.value else { continue };
                let at = self.named(*kind, name, fact, element.span);
                self.give(at, fact, element.guard, document.span, shared.clone());
                found = true;
            }
        }
        if found && let Some(known) = self.managed.iter_mut().find(|known| known.policy.is_of(fact)) {
            known.attached = true;
        }
    }

    /// The principal of this name as a stack sees it; entered as one that is only named, if no template declares it.
    fn named(&mut self, kind: PrincipalKind, name: &Text, fact: &Fact, span: Span) -> usize {
        let account = self.environment(fact.stack).map(|environment| environment.account.clone()).unwrap_or_default();
        let known = self.by_name.get(&(kind, name.clone())).map_or(&[][..], Vec::as_slice);
        let same_account =
            |at: &&usize| self.entries.get(**at).is_some_and(|entry| entry.account.equals(&account) == Truth::Yes);
        if let Some(at) = known.iter().find(same_account) {
            return *at;
        }
        let resource = match kind {
            PrincipalKind::Role | PrincipalKind::Unattached => "role",
            PrincipalKind::User => "user",
            PrincipalKind::Group => "group",
        };
        let path = Text::literal("/");
        let environment = self.environment(fact.stack);
        let arn = environment.map(|environment| iam_arn(environment, resource, &path, name)).unwrap_or_default();
        let entry = PrincipalEntry {
            kind,
            stack: fact.stack,
            logical: fact.name.clone(),
            declared: false,
            name: name.to_string(),
            arn,
            account,
            guard: fact.guard.clone(),
            site: Site { stack: fact.stack, span },
            policies: Vec::new(),
            boundary: None,
            trusted_services: Vec::new(),
        };
        self.enter(entry, std::slice::from_ref(name))
    }

    /// Joins the managed policies that identities name with those that templates declare; what is left is attached to whoever.
    fn attach_managed_policies(&mut self) {
        let mut by_arn: BTreeMap<Text, usize> = BTreeMap::new();
        for (at, managed) in self.managed.iter().enumerate() {
            by_arn.entry(managed.arn.clone()).or_insert(at);
        }
        for wanted in std::mem::take(&mut self.wanted) {
            let found = by_arn.get(&wanted.arn).and_then(|at| self.managed.get_mut(*at));
            let policy = match found {
                Some(managed) => {
                    managed.attached |= !wanted.boundary;
                    let Some(guard) = managed.policy.guard.and(&wanted.guard) else { continue };
                    AttachedPolicy { guard, ..managed.policy.clone() }
                }
                None => self.elsewhere(&wanted),
            };
            let Some(entry) = self.entries.get_mut(wanted.principal) else { continue };
            if wanted.boundary {
                entry.boundary = Some(policy);
            } else {
                entry.policies.push(policy);
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
                boundary: None,
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

    /// A user has the policies of its groups.
    fn give_groups_to_users(&mut self) {
        for (user, guard, name) in std::mem::take(&mut self.memberships) {
            let groups = self.by_name.get(&(PrincipalKind::Group, name)).map_or(&[][..], Vec::as_slice);
            let account = self.entries.get(user).map(|entry| entry.account.clone()).unwrap_or_default();
            let same =
                |at: &&usize| self.entries.get(**at).is_some_and(|entry| entry.account.equals(&account) == Truth::Yes);
            let policies = groups.iter().find(same).and_then(|at| self.entries.get(*at));
            let policies = policies.map(|group| group.policies.clone()).unwrap_or_default();
            let Some(entry) = self.entries.get_mut(user) else { continue };
            for policy in policies {
                if let Some(guard) = policy.guard.and(&guard) {
                    entry.policies.push(AttachedPolicy { guard, ..policy });
                }
            }
        }
    }
}

impl AttachedPolicy {
    fn is_of(&self, fact: &Fact) -> bool {
        self.stack == fact.stack && self.resource == fact.name
    }
}

/// What an AWS managed policy says of KMS, where its name is heard of.
fn aws_managed(name: &str, environment: &Environment, span: Span) -> PolicySource {
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

fn attached(fact: &Fact, guard: Guard, span: Span, source: PolicySource) -> AttachedPolicy {
    AttachedPolicy {
        guard,
        stack: fact.stack,
        resource: fact.name.clone(),
        site: Site { stack: fact.stack, span },
        source,
    }
}

/// `arn:P:iam::A:role/path/name`.
fn iam_arn(environment: &Environment, resource: &str, path: &Text, name: &Text) -> Text {
    let mut arn = Text::literal("arn:");
    arn.push(&environment.partition);
    arn.push_str(":iam::");
    arn.push(&environment.account);
    arn.push_str(":");
    arn.push_str(resource);
    arn.push(path);
    arn.push(name);
    arn
}

/// The text of a property that is the same in every world.
fn single_text(valued: Option<&Valued>) -> Option<Text> {
    match valued?.value.known()? {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// The services in the Allow statements of a trust policy.
fn trusted_services(trust: &Valued) -> Vec<String> {
    let policy = policy::parse(trust, PolicyKind::Trust);
    let allowed = policy.statements.iter().filter(|statement| statement.effect == Some(Effect::Allow));
    let mut services: Vec<String> = allowed
        .flat_map(|statement| statement.principals.elements())
        .filter_map(|principal| match &principal.value {
            Principal::Service(name) => name.as_literal().map(str::to_owned),
            _ => None,
        })
        .collect();
    services.sort();
    services.dedup();
    services
}
