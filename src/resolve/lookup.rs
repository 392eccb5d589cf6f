//! `Fn::FindInMap`.

use super::eval::{Cases, Eval, always, unknown};
use super::{Atom, Guard, Symbol, Text, Value};
use crate::source::Span;
use crate::template::{Expr, Form, Name};

type Entries = [(Name, Expr)];

/// What a key finds among the entries of a map.
#[derive(Clone, Copy)]
enum Found<'m> {
    /// The entry.
    Entry(&'m Expr),
    /// No entry.
    Nothing,
    /// Any entry, or none.
    Any,
}

/// The entries of a map; none for anything else.
fn entries(expr: &Expr) -> &Entries {
    match &expr.form {
        Form::Map(entries) => entries,
        _ => &[],
    }
}

impl Eval<'_> {
    pub(super) fn find_in_map(&self, keys: &[Expr; 3], default: Option<&Expr>, span: Span) -> Cases<Value> {
        let [map, first, second] = keys;
        self.then_values(&self.texts(map), span, |eval, map| {
            let name = match map.as_ref().map(Text::as_literal) {
                Ok(Some(name)) => name,
                Ok(None) => return unknown(span, "the name of the mapping is not literal"),
                Err(cause) => return always(Value::Unknown(cause.clone())),
            };
            match eval.scope.template.mappings.iter().find(|(mapping, _)| mapping.value == name) {
                Some((_, Expr { form: Form::Map(rows), .. })) => {
                    let lookup = Lookup { mapping: name, rows, default, span };
                    eval.then_values(&eval.texts(first), span, |eval, first| match first {
                        Ok(first) => eval.then_values(&eval.texts(second), span, |eval, second| match second {
                            Ok(second) => lookup.cases(eval, first, second),
                            Err(cause) => always(Value::Unknown(cause.clone())),
                        }),
                        Err(cause) => always(Value::Unknown(cause.clone())),
                    })
                }
                Some(_) => unknown(span, format!("mapping `{name}` cannot be read from here")),
                None => match default {
                    Some(default) => eval.cases(default),
                    None => unknown(span, format!("there is no mapping `{name}`")),
                },
            }
        })
    }

    /// When a lookup finds an entry, as far as that is known: guards of which one holds wherever it may find one.
    pub(super) fn finds(&self, keys: &[Expr; 3]) -> Vec<Guard> {
        let [map, first, second] = keys;
        let literal = map.literal().and_then(|map| {
            let mut mappings = self.scope.template.mappings.iter();
            mappings.find(|(name, _)| name.value == map)
        });
        let Some((_, Expr { form: Form::Map(rows), .. })) = literal else { return vec![Guard::ALWAYS] };
        let (firsts, seconds) = (self.texts(first), self.texts(second));
        let mut found = Vec::new();
        for (guard, first) in &firsts {
            for (other, second) in &seconds {
                let Some(both) = guard.and(other) else { continue };
                let inner = match (first, second) {
                    (Ok(first), Ok(second)) => self.found_keys(rows, first, second),
                    (Err(_), _) | (_, Err(_)) => vec![Guard::ALWAYS],
                };
                found.extend(inner.iter().filter_map(|inner| both.and(inner)));
            }
        }
        found
    }

    fn found_keys(&self, rows: &Entries, first: &Text, second: &Text) -> Vec<Guard> {
        let fits = |row: &Expr| second.as_literal().is_none_or(|key| row.get(key).is_some());
        let mut found = Vec::new();
        for (guard, row) in self.keyed(rows, first, false, fits) {
            let inner = match row {
                Found::Nothing => Vec::new(),
                Found::Any => always(row),
                Found::Entry(row) => self.keyed(entries(row), second, false, |_| true),
            };
            let is_there = inner.into_iter().filter(|(_, entry)| !matches!(entry, Found::Nothing));
            found.extend(is_there.filter_map(|(inner, _)| guard.and(&inner)));
        }
        found
    }

    /// What a key finds, in each deployment. Without a default a key that finds nothing that fits is no deployment.
    fn keyed<'m>(
        &self,
        rows: &'m Entries,
        key: &Text,
        has_default: bool,
        fits: impl Fn(&Expr) -> bool,
    ) -> Cases<Found<'m>> {
        let find = |key: &str| rows.iter().find(|(name, _)| name.value == key).map(|(_, value)| value);
        if let Some(key) = key.as_literal() {
            return always(find(key).map_or(Found::Nothing, Found::Entry));
        }
        let Some((before, Symbol::Parameter(stack, name), after)) = key.single_hole() else {
            return always(Found::Any);
        };
        let Some(parameter) = self.scope.template.parameter(name).filter(|_| *stack == self.scope.stack) else {
            return always(Found::Any);
        };
        let guard = |value: &str, holds| {
            let default = parameter.default.as_ref().is_some_and(|default| default.value == value);
            let atom = Atom::Parameter { stack: *stack, name: name.clone(), value: value.to_owned(), default };
            Guard::of(atom, holds)
        };
        let mut found = Vec::new();
        let mut rest = Guard::ALWAYS;
        for (row, value) in rows {
            let Some(choice) = row.value.strip_prefix(before).and_then(|row| row.strip_suffix(after)) else { continue };
            if parameter.admits(choice) && (has_default || fits(value)) {
                found.push((guard(choice, true), Found::Entry(value)));
                rest = rest.and(&guard(choice, false)).unwrap_or(rest);
            }
        }
        if has_default && parameter.allowed_values.is_empty() {
            found.push((rest, Found::Nothing));
        } else if has_default {
            let missing = parameter
                .allowed_values
                .iter()
                .filter(|value| find(&format!("{before}{}{after}", value.value)).is_none());
            found.extend(missing.map(|value| (guard(&value.value, true), Found::Nothing)));
        }
        found.retain(|(guard, _)| self.possible(guard));
        if found.is_empty() { always(Found::Nothing) } else { found }
    }
}

/// One lookup in one mapping.
struct Lookup<'m> {
    mapping: &'m str,
    rows: &'m Entries,
    default: Option<&'m Expr>,
    span: Span,
}

impl<'m> Lookup<'m> {
    fn cases(&self, eval: &Eval<'_>, first: &Text, second: &Text) -> Cases<Value> {
        let has_default = self.default.is_some();
        let fits = |row: &Expr| second.as_literal().is_none_or(|key| row.get(key).is_some());
        eval.then_values(&eval.keyed(self.rows, first, has_default, fits), self.span, |eval, row| match row {
            Found::Entry(row) => {
                eval.then_values(&eval.keyed(entries(row), second, has_default, |_| true), self.span, |eval, found| {
                    match found {
                        Found::Entry(value) => eval.cases(value),
                        Found::Nothing => self.nothing(eval, second),
                        Found::Any => self.any(eval, entries(row).iter().map(|(_, value)| value), first, second),
                    }
                })
            }
            Found::Nothing => self.nothing(eval, first),
            Found::Any => match second.as_literal() {
                Some(key) => self.any(eval, self.rows.iter().filter_map(|(_, row)| row.get(key)), first, second),
                None => self.any(
                    eval,
                    self.rows.iter().flat_map(|(_, row)| entries(row).iter().map(|(_, v)| v)),
                    first,
                    second,
                ),
            },
        })
    }

    /// The key is not there: the default, or a deployment that fails.
    fn nothing(&self, eval: &Eval<'_>, key: &Text) -> Cases<Value> {
        match self.default {
            Some(default) => eval.cases(default),
            None => unknown(self.span, format!("mapping `{}` has no key `{key}`", self.mapping)),
        }
    }

    /// One of several entries: known if they agree, else a text of its own identity.
    fn any(
        &self,
        eval: &Eval<'_>,
        candidates: impl Iterator<Item = &'m Expr>,
        first: &Text,
        second: &Text,
    ) -> Cases<Value> {
        let mut values = candidates.chain(self.default).map(|value| eval.cases(value));
        let Some(value) = values.next() else { return self.nothing(eval, first) };
        let mut are_texts = is_text(&value);
        let mut all_agree = true;
        for other in values {
            all_agree &=
                other.len() == value.len() && other.iter().zip(&value).all(|(a, b)| same(&a.1, &b.1) && a.0 == b.0);
            are_texts &= is_text(&other);
        }
        if all_agree {
            return value;
        }
        if !are_texts {
            return unknown(self.span, format!("which entry of mapping `{}` is taken is not known", self.mapping));
        }
        let entry = format!("${{{}[{}][{}]}}", self.mapping, first.canonical(), second.canonical());
        let symbol = Symbol::Derived(super::text::marked(&entry, eval.scope.stack));
        always(Value::Text(Text::symbol(symbol)))
    }
}

fn is_text(cases: &Cases<Value>) -> bool {
    cases.iter().all(|(_, value)| matches!(value, Value::Text(_)))
}

/// Equal but for where they are written.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len()
                && a.iter().zip(b).all(|(a, b)| match (a.value.known(), b.value.known()) {
                    (Some(a), Some(b)) => same(a, b),
                    _ => false,
                })
        }
        (a, b) => a == b,
    }
}
