//! Stacks that need each other through a key: no order of deployment works.

use super::cycles::{TRUST_FROM_CDK, kind, names, note_others, show};
use super::{Cx, Rule, Sink, words};
use crate::estate::Estate;
use crate::estate::cycles::{Cycle, between_stacks};
use crate::finding::Meta;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/cross-stack-cycle.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let estate = cx.estate;
    let cycles = between_stacks(estate);
    for cycle in &cycles.found {
        let Some(site) = estate.node_site(&cycle.key) else { continue };
        let mut report = sink.report(site, message(estate, cycle));
        report.here("the circle begins here").whenever(&cycle.guards);
        show(&mut report, estate, &cycle.steps);
        note_others(&mut report, estate, cycle);
        let cdk = if cycle.in_policy && report.is_from_cdk() { TRUST_FROM_CDK } else { "" };
        report.help(repair(estate, cycle) + cdk);
    }
    for node in &cycles.undecided {
        let Some(site) = estate.node_site(node) else { continue };
        sink.undecided("cycle", site, "the links that lead back to its stack depend on too many conditions");
    }
}

fn message(estate: &Estate, cycle: &Cycle) -> String {
    let names = names(estate, cycle);
    let is_nested = |kind: Option<&str>| kind == Some("AWS::CloudFormation::Stack");
    let who = match &cycle.steps {
        steps if steps.iter().all(|step| step.from.resource.is_none()) => "stacks ",
        steps if steps.iter().all(|step| is_nested(kind(estate, &step.from))) => "nested stacks ",
        _ => "",
    };
    let none = if names.len() == 2 { "neither" } else { "none of them" };
    let key = estate.node_name(&cycle.key);
    format!("{who}{} need each other through `{key}`: {none} can be deployed first", words::list(&names))
}

fn repair(estate: &Estate, cycle: &Cycle) -> String {
    let (Some(first), Some(last)) = (cycle.steps.first(), cycle.steps.last()) else { return String::new() };
    let (own, needed) = (estate.node_name(&first.from), estate.node_name(&first.to));
    let key = estate.node_name(&cycle.key);
    if cycle.in_policy {
        return format!(
            "let the policy of `{key}` trust the account instead of naming what `{needed}` creates: then only \
             `{}` needs `{own}`; a condition on `aws:PrincipalArn` keeps it narrow, with the ARN as text",
            estate.node_name(&last.from)
        );
    }
    format!("move what `{own}` needs of `{needed}` to a stack that is deployed before both, or write its name as text")
}
