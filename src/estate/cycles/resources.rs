//! Who needs whom inside one template.

use super::graph::{About, Graph, Wire};
use super::{Estate, Node, Through, is_key};
use crate::finding::Site;
use crate::resolve::{Atom, Guard, StackId};
use crate::source::Span;
use crate::template::{Expr, Form, Name, Resource, Template, references};
use std::borrow::Cow;
use std::collections::HashMap;

/// Properties of a SAM function or state machine that SAM moves to the role it makes.
const OF_MADE_ROLE: [&str; 6] = [
    "AssumeRolePolicyDocument",
    "EventInvokeConfig",
    "ManagedPolicyArns",
    "PermissionsBoundary",
    "Policies",
    "RolePath",
];
/// Properties of which SAM makes resources that need the function, not the other way round.
const OF_LATER_RESOURCES: [&str; 4] =
    ["DeploymentPreference", "Events", "FunctionUrlConfig", "ProvisionedConcurrencyConfig"];
/// Properties that SAM repeats in the role: the function may send there.
const OF_BOTH: &str = "DeadLetterQueue";

/// A reference from one resource to another, with what a reader of values needs to follow it.
pub(super) struct ResourceEdge {
    pub(super) from: String,
    pub(super) to: String,
    /// The attribute that is read, if it is `Fn::GetAtt` or its like.
    pub(super) attribute: Option<String>,
    /// Keys from `Properties` (not among them) to the reference; empty for what is no property.
    pub(super) path: Vec<String>,
    pub(super) wire: Wire,
}

/// The graph of the resources of a stack.
pub(super) fn graph(estate: &Estate, stack: StackId) -> Graph {
    let mut graph = Graph::default();
    for edge in edges(estate, stack) {
        graph.connect(Node::resource(stack, &edge.from), Node::resource(stack, &edge.to), edge.wire);
    }
    graph
}

/// Every reference between resources of a stack, in the order of the text. Conditions are no resources; both branches of `Fn::If` count, each
/// under its guard.
pub(super) fn edges(estate: &Estate, stack: StackId) -> Vec<ResourceEdge> {
    let Some(template) = estate.template(stack) else { return Vec::new() };
    let mentions = Reader::new(template).mentions();
    mentions.into_iter().filter_map(|mention| mention.edge(stack)).collect()
}

/// Whether resources of a template refer to each other in a circle under any conditions: a quick look that spares most templates the rest.
pub(super) fn has_circle(template: &Template) -> bool {
    let mentions = Reader::new(template).mentions();
    super::graph::has_circle(mentions.iter().map(|mention| (mention.from.as_ref(), mention.to.as_ref())))
}

/// A reference as written.
struct Mention<'t> {
    from: Cow<'t, str>,
    to: Cow<'t, str>,
    through: Through,
    span: Span,
    /// The resource in which it stands.
    written_in: &'t Resource,
    /// The resource that it needs, or that makes what it needs.
    needed: &'t Resource,
    /// The properties or metadata in which it stands; none for what is neither.
    inside: Option<&'t Expr>,
    attribute: Option<&'t str>,
    path: Vec<&'t str>,
}

impl Mention<'_> {
    /// The reference with its guard; none where it can never be.
    fn edge(self, stack: StackId) -> Option<ResourceEdge> {
        let branches = self.inside.map_or(Some(Guard::ALWAYS), |expr| branches_around(stack, expr, self.span))?;
        let guard = existence(stack, self.written_in.condition.as_ref())
            .and(&existence(stack, self.needed.condition.as_ref()))?
            .and(&branches)?;
        let in_policy = is_key(self.written_in) && self.path.first() == Some(&"KeyPolicy");
        let about = in_policy.then(|| About::Policy(Node::resource(stack, &self.written_in.name.value)));
        Some(ResourceEdge {
            from: self.from.into_owned(),
            to: self.to.into_owned(),
            attribute: self.attribute.map(str::to_owned),
            path: self.path.into_iter().map(str::to_owned).collect(),
            wire: Wire { site: Site { stack, span: self.span }, through: self.through, guard, about },
        })
    }
}

struct Reader<'t> {
    template: &'t Template,
    resources: HashMap<&'t str, &'t Resource>,
    makes_roles: bool,
}

impl<'t> Reader<'t> {
    fn new(template: &'t Template) -> Self {
        let resources = template.resources.iter().map(|resource| (resource.name.value.as_str(), resource)).collect();
        let makes_roles = template.transforms.iter().any(|name| name.value.starts_with("AWS::Serverless-"));
        Self { template, resources, makes_roles }
    }

    fn mentions(&self) -> Vec<Mention<'t>> {
        let mut mentions = Vec::new();
        for resource in &self.template.resources {
            let bare = |to, needed, through, span| Mention {
                from: Cow::Borrowed(resource.name.value.as_str()),
                to,
                through,
                span,
                written_in: resource,
                needed,
                inside: None,
                attribute: None,
                path: Vec::new(),
            };
            if let Some(role) = self.made_role(resource) {
                mentions.push(bare(Cow::Owned(role), resource, Through::MadeRole, resource.name.span));
            }
            self.expression(resource, &resource.properties, &mut mentions);
            if let Some(metadata) = &resource.metadata {
                self.expression(resource, metadata, &mut mentions);
            }
            for name in &resource.depends_on {
                if let Some(needed) = self.needed(&name.value) {
                    mentions.push(bare(Cow::Borrowed(&name.value), needed, Through::DependsOn, name.span));
                }
            }
        }
        mentions
    }

    fn expression(&self, resource: &'t Resource, expr: &'t Expr, mentions: &mut Vec<Mention<'t>>) {
        for reference in references(expr) {
            let Some(needed) = self.needed(reference.name) else { continue };
            for from in self.owners(resource, reference.path.first().copied()) {
                mentions.push(Mention {
                    from,
                    to: Cow::Borrowed(reference.name),
                    through: Through::Reference,
                    span: reference.span,
                    written_in: resource,
                    needed,
                    inside: Some(expr),
                    attribute: reference.attribute,
                    path: reference.path.clone(),
                });
            }
        }
    }

    /// The resources that a property of a resource ends up in.
    fn owners(&self, resource: &'t Resource, property: Option<&str>) -> Vec<Cow<'t, str>> {
        let own = Cow::Borrowed(resource.name.value.as_str());
        let Some(property) = property.filter(|_| self.is_serverless(resource)) else { return vec![own] };
        if OF_LATER_RESOURCES.contains(&property) {
            return Vec::new();
        }
        match self.made_role(resource) {
            Some(role) if OF_MADE_ROLE.contains(&property) => vec![Cow::Owned(role)],
            Some(role) if property == OF_BOTH => vec![own, Cow::Owned(role)],
            _ => vec![own],
        }
    }

    fn is_serverless(&self, resource: &Resource) -> bool {
        let kind = resource.kind.value.as_str();
        self.makes_roles && matches!(kind, "AWS::Serverless::Function" | "AWS::Serverless::StateMachine")
    }

    /// The logical id of the role that SAM makes for a resource, if it makes one.
    fn made_role(&self, resource: &Resource) -> Option<String> {
        let has_role = resource.properties.get("Role").is_some();
        (self.is_serverless(resource) && !has_role).then(|| format!("{}Role", resource.name.value))
    }

    /// The resource that a name refers to; for a role that SAM makes, the resource for which it is made.
    fn needed(&self, name: &str) -> Option<&'t Resource> {
        if let Some(resource) = self.resources.get(name) {
            return Some(resource);
        }
        let maker = self.resources.get(name.strip_suffix("Role")?)?;
        self.made_role(maker).map(|_| *maker)
    }
}

/// When a resource or output with this condition is there.
pub(super) fn existence(stack: StackId, condition: Option<&Name>) -> Guard {
    condition.map_or(Guard::ALWAYS, |condition| choice(stack, &condition.value, true))
}

fn choice(stack: StackId, condition: &str, holds: bool) -> Guard {
    Guard::of(Atom::Condition { stack, name: condition.to_owned() }, holds)
}

/// The branches of `Fn::If` in which a place of an expression stands; none where they exclude each other.
pub(super) fn branches_around(stack: StackId, expr: &Expr, place: Span) -> Option<Guard> {
    let mut guard = Guard::ALWAYS;
    let mut inside = Some(expr);
    while let Some(expr) = inside {
        let taken = match &expr.form {
            Form::If(condition, yes, _) if yes.span.contains(&place) => Some((&condition.value, true)),
            Form::If(condition, _, no) if no.span.contains(&place) => Some((&condition.value, false)),
            _ => None,
        };
        if let Some((condition, holds)) = taken {
            guard = guard.and(&choice(stack, condition, holds))?;
        }
        inside = expr.parts().into_iter().find(|part| part.span.contains(&place));
    }
    Some(guard)
}
