//! A key that comes from a stack, a parameter store or an output that is not in view.

use super::{Cx, Rule, Sink};
use crate::estate::Target;
use crate::finding::{Meta, Site, Subject};
use crate::resolve::{Guard, Symbol, Text, Value};
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/unresolved-import.md")), check };

/// Places that name a key which is not in view, and under which guards.
type Places = BTreeMap<Site, (Vec<Guard>, String)>;

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut places = Places::new();
    for naming in cx.namings() {
        if naming.named.iter().all(|named| matches!(named.target, Target::Unknown(_))) {
            for named in &naming.named {
                note(cx, naming.consumer.site, &named.guard, &named.text, &mut places);
            }
        }
    }
    for grant in &cx.grants {
        if let (Target::Unknown(_), Some(text)) = (&grant.target, grant.resource)
            && !cx.resolves_in_some_world(grant)
        {
            note(cx, grant.resource_site(), &grant.guard, text, &mut places);
        }
    }
    for alias in &cx.estate.aliases {
        let Some(fact) = cx.estate.facts.get(alias.fact) else { continue };
        let Some(target) = fact.property("TargetKeyId") else { continue };
        for (guard, value) in target.branches(&fact.guard) {
            if let Value::Text(text) = value
                && matches!(cx.estate.target(alias.stack, text), Target::Unknown(_))
            {
                note(cx, alias.target_site, &guard, text, &mut places);
            }
        }
    }
    for (site, (guards, what)) in places {
        sink.report(site, format!("the key comes from {what}"))
            .whenever(&guards)
            .here("what is allowed on this key cannot be known from here")
            .about(Subject::Place(site))
            .help("check together with the templates that provide it, or describe the key with `--inventory`");
    }
}

fn note(cx: &Cx<'_>, site: Site, guard: &Guard, text: &Text, places: &mut Places) {
    let from = |symbol| {
        let what = source(symbol)?;
        Some(match cx.estate.unread_provider(symbol) {
            Some(path) => format!("{what}, and `{path}`, which seems to have it, is broken"),
            None => format!("{what}, which is not in view"),
        })
    };
    let Some(what) = text.symbols().find_map(from) else { return };
    places.entry(site).or_insert_with(|| (Vec::new(), what)).0.push(guard.clone());
}

/// From where a value comes that another stack or a store provides.
fn source(symbol: &Symbol) -> Option<String> {
    match symbol {
        Symbol::Import(name) => Some(format!("the export `{name}`")),
        Symbol::Output(stack, output) => Some(format!("the output `{output}` of stack `{stack}`")),
        Symbol::Dynamic(text) if text.contains("resolve:ssm") || text.contains("resolve:secretsmanager") => {
            Some(format!("`{symbol}`"))
        }
        Symbol::Dynamic(_)
        | Symbol::Account(_)
        | Symbol::Region(_)
        | Symbol::Partition(_)
        | Symbol::Pseudo(..)
        | Symbol::Parameter(..)
        | Symbol::Resource(..)
        | Symbol::Attribute(..)
        | Symbol::Derived(_) => None,
    }
}
