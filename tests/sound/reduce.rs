//! The smallest part of an estate that a deployment still contradicts, for whoever mends what was found.

use super::make::{Dice, Template};
use serde_json::Value;

/// How many seeds of deployments are tried for each part.
const SEEDS: u64 = 4;

fn contradiction(templates: &[Template]) -> Option<String> {
    let fails = |seed| {
        let attempt = std::panic::AssertUnwindSafe(|| super::compare(templates, &mut Dice::new(seed)).err());
        std::panic::catch_unwind(attempt).unwrap_or(None)
    };
    (0..SEEDS).find_map(fails)
}

/// Takes parts away as long as there is a contradiction.
pub(super) fn reduce(templates: &[Template]) -> String {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let copy = |template: &Template| Template {
        name: template.name.clone(),
        json: template.json.clone(),
        account: template.account.clone(),
        region: template.region.clone(),
    };
    let mut templates: Vec<Template> = templates.iter().map(copy).collect();
    let mut why = contradiction(&templates).unwrap_or_default();
    let mut is_smaller = true;
    while is_smaller {
        is_smaller = false;
        for at in 0..templates.len() {
            for pointer in pointers(&templates[at].json) {
                let before = templates[at].json.clone();
                if !remove(&mut templates[at].json, &pointer) {
                    continue;
                }
                match contradiction(&templates) {
                    Some(still) => (why, is_smaller) = (still, true),
                    None => templates[at].json = before,
                }
            }
        }
    }
    std::panic::set_hook(hook);
    let written: Vec<_> = templates.iter().map(|template| template.json.to_string()).collect();
    format!("{why}\n{}", written.join("\n"))
}

/// The places of all parts, outer ones first.
fn pointers(value: &Value) -> Vec<String> {
    let mut all = Vec::new();
    let mut open = vec![(String::new(), value)];
    while !open.is_empty() {
        let mut inner = Vec::new();
        for (pointer, value) in open {
            let parts: Vec<(String, &Value)> = match value {
                Value::Object(entries) => entries.iter().map(|(key, value)| (key.replace('/', "~1"), value)).collect(),
                Value::Array(items) => items.iter().enumerate().map(|(at, item)| (at.to_string(), item)).collect(),
                _ => Vec::new(),
            };
            inner.extend(parts.into_iter().map(|(key, value)| (format!("{pointer}/{key}"), value)));
        }
        all.extend(inner.iter().map(|(pointer, _)| pointer.clone()));
        open = inner;
    }
    all
}

/// Takes a part away; an `Fn::If` becomes one of its branches. Whether it was there.
fn remove(whole: &mut Value, pointer: &str) -> bool {
    let Some((outer, key)) = pointer.rsplit_once('/') else { return false };
    let is_section = outer.is_empty();
    match whole.pointer_mut(outer) {
        Some(Value::Object(_)) if is_section => false,
        Some(Value::Object(entries)) => entries.remove(&key.replace("~1", "/")).is_some(),
        Some(Value::Array(items)) => {
            key.parse().is_ok_and(|at: usize| at < items.len() && Some(items.remove(at)).is_some())
        }
        _ => false,
    }
}
