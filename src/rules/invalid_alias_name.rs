//! An alias name that KMS refuses whatever its holes turn out to be.

use super::properties::{alias_names, at_defaults};
use super::{Cx, Rule, Sink};
use crate::finding::Meta;
use crate::resolve::{Piece, Symbol, Text};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/invalid-alias-name.md")), check };

const PREFIX: &str = "alias/";

/// Most characters of a name, with its prefix.
const LONGEST: usize = 256;

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for alias in &cx.estate.aliases {
        let (mut guards, mut problem) = (Vec::new(), None);
        for (guard, name) in &alias_names(cx, alias) {
            let found = problem_of(name).map(|found| (guard.clone(), name.clone(), found)).or_else(|| {
                let (guard, name) = at_defaults(cx, alias.stack, guard, name)?;
                let found = problem_of(&name)?;
                Some((guard, name, found))
            });
            if let Some((guard, name, found)) = found {
                guards.push(guard);
                problem = problem.or(Some((name, found)));
            }
        }
        let Some((name, found)) = problem else { continue };
        sink.report(alias.name_site, format!("`{name}` is no name for an alias: {found}"))
            .whenever(&guards)
            .here("KMS refuses this name")
            .help_or_cdk(
                "write `alias/` and then letters, digits, `/`, `_` and `-`, at most 256 characters in all",
                "make `aliasName` of `alias/` and then letters, digits, `/`, `_` and `-`, at most 256 characters in all",
            );
    }
}

/// Why no value of the holes makes this a valid name. A `:` is let through: the API's pattern takes it.
fn problem_of(name: &Text) -> Option<String> {
    if name.as_literal() == Some(PREFIX) || name.as_literal() == Some("") {
        return Some("nothing stands behind the prefix".to_owned());
    }
    if !may_begin_with_prefix(name) {
        return Some(format!("it does not begin with `{PREFIX}`"));
    }
    let literals = || {
        name.pieces().iter().filter_map(|piece| match piece {
            Piece::Literal(text) => Some(text.as_str()),
            Piece::Symbol(_) => None,
        })
    };
    let is_valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | ':');
    if let Some(character) = literals().flat_map(str::chars).find(|c| !is_valid(*c)) {
        let character = if character == ' ' { "a blank".to_owned() } else { format!("`{character}`") };
        return Some(format!("{character} is not allowed in it"));
    }
    let length: usize = literals().map(str::len).sum();
    (length > LONGEST).then(|| format!("it has {length} characters, and 256 are the most"))
}

/// Whether some value of the holes lets a name begin with the prefix.
fn may_begin_with_prefix(name: &Text) -> bool {
    let (first, rest) = match name.pieces() {
        [Piece::Literal(text), rest @ ..] => {
            let common = text.len().min(PREFIX.len());
            let fits = text.as_bytes().get(..common) == PREFIX.as_bytes().get(..common);
            return fits && (common == PREFIX.len() || !rest.is_empty());
        }
        [Piece::Symbol(first), rest @ ..] => (first, rest),
        [] => return false,
    };
    if !holds_no_slash(first) {
        return true;
    }
    // The hole ends before the `/`, so what follows has to go on with the rest of the prefix.
    match rest {
        [Piece::Literal(next), ..] => (1..PREFIX.len()).filter_map(|at| PREFIX.get(at..)).any(|rest| {
            let common = next.len().min(rest.len());
            next.as_bytes().get(..common) == rest.as_bytes().get(..common)
        }),
        [Piece::Symbol(_), ..] => true,
        [] => false,
    }
}

/// Whether the text behind a hole never holds a `/`.
fn holds_no_slash(symbol: &Symbol) -> bool {
    matches!(symbol, Symbol::Pseudo(_, name) if name == "AWS::StackName") || !symbol.may_contain('/')
}
