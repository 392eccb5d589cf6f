//! Which stacks need which: imports, stack outputs, nested stacks, manifests, stored parameters.

use super::build::{Instance, in_parallel};
use super::link::{Producer, WithoutStores};
use super::{Estate, LinkKind, Stack, StackLink};
use crate::finding::Site;
use crate::resolve::{Scope, StackId, Symbol, Text, Value};
use crate::source::Span;
use crate::template::{Expr, Form, SubPiece};

/// Links between stacks, each where it is needed.
pub(super) fn links(estate: &Estate, instances: &[Instance]) -> Vec<StackLink> {
    let mut links: Vec<StackLink> = in_parallel(&estate.stacks, |stack| links_of(estate, stack)).concat();
    for (stack, instance) in estate.stacks.iter().zip(instances) {
        let file = estate.templates.get(stack.template).map(|template| template.file);
        let Some(file) = file else { continue };
        let site = Site { stack: stack.id, span: Span::new(file, 0, 0) };
        let manifest = stack.depends_on.iter().map(|to| StackLink {
            from: stack.id,
            to: *to,
            through: LinkKind::Manifest,
            site,
            resource: None,
            output: None,
        });
        links.extend(manifest);
        if let Some((parent, logical)) = &instance.parent {
            links.push(StackLink {
                from: *parent,
                to: stack.id,
                through: if instance.set.is_some() { LinkKind::StackSet } else { LinkKind::Nested },
                site: estate
                    .resource(*parent, logical)
                    .map_or(site, |resource| Site { stack: *parent, span: resource.name.span }),
                resource: Some(logical.clone()),
                output: None,
            });
        }
    }
    links.sort();
    links.dedup();
    links
}

fn links_of(estate: &Estate, stack: &Stack) -> Vec<StackLink> {
    let mut links = Vec::new();
    let (Some(scope), Some(template)) = (estate.scope(stack.id), estate.template(stack.id)) else { return links };
    let without_stores = WithoutStores(&estate.tables);
    let scope_without_stores = Scope { links: &without_stores, ..scope };
    let resources = template.resources.iter().map(|resource| (Some(&resource.name.value), &resource.properties));
    let outputs = template.outputs.iter().map(|output| (None, &output.value));
    for parameter in template.parameters.iter().filter(|parameter| parameter.kind.starts_with("AWS::SSM::")) {
        let Some(name) = &parameter.default else { continue };
        let reference = format!("{{{{resolve:ssm:{}}}}}", name.value);
        links.extend(stored_link(estate, stack, &reference, None, name.span));
    }
    for (resource, expr) in resources.chain(outputs) {
        for part in expr.walk() {
            let (through, found) = match &part.form {
                Form::ImportValue(name) => (LinkKind::Import, producers(estate, &scope, name)),
                Form::GetStackOutput(output) => {
                    let named = scope.value(&output.stack);
                    let found = named.value.known().and_then(|name| match name {
                        Value::Text(name) => Some(estate.tables.stacks_named(scope.stack, name)),
                        _ => None,
                    });
                    let output = output.output.literal().unwrap_or_default().to_owned();
                    let found = match found.as_deref() {
                        Some([only]) => vec![(*only, output)],
                        _ => Vec::new(),
                    };
                    (LinkKind::StackOutput, found)
                }
                Form::Literal(..) | Form::Sub(..) | Form::Join(..) if mentions_a_reference(part) => {
                    let unread = scope_without_stores.value(part);
                    let texts = unread.value.iter().filter_map(|(_, value)| match value {
                        Value::Text(text) => Some(text),
                        _ => None,
                    });
                    let read = texts.flat_map(Text::symbols).filter_map(|symbol| match symbol {
                        Symbol::Dynamic(reference) => stored_link(estate, stack, reference, resource, part.span),
                        _ => None,
                    });
                    links.extend(read);
                    continue;
                }
                _ => continue,
            };
            for (to, output) in found {
                let site = Site { stack: stack.id, span: part.span };
                let (resource, output) = (resource.cloned(), Some(output));
                links.push(StackLink { from: stack.id, to, through, site, resource, output });
            }
        }
    }
    links
}

/// Whether a dynamic reference stands in the literal parts of a text: as a whole, or with holes in it.
fn mentions_a_reference(text: &Expr) -> bool {
    const OPEN: &str = "{{resolve:";
    let literal = |part: &Expr| part.literal().is_some_and(|literal| literal.contains(OPEN));
    match &text.form {
        Form::Sub(pieces, _) => {
            pieces.iter().any(|piece| matches!(piece, SubPiece::Text(literal) if literal.contains(OPEN)))
        }
        Form::Join(_, list) => list.walk().any(literal),
        _ => literal(text),
    }
}

/// The stacks that certainly provide an imported name (under whatever choice of parameters), with the output.
fn producers(estate: &Estate, scope: &Scope<'_>, name: &crate::template::Expr) -> Vec<(StackId, String)> {
    let mut found = Vec::new();
    for (_, name) in scope.value(name).value.iter() {
        let Value::Text(name) = name else { continue };
        if let Producer::One(export, _) = estate.tables.producer(scope.stack, name) {
            found.push((export.stack, export.output.clone()));
        }
    }
    found
}

/// The link to the stack that writes what a dynamic reference reads.
fn stored_link(
    estate: &Estate,
    stack: &Stack,
    reference: &str,
    resource: Option<&String>,
    span: Span,
) -> Option<StackLink> {
    let stored = estate.tables.stored_for(stack.id, reference).filter(|stored| stored.stack != stack.id)?;
    Some(StackLink {
        from: stack.id,
        to: stored.stack,
        through: LinkKind::Stored,
        site: Site { stack: stack.id, span },
        resource: resource.cloned(),
        output: None,
    })
}
