//! Guards: under which conditions and parameter choices something holds.

use super::{StackId, Truth};

/// A choice that a deployment makes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Atom {
    /// A condition of a stack's template.
    Condition {
        /// The stack.
        stack: StackId,
        /// The condition's name.
        name: String,
    },
    /// A parameter of a stack has this value.
    Parameter {
        /// The stack.
        stack: StackId,
        /// The parameter's name.
        name: String,
        /// The value.
        value: String,
        /// Whether that is the parameter's default.
        default: bool,
    },
    /// Of several stacks in view that could provide something to a stack, this one does. Exactly one of the candidates does.
    Provider {
        /// The stack that needs something.
        stack: StackId,
        /// Whether it imports (else it reads outputs by the name of a stack): then it shares account and Region with the provider.
        imports: bool,
        /// Every stack that could provide it, sorted.
        candidates: Vec<StackId>,
        /// The one that does.
        provider: StackId,
        /// That one for people: ``stack `keys` ``.
        label: String,
    },
}

impl Atom {
    /// The stack that makes the choice.
    #[must_use]
    pub fn stack(&self) -> StackId {
        match self {
            Self::Condition { stack, .. } | Self::Parameter { stack, .. } | Self::Provider { stack, .. } => *stack,
        }
    }

    /// Whether both are candidates for the same, and not the same one.
    fn is_beside(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Provider { stack, imports, candidates, provider, .. },
                Self::Provider { stack: its, imports: theirs, candidates: among, provider: taken, .. },
            ) => (stack, imports, candidates) == (its, theirs, among) && provider != taken,
            (Self::Provider { .. } | Self::Condition { .. } | Self::Parameter { .. }, _) => false,
        }
    }

    /// Whether it says that a parameter keeps its default.
    #[must_use]
    pub fn is_default(&self) -> bool {
        matches!(self, Self::Parameter { default: true, .. })
    }
}

/// A conjunction of choices, sorted, each at most once. Empty: always. Most guards are, and every element of every list has one: that takes
/// one word.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guard(Option<Box<Choices>>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Choices(Vec<(Atom, bool)>);

impl Guard {
    /// Holds in every deployment.
    pub const ALWAYS: Self = Self(None);

    /// A single choice.
    #[must_use]
    pub fn of(atom: Atom, holds: bool) -> Self {
        Self::joined(vec![(atom, holds)])
    }

    /// Whether it holds in every deployment.
    #[must_use]
    pub fn is_always(&self) -> bool {
        self.0.is_none()
    }

    fn joined(choices: Vec<(Atom, bool)>) -> Self {
        Self(Some(Box::new(Choices(choices))))
    }

    fn choices(&self) -> &[(Atom, bool)] {
        self.0.as_ref().map_or(&[], |choices| &choices.0)
    }

    /// The choices, sorted.
    pub fn atoms(&self) -> impl Iterator<Item = (&Atom, bool)> {
        self.choices().iter().map(|(atom, holds)| (atom, *holds))
    }

    /// Both guards together; none where they plainly contradict each other: a choice and its opposite, one parameter with two values, several
    /// providers where there is one, or none. Contradictions through the definitions of conditions are [`super::Worlds::feasible`]'s.
    #[must_use]
    pub fn and(&self, other: &Self) -> Option<Self> {
        if other.is_always() {
            return Some(self.clone());
        }
        if self.is_always() {
            return Some(other.clone());
        }
        let mut all = self.choices().to_vec();
        for (atom, holds) in other.choices() {
            match all.binary_search_by(|(known, _)| known.cmp(atom)) {
                Ok(at) if all.get(at).is_some_and(|(_, known)| known != holds) => return None,
                Ok(_) => {}
                Err(at) => all.insert(at, (atom.clone(), *holds)),
            }
        }
        let joined = Self::joined(without_what_follows(all));
        if joined.gives_two_values() || joined.leaves_no_provider() { None } else { Some(joined) }
    }

    /// Whether it says which of several stacks provides something.
    #[must_use]
    pub fn names_a_provider(&self) -> bool {
        self.choices().iter().any(|(atom, _)| matches!(atom, Atom::Provider { .. }))
    }

    /// Guards that exclude each other, one of which holds wherever this one does not.
    #[must_use]
    pub fn otherwise(&self) -> Vec<Self> {
        let mut otherwise = Vec::new();
        let mut so_far = Self::ALWAYS;
        for (atom, holds) in self.atoms() {
            otherwise.extend(so_far.and(&Self::of(atom.clone(), !holds)));
            so_far = so_far.and(&Self::of(atom.clone(), holds)).unwrap_or(so_far);
        }
        otherwise
    }

    /// Whether it holds where the choices are made like this; unknown where one that decides is not made.
    #[must_use]
    pub fn holds(&self, made: impl Fn(&Atom) -> Option<bool>) -> Truth {
        let choice = |(atom, holds): (&Atom, bool)| made(atom).map_or(Truth::Unknown, |is| Truth::from(is == holds));
        self.atoms().map(choice).fold(Truth::Yes, Truth::and)
    }

    /// Whether one parameter is said to have two different values.
    fn gives_two_values(&self) -> bool {
        let values: Vec<_> = self
            .choices()
            .iter()
            .filter_map(|(atom, holds)| match atom {
                Atom::Parameter { stack, name, value, .. } if *holds => Some((stack, name, value)),
                Atom::Parameter { .. } | Atom::Condition { .. } | Atom::Provider { .. } => None,
            })
            .collect();
        values.iter().zip(values.iter().skip(1)).any(|(a, b)| a.0 == b.0 && a.1 == b.1 && a.2 != b.2)
    }

    /// Whether two of several candidates are said to provide the same, or all of them not to.
    fn leaves_no_provider(&self) -> bool {
        let providers: Vec<_> = self
            .choices()
            .iter()
            .filter_map(|(atom, holds)| match atom {
                Atom::Provider { stack, imports, candidates, .. } => Some(((stack, imports, candidates), *holds)),
                Atom::Parameter { .. } | Atom::Condition { .. } => None,
            })
            .collect();
        providers.chunk_by(|a, b| a.0 == b.0).any(|choice| {
            let taken = choice.iter().filter(|(_, holds)| *holds).count();
            let all = choice.first().map_or(0, |((_, _, candidates), _)| candidates.len());
            taken > 1 || (taken == 0 && choice.len() == all)
        })
    }
}

/// The choices without those that say who is not the provider where another one says who is.
fn without_what_follows(mut choices: Vec<(Atom, bool)>) -> Vec<(Atom, bool)> {
    let taken: Vec<Atom> = choices
        .iter()
        .filter(|(atom, holds)| *holds && matches!(atom, Atom::Provider { .. }))
        .map(|(atom, _)| atom.clone())
        .collect();
    if !taken.is_empty() {
        choices.retain(|(atom, holds)| *holds || !taken.iter().any(|taken| atom.is_beside(taken)));
    }
    choices
}

impl std::fmt::Display for Guard {
    /// For people: ``IsProd is true and Env is `test` ``.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_always() {
            return f.write_str("always");
        }
        for (index, (atom, holds)) in self.atoms().enumerate() {
            if index > 0 {
                f.write_str(" and ")?;
            }
            match atom {
                Atom::Condition { name, .. } => write!(f, "{name} is {holds}")?,
                Atom::Parameter { name, value, .. } if holds => write!(f, "{name} is `{value}`")?,
                Atom::Parameter { name, value, .. } => write!(f, "{name} is not `{value}`")?,
                Atom::Provider { label, .. } if holds => write!(f, "{label} provides it")?,
                Atom::Provider { label, .. } => write!(f, "{label} does not provide it")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(name: &str, holds: bool) -> Guard {
        Guard::of(Atom::Condition { stack: StackId(0), name: name.to_owned() }, holds)
    }

    fn parameter(value: &str, holds: bool) -> Guard {
        let (stack, name, value) = (StackId(0), "Env".to_owned(), value.to_owned());
        Guard::of(Atom::Parameter { stack, name, value, default: false }, holds)
    }

    #[test]
    fn a_choice_and_its_opposite_exclude_each_other() {
        assert_eq!(condition("A", true).and(&condition("A", false)), None);
        assert_eq!(condition("A", true).and(&condition("A", true)), Some(condition("A", true)));
        assert_eq!(parameter("a", true).and(&parameter("b", true)), None);
        assert!(parameter("a", true).and(&parameter("b", false)).is_some());
        assert!(parameter("a", false).and(&parameter("b", false)).is_some());
    }

    fn provider(which: u32, holds: bool) -> Guard {
        let (stack, candidates, provider) = (StackId(0), vec![StackId(1), StackId(2)], StackId(which));
        Guard::of(
            Atom::Provider { stack, imports: true, candidates, provider, label: format!("stack `{which}`") },
            holds,
        )
    }

    #[test]
    fn exactly_one_of_the_candidates_is_the_provider() {
        assert_eq!(provider(1, true).and(&provider(2, true)), None);
        assert_eq!(provider(1, false).and(&provider(2, false)), None);
        assert_eq!(provider(1, false).and(&provider(2, true)), Some(provider(2, true)), "the other one follows");
    }

    #[test]
    fn where_a_guard_does_not_hold_one_of_the_others_does() {
        let both = condition("A", true).and(&condition("B", false)).unwrap();
        let others = [condition("A", false), condition("A", true).and(&condition("B", true)).unwrap()];
        assert_eq!(both.otherwise(), others);
        assert_eq!(Guard::ALWAYS.otherwise(), []);
    }

    #[test]
    fn a_guard_reads_as_a_sentence() {
        let guard =
            parameter("test", true).and(&condition("IsProd", false)).unwrap().and(&parameter("x", false)).unwrap();
        assert_eq!(guard.to_string(), "IsProd is false and Env is `test` and Env is not `x`");
        assert_eq!(Guard::ALWAYS.to_string(), "always");
    }

    #[test]
    fn a_guard_holds_where_all_its_choices_are_made() {
        let guard = condition("A", true).and(&condition("B", false)).unwrap();
        let made = |a: Option<bool>, b: Option<bool>| {
            guard.holds(|atom| if matches!(atom, Atom::Condition { name, .. } if name == "A") { a } else { b })
        };
        assert_eq!(made(Some(true), Some(false)), Truth::Yes);
        assert_eq!(made(Some(true), None), Truth::Unknown);
        assert_eq!(made(None, Some(true)), Truth::No);
    }
}
