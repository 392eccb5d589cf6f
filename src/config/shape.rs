//! Shapes: one declaration from which both the reader of a value and its part of the JSON schema follow.

use super::outline::Outline;
use super::reader::{Reader, spanned};
use crate::finding::Meta;
use crate::source::{Span, Spanned};
use crate::syntax::{Kind, Node};
use serde_json::{Map, Value, json};

/// What a value may be.
pub(super) trait Shape: Sized {
    /// The part of the JSON schema that describes it.
    fn schema(rules: &[&'static Meta]) -> Value;

    /// Reads it; none where nothing of it can be used, which is told then.
    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self>;

    /// What it is, for people; `place` says where a span is.
    fn outline(&self, place: &dyn Fn(Span) -> String) -> Outline;

    /// What it is where its key is not written; none where the key must be there.
    fn absent() -> Option<Self> {
        None
    }
}

impl<T: Shape> Shape for Spanned<T> {
    fn schema(rules: &[&'static Meta]) -> Value {
        T::schema(rules)
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        T::read(node, reader).map(|value| spanned(value, node))
    }

    fn outline(&self, place: &dyn Fn(Span) -> String) -> Outline {
        self.value.outline(place).placed(&place(self.span))
    }
}

impl<T: Shape> Shape for Option<T> {
    fn schema(rules: &[&'static Meta]) -> Value {
        T::schema(rules)
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        T::read(node, reader).map(Some)
    }

    fn outline(&self, place: &dyn Fn(Span) -> String) -> Outline {
        self.as_ref().map_or(Outline::Nothing, |value| value.outline(place))
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Shape> Shape for Vec<T> {
    fn schema(rules: &[&'static Meta]) -> Value {
        json!({ "type": "array", "items": T::schema(rules) })
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let items = reader.items(node)?;
        Some(items.into_iter().filter_map(|item| T::read(item, reader)).collect())
    }

    fn outline(&self, place: &dyn Fn(Span) -> String) -> Outline {
        Outline::List(self.iter().map(|item| item.outline(place)).collect(), None)
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }
}

/// A list that has to be written, with something in it.
#[derive(Clone, Debug)]
pub struct OneOrMore<T>(pub Vec<T>);

impl<T: Shape> Shape for OneOrMore<T> {
    fn schema(rules: &[&'static Meta]) -> Value {
        json!({ "type": "array", "items": T::schema(rules), "minItems": 1 })
    }

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        if matches!(node.kind(), Kind::Sequence([])) {
            reader.mismatch(node, "a list with something in it");
            return None;
        }
        Vec::read(node, reader).map(Self)
    }

    fn outline(&self, place: &dyn Fn(Span) -> String) -> Outline {
        self.0.outline(place)
    }
}

/// The schema of a mapping, key by key.
pub(super) struct MappingSchema {
    about: &'static str,
    properties: Map<String, Value>,
    required: Vec<&'static str>,
}

impl MappingSchema {
    pub(super) fn new(about: &'static str) -> Self {
        Self { about, properties: Map::new(), required: Vec::new() }
    }

    /// Adds a key with what it means.
    pub(super) fn key<T: Shape>(&mut self, name: &'static str, about: &str, rules: &[&'static Meta]) {
        let mut schema = T::schema(rules);
        if let Value::Object(schema) = &mut schema {
            schema.insert("description".to_owned(), about.trim().into());
        }
        self.properties.insert(name.to_owned(), schema);
        if T::absent().is_none() {
            self.required.push(name);
        }
    }

    pub(super) fn finish(self) -> Value {
        let mut schema = json!({
            "description": self.about.trim(),
            "type": "object",
            "properties": self.properties,
            "additionalProperties": false,
        });
        if let (Value::Object(schema), false) = (&mut schema, self.required.is_empty()) {
            schema.insert("required".to_owned(), self.required.into());
        }
        schema
    }
}

/// Declares a mapping: a struct, how it is read, and its schema, with the documentation of its fields as descriptions.
macro_rules! mapping {
    (
        $(#[doc = $about:literal])+
        pub struct $name:ident $(: $default:ident)? {
            $($(#[doc = $what:literal])+ $key:literal => $field:ident: $shape:ty,)+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, $($default)?)]
        pub struct $name {
            $($(#[doc = $what])+ pub $field: $shape,)+
        }

        impl $name {
            /// The keys it may have.
            const KEYS: &'static [&'static str] = &[$($key),+];
        }

        impl Shape for $name {
            fn schema(rules: &[&'static Meta]) -> Value {
                let mut schema = MappingSchema::new(concat!($($about),+));
                $(schema.key::<$shape>($key, concat!($($what),+), rules);)+
                schema.finish()
            }

            fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
                let entries = reader.entries(node, Self::KEYS)?;
                $(let $field = entries.take($key, reader);)+
                Some(Self { $($field: $field?,)+ })
            }

            fn outline(&self, place: &dyn Fn(Span) -> String) -> Outline {
                Outline::Mapping(vec![$(($key.to_owned(), self.$field.outline(place)),)+])
            }

            fn absent() -> Option<Self> {
                Some(Self { $($field: Shape::absent()?,)+ })
            }
        }
    };
}

pub(super) use mapping;
