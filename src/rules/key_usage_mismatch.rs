//! A key spec and a key usage that do not go together: KMS refuses the key.

use super::properties::{Choices, Setting, site, why_unknown, worlds};
use super::{Cx, Rule, Sink};
use crate::estate::Key;
use crate::finding::Meta;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/key-usage-mismatch.md")), check };

/// Beginnings of specs, and the usages that they have.
const USAGES: [(&str, &[&str]); 8] = [
    ("SYMMETRIC_DEFAULT", &["ENCRYPT_DECRYPT"]),
    ("RSA_", &["ENCRYPT_DECRYPT", "SIGN_VERIFY"]),
    ("ECC_NIST_P", &["SIGN_VERIFY", "KEY_AGREEMENT"]),
    ("ECC_SECG_", &["SIGN_VERIFY"]),
    ("ECC_NIST_EDWARDS", &["SIGN_VERIFY"]),
    ("ML_DSA_", &["SIGN_VERIFY"]),
    ("HMAC_", &["GENERATE_VERIFY_MAC"]),
    ("SM2", &["ENCRYPT_DECRYPT", "SIGN_VERIFY", "KEY_AGREEMENT"]),
];

/// Every usage that there is; another one is no matter of how they go together.
const ALL: [&str; 4] = ["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"];

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, _, fact) in cx.estate.declared_keys().filter(|(_, _, fact)| !Key::is_replica(fact)) {
        let (mut guards, mut found, mut unknown) = (Vec::new(), None, None);
        for world in worlds(cx, fact, &["KeySpec", "KeyUsage"], Choices::Default) {
            let [spec, usage] = world.settings.as_slice() else { continue };
            if world.settings.iter().any(|setting| setting.unknown().is_some()) {
                unknown = unknown.or_else(|| Some(why_unknown(&world.settings)));
            } else if let Some(mismatch) = mismatch(spec, usage) {
                guards.push(world.guard);
                found = found.or(Some(mismatch));
            }
        }
        match (found, unknown) {
            (Some(Mismatch { spec, usage, usages }), _) => {
                let fitting = usages.iter().map(|usage| format!("`{usage}`")).collect::<Vec<_>>().join(" or ");
                let (message, property) = match usage {
                    Some(usage) => (
                        format!(
                            "`{}` is to be of spec `{spec}` with usage `{usage}`, which do not go together",
                            fact.name
                        ),
                        "KeyUsage",
                    ),
                    None => (format!("`{}` is of spec `{spec}` and does not say its usage", fact.name), "KeySpec"),
                };
                let property = if fact.property(property).is_some() { property } else { "KeySpec" };
                sink.report(site(fact, property), message)
                    .whenever(&guards)
                    .here(format!("a key of spec `{spec}` has the usage {fitting}"))
                    .help(format!("set `KeyUsage` to {fitting}, or use another spec"));
            }
            (None, Some(why)) => {
                sink.undecided("key", fact.site(), why);
            }
            (None, None) => {}
        }
    }
}

/// A spec with a usage that it does not have, or without the one that it must say.
struct Mismatch {
    spec: String,
    usage: Option<String>,
    usages: &'static [&'static str],
}

fn mismatch(spec: &Setting, usage: &Setting) -> Option<Mismatch> {
    let spec = match spec {
        Setting::Is(spec) => spec.as_str(),
        Setting::Absent => "SYMMETRIC_DEFAULT",
        Setting::Unknown(_) => return None,
    };
    let (_, usages) = USAGES.iter().find(|(prefix, _)| spec.starts_with(prefix))?;
    let usage = match usage {
        Setting::Is(usage) if usages.contains(&usage.as_str()) || !ALL.contains(&usage.as_str()) => return None,
        Setting::Is(usage) => Some(usage.clone()),
        // Where encryption is possible, whether the usage has to be said is not certain enough.
        Setting::Absent if usages.contains(&"ENCRYPT_DECRYPT") => return None,
        Setting::Absent => None,
        Setting::Unknown(_) => return None,
    };
    Some(Mismatch { spec: spec.to_owned(), usage, usages })
}
