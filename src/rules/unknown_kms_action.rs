//! An action that KMS does not have.

use super::statements::{self, Written};
use super::words::{did_you_mean, nearest};
use super::{Cx, Rule, Sink};
use crate::finding::Meta;
use crate::policy::{Action, ActionPattern};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/unknown-kms-action.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for written in statements::all(cx) {
        of_statement(cx, &written, sink);
    }
}

fn of_statement(cx: &Cx<'_>, statement: &Written<'_>, sink: &mut Sink<'_>) {
    for action in statement.statement.actions.elements() {
        let Some(written) = action.value.text.as_literal().filter(|_| is_unknown(&action.value)) else { continue };
        let Some(guard) = statement.with(cx, &action.guard) else { continue };
        let site = statement.site(action.span);
        let meant = meant(written);
        if meant.is_empty() && !written.contains(['*', '?']) {
            sink.undecided("grant", site, format!("`{written}` is no action that is known here"));
            continue;
        }
        let help = match meant.as_slice() {
            [] => "name actions of KMS".to_owned(),
            names => did_you_mean(names),
        };
        let matches = if written.contains(['*', '?']) { "matches no action of KMS" } else { "is no action of KMS" };
        sink.report(site, format!("`{written}` {matches}"))
            .when(&guard)
            .here("this allows and denies nothing")
            .about(statement.subject())
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
    let names: Vec<&str> = Action::all().map(Action::name).collect();
    nearest(written, &names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_begins_alike_or_is_near() {
        assert_eq!(meant("kms:ReEncrypt"), ["kms:ReEncryptFrom", "kms:ReEncryptTo"]);
        assert_eq!(meant("kms:Decript"), ["kms:Decrypt"]);
        assert_eq!(meant("kms:GenerateDatakeys"), ["kms:GenerateDataKey"]);
        assert!(meant("kms:FoldLaundry").is_empty());
    }
}
