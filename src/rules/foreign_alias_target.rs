//! An alias for a key of another account or Region: KMS refuses it.

use super::properties::{at_defaults, site};
use super::{Cx, Rule, Sink};
use crate::estate::Target;
use crate::finding::Meta;
use crate::resolve::{Environment, Guard, StackId, Text, Truth, Value};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/foreign-alias-target.md")), check };

/// Where a key is.
struct Home {
    region: Text,
    account: Text,
}

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for alias in &cx.estate.aliases {
        let (Some(fact), Some(stack)) = (cx.estate.facts.get(alias.fact), cx.estate.stack(alias.stack)) else {
            continue;
        };
        let Some(target) = fact.property("TargetKeyId") else { continue };
        let (mut guards, mut found, mut open) = (Vec::new(), None, None);
        for (guard, value) in target.branches(&fact.guard) {
            let Value::Text(text) = value else { continue };
            let Some((guard, text, home)) = home(cx, alias.stack, &guard, text) else { continue };
            match elsewhere(&home, &stack.environment) {
                (Truth::Yes, what) => {
                    guards.push(guard);
                    found = found.or(Some((text, what)));
                }
                (Truth::Unknown, what) => open = open.or(Some((text, what))),
                (Truth::No, _) => {}
            }
        }
        match (found, open) {
            (Some((text, what)), _) => {
                let message = format!("`{}` is an alias for a key in another {what}: `{text}`", alias.logical);
                sink.report(site(fact, "TargetKeyId"), message)
                    .whenever(&guards)
                    .here("an alias points to a key of its own account and Region only")
                    .help(
                        "create the alias in a stack of the key's account and Region, and name the key by its ARN here",
                    );
            }
            (None, Some((text, what))) => {
                let why = format!("whether `{text}` is in the {what} of this stack is not known");
                sink.undecided("alias", site(fact, "TargetKeyId"), why);
            }
            (None, None) => {}
        }
    }
}

/// Where the key is that a text names by its ARN, as written or while parameters keep their defaults.
fn home(cx: &Cx<'_>, stack: StackId, guard: &Guard, text: &Text) -> Option<(Guard, Text, Home)> {
    if let Some(home) = named(cx, stack, text) {
        return Some((guard.clone(), text.clone(), home));
    }
    let (guard, text) = at_defaults(cx, stack, guard, text)?;
    let home = named(cx, stack, &text)?;
    Some((guard, text, home))
}

fn named(cx: &Cx<'_>, stack: StackId, text: &Text) -> Option<Home> {
    if let Target::Key(id) | Target::KeyById(id) = cx.estate.target(stack, text) {
        let key = cx.estate.key(id)?;
        return Some(Home { region: key.region.clone(), account: key.account.clone() });
    }
    let (parts, _) = text.split_at(":");
    let [arn, _, service, region, account, resource, ..] = parts.as_slice() else { return None };
    let is_key = arn.as_literal() == Some("arn")
        && service.as_literal() == Some("kms")
        && resource.literal_ends().0.starts_with("key/");
    is_key.then(|| Home { region: region.clone(), account: account.clone() })
}

/// Whether a key is not where a stack is, and what differs.
fn elsewhere(home: &Home, environment: &Environment) -> (Truth, &'static str) {
    let account = !home.account.equals(&environment.account);
    let region = !home.region.equals(&environment.region);
    match (account, region) {
        (Truth::Yes, Truth::Yes) => (Truth::Yes, "account and Region"),
        (Truth::Yes, _) => (Truth::Yes, "account"),
        (_, Truth::Yes) => (Truth::Yes, "Region"),
        (Truth::Unknown, Truth::Unknown) => (Truth::Unknown, "account and Region"),
        (Truth::Unknown, Truth::No) => (Truth::Unknown, "account"),
        (Truth::No, Truth::Unknown) => (Truth::Unknown, "Region"),
        (Truth::No, Truth::No) => (Truth::No, ""),
    }
}
