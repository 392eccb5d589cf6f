//! Text with identified holes.

use super::{StackId, Truth};

/// Something whose text is not known but whose identity is: equal symbols are equal texts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Symbol {
    /// The account of a stack (the representative of all stacks that share it).
    Account(StackId),
    /// The Region of a stack.
    Region(StackId),
    /// The partition of a stack.
    Partition(StackId),
    /// Another pseudo parameter of a stack: `AWS::StackId`, `AWS::URLSuffix`, `AWS::NotificationARNs`, an unknown `AWS::StackName`.
    Pseudo(StackId, String),
    /// A parameter of a stack that nobody supplies.
    Parameter(StackId, String),
    /// The physical id or generated name of a resource: what `Ref` gives where that is no ARN, and the end of its ARN.
    /// For a key this is its key id, for a role its name.
    Resource(StackId, String),
    /// Any other attribute of a resource: stack, logical id, attribute.
    Attribute(StackId, String, String),
    /// An import without a producer in view, by the canonical text of its name.
    Import(String),
    /// A dynamic reference, as written: `{{resolve:ssm:/kms/arn}}`.
    Dynamic(String),
    /// An output of a stack that is not in view: stack name, output.
    Output(String, String),
    /// A part of, or a function of, other symbols (`Fn::Select` of `Fn::Split` of a parameter…), by canonical text.
    Derived(String),
}

/// A piece of text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Piece {
    /// Known characters; never empty, never beside another literal.
    Literal(String),
    /// A hole.
    Symbol(Symbol),
}

/// Text, some of it literal, some of it symbols. The empty sequence is the empty text.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Vec<Piece>);

impl Text {
    /// Literal text.
    #[must_use]
    pub fn literal(text: &str) -> Self {
        let mut new = Self::default();
        new.push_str(text);
        new
    }

    /// A single hole.
    #[must_use]
    pub fn symbol(symbol: Symbol) -> Self {
        Self(vec![Piece::Symbol(symbol)])
    }

    /// Appends literal text.
    pub fn push_str(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.0.last_mut() {
            Some(Piece::Literal(last)) => last.push_str(text),
            _ => self.0.push(Piece::Literal(text.to_owned())),
        }
    }

    /// Appends another text.
    pub fn push(&mut self, text: &Self) {
        for piece in &text.0 {
            match piece {
                Piece::Literal(literal) => self.push_str(literal),
                Piece::Symbol(_) => self.0.push(piece.clone()),
            }
        }
    }

    /// The pieces.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// The symbols, in order.
    pub fn symbols(&self) -> impl Iterator<Item = &Symbol> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Symbol(symbol) => Some(symbol),
            Piece::Literal(_) => None,
        })
    }

    /// The characters, where all are known.
    #[must_use]
    pub fn as_literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Piece::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The symbol, where the text is exactly one hole.
    #[must_use]
    pub fn as_symbol(&self) -> Option<&Symbol> {
        match self.0.as_slice() {
            [Piece::Symbol(symbol)] => Some(symbol),
            _ => None,
        }
    }

    /// Splits at each delimiter that stands in literal text. Holes are taken to hold no delimiter only where their kind excludes it:
    /// none where a hole could hold one.
    #[must_use]
    pub fn split(&self, delimiter: char) -> Option<Vec<Self>> {
        let mut parts = vec![Self::default()];
        for piece in &self.0 {
            match piece {
                Piece::Symbol(symbol) if symbol.may_contain(delimiter) => return None,
                Piece::Symbol(_) => parts.last_mut()?.0.push(piece.clone()),
                Piece::Literal(text) => {
                    for (index, part) in text.split(delimiter).enumerate() {
                        if index > 0 {
                            parts.push(Self::default());
                        }
                        parts.last_mut()?.push_str(part);
                    }
                }
            }
        }
        Some(parts)
    }

    /// Whether both are the same text in every deployment: yes for equal pieces, no where literal ends contradict each other.
    #[must_use]
    pub fn equals(&self, other: &Self) -> Truth {
        if self == other {
            return Truth::Yes;
        }
        match (self.as_literal(), other.as_literal()) {
            (Some(_), Some(_)) => Truth::No,
            _ if self.ends_differ(other) => Truth::No,
            _ => Truth::Unknown,
        }
    }

    /// Whether the literal beginnings or the literal ends exclude equality.
    fn ends_differ(&self, other: &Self) -> bool {
        let (head, tail) = self.literal_ends();
        let (other_head, other_tail) = other.literal_ends();
        let heads = head.len().min(other_head.len());
        let tails = tail.len().min(other_tail.len());
        head.as_bytes().iter().zip(other_head.as_bytes()).take(heads).any(|(a, b)| a != b)
            || tail.as_bytes().iter().rev().zip(other_tail.as_bytes().iter().rev()).take(tails).any(|(a, b)| a != b)
    }

    /// The literal text at the beginning and at the end (both the whole text, if it is literal).
    #[must_use]
    pub fn literal_ends(&self) -> (&str, &str) {
        let literal = |piece: Option<&'_ Piece>| -> Option<usize> {
            match piece {
                Some(Piece::Literal(text)) => Some(text.len()),
                _ => None,
            }
        };
        let text = |index: Option<usize>| match index.and_then(|at| self.0.get(at)) {
            Some(Piece::Literal(text)) => text.as_str(),
            _ => "",
        };
        let first = literal(self.0.first()).map(|_| 0);
        let last = literal(self.0.last()).map(|_| self.0.len() - 1);
        (text(first), text(last))
    }
}

impl Symbol {
    /// Whether the text behind this symbol could hold a character: an account, a Region or a partition holds no `:` or `/`,
    /// a generated name or key id neither.
    #[must_use]
    pub fn may_contain(&self, character: char) -> bool {
        match self {
            Self::Account(_) => character.is_ascii_digit(),
            Self::Region(_) | Self::Partition(_) => character == '-' || character.is_ascii_alphanumeric(),
            Self::Resource(..) => !matches!(character, ':' | '/'),
            Self::Pseudo(..)
            | Self::Parameter(..)
            | Self::Attribute(..)
            | Self::Import(_)
            | Self::Dynamic(_)
            | Self::Output(..)
            | Self::Derived(_) => true,
        }
    }
}

impl std::fmt::Display for Text {
    /// For people: symbols stand as `${…}`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for piece in &self.0 {
            match piece {
                Piece::Literal(text) => f.write_str(text)?,
                Piece::Symbol(symbol) => write!(f, "{symbol}")?,
            }
        }
        Ok(())
    }
}

impl std::fmt::Display for Symbol {
    /// As the author would write it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Account(_) => f.write_str("${AWS::AccountId}"),
            Self::Region(_) => f.write_str("${AWS::Region}"),
            Self::Partition(_) => f.write_str("${AWS::Partition}"),
            Self::Pseudo(_, name) | Self::Parameter(_, name) | Self::Resource(_, name) => write!(f, "${{{name}}}"),
            Self::Attribute(_, name, attribute) => write!(f, "${{{name}.{attribute}}}"),
            Self::Import(name) => write!(f, "${{import {name}}}"),
            Self::Output(stack, output) => write!(f, "${{output {output} of {stack}}}"),
            Self::Dynamic(text) | Self::Derived(text) => f.write_str(text),
        }
    }
}
