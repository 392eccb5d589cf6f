//! A principal that cannot administer a key may hand on any use of it, by grants.

use super::grant_creation::{GrantCreation, unlimited};
use super::words::list;
use super::{Cx, Rule, Sink};
use crate::finding::{Meta, Site, Subject};
use crate::policy::Principal;
use crate::resolve::Truth;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/unbounded-create-grant.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut by_statement: BTreeMap<Site, Vec<GrantCreation<'_>>> = BTreeMap::new();
    for creation in unlimited(cx).into_iter().filter(|creation| is_meant(cx, creation)) {
        match &creation.unlimited {
            Ok(_) => by_statement.entry(creation.statement_site()).or_default().push(creation),
            Err(why) => creation.count(why.clone(), sink),
        }
    }
    for (statement, creations) in by_statement {
        let Some(first) = creations.first() else { continue };
        let who = who(&creations);
        let message = format!("{who} may create any grant on `{}`{}", first.key.name, first.covered);
        sink.report(first.site, message)
            .whenever(creations.iter().flat_map(|creation| &creation.unlimited).flatten())
            .here("by a grant they give uses of the key to anyone, and no policy shows it")
            .about(Subject::Place(statement))
            .also(Site { stack: first.fact.stack, span: first.principal.span }, "who may")
            .also(first.fact.site(), "the key")
            .help("move `kms:CreateGrant` to a statement with `Bool: { kms:GrantIsForAWSResource: true }`, or limit `kms:GranteePrincipal` or `kms:GrantOperations`");
    }
}

/// Whether the author meant one that is no administrator: users, roles, or everyone of an account. The account itself is delegation, services
/// and their linked roles make grants in their own trade.
fn is_meant(cx: &Cx<'_>, creation: &GrantCreation<'_>) -> bool {
    let is_kind = match &creation.principal.value {
        Principal::Everyone => true,
        Principal::Arn(arn) => {
            let text = arn.to_string();
            text.contains("/") && !text.contains("/aws-service-role/")
        }
        Principal::Account(_)
        | Principal::UniqueId(_)
        | Principal::Service(_)
        | Principal::Federated(_)
        | Principal::CanonicalUser(_)
        | Principal::Malformed(_)
        | Principal::Unknown(_) => false,
    };
    is_kind && creation.is_foreign() != Truth::Yes && !creation.may_change_policy(cx)
}

/// The principals in words.
fn who(creations: &[GrantCreation<'_>]) -> String {
    let names: Option<BTreeSet<String>> = creations
        .iter()
        .map(|creation| match &creation.principal.value {
            Principal::Arn(arn) => Some(arn.to_string()),
            _ => None,
        })
        .collect();
    match names {
        Some(names) => list(&names.into_iter().collect::<Vec<_>>()),
        None => "everyone whom this statement admits".to_owned(),
    }
}
