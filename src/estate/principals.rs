//! Principals and the policies that are attached to them, from whichever side.

mod attach;
mod groups;
mod managed;
mod names;
mod sam;

pub(super) use attach::{principals, trusted_services};

use crate::finding::Site;
use crate::policy::{Effect, Match, Policy, Statement};
use crate::resolve::{Cause, Guard, StackId, Text};
use std::sync::Arc;

/// What kind of identity holds policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalKind {
    /// A role.
    Role,
    /// A user.
    User,
    /// A group: never a principal of a key policy, its policies count for its users.
    Group,
    /// Whoever a managed policy will be attached to.
    Unattached,
}

/// An identity that holds policies.
#[derive(Clone, Debug)]
pub struct PrincipalEntry {
    /// What it is.
    pub kind: PrincipalKind,
    /// The stack in which it is declared or named.
    pub stack: StackId,
    /// Its logical id where it is declared; the policy's logical id where it is only named by an attachment.
    pub logical: String,
    /// Whether a template declares it (else it is only named, and may have policies that are not in view).
    pub declared: bool,
    /// Its name for people: the logical id or the name it is given.
    pub name: String,
    /// Its ARN.
    pub arn: Text,
    /// Its account.
    pub account: Text,
    /// When it exists.
    pub guard: Guard,
    /// Where it is declared or named.
    pub site: Site,
    /// Policies attached to it (a user has those of its groups too).
    pub policies: Vec<AttachedPolicy>,
    /// Its permissions boundary: none, or one; alternatives carry exclusive guards.
    pub boundary: Vec<AttachedPolicy>,
    /// Services that may assume the role (`lambda.amazonaws.com`), as far as known.
    pub trusted_services: Vec<String>,
}

/// A policy in effect for a principal.
#[derive(Clone, Debug)]
pub struct AttachedPolicy {
    /// When it is attached.
    pub guard: Guard,
    /// The stack of the resource that holds the document.
    pub stack: StackId,
    /// The logical id of the resource that holds the document (the role itself, or the `AWS::IAM::Policy`).
    pub resource: String,
    /// The document, or the place of the attachment.
    pub site: Site,
    /// What it says.
    pub source: PolicySource,
}

/// Where a policy's text is.
#[derive(Clone, Debug)]
pub enum PolicySource {
    /// In view; shared by all principals to which it is attached.
    Document(Arc<Policy>),
    /// An AWS managed policy, by its name, with what it says of KMS: nobody here wrote it, so it is no document in view.
    AwsManaged(String, Arc<Policy>),
    /// Not in view.
    NotInView(Cause),
}

impl AttachedPolicy {
    /// The document, if it is in view.
    #[must_use]
    pub fn document(&self) -> Option<&Policy> {
        match &self.source {
            PolicySource::Document(policy) => Some(policy),
            PolicySource::AwsManaged(..) | PolicySource::NotInView(_) => None,
        }
    }

    /// The statements that allow some action of KMS by name.
    pub fn kms_grants(&self) -> impl Iterator<Item = &Statement> {
        let statements = self.document().map_or(&[][..], |policy| policy.statements.as_slice());
        statements.iter().filter(|statement| {
            let is_given = matches!(*statement.actions, Match::Only(_)) && statement.names_kms_action();
            statement.effect == Some(Effect::Allow) && is_given
        })
    }

    /// The resources of those statements.
    pub(super) fn kms_resources(&self) -> impl Iterator<Item = &Text> {
        self.kms_grants().flat_map(|statement| statement.resources.elements()).map(|element| &element.value)
    }
}

impl Statement {
    /// Whether an action is named that is certainly of KMS (`kms:…`); `*` alone is not.
    #[must_use]
    pub fn names_kms_action(&self) -> bool {
        self.actions.elements().iter().any(|action| action.value.is_kms())
    }
}
