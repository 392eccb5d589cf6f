//! Building a tree from the events of either parser: places nodes, drops repeated keys, applies merge keys.

use std::collections::HashMap;

use super::{Data, DuplicateKey, Entry, MERGE_KEY, NodeId, Part, Problem, Stored, Style, Tag, Tree};
use crate::source::{FileId, Span};

/// Nodes that aliases may add to what the text says itself: an estimate of what no honest template needs.
const MAX_ALIASED_NODES: u64 = 100_000;

/// Levels a tree may have once aliases are followed, so that readers of the tree can recurse.
pub(super) const MAX_DEPTH: u32 = 255;

/// The problem of a text with more levels.
pub(super) fn too_deep() -> String {
    format!("values are nested more than {MAX_DEPTH} levels deep from here on; flatten the template")
}

/// Mappings up to this size are compared key by key; larger ones by hash.
const SMALL_MAPPING: usize = 12;

/// What a finished node amounts to when every alias in it is followed.
#[derive(Clone, Copy)]
struct Extent {
    nodes: u64,
    depth: u32,
}

impl Extent {
    const SCALAR: Self = Self { nodes: 1, depth: 0 };
}

/// A finished node that aliases can name.
#[derive(Clone, Copy)]
struct Anchored {
    id: NodeId,
    extent: Extent,
}

/// A list or mapping that is not closed yet.
struct Open {
    id: NodeId,
    mapping: bool,
    /// Where its children begin in `waiting`.
    first: usize,
    /// End of the last child, which is the end of a block collection.
    end: usize,
    extent: Extent,
    anchor: usize,
}

/// A tree under construction.
pub(super) struct Builder {
    tree: Tree,
    open: Vec<Open>,
    /// Children of the open collections, outermost first.
    waiting: Vec<NodeId>,
    anchors: Vec<Option<Anchored>>,
    aliased: u64,
}

/// Whether the text can be read on.
pub(super) enum Flow {
    /// Go on.
    On,
    /// A problem was recorded that makes going on pointless.
    Stop,
}

impl Builder {
    pub(super) fn new(file: FileId, text_len: usize, json: bool) -> Self {
        let mut tree = Tree::empty(file);
        tree.json = json;
        tree.nodes.reserve(text_len / 20);
        tree.texts.reserve(text_len / 2);
        Self { tree, open: Vec::new(), waiting: Vec::new(), anchors: Vec::new(), aliased: 0 }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.tree.file, start, end)
    }

    /// Records a problem.
    pub(super) fn problem(&mut self, message: impl Into<String>, start: usize, end: usize) {
        let span = self.span(start, end);
        self.tree.problems.push(Problem { message: message.into(), span });
    }

    /// Places a scalar. `anchor` is 0 where it has none.
    pub(super) fn scalar(&mut self, text: &str, style: Style, at: (usize, usize), tag: Option<Tag>, anchor: usize) {
        let start = self.tree.texts.len();
        self.tree.texts.push_str(text);
        let data = Data::Scalar { text: Part::new(start, self.tree.texts.len()), style };
        let id = self.store(at, tag, data);
        self.anchor(anchor, id, Extent::SCALAR);
        self.place(id, at.1, Extent::SCALAR);
    }

    /// Opens a list or a mapping. `at` is its first bracket, key or dash.
    pub(super) fn open(&mut self, mapping: bool, at: (usize, usize), tag: Option<Tag>, anchor: usize) -> Flow {
        if self.open.len() >= MAX_DEPTH as usize {
            self.problem(too_deep(), at.0, at.1);
            return Flow::Stop;
        }
        let start = at.0;
        let data = if mapping { Data::Mapping(Part::default()) } else { Data::Sequence(Part::default()) };
        let id = self.store((start, start), tag, data);
        let first = self.waiting.len();
        self.open.push(Open { id, mapping, first, end: start, extent: Extent { nodes: 1, depth: 1 }, anchor });
        Flow::On
    }

    /// Closes the innermost collection, at `end` or, where that is none, at the end of its last child.
    pub(super) fn close(&mut self, end: Option<usize>) {
        let Some(open) = self.open.pop() else { return };
        let end = end.unwrap_or(open.end);
        let data = if open.mapping { self.close_mapping(open.first) } else { self.close_sequence(open.first) };
        self.waiting.truncate(open.first);
        if let Some(node) = self.tree.nodes.get_mut(open.id.0 as usize) {
            node.data = data;
            node.part.end = Part::new(0, end).end;
        }
        self.anchor(open.anchor, open.id, open.extent);
        self.place(open.id, end, open.extent);
    }

    /// Places the node an alias names: the same node, with the span of the anchored text.
    pub(super) fn alias(&mut self, anchor: usize, at: (usize, usize)) -> Flow {
        let Some(target) = self.anchors.get(anchor).copied().flatten() else {
            self.problem("this alias stands inside the node it names; a node cannot contain itself", at.0, at.1);
            self.scalar("", Style::Plain, at, None, 0);
            return Flow::On;
        };
        self.aliased = self.aliased.saturating_add(target.extent.nodes);
        let depth = target.extent.depth.saturating_add(u32::try_from(self.open.len()).unwrap_or(u32::MAX));
        let message = if self.aliased > MAX_ALIASED_NODES {
            format!(
                "the aliases up to here repeat more than {MAX_ALIASED_NODES} values; write fewer aliases of aliases"
            )
        } else if depth > MAX_DEPTH {
            too_deep()
        } else {
            self.place(target.id, at.1, target.extent);
            return Flow::On;
        };
        self.problem(message, at.0, at.1);
        Flow::Stop
    }

    /// Collections open at the moment.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Whether the innermost open collection is a mapping; none where nothing is open.
    pub(super) fn in_mapping(&self) -> Option<bool> {
        self.open.last().map(|open| open.mapping)
    }

    /// Where the innermost open collection begins.
    pub(super) fn open_start(&self) -> Option<usize> {
        let id = self.open.last()?.id;
        self.tree.nodes.get(id.0 as usize).map(|node| node.part.start as usize)
    }

    /// Whether a top node stands.
    pub(super) fn has_root(&self) -> bool {
        self.tree.root.is_some()
    }

    /// Records a comment.
    pub(super) fn comment(&mut self, start: usize, end: usize, own_line: bool) {
        let span = self.span(start, end);
        self.tree.comments.push(super::Comment { span, own_line });
    }

    /// The tree; collections that are still open end with what they have.
    pub(super) fn finish(mut self) -> Tree {
        while !self.open.is_empty() {
            self.close(None);
        }
        self.tree.comments.sort_by_key(|comment| comment.span.start);
        self.tree.duplicates.sort_by_key(|duplicate| (duplicate.again.start, duplicate.first.start));
        self.tree
    }

    fn store(&mut self, at: (usize, usize), tag: Option<Tag>, data: Data) -> NodeId {
        let tag = tag.map_or(0, |tag| {
            self.tree.tags.push(tag);
            Part::new(0, self.tree.tags.len()).end
        });
        let id = NodeId(Part::new(0, self.tree.nodes.len()).end);
        self.tree.nodes.push(Stored { part: Part::new(at.0, at.1), tag, data });
        id
    }

    fn place(&mut self, id: NodeId, end: usize, extent: Extent) {
        match self.open.last_mut() {
            Some(open) => {
                open.end = open.end.max(end);
                open.extent.nodes = open.extent.nodes.saturating_add(extent.nodes);
                open.extent.depth = open.extent.depth.max(extent.depth.saturating_add(1));
                self.waiting.push(id);
            }
            None if self.tree.root.is_none() => self.tree.root = Some(id),
            None => {}
        }
    }

    fn anchor(&mut self, anchor: usize, id: NodeId, extent: Extent) {
        if anchor == 0 {
            return;
        }
        if self.anchors.len() <= anchor {
            self.anchors.resize(anchor + 1, None);
        }
        if let Some(slot) = self.anchors.get_mut(anchor) {
            *slot = Some(Anchored { id, extent });
        }
    }

    fn close_sequence(&mut self, first: usize) -> Data {
        let start = self.tree.items.len();
        self.tree.items.extend_from_slice(self.waiting.get(first..).unwrap_or(&[]));
        Data::Sequence(Part::new(start, self.tree.items.len()))
    }

    fn close_mapping(&mut self, first: usize) -> Data {
        let start = self.tree.entries.len();
        let (pairs, _) = self.waiting.get(first..).unwrap_or(&[]).as_chunks::<2>();
        self.tree.entries.extend(pairs.iter().map(|[key, value]| Entry { key: *key, value: *value }));
        let entries = self.tree.entries.get(start..).unwrap_or(&[]);
        let merges = !self.tree.json && entries.iter().any(|entry| self.tree.is_merge_key(entry.key));
        if merges || self.tree.repeats_a_key(entries) {
            let written = self.tree.entries.split_off(start);
            let kept = self.without_repeated_keys(&written);
            self.apply_merges(&written, &kept);
            self.tree.entries.extend(kept);
        }
        Data::Mapping(Part::new(start, self.tree.entries.len()))
    }

    /// The entries without merge keys; of entries with the same key the last one. Records the repetitions.
    fn without_repeated_keys(&mut self, written: &[Entry]) -> Vec<Entry> {
        let mut seen: HashMap<&str, (NodeId, usize)> = HashMap::new();
        let mut kept: Vec<Option<Entry>> = Vec::with_capacity(written.len());
        let mut repeated: Vec<(NodeId, NodeId)> = Vec::new();
        for entry in written.iter().filter(|entry| !self.tree.is_merge_key(entry.key)) {
            if let Some(key) = self.tree.scalar_text(entry.key) {
                let (first, at) = seen.entry(key).or_insert((entry.key, kept.len()));
                if *first != entry.key {
                    repeated.push((*first, entry.key));
                    if let Some(slot) = kept.get_mut(*at) {
                        *slot = None;
                    }
                    *at = kept.len();
                }
            }
            kept.push(Some(*entry));
        }
        for (first, again) in repeated {
            let key = self.tree.scalar_text(again).unwrap_or_default().to_owned();
            let (first, again) = (self.tree.span_of(first), self.tree.span_of(again));
            self.tree.duplicates.push(DuplicateKey { key, first, again });
        }
        kept.into_iter().flatten().collect()
    }

    /// Appends what the merge keys of a mapping bring in and its own keys do not say.
    ///
    /// Of several sources in one list the first wins, of several merge keys the last, as in the common parsers of YAML 1.1.
    fn apply_merges(&mut self, written: &[Entry], own: &[Entry]) {
        let merges = written.iter().rev().filter(|entry| self.tree.is_merge_key(entry.key));
        let mut bad = Vec::new();
        let mut sources = Vec::new();
        for merge in merges {
            match self.tree.data(merge.value) {
                Some(Data::Mapping(part)) => sources.push(*part),
                Some(Data::Sequence(part)) => {
                    for item in part.of(&self.tree.items) {
                        match self.tree.data(*item) {
                            Some(Data::Mapping(part)) => sources.push(*part),
                            Some(Data::Sequence(_) | Data::Scalar { .. }) | None => bad.push(*item),
                        }
                    }
                }
                Some(Data::Scalar { .. }) | None => bad.push(merge.value),
            }
        }
        let mut known: HashMap<&str, ()> = HashMap::new();
        for entry in own {
            known.extend(self.tree.scalar_text(entry.key).map(|key| (key, ())));
        }
        let mut merged = Vec::new();
        for entry in sources.iter().flat_map(|part| part.of(&self.tree.entries)) {
            let news = self.tree.scalar_text(entry.key).is_none_or(|key| known.insert(key, ()).is_none());
            if news {
                merged.push(*entry);
            }
        }
        self.tree.entries.extend(merged);
        for value in bad {
            let span = self.tree.span_of(value);
            let message = format!(
                "`{MERGE_KEY}` takes a mapping or a list of mappings; name an anchor of a mapping, or quote the key"
            );
            self.tree.problems.push(Problem { message, span });
        }
    }
}

impl Tree {
    fn is_merge_key(&self, id: NodeId) -> bool {
        let Some(node) = self.nodes.get(id.0 as usize) else { return false };
        let Data::Scalar { text, style: Style::Plain } = node.data else { return false };
        node.tag == 0 && text.of_text(&self.texts) == MERGE_KEY
    }

    fn repeats_a_key(&self, entries: &[Entry]) -> bool {
        if entries.len() > SMALL_MAPPING {
            let mut seen = std::collections::HashSet::with_capacity(entries.len());
            return entries.iter().filter_map(|entry| self.scalar_text(entry.key)).any(|key| !seen.insert(key));
        }
        entries.iter().enumerate().any(|(at, entry)| {
            let Some(key) = self.scalar_text(entry.key) else { return false };
            entries.iter().take(at).any(|earlier| self.scalar_text(earlier.key) == Some(key))
        })
    }
}
