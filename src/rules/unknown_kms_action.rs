//! An action that KMS does not have.

use super::{Cx, Rule, Sink};
use crate::estate::PolicySource;
use crate::finding::{Meta, Site, Subject};
use crate::policy::{Action, ActionPattern, Statement};
use crate::resolve::{Guard, StackId};
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/unknown-kms-action.md")), check };

/// More changed letters than this make another word.
const MOST_EDITS: usize = 2;

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut seen: BTreeSet<Site> = BTreeSet::new();
    for (_, key, fact) in cx.estate.declared_keys() {
        for statement in key.statements() {
            of_statement(cx, fact.stack, &fact.guard, statement, &mut seen, sink);
        }
    }
    for entry in &cx.estate.principals {
        for attached in &entry.policies {
            let PolicySource::Document(policy) = &attached.source else { continue };
            let Some(guard) = entry.guard.and(&attached.guard) else { continue };
            for statement in &policy.statements {
                of_statement(cx, attached.stack, &guard, statement, &mut seen, sink);
            }
        }
    }
}

fn of_statement(
    cx: &Cx<'_>,
    stack: StackId,
    under: &Guard,
    statement: &Statement,
    seen: &mut BTreeSet<Site>,
    sink: &mut Sink<'_>,
) {
    for action in statement.actions.elements() {
        let Some(written) = action.value.text.as_literal().filter(|_| is_unknown(&action.value)) else { continue };
        let guard = under.and(&statement.guard).and_then(|guard| guard.and(&action.guard));
        let Some(guard) = guard.filter(|guard| cx.estate.feasible(guard)) else { continue };
        let site = Site { stack, span: action.span };
        if !seen.insert(site) {
            continue;
        }
        let meant = meant(written);
        if meant.is_empty() && !written.contains(['*', '?']) {
            sink.undecided("grant", site, format!("`{written}` is no action that is known here"));
            continue;
        }
        let help = match meant.as_slice() {
            [] => "name actions of KMS".to_owned(),
            names => format!(
                "did you mean {}?",
                names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
            ),
        };
        let matches = if written.contains(['*', '?']) { "matches no action of KMS" } else { "is no action of KMS" };
        sink.report(site, format!("`{written}` {matches}"))
            .when(&guard)
            .here("this allows and denies nothing")
            .about(Subject::Place(Site { stack, span: statement.span }))
            .help(help);
    }
}

/// Whether an action is meant for KMS and matches none of its actions: also where the colon is another character.
fn is_unknown(action: &ActionPattern) -> bool {
    let (head, _) = action.text.literal_ends();
    let is_mistyped = head.get(..3).is_some_and(|prefix| prefix.eq_ignore_ascii_case("kms"))
        && head.get(3..4).is_some_and(|next| matches!(next, "=" | "." | ";" | "/" | " " | "-"));
    action.matches_nothing() || is_mistyped
}

/// Known actions that resemble a name: those that begin with it, else the nearest.
fn meant(written: &str) -> Vec<String> {
    let name = written.get(4..).unwrap_or_default().trim().to_ascii_lowercase();
    if name.len() < 4 {
        return Vec::new();
    }
    let of = |action: Action| action.name().get(4..).unwrap_or_default().to_owned();
    let begins: Vec<String> = Action::all()
        .filter(|action| of(*action).to_ascii_lowercase().starts_with(&name))
        .map(|a| a.name().to_owned())
        .collect();
    if !begins.is_empty() {
        return begins.into_iter().take(3).collect();
    }
    let distance = |action: Action| edits(&name, &of(action).to_ascii_lowercase());
    let Some(nearest) = Action::all().map(distance).min().filter(|least| *least <= MOST_EDITS) else {
        return Vec::new();
    };
    Action::all().filter(|action| distance(*action) == nearest).map(|action| action.name().to_owned()).take(3).collect()
}

/// The fewest letters that have to be put in, taken out or exchanged to make one word of the other (Levenshtein).
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, letter) in a.chars().enumerate() {
        let mut next = vec![at + 1];
        for (other, (above, diagonal)) in b.iter().zip(row.iter().skip(1).zip(&row)) {
            let left = next.last().copied().unwrap_or(usize::MAX);
            let exchanged = diagonal + usize::from(*other != letter);
            next.push(exchanged.min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_of_words_counts_letters() {
        let rows = [("decrypt", "decrypt", 0), ("decript", "decrypt", 1), ("decrpyt", "decrypt", 2), ("", "sign", 4)];
        for (a, b, expected) in rows {
            assert_eq!(edits(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn what_is_meant_begins_alike_or_is_near() {
        assert_eq!(meant("kms:ReEncrypt"), ["kms:ReEncryptFrom", "kms:ReEncryptTo"]);
        assert_eq!(meant("kms:Decript"), ["kms:Decrypt"]);
        assert_eq!(meant("kms:GenerateDatakeys"), ["kms:GenerateDataKey"]);
        assert!(meant("kms:FoldLaundry").is_empty());
    }
}
