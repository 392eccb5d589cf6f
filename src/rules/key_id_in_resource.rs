//! A bare key id or an alias name is no ARN: IAM rejects it, or it matches nothing.

use super::grants::GrantSite;
use super::{Cx, Rule, Sink};
use crate::estate::Target;
use crate::finding::{Meta, Subject};
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/key-id-in-resource.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut reported: BTreeMap<GrantSite, ()> = BTreeMap::new();
    for grant in &cx.grants {
        let what = match &grant.target {
            Target::KeyById(_) | Target::BareId(_) => "key id",
            Target::AliasName(..) => "alias name",
            _ => continue,
        };
        if reported.insert(GrantSite::of(grant), ()).is_some() {
            continue;
        }
        let named = grant.resource_text();
        let repair = match cx.declared_name(&grant.target) {
            Some(name) => format!("write `!GetAtt {name}.Arn`"),
            None => match cx.key_from_elsewhere(grant) {
                Some(key) => format!("write the key's ARN `{}`", key.arn),
                None => "write the key's ARN".to_owned(),
            },
        };
        sink.report(grant.resource_site(), format!("`{named}` is a {what}, no ARN: the statement names no key"))
            .here(format!("`Resource` takes ARNs; a {what} identifies nothing there"))
            .when(&grant.guard)
            .about(Subject::Place(grant.statement_site()))
            .help_or_cdk(repair, "name the key by `key.keyArn`");
    }
}
