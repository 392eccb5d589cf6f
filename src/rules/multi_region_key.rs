//! A key that can be replicated into other Regions.

use super::properties::{site, where_true};
use super::{Cx, Rule, Sink};
use crate::estate::Key;
use crate::finding::Meta;
use crate::resolve::Truth;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/multi-region-key.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, key, fact) in cx.estate.declared_keys().filter(|(_, _, fact)| !Key::is_replica(fact)) {
        let (guards, unknown) = where_true(cx, fact, &["MultiRegion"], |settings| {
            settings.first().map_or(Truth::No, |setting| setting.is_on(false))
        });
        if let Some(why) = unknown {
            sink.undecided("key", fact.site(), why).key = Some(key.name.clone());
        }
        if guards.is_empty() {
            continue;
        }
        sink.report(site(fact, "MultiRegion"), format!("`{}` is a multi-Region key", key.name))
            .whenever(&guards)
            .here("its material can leave this Region")
            .help(
                "leave `MultiRegion` out, unless data has to be decrypted in several Regions without calling this one",
            );
    }
}
