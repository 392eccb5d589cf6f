//! What makes a dead grant work, in the author's terms. The engine tried it.

use super::Cx;
use crate::authz::{Asker, Change, Means, Repair, Surveyed, key_side};
use crate::estate::cycles::Precedence;
use crate::estate::{Grant, Key, PrincipalKind};
use crate::policy::{Action, KeyPolicy};
use crate::source::Span;
use std::collections::BTreeSet;

/// The repair of some patterns of one principal on one key, that of the first; none where no change of the policies in view would do.
///
/// Trust comes first: naming a role of another stack in the key policy would tie the stacks together both ways. It is offered beside where
/// both are in one stack, and the role can be created without the key.
pub(super) fn help<'e>(
    cx: &Cx<'e>,
    grant: &Grant<'_>,
    key: &Key,
    dead: &[&Surveyed],
    precedence: &mut Precedence<'e>,
) -> Option<String> {
    let first = dead.first()?;
    let under = first.dead.first()?;
    let actions: BTreeSet<Action> = dead.iter().flat_map(|surveyed| surveyed.dead_actions.iter().copied()).collect();
    let actions: Vec<Action> = actions.into_iter().collect();
    let is_named = matches!(grant.entry.kind, PrincipalKind::Role | PrincipalKind::User);
    let means = Means {
        key_policy: matches!(key.policy, KeyPolicy::Document(_) | KeyPolicy::Default),
        naming: is_named
            && key.stack == Some(grant.entry.stack)
            && !precedence.needs_key(cx.estate, first.principal, first.key),
        identity: true,
    };
    let repairs = Asker::of(grant.entry).repairs(cx.estate, under, &key_side(key), &actions, means);
    let best = repairs.first()?;
    let mut steps: Vec<String> = best.changes.iter().map(|change| step(cx, grant, key, change)).collect();
    steps.dedup();
    let best_step = steps.join(", and ");
    let names = |repair: &&Repair| repair.changes.iter().any(|change| matches!(change, Change::Name(_)));
    let is_other = |repair: &&Repair| repair.changes.len() == best.changes.len() && !names(&best);
    match repairs.iter().skip(1).filter(is_other).find(names) {
        Some(_) => Some(format!("{best_step}; or name `{}` there with these actions", grant.entry.name)),
        None => Some(best_step),
    }
}

fn step(cx: &Cx<'_>, grant: &Grant<'_>, key: &Key, change: &Change) -> String {
    let holder = &grant.entry.name;
    match change {
        Change::Trust(_) => trust(cx, key),
        Change::TrustWith(addition) => {
            format!("let the policy of key `{}` trust the account with `{}`", key.name, addition.actions.join("`, `"))
        }
        Change::Name(_) => format!("name `{holder}` in the policy of key `{}` with these actions", key.name),
        Change::Give(_) => format!("allow it without a condition in a policy of `{holder}`"),
        Change::Bound(_) => format!("let the permissions boundary of `{holder}` allow it"),
        Change::Spare { span, .. } if is_of_key(key, *span) => {
            format!("except `{holder}` from the `Deny` in the policy of key `{}`", key.name)
        }
        Change::Spare { .. } => format!("take the action or the key out of the `Deny` in the policies of `{holder}`"),
    }
}

fn is_of_key(key: &Key, span: Span) -> bool {
    key.statements().any(|statement| statement.span == span)
}

fn trust(cx: &Cx<'_>, key: &Key) -> String {
    if key.site.is_some_and(|site| cx.estate.is_from_cdk(site)) {
        return "let the key trust its account: leave out `policy`, or add a statement for `new iam.AccountRootPrincipal()` with `kms:*`; \
                with CDK v1 set `trustAccountIdentities: true` or the flag `@aws-cdk/aws-kms:defaultKeyPolicies`"
            .to_owned();
    }
    if key.stack.is_none() {
        let account = key.account.to_string();
        return format!(
            "see to it where key `{}` is owned that its policy allows `kms:*` to account `{account}`, which lets IAM policies there give \
             access",
            key.name
        );
    }
    format!(
        "add to the policy of key `{}` a statement that allows `kms:*` to `arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:root`, \
         which lets IAM policies of the account give access",
        key.name
    )
}
