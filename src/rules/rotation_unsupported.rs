//! Rotation is switched on for a key that cannot rotate: the deployment fails.

use super::properties::{Choices, Setting, site, why_unknown, worlds};
use super::{Cx, Rule, Sink};
use crate::estate::Key;
use crate::finding::{Meta, Site};
use crate::resolve::Truth;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/rotation-unsupported.md")), check };

/// Beginnings of the specs of keys that never rotate.
const NEVER: [&str; 5] = ["RSA_", "ECC_", "HMAC_", "ML_DSA_", "SM2"];

/// Origins of key material that KMS did not make.
const FOREIGN: [&str; 3] = ["EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"];

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, _, fact) in cx.estate.declared_keys().filter(|(_, _, fact)| !Key::is_replica(fact)) {
        let (mut guards, mut reasons, mut unknown) = (Vec::new(), Vec::new(), None);
        for world in worlds(cx, fact, &["EnableKeyRotation", "KeySpec", "Origin"], Choices::Default) {
            let [rotation, spec, origin] = world.settings.as_slice() else { continue };
            match (rotation.is_on(false), reason(spec, origin)) {
                (Truth::Yes, Some(reason)) => {
                    guards.push(world.guard);
                    if !reasons.contains(&reason) {
                        reasons.push(reason);
                    }
                }
                (Truth::Unknown, Some(_)) => unknown = unknown.or(Some(why_unknown(&world.settings))),
                (Truth::Yes, None) if spec.unknown().or(origin.unknown()).is_some() => {
                    unknown = unknown.or(Some(why_unknown(&world.settings)));
                }
                _ => {}
            }
        }
        if guards.is_empty() {
            if let Some(why) = unknown {
                sink.undecided("rotation", fact.site(), why);
            }
            continue;
        }
        let message = format!("`EnableKeyRotation` is on, but `{}` cannot rotate: {}", fact.name, reasons.join("; "));
        let mut report = sink.report(site(fact, "EnableKeyRotation"), message);
        report.whenever(&guards).here("KMS refuses to switch this on").help_or_cdk(
            "leave `EnableKeyRotation` out: only symmetric keys with material of KMS rotate",
            "leave `enableKeyRotation` out: only symmetric keys with material of KMS rotate",
        );
        for property in ["KeySpec", "Origin"] {
            if let Some(valued) = fact.property(property) {
                report.also(Site { stack: fact.stack, span: valued.span }, format!("`{property}` is set here"));
            }
        }
    }
}

/// Why a key certainly cannot rotate.
fn reason(spec: &Setting, origin: &Setting) -> Option<String> {
    match (spec, origin) {
        (Setting::Is(spec), _) if NEVER.iter().any(|prefix| spec.starts_with(prefix)) => {
            Some(format!("its spec is `{spec}`"))
        }
        (_, Setting::Is(origin)) if FOREIGN.contains(&origin.as_str()) => Some(format!("its origin is `{origin}`")),
        _ => None,
    }
}
