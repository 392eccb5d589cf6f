//! Text to tree: YAML and JSON become one flat tree of nodes with byte spans.
//!
//! Parsing never fails: [`parse`] returns what could be read and the problems that stopped it. Nothing here knows CloudFormation.

mod json;
mod scalar;
mod yaml;

pub use scalar::Plain;

use crate::source::{FileId, SourceFile, Span};

/// A node of one [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

/// How a scalar was written. Only [`Style::Plain`] scalars can be anything else than text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// YAML without quotes, or a JSON number, `true`, `false`, `null`.
    Plain,
    /// Single or double quotes (YAML), or a JSON string.
    Quoted,
    /// A YAML block scalar (`|` or `>`).
    Block,
}

/// A key and its value in a mapping.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The key's node (always a scalar in a valid template).
    pub key: NodeId,
    /// The value's node.
    pub value: NodeId,
}

#[derive(Debug)]
enum Data {
    Scalar { text: Box<str>, style: Style },
    Sequence(Box<[NodeId]>),
    Mapping(Box<[Entry]>),
}

/// A YAML tag such as `!Ref`, without the exclamation mark of local tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// `Ref` for `!Ref`; the whole URI for a global tag (`tag:yaml.org,2002:str`).
    pub name: Box<str>,
    /// Where the tag is written.
    pub span: Span,
}

#[derive(Debug)]
struct Stored {
    span: Span,
    tag: Option<Box<Tag>>,
    data: Data,
}

/// A comment, with its `#`, without the line break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The comment, from `#` to the end of the line.
    pub span: Span,
    /// Whether nothing but blanks stands before it on its line.
    pub own_line: bool,
}

/// Why a text is not (wholly) a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong and what to do, lower case, no period.
    pub message: String,
    /// Where.
    pub span: Span,
}

/// A key that a mapping has twice. The last one wins, as in CloudFormation's own parsers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateKey {
    /// The key's text.
    pub key: String,
    /// The first place.
    pub first: Span,
    /// The later place.
    pub again: Span,
}

/// The tree of one file.
#[derive(Debug)]
pub struct Tree {
    /// The file it was read from.
    pub file: FileId,
    nodes: Vec<Stored>,
    root: Option<NodeId>,
    /// Comments in the order of the text (YAML only).
    pub comments: Vec<Comment>,
    /// Keys that occur twice in one mapping.
    pub duplicates: Vec<DuplicateKey>,
    /// What stopped the parser; where this is not empty the tree must not be judged.
    pub problems: Vec<Problem>,
}

/// What a node is.
#[derive(Debug, Clone, Copy)]
pub enum Kind<'t> {
    /// A scalar: its text after unescaping, and how it was written.
    Scalar(&'t str, Style),
    /// A list.
    Sequence(&'t [NodeId]),
    /// A mapping, in the order of the text; merge keys (`<<`) are already applied, duplicate keys already reduced to the last.
    Mapping(&'t [Entry]),
}

/// A view of one node: cheap to copy.
#[derive(Debug, Clone, Copy)]
pub struct Node<'t> {
    tree: &'t Tree,
    id: NodeId,
}

/// Parses the text of a file: JSON if its first character after blanks is `{` and it reads as JSON, else YAML.
#[must_use]
pub fn parse(source: &SourceFile) -> Tree {
    let begins_as_json = source.text.trim_start().starts_with('{');
    if begins_as_json {
        let tree = json::parse(source);
        if tree.problems.is_empty() {
            return tree;
        }
        let as_yaml = yaml::parse(source);
        return if as_yaml.problems.is_empty() { as_yaml } else { tree };
    }
    yaml::parse(source)
}

impl Tree {
    /// The top node, if the text had one.
    #[must_use]
    pub fn root(&self) -> Option<Node<'_>> {
        self.root.map(|id| Node { tree: self, id })
    }
}

impl<'t> Node<'t> {
    fn stored(self) -> Option<&'t Stored> {
        self.tree.nodes.get(self.id.0 as usize)
    }

    fn at(self, id: NodeId) -> Self {
        Node { tree: self.tree, id }
    }

    /// The bytes of the node: without its tag and anchor; quotes included.
    #[must_use]
    pub fn span(self) -> Span {
        self.stored().map_or(Span::new(self.tree.file, 0, 0), |node| node.span)
    }

    /// The tag, if one is written.
    #[must_use]
    pub fn tag(self) -> Option<&'t Tag> {
        self.stored()?.tag.as_deref()
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> Kind<'t> {
        match self.stored().map(|node| &node.data) {
            Some(Data::Scalar { text, style }) => Kind::Scalar(text, *style),
            Some(Data::Sequence(items)) => Kind::Sequence(items),
            Some(Data::Mapping(entries)) => Kind::Mapping(entries),
            None => Kind::Scalar("", Style::Plain),
        }
    }

    /// The elements, if it is a list; else none.
    pub fn items(self) -> impl Iterator<Item = Node<'t>> {
        let ids = match self.kind() {
            Kind::Sequence(items) => items,
            Kind::Scalar(..) | Kind::Mapping(_) => &[],
        };
        ids.iter().map(move |id| self.at(*id))
    }

    /// Keys and values, if it is a mapping; else none.
    pub fn entries(self) -> impl Iterator<Item = (Node<'t>, Node<'t>)> {
        let entries = match self.kind() {
            Kind::Mapping(entries) => entries,
            Kind::Scalar(..) | Kind::Sequence(_) => &[],
        };
        entries.iter().map(move |entry| (self.at(entry.key), self.at(entry.value)))
    }

    /// The value under a key, if it is a mapping that has it.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Node<'t>> {
        self.entries().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value)
    }

    /// The text of a scalar, however it was written.
    #[must_use]
    pub fn text(self) -> Option<&'t str> {
        match self.kind() {
            Kind::Scalar(text, _) => Some(text),
            Kind::Sequence(_) | Kind::Mapping(_) => None,
        }
    }
}
