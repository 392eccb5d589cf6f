//! The account is trusted, but only users or roles that can be deleted may change the key policy.

use super::administration::{named, of_account};
use super::trust::Absence;
use super::words::list;
use super::{Cx, Rule, Sink};
use crate::estate::{Fact, Key};
use crate::finding::{ListOption, Meta, Site};
use crate::policy::{Action, Guarded, KeyPolicy, Policy, Principal};
use crate::resolve::{Guard, Text, Truth};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/fragile-key-administration.md")), check };

const ADMINISTRATORS: ListOption = RULE.meta.list("administrators");

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let Some(put) = Action::named("kms:PutKeyPolicy") else { return };
    for (_, key, fact) in cx.estate.declared_keys() {
        let KeyPolicy::Document(policy) = &key.policy else { continue };
        let administrators = administrators(key, policy, put);
        if administrators.is_empty()
            || administrators.iter().any(|(_, arn)| outlives(arn))
            || !is_trusted(cx, key, fact)
        {
            continue;
        }
        match administrators.iter().map(|(_, arn)| is_kept(cx, arn)).fold(Truth::No, Truth::or) {
            Truth::Yes => continue,
            Truth::Unknown => {
                let why = "whether it is one of the `administrators` of the configuration is not known";
                sink.undecided("key policy", fact.site(), why).key = Some(key.name.clone());
                continue;
            }
            Truth::No => {}
        }
        match of_account(cx, key, fact, put).may.absence(cx.estate, &fact.guard) {
            Absence::Nowhere => {}
            Absence::In(guards) => report(key, fact, &administrators, &guards, sink),
            Absence::Unknown(why) => {
                sink.undecided("key policy", fact.site(), why).key = Some(key.name.clone());
            }
        }
    }
}

type Administrator<'p> = (&'p Guarded<Principal>, &'p Text);

/// The users and roles of the key's account that may change the policy. Others cannot: the action does not work across accounts.
fn administrators<'p>(key: &Key, policy: &'p Policy, put: Action) -> Vec<Administrator<'p>> {
    let named = named(policy, put);
    let own = named.iter().filter(|named| {
        let account = super::trust::account_of(named.arn);
        account.is_none_or(|account| account.equals(&key.account) != Truth::No)
    });
    own.map(|named| (named.principal, named.arn)).collect()
}

/// Whether a principal is there as long as the deployments are: their own execution role, and what the organization sets up in each account.
fn outlives(arn: &Text) -> bool {
    let (_, end) = arn.literal_ends();
    let whole = arn.to_string();
    let is_execution_role = whole.contains("cdk-") && whole.contains("cfn-exec-role");
    let of_organization =
        ["AWSReservedSSO_", "OrganizationAccountAccessRole", "AWSControlTowerExecution", "stacksets-exec-"];
    is_execution_role || of_organization.iter().any(|name| end.contains(name))
}

/// Whether the configuration says of a principal that it is never deleted.
fn is_kept(cx: &Cx<'_>, arn: &Text) -> Truth {
    let patterns = cx.list(ADMINISTRATORS).iter();
    patterns.map(|pattern| arn.matches(&Text::literal(pattern))).fold(Truth::No, Truth::or)
}

/// Whether IAM policies of the account can give anything on the key. Where they cannot, that is the finding.
fn is_trusted(cx: &Cx<'_>, key: &Key, fact: &Fact) -> bool {
    let actions = Action::all().filter(|action| action.info().on_key && !action.info().iam_only);
    actions.map(|action| of_account(cx, key, fact, action)).any(|answer| answer.may.is_anywhere())
}

fn report(key: &Key, fact: &Fact, administrators: &[Administrator<'_>], guards: &[Guard], sink: &mut Sink<'_>) {
    let mut names: Vec<String> = administrators.iter().map(|(_, arn)| arn.to_string()).collect();
    names.sort();
    names.dedup();
    let message = format!("only {} may change the policy of `{}`", list(&names), key.name);
    let mut report = sink.report(fact.site(), message);
    report.whenever(guards).here(format!(
        "when {} deleted, nobody can change it any more",
        if names.len() > 1 { "they are" } else { "it is" }
    ));
    if let Some((principal, _)) = administrators.first() {
        let site = Site { stack: fact.stack, span: principal.span };
        report.also(site, "KMS keeps the unique id: a role made anew under this name is another one");
    }
    let help = if report.is_from_cdk() {
        "add `kms:PutKeyPolicy` to the statement for `new AccountRootPrincipal()`"
    } else {
        "allow `kms:PutKeyPolicy` to the account root too, perhaps with `aws:PrincipalArn` of the administrators"
    };
    report.help(help);
}
