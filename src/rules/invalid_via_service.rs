//! A service through which nobody ever calls KMS: `kms:ViaService` names `service.REGION.amazonaws.com`.

use super::statements::{self, Written};
use super::{Cx, Rule, Sink};
use crate::estate::{Fact, Key};
use crate::finding::Meta;
use crate::policy::{Condition, Effect, OperatorKind};
use crate::resolve::{Guard, Text, Truth};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/invalid-via-service.md")), check };

/// Ends of the names of services, by partition.
const SUFFIXES: [&str; 7] = [
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".amazonaws.eu",
    ".c2s.ic.gov",
    ".cloud.adc-e.uk",
    ".csp.hci.ic.gov",
    ".sc2s.sgov.gov",
];

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for written in statements::all(cx) {
        for condition in written.statement.conditions.iter().filter(|it| it.key.folded == "kms:viaservice") {
            let Some(guard) = written.with(cx, &condition.guard) else { continue };
            malformed(cx, &written, condition, &guard, sink);
            elsewhere(cx, &written, condition, &guard, sink);
        }
    }
}

/// Whether an operator takes `*` and `?` in its values for wildcards; none where it does not compare text.
fn takes_wildcards(condition: &Condition) -> Option<bool> {
    match condition.operator?.kind {
        OperatorKind::StringLike => Some(true),
        OperatorKind::StringEquals | OperatorKind::StringEqualsIgnoreCase => Some(false),
        _ => None,
    }
}

/// Values that are no such name.
fn malformed(cx: &Cx<'_>, written: &Written<'_>, condition: &Condition, under: &Guard, sink: &mut Sink<'_>) {
    let Some(takes_wildcards) = takes_wildcards(condition) else { return };
    for value in &condition.values {
        let Some((text, problem)) =
            value.value.as_literal().and_then(|text| Some((text, problem_of(text, takes_wildcards)?)))
        else {
            continue;
        };
        let Some(guard) = under.and(&value.guard).filter(|guard| cx.estate.feasible(guard)) else { continue };
        sink.report(
            written.site(value.span),
            format!("`{text}` is no value that `kms:ViaService` ever has: {problem}"),
        )
        .when(&guard)
        .here("no request matches this")
        .about(written.subject())
        .help("write `service.${AWS::Region}.amazonaws.com`, as in `s3.eu-west-1.amazonaws.com`");
    }
}

/// Why a value is the name of no service in a Region.
fn problem_of(text: &str, takes_wildcards: bool) -> Option<&'static str> {
    if text.contains(['*', '?']) {
        return (!takes_wildcards).then_some("this operator takes `*` for a letter");
    }
    if text.contains("${") {
        return None;
    }
    let Some(name) = SUFFIXES.iter().find_map(|suffix| text.strip_suffix(suffix)) else {
        return Some("it does not end in `.amazonaws.com`");
    };
    let has_region = name.split_once('.').is_some_and(|(service, region)| !service.is_empty() && !region.is_empty());
    (!has_region).then_some("it has no Region")
}

/// Values that are all in other Regions than a key that never leaves its own.
fn elsewhere(cx: &Cx<'_>, written: &Written<'_>, condition: &Condition, guard: &Guard, sink: &mut Sink<'_>) {
    let key = written.key.filter(|_| condition.fails_without_key() && condition.unknown.is_empty());
    let Some((key, fact, here)) = key.and_then(|(key, fact)| Some((key, fact, key.region.as_literal()?))) else {
        return;
    };
    if written.statement.effect != Some(Effect::Allow) || may_be_multi_region(cx, fact) {
        return;
    }
    let regions: Option<Vec<&str>> = condition.values.iter().map(|value| region_of(&value.value)).collect();
    let Some(region) =
        regions.filter(|all| all.iter().all(|region| *region != here)).and_then(|all| all.first().copied())
    else {
        return;
    };
    sink.report(
        written.site(condition.span),
        format!("`{}` is in `{here}` and is never used through `{region}`", key.name),
    )
    .when(guard)
    .here("a service calls the KMS of its own Region")
    .about(written.subject())
    .help("write `${AWS::Region}` for the Region");
}

/// The Region of a well-formed literal value.
fn region_of(value: &Text) -> Option<&str> {
    let text = value.as_literal().filter(|text| problem_of(text, false).is_none())?;
    let name = SUFFIXES.iter().find_map(|suffix| text.strip_suffix(suffix))?;
    name.rsplit('.').next().filter(|region| region.contains('-'))
}

/// Whether a key may be in other Regions too.
fn may_be_multi_region(cx: &Cx<'_>, fact: &Fact) -> bool {
    let is_set = super::properties::written(cx, fact, "MultiRegion");
    Key::is_replica(fact) || is_set.iter().any(|(_, written)| *written != Truth::No)
}
