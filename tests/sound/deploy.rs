//! A deployment of templates: everything chosen, every function evaluated, on plain JSON. It shares no code with the pipeline.

use super::make::{Dice, Template};
use kmslint::resolve::Atom;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A stack as deployed.
#[derive(Debug)]
pub(crate) struct Stack {
    pub(crate) account: String,
    pub(crate) region: String,
    parameters: BTreeMap<String, String>,
}

pub(crate) struct Deployment<'t> {
    templates: &'t [Template],
    pub(crate) stacks: Vec<Stack>,
}

impl std::fmt::Debug for Deployment<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.stacks.fmt(f)
    }
}

/// A caller with everything that is attached to it.
pub(crate) struct Principal {
    pub(crate) arn: String,
    pub(crate) policies: Vec<Value>,
    pub(crate) boundary: Value,
    pub(crate) facts: Value,
}

/// Chooses all that is open; none where such a deployment fails.
pub(crate) fn deploy<'t>(templates: &'t [Template], dice: &mut Dice) -> Option<Deployment<'t>> {
    let places = [("111122223333", "eu-west-1"), ("444455556666", "us-east-1"), ("111122223333", "us-east-1")];
    let fixed = templates.iter().any(|template| template.account.is_some());
    let imports = templates.iter().any(|template| template.json.to_string().contains("Fn::ImportValue"));
    let shared = if fixed { places[0] } else { places[dice.below(3)] };
    let mut stacks = Vec::new();
    for template in templates {
        let own = if template.account.is_some() { places[0] } else { places[dice.below(3)] };
        let (account, region) = if imports { shared } else { own };
        let who = ["*", "111122223333", "arn:aws:iam::111122223333:role/worker", "arn:aws:iam::444455556666:root"];
        let whose = ["*", "arn:aws:kms:*:111122223333:key/*", "arn:aws:kms:eu-west-1:111122223333:key/s0-Key"];
        let parameters = [
            ("Env", dice.pick(&["prod", "test", "dev"])),
            ("Owner", dice.pick(&["111122223333", "444455556666"])),
            ("Verb", dice.pick(&["Decrypt", "CreateGrant", "*", "Nothing"])),
            ("Who", dice.pick(&who)),
            ("Whose", dice.pick(&whose)),
            ("Name", dice.pick(&["worker", "Key", "s3", "Role"])),
        ];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
        stacks.push(Stack {
            account: account.to_owned(),
            region: region.to_owned(),
            parameters: parameters.into_iter().collect(),
        });
    }
    let deployment = Deployment { templates, stacks };
    // All functions have a value and names are unique in an account, or the deployment fails.
    let sound = (0..templates.len()).all(|stack| deployment.all_resources(stack).is_some());
    let mut roles: Vec<String> = (0..templates.len()).filter_map(|stack| deployment.attribute(stack, "Role")).collect();
    roles.sort();
    roles.dedup();
    (sound && roles.len() == templates.len()).then_some(deployment)
}

/// Removes what is absent.
enum Evaluated {
    Absent,
    There(Value),
}

impl Deployment<'_> {
    /// What a choice is.
    pub(crate) fn chosen(&self, atom: &Atom) -> Option<bool> {
        match atom {
            Atom::Condition { stack, name } => Some(self.condition(stack.0 as usize, name)),
            Atom::Parameter { stack, name, value, .. } => {
                Some(self.stacks[stack.0 as usize].parameters.get(name)? == value)
            }
            // Names of exports are different in these estates.
            Atom::Provider { .. } => None,
        }
    }

    fn resources(&self, stack: usize) -> &Map<String, Value> {
        self.templates[stack].json["Resources"].as_object().unwrap()
    }

    fn all_resources(&self, stack: usize) -> Option<()> {
        for (name, resource) in self.resources(stack) {
            if self.exists(stack, name) {
                self.evaluate(stack, &resource["Properties"])?;
            }
        }
        Some(())
    }

    fn exists(&self, stack: usize, name: &str) -> bool {
        let Some(resource) = self.resources(stack).get(name) else { return false };
        resource["Condition"].as_str().is_none_or(|condition| self.condition(stack, condition))
    }

    fn condition(&self, stack: usize, name: &str) -> bool {
        self.holds(stack, &self.templates[stack].json["Conditions"][name])
    }

    fn holds(&self, stack: usize, condition: &Value) -> bool {
        let (function, argument) = condition.as_object().unwrap().iter().next().unwrap();
        let mut arguments = argument.as_array().into_iter().flatten();
        match function.as_str() {
            "Condition" => self.condition(stack, argument.as_str().unwrap()),
            "Fn::And" => arguments.all(|one| self.holds(stack, one)),
            "Fn::Or" => arguments.any(|one| self.holds(stack, one)),
            "Fn::Not" => !self.holds(stack, &argument[0]),
            "Fn::Equals" => self.text(stack, &argument[0]) == self.text(stack, &argument[1]),
            other => unreachable!("{other}"),
        }
    }

    fn text(&self, stack: usize, value: &Value) -> Option<String> {
        match self.evaluate(stack, value)? {
            Evaluated::There(Value::String(text)) => Some(text),
            Evaluated::There(_) | Evaluated::Absent => None,
        }
    }

    fn there(&self, stack: usize, value: &Value) -> Value {
        match self.evaluate(stack, value) {
            Some(Evaluated::There(value)) => value,
            Some(Evaluated::Absent) | None => Value::Null,
        }
    }

    /// The value of an expression; none where it has none and the deployment fails.
    fn evaluate(&self, stack: usize, value: &Value) -> Option<Evaluated> {
        let there = |value: Value| Some(Evaluated::There(value));
        match value {
            Value::Array(items) => {
                let mut list = Vec::new();
                for item in items {
                    if let Evaluated::There(item) = self.evaluate(stack, item)? {
                        list.push(item);
                    }
                }
                there(json!(list))
            }
            Value::Object(entries) => {
                if let Some((function, argument)) = entries.iter().next().filter(|_| entries.len() == 1) {
                    if function == "Ref" && argument == "AWS::NoValue" {
                        return Some(Evaluated::Absent);
                    }
                    if function == "Fn::If" {
                        let holds = self.condition(stack, argument[0].as_str()?);
                        return self.evaluate(stack, &argument[if holds { 1 } else { 2 }]);
                    }
                    if function == "Ref" || function.starts_with("Fn::") {
                        return there(json!(self.function(stack, function, argument)?));
                    }
                }
                let mut map = Map::new();
                for (name, entry) in entries {
                    if let Evaluated::There(entry) = self.evaluate(stack, entry)? {
                        map.insert(name.clone(), entry);
                    }
                }
                there(Value::Object(map))
            }
            other => there(other.clone()),
        }
    }

    fn function(&self, stack: usize, function: &str, argument: &Value) -> Option<String> {
        match function {
            "Ref" => self.reference(stack, argument.as_str()?),
            "Fn::GetAtt" => self.attribute(stack, argument[0].as_str()?),
            "Fn::Join" => {
                let parts = argument[1].as_array()?.iter().map(|part| self.text(stack, part));
                Some(parts.collect::<Option<Vec<_>>>()?.join(argument[0].as_str()?))
            }
            "Fn::Sub" => self.substitute(stack, argument.as_str()?),
            "Fn::ImportValue" => {
                let name = self.text(stack, argument)?;
                let (exporter, output) = name.split_once('-')?;
                let exporter: usize = exporter.strip_prefix('s')?.parse().ok()?;
                let known = exporter < self.stacks.len() && matches!(output, "Key" | "Role");
                if known { self.attribute(exporter, output) } else { None }
            }
            other => unreachable!("{other}"),
        }
    }

    fn substitute(&self, stack: usize, text: &str) -> Option<String> {
        let mut whole = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, behind) = after.split_once('}')?;
            whole.push_str(before);
            whole.push_str(&match name.split_once('.') {
                Some((resource, _)) => self.attribute(stack, resource)?,
                None => self.reference(stack, name)?,
            });
            rest = behind;
        }
        Some(whole + rest)
    }

    fn reference(&self, stack: usize, name: &str) -> Option<String> {
        let own = &self.stacks[stack];
        match name {
            "AWS::AccountId" => return Some(own.account.clone()),
            "AWS::Region" => return Some(own.region.clone()),
            "AWS::Partition" => return Some("aws".to_owned()),
            "AWS::StackName" => return Some(format!("s{stack}")),
            _ => {}
        }
        if let Some(value) = own.parameters.get(name) {
            return Some(value.clone());
        }
        match name {
            "Managed" => self.attribute(stack, name),
            _ => self.exists(stack, name).then(|| self.physical(stack, name)).flatten(),
        }
    }

    /// The physical id.
    fn physical(&self, stack: usize, name: &str) -> Option<String> {
        let written = &self.resources(stack)[name]["Properties"]["RoleName"];
        if written.is_null() { Some(format!("s{stack}-{name}")) } else { self.text(stack, written) }
    }

    fn attribute(&self, stack: usize, name: &str) -> Option<String> {
        if !self.exists(stack, name) {
            return None;
        }
        let Stack { account, region, .. } = &self.stacks[stack];
        let id = self.physical(stack, name)?;
        Some(match name {
            "Role" => format!("arn:aws:iam::{account}:role/{id}"),
            "User" => format!("arn:aws:iam::{account}:user/{id}"),
            "Managed" => format!("arn:aws:iam::{account}:policy/{id}"),
            _ => format!("arn:aws:kms:{region}:{account}:key/{id}"),
        })
    }

    pub(crate) fn arn(&self, stack: usize, name: &str) -> String {
        self.attribute(stack, name).unwrap()
    }

    /// The policy of a key, if there is such a key.
    pub(crate) fn key_policy(&self, stack: usize, name: &str) -> Option<Value> {
        if !self.exists(stack, name) {
            return None;
        }
        let written = self.there(stack, &self.resources(stack)[name]["Properties"]["KeyPolicy"]);
        let root = json!({"AWS": self.stacks[stack].account});
        let default = json!({"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"});
        Some(if written.is_null() { json!({"Version": "2012-10-17", "Statement": [default]}) } else { written })
    }

    /// A role (by one of its sessions) or user, if it is there.
    pub(crate) fn principal(&self, stack: usize, name: &str) -> Option<Principal> {
        let arn = self.attribute(stack, name)?;
        let own = self.there(stack, &self.resources(stack)[name]["Properties"]);
        let document = |properties: &Value| json!({"document": properties["PolicyDocument"]});
        let mut policies: Vec<Value> = own["Policies"].as_array().into_iter().flatten().map(document).collect();
        let physical = self.physical(stack, name)?;
        let managed_arn = self.attribute(stack, "Managed");
        for holder in ["Policy", "Managed"] {
            let properties = self.there(stack, &self.resources(stack)[holder]["Properties"]);
            let listed = |list: &Value, item: &str| list.as_array().into_iter().flatten().any(|one| one == item);
            let attached = listed(&properties["Roles"], &physical)
                || (holder == "Managed"
                    && managed_arn.as_ref().is_some_and(|arn| listed(&own["ManagedPolicyArns"], arn)));
            if attached && self.exists(stack, holder) {
                policies.push(document(&properties));
            }
        }
        let bounded = !own["PermissionsBoundary"].is_null();
        let managed = self.there(stack, &self.resources(stack)["Managed"]["Properties"]);
        let account = &self.stacks[stack].account;
        let mut facts = json!({
            "aws:PrincipalArn": arn,
            "aws:PrincipalAccount": account,
            "kms:CallerAccount": account,
            "aws:PrincipalIsAWSService": "false",
        });
        let is_user = name == "User";
        facts["aws:PrincipalType"] = json!(if is_user { "User" } else { "AssumedRole" });
        if is_user {
            facts["aws:username"] = json!(physical);
        }
        let session = format!("arn:aws:sts::{account}:assumed-role/{physical}/one");
        Some(Principal {
            arn: if is_user { arn } else { session },
            policies,
            boundary: if bounded { document(&managed) } else { Value::Null },
            facts,
        })
    }
}
