//! A condition on something that no request carries: the statement never applies.

use super::statements::{self, Written, names, wholly};
use super::words::{did_you_mean, list, nearest};
use super::{Cx, Rule, Sink};
use crate::finding::Meta;
use crate::policy::{Action, CONDITION_KEYS, Condition, ConditionKeyInfo, Effect};
use crate::resolve::{Guard, Truth};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/unknown-condition-key.md")), check };

/// Families of condition keys with names of the user's or of an enclave. Which requests have an encryption context is another matter.
const OPEN: [&str; 2] = ["kms:encryptioncontext", "kms:recipientattestation"];

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for written in statements::all(cx) {
        for condition in written.statement.conditions.iter().filter(|condition| needs_key(condition)) {
            let Some(guard) = written.with(cx, &condition.guard) else { continue };
            match ConditionKeyInfo::named(&condition.key.folded) {
                Some(info) if written.statement.effect == Some(Effect::Allow) => {
                    never_carried(cx, &written, condition, info, &guard, sink);
                }
                Some(_) => {}
                None => misspelt(&written, condition, &guard, sink),
            }
        }
    }
}

/// Whether a condition is on a key of KMS, and never holds for a request that does not carry it.
fn needs_key(condition: &Condition) -> bool {
    let key = condition.key.folded.as_str();
    key.starts_with("kms:") && !OPEN.iter().any(|family| key.starts_with(family)) && condition.fails_without_key()
}

fn misspelt(written: &Written<'_>, condition: &Condition, guard: &Guard, sink: &mut Sink<'_>) {
    let key = &condition.key.text;
    let known: Vec<&str> = CONDITION_KEYS.iter().map(|info| info.name).collect();
    let meant = nearest(key, &known);
    let site = written.site(condition.span);
    if meant.is_empty() {
        sink.undecided("condition", site, format!("`{key}` is no condition key that is known here"));
        return;
    }
    let consequence = match written.statement.effect {
        Some(Effect::Allow) => "no request carries it, so this statement allows nothing",
        Some(Effect::Deny) => "no request carries it, so this statement denies nothing",
        None => return,
    };
    sink.report(site, format!("`{key}` is no condition key of KMS"))
        .when(guard)
        .here(consequence)
        .about(written.subject())
        .help(did_you_mean(&meant));
}

/// The actions of a statement whose requests never carry a key.
fn never_carried(
    cx: &Cx<'_>,
    written: &Written<'_>,
    condition: &Condition,
    info: &ConditionKeyInfo,
    guard: &Guard,
    sink: &mut Sink<'_>,
) {
    let dead = wholly(written.statement, |action| action.carries(info.name) == Truth::No);
    let guards = dead.iter().filter_map(|pattern| guard.and(&pattern.guard));
    let guards: Vec<Guard> = guards.filter(|guard| cx.estate.feasible(guard)).collect();
    let Some(first) = dead.first().filter(|_| !guards.is_empty()) else { return };
    let carrying: Vec<String> =
        Action::all().filter(|action| action.carries(info.name) == Truth::Yes).map(|a| a.name().to_owned()).collect();
    let message = format!("requests for {} never carry `{}`", list(&names(&dead)), info.name);
    let mut report = sink.report(written.site(condition.span), message);
    report.whenever(&guards).about(written.subject()).also(written.site(first.span), "allowed here");
    report.here(if dead.len() == written.statement.actions.elements().len() {
        "so this statement allows nothing"
    } else {
        "so this statement does not allow them"
    });
    report.help(format!(
        "allow them in a statement without this condition: it is for {}",
        if carrying.len() > 4 { "other actions".to_owned() } else { list(&carrying) }
    ));
}
