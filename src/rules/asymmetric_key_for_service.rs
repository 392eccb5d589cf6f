//! A service that encrypts gets a key that cannot.

use super::properties::{Setting, site, where_true};
use super::{Cx, Rule, Sink};
use crate::estate::{Consumer, Key, KeyOrigin};
use crate::finding::{Meta, Subject};
use crate::resolve::{Guard, Truth};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/asymmetric-key-for-service.md")), check };

/// Properties that name a key for signatures.
const SIGNING: [(&str, &str); 3] = [
    ("AWS::LicenseManager::License", "Issuer.SignKey"),
    ("AWS::Route53::KeySigningKey", "KeyManagementServiceArn"),
    ("AWS::SupportAuthZ::SupportPermit", "SigningKeyInfo.KmsKey"),
];

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for naming in cx.namings() {
        let consumer = naming.consumer;
        if signs(consumer) {
            continue;
        }
        let mut guards: Vec<Guard> = Vec::new();
        let mut used = None;
        for named in &naming.named {
            for (through, id) in cx.keys_of(&named.target) {
                let Some(key) = cx.estate.key(id) else { continue };
                let Some(under) = named.guard.and(&through) else { continue };
                let both = asymmetric(cx, key).into_iter().filter_map(|guard| guard.and(&under));
                let before = guards.len();
                guards.extend(both.filter(|guard| cx.estate.feasible(guard)));
                if guards.len() > before {
                    used = used.or(Some(key));
                }
            }
        }
        let Some(key) = used else { continue };
        let mut report = sink.report(
            consumer.site,
            format!("`{}` is to encrypt under `{}`, which is no symmetric key", consumer.resource, key.name),
        );
        report
            .whenever(&guards)
            .here("services encrypt under symmetric keys only")
            .about(Subject::Place(consumer.site))
            .help("name a symmetric key: one without `KeySpec`");
        if let KeyOrigin::Declared { fact } = key.origin
            && let Some(fact) = cx.estate.facts.get(fact)
        {
            report.also(site(fact, "KeySpec"), "the spec of the key");
        }
    }
}

fn signs(consumer: &Consumer) -> bool {
    SIGNING.contains(&(consumer.kind.as_str(), consumer.property)) || consumer.property.contains("Jwt")
}

/// The worlds in which a declared key is certainly not symmetric.
fn asymmetric(cx: &Cx<'_>, key: &Key) -> Vec<Guard> {
    let KeyOrigin::Declared { fact } = key.origin else { return Vec::new() };
    let Some(fact) = cx.estate.facts.get(fact).filter(|fact| !Key::is_replica(fact)) else { return Vec::new() };
    let (guards, _) = where_true(cx, fact, &["KeySpec"], |settings| match settings.first() {
        Some(Setting::Is(spec)) => (spec != "SYMMETRIC_DEFAULT").into(),
        Some(Setting::Unknown(_)) => Truth::Unknown,
        Some(Setting::Absent) | None => Truth::No,
    });
    guards
}
