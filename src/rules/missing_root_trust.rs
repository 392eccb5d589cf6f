//! A key policy without any statement for the key's own account.

use super::trust::{Absence, Worlds, allows, covers, is_own_account, unknown_owner};
use super::words::list;
use super::{Cx, Rule, Sink};
use crate::estate::{Fact, Key};
use crate::finding::Meta;
use crate::policy::{Action, Condition, Effect, KeyPolicy, Match, Policy, Principal, Statement};
use crate::resolve::{Guard, Truth};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/missing-root-trust.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, key, fact) in cx.estate.declared_keys() {
        let policy = match &key.policy {
            KeyPolicy::Document(policy) => policy,
            KeyPolicy::Unknown(cause) => {
                sink.undecided("key policy", fact.site(), cause.why.clone()).key = Some(key.name.clone());
                continue;
            }
            KeyPolicy::Default | KeyPolicy::AwsManaged(_) => continue,
        };
        match trust(policy, key).absence(cx.estate, &fact.guard) {
            Absence::Nowhere => {}
            Absence::In(guards) => report(sink, key, fact, policy, &guards),
            Absence::Unknown(why) => {
                sink.undecided("key policy", fact.site(), why).key = Some(key.name.clone());
            }
        }
    }
}

/// Where the policy trusts the account, with whatever actions and under whatever conditions.
pub(super) fn trust(policy: &Policy, key: &Key) -> Worlds {
    let mut trust = Worlds::default();
    for statement in allows(policy, &mut trust) {
        match &statement.principals {
            // An Allow for all but some has its own rule.
            Match::AllExcept(_) => trust.is(&statement.guard),
            Match::Missing => {}
            Match::Only(principals) => {
                for principal in principals {
                    let trusts = match principal.value {
                        Principal::Everyone => admits_administrators(statement, key),
                        _ => is_own_account(&principal.value, key),
                    };
                    if let Some(guard) = statement.guard.and(&principal.guard) {
                        trust.add(trusts, &guard, why(&principal.value));
                    }
                }
            }
        }
    }
    trust
}

fn why(principal: &Principal) -> String {
    match principal {
        Principal::Account(account) => unknown_owner(account),
        Principal::Arn(arn) => format!("the principal `{arn}` is not known from here"),
        Principal::Unknown(cause) => cause.why.clone(),
        Principal::Everyone
        | Principal::UniqueId(_)
        | Principal::Service(_)
        | Principal::Federated(_)
        | Principal::CanonicalUser(_)
        | Principal::Malformed(_) => "a condition on everyone is not known from here".to_owned(),
    }
}

/// Whether a statement for everyone lets principals of the key's account administer it.
fn admits_administrators(statement: &Statement, key: &Key) -> Truth {
    let Some(put) = Action::named("kms:PutKeyPolicy") else { return Truth::Unknown };
    // Which of the guarded actions are there does not matter: one that is there in some worlds leaves it open.
    let given = covers(statement, put);
    let excluded = statement
        .conditions
        .iter()
        .any(|condition| condition.key.folded == "kms:viaservice" || names_only_other_accounts(condition, key));
    if excluded { Truth::No } else { given }
}

fn names_only_other_accounts(condition: &Condition, key: &Key) -> bool {
    matches!(condition.key.folded.as_str(), "kms:calleraccount" | "aws:principalaccount")
        && condition.operator.is_some_and(|operator| !operator.negated)
        && condition.unknown.is_empty()
        && condition.values.iter().all(|value| value.value.equals(&key.account) == Truth::No)
}

fn report(sink: &mut Sink<'_>, key: &Key, fact: &Fact, policy: &Policy, guards: &[Guard]) {
    let message =
        format!("the key policy of `{}` does not trust its own account: IAM policies have no effect on it", key.name);
    let mut report = sink.report(fact.site(), message);
    report.whenever(guards).here("no statement of its policy names the account");
    if let Some(site) = key.policy_site {
        report.also(site, who_is_named(policy));
    }
    let help = if report.is_from_cdk() {
        "leave `policy` of the key out, or add a statement for `new AccountRootPrincipal()` with `kms:*` to it"
    } else {
        "allow `kms:*` to `!Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root`"
    };
    report.help(help);
}

/// Whom the Allow statements of a policy name.
fn who_is_named(policy: &Policy) -> String {
    let mut named: Vec<String> = Vec::new();
    for statement in policy.statements.iter().filter(|statement| statement.effect == Some(Effect::Allow)) {
        for principal in statement.principals.elements() {
            if matches!(principal.value, Principal::Unknown(_)) {
                continue;
            }
            let text = principal.value.to_string();
            if !named.contains(&text) {
                named.push(text);
            }
        }
    }
    if named.is_empty() {
        return "this policy allows nobody anything".to_owned();
    }
    format!("this policy names only {}", list(&named))
}
