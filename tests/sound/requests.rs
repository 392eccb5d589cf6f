//! What the engine says of requests.

use super::deploy::{Deployment, Principal, Stack};
use super::make::Dice;
use super::{Case, Tally};
use crate::authz::naive::{self, Answer};
use kmslint::authz::{Asker, Decision, WorldVerdict, key_side};
use kmslint::estate::{Fact, PrincipalKind};
use kmslint::policy::Action;
use kmslint::resolve::{Guard, Text, Truth};
use serde_json::{Value, json};

const ACTIONS: [&str; 5] =
    ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey", "kms:CreateGrant", "kms:PutKeyPolicy"];

/// Condition keys by which services say for whom they call.
const OF_SERVICES: [&str; 2] = ["aws:SourceArn", "aws:SourceAccount"];

/// A service in its own name, and whether it may say for whom it calls.
fn service(name: &str, says: bool, dice: &mut Dice) -> Principal {
    let facts = facts_of_service(name, says, dice);
    Principal { arn: name.to_owned(), policies: Vec::new(), boundary: Value::Null, facts }
}

/// A request in one deployment, if key and caller are there.
fn request(
    case: &Case<'_>,
    key: &Fact,
    caller: Option<&Principal>,
    deployment: &Deployment<'_>,
    dice: &mut Dice,
) -> Option<Value> {
    let caller = caller?;
    let owner = case.stack(deployment, key.stack)?;
    let stack = &deployment.stacks[owner];
    Some(json!({
        "key_policy": deployment.key_policy(owner, &key.name)?,
        "key_arn": deployment.arn_of(owner, &key.name)?,
        "account": stack.account,
        "principal": caller.arn,
        "identity_policies": caller.policies,
        "boundary": caller.boundary,
        "context": context(caller.facts.clone(), stack, dice),
    }))
}

fn facts_of_service(name: &str, says: bool, dice: &mut Dice) -> Value {
    let mut facts = json!({"aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": name});
    if says && dice.one_in(2) {
        let account = dice.pick(&["111122223333", "444455556666"]);
        facts["aws:SourceAccount"] = json!(account);
        facts["aws:SourceArn"] = json!(format!("arn:aws:sns:eu-west-1:{account}:topic"));
    }
    facts
}

/// What else a request carries: facts of its caller, and something of what callers choose.
pub(super) fn context(facts: Value, key: &Stack, dice: &mut Dice) -> Value {
    let mut context = facts;
    context["aws:SecureTransport"] = json!("true");
    context["aws:ResourceAccount"] = json!(key.account);
    context["aws:RequestedRegion"] = json!(key.region);
    if dice.one_in(2) {
        context["kms:ViaService"] = json!(format!("{}.{}.amazonaws.com", dice.pick(&["s3", "sqs"]), key.region));
    }
    if dice.one_in(2) {
        context["aws:SourceIp"] = json!(dice.pick(&["10.0.0.1", "203.0.113.9"]));
    }
    context
}

/// Holds the verdicts against one concrete answer: whether the one that speaks of it is definite, or what contradicts it; nothing where
/// worlds are told apart by a stack that is not there.
fn hold(
    case: &Case<'_>,
    worlds: &[WorldVerdict<'_>],
    deployment: &Deployment<'_>,
    answer: &Answer,
) -> Result<Option<bool>, String> {
    let says = || {
        let of = |world: &WorldVerdict<'_>| format!("{}: {:?}", world.guard, world.verdict.decision);
        worlds.iter().map(of).collect::<Vec<_>>().join("; ")
    };
    let here: Vec<_> = worlds.iter().filter(|world| case.holds(deployment, &world.guard) == Truth::Yes).collect();
    let [world] = here.as_slice() else {
        let is_open = worlds.iter().any(|world| case.holds(deployment, &world.guard) == Truth::Unknown);
        return if is_open && here.is_empty() { Ok(None) } else { Err(format!("not one world: {}", says())) };
    };
    let decision = match world.verdict.decision {
        Decision::Allow => "allow",
        Decision::ExplicitDeny => "explicit_deny",
        Decision::ImplicitDeny => "implicit_deny",
        Decision::Undecided => answer.decision,
    };
    let allowed = world.verdict.allowed;
    let is_right = allowed == Truth::Unknown || allowed == (answer.decision == "allow").into();
    if decision != answer.decision || !is_right {
        return Err(format!("{}, but {answer:?}", says()));
    }
    Ok(Some(allowed != Truth::Unknown))
}

/// Asks some questions of every principal and some services about every key.
pub(super) fn compare(case: &Case<'_>, dice: &mut Dice, tally: &mut Tally) -> Result<(), String> {
    let mut askers: Vec<(Asker<'_>, Vec<Option<Principal>>)> = Vec::new();
    for entry in case.estate.principals.iter().filter(|entry| entry.declared) {
        if matches!(entry.kind, PrincipalKind::Role | PrincipalKind::User) {
            let caller = |deployment: &Deployment<'_>| {
                let stack = case.stack(deployment, entry.stack)?;
                let is_there = case.holds(deployment, &entry.guard) == Truth::Yes;
                deployment.principal(stack, &entry.logical).filter(|_| is_there)
            };
            askers.push((Asker::of(entry), case.deployments.iter().map(caller).collect()));
        }
    }
    for name in ["sns.amazonaws.com", "logs.eu-west-1.amazonaws.com"] {
        let says = dice.one_in(2);
        let absent: &[&str] = if says { &[] } else { &OF_SERVICES };
        let callers = case.deployments.iter().map(|_| Some(service(name, says, dice)));
        askers.push((Asker::service(Text::literal(name), absent), callers.collect()));
    }
    for (_, key, fact) in case.estate.declared_keys() {
        let side = key_side(key);
        for (asker, callers) in &askers {
            let action = dice.pick(&ACTIONS);
            let worlds = asker.may(case.estate, &Guard::ALWAYS, &side, Action::named(action).unwrap());
            for (deployment, caller) in case.deployments.iter().zip(callers) {
                let Some(mut vector) = request(case, fact, caller.as_ref(), deployment, dice) else { continue };
                vector["action"] = json!(action);
                let Some(answer) = naive::decide(&vector) else { continue };
                let held = hold(case, &worlds, deployment, &answer);
                let held = held.map_err(|why| format!("{}: {why}\n{vector}\n{deployment:?}", fact.name))?;
                tally.verdicts += usize::from(held.is_some());
                tally.definite += usize::from(held == Some(true));
            }
        }
    }
    Ok(())
}
