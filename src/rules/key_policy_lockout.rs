//! A key policy that lets nobody change it: KMS refuses to create the key.

use super::properties::{self, Choices};
use super::trust::{Absence, Worlds, allows};
use super::{Cx, Rule, Sink};
use crate::estate::{Estate, Fact, Key};
use crate::finding::Meta;
use crate::policy::{Action, KeyPolicy, Match, Part, Policy, Principal, Statement};
use crate::resolve::{Guard, Truth};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/key-policy-lockout.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(put) = Action::named("kms:PutKeyPolicy") else { return };
    for (_, key, fact) in cx.estate.declared_keys() {
        let policy = match &key.policy {
            KeyPolicy::Document(policy) => policy,
            KeyPolicy::Unknown(cause) => {
                sink.undecided("key policy", fact.site(), cause.why.clone()).key = Some(key.name.clone());
                continue;
            }
            KeyPolicy::Default | KeyPolicy::AwsManaged(_) => continue,
        };
        let mut administration = administration(cx.estate, policy, put);
        add_bypass(cx, fact, &mut administration);
        match administration.absence(cx.estate, &fact.guard) {
            Absence::Nowhere => {}
            Absence::In(guards) => report(sink, key, fact, &guards),
            Absence::Unknown(why) => {
                sink.undecided("key policy", fact.site(), why).key = Some(key.name.clone());
            }
        }
    }
}

fn report(sink: &mut Sink<'_>, key: &Key, fact: &Fact, guards: &[Guard]) {
    let message = format!("nobody may change the policy of `{}`: KMS refuses to create the key", key.name);
    let mut report = sink.report(fact.site(), message);
    report.whenever(guards).here("the deployment fails");
    if let Some(site) = key.policy_site {
        report.also(site, "no statement allows `kms:PutKeyPolicy` to the account, a role or a user");
    }
    let help = if report.is_from_cdk() {
        "leave `policy` of the key out, or add a statement for `new AccountRootPrincipal()` with `kms:*` to it"
    } else {
        "allow `kms:*` to `!Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root`"
    };
    report.help(help);
}

/// Where the lockout check is switched off.
fn add_bypass(cx: &Cx<'_>, fact: &Fact, administration: &mut Worlds) {
    for world in properties::worlds(cx, fact, &["BypassPolicyLockoutSafetyCheck"], Choices::Default) {
        let is_on = world.settings.first().map_or(Truth::No, |setting| setting.is_on(false));
        administration.add(is_on, &world.guard, properties::why_unknown(&world.settings));
    }
}

/// Where some statement gives an action to somebody.
fn administration(estate: &Estate, policy: &Policy, action: Action) -> Worlds {
    let mut found = Worlds::default();
    for statement in allows(policy, &mut found) {
        let given = given(estate, statement, action);
        for (principal, certain, why) in somebody(statement) {
            for (guard, truth) in &given {
                let both = statement.guard.and(guard).and_then(|guard| guard.and(&principal));
                let Some(both) = both else { continue };
                found.add(
                    truth.and(certain),
                    &both,
                    why.unwrap_or("which actions a statement allows is not known from here"),
                );
            }
        }
    }
    found
}

/// Where a statement gives an action. One that names no action or no resource has a rule of its own.
fn given(estate: &Estate, statement: &Statement, action: Action) -> Vec<(Guard, Truth)> {
    let mut given = match &*statement.actions {
        Match::Missing => vec![(statement.guard.clone(), Truth::Yes)],
        Match::Only(patterns) => {
            patterns.iter().map(|pattern| (pattern.guard.clone(), pattern.value.matches(action))).collect()
        }
        Match::AllExcept(patterns) => {
            let where_matched = |truth: Truth| {
                let matched = patterns.iter().filter(move |pattern| pattern.value.matches(action) >= truth);
                matched.map(|pattern| &pattern.guard)
            };
            let spared = |truth| super::worlds::outside(estate, &statement.guard, where_matched(truth));
            let certain = spared(Truth::Unknown).unwrap_or_default().into_iter().map(|guard| (guard, Truth::Yes));
            let possible = spared(Truth::Yes).unwrap_or_else(|| vec![statement.guard.clone()]);
            certain.chain(possible.into_iter().map(|guard| (guard, Truth::Unknown))).collect()
        }
    };
    let unread = statement.unread.iter().filter(|(part, _)| *part == Part::Actions);
    given.extend(unread.map(|(_, cause)| (cause.guard.clone(), Truth::Unknown)));
    given
}

/// Where a statement speaks of somebody who can call KMS on their own (services cannot), and why that is not known.
fn somebody(statement: &Statement) -> Vec<(Guard, Truth, Option<&str>)> {
    match &statement.principals {
        Match::Missing => Vec::new(),
        Match::AllExcept(_) => vec![(statement.guard.clone(), Truth::Yes, None)],
        Match::Only(principals) => principals
            .iter()
            .filter(|principal| !matches!(principal.value, Principal::Service(_)))
            .map(|principal| match &principal.value {
                Principal::Unknown(cause) => (principal.guard.clone(), Truth::Unknown, Some(cause.why.as_str())),
                _ => (principal.guard.clone(), Truth::Yes, None),
            })
            .collect(),
    }
}
