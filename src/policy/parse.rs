//! From a value to a policy: maps, JSON text and conditions at any level become one list of statements with guards.

use super::json;
use super::principal::service_name;
use super::{
    ActionPattern, Actions, Condition, ConditionKey, Effect, Guarded, Match, Operator, Part, Policy, Principal,
    Statement, Version, aws_principal,
};
use crate::resolve::{Cause, Element, Guard, Spanned, Text, Value, Valued};
use crate::source::Span;

/// What a policy is for: which elements its statements have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyKind {
    /// The policy of a key: statements have a principal.
    Key,
    /// A role's trust policy: statements have a principal, and no resource.
    Trust,
    /// The policy of another resource (a bucket, a topic, a queue): statements have a principal.
    Resource,
    /// An identity policy or a permissions boundary: statements have no principal.
    Identity,
}

/// The policy that a document says, in all its alternatives: exclusive statements carry exclusive guards.
///
/// It never fails: what cannot be read is in [`Policy::unknown`], [`Statement::unknown`] and [`Statement::unread`].
#[must_use]
pub fn parse(document: &Valued, kind: PolicyKind) -> Policy {
    let mut parser = Parser { kind, policy: Policy::empty(document.span), version: None, index: 0 };
    parser.document(document, &Guard::ALWAYS, true);
    let Parser { mut policy, version, .. } = parser;
    policy.version = version.unwrap_or(Version::V2008);
    policy.statements.shrink_to_fit();
    policy
}

type Map = [(Spanned, Valued)];

struct Parser {
    kind: PolicyKind,
    policy: Policy,
    /// The version of the alternatives read so far.
    version: Option<Version>,
    index: usize,
}

impl Parser {
    /// Reads a document; `text` says whether it may be JSON text.
    fn document(&mut self, document: &Valued, under: &Guard, text: bool) {
        for (guard, value) in document.branches(under) {
            match value {
                Value::Absent => {}
                Value::Map(entries) => self.map(entries, document.span, &guard),
                Value::Text(json) if text => match json::read(json, document.span) {
                    Ok(read) => self.document(&read, &guard, false),
                    Err(unknown) => self.policy.unknown.push(Guarded { guard, ..unknown }),
                },
                Value::Unknown(cause) => self.unknown(guard, document.span, cause.clone()),
                Value::Null | Value::List(_) | Value::Text(_) => {
                    self.unreadable(guard, document.span, "a policy document is a map or JSON text");
                }
            }
        }
    }

    fn unknown(&mut self, guard: Guard, span: Span, cause: Cause) {
        self.policy.unknown.push(Guarded { guard, span, value: cause });
    }

    fn unreadable(&mut self, guard: Guard, span: Span, why: &str) {
        self.unknown(guard, span, Cause { span, why: why.to_owned() });
    }

    fn map(&mut self, entries: &Map, span: Span, guard: &Guard) {
        let mut version = Version::V2008;
        for (name, value) in entries {
            match name.value.as_str() {
                "Version" => version = read_version(value, guard),
                "Statement" => self.statements(value, guard),
                "Id" => {}
                other => {
                    let why = format!("`{other}` is no element of a policy document");
                    self.unreadable(guard.clone(), name.span, &why);
                }
            }
        }
        if !entries.iter().any(|(name, _)| name.value == "Statement") {
            self.unreadable(guard.clone(), span, "the policy document has no `Statement`");
        }
        self.version = match self.version {
            None => Some(version),
            Some(known) if known == version => Some(version),
            Some(_) => Some(Version::Unknown),
        };
    }

    fn statements(&mut self, value: &Valued, under: &Guard) {
        for Element { guard, span, value } in value.elements(under) {
            match value {
                Value::Map(entries) => self.statement(entries, span, &guard),
                Value::Unknown(cause) => self.unknown(guard, span, cause.clone()),
                Value::Text(text) if !text.symbols().any(|_| true) => {
                    self.unreadable(guard, span, "a statement is a map");
                }
                _ => self.unreadable(guard, span, "a statement that is not known from here"),
            }
            self.index += 1;
        }
    }

    /// Reads a statement; one whose effect depends on guards becomes one statement for each effect.
    fn statement(&mut self, entries: &Map, span: Span, guard: &Guard) {
        let effects = read_effects(entries, span, guard);
        for (guard, effect) in effects {
            let mut reader = StatementReader::new(guard, span);
            for (name, value) in entries {
                reader.entry(name, value);
            }
            let mut statement = reader.statement;
            statement.conditions.shrink_to_fit();
            statement.index = self.index;
            match effect {
                Ok(effect) => statement.effect = Some(effect),
                Err(cause) => {
                    let cause = Guarded { guard: statement.guard.clone(), span, value: cause };
                    statement.unread.push((Part::Effect, cause));
                }
            }
            self.check_elements(&mut statement);
            self.policy.statements.push(statement);
        }
    }

    /// An identity policy names no principal: one that does is refused.
    fn check_elements(&self, statement: &mut Statement) {
        let named = !matches!(statement.principals, Match::Missing);
        if self.kind == PolicyKind::Identity && named {
            let why = "an identity policy has no `Principal`".to_owned();
            let value = Cause { span: statement.span, why };
            statement.unknown.push(Guarded { guard: statement.guard.clone(), span: statement.span, value });
        }
    }
}

fn read_version(value: &Valued, under: &Guard) -> Version {
    let mut found: Option<Version> = None;
    for (_, value) in value.branches(under) {
        let version = match value {
            Value::Absent => Version::V2008,
            Value::Text(text) => match text.as_literal() {
                Some("2012-10-17") => Version::V2012,
                Some("2008-10-17") => Version::V2008,
                _ => Version::Unknown,
            },
            Value::Null | Value::List(_) | Value::Map(_) | Value::Unknown(_) => Version::Unknown,
        };
        found = match found {
            Some(known) if known != version => Some(Version::Unknown),
            _ => Some(version),
        };
    }
    found.unwrap_or(Version::Unknown)
}

/// The effects of a statement with their guards; where there is none, why.
fn read_effects(entries: &Map, span: Span, guard: &Guard) -> Vec<(Guard, Result<Effect, Cause>)> {
    let missing = |span: Span, why: &str| Err(Cause { span, why: why.to_owned() });
    let Some((_, value)) = entries.iter().find(|(name, _)| name.value == "Effect") else {
        return vec![(guard.clone(), missing(span, "the statement has no `Effect`"))];
    };
    let read = |effect: &Value| match effect {
        Value::Text(text) => match text.as_literal() {
            Some("Allow") => Ok(Effect::Allow),
            Some("Deny") => Ok(Effect::Deny),
            Some(_) => missing(value.span, "an effect is `Allow` or `Deny`"),
            None => missing(value.span, "the effect is not known from here"),
        },
        Value::Unknown(cause) => Err(cause.clone()),
        Value::Absent => missing(span, "the statement has no `Effect`"),
        Value::Null | Value::List(_) | Value::Map(_) => missing(value.span, "an effect is `Allow` or `Deny`"),
    };
    value.branches(guard).into_iter().map(|(guard, effect)| (guard, read(effect))).collect()
}

/// Reads the elements of one statement.
struct StatementReader {
    statement: Statement,
}

impl StatementReader {
    fn new(guard: Guard, span: Span) -> Self {
        let statement = Statement {
            guard,
            span,
            index: 0,
            sid: None,
            effect: None,
            principals: Match::Missing,
            actions: Actions::new(Match::Missing, &Guard::ALWAYS),
            resources: Match::Missing,
            conditions: Vec::new(),
            unread: Vec::new(),
            unknown: Vec::new(),
        };
        Self { statement }
    }

    fn unknown(&mut self, span: Span, why: String) {
        let guard = self.statement.guard.clone();
        self.statement.unknown.push(Guarded { guard, span, value: Cause { span, why } });
    }

    fn entry(&mut self, name: &Spanned, value: &Valued) {
        match name.value.as_str() {
            "Effect" => {}
            "Sid" => self.statement.sid = known_text(value),
            "Action" | "NotAction" => self.actions(name, value),
            "Resource" | "NotResource" => self.resources(name, value),
            "Principal" | "NotPrincipal" => self.principals(name, value),
            "Condition" => self.conditions(value),
            other => self.unknown(name.span, format!("`{other}` is no element of a statement")),
        }
    }

    /// A `NotAction` that lists nothing in some deployments: what it means there is nowhere said.
    fn check_negation(&mut self, name: &Spanned, value: &Valued) {
        if !name.value.starts_with("Not") {
            return;
        }
        for guard in empty_under(value, &self.statement.guard) {
            let cause = Cause { span: value.span, why: format!("`{}` lists nothing", name.value) };
            self.statement.unknown.push(Guarded { guard, span: value.span, value: cause });
        }
    }

    fn check_single<T>(&mut self, name: &Spanned, before: &Match<T>) {
        if !matches!(before, Match::Missing) {
            let plain = name.value.trim_start_matches("Not");
            self.unknown(name.span, format!("a statement has `{plain}` or `Not{plain}`, not both"));
        }
    }

    fn actions(&mut self, name: &Spanned, value: &Valued) {
        let texts = self.texts(value, Part::Actions);
        let patterns: Vec<_> = texts.into_iter().map(|text| map(text, ActionPattern::new)).collect();
        self.check_negation(name, value);
        let actions = Actions::new(listed(name, patterns), &self.statement.guard);
        let before = std::mem::replace(&mut self.statement.actions, actions);
        self.check_single(name, &before);
    }

    fn resources(&mut self, name: &Spanned, value: &Valued) {
        let texts = self.texts(value, Part::Resources);
        self.check_negation(name, value);
        let before = std::mem::replace(&mut self.statement.resources, listed(name, texts));
        self.check_single(name, &before);
    }

    /// The texts of a list or single value; what is no text is unread.
    fn texts(&mut self, value: &Valued, part: Part) -> Vec<Guarded<Text>> {
        let mut texts = Vec::new();
        for Element { guard, span, value } in value.elements(&self.statement.guard) {
            match text_of(value, span) {
                Ok(value) => texts.push(Guarded { guard, span, value }),
                Err(value) => self.statement.unread.push((part, Guarded { guard, span, value })),
            }
        }
        texts
    }

    fn principals(&mut self, name: &Spanned, value: &Valued) {
        let mut found = Vec::new();
        for Element { guard, span, value } in value.elements(&self.statement.guard) {
            match value {
                Value::Map(entries) => {
                    for (kind, value) in entries {
                        principals_of_kind(kind, value, &guard, &mut found);
                    }
                }
                Value::Text(text) => {
                    let value = match text.as_literal() {
                        Some("*") => Principal::Everyone,
                        Some(_) => Principal::Malformed(text.clone()),
                        None => Principal::Unknown(not_known(text, span)),
                    };
                    found.push(Guarded { guard, span, value });
                }
                Value::Unknown(cause) => {
                    found.push(Guarded { guard, span, value: Principal::Unknown(cause.clone()) });
                }
                Value::Absent | Value::Null | Value::List(_) => {}
            }
        }
        self.check_negation(name, value);
        let before = std::mem::replace(&mut self.statement.principals, listed(name, found));
        self.check_single(name, &before);
    }

    fn conditions(&mut self, value: &Valued) {
        for (guard, value) in value.branches(&self.statement.guard.clone()) {
            match value {
                Value::Absent => {}
                Value::Map(operators) => {
                    for (operator, keys) in operators {
                        self.operator(operator, keys, &guard);
                    }
                }
                other => self.unread_condition(&guard, other, "a `Condition` is a map of operators"),
            }
        }
    }

    fn unread_condition(&mut self, guard: &Guard, value: &Value, why: &str) {
        let span = self.statement.span;
        let cause = match value {
            Value::Unknown(cause) => cause.clone(),
            _ => Cause { span, why: why.to_owned() },
        };
        let span = cause.span;
        self.statement.unread.push((Part::Conditions, Guarded { guard: guard.clone(), span, value: cause }));
    }

    fn operator(&mut self, operator: &Spanned, keys: &Valued, under: &Guard) {
        for (guard, value) in keys.branches(under) {
            match value {
                Value::Absent => {}
                Value::Map(entries) => {
                    for (key, values) in entries {
                        self.condition(operator, key, values, &guard);
                    }
                }
                other => self.unread_condition(&guard, other, "an operator of a `Condition` has a map of keys"),
            }
        }
    }

    fn condition(&mut self, operator: &Spanned, key: &Spanned, values: &Valued, under: &Guard) {
        for guard in written_under(values, under) {
            let mut condition = Condition {
                span: Span::new(key.span.file, key.span.start as usize, values.span.end.max(key.span.end) as usize),
                guard: guard.clone(),
                operator: Operator::named(&operator.value),
                operator_text: operator.value.clone(),
                key: ConditionKey::new(&key.value),
                values: Vec::new(),
                unknown: Vec::new(),
            };
            for Element { guard, span, value } in values.elements(&guard) {
                match text_of(value, span) {
                    Ok(value) => condition.values.push(Guarded { guard, span, value }),
                    Err(value) => condition.unknown.push(Guarded { guard, span, value }),
                }
            }
            if condition.values.is_empty() && condition.unknown.is_empty() {
                let why = format!("the condition on `{}` has no value", key.value);
                let value = Cause { span: values.span, why };
                condition.unknown.push(Guarded { guard, span: values.span, value });
            }
            condition.values.shrink_to_fit();
            self.statement.conditions.push(condition);
        }
    }
}

/// The guards under which a list may have no element.
fn empty_under(value: &Valued, under: &Guard) -> Vec<Guard> {
    let is_empty = |(guard, value): &(Guard, &Value)| match value {
        Value::Absent | Value::Null => true,
        Value::List(items) => !items.iter().any(|item| empty_under(item, guard).is_empty()),
        Value::Text(_) | Value::Map(_) | Value::Unknown(_) => false,
    };
    value.branches(under).into_iter().filter(is_empty).map(|(guard, _)| guard).collect()
}

/// The guards under which a condition is written: one for all, or those of its alternatives that are not absent.
fn written_under(values: &Valued, under: &Guard) -> Vec<Guard> {
    let branches = values.branches(under);
    if branches.iter().all(|(_, value)| !matches!(value, Value::Absent)) {
        return vec![under.clone()];
    }
    let there = branches.into_iter().filter(|(_, value)| !matches!(value, Value::Absent));
    there.map(|(guard, _)| guard).collect()
}

/// A list as its element's name says. Policies stay as they are from here on, so they take no more memory than they need.
fn listed<T>(name: &Spanned, mut elements: Vec<Guarded<T>>) -> Match<T> {
    elements.shrink_to_fit();
    if name.value.starts_with("Not") { Match::AllExcept(elements) } else { Match::Only(elements) }
}

fn map<T, U>(element: Guarded<T>, with: impl FnOnce(T) -> U) -> Guarded<U> {
    Guarded { guard: element.guard, span: element.span, value: with(element.value) }
}

fn text_of(value: &Value, span: Span) -> Result<Text, Cause> {
    match value {
        Value::Text(text) => Ok(text.clone()),
        Value::Unknown(cause) => Err(cause.clone()),
        Value::Absent | Value::Null | Value::List(_) | Value::Map(_) => {
            Err(Cause { span, why: "text is expected here".to_owned() })
        }
    }
}

fn not_known(text: &Text, span: Span) -> Cause {
    Cause { span, why: format!("`{text}` is not known from here") }
}

fn known_text(value: &Valued) -> Option<String> {
    match value.value.known()? {
        Value::Text(text) => text.as_literal().map(str::to_owned),
        Value::Absent | Value::Null | Value::List(_) | Value::Map(_) | Value::Unknown(_) => None,
    }
}

/// Principals under `AWS`, `Service` and so on.
fn principals_of_kind(kind: &Spanned, value: &Valued, under: &Guard, found: &mut Vec<Guarded<Principal>>) {
    for Element { guard, span, value } in value.elements(under) {
        let principal = match text_of(value, span) {
            Err(cause) => Principal::Unknown(cause),
            Ok(text) => match kind.value.as_str() {
                "AWS" => aws_principal(&text),
                "Service" => Principal::Service(service_name(&text)),
                "Federated" => Principal::Federated(text),
                "CanonicalUser" => Principal::CanonicalUser(text),
                _ => Principal::Malformed(text),
            },
        };
        found.push(Guarded { guard, span, value: principal });
    }
}
