//! The text of `Fn::Sub` as pieces.

use super::{Expr, Name, SubPiece};
use crate::source::{Span, Spanned};

/// The byte at which the text of a scalar begins, where it is written without escapes and folds: its length says so.
pub(super) fn exact_start(span: Span, text: &str) -> Option<usize> {
    let written = span.range().len();
    match written.checked_sub(text.len())? {
        0 => Some(span.range().start),
        2 => Some(span.range().start + 1),
        _ => None,
    }
}

/// Splits the text at its holes. `${!x}` is `${x}`; a name among the variables is a variable even if it has dots.
pub(super) fn pieces(text: &str, span: Span, variables: &[(Name, Expr)]) -> Vec<SubPiece> {
    let start = exact_start(span, text);
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(open) = rest.find("${") {
        let (before, hole) = rest.split_at(open);
        literal.push_str(before);
        let Some(close) = hole.find('}') else {
            rest = hole;
            break;
        };
        let (hole, after) = hole.split_at(close + 1);
        let inner = hole.trim_start_matches("${").trim_end_matches('}').trim();
        let at = text.len() - rest.len() + open;
        let hole_span = start.map_or(span, |start| Span::new(span.file, start + at, start + at + hole.len()));
        rest = after;
        if let Some(escaped) = inner.strip_prefix('!') {
            literal.push_str("${");
            literal.push_str(escaped);
            literal.push('}');
            continue;
        }
        if !literal.is_empty() {
            pieces.push(SubPiece::Text(std::mem::take(&mut literal).into()));
        }
        pieces.push(hole_piece(inner, hole_span, variables));
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        pieces.push(SubPiece::Text(literal.into()));
    }
    pieces
}

fn hole_piece(inner: &str, span: Span, variables: &[(Name, Expr)]) -> SubPiece {
    let is_variable = variables.iter().any(|(name, _)| name.value == inner);
    match inner.split_once('.') {
        Some((name, attribute)) if !is_variable => {
            SubPiece::GetAtt(Spanned::new(name.to_owned(), span), attribute.into())
        }
        _ => SubPiece::Ref(Spanned::new(inner.to_owned(), span)),
    }
}
