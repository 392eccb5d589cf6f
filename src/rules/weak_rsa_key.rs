//! An RSA key of 2048 bits for encryption.

use super::properties::{Setting, site, where_true};
use super::{Cx, Rule, Sink};
use crate::estate::Key;
use crate::finding::Meta;
use crate::resolve::Truth;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/weak-rsa-key.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, key, fact) in cx.estate.declared_keys().filter(|(_, _, fact)| !Key::is_replica(fact)) {
        let (guards, unknown) = where_true(cx, fact, &["KeySpec", "KeyUsage"], |settings| match settings {
            [Setting::Unknown(_), usage] => usage.is_one_of(&["ENCRYPT_DECRYPT"]).and(Truth::Unknown),
            [Setting::Is(spec), usage] if spec == "RSA_2048" => usage.is_one_of(&["ENCRYPT_DECRYPT"]),
            _ => Truth::No,
        });
        if let Some(why) = unknown {
            sink.undecided("key", fact.site(), why).key = Some(key.name.clone());
        }
        if guards.is_empty() {
            continue;
        }
        sink.report(site(fact, "KeySpec"), format!("`{}` encrypts with RSA of 2048 bits", key.name))
            .whenever(&guards)
            .here("longer keys are advised for what has to stay secret beyond 2030")
            .help("use `RSA_3072` or `RSA_4096` (a new key: the spec cannot be changed)");
    }
}
