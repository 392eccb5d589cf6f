//! An alias that no template declares and that a complete inventory does not have.

use super::{Cx, Rule, Sink};
use crate::estate::Target;
use crate::finding::{Meta, Site, Subject};
use crate::policy::Action;
use crate::resolve::{Guard, Text, Truth};
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/undefined-alias.md")), check };

/// Why it is not known whether an alias exists, if it is not, and when it is named.
type Use = (Option<&'static str>, Vec<Guard>);

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    if !cx.estate.inventory_complete {
        return;
    }
    let mut places: BTreeMap<(Site, String), Use> = BTreeMap::new();
    for naming in cx.namings() {
        for named in &naming.named {
            let (Target::AliasName(text, None) | Target::AliasArn(text, None)) = &named.target else { continue };
            let open = match cx.estate.lacks_alias(naming.consumer.stack, text) {
                Truth::No => continue,
                Truth::Yes if !may_be_made(cx, text) => None,
                Truth::Yes => Some("a policy in view lets something make it"),
                Truth::Unknown => Some("neither the templates nor the inventory tell"),
            };
            let place = (naming.consumer.site, text.to_string());
            places.entry(place).or_insert_with(|| (open, Vec::new())).1.push(named.guard.clone());
        }
    }
    for ((site, text), (open, guards)) in places {
        if let Some(why) = open {
            sink.undecided("alias", site, format!("whether alias `{text}` exists: {why}"));
            continue;
        }
        sink.report(site, format!("there is no alias `{text}`"))
            .whenever(&guards)
            .here("neither a template nor the inventory, which is complete, has this alias")
            .about(Subject::Place(site))
            .help("name an alias that exists, or declare it; if it does exist, take the inventory again");
    }
}

/// Whether an IAM policy gives `kms:CreateAlias` on this alias or on a pattern over aliases: a function of the stack may make it.
fn may_be_made(cx: &Cx<'_>, alias: &Text) -> bool {
    let name = |text: &Text| text.to_string().rsplit_once("alias/").map(|(_, name)| name.to_owned());
    let Some(create) = Action::named("kms:CreateAlias") else { return false };
    cx.grants.iter().filter(|grant| grant.statement.may_cover(create)).any(|grant| match &grant.target {
        Target::AliasArn(text, _) => name(text) == name(alias) || text.as_literal().is_none(),
        Target::Pattern(text) => name(text).is_some(),
        _ => false,
    })
}
