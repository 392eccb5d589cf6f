//! An ARN of KMS that can be neither key nor alias.

use super::grants::GrantSite;
use super::{Cx, Rule, Sink};
use crate::estate::Target;
use crate::finding::{Meta, Subject};
use crate::resolve::Text;
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/malformed-key-arn.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let mut reported: BTreeSet<GrantSite> = BTreeSet::new();
    for grant in &cx.grants {
        let Target::Malformed(text) = &grant.target else { continue };
        if !reported.insert(GrantSite::of(grant)) {
            continue;
        }
        let (problem, help) = problem(text);
        sink.report(grant.resource_site(), format!("`{text}` is no ARN of a key: {problem}"))
            .when(&grant.guard)
            .here("this names no key, or the policy is refused")
            .about(Subject::Place(grant.statement_site()))
            .help(help);
    }
}

/// What is wrong with an ARN, and what to do.
fn problem(text: &Text) -> (&'static str, &'static str) {
    let (parts, _) = text.split_at(":");
    let is_empty = |at: usize| parts.get(at).is_some_and(|part| part.as_literal() == Some(""));
    let resource: String = parts.get(5).map(|part| part.literal_ends().0.to_owned()).unwrap_or_default();
    match () {
        () if is_empty(3) => ("it has no Region", "write the Region, or `*`"),
        () if is_empty(4) => ("it has no account", "write the account, or `*`"),
        () if resource.starts_with("key/arn") => {
            ("an ARN stands behind `key/`", "use the ARN alone, without anything before it")
        }
        () if resource.starts_with("key/alias") => {
            ("an alias stands behind `key/`", "write the key's id behind `key/`")
        }
        () if resource.starts_with("key/") => {
            ("what stands behind `key/` is no key id", "write the key's id behind `key/`")
        }
        () if parts.len() < 6 => ("parts are missing", "write `arn:PARTITION:kms:REGION:ACCOUNT:key/ID`"),
        () => ("the resource does not begin with `key/`", "write `key/` before the key's id"),
    }
}
