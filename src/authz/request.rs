//! What is asked: who, what, on which key, with which policies, in which context.

use super::caller::Caller;
use super::context::{Context, ContextValue};
use crate::policy::{Action, ConditionKey, KeyPolicy, Policy, Version, aws_managed_policy, default_policy};
use crate::resolve::{Cause, Guard, Text, Truth};
use crate::source::{FileId, Span};

/// The key that is asked for.
#[derive(Clone, Debug)]
pub struct KeySide<'p> {
    /// Its ARN.
    pub arn: Text,
    /// The account that owns it.
    pub account: Text,
    /// Its policy, as far as it is in view.
    pub policy: &'p KeyPolicy,
    /// Where it is declared or named: the place of statements that nobody wrote.
    pub site: Span,
    /// The statements of a policy that nobody wrote.
    builtin: Option<Policy>,
    /// What KMS grants on it give.
    granted: Option<&'p Policy>,
    /// Condition keys that follow from it.
    facts: Context,
}

/// A policy without statements.
pub(super) static NOTHING: Policy = Policy {
    span: Span { file: FileId(0), start: 0, end: 0 },
    version: Version::V2012,
    statements: Vec::new(),
    unknown: Vec::new(),
};

impl<'p> KeySide<'p> {
    /// A key with its policy, and the place where it is declared or named.
    #[must_use]
    pub fn new(arn: Text, account: Text, policy: &'p KeyPolicy, site: Span) -> Self {
        let builtin = match policy {
            KeyPolicy::Document(_) | KeyPolicy::Unknown(_) => None,
            KeyPolicy::Default => Some(default_policy(&account, site)),
            KeyPolicy::AwsManaged(service) => Some(aws_managed_policy(service, &account, site)),
        };
        let mut facts = Context::open();
        facts.set("aws:ResourceAccount", ContextValue::One(account.clone()));
        if let Some(region) = super::matching::arn_part(&arn, 3) {
            facts.set("aws:RequestedRegion", ContextValue::One(region));
        }
        // KMS answers over TLS only.
        facts.set("aws:SecureTransport", ContextValue::IfPresent(Text::literal("true")));
        for key in ["aws:CurrentTime", "aws:EpochTime"] {
            facts.set(key, ContextValue::Present);
        }
        Self { arn, account, policy, site, builtin, granted: None, facts: facts.fixed() }
    }

    /// Says a property of the key that is a condition key: `kms:KeySpec`, `kms:KeyUsage`, `kms:MultiRegion`, `aws:ResourceTag/team`.
    #[must_use]
    pub fn with(mut self, key: &str, value: ContextValue) -> Self {
        self.facts.set(key, value);
        self
    }

    /// Says what KMS grants on the key give, as statements of a policy.
    #[must_use]
    pub fn with_grants(mut self, granted: Option<&'p Policy>) -> Self {
        self.granted = granted;
        self
    }

    /// The same key with another policy.
    pub(super) fn with_policy<'q>(&self, policy: &'q KeyPolicy) -> KeySide<'q>
    where
        'p: 'q,
    {
        let bare = KeySide::new(self.arn.clone(), self.account.clone(), policy, self.site);
        KeySide { facts: self.facts.clone(), granted: self.granted, ..bare }
    }

    /// What KMS grants give; none where there are none.
    pub(super) fn granted(&self) -> Option<&'p Policy> {
        self.granted
    }

    /// Says all aliases of the key (`alias/x`).
    #[must_use]
    pub fn with_aliases(self, aliases: Vec<Text>) -> Self {
        let value = if aliases.is_empty() { ContextValue::Absent } else { ContextValue::Many(aliases) };
        self.with("kms:ResourceAliases", value)
    }

    /// The statements, written or built in; what hides them where none are in view.
    pub(super) fn statements(&self) -> Result<&Policy, &'p Cause> {
        match self.policy {
            KeyPolicy::Unknown(cause) => Err(cause),
            KeyPolicy::Document(policy) => Ok(policy),
            KeyPolicy::Default | KeyPolicy::AwsManaged(_) => Ok(self.builtin.as_ref().unwrap_or(&NOTHING)),
        }
    }
}

/// What an attached policy says.
#[derive(Clone, Debug)]
pub enum Attached<'p> {
    /// A document.
    Document(&'p Policy),
    /// Not in view: it may allow and deny anything.
    Unknown(Cause),
}

/// A policy attached to the caller.
#[derive(Clone, Debug)]
pub struct IdentityPolicy<'p> {
    /// When it is attached.
    pub guard: Guard,
    /// What it says.
    pub policy: Attached<'p>,
}

impl<'p> IdentityPolicy<'p> {
    /// A document that is attached in every deployment.
    #[must_use]
    pub fn always(policy: &'p Policy) -> Self {
        Self { guard: Guard::ALWAYS, policy: Attached::Document(policy) }
    }
}

/// The question.
#[derive(Clone, Copy, Debug)]
pub struct Request<'p> {
    /// Who.
    pub caller: &'p Caller,
    /// Every identity policy in effect for the caller.
    pub identity: &'p [IdentityPolicy<'p>],
    /// The caller's permissions boundary: none, or one; alternatives carry exclusive guards.
    pub boundary: &'p [IdentityPolicy<'p>],
    /// On which key.
    pub key: &'p KeySide<'p>,
    /// What.
    pub action: Action,
    /// What else is known of the request.
    pub context: &'p Context,
}

static ABSENT: ContextValue = ContextValue::Absent;
static UNKNOWN: ContextValue = ContextValue::Unknown;

impl<'p> Request<'p> {
    /// The value of a condition key (in lower case) in this request.
    #[must_use]
    pub fn value(&self, folded: &str) -> &'p ContextValue {
        self.hashed(folded, ConditionKey::hash(folded))
    }

    /// The same for a key as a policy has it.
    pub(super) fn value_of(&self, key: &ConditionKey) -> &'p ContextValue {
        self.hashed(&key.folded, key.hashed())
    }

    fn hashed(&self, folded: &str, hash: u32) -> &'p ContextValue {
        if let Some(value) = self.context.hashed(folded, hash) {
            return value;
        }
        if self.context.is_complete() || self.action.carries(folded) == Truth::No {
            return &ABSENT;
        }
        self.caller.fact(folded, hash).or_else(|| self.key.facts.hashed(folded, hash)).unwrap_or(&UNKNOWN)
    }
}
