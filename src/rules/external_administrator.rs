//! A principal of another account may hand on the use of a key to anyone.

use super::grant_creation::{GrantCreation, unlimited};
use super::trust::{account_of, unknown_owner};
use super::words::list;
use super::{Cx, Rule, Sink};
use crate::finding::{Meta, Site, Subject};
use crate::policy::Principal;
use crate::resolve::Truth;
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/external-administrator.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut by_statement: BTreeMap<Site, Vec<GrantCreation<'_>>> = BTreeMap::new();
    for creation in unlimited(cx) {
        match (creation.is_foreign(), &creation.unlimited) {
            (Truth::Yes, Ok(_)) => by_statement.entry(creation.statement_site()).or_default().push(creation),
            (Truth::Yes, Err(why)) => creation.count(why.clone(), sink),
            (Truth::Unknown, _) => undecided(&creation, sink),
            (Truth::No, _) => {}
        }
    }
    for (statement, creations) in by_statement {
        let Some(first) = creations.first() else { continue };
        let message = format!("{} may create any grant on `{}`{}", who(&creations), first.key.name, first.covered);
        let mut report = sink.report(first.site, message);
        report
            .whenever(creations.iter().flat_map(|creation| &creation.unlimited).flatten())
            .here("by a grant it can give every use of the key to anyone, in any account")
            .about(Subject::Place(statement));
        for creation in &creations {
            let site = Site { stack: creation.fact.stack, span: creation.principal.span };
            report.also(site, format!("the key belongs to account `{}`", creation.key.account));
        }
        report
            .also(first.fact.site(), "the key")
            .help("list the uses that the other account needs, and put `kms:CreateGrant` under `Bool: { kms:GrantIsForAWSResource: true }`");
    }
}

/// The principals in words.
fn who(creations: &[GrantCreation<'_>]) -> String {
    let mut names: Vec<String> = creations.iter().map(|creation| name(&creation.principal.value)).collect();
    names.dedup();
    let accounts =
        creations.iter().filter(|creation| matches!(creation.principal.value, Principal::Account(_))).count();
    match accounts {
        0 => format!("{} of another account", list(&names)),
        1 if creations.len() == 1 => format!("another account, {},", list(&names)),
        _ => format!("other accounts, {},", list(&names)),
    }
}

/// The same question as that of the rules on trust, where the account is named.
fn undecided(creation: &GrantCreation<'_>, sink: &mut Sink<'_>) {
    let why = match &creation.principal.value {
        Principal::Account(account) => unknown_owner(account),
        Principal::Arn(arn) => match account_of(arn) {
            Some(account) => unknown_owner(&account),
            None => format!("the principal `{arn}` is not known from here"),
        },
        _ => return,
    };
    sink.undecided("key policy", creation.fact.site(), why).key = Some(creation.key.name.clone());
}

fn name(principal: &Principal) -> String {
    match principal {
        Principal::Arn(text) | Principal::Account(text) => text.to_string(),
        _ => String::new(),
    }
}
