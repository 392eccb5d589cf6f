//! The `Action` or `NotAction` of a statement, and which actions of KMS it comes to.

use super::{Action, ActionPattern, Guarded, Match};
use crate::resolve::{Guard, Truth};
use std::ops::Deref;

/// What a statement says of actions: the list as written, read through `Deref`, with what it covers worked out once. Most statements
/// have nothing to do with most actions; one look at a bit tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Actions {
    /// The actions of KMS that it covers wherever the statement is there.
    certain: u64,
    /// The actions of KMS that it covers in some deployment: all of `certain`, and more where it has holes or guards.
    possible: u64,
    written: Match<ActionPattern>,
}

impl Actions {
    /// The list of a statement that is there under `guard`.
    #[must_use]
    pub fn new(written: Match<ActionPattern>, guard: &Guard) -> Self {
        let (certain, possible) = match &written {
            Match::Only(patterns) => union(patterns, guard),
            Match::AllExcept(patterns) => {
                let (certain, possible) = union(patterns, guard);
                (!possible, !certain)
            }
            Match::Missing => (0, 0),
        };
        Self { certain, possible, written }
    }

    /// Whether it covers an action: unknown where that depends on the deployment.
    #[must_use]
    pub fn cover(&self, action: Action) -> Truth {
        if self.certain & action.bit() != 0 {
            Truth::Yes
        } else if self.possible & action.bit() != 0 {
            Truth::Unknown
        } else {
            Truth::No
        }
    }
}

/// What some pattern certainly matches wherever a guard holds, and what some pattern may match.
fn union(patterns: &[Guarded<ActionPattern>], guard: &Guard) -> (u64, u64) {
    patterns.iter().fold((0, 0), |(certain, possible), pattern| {
        let (yes, maybe) = pattern.value.bits();
        let always = pattern.guard.is_always() || pattern.guard == *guard;
        (certain | if always { yes } else { 0 }, possible | maybe)
    })
}

impl Deref for Actions {
    type Target = Match<ActionPattern>;

    fn deref(&self) -> &Match<ActionPattern> {
        &self.written
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::{Atom, StackId, Symbol, Text};
    use crate::source::{FileId, Span};

    fn pattern(text: Text, guard: &Guard) -> Guarded<ActionPattern> {
        Guarded { guard: guard.clone(), span: Span::new(FileId(0), 0, 0), value: ActionPattern::new(text) }
    }

    fn condition(name: &str) -> Guard {
        Guard::of(Atom::Condition { stack: StackId(0), name: name.to_owned() }, true)
    }

    fn covers(actions: &Actions) -> [Truth; 2] {
        ["kms:Decrypt", "kms:Sign"].map(|name| actions.cover(Action::named(name).unwrap()))
    }

    #[test]
    fn an_element_that_is_there_with_its_statement_is_certain() {
        let (mine, other) = (condition("A"), condition("B"));
        for (guard, expected) in [(&Guard::ALWAYS, Truth::Yes), (&mine, Truth::Yes), (&other, Truth::Unknown)] {
            let list = || vec![pattern(Text::literal("kms:De*"), guard)];
            assert_eq!(covers(&Actions::new(Match::Only(list()), &mine)), [expected, Truth::No]);
            assert_eq!(covers(&Actions::new(Match::AllExcept(list()), &mine)), [!expected, Truth::Yes]);
        }
        assert_eq!(covers(&Actions::new(Match::Missing, &mine)), [Truth::No, Truth::No]);
    }

    #[test]
    fn a_hole_makes_it_possible() {
        let mut text = Text::literal("kms:De");
        text.push(&Text::symbol(Symbol::Parameter(StackId(0), "Rest".into())));
        let list = || vec![pattern(text.clone(), &Guard::ALWAYS)];
        assert_eq!(covers(&Actions::new(Match::Only(list()), &Guard::ALWAYS)), [Truth::Unknown, Truth::No]);
        assert_eq!(covers(&Actions::new(Match::AllExcept(list()), &Guard::ALWAYS)), [Truth::Unknown, Truth::Yes]);
    }
}
