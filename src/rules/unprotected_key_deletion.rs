//! A key that goes when its stack does, or when it is replaced.

use super::{Cx, Rule, Sink};
use crate::estate::{Fate, LifecyclePolicy};
use crate::finding::Meta;
use crate::resolve::Guard;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/unprotected-key-deletion.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, key, fact) in cx.estate.declared_keys() {
        let lost = |policy| -> Vec<Guard> {
            let fates = cx.estate.fates(fact, policy).into_iter();
            fates.filter(|(_, fate)| matches!(fate, Fate::Deleted | Fate::Snapshot)).map(|(guard, _)| guard).collect()
        };
        let (deleted, replaced) = (lost(LifecyclePolicy::Deletion), lost(LifecyclePolicy::UpdateReplace));
        let (guards, policy, what) = match (deleted.is_empty(), replaced.is_empty()) {
            (true, true) => continue,
            (false, _) => {
                (deleted, LifecyclePolicy::Deletion, "with its stack, or when it is taken out of the template")
            }
            (true, false) => (replaced, LifecyclePolicy::UpdateReplace, "when an update replaces it"),
        };
        let mut report = sink.report(cx.estate.fate_site(fact, policy), format!("`{}` is deleted {what}", key.name));
        report
            .whenever(&guards)
            .here("what is encrypted under the key is lost with it, once its waiting period is over");
        let help = if report.is_from_cdk() {
            "give the key `removalPolicy: RemovalPolicy.RETAIN`"
        } else {
            "set `DeletionPolicy: Retain` and `UpdateReplacePolicy: Retain`"
        };
        report.help(help);
    }
}
