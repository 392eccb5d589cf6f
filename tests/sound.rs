//! No definite verdict on an estate is contradicted by a deployment of it.
//!
//! Random templates go through the whole pipeline. Then everything that it could not know is chosen at random, every function is evaluated by
//! a second evaluator on JSON, and the second decision procedure decides the request with the policies that come out.

mod deploy;
mod make;

use crate::authz::naive;
use deploy::{Deployment, Stack};
use kmslint::authz::{Asker, Decision, WorldVerdict, key_side};
use kmslint::estate::{Deployed, Estate, Input, PrincipalKind, Source, build};
use kmslint::policy::Action;
use kmslint::resolve::{Guard, Truth};
use kmslint::source::{FileId, SourceFile};
use kmslint::{syntax, template};
use make::{Dice, Template};
use serde_json::{Value, json};

/// How many deployments each estate is held against.
const DEPLOYMENTS: usize = 4;

const ACTIONS: [&str; 5] =
    ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey", "kms:CreateGrant", "kms:PutKeyPolicy"];

fn estate(templates: &[Template]) -> Estate {
    let mut input = Input::default();
    for (at, written) in templates.iter().enumerate() {
        let path = format!("{}.json", written.name);
        let text = serde_json::to_string(&written.json).unwrap();
        let file = SourceFile::new(FileId(u32::try_from(at).unwrap()), path.clone(), text);
        let tree = syntax::parse(&file);
        assert!(tree.problems.is_empty(), "{:?}", tree.problems);
        input.sources.push(Source { template: template::lower(&tree), path, duplicates: Vec::new() });
        input.deployments.push(Deployed {
            account: written.account.clone(),
            region: written.region.clone(),
            ..Deployed::loose(at, &written.name)
        });
    }
    build(input)
}

/// A question as both procedures see it.
struct Question<'q> {
    key: (usize, &'q str),
    principal: (usize, &'q str),
    action: &'static str,
}

impl Question<'_> {
    /// The request in one deployment; none where key or principal are not there.
    fn vector(&self, deployment: &Deployment<'_>, dice: &mut Dice) -> Option<Value> {
        let (stack, name) = self.key;
        let key_policy = deployment.key_policy(stack, name)?;
        let who = deployment.principal(self.principal.0, self.principal.1)?;
        Some(json!({
            "principal": who.arn,
            "identity_policies": who.policies,
            "boundary": who.boundary,
            "key_arn": deployment.arn(stack, name),
            "account": deployment.stacks[stack].account,
            "key_policy": key_policy,
            "action": self.action,
            "context": context(&who.facts, &deployment.stacks[stack], dice),
        }))
    }

    /// Holds the verdicts against one deployment: whether the one that speaks of it is definite, or what contradicts it.
    fn compare(
        &self,
        worlds: &[WorldVerdict<'_>],
        deployment: &Deployment<'_>,
        dice: &mut Dice,
    ) -> Result<bool, String> {
        let Some(vector) = self.vector(deployment, dice) else { return Ok(false) };
        let Some(answer) = naive::decide(&vector) else { return Ok(false) };
        let report = |what: &str| {
            let (principal, key) = (self.principal, self.key);
            let of = |world: &WorldVerdict<'_>| format!("{}: {:?}", world.guard, world.verdict.decision);
            let guards: Vec<_> = worlds.iter().map(of).collect();
            format!("{what}: {principal:?} on {key:?}: {guards:?}, but {answer:?}\n{vector}\n{deployment:?}")
        };
        let is_here = |world: &&WorldVerdict<'_>| world.guard.holds(|atom| deployment.chosen(atom)) == Truth::Yes;
        let here: Vec<_> = worlds.iter().filter(is_here).collect();
        let [world] = here.as_slice() else { return Err(report("not one world")) };
        let decision = match world.verdict.decision {
            Decision::Allow => "allow",
            Decision::ExplicitDeny => "explicit_deny",
            Decision::ImplicitDeny => "implicit_deny",
            Decision::Undecided => answer.decision,
        };
        let allowed = world.verdict.allowed;
        if decision != answer.decision || (allowed != Truth::Unknown && allowed != (answer.decision == "allow").into())
        {
            return Err(report("contradicted"));
        }
        Ok(allowed != Truth::Unknown)
    }
}

/// Decides every principal, key and action both ways; the number of definite verdicts, or what contradicts one.
fn compare(estate: &Estate, deployments: &[Deployment<'_>], dice: &mut Dice) -> Result<usize, String> {
    let mut definite = 0;
    for (_, key, fact) in estate.declared_keys() {
        let side = key_side(key);
        for entry in estate.principals.iter().filter(|entry| entry.declared) {
            if !matches!(entry.kind, PrincipalKind::Role | PrincipalKind::User) {
                continue;
            }
            let asker = Asker::of(entry);
            for action in ACTIONS {
                let worlds = asker.may(estate, &Guard::ALWAYS, &side, Action::named(action).unwrap());
                let (key, principal) =
                    ((fact.stack.0 as usize, &*fact.name), (entry.stack.0 as usize, &*entry.logical));
                let question = Question { key, principal, action };
                for deployment in deployments {
                    definite += usize::from(question.compare(&worlds, deployment, dice)?);
                }
            }
        }
    }
    Ok(definite)
}

/// What else a request carries: facts of its caller, and something of what callers choose.
fn context(facts: &Value, key: &Stack, dice: &mut Dice) -> Value {
    let mut context = facts.clone();
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

/// Makes an estate from a seed and holds it against some of its deployments.
fn check(seed: u64) -> Result<usize, String> {
    let mut dice = Dice::new(seed);
    let templates = make::templates(&mut dice);
    let deployments: Vec<_> = (0..DEPLOYMENTS).filter_map(|_| deploy::deploy(&templates, &mut dice)).collect();
    compare(&estate(&templates), &deployments, &mut dice).map_err(|why| {
        let written: Vec<_> = templates.iter().map(|template| template.json["Resources"].to_string()).collect();
        format!("{why}\n{}", written.join("\n"))
    })
}

/// The seeds that are tried: the same in every run, and more of them where `PROPTEST_CASES` asks for it.
fn seeds() -> std::ops::Range<u64> {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    0..asked.unwrap_or(80)
}

#[test]
fn no_deployment_contradicts_a_definite_verdict() {
    let contradictions: Vec<String> = seeds().filter_map(|seed| check(seed).err()).take(3).collect();
    assert!(contradictions.is_empty(), "{}", contradictions.join("\n\n"));
}

#[test]
fn many_verdicts_on_random_estates_are_definite() {
    let definite: usize = (0..20).map(|seed| check(seed).unwrap()).sum();
    assert!(definite > 200, "{definite}");
}
