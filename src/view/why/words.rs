//! What a statement says, in a line.

use crate::policy::{Effect, Guarded, Match, Principal, Statement};

/// Most elements of a list that are named; the rest is counted.
const MOST: usize = 4;

/// `a, b, c, d and 3 more`.
pub(super) fn listed(mut items: Vec<String>) -> String {
    items.dedup();
    let more = items.len().saturating_sub(MOST);
    items.truncate(MOST);
    let shown = items.join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

/// The same with backticks around each.
pub(super) fn quoted(items: Vec<String>) -> String {
    listed(items.into_iter().map(|item| format!("`{item}`")).collect())
}

/// The name of a statement: its `Sid`, or its place in the document.
pub(super) fn name(statement: &Statement) -> String {
    match statement.sid.as_deref() {
        Some(sid) if !sid.is_empty() => format!("`{sid}`"),
        Some(_) | None => format!("statement {}", statement.index.saturating_add(1)),
    }
}

/// `Allow kms:Decrypt to arn:… on *`.
pub(super) fn says(statement: &Statement) -> String {
    let mut text = match statement.effect {
        Some(Effect::Allow) => "Allow",
        Some(Effect::Deny) => "Deny",
        None => "Effect unknown:",
    }
    .to_owned();
    text.push_str(&part("", "all actions but", &statement.actions, |pattern| pattern.text.to_string()));
    text.push_str(&part(" to", "all but", &statement.principals, principal));
    text.push_str(&part(" on", "all but", &statement.resources, ToString::to_string));
    if !statement.conditions.is_empty() {
        let keys = statement.conditions.iter().map(|condition| condition.key.text.clone()).collect();
        text.push_str(&format!(" if {}", listed(keys)));
    }
    text
}

fn part<T>(link: &str, negation: &str, list: &Match<T>, show: impl Fn(&T) -> String) -> String {
    let shown = |elements: &[Guarded<T>]| listed(elements.iter().map(|element| show(&element.value)).collect());
    match list {
        Match::Only(elements) => format!("{link} {}", shown(elements)),
        Match::AllExcept(elements) => format!("{link} {negation} {}", shown(elements)),
        Match::Missing => String::new(),
    }
}

/// A principal in a sentence.
pub(super) fn quoted_principal(one: &Principal) -> String {
    match one {
        Principal::Account(text) => format!("account `{text}`"),
        Principal::Unknown(_) => principal(one),
        Principal::Everyone
        | Principal::Arn(_)
        | Principal::UniqueId(_)
        | Principal::Service(_)
        | Principal::Federated(_)
        | Principal::CanonicalUser(_)
        | Principal::Malformed(_) => format!("`{}`", principal(one)),
    }
}

/// A principal as text.
fn principal(principal: &Principal) -> String {
    match principal {
        Principal::Everyone => "*".to_owned(),
        Principal::Account(text) => format!("account {text}"),
        Principal::Arn(text)
        | Principal::Service(text)
        | Principal::Federated(text)
        | Principal::CanonicalUser(text)
        | Principal::Malformed(text) => text.to_string(),
        Principal::UniqueId(id) => id.clone(),
        Principal::Unknown(_) => "an unknown principal".to_owned(),
    }
}
