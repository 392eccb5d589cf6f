//! Properties that name a key.

mod table;

use super::Target;
use crate::finding::Site;
use crate::resolve::{Guard, StackId, Text};

/// Forms in which a property may name a key, and how sure that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forms {
    /// A bare key id.
    pub key_id: bool,
    /// A key ARN.
    pub key_arn: bool,
    /// An alias name.
    pub alias_name: bool,
    /// An alias ARN.
    pub alias_arn: bool,
    /// Whether a schema or a read source says so (else the forms are a guess, not for findings).
    pub certain: bool,
}

/// A property of a resource that names a key.
#[derive(Clone, Debug)]
pub struct Consumer {
    /// The stack.
    pub stack: StackId,
    /// The resource's logical id.
    pub resource: String,
    /// The resource's type.
    pub kind: String,
    /// The property's path in the table: `BucketEncryption.…*.KMSMasterKeyID`.
    pub property: &'static str,
    /// When it is set.
    pub guard: Guard,
    /// Where the value is written.
    pub site: Site,
    /// The value.
    pub value: Text,
    /// What it names.
    pub target: Target,
    /// What the property accepts.
    pub forms: Forms,
    /// Whether a change of it replaces the resource.
    pub create_only: bool,
}
