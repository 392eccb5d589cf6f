//! A property that takes the ARN of a key gets its id or an alias.

use super::{Cx, Rule, Sink};
use crate::estate::{Consumer, Target};
use crate::finding::{Meta, Subject};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/wrong-key-identifier.md")), check };

/// Properties of which only recollection says that they take an ARN.
const UNSURE: [(&str, &str); 4] = [
    ("AWS::Cognito::UserPool", "LambdaConfig.KMSKeyID"),
    ("AWS::EMR::Cluster", "LogEncryptionKmsKeyId"),
    ("AWS::MSK::Cluster", "EncryptionInfo.EncryptionAtRest.DataVolumeKMSKeyId"),
    ("AWS::MWAA::Environment", "KmsKey"),
];

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for naming in cx.namings() {
        let consumer = naming.consumer;
        if !takes_arn_only(consumer) {
            continue;
        }
        let (mut guards, mut found) = (Vec::new(), None);
        for named in &naming.named {
            let what = match &named.target {
                Target::KeyById(_) | Target::BareId(_) => "a key id",
                Target::AliasName(..) => "an alias name",
                Target::Key(_)
                | Target::AliasArn(..)
                | Target::Pattern(_)
                | Target::OtherService
                | Target::Malformed(_)
                | Target::Unknown(_) => continue,
            };
            guards.push(named.guard.clone());
            found = found.or(Some((named, what)));
        }
        let Some((named, what)) = found else { continue };
        let property = consumer.property.rsplit('.').next().unwrap_or(consumer.property);
        let message =
            format!("`{property}` of `{}` takes the ARN of a key, and `{}` is {what}", consumer.resource, named.text);
        let repair = match cx.declared_name(&named.target) {
            Some(name) if is_of(cx, consumer, name) => format!("write `!GetAtt {name}.Arn`"),
            _ => "name the key by its ARN".to_owned(),
        };
        sink.report(consumer.site, message)
            .whenever(&guards)
            .here(format!("the service refuses {what} here"))
            .about(Subject::Place(consumer.site))
            .help_or_cdk(repair, "name the key by `key.keyArn`");
    }
}

fn takes_arn_only(consumer: &Consumer) -> bool {
    let forms = consumer.forms;
    let is_sure = forms.certain && !UNSURE.contains(&(consumer.kind.as_str(), consumer.property));
    is_sure && forms.key_arn && !forms.key_id && !forms.alias_name
}

/// Whether the template of a property declares this resource.
fn is_of(cx: &Cx<'_>, consumer: &Consumer, name: &str) -> bool {
    cx.estate.resource(consumer.stack, name).is_some()
}
