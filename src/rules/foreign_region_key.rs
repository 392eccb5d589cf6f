//! A property that names a key of another Region: the service looks for it in its own.

use super::naming::{Home, Named, home, is_for_data_elsewhere};
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
            let Some((guard, text, home)) = home_of(cx, consumer.stack, named) else { continue };
            let own = cx.estate.seen_under(&guard, &stack.environment.region);
            let is_other = (!home.region.equals(&own)).and(!home.multi_region);
            match is_other {
                Truth::Yes => {
                    guards.push(guard);
                    found = found.or(Some((text, home)));
                }
                Truth::Unknown => open = open.or(Some(text)),
                Truth::No => {}
            }
        }
        match (found, open) {
            (Some((text, home)), _) => {
                let own = &stack.environment.region;
                let region = &home.region;
                let message = format!("`{}` is in {own} and names a key of {region}: `{text}`", consumer.resource);
                let mut report = sink.report(consumer.site, message);
                report
                    .whenever(&guards)
                    .here("the service looks for the key in its own Region")
                    .about(Subject::Place(consumer.site))
                    .help_or_cdk(
                        format!(
                            "name a key of {own}: one that is declared there, or a replica there of a multi-Region key"
                        ),
                        format!("give the stack a key of its own in {own} instead of one of another Region's stack"),
                    );
                if let Some(site) = home.site {
                    report.also(site, format!("the key is declared here, in {region}"));
                }
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

/// Where the key or alias is that a property names.
fn home_of(cx: &Cx<'_>, stack: StackId, named: &Named) -> Option<(Guard, Text, Home)> {
    let Target::AliasArn(arn, _) = &named.target else { return home(cx, stack, &named.guard, &named.text) };
    let (parts, _) = arn.split_at(":");
    let [_, _, _, region, account, ..] = parts.as_slice() else { return None };
    let home = Home { region: region.clone(), account: account.clone(), multi_region: Truth::No, site: None };
    Some((named.guard.clone(), arn.clone(), home))
}
