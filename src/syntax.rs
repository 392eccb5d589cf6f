//! Text to tree: YAML and JSON become one flat tree of nodes with byte spans.
//!
//! Parsing never fails: [`parse`] returns what could be read and the problems that stopped it. Nothing here knows CloudFormation.

mod build;
mod embedded;
mod json;
mod scalar;
mod yaml;

pub use embedded::parse_embedded;
pub use scalar::{Plain, plain};

use self::json::Language;
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

/// A range of one of the tree's stores, or of the bytes of the file.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    start: u32,
    end: u32,
}

impl Part {
    fn new(start: usize, end: usize) -> Self {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { start: clamp(start), end: clamp(end.max(start)) }
    }

    fn of<T>(self, store: &[T]) -> &[T] {
        store.get(self.start as usize..self.end as usize).unwrap_or(&[])
    }

    fn of_text(self, store: &str) -> &str {
        store.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

#[derive(Debug)]
enum Data {
    Scalar { text: Part, style: Style },
    Sequence(Part),
    Mapping(Part),
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
    part: Part,
    /// 0, or the number of the tag counted from 1.
    tag: u32,
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
    /// Whether it was read as JSON, whose scalars are what they look like there.
    json: bool,
    nodes: Vec<Stored>,
    /// The texts of all scalars, one after the other: one allocation for the whole tree.
    texts: String,
    items: Vec<NodeId>,
    entries: Vec<Entry>,
    tags: Vec<Tag>,
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
    /// A mapping, in the order of the text; duplicate keys are already reduced to the last, and what merge keys (`<<`) bring in stands first.
    Mapping(&'t [Entry]),
}

/// A view of one node: cheap to copy.
#[derive(Debug, Clone, Copy)]
pub struct Node<'t> {
    tree: &'t Tree,
    id: NodeId,
}

/// A larger file is not read: no template comes near, and 32 bits must hold every offset.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;

/// The key that takes in the entries of another mapping (YAML 1.1).
const MERGE_KEY: &str = "<<";

/// Parses the text of a file: JSON if its first character after blanks is `{` and it reads as JSON, else YAML.
#[must_use]
pub fn parse(source: &SourceFile) -> Tree {
    if let Some(problem) = unreadable(source) {
        let mut tree = Tree::empty(source.id);
        tree.problems.push(problem);
        return tree;
    }
    if !source.text.trim_start().starts_with('{') {
        return yaml::parse(source);
    }
    let as_json = json::parse(source);
    if as_json.tree.problems.is_empty() || as_json.language == Language::Json {
        return as_json.tree;
    }
    let as_yaml = yaml::parse(source);
    if as_yaml.problems.is_empty() || as_json.language == Language::Yaml { as_yaml } else { as_json.tree }
}

/// What no parser should be asked to read.
fn unreadable(source: &SourceFile) -> Option<Problem> {
    if source.text.len() > MAX_BYTES {
        let message = format!("the file is larger than {} MiB; split the template", MAX_BYTES / 1024 / 1024);
        return Some(Problem { message, span: Span::new(source.id, 0, 0) });
    }
    let nul = source.text.find('\0')?;
    let message = "a NUL byte stands here, so this is not a text in UTF-8; save the file as UTF-8".to_owned();
    Some(Problem { message, span: Span::new(source.id, nul, nul + 1) })
}

impl Tree {
    /// A tree of nothing.
    fn empty(file: FileId) -> Self {
        Self {
            file,
            json: false,
            nodes: Vec::new(),
            texts: String::new(),
            items: Vec::new(),
            entries: Vec::new(),
            tags: Vec::new(),
            root: None,
            comments: Vec::new(),
            duplicates: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// The top node, if the text had one.
    #[must_use]
    pub fn root(&self) -> Option<Node<'_>> {
        self.root.map(|id| Node { tree: self, id })
    }

    fn data(&self, id: NodeId) -> Option<&Data> {
        self.nodes.get(id.0 as usize).map(|node| &node.data)
    }

    fn scalar_text(&self, id: NodeId) -> Option<&str> {
        match self.data(id)? {
            Data::Scalar { text, .. } => Some(text.of_text(&self.texts)),
            Data::Sequence(_) | Data::Mapping(_) => None,
        }
    }

    fn span_of(&self, id: NodeId) -> Span {
        let part = self.nodes.get(id.0 as usize).map_or(Part::default(), |node| node.part);
        Span { file: self.file, start: part.start, end: part.end }
    }
}

impl<'t> Node<'t> {
    fn stored(self) -> Option<&'t Stored> {
        self.tree.nodes.get(self.id.0 as usize)
    }

    fn at(self, id: NodeId) -> Self {
        Node { tree: self.tree, id }
    }

    /// The bytes of the node: without its tag and anchor; quotes included; a block scalar without its `|` and its last line break.
    /// What an alias names has the place where it is written, not the place of the alias.
    #[must_use]
    pub fn span(self) -> Span {
        self.tree.span_of(self.id)
    }

    /// The tag, if one is written.
    #[must_use]
    pub fn tag(self) -> Option<&'t Tag> {
        let number = self.stored()?.tag as usize;
        self.tree.tags.get(number.checked_sub(1)?)
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> Kind<'t> {
        match self.tree.data(self.id) {
            Some(Data::Scalar { text, style }) => Kind::Scalar(text.of_text(&self.tree.texts), *style),
            Some(Data::Sequence(part)) => Kind::Sequence(part.of(&self.tree.items)),
            Some(Data::Mapping(part)) => Kind::Mapping(part.of(&self.tree.entries)),
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

    /// What a scalar means: its quotes, its tag and the language of the file decide whether it can be anything else than text.
    #[must_use]
    pub fn plain(self) -> Option<Plain> {
        let Kind::Scalar(text, style) = self.kind() else { return None };
        let is_text = style != Style::Plain || self.tag().is_some_and(Tag::means_text);
        Some(match (is_text, self.tree.json) {
            (true, _) => Plain::Text,
            (false, true) => scalar::plain_json(text),
            (false, false) => scalar::plain(text),
        })
    }
}

impl Tag {
    /// Whether the tag says that a scalar without quotes is text all the same.
    fn means_text(&self) -> bool {
        &*self.name == "tag:yaml.org,2002:str"
    }
}
