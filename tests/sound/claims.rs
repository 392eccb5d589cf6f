//! What the survey and a rule say of whole policies.

use super::deploy::Deployment;
use super::make::Dice;
use super::requests::context;
use super::{Case, Tally};
use crate::authz::naive;
use kmslint::authz::{Accounts, Surveyed, survey};
use kmslint::estate::{Grant, PrincipalKind};
use kmslint::finding::{Certainty, Finding};
use kmslint::policy::{Action, CrossAccount};
use kmslint::resolve::Truth;
use kmslint::rules::{self, Cx};
use serde_json::{Value, json};

/// How many grants of an estate are surveyed: each takes as long as all requests together.
const GRANTS: usize = 1;

pub(super) fn compare(case: &Case<'_>, dice: &mut Dice, tally: &mut Tally) -> Result<(), String> {
    let all = case.estate.grants();
    let some = (0..GRANTS.min(all.len())).map(|_| all[dice.below(all.len())].clone());
    let grants: Vec<Grant<'_>> = some.collect();
    for accounts in [Accounts::Same, Accounts::Different] {
        for found in survey(case.estate, &grants, accounts) {
            let grant = &grants[found.grant];
            if !grant.entry.declared || !matches!(grant.entry.kind, PrincipalKind::Role | PrincipalKind::User) {
                continue;
            }
            for deployment in case.deployments {
                let is_here = |guard| case.holds(deployment, guard) == Truth::Yes;
                if !found.dead.iter().any(is_here) {
                    continue;
                }
                if let Some(vector) = contradiction(case, grant, &found, accounts, deployment, dice) {
                    return Err(format!("not dead: {:?} {:?}\n{vector}\n{deployment:?}", grant.entry.name, found.dead));
                }
                tally.claims += 1;
            }
        }
    }
    let (findings, _) = rules::run(&Cx::new(case.estate), &[rules::rule("key-policy-lockout").unwrap()]);
    for finding in findings {
        for deployment in case.deployments {
            if let Some(administered) = administrator(case, &finding, deployment) {
                return Err(format!(
                    "locked out: {} {:?}, but {administered}\n{deployment:?}",
                    finding.message, finding.certainty
                ));
            }
            tally.claims += 1;
        }
    }
    Ok(())
}

/// A request of a holder of all permissions that the key policy lets through although the survey calls it dead.
fn contradiction(
    case: &Case<'_>,
    grant: &Grant<'_>,
    found: &Surveyed,
    accounts: Accounts,
    deployment: &Deployment<'_>,
    dice: &mut Dice,
) -> Option<Value> {
    let is_decided = |action: &Action| {
        let info = action.info();
        info.on_key && !info.iam_only && (accounts == Accounts::Same || info.cross_account == CrossAccount::Yes)
    };
    let pattern = &grant.statement.actions.elements()[found.pattern].value;
    let actions: Vec<Action> = pattern.expand().filter(is_decided).collect();
    let action = actions[dice.below(actions.len())];
    let mut vector = || {
        let (_, _, fact) = case.estate.declared_keys().find(|(id, ..)| *id == found.key)?;
        let owner = case.stack(deployment, fact.stack)?;
        let who = deployment.principal(case.stack(deployment, grant.entry.stack)?, &grant.entry.logical)?;
        let stack = &deployment.stacks[owner];
        let everything = json!({"document": {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}});
        let boundary = if who.boundary.is_null() { Value::Null } else { everything.clone() };
        let context = context(who.facts, stack, dice);
        Some(json!({
            "principal": who.arn,
            "identity_policies": [everything],
            "boundary": boundary,
            "key_arn": deployment.arn_of(owner, &fact.name)?,
            "account": stack.account,
            "key_policy": deployment.key_policy(owner, &fact.name)?,
            "action": action.name(),
            "context": context,
        }))
    };
    vector().filter(|vector| naive::decide(vector).is_some_and(|answer| answer.decision == "allow"))
}

/// The statement that lets somebody change the policy of a key that is said to be locked.
fn administrator(case: &Case<'_>, finding: &Finding, deployment: &Deployment<'_>) -> Option<Value> {
    let here = match &finding.certainty {
        Certainty::Always => true,
        Certainty::Conditional(guards) | Certainty::Defaults(guards) => {
            guards.iter().any(|guard| case.holds(deployment, guard) == Truth::Yes)
        }
    };
    let place = &finding.primary.place;
    let stack = deployment.stack_called(place.stack.as_deref()?).filter(|_| here)?;
    let policy = deployment.key_policy(stack, place.resource.as_deref()?)?;
    let gives = |statement: &&Value| {
        let names_somebody = statement.get("NotPrincipal").is_some()
            || statement["Principal"] == "*"
            || statement["Principal"]["AWS"]
                .as_array()
                .map_or(!statement["Principal"]["AWS"].is_null(), |names| !names.is_empty());
        let covers = |patterns: &Value| {
            let patterns = patterns.as_array().cloned().unwrap_or_else(|| vec![patterns.clone()]);
            patterns.iter().any(|pattern| naive::matches(&pattern.as_str().unwrap().to_lowercase(), "kms:putkeypolicy"))
        };
        let acts = match &statement["NotAction"] {
            Value::Null => covers(&statement["Action"]),
            spared => !covers(spared),
        };
        statement["Effect"] == "Allow" && names_somebody && acts
    };
    policy["Statement"].as_array()?.iter().find(gives).cloned()
}
