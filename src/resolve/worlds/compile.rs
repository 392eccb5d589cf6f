//! Conditions and rules become formulas over finitely many values.

use std::collections::BTreeMap;

use super::super::eval::evaluating;
use super::super::partition_of;
use super::super::{Atom, Environment, Guard, Links, Resolved, Scope, StackId, Symbol, Text, Truth, Value};
use super::{Formula, Variable, Worlds, search};
use crate::source::Span;
use crate::template::{Expr, Form, Logic, Template};

/// The surroundings of a stack as far as conditions may look: its supplied parameters.
struct Supplied<'s>(&'s BTreeMap<String, Text>);

impl Links for Supplied<'_> {
    fn stored(&self, _: StackId, _: &str) -> Option<Text> {
        None
    }

    fn import(&self, _: StackId, _: &Text, span: Span) -> Resolved<Value> {
        out_of_reach(span)
    }

    fn stack_output(&self, _: StackId, _: &Text, _: &Text, span: Span) -> Resolved<Value> {
        out_of_reach(span)
    }

    fn nested_output(&self, _: StackId, _: &str, _: &str, span: Span) -> Resolved<Value> {
        out_of_reach(span)
    }

    fn parameter(&self, _: StackId, name: &str, _: Span) -> Option<Resolved<Value>> {
        self.0.get(name).map(|text| Resolved::Known(Value::Text(text.clone())))
    }
}

fn out_of_reach(span: Span) -> Resolved<Value> {
    let why = "conditions cannot refer to other stacks".to_owned();
    Resolved::Known(Value::Unknown(super::super::Cause { span, why }))
}

/// Compiles the conditions, rules and parameters of a template.
pub(super) fn worlds(
    template: &Template,
    stack: StackId,
    environment: &Environment,
    supplied: &dyn Fn(&str) -> Option<Text>,
) -> Worlds {
    let given = |name: &String| Some((name.clone(), supplied(name)?));
    let supplied: BTreeMap<_, _> =
        template.parameters.iter().filter_map(|parameter| given(&parameter.name.value)).collect();
    let unconstrained = Worlds::default();
    let links = Supplied(&supplied);
    let scope = Scope { stack, template, environment, links: &links, worlds: &unconstrained };
    let mut compiler =
        Compiler { scope, worlds: Worlds { stack: Some(stack), ..Worlds::default() }, free: BTreeMap::new() };
    for parameter in &template.parameters {
        if !supplied.contains_key(&parameter.name.value) {
            let values = parameter.allowed_values.iter().map(|value| value.value.clone()).collect();
            let variable = Variable { values, open: parameter.allowed_values.is_empty(), compared: false };
            compiler.declare(Symbol::Parameter(stack, parameter.name.value.clone()), variable);
        }
    }
    for (index, (name, _)) in template.conditions.iter().enumerate() {
        compiler.worlds.by_name.insert(name.value.clone(), index);
    }
    for (_, definition) in &template.conditions {
        let formula = compiler.formula(definition);
        compiler.worlds.conditions.push(formula);
    }
    for rule in &template.rules {
        let mut asserted = Formula::All(rule.assertions.iter().map(|assertion| compiler.formula(assertion)).collect());
        if let Some(condition) = &rule.condition {
            let condition = compiler.formula(condition);
            asserted = Formula::Any(vec![Formula::Not(Box::new(condition)), asserted]);
        }
        compiler.worlds.always.push(asserted);
    }
    compiler.keep_regions_in_their_partitions(environment);
    let needed = super::lookups::needed(scope, template);
    let lookups: Vec<Formula> = needed.iter().map(|(under, found)| compiler.found(under, found)).collect();
    let mut worlds = compiler.worlds;
    worlds.supplied = supplied;
    share_values(&mut worlds);
    let certain = worlds.always.len();
    worlds.always.extend(lookups);
    if !search::is_possible(&worlds) {
        worlds.always.truncate(certain);
    }
    worlds
}

/// Variables that are compared with each other know each other's values.
fn share_values(worlds: &mut Worlds) {
    let mut pairs = Vec::new();
    for formula in worlds.conditions.iter().chain(&worlds.always) {
        same_pairs(formula, &mut pairs);
    }
    for index in pairs.iter().flat_map(|(a, b)| [*a, *b]) {
        if let Some(variable) = worlds.variables.get_mut(index) {
            variable.compared = true;
        }
    }
    for _ in 0..pairs.len().min(8) {
        for (a, b) in pairs.iter().copied().flat_map(|(a, b)| [(a, b), (b, a)]) {
            let Some(values) = worlds.variables.get(a).map(|variable| variable.values.clone()) else { continue };
            let Some(other) = worlds.variables.get_mut(b).filter(|variable| variable.open) else { continue };
            for value in values {
                if !other.values.contains(&value) {
                    other.values.push(value);
                }
            }
        }
    }
}

fn same_pairs(formula: &Formula, pairs: &mut Vec<(usize, usize)>) {
    match formula {
        Formula::Same(a, b, _) => pairs.push((*a, *b)),
        Formula::Not(inner) => same_pairs(inner, pairs),
        Formula::All(parts) | Formula::Any(parts) => parts.iter().for_each(|part| same_pairs(part, pairs)),
        Formula::Constant(_) | Formula::Is(..) | Formula::Condition(_) => {}
    }
}

struct Compiler<'c> {
    scope: Scope<'c>,
    worlds: Worlds,
    /// Comparisons that cannot be looked into, by what is compared: each is a choice of its own.
    free: BTreeMap<String, usize>,
}

impl Compiler<'_> {
    fn declare(&mut self, symbol: Symbol, variable: Variable) -> usize {
        let index = self.worlds.variables.len();
        self.worlds.variables.push(variable);
        self.worlds.by_symbol.insert(symbol, index);
        index
    }

    /// A Region belongs to one partition: where conditions speak of both, they speak of the same deployment.
    fn keep_regions_in_their_partitions(&mut self, environment: &Environment) {
        let Some(region) = environment.region.as_symbol() else { return };
        let known = |symbol: &Symbol| self.worlds.by_symbol.get(symbol).and_then(|at| self.worlds.variables.get(*at));
        let Some(regions) = known(region).map(|variable| variable.values.clone()) else { return };
        let partition = match (environment.partition.as_symbol(), environment.partition.as_literal()) {
            (Some(symbol), _) if known(symbol).is_some() => Ok(symbol),
            (None, Some(literal)) => Err(literal),
            _ => return,
        };
        for name in regions {
            let owner = partition_of(&name);
            let here = self.is(region, name);
            let there = match partition {
                Ok(symbol) => self.is(symbol, owner.to_owned()),
                Err(literal) => Formula::Constant(literal == owner),
            };
            self.worlds.always.push(Formula::Any(vec![Formula::Not(Box::new(here)), there]));
        }
    }

    fn variable(&mut self, symbol: &Symbol) -> usize {
        match self.worlds.by_symbol.get(symbol) {
            Some(index) => *index,
            None => self.declare(symbol.clone(), Variable { values: Vec::new(), open: true, compared: false }),
        }
    }

    /// A variable that only says yes or no.
    fn free_variable(&mut self, what: String) -> usize {
        if let Some(index) = self.free.get(&what) {
            return *index;
        }
        let index = self.worlds.variables.len();
        self.worlds.variables.push(Variable { values: vec!["true".to_owned()], open: true, compared: false });
        self.free.insert(what, index);
        index
    }

    fn free(&mut self, what: String) -> Formula {
        Formula::Is(self.free_variable(what), "true".to_owned())
    }

    fn free_at(&mut self, span: Span) -> Formula {
        self.free(format!("{}..{}", span.start, span.end))
    }

    fn formula(&mut self, expr: &Expr) -> Formula {
        let Form::Logic(logic) = &expr.form else {
            return self.free_at(expr.span);
        };
        match logic.as_ref() {
            Logic::And(parts) => Formula::All(parts.iter().map(|part| self.formula(part)).collect()),
            Logic::Or(parts) => Formula::Any(parts.iter().map(|part| self.formula(part)).collect()),
            Logic::Not(part) => Formula::Not(Box::new(self.formula(part))),
            Logic::Condition(name) => self.condition(&name.value),
            Logic::Equals(a, b) => self.equals(a, b, expr.span),
            Logic::Contains(list, value) => match &list.form {
                Form::List(items) => {
                    Formula::Any(items.iter().map(|item| self.equals(item, value, item.span)).collect())
                }
                _ => self.free_at(expr.span),
            },
        }
    }

    fn condition(&mut self, name: &str) -> Formula {
        match self.worlds.by_name.get(name) {
            Some(index) => Formula::Condition(*index),
            None => self.free(format!("condition {name}")),
        }
    }

    fn equals(&mut self, a: &Expr, b: &Expr, span: Span) -> Formula {
        let scope = self.scope;
        let (left, right) = evaluating(scope, |eval| (eval.texts(a), eval.texts(b)));
        for cases in [&left, &right] {
            if cases.iter().all(|(guard, _)| !guard.is_always()) {
                let covered = cases.iter().map(|(guard, _)| self.guard(guard)).collect();
                self.worlds.always.push(Formula::Any(covered));
            }
        }
        let mut any = Vec::new();
        for (guard, a) in &left {
            for (other_guard, b) in &right {
                let equal = match (a, b) {
                    (Ok(a), Ok(b)) => self.same_text(a, b),
                    (Err(_), _) | (_, Err(_)) => self.free_at(span),
                };
                any.push(Formula::All(vec![self.guard(guard), self.guard(other_guard), equal]));
            }
        }
        Formula::Any(any)
    }

    /// A lookup that is made where a guard holds finds something where one of the others holds.
    fn found(&mut self, under: &Guard, found: &[Guard]) -> Formula {
        let made = self.guard(under);
        let covered = found.iter().map(|guard| self.guard(guard));
        Formula::Any(std::iter::once(Formula::Not(Box::new(made))).chain(covered).collect())
    }

    fn guard(&mut self, guard: &Guard) -> Formula {
        let mut all = Vec::new();
        for (atom, holds) in guard.atoms() {
            let formula = match atom {
                Atom::Condition { name, .. } => self.condition(name),
                Atom::Parameter { stack, name, value, .. } => {
                    self.is(&Symbol::Parameter(*stack, name.clone()), value.clone())
                }
                Atom::Provider { label, .. } => self.free(format!("provider {label}")),
            };
            all.push(if holds { formula } else { Formula::Not(Box::new(formula)) });
        }
        Formula::All(all)
    }

    fn is(&mut self, symbol: &Symbol, value: String) -> Formula {
        let index = self.variable(symbol);
        let Some(variable) = self.worlds.variables.get_mut(index) else { return Formula::Constant(false) };
        let is_new = !variable.values.contains(&value);
        if is_new && !variable.open {
            return Formula::Constant(false);
        }
        if is_new {
            variable.values.push(value.clone());
        }
        Formula::Is(index, value)
    }

    fn same_text(&mut self, a: &Text, b: &Text) -> Formula {
        match a.equals(b) {
            Truth::Yes => return Formula::Constant(true),
            Truth::No => return Formula::Constant(false),
            Truth::Unknown => {}
        }
        for (text, other) in [(a, b), (b, a)] {
            let Some((before, symbol, after)) = text.single_hole() else { continue };
            if let Some(literal) = other.as_literal() {
                let value = literal.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
                return value.map_or(Formula::Constant(false), |value| self.is(symbol, value.to_owned()));
            }
            if let Some((other_before, other_symbol, other_after)) = other.single_hole()
                && (before, after) == (other_before, other_after)
            {
                let (first, second) = (self.variable(symbol), self.variable(other_symbol));
                let (low, high) = (first.min(second), first.max(second));
                let otherwise = self.free_variable(format!("same {low} {high}"));
                return Formula::Same(first, second, otherwise);
            }
        }
        let (a, b) = (a.canonical(), b.canonical());
        let (low, high) = if a <= b { (a, b) } else { (b, a) };
        self.free(format!("{low} = {high}"))
    }
}
