//! A key id or an alias where the key belongs to another account: there it means nothing, or another key.

use super::naming::Naming;
use super::{Cx, Rule, Sink};
use crate::estate::{Consumer, Fact, Target};
use crate::finding::{Meta, Site, Subject};
use crate::resolve::{Guard, Text, Truth, Value};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/cross-account-alias.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for naming in cx.namings() {
        foreign_key_by_id(cx, naming, sink);
        if naming.consumer.kind == "AWS::CodePipeline::Pipeline" {
            pipeline_by_alias(cx, naming, sink);
        }
    }
}

/// The id of a key of another account, as an import or a parameter brings it here.
fn foreign_key_by_id(cx: &Cx<'_>, naming: &Naming<'_>, sink: &mut Sink<'_>) {
    let consumer = naming.consumer;
    let Some(stack) = cx.estate.stack(consumer.stack) else { return };
    let (mut guards, mut owner) = (Vec::new(), None);
    for named in &naming.named {
        let Target::KeyById(id) = named.target else { continue };
        let Some(key) = cx.estate.key(id) else { continue };
        if key.account.equals(&stack.environment.account) == Truth::No {
            guards.push(named.guard.clone());
            owner = owner.or(Some(key));
        }
    }
    let Some(key) = owner else { return };
    let message = format!(
        "`{}` names key `{}` of account {} by its id, which means nothing in account {}",
        consumer.resource, key.name, key.account, stack.environment.account
    );
    let mut report = sink.report(consumer.site, message);
    report
        .whenever(&guards)
        .here("a key id is looked up in the account of the caller")
        .about(Subject::Place(consumer.site))
        .help_or_cdk(
            "pass the key's ARN across the accounts: `!GetAtt ….Arn`",
            "pass the key's ARN across the accounts: `key.keyArn`",
        );
    if let Some(site) = key.site {
        report.also(site, "the key is declared here");
    }
}

/// A pipeline whose artefacts another account has to decrypt: that account cannot follow an alias.
fn pipeline_by_alias(cx: &Cx<'_>, naming: &Naming<'_>, sink: &mut Sink<'_>) {
    let consumer = naming.consumer;
    let is_alias = |target: &Target| matches!(target, Target::AliasName(..) | Target::AliasArn(..));
    let aliases: Vec<_> = naming.named.iter().filter(|named| is_alias(&named.target)).collect();
    let Some(first) = aliases.first() else { return };
    let Some((role, guard, site)) = foreign_role(cx, consumer) else { return };
    let together = |guard: &Guard, other: &Guard| guard.and(other).filter(|guard| cx.estate.feasible(guard));
    let guards: Vec<Guard> = aliases.iter().filter_map(|named| together(&named.guard, &guard)).collect();
    if guards.is_empty() {
        return;
    }
    let message = format!(
        "`{}` encrypts its artefacts under the alias `{}`, which an action in another account cannot follow",
        consumer.resource, first.text
    );
    sink.report(consumer.site, message)
        .whenever(&guards)
        .here("an alias is looked up in the account of the caller")
        .also(site, format!("this action runs as `{role}`"))
        .about(Subject::Place(consumer.site))
        .help("name the key by its ARN");
}

/// The role of another account as which an action of a pipeline runs.
fn foreign_role(cx: &Cx<'_>, consumer: &Consumer) -> Option<(Text, Guard, Site)> {
    let fact: &Fact = cx.estate.fact(consumer.stack, &consumer.resource)?;
    let account = &cx.estate.stack(consumer.stack)?.environment.account;
    for stage in fact.property("Stages")?.elements(&fact.guard) {
        let Value::Map(stage_entries) = stage.value else { continue };
        let actions = stage_entries.iter().filter(|(name, _)| name.value == "Actions");
        for action in actions.flat_map(|(_, actions)| actions.elements(&stage.guard)) {
            let Value::Map(entries) = action.value else { continue };
            let Some((_, role)) = entries.iter().find(|(name, _)| name.value == "RoleArn") else { continue };
            for (guard, value) in role.branches(&action.guard) {
                let Value::Text(arn) = value else { continue };
                let owner = super::trust::account_of(arn);
                if owner.is_some_and(|owner| owner.equals(account) == Truth::No) {
                    return Some((arn.clone(), guard, Site { stack: consumer.stack, span: role.span }));
                }
            }
        }
    }
    None
}
