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
}

impl Atom {
    /// The stack that makes the choice.
    #[must_use]
    pub fn stack(&self) -> StackId {
        match self {
            Self::Condition { stack, .. } | Self::Parameter { stack, .. } => *stack,
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

    /// Both guards together; none where they plainly contradict each other: a choice and its opposite, or one parameter with two values.
    /// Contradictions through the definitions of conditions are [`super::Worlds::feasible`]'s.
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
        let joined = Self::joined(all);
        if joined.gives_two_values() { None } else { Some(joined) }
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
                Atom::Parameter { .. } | Atom::Condition { .. } => None,
            })
            .collect();
        values.iter().zip(values.iter().skip(1)).any(|(a, b)| a.0 == b.0 && a.1 == b.1 && a.2 != b.2)
    }
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
