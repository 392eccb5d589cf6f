//! Possible worlds: which choices can be made together.
//!
//! Conditions are formulas over the texts they compare: parameters and pseudo parameters. A guard is feasible where some values of these
//! fulfil it, together with the `Rules` and the allowed values. Only the values a question touches are tried; past the cap a guard counts
//! as feasible, so that the answer "impossible" is always right.

mod compile;
mod lookups;
mod search;

use std::collections::BTreeMap;

use super::{Atom, Environment, Guard, StackId, Symbol, Text};
use crate::template::Template;

/// More assignments than this are not listed.
const MAX_ASSIGNMENTS: usize = 256;

/// A text that conditions compare: the values it is compared with, and whether it may be anything else.
#[derive(Clone, Debug)]
struct Variable {
    values: Vec<String>,
    open: bool,
    /// Whether it is compared with other variables: then their values are its own too.
    compared: bool,
}

/// What a condition says.
#[derive(Clone, Debug)]
enum Formula {
    Constant(bool),
    /// A variable has this value.
    Is(usize, String),
    /// Two variables are equal; where both are something else, the third says whether they are.
    Same(usize, usize, usize),
    /// A declared condition.
    Condition(usize),
    Not(Box<Formula>),
    All(Vec<Formula>),
    Any(Vec<Formula>),
}

/// The conditions, parameters and rules of one stack. The default knows nothing: everything is feasible.
#[derive(Clone, Debug, Default)]
pub struct Worlds {
    stack: Option<StackId>,
    conditions: Vec<Formula>,
    by_name: BTreeMap<String, usize>,
    variables: Vec<Variable>,
    by_symbol: BTreeMap<Symbol, usize>,
    /// What holds in every deployment: rules, and keys that mappings must have.
    always: Vec<Formula>,
    supplied: BTreeMap<String, Text>,
}

impl Worlds {
    /// The worlds of a stack: `supplied` gives the value of a parameter where it is the same in every deployment.
    #[must_use]
    pub fn new(
        template: &Template,
        stack: StackId,
        environment: &Environment,
        supplied: &dyn Fn(&str) -> Option<Text>,
    ) -> Self {
        compile::worlds(template, stack, environment, supplied)
    }

    /// Whether some deployment of this stack fulfils the guard; what it says of other stacks does not count.
    #[must_use]
    pub fn feasible(&self, guard: &Guard) -> bool {
        search::feasible(self, guard)
    }

    /// The value of a condition, where it is the same in every deployment.
    #[must_use]
    pub fn decided(&self, condition: &str) -> Option<bool> {
        let stack = self.stack?;
        let can_be = |holds| self.feasible(&Guard::of(Atom::Condition { stack, name: condition.to_owned() }, holds));
        match (can_be(true), can_be(false)) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            (true, true) | (false, false) => None,
        }
    }

    /// A feasible guard without choices that follow from the others, for people: it holds in the same deployments. What something is says
    /// more than what it is not.
    #[must_use]
    pub fn simplified(&self, guard: &Guard) -> Guard {
        let mut kept: Vec<(&Atom, bool)> = guard.atoms().collect();
        let is_exclusion = |(atom, holds): &(&Atom, bool)| !holds && matches!(atom, Atom::Parameter { .. });
        kept.sort_by_key(is_exclusion);
        for index in (0..kept.len()).rev() {
            let opposite = kept.iter().enumerate().try_fold(Guard::ALWAYS, |all, (at, (atom, holds))| {
                all.and(&Guard::of((*atom).clone(), *holds != (at == index)))
            });
            if opposite.is_none_or(|opposite| !self.feasible(&opposite)) {
                kept.remove(index);
            }
        }
        let conjunction =
            kept.into_iter().try_fold(Guard::ALWAYS, |all, (atom, holds)| all.and(&Guard::of(atom.clone(), holds)));
        conjunction.unwrap_or_else(|| guard.clone())
    }

    /// The truth assignments over these atoms that some deployment fulfils, in the order of the atoms; none where there are too many.
    #[must_use]
    pub fn assignments(&self, atoms: &[Atom]) -> Option<Vec<Vec<bool>>> {
        assignments(atoms, &|guard| self.feasible(guard))
    }
}

/// The truth assignments over atoms of any stacks that `feasible` admits; none where there are too many.
#[must_use]
pub fn assignments(atoms: &[Atom], feasible: &dyn Fn(&Guard) -> bool) -> Option<Vec<Vec<bool>>> {
    let mut all = vec![(Guard::ALWAYS, Vec::new())];
    for atom in atoms {
        let mut longer = Vec::new();
        for (guard, values) in &all {
            for holds in [true, false] {
                let Some(both) = guard.and(&Guard::of(atom.clone(), holds)).filter(feasible) else { continue };
                let mut values: Vec<bool> = values.clone();
                values.push(holds);
                longer.push((both, values));
            }
        }
        if longer.len() > MAX_ASSIGNMENTS {
            return None;
        }
        all = longer;
    }
    Some(all.into_iter().map(|(_, values)| values).collect())
}
