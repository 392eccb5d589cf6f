//! A key that is deleted with its stack, under data that stays.

use super::{Cx, Rule, Sink};
use crate::estate::{Consumer, Fact, Fate, LifecyclePolicy};
use crate::finding::Meta;
use crate::resolve::{Guard, StackId};
use crate::rules::naming::is_for_data_elsewhere;
use crate::rules::words::list;
use std::collections::BTreeMap;

pub(super) const RULE: Rule =
    Rule { meta: Meta::of(include_str!("../../rules/retained-data-on-deleted-key.md")), check };

/// Types of resources that hold data which is encrypted under the key that they name.
const DATA: [&str; 28] = [
    "AWS::Backup::BackupVault",
    "AWS::Cassandra::Table",
    "AWS::CloudTrail::EventDataStore",
    "AWS::CodeArtifact::Domain",
    "AWS::DocDB::DBCluster",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::EC2::Volume",
    "AWS::ECR::Repository",
    "AWS::EFS::FileSystem",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElastiCache::ServerlessCache",
    "AWS::Elasticsearch::Domain",
    "AWS::FSx::FileSystem",
    "AWS::Kinesis::Stream",
    "AWS::Logs::LogGroup",
    "AWS::MSK::Cluster",
    "AWS::MemoryDB::Cluster",
    "AWS::Neptune::DBCluster",
    "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
    "AWS::RedshiftServerless::Namespace",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
    "AWS::Timestream::Database",
];

/// What stays when a key is gone.
struct Kept<'e> {
    consumer: &'e Consumer,
    guard: Guard,
    how: &'static str,
}

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let facts: BTreeMap<(StackId, &str), &Fact> =
        cx.estate.facts.iter().map(|fact| ((fact.stack, fact.name.as_str()), fact)).collect();
    let uses = cx.uses();
    for (id, key, fact) in cx.estate.declared_keys() {
        let Some(uses) = uses.get(&id) else { continue };
        let fates = cx.estate.fates(fact, LifecyclePolicy::Deletion);
        let deleted: Vec<&Guard> = fates.iter().filter(|(_, fate)| *fate == Fate::Deleted).map(|(g, _)| g).collect();
        let mut kept: Vec<Kept<'_>> = Vec::new();
        for (guard, consumer) in uses {
            if !DATA.contains(&consumer.kind.as_str()) || is_for_data_elsewhere(consumer) {
                continue;
            }
            let Some(data) = facts.get(&(consumer.stack, consumer.resource.as_str())) else { continue };
            for (own, fate) in cx.estate.fates(data, LifecyclePolicy::Deletion) {
                let Some(how) = how_kept(&fate) else { continue };
                let guards = deleted.iter().filter_map(|deleted| deleted.and(guard)?.and(&own));
                let guards = guards.filter(|guard| cx.estate.feasible(guard));
                kept.extend(guards.map(|guard| Kept { consumer, guard, how }));
            }
        }
        let mut names: Vec<String> = kept.iter().map(|kept| kept.consumer.resource.clone()).collect();
        names.dedup();
        if names.is_empty() {
            continue;
        }
        let message = format!(
            "`{}` is deleted with its stack, and what is kept of {} can never be read again",
            key.name,
            list(&names)
        );
        let site = cx.estate.fate_site(fact, LifecyclePolicy::Deletion);
        let mut report = sink.report(site, message);
        report.whenever(kept.iter().map(|kept| &kept.guard)).here("the key is scheduled for deletion");
        let mut told: Vec<&str> = Vec::new();
        for kept in &kept {
            let name = kept.consumer.resource.as_str();
            if let Some(data) = facts.get(&(kept.consumer.stack, name)).filter(|_| !told.contains(&name)) {
                told.push(name);
                report.also(cx.estate.fate_site(data, LifecyclePolicy::Deletion), format!("`{name}` {}", kept.how));
            }
        }
        let help = if report.is_from_cdk() {
            "give the key `removalPolicy: RemovalPolicy.RETAIN`, or delete the data with it"
        } else {
            "set `DeletionPolicy: Retain` and `UpdateReplacePolicy: Retain` on the key, or delete the data with it"
        };
        report.help(help);
    }
}

/// How the data of a resource stay.
fn how_kept(fate: &Fate) -> Option<&'static str> {
    match fate {
        Fate::Retained => Some("stays"),
        Fate::Snapshot => Some("leaves a snapshot"),
        Fate::Deleted | Fate::Unknown(_) => None,
    }
}
