//! An alias whose target is an alias: KMS takes keys only.

use super::properties::{at_defaults, site};
use super::{Cx, Rule, Sink};
use crate::estate::{AliasId, Target};
use crate::finding::Meta;
use crate::resolve::{Guard, StackId, Text, Value};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/alias-targets-alias.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for alias in &cx.estate.aliases {
        let Some(fact) = cx.estate.facts.get(alias.fact) else { continue };
        let Some(target) = fact.property("TargetKeyId") else { continue };
        let (mut guards, mut named) = (Vec::new(), None);
        for (guard, value) in target.branches(&fact.guard) {
            let Value::Text(text) = value else { continue };
            if let Some((guard, text, other)) = alias_named(cx, alias.stack, &guard, text) {
                guards.push(guard);
                named = named.or(Some((text, other)));
            }
        }
        let Some((text, other)) = named else { continue };
        let message = format!("`{}` points to the alias `{text}`, and an alias can point to a key only", alias.logical);
        let mut report = sink.report(site(fact, "TargetKeyId"), message);
        report
            .whenever(&guards)
            .here("this names an alias")
            .help("name the key: `!Ref` or `!GetAtt ….Arn` of the key, not of its alias");
        if let Some(other) = other.and_then(|id| cx.estate.aliases.get(id.0 as usize)) {
            report.also(other.name_site, "the alias is declared here");
        }
    }
}

/// The alias that a text names, as written or while parameters keep their defaults.
fn alias_named(cx: &Cx<'_>, stack: StackId, guard: &Guard, text: &Text) -> Option<(Guard, Text, Option<AliasId>)> {
    let named = |guard: Guard, text: Text| match cx.estate.target(stack, &text) {
        Target::AliasName(name, alias) | Target::AliasArn(name, alias) => Some((guard, name, alias)),
        Target::Key(_)
        | Target::KeyById(_)
        | Target::Pattern(_)
        | Target::BareId(_)
        | Target::OtherService
        | Target::Malformed(_)
        | Target::Unknown(_) => None,
    };
    named(guard.clone(), text.clone()).or_else(|| {
        let (guard, text) = at_defaults(cx, stack, guard, text)?;
        named(guard, text)
    })
}
