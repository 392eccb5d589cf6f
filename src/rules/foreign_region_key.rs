//! A property that names a key of another Region: the service looks for it in its own.

use super::naming::{Named, home, is_for_data_elsewhere};
use super::{Cx, Rule, Sink};
use crate::estate::Target;
use crate::finding::{Meta, Subject};
use crate::resolve::{Guard, StackId, Text, Truth};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/foreign-region-key.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for naming in cx.namings() {
        let consumer = naming.consumer;
        if is_for_data_elsewhere(consumer) {
            continue;
        }
        let Some(stack) = cx.estate.stack(consumer.stack) else { continue };
        let (mut guards, mut found, mut open) = (Vec::new(), None, None);
        for named in &naming.named {
            let Some((guard, text, region, multi_region)) = region_of(cx, naming.consumer.stack, named) else {
                continue;
            };
            let is_other = (!region.equals(&stack.environment.region)).and(!multi_region);
            match is_other {
                Truth::Yes => {
                    guards.push(guard);
                    found = found.or(Some((text, region)));
                }
                Truth::Unknown => open = open.or(Some(text)),
                Truth::No => {}
            }
        }
        match (found, open) {
            (Some((text, region)), _) => {
                let own = &stack.environment.region;
                let message = format!("`{}` is in {own} and names a key of {region}: `{text}`", consumer.resource);
                sink.report(consumer.site, message)
                    .whenever(&guards)
                    .here("the service looks for the key in its own Region")
                    .about(Subject::Place(consumer.site))
                    .help(format!(
                        "name a key of {own}: one that is declared there, or a replica there of a multi-Region key"
                    ));
            }
            (None, Some(text)) => {
                sink.undecided(
                    "key",
                    consumer.site,
                    format!("whether `{text}` is in the Region of this stack is not known"),
                );
            }
            (None, None) => {}
        }
    }
}

/// The Region of the key or alias that a property names, and whether it is a key of several Regions.
fn region_of(cx: &Cx<'_>, stack: StackId, named: &Named) -> Option<(Guard, Text, Text, Truth)> {
    if let Target::AliasArn(arn, _) = &named.target {
        let (parts, _) = arn.split_at(":");
        let region = parts.get(4).and_then(|_| parts.get(3))?;
        return Some((named.guard.clone(), arn.clone(), region.clone(), Truth::No));
    }
    let (guard, text, home) = home(cx, stack, &named.guard, &named.text)?;
    Some((guard, text, home.region, home.multi_region))
}
