//! Names that CloudFormation makes up: a literal name is hardly ever one of them.

use super::{Piece, Symbol, Text};

/// Least number of characters in the random end of a generated name (there are 12 or 13).
const RANDOM_END: usize = 10;

impl Text {
    /// Whether the last names of two texts (behind the last `/` or `:`) exclude that they are equal, since one is generated and the other
    /// is literal and does not have the form `stack-LogicalId-1A2B3C4D5E6F`. Key ids have that form.
    #[must_use]
    pub fn excludes_generated_name(&self, other: &Self) -> bool {
        let excludes = |generated: &Self, literal: &Self| {
            generated.ends_in_generated_name()
                && literal.last_literal_name().is_some_and(|name| !may_be_generated(name))
        };
        excludes(self, other) || excludes(other, self)
    }

    fn ends_in_generated_name(&self) -> bool {
        match self.pieces() {
            [Piece::Symbol(Symbol::Resource(..))] => true,
            [.., Piece::Literal(before), Piece::Symbol(Symbol::Resource(..))] => before.ends_with(['/', ':']),
            _ => false,
        }
    }

    /// The literal text behind the last separator, if there is one before any hole.
    fn last_literal_name(&self) -> Option<&str> {
        match self.pieces() {
            [Piece::Literal(text)] => Some(text.rsplit(['/', ':']).next().unwrap_or(text)),
            [.., Piece::Literal(text)] => text.rsplit_once(['/', ':']).map(|(_, name)| name),
            _ => None,
        }
    }
}

fn may_be_generated(name: &str) -> bool {
    let Some((stem, end)) = name.rsplit_once('-') else { return false };
    !stem.is_empty() && end.len() >= RANDOM_END && end.chars().all(|character| character.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::StackId;

    fn role(name: &Text) -> Text {
        let mut arn = Text::literal("arn:aws:iam::111122223333:role/");
        arn.push(name);
        arn
    }

    #[test]
    fn a_generated_name_is_no_name_that_somebody_chose() {
        let generated = role(&Text::symbol(Symbol::Resource(StackId(0), "Role".to_owned())));
        let is_excluded = |name: &str| generated.excludes_generated_name(&role(&Text::literal(name)));
        assert!(is_excluded("KeyAdministrator") && is_excluded("prod-key-admin") && is_excluded("path/admin"));
        assert!(!is_excluded("app-Role-1A2B3C4D5E6F7"), "that may be what CloudFormation made");
        let id = Text::literal("1234abcd-12ab-34cd-56ef-1234567890ab");
        assert!(!Text::symbol(Symbol::Resource(StackId(0), "Key".to_owned())).excludes_generated_name(&id));
    }
}
