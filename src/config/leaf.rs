//! Values without parts: texts of a form, names, switches, numbers.

use super::outline::Outline;
use super::reader::{Reader, listed};
use super::shape::Shape;
use crate::choice::{self, FailOn, meant_by};
use crate::finding::{Meta, Severity};
use crate::source::Span;
use crate::syntax::{Node, Plain};
use globset::GlobBuilder;
use serde_json::{Value, json};
use std::str::FromStr;

/// The version of the format that is read.
const VERSION: i64 = 1;

/// The version of the format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version;

/// An account id: 12 digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account(pub String);

/// A Region, such as `eu-west-1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region(pub String);

/// The name of a stack: letters, digits and hyphens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackName(pub String);

/// A pattern of paths, or a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(pub String);

/// A text that is not empty: a path, or a name of the user's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(pub String);

/// A rule, a category of rules, or `ALL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleName(pub String);

impl FromStr for Account {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_account = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_account { Ok(Self(text.to_owned())) } else { Err("an account id has 12 digits".to_owned()) }
    }
}

impl FromStr for Region {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('-').collect();
        let is_in = |part: &str, known: fn(&u8) -> bool| !part.is_empty() && part.as_bytes().iter().all(known);
        let is_word = |part: &&str| is_in(part, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        let ends_in_number = parts.last().is_some_and(|last| is_in(last, u8::is_ascii_digit));
        let is_region = parts.len() > 2 && parts.iter().all(is_word) && ends_in_number;
        if is_region { Ok(Self(text.to_owned())) } else { Err("a Region is written as `eu-west-1`".to_owned()) }
    }
}

impl FromStr for StackName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_name = text.len() <= 128
            && text.starts_with(|first: char| first.is_ascii_alphabetic())
            && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
        let wrong = || "a stack name has letters, digits and hyphens, and begins with a letter".to_owned();
        if is_name { Ok(Self(text.to_owned())) } else { Err(wrong()) }
    }
}

impl FromStr for Glob {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match GlobBuilder::new(text).literal_separator(true).build() {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(error) => Err(error.kind().to_string()),
        }
    }
}

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(Self(text.to_owned()))
    }
}

/// Reads a text of a form.
fn formed<T: FromStr<Err = String>>(node: Node<'_>, text: &str, reader: &mut Reader<'_>) -> Option<T> {
    let mut read = None;
    reader.tested(node, text, |text| text.parse().map(|value| read = Some(value)))?;
    read
}

impl Shape for Version {
    fn schema(_: &[&'static Meta]) -> Value {
        json!({ "const": VERSION })
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match node.plain() {
            Some(Plain::Int(VERSION)) => Some(Self),
            Some(Plain::Int(other)) => {
                reader.refuse(
                    node.span(),
                    format!("version {other} of the configuration is not known: write `version: {VERSION}`"),
                );
                None
            }
            _ => {
                reader.mismatch(node, &format!("the number {VERSION}"));
                None
            }
        }
    }

    fn outline(&self, _: &dyn Fn(Span) -> String) -> Outline {
        Outline::Scalar(VERSION.into(), None)
    }
}

impl Shape for Account {
    fn schema(_: &[&'static Meta]) -> Value {
        let number = json!({ "type": "integer", "minimum": 100_000_000_000_u64, "maximum": 999_999_999_999_u64 });
        json!({ "anyOf": [{ "type": "string", "pattern": "^[0-9]{12}$" }, number] })
    }

    /// Digits without quotes are meant as such too: the text is kept as it is written.
    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let text = match (node.text(), node.plain()) {
            (Some(text), Some(Plain::Int(_) | Plain::Float(_))) => text,
            _ => reader.text(node, "an account id")?,
        };
        formed(node, text, reader)
    }

    fn outline(&self, _: &dyn Fn(Span) -> String) -> Outline {
        self.0.as_str().into()
    }
}

/// Texts of a form: what each takes in words, and its schema.
macro_rules! texts {
    ($($name:ident: $takes:literal, $schema:tt;)+) => {$(
        impl Shape for $name {
            fn schema(_: &[&'static Meta]) -> Value {
                json!($schema)
            }

            fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
                let text = reader.text(node, $takes)?;
                formed(node, text, reader)
            }

            fn outline(&self, _: &dyn Fn(Span) -> String) -> Outline {
                self.0.as_str().into()
            }
        }
    )+};
}

texts! {
    Region: "a Region", { "type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)+-[0-9]+$" };
    StackName: "the name of a stack", { "type": "string", "pattern": "^[A-Za-z][A-Za-z0-9-]{0,127}$" };
    Glob: "a path or a pattern", { "type": "string", "minLength": 1 };
    Name: "text", { "type": "string", "minLength": 1 };
}

impl Shape for RuleName {
    fn schema(rules: &[&'static Meta]) -> Value {
        json!({ "enum": choice::names(rules).collect::<Vec<_>>() })
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let text = reader.text(node, "the name of a rule or a category")?;
        match meant_by(reader.rules, text) {
            Ok(_) => Some(Self(text.to_owned())),
            Err(unknown) => {
                reader.refuse(node.span(), unknown.to_string());
                None
            }
        }
    }

    fn outline(&self, _: &dyn Fn(Span) -> String) -> Outline {
        self.0.as_str().into()
    }
}

impl Shape for Severity {
    fn schema(_: &[&'static Meta]) -> Value {
        json!({ "enum": Self::ALL.map(Self::name) })
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let text = reader.one_of(node, &Self::ALL.map(Self::name))?;
        choice::severity(text).ok()
    }

    fn outline(&self, _: &dyn Fn(Span) -> String) -> Outline {
        self.name().into()
    }
}

impl Shape for FailOn {
    fn schema(_: &[&'static Meta]) -> Value {
        json!({ "enum": Self::names().collect::<Vec<_>>() })
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let names: Vec<&str> = Self::names().collect();
        reader.one_of(node, &names)?.parse().ok()
    }

    fn outline(&self, _: &dyn Fn(Span) -> String) -> Outline {
        self.name().into()
    }
}

impl Shape for bool {
    fn schema(_: &[&'static Meta]) -> Value {
        json!({ "type": "boolean" })
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match node.plain() {
            Some(Plain::Bool(value)) => Some(value),
            _ => {
                reader.mismatch(node, &listed(&["true", "false"]).replace(", ", " or "));
                None
            }
        }
    }

    fn outline(&self, _: &dyn Fn(Span) -> String) -> Outline {
        Outline::Scalar((*self).into(), None)
    }
}
