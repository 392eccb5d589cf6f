//! Whether a statement speaks of the action, the key and the context of a request.

use super::condition::{self, Setting};
use super::exclude::exclude;
use super::matching::{self, Comparison};
use crate::policy::{ActionPattern, Guarded, Match, Part, Statement};
use crate::resolve::{Text, Truth};

/// Whether a statement applies to a request, its principal and effect aside.
pub(super) fn applies(statement: &Statement, setting: Setting<'_, '_>) -> Truth {
    let mut sum = setting.world.holds(&statement.guard);
    if is_hidden(statement, setting) {
        return sum.and(Truth::Unknown);
    }
    if sum == Truth::No {
        return sum;
    }
    sum = sum.and(covers_action(statement, setting));
    if sum == Truth::No {
        return sum;
    }
    sum = sum.and(covers_key(statement, setting));
    for condition in &statement.conditions {
        if sum == Truth::No {
            return sum;
        }
        sum = sum.and(condition::holds(condition, setting));
    }
    if is_unread(statement, Part::Conditions, setting) {
        sum = sum.and(Truth::Unknown);
    }
    let is_contradictory = || statement.conditions.len() > 1 && exclude(statement, statement, setting);
    if sum == Truth::Unknown && is_contradictory() { Truth::No } else { sum }
}

/// Whether the statement may say other things than were read.
pub(super) fn is_hidden(statement: &Statement, setting: Setting<'_, '_>) -> bool {
    statement.unknown.iter().any(|cause| setting.world.holds(&cause.guard) != Truth::No)
}

/// Whether some element of a part could not be read in this world.
fn is_unread(statement: &Statement, part: Part, setting: Setting<'_, '_>) -> bool {
    statement.unread.iter().any(|(of, cause)| *of == part && setting.world.holds(&cause.guard) != Truth::No)
}

/// Whether `Action` or `NotAction` covers the action.
pub(super) fn covers_action(statement: &Statement, setting: Setting<'_, '_>) -> Truth {
    let unread = is_unread(statement, Part::Actions, setting);
    match statement.actions.cover(setting.request.action) {
        Truth::Yes if !unread || matches!(*statement.actions, Match::Only(_)) => Truth::Yes,
        Truth::No if !unread || matches!(*statement.actions, Match::AllExcept(_) | Match::Missing) => Truth::No,
        _ => covers(&statement.actions, unread, setting, |pattern| names_action(pattern, setting)),
    }
}

/// Whether `Resource` or `NotResource` covers the key.
pub(super) fn covers_key(statement: &Statement, setting: Setting<'_, '_>) -> Truth {
    let unread = is_unread(statement, Part::Resources, setting);
    covers(&statement.resources, unread, setting, |pattern| names_key(pattern, setting))
}

/// Whether a pattern matches the action.
pub(super) fn names_action(pattern: &ActionPattern, setting: Setting<'_, '_>) -> Truth {
    pattern.matches(setting.request.action)
}

/// Whether a pattern matches the key; for an action without a resource, whether it is `*`.
pub(super) fn names_key(pattern: &Text, setting: Setting<'_, '_>) -> Truth {
    let request = setting.request;
    if request.action.info().iam_only {
        return Truth::from(pattern.as_literal() == Some("*"));
    }
    matching::pattern_matches(pattern, &request.key.arn, Comparison::Arn, setting.version, request)
}

/// Whether a list covers something. A test is certain to be made only where the element is certain to be there.
fn covers<T>(list: &Match<T>, unread: bool, setting: Setting<'_, '_>, test: impl Fn(&T) -> Truth) -> Truth {
    let any = |elements: &[Guarded<T>]| {
        let mut any = Truth::from(unread).and(Truth::Unknown);
        for element in elements {
            let matched = test(&element.value);
            if matched != Truth::No {
                any = any.or(setting.world.holds(&element.guard).and(matched));
            }
            if any == Truth::Yes {
                break;
            }
        }
        any
    };
    match list {
        Match::Only(elements) => any(elements),
        Match::AllExcept(elements) => !any(elements),
        Match::Missing => Truth::No,
    }
}
