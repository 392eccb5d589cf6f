//! A grant on a key whose policy nobody sees here works only if that policy says so.

use super::words::{agreeing, list};
use super::{Cx, Rule, Sink};
use crate::estate::{KeyId, KeyOrigin, PrincipalId, Target};
use crate::finding::{Meta, Subject};
use crate::policy::KeyPolicy;
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/imported-key-grant.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut reported: BTreeMap<(PrincipalId, KeyId), ()> = BTreeMap::new();
    for grant in &cx.grants {
        let Target::Key(id) = grant.target else { continue };
        let Some(key) = cx.estate.key(id) else { continue };
        let unseen = key.origin == KeyOrigin::Imported && matches!(key.policy, KeyPolicy::Unknown(_));
        let actions = grant.key_actions();
        if !unseen || actions.is_empty() || reported.insert((grant.principal, id), ()).is_some() {
            continue;
        }
        let (actions, work) = (list(&actions), agreeing(&actions, "works", "work"));
        let name = &grant.entry.name;
        sink.report(
            grant.resource_site(),
            format!("{actions} for `{name}` {work} only if the policy of key `{}` admits it", key.name),
        )
        .here("the policy of this key is not in view, and nothing in this stack can change it")
        .when(&grant.guard)
        .about(Subject::Grant(grant.entry.arn.to_string(), key.arn.to_string()))
        .help(cx.imported_repair(grant));
    }
}
