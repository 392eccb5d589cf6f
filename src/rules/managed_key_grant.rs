//! A grant on an AWS managed key gives nothing: its policy cannot be changed and admits the account only through its service.

use super::grants::GrantSite;
use super::words::{agreeing, list};
use super::{Cx, Rule, Sink};
use crate::estate::{Grant, Target};
use crate::finding::{Meta, Site, Subject};
use crate::policy::{Condition, OperatorKind};
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/managed-key-grant.md")), check };

/// The name space of the aliases of AWS managed keys.
const RESERVED: &str = "alias/aws/";

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut reported: BTreeMap<GrantSite, ()> = BTreeMap::new();
    for grant in &cx.grants {
        if grant.key_actions().is_empty() {
            continue;
        }
        let Some((site, alias)) = managed_key(grant) else { continue };
        let service = alias.trim_start_matches(RESERVED).to_owned();
        if through_service(grant, &service) || reported.insert(GrantSite::of(grant), ()).is_some() {
            continue;
        }
        let actions = grant.key_actions();
        let (actions, give) = (list(&actions), agreeing(&actions, "gives", "give"));
        sink.report(site, format!("{actions} on the AWS managed key `{alias}` {give} nothing"))
            .here(format!("its policy admits the account's principals through `{service}` only, and they need no statement for that"))
            .when(&grant.guard)
            .about(Subject::Place(grant.statement_site()))
            .help("use a customer managed key where a principal has to call KMS itself, else drop the statement");
    }
}

/// Where a grant names an AWS managed key, and the alias of that key: in a condition on its aliases, or by the ARN of the alias.
fn managed_key(grant: &Grant<'_>) -> Option<(Site, String)> {
    match &grant.target {
        Target::Pattern(_) => {
            let (condition, alias) = managed_alias(grant)?;
            Some((Site { stack: grant.attached.stack, span: condition.span }, alias.to_owned()))
        }
        Target::AliasArn(arn, _) => {
            let name = arn.to_string();
            let alias = name.rsplit(':').next().filter(|alias| alias.starts_with(RESERVED))?;
            Some((grant.resource_site(), alias.to_owned()))
        }
        Target::Key(_)
        | Target::KeyById(_)
        | Target::AliasName(..)
        | Target::BareId(_)
        | Target::OtherService
        | Target::Malformed(_)
        | Target::Unknown(_) => None,
    }
}

/// The condition that limits the statement to the alias of an AWS managed key, with the alias.
fn managed_alias<'g>(grant: &'g Grant<'_>) -> Option<(&'g Condition, &'g str)> {
    grant.statement.conditions.iter().find_map(|condition| {
        let operator = condition.operator?;
        let positive = !operator.negated && !operator.if_exists;
        let compares = matches!(operator.kind, OperatorKind::StringEquals | OperatorKind::StringLike);
        if condition.key.folded != "kms:resourcealiases" || !positive || !compares || !condition.unknown.is_empty() {
            return None;
        }
        let values: Vec<&str> = condition.values.iter().map_while(|value| value.value.as_literal()).collect();
        let all_managed =
            values.len() == condition.values.len() && values.iter().all(|name| name.starts_with(RESERVED));
        values.first().filter(|_| all_managed).map(|name| (condition, *name))
    })
}

/// Whether the statement is for use through the key's own service, which is fine.
fn through_service(grant: &Grant<'_>, service: &str) -> bool {
    let conditions = grant.statement.conditions.iter();
    conditions.filter(|condition| condition.key.folded == "kms:viaservice").any(|condition| {
        !condition.unknown.is_empty()
            || condition.values.iter().any(|value| value.value.literal_ends().0.starts_with(service))
    })
}
