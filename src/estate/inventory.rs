//! The inventory: what exists outside the templates, from the outputs of read-only AWS CLI commands.
//!
//! `read` recognises what a file says by its shape, `join` puts together what several outputs say of one key, `identities` turns what IAM
//! says of an account into principals. Whatever cannot be read or joined is an error with its place, and the rest counts all the same.

mod granted;
mod identities;
mod join;
mod listed;
mod located;
mod read;

pub(super) use identities::{enter as enter_identities, managed_policies};
pub(super) use join::{add_keys, known_aliases};
pub(super) use listed::Listed;

use super::KeyId;
use super::principals::PrincipalKind;
use crate::finding::{FileError, Site};
use crate::policy::{KeyPolicy, Policy};
use crate::resolve::{StackId, Text};
use crate::source::{SourceFile, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The stack of everything that no stack in view declares: sites in inventory files have it. No stack has this id.
pub const OUTSIDE: StackId = StackId(u32::MAX);

/// What a user says about things outside the templates.
#[derive(Debug, Default)]
pub struct Inventory {
    keys: Vec<KnownKey>,
    aliases: Vec<NamedAlias>,
    grants: Vec<NamedGrant>,
    /// Keys whose KMS grants are listed: else there may be some that nobody in view knows.
    grants_listed: Vec<(Whereabouts, String)>,
    /// Keys that the user gives by their ARN.
    given: Vec<(Whereabouts, String)>,
    identities: Vec<Identity>,
    managed: BTreeMap<String, IdentityPolicy>,
}

/// Reads inventory files, and the ARNs of keys and aliases that the user gives. What is wrong with a file is an error for it.
#[must_use]
pub fn read(files: &[&SourceFile], arns: &[String]) -> (Inventory, Vec<FileError>) {
    let mut facts = read::Facts::default();
    for arn in arns {
        facts.add_arn(arn);
    }
    for file in files {
        facts.add_file(file);
    }
    let inventory = join::join(&mut facts);
    let path = |span: Span| {
        let file = files.iter().find(|file| file.id == span.file);
        file.map_or_else(String::new, |file| file.path.clone())
    };
    let error = |(span, message): (Span, String)| FileError { file: path(span), message, span: Some(span) };
    (inventory, facts.errors.into_iter().map(error).collect())
}

/// What the inventory says of a key beside its policy; none where it does not say it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Described {
    /// The key's entry in the inventory.
    pub site: Option<Site>,
    /// `Enabled`, `Disabled`, `PendingDeletion`, `PendingImport`, …
    pub state: Option<String>,
    /// `SYMMETRIC_DEFAULT`, `RSA_2048`, …
    pub spec: Option<String>,
    /// `ENCRYPT_DECRYPT`, `SIGN_VERIFY`, …
    pub usage: Option<String>,
    /// `AWS_KMS`, `EXTERNAL`, `AWS_CLOUDHSM`, `EXTERNAL_KEY_STORE`.
    pub origin: Option<String>,
    /// `AWS` or `CUSTOMER`.
    pub manager: Option<String>,
    /// Whether it is a multi-Region key.
    pub multi_region: Option<bool>,
    /// The ARN of its primary key, if it is a multi-Region key.
    pub primary: Option<String>,
    /// The ARNs of its replicas, if it is a multi-Region key.
    pub replicas: Vec<String>,
    /// Whether it rotates by itself.
    pub rotation: Option<bool>,
    /// The days between rotations.
    pub rotation_days: Option<u32>,
    /// Whether the KMS grants on it are listed: else there may be some that nobody in view knows.
    pub grants_listed: bool,
}

/// An alias that exists, by name, account and Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownAlias {
    /// `alias/…`.
    pub name: String,
    /// Its account.
    pub account: String,
    /// Its Region.
    pub region: String,
    /// The key that it names, where the inventory says it.
    pub key: Option<KeyId>,
    /// Its entry in the inventory; none where only its ARN was given.
    pub site: Option<Site>,
}

/// A KMS grant: it lets its grantee do some operations with a key, whatever the policies allow; only a `Deny` is stronger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyGrant {
    /// The key.
    pub key: KeyId,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Its id.
    pub id: Option<String>,
    /// The principal's ARN, or the name of a service.
    pub grantee: String,
    /// Who may retire it, if it says so: a principal's ARN, or the name of a service.
    pub retiring: Option<String>,
    /// The operations as the API names them: `Decrypt`, `GenerateDataKey`, …
    pub operations: Vec<String>,
    /// Under which encryption contexts it counts; empty: under each.
    pub constraints: Vec<GrantConstraint>,
    /// Its entry in the inventory.
    pub site: Site,
}

/// What an encryption context must hold for a KMS grant to count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrantConstraint {
    /// Just these pairs.
    Equals(Vec<(String, String)>),
    /// These pairs, and perhaps others.
    Subset(Vec<(String, String)>),
    /// A constraint that is not known here.
    Other(String),
}

/// Where a key or an alias is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Whereabouts {
    partition: String,
    region: String,
    account: String,
}

/// A key of the inventory with everything that is said of it.
#[derive(Debug)]
struct KnownKey {
    place: Whereabouts,
    id: String,
    policy: KeyPolicy,
    policy_span: Option<Span>,
    described: Described,
}

/// An alias whose key is named by its id.
#[derive(Debug)]
struct NamedAlias {
    place: Whereabouts,
    name: String,
    target: Option<String>,
    span: Option<Span>,
}

/// A grant whose key is named by its place and id.
#[derive(Debug)]
struct NamedGrant {
    place: Whereabouts,
    key: String,
    grant: read::GrantFact,
}

/// A role, user or group of an account.
#[derive(Debug)]
struct Identity {
    kind: PrincipalKind,
    name: String,
    arn: String,
    span: Span,
    policies: Vec<IdentityPolicy>,
    boundary: Option<IdentityPolicy>,
    /// Names of the groups that a user is in.
    groups: Vec<String>,
    trusted_services: Vec<String>,
}

/// A policy of an identity.
#[derive(Clone, Debug)]
struct IdentityPolicy {
    span: Span,
    source: IdentitySource,
}

/// Where the text of an identity's policy is.
#[derive(Clone, Debug)]
enum IdentitySource {
    Document(Arc<Policy>),
    /// An AWS managed policy, by its name; with its document, if the inventory has it.
    AwsManaged(String, Option<Arc<Policy>>),
    /// A managed policy whose document the inventory does not have, by its ARN.
    NotInView(String),
}

impl Whereabouts {
    /// From the ARN of a key or alias, with what follows the account: `key/…`, `alias/…`.
    fn of_arn(arn: &str) -> Option<(Self, &str)> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", partition, "kms", region, account, resource] = parts.as_slice() else { return None };
        let literal = |part: &str| !part.is_empty() && !part.contains(['*', '?']);
        if !literal(partition) || !literal(region) || !literal(account) || !literal(resource) {
            return None;
        }
        let own = |part: &str| part.to_owned();
        Some((Self { partition: own(partition), region: own(region), account: own(account) }, resource))
    }

    /// The ARN of what is there.
    fn arn(&self, resource: &str) -> Text {
        let Self { partition, region, account } = self;
        Text::literal(&format!("arn:{partition}:kms:{region}:{account}:{resource}"))
    }
}
