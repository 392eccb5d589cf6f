//! The same template written in another way: as JSON in long form, resources reversed, logical ids renamed.

use super::example::File;
use kmslint::source::{FileId, SourceFile};
use kmslint::syntax::{self, Kind, Node, Plain, Style};
use std::collections::BTreeSet;

/// How to write a template anew.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rewrite {
    /// Whether the resources come in the opposite order.
    pub(crate) reversed: bool,
    /// Whether statements come in the opposite order.
    pub(crate) statements_reversed: bool,
    /// Whether logical ids of resources get another name.
    pub(crate) renamed: bool,
}

/// What a logical id becomes where it is renamed.
pub(crate) fn renamed(name: &str) -> String {
    format!("{name}Renamed")
}

impl Rewrite {
    /// The file as JSON in long form.
    pub(crate) fn file(self, file: &File) -> File {
        if file.inventory.is_some() {
            return file.clone();
        }
        let source = SourceFile::new(FileId(0), file.name.clone(), file.text.clone());
        let tree = syntax::parse(&source);
        let root = tree.root().unwrap();
        let resources = root.get("Resources").unwrap().entries();
        let ids = resources.map(|(name, _)| name.text().unwrap().to_owned()).collect();
        let mut writer = Writer { how: self, ids, text: String::new() };
        writer.top(root);
        let name = format!("{}.json", file.name.rsplit_once('.').unwrap().0);
        File { name, text: writer.text, ..file.clone() }
    }
}

struct Writer {
    how: Rewrite,
    ids: BTreeSet<String>,
    text: String,
}

impl Writer {
    fn top(&mut self, root: Node<'_>) {
        self.text.push_str("{\n");
        for (index, (name, section)) in root.entries().enumerate() {
            self.separate(index);
            self.string(name.text().unwrap());
            self.text.push_str(": ");
            if name.text() == Some("Resources") {
                self.resources(section);
            } else {
                self.node(section, &[name.text().unwrap()]);
            }
        }
        self.text.push_str("\n}\n");
    }

    fn resources(&mut self, section: Node<'_>) {
        let mut entries: Vec<_> = section.entries().collect();
        if self.how.reversed {
            entries.reverse();
        }
        self.text.push_str("{\n");
        for (index, (name, resource)) in entries.into_iter().enumerate() {
            self.separate(index);
            let id = self.id(name.text().unwrap());
            self.string(&id);
            self.text.push_str(": ");
            self.node(resource, &["Resources"]);
        }
        self.text.push('}');
    }

    /// Writes a node; `above` are the names of the maps and functions it stands in, outermost first.
    fn node(&mut self, node: Node<'_>, above: &[&str]) {
        let Some(tag) = node.tag() else { return self.untagged(node, above) };
        let name = &*tag.name;
        let function = if matches!(name, "Ref" | "Condition") { name.to_owned() } else { format!("Fn::{name}") };
        self.text.push_str("{ ");
        self.string(&function);
        self.text.push_str(": ");
        let inner: Vec<&str> = above.iter().copied().chain([function.as_str()]).collect();
        match (name, node.text()) {
            ("GetAtt", Some(text)) => {
                let (resource, attribute) = text.split_once('.').unwrap();
                let resource = self.id(resource);
                self.text.push_str(&format!("[\"{resource}\", \"{attribute}\"]"));
            }
            _ => self.untagged(node, &inner),
        }
        self.text.push_str(" }");
    }

    fn untagged(&mut self, node: Node<'_>, above: &[&str]) {
        match node.kind() {
            Kind::Scalar(text, style) => self.scalar(node, text, style, above),
            Kind::Sequence(_) => {
                self.text.push('[');
                let mut items: Vec<_> = node.items().collect();
                if self.how.statements_reversed && above.last() == Some(&"Statement") {
                    items.reverse();
                }
                for (index, item) in items.into_iter().enumerate() {
                    self.separate(index);
                    let is_id = index == 0 && above.last() == Some(&"Fn::GetAtt");
                    self.node(item, if is_id { &["Ref"] } else { above });
                }
                self.text.push(']');
            }
            Kind::Mapping(_) => {
                self.text.push('{');
                for (index, (name, value)) in node.entries().enumerate() {
                    self.separate(index);
                    let name = name.text().unwrap();
                    self.string(name);
                    self.text.push_str(": ");
                    let inner: Vec<&str> = above.iter().copied().chain([name]).collect();
                    self.node(value, &inner);
                }
                self.text.push('}');
            }
        }
    }

    fn scalar(&mut self, node: Node<'_>, text: &str, style: Style, above: &[&str]) {
        let last = above.last().copied().unwrap_or_default();
        match (last, node.plain()) {
            ("Ref" | "DependsOn", _) => {
                let id = self.id(text);
                self.string(&id);
            }
            ("Fn::Sub", _) => {
                let substituted = self.substitution(text);
                self.string(&substituted);
            }
            (_, Some(Plain::Bool(_) | Plain::Int(_) | Plain::Float(_) | Plain::Null)) if style == Style::Plain => {
                let value = match node.plain() {
                    Some(Plain::Bool(value)) => value.to_string(),
                    Some(Plain::Int(value)) => value.to_string(),
                    Some(Plain::Null) => "null".to_owned(),
                    _ => text.to_owned(),
                };
                self.text.push_str(&value);
            }
            _ => self.string(text),
        }
    }

    /// Renames the ids in `${Id}` and `${Id.Attribute}`.
    fn substitution(&self, text: &str) -> String {
        let mut parts = text.split("${");
        let mut all = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part.find(['}', '.']).unwrap_or(part.len());
            all.push_str("${");
            all.push_str(&self.id(&part[..end]));
            all.push_str(&part[end..]);
        }
        all
    }

    fn id(&self, name: &str) -> String {
        if self.how.renamed && self.ids.contains(name) { renamed(name) } else { name.to_owned() }
    }

    fn separate(&mut self, index: usize) {
        if index > 0 {
            self.text.push_str(",\n");
        }
    }

    fn string(&mut self, text: &str) {
        self.text.push_str(&serde_json::to_string(text).unwrap());
    }
}
