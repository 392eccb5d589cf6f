//! The decision: may this principal do this with this key, and why.
//!
//! One engine for everything: `check`, and every command that explains or lists grants. It decides per action on concrete requests and on
//! requests with holes: three answers, and what must still hold (the residual).

mod apply;
mod ask;
mod caller;
mod condition;
mod context;
mod decide;
mod exclude;
mod matching;
mod near;
mod reach;
mod repair;
mod request;
mod residual;
mod sums;
mod survey;
mod values;
pub mod vector;
mod world;
mod worlds;

pub use ask::{Asker, key_side};
pub use caller::{Caller, CallerKind};
pub use context::{Context, ContextValue};
pub use decide::decide;
pub use near::{Misfit, NearMiss, near_misses};
pub use repair::{Addition, Change, Means, Repair, Wish, repairs};
pub use request::{Attached, IdentityPolicy, KeySide, Request};
pub use residual::words_of;
pub use survey::{Accounts, Surveyed, survey};
pub use worlds::{WorldVerdict, decide_in_worlds};

use crate::policy::{Effect, Statement};
use crate::resolve::{Cause, Truth};
use crate::source::Span;
use smallvec::SmallVec;

/// Which policy a statement belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyRef {
    /// The key's policy.
    Key,
    /// The KMS grants on the key: a statement for each thing that one gives.
    Grants,
    /// An identity policy of the caller, by its place in the request.
    Identity(usize),
    /// The caller's permissions boundary.
    Boundary,
}

/// How a key policy statement's principal matched, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalMatch {
    /// The caller's own user ARN or exact session ARN.
    Own,
    /// `*`.
    Wildcard,
    /// The ARN of the caller's role.
    Role,
    /// The caller's account.
    Account,
    /// A `NotPrincipal` that does not spare the caller.
    NotPrincipal,
}

/// A statement that takes part in a decision.
#[derive(Clone, Debug)]
pub struct Applied<'p> {
    /// Which policy.
    pub policy: PolicyRef,
    /// The statement.
    pub statement: &'p Statement,
    /// What it does.
    pub effect: Effect,
    /// How its principal matched, in a key policy or a KMS grant.
    pub principal_match: Option<PrincipalMatch>,
    /// What must still hold for it to apply; empty: it applies.
    pub residual: Vec<Residual>,
    /// Whether the answer could change with what is not known about it.
    pub matters: bool,
}

/// Something that must hold for a statement to apply and that cannot be known from here.
#[derive(Clone, Debug, PartialEq)]
pub enum Residual {
    /// A condition on the request: some requests meet it, others do not.
    Request {
        /// The condition.
        span: Span,
        /// In words: `kms:ViaService is s3.eu-west-1.amazonaws.com`.
        words: String,
    },
    /// Something in the templates that could not be read or compared.
    Unresolved(Cause),
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// Permitted.
    Allow,
    /// A `Deny` applies.
    ExplicitDeny,
    /// Nothing permits it.
    ImplicitDeny,
    /// Cannot be known from here: see the residuals of the statements.
    Undecided,
}

/// A side of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The permissions boundary.
    Boundary,
    /// Identity policies.
    Identity,
    /// The key policy.
    KeyPolicy,
    /// KMS grants on the key. They can do without any policy, so what is not permitted never lacks one.
    Grants,
}

/// How a request is permitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// The key policy alone admits the caller.
    KeyPolicy,
    /// The key policy trusts the account, and an identity policy gives the permission.
    Delegation,
    /// Each of these two ways is open.
    Either,
    /// Across accounts: key policy and identity policy.
    BothSides,
    /// A KMS grant on the key, and no policy.
    Grant,
}

/// The answer with its evidence.
#[derive(Clone, Debug)]
pub struct Verdict<'p> {
    /// The answer.
    pub decision: Decision,
    /// Whether it is permitted: no also where only the kind of denial cannot be known.
    pub allowed: Truth,
    /// Whether requests that meet the conditions of the statements are permitted, whatever else could not be read or compared. Only what is
    /// certain in this way is told of a request whose answer is [`Decision::Undecided`].
    pub met: bool,
    /// How it is permitted, where the answer is [`Decision::Allow`].
    pub way: Option<Way>,
    /// The sides that decided: on allow, those that were needed; on explicit deny, those with a deny; on implicit deny, those that lack an
    /// allow; undecided: none.
    pub sides: SmallVec<[Side; 3]>,
    /// Whether key policy and identity policies both allow it, each under conditions that exclude those of the other.
    pub contradictory: bool,
    /// Every statement that applies or might, in the order key policy, KMS grants, identity policies,
    /// boundary.
    pub statements: SmallVec<[Applied<'p>; 3]>,
    /// Parts of policies that could not be read and could change the answer.
    pub unknown: Vec<Cause>,
}

impl Verdict<'_> {
    /// What could not be read or compared and could change the answer. Conditions on the request are not among it: some requests meet them.
    pub fn causes(&self) -> impl Iterator<Item = &Cause> {
        let mattering = self.statements.iter().filter(|applied| applied.matters);
        let residuals = mattering.flat_map(|applied| &applied.residual);
        let unresolved = residuals.filter_map(|residual| match residual {
            Residual::Unresolved(cause) => Some(cause),
            Residual::Request { .. } => None,
        });
        self.unknown.iter().chain(unresolved)
    }
}
