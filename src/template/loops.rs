//! `Fn::ForEach`: a loop whose collection is written down is what it makes; any other may add anything.

use std::borrow::Cow;

use super::expr::{Lowering, Mode};
use super::{Form, Name, Opaque};
use crate::source::Spanned;
use crate::syntax::Node;

/// What is done with each entry of a map.
type Visit<'v, 't> = &'v mut dyn FnMut(&mut Lowering<'t>, Name, Node<'t>);

impl<'t> Lowering<'t> {
    /// Visits each entry of a map with loops expanded; gives what may add entries that are not seen.
    pub(super) fn each_entry(&mut self, map: Node<'t>, visit: Visit<'_, 't>) -> Option<Opaque> {
        let mut unseen = None;
        for (key, value) in map.entries() {
            let Some(text) = key.text() else { continue };
            let what = match text {
                "Fn::Transform" => Some(super::lower::what_transform(value)),
                _ if text.starts_with("Fn::ForEach::") => self.expand(value, visit),
                _ => {
                    let name = self.substituted(text).into_owned();
                    visit(self, Spanned::new(name, key.span()), value);
                    None
                }
            };
            unseen = unseen.or(what.map(|what| Opaque { span: super::lower::join(key.span(), value.span()), what }));
        }
        unseen
    }

    /// Visits what a loop makes; the reason where that cannot be known.
    fn expand(&mut self, body: Node<'t>, visit: Visit<'_, 't>) -> Option<String> {
        let parts: Vec<_> = body.items().collect();
        let [identifier, collection, made] = parts.as_slice() else {
            return Some("a malformed `Fn::ForEach`".to_owned());
        };
        let Some(identifier) = identifier.text() else {
            return Some("a malformed `Fn::ForEach`".to_owned());
        };
        let Some(values) = self.collection(*collection) else {
            return Some(format!("the loop over `{identifier}`, whose collection is not written down"));
        };
        let mut unseen = None;
        for value in values {
            let Some(left) = self.expansions.checked_sub(1) else {
                return Some(format!("the loop over `{identifier}`, which makes too much"));
            };
            self.expansions = left;
            self.loops.push((identifier.to_owned(), value));
            let inner = self.each_entry(*made, visit);
            self.loops.pop();
            unseen = unseen.or(inner.map(|inner| inner.what));
        }
        unseen
    }

    /// The values of a collection that is written down: in place, or in a mapping under literal keys.
    fn collection(&mut self, node: Node<'t>) -> Option<Vec<String>> {
        match self.expr(node, Mode::Value).form {
            Form::List(items) => items.iter().map(|item| item.literal().map(str::to_owned)).collect(),
            Form::FindInMap(keys, _) => {
                let node = keys.iter().try_fold(self.mappings?, |node, key| node.get(key.literal()?))?;
                node.items().map(|item| item.text().map(str::to_owned)).collect()
            }
            _ => None,
        }
    }

    /// Text with the identifiers of the loops around it replaced: `${X}` by the value, `&{X}` by its letters and digits.
    pub(super) fn substituted<'s>(&self, text: &'s str) -> Cow<'s, str> {
        if self.loops.is_empty() || !text.contains('{') {
            return Cow::Borrowed(text);
        }
        let mut text = Cow::Borrowed(text);
        for (identifier, value) in self.loops.iter().rev() {
            let alphanumeric = value.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
            for (hole, value) in [(format!("${{{identifier}}}"), value), (format!("&{{{identifier}}}"), &alphanumeric)]
            {
                if text.contains(&hole) {
                    text = Cow::Owned(text.replace(&hole, value));
                }
            }
        }
        text
    }
}
