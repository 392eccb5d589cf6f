//! An alias ARN in an IAM statement speaks of the alias alone: it never gives the key.

use super::grants::{GrantSite, covered_elsewhere};
use super::words::{agreeing, list};
use super::{Cx, Rule, Sink};
use crate::estate::Target;
use crate::finding::{Meta, Subject};
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/alias-arn-in-resource.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut reported: BTreeMap<GrantSite, ()> = BTreeMap::new();
    for grant in &cx.grants {
        let Target::AliasArn(arn, _) = &grant.target else { continue };
        let useless = grant.key_actions();
        if useless.is_empty() || covered_elsewhere(cx, grant) {
            continue;
        }
        if reported.insert(GrantSite::of(grant), ()).is_some() {
            continue;
        }
        let site = grant.resource_site();
        let (actions, give) = (list(&useless), agreeing(&useless, "gives", "give"));
        sink.report(site, format!("{actions} on the alias `{arn}` {give} nothing on its key"))
            .here("an alias ARN names the alias, never the key behind it")
            .when(&grant.guard)
            .also(grant.action_site(), "allowed here")
            .about(Subject::Place(grant.statement_site()))
            .help_or_cdk(
                format!(
                    "name the key's ARN{}, or `key/*` with the condition `ForAnyValue:StringEquals` on `kms:ResourceAliases`",
                    cx.key_from_elsewhere(grant).map(|key| format!(" `{}`", key.arn)).unwrap_or_default()
                ),
                "name the key by `key.keyArn`: `alias.keyArn` is the ARN of the alias; for an alias from `Alias.fromAliasName` set the flag \
                 `@aws-cdk/aws-kms:applyImportedAliasPermissionsToPrincipal` and use `grant*`",
            );
    }
}
