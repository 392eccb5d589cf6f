//! Links across stacks: what an import, a stack output, a nested stack's output or a parameter is.
//!
//! Names of exports are nearly always built, so they are compared as symbolic text: first as written (equal holes are equal text), then with
//! the defaults of parameters, then as a pattern with one hole. A link that rests on a parameter's value carries that choice as its guard.

use super::stores::{Slot, Slots, Stored};
use crate::resolve::{Atom, Cause, Guard, Links, Piece, Resolved, StackId, Symbol, Text, Value};
use crate::source::Span;
use std::collections::HashMap;

/// More candidates than this are not told apart.
const MOST_CANDIDATES: usize = 8;

/// Most candidates that a reason names.
const MOST_NAMED: usize = 3;

/// Fewest literal characters that make a built name with an open hole tell one export from another.
const LEAST_LITERAL: usize = 4;

/// An export under one of its names.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Export {
    pub(crate) stack: StackId,
    pub(crate) output: String,
    pub(crate) name: Text,
    /// When the output is there, under this name.
    pub(crate) guard: Guard,
}

/// A stack that is an instance of a stack set, and the group of instances that it is in.
pub(crate) type SetInstance = (StackId, Option<usize>);

/// What is known of a stack when links are looked up.
#[derive(Debug, Default, Clone)]
pub(crate) struct Neighbour {
    pub(crate) scope: u32,
    pub(crate) account: Option<String>,
    pub(crate) region: Option<String>,
    /// The stack for people, told apart from others of its name.
    pub(crate) label: String,
}

/// Answers about other stacks. Complete once the estate is built.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    pub(crate) neighbours: Vec<Neighbour>,
    pub(crate) by_stack_name: HashMap<(u32, String), Vec<StackId>>,
    pub(crate) children: HashMap<(StackId, String), StackId>,
    /// The instances of stack sets.
    pub(crate) set_instances: HashMap<(StackId, String), Vec<SetInstance>>,
    pub(crate) defaults: HashMap<(StackId, String), String>,
    pub(crate) outputs: HashMap<(StackId, String), Resolved<Value>>,
    /// What parents pass to nested stacks.
    pub(crate) parameters: HashMap<(StackId, String), Resolved<Value>>,
    /// What the user supplies to other stacks.
    pub(crate) supplied: HashMap<(StackId, String), Resolved<Value>>,
    /// What stacks store for others.
    pub(crate) stored: Slots,
    exports: Vec<Export>,
    as_written: HashMap<(u32, String), Vec<usize>>,
    with_defaults: HashMap<(u32, String), Vec<usize>>,
    scoped: HashMap<u32, Vec<usize>>,
}

/// Who provides an imported name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Producer<'t> {
    /// Nobody in view.
    Nobody,
    /// One export, under a guard over parameters.
    One(&'t Export, Guard),
    /// Several exports, under a guard over parameters: which one is not known from here.
    Several(Vec<&'t Export>, Guard),
    /// Several exports that a name with an open parameter fits: its value says which one.
    Fitting(Vec<&'t Export>),
}

impl Tables {
    /// Replaces the exports and their indices.
    pub(crate) fn set_exports(&mut self, exports: Vec<Export>) {
        self.as_written.clear();
        self.with_defaults.clear();
        self.scoped.clear();
        for (at, export) in exports.iter().enumerate() {
            let scope = self.scope(export.stack);
            self.as_written.entry((scope, export.name.to_string())).or_default().push(at);
            let (_, replaced) = self.replace_defaults(&export.name);
            self.with_defaults.entry((scope, replaced.to_string())).or_default().push(at);
            self.scoped.entry(scope).or_default().push(at);
        }
        self.exports = exports;
    }

    pub(crate) fn exports(&self) -> &[Export] {
        &self.exports
    }

    fn scope(&self, stack: StackId) -> u32 {
        self.neighbours.get(stack.0 as usize).map_or(0, |neighbour| neighbour.scope)
    }

    /// The text with each parameter's default in its place, and the choices this rests on.
    pub(crate) fn replace_defaults(&self, text: &Text) -> (Guard, Text) {
        let mut guard = Guard::ALWAYS;
        let mut replaced = Text::default();
        for piece in text.pieces() {
            let default = match piece {
                Piece::Symbol(Symbol::Parameter(stack, name)) => {
                    self.defaults.get(&(*stack, name.clone())).map(|value| (*stack, name, value))
                }
                _ => None,
            };
            match (default, piece) {
                (Some((stack, name, value)), _) => {
                    let atom = Atom::Parameter { stack, name: name.clone(), value: value.clone(), default: true };
                    guard = guard.and(&Guard::of(atom, true)).unwrap_or(guard);
                    replaced.push_str(value);
                }
                (None, Piece::Literal(literal)) => replaced.push_str(literal),
                (None, Piece::Symbol(symbol)) => replaced.push(&Text::symbol(symbol.clone())),
            }
        }
        (guard, replaced)
    }

    /// Who provides a name that `stack` imports.
    pub(crate) fn producer(&self, stack: StackId, name: &Text) -> Producer<'_> {
        let scope = self.scope(stack);
        let written = self.matching(stack, self.as_written.get(&(scope, name.to_string())));
        if !written.is_empty() {
            return Self::one_of(written, Guard::ALWAYS);
        }
        let (guard, replaced) = self.replace_defaults(name);
        let by_default = self.matching(stack, self.with_defaults.get(&(scope, replaced.to_string())));
        if !by_default.is_empty() {
            let Some(export) = by_default.first() else { return Producer::Nobody };
            let (theirs, _) = self.replace_defaults(&export.name);
            let both = guard.and(&theirs).unwrap_or(guard);
            return Self::one_of(by_default, both);
        }
        self.by_pattern(stack, name)
    }

    /// A name with a single open parameter, against the literal names of the scope.
    fn by_pattern<'t>(&'t self, stack: StackId, name: &Text) -> Producer<'t> {
        let holes: Vec<_> = name.symbols().collect();
        let [Symbol::Parameter(owner, parameter)] = holes.as_slice() else { return Producer::Nobody };
        let (head, tail) = name.literal_ends();
        if head.len() + tail.len() < LEAST_LITERAL {
            return Producer::Nobody;
        }
        let in_scope = self.scoped.get(&self.scope(stack));
        let mut fitting = Vec::new();
        for export in self.matching(stack, in_scope) {
            let (_, replaced) = self.replace_defaults(&export.name);
            let Some(literal) = replaced.as_literal() else { continue };
            let Some(middle) = literal.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail)) else { continue };
            if !middle.is_empty() {
                fitting.push((export, middle.to_owned()));
            }
        }
        match fitting.as_slice() {
            [] => Producer::Nobody,
            [(export, value)] => {
                let atom =
                    Atom::Parameter { stack: *owner, name: parameter.clone(), value: value.clone(), default: false };
                Producer::One(export, Guard::of(atom, true))
            }
            several => Producer::Fitting(several.iter().map(|(export, _)| *export).collect()),
        }
    }

    fn one_of(found: Vec<&Export>, guard: Guard) -> Producer<'_> {
        match found.as_slice() {
            [] => Producer::Nobody,
            [export] => Producer::One(export, guard),
            _ => Producer::Several(found, guard),
        }
    }

    /// Those of these exports that `stack` could import: not its own, and not of another known account or Region.
    fn matching(&self, stack: StackId, indices: Option<&Vec<usize>>) -> Vec<&Export> {
        let indices = indices.map_or(&[][..], Vec::as_slice);
        let exports = indices.iter().filter_map(|at| self.exports.get(*at));
        exports.filter(|export| export.stack != stack && self.may_share_environment(stack, export.stack)).collect()
    }

    fn may_share_environment(&self, a: StackId, b: StackId) -> bool {
        let (Some(a), Some(b)) = (self.neighbours.get(a.0 as usize), self.neighbours.get(b.0 as usize)) else {
            return false;
        };
        let differ = |a: &Option<String>, b: &Option<String>| matches!((a, b), (Some(a), Some(b)) if a != b);
        !differ(&a.account, &b.account) && !differ(&a.region, &b.region)
    }

    /// The stacks of this name in the scope of `stack`: where there are several, those that may be in its account and Region.
    pub(crate) fn stacks_named(&self, stack: StackId, name: &Text) -> Vec<StackId> {
        let Some(name) = name.as_literal() else { return Vec::new() };
        let name = name.strip_prefix("arn:").map_or(name, |_| name.split('/').nth(1).unwrap_or(name));
        let named = self.by_stack_name.get(&(self.scope(stack), name.to_owned()));
        let mut found = named.cloned().unwrap_or_default();
        if found.len() > 1 {
            found.retain(|other| self.may_share_environment(stack, *other));
        }
        found
    }

    /// A stack for people, told apart from others of its name.
    pub(crate) fn label(&self, stack: StackId) -> &str {
        self.neighbours.get(stack.0 as usize).map_or("", |neighbour| &neighbour.label)
    }

    /// The stored value that a dynamic reference of this stack reads, by the canonical form of its text.
    pub(crate) fn stored_for(&self, stack: StackId, reference: &str) -> Option<&Stored> {
        let stored = self.stored.get(&(self.scope(stack), Slot::read_by(reference)?))?.as_ref()?;
        let reader = self.neighbours.get(stack.0 as usize)?;
        let writer = self.neighbours.get(stored.stack.0 as usize)?;
        let same = |a: &Option<String>, b: &Option<String>| a.is_none() || b.is_none() || a == b;
        (same(&reader.account, &writer.account) && same(&reader.region, &stored.region)).then_some(stored)
    }

    fn output(&self, stack: StackId, name: &str) -> Option<&Resolved<Value>> {
        self.outputs.get(&(stack, name.to_owned()))
    }
}

/// The value where the guard holds, and the fallback in every other world.
fn under(guard: &Guard, value: &Resolved<Value>, fallback: &Resolved<Value>) -> Resolved<Value> {
    if guard.is_always() {
        return value.clone();
    }
    let within = |guard: &Guard, value: &Resolved<Value>| -> Vec<(Guard, Value)> {
        value.iter().filter_map(|(own, value)| Some((guard.and(own)?, value.clone()))).collect()
    };
    let mut branches = within(guard, value);
    branches.extend(guard.otherwise().iter().flat_map(|otherwise| within(otherwise, fallback)));
    Resolved::Depends(branches)
}

/// What one of several stacks provides: a candidate with what it is there.
type Candidate = (StackId, Resolved<Value>);

impl Tables {
    /// One value where all candidates agree, else that of each where it is the one that provides it.
    fn one_of_candidates(
        &self,
        stack: StackId,
        mut candidates: Vec<Candidate>,
        imports: bool,
        unknown: impl FnOnce() -> Value,
    ) -> Resolved<Value> {
        if let Some((_, first)) = candidates.first()
            && candidates.iter().all(|(_, other)| other == first)
        {
            return first.clone();
        }
        if candidates.len() > MOST_CANDIDATES {
            return Resolved::Known(unknown());
        }
        candidates.sort_by_key(|(provider, _)| *provider);
        let all: Vec<StackId> = candidates.iter().map(|(provider, _)| *provider).collect();
        let mut branches = Vec::new();
        for (provider, value) in candidates {
            let (candidates, label) = (all.clone(), self.label(provider).to_owned());
            let chosen = Guard::of(Atom::Provider { stack, imports, candidates, provider, label }, true);
            let own = value.iter().filter_map(|(guard, value)| Some((chosen.and(guard)?, value.clone())));
            branches.extend(own);
        }
        Resolved::Depends(branches)
    }

    /// What several exports of one name are: those of one stack are told apart by its own conditions.
    fn one_of_exports(&self, stack: StackId, exports: &[&Export], name: &Text, span: Span) -> Resolved<Value> {
        let open = || Resolved::Known(Value::Text(Text::symbol(Symbol::Import(name.to_string()))));
        let mut candidates: Vec<Candidate> = Vec::new();
        for export in exports.iter().rev() {
            let value = self.output(export.stack, &export.output).cloned().unwrap_or_else(open);
            match candidates.iter_mut().find(|(provider, _)| *provider == export.stack) {
                Some((_, known)) => *known = under(&export.guard, &value, known),
                None => candidates.push((export.stack, value)),
            }
        }
        let why = format!("{} stacks in view export `{name}`", candidates.len());
        self.one_of_candidates(stack, candidates, true, || Value::Unknown(Cause { span, why }))
    }
}

impl Links for Tables {
    fn import(&self, stack: StackId, name: &Text, span: Span) -> Resolved<Value> {
        let open = Resolved::Known(Value::Text(Text::symbol(Symbol::Import(name.to_string()))));
        let value = |export: &Export| self.output(export.stack, &export.output).unwrap_or(&open);
        match self.producer(stack, name) {
            Producer::Nobody => open,
            Producer::One(export, guard) => under(&guard, value(export), &open),
            Producer::Several(exports, guard) => {
                under(&guard, &self.one_of_exports(stack, &exports, name, span), &open)
            }
            Producer::Fitting(exports) => {
                let mut values = exports.iter().map(|export| value(export));
                let first = values.next().unwrap_or(&open);
                if values.all(|other| other == first) {
                    return first.clone();
                }
                let mut labels: Vec<&str> = exports.iter().map(|export| self.label(export.stack)).collect();
                labels.dedup();
                let more = labels.len().saturating_sub(MOST_NAMED);
                labels.truncate(MOST_NAMED);
                let more = if more == 0 { String::new() } else { format!(" and {more} more") };
                let why =
                    format!("import `{name}` fits exports of {}{more}: `--parameters` says which", labels.join(", "));
                Resolved::Known(Value::Unknown(Cause { span, why }))
            }
        }
    }

    fn stack_output(&self, stack: StackId, name: &Text, output: &Text, span: Span) -> Resolved<Value> {
        let open = || Resolved::Known(Value::Text(Text::symbol(Symbol::Output(name.to_string(), output.to_string()))));
        let Some(wanted) = output.as_literal() else { return open() };
        let found = self.stacks_named(stack, name);
        let value = |provider: &StackId| (*provider, self.output(*provider, wanted).cloned().unwrap_or_else(open));
        let candidates: Vec<Candidate> = found.iter().map(value).collect();
        if candidates.is_empty() {
            return open();
        }
        let why = format!("{} stacks in view are called `{name}`", found.len());
        self.one_of_candidates(stack, candidates, false, || Value::Unknown(Cause { span, why }))
    }

    fn nested_output(&self, stack: StackId, child: &str, output: &str, _span: Span) -> Resolved<Value> {
        let value = self.children.get(&(stack, child.to_owned())).and_then(|nested| self.output(*nested, output));
        value.cloned().unwrap_or_else(|| {
            let attribute = format!("Outputs.{output}");
            Resolved::Known(Value::Text(Text::symbol(Symbol::Attribute(stack, child.to_owned(), attribute))))
        })
    }

    fn stored(&self, stack: StackId, reference: &str) -> Option<Text> {
        self.stored_for(stack, reference).map(|stored| stored.value.clone())
    }

    fn parameter(&self, stack: StackId, name: &str, _span: Span) -> Option<Resolved<Value>> {
        let parameter = (stack, name.to_owned());
        self.parameters.get(&parameter).or_else(|| self.supplied.get(&parameter)).cloned()
    }
}

/// The same answers without what is stored: dynamic references stay what they are.
pub(crate) struct WithoutStores<'t>(pub(crate) &'t Tables);

impl Links for WithoutStores<'_> {
    fn import(&self, stack: StackId, name: &Text, span: Span) -> Resolved<Value> {
        self.0.import(stack, name, span)
    }

    fn stack_output(&self, stack: StackId, name: &Text, output: &Text, span: Span) -> Resolved<Value> {
        self.0.stack_output(stack, name, output, span)
    }

    fn nested_output(&self, stack: StackId, child: &str, output: &str, span: Span) -> Resolved<Value> {
        self.0.nested_output(stack, child, output, span)
    }

    fn stored(&self, _: StackId, _: &str) -> Option<Text> {
        None
    }

    fn parameter(&self, stack: StackId, name: &str, span: Span) -> Option<Resolved<Value>> {
        self.0.parameter(stack, name, span)
    }
}
