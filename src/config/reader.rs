//! From nodes to values of a shape: every problem is told where it stands, and reading goes on.

use super::shape::Shape;
use crate::choice::closest;
use crate::finding::Meta;
use crate::source::{Span, Spanned};
use crate::syntax::{Kind, Node, Plain, Problem};

/// A key that documentation speaks of and that nothing reads.
const NOT_YET: &str = "suppressions";

/// What is known while the file is read, and what is wrong with it.
pub(super) struct Reader<'r> {
    /// All rules.
    pub(super) rules: &'r [&'static Meta],
    pub(super) problems: Vec<Problem>,
    /// The keys that lead to what is read, such as `rules.options`.
    path: Vec<String>,
}

/// The values of a mapping by their keys.
pub(super) struct Entries<'t> {
    span: Span,
    found: Vec<(&'static str, Node<'t>)>,
}

impl<'r> Reader<'r> {
    pub(super) fn new(rules: &'r [&'static Meta]) -> Self {
        Self { rules, problems: Vec::new(), path: Vec::new() }
    }

    /// Tells what is wrong at a place.
    pub(super) fn refuse(&mut self, span: Span, message: impl Into<String>) {
        self.problems.push(Problem { message: message.into(), span });
    }

    /// Reads what lies under a key.
    pub(super) fn under<T>(&mut self, key: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(key.to_owned());
        let value = read(self);
        self.path.pop();
        value
    }

    /// Tells that a node is not what its key takes.
    pub(super) fn mismatch(&mut self, node: Node<'_>, takes: &str) {
        let message = match (self.path.is_empty(), kind_of(node)) {
            (false, "nothing") => {
                format!("`{}` has no value: write {takes}, or leave the key out", self.path.join("."))
            }
            (false, found) => format!("`{}` takes {takes}, this is {found}", self.path.join(".")),
            (true, found) => format!("a configuration is {takes}, this is {found}"),
        };
        self.refuse(node.span(), message);
    }

    /// The entries of a mapping that may have these keys. A value with an unknown key is passed over.
    pub(super) fn entries<'t>(&mut self, node: Node<'t>, keys: &[&'static str]) -> Option<Entries<'t>> {
        if !matches!(node.kind(), Kind::Mapping(_)) {
            self.mismatch(node, &format!("a mapping of {}", listed(keys)));
            return None;
        }
        let mut found = Vec::new();
        for (name, value) in node.entries() {
            let written = name.text().unwrap_or_default();
            match keys.iter().find(|key| **key == written) {
                Some(key) => found.push((*key, value)),
                None => self.unknown_key(name.span(), written, keys),
            }
        }
        Some(Entries { span: node.span(), found })
    }

    fn unknown_key(&mut self, span: Span, written: &str, keys: &[&'static str]) {
        let inside = if self.path.is_empty() { String::new() } else { format!(" in `{}`", self.path.join(".")) };
        let rest = match (super::place_of_key(written), closest(written, keys.iter().copied())) {
            _ if written == NOT_YET => ": this version cannot suppress findings, leave it out".to_owned(),
            (Some(place), _) => format!(", it belongs into `{place}`"),
            (None, Some(close)) => format!(", did you mean `{close}`"),
            (None, None) => format!(": there are {}", listed(keys)),
        };
        self.refuse(span, format!("unknown key `{written}`{inside}{rest}"));
    }

    /// The elements of a list.
    pub(super) fn items<'t>(&mut self, node: Node<'t>) -> Option<Vec<Node<'t>>> {
        if matches!(node.kind(), Kind::Sequence(_)) {
            node.items().for_each(|item| self.refuse_tag(item));
            return Some(node.items().collect());
        }
        self.mismatch(node, "a list");
        None
    }

    /// Tells of a tag: there is none that means something.
    fn refuse_tag(&mut self, node: Node<'_>) {
        if let Some(tag) = node.tag() {
            self.refuse(tag.span, format!("`!{}` means nothing here: leave it out", tag.name));
        }
    }

    /// Text that nothing else could be meant by.
    pub(super) fn text<'t>(&mut self, node: Node<'t>, takes: &str) -> Option<&'t str> {
        match (node.text(), node.plain()) {
            (Some(text), Some(Plain::Text)) if !text.is_empty() => Some(text),
            _ => {
                self.mismatch(node, takes);
                None
            }
        }
    }

    /// One of some names.
    pub(super) fn one_of<'t>(&mut self, node: Node<'t>, names: &[&'static str]) -> Option<&'t str> {
        let text = self.text(node, &format!("one of {}", listed(names)))?;
        if names.contains(&text) {
            return Some(text);
        }
        let hint = match closest(text, names.iter().copied()) {
            Some(close) => format!(", did you mean `{close}`"),
            None => format!(": it is one of {}", listed(names)),
        };
        self.refuse(node.span(), format!("`{text}` is no value of `{}`{hint}", self.path.join(".")));
        None
    }

    /// A text that a test accepts; the test says what is wrong with it.
    pub(super) fn tested<'t>(
        &mut self,
        node: Node<'t>,
        text: &'t str,
        test: impl FnOnce(&str) -> Result<(), String>,
    ) -> Option<&'t str> {
        match test(text) {
            Ok(()) => Some(text),
            Err(reason) => {
                self.refuse(node.span(), format!("`{text}` is no value of `{}`: {reason}", self.path.join(".")));
                None
            }
        }
    }
}

impl<'t> Entries<'t> {
    /// The keys that are there, with their values.
    pub(super) fn found(&self) -> impl Iterator<Item = (&'static str, Node<'t>)> {
        self.found.iter().copied()
    }

    /// The value under a key, or what stands for it where the key is missing or its value is wrong.
    pub(super) fn take<T: Shape>(&self, key: &'static str, reader: &mut Reader<'_>) -> Option<T> {
        let node = self.found.iter().find(|(name, _)| *name == key).map(|(_, node)| *node);
        let Some(node) = node else {
            let absent = T::absent();
            if absent.is_none() {
                reader.refuse(Span { end: self.span.start, ..self.span }, format!("`{key}` is missing here"));
            }
            return absent;
        };
        reader.refuse_tag(node);
        reader.under(key, |reader| T::read(node, reader)).or_else(T::absent)
    }
}

/// A node in words.
fn kind_of(node: Node<'_>) -> &'static str {
    match (node.kind(), node.plain()) {
        (Kind::Sequence([]), _) => "an empty list",
        (Kind::Sequence(_), _) => "a list",
        (Kind::Mapping(_), _) => "a mapping",
        (Kind::Scalar("", _), _) | (Kind::Scalar(..), Some(Plain::Null)) => "nothing",
        (Kind::Scalar(..), Some(Plain::Bool(_))) => "`true` or `false`",
        (Kind::Scalar(..), Some(Plain::Int(_) | Plain::Float(_))) => "a number",
        (Kind::Scalar(..), Some(Plain::Text) | None) => "text",
    }
}

/// Names in a sentence.
pub(super) fn listed(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// What stands in the text together with its place.
pub(super) fn spanned<T>(value: T, node: Node<'_>) -> Spanned<T> {
    Spanned::new(value, node.span())
}
