//! An action of another service in the policy of a key.

use super::statements;
use super::words::{agreeing, list};
use super::{Cx, Rule, Sink};
use crate::finding::Meta;
use crate::policy::{ActionPattern, Effect, Guarded, Match};
use crate::resolve::Guard;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/foreign-service-action.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for written in statements::of_keys(cx) {
        let Match::Only(patterns) = &*written.statement.actions else { continue };
        let foreign: Vec<(&Guarded<ActionPattern>, Guard)> = patterns
            .iter()
            .filter(|pattern| is_foreign(&pattern.value))
            .filter_map(|pattern| Some((pattern, written.with(cx, &pattern.guard)?)))
            .collect();
        let Some((first, _)) = foreign.first() else { continue };
        let names = statements::names(&foreign.iter().map(|(pattern, _)| *pattern).collect::<Vec<_>>());
        let consequence = match written.statement.effect {
            Some(Effect::Allow) => "a key policy allows actions of KMS only",
            Some(Effect::Deny) => "a key policy denies actions of KMS only",
            None => continue,
        };
        let verb = agreeing(&names, "has", "have");
        sink.report(written.site(first.span), format!("{} {verb} no effect in a key policy", list(&names)))
            .whenever(foreign.iter().map(|(_, guard)| guard))
            .here(consequence)
            .about(written.subject())
            .help("drop it here; what a principal may do in another service stands in its own policies");
    }
}

/// Whether an action is that of a known service other than KMS: `s3:GetObject`.
fn is_foreign(action: &ActionPattern) -> bool {
    let (head, _) = action.text.literal_ends();
    let Some((service, _)) = head.split_once(':') else { return false };
    let is_name = service.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    !service.is_empty() && is_name && !service.eq_ignore_ascii_case("kms")
}
