//! A condition on the resource for which a service acts, for principals that are no services.

use super::statements::{self, Written};
use super::words::list;
use super::{Cx, Rule, Sink};
use crate::finding::Meta;
use crate::policy::{Condition, Effect, Match, Principal};

pub(super) const RULE: Rule =
    Rule { meta: Meta::of(include_str!("../../rules/source-arn-on-iam-principal.md")), check };

/// What a service says of the resource for which it acts by its own name.
const SOURCES: [&str; 4] = ["aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"];

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for written in statements::of_keys(cx).filter(|written| written.statement.effect == Some(Effect::Allow)) {
        let Some(principals) = identities(&written) else { continue };
        let is_dead =
            |condition: &&Condition| SOURCES.contains(&condition.key.folded.as_str()) && condition.fails_without_key();
        let Some(condition) = written.statement.conditions.iter().find(is_dead) else { continue };
        let Some(guard) = written.with(cx, &condition.guard) else { continue };
        let message = format!("{} never comes with `{}`", list(&principals), condition.key.text);
        let mut report = sink.report(written.site(condition.span), message);
        report
            .when(&guard)
            .here("only services that act by their own name carry it: this statement allows nothing")
            .about(written.subject())
            .help("limit users and roles by `aws:PrincipalArn`, or their use through a service by `kms:ViaService`");
        if let Some(principal) = written.statement.principals.elements().first() {
            report.also(written.site(principal.span), "users and roles, no services");
        }
    }
}

/// The principals of a statement, where all of them are accounts, users and roles.
fn identities(written: &Written<'_>) -> Option<Vec<String>> {
    let Match::Only(principals) = &written.statement.principals else { return None };
    let name = |principal: &Principal| match principal {
        Principal::Account(account) => Some(account.to_string()),
        Principal::Arn(arn) if arn.literal_ends().0.starts_with("arn:") => Some(arn.to_string()),
        Principal::UniqueId(id) => Some(id.clone()),
        Principal::Arn(_)
        | Principal::Everyone
        | Principal::Service(_)
        | Principal::Federated(_)
        | Principal::CanonicalUser(_)
        | Principal::Malformed(_)
        | Principal::Unknown(_) => None,
    };
    let names: Option<Vec<String>> = principals.iter().map(|principal| name(&principal.value)).collect();
    names.filter(|names| !names.is_empty())
}
