//! Policy variables under the old version of the policy language: they are plain text there.

use super::{Cx, Rule, Sink};
use crate::finding::{Meta, Site};
use crate::policy::{Guarded, KeyPolicy, Policy, Statement, Version};
use crate::resolve::{Guard, Piece, StackId, Text};
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/old-policy-version.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, key, fact) in cx.estate.declared_keys() {
        let KeyPolicy::Document(policy) = &key.policy else { continue };
        report(cx, policy, &policy.statements.iter().collect::<Vec<_>>(), &fact.guard, fact.stack, sink);
    }
    let mut seen = BTreeSet::new();
    for entry in &cx.estate.principals {
        for attached in &entry.policies {
            let Some(policy) = attached.document() else { continue };
            if !seen.insert((attached.stack, policy.span)) {
                continue;
            }
            let ours: Vec<&Statement> =
                policy.statements.iter().filter(|statement| statement.names_kms_action()).collect();
            report(cx, policy, &ours, &attached.guard, attached.stack, sink);
        }
    }
}

/// One finding a document: it stands at the first variable.
fn report(cx: &Cx<'_>, policy: &Policy, statements: &[&Statement], there: &Guard, stack: StackId, sink: &mut Sink<'_>) {
    if policy.version != Version::V2008 {
        return;
    }
    let variables = statements.iter().flat_map(|statement| texts(statement)).filter_map(|text| {
        let name = variable(&text.value)?;
        let guard = there.and(&text.guard).filter(|guard| cx.estate.feasible(guard))?;
        Some((guard, text.span, name))
    });
    let variables: Vec<_> = variables.collect();
    let Some((_, span, name)) = variables.first() else { return };
    let message = format!("`${{{name}}}` is plain text here: the policy has no `Version: \"2012-10-17\"`");
    let mut report = sink.report(Site { stack, span: *span }, message);
    report
        .whenever(variables.iter().map(|(guard, ..)| guard))
        .here("without that version no policy variable is replaced, and this matches nothing")
        .about(crate::finding::Subject::Place(Site { stack, span: policy.span }))
        .help("write `Version: \"2012-10-17\"` into the policy document");
    for (_, span, name) in variables.iter().skip(1).filter(|(_, other, _)| other != span) {
        report.also(Site { stack, span: *span }, format!("`${{{name}}}` neither is replaced"));
    }
}

/// The texts of a statement in which a variable can stand.
fn texts(statement: &Statement) -> impl Iterator<Item = &Guarded<Text>> {
    let values = statement.conditions.iter().flat_map(|condition| &condition.values);
    statement.resources.elements().iter().chain(values)
}

/// The first policy variable of a text: `aws:PrincipalTag/team`. `${AWS::Region}` that nobody substitutes is none.
fn variable(text: &Text) -> Option<&str> {
    text.pieces().iter().find_map(|piece| {
        let Piece::Literal(literal) = piece else { return None };
        let mut rest = literal.as_str();
        while let Some((_, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}')?;
            let prefix = name.split(':').next().unwrap_or_default();
            let is_key = name.contains(':') && !name.contains("::") && !prefix.is_empty();
            if is_key && prefix.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') {
                return Some(name);
            }
            rest = after;
        }
        None
    })
}
