//! A template as CloudFormation means it: after lowering nobody can tell `!GetAtt A.B` from `{"Fn::GetAtt": ["A", "B"]}`.
//!
//! Everything keeps its span. Lowering never fails: what is not understood becomes [`Form::Opaque`] with its reason.

mod expr;
mod globals;
mod loops;
mod lower;
mod place;
mod references;
mod sub;

pub use lower::{is_template, lower};
pub use references::{Reference, ReferenceKind, references};

use std::borrow::Cow;

use crate::source::{FileId, Span, Spanned};
use crate::syntax::Style;

/// A name as written: a logical id, a key of a map, a parameter.
pub type Name = Spanned<String>;

/// One file, lowered.
#[derive(Debug)]
pub struct Template {
    /// The file it was read from.
    pub file: FileId,
    /// Names in `Transform`, such as `AWS::Serverless-2016-10-31`.
    pub transforms: Vec<Name>,
    /// `Parameters`, in the order of the text.
    pub parameters: Vec<Parameter>,
    /// `Mappings`: a name and its body (literal two-level map, or something opaque).
    pub mappings: Vec<(Name, Expr)>,
    /// `Conditions`.
    pub conditions: Vec<(Name, Expr)>,
    /// `Rules`: what parameters may be together.
    pub rules: Vec<Rule>,
    /// `Resources`, in the order of the text.
    pub resources: Vec<Resource>,
    /// `Outputs`.
    pub outputs: Vec<Output>,
    /// SAM's `Globals`, if any.
    pub globals: Option<Expr>,
    /// Places where a macro, an include or a loop may add things that are not seen here: whole sections or the whole template.
    pub opaque: Vec<Opaque>,
}

/// Something in a template that cannot be looked into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opaque {
    /// Where it is written.
    pub span: Span,
    /// `the macro \`X\``, `\`AWS::Include\``, …
    pub what: String,
}

/// A parameter of a template.
#[derive(Debug)]
pub struct Parameter {
    /// Its logical id.
    pub name: Name,
    /// Its type, such as `String`, `CommaDelimitedList`, `AWS::SSM::Parameter::Value<String>`.
    pub kind: String,
    /// Its default, as text (a number keeps its spelling).
    pub default: Option<Spanned<String>>,
    /// Its allowed values, as text; empty where there is no such list.
    pub allowed_values: Vec<Spanned<String>>,
    /// Its pattern, if any.
    pub allowed_pattern: Option<Spanned<String>>,
    /// The whole declaration.
    pub span: Span,
}

/// A rule of the section `Rules`: while `condition` holds (always, if there is none), every assertion holds.
#[derive(Debug)]
pub struct Rule {
    /// When it is in force.
    pub condition: Option<Expr>,
    /// What then holds.
    pub assertions: Vec<Expr>,
}

/// A resource.
#[derive(Debug)]
pub struct Resource {
    /// Its logical id.
    pub name: Name,
    /// Its type.
    pub kind: Spanned<String>,
    /// The condition under which it exists.
    pub condition: Option<Name>,
    /// Logical ids in `DependsOn`.
    pub depends_on: Vec<Name>,
    /// `IgnoreGlobals` of SAM: properties that it does not share with others of its type; `*` for all.
    pub ignores_globals: Vec<Name>,
    /// `Properties`, a map; absent properties are an empty map. What SAM shares by `Globals` is among them.
    pub properties: Expr,
    /// `Metadata`.
    pub metadata: Option<Expr>,
    /// `DeletionPolicy`.
    pub deletion_policy: Option<Expr>,
    /// `UpdateReplacePolicy`.
    pub update_replace_policy: Option<Expr>,
    /// The whole resource, from its logical id to its end.
    pub span: Span,
}

/// An output of a stack.
#[derive(Debug)]
pub struct Output {
    /// Its logical id.
    pub name: Name,
    /// The condition under which it exists.
    pub condition: Option<Name>,
    /// Its value.
    pub value: Expr,
    /// The name under which it is exported.
    pub export: Option<Expr>,
}

/// An expression: a value as the author wrote it, with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// Where it is written (a function: the whole call).
    pub span: Span,
    /// What it is.
    pub form: Form,
}

/// The forms of an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Form {
    /// `null`, `~`, or nothing.
    Null,
    /// A literal: its text, and whether it was plain (then it may mean a number or a truth value).
    Literal(Box<str>, Style),
    /// A list.
    List(Vec<Expr>),
    /// A map that is no function call.
    Map(Vec<(Name, Expr)>),
    /// `Ref`: a parameter, a resource or a pseudo parameter.
    Ref(Name),
    /// `Fn::GetAtt`: a logical id and an attribute, which may have dots (`Outputs.KeyArn`).
    GetAtt(Name, Box<Expr>),
    /// `Fn::Sub`: pieces, and the variables of the long form.
    Sub(Vec<SubPiece>, Vec<(Name, Expr)>),
    /// `Fn::Join`: the delimiter and the list.
    Join(Box<Expr>, Box<Expr>),
    /// `Fn::Select`: the index and the list.
    Select(Box<Expr>, Box<Expr>),
    /// `Fn::Split`: the delimiter and the text.
    Split(Box<Expr>, Box<Expr>),
    /// `Fn::If`: the condition, the value where it holds, the other.
    If(Name, Box<Expr>, Box<Expr>),
    /// `Fn::FindInMap`: map, first key, second key, default.
    FindInMap(Box<[Expr; 3]>, Option<Box<Expr>>),
    /// `Fn::ImportValue`.
    ImportValue(Box<Expr>),
    /// `Fn::GetStackOutput`.
    GetStackOutput(Box<StackOutput>),
    /// `Fn::Base64`.
    Base64(Box<Expr>),
    /// `Fn::ToJsonString`.
    ToJsonString(Box<Expr>),
    /// `Fn::Length`.
    Length(Box<Expr>),
    /// A condition function.
    Logic(Box<Logic>),
    /// Anything else: `Fn::Cidr`, `Fn::GetAZs`, `Fn::Transform`, an unknown function, a malformed call. The text says which, for people.
    Opaque(String),
}

/// A piece of `Fn::Sub`.
#[derive(Debug, Clone, PartialEq)]
pub enum SubPiece {
    /// Literal text (`${!x}` is already `${x}`).
    Text(Box<str>),
    /// `${Name}`: a variable of the map, else as `Ref`. The span covers `${…}` where the text is written without escapes, else the whole text.
    Ref(Name),
    /// `${Name.Attribute}`.
    GetAtt(Name, Box<str>),
}

/// The arguments of `Fn::GetStackOutput`.
#[derive(Debug, Clone, PartialEq)]
pub struct StackOutput {
    /// The stack's name or ARN.
    pub stack: Expr,
    /// The output's logical id.
    pub output: Expr,
    /// Another Region, if given.
    pub region: Option<Expr>,
    /// A role to assume, if given (it belongs to the account of the stack).
    pub role: Option<Expr>,
}

/// Condition functions.
#[derive(Debug, Clone, PartialEq)]
pub enum Logic {
    /// `Fn::And`.
    And(Vec<Expr>),
    /// `Fn::Or`.
    Or(Vec<Expr>),
    /// `Fn::Not`.
    Not(Expr),
    /// `Fn::Equals`.
    Equals(Expr, Expr),
    /// `Condition`: another condition by name.
    Condition(Name),
    /// `Fn::Contains` (in `Rules`): the list and the value.
    Contains(Expr, Expr),
}

impl Template {
    /// The resource with this logical id.
    #[must_use]
    pub fn resource(&self, name: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.name.value == name)
    }

    /// The parameter with this name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name.value == name)
    }

    /// The output with this logical id.
    #[must_use]
    pub fn output(&self, name: &str) -> Option<&Output> {
        self.outputs.iter().find(|output| output.name.value == name)
    }

    /// The definition of a condition.
    #[must_use]
    pub fn condition(&self, name: &str) -> Option<&Expr> {
        self.conditions.iter().find(|(id, _)| id.value == name).map(|(_, expr)| expr)
    }

    /// The resource that contains a span.
    #[must_use]
    pub fn resource_at(&self, span: Span) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.span.contains(&span))
    }
}

impl Parameter {
    /// Whether its value is a list.
    #[must_use]
    pub fn is_list(&self) -> bool {
        self.kind.contains("List<") || self.kind.contains("CommaDelimitedList")
    }

    /// Whether its allowed values, if there are any, have this one.
    #[must_use]
    pub fn admits(&self, value: &str) -> bool {
        self.allowed_values.is_empty() || self.allowed_values.iter().any(|allowed| allowed.value == value)
    }
}

impl Expr {
    /// The value under a key, if this is a map that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Expr> {
        match &self.form {
            Form::Map(entries) => entries.iter().find(|(name, _)| name.value == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The value at the end of a path of keys.
    #[must_use]
    pub fn path(&self, keys: &[&str]) -> Option<&Expr> {
        keys.iter().try_fold(self, |expr, key| expr.get(key))
    }

    /// The text that CloudFormation makes of a literal: truth values are `true` and `false` however they are written.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match &self.form {
            Form::Literal(text, style) => expr::text_of(text, *style),
            _ => None,
        }
    }

    /// The text of a literal, as written.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        match &self.form {
            Form::Literal(text, _) => Some(text),
            _ => None,
        }
    }
}
