//! A property of a key, a replica or an alias with a value that KMS does not take, or without one that it needs.

use super::properties::{Choices, Setting, settings, site, written};
use super::{Cx, Rule, Sink};
use crate::estate::Fact;
use crate::finding::Meta;
use crate::resolve::{Guard, Truth};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/invalid-key-property.md")), check };

const KEY: &str = "AWS::KMS::Key";
const REPLICA: &str = "AWS::KMS::ReplicaKey";
const ALIAS: &str = "AWS::KMS::Alias";

/// What a property takes.
enum Takes {
    OneOf(&'static [&'static str]),
    Days,
    Truth,
    Characters(usize),
}

/// Properties by type. Source: the resource schemas.
const PROPERTIES: [(&str, &str, Takes); 10] = [
    (KEY, "KeySpec", Takes::OneOf(&SPECS)),
    (KEY, "KeyUsage", Takes::OneOf(&["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"])),
    (KEY, "Origin", Takes::OneOf(&["AWS_KMS", "EXTERNAL"])),
    (KEY, "PendingWindowInDays", Takes::Days),
    (REPLICA, "PendingWindowInDays", Takes::Days),
    (KEY, "Description", Takes::Characters(8192)),
    (REPLICA, "Description", Takes::Characters(8192)),
    (KEY, "Enabled", Takes::Truth),
    (KEY, "EnableKeyRotation", Takes::Truth),
    (KEY, "MultiRegion", Takes::Truth),
];

const SPECS: [&str; 17] = [
    "SYMMETRIC_DEFAULT",
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_NIST_EDWARDS25519",
    "ECC_SECG_P256K1",
    "HMAC_224",
    "HMAC_256",
    "HMAC_384",
    "HMAC_512",
    "ML_DSA_44",
    "ML_DSA_65",
    "ML_DSA_87",
    "SM2",
];

/// Properties without which there is no resource. The policy of a replica is another rule's.
const REQUIRED: [(&str, &str); 3] = [(REPLICA, "PrimaryKeyArn"), (ALIAS, "AliasName"), (ALIAS, "TargetKeyId")];

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for fact in cx.estate.facts.iter().filter(|fact| fact.kind.starts_with("AWS::KMS::")) {
        for (_, name, takes) in PROPERTIES.iter().filter(|(kind, ..)| *kind == fact.kind) {
            value(cx, fact, name, takes, sink);
        }
        for (_, name) in REQUIRED.iter().filter(|(kind, _)| *kind == fact.kind) {
            missing(cx, fact, name, sink);
        }
    }
}

fn value(cx: &Cx<'_>, fact: &Fact, name: &str, takes: &Takes, sink: &mut Sink<'_>) {
    let (mut guards, mut wrong, mut unknown) = (Vec::new(), None, None);
    for (guard, setting) in settings(cx, fact, name, Choices::Default) {
        match setting {
            Setting::Is(text) if !takes.admits(&text) => {
                guards.push(guard);
                wrong = wrong.or(Some(text));
            }
            Setting::Unknown(why) => unknown = unknown.or(Some(why)),
            Setting::Is(_) | Setting::Absent => {}
        }
    }
    match (wrong, unknown) {
        (Some(text), _) => {
            let (problem, help) = takes.explain(name, &text);
            sink.report(site(fact, name), format!("`{name}` of `{}` {problem}", fact.name))
                .whenever(&guards)
                .here("the deployment fails")
                .help(help);
        }
        (None, Some(why)) => {
            sink.undecided("key", site(fact, name), why);
        }
        (None, None) => {}
    }
}

fn missing(cx: &Cx<'_>, fact: &Fact, name: &str, sink: &mut Sink<'_>) {
    let absent = written(cx, fact, name).into_iter().filter(|(_, truth)| *truth == Truth::No);
    let guards: Vec<Guard> = absent.map(|(guard, _)| guard).collect();
    if guards.is_empty() {
        return;
    }
    sink.report(site(fact, name), format!("`{}` has no `{name}`", fact.name))
        .whenever(&guards)
        .here(format!("`{}` cannot be created without it", fact.kind))
        .help(format!("add `{name}`"));
}

impl Takes {
    fn admits(&self, text: &str) -> bool {
        match self {
            Self::OneOf(values) => values.contains(&text),
            Self::Days => text.parse::<u32>().is_ok_and(|days| (7..=30).contains(&days)),
            Self::Truth => matches!(text.to_ascii_lowercase().as_str(), "true" | "false" | "yes" | "no" | "on" | "off"),
            Self::Characters(most) => text.chars().count() <= *most,
        }
    }

    /// What is wrong with a value, and what to do.
    fn explain(&self, name: &str, text: &str) -> (String, String) {
        match self {
            Self::OneOf(values) => {
                let known: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
                (format!("is `{text}`, which is none of its values"), format!("use one of {}", known.join(", ")))
            }
            Self::Days => (format!("is `{text}`, and has to be from 7 to 30"), format!("set `{name}` to 7 to 30 days")),
            Self::Truth => (format!("is `{text}`, neither true nor false"), "write `true` or `false`".to_owned()),
            Self::Characters(most) => {
                (format!("has more than {most} characters"), format!("shorten it to {most} characters"))
            }
        }
    }
}
