//! Guards: under which conditions and parameter choices something holds.

use super::StackId;

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

/// A conjunction of choices, sorted, each at most once. Empty: always.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guard(Vec<(Atom, bool)>);

impl Guard {
    /// Holds in every deployment.
    pub const ALWAYS: Self = Self(Vec::new());

    /// A single choice.
    #[must_use]
    pub fn of(atom: Atom, holds: bool) -> Self {
        Self(vec![(atom, holds)])
    }

    /// Whether it holds in every deployment.
    #[must_use]
    pub fn is_always(&self) -> bool {
        self.0.is_empty()
    }

    /// The choices, sorted.
    pub fn atoms(&self) -> impl Iterator<Item = (&Atom, bool)> {
        self.0.iter().map(|(atom, holds)| (atom, *holds))
    }

    /// Both guards together; none where they plainly contradict each other: a choice and its opposite, or one parameter with two values.
    /// Contradictions through the definitions of conditions are [`super::Worlds::feasible`]'s.
    #[must_use]
    pub fn and(&self, other: &Self) -> Option<Self> {
        if other.is_always() {
            return Some(self.clone());
        }
        let mut all = self.0.clone();
        for (atom, holds) in &other.0 {
            match all.binary_search_by(|(known, _)| known.cmp(atom)) {
                Ok(at) if all.get(at).is_some_and(|(_, known)| known != holds) => return None,
                Ok(_) => {}
                Err(at) => all.insert(at, (atom.clone(), *holds)),
            }
        }
        let joined = Self(all);
        if joined.gives_two_values() { None } else { Some(joined) }
    }

    /// Whether one parameter is said to have two different values.
    fn gives_two_values(&self) -> bool {
        let values: Vec<_> = self
            .0
            .iter()
            .filter_map(|(atom, holds)| match atom {
                Atom::Parameter { stack, name, value, .. } if *holds => Some((stack, name, value)),
                Atom::Parameter { .. } | Atom::Condition { .. } => None,
            })
            .collect();
        values.iter().zip(values.iter().skip(1)).any(|(a, b)| a.0 == b.0 && a.1 == b.1 && a.2 != b.2)
    }
}
