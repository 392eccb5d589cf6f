//! Functions, in one deployment.

use super::Deployment;
use serde_json::{Map, Value, json};

/// Removes what is absent.
pub(super) enum Evaluated {
    Absent,
    There(Value),
}

impl Deployment<'_> {
    pub(super) fn condition(&self, stack: usize, name: &str) -> Option<bool> {
        self.holds(stack, &self.section(stack, "Conditions")[name])
    }

    pub(super) fn holds(&self, stack: usize, condition: &Value) -> Option<bool> {
        let (function, argument) = condition.as_object()?.iter().next()?;
        let all = || argument.as_array()?.iter().map(|one| self.holds(stack, one)).collect::<Option<Vec<bool>>>();
        Some(match function.as_str() {
            "Condition" => self.condition(stack, argument.as_str()?)?,
            "Fn::And" => all()?.iter().all(|holds| *holds),
            "Fn::Or" => all()?.iter().any(|holds| *holds),
            "Fn::Not" => !self.holds(stack, &argument[0])?,
            "Fn::Equals" => self.text(stack, &argument[0])? == self.text(stack, &argument[1])?,
            "Fn::Contains" => {
                argument[0].as_array()?.iter().any(|one| self.there(stack, &argument[1]).as_ref() == Some(one))
            }
            other => unreachable!("{other}"),
        })
    }

    pub(super) fn text(&self, stack: usize, value: &Value) -> Option<String> {
        self.there(stack, value)?.as_str().map(str::to_owned)
    }

    fn there(&self, stack: usize, value: &Value) -> Option<Value> {
        match self.evaluate(stack, value)? {
            Evaluated::There(value) => Some(value),
            Evaluated::Absent => None,
        }
    }

    /// The properties of a resource; none where some of them has no value and the deployment fails.
    pub(super) fn properties(&self, stack: usize, name: &str) -> Option<Value> {
        self.there(stack, &self.resources(stack)[name]["Properties"])
    }

    /// The value of an expression; none where it has none and the deployment fails.
    pub(super) fn evaluate(&self, stack: usize, value: &Value) -> Option<Evaluated> {
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
                        let holds = self.condition(stack, argument[0].as_str()?)?;
                        return self.evaluate(stack, &argument[if holds { 1 } else { 2 }]);
                    }
                    if function == "Ref" || function.starts_with("Fn::") {
                        return there(self.function(stack, function, argument)?);
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
            Value::String(text) => match text.strip_prefix("{{resolve:ssm:") {
                Some(name) => there(json!(self.stored(stack, name.strip_suffix("}}")?)?)),
                None => there(value.clone()),
            },
            other => there(other.clone()),
        }
    }

    fn function(&self, stack: usize, function: &str, argument: &Value) -> Option<Value> {
        let text = match function {
            "Ref" => return self.reference(stack, argument.as_str()?),
            "Fn::GetAtt" => self.attribute(stack, argument[0].as_str()?, argument[1].as_str()?)?,
            "Fn::Join" => {
                let parts = self.there(stack, &argument[1])?;
                let parts = parts.as_array()?.iter().map(|part| part.as_str().map(str::to_owned));
                parts.collect::<Option<Vec<_>>>()?.join(argument[0].as_str()?)
            }
            "Fn::Split" => {
                let text = self.text(stack, &argument[1])?;
                return Some(json!(text.split(argument[0].as_str()?).collect::<Vec<_>>()));
            }
            "Fn::Select" => {
                let index = argument[0].as_u64().or_else(|| argument[0].as_str()?.parse().ok())?;
                return self.there(stack, &argument[1])?.get(usize::try_from(index).ok()?).cloned();
            }
            "Fn::FindInMap" => return self.found(stack, argument),
            "Fn::Sub" => self.substitute(stack, argument)?,
            "Fn::ImportValue" => {
                let name = self.text(stack, argument)?;
                let (exporter, output) = name.split_once('-')?;
                let exporter = self.stack_called(exporter).filter(|exporter| *exporter != stack)?;
                self.output(exporter, output)?
            }
            other => unreachable!("{other}"),
        };
        Some(json!(text))
    }

    fn found(&self, stack: usize, argument: &Value) -> Option<Value> {
        let (first, second) = (self.text(stack, &argument[1])?, self.text(stack, &argument[2])?);
        match &self.section(stack, "Mappings")[argument[0].as_str()?][first][second] {
            Value::Null => argument[3].get("DefaultValue").cloned(),
            entry => Some(entry.clone()),
        }
    }

    fn substitute(&self, stack: usize, argument: &Value) -> Option<String> {
        let mut rest = argument.as_str().or_else(|| argument[0].as_str())?;
        let mut whole = String::new();
        while let Some((before, after)) = rest.split_once("${") {
            let (name, behind) = after.split_once('}')?;
            whole.push_str(before);
            whole.push_str(&match (argument[1].get(name), name.split_once('.')) {
                (Some(variable), _) => self.text(stack, variable)?,
                (None, Some((resource, attribute))) => self.attribute(stack, resource, attribute)?,
                (None, None) => self.reference(stack, name)?.as_str()?.to_owned(),
            });
            rest = behind;
        }
        Some(whole + rest)
    }

    /// The value of an output.
    pub(super) fn output(&self, stack: usize, name: &str) -> Option<String> {
        self.text(stack, self.section(stack, "Outputs").get(name)?.get("Value")?)
    }

    /// What Parameter Store holds, as a stack sees it.
    pub(super) fn stored(&self, stack: usize, name: &str) -> Option<String> {
        if name == "/other" {
            return Some("arn:aws:kms:eu-west-1:111122223333:key/1".to_owned());
        }
        let writer = self.stack_called(name.strip_prefix('/')?.strip_suffix("/key")?)?;
        let reader = &self.stacks[stack];
        let writer_of = &self.stacks[writer];
        let is_near = (&reader.account, &reader.region) == (&writer_of.account, &writer_of.region);
        if is_near { self.attribute(writer, "Key", "Arn") } else { None }
    }
}
