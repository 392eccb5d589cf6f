//! Text with identified holes.

use super::StackId;
use smallvec::{SmallVec, smallvec};

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

/// Text, some of it literal, some of it symbols. The empty sequence is the empty text; a single piece, which most texts are, lies inline.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(SmallVec<[Piece; 1]>);

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
        Self(smallvec![Piece::Symbol(symbol)])
    }

    /// What `Ref` of an `AWS::KMS::Alias` gives where the beginning of its name is not known: every name begins so.
    #[must_use]
    pub(crate) fn name_of_alias(stack: StackId, logical: &str) -> Self {
        let mut name = Self::literal("alias/");
        name.push(&Self::symbol(Symbol::Attribute(stack, logical.to_owned(), "AliasName".to_owned())));
        name
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
            self.push_piece(piece);
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

    /// The text with another one in the place of a hole.
    #[must_use]
    pub fn replaced(&self, hole: &Symbol, with: &Self) -> Self {
        let mut replaced = Self::default();
        for piece in &self.0 {
            match piece {
                Piece::Symbol(symbol) if symbol == hole => replaced.push(with),
                Piece::Symbol(_) | Piece::Literal(_) => replaced.push_piece(piece),
            }
        }
        replaced
    }

    /// Appends a piece.
    pub(super) fn push_piece(&mut self, piece: &Piece) {
        match piece {
            Piece::Literal(literal) => self.push_str(literal),
            Piece::Symbol(_) => self.0.push(piece.clone()),
        }
    }

    /// Splits at each delimiter that stands in literal text. Holes are taken to hold no delimiter only where their kind excludes it:
    /// none where a hole could hold one.
    #[must_use]
    pub fn split(&self, delimiter: char) -> Option<Vec<Self>> {
        match self.split_at(delimiter.encode_utf8(&mut [0; 4])) {
            (parts, true) => Some(parts),
            (_, false) => None,
        }
    }

    /// Splits at each delimiter in literal text, up to the first hole that could hold a part of one; whether there was none. Where there was
    /// one, the last part ends before it, unfinished.
    #[must_use]
    pub fn split_at(&self, delimiter: &str) -> (Vec<Self>, bool) {
        let mut parts = Vec::new();
        let mut last = Self::default();
        for piece in &self.0 {
            match piece {
                Piece::Symbol(symbol) if delimiter.chars().any(|character| symbol.may_contain(character)) => {
                    parts.push(last);
                    return (parts, false);
                }
                Piece::Symbol(_) => last.push_piece(piece),
                Piece::Literal(text) => {
                    for (index, part) in text.split(delimiter).enumerate() {
                        if index > 0 {
                            parts.push(std::mem::take(&mut last));
                        }
                        last.push_str(part);
                    }
                }
            }
        }
        parts.push(last);
        (parts, true)
    }

    /// The text without blanks at its literal ends.
    #[must_use]
    pub fn trimmed(mut self) -> Self {
        if let Some(Piece::Literal(text)) = self.0.first_mut() {
            *text = text.trim_start().to_owned();
        }
        if let Some(Piece::Literal(text)) = self.0.last_mut() {
            *text = text.trim_end().to_owned();
        }
        self.0.retain(|piece| !matches!(piece, Piece::Literal(text) if text.is_empty()));
        self
    }

    /// What stands before and after the only hole.
    #[must_use]
    pub fn single_hole(&self) -> Option<(&str, &Symbol, &str)> {
        match self.0.as_slice() {
            [Piece::Symbol(symbol)] => Some(("", symbol, "")),
            [Piece::Literal(before), Piece::Symbol(symbol)] => Some((before, symbol, "")),
            [Piece::Symbol(symbol), Piece::Literal(after)] => Some(("", symbol, after)),
            [Piece::Literal(before), Piece::Symbol(symbol), Piece::Literal(after)] => Some((before, symbol, after)),
            _ => None,
        }
    }

    /// One line of characters that is equal exactly for equal texts: the name of what is derived from it. Stacks stand in it between
    /// control characters, which `Display` leaves out.
    #[must_use]
    pub fn canonical(&self) -> String {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Literal(text) => text.clone(),
                Piece::Symbol(symbol) => symbol.canonical(),
            })
            .collect()
    }

    /// The text with each `{{resolve:…}}` in it as a symbol.
    #[must_use]
    pub fn with_dynamic_references(self) -> Self {
        const OPEN: &str = "{{resolve:";
        let has_any = self.0.iter().any(|piece| matches!(piece, Piece::Literal(text) if text.contains(OPEN)));
        if !has_any {
            return self;
        }
        let mut done = Self::default();
        let mut reference: Option<Self> = None;
        for piece in &self.0 {
            let Piece::Literal(literal) = piece else {
                reference.as_mut().unwrap_or(&mut done).push_piece(piece);
                continue;
            };
            let mut rest = literal.as_str();
            while !rest.is_empty() {
                rest = match reference.take() {
                    None => match rest.find(OPEN) {
                        Some(at) => {
                            let (before, after) = rest.split_at(at);
                            done.push_str(before);
                            reference = Some(Self::default());
                            after
                        }
                        None => {
                            done.push_str(rest);
                            ""
                        }
                    },
                    Some(mut open) => match rest.split_once("}}") {
                        Some((inner, after)) => {
                            open.push_str(inner);
                            open.push_str("}}");
                            done.push(&Self::symbol(Symbol::Dynamic(open.canonical())));
                            after
                        }
                        None => {
                            open.push_str(rest);
                            reference = Some(open);
                            ""
                        }
                    },
                };
            }
        }
        if let Some(unfinished) = reference {
            done.push(&unfinished);
        }
        done
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
    /// Whether the text behind this symbol could hold a character: an account is digits, a Region, a partition or the name of a stack holds
    /// letters, digits and hyphens, a generated name or key id nothing that separates the parts of ARNs and no wildcard.
    #[must_use]
    pub fn may_contain(&self, character: char) -> bool {
        let is_word = character == '-' || character.is_ascii_alphanumeric();
        match self {
            Self::Account(_) => character.is_ascii_digit(),
            Self::Region(_) | Self::Partition(_) => is_word && !character.is_ascii_uppercase(),
            Self::Resource(..) => is_word || matches!(character, '_' | '.' | '+' | '=' | ',' | '@'),
            Self::Pseudo(_, name) => match name.as_str() {
                "AWS::StackName" => is_word,
                "AWS::URLSuffix" => is_word || character == '.',
                _ => true,
            },
            Self::Parameter(..)
            | Self::Attribute(..)
            | Self::Import(_)
            | Self::Dynamic(_)
            | Self::Output(..)
            | Self::Derived(_) => true,
        }
    }

    /// Whether the text behind this symbol could be empty.
    pub(super) fn may_be_empty(&self) -> bool {
        matches!(self, Self::Parameter(..) | Self::Attribute(..) | Self::Output(..) | Self::Derived(_))
    }

    /// Whether these are two different texts in every deployment: generated names and key ids of different resources.
    #[must_use]
    pub fn is_never(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Resource(..), Self::Resource(..))) && self != other
    }
}

/// Begins and ends the number of a stack in canonical text.
const MARKS: [char; 2] = ['\u{1}', '\u{2}'];

/// Canonical text that belongs to a stack.
pub(super) fn marked(text: &str, stack: StackId) -> String {
    let [open, close] = MARKS;
    format!("{text}{open}{}{close}", stack.0)
}

/// Canonical text for people: without the numbers of stacks.
fn unmarked(text: &str, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    let [open, close] = MARKS;
    let mut parts = text.split(open);
    f.write_str(parts.next().unwrap_or(""))?;
    parts.try_for_each(|part| f.write_str(part.split_once(close).map_or(part, |(_, rest)| rest)))
}

impl Symbol {
    /// See [`Text::canonical`].
    fn canonical(&self) -> String {
        match self {
            Self::Account(stack)
            | Self::Region(stack)
            | Self::Partition(stack)
            | Self::Pseudo(stack, _)
            | Self::Parameter(stack, _)
            | Self::Resource(stack, _)
            | Self::Attribute(stack, ..) => marked(&self.to_string(), *stack),
            Self::Dynamic(text) | Self::Derived(text) => text.clone(),
            Self::Import(name) => format!("${{import {name}}}"),
            Self::Output(stack, output) => format!("${{output {output} of {stack}}}"),
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
            Self::Attribute(_, name, attribute) if attribute == "Ref" => write!(f, "${{{name}}}"),
            Self::Attribute(_, name, attribute) => write!(f, "${{{name}.{attribute}}}"),
            Self::Import(_) | Self::Output(..) | Self::Dynamic(_) | Self::Derived(_) => unmarked(&self.canonical(), f),
        }
    }
}
