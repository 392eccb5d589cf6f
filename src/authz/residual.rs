//! What must still hold for a statement to apply, in words.

use super::condition::{self, Setting};
use super::context::ContextValue;
use super::reach::reach;
use super::{CallerKind, PolicyRef, Residual, apply};
use crate::policy::{Condition, Guarded, Match, Operator, OperatorKind, Principal, SetOperator, Statement};
use crate::resolve::{Atom, Cause, Guard, Text, Truth};
use crate::source::Span;

/// Why it cannot be known whether a statement applies to a request.
pub(super) fn residuals(statement: &Statement, policy: PolicyRef, setting: Setting<'_, '_>) -> Vec<Residual> {
    let mut residuals = Vec::new();
    let mut unresolved = |span: Span, why: String| residuals.push(Residual::Unresolved(Cause { span, why }));
    if setting.world.holds(&statement.guard) == Truth::Unknown {
        unresolved(statement.span, format!("the statement is there {}", guard_words(&statement.guard)));
    }
    for cause in &statement.unknown {
        unresolved(cause.span, cause.value.why.clone());
    }
    for (_, cause) in &statement.unread {
        unresolved(cause.span, cause.value.why.clone());
    }
    for (pattern, covers) in open_elements(&statement.actions, setting, |pattern| apply::names_action(pattern, setting))
    {
        let why = match covers {
            Truth::Yes => format!("`{}` is there {}", pattern.value.text, guard_words(&pattern.guard)),
            Truth::No | Truth::Unknown => {
                format!("whether `{}` covers `{}`", pattern.value.text, setting.request.action)
            }
        };
        unresolved(pattern.span, why);
    }
    for (pattern, is_key) in open_elements(&statement.resources, setting, |pattern| apply::names_key(pattern, setting))
    {
        let why = match is_key {
            Truth::Yes => format!("`{}` is there {}", pattern.value, guard_words(&pattern.guard)),
            Truth::No | Truth::Unknown => whether_same(&pattern.value, &setting.request.key.arn),
        };
        unresolved(pattern.span, why);
    }
    if matches!(policy, PolicyRef::Key | PolicyRef::Grants) {
        principal_residual(statement, setting, &mut unresolved);
    }
    for condition in &statement.conditions {
        if condition::holds(condition, setting) == Truth::Unknown {
            residuals.push(condition_residual(condition, setting));
        }
    }
    residuals
}

/// The elements of a list of which it is not known whether they match, or whether they are there, each with whether it matches where it is
/// there; none where another certainly does.
fn open_elements<'s, T>(
    list: &'s Match<T>,
    setting: Setting<'_, '_>,
    test: impl Fn(&T) -> Truth,
) -> Vec<(&'s Guarded<T>, Truth)> {
    let elements = list.elements().iter().map(|element| (element, test(&element.value)));
    let known: Vec<_> =
        elements.map(|(element, fits)| (element, fits, setting.world.holds(&element.guard).and(fits))).collect();
    if known.iter().any(|(_, _, sum)| *sum == Truth::Yes) {
        return Vec::new();
    }
    known.into_iter().filter(|(_, _, sum)| *sum == Truth::Unknown).map(|(element, fits, _)| (element, fits)).collect()
}

/// A question about two texts, which may be written alike in two stacks and yet be different.
fn whether_same(text: &Text, other: &Text) -> String {
    let (text, other) = (text.to_string(), other.to_string());
    if text == other {
        format!("whether `{text}` is the same in both stacks")
    } else {
        format!("whether `{text}` is `{other}`")
    }
}

fn principal_residual(statement: &Statement, setting: Setting<'_, '_>, unresolved: &mut impl FnMut(Span, String)) {
    let caller = setting.request.caller;
    if reach(statement, caller, Truth::No, setting.world).any() != Truth::Unknown {
        return;
    }
    for principal in statement.principals.elements() {
        match &principal.value {
            Principal::Unknown(cause) => unresolved(cause.span, cause.why.clone()),
            Principal::Account(text) => unresolved(principal.span, whether_same(text, &caller.account)),
            Principal::Arn(text) => {
                let name = if caller.arn.pieces().is_empty() { &caller.account } else { &caller.arn };
                unresolved(principal.span, whether_same(text, name));
            }
            Principal::Service(text)
                if text.as_literal().is_none()
                    || (caller.kind == CallerKind::Service && caller.arn.as_literal().is_none()) =>
            {
                unresolved(principal.span, format!("whether `{text}` is `{}`", caller.arn));
            }
            Principal::Everyone
            | Principal::UniqueId(_)
            | Principal::Service(_)
            | Principal::Federated(_)
            | Principal::CanonicalUser(_)
            | Principal::Malformed(_) => {}
        }
    }
}

fn condition_residual(condition: &Condition, setting: Setting<'_, '_>) -> Residual {
    let span = condition.span;
    if setting.world.holds(&condition.guard) == Truth::Unknown {
        let why = format!("the condition is there {}", guard_words(&condition.guard));
        return Residual::Unresolved(Cause { span, why });
    }
    if let Some(cause) = condition.unknown.first() {
        return Residual::Unresolved(cause.value.clone());
    }
    let Some(operator) = condition.operator else {
        let why = format!("`{}` is no operator", condition.operator_text);
        return Residual::Unresolved(Cause { span, why });
    };
    let words = condition_words(condition, operator);
    match setting.request.value_of(&condition.key) {
        ContextValue::Unknown | ContextValue::Present | ContextValue::IfPresent(_) => Residual::Request { span, words },
        ContextValue::Absent | ContextValue::One(_) | ContextValue::Many(_) => {
            Residual::Unresolved(Cause { span, why: format!("whether {words}") })
        }
    }
}

/// All conditions of a statement, a clause each.
#[must_use]
pub fn words_of(statement: &Statement) -> Vec<String> {
    let clause = |condition: &Condition| condition.operator.map(|operator| condition_words(condition, operator));
    statement.conditions.iter().filter_map(clause).collect()
}

/// A condition as a clause: ``kms:ViaService is `s3.eu-west-1.amazonaws.com` ``.
pub(super) fn condition_words(condition: &Condition, operator: Operator) -> String {
    let key = format!("`{}`", condition.key.text);
    if operator.kind == OperatorKind::Null {
        let absent = condition.values.iter().all(|value| value.value.as_literal() != Some("false"));
        return format!("{key} is {}", if absent { "absent" } else { "present" });
    }
    let values = condition.values.iter().map(|value| format!("`{}`", value.value)).collect::<Vec<_>>();
    let joiner = if operator.negated { " nor " } else { " or " };
    let values = values.join(joiner);
    let verb = verb(operator.kind, operator.negated);
    let subject = match operator.set {
        Some(SetOperator::ForAllValues) => format!("every value of {key}"),
        Some(SetOperator::ForAnyValue) => format!("some value of {key}"),
        None => key,
    };
    let absent = if operator.if_exists { ", or is absent" } else { "" };
    format!("{subject} {verb} {values}{absent}")
}

fn verb(kind: OperatorKind, negated: bool) -> &'static str {
    match (kind, negated) {
        (OperatorKind::StringLike | OperatorKind::ArnLike | OperatorKind::ArnEquals, false) => "matches",
        (OperatorKind::StringLike | OperatorKind::ArnLike | OperatorKind::ArnEquals, true) => "does not match",
        (OperatorKind::NumericLessThan, _) => "is less than",
        (OperatorKind::NumericLessThanEquals, _) => "is at most",
        (OperatorKind::NumericGreaterThan, _) => "is more than",
        (OperatorKind::NumericGreaterThanEquals, _) => "is at least",
        (OperatorKind::DateLessThan, _) => "is before",
        (OperatorKind::DateLessThanEquals, _) => "is not after",
        (OperatorKind::DateGreaterThan, _) => "is after",
        (OperatorKind::DateGreaterThanEquals, _) => "is not before",
        (OperatorKind::IpAddress, false) => "lies in",
        (OperatorKind::IpAddress, true) => "lies outside",
        (
            OperatorKind::StringEquals
            | OperatorKind::StringEqualsIgnoreCase
            | OperatorKind::NumericEquals
            | OperatorKind::DateEquals
            | OperatorKind::Bool
            | OperatorKind::BinaryEquals
            | OperatorKind::Null,
            false,
        ) => "is",
        (
            OperatorKind::StringEquals
            | OperatorKind::StringEqualsIgnoreCase
            | OperatorKind::NumericEquals
            | OperatorKind::DateEquals
            | OperatorKind::Bool
            | OperatorKind::BinaryEquals
            | OperatorKind::Null,
            true,
        ) => "is not",
    }
}

/// A guard as a clause: ``if `Prod` is true and `Stage` is `dev` ``.
fn guard_words(guard: &Guard) -> String {
    let clause = |(atom, holds): (&Atom, bool)| match atom {
        Atom::Condition { name, .. } => format!("condition `{name}` is {holds}"),
        Atom::Parameter { name, value, .. } if holds => format!("parameter `{name}` is `{value}`"),
        Atom::Parameter { name, value, .. } => format!("parameter `{name}` is not `{value}`"),
        Atom::Provider { label, .. } if holds => format!("it is {label} that provides what is imported"),
        Atom::Provider { label, .. } => format!("it is not {label} that provides what is imported"),
    };
    format!("if {}", guard.atoms().map(clause).collect::<Vec<_>>().join(" and "))
}
