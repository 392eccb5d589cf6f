//! Looking for one world that fulfils a guard.

use super::super::{Atom, Guard, Symbol, Truth};
use super::{Formula, Worlds};

/// More steps than this are not taken: the guard counts as feasible.
const MAX_STEPS: usize = 4096;

/// The value of a variable in the world that is tried.
#[derive(Clone, Copy, PartialEq)]
enum Choice<'w> {
    Value(&'w str),
    /// None of the values that the variable is compared with.
    Other,
}

/// What has to hold.
enum Goal<'w> {
    Formula(&'w Formula, bool),
    /// A variable has, or has not, a value.
    Is(usize, &'w str, bool),
}

struct Search<'w> {
    worlds: &'w Worlds,
    goals: Vec<Goal<'w>>,
    chosen: Vec<Option<Choice<'w>>>,
    steps: usize,
}

/// Whether some world fulfils the guard.
pub(super) fn feasible(worlds: &Worlds, guard: &Guard) -> bool {
    let Some(stack) = worlds.stack else { return true };
    let mut goals = Vec::new();
    for (atom, holds) in guard.atoms() {
        match atom {
            Atom::Condition { stack: of, name } if *of == stack => {
                let formula = worlds.by_name.get(name).and_then(|index| worlds.conditions.get(*index));
                goals.extend(formula.map(|formula| Goal::Formula(formula, holds)));
            }
            Atom::Parameter { stack: of, name, value, .. } if *of == stack => {
                if let Some(literal) = worlds.supplied.get(name).and_then(|text| text.as_literal())
                    && (literal == value) != holds
                {
                    return false;
                }
                let index = worlds.by_symbol.get(&Symbol::Parameter(stack, name.clone()));
                goals.extend(index.map(|index| Goal::Is(*index, value, holds)));
            }
            Atom::Condition { .. } | Atom::Parameter { .. } | Atom::Provider { .. } => {}
        }
    }
    if goals.is_empty() {
        return true;
    }
    Search::new(worlds, goals).succeeds()
}

/// Whether there is some world at all.
pub(super) fn is_possible(worlds: &Worlds) -> bool {
    Search::new(worlds, Vec::new()).succeeds()
}

impl<'w> Search<'w> {
    /// The search for a world that fulfils these goals and what always holds.
    fn new(worlds: &'w Worlds, mut goals: Vec<Goal<'w>>) -> Self {
        goals.extend(worlds.always.iter().map(|formula| Goal::Formula(formula, true)));
        Self { worlds, goals, chosen: vec![None; worlds.variables.len()], steps: 0 }
    }

    /// Whether the values chosen so far can be completed.
    fn succeeds(&mut self) -> bool {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return true;
        }
        let mut known = vec![None; self.worlds.conditions.len()];
        let mut undecided = None;
        for goal in &self.goals {
            let (truth, wanted) = match goal {
                Goal::Formula(formula, wanted) => (self.truth(formula, &mut known), *wanted),
                Goal::Is(variable, value, wanted) => (self.is(*variable, value), *wanted),
            };
            if truth == Truth::from(!wanted) {
                return false;
            }
            if truth == Truth::Unknown && undecided.is_none() {
                undecided = match goal {
                    Goal::Formula(formula, _) => self.open_variable(formula, &mut vec![false; known.len()]),
                    Goal::Is(variable, ..) => Some(*variable),
                };
            }
        }
        let Some(variable) = undecided else { return true };
        for choice in self.choices(variable) {
            self.set(variable, Some(choice));
            if self.succeeds() {
                return true;
            }
        }
        self.set(variable, None);
        false
    }

    fn set(&mut self, variable: usize, choice: Option<Choice<'w>>) {
        if let Some(slot) = self.chosen.get_mut(variable) {
            *slot = choice;
        }
    }

    fn chosen(&self, variable: usize) -> Option<Choice<'w>> {
        self.chosen.get(variable).copied().flatten()
    }

    /// The values that a variable can have, those that only the guard speaks of among them.
    fn choices(&self, variable: usize) -> Vec<Choice<'w>> {
        let Some(declared) = self.worlds.variables.get(variable) else { return Vec::new() };
        let mut values: Vec<&'w str> = declared.values.iter().map(String::as_str).collect();
        if declared.open {
            for goal in &self.goals {
                if let Goal::Is(of, value, _) = goal
                    && (*of == variable || declared.compared)
                    && !values.contains(value)
                {
                    values.push(value);
                }
            }
        }
        let other = declared.open.then_some(Choice::Other);
        values.into_iter().map(Choice::Value).chain(other).collect()
    }

    fn is(&self, variable: usize, value: &str) -> Truth {
        match self.chosen(variable) {
            Some(choice) => Truth::from(choice == Choice::Value(value)),
            None => {
                let excluded =
                    self.worlds.variables.get(variable).is_some_and(|declared| {
                        !declared.open && !declared.values.iter().any(|allowed| allowed == value)
                    });
                if excluded { Truth::No } else { Truth::Unknown }
            }
        }
    }

    fn truth(&self, formula: &Formula, known: &mut [Option<Truth>]) -> Truth {
        match formula {
            Formula::Constant(yes) => Truth::from(*yes),
            Formula::Is(variable, value) => self.is(*variable, value),
            Formula::Same(a, b, otherwise) => match (self.chosen(*a), self.chosen(*b)) {
                (Some(Choice::Other), Some(Choice::Other)) => self.is(*otherwise, "true"),
                (Some(a), Some(b)) => Truth::from(a == b),
                (None, _) | (_, None) => Truth::Unknown,
            },
            Formula::Condition(index) => {
                if let Some(truth) = known.get(*index).copied().flatten() {
                    return truth;
                }
                // A condition that is defined by itself stays unknown.
                note(known, *index, Truth::Unknown);
                let Some(definition) = self.worlds.conditions.get(*index) else { return Truth::Unknown };
                let truth = self.truth(definition, known);
                note(known, *index, truth);
                truth
            }
            Formula::Not(inner) => !self.truth(inner, known),
            Formula::All(parts) => parts
                .iter()
                .fold(Truth::Yes, |all, part| if all == Truth::No { all } else { all.and(self.truth(part, known)) }),
            Formula::Any(parts) => parts
                .iter()
                .fold(Truth::No, |any, part| if any == Truth::Yes { any } else { any.or(self.truth(part, known)) }),
        }
    }

    /// A variable without a value on which an undecided formula rests.
    fn open_variable(&self, formula: &Formula, seen: &mut [bool]) -> Option<usize> {
        let open = |variable: usize| self.chosen(variable).is_none().then_some(variable);
        match formula {
            Formula::Constant(_) => None,
            Formula::Is(variable, _) => open(*variable),
            Formula::Same(a, b, otherwise) => open(*a).or(open(*b)).or(open(*otherwise)),
            Formula::Condition(index) => {
                let slot = seen.get_mut(*index)?;
                if std::mem::replace(slot, true) {
                    return None;
                }
                self.open_variable(self.worlds.conditions.get(*index)?, seen)
            }
            Formula::Not(inner) => self.open_variable(inner, seen),
            Formula::All(parts) | Formula::Any(parts) => parts.iter().find_map(|part| self.open_variable(part, seen)),
        }
    }
}

fn note(known: &mut [Option<Truth>], index: usize, truth: Truth) {
    if let Some(slot) = known.get_mut(index) {
        *slot = Some(truth);
    }
}
