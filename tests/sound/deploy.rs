//! A deployment of templates: everything chosen, every function evaluated, on plain JSON. It shares no code with the pipeline.

mod evaluate;
mod identities;
mod resources;

use super::make::{Dice, Template};
use kmslint::resolve::Atom;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) use identities::Principal;

/// A stack as deployed.
#[derive(Debug)]
pub(crate) struct Stack {
    /// The name by which the estate calls it.
    pub(crate) called: String,
    /// The name that it really has.
    name: String,
    pub(crate) account: String,
    pub(crate) region: String,
    template: usize,
    parameters: BTreeMap<String, String>,
}

pub(crate) struct Deployment<'t> {
    templates: &'t [Template],
    pub(crate) stacks: Vec<Stack>,
    /// What every policy says that no template holds.
    outside: Value,
}

impl std::fmt::Debug for Deployment<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#?}\noutside: {}", self.stacks, self.outside)
    }
}

/// The values that a parameter is given. A name that is generated with the first stack can be given to others alone.
fn value_of(parameter: &str, stack: &str, dice: &mut Dice) -> &'static str {
    let who: [&str; 4] =
        ["*", "111122223333", "arn:aws:iam::111122223333:role/worker", "arn:aws:iam::444455556666:root"];
    let whose = ["*", "arn:aws:kms:*:111122223333:key/*", "arn:aws:kms:eu-west-1:111122223333:key/s0-Key"];
    match parameter {
        "Env" => dice.pick(&["prod", "test", "dev"]),
        "Stage" => dice.pick(&["one", "two", "three"]),
        "Size" => dice.pick(&["small", "small", "big", "test"]),
        "Owner" => dice.pick(&["111122223333", "444455556666"]),
        "Verb" => dice.pick(&["Decrypt", "Decrypt", "CreateGrant", "*", "Nothing"]),
        "Who" | "Peer" => dice.pick(&who),
        "Whose" | "KeyArn" => dice.pick(&whose),
        "Name" if stack != "s0" && dice.one_in(6) => "s0-Role",
        "Name" => dice.pick(&["worker", "worker", "Key", "s3", "Role", "Role"]),
        "Policy" => {
            dice.pick(&["arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::111122223333:policy/named"])
        }
        "Accounts" => dice.pick(&["111122223333, 444455556666", "444455556666", "111122223333"]),
        "StoredArn" => dice.pick(&["/s0/key", "/s1/key", "/other"]),
        other => unreachable!("{other}"),
    }
}

/// Chooses all that is open; none where such a deployment fails.
pub(crate) fn deploy<'t>(templates: &'t [Template], dice: &mut Dice) -> Option<Deployment<'t>> {
    let places = [("111122223333", "eu-west-1"), ("444455556666", "us-east-1"), ("111122223333", "us-east-1")];
    let is_known = templates.iter().any(|template| template.account.is_some());
    let is_linked = templates.iter().any(|template| {
        let text = template.json.to_string();
        text.contains("Fn::ImportValue") || text.contains("resolve:ssm") || text.contains("StoredArn")
    });
    let shared = if is_known { places[0] } else { places[dice.below(3)] };
    let everything = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
    let nothing = json!({"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}});
    let outside = dice.json(&[json!({"Statement": []}), everything, nothing]);
    let mut deployment = Deployment { templates, stacks: Vec::new(), outside };
    for (at, template) in templates.iter().enumerate().filter(|(_, template)| template.name != super::make::INNER) {
        let own = if template.account.is_some() { places[0] } else { places[dice.below(3)] };
        let (account, region) = if is_linked { shared } else { own };
        let names = template.json["Parameters"].as_object().unwrap().keys();
        let parameters = names.map(|name| (name.clone(), value_of(name, &template.name, dice).to_owned())).collect();
        deployment.stacks.push(Stack {
            called: template.name.clone(),
            name: template.name.clone(),
            account: account.to_owned(),
            region: region.to_owned(),
            template: at,
            parameters,
        });
    }
    for child in ["Child", "Twin"] {
        if deployment.exists(0, child) {
            let stack = deployment.nested(child)?;
            deployment.stacks.push(stack);
        }
    }
    deployment.succeeds().then_some(deployment)
}

impl<'t> Deployment<'t> {
    pub(crate) fn stack_called(&self, name: &str) -> Option<usize> {
        self.stacks.iter().position(|stack| stack.called == name)
    }

    /// What a choice of a stack is; none where there is no such stack.
    pub(crate) fn chosen(&self, called: &str, atom: &Atom) -> Option<bool> {
        let stack = self.stack_called(called)?;
        match atom {
            Atom::Condition { name, .. } => self.condition(stack, name),
            Atom::Parameter { name, value, .. } => Some(self.stacks[stack].parameters.get(name)? == value),
            // Names of exports are different in these estates.
            Atom::Provider { .. } => None,
        }
    }

    fn section(&self, stack: usize, name: &str) -> &'t Value {
        &self.templates[self.stacks[stack].template].json[name]
    }

    fn resources(&self, stack: usize) -> &'t Map<String, Value> {
        self.section(stack, "Resources").as_object().unwrap()
    }

    /// The resources that there are.
    fn existing(&self) -> impl Iterator<Item = (usize, &'t str, &'t Value)> {
        let of = |stack| self.resources(stack).iter().map(move |(name, resource)| (stack, name.as_str(), resource));
        (0..self.stacks.len()).flat_map(of).filter(|(stack, name, _)| self.exists(*stack, name))
    }

    fn exists(&self, stack: usize, name: &str) -> bool {
        let Some(resource) = self.resources(stack).get(name) else { return false };
        resource["Condition"].as_str().is_none_or(|condition| self.condition(stack, condition) == Some(true))
    }

    /// A stack that the first one nests, with what is passed to it; none where that fails.
    fn nested(&self, logical: &str) -> Option<Stack> {
        let template = self.templates.iter().position(|template| template.name == super::make::INNER)?;
        let passed = self.properties(0, logical)?;
        let mut parameters = BTreeMap::new();
        for (name, parameter) in self.templates[template].json["Parameters"].as_object()? {
            let value = match &passed["Parameters"][name] {
                Value::Null => parameter["Default"].as_str()?,
                value => value.as_str()?,
            };
            parameters.insert(name.clone(), value.to_owned());
        }
        let Stack { called, name, account, region, .. } = &self.stacks[0];
        Some(Stack {
            called: format!("{called}-{logical}"),
            name: format!("{name}-{logical}-1ABCDEF2GHIJ"),
            account: account.clone(),
            region: region.clone(),
            template,
            parameters,
        })
    }

    /// Whether all functions have a value, all values are allowed, and names are unique.
    fn succeeds(&self) -> bool {
        let mut names = BTreeSet::new();
        (0..self.stacks.len()).all(|stack| self.stack_succeeds(stack))
            && self.existing().all(|(stack, name, _)| {
                self.properties(stack, name).is_some()
                    && self.unique_name(stack, name).is_none_or(|name| names.insert(name))
            })
    }

    fn stack_succeeds(&self, stack: usize) -> bool {
        let parameters = self.section(stack, "Parameters").as_object().unwrap();
        let is_allowed = |(name, parameter): (&String, &Value)| {
            let value = &self.stacks[stack].parameters[name];
            parameter["AllowedValues"].as_array().is_none_or(|allowed| allowed.iter().any(|one| one == value))
        };
        let conditions = self.section(stack, "Conditions").as_object().unwrap();
        let outputs = self.section(stack, "Outputs").as_object().unwrap();
        let rules = self.section(stack, "Rules").as_object();
        parameters.iter().all(is_allowed)
            && conditions.keys().all(|name| self.condition(stack, name).is_some())
            && outputs.values().all(|output| self.evaluate(stack, &output["Value"]).is_some())
            && rules.is_none_or(|rules| rules.values().all(|rule| self.rule_holds(stack, rule) == Some(true)))
    }

    fn rule_holds(&self, stack: usize, rule: &Value) -> Option<bool> {
        if rule.get("RuleCondition").is_some() && !self.holds(stack, &rule["RuleCondition"])? {
            return Some(true);
        }
        self.holds(stack, &rule["Assertions"][0]["Assert"])
    }
}
