//! Choices that belong to deployments in other accounts: a template that names an account for each environment is deployed to the one that it
//! names. Where the account of a stack is said, the others are worlds that somebody wrote down, but not for this stack.

use super::Estate;
use crate::resolve::{Atom, Guard, Scope, StackId, Symbol, Value};
use crate::template::{Expr, Form, Template};
use std::collections::BTreeMap;

/// The choices of each stack that name its own account, where others name another one in their place: in its deployment one of each list is
/// made.
#[derive(Debug, Default)]
pub(crate) struct OwnChoices(BTreeMap<StackId, Vec<Vec<Guard>>>);

impl OwnChoices {
    pub(crate) fn of(estate: &Estate) -> Self {
        let stacks = estate.stacks.iter().filter_map(|stack| {
            let own = stack.environment.account.as_literal()?;
            let choices = choices(estate.scope(stack.id)?, own);
            (!choices.is_empty()).then_some((stack.id, choices))
        });
        Self(stacks.collect())
    }

    /// The account of the stack, where a guard holds only in deployments to others.
    pub(crate) fn excluding<'e>(&self, estate: &'e Estate, guard: &Guard) -> Option<&'e str> {
        let mut stacks: Vec<StackId> = guard.atoms().map(|(atom, _)| atom.stack()).collect();
        stacks.dedup();
        let is_made = |choice: &Guard| guard.and(choice).is_some_and(|both| estate.feasible(&both));
        let is_other =
            |stack: &StackId| self.0.get(stack).is_some_and(|lists| lists.iter().any(|own| !own.iter().any(is_made)));
        estate.stack(stacks.into_iter().find(is_other)?)?.environment.account.as_literal()
    }
}

fn choices(scope: Scope<'_>, own: &str) -> Vec<Vec<Guard>> {
    if scope.template.mappings.is_empty() && scope.template.conditions.is_empty() {
        return Vec::new();
    }
    let bodies = scope.template.resources.iter().map(|resource| &resource.properties);
    let mut found: Vec<Vec<Guard>> = bodies
        .flat_map(Expr::walk)
        .filter_map(|expr| match &expr.form {
            Form::FindInMap(keys, None) => rows(scope, keys, own),
            Form::If(condition, yes, no) => {
                let atom = Atom::Condition { stack: scope.stack, name: condition.value.clone() };
                let holds = match (names(yes, own), names(no, own)) {
                    (Some(true), Some(false)) => true,
                    (Some(false), Some(true)) => false,
                    _ => return None,
                };
                Some(vec![Guard::of(atom, holds)])
            }
            _ => None,
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

/// The rows of a mapping that a parameter chooses without those that name accounts, but not this one, where another row names it.
fn rows(scope: Scope<'_>, keys: &[Expr; 3], own: &str) -> Option<Vec<Guard>> {
    let [mapping, row, _] = keys;
    let rows = mapping_rows(scope.template, mapping.literal()?)?;
    let named: Vec<(&str, Option<bool>)> =
        rows.iter().map(|(name, row)| (name.value.as_str(), names(row, own))).collect();
    let is_of_own = named.iter().any(|(_, is_named)| *is_named == Some(true));
    let is_of_others = named.iter().any(|(_, is_named)| *is_named == Some(false));
    if !is_of_own || !is_of_others {
        return None;
    }
    let Value::Text(chosen) = scope.value(row).value.known()?.clone() else { return None };
    let (before, Symbol::Parameter(stack, name), after) = chosen.single_hole()? else { return None };
    let parameter = scope.template.parameter(name).filter(|_| *stack == scope.stack)?;
    let guard = |row: &str| {
        let value = row.strip_prefix(before)?.strip_suffix(after)?.to_owned();
        let default = parameter.default.as_ref().is_some_and(|default| default.value == value);
        Some(Guard::of(Atom::Parameter { stack: *stack, name: name.clone(), value, default }, true))
    };
    Some(named.into_iter().filter(|(_, is_named)| *is_named != Some(false)).filter_map(|(row, _)| guard(row)).collect())
}

fn mapping_rows<'t>(template: &'t Template, name: &str) -> Option<&'t [(crate::template::Name, Expr)]> {
    let (_, body) = template.mappings.iter().find(|(mapping, _)| mapping.value == name)?;
    match &body.form {
        Form::Map(rows) => Some(rows),
        _ => None,
    }
}

/// Whether an account is among those that the literal text of an expression names; none where it names no account.
fn names(expr: &Expr, account: &str) -> Option<bool> {
    let texts = expr.walk().filter_map(Expr::literal);
    let digits = texts.flat_map(|text| text.split(|c: char| !c.is_ascii_digit()));
    digits
        .filter(|digits| digits.len() == account.len())
        .fold(None, |named, digits| Some(named.unwrap_or(false) || digits == account))
}
