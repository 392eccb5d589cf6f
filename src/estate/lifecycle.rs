//! What becomes of a resource when its stack is deleted, or when it is replaced.

use super::{Estate, Fact};
use crate::finding::Site;
use crate::resolve::{Guard, Value};
use crate::template::{Expr, Resource};

/// What CloudFormation does with a resource that it takes out of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is deleted.
    Deleted,
    /// It stays.
    Retained,
    /// It is deleted, a snapshot of it stays.
    Snapshot,
    /// Cannot be known from here, and why.
    Unknown(String),
}

/// Which attribute of a resource decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// `DeletionPolicy`.
    Deletion,
    /// `UpdateReplacePolicy`.
    UpdateReplace,
}

impl Policy {
    fn of(self, resource: &Resource) -> Option<&Expr> {
        match self {
            Self::Deletion => resource.deletion_policy.as_ref(),
            Self::UpdateReplace => resource.update_replace_policy.as_ref(),
        }
    }
}

impl Estate {
    /// What becomes of a resource, under guards that together are those of the resource.
    #[must_use]
    pub fn fates(&self, fact: &Fact, policy: Policy) -> Vec<(Guard, Fate)> {
        let written = self.resource(fact.stack, &fact.name).and_then(|resource| policy.of(resource));
        let (Some(written), Some(scope)) = (written, self.scope(fact.stack)) else {
            return vec![(fact.guard.clone(), by_default(fact, policy))];
        };
        let value = scope.value(written);
        let branches = value.branches(&fact.guard).into_iter();
        branches
            .map(|(guard, value)| {
                let fate = match value {
                    Value::Absent | Value::Null => by_default(fact, policy),
                    Value::Text(text) => named(text.as_literal(), &text.to_string()),
                    Value::Unknown(cause) => Fate::Unknown(cause.why.clone()),
                    Value::List(_) | Value::Map(_) => Fate::Unknown("the policy is no single value".to_owned()),
                };
                (guard, fate)
            })
            .collect()
    }

    /// Where the attribute is written; the logical id where it is not.
    #[must_use]
    pub fn fate_site(&self, fact: &Fact, policy: Policy) -> Site {
        let written = self.resource(fact.stack, &fact.name).and_then(|resource| policy.of(resource));
        written.map_or_else(|| fact.site(), |expr| Site { stack: fact.stack, span: expr.span })
    }
}

fn named(literal: Option<&str>, shown: &str) -> Fate {
    match literal {
        Some("Delete") => Fate::Deleted,
        Some("Retain" | "RetainExceptOnCreate") => Fate::Retained,
        Some("Snapshot") => Fate::Snapshot,
        Some(_) | None => Fate::Unknown(format!("`{shown}` is not known from here")),
    }
}

/// Databases that are no member of a cluster leave a snapshot if nothing else is said; everything else is deleted.
fn by_default(fact: &Fact, policy: Policy) -> Fate {
    let is_database = match fact.kind.as_str() {
        "AWS::RDS::DBCluster" => true,
        "AWS::RDS::DBInstance" => fact.property("DBClusterIdentifier").is_none(),
        _ => false,
    };
    if is_database && policy == Policy::Deletion { Fate::Snapshot } else { Fate::Deleted }
}
