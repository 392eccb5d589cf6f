//! Who may do what with which key, and through what: every grant in view with what becomes of it.
//!
//! The engine decides each action; this module says whom to ask about which key, and puts actions with the same answer together.

mod filter;
mod interest;
mod outcome;
mod row;

pub use filter::{Filter, NothingMeant};

use crate::authz::{Asker, Caller, KeySide, key_side};
use crate::estate::{Estate, Key, KeyId, PrincipalId};
use crate::finding::{Certainty, Place};
use crate::policy::Action;
use crate::resolve::{Guard, Symbol, Text, Truth};
use crate::source::Span;
use filter::Wanted;
use interest::{Asked, Interest, Interests, Subject};
use outcome::{Cited, Class};
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Fewer pairs of principal and key than this are decided without starting threads.
const FEW: usize = 64;

/// What a grant comes to, with all policies in view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It lets the principal do it, where its conditions hold.
    Effective,
    /// It does not.
    Ineffective,
    /// Cannot be known from here.
    Undecided,
}

/// How a principal gets an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Through {
    /// The key policy alone admits it.
    KeyPolicy,
    /// The key policy trusts the account, and an IAM policy gives it.
    Delegation,
    /// Each of these two ways is open.
    Either,
    /// Across accounts: the key policy and an IAM policy.
    BothSides,
    /// A KMS grant on the key.
    Grant,
    /// The key policy trusts the account: whoever has an IAM policy there that gives it.
    Trust,
}

/// A principal or a key, as people name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Party {
    /// `role`, `user`, `group`, `holder` (of an unattached policy), `account`, `service`, `everyone`, `identity`; of keys `declared`,
    /// `imported`, `aws-managed`, `pattern`, `reference` (which names no key).
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Its ARN, where it has one; unknown parts as `${…}`.
    pub arn: Option<String>,
    /// The stack that declares it.
    pub stack: Option<String>,
    /// The construct path of its resource.
    pub construct: Option<String>,
    /// Where it is declared.
    pub declared: Option<Span>,
    /// Which one of the estate it is.
    pub(super) known: Option<Known>,
}

/// A principal or a key of the estate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Known {
    Principal(PrincipalId),
    Key(KeyId),
}

impl Party {
    /// One of whom nothing but the name is known.
    fn called(kind: &'static str, name: String) -> Self {
        Self { kind, name, arn: None, stack: None, construct: None, declared: None, known: None }
    }
}

/// A statement that takes part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Which one: ``policy of key `DataKey`, statement `Admin` ``.
    pub text: String,
    /// Where it is written, if it is.
    pub place: Option<Place>,
}

/// What a principal can do with a key in one way.
#[derive(Clone, Debug)]
pub struct Row {
    /// Who.
    pub principal: Party,
    /// On which key.
    pub key: Party,
    /// The actions: as written where a pattern fares alike as a whole, else by name.
    pub actions: Vec<String>,
    /// The same actions as a pattern and what is missing of it, where that says it in far fewer words.
    pub all_but: Option<AllBut>,
    /// What it comes to.
    pub outcome: Outcome,
    /// Through what, where it is effective.
    pub through: Option<Through>,
    /// What a request must meet; all of these.
    pub conditions: Vec<String>,
    /// Why it is ineffective or undecided.
    pub why: Option<String>,
    /// In which deployments.
    pub when: Certainty,
    /// The statements that take part.
    pub evidence: Vec<Evidence>,
}

/// Most of what a pattern covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllBut {
    /// The pattern as written.
    pub pattern: String,
    /// The names of the actions that it covers and that are not meant.
    pub missing: Vec<String>,
}

/// Every grant in view that a filter lets through: by key in the order of the estate, then patterns and what names no key.
///
/// # Errors
/// A filter without wildcards names nothing in view.
pub fn grants(estate: &Estate, filter: &Filter) -> Result<Vec<Row>, NothingMeant> {
    let wanted = Wanted::of(estate, filter)?;
    let interests = Interests::of(estate, &wanted);
    let people = People::of(estate, &interests);
    let decide = |((key, subject), interest): (&(KeyId, Subject), &Interest<'_>)| {
        estate.key(*key).map(|known| decided(estate, (*key, known), subject, interest, &people)).unwrap_or_default()
    };
    let mut rows: Vec<Row> = if interests.decided.len() < FEW {
        interests.decided.iter().flat_map(decide).collect()
    } else {
        let rows: Vec<Vec<Row>> = interests.decided.par_iter().map(decide).collect();
        rows.into_iter().flatten().collect()
    };
    let mut settled = interests.settled;
    settled.sort_by(|a, b| (&a.key, &a.principal, &a.actions).cmp(&(&b.key, &b.principal, &b.actions)));
    rows.extend(settled);
    Ok(rows)
}

/// Everyone who is asked for more than one key, made once.
struct People<'e> {
    entries: BTreeMap<PrincipalId, Asker<'e>>,
    everyone: Asker<'e>,
    keys: BTreeMap<KeyId, KeySide<'e>>,
}

impl<'e> People<'e> {
    fn of(estate: &'e Estate, interests: &Interests<'e>) -> Self {
        let mut entries = BTreeMap::new();
        let mut keys = BTreeMap::new();
        for (id, subject) in interests.decided.keys() {
            if let Some(key) = estate.key(*id) {
                keys.entry(*id).or_insert_with(|| key_side(key));
            }
            if let Subject::Entry(principal) = subject
                && let Some(entry) = estate.principal(*principal)
            {
                entries.entry(*principal).or_insert_with(|| Asker::of(entry));
            }
        }
        let any = Text::symbol(Symbol::Derived("${any account}".to_owned()));
        Self { entries, everyone: Asker::trusted_with_everything(&any), keys }
    }
}

/// The rows of one principal and one key.
fn decided(
    estate: &Estate,
    (id, key): (KeyId, &Key),
    subject: &Subject,
    interest: &Interest<'_>,
    people: &People<'_>,
) -> Vec<Row> {
    let Some(side) = people.keys.get(&id) else { return Vec::new() };
    let asker = match subject {
        Subject::Entry(principal) => match people.entries.get(principal) {
            Some(asker) => Cow::Borrowed(asker),
            None => return Vec::new(),
        },
        Subject::Everyone | Subject::EveryoneElse => Cow::Borrowed(&people.everyone),
        Subject::Account(account) => Cow::Owned(Asker::trusted_with_everything(account)),
        Subject::Service(name) => Cow::Owned(Asker::bare(Caller::service(name.clone()))),
        Subject::Named(arn) => {
            let Some(caller) = Caller::of_text(arn) else { return Vec::new() };
            let is_at_home = caller.account.equals(&key.account) == Truth::Yes;
            Cow::Owned(if is_at_home { Asker::bare(caller) } else { Asker::outsider(caller) })
        }
    };
    let in_view = match subject {
        Subject::Entry(_) => asker.in_view(),
        // Nobody knows a policy of it: what is left to see is a KMS grant, which needs none.
        Subject::Named(_) if key.granted.is_some() => asker.in_view(),
        _ => None,
    };
    let question = Question { estate, key, side, subject };
    let mut alike: BTreeMap<(Class, Vec<Guard>), Alike> = BTreeMap::new();
    for (action, asked) in &interest.actions {
        let mut answers = question.put(&asker, *action, asked);
        if let Some(in_view) =
            in_view.as_ref().filter(|_| answers.keys().any(|class| class.outcome == Outcome::Undecided))
        {
            let seen = question.put(in_view, *action, asked);
            let by_grant = seen.keys().all(|class| class.through == Some(Through::Grant));
            if by_grant || matches!(subject, Subject::Entry(_)) {
                answers = seen_so_far(answers, seen);
            }
        }
        for (class, (mut guards, cited)) in answers {
            guards.sort();
            guards.dedup();
            let known = alike.entry((class, guards)).or_default();
            known.actions.insert(*action);
            known.cited.extend(cited);
        }
    }
    let row = |((class, guards), alike)| row::of(estate, (id, key), subject, interest, class, guards, &alike);
    alike.into_iter().map(row).collect()
}

/// Actions that fare alike, with the statements that take part.
#[derive(Debug, Default)]
struct Alike {
    actions: BTreeSet<Action>,
    cited: BTreeSet<Cited>,
}

/// What becomes of an action, each with its guards and statements.
type Answers = BTreeMap<Class, (Vec<Guard>, Vec<Cited>)>;

/// Who is asked for on which key.
struct Question<'q, 'e> {
    estate: &'q Estate,
    key: &'q Key,
    side: &'q KeySide<'e>,
    subject: &'q Subject,
}

impl<'e> Question<'_, 'e> {
    fn put(&self, asker: &Asker<'e>, action: Action, asked: &Asked) -> Answers {
        let mut answers = Answers::new();
        for under in &asked.guards {
            let beside = asker.beside_provider(self.estate, under);
            let asker = beside.as_ref().unwrap_or(asker);
            for world in asker.may(self.estate, under, self.side, action) {
                let class = outcome::class(self.estate, self.key, self.subject, action, asked.by_name, &world.verdict);
                if let Some((class, cited)) = class {
                    let (guards, known) = answers.entry(class).or_default();
                    guards.push(world.guard);
                    known.extend(cited);
                }
            }
        }
        answers
    }
}

/// What is effective by the policies in view stays so, unless one that is not in view forbids it. Everything else is as it is with all.
fn seen_so_far(with_all: Answers, in_view: Answers) -> Answers {
    let is_effective = |answers: &Answers| answers.keys().all(|class| class.outcome == Outcome::Effective);
    if in_view.is_empty() || !is_effective(&in_view) {
        return with_all;
    }
    let marked = in_view.into_iter().map(|(mut class, rest)| {
        class.conditions.push("not where a policy that is not in view forbids it".to_owned());
        (class, rest)
    });
    marked.collect()
}
