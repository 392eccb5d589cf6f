//! Resources of one template that need each other through a key: CloudFormation refuses the template.

use super::cycles::{Part, inline_policy, names, note_others, part, show, trusts_account};
use super::{Cx, Rule, Sink, words};
use crate::estate::Estate;
use crate::estate::cycles::{Cycle, Through};
use crate::finding::{Meta, Subject};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/circular-key-dependency.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let estate = cx.estate;
    let cycles = cx.cycles();
    for cycle in &cycles.found {
        let Some(site) = estate.node_site(&cycle.key) else { continue };
        let mut report = sink.report(site, message(&names(estate, cycle)));
        report.here("the circle begins here").whenever(&cycle.guards);
        if let [itself] = cycle.steps.as_slice() {
            for edge in &itself.edges {
                report.about(Subject::Place(edge.site));
            }
        }
        show(&mut report, estate, &cycle.steps);
        note_others(&mut report, estate, cycle);
        let mut help = repair(estate, cycle);
        if report.is_from_cdk() && inline_policy(estate, cycle).is_some() {
            help.push_str(
                "; from CDK: grant by a method of the key (`key.grantDecrypt(role)`) instead of `inlinePolicies`",
            );
        }
        report.help(help);
    }
    for node in &cycles.undecided {
        let Some(site) = estate.node_site(node) else { continue };
        sink.undecided("cycle", site, "the references that lead back to it depend on too many conditions");
    }
}

fn message(names: &[String]) -> String {
    match names {
        [only] => format!("`{only}` refers to itself, so it can never be created"),
        [one, other] => format!("`{one}` and `{other}` need each other: neither can be created first"),
        [first, rest @ ..] => {
            format!("`{first}` needs itself by way of {}: none of them can be created first", words::list(rest))
        }
        [] => String::new(),
    }
}

fn repair(estate: &Estate, cycle: &Cycle) -> String {
    let Some(first) = cycle.steps.first() else { return String::new() };
    let needed = estate.node_name(&first.to);
    if first.edges.iter().all(|edge| edge.through == Through::DependsOn) {
        return format!("drop `{needed}` from `DependsOn`");
    }
    if first.from == first.to {
        return match part(first) {
            Part::Resource => "write `\"*\"`: as the `Resource` of a key policy it means this key".to_owned(),
            _ => "leave the reference out: nothing can be made from its own attributes".to_owned(),
        };
    }
    match (part(first), inline_policy(estate, cycle)) {
        (Part::Principal, Some(_)) if trusts_account(estate, &cycle.key) => format!(
            "drop the statement that names `{needed}`: the account is trusted, so an IAM policy is enough; \
             or move the inline policy into an `AWS::IAM::Policy`, which is created after both"
        ),
        (Part::Principal, Some(owner)) => format!(
            "move the inline policy of `{owner}` into an `AWS::IAM::Policy`, which is created after both; \
             or trust the account in the key policy instead of naming `{needed}`"
        ),
        (Part::Principal, None) => format!(
            "trust the account in the key policy instead of naming `{needed}`; a condition on `aws:PrincipalArn` \
             keeps the statement narrow, with the ARN as text"
        ),
        (Part::SourceArn, _) => format!(
            "compare `aws:SourceAccount` with `${{AWS::AccountId}}` instead of the ARN of `{needed}`, \
             or write that ARN as text with a name that is known"
        ),
        (Part::Condition | Part::Resource | Part::Other, Some(owner)) => format!(
            "write the ARN of `{needed}` as text with a name that is known, \
             or move the inline policy of `{owner}` into an `AWS::IAM::Policy`"
        ),
        (Part::Condition | Part::Resource | Part::Other, None) => {
            format!("write the ARN of `{needed}` as text with a name that is known")
        }
    }
}
