//! Whom to ask about which key, and for which actions: whoever a policy in view names or belongs to.

use super::filter::Wanted;
use super::row;
use super::{Outcome, Party, Row};
use crate::authz::{Caller, words_of};
use crate::estate::cycles::without_partition;
use crate::estate::{AttachedPolicy, Estate, Key, KeyId, KeyOrigin, PolicySource, PrincipalEntry, PrincipalId, Target};
use crate::finding::{Certainty, Site};
use crate::policy::{Action, ActionPattern, Effect, Guarded, KeyPolicy, Match, Policy, Principal, Statement};
use crate::resolve::{Guard, Text, Truth};
use std::collections::BTreeMap;

/// A principal that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    /// The holders of IAM policies of an account.
    Account(Text),
    /// `*`.
    Everyone,
    /// Whom a `NotPrincipal` does not list.
    EveryoneElse,
    /// A service.
    Service(Text),
    /// An identity that only a key policy names.
    Named(Text),
    /// A principal of the estate.
    Entry(PrincipalId),
}

/// What a principal is asked for on a key.
#[derive(Debug, Default)]
pub(super) struct Interest<'e> {
    /// The actions with the guards under which a policy gives them.
    pub(super) actions: BTreeMap<Action, Asked>,
    /// The patterns that give them, as written.
    pub(super) patterns: Vec<&'e ActionPattern>,
}

/// When an action is given.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) guards: Vec<Guard>,
    /// Whether a policy names the key, or the principal in the key's own policy: not only a pattern over keys.
    pub(super) by_name: bool,
}

/// Everything that is listed.
#[derive(Debug, Default)]
pub(super) struct Interests<'e> {
    /// What the engine is asked for.
    pub(super) decided: BTreeMap<(KeyId, Subject), Interest<'e>>,
    /// What needs no decision: patterns over keys, and what names no key.
    pub(super) settled: Vec<Row>,
}

impl<'e> Interests<'e> {
    pub(super) fn of(estate: &'e Estate, wanted: &'e Wanted) -> Self {
        let mut known = BTreeMap::new();
        for (id, entry) in (0..).map(PrincipalId).zip(&estate.principals) {
            known.entry(without_partition(&entry.arn)).or_insert(id);
        }
        let mut collector = Collector { estate, wanted, known, interests: Self::default() };
        for (id, key) in estate.keys().filter(|(id, _)| wanted.key(*id)) {
            collector.key(id, key);
            collector.granted(id, key);
        }
        for (id, entry) in (0..).map(PrincipalId).zip(&estate.principals).filter(|(id, _)| wanted.principal(*id)) {
            for attached in &entry.policies {
                collector.policy(id, entry, attached);
            }
        }
        collector.interests
    }

    fn add(&mut self, key: KeyId, subject: Subject, given: &Given<'e>, guard: &Guard, by_name: bool) {
        let interest = self.decided.entry((key, subject)).or_default();
        for action in &given.actions {
            let asked = interest.actions.entry(*action).or_default();
            asked.by_name |= by_name;
            if !asked.guards.contains(guard) {
                asked.guards.push(guard.clone());
            }
        }
        for pattern in &given.patterns {
            if !interest.patterns.contains(pattern) {
                interest.patterns.push(pattern);
            }
        }
    }
}

/// Goes through all policies.
struct Collector<'e> {
    estate: &'e Estate,
    wanted: &'e Wanted,
    /// Principals of the estate by ARN, without its partition.
    known: BTreeMap<Text, PrincipalId>,
    interests: Interests<'e>,
}

/// A statement of a principal's policy.
struct Held<'e> {
    id: PrincipalId,
    entry: &'e PrincipalEntry,
    attached: &'e AttachedPolicy,
    statement: &'e Statement,
    given: Given<'e>,
}

/// What a row says of something that is not decided.
struct Settled {
    key: Party,
    outcome: Outcome,
    why: String,
    guard: Guard,
    conditions: Vec<String>,
    site: Option<Site>,
}

impl<'e> Collector<'e> {
    /// What the policy of a key gives.
    fn key(&mut self, id: KeyId, key: &'e Key) {
        let (estate, wanted) = (self.estate, self.wanted);
        let exists = match &key.origin {
            KeyOrigin::Declared { fact } => estate.facts.get(*fact).map_or(Guard::ALWAYS, |fact| fact.guard.clone()),
            KeyOrigin::Imported | KeyOrigin::AwsManaged { .. } => Guard::ALWAYS,
        };
        let account = Subject::Account(key.account.clone());
        if matches!(key.policy, KeyPolicy::Default | KeyPolicy::AwsManaged(_)) && wanted.subject(&account) {
            self.interests.add(id, account, &Given::everything(wanted), &exists, true);
        }
        for statement in key.statements().filter(|statement| statement.effect != Some(Effect::Deny)) {
            let given = Given::by(statement, wanted);
            let Some(guard) = exists.and(&statement.guard).filter(|_| !given.actions.is_empty()) else { continue };
            if matches!(statement.principals, Match::AllExcept(_)) {
                if wanted.subject(&Subject::EveryoneElse) {
                    self.interests.add(id, Subject::EveryoneElse, &given, &guard, true);
                }
                continue;
            }
            for principal in statement.principals.elements() {
                let Some(guard) = guard.and(&principal.guard).filter(|guard| estate.feasible(guard)) else { continue };
                match subject_of(&principal.value, &self.known) {
                    Ok(subject) if wanted.subject(&subject) => {
                        self.interests.add(id, subject, &given, &guard, true);
                    }
                    Ok(_) => {}
                    Err((outcome, name, why)) if wanted.subject(&Subject::Named(Text::literal(&name))) => {
                        let party = Party::called("identity", name);
                        let site = key.policy_site.map(|site| Site { span: principal.span, ..site });
                        let key = row::key(estate, id, key);
                        let settled = Settled { key, outcome, why, guard, conditions: Vec::new(), site };
                        self.settle(party, &given, settled);
                    }
                    Err(_) => {}
                }
            }
        }
    }

    /// What KMS grants on a key give: grantees that name nobody are leftovers, which give nothing.
    fn granted(&mut self, id: KeyId, key: &'e Key) {
        let granted = key.granted.iter().flat_map(|granted| &granted.statements);
        for statement in granted {
            let given = Given::by(statement, self.wanted);
            let named = statement.principals.elements().iter();
            for subject in named.filter_map(|named| subject_of(&named.value, &self.known).ok()) {
                if !given.actions.is_empty() && self.wanted.subject(&subject) {
                    self.interests.add(id, subject, &given, &statement.guard, true);
                }
            }
        }
    }

    /// What a policy of a principal gives.
    fn policy(&mut self, id: PrincipalId, entry: &'e PrincipalEntry, attached: &'e AttachedPolicy) {
        let policy: &Policy = match &attached.source {
            PolicySource::Document(policy) | PolicySource::AwsManaged(_, policy) => policy,
            PolicySource::NotInView(_) => return,
        };
        let Some(there) = entry.guard.and(&attached.guard) else { return };
        for statement in policy.statements.iter().filter(|statement| statement.effect != Some(Effect::Deny)) {
            let given = Given::by(statement, self.wanted);
            let Some(guard) = there.and(&statement.guard).filter(|_| !given.actions.is_empty()) else { continue };
            let held = Held { id, entry, attached, statement, given };
            match &statement.resources {
                Match::Missing => {}
                Match::Only(resources) => {
                    for resource in resources {
                        let together = guard.and(&resource.guard).filter(|guard| self.estate.feasible(guard));
                        if let Some(guard) = together {
                            self.resource(&held, resource, guard);
                        }
                    }
                }
                Match::AllExcept(spared) => {
                    let spared: Vec<_> = spared.iter().map(|element| element.value.to_string()).collect();
                    self.pattern(&held, format!("all but {}", spared.join(", ")), guard);
                }
            }
        }
    }

    fn resource(&mut self, held: &Held<'e>, resource: &'e Guarded<Text>, guard: Guard) {
        let (outcome, why) = match self.estate.target(held.attached.stack, &resource.value) {
            Target::Key(key) => {
                if self.wanted.key(key) {
                    self.interests.add(key, Subject::Entry(held.id), &held.given, &guard, true);
                }
                return;
            }
            Target::Pattern(_) => return self.pattern(held, resource.value.to_string(), guard),
            Target::OtherService => return,
            Target::AliasArn(..) | Target::AliasName(..) => (
                Outcome::Ineffective,
                "an alias never stands for its key in an IAM policy: write the key's ARN".to_owned(),
            ),
            Target::KeyById(_) | Target::BareId(_) => {
                (Outcome::Ineffective, "a key id is no ARN: write the key's ARN".to_owned())
            }
            Target::Malformed(_) => (Outcome::Ineffective, "this is the ARN of no key".to_owned()),
            Target::Unknown(why) => (Outcome::Undecided, why),
        };
        self.reference(held, resource, guard, outcome, why);
    }

    /// An element that names no key. What an alias ARN gives on the alias itself is no grant on a key.
    fn reference(&mut self, held: &Held<'e>, resource: &Guarded<Text>, guard: Guard, outcome: Outcome, why: String) {
        let name = resource.value.to_string();
        let is_alias = name.contains("alias/");
        let actions =
            held.given.actions.iter().copied().filter(|action| !(is_alias && action.info().on_alias)).collect();
        let given = Given { actions, patterns: held.given.patterns.clone() };
        if given.actions.is_empty() || !self.wanted.reference(&name) {
            return;
        }
        let key = Party::called("reference", name);
        let site = Some(Site { stack: held.attached.stack, span: resource.span });
        let settled = Settled { key, outcome, why, guard, conditions: Vec::new(), site };
        self.settle(row::entry(self.estate, held.id, held.entry), &given, settled);
    }

    /// A pattern over keys: a row of its own, or one for each key that is asked for.
    fn pattern(&mut self, held: &Held<'e>, name: String, guard: Guard) {
        if let Some(keys) = self.wanted.keys() {
            for key in keys {
                self.interests.add(key, Subject::Entry(held.id), &held.given, &guard, false);
            }
            return;
        }
        let settled = Settled {
            key: Party::called("pattern", name),
            outcome: Outcome::Undecided,
            why: "the policy of each key decides: `--key` asks for one".to_owned(),
            guard,
            conditions: words_of(held.statement),
            site: Some(Site { stack: held.attached.stack, span: held.statement.span }),
        };
        self.settle(row::entry(self.estate, held.id, held.entry), &held.given, settled);
    }

    fn settle(&mut self, principal: Party, given: &Given<'e>, settled: Settled) {
        let Settled { key, outcome, why, guard, conditions, site } = settled;
        let actions = given.actions.iter().copied().collect();
        self.interests.settled.push(Row {
            principal,
            key,
            actions: row::collapsed(&actions, &given.patterns),
            all_but: row::all_but(&actions, &given.patterns),
            outcome,
            through: None,
            conditions,
            why: Some(why),
            when: Certainty::of(vec![guard]),
            evidence: site.map(|site| row::written_here(self.estate, site)).into_iter().collect(),
        });
    }
}

/// Who is meant by a principal of a key policy; where the engine cannot ask for it, what becomes of it, its name and why.
fn subject_of(
    principal: &Principal,
    known: &BTreeMap<Text, PrincipalId>,
) -> Result<Subject, (Outcome, String, String)> {
    let undecided = |name: String, why: &str| Err((Outcome::Undecided, name, why.to_owned()));
    let dead = |name: String, why: &str| Err((Outcome::Ineffective, name, why.to_owned()));
    match principal {
        Principal::Everyone => Ok(Subject::Everyone),
        Principal::Account(account) => Ok(Subject::Account(account.clone())),
        Principal::Service(name) => Ok(Subject::Service(name.clone())),
        Principal::Arn(arn) => match known.get(&without_partition(arn)) {
            Some(id) => Ok(Subject::Entry(*id)),
            None if Caller::of_text(arn).is_some() => Ok(Subject::Named(arn.clone())),
            None => undecided(arn.to_string(), "who this is, is known only when deployed"),
        },
        Principal::UniqueId(id) => dead(id.clone(), "this is what a deleted user or role leaves behind: nobody"),
        Principal::Federated(name) => undecided(name.to_string(), "sessions of federated identities are not decided"),
        Principal::CanonicalUser(name) => dead(name.to_string(), "key policies know no canonical users"),
        Principal::Malformed(name) => dead(name.to_string(), "this is no valid principal of a key policy"),
        Principal::Unknown(cause) => undecided("unknown".to_owned(), &cause.why),
    }
}

/// What a statement gives.
#[derive(Debug)]
struct Given<'e> {
    actions: Vec<Action>,
    patterns: Vec<&'e ActionPattern>,
}

impl<'e> Given<'e> {
    fn by(statement: &'e Statement, wanted: &Wanted) -> Self {
        let covers = |action: &Action| match &*statement.actions {
            Match::Only(patterns) => patterns.iter().any(|pattern| pattern.value.matches(*action) != Truth::No),
            Match::AllExcept(_) | Match::Missing => statement.may_cover(*action),
        };
        let patterns = match &*statement.actions {
            Match::Only(patterns) => patterns.iter().map(|pattern| &pattern.value).collect(),
            Match::AllExcept(_) | Match::Missing => Vec::new(),
        };
        Self { actions: Self::on_keys(wanted).filter(covers).collect(), patterns }
    }

    fn everything(wanted: &Wanted) -> Self {
        Self { actions: Self::on_keys(wanted).collect(), patterns: Vec::new() }
    }

    fn on_keys(wanted: &Wanted) -> impl Iterator<Item = Action> {
        Action::all().filter(|action| row::is_on_key(*action) && wanted.action(*action))
    }
}
