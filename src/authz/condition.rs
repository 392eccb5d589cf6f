//! Whether a condition of a statement holds in a request.

use super::context::ContextValue;
use super::matching::{self, Comparison};
use super::request::Request;
use super::values;
use super::world::World;
use crate::policy::{Condition, Operator, OperatorKind, SetOperator, Version};
use crate::resolve::{Text, Truth};

/// Everything that the evaluation of a condition looks at.
#[derive(Clone, Copy)]
pub(super) struct Setting<'s, 'p> {
    pub(super) request: &'s Request<'p>,
    pub(super) version: Version,
    pub(super) world: World<'s>,
}

/// Whether a condition holds; one that is not written in this world does.
pub(super) fn holds(condition: &Condition, setting: Setting<'_, '_>) -> Truth {
    match setting.world.holds(&condition.guard) {
        Truth::No => Truth::Yes,
        Truth::Unknown => demanded(condition, setting).or(Truth::Unknown),
        Truth::Yes => demanded(condition, setting),
    }
}

fn demanded(condition: &Condition, setting: Setting<'_, '_>) -> Truth {
    let Some(operator) = condition.operator else { return Truth::Unknown };
    let value = setting.request.value_of(&condition.key);
    if operator.kind == OperatorKind::Null {
        return is_null(condition, value, setting);
    }
    match value {
        ContextValue::Absent => Truth::from(on_absent(operator)),
        ContextValue::One(value) => one(condition, operator, value, setting),
        ContextValue::Many(values) => many(condition, operator, values, setting),
        ContextValue::IfPresent(value) => {
            let there = one(condition, operator, value, setting);
            if there == Truth::from(on_absent(operator)) { there } else { Truth::Unknown }
        }
        ContextValue::Present | ContextValue::Unknown => Truth::Unknown,
    }
}

/// What an operator says of a key that is not there.
fn on_absent(operator: Operator) -> bool {
    if operator.if_exists {
        return true;
    }
    match operator.set {
        Some(SetOperator::ForAllValues) => true,
        Some(SetOperator::ForAnyValue) => false,
        None => operator.negated,
    }
}

fn is_null(condition: &Condition, value: &ContextValue, setting: Setting<'_, '_>) -> Truth {
    let absent = match value {
        ContextValue::Absent => Truth::Yes,
        ContextValue::One(_) | ContextValue::Many(_) | ContextValue::Present => Truth::No,
        ContextValue::IfPresent(_) | ContextValue::Unknown => Truth::Unknown,
    };
    any_value(condition, setting, |wanted| match wanted.as_literal() {
        Some(wanted) if wanted.eq_ignore_ascii_case("true") => absent,
        Some(wanted) if wanted.eq_ignore_ascii_case("false") => !absent,
        Some(_) | None => Truth::Unknown,
    })
}

/// A single value in the request: a set operator sees a set of one.
fn one(condition: &Condition, operator: Operator, value: &Text, setting: Setting<'_, '_>) -> Truth {
    let matched = any_value(condition, setting, |pattern| value_matches(operator.kind, pattern, value, setting));
    if operator.negated { !matched } else { matched }
}

fn many(condition: &Condition, operator: Operator, values: &[Text], setting: Setting<'_, '_>) -> Truth {
    let each = |value: &Text| one(condition, operator, value, setting);
    match operator.set {
        Some(SetOperator::ForAllValues) => values.iter().fold(Truth::Yes, |all, value| all.and(each(value))),
        Some(SetOperator::ForAnyValue) => values.iter().fold(Truth::No, |any, value| any.or(each(value))),
        // A plain operator on several values: nowhere said, unless it does not matter which of them is compared.
        None => {
            let all = values.iter().fold(Truth::Yes, |all, value| all.and(each(value)));
            let any = values.iter().fold(Truth::No, |any, value| any.or(each(value)));
            if all == any { all } else { Truth::Unknown }
        }
    }
}

/// Whether one of the values of a condition that are there in this world passes a test.
fn any_value(condition: &Condition, setting: Setting<'_, '_>, test: impl Fn(&Text) -> Truth) -> Truth {
    let mut any = Truth::No;
    for value in &condition.values {
        let there = setting.world.holds(&value.guard);
        if there != Truth::No {
            any = any.or(there.and(test(&value.value)));
        }
        if any == Truth::Yes {
            return any;
        }
    }
    let unread = condition.unknown.iter().any(|value| setting.world.holds(&value.guard) != Truth::No);
    if unread { any.or(Truth::Unknown) } else { any }
}

fn value_matches(kind: OperatorKind, pattern: &Text, value: &Text, setting: Setting<'_, '_>) -> Truth {
    let text = |comparison| matching::pattern_matches(pattern, value, comparison, setting.version, setting.request);
    match kind {
        OperatorKind::StringEquals | OperatorKind::BinaryEquals => text(Comparison::Equal),
        OperatorKind::StringEqualsIgnoreCase | OperatorKind::Bool => text(Comparison::EqualIgnoringCase),
        OperatorKind::StringLike => text(Comparison::Like),
        OperatorKind::ArnEquals | OperatorKind::ArnLike => text(Comparison::Arn),
        OperatorKind::NumericEquals
        | OperatorKind::NumericLessThan
        | OperatorKind::NumericLessThanEquals
        | OperatorKind::NumericGreaterThan
        | OperatorKind::NumericGreaterThanEquals
        | OperatorKind::DateEquals
        | OperatorKind::DateLessThan
        | OperatorKind::DateLessThanEquals
        | OperatorKind::DateGreaterThan
        | OperatorKind::DateGreaterThanEquals
        | OperatorKind::IpAddress => match (pattern.as_literal(), value.as_literal()) {
            (Some(pattern), Some(value)) => values::compare(kind, pattern, value).map_or(Truth::Unknown, Truth::from),
            _ => Truth::Unknown,
        },
        OperatorKind::Null => Truth::Unknown,
    }
}
