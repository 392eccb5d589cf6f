//! An alias for a key of another account or Region: KMS refuses it.

use super::naming::{elsewhere, home};
use super::properties::site;
use super::{Cx, Rule, Sink};
use crate::finding::Meta;
use crate::resolve::{Truth, Value};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/foreign-alias-target.md")), check };

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
