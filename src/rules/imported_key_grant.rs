//! A grant on a key whose policy nobody sees here works only if that policy says so.

use super::words::{agreeing, list};
use super::{Cx, Rule, Sink};
use crate::estate::{Grant, Key, KeyId, KeyOrigin, PrincipalId, Target};
use crate::finding::{Meta, Site, Subject};
use crate::policy::{CrossAccount, KeyPolicy};
use crate::resolve::Truth;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/imported-key-grant.md")), check };

/// Grants that one element of `Resource` makes with the same actions: on several keys where the element is looked up in a mapping.
type Alike<'g, 'e> = (&'g Grant<'e>, Vec<(&'g Grant<'e>, &'e Key)>);

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut seen: BTreeSet<(PrincipalId, KeyId)> = BTreeSet::new();
    let mut by_element: BTreeMap<(PrincipalId, Site, Vec<String>), Alike<'_, '_>> = BTreeMap::new();
    for grant in &cx.grants {
        let Target::Key(id) = grant.target else { continue };
        let Some(key) = cx.estate.key(id) else { continue };
        let unseen = key.origin == KeyOrigin::Imported && matches!(key.policy, KeyPolicy::Unknown(_));
        let actions = actions(grant, key);
        if !unseen || actions.is_empty() || !seen.insert((grant.principal, id)) {
            continue;
        }
        let element = (grant.principal, grant.resource_site(), actions);
        by_element.entry(element).or_insert((grant, Vec::new())).1.push((grant, key));
    }
    for ((_, site, actions), (first, grants)) in by_element {
        let (actions, work) = (list(&actions), agreeing(&actions, "works", "work"));
        let is_unique = |name: &str| grants.iter().filter(|(_, key)| key.name == name).count() == 1;
        let name_of = |key: &Key| if is_unique(&key.name) { key.name.clone() } else { key.arn.to_string() };
        let keys: Vec<String> = grants.iter().map(|(_, key)| name_of(key)).collect();
        let (policy, whose) = if keys.len() == 1 { ("policy", "this key is") } else { ("policies", "these keys are") };
        let (key, admits) = if keys.len() == 1 { ("key", "admits") } else { ("keys", "admit") };
        let name = &first.entry.name;
        let message =
            format!("{actions} for `{name}` {work} only if the {policy} of {key} {} {admits} it", list(&keys));
        let mut report = sink.report(site, message);
        report
            .here(format!("the {policy} of {whose} not in view, and nothing in this stack can change it"))
            .whenever(grants.iter().map(|(grant, _)| &grant.guard))
            .help(cx.imported_repair(first));
        for (grant, key) in grants {
            report.about(Subject::Grant(grant.entry.arn.to_string(), key.arn.to_string()));
        }
    }
}

/// The actions as written, without those that never work on a key of another account: whatever its policy says, they are dead.
fn actions(grant: &Grant<'_>, key: &Key) -> Vec<String> {
    let is_abroad = grant.entry.account.equals(&key.account) == Truth::No;
    grant.key_actions_of(|action| !is_abroad || action.info().cross_account != CrossAccount::No)
}
