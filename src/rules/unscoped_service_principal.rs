//! A service may use the key for everyone who can make it do so: nothing says for which account.

use super::words::list;
use super::{Cx, Rule, Sink};
use crate::estate::{Fact, Key};
use crate::finding::{Meta, Site, Subject};
use crate::policy::{Action, Effect, Match, Part, Principal, Statement};
use crate::resolve::{Guard, Text, Truth};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/unscoped-service-principal.md")), check };

/// Services that say for which resource and account they call, wherever they call KMS by their own name. Sources: their guides.
/// Not among them: EventBridge, which says nothing towards encrypted topics, and CloudTrail, whose event data stores do not.
const TELLING: [&str; 12] = [
    "cloudfront.amazonaws.com",
    "config.amazonaws.com",
    "costalerts.amazonaws.com",
    "delivery.logs.amazonaws.com",
    "dnssec-route53.amazonaws.com",
    "gamelift.amazonaws.com",
    "guardduty.amazonaws.com",
    "s3.amazonaws.com",
    "ses.amazonaws.com",
    "sns.amazonaws.com",
    "ssm.amazonaws.com",
    "storage-lens.s3.amazonaws.com",
];

/// Condition keys that say nothing of the account for which a service calls.
const FREE: [&str; 4] =
    ["aws:securetransport", "kms:encryptioncontextkeys", "kms:grantisforawsresource", "kms:viaservice"];

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, key, fact) in cx.estate.declared_keys() {
        for statement in key.statements().filter(|statement| statement.effect == Some(Effect::Allow)) {
            if uses_key(statement) && !is_limited(statement) {
                services(cx, key, fact, statement, sink);
            }
        }
    }
}

fn services(cx: &Cx<'_>, key: &Key, fact: &Fact, statement: &Statement, sink: &mut Sink<'_>) {
    let Match::Only(principals) = &statement.principals else { return };
    let (mut guards, mut names, mut first): (Vec<Guard>, Vec<String>, Option<Site>) = (Vec::new(), Vec::new(), None);
    for principal in principals {
        let Principal::Service(name) = &principal.value else { continue };
        if !TELLING.iter().any(|telling| name.equals(&Text::literal(telling)) == Truth::Yes) {
            continue;
        }
        let guard = fact.guard.and(&statement.guard).and_then(|guard| guard.and(&principal.guard));
        let Some(guard) = guard.filter(|guard| cx.estate.feasible(guard)) else { continue };
        guards.push(guard);
        names.push(name.to_string());
        first = first.or(Some(Site { stack: fact.stack, span: principal.span }));
    }
    let Some(site) = first else { return };
    let verb = if names.len() == 1 { "may use" } else { "may each use" };
    let mut report = sink.report(site, format!("{} {verb} `{}` for any account", list(&names), key.name));
    report
        .whenever(&guards)
        .here("nothing says for whom the service acts")
        .about(Subject::Place(Site { stack: fact.stack, span: statement.span }));
    let is_of_topic = names.iter().all(|name| name.starts_with("sns."));
    let help = if report.is_from_cdk() && is_of_topic {
        "set the flag `@aws-cdk/aws-sns-subscriptions:restrictSqsDescryption`, or add `aws:SourceArn` to the statement"
    } else if principals.len() == names.len() {
        "add the condition `StringEquals` on `aws:SourceAccount` with `${AWS::AccountId}`, or `ArnLike` on `aws:SourceArn`"
    } else {
        "give these services a statement of their own, with the condition `StringEquals` on `aws:SourceAccount` with `${AWS::AccountId}`"
    };
    report.help(help);
}

/// Whether a statement gives a use of the key, not only a look at it. What services say of themselves when they make grants is not told.
fn uses_key(statement: &Statement) -> bool {
    let is_use = |action: &Action| action.info().cryptographic;
    let is_read = !matches!(statement.resources, Match::Missing);
    is_read && Action::all().filter(is_use).any(|action| statement.actions.cover(action) == Truth::Yes)
}

/// Whether a condition says for whom a service may act, or could.
fn is_limited(statement: &Statement) -> bool {
    !statement.unknown.is_empty()
        || statement.unread.iter().any(|(part, _)| *part == Part::Conditions)
        || statement.conditions.iter().any(|condition| !FREE.contains(&condition.key.folded.as_str()))
}
