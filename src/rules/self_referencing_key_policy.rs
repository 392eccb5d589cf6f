//! A key policy that names its own key: CloudFormation can create neither.

use super::cycles::note_others;
use super::{Cx, Rule, Sink};
use crate::finding::{Meta, Subject};

pub(super) const RULE: Rule =
    Rule { meta: Meta::of(include_str!("../../rules/self-referencing-key-policy.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for cycle in &cx.cycles().found {
        let [step] = cycle.steps.as_slice() else { continue };
        let edges: Vec<_> = step.edges.iter().filter(|edge| edge.path.starts_with("Properties.KeyPolicy")).collect();
        let (Some(site), Some(first)) = (cx.estate.node_site(&cycle.key), edges.first()) else { continue };
        let name = cx.estate.node_name(&cycle.key);
        let message = format!("the key policy of `{name}` refers to `{name}` itself, so it can never be created");
        let mut report = sink.report(site, message);
        report
            .whenever(&cycle.guards)
            .here("CloudFormation refuses the template")
            .about(Subject::Place(first.site))
            .also(first.site, "this needs the key, which needs its policy first");
        for edge in edges.iter().skip(1) {
            report.about(Subject::Place(edge.site)).also(edge.site, "and so does this");
        }
        note_others(&mut report, cx.estate, cycle);
        report.help_or_cdk(
            "write `Resource: \"*\"`: in a key policy it means this key",
            "write `resources: ['*']` instead of `key.keyArn`: in a key policy it means this key",
        );
    }
}
