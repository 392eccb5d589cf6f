//! What a configuration comes to, as plain data: each value with where it comes from.

use crate::finding::Setting;
use serde_json::Value;

/// A value and what it is made of.
#[derive(Clone, Debug, PartialEq)]
pub enum Outline {
    /// Nothing is said.
    Nothing,
    /// A scalar, and where it comes from.
    Scalar(Value, Option<String>),
    /// A list, and where it comes from if that has to be said of the whole.
    List(Vec<Outline>, Option<String>),
    /// A mapping.
    Mapping(Vec<(String, Outline)>),
}

impl Outline {
    /// A list of texts that all come from one place.
    #[must_use]
    pub fn texts(texts: &[String], origin: &str) -> Self {
        let text = |text: &String| Self::Scalar(text.as_str().into(), Some(origin.to_owned()));
        Self::List(texts.iter().map(text).collect(), None)
    }

    /// What lies under some keys, each inside of the one before.
    pub fn at(&mut self, keys: &[&str]) -> Option<&mut Self> {
        let Some((first, rest)) = keys.split_first() else { return Some(self) };
        let Self::Mapping(entries) = self else { return None };
        entries.iter_mut().find(|(key, _)| key == first)?.1.at(rest)
    }

    /// Puts the elements of another list in front of this one.
    pub fn put_first(&mut self, other: Self) {
        match (self, other) {
            (Self::List(own, _), Self::List(mut items, _)) => {
                items.append(own);
                *own = items;
            }
            (own, other) => *own = other,
        }
    }

    /// Says where it comes from, unless that is known.
    #[must_use]
    pub(super) fn placed(self, place: &str) -> Self {
        match self {
            Self::Scalar(value, None) => Self::Scalar(value, Some(place.to_owned())),
            // The first value of a mapping stands on the line of the whole.
            Self::Mapping(mut entries) => {
                if let Some((_, first)) = entries.first_mut() {
                    *first = std::mem::replace(first, Self::Nothing).placed(place);
                }
                Self::Mapping(entries)
            }
            Self::List(items, origin) => Self::List(items.into_iter().map(|item| item.placed(place)).collect(), origin),
            known => known,
        }
    }
}

impl From<&str> for Outline {
    fn from(text: &str) -> Self {
        Self::Scalar(text.into(), None)
    }
}

impl From<&Setting> for Outline {
    fn from(setting: &Setting) -> Self {
        match setting {
            Setting::Number(number) => Self::Scalar((*number).into(), None),
            Setting::List(texts) => Self::List(texts.iter().map(|text| text.as_str().into()).collect(), None),
        }
    }
}
