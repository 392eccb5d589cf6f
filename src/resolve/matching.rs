//! Matching text with holes, in three values.
//!
//! Yes: whatever the symbols stand for, the text matches. No: whatever they stand for (within what their kind admits), it does not. Literal
//! text against a literal pattern is always decided.

use super::{Piece, Symbol, Text, Truth};

/// A character, or a part of a symbol. A symbol of unknown length that is never empty is its first character and the rest.
#[derive(Clone, Copy, PartialEq)]
enum Token<'t> {
    Char(char),
    /// One of the 12 digits of an account.
    Digit(&'t Symbol, u8),
    /// The first character of a symbol.
    First(&'t Symbol),
    /// What follows the first character.
    Rest(&'t Symbol),
    /// A symbol that may be empty.
    Whole(&'t Symbol),
    /// `?` of a pattern.
    Any,
    /// `*` of a pattern.
    Star,
}

/// How characters compare.
#[derive(Clone, Copy, PartialEq)]
enum Case {
    Sensitive,
    Ignored,
}

impl Case {
    fn same(self, a: char, b: char) -> bool {
        a == b || (self == Self::Ignored && a.to_lowercase().eq(b.to_lowercase()))
    }
}

impl Text {
    /// Whether this text matches a pattern, in whose literal text `*` stands for any characters and `?` for one.
    #[must_use]
    pub fn matches(&self, pattern: &Self) -> Truth {
        self.compared(pattern, true, Case::Sensitive)
    }

    /// [`Text::matches`], upper and lower case being the same.
    #[must_use]
    pub fn matches_ignoring_case(&self, pattern: &Self) -> Truth {
        self.compared(pattern, true, Case::Ignored)
    }

    /// Whether both are the same text in every deployment.
    #[must_use]
    pub fn equals(&self, other: &Self) -> Truth {
        self.compared(other, false, Case::Sensitive)
    }

    /// [`Text::equals`], upper and lower case being the same.
    #[must_use]
    pub fn equals_ignoring_case(&self, other: &Self) -> Truth {
        self.compared(other, false, Case::Ignored)
    }

    fn compared(&self, pattern: &Self, wildcards: bool, case: Case) -> Truth {
        if wildcards && pattern.as_literal() == Some("*") {
            return Truth::Yes;
        }
        if let (Some(text), Some(pattern)) = (self.as_literal(), pattern.as_literal())
            && text.is_ascii()
            && pattern.is_ascii()
        {
            let same = |a: u8, b: u8| a == b || (case == Case::Ignored && a.eq_ignore_ascii_case(&b));
            return Truth::from(literal_matches(text.as_bytes(), pattern.as_bytes(), wildcards, same));
        }
        if !wildcards && self == pattern {
            return Truth::Yes;
        }
        let (written, expected) = (tokens(self, false), tokens(pattern, wildcards));
        let Some((text, rest)) = without_equal_ends(&written, &expected, case) else { return Truth::No };
        let pair = Pair { text, pattern: rest, case };
        if pair.certain() {
            Truth::Yes
        } else if pair.possible() && (wildcards || !self.excludes_generated_name(pattern)) {
            Truth::Unknown
        } else {
            Truth::No
        }
    }
}

/// Bytes against a pattern: on a mismatch the last `*` takes one byte more.
fn literal_matches(text: &[u8], pattern: &[u8], wildcards: bool, same: impl Fn(u8, u8) -> bool) -> bool {
    let (mut at, mut of) = (0, 0);
    let mut retry = None;
    while let Some(byte) = text.get(at) {
        match pattern.get(of) {
            Some(b'*') if wildcards => {
                retry = Some((at, of + 1));
                of += 1;
                continue;
            }
            Some(expected) if same(*byte, *expected) || (wildcards && *expected == b'?') => {
                at += 1;
                of += 1;
                continue;
            }
            Some(_) | None => {}
        }
        let Some((from, after)) = retry else { return false };
        retry = Some((from + 1, after));
        at = from + 1;
        of = after;
    }
    pattern.iter().skip(of).all(|byte| wildcards && *byte == b'*')
}

fn tokens(text: &Text, wildcards: bool) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for piece in text.pieces() {
        match piece {
            Piece::Literal(literal) => tokens.extend(literal.chars().map(|character| match character {
                '*' if wildcards => Token::Star,
                '?' if wildcards => Token::Any,
                _ => Token::Char(character),
            })),
            Piece::Symbol(symbol @ Symbol::Account(_)) => tokens.extend((0..12).map(|at| Token::Digit(symbol, at))),
            Piece::Symbol(symbol) if symbol.may_be_empty() => tokens.push(Token::Whole(symbol)),
            Piece::Symbol(symbol) => tokens.extend([Token::First(symbol), Token::Rest(symbol)]),
        }
    }
    tokens
}

type Tokens<'s, 't> = &'s [Token<'t>];

/// Both without what is equal at their beginnings and ends; none where one character there excludes a match.
fn without_equal_ends<'s, 't>(
    mut text: Tokens<'s, 't>,
    mut pattern: Tokens<'s, 't>,
    case: Case,
) -> Option<(Tokens<'s, 't>, Tokens<'s, 't>)> {
    while let (Some((a, text_rest)), Some((b, pattern_rest))) = (text.split_first(), pattern.split_first()) {
        match end_of(*a, *b, case) {
            Truth::Yes => (text, pattern) = (text_rest, pattern_rest),
            Truth::No => return None,
            Truth::Unknown => break,
        }
    }
    while let (Some((a, text_rest)), Some((b, pattern_rest))) = (text.split_last(), pattern.split_last()) {
        match end_of(*a, *b, case) {
            Truth::Yes => (text, pattern) = (text_rest, pattern_rest),
            Truth::No => return None,
            Truth::Unknown => break,
        }
    }
    Some((text, pattern))
}

/// Whether two tokens at the same end are the same.
fn end_of(a: Token<'_>, b: Token<'_>, case: Case) -> Truth {
    match (a, b) {
        (Token::Char(a), Token::Char(b)) => Truth::from(case.same(a, b)),
        // Tokens of one symbol always stand side by side, so where its rest meets itself its first character has met itself too.
        (a, b) if a == b && b != Token::Star => Truth::Yes,
        (Token::Char(_) | Token::Digit(..) | Token::First(_), Token::Any) => Truth::Yes,
        _ => Truth::Unknown,
    }
}

/// A text and a pattern that differ at both ends.
struct Pair<'s, 't> {
    text: Tokens<'s, 't>,
    pattern: Tokens<'s, 't>,
    case: Case,
}

/// Which pairs of a position in the text and one in the pattern have been reached.
struct Reached {
    width: usize,
    cells: Vec<bool>,
}

impl Reached {
    fn mark(&mut self, at: usize, of: usize) {
        if of < self.width
            && let Some(cell) = self.cells.get_mut(at * self.width + of)
        {
            *cell = true;
        }
    }

    fn has(&self, at: usize, of: usize) -> bool {
        self.cells.get(at * self.width + of).copied().unwrap_or(false)
    }
}

impl<'t> Pair<'_, 't> {
    /// Whether the ends are reached when every reached pair takes its steps.
    fn reaches_ends(&self, step: impl Fn(usize, usize, &mut Reached)) -> bool {
        let width = self.pattern.len() + 1;
        let mut reached = Reached { width, cells: vec![false; (self.text.len() + 1) * width] };
        reached.mark(0, 0);
        for at in 0..=self.text.len() {
            for of in 0..=self.pattern.len() {
                if reached.has(at, of) {
                    step(at, of, &mut reached);
                }
            }
        }
        reached.has(self.text.len(), self.pattern.len())
    }

    /// Whether some way of matching holds whatever the symbols stand for.
    fn certain(&self) -> bool {
        self.reaches_ends(|at, of, reached| {
            let (token, pattern) = (self.text.get(at), self.pattern.get(of));
            if pattern == Some(&Token::Star) {
                reached.mark(at, of + 1);
                if token.is_some() {
                    reached.mark(at + 1, of);
                }
            }
            let (Some(token), Some(pattern)) = (token, pattern) else { return };
            if end_of(*token, *pattern, self.case) == Truth::Yes {
                reached.mark(at + 1, of + 1);
            }
        })
    }

    /// Whether some way of matching holds for something the symbols may stand for; too many are admitted rather than too few.
    fn possible(&self) -> bool {
        self.reaches_ends(|at, of, reached| {
            let (token, pattern) = (self.text.get(at).copied(), self.pattern.get(of).copied());
            if token.is_some_and(is_any_length) {
                reached.mark(at + 1, of);
            }
            if pattern.is_some_and(is_any_length) {
                reached.mark(at, of + 1);
            }
            let (Some(token), Some(pattern)) = (token, pattern) else { return };
            if !self.may_meet(token, pattern) {
                return;
            }
            if let (Token::First(a), Token::First(b)) = (token, pattern)
                && a.is_never(b)
            {
                self.step_over_different(at, of, reached);
                return;
            }
            match (is_any_length(token), is_any_length(pattern)) {
                (false, false) => reached.mark(at + 1, of + 1),
                (true, false) => reached.mark(at, of + 1),
                (false, true) => reached.mark(at + 1, of),
                (true, true) => {}
            }
        })
    }

    /// Two symbols that are never equal begin together: one of them has to take in something of what follows the other.
    fn step_over_different(&self, at: usize, of: usize, reached: &mut Reached) {
        let (rest, pattern_rest) = (self.text.get(at + 1).copied(), self.pattern.get(of + 1).copied());
        if let (Some(next), Some(rest)) = (self.text.get(at + 2), pattern_rest)
            && self.may_meet(*next, rest)
        {
            reached.mark(at + 2 + usize::from(!is_any_length(*next)), of + 1);
        }
        if let (Some(next), Some(rest)) = (self.pattern.get(of + 2), rest)
            && self.may_meet(rest, *next)
        {
            reached.mark(at + 1, of + 2 + usize::from(!is_any_length(*next)));
        }
    }

    /// Whether two tokens may have a character in common.
    fn may_meet(&self, token: Token<'t>, pattern: Token<'t>) -> bool {
        let holds = |symbol: &Symbol, character: char| {
            symbol.may_contain(character)
                || (self.case == Case::Ignored
                    && character.to_lowercase().chain(character.to_uppercase()).any(|other| symbol.may_contain(other)))
        };
        match (token, pattern) {
            (Token::Char(a), Token::Char(b)) => self.case.same(a, b),
            (Token::Char(character), other) | (other, Token::Char(character)) => {
                symbol_of(other).is_none_or(|symbol| holds(symbol, character))
            }
            _ => true,
        }
    }
}

fn is_any_length(token: Token<'_>) -> bool {
    matches!(token, Token::Rest(_) | Token::Whole(_) | Token::Star)
}

fn symbol_of<'t>(token: Token<'t>) -> Option<&'t Symbol> {
    match token {
        Token::Digit(symbol, _) | Token::First(symbol) | Token::Rest(symbol) | Token::Whole(symbol) => Some(symbol),
        Token::Char(_) | Token::Any | Token::Star => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::StackId;
    use super::*;

    const STACK: StackId = StackId(0);

    /// Text in which `A` is an account, `R` a Region, `K` and `L` are two resources, `P` is a parameter.
    fn text(written: &str) -> Text {
        let mut text = Text::default();
        for part in written.split_inclusive(|_| true) {
            let symbol = match part {
                "A" => Symbol::Account(STACK),
                "R" => Symbol::Region(STACK),
                "K" | "L" => Symbol::Resource(STACK, part.to_owned()),
                "P" => Symbol::Parameter(STACK, part.to_owned()),
                _ => {
                    text.push_str(part);
                    continue;
                }
            };
            text.push(&Text::symbol(symbol));
        }
        text
    }

    #[test]
    fn literal_text_is_always_decided() {
        let rows = [
            ("kms:decrypt", "kms:*", true),
            ("kms:decrypt", "*", true),
            ("kms:decrypt", "kms:de??ypt", true),
            ("kms:decrypt", "kms:*t*", true),
            ("kms:decrypt", "*:decryp", false),
            ("kms:decrypt", "kms:decrypt?", false),
            ("", "*", true),
            ("", "?", false),
            ("", "", true),
            ("aab", "a*ab", true),
            ("abab", "*ab", true),
            ("ab", "ab**", true),
            ("é", "?", true),
            ("éé", "?", false),
            ("xéy", "x*y", true),
        ];
        for (value, pattern, expected) in rows {
            assert_eq!(text(value).matches(&text(pattern)), Truth::from(expected), "{value} {pattern}");
        }
    }

    #[test]
    fn case_counts_unless_it_is_ignored() {
        assert_eq!(text("kms:decrypt").matches(&Text::literal("KMS:Dec*")), Truth::No);
        assert_eq!(text("kms:decrypt").matches_ignoring_case(&Text::literal("KMS:Dec*")), Truth::Yes);
        assert_eq!(Text::literal("É").equals_ignoring_case(&Text::literal("é")), Truth::Yes);
        assert_eq!(text("x").equals_ignoring_case(&Text::literal("X")), Truth::Yes);
    }

    #[test]
    fn wildcards_are_plain_characters_where_texts_are_compared() {
        assert_eq!(text("a*").equals(&text("ab")), Truth::No);
        assert_eq!(text("a*").equals(&text("a*")), Truth::Yes);
        assert_eq!(text("aK").equals(&text("a*")), Truth::No);
    }

    #[test]
    fn holes_match_what_holds_for_all_they_may_be() {
        use Truth::{No, Unknown, Yes};
        let rows = [
            ("arn:R:A:key/K", "arn:R:A:key/K", Yes),
            ("arn:R:A:key/K", "arn:R:A:key/*", Yes),
            ("arn:R:A:key/K", "arn:*:key/K", Yes),
            ("arn:R:A:key/K", "arn:*:alias/*", No),
            ("arn:R:A:key/K", "arn:R:A:key/L", No),
            ("arn:R:A:key/K", "arn:*:*:key/L", No),
            ("arn:R:A:key/Kx", "arn:R:A:key/L", Unknown),
            ("arn:R:A:key/K", "arn:R:A:key/", No),
            ("arn:R:A:key/K", "arn:R:A:key/1234-abcd", Unknown),
            ("arn:R:A:key/K", "arn:R:A:key/a/b", No),
            ("arn:R:A:key/K", "arn:eu-west-1:*", Unknown),
            ("arn:R:A:key/K", "arn:eu:west:1:A:key/K", No),
            ("A", "????????????", Yes),
            ("A", "???????????", No),
            ("A", "111122223333", Unknown),
            ("A", "11112222333", No),
            ("A", "11112222333x", No),
            ("P", "*", Yes),
            ("P", "?*", Unknown),
            ("K", "?*", Yes),
            ("P", "", Unknown),
            ("K", "", No),
            ("xP", "x*", Yes),
            ("xP", "y*", No),
            ("xPz", "*y", No),
            ("PP", "P*", Yes),
            ("K:K", "K:*", Yes),
            ("A", "P", Unknown),
            ("x", "P", Unknown),
            ("x:y", "K", No),
            ("K", "P*", Unknown),
        ];
        for (value, pattern, expected) in rows {
            assert_eq!(text(value).matches(&text(pattern)), expected, "{value} {pattern}");
        }
    }
}
