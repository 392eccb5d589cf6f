//! Who has which policy: inline, managed and attached from the policy's side.

use super::managed::{Managed, Wanted, aws_managed};
use super::names::Names;
use super::sam;
use super::{AttachedPolicy, PolicySource, PrincipalEntry, PrincipalKind};
use crate::estate::inventory::{self, Inventory};
use crate::estate::{Estate, Fact};
use crate::finding::Site;
use crate::policy::{self, Effect, Policy, PolicyKind, Principal};
use crate::resolve::{Cause, Element, Environment, Guard, StackId, Symbol, Text, Value};
use crate::source::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// All principals of an estate with their policies.
pub(in crate::estate) fn principals(estate: &Estate, inventory: &Inventory) -> Vec<PrincipalEntry> {
    let mut roster = Roster::new(estate);
    for fact in &estate.facts {
        roster.declare(fact);
    }
    roster.enter_known(inventory);
    for fact in &estate.facts {
        roster.attach_from_policy(fact);
        roster.add_to_group(fact);
    }
    roster.attach_managed_policies();
    roster.give_groups_to_users();
    roster.entries
}

/// Principals in the making.
pub(super) struct Roster<'e> {
    pub(super) estate: &'e Estate,
    pub(super) entries: Vec<PrincipalEntry>,
    pub(super) names: Names,
    pub(super) managed: Vec<Managed>,
    /// Where the managed policy of a resource stands in `managed`.
    pub(super) managed_of: BTreeMap<(StackId, String), usize>,
    pub(super) wanted: Vec<Wanted>,
    pub(super) memberships: Vec<(usize, Guard, Text)>,
}

impl<'e> Roster<'e> {
    fn new(estate: &'e Estate) -> Self {
        Self {
            estate,
            entries: Vec::new(),
            names: Names::default(),
            managed: Vec::new(),
            managed_of: BTreeMap::new(),
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
            "AWS::IAM::ServiceLinkedRole" => self.declare_service_linked(fact),
            "AWS::Serverless::Function" | "AWS::Serverless::StateMachine" => self.declare_serverless(fact),
            _ => {}
        }
    }

    pub(super) fn environment(&self, stack: StackId) -> Option<&'e Environment> {
        self.estate.stack(stack).map(|stack| &stack.environment)
    }

    fn declare_identity(&mut self, fact: &Fact, kind: PrincipalKind, name_property: &str, resource: &str) {
        let path = text_or_attribute(fact, "Path", &Text::literal("/"));
        let names = names(fact, name_property);
        for (guard, name) in &names {
            let Some(guard) = fact.guard.and(guard) else { continue };
            let Some(entry) = self.entry(fact, kind, &fact.name, resource, &path, name) else { return };
            let at = self.enter(PrincipalEntry { guard, ..entry }, std::slice::from_ref(name));
            self.unread(fact, at);
            self.inline(fact, at);
            self.managed_arns(fact, at, "ManagedPolicyArns", false);
            self.managed_arns(fact, at, "PermissionsBoundary", true);
            self.join_groups(fact, at);
            if let Some(trust) = fact.property("AssumeRolePolicyDocument")
                && let Some(entry) = self.entries.get_mut(at)
            {
                entry.trusted_services = trusted_services(&policy::parse(trust, PolicyKind::Trust));
            }
        }
    }

    /// A role that AWS makes for a service, with policies that AWS keeps.
    fn declare_service_linked(&mut self, fact: &Fact) {
        let service = text_or_attribute(fact, "AWSServiceName", &Text::default());
        let mut path = Text::literal("/aws-service-role/");
        path.push(&service);
        path.push_str("/");
        let name = attribute(fact, "RoleName");
        let Some(entry) = self.entry(fact, PrincipalKind::Role, &fact.name, "role", &path, &name) else { return };
        let trusted_services = service.as_literal().map(str::to_owned).into_iter().collect();
        let own = Text::symbol(Symbol::Resource(fact.stack, fact.name.clone()));
        let at = self.enter(PrincipalEntry { trusted_services, ..entry }, &[own]);
        let why = "the policies of a service-linked role are AWS's own".to_owned();
        self.give(at, fact, fact.guard.clone(), fact.span, PolicySource::NotInView(Cause { span: fact.span, why }));
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
            boundary: Vec::new(),
            trusted_services: Vec::new(),
        })
    }

    fn enter(&mut self, entry: PrincipalEntry, names: &[Text]) -> usize {
        let at = self.entries.len();
        for name in names {
            self.names.enter(entry.kind, name, at);
        }
        self.entries.push(entry);
        at
    }

    /// An identity whose properties cannot be read may have any policies: nothing that it may do is certain, with a boundary or without.
    fn unread(&mut self, fact: &Fact, principal: usize) {
        if let Some(Value::Unknown(cause)) = fact.properties.value.known() {
            self.give(principal, fact, fact.guard.clone(), fact.span, PolicySource::NotInView(cause.clone()));
        }
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

    pub(super) fn give(&mut self, principal: usize, fact: &Fact, guard: Guard, span: Span, source: PolicySource) {
        if let Some(entry) = self.entries.get_mut(principal) {
            entry.policies.push(attached(fact, guard, span, source));
        }
    }

    /// The role that SAM makes for a function or state machine that names none.
    fn declare_serverless(&mut self, fact: &Fact) {
        if fact.property("Role").is_some_and(|role| !matches!(role.value.known(), Some(Value::Absent))) {
            return;
        }
        let Some(environment) = self.environment(fact.stack) else { return };
        let logical = format!("{}Role", fact.name);
        let own = Text::symbol(Symbol::Resource(fact.stack, logical.clone()));
        let path = text_or_attribute(fact, "RolePath", &Text::literal("/"));
        let Some(mut entry) = self.entry(fact, PrincipalKind::Role, &logical, "role", &path, &own) else { return };
        entry.name.clone_from(&fact.name);
        entry.trusted_services = vec![sam::trusted_service(&fact.kind).to_owned()];
        let at = self.enter(entry, &[own]);
        self.unread(fact, at);
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
        self.serverless_boundary(fact, at);
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
        if matches!(fact.properties.value.known(), Some(Value::Unknown(_))) {
            return self.attach_unread(fact, lists);
        }
        let Some(document) = fact.property("PolicyDocument") else { return };
        let managed = self.managed_of.get(&(fact.stack, fact.name.clone())).copied();
        let shared = match managed.and_then(|at| self.managed.get(at)) {
            Some(known) => known.policy.source.clone(),
            None => PolicySource::Document(Arc::new(policy::parse(document, PolicyKind::Identity))),
        };
        let is_of_keys = !matches!(&shared, PolicySource::Document(policy) if !policy.may_speak_of_keys());
        let mut found = false;
        for (property, kind) in lists {
            let Some(names) = fact.property(property) else { continue };
            for element in names.elements(&fact.guard) {
                if is_of_keys {
                    self.give_perhaps(*kind, fact, &element);
                }
                let Value::Text(name) = element.value else { continue };
                let at = self.named(*kind, name, fact, element.span);
                self.give(at, fact, element.guard, document.span, shared.clone());
                found = true;
            }
        }
        if found && let Some(known) = managed.and_then(|at| self.managed.get_mut(at)) {
            known.attached = true;
        }
    }

    /// A policy that a macro may change: whom it names as it is written may have anything.
    fn attach_unread(&mut self, fact: &Fact, lists: &[(&str, PrincipalKind)]) {
        let (Some(scope), Some(written)) =
            (self.estate.scope(fact.stack), self.estate.resource(fact.stack, &fact.name))
        else {
            return;
        };
        for (property, kind) in lists {
            let Some(names) = written.properties.get(property) else { continue };
            for element in scope.value(names).elements(&fact.guard) {
                self.give_perhaps(*kind, fact, &element);
                let Value::Text(name) = element.value else { continue };
                let why = format!("what `{}` says cannot be read from here", fact.name);
                let at = self.named(*kind, name, fact, element.span);
                let source = PolicySource::NotInView(Cause { span: element.span, why });
                self.give(at, fact, element.guard, element.span, source);
            }
        }
    }

    /// Enters what the inventory knows of an account, but for those that a template declares.
    fn enter_known(&mut self, inventory: &Inventory) {
        let is_declared = |kind: PrincipalKind, name: &Text, account: &Text| self.find(kind, name, account).is_some();
        for (entry, groups) in inventory::enter_identities(inventory, &is_declared) {
            let name = Text::literal(&entry.name);
            let at = self.enter(entry, &[name]);
            let groups = groups.iter().map(|group| (at, Guard::ALWAYS, Text::literal(group)));
            self.memberships.extend(groups);
        }
        self.managed.extend(inventory::managed_policies(inventory).map(|(arn, policy)| Managed {
            arn,
            policy,
            attached: true,
        }));
    }

    /// The principal of this name in an account.
    pub(super) fn find(&self, kind: PrincipalKind, name: &Text, account: &Text) -> Option<usize> {
        self.names.find(&self.entries, kind, name, account)
    }

    /// Lets everybody have what a resource gives, perhaps, whom an element may name beside the one that it certainly names.
    pub(super) fn give_perhaps(&mut self, kind: PrincipalKind, fact: &Fact, element: &Element<'_>) {
        let unread = |cause: &Cause| Text::symbol(Symbol::Derived(cause.why.clone()));
        let name = match element.value {
            Value::Text(name) => name.clone(),
            Value::Unknown(cause) => unread(cause),
            Value::Absent | Value::Null | Value::List(_) | Value::Map(_) => return,
        };
        let account = self.environment(fact.stack).map(|environment| environment.account.clone()).unwrap_or_default();
        for at in self.names.possible(&self.entries, kind, &name, &account, fact.stack) {
            let Some(entry) = self.entries.get(at) else { continue };
            let why = format!("whether `{}` speaks of `{}` is not known", fact.name, entry.name);
            let source = PolicySource::NotInView(Cause { span: element.span, why });
            self.give(at, fact, element.guard.clone(), element.span, source);
        }
    }

    /// The principal of this name as a stack sees it; entered as one that is only named, if no template declares it.
    pub(super) fn named(&mut self, kind: PrincipalKind, name: &Text, fact: &Fact, span: Span) -> usize {
        let account = self.environment(fact.stack).map(|environment| environment.account.clone()).unwrap_or_default();
        if let Some(at) = self.names.meant(&self.entries, kind, name, &account, fact.stack) {
            return at;
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
            boundary: Vec::new(),
            trusted_services: Vec::new(),
        };
        self.enter(entry, std::slice::from_ref(name))
    }
}

pub(super) fn attached(fact: &Fact, guard: Guard, span: Span, source: PolicySource) -> AttachedPolicy {
    AttachedPolicy {
        guard,
        stack: fact.stack,
        resource: fact.name.clone(),
        site: Site { stack: fact.stack, span },
        source,
    }
}

/// `arn:P:iam::A:role/path/name`.
pub(super) fn iam_arn(environment: &Environment, resource: &str, path: &Text, name: &Text) -> Text {
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

/// The text of a property: the default where it is not set, a symbol where it is not the same text in every world.
pub(super) fn text_or_attribute(fact: &Fact, property: &str, default: &Text) -> Text {
    match fact.property(property).map(|valued| valued.value.known()) {
        None | Some(Some(Value::Absent | Value::Null)) => default.clone(),
        Some(Some(Value::Text(text))) => text.clone(),
        Some(Some(Value::List(_) | Value::Map(_) | Value::Unknown(_)) | None) => attribute(fact, property),
    }
}

/// The names of an identity, each in its worlds: generated where none is given.
fn names(fact: &Fact, property: &str) -> Vec<(Guard, Text)> {
    let generated = || Text::symbol(Symbol::Resource(fact.stack, fact.name.clone()));
    let Some(valued) = fact.property(property) else {
        // Whether properties that cannot be read as a whole give a name, nobody knows.
        let is_open = fact.properties.value.iter().any(|(_, value)| matches!(value, Value::Unknown(_)));
        return vec![(Guard::ALWAYS, if is_open { attribute(fact, property) } else { generated() })];
    };
    let name = |value: &Value| match value {
        Value::Absent | Value::Null => generated(),
        Value::Text(text) => text.clone(),
        Value::List(_) | Value::Map(_) | Value::Unknown(_) => attribute(fact, property),
    };
    valued.value.iter().map(|(guard, value)| (guard.clone(), name(value))).collect()
}

/// A property that cannot be read, as a symbol.
fn attribute(fact: &Fact, property: &str) -> Text {
    Text::symbol(Symbol::Attribute(fact.stack, fact.name.clone(), property.to_owned()))
}

/// The services in the Allow statements of a trust policy.
pub(in crate::estate) fn trusted_services(trust: &Policy) -> Vec<String> {
    let allowed = trust.statements.iter().filter(|statement| statement.effect == Some(Effect::Allow));
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
