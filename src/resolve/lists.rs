//! Lists: splitting, selecting, counting.

use super::eval::{Cases, Eval, always, too_many, unknown};
use super::{Cause, Resolved, Symbol, Text, Value, Valued};
use crate::source::Span;
use crate::template::{Expr, Form};

/// A list in one deployment.
#[derive(Clone)]
pub(super) enum Listing {
    /// Its elements, each with its own guards.
    Elements(Vec<Valued>),
    /// `Fn::Split` of a text whose holes may hold the delimiter.
    Split(String, Text),
    /// A list of unknown elements, but with an identity, by canonical text.
    Opaque(String),
    /// Cannot be known from here.
    Unknown(Cause),
}

impl Listing {
    pub(super) fn canonical(&self) -> String {
        match self {
            Self::Split(delimiter, text) => format!("split `{delimiter}` of {}", text.canonical()),
            Self::Opaque(canonical) => canonical.clone(),
            Self::Elements(_) | Self::Unknown(_) => String::new(),
        }
    }

    fn of(value: &Value, span: Span) -> Self {
        let why = match value {
            Value::List(elements) => return Self::Elements(elements.clone()),
            Value::Text(text) => return Self::Opaque(text.canonical()),
            Value::Unknown(cause) => return Self::Unknown(cause.clone()),
            Value::Absent => "`AWS::NoValue` stands where a list is needed",
            Value::Null => "null stands where a list is needed",
            Value::Map(_) => "a map stands where a list is needed",
        };
        Self::Unknown(Cause { span, why: why.to_owned() })
    }
}

impl Eval<'_> {
    /// The alternatives of an expression that should be a list.
    pub(super) fn list(&self, expr: &Expr) -> Cases<Listing> {
        let span = expr.span;
        match &expr.form {
            Form::If(condition, yes, no) => self.choose(condition, yes, no, Self::list),
            Form::Split(delimiter, text) => self.split(delimiter, text, span),
            Form::Ref(name) if self.is_unsupplied_list(&name.value, span) => {
                let symbol = Symbol::Parameter(self.scope.stack, name.value.clone());
                always(Listing::Opaque(Text::symbol(symbol).canonical()))
            }
            _ => self.cases(expr).into_iter().map(|(guard, value)| (guard, Listing::of(&value, span))).collect(),
        }
    }

    fn is_unsupplied_list(&self, name: &str, span: Span) -> bool {
        let is_list = self.scope.template.parameter(name).is_some_and(crate::template::Parameter::is_list);
        is_list && self.scope.links.parameter(self.scope.stack, name, span).is_none()
    }

    fn split(&self, delimiter: &Expr, text: &Expr, span: Span) -> Cases<Listing> {
        let Some(delimiter) = delimiter.literal().filter(|delimiter| !delimiter.is_empty()) else {
            return always(Listing::Unknown(Cause { span, why: "the delimiter is not literal".to_owned() }));
        };
        let listing = |part: Result<Text, Cause>| match part {
            Ok(text) => match text.split_at(delimiter) {
                (parts, true) => Listing::Elements(parts.into_iter().map(|part| known(part, span)).collect()),
                (_, false) => Listing::Split(delimiter.to_owned(), text),
            },
            Err(cause) => Listing::Unknown(cause),
        };
        self.texts(text).into_iter().map(|(guard, text)| (guard, listing(text))).collect()
    }

    /// `Fn::Split` as a value.
    pub(super) fn split_value(&self, expr: &Expr) -> Cases<Value> {
        let value = |listing| match listing {
            Listing::Elements(elements) => Value::List(elements),
            Listing::Unknown(cause) => Value::Unknown(cause),
            Listing::Split(delimiter, text) => {
                let why = format!("`{text}` may hold any number of `{delimiter}`");
                Value::Unknown(Cause { span: expr.span, why })
            }
            Listing::Opaque(_) => Value::Unknown(Cause { span: expr.span, why: "the list is not known".to_owned() }),
        };
        self.list(expr).into_iter().map(|(guard, listing)| (guard, value(listing))).collect()
    }

    pub(super) fn select(&self, index: &Expr, list: &Expr, span: Span) -> Cases<Value> {
        self.then_values(&self.texts(index), span, |eval, index| {
            let index = match index.as_ref().map(|text| text.as_literal().and_then(|text| text.trim().parse().ok())) {
                Ok(Some(index)) => index,
                Ok(None) => return unknown(span, "the index is not a number that is known here"),
                Err(cause) => return always(Value::Unknown(cause.clone())),
            };
            eval.then_values(&eval.list(list), span, |eval, list| eval.selected(index, list, span))
        })
    }

    fn selected(&self, index: usize, list: &Listing, span: Span) -> Cases<Value> {
        match list {
            Listing::Elements(elements) => {
                let Some(present) = self.present(elements) else { return too_many(span) };
                self.then_values(&present, span, |eval, elements| match elements.get(index) {
                    Some(element) => eval.admitted(&element.value),
                    None => unknown(span, format!("the list has no element {index}")),
                })
            }
            Listing::Split(delimiter, text) => {
                let (mut parts, _) = text.split_at(delimiter);
                // The last part runs into a hole: it may end anywhere.
                parts.pop();
                let derived = || Text::symbol(Symbol::Derived(format!("${{select {index} of {}}}", list.canonical())));
                always(Value::Text(parts.get(index).cloned().unwrap_or_else(derived)))
            }
            Listing::Opaque(canonical) => {
                let derived = Symbol::Derived(format!("${{select {index} of {canonical}}}"));
                always(Value::Text(Text::symbol(derived)))
            }
            Listing::Unknown(cause) => always(Value::Unknown(cause.clone())),
        }
    }

    pub(super) fn length(&self, list: &Expr, span: Span) -> Cases<Value> {
        self.then_values(&self.list(list), span, |eval, list| match list {
            Listing::Elements(elements) => {
                let Some(present) = eval.present(elements) else { return too_many(span) };
                let length = |elements: &Vec<_>| Value::Text(Text::literal(&elements.len().to_string()));
                present.iter().map(|(guard, elements)| (guard.clone(), length(elements))).collect()
            }
            Listing::Split(..) | Listing::Opaque(_) => unknown(span, "the length of the list is not known"),
            Listing::Unknown(cause) => always(Value::Unknown(cause.clone())),
        })
    }

    /// The elements that are there in each deployment: those that may be `AWS::NoValue` are told apart. None past the cap.
    pub(super) fn present(&self, elements: &[Valued]) -> Option<Cases<Vec<Valued>>> {
        let mut all: Cases<Vec<Valued>> = always(Vec::new());
        for element in elements {
            let may_be_absent = element.value.iter().any(|(_, value)| *value == Value::Absent);
            if !may_be_absent {
                for (_, list) in &mut all {
                    list.push(element.clone());
                }
                continue;
            }
            all = self.then(&all, |eval, list| {
                let longer = |value: Value| {
                    let mut list = list.clone();
                    if value != Value::Absent {
                        list.push(Valued { span: element.span, value: Resolved::Known(value) });
                    }
                    list
                };
                eval.admitted(&element.value).into_iter().map(|(guard, value)| (guard, longer(value))).collect()
            })?;
        }
        Some(all)
    }
}

fn known(text: Text, span: Span) -> Valued {
    Valued { span, value: Resolved::Known(Value::Text(text)) }
}
