//! Comparing texts with holes or variables: as sequences of characters, wildcards and holes.

use super::{Comparison, ContextValue, Request};
use crate::resolve::{Piece, Symbol, Text, Truth};
use smallvec::SmallVec;

/// A unit of a pattern or a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'t> {
    /// A character.
    Char(char),
    /// `?`.
    One,
    /// `*`.
    Any,
    /// A hole.
    Hole(&'t Symbol),
    /// Text of which nothing is known, not even its identity.
    Anything,
}

/// The tokens of a text without variables; `wild` says whether `*` and `?` are wildcards.
pub(super) fn plain(text: &Text, wild: bool) -> Vec<Token<'_>> {
    let mut tokens = Vec::with_capacity(length(text));
    for piece in text.pieces() {
        match piece {
            Piece::Literal(literal) => push_literal(&mut tokens, literal, wild),
            Piece::Symbol(symbol) => tokens.push(Token::Hole(symbol)),
        }
    }
    tokens
}

/// About how many tokens a text has.
fn length(text: &Text) -> usize {
    let lengths = text.pieces().iter().map(|piece| match piece {
        Piece::Literal(literal) => literal.len(),
        Piece::Symbol(_) => 1,
    });
    lengths.sum()
}

fn push_literal(tokens: &mut Vec<Token<'_>>, literal: &str, wild: bool) {
    tokens.extend(literal.chars().map(|character| match character {
        '*' if wild => Token::Any,
        '?' if wild => Token::One,
        _ => Token::Char(character),
    }));
}

/// The tokens of a pattern with its variables filled in from a request; none where one of them has no value.
pub(super) fn expand<'t>(text: &'t Text, wild: bool, request: &Request<'t>) -> Option<Vec<Token<'t>>> {
    let mut tokens = Vec::with_capacity(length(text) + 32);
    for (index, piece) in text.pieces().iter().enumerate() {
        let mut rest = match piece {
            Piece::Literal(literal) => literal.as_str(),
            Piece::Symbol(symbol) => {
                tokens.push(Token::Hole(symbol));
                continue;
            }
        };
        while let Some((before, after)) = rest.split_once("${") {
            push_literal(&mut tokens, before, wild);
            let Some((inner, behind)) = after.split_once('}') else {
                // A hole inside a variable hides the rest.
                let last = index + 1 == text.pieces().len();
                if !last {
                    tokens.push(Token::Anything);
                    return Some(tokens);
                }
                push_literal(&mut tokens, "${", wild);
                rest = after;
                continue;
            };
            push_variable(&mut tokens, inner, wild, request)?;
            rest = behind;
        }
        push_literal(&mut tokens, rest, wild);
    }
    Some(tokens)
}

/// Appends what stands for the inside of `${…}`; none where that is nothing.
fn push_variable<'t>(tokens: &mut Vec<Token<'t>>, inner: &'t str, wild: bool, request: &Request<'t>) -> Option<()> {
    if let "*" | "?" | "$" = inner {
        tokens.extend(inner.chars().map(Token::Char));
        return Some(());
    }
    let (name, default) = match inner.split_once(',') {
        Some((name, default)) => (name, Some(default.trim().trim_matches('\''))),
        None => (inner, None),
    };
    match (super::variable(name, request), default) {
        (ContextValue::One(value), _) => push_value(tokens, value, wild),
        (ContextValue::Many(values), _) if values.len() == 1 => push_value(tokens, values.first()?, wild),
        (ContextValue::Absent, Some(default)) => tokens.extend(default.chars().map(Token::Char)),
        (ContextValue::Absent, None) => return None,
        (ContextValue::Many(_) | ContextValue::IfPresent(_) | ContextValue::Present | ContextValue::Unknown, _) => {
            tokens.push(Token::Anything);
        }
    }
    Some(())
}

/// Appends the value of a variable. Whether a `*` in it is a wildcard is nowhere said.
fn push_value<'t>(tokens: &mut Vec<Token<'t>>, value: &'t Text, wild: bool) {
    let unclear =
        wild && value.pieces().iter().any(|piece| matches!(piece, Piece::Literal(l) if l.contains(['*', '?'])));
    if unclear {
        tokens.push(Token::Anything);
    } else {
        tokens.extend(plain(value, false));
    }
}

/// Whether a pattern matches a value, whatever its holes stand for.
pub(super) fn compare(pattern: &[Token<'_>], value: &Text, comparison: Comparison) -> Truth {
    let value = plain(value, false);
    if comparison == Comparison::Arn {
        return arn(pattern, &value);
    }
    let (pattern, value) = without_own_partition(pattern, &value);
    whole(pattern, value, comparison == Comparison::EqualIgnoringCase)
}

/// What is left to compare of two ARNs as text, where they begin with the same partition.
fn without_own_partition<'a, 't>(
    pattern: &'a [Token<'t>],
    value: &'a [Token<'t>],
) -> (&'a [Token<'t>], &'a [Token<'t>]) {
    let head = |tokens: &'a [Token<'t>]| {
        let mut parts = tokens.splitn(3, |token| *token == Token::Char(':'));
        let is_arn = parts.next().is_some_and(|first| first.iter().eq(&['a', 'r', 'n'].map(Token::Char)));
        if is_arn { parts.next().zip(parts.next()) } else { None }
    };
    match (head(pattern), head(value)) {
        (Some((partition, rest)), Some((other, other_rest))) if is_own_partition(partition, other) => {
            (rest, other_rest)
        }
        _ => (pattern, value),
    }
}

/// Whether two names are the same text; ARNs are compared part by part.
pub(super) fn same(a: &Text, b: &Text) -> Truth {
    arn(&plain(a, false), &plain(b, false))
}

fn whole(pattern: &[Token<'_>], value: &[Token<'_>], fold: bool) -> Truth {
    if must_match(pattern, value, fold) {
        Truth::Yes
    } else if can_match(pattern, value, fold) && !end_in_different_ids(pattern, value) {
        Truth::Unknown
    } else {
        Truth::No
    }
}

/// Whether both are the same characters with the generated ids of different resources behind them.
fn end_in_different_ids(pattern: &[Token<'_>], value: &[Token<'_>]) -> bool {
    match (pattern.split_last(), value.split_last()) {
        (Some((Token::Hole(a), before)), Some((Token::Hole(b), behind))) => {
            let are_characters = before.iter().all(|token| matches!(token, Token::Char(_)));
            are_characters && before == behind && a.is_never(b)
        }
        _ => false,
    }
}

/// The parts of an ARN: at most six. A hole is taken to lie inside its part.
pub(super) fn arn_parts<'a, 't>(tokens: &'a [Token<'t>]) -> SmallVec<[&'a [Token<'t>]; 6]> {
    tokens.splitn(6, |token| *token == Token::Char(':')).collect()
}

/// The text of tokens without wildcards.
pub(super) fn text(tokens: &[Token<'_>]) -> Text {
    let mut text = Text::default();
    let mut buffer = [0; 4];
    for token in tokens {
        match token {
            Token::Char(character) => text.push_str(character.encode_utf8(&mut buffer)),
            Token::Hole(symbol) => text.push(&Text::symbol((*symbol).clone())),
            Token::One | Token::Any | Token::Anything => {}
        }
    }
    text
}

fn arn(pattern: &[Token<'_>], value: &[Token<'_>]) -> Truth {
    let is_stars = |part: &[Token<'_>]| !part.is_empty() && part.iter().all(|token| *token == Token::Any);
    if is_stars(pattern) {
        return Truth::Yes;
    }
    let (parts, values) = (arn_parts(pattern), arn_parts(value));
    let open_end = parts.len() < 6 && parts.last().is_some_and(|part| is_stars(part));
    if values.len() < 6 || (parts.len() < 6 && !open_end) {
        return short(pattern, value);
    }
    let compared = if open_end { parts.len() - 1 } else { 6 };
    let pairs = parts.iter().zip(&values).take(compared).enumerate();
    pairs.fold(Truth::Yes, |all, (index, (part, value))| {
        if all == Truth::No || (index == 1 && is_own_partition(part, value)) {
            all
        } else {
            all.and(whole(part, value, false))
        }
    })
}

/// Compares what has too few colons for an ARN: holes may hide them, or it is none.
fn short(pattern: &[Token<'_>], value: &[Token<'_>]) -> Truth {
    let hidden = |tokens: &[Token<'_>]| tokens.iter().any(|token| matches!(token, Token::Hole(_) | Token::Anything));
    if hidden(pattern) || hidden(value) {
        return whole(pattern, value, false);
    }
    // Plain names such as account ids are compared as they are; an ARN pattern never matches one.
    Truth::from(pattern == value)
}

/// Whether a partition that is not known meets a written one: who writes `arn:aws:` deploys there, as nothing else could work.
fn is_own_partition(a: &[Token<'_>], b: &[Token<'_>]) -> bool {
    let unknown = |part: &[Token<'_>]| matches!(part, [Token::Hole(Symbol::Partition(_))]);
    let written = |part: &[Token<'_>]| {
        let name: String = part.iter().filter_map(|t| if let Token::Char(c) = t { Some(*c) } else { None }).collect();
        name.len() == part.len() && name.starts_with("aws")
    };
    (unknown(a) && (written(b) || unknown(b))) || (unknown(b) && written(a))
}

fn equal(a: char, b: char, fold: bool) -> bool {
    a == b || (fold && a.to_lowercase().eq(b.to_lowercase()))
}

/// Whether the pattern matches for every text that the holes can stand for.
fn must_match(pattern: &[Token<'_>], value: &[Token<'_>], fold: bool) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(at), value.get(from)) {
            (Some(Token::Any), _) => {
                at += 1;
                retry = Some((at, from));
                continue;
            }
            (None, None) => return true,
            (Some(expected), Some(found)) if surely(expected, found, fold) => {
                at += 1;
                from += 1;
                continue;
            }
            _ => {}
        }
        let Some((after_star, start)) = retry else { return false };
        if start >= value.len() {
            return false;
        }
        (at, from) = (after_star, start + 1);
        retry = Some((at, from));
    }
}

fn surely(expected: &Token<'_>, found: &Token<'_>, fold: bool) -> bool {
    match (expected, found) {
        (Token::Char(a), Token::Char(b)) => equal(*a, *b, fold),
        (Token::One, Token::Char(_)) => true,
        (Token::Hole(a), Token::Hole(b)) => a == b,
        _ => false,
    }
}

/// Whether the pattern matches for some text that the holes can stand for.
fn can_match(pattern: &[Token<'_>], value: &[Token<'_>], fold: bool) -> bool {
    // For each place in the value: whether the rest of the pattern can match from there. From the end of the pattern on.
    let mut rest: Vec<bool> = vec![false; value.len() + 1];
    for from in (0..=value.len()).rev() {
        let ends = from == value.len() || (matches!(value.get(from), Some(Token::Hole(_))) && at(&rest, from + 1));
        set(&mut rest, from, ends);
    }
    for token in pattern.iter().rev() {
        let mut next = vec![false; value.len() + 1];
        for from in (0..=value.len()).rev() {
            let possible =
                can_step(token, value.get(from), fold, (at(&rest, from), at(&rest, from + 1), at(&next, from + 1)));
            set(&mut next, from, possible);
        }
        rest = next;
    }
    at(&rest, 0)
}

fn at(answers: &[bool], index: usize) -> bool {
    answers.get(index).copied().unwrap_or(false)
}

fn set(answers: &mut [bool], index: usize, answer: bool) {
    if let Some(place) = answers.get_mut(index) {
        *place = answer;
    }
}

/// Whether a token and what follows it can match from a place of the value. The answers are those for: the next token here, the next
/// token one further, this token one further.
fn can_step(token: &Token<'_>, found: Option<&Token<'_>>, fold: bool, answers: (bool, bool, bool)) -> bool {
    let (next_here, next_after, same_after) = answers;
    let holds = |symbol: &Symbol, character: char| {
        symbol.may_contain(character)
            || (fold
                && (symbol.may_contain(character.to_ascii_lowercase())
                    || symbol.may_contain(character.to_ascii_uppercase())))
    };
    match (token, found) {
        (Token::Any | Token::Anything, Some(_)) => next_here || same_after,
        (Token::Any | Token::Anything | Token::Hole(_), None) => next_here,
        (Token::Hole(_), Some(Token::Hole(_))) => next_here || same_after,
        (Token::Hole(symbol), Some(Token::Char(character))) => next_here || (holds(symbol, *character) && same_after),
        (Token::Char(character), Some(Token::Hole(symbol))) => same_after || (holds(symbol, *character) && next_here),
        (Token::One, Some(Token::Hole(_))) => same_after || next_here,
        (Token::Char(expected), Some(Token::Char(found))) => equal(*expected, *found, fold) && next_after,
        (Token::One, Some(Token::Char(_))) => next_after,
        // A value has neither wildcards nor unknown variables.
        (_, Some(Token::One | Token::Any | Token::Anything)) => true,
        (Token::Char(_) | Token::One, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::StackId;

    fn account() -> Text {
        Text::symbol(Symbol::Account(StackId(0)))
    }

    fn key(account: &Text, id: &str) -> Text {
        let mut text = Text::literal("arn:aws:kms:eu-west-1:");
        text.push(account);
        text.push_str(":key/");
        text.push_str(id);
        text
    }

    fn matches(pattern: &Text, value: &Text) -> Truth {
        compare(&plain(pattern, true), value, Comparison::Arn)
    }

    #[test]
    fn equal_holes_match_and_others_may() {
        let other = Text::symbol(Symbol::Parameter(StackId(0), "Other".into()));
        assert_eq!(matches(&key(&account(), "*"), &key(&account(), "1")), Truth::Yes);
        assert_eq!(matches(&key(&other, "*"), &key(&account(), "1")), Truth::Unknown);
        assert_eq!(matches(&key(&other, "2"), &key(&account(), "1")), Truth::No);
        assert_eq!(matches(&Text::literal("arn:aws:kms:*"), &key(&account(), "1")), Truth::Yes);
        assert_eq!(matches(&Text::literal("arn:aws:s3:*"), &key(&account(), "1")), Truth::No);
    }

    #[test]
    fn an_account_has_digits_only() {
        let letters = Text::literal("arn:aws:kms:eu-west-1:aws:key/1");
        assert_eq!(matches(&key(&account(), "1"), &letters), Truth::No);
    }

    #[test]
    fn a_whole_hole_may_be_any_arn() {
        let parameter = Text::symbol(Symbol::Parameter(StackId(0), "Key".into()));
        assert_eq!(matches(&parameter, &key(&account(), "1")), Truth::Unknown);
        assert_eq!(matches(&parameter, &parameter), Truth::Yes);
        assert_eq!(same(&parameter, &parameter), Truth::Yes);
    }
}
