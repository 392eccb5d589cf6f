//! An alias of the same template by its name alone: nothing says that it has to be there first.

use super::{Cx, Rule, Sink};
use crate::estate::Target;
use crate::estate::cycles::Order;
use crate::finding::{Meta, Subject};
use crate::resolve::{StackId, Truth};
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/alias-race.md")), check };

/// Services that look for a key when they use it, not when the resource is made.
const LATE: [&str; 3] = ["AWS::S3::Bucket", "AWS::SNS::Topic", "AWS::SQS::Queue"];

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut orders: BTreeMap<StackId, Order> = BTreeMap::new();
    for naming in cx.namings() {
        let consumer = naming.consumer;
        if LATE.contains(&consumer.kind.as_str()) {
            continue;
        }
        let (mut guards, mut alias) = (Vec::new(), None);
        for named in &naming.named {
            let (Target::AliasName(_, Some(id)) | Target::AliasArn(_, Some(id))) = named.target else { continue };
            let Some(found) = cx.estate.aliases.get(id.0 as usize) else { continue };
            let Some(fact) = cx.estate.facts.get(found.fact).filter(|_| found.stack == consumer.stack) else {
                continue;
            };
            let Some(guard) = named.guard.and(&fact.guard).filter(|guard| cx.estate.feasible(guard)) else { continue };
            let order = orders.entry(consumer.stack).or_insert_with(|| Order::of(cx.estate, consumer.stack));
            if order.is_after(&consumer.resource, &found.logical) == Truth::No {
                guards.push(guard);
                alias = alias.or(Some(found));
            }
        }
        let Some(alias) = alias else { continue };
        let message = format!(
            "`{}` names the alias `{}` by its text, and may be created before it",
            consumer.resource, alias.logical
        );
        sink.report(consumer.site, message)
            .whenever(&guards)
            .here("nothing orders the two")
            .also(alias.name_site, "the alias is declared here")
            .about(Subject::Place(consumer.site))
            .help_or_cdk(
                format!("write `!Ref {}`, or add `DependsOn: {}`", alias.logical, alias.logical),
                "set the flag `@aws-cdk/aws-kms:aliasNameRef`, and take the name from the alias (`alias.aliasName`)",
            );
    }
}
