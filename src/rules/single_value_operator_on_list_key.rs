//! A condition key that holds a list, compared as if it held one value, or so that an empty list passes.

use super::statements::{self, Written};
use super::{Cx, Rule, Sink};
use crate::finding::Meta;
use crate::policy::{Condition, ConditionKeyInfo, Effect, OperatorKind, SetOperator};
use crate::resolve::Guard;

pub(super) const RULE: Rule =
    Rule { meta: Meta::of(include_str!("../../rules/single-value-operator-on-list-key.md")), check };

/// Lists that a request may well not carry: `kms:GrantOperations` is never empty.
const OFTEN_EMPTY: [&str; 2] = ["kms:encryptioncontextkeys", "kms:resourcealiases"];

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for written in statements::all(cx) {
        for condition in &written.statement.conditions {
            let is_list = ConditionKeyInfo::named(&condition.key.folded).is_some_and(|info| info.multivalued);
            let Some(guard) = written.with(cx, &condition.guard).filter(|_| is_list) else { continue };
            if let Some(problem) = problem(&written, condition) {
                report(&written, condition, &problem, &guard, sink);
            }
        }
    }
}

/// What is wrong with a condition on a list.
enum Problem {
    /// No `ForAnyValue:` and no `ForAllValues:`.
    SingleValued,
    /// `ForAllValues:` in an Allow lets requests pass that carry nothing.
    EmptyPasses,
    /// An ARN, where the list has names of aliases.
    AliasArn(String),
}

fn problem(written: &Written<'_>, condition: &Condition) -> Option<Problem> {
    let operator = condition.operator.filter(|operator| operator.kind != OperatorKind::Null)?;
    if condition.key.folded == "kms:resourcealiases"
        && let Some(arn) = condition.values.iter().find(|value| value.value.literal_ends().0.starts_with("arn:"))
    {
        return Some(Problem::AliasArn(arn.value.to_string()));
    }
    if operator.set.is_none() {
        return Some(Problem::SingleValued);
    }
    let lets_empty_pass = operator.set == Some(SetOperator::ForAllValues)
        && written.statement.effect == Some(Effect::Allow)
        && OFTEN_EMPTY.contains(&condition.key.folded.as_str())
        && !is_required(written, condition);
    lets_empty_pass.then_some(Problem::EmptyPasses)
}

/// Whether another condition of the statement says that the list is there: `Null` or `ForAnyValue:`.
fn is_required(written: &Written<'_>, condition: &Condition) -> bool {
    let demands = |other: &Condition| {
        other.key == condition.key
            && other.operator.is_some_and(|operator| {
                operator.kind == OperatorKind::Null || operator.set == Some(SetOperator::ForAnyValue)
            })
    };
    written.statement.conditions.iter().any(demands)
}

fn report(written: &Written<'_>, condition: &Condition, problem: &Problem, guard: &Guard, sink: &mut Sink<'_>) {
    let (key, operator) = (&condition.key.text, &condition.operator_text);
    let (message, here, help) = match problem {
        Problem::SingleValued => (
            format!("`{key}` is a list, and `{operator}` compares one value"),
            "what this does where the list has more than one value is not defined".to_owned(),
            format!("write `ForAnyValue:{operator}`"),
        ),
        Problem::EmptyPasses => (
            format!("`{operator}` lets requests pass that have no `{key}` at all"),
            "every value of nothing is among these".to_owned(),
            format!("add `Null: {{ \"{key}\": \"false\" }}`, or use `ForAnyValue:`"),
        ),
        Problem::AliasArn(arn) => (
            format!("`{arn}` is never in `{key}`"),
            "the list has names of aliases, as `alias/data`".to_owned(),
            "write the name of the alias".to_owned(),
        ),
    };
    sink.report(written.site(condition.span), message).when(guard).here(here).about(written.subject()).help(help);
}
