//! Key actions on `*`: on every key, of this account and of every other whose policy admits it.

use super::grants::GrantSite;
use super::words::list;
use super::{Cx, Rule, Sink};
use crate::estate::{Grant, Target};
use crate::finding::{Meta, Subject};
use crate::policy::{Action, ActionPattern, CrossAccount, Match, Part};
use crate::resolve::{Guard, Text, Truth};
use std::cell::LazyCell;
use std::collections::{BTreeSet, HashMap};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/kms-wildcard-resource.md")), check };

/// Condition keys that say which keys, or through what they are used. `kms:CallerAccount` is always true in an identity policy.
const LIMITING: [&str; 8] = [
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:resourceorgpaths",
    "kms:grantisforawsresource",
    "kms:multiregionkeytype",
    "kms:requestalias",
    "kms:resourcealiases",
    "kms:viaservice",
];

/// Families of such keys.
const LIMITING_FAMILIES: [&str; 3] = ["aws:resourcetag/", "kms:encryptioncontext", "aws:calledvia"];

/// The statements of key policies by an ARN that they name, each with the account of its key.
type Naming<'a> = HashMap<&'a Text, Vec<(&'a Text, &'a Guard)>>;

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let naming = LazyCell::new(|| naming(cx));
    let mut reported: BTreeSet<GrantSite> = BTreeSet::new();
    for grant in &cx.grants {
        let is_everything = matches!(&grant.target, Target::Pattern(text) if text.as_literal() == Some("*"));
        if !is_everything || is_limited(grant) {
            continue;
        }
        let actions = actions(grant);
        if actions.is_empty() || is_named_elsewhere(cx, &naming, grant) || !reported.insert(GrantSite::of(grant)) {
            continue;
        }
        sink.report(grant.resource_site(), format!("{} on every key there is", list(&actions)))
            .when(&grant.guard)
            .here("keys of this account, and of every other account whose key policies admit it")
            .also(grant.action_site(), "allowed here")
            .about(Subject::Place(grant.statement_site()))
            .help_or_cdk(
                "name the keys by their ARNs, or the account's by `arn:${AWS::Partition}:kms:*:${AWS::AccountId}:key/*`, \
                 or add a condition on `aws:ResourceAccount` or `kms:ViaService`",
                "name the keys by `key.keyArn`, or add a condition on `aws:ResourceAccount` or `kms:ViaService`; where a grant across \
                 accounts or Regions wrote it, set the flag `@aws-cdk/aws-kms:reduceCrossAccountRegionPolicyScope`",
            );
    }
}

/// The actions as written that use keys, or give others their use, in other accounts too. Reading about a key harms nobody.
fn actions(grant: &Grant<'_>) -> Vec<String> {
    let Match::Only(patterns) = &*grant.statement.actions else { return Vec::new() };
    let is_use = |action: Action| {
        let info = action.info();
        let is_for_grants = matches!(action.name(), "kms:CreateGrant" | "kms:RevokeGrant");
        info.on_key && info.cross_account == CrossAccount::Yes && (info.cryptographic || is_for_grants)
    };
    let crosses = |pattern: &ActionPattern| pattern.is_kms() && pattern.expand().any(is_use);
    patterns.iter().filter(|pattern| crosses(&pattern.value)).map(|pattern| pattern.value.text.to_string()).collect()
}

/// Whether a condition says which keys are meant, or could.
fn is_limited(grant: &Grant<'_>) -> bool {
    let is_limiting =
        |key: &str| LIMITING.contains(&key) || LIMITING_FAMILIES.iter().any(|family| key.starts_with(family));
    let statement = grant.statement;
    !statement.unknown.is_empty()
        || statement.unread.iter().any(|(part, _)| *part == Part::Conditions)
        || statement.conditions.iter().any(|condition| is_limiting(&condition.key.folded))
}

fn naming<'a>(cx: &Cx<'a>) -> Naming<'a> {
    let mut naming = Naming::new();
    for (_, key, statement) in cx.estate.key_statements() {
        let elements = statement.principals.elements().iter();
        for arn in elements.filter_map(|principal| principal.value.as_arn()) {
            naming.entry(arn).or_default().push((&key.account, &statement.guard));
        }
    }
    naming
}

/// Whether the policy of a key in another account names this principal: the grant is on that key, though it does not say so.
fn is_named_elsewhere(cx: &Cx<'_>, naming: &Naming<'_>, grant: &Grant<'_>) -> bool {
    let elsewhere = |(account, guard): &(&Text, &Guard)| {
        account.equals(&grant.entry.account) != Truth::Yes && together(cx, grant, guard)
    };
    naming.get(&grant.entry.arn).is_some_and(|statements| statements.iter().any(elsewhere))
}

fn together(cx: &Cx<'_>, grant: &Grant<'_>, other: &Guard) -> bool {
    grant.guard.and(other).is_some_and(|guard| cx.estate.feasible(&guard))
}
