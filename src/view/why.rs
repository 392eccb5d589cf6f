//! `why`: the decision of one question as a proof, and what would change it.

mod policies;
mod reasons;
mod repairs;
mod words;
mod writing;

use super::find::{self, NotOne, Which, Who};
use crate::authz::{Asker, CallerKind, Decision, KeySide, Means, Side, WorldVerdict, key_side};
use crate::estate::{Estate, Key, KeyOrigin, PrincipalEntry, PrincipalKind};
use crate::finding::{Place, Site};
use crate::policy::{Action, KeyPolicy, is_service_linked};
use crate::resolve::{Guard, StackId, Truth};
use crate::source::Span;

/// The answer to "may this principal do this with this key, and why".
#[derive(Clone, Debug)]
pub struct Why {
    /// Who.
    pub principal: Party,
    /// What: `kms:Decrypt`.
    pub action: String,
    /// On which key.
    pub key: Party,
    /// The answer in each world that makes a difference; none where the two never are together.
    pub worlds: Vec<World>,
    /// Remarks on the whole.
    pub notes: Vec<String>,
}

/// A principal or a key.
#[derive(Clone, Debug)]
pub struct Party {
    /// Its name for people.
    pub name: String,
    /// What it is: `role`, `imported key`.
    pub kind: &'static str,
    /// Its ARN, as far as it is known; the name of a service.
    pub arn: String,
    /// Where it is declared.
    pub place: Option<Place>,
}

/// The answer in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Every request is allowed.
    Allowed,
    /// Requests that meet conditions are allowed.
    Conditional,
    /// A `Deny` forbids it.
    DeniedExplicitly,
    /// Nothing allows it.
    Denied,
    /// It cannot be known from here.
    Undecided,
}

/// The answer in some deployments.
#[derive(Clone, Debug)]
pub struct World {
    /// In which.
    pub guard: Guard,
    /// The answer.
    pub answer: Answer,
    /// The answer in sentences: lower case, no period.
    pub reasons: Vec<String>,
    /// What each policy says.
    pub policies: Vec<Policy>,
    /// What could not be read or compared and could change the answer.
    pub unknown: Vec<Unknown>,
    /// What would change it; each was tried.
    pub repairs: Vec<Repair>,
}

/// A policy with what it says of the question.
#[derive(Clone, Debug)]
pub struct Policy {
    /// ``key policy of `OrdersKey` ``.
    pub title: String,
    /// Where it is written.
    pub place: Option<Place>,
    /// Its statements that take part, and those that nearly would.
    pub statements: Vec<Statement>,
    /// What there is to say beside or instead.
    pub remarks: Vec<String>,
}

/// What a statement contributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// It allows.
    Allows,
    /// It forbids.
    Denies,
    /// It allows or forbids some requests, or may do so.
    Depends,
    /// It would allow but for one thing.
    Misses,
}

/// A statement of a policy.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its `Sid`, or its place in the document: `statement 2`.
    pub name: String,
    /// What it contributes.
    pub part: Part,
    /// The same in words: lower case, no period.
    pub text: String,
    /// What it says, in a line: ``Allow kms:* to `…:root` ``.
    pub says: String,
    /// Where it is written; none for a policy that nobody wrote.
    pub place: Option<Place>,
}

/// Something that is not known.
#[derive(Clone, Debug, PartialEq)]
pub struct Unknown {
    /// What, and why.
    pub text: String,
    /// Where.
    pub place: Option<Place>,
}

/// Changes that together make it work.
#[derive(Clone, Debug)]
pub struct Repair {
    /// What to change.
    pub steps: Vec<Step>,
    /// Why it works then: lower case, no period.
    pub then: String,
    /// In which of the deployments; empty: in all that the question is about.
    pub within: Vec<Guard>,
}

/// One change.
#[derive(Clone, Debug)]
pub struct Step {
    /// What to do: lower case, no period.
    pub text: String,
    /// The policy or resource to change.
    pub place: Option<Place>,
    /// The statement to add, as CloudFormation has it.
    pub statement: Option<serde_json::Value>,
    /// The same as code, where the resource comes from CDK.
    pub code: Option<String>,
}

/// Everything that is put together for one question.
struct Question<'q> {
    estate: &'q Estate,
    entry: Option<&'q PrincipalEntry>,
    /// The principal's name in sentences.
    holder: String,
    is_service: bool,
    which: &'q Which<'q>,
    asker: &'q Asker<'q>,
    side: &'q KeySide<'q>,
    action: Action,
    means: Means,
    same_account: Truth,
}

/// Answers a question about an estate.
///
/// # Errors
/// The principal or the key is not in view, or the name fits several.
pub fn why(estate: &Estate, principal: &str, action: Action, key: &str) -> Result<Why, NotOne> {
    let who = find::principal(estate, principal)?;
    let (entry, asker, kind) = match &who {
        Who::Entry(_, entry) => (Some(*entry), Asker::of(entry), entry_kind(entry.kind)),
        Who::Outsider(caller) => (None, Asker::outsider(caller.as_ref().clone()), caller_kind(caller.kind)),
    };
    let which = find::key(estate, key, entry.map(|entry| entry.stack))?;
    let side = key_side(&which.key);
    let question = Question {
        estate,
        entry,
        holder: entry.map_or(principal, |entry| &entry.name).to_owned(),
        is_service: kind == "service",
        which: &which,
        asker: &asker,
        side: &side,
        action,
        means: means(estate, &who, &which),
        same_account: if kind == "service" { Truth::Yes } else { asker.account().equals(&which.key.account) },
    };
    let party = Party {
        name: question.holder.clone(),
        kind,
        arn: entry.map_or_else(|| principal.to_owned(), |entry| entry.arn.to_string()),
        place: entry.filter(|entry| entry.declared).map(|entry| estate.place(entry.site)),
    };
    let verdicts = question.verdicts();
    let worlds = verdicts.iter().map(|world| question.world(world)).collect();
    let notes = question.notes(&verdicts);
    Ok(Why { principal: party, action: action.name().to_owned(), key: key_party(estate, &which.key), worlds, notes })
}

fn means(estate: &Estate, who: &Who<'_>, which: &Which<'_>) -> Means {
    match (who, which.id) {
        (Who::Entry(principal, _), Some(key)) => Means::of(estate, *principal, key),
        (who, _) => Means {
            key_policy: matches!(which.key.policy, KeyPolicy::Document(_) | KeyPolicy::Default),
            naming: matches!(who, Who::Outsider(_)),
            identity: !matches!(who, Who::Outsider(caller) if is_service_linked(&caller.arn)),
        },
    }
}

const fn entry_kind(kind: PrincipalKind) -> &'static str {
    match kind {
        PrincipalKind::Role => "role",
        PrincipalKind::User => "user",
        PrincipalKind::Group => "group",
        PrincipalKind::Unattached => "holder of a managed policy",
    }
}

const fn caller_kind(kind: CallerKind) -> &'static str {
    match kind {
        CallerKind::Role => "role",
        CallerKind::User => "user",
        CallerKind::Session => "session",
        CallerKind::Root => "root user",
        CallerKind::Service => "service",
        CallerKind::Anyone => "principal",
    }
}

fn key_party(estate: &Estate, key: &Key) -> Party {
    let kind = match &key.origin {
        KeyOrigin::Declared { .. } => "key",
        KeyOrigin::Imported => "key from elsewhere",
        KeyOrigin::AwsManaged { .. } => "AWS managed key",
    };
    Party { name: key.name.clone(), kind, arn: key.arn.to_string(), place: key.site.map(|site| estate.place(site)) }
}

/// The place of something in a stack; none for what stands in no file.
fn place(estate: &Estate, stack: Option<StackId>, span: Span) -> Option<Place> {
    let is_written = span.end > span.start;
    stack.filter(|_| is_written).map(|stack| estate.place(Site { stack, span }))
}

impl Question<'_> {
    fn verdicts(&self) -> Vec<WorldVerdict<'_>> {
        let Some(under) = self.together() else { return Vec::new() };
        self.asker.may(self.estate, &under, self.side, self.action)
    }

    /// When both the principal and the key are there.
    fn together(&self) -> Option<Guard> {
        let principal = self.entry.map_or(Guard::ALWAYS, |entry| entry.guard.clone());
        let key = match &self.which.key.origin {
            KeyOrigin::Declared { fact } => self.estate.facts.get(*fact).map(|fact| &fact.guard),
            KeyOrigin::Imported | KeyOrigin::AwsManaged { .. } => None,
        };
        principal.and(key.unwrap_or(&Guard::ALWAYS)).filter(|guard| self.estate.feasible(guard))
    }

    fn world(&self, world: &WorldVerdict<'_>) -> World {
        let answer = answer(world);
        let is_open = matches!(answer, Answer::Denied | Answer::DeniedExplicitly | Answer::Undecided);
        let causes = if answer == Answer::Undecided { world.verdict.unknown.as_slice() } else { &[] };
        let mut unknown: Vec<Unknown> = Vec::new();
        for cause in causes {
            let one = Unknown { text: cause.why.clone(), place: self.place_of(cause.span) };
            if !unknown.contains(&one) {
                unknown.push(one);
            }
        }
        World {
            guard: world.guard.clone(),
            answer,
            reasons: self.reasons(world, answer),
            policies: self.policies(world, answer),
            unknown,
            repairs: if is_open { self.repairs(&world.guard) } else { Vec::new() },
        }
    }
}

impl Question<'_> {
    /// The place of something in whichever stack.
    fn place_of(&self, span: Span) -> Option<Place> {
        let is_in = |template: usize| self.estate.templates.get(template).is_some_and(|one| one.file == span.file);
        let stack = self.estate.stacks.iter().find(|stack| is_in(stack.template));
        place(self.estate, stack.map(|stack| stack.id), span)
    }
}

fn answer(world: &WorldVerdict<'_>) -> Answer {
    match world.verdict.decision {
        Decision::Allow => Answer::Allowed,
        Decision::ExplicitDeny => Answer::DeniedExplicitly,
        Decision::ImplicitDeny => Answer::Denied,
        Decision::Undecided if world.verdict.allowed == Truth::No => Answer::Denied,
        Decision::Undecided if world.verdict.met || world.verdict.causes().next().is_none() => Answer::Conditional,
        Decision::Undecided => Answer::Undecided,
    }
}

impl Question<'_> {
    /// What there is to say of the question as a whole.
    fn notes(&self, worlds: &[WorldVerdict<'_>]) -> Vec<String> {
        let info = self.action.info();
        let (action, key) = (self.action.name(), &self.which.key.name);
        let mut notes = Vec::new();
        let lacks_key = |world: &WorldVerdict<'_>| {
            world.verdict.allowed == Truth::No && world.verdict.sides.contains(&Side::KeyPolicy)
        };
        let is_named = self.entry.is_some_and(|entry| matches!(entry.kind, PrincipalKind::Role | PrincipalKind::User));
        if self.means.key_policy && !self.means.naming && is_named && worlds.iter().any(lacks_key) {
            let holder = &self.holder;
            notes.push(format!(
                "the key policy should not name `{holder}`: it can only be created after `{key}`, so that would close a cycle"
            ));
        }
        if info.on_alias && info.on_key {
            notes.push(format!("`{action}` also needs to be allowed on the alias, which only IAM policies can do"));
        }
        if !info.on_key {
            notes.push(format!("`{action}` is about no key: only IAM policies on `*` give it"));
        }
        let is_symbolic = self.asker.account().as_literal().is_some() != self.which.key.account.as_literal().is_some();
        if is_symbolic && !self.is_service && worlds.iter().any(|world| answer(world) == Answer::Undecided) {
            notes.push("no template tells in which account its stacks are: `--account` says so".to_owned());
        }
        let has_no_list = self.which.key.described.as_ref().is_some_and(|known| !known.grants_listed);
        let policy_decides = matches!(self.which.key.policy, KeyPolicy::Document(_));
        if info.grant_operation && has_no_list && policy_decides && worlds.iter().any(lacks_key) {
            notes.push(format!(
                "a KMS grant on `{key}` would give it beside all policies: what `aws kms list-grants` prints is not in the inventory"
            ));
        }
        if let (KeyOrigin::Imported, KeyPolicy::Unknown(_)) = (&self.which.key.origin, &self.which.key.policy) {
            notes.push(format!(
                "what decides is the policy of `{key}`, where the key is owned: it has to trust the account or name `{}`",
                self.holder
            ));
        }
        notes
    }
}
