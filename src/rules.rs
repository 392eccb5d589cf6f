//! The rules: each is a page (`rules/<id>.md`) and a function. [`RULES`] is the only list.

mod administration;
mod context;
mod cycles;
mod exposure;
mod grant_creation;
mod grants;
mod integrations;
mod naming;
mod properties;
mod providers;
mod repair;
mod sink;
mod statements;
mod trust;
mod words;
mod worlds;

mod action_dead_across_accounts;
mod action_unusable_with_key_spec;
mod alarm_blocked_by_key;
mod alias_arn_in_resource;
mod alias_race;
mod alias_targets_alias;
mod asymmetric_key_for_service;
mod circular_key_dependency;
mod cloudtrail_blocked_by_key;
mod conditional_root_trust;
mod cross_account_alias;
mod cross_stack_cycle;
mod dangling_principal;
mod deny_locks_everyone_out;
mod disabled_key_in_use;
mod duplicate_alias;
mod duplicate_key;
mod eventbridge_blocked_by_key;
mod external_administrator;
mod foreign_alias_target;
mod foreign_region_key;
mod foreign_root_trust;
mod foreign_service_action;
mod foreign_statement_resource;
mod fragile_key_administration;
mod imported_key_grant;
mod ineffective_grant;
mod invalid_alias_name;
mod invalid_key_property;
mod invalid_principal;
mod invalid_replica;
mod invalid_via_service;
mod key_id_in_resource;
mod key_policy_lockout;
mod key_usage_mismatch;
mod key_without_encryption;
mod kms_wildcard_resource;
mod latent_cross_stack_cycle;
mod lockout_check_bypassed;
mod log_group_blocked_by_key;
mod malformed_key_arn;
mod managed_key_across_accounts;
mod managed_key_grant;
mod missing_key_policy;
mod missing_root_trust;
mod multi_region_key;
mod not_principal_allow;
mod old_policy_version;
mod one_sided_cross_account_grant;
mod partial_root_trust;
mod placeholder_key;
mod public_key_policy;
mod replica_policy_drift;
mod reserved_alias_name;
mod retained_data_on_deleted_key;
mod rotation_disabled;
mod rotation_on_replica;
mod rotation_period_out_of_range;
mod rotation_period_without_rotation;
mod rotation_unsupported;
mod s3_notification_blocked_by_key;
mod sam_policy_given_key_arn;
mod self_referencing_key_policy;
mod short_deletion_window;
mod single_value_operator_on_list_key;
mod sns_to_sqs_blocked_by_key;
mod source_arn_on_iam_principal;
mod statement_without_effect;
mod unbounded_create_grant;
mod undefined_alias;
mod unknown_condition_key;
mod unknown_key;
mod unknown_kms_action;
mod unordered_principal;
mod unprotected_key_deletion;
mod unresolved_import;
mod unresolved_key_grant;
mod unscoped_service_principal;
mod useless_service_principal;
mod via_service_only;
mod weak_rsa_key;
mod wrong_key_identifier;

pub use context::Cx;
pub use sink::{Report, Sink};

use crate::estate::{Estate, OwnChoices};
use crate::finding::{Certainty, Finding, Meta, Subject, Undecided};
use crate::resolve::{Guard, StackId};
use crate::source::FileId;
use providers::Open;
use rayon::prelude::*;
use sink::Draft;
use std::collections::{BTreeMap, BTreeSet};
use words::{agreeing, list};

/// A rule: the facts of its page, and its check. It has no state and cannot fail.
#[derive(Debug)]
pub struct Rule {
    /// The header of its page.
    pub meta: Meta,
    /// Reports what it finds.
    pub check: fn(&Cx<'_>, &mut Sink<'_>),
}

/// All rules, sorted by id.
pub static RULES: &[&Rule] = &[
    &action_dead_across_accounts::RULE,
    &action_unusable_with_key_spec::RULE,
    &alarm_blocked_by_key::RULE,
    &alias_arn_in_resource::RULE,
    &alias_race::RULE,
    &alias_targets_alias::RULE,
    &asymmetric_key_for_service::RULE,
    &circular_key_dependency::RULE,
    &cloudtrail_blocked_by_key::RULE,
    &conditional_root_trust::RULE,
    &cross_account_alias::RULE,
    &cross_stack_cycle::RULE,
    &dangling_principal::RULE,
    &deny_locks_everyone_out::RULE,
    &disabled_key_in_use::RULE,
    &duplicate_alias::RULE,
    &duplicate_key::RULE,
    &eventbridge_blocked_by_key::RULE,
    &external_administrator::RULE,
    &foreign_alias_target::RULE,
    &foreign_region_key::RULE,
    &foreign_root_trust::RULE,
    &foreign_service_action::RULE,
    &foreign_statement_resource::RULE,
    &fragile_key_administration::RULE,
    &imported_key_grant::RULE,
    &ineffective_grant::RULE,
    &invalid_alias_name::RULE,
    &invalid_key_property::RULE,
    &invalid_principal::RULE,
    &invalid_replica::RULE,
    &invalid_via_service::RULE,
    &key_id_in_resource::RULE,
    &key_policy_lockout::RULE,
    &key_usage_mismatch::RULE,
    &key_without_encryption::RULE,
    &kms_wildcard_resource::RULE,
    &latent_cross_stack_cycle::RULE,
    &lockout_check_bypassed::RULE,
    &log_group_blocked_by_key::RULE,
    &malformed_key_arn::RULE,
    &managed_key_across_accounts::RULE,
    &managed_key_grant::RULE,
    &missing_key_policy::RULE,
    &missing_root_trust::RULE,
    &multi_region_key::RULE,
    &not_principal_allow::RULE,
    &old_policy_version::RULE,
    &one_sided_cross_account_grant::RULE,
    &partial_root_trust::RULE,
    &placeholder_key::RULE,
    &public_key_policy::RULE,
    &replica_policy_drift::RULE,
    &reserved_alias_name::RULE,
    &retained_data_on_deleted_key::RULE,
    &rotation_disabled::RULE,
    &rotation_on_replica::RULE,
    &rotation_period_out_of_range::RULE,
    &rotation_period_without_rotation::RULE,
    &rotation_unsupported::RULE,
    &s3_notification_blocked_by_key::RULE,
    &sam_policy_given_key_arn::RULE,
    &self_referencing_key_policy::RULE,
    &short_deletion_window::RULE,
    &single_value_operator_on_list_key::RULE,
    &sns_to_sqs_blocked_by_key::RULE,
    &source_arn_on_iam_principal::RULE,
    &statement_without_effect::RULE,
    &unbounded_create_grant::RULE,
    &undefined_alias::RULE,
    &unknown_condition_key::RULE,
    &unknown_key::RULE,
    &unknown_kms_action::RULE,
    &unordered_principal::RULE,
    &unprotected_key_deletion::RULE,
    &unresolved_import::RULE,
    &unresolved_key_grant::RULE,
    &unscoped_service_principal::RULE,
    &useless_service_principal::RULE,
    &via_service_only::RULE,
    &weak_rsa_key::RULE,
    &wrong_key_identifier::RULE,
];

/// Fewer resources than this are checked on one thread: starting others costs more.
const FEW_RESOURCES: usize = 64;

/// The rule of this name.
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.binary_search_by(|rule| rule.meta.id.cmp(id)).ok().and_then(|at| RULES.get(at)).copied()
}

/// What the selected rules find and cannot decide in the stacks that are reported; findings are sorted by file, place and rule.
///
/// A rule is silent about a subject, in the worlds in which a rule to which it yields speaks about it, whether that one is selected or not.
#[must_use]
pub fn run(cx: &Cx<'_>, selected: &[&'static Rule]) -> (Vec<Finding>, Vec<Undecided>) {
    let involved: Vec<&Rule> = RULES.iter().copied().filter(|rule| is_involved(rule, selected)).collect();
    let check = |rule: &&'static Rule| {
        let mut sink = Sink::new(cx.estate, &rule.meta);
        (rule.check)(cx, &mut sink);
        sink.into_parts()
    };
    let found: Vec<_> = if cx.estate.facts.len() < FEW_RESOURCES {
        involved.iter().map(check).collect()
    } else {
        involved.par_iter().map(check).collect()
    };
    let is_reported = |stack: StackId| cx.estate.stack(stack).is_some_and(|stack| stack.reported);
    let reported = reported_files(cx.estate);
    let shows_there =
        |draft: &Draft| draft.finding.evidence.iter().any(|label| reported.contains(&label.place.span.file));
    let mut findings = Vec::new();
    let mut undecided = Vec::new();
    let own_choices = OwnChoices::of(cx.estate);
    let mut elsewhere: BTreeMap<(StackId, &str), Vec<&Draft>> = BTreeMap::new();
    let mut drafts = Vec::new();
    for (rule, (own, questions)) in involved.iter().zip(found) {
        if is_selected(rule, selected) {
            undecided
                .extend(questions.into_iter().filter(|(stack, _)| is_reported(*stack)).map(|(_, question)| question));
        }
        drafts.push((*rule, own));
    }
    for (rule, own) in drafts.iter().filter(|(rule, _)| is_selected(rule, selected)) {
        let mut stronger: BTreeMap<&Subject, Vec<&Draft>> = BTreeMap::new();
        for draft in drafts.iter().filter(|(other, _)| yields(rule, other)).flat_map(|(_, drafts)| drafts) {
            for subject in &draft.finding.subjects {
                stronger.entry(subject).or_default().push(draft);
            }
        }
        let mut open = Open::default();
        for draft in own.iter().filter(|draft| is_reported(draft.stack) || shows_there(draft)) {
            let mut guards = left_to_say(cx.estate, draft, &stronger);
            let other = guards.iter().find_map(|guard| own_choices.excluding(cx.estate, guard));
            guards.retain(|guard| own_choices.excluding(cx.estate, guard).is_none());
            if guards.iter().any(Guard::names_a_provider) {
                open.add(draft, guards);
            } else if !guards.is_empty() {
                findings.push(draft.complete(cx.estate, guards));
            } else if let Some(account) = other {
                elsewhere.entry((draft.stack, account)).or_default().push(draft);
            }
        }
        let (settled, questions) = open.settle(cx.estate);
        findings.extend(settled);
        undecided.extend(questions);
    }
    undecided.extend(elsewhere.iter().filter_map(|((_, account), drafts)| sink::only_elsewhere(account, drafts)));
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| (finding.primary.place.span, finding.rule.id);
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
    join_stacks(&mut findings);
    undecided.extend(cx.estate.opaque_parts());
    undecided.sort_by(|a, b| (a.place.span, a.what, &a.why).cmp(&(b.place.span, b.what, &b.why)));
    undecided.dedup();
    (findings, undecided)
}

/// The files of the stacks that are reported. A defect that stands elsewhere may be due to them: then its evidence is there.
fn reported_files(estate: &Estate) -> BTreeSet<FileId> {
    let reported = estate.stacks.iter().filter(|stack| stack.reported);
    reported.filter_map(|stack| estate.template(stack.id)).map(|template| template.file).collect()
}

/// Joins what several stacks of one template have in common: the defect is in the template, once.
fn join_stacks(findings: &mut Vec<Finding>) {
    let mut joined: Vec<(Finding, Vec<String>)> = Vec::new();
    for next in findings.drain(..) {
        match joined.last_mut() {
            Some((first, stacks)) if is_same_in_another_stack(&next, first) => stacks.extend(next.primary.place.stack),
            Some(_) | None => joined.push((next, Vec::new())),
        }
    }
    findings.extend(joined.into_iter().map(|(mut finding, stacks)| {
        if !stacks.is_empty() {
            finding.notes.push(format!("also in {} {}", agreeing(&stacks, "stack", "stacks"), list(&stacks)));
        }
        finding
    }));
}

fn is_same_in_another_stack(next: &Finding, first: &Finding) -> bool {
    let (one, other) = (&next.primary.place, &first.primary.place);
    one.span == other.span
        && one.stack != other.stack
        && next.rule.id == first.rule.id
        && next.message == first.message
        && next.certainty == Certainty::Always
        && first.certainty == Certainty::Always
}

fn is_selected(rule: &Rule, selected: &[&'static Rule]) -> bool {
    selected.iter().any(|other| other.meta.id == rule.meta.id)
}

/// Whether a rule has to run: it is selected, or a selected one yields to it.
fn is_involved(rule: &Rule, selected: &[&'static Rule]) -> bool {
    is_selected(rule, selected) || selected.iter().any(|other| yields(other, rule))
}

/// Whether a rule yields to another, by its own page or by those of the rules it yields to.
fn yields(from: &Rule, to: &Rule) -> bool {
    let mut reached = vec![from.meta.id];
    let mut at = 0;
    while let Some(next) = reached.get(at).and_then(|id| rule(id)) {
        for id in next.meta.yields_to().filter(|id| rule(id).is_some()) {
            if !reached.contains(&id) {
                reached.push(id);
            }
        }
        at += 1;
    }
    reached.iter().skip(1).any(|id| *id == to.meta.id)
}

/// The worlds that can be in which this holds and no stronger finding speaks about one of its subjects.
fn left_to_say(estate: &Estate, draft: &Draft, stronger: &BTreeMap<&Subject, Vec<&Draft>>) -> Vec<Guard> {
    let about_same = draft.finding.subjects.iter().filter_map(|subject| stronger.get(subject)).flatten();
    let taken: Vec<Guard> = about_same.flat_map(|other| other.guards()).collect();
    let own = draft.guards().into_iter().filter(|guard| estate.feasible(guard));
    if taken.is_empty() {
        return own.collect();
    }
    // Where there are too many worlds to tell apart, both speak.
    own.flat_map(|guard| worlds::outside(estate, &guard, &taken).unwrap_or_else(|| vec![guard])).collect()
}
