//! The actions of KMS, and patterns over them.

mod table;

pub use table::ACTIONS;

use crate::resolve::Text;

/// An action of KMS: an index into [`ACTIONS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Action(pub u8);

/// Whether an action can work on a key of another account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrossAccount {
    /// It can.
    Yes,
    /// It never does: a policy that allows it has no effect.
    No,
    /// It has no key (`ListKeys`, `CreateKey`).
    NotApplicable,
}

/// What is known of an action.
#[derive(Debug)]
pub struct ActionInfo {
    /// `kms:Decrypt`, in AWS's spelling.
    pub name: &'static str,
    /// Whether it works on a key.
    pub on_key: bool,
    /// Whether it works on an alias.
    pub on_alias: bool,
    /// Across accounts.
    pub cross_account: CrossAccount,
    /// Whether a KMS grant can give it.
    pub grant_operation: bool,
    /// Whether it is a cryptographic operation.
    pub cryptographic: bool,
    /// Whether only IAM policies can give it: it has no effect in a key policy.
    pub iam_only: bool,
    /// Key specs and usages it works with: `any`, or spellings of `data/kms_actions.json`'s `valid_keys`.
    pub valid_keys: &'static [&'static str],
}

/// An action as written in a policy: with `*` and `?`, any case, of any service, perhaps with holes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionPattern {
    /// As written.
    pub text: Text,
}
