//! What services need of the keys of other resources, and whether the key policies give it.

use super::naming::{Named, is_aws_managed, named};
use super::words::list;
use super::{Cx, Sink};
use crate::authz::{Applied, Asker, Decision, Residual, Verdict, key_side};
use crate::estate::integrations::{Case, Integration, Limit, Service, ServiceUse, UsedKey};
use crate::estate::{Consumer, Key, KeyId};
use crate::finding::{Site, Subject};
use crate::policy::{Action, Effect, Statement};
use crate::resolve::{Guard, StackId, Text, Truth};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Most resources that a finding shows.
const MOST: usize = 3;

/// What to say of a family of cases.
pub(super) struct Saying {
    pub(super) integration: Integration,
    /// What fails, by the names of the sources and of the targets: lower case, no period.
    pub(super) fails: fn(&str, &str) -> String,
}

/// Reports keys that do not admit the service.
pub(super) fn check(cx: &Cx<'_>, sink: &mut Sink<'_>, saying: &Saying) {
    let uses = cx.estate.service_uses(saying.integration);
    let mut blocked: BTreeMap<(KeyId, Text), Blocked<'_>> = BTreeMap::new();
    let mut managed: BTreeMap<Site, Managed<'_>> = BTreeMap::new();
    // A hundred alarms on one topic are one question.
    let mut asked: BTreeSet<(StackId, String)> = BTreeSet::new();
    for used in &uses {
        let consumer = match &used.key {
            UsedKey::Named(consumer) => *consumer,
            UsedKey::Unknown(why) => {
                if asked.insert((used.source.stack, why.clone())) {
                    sink.undecided("service", used.site, why.clone());
                }
                continue;
            }
        };
        let Named { guard, target, text } = named(cx, consumer);
        let Some(guard) = guard.and(&used.guard).filter(|guard| cx.estate.feasible(guard)) else { continue };
        if is_aws_managed(&target) {
            let found = managed.entry(consumer.site).or_insert_with(|| Managed {
                consumer,
                name: alias_name(&text),
                service: service_name(cx, used),
                seen: Seen::default(),
            });
            found.seen.add(used, consumer, [guard]);
            continue;
        }
        let keys = cx.keys_of(&target);
        if keys.is_empty() {
            let why = format!("the key that `{text}` names is not in view");
            if asked.insert((consumer.stack, why.clone())) {
                sink.undecided("service", consumer.site, why);
            }
        }
        for (own, id) in keys {
            let Some(guard) = own.and(&guard).filter(|guard| cx.estate.feasible(guard)) else { continue };
            let Some(key) = cx.estate.key(id) else { continue };
            let answer = ask(cx, used, key, &guard);
            if let Some(why) = answer.unknown {
                let question = sink.undecided("service", used.site, why);
                question.key = Some(key.name.clone());
                question.principal = Some(service_name(cx, used).to_string());
                question.actions = used.case.actions.iter().map(|action| (*action).to_owned()).collect();
            }
            if answer.dead.is_empty() {
                continue;
            }
            let found = blocked.entry((id, service_name(cx, used))).or_insert_with(Blocked::new);
            found.actions.extend(answer.actions);
            found.denies.extend(answer.denies);
            found.seen.add(used, consumer, answer.dead);
            found.is_near = found.is_near.and(near(cx, used, key));
        }
    }
    for ((id, service), found) in blocked {
        if let Some(key) = cx.estate.key(id) {
            found.report(cx, sink, saying, key, &service);
        }
    }
    for found in managed.into_values() {
        found.report(sink, saying);
    }
}

/// The name of an alias, without the rest of its ARN.
fn alias_name(text: &Text) -> String {
    let shown = text.to_string();
    shown.rfind("alias/aws/").and_then(|at| shown.get(at..)).map(str::to_owned).unwrap_or(shown)
}

/// The principal of the service where the source is.
fn service_name(cx: &Cx<'_>, used: &ServiceUse<'_>) -> Text {
    match used.case.service {
        Service::Global(service) => Text::literal(&format!("{service}.amazonaws.com")),
        Service::Regional(service) => regional(cx, used, service, ".amazonaws.com"),
    }
}

fn regional(cx: &Cx<'_>, used: &ServiceUse<'_>, service: &str, suffix: &str) -> Text {
    let mut name = Text::literal(&format!("{service}."));
    if let Some(stack) = cx.estate.stack(used.source.stack) {
        name.push(&stack.environment.region);
    }
    name.push_str(suffix);
    name
}

/// Other names under which the service may ask, in other partitions or Regions: who admits one of these may be right.
fn other_names(cx: &Cx<'_>, used: &ServiceUse<'_>) -> Vec<Text> {
    let (Service::Global(service) | Service::Regional(service)) = used.case.service;
    let own = service_name(cx, used);
    let plain = [".amazonaws.com", ".amazonaws.com.cn"].map(|suffix| Text::literal(&format!("{service}{suffix}")));
    let of_region = [".amazonaws.com", ".amazonaws.com.cn"].map(|suffix| regional(cx, used, service, suffix));
    plain.into_iter().chain(of_region).filter(|name| *name != own).collect()
}

/// What the engine says of one use of one key.
#[derive(Default)]
struct Answer {
    /// Where the service is certainly kept out.
    dead: Vec<Guard>,
    /// What it cannot do.
    actions: BTreeSet<&'static str>,
    /// Statements that deny it.
    denies: BTreeSet<Span>,
    /// Why it cannot be known, if so.
    unknown: Option<String>,
}

fn ask(cx: &Cx<'_>, used: &ServiceUse<'_>, key: &Key, under: &Guard) -> Answer {
    let mut answer = Answer::default();
    let side = key_side(key);
    let service = service_name(cx, used);
    let asker = Asker::service(service.clone(), used.case.absent);
    let others: Vec<Asker<'_>> =
        other_names(cx, used).into_iter().map(|name| Asker::service(name, used.case.absent)).collect();
    let mut is_admitted = false;
    for action in used.case.actions.iter().filter_map(|name| Action::named(name)) {
        for world in asker.may(cx.estate, under, &side, action) {
            let verdict = &world.verdict;
            is_admitted |= verdict.allowed != Truth::No;
            match verdict.allowed {
                Truth::Yes => {}
                Truth::Unknown => answer.unknown = answer.unknown.or_else(|| doubt(used.case, verdict, &service)),
                Truth::No if is_sure(verdict) => {
                    let is_other = |other: &Asker<'_>| {
                        other
                            .may(cx.estate, &world.guard, &side, action)
                            .iter()
                            .any(|other| other.verdict.allowed != Truth::No)
                    };
                    if others.iter().any(is_other) {
                        let why = format!("whether the service asks as `{service}` or under another name is not known");
                        answer.unknown = Some(why);
                        continue;
                    }
                    answer.dead.push(world.guard.clone());
                    answer.actions.insert(action.name());
                    answer.denies.extend(denies(verdict).map(|statement| statement.span));
                }
                Truth::No => answer.unknown = Some(format!("whether a `Deny` meets `{service}` is not known")),
            }
        }
    }
    // Whoever deploys the other stack chooses what its key is for: that it could be chosen otherwise is no defect of either.
    if is_admitted && key.stack != Some(used.source.stack) && !answer.dead.is_empty() {
        let why =
            format!("whether `{service}` is admitted depends on what is chosen for the stack of key `{}`", key.name);
        return Answer { unknown: Some(why), ..Answer::default() };
    }
    answer
}

fn denies<'v>(verdict: &'v Verdict<'_>) -> impl Iterator<Item = &'v Statement> {
    let explicit = verdict.decision == Decision::ExplicitDeny;
    let denies =
        move |applied: &&Applied<'v>| explicit && applied.effect == Effect::Deny && applied.residual.is_empty();
    verdict.statements.iter().filter(denies).map(|applied| applied.statement)
}

/// Whether a no does not hang on a `Deny` that tests who called: what such a test makes of a service is nowhere said.
fn is_sure(verdict: &Verdict<'_>) -> bool {
    let tests_caller = |statement: &Statement| {
        statement.conditions.iter().any(|condition| condition.key.folded == "kms:calleraccount")
    };
    !denies(verdict).any(tests_caller)
}

/// Why it is not known whether the service is admitted; none where a statement admits it on conditions that its requests meet by design.
fn doubt(case: &Case, verdict: &Verdict<'_>, service: &Text) -> Option<String> {
    let is_supplied = |key: &str| case.supplied.contains(&key);
    let is_met = |applied: &&Applied<'_>| {
        applied.effect == Effect::Allow
            && !applied.residual.is_empty()
            && applied.residual.iter().all(|residual| matches!(residual, Residual::Request { .. }))
            && applied.statement.conditions.iter().all(|condition| is_supplied(&condition.key.folded))
    };
    let has_deny = verdict.statements.iter().any(|applied| applied.effect == Effect::Deny);
    if !has_deny && verdict.statements.iter().any(|applied| is_met(&applied)) {
        return None;
    }
    let cause = verdict.causes().next().map(|cause| cause.why.clone());
    Some(cause.unwrap_or_else(|| {
        format!("whether requests of `{service}` meet the conditions of the key policy is not known")
    }))
}

/// The uses that a finding is about.
#[derive(Default)]
struct Seen<'e> {
    guards: Vec<Guard>,
    sources: Vec<(&'e str, Site)>,
    targets: Vec<(&'e str, Site)>,
    cases: Vec<&'static Case>,
}

impl<'e> Seen<'e> {
    fn add(&mut self, used: &ServiceUse<'e>, consumer: &'e Consumer, guards: impl IntoIterator<Item = Guard>) {
        let source = (used.source.name.as_str(), used.site);
        if !self.sources.contains(&source) {
            self.sources.push(source);
        }
        let target = (consumer.resource.as_str(), consumer.site);
        if !self.targets.contains(&target) {
            self.targets.push(target);
        }
        self.cases.push(used.case);
        self.guards.extend(guards);
    }

    fn fails(&self, saying: &Saying) -> String {
        (saying.fails)(&names(&self.sources), &names(&self.targets))
    }

    /// Where the sources name their targets; a source that names the key itself is its own target.
    fn pointers(&self) -> impl Iterator<Item = &(&'e str, Site)> {
        self.sources.iter().filter(|(_, site)| !self.targets.iter().any(|(_, other)| other == site)).take(MOST)
    }

    /// What a statement for all of these uses should test.
    fn limit(&self) -> Option<&'static Limit> {
        let first = self.cases.first()?.limit.as_ref();
        if self.cases.iter().any(|case| case.limit.is_none()) { None } else { first }
    }

    fn statement(&self) -> Vec<&'static str> {
        let mut actions: Vec<&'static str> =
            self.cases.iter().flat_map(|case| case.statement.iter().copied()).collect();
        let mut seen = BTreeSet::new();
        actions.retain(|action| seen.insert(*action));
        actions
    }
}

fn names(places: &[(&str, Site)]) -> String {
    let mut names: Vec<String> = places.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    list(&names)
}

/// Whether the source of a use is in the account of the key.
fn near(cx: &Cx<'_>, used: &ServiceUse<'_>, key: &Key) -> Truth {
    cx.estate.stack(used.source.stack).map_or(Truth::Unknown, |stack| stack.environment.account.equals(&key.account))
}

/// A key that does not admit a service.
struct Blocked<'e> {
    /// Whether all sources are in the account of the key.
    is_near: Truth,
    actions: BTreeSet<&'static str>,
    denies: BTreeSet<Span>,
    seen: Seen<'e>,
}

impl Blocked<'_> {
    fn new() -> Self {
        Self { is_near: Truth::Yes, actions: BTreeSet::new(), denies: BTreeSet::new(), seen: Seen::default() }
    }

    fn report(&self, cx: &Cx<'_>, sink: &mut Sink<'_>, saying: &Saying, key: &Key, service: &Text) {
        // A key that is only in the inventory has no place of its own.
        let Some(site) = key.site.or(self.seen.targets.first().map(|(_, site)| *site)) else { return };
        let message = format!("key `{}` does not admit `{service}`: {}", key.name, self.seen.fails(saying));
        let actions: Vec<String> = self.actions.iter().map(|action| (*action).to_owned()).collect();
        let mut report = sink.report(site, message);
        report.whenever(&self.seen.guards);
        report.here(format!(
            "the service needs {} in the key policy: trust in the account gives it nothing",
            list(&actions)
        ));
        for (name, site) in self.seen.pointers() {
            report.also(*site, format!("`{name}` names its target here"));
        }
        for (name, site) in self.seen.targets.iter().take(MOST) {
            report.also(*site, format!("`{name}` is under the key"));
        }
        let stack = key.stack.unwrap_or(site.stack);
        for span in self.denies.iter().take(MOST) {
            report.also(Site { stack, span: *span }, "this `Deny` meets the service too");
        }
        if let Some(policy) = key.policy_site.filter(|_| self.denies.is_empty()) {
            report.also(policy, format!("no statement here allows it to `{service}`"));
        }
        report.help(if self.denies.is_empty() {
            let beside = self.seen.cases.iter().find_map(|case| case.beside);
            let beside = beside.map_or_else(String::new, |action| format!(", and `{action}` without a condition"));
            format!("{}{beside}", self.statement(cx, key, service))
        } else {
            format!("except `{service}` from the `Deny` (`Bool: {{ aws:PrincipalIsAWSService: \"false\" }}`), and allow it what it needs")
        });
    }

    /// The statement to add, in the author's terms.
    fn statement(&self, cx: &Cx<'_>, key: &Key, service: &Text) -> String {
        let actions = self.seen.statement();
        let limit = self.seen.limit().filter(|_| self.is_near == Truth::Yes);
        let quoted: Vec<String> = actions.iter().map(|action| format!("'{action}'")).collect();
        if key.site.is_some_and(|site| cx.estate.is_from_cdk(site)) {
            let condition = limit.map_or_else(String::new, |limit| {
                format!(", {{ conditions: {{ {}: {{ '{}': {} }} }} }}", limit.operator, limit.key, in_cdk(limit.value))
            });
            return format!(
                "in CDK: `key.grant(new iam.ServicePrincipal({}{condition}), {})`",
                name_in_cdk(service),
                quoted.join(", ")
            );
        }
        let condition = limit.map_or_else(String::new, |limit| {
            format!(", Condition: {{ {}: {{ {}: {} }} }}", limit.operator, limit.key, in_yaml(limit.value))
        });
        let principal = match service.as_literal() {
            Some(name) => name.to_owned(),
            None => format!("!Sub \"{}\"", with_region(service)),
        };
        format!(
            "add to the key policy `{{ Effect: Allow, Principal: {{ Service: {principal} }}, Action: [{}], Resource: \"*\"{condition} }}`",
            actions.iter().map(|action| format!("\"{action}\"")).collect::<Vec<_>>().join(", ")
        )
    }
}

/// The name of a service in a Region that is not known.
fn with_region(service: &Text) -> String {
    let (before, after) = service.literal_ends();
    format!("{before}${{AWS::Region}}{after}")
}

fn name_in_cdk(service: &Text) -> String {
    match service.as_literal() {
        Some(name) => format!("'{name}'"),
        None => format!("cdk.Fn.sub('{}')", with_region(service)),
    }
}

fn in_cdk(value: &str) -> String {
    if value == "${AWS::AccountId}" { "this.account".to_owned() } else { format!("cdk.Fn.sub('{value}')") }
}

fn in_yaml(value: &str) -> String {
    if value == "${AWS::AccountId}" { "!Ref AWS::AccountId".to_owned() } else { format!("!Sub \"{value}\"") }
}

/// A property that names an AWS managed key where a service of its own needs one.
struct Managed<'e> {
    consumer: &'e Consumer,
    name: String,
    service: Text,
    seen: Seen<'e>,
}

impl Managed<'_> {
    fn report(&self, sink: &mut Sink<'_>, saying: &Saying) {
        let Self { consumer, name, service, seen } = self;
        let message = format!("the AWS managed key `{name}` does not admit `{service}`: {}", seen.fails(saying));
        let mut report = sink.report(consumer.site, message);
        report
            .whenever(&seen.guards)
            .here("nobody can change the policy of this key: no statement helps")
            .about(Subject::Place(consumer.site))
            .about(Subject::Resource(consumer.stack, consumer.resource.clone()));
        for (source, site) in seen.pointers() {
            report.also(*site, format!("`{source}` names its target here"));
        }
        report.help(format!(
            "use a customer managed key whose policy allows {} to `{service}`",
            list(&seen.statement().iter().map(|action| (*action).to_owned()).collect::<Vec<_>>())
        ));
    }
}
