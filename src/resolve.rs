//! Values: what a property is in each deployment that can be.
//!
//! CloudFormation values are not strings. [`Scope::value`] turns an expression into a [`Valued`]: known, depending on guards, or unknown with
//! its cause. Text keeps identified holes ([`Symbol`]), so two texts can be equal without being literal. Unknown never turns into a default.

mod attribute;
mod defaults;
mod eval;
mod generated;
mod guard;
mod json;
mod lists;
mod lookup;
mod matching;
mod text;
mod texts;
mod walk;
mod worlds;

pub use guard::{Atom, Guard};
pub use text::{Piece, Symbol, Text};
pub use walk::Element;
pub use worlds::{Worlds, assignments};

use crate::source::Span;
use crate::template::{Expr, Name, Template};

/// A stack of the estate: an index that is the same in every layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StackId(pub u32);

/// An answer that may be impossible to give from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// Certainly not.
    No,
    /// Cannot be known from here.
    Unknown,
    /// Certainly.
    Yes,
}

impl Truth {
    /// Both: the lesser of the two.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// Either: the greater of the two.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }
}

impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }
}

impl From<bool> for Truth {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

/// Why something cannot be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// What could not be read through.
    pub span: Span,
    /// Why, for people: ``parameter `KeyArn` has no value``, ``no producer for import `keys-Arn` ``.
    pub why: String,
}

/// A value in every deployment that can be.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolved<T> {
    /// The same in every deployment.
    Known(T),
    /// One of these: the guards exclude each other and together cover every deployment.
    Depends(Vec<(Guard, T)>),
}

/// A value with its place. Elements of lists and maps have their own guards: nothing is multiplied out.
#[derive(Clone, Debug, PartialEq)]
pub struct Valued {
    /// Where the author wrote it, in the file of the scope it was asked in.
    pub span: Span,
    /// What it is.
    pub value: Resolved<Value>,
}

/// What a value can be in one deployment.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `AWS::NoValue`: as if it were not written.
    Absent,
    /// `null`.
    Null,
    /// Text, a number or a truth value, with holes.
    Text(Text),
    /// A list.
    List(Vec<Valued>),
    /// A map.
    Map(Vec<(Spanned, Valued)>),
    /// Cannot be known from here.
    Unknown(Cause),
}

/// A key of a map with its place.
pub type Spanned = crate::source::Spanned<String>;

/// What other stacks and the inventory answer; the estate implements it.
pub trait Links: Sync {
    /// The value of the export of this name as `stack` sees it.
    fn import(&self, stack: StackId, name: &Text, span: Span) -> Resolved<Value>;
    /// The value of an output of another stack (`Fn::GetStackOutput`).
    fn stack_output(&self, stack: StackId, name: &Text, output: &Text, span: Span) -> Resolved<Value>;
    /// The value of an output of a nested stack (`Fn::GetAtt: [Child, Outputs.X]`).
    fn nested_output(&self, stack: StackId, child: &str, output: &str, span: Span) -> Resolved<Value>;
    /// The value behind a dynamic reference (`{{resolve:ssm:/kms/arn}}`, holes in canonical form), if a stack in view writes it; without a guard.
    fn stored(&self, stack: StackId, reference: &str) -> Option<Text>;
    /// The value of a parameter of `stack`: a supplied one, or what the parent passes; none where nothing supplies it.
    fn parameter(&self, stack: StackId, name: &str, span: Span) -> Option<Resolved<Value>>;
}

/// A place to evaluate in: one stack, its template, and what is known of its surroundings.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The stack.
    pub stack: StackId,
    /// Its template.
    pub template: &'a Template,
    /// Account, Region and so on of the stack.
    pub environment: &'a Environment,
    /// Other stacks.
    pub links: &'a dyn Links,
    /// The conditions and parameters of `template` as possible worlds.
    pub worlds: &'a Worlds,
}

/// What is known of where a stack is deployed. Unknown parts are symbols that linked stacks share.
#[derive(Clone, Debug, PartialEq)]
pub struct Environment {
    /// 12 digits, or a symbol.
    pub account: Text,
    /// `eu-west-1`, or a symbol.
    pub region: Text,
    /// `aws`, or a symbol.
    pub partition: Text,
    /// The stack's name, or a symbol.
    pub stack_name: Text,
}

/// The partition of a Region, by its name.
#[must_use]
pub fn partition_of(region: &str) -> &'static str {
    let prefixes = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("eu-isoe-", "aws-iso-e"),
        ("eusc-", "aws-eusc"),
    ];
    let found = prefixes.iter().find(|(prefix, _)| region.starts_with(prefix));
    found.map_or("aws", |(_, partition)| partition)
}

impl<T> Resolved<T> {
    /// Each possible value with the guard under which it holds.
    pub fn iter(&self) -> impl Iterator<Item = (&Guard, &T)> {
        static ALWAYS: Guard = Guard::ALWAYS;
        let (known, depends) = match self {
            Self::Known(value) => (Some((&ALWAYS, value)), &[][..]),
            Self::Depends(branches) => (None, branches.as_slice()),
        };
        known.into_iter().chain(depends.iter().map(|(guard, value)| (guard, value)))
    }

    /// Puts a value in the place of another one, wherever that is.
    pub(crate) fn replace(&mut self, old: &T, new: &T)
    where
        T: Clone + PartialEq,
    {
        let values: Vec<&mut T> = match self {
            Self::Known(value) => vec![value],
            Self::Depends(branches) => branches.iter_mut().map(|(_, value)| value).collect(),
        };
        for value in values.into_iter().filter(|value| **value == *old) {
            *value = new.clone();
        }
    }

    /// The value, where it is the same in every deployment.
    #[must_use]
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Depends(_) => None,
        }
    }
}

impl Scope<'_> {
    /// What an expression of this scope's template is in each deployment.
    #[must_use]
    pub fn value(&self, expr: &Expr) -> Valued {
        eval::value(self, expr)
    }

    /// The guard under which something with this `Condition` exists; none where no deployment has it.
    #[must_use]
    pub fn presence(&self, condition: Option<&Name>) -> Option<Guard> {
        let Some(condition) = condition else { return Some(Guard::ALWAYS) };
        let atom = || Atom::Condition { stack: self.stack, name: condition.value.clone() };
        match self.worlds.decided(&condition.value) {
            Some(true) => Some(Guard::ALWAYS),
            Some(false) => None,
            None => Some(Guard::of(atom(), true)),
        }
    }
}
