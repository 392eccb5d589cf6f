//! The resolver against a naive evaluator: one that fixes every parameter, knows only strings, and reads the JSON itself.
//!
//! In every world in which a stack can be deployed, exactly one guard of each value holds and its value is the naive one.

use std::collections::BTreeMap;

use kmslint::resolve::{Atom, Guard, Piece, Symbol, Text, Truth, Value, Valued};
use kmslint::template::Template;
use proptest::prelude::*;
use serde_json::Value as Json;

use crate::maker::Maker;
use crate::values::{STACK, in_stack, template};

/// A value of one world.
#[derive(Clone, Debug, PartialEq)]
enum Plain {
    Absent,
    Null,
    Text(String),
    List(Vec<Plain>),
    Map(Vec<(String, Plain)>),
}

/// The stack cannot be deployed.
#[derive(Debug)]
struct Fails;

type Outcome = Result<Plain, Fails>;

struct World<'j> {
    template: &'j Json,
    parameters: BTreeMap<String, String>,
}

impl World<'_> {
    fn text(&self, value: &Json) -> Result<String, Fails> {
        match self.value(value)? {
            Plain::Text(text) => Ok(text),
            _ => Err(Fails),
        }
    }

    fn list(&self, value: &Json) -> Result<Vec<Plain>, Fails> {
        match self.value(value)? {
            Plain::List(items) => Ok(items),
            _ => Err(Fails),
        }
    }

    fn value(&self, value: &Json) -> Outcome {
        Ok(match value {
            Json::Null => Plain::Null,
            Json::Bool(yes) => Plain::Text(yes.to_string()),
            Json::Number(number) => Plain::Text(number.to_string()),
            Json::String(text) => Plain::Text(text.clone()),
            Json::Array(items) => Plain::List(self.present(items)?),
            Json::Object(entries) => {
                if let Some((key, argument)) = entries.iter().next()
                    && entries.len() == 1
                    && (key == "Ref" || key.starts_with("Fn::"))
                {
                    return self.function(key, argument);
                }
                let mut map = Vec::new();
                for (key, value) in entries {
                    map.push((key.clone(), self.value(value)?));
                }
                map.retain(|(_, value)| *value != Plain::Absent);
                Plain::Map(map)
            }
        })
    }

    fn present(&self, items: &[Json]) -> Result<Vec<Plain>, Fails> {
        let mut values = Vec::new();
        for item in items {
            values.push(self.value(item)?);
        }
        values.retain(|value| *value != Plain::Absent);
        Ok(values)
    }

    fn function(&self, name: &str, argument: &Json) -> Outcome {
        let text = match name {
            "Ref" => return self.reference(argument.as_str().unwrap()),
            "Fn::GetAtt" => self.attribute(argument[0].as_str().unwrap(), argument[1].as_str().unwrap())?,
            "Fn::If" => {
                let branch = if self.condition(argument[0].as_str().unwrap())? { 1 } else { 2 };
                return self.value(&argument[branch]);
            }
            "Fn::Join" => {
                let mut texts = Vec::new();
                for item in self.list(&argument[1])? {
                    let Plain::Text(text) = item else { return Err(Fails) };
                    texts.push(text);
                }
                texts.join(&self.text(&argument[0])?)
            }
            "Fn::Split" => {
                let text = self.text(&argument[1])?;
                let parts = text.split(argument[0].as_str().unwrap());
                return Ok(Plain::List(parts.map(|part| Plain::Text(part.to_owned())).collect()));
            }
            "Fn::Select" => {
                let index: usize = self.text(&argument[0])?.parse().unwrap();
                return self.list(&argument[1])?.get(index).cloned().ok_or(Fails);
            }
            "Fn::Length" => self.list(argument)?.len().to_string(),
            "Fn::Sub" => self.substituted(argument)?,
            "Fn::FindInMap" => {
                let keys = [self.text(&argument[1])?, self.text(&argument[2])?];
                let found = self.template["Mappings"][argument[0].as_str().unwrap()]
                    .get(&keys[0])
                    .and_then(|row| row.get(&keys[1]));
                return match (found, argument.get(3)) {
                    (Some(found), _) => self.value(found),
                    (None, Some(options)) => self.value(&options["DefaultValue"]),
                    (None, None) => Err(Fails),
                };
            }
            other => panic!("the naive evaluator does not know {other}"),
        };
        Ok(Plain::Text(text))
    }

    fn substituted(&self, argument: &Json) -> Result<String, Fails> {
        let format = argument.as_str().or_else(|| argument[0].as_str()).unwrap();
        let mut text = String::new();
        let mut rest = format;
        while let Some((before, hole)) = rest.split_once("${") {
            let (name, after) = hole.split_once('}').unwrap();
            text += before;
            if let Some(variable) = argument.get(1).and_then(|variables| variables.get(name)) {
                text += &self.text(variable)?;
            } else if let Some((owner, attribute)) = name.split_once('.') {
                text += &self.attribute(owner, attribute)?;
            } else {
                let Plain::Text(value) = self.reference(name)? else { return Err(Fails) };
                text += &value;
            }
            rest = after;
        }
        Ok(text + rest)
    }

    fn reference(&self, name: &str) -> Outcome {
        Ok(Plain::Text(match name {
            "AWS::NoValue" => return Ok(Plain::Absent),
            "AWS::AccountId" => "111122223333".to_owned(),
            "AWS::Region" => "eu-west-1".to_owned(),
            "Names" => {
                let names = self.parameters[name].split(',').map(|name| Plain::Text(name.trim().to_owned()));
                return Ok(Plain::List(names.collect()));
            }
            "Role" => match self.value(&self.template["Resources"]["Role"]["Properties"]["RoleName"])? {
                Plain::Text(name) => name,
                _ => "id-Role".to_owned(),
            },
            "Key" => "id-Key".to_owned(),
            _ => self.parameters[name].clone(),
        }))
    }

    fn attribute(&self, name: &str, attribute: &str) -> Result<String, Fails> {
        let Plain::Text(id) = self.reference(name)? else { return Err(Fails) };
        Ok(match (name, attribute) {
            ("Role", "Arn") => format!("arn:aws:iam::111122223333:role/{id}"),
            ("Key", "Arn") => format!("arn:aws:kms:eu-west-1:111122223333:key/{id}"),
            (_, attribute) => format!("{name}-{attribute}"),
        })
    }

    fn condition(&self, name: &str) -> Result<bool, Fails> {
        self.holds(&self.template["Conditions"][name])
    }

    fn holds(&self, condition: &Json) -> Result<bool, Fails> {
        let (name, argument) = condition.as_object().unwrap().iter().next().unwrap();
        let all =
            || argument.as_array().unwrap().iter().map(|part| self.holds(part)).collect::<Result<Vec<bool>, Fails>>();
        Ok(match name.as_str() {
            "Condition" => self.condition(argument.as_str().unwrap())?,
            "Fn::Not" => !all()?[0],
            "Fn::And" => all()?.iter().all(|part| *part),
            "Fn::Or" => all()?.iter().any(|part| *part),
            "Fn::Equals" => self.text(&argument[0])? == self.text(&argument[1])?,
            other => panic!("the naive evaluator does not know {other}"),
        })
    }

    /// Whether every lookup that is made in a value finds something; those in a default are not looked into.
    fn finds(&self, value: &Json) -> bool {
        let Some(entries) = value.as_object() else {
            return value.as_array().into_iter().flatten().all(|item| self.finds(item));
        };
        match (entries.get("Fn::If"), entries.get("Fn::FindInMap")) {
            (Some(choice), _) => {
                let holds = self.condition(choice[0].as_str().unwrap());
                holds.is_ok_and(|holds| self.finds(&choice[if holds { 1 } else { 2 }]))
            }
            (None, Some(keys)) => {
                let in_keys = self.finds(&keys[1]) && self.finds(&keys[2]);
                let fails = || self.text(&keys[1]).is_ok() && self.text(&keys[2]).is_ok() && self.value(value).is_err();
                in_keys && (keys.get(3).is_some() || !fails())
            }
            (None, None) => entries.values().all(|entry| self.finds(entry)),
        }
    }

    /// Whether every condition can be computed, every rule holds and every lookup finds something.
    fn is_deployment(&self) -> bool {
        let conditions = self.template["Conditions"].as_object().unwrap();
        let rules = self.template["Rules"].as_object();
        let finds = self.finds(&self.template["Resources"]) && self.finds(&self.template["Outputs"]);
        finds
            && conditions.values().all(|condition| self.holds(condition).is_ok())
            && rules.into_iter().flat_map(|rules| rules.values()).all(|rule| {
                let in_force = rule.get("RuleCondition").is_none_or(|condition| self.holds(condition).unwrap_or(false));
                !in_force
                    || rule["Assertions"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .all(|assertion| self.holds(&assertion["Assert"]).unwrap_or(false))
            })
    }

    fn atom(&self, atom: &Atom) -> bool {
        match atom {
            Atom::Condition { name, .. } => self.condition(name).unwrap(),
            Atom::Parameter { name, value, .. } => self.parameters[name] == *value,
            Atom::Provider { .. } => false,
        }
    }

    fn guard(&self, guard: &Guard) -> bool {
        guard.holds(|atom| Some(self.atom(atom))) == Truth::Yes
    }

    /// A text of the resolver in this world; none where a part of it was only named.
    fn concrete(&self, text: &Text) -> Option<String> {
        let mut all = String::new();
        for piece in text.pieces() {
            match piece {
                Piece::Literal(literal) => all += literal,
                Piece::Symbol(Symbol::Account(_)) => all += "111122223333",
                Piece::Symbol(Symbol::Region(_)) => all += "eu-west-1",
                Piece::Symbol(Symbol::Partition(_)) => all += "aws",
                Piece::Symbol(Symbol::Parameter(_, name)) => all += &self.parameters[name],
                Piece::Symbol(Symbol::Resource(_, name)) => all += &format!("id-{name}"),
                Piece::Symbol(Symbol::Attribute(_, name, attribute)) if attribute == "RoleName" => {
                    let Ok(Plain::Text(name)) = self.reference(name) else { return None };
                    all += &name;
                }
                Piece::Symbol(Symbol::Attribute(_, name, attribute)) => all += &format!("{name}-{attribute}"),
                Piece::Symbol(Symbol::Derived(_)) => return None,
                Piece::Symbol(other) => panic!("a symbol that cannot be: {other:?}"),
            }
        }
        Some(all)
    }

    /// Holds a resolved value against the naive one; gives how much of it was known.
    fn compare(&self, resolved: &Valued, naive: &Plain) -> usize {
        let holding: Vec<&Value> =
            resolved.value.iter().filter(|(guard, _)| self.guard(guard)).map(|(_, value)| value).collect();
        let [value] = holding[..] else {
            panic!("{} guards hold in {:?}: {resolved:#?}", holding.len(), self.parameters)
        };
        match (value, naive) {
            (Value::Unknown(_), _) => 0,
            (Value::Absent, Plain::Absent) | (Value::Null, Plain::Null) => 1,
            (Value::Text(text), Plain::Text(naive)) => match self.concrete(text) {
                Some(concrete) => {
                    assert_eq!(concrete, *naive, "in {:?}", self.parameters);
                    1
                }
                None => 0,
            },
            // A list that is only named.
            (Value::Text(text), Plain::List(_)) => {
                assert_eq!(self.concrete(text), None);
                0
            }
            (Value::List(items), Plain::List(naive)) => {
                let present: Vec<_> = items.iter().filter(|item| !self.is_absent(item)).collect();
                assert_eq!(present.len(), naive.len(), "in {:?}", self.parameters);
                present.iter().zip(naive).map(|(item, naive)| self.compare(item, naive)).sum()
            }
            (Value::Map(entries), Plain::Map(naive)) => {
                let present: Vec<_> = entries.iter().filter(|(_, value)| !self.is_absent(value)).collect();
                assert_eq!(present.len(), naive.len(), "in {:?}", self.parameters);
                let pairs = present.iter().zip(naive);
                pairs
                    .map(|((key, value), (name, naive))| {
                        assert_eq!(key.value, *name);
                        self.compare(value, naive)
                    })
                    .sum()
            }
            (value, naive) => panic!("in {:?}: {value:#?} is not {naive:?}", self.parameters),
        }
    }

    fn is_absent(&self, valued: &Valued) -> bool {
        valued.value.iter().any(|(guard, value)| *value == Value::Absent && self.guard(guard))
    }
}

/// Every combination of parameter values; values that nothing mentions stand for all others.
fn worlds<'j>(template: &'j Json, supplied: &[(&str, &str)]) -> Vec<World<'j>> {
    let mut all = vec![BTreeMap::new()];
    for (name, parameter) in template["Parameters"].as_object().unwrap() {
        let values: Vec<String> = match (supplied.iter().find(|(id, _)| id == name), parameter.get("AllowedValues")) {
            (Some((_, value)), _) => vec![(*value).to_owned()],
            (None, Some(allowed)) => {
                allowed.as_array().unwrap().iter().map(|value| value.as_str().unwrap().to_owned()).collect()
            }
            (None, None) => ["a", "b", "c", "", "arn:x/y", "other"].map(str::to_owned).to_vec(),
        };
        let with = |world: &BTreeMap<String, String>| {
            let longer = values.iter().map(|value| {
                let mut world = world.clone();
                world.insert(name.clone(), value.clone());
                world
            });
            longer.collect::<Vec<_>>()
        };
        all = all.iter().flat_map(with).collect();
    }
    all.into_iter().map(|parameters| World { template, parameters }).filter(World::is_deployment).collect()
}

/// Compares all outputs of a template in all worlds; gives how many parts of values were known, and how many worlds there are.
fn hold_against_each_other(text: &Json, supplied: &[(&str, &str)]) -> (usize, usize) {
    let lowered: Template = template(&text.to_string());
    let worlds = worlds(text, supplied);
    let known = in_stack(&lowered, supplied, |scope| {
        let mut known = 0;
        for output in &lowered.outputs {
            let resolved = scope.value(&output.value);
            for world in &worlds {
                if let Ok(naive) = world.value(&text["Outputs"][&output.name.value]["Value"]) {
                    known += world.compare(&resolved, &naive);
                }
            }
        }
        let atoms: Vec<Atom> = lowered
            .conditions
            .iter()
            .map(|(name, _)| Atom::Condition { stack: STACK, name: name.value.clone() })
            .collect();
        let listed = scope.worlds.assignments(&atoms).unwrap();
        for world in &worlds {
            let made: Vec<bool> = atoms.iter().map(|atom| world.atom(atom)).collect();
            assert!(listed.contains(&made), "{made:?} is a world: {:?}", world.parameters);
        }
        // The values tried here are all that matter, so what is in no world is in none at all; but for texts put together of several.
        let is_exact = !text["Conditions"].to_string().contains("a${") && !text["Rules"].to_string().contains("a${");
        for made in listed.into_iter().filter(|_| is_exact) {
            let is_made = |world: &World<'_>| atoms.iter().zip(&made).all(|(atom, holds)| world.atom(atom) == *holds);
            assert!(worlds.iter().any(is_made) || worlds.is_empty(), "{made:?} is no world");
        }
        known
    });
    (known, worlds.len())
}

#[test]
fn written_templates_mean_the_same_to_both_and_are_mostly_known() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/worlds");
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    assert!(!names.is_empty());
    for name in names {
        let text: Json = serde_json::from_str(&std::fs::read_to_string(&name).unwrap()).unwrap();
        let (known, worlds) = hold_against_each_other(&text, &[]);
        assert!(
            worlds > 1 && known >= worlds * text["Outputs"].as_object().unwrap().len(),
            "{}: {known} {worlds}",
            name.display()
        );
    }
}

#[test]
fn most_of_what_is_made_is_known() {
    let (mut known, mut deployable) = (0, 0);
    for seed in 0..200_u32 {
        let bytes: Vec<u8> = (0..120_u32)
            .map(|at| (seed.wrapping_mul(2_654_435_761).wrapping_add(at * at * 40_503) >> 11) as u8)
            .collect();
        let (parts, worlds) = hold_against_each_other(&Maker { bytes: bytes.iter(), depth: 0 }.template(), &[]);
        known += parts;
        deployable += worlds;
    }
    assert!(known > deployable, "{known} parts are known in {deployable} worlds");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn made_templates_mean_the_same_to_both(bytes in prop::collection::vec(any::<u8>(), 0..160), supplied in 0..3usize) {
        let made = Maker { bytes: bytes.iter(), depth: 0 }.template();
        let supplied: &[(&str, &str)] = [[].as_slice(), &[("P", "a")], &[("P", "b"), ("Q", "a")]][supplied];
        hold_against_each_other(&made, supplied);
    }
}
