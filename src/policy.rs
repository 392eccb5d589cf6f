//! Policy documents: the grammar of IAM and KMS policies, with guards and holes, but without deciding anything.
//!
//! A document may be a map, a JSON string, or depend on conditions at any level; all of it lowers to the same [`Policy`].

mod actions;
mod builtin;
mod condition;
mod covered;
mod json;
mod managed;
mod narrow;
mod parse;
mod principal;

pub use actions::{
    ACTIONS, Action, ActionInfo, ActionPattern, CONDITION_KEYS, ConditionKeyInfo, CrossAccount, ValueType,
};
pub(crate) use builtin::{allow, always, condition as condition_of};
pub use builtin::{aws_managed_policy, default_policy};
pub use condition::{Condition, ConditionKey, Operator, OperatorKind, SetOperator};
pub use covered::Actions;
pub(crate) use json::read as read_json;
pub use json::valued;
pub use managed::aws_managed;
pub use narrow::Limits;
pub use parse::{PolicyKind, parse};
pub use principal::{aws_principal, is_service_linked};

use crate::resolve::{Cause, Guard, Text, Truth};
use crate::source::Span;

/// Something that holds under a guard, with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Guarded<T> {
    /// When it is there.
    pub guard: Guard,
    /// Where it is written.
    pub span: Span,
    /// What it is.
    pub value: T,
}

/// `Action` or `NotAction`, `Principal` or `NotPrincipal`, `Resource` or `NotResource`: no reader can forget the negation.
#[derive(Clone, Debug, PartialEq)]
pub enum Match<T> {
    /// These only.
    Only(Vec<Guarded<T>>),
    /// All but these.
    AllExcept(Vec<Guarded<T>>),
    /// The element is not written.
    Missing,
}

/// The policy language version: variables are expanded only under the newer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `2012-10-17`.
    V2012,
    /// `2008-10-17`, or no version.
    V2008,
    /// Anything else, or not known.
    Unknown,
}

/// A policy document.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// The document.
    pub span: Span,
    /// Its version.
    pub version: Version,
    /// Its statements in document order; exclusive statements each carry their guard.
    pub statements: Vec<Statement>,
    /// Parts of the document that cannot be read: any statement could stand there.
    pub unknown: Vec<Guarded<Cause>>,
}

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// `Allow`.
    Allow,
    /// `Deny`.
    Deny,
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// When it is there.
    pub guard: Guard,
    /// The statement.
    pub span: Span,
    /// Its place in the document, from 0, counting every alternative as written.
    pub index: usize,
    /// Its `Sid`, if it is written and known.
    pub sid: Option<String>,
    /// What it does; none where that is unknown or malformed.
    pub effect: Option<Effect>,
    /// Who (missing in identity policies).
    pub principals: Match<Principal>,
    /// What.
    pub actions: Actions,
    /// On what.
    pub resources: Match<Text>,
    /// When: all must hold.
    pub conditions: Vec<Condition>,
    /// Elements of one part that cannot be read: the part says more than it seems to, but nothing less. An effect that cannot be read.
    pub unread: Vec<(Part, Guarded<Cause>)>,
    /// Parts of the statement that cannot be read: it may say more or other things than it seems to.
    pub unknown: Vec<Guarded<Cause>>,
}

/// A part of a statement that may be unread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// `Effect`: it allows or denies what it speaks of.
    Effect,
    /// `Action` or `NotAction`.
    Actions,
    /// `Resource` or `NotResource`.
    Resources,
    /// `Condition`.
    Conditions,
}

/// Who a statement speaks of.
#[derive(Clone, Debug, PartialEq)]
pub enum Principal {
    /// `*`, also as `{"AWS": "*"}`.
    Everyone,
    /// An account: its id alone or its root ARN; the text is the 12 digits or a symbol.
    Account(Text),
    /// A user, role, role session or other identity by ARN; also text that begins with a hole, which may turn out to be any of these.
    Arn(Text),
    /// What a deleted user or role leaves behind (`AIDA…`, `AROA…`).
    UniqueId(String),
    /// A service: `s3.amazonaws.com`.
    Service(Text),
    /// A federated identity provider.
    Federated(Text),
    /// A canonical user id.
    CanonicalUser(Text),
    /// An `AWS` principal that is none of these (`arn:aws:iam::1:group/x`, `s3`, a wildcard inside an ARN), as text.
    Malformed(Text),
    /// Cannot be known from here.
    Unknown(Cause),
}

/// A key's policy as far as it is in view.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyPolicy {
    /// A document.
    Document(Policy),
    /// None was given: the default policy, which trusts the account with everything.
    Default,
    /// The policy of an AWS managed key of a service (`s3`): the account's principals through that service only.
    AwsManaged(String),
    /// Not in view.
    Unknown(Cause),
}

impl<T> Match<T> {
    /// The elements as written, whatever they mean.
    #[must_use]
    pub fn elements(&self) -> &[Guarded<T>] {
        match self {
            Self::Only(elements) | Self::AllExcept(elements) => elements,
            Self::Missing => &[],
        }
    }
}

impl Policy {
    /// A policy that says nothing.
    #[must_use]
    pub fn empty(span: Span) -> Self {
        Self { span, version: Version::V2008, statements: Vec::new(), unknown: Vec::new() }
    }
}

impl Policy {
    /// Whether some action of KMS may be among what it says, in some deployment.
    #[must_use]
    pub fn may_speak_of_keys(&self) -> bool {
        let may_cover = |statement: &Statement| Action::all().any(|action| statement.may_cover(action));
        !self.unknown.is_empty() || self.statements.iter().any(may_cover)
    }
}

impl Statement {
    /// What hides what it does: parts that cannot be read, or its effect.
    #[must_use]
    pub fn hidden(&self) -> Option<&Guarded<Cause>> {
        let effect = self.unread.iter().find(|(part, _)| *part == Part::Effect);
        self.unknown.first().or(effect.map(|(_, cause)| cause))
    }

    /// Whether it may cover an action in some deployment: nothing that it says bears on the action if not.
    #[must_use]
    pub fn may_cover(&self, action: Action) -> bool {
        let unread = self.unread.iter().any(|(part, _)| *part == Part::Actions) || !self.unknown.is_empty();
        unread || self.actions.cover(action) != Truth::No
    }
}

impl Principal {
    /// The ARN, where it is that of one user, role or session (or may turn out to be).
    #[must_use]
    pub fn as_arn(&self) -> Option<&Text> {
        match self {
            Self::Arn(arn) => Some(arn),
            Self::Everyone
            | Self::Account(_)
            | Self::UniqueId(_)
            | Self::Service(_)
            | Self::Federated(_)
            | Self::CanonicalUser(_)
            | Self::Malformed(_)
            | Self::Unknown(_) => None,
        }
    }
}

impl std::fmt::Display for Principal {
    /// As the author would write it; an account by its id.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Everyone => f.write_str("*"),
            Self::UniqueId(id) => f.write_str(id),
            Self::Account(text)
            | Self::Arn(text)
            | Self::Service(text)
            | Self::Federated(text)
            | Self::CanonicalUser(text)
            | Self::Malformed(text) => write!(f, "{text}"),
            Self::Unknown(cause) => f.write_str(&cause.why),
        }
    }
}
