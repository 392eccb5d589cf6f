//! Properties on a replica key that only its primary key has: the deployment fails.

use super::properties::{site, written};
use super::words::list;
use super::{Cx, Rule, Sink};
use crate::estate::Key;
use crate::finding::Meta;
use crate::resolve::{Guard, Truth};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/rotation-on-replica.md")), check };

/// What replicas share with their primary key, and take from it.
const SHARED: [&str; 3] = ["EnableKeyRotation", "RotationPeriodInDays", "MultiRegion"];

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, _, fact) in cx.estate.declared_keys().filter(|(_, _, fact)| Key::is_replica(fact)) {
        let mut guards: Vec<Guard> = Vec::new();
        let (mut names, mut is_unknown) = (Vec::new(), false);
        for name in SHARED {
            let before = guards.len();
            for (guard, truth) in written(cx, fact, name) {
                match truth {
                    Truth::Yes => guards.push(guard),
                    Truth::Unknown => is_unknown = true,
                    Truth::No => {}
                }
            }
            if guards.len() > before {
                names.push(name.to_owned());
            }
        }
        let Some(first) = names.first() else {
            if is_unknown {
                sink.undecided("rotation", fact.site(), "the properties of the replica are not known from here");
            }
            continue;
        };
        let message = format!("{} cannot be set on replica `{}`: its primary key decides", list(&names), fact.name);
        let mut report = sink.report(site(fact, first), message);
        report
            .whenever(&guards)
            .here("`AWS::KMS::ReplicaKey` has no such property, and the deployment fails")
            .help("leave it out here, and set it on the primary key");
        for other in names.iter().skip(1) {
            report.also(site(fact, other), format!("neither has it `{other}`"));
        }
    }
}
