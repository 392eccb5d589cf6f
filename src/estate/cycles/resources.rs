//! Who needs whom inside one template.

use super::graph::{About, Graph, Wire};
use super::{Estate, Node, Through, is_key};
use crate::finding::Site;
use crate::resolve::{Atom, Guard, StackId};
use crate::source::Span;
use crate::template::{Expr, Form, Name, Resource, Template, references};

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

impl ResourceEdge {
    fn bare(from: &str, to: String, wire: Wire) -> Self {
        Self { from: from.to_owned(), to, attribute: None, path: Vec::new(), wire }
    }
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
    let reader = Reader { stack, template, makes_roles: template.transforms.iter().any(|name| is_sam(&name.value)) };
    let mut edges = Vec::new();
    for resource in &template.resources {
        reader.read(resource, &mut edges);
    }
    edges
}

fn is_sam(transform: &str) -> bool {
    transform.starts_with("AWS::Serverless-")
}

struct Reader<'t> {
    stack: StackId,
    template: &'t Template,
    makes_roles: bool,
}

impl Reader<'_> {
    fn read(&self, resource: &Resource, edges: &mut Vec<ResourceEdge>) {
        let name = &resource.name.value;
        if let Some(role) = self.made_role(resource) {
            let wire = self.wire(resource, resource.name.span, Through::MadeRole, &Guard::ALWAYS);
            edges.extend(wire.map(|wire| ResourceEdge::bare(name, role, wire)));
        }
        self.expression(resource, &resource.properties, edges);
        if let Some(metadata) = &resource.metadata {
            self.expression(resource, metadata, edges);
        }
        for needed in &resource.depends_on {
            if let Some((to, guard)) = self.target(&needed.value) {
                let wire = self.wire(resource, needed.span, Through::DependsOn, &guard);
                edges.extend(wire.map(|wire| ResourceEdge::bare(name, to, wire)));
            }
        }
    }

    fn expression(&self, resource: &Resource, expr: &Expr, edges: &mut Vec<ResourceEdge>) {
        for reference in references(expr) {
            let Some((to, guard)) = self.target(reference.name) else { continue };
            let wire = branches_around(self.stack, expr, reference.span)
                .and_then(|branches| guard.and(&branches))
                .and_then(|guard| self.wire(resource, reference.span, Through::Reference, &guard));
            let Some(wire) = wire else { continue };
            let in_policy = is_key(resource) && reference.path.first() == Some(&"KeyPolicy");
            let about = in_policy.then(|| About::Policy(Node::resource(self.stack, &resource.name.value)));
            let wire = Wire { about, ..wire };
            let path: Vec<String> = reference.path.iter().map(|key| (*key).to_owned()).collect();
            for from in self.owners(resource, path.first().map(String::as_str)) {
                edges.push(ResourceEdge {
                    from,
                    to: to.clone(),
                    attribute: reference.attribute.map(str::to_owned),
                    path: path.clone(),
                    wire: wire.clone(),
                });
            }
        }
    }

    /// The resources that a property of a resource ends up in.
    fn owners(&self, resource: &Resource, property: Option<&str>) -> Vec<String> {
        let own = resource.name.value.clone();
        let Some(property) = property else { return vec![own] };
        let Some(role) = self.made_role(resource) else {
            let is_later = self.is_serverless(resource) && OF_LATER_RESOURCES.contains(&property);
            return if is_later { Vec::new() } else { vec![own] };
        };
        match property {
            _ if OF_MADE_ROLE.contains(&property) => vec![role],
            _ if OF_LATER_RESOURCES.contains(&property) => Vec::new(),
            OF_BOTH => vec![own, role],
            _ => vec![own],
        }
    }

    fn is_serverless(&self, resource: &Resource) -> bool {
        let kind = resource.kind.value.as_str();
        self.makes_roles && matches!(kind, "AWS::Serverless::Function" | "AWS::Serverless::StateMachine")
    }

    /// The logical id of the role that SAM makes for a resource, if it makes one.
    fn made_role(&self, resource: &Resource) -> Option<String> {
        let globals = self.template.globals.as_ref();
        let has_role = resource.properties.get("Role").is_some()
            || globals.and_then(|globals| globals.path(&["Function", "Role"])).is_some();
        (self.is_serverless(resource) && !has_role).then(|| format!("{}Role", resource.name.value))
    }

    /// The resource that a name refers to, and when it is there.
    fn target(&self, name: &str) -> Option<(String, Guard)> {
        if let Some(resource) = self.template.resource(name) {
            return Some((name.to_owned(), existence(self.stack, resource.condition.as_ref())));
        }
        let maker = self.template.resource(name.strip_suffix("Role")?)?;
        (self.made_role(maker)? == name).then(|| (name.to_owned(), existence(self.stack, maker.condition.as_ref())))
    }

    /// A place of a resource; none where the resource is not there under the guard.
    fn wire(&self, resource: &Resource, span: Span, through: Through, guard: &Guard) -> Option<Wire> {
        let guard = existence(self.stack, resource.condition.as_ref()).and(guard)?;
        Some(Wire { site: Site { stack: self.stack, span }, through, guard, about: None })
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
