//! Whether a statement speaks of the action, the key and the context of a request.

use super::condition::{self, Setting};
use super::matching::{self, Comparison};
use crate::policy::{ActionPattern, Guarded, Match, Part, Statement};
use crate::resolve::{Text, Truth};

/// Whether a statement applies to a request, its principal and effect aside.
pub(super) fn applies(statement: &Statement, setting: Setting<'_, '_>) -> Truth {
    let mut sum = setting.world.holds(&statement.guard);
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
    let hidden = statement.unknown.iter().any(|cause| setting.world.holds(&cause.guard) != Truth::No);
    if hidden { Truth::Unknown } else { sum }
}

/// Whether some element of a part could not be read in this world.
fn is_unread(statement: &Statement, part: Part, setting: Setting<'_, '_>) -> bool {
    statement.unread.iter().any(|(of, cause)| *of == part && setting.world.holds(&cause.guard) != Truth::No)
}

/// Whether `Action` or `NotAction` covers the action.
pub(super) fn covers_action(statement: &Statement, setting: Setting<'_, '_>) -> Truth {
    let action = setting.request.action;
    let test = |pattern: &ActionPattern| pattern.matches(action);
    covers(&statement.actions, is_unread(statement, Part::Actions, setting), setting, test)
}

/// Whether `Resource` or `NotResource` covers the key; for an action without a resource, whether it is `*`.
pub(super) fn covers_key(statement: &Statement, setting: Setting<'_, '_>) -> Truth {
    let request = setting.request;
    let without_key = request.action.info().iam_only;
    let test = |pattern: &Text| {
        if without_key {
            return Truth::from(pattern.as_literal() == Some("*"));
        }
        matching::pattern_matches(pattern, &request.key.arn, Comparison::Arn, setting.version, request)
    };
    covers(&statement.resources, is_unread(statement, Part::Resources, setting), setting, test)
}

fn covers<T>(list: &Match<T>, unread: bool, setting: Setting<'_, '_>, test: impl Fn(&T) -> Truth) -> Truth {
    let any = |elements: &[Guarded<T>]| {
        let mut any = Truth::from(unread).and(Truth::Unknown);
        for element in elements {
            let there = setting.world.holds(&element.guard);
            if there != Truth::No {
                any = any.or(there.and(test(&element.value)));
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
