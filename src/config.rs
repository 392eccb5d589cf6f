//! The configuration of a run: what `.kmslint.yaml` may say, how it is read, and its JSON schema.
//!
//! The types below are the only declaration of the format: [`read`] and [`schema`] both follow from them. Reading never fails: what is wrong
//! is a list of problems, each with its place, and whoever finds one must not go on with the rest.

mod leaf;
mod outline;
mod reader;
mod shape;
mod tables;

pub use leaf::{Account, Glob, Name, Region, RuleName, StackName, Version};
pub use outline::Outline;
pub use shape::OneOrMore;
pub use tables::{Options, Parameters, SetOption};

use crate::choice::FailOn;
use crate::finding::{Meta, Severity};
use crate::source::{SourceFile, Span, Spanned};
use crate::syntax::{self, Node, Plain, Problem};
use reader::Reader;
use serde_json::{Value, json};
use shape::{MappingSchema, Shape, mapping};

/// The name of the file.
pub const FILE_NAME: &str = ".kmslint.yaml";

/// What `kmslint init` writes.
pub const SAMPLE: &str = include_str!("config/sample.yaml");

mapping! {
    /// The configuration of kmslint. Paths are relative to the file.
    pub struct Config: Default {
        /// The version of this format
        "version" => version: Option<Spanned<Version>>,
        /// Which files are read
        "files" => files: Files,
        /// Findings from this severity on are shown
        "min-severity" => min_severity: Option<Spanned<Severity>>,
        /// Findings from this severity on end a run with exit code 1
        "fail-on" => fail_on: Option<Spanned<FailOn>>,
        /// Which rules run, and what is set for them
        "rules" => rules: Rules,
        /// What is deployed where; a template that is not listed is one stack of which account and Region are not known
        "stacks" => stacks: Vec<Spanned<Stack>>,
        /// Files and folders that tell of keys, policies, aliases and roles outside the templates
        "inventory" => inventory: Vec<Spanned<Name>>,
        /// Whether every key, alias and role of the accounts that the inventory speaks of is in it
        "inventory-complete" => inventory_complete: Option<Spanned<bool>>,
        /// Values of parameters, for every stack that has a parameter of the name
        "parameters" => parameters: Parameters,
        /// What holds for some files only
        "per-file" => per_file: Vec<PerFile>,
    }
}

mapping! {
    /// Which files are read.
    pub struct Files: Default {
        /// Files, folders and patterns that are checked where no paths are given; where some are, these are read for links
        "include" => include: Vec<Spanned<Glob>>,
        /// Patterns of what is never read, also when it is named
        "exclude" => exclude: Vec<Spanned<Glob>>,
    }
}

mapping! {
    /// Which rules run, and what is set for them.
    pub struct Rules: Default {
        /// Rules, categories or ALL that run instead of the default ones
        "select" => select: Vec<Spanned<RuleName>>,
        /// Rules, categories or ALL that do not run
        "ignore" => ignore: Vec<Spanned<RuleName>>,
        /// Options of rules, by the name of the rule
        "options" => options: Options,
    }
}

mapping! {
    /// A stack: one deployment of a template.
    pub struct Stack {
        /// The file of the template
        "template" => template: Spanned<Name>,
        /// The name of the stack
        "name" => name: StackName,
        /// The account it is deployed to
        "account" => account: Option<Account>,
        /// The Region it is deployed to
        "region" => region: Option<Region>,
        /// The values of its parameters
        "parameters" => parameters: Parameters,
        /// Stacks of one scope are meant to live together: exports of one scope are not seen in another
        "scope" => scope: Option<Name>,
    }
}

mapping! {
    /// What holds for some files only.
    pub struct PerFile {
        /// Patterns of the files
        "files" => files: OneOrMore<Spanned<Glob>>,
        /// Rules, categories or ALL whose findings in them are not reported
        "ignore" => ignore: OneOrMore<Spanned<RuleName>>,
    }
}

impl Config {
    /// What it says, each value with its place in the file it was read from.
    #[must_use]
    pub fn outline(&self, file: &SourceFile) -> Outline {
        Shape::outline(self, &|span| place(file, span))
    }
}

/// A place for people: `.kmslint.yaml:3:12`.
#[must_use]
pub fn place(file: &SourceFile, span: Span) -> String {
    let position = file.position(span.start);
    format!("{}:{}:{}", file.path, position.line, position.column)
}

/// Reads a configuration, as far as it can be read, and says all that is wrong with it, in the order of the text.
#[must_use]
pub fn read(file: &SourceFile, rules: &[&'static Meta]) -> (Config, Vec<Problem>) {
    let tree = syntax::parse(file);
    let mut reader = Reader::new(rules);
    let root = tree.root().filter(|root| tree.problems.is_empty() && root.plain() != Some(Plain::Null));
    let config = root.and_then(|root| Config::read(root, &mut reader)).unwrap_or_default();
    let mut problems = reader.problems;
    problems.extend(tree.problems);
    for twice in &tree.duplicates {
        let line = file.line(twice.first.start);
        problems.push(Problem {
            message: format!("`{}` stands here again, it is in line {line} already", twice.key),
            span: twice.again,
        });
    }
    if problems.is_empty() {
        problems.extend(stacks_twice(&config, file));
    }
    problems.sort_by(|a, b| (a.span, &a.message).cmp(&(b.span, &b.message)));
    problems.dedup();
    (config, problems)
}

/// Stacks of one name in one place: CloudFormation has no such thing.
fn stacks_twice<'c>(config: &'c Config, file: &'c SourceFile) -> impl Iterator<Item = Problem> + 'c {
    config.stacks.iter().enumerate().filter_map(|(at, stack)| {
        let is_other = |first: &&Spanned<Stack>| is_told_apart(&first.value, &stack.value);
        let first = config.stacks.iter().take(at).find(|first| !is_other(first))?;
        let line = file.line(first.span.start);
        let name = &stack.value.name.0;
        Some(Problem {
            message: format!("there are two stacks `{name}`, the other is in line {line}: tell them apart by account, Region or scope"),
            span: stack.span,
        })
    })
}

/// Whether two stacks cannot be the same one.
fn is_told_apart(one: &Stack, other: &Stack) -> bool {
    fn differ<T: PartialEq>(one: &Option<T>, other: &Option<T>) -> bool {
        matches!((one, other), (Some(one), Some(other)) if one != other)
    }
    one.name != other.name
        || one.scope != other.scope
        || differ(&one.account, &other.account)
        || differ(&one.region, &other.region)
}

/// Where a key belongs that stands elsewhere.
fn place_of_key(key: &str) -> Option<&'static str> {
    let places = [("files", Files::KEYS), ("rules", Rules::KEYS), ("stacks", Stack::KEYS)];
    places.into_iter().find(|(_, keys)| keys.contains(&key)).map(|(place, _)| place)
}

/// The JSON schema of the configuration, for these rules.
#[must_use]
pub fn schema(rules: &[&'static Meta]) -> Value {
    let mut schema = json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "title": FILE_NAME });
    if let (Value::Object(schema), Value::Object(shape)) = (&mut schema, Config::schema(rules)) {
        schema.extend(shape);
    }
    schema
}
