//! The estate as a picture: principals, keys, aliases and consumers, stack by stack, what links them, and the circles among them.
//!
//! Links go one way: a principal is granted a key, a key is called by an alias, a key or an alias serves a consumer. What becomes of a grant is
//! what [`grants`](super::grants) says of it; which parts need each other in a circle, what the estate says.

mod circles;
mod draft;
mod uses;

use super::grants::{Evidence, Filter, Known, Outcome, Row, Through, grants};
use crate::estate::Estate;
use crate::finding::{Certainty, Place};
use crate::source::FileId;
use draft::{Draft, Drawn, Spot};

/// The picture. Indices lead into its own lists.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// All stacks, in the order of the estate, those without nodes too.
    pub stacks: Vec<Stack>,
    /// Principals, keys, aliases, consumers, and other resources of cycles, in this order.
    pub nodes: Vec<Node>,
    /// What links them.
    pub edges: Vec<Edge>,
    /// Parts that need each other in a circle.
    pub cycles: Vec<Cycle>,
}

/// A stack.
#[derive(Clone, Debug)]
pub struct Stack {
    /// What no other stack is called: `stack:` and its name, with a number where two have the same.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The file of its template.
    pub template: Option<FileId>,
    /// Its account, where it is known.
    pub account: Option<String>,
    /// Its Region, where it is known.
    pub region: Option<String>,
    /// The stack in which it is nested.
    pub parent: Option<usize>,
    /// The cycles of which it is a part as a whole.
    pub cycles: Vec<usize>,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Who is granted something.
    Principal,
    /// A key, a pattern over keys, or a text that names no key in view.
    Key,
    /// A name of a key.
    Alias,
    /// A resource with a property that names a key.
    Consumer,
    /// A resource that is only part of a cycle.
    Resource,
}

/// A principal, a key, an alias or a consumer.
#[derive(Clone, Debug)]
pub struct Node {
    /// What no other node is called, the same in every run: `key:keys/OrdersKey`.
    pub id: String,
    /// What it is.
    pub part: Part,
    /// Which kind of that: of principals and keys as in [`grants`](super::grants::Party), of resources their type; of aliases `declared` or
    /// `imported`.
    pub kind: String,
    /// Its name for people.
    pub label: String,
    /// The stack that declares it.
    pub stack: Option<usize>,
    /// Its ARN, where it has one; unknown parts as `${…}`.
    pub arn: Option<String>,
    /// The construct path of its resource.
    pub construct: Option<String>,
    /// Where it is declared.
    pub place: Option<Place>,
    /// The cycles of which it is a part.
    pub cycles: Vec<usize>,
}

/// An end of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// A node.
    Node(usize),
    /// A stack as a whole: in cycles only.
    Stack(usize),
}

/// What an edge means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Link {
    /// From a principal to a key: what policies give.
    Grant,
    /// From a key to its alias.
    Alias,
    /// From a key or an alias to the resource that names it.
    Use,
    /// A step of a cycle: the one needs the other first.
    Need,
}

/// A link of two nodes, in one way.
#[derive(Clone, Debug)]
pub struct Edge {
    /// What no other edge is called: its ends, with a number where there are several.
    pub id: String,
    /// Where it begins.
    pub from: End,
    /// Where it ends.
    pub to: End,
    /// What it means.
    pub link: Link,
    /// What it comes to: for aliases and consumers, whether what is named is a key. None for a step of a cycle.
    pub outcome: Option<Outcome>,
    /// Through what a grant is effective.
    pub through: Option<Through>,
    /// The actions of a grant.
    pub actions: Vec<String>,
    /// The property by which a consumer names the key: `BucketEncryption.…*.KMSMasterKeyID`.
    pub property: Option<String>,
    /// What a request must meet; all of these.
    pub conditions: Vec<String>,
    /// Why it is ineffective or undecided.
    pub why: Option<String>,
    /// In which deployments.
    pub when: Certainty,
    /// The statements and properties that say so.
    pub evidence: Vec<Evidence>,
    /// The cycles that it closes.
    pub cycles: Vec<usize>,
}

/// What kind of circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CycleKind {
    /// Of resources of one template: CloudFormation refuses it.
    Resources,
    /// Of stacks: none can be deployed first.
    Stacks,
    /// CloudFormation does not see it, and KMS refuses the key policy.
    Latent,
}

/// Parts that need each other in a circle.
#[derive(Clone, Debug)]
pub struct Cycle {
    /// What no other cycle is called.
    pub id: String,
    /// Its kind.
    pub kind: CycleKind,
    /// Whether it is certain that it can be closed: else conditions are too many to tell.
    pub certain: bool,
    /// The key or alias that it is about.
    pub key: usize,
    /// What is the matter: one line.
    pub text: String,
    /// In which deployments.
    pub when: Certainty,
    /// Its steps, as indices of edges.
    pub steps: Vec<usize>,
}

/// The picture of everything in view.
#[must_use]
pub fn graph(estate: &Estate) -> Graph {
    let mut draft = Draft::new(estate);
    // Without a filter there is none that could mean nothing.
    for row in grants(estate, &Filter::default()).unwrap_or_default() {
        grant(&mut draft, row);
    }
    uses::aliases(&mut draft);
    uses::consumers(&mut draft);
    circles::circles(&mut draft);
    draft.finish()
}

fn grant(draft: &mut Draft<'_>, mut row: Row) {
    row.evidence.extend(silent_policy(draft.estate, &row));
    let from = draft.principal(&row.principal);
    let to = draft.granted(&row.key, &row.principal);
    draft.edges.push(Drawn {
        outcome: Some(row.outcome),
        through: row.through,
        actions: row.actions,
        conditions: row.conditions,
        why: row.why,
        when: row.when,
        evidence: row.evidence,
        ..Drawn::between(Spot::Node(from), Spot::Node(to), Link::Grant)
    });
}

/// The key policy as a whole, where a grant has no effect and no statement of it takes part: that none does, is the reason.
fn silent_policy(estate: &Estate, row: &Row) -> Option<Evidence> {
    let Some(Known::Key(id)) = row.key.known else { return None };
    let site = estate.key(id)?.policy_site.filter(|_| row.outcome == Outcome::Ineffective)?;
    let is_in_it = |place: &Place| site.span.contains(&place.span);
    if row.evidence.iter().filter_map(|evidence| evidence.place.as_ref()).any(is_in_it) {
        return None;
    }
    Some(Evidence { text: format!("policy of key `{}`, as a whole", row.key.name), place: Some(estate.place(site)) })
}
