//! A resource is shared with another account while it is encrypted under an AWS managed key, which no other account can use.

use super::naming::is_aws_managed;
use super::properties::{Choices, Setting, places, settings_in};
use super::trust::{owner_of, unknown_owner};
use super::words::list;
use super::{Cx, Rule, Sink};
use crate::estate::{Consumer, Fact};
use crate::finding::{Meta, Site, Subject};
use crate::policy::{Effect, Guarded, Match, Policy, PolicyKind, Principal, Statement, parse};
use crate::resolve::{Guard, StackId, Text, Truth};
use crate::template::{Expr, Form, references};
use std::collections::BTreeMap;

pub(super) const RULE: Rule =
    Rule { meta: Meta::of(include_str!("../../rules/managed-key-across-accounts.md")), check };

/// A kind of resource that can be shared by a policy of its own.
struct Shared {
    /// The type of the resource that holds the policy, the property that names what is shared, and the one with the document.
    policy: (&'static str, &'static str, &'static str),
    /// The type of what is shared.
    target: &'static str,
    /// Where the key of what is shared stands: the properties around it, and its name.
    key: (&'static str, &'static str),
    /// Without a key it is encrypted under the AWS managed one: always, or if a property beside the key has one of these values.
    by_default: Option<(&'static str, &'static [&'static str])>,
    /// The alias of the AWS managed key.
    alias: &'static str,
    /// Actions whose callers use the key.
    actions: &'static [&'static str],
}

/// Sources: the guides of the services on encryption and on sharing.
const SHARED: [Shared; 5] = [
    Shared {
        policy: ("AWS::Kinesis::ResourcePolicy", "ResourceArn", "ResourcePolicy"),
        target: "AWS::Kinesis::Stream",
        key: ("StreamEncryption", "KeyId"),
        by_default: None,
        alias: "alias/aws/kinesis",
        actions: &["kinesis:GetRecords", "kinesis:PutRecord", "kinesis:PutRecords", "kinesis:SubscribeToShard"],
    },
    Shared {
        policy: ("AWS::S3::BucketPolicy", "Bucket", "PolicyDocument"),
        target: "AWS::S3::Bucket",
        key: ("BucketEncryption.ServerSideEncryptionConfiguration.*.ServerSideEncryptionByDefault", "KMSMasterKeyID"),
        by_default: Some(("SSEAlgorithm", &["aws:kms", "aws:kms:dsse"])),
        alias: "alias/aws/s3",
        actions: &["s3:GetObject", "s3:PutObject"],
    },
    Shared {
        policy: ("AWS::SecretsManager::ResourcePolicy", "SecretId", "ResourcePolicy"),
        target: "AWS::SecretsManager::Secret",
        key: ("", "KmsKeyId"),
        by_default: Some(("", &[])),
        alias: "alias/aws/secretsmanager",
        actions: &["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"],
    },
    Shared {
        policy: ("AWS::SNS::TopicPolicy", "Topics", "PolicyDocument"),
        target: "AWS::SNS::Topic",
        key: ("", "KmsMasterKeyId"),
        by_default: None,
        alias: "alias/aws/sns",
        actions: &["sns:Publish"],
    },
    Shared {
        policy: ("AWS::SQS::QueuePolicy", "Queues", "PolicyDocument"),
        target: "AWS::SQS::Queue",
        key: ("", "KmsMasterKeyId"),
        by_default: None,
        alias: "alias/aws/sqs",
        actions: &["sqs:ReceiveMessage", "sqs:SendMessage"],
    },
];

/// A statement that shares something.
#[derive(Clone)]
struct Sharing {
    guard: Guard,
    site: Site,
    names: Vec<String>,
}

/// Something under an AWS managed key that is shared.
struct Exposed<'e> {
    shared: &'static Shared,
    target: &'e Fact,
    managed: Managed,
    sharings: Vec<Sharing>,
}

/// The worlds in which a resource is encrypted under an AWS managed key, and where that is written, if it is.
struct Managed {
    guards: Vec<Guard>,
    site: Option<Site>,
}

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut exposed: BTreeMap<(StackId, &str), Exposed<'_>> = BTreeMap::new();
    for (fact, shared) in policies(cx) {
        let mut targets = targets(cx, fact, shared);
        targets.retain(|(_, managed)| !managed.guards.is_empty());
        if targets.is_empty() {
            continue;
        }
        let sharings = sharings(cx, fact, shared, sink);
        for (target, managed) in targets {
            let found = exposed.entry((target.stack, &target.name));
            let found = found.or_insert(Exposed { shared, target, managed, sharings: Vec::new() });
            found.sharings.extend(sharings.iter().cloned());
        }
    }
    for found in exposed.values() {
        report(cx, found, sink);
    }
}

/// The policies in view by which something is shared.
fn policies<'e>(cx: &Cx<'e>) -> impl Iterator<Item = (&'e Fact, &'static Shared)> {
    cx.estate.facts.iter().filter_map(|fact| Some((fact, SHARED.iter().find(|shared| shared.policy.0 == fact.kind)?)))
}

/// What the policy of a resource is attached to, where it says so by plain references.
fn targets<'e>(cx: &Cx<'e>, fact: &Fact, shared: &Shared) -> Vec<(&'e Fact, Managed)> {
    let written = cx.estate.resource(fact.stack, &fact.name).and_then(|policy| policy.properties.get(shared.policy.1));
    let is_plain = |expr: &Expr| matches!(expr.form, Form::Ref(_) | Form::GetAtt(..) | Form::Sub(..));
    let Some(written) = written.filter(|expr| match &expr.form {
        Form::List(items) => items.iter().all(is_plain),
        _ => is_plain(expr),
    }) else {
        return Vec::new();
    };
    let facts = references(written).filter_map(|reference| cx.estate.fact(fact.stack, reference.name));
    facts.filter(|target| target.kind == shared.target).map(|target| (target, managed(cx, shared, target))).collect()
}

/// The statements of a policy that let another account do what needs the key.
fn sharings(cx: &Cx<'_>, fact: &Fact, shared: &Shared, sink: &mut Sink<'_>) -> Vec<Sharing> {
    let Some(own) = cx.estate.stack(fact.stack).map(|stack| &stack.environment.account) else { return Vec::new() };
    let mut sharings = Vec::new();
    for (guard, document) in fact.properties.get(&fact.guard, shared.policy.2) {
        let policy: Policy = parse(document, PolicyKind::Resource);
        for statement in policy.statements.iter().filter(|statement| needs_key(statement, shared)) {
            let Match::Only(principals) = &statement.principals else { continue };
            let Some(guard) = guard.and(&statement.guard) else { continue };
            let mut foreign: Vec<&Guarded<Principal>> = Vec::new();
            for principal in principals {
                let Some((account, _)) = owner_of(&principal.value) else { continue };
                let site = Site { stack: fact.stack, span: principal.span };
                match account.equals(own) {
                    Truth::No => foreign.push(principal),
                    Truth::Unknown => {
                        sink.undecided("resource policy", site, unknown_owner(&account));
                    }
                    Truth::Yes => {}
                }
            }
            sharings.extend(foreign.first().and_then(|first| {
                let names = foreign.iter().filter_map(|principal| owner_of(&principal.value));
                Some(Sharing {
                    guard: guard.and(&first.guard)?,
                    site: Site { stack: fact.stack, span: first.span },
                    names: names.map(|(_, name)| name.to_string()).collect(),
                })
            }));
        }
    }
    sharings
}

/// Whether a statement allows something whose callers use the key.
fn needs_key(statement: &Statement, shared: &Shared) -> bool {
    let is_given = |action: &&str| {
        let action = Text::literal(action);
        let patterns = statement.actions.elements().iter();
        patterns.clone().any(|pattern| action.matches_ignoring_case(&pattern.value.text) == Truth::Yes)
    };
    statement.effect == Some(Effect::Allow)
        && matches!(&*statement.actions, Match::Only(_))
        && shared.actions.iter().any(is_given)
}

fn managed(cx: &Cx<'_>, shared: &Shared, target: &Fact) -> Managed {
    let (around, key) = shared.key;
    let named = cx.namings_of(target.stack, &target.name).iter().map(|naming| naming.consumer);
    let named: Vec<&Consumer> =
        named.filter(|consumer| consumer.property.ends_with(key) && is_aws_managed(&consumer.target)).collect();
    let mut guards: Vec<Guard> = named.iter().map(|consumer| consumer.guard.clone()).collect();
    if let Some((switch, values)) = shared.by_default {
        for (guard, container) in places(target, around) {
            let settings =
                |guard: &Guard, name| settings_in(cx, (target.stack, guard), container, name, Choices::Default);
            let unset = settings(&guard, key).into_iter().filter(|(_, setting)| *setting == Setting::Absent);
            for (guard, _) in unset {
                let is_on = |(_, setting): &(Guard, Setting)| matches!(setting, Setting::Is(value) if values.contains(&value.as_str()));
                match values {
                    [] => guards.push(guard),
                    _ => guards.extend(settings(&guard, switch).into_iter().filter(is_on).map(|(guard, _)| guard)),
                }
            }
        }
    }
    guards.retain(|guard| cx.estate.feasible(guard));
    Managed { guards, site: named.first().map(|consumer| consumer.site) }
}

fn report(cx: &Cx<'_>, found: &Exposed<'_>, sink: &mut Sink<'_>) {
    let Exposed { shared, target, managed, sharings } = found;
    let both = managed.guards.iter().flat_map(|guard| sharings.iter().filter_map(|sharing| guard.and(&sharing.guard)));
    let guards: Vec<Guard> = both.filter(|guard| cx.estate.feasible(guard)).collect();
    let Some(first) = sharings.first().filter(|_| !guards.is_empty()) else { return };
    let mut names: Vec<String> = sharings.iter().flat_map(|sharing| sharing.names.clone()).collect();
    names.sort();
    names.dedup();
    let message = format!(
        "`{}` is shared with {}, and encrypted under `{}`, which only its own account can use",
        target.name,
        list(&names),
        shared.alias
    );
    sink.report(managed.site.unwrap_or(target.site()), message)
        .whenever(&guards)
        .here("the policy of an AWS managed key cannot be changed")
        .about(Subject::Resource(target.stack, target.name.clone()))
        .also(first.site, "shared here")
        .help("encrypt it under a customer managed key whose policy admits the other account");
}
