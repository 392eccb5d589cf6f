//! A grant on a key that this run cannot name.

use super::grants::GrantSite;
use super::{Cx, Rule, Sink};
use crate::estate::Target;
use crate::finding::Meta;
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/unresolved-key-grant.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut reported: BTreeMap<GrantSite, ()> = BTreeMap::new();
    for grant in &cx.grants {
        let Target::Unknown(why) = &grant.target else { continue };
        if grant.key_actions().is_empty() || cx.resolves_in_some_world(grant) {
            continue;
        }
        if reported.insert(GrantSite::of(grant), ()).is_some() {
            continue;
        }
        let actions = crate::rules::words::list(&grant.key_actions());
        let name = &grant.entry.name;
        let site = grant.resource_site();
        sink.report(site, format!("{actions} for `{name}` is on a key that cannot be named here: {why}"))
            .when(&grant.guard)
            .help("give the template that exports the key, or the key's ARN, in the same run");
        let undecided = sink.undecided("grant", site, why.clone());
        undecided.principal = Some(name.clone());
        undecided.key = grant.resource.map(ToString::to_string);
        undecided.actions = grant.action_names();
    }
}
