//! Keys that mappings must have. A lookup that finds nothing and has no default lets a deployment fail: such worlds are none.

use super::super::eval::evaluating;
use super::super::{Atom, Guard, Scope};
use crate::template::{Expr, Form, Name, Template};
use std::collections::BTreeSet;

/// A lookup that is made where the first guard holds must find something: one of the others holds.
pub(super) type Needed = (Guard, Vec<Guard>);

/// What the lookups in resources and outputs need. Those that always find something need nothing, and neither do those that never do, as a
/// template that cannot be deployed at all is judged as if it could.
pub(super) fn needed(scope: Scope<'_>, template: &Template) -> BTreeSet<Needed> {
    let mut needed = BTreeSet::new();
    if template.mappings.is_empty() {
        return needed;
    }
    let resources = template.resources.iter().map(|resource| (&resource.condition, &resource.properties));
    let values = template.outputs.iter().map(|output| (&output.condition, &output.value));
    for (condition, expr) in resources.chain(values) {
        let there = condition.as_ref().map_or(Guard::ALWAYS, |name| choice(scope, name, true));
        collect(scope, expr, &there, &mut needed);
    }
    needed
}

fn choice(scope: Scope<'_>, condition: &Name, holds: bool) -> Guard {
    Guard::of(Atom::Condition { stack: scope.stack, name: condition.value.clone() }, holds)
}

/// The lookups in an expression that is evaluated where a guard holds. What is in a default is not looked into.
fn collect(scope: Scope<'_>, expr: &Expr, under: &Guard, needed: &mut BTreeSet<Needed>) {
    match &expr.form {
        Form::If(condition, yes, no) => {
            for (branch, holds) in [(yes, true), (no, false)] {
                if let Some(under) = under.and(&choice(scope, condition, holds)) {
                    collect(scope, branch, &under, needed);
                }
            }
        }
        Form::FindInMap(keys, default) => {
            keys.iter().for_each(|key| collect(scope, key, under, needed));
            if default.is_some() {
                return;
            }
            let found = evaluating(scope, |eval| eval.finds(keys));
            let is_always = found.iter().any(Guard::is_always) || (found.is_empty() && under.is_always());
            if !is_always {
                needed.insert((under.clone(), found));
            }
        }
        _ => expr.parts().into_iter().for_each(|part| collect(scope, part, under, needed)),
    }
}
