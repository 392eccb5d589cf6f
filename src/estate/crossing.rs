//! Values that cross stacks: outputs, exports, parameters of nested stacks, stored parameters.

use super::build::in_parallel;
use super::link::{Export, Tables};
use super::stores::{self, Slot, Stored};
use super::{Estate, Stack, stack_sets};
use crate::resolve::{Environment, Links, Resolved, StackId, Value, Worlds};
use crate::source::Span;
use crate::template::{Form, Template};
use std::collections::HashMap;

/// Longest chain of values across stacks that is followed: each round carries values one stack further.
const ROUNDS: usize = 8;

/// The possible worlds of a stack with what is supplied to it.
pub(super) fn worlds(template: Option<&Template>, id: StackId, environment: &Environment, tables: &Tables) -> Worlds {
    let supplied = |name: &str| {
        let value = tables.parameter(id, name, Span::new(crate::source::FileId(0), 0, 0))?;
        match value.known()? {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    };
    template.map_or_else(Worlds::default, |template| Worlds::new(template, id, environment, &supplied))
}

/// Values that cross stacks, carried one stack further a round until nothing changes.
pub(super) fn settle(estate: &mut Estate) {
    for _ in 0..ROUNDS {
        let rounds = in_parallel(&estate.stacks, |stack| crossing(estate, stack));
        let mut outputs = HashMap::new();
        let mut parameters = HashMap::new();
        let mut exports = Vec::new();
        let mut written = Vec::new();
        for (stack, crossing) in estate.stacks.iter().zip(rounds) {
            written.extend(crossing.stored.into_iter().map(|(slot, value)| ((stack.scope, slot), value)));
            outputs.extend(crossing.outputs);
            parameters.extend(crossing.parameters);
            exports.extend(crossing.exports);
        }
        let tables = &mut estate.tables;
        let new_parameters = tables.parameters != parameters;
        let stored = stores::slots(written);
        let settled =
            !new_parameters && tables.outputs == outputs && tables.exports() == exports && tables.stored == stored;
        if settled {
            return;
        }
        tables.outputs = outputs;
        tables.parameters = parameters;
        tables.stored = stored;
        tables.set_exports(exports);
        if new_parameters {
            let (templates, tables) = (&estate.templates, &estate.tables);
            for stack in estate.stacks.iter_mut().filter(|stack| stack.parent.is_some()) {
                stack.worlds = worlds(templates.get(stack.template), stack.id, &stack.environment, tables);
            }
        }
    }
}

/// What one stack gives to others.
#[derive(Default)]
struct Crossing {
    outputs: Vec<((StackId, String), Resolved<Value>)>,
    parameters: Vec<((StackId, String), Resolved<Value>)>,
    exports: Vec<Export>,
    stored: Vec<(Slot, Stored)>,
}

fn crossing(estate: &Estate, stack: &Stack) -> Crossing {
    let mut crossing = Crossing::default();
    let (Some(scope), Some(template)) = (estate.scope(stack.id), estate.template(stack.id)) else { return crossing };
    for output in &template.outputs {
        crossing.outputs.push(((stack.id, output.name.value.clone()), scope.value(&output.value).value));
        let Some(export) = &output.export else { continue };
        let Some(there) = scope.presence(output.condition.as_ref()) else { continue };
        for (guard, name) in scope.value(export).value.iter() {
            if let (Value::Text(name), Some(guard)) = (name, there.and(guard)) {
                let output = output.name.value.clone();
                crossing.exports.push(Export { stack: stack.id, output, name: name.clone(), guard });
            }
        }
    }
    for resource in template.resources.iter().filter(|resource| resource.kind.value == stack_sets::KIND) {
        let instances = estate.tables.set_instances.get(&(stack.id, resource.name.value.clone()));
        for (instance, group) in instances.into_iter().flatten() {
            for (name, expr) in stack_sets::parameters(resource, *group) {
                crossing.parameters.push(((*instance, name.to_owned()), scope.value(expr).value));
            }
        }
    }
    for resource in &template.resources {
        let Some(Form::Map(passed)) = resource.properties.get("Parameters").map(|expr| &expr.form) else { continue };
        let Some(child) = estate.tables.children.get(&(stack.id, resource.name.value.clone())) else { continue };
        for (name, expr) in passed {
            crossing.parameters.push(((*child, name.value.clone()), scope.value(expr).value));
        }
    }
    crossing.stored = template.resources.iter().flat_map(|resource| stores::written(&scope, stack, resource)).collect();
    crossing
}
