//! Keys: declared, only named, or AWS managed.

use super::Fact;
use super::inventory::Described;
use crate::finding::Site;
use crate::policy::{KeyPolicy, Policy, Statement};
use crate::resolve::{StackId, Text};

/// Where a key comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyOrigin {
    /// An `AWS::KMS::Key` or `AWS::KMS::ReplicaKey`: index into [`super::Estate::facts`].
    Declared {
        /// The evaluated resource.
        fact: usize,
    },
    /// Only named by an ARN (in a template, or given by the user); its policy is in view only if the inventory has it.
    Imported,
    /// The AWS managed key of a service: `s3` for `alias/aws/s3`.
    AwsManaged {
        /// The service in the alias' name.
        service: String,
    },
}

/// A key.
#[derive(Clone, Debug)]
pub struct Key {
    /// Where it comes from.
    pub origin: KeyOrigin,
    /// The stack that declares it.
    pub stack: Option<StackId>,
    /// Its logical id, or the id or alias by which it is named: for people.
    pub name: String,
    /// Its ARN.
    pub arn: Text,
    /// The account that owns it.
    pub account: Text,
    /// Its Region.
    pub region: Text,
    /// Its policy as far as it is in view.
    pub policy: KeyPolicy,
    /// Where it is declared (the logical id), or its entry in the inventory.
    pub site: Option<Site>,
    /// The policy document, if one is written.
    pub policy_site: Option<Site>,
    /// What the inventory says of it, if it is in there.
    pub described: Option<Box<Described>>,
    /// What the KMS grants of the inventory on it give, as statements; none where there are none.
    pub granted: Option<Box<Policy>>,
}

impl Key {
    /// The statements of its policy document; none where it has the default policy or none is in view.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        match &self.policy {
            KeyPolicy::Document(policy) => policy.statements.as_slice(),
            KeyPolicy::Default | KeyPolicy::AwsManaged(_) | KeyPolicy::Unknown(_) => &[],
        }
        .iter()
    }

    /// Whether it is an `AWS::KMS::ReplicaKey`.
    #[must_use]
    pub fn is_replica(fact: &Fact) -> bool {
        fact.kind == "AWS::KMS::ReplicaKey"
    }
}
