//! What a text names: a key, an alias, a pattern over keys, or nothing of KMS.

use super::{AliasId, KeyId};
use crate::resolve::Text;

/// What a text in a `Resource` element, an alias target or a property names.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// One key, by its ARN.
    Key(KeyId),
    /// One key, by its bare id.
    KeyById(KeyId),
    /// An alias by name (`alias/x`), with the key behind it if that is in view.
    AliasName(Text, Option<AliasId>),
    /// An alias by ARN, with the alias if it is in view.
    AliasArn(Text, Option<AliasId>),
    /// `*`, or a pattern that is not about one key: `arn:aws:kms:*:*:key/*`.
    Pattern(Text),
    /// A bare key id of no key in view, in the form of one (UUID or `mrk-…`).
    BareId(Text),
    /// Begins with `arn:` and is of another service than KMS.
    OtherService,
    /// An ARN of KMS that can be neither key nor alias.
    Malformed(Text),
    /// Cannot be known from here, and why: lower case, no period.
    Unknown(String),
}
