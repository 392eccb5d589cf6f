//! Values that cross stacks: outputs, exports, parameters of nested stacks, stored parameters.

use super::build::in_parallel;
use super::link::{Export, Stored, Tables};
use super::{Estate, Stack};
use crate::resolve::{Environment, Links, Resolved, Scope, StackId, Value, Worlds};
use crate::source::Span;
use crate::template::{Expr, Form, Name, Resource, Template};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

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
            written.extend(crossing.stored.into_iter().map(|(name, value)| ((stack.scope, name), value)));
            outputs.extend(crossing.outputs);
            parameters.extend(crossing.parameters);
            exports.extend(crossing.exports);
        }
        let tables = &mut estate.tables;
        let new_parameters = tables.parameters != parameters;
        let stored = stored(written);
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
    stored: Vec<(String, Stored)>,
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
    for resource in &template.resources {
        let Some(Form::Map(passed)) = resource.properties.get("Parameters").map(|expr| &expr.form) else { continue };
        let Some(child) = estate.tables.children.get(&(stack.id, resource.name.value.clone())) else { continue };
        for (name, expr) in passed {
            crossing.parameters.push(((*child, name.value.clone()), scope.value(expr).value));
        }
    }
    crossing.stored = template.resources.iter().flat_map(|resource| written(&scope, stack, resource)).collect();
    crossing
}

/// What a resource writes into Parameter Store, by name.
fn written(scope: &Scope<'_>, stack: &Stack, resource: &Resource) -> Vec<(String, Stored)> {
    let own_region = stack.environment.region.as_literal().map(str::to_owned);
    let write = |region: Option<String>, value: &Expr| {
        let Value::Text(value) = scope.value(value).value.known()?.clone() else { return None };
        Some(Stored { stack: stack.id, region, value })
    };
    match resource.kind.value.as_str() {
        "AWS::SSM::Parameter" => {
            let named = resource.properties.get("Name").map(|name| scope.value(name).value);
            let Some(Value::Text(name)) = named.as_ref().and_then(Resolved::known) else { return Vec::new() };
            let value = resource.properties.get("Value").and_then(|value| write(own_region, value));
            value.map(|value| (name.to_string(), value)).into_iter().collect()
        }
        // What CDK exports to another Region.
        "Custom::CrossRegionExportWriter" => {
            let region = resource.properties.path(&["WriterProps", "region"]).and_then(Expr::literal);
            let exports = resource.properties.path(&["WriterProps", "exports"]);
            let Some(Form::Map(exports)) = exports.map(|exports| &exports.form) else { return Vec::new() };
            let write =
                |(name, value): &(Name, Expr)| Some((name.value.clone(), write(region.map(str::to_owned), value)?));
            exports.iter().filter_map(write).collect()
        }
        _ => Vec::new(),
    }
}

/// The stored values by scope and name. Two stacks that write different values under one name leave it unknown.
fn stored(written: Vec<((u32, String), Stored)>) -> HashMap<(u32, String), Option<Stored>> {
    let mut stored: HashMap<(u32, String), Option<Stored>> = HashMap::new();
    for (name, value) in written {
        match stored.entry(name) {
            Entry::Vacant(free) => {
                free.insert(Some(value));
            }
            Entry::Occupied(mut taken) => {
                if taken.get().as_ref().is_some_and(|known| known.value != value.value) {
                    taken.insert(None);
                }
            }
        }
    }
    stored
}
