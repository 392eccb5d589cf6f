//! A key is named, and the encryption for which it is named is off.

use super::properties::{Choices, Setting, places, settings_in};
use super::{Cx, Rule, Sink};
use crate::estate::Fact;
use crate::finding::{Meta, Site};
use crate::resolve::{Guard, Symbol, Text, Truth, Value, Valued};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/key-without-encryption.md")), check };

/// When a switch is off.
#[derive(Clone, Copy)]
enum Off {
    /// It is false, or not set.
    UnlessTrue,
    /// It is false.
    False,
    /// It has one of these values.
    Is(&'static [&'static str]),
}

/// A key and the switch beside it.
struct Switch {
    kind: &'static str,
    /// Where both stand, with `*` for the elements of a list; empty for the properties themselves.
    container: &'static str,
    key: &'static str,
    switch: &'static str,
    off: Off,
    /// Properties beside them that decide instead: what a resource is made from.
    unless: &'static [&'static str],
}

const fn switch(
    kind: &'static str,
    container: &'static str,
    key: &'static str,
    switch: &'static str,
    off: Off,
) -> Switch {
    Switch { kind, container, key, switch, off, unless: &[] }
}

const fn database(kind: &'static str) -> Switch {
    let unless = &[
        "DBClusterIdentifier",
        "DBClusterSnapshotIdentifier",
        "DBSnapshotIdentifier",
        "GlobalClusterIdentifier",
        "ReplicationSourceIdentifier",
        "SnapshotIdentifier",
        "SourceDBClusterIdentifier",
        "SourceDBInstanceIdentifier",
        "SourceDbiResourceId",
    ];
    Switch { kind, container: "", key: "KmsKeyId", switch: "StorageEncrypted", off: Off::UnlessTrue, unless }
}

/// DocumentDB names its own identifier like the cluster of a database instance.
const fn cluster(kind: &'static str) -> Switch {
    let unless = &[
        "DBSnapshotIdentifier",
        "GlobalClusterIdentifier",
        "ReplicationSourceIdentifier",
        "SnapshotIdentifier",
        "SourceDBClusterIdentifier",
    ];
    Switch { unless, ..database(kind) }
}

const GLUE: &str = "AWS::Glue::SecurityConfiguration";

/// Every switch. Sources: the resource references.
const SWITCHES: [Switch; 19] = [
    Switch {
        unless: &["SnapshotId", "SourceVolumeId"],
        ..switch("AWS::EC2::Volume", "", "KmsKeyId", "Encrypted", Off::UnlessTrue)
    },
    switch("AWS::EC2::Instance", "BlockDeviceMappings.*.Ebs", "KmsKeyId", "Encrypted", Off::False),
    switch(
        "AWS::EC2::LaunchTemplate",
        "LaunchTemplateData.BlockDeviceMappings.*.Ebs",
        "KmsKeyId",
        "Encrypted",
        Off::False,
    ),
    switch("AWS::EFS::FileSystem", "", "KmsKeyId", "Encrypted", Off::UnlessTrue),
    database("AWS::RDS::DBInstance"),
    cluster("AWS::RDS::DBCluster"),
    cluster("AWS::DocDB::DBCluster"),
    cluster("AWS::Neptune::DBCluster"),
    Switch {
        unless: &["SnapshotIdentifier"],
        ..switch("AWS::Redshift::Cluster", "", "KmsKeyId", "Encrypted", Off::False)
    },
    switch("AWS::DynamoDB::Table", "SSESpecification", "KMSMasterKeyId", "SSEEnabled", Off::False),
    switch(
        "AWS::S3::Bucket",
        "BucketEncryption.ServerSideEncryptionConfiguration.*.ServerSideEncryptionByDefault",
        "KMSMasterKeyID",
        "SSEAlgorithm",
        Off::Is(&["AES256"]),
    ),
    switch("AWS::ElastiCache::ReplicationGroup", "", "KmsKeyId", "AtRestEncryptionEnabled", Off::False),
    switch("AWS::OpenSearchService::Domain", "EncryptionAtRestOptions", "KmsKeyId", "Enabled", Off::False),
    switch("AWS::Elasticsearch::Domain", "EncryptionAtRestOptions", "KmsKeyId", "Enabled", Off::False),
    switch("AWS::ECR::Repository", "EncryptionConfiguration", "KmsKey", "EncryptionType", Off::Is(&["AES256"])),
    switch(
        "AWS::Athena::WorkGroup",
        "WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration",
        "KmsKey",
        "EncryptionOption",
        Off::Is(&["SSE_S3"]),
    ),
    switch(
        GLUE,
        "EncryptionConfiguration.CloudWatchEncryption",
        "KmsKeyArn",
        "CloudWatchEncryptionMode",
        Off::Is(&["DISABLED"]),
    ),
    switch(
        GLUE,
        "EncryptionConfiguration.JobBookmarksEncryption",
        "KmsKeyArn",
        "JobBookmarksEncryptionMode",
        Off::Is(&["DISABLED"]),
    ),
    switch(
        GLUE,
        "EncryptionConfiguration.S3Encryptions.*",
        "KmsKeyArn",
        "S3EncryptionMode",
        Off::Is(&["DISABLED", "SSE-S3"]),
    ),
];

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for fact in &cx.estate.facts {
        for switch in SWITCHES.iter().filter(|switch| switch.kind == fact.kind) {
            for (guard, container) in places(fact, switch.container) {
                judge(cx, fact, switch, &guard, container, sink);
            }
        }
    }
}

fn judge(cx: &Cx<'_>, fact: &Fact, switch: &Switch, guard: &Guard, container: &Valued, sink: &mut Sink<'_>) {
    let decides_instead = |name: &&str| !container.get(guard, name).is_empty();
    if switch.unless.iter().any(decides_instead) {
        return;
    }
    let keys = container.get(guard, switch.key);
    let Some((_, key)) = keys.first() else { return };
    let (mut guards, mut unknown) = (Vec::new(), None);
    let mut is_written = false;
    for (there, key) in &keys {
        for (there, value) in key.branches(there) {
            let named = is_key(cx, value);
            for (off, setting) in settings_in(cx, (fact.stack, &there), container, switch.switch, Choices::Default) {
                match named.and(switch.off.is(&setting)) {
                    Truth::Yes => {
                        is_written |= setting != Setting::Absent;
                        guards.push(off);
                    }
                    Truth::Unknown => unknown = unknown.or_else(|| Some(why(&setting))),
                    Truth::No => {}
                }
            }
        }
    }
    guards.retain(|guard| cx.estate.feasible(guard));
    let key_site = Site { stack: fact.stack, span: key.span };
    if guards.is_empty() {
        if let Some(why) = unknown {
            sink.undecided("encryption", key_site, why);
        }
        return;
    }
    let written =
        container.get(guard, switch.switch).first().map(|(_, valued)| Site { stack: fact.stack, span: valued.span });
    let state = if is_written { "switches encryption off" } else { "is not set" };
    let mut report = sink
        .report(written.unwrap_or(key_site), format!("`{}` names a key, but `{}` {state}", fact.name, switch.switch));
    report.whenever(&guards).here("nothing is encrypted under the key, or the deployment fails");
    if written.is_some() {
        report.also(key_site, "the key that is named");
    }
    report.help(switch.off.repair(switch));
}

fn why(setting: &Setting) -> String {
    setting.unknown().unwrap_or("whether a key is named is not known from here").to_owned()
}

/// Whether a value names a key: a parameter whose default is empty may stay empty.
fn is_key(cx: &Cx<'_>, value: &Value) -> Truth {
    match value {
        Value::Text(text) if text.as_literal() == Some("") => Truth::No,
        Value::Text(text) if may_be_empty(cx, text) => Truth::Unknown,
        Value::Text(_) => Truth::Yes,
        Value::Unknown(_) => Truth::Unknown,
        Value::Absent | Value::Null | Value::List(_) | Value::Map(_) => Truth::No,
    }
}

fn may_be_empty(cx: &Cx<'_>, text: &Text) -> bool {
    let Some(Symbol::Parameter(stack, name)) = text.as_symbol() else { return false };
    let parameter = cx.estate.template(*stack).and_then(|template| template.parameter(name));
    parameter.and_then(|parameter| parameter.default.as_ref()).is_some_and(|default| default.value.is_empty())
}

impl Off {
    fn is(self, setting: &Setting) -> Truth {
        match self {
            Self::UnlessTrue => !setting.is_on(false),
            Self::False => !setting.is_on(true),
            Self::Is(values) => match setting {
                Setting::Is(value) => values.contains(&value.as_str()).into(),
                Setting::Unknown(_) => Truth::Unknown,
                Setting::Absent => Truth::No,
            },
        }
    }

    fn repair(self, switch: &Switch) -> String {
        match self {
            Self::UnlessTrue | Self::False => format!("set `{}: true`, or drop `{}`", switch.switch, switch.key),
            Self::Is(_) => format!("set `{}` to encryption with KMS, or drop `{}`", switch.switch, switch.key),
        }
    }
}
