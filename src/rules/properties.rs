//! Properties of a resource taken together: what they are in each world.

use super::Cx;
use crate::estate::{Alias, Fact};
use crate::finding::Site;
use crate::resolve::{Atom, Environment, Guard, Scope, StackId, Symbol, Text, Truth, Value, Valued};

/// More worlds than this are not told apart.
const MAX_WORLDS: usize = 128;

/// A property in one world.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Setting {
    /// It is not set.
    Absent,
    /// Its text.
    Is(String),
    /// Cannot be known from here, and why.
    Unknown(String),
}

/// Which values a parameter without a supplied value is taken to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choices {
    /// Its default.
    Default,
    /// Each of its allowed values, else its default.
    Allowed,
}

/// Properties in one world, in the order in which they were asked for.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) guard: Guard,
    pub(super) settings: Vec<Setting>,
}

impl Setting {
    /// Whether it is on; `default` where it is not set.
    pub(super) fn is_on(&self, default: bool) -> Truth {
        match self {
            Self::Absent => default.into(),
            Self::Is(text) => match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" => Truth::Yes,
                "false" | "no" | "off" => Truth::No,
                _ => Truth::Unknown,
            },
            Self::Unknown(_) => Truth::Unknown,
        }
    }

    /// Whether it has one of these values, the first of which is what it is where it is not set.
    pub(super) fn is_one_of(&self, values: &[&str]) -> Truth {
        match self {
            Self::Absent => Truth::Yes,
            Self::Is(text) => values.contains(&text.as_str()).into(),
            Self::Unknown(_) => Truth::Unknown,
        }
    }

    /// Why it is not known.
    pub(super) fn unknown(&self) -> Option<&str> {
        match self {
            Self::Unknown(why) => Some(why),
            Self::Absent | Self::Is(_) => None,
        }
    }
}

/// What the properties of a resource are together in each world that can be. Where there are too many worlds, all are unknown.
pub(super) fn worlds(cx: &Cx<'_>, fact: &Fact, names: &[&str], choices: Choices) -> Vec<World> {
    let mut all = vec![World { guard: fact.guard.clone(), settings: Vec::new() }];
    for name in names {
        let settings = settings(cx, fact, name, choices);
        let mut longer = Vec::new();
        for world in &all {
            for (guard, setting) in &settings {
                let Some(guard) = world.guard.and(guard).filter(|guard| cx.estate.feasible(guard)) else { continue };
                let mut settings = world.settings.clone();
                settings.push(setting.clone());
                longer.push(World { guard, settings });
            }
        }
        if longer.len() > MAX_WORLDS {
            let unknown = Setting::Unknown("too many conditions to try all of them".to_owned());
            return vec![World { guard: fact.guard.clone(), settings: vec![unknown; names.len()] }];
        }
        all = longer;
    }
    all
}

/// The worlds in which a test of some properties certainly holds; where there is none, why that is not known, if it is not.
pub(super) fn where_true(
    cx: &Cx<'_>,
    fact: &Fact,
    names: &[&str],
    test: impl Fn(&[Setting]) -> Truth,
) -> (Vec<Guard>, Option<String>) {
    let (mut guards, mut unknown) = (Vec::new(), None);
    for world in worlds(cx, fact, names, Choices::Default) {
        match test(&world.settings) {
            Truth::Yes => guards.push(world.guard),
            Truth::Unknown => unknown = unknown.or_else(|| Some(why_unknown(&world.settings))),
            Truth::No => {}
        }
    }
    let unknown = unknown.filter(|_| guards.is_empty());
    (guards, unknown)
}

/// Where a property is written, whatever its value: `AWS::NoValue` counts as not written.
pub(super) fn written(cx: &Cx<'_>, fact: &Fact, name: &str) -> Vec<(Guard, Truth)> {
    let mut found = Vec::new();
    for (guard, properties) in fact.properties.branches(&fact.guard) {
        let property = match properties {
            Value::Map(entries) => entries.iter().find(|(key, _)| key.value == name).map(|(_, value)| value),
            Value::Unknown(_) => {
                found.push((guard, Truth::Unknown));
                continue;
            }
            Value::Absent | Value::Null | Value::Text(_) | Value::List(_) => None,
        };
        let Some(property) = property else {
            found.push((guard, Truth::No));
            continue;
        };
        found.extend(property.branches(&guard).into_iter().map(|(guard, value)| {
            let truth = match value {
                Value::Absent | Value::Null => Truth::No,
                Value::Unknown(_) => Truth::Unknown,
                Value::Text(_) | Value::List(_) | Value::Map(_) => Truth::Yes,
            };
            (guard, truth)
        }));
    }
    found.retain(|(guard, _)| cx.estate.feasible(guard));
    found
}

/// Why the first of these settings that is not known is not.
pub(super) fn why_unknown(settings: &[Setting]) -> String {
    let why = settings.iter().find_map(Setting::unknown);
    why.unwrap_or("a property has a value of the wrong kind").to_owned()
}

/// The place of a property, or of the resource where it is not written.
pub(super) fn site(fact: &Fact, name: &str) -> Site {
    match fact.property(name) {
        Some(valued) => Site { stack: fact.stack, span: valued.span },
        None => fact.site(),
    }
}

/// The values at the end of a path of properties, with `*` for the elements of a list; the properties themselves for an empty one.
pub(super) fn places<'f>(fact: &'f Fact, path: &str) -> Vec<(Guard, &'f Valued)> {
    let path: Vec<&str> = path.split('.').filter(|part| !part.is_empty()).collect();
    let mut found = Vec::new();
    follow(&fact.properties, &path, &fact.guard, &mut found);
    found
}

fn follow<'v>(valued: &'v Valued, path: &[&str], guard: &Guard, found: &mut Vec<(Guard, &'v Valued)>) {
    let Some((first, rest)) = path.split_first() else {
        found.push((guard.clone(), valued));
        return;
    };
    for (guard, value) in valued.branches(guard) {
        match value {
            Value::List(items) if *first == "*" => items.iter().for_each(|item| follow(item, rest, &guard, found)),
            Value::Map(entries) => {
                for (_, inner) in entries.iter().filter(|(name, _)| name.value == *first) {
                    follow(inner, rest, &guard, found);
                }
            }
            Value::List(_) | Value::Text(_) | Value::Absent | Value::Null | Value::Unknown(_) => {}
        }
    }
}

/// A text while the parameters in it keep their defaults, with that as its guard. None without defaults, where one is empty (a deployment has
/// to replace it), or where it cannot be together with `under`.
pub(super) fn at_defaults(cx: &Cx<'_>, stack: StackId, under: &Guard, text: &Text) -> Option<(Guard, Text)> {
    let (guard, text) = cx.estate.scope(stack)?.with_defaults(text)?;
    let is_empty = |atom: &Atom| matches!(atom, Atom::Parameter { value, .. } if value.is_empty());
    if guard.is_always() || guard.atoms().any(|(atom, _)| is_empty(atom)) {
        return None;
    }
    let guard = under.and(&guard).filter(|guard| cx.estate.feasible(guard))?;
    Some((guard, text))
}

/// The names of an alias under their guards. Where a stack is called after its file for want of a better name, `AWS::StackName` is a hole.
pub(super) fn alias_names(cx: &Cx<'_>, alias: &Alias) -> Vec<(Guard, Text)> {
    let guessed = || {
        let stack = cx.estate.stack(alias.stack).filter(|stack| !stack.named)?;
        let scope = cx.estate.scope(alias.stack)?;
        let guard = &cx.estate.facts.get(alias.fact)?.guard;
        let written = cx.estate.resource(alias.stack, &alias.logical)?.properties.get("AliasName")?;
        let stack_name = Text::symbol(Symbol::Pseudo(alias.stack, "AWS::StackName".to_owned()));
        let environment = Environment { stack_name, ..stack.environment.clone() };
        let named = Scope { environment: &environment, ..scope }.value(written);
        let names = named.branches(guard).into_iter().filter_map(|(guard, value)| match value {
            Value::Text(name) => Some((guard, name.clone())),
            Value::Absent | Value::Null | Value::List(_) | Value::Map(_) | Value::Unknown(_) => None,
        });
        Some(names.collect())
    };
    guessed().unwrap_or_else(|| alias.names.clone())
}

/// What one property is in each world.
pub(super) fn settings(cx: &Cx<'_>, fact: &Fact, name: &str, choices: Choices) -> Vec<(Guard, Setting)> {
    settings_in(cx, (fact.stack, &fact.guard), &fact.properties, name, choices)
}

/// What one value in a map of a stack is in each world of a guard.
pub(super) fn settings_in(
    cx: &Cx<'_>,
    (stack, under): (StackId, &Guard),
    container: &Valued,
    name: &str,
    choices: Choices,
) -> Vec<(Guard, Setting)> {
    let mut found = Vec::new();
    for (guard, properties) in container.branches(under) {
        let property = match properties {
            Value::Map(entries) => entries.iter().find(|(key, _)| key.value == name).map(|(_, value)| value),
            Value::Unknown(cause) => {
                found.push((guard, Setting::Unknown(cause.why.clone())));
                continue;
            }
            Value::Absent | Value::Null | Value::Text(_) | Value::List(_) => None,
        };
        let Some(property) = property else {
            found.push((guard, Setting::Absent));
            continue;
        };
        for (guard, value) in property.branches(&guard) {
            match value {
                Value::Absent | Value::Null => found.push((guard, Setting::Absent)),
                Value::Text(text) => found.extend(texts(cx, stack, guard, text, choices)),
                Value::Unknown(cause) => found.push((guard, Setting::Unknown(cause.why.clone()))),
                Value::List(_) | Value::Map(_) => {
                    found.push((guard, Setting::Unknown(format!("`{name}` is no single value"))));
                }
            }
        }
    }
    found
}

fn texts(cx: &Cx<'_>, stack: StackId, guard: Guard, text: &Text, choices: Choices) -> Vec<(Guard, Setting)> {
    if let Some(literal) = text.as_literal() {
        return vec![(guard, Setting::Is(literal.to_owned()))];
    }
    let unknown = |guard: Guard| (guard, Setting::Unknown(format!("`{text}` is not known from here")));
    let Some(scope) = cx.estate.scope(stack) else { return vec![unknown(guard)] };
    if choices == Choices::Allowed {
        let allowed = scope.over_allowed_values(text);
        if allowed.iter().all(|(_, text)| text.as_literal().is_some()) {
            let together = |(choice, text): (Guard, Text)| {
                let guard = guard.and(&choice)?;
                Some((guard, Setting::Is(text.as_literal()?.to_owned())))
            };
            return allowed.into_iter().filter_map(together).collect();
        }
    }
    match at_defaults(cx, stack, &guard, text) {
        Some((guard, text)) => match text.as_literal() {
            Some(literal) => vec![(guard, Setting::Is(literal.to_owned()))],
            None => vec![unknown(guard)],
        },
        None => vec![unknown(guard)],
    }
}
