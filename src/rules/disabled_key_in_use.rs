//! A key that is switched off while something is to be encrypted under it.

use super::properties::{site, where_true};
use super::words::list;
use super::{Cx, Rule, Sink};
use crate::estate::Key;
use crate::finding::Meta;
use crate::resolve::Truth;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/disabled-key-in-use.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let uses = cx.uses();
    for (id, key, fact) in cx.estate.declared_keys() {
        let Some(uses) = uses.get(&id) else { continue };
        let (disabled, unknown) = where_true(cx, fact, &["Enabled"], |settings| {
            settings.first().map_or(Truth::No, |enabled| !enabled.is_on(true))
        });
        if let Some(why) = unknown {
            sink.undecided("key", site(fact, "Enabled"), why).key = Some(key.name.clone());
            continue;
        }
        let mut guards = Vec::new();
        let mut users = Vec::new();
        for (guard, consumer) in uses {
            let both = disabled.iter().filter_map(|disabled| disabled.and(guard));
            let before = guards.len();
            guards.extend(both.filter(|guard| cx.estate.feasible(guard)));
            if guards.len() > before {
                users.push(*consumer);
            }
        }
        let mut names: Vec<String> = users.iter().map(|consumer| consumer.resource.clone()).collect();
        names.dedup();
        if names.is_empty() {
            continue;
        }
        let what = if Key::is_replica(fact) { "replica" } else { "key" };
        let mut report = sink.report(
            site(fact, "Enabled"),
            format!("the {what} `{}` is disabled, and {} cannot work with it", key.name, list(&names)),
        );
        report.whenever(&guards).here("a disabled key neither encrypts nor decrypts");
        for consumer in users.iter().take(4) {
            report.also(consumer.site, format!("`{}` uses it", consumer.resource));
        }
        report.help("enable the key, or take it out of what uses it");
    }
}
