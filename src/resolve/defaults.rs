//! Parameters as they would be: at their defaults, at each of their allowed values.

use super::{Atom, Guard, Piece, Scope, Symbol, Text};
use crate::template::Parameter;

/// More texts than this are not told apart.
const MAX_TEXTS: usize = 64;

impl Scope<'_> {
    /// The text while every parameter of this stack in it keeps its default, and the guard that says so. None where one has no default.
    /// Parameters of other stacks stay symbols.
    #[must_use]
    pub fn with_defaults(&self, text: &Text) -> Option<(Guard, Text)> {
        let mut guard = Guard::ALWAYS;
        let mut filled = Text::default();
        for piece in text.pieces() {
            match self.own_parameter(piece) {
                Some(parameter) => {
                    let default = parameter.default.as_ref()?;
                    guard = guard.and(&self.choice(parameter, &default.value))?;
                    filled.push_str(&default.value);
                }
                None => filled.push_piece(piece),
            }
        }
        Some((guard, filled.with_dynamic_references()))
    }

    /// The text for each allowed value of the parameters of this stack in it. Parameters without a list of allowed values, and those of
    /// other stacks, stay symbols; so do all where there would be too many texts.
    #[must_use]
    pub fn over_allowed_values(&self, text: &Text) -> Vec<(Guard, Text)> {
        let mut texts = vec![(Guard::ALWAYS, Text::default())];
        for piece in text.pieces() {
            let parameter = self.own_parameter(piece).filter(|parameter| !parameter.allowed_values.is_empty());
            let Some(parameter) = parameter else {
                texts.iter_mut().for_each(|(_, text)| text.push_piece(piece));
                continue;
            };
            let mut longer = Vec::new();
            for (guard, text) in &texts {
                for value in &parameter.allowed_values {
                    let Some(both) = guard.and(&self.choice(parameter, &value.value)) else { continue };
                    let mut text = text.clone();
                    text.push_str(&value.value);
                    longer.push((both, text));
                }
            }
            if longer.len() > MAX_TEXTS {
                return vec![(Guard::ALWAYS, text.clone())];
            }
            texts = longer;
        }
        texts.retain(|(guard, _)| self.worlds.feasible(guard));
        texts
    }

    fn own_parameter(&self, piece: &Piece) -> Option<&Parameter> {
        match piece {
            Piece::Symbol(Symbol::Parameter(stack, name)) if *stack == self.stack => self.template.parameter(name),
            Piece::Symbol(_) | Piece::Literal(_) => None,
        }
    }

    fn choice(&self, parameter: &Parameter, value: &str) -> Guard {
        let default = parameter.default.as_ref().is_some_and(|default| default.value == value);
        let name = parameter.name.value.clone();
        Guard::of(Atom::Parameter { stack: self.stack, name, value: value.to_owned(), default }, true)
    }
}
