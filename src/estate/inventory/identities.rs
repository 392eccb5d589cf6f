//! What IAM says of an account: roles, users and groups with all their policies.

use super::located::Located;
use super::{Identity, IdentityPolicy, IdentitySource, Inventory, OUTSIDE};
use crate::estate::principals::{AttachedPolicy, PolicySource, PrincipalEntry, PrincipalKind, trusted_services};
use crate::finding::Site;
use crate::policy::{self, Policy, PolicyKind};
use crate::resolve::{Cause, Guard, Text};
use crate::source::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What only ARNs of AWS managed policies hold.
const AWS_MANAGED: &str = ":iam::aws:policy/";

type Entries<'t> = [(String, Located<'t>)];

/// Identities whose managed policies are named by ARN, and the managed policies.
#[derive(Debug, Default)]
pub(super) struct Account {
    identities: Vec<Unjoined>,
    managed: BTreeMap<String, (Span, Arc<Policy>)>,
}

/// An identity with the ARNs of its managed policies and of its boundary.
#[derive(Debug)]
struct Unjoined {
    identity: Identity,
    managed: Vec<(Span, String)>,
    boundary: Option<(Span, String)>,
}

/// How one kind of identity is written.
struct Shape {
    list: &'static str,
    kind: PrincipalKind,
    name: &'static str,
    inline: &'static str,
}

const SHAPES: [Shape; 3] = [
    Shape { list: "RoleDetailList", kind: PrincipalKind::Role, name: "RoleName", inline: "RolePolicyList" },
    Shape { list: "UserDetailList", kind: PrincipalKind::User, name: "UserName", inline: "UserPolicyList" },
    Shape { list: "GroupDetailList", kind: PrincipalKind::Group, name: "GroupName", inline: "GroupPolicyList" },
];

/// Whether an object is output of `aws iam get-account-authorization-details`.
pub(super) fn is_account(entries: &Entries<'_>) -> bool {
    SHAPES.iter().any(|shape| get(entries, shape.list).is_some())
}

fn get<'e, 't>(entries: &'e Entries<'t>, name: &str) -> Option<&'e Located<'t>> {
    entries.iter().find(|(key, value)| key == name && !value.is_null()).map(|(_, value)| value)
}

fn text(entries: &Entries<'_>, name: &str) -> Option<String> {
    get(entries, name)?.text()
}

/// The objects of a list.
fn objects<'t>(entries: &Entries<'t>, name: &str) -> Vec<(Span, Vec<(String, Located<'t>)>)> {
    let items = get(entries, name).and_then(Located::items).unwrap_or_default();
    items.iter().filter_map(|item| Some((item.span, item.entries()?))).collect()
}

impl Account {
    /// Reads one output; what has neither name nor ARN is an error.
    pub(super) fn add(&mut self, entries: &Entries<'_>, errors: &mut Vec<(Span, String)>) {
        for (span, managed) in objects(entries, "Policies") {
            let versions = objects(&managed, "PolicyVersionList");
            let is_default =
                |version: &Entries<'_>| get(version, "IsDefaultVersion").and_then(Located::truth) == Some(true);
            let current = versions.iter().find(|(_, version)| is_default(version));
            let document = current.and_then(|(_, version)| get(version, "Document"));
            if let (Some(arn), Some(document)) = (text(&managed, "Arn"), document) {
                self.managed.insert(arn, (span, Arc::new(parsed(document, PolicyKind::Identity))));
            }
        }
        for shape in &SHAPES {
            for (span, detail) in objects(entries, shape.list) {
                match Unjoined::of(shape, span, &detail) {
                    Some(identity) => self.identities.push(identity),
                    None => {
                        let message = format!("an entry of `{}` needs `{}` and `Arn`", shape.list, shape.name);
                        errors.push((span, message));
                    }
                }
            }
        }
    }

    /// Identities with the documents of their managed policies.
    pub(super) fn join(self, inventory: &mut Inventory) {
        let Self { identities, managed } = self;
        let policy = |(span, arn): (Span, String)| {
            let document = managed.get(&arn).map(|(_, document)| Arc::clone(document));
            let aws_managed = arn.contains(AWS_MANAGED);
            let source = match document {
                document if aws_managed => {
                    IdentitySource::AwsManaged(arn.rsplit('/').next().unwrap_or_default().to_owned(), document)
                }
                Some(document) => IdentitySource::Document(document),
                None => IdentitySource::NotInView(arn),
            };
            IdentityPolicy { span, source }
        };
        let joined = identities.into_iter().map(|Unjoined { mut identity, managed, boundary }| {
            identity.policies.extend(managed.into_iter().map(policy));
            identity.boundary = boundary.map(policy);
            identity
        });
        inventory.identities = joined.collect();
        let own = managed.into_iter().filter(|(arn, _)| !arn.contains(AWS_MANAGED));
        let document =
            |(span, document): (Span, Arc<Policy>)| IdentityPolicy { span, source: IdentitySource::Document(document) };
        inventory.managed = own.map(|(arn, written)| (arn, document(written))).collect();
    }
}

impl Unjoined {
    fn of(shape: &Shape, span: Span, detail: &Entries<'_>) -> Option<Self> {
        let inline = objects(detail, shape.inline).into_iter().filter_map(|(_, inline)| {
            let document = get(&inline, "PolicyDocument")?;
            let source = IdentitySource::Document(Arc::new(parsed(document, PolicyKind::Identity)));
            Some(IdentityPolicy { span: document.span, source })
        });
        let trust = get(detail, "AssumeRolePolicyDocument").map(|trust| parsed(trust, PolicyKind::Trust));
        let identity = Identity {
            kind: shape.kind,
            name: text(detail, shape.name)?,
            arn: text(detail, "Arn")?,
            span,
            policies: inline.collect(),
            boundary: None,
            groups: get(detail, "GroupList")
                .and_then(Located::items)
                .unwrap_or_default()
                .iter()
                .filter_map(Located::text)
                .collect(),
            trusted_services: trust.map(|trust| trusted_services(&trust)).unwrap_or_default(),
        };
        let attached = objects(detail, "AttachedManagedPolicies").into_iter();
        let boundary = get(detail, "PermissionsBoundary")
            .and_then(|boundary| Some((boundary.span, text(&boundary.entries()?, "PermissionsBoundaryArn")?)));
        Some(Self {
            identity,
            managed: attached.filter_map(|(span, policy)| Some((span, text(&policy, "PolicyArn")?))).collect(),
            boundary,
        })
    }
}

/// A policy document: an object, or JSON text, which the API itself gives percent-encoded.
fn parsed(document: &Located<'_>, kind: PolicyKind) -> Policy {
    let encoded = document.text().filter(|text| text.starts_with("%7B"));
    let decoded = encoded.and_then(|text| serde_json::from_slice(&percent_decoded(&text)).ok());
    match decoded {
        Some(json) => policy::parse(&policy::valued(&json, document.span), kind),
        None => policy::parse(&document.document(), kind),
    }
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend(part.bytes().skip(2));
            }
            None => {
                bytes.push(b'%');
                bytes.extend(part.bytes());
            }
        }
    }
    bytes
}

/// The identities of the inventory as principals, with the groups that users are in. Those that `is_declared` knows are left out: what a
/// template says of them is what will be.
pub(in crate::estate) fn enter(
    inventory: &Inventory,
    is_declared: &dyn Fn(PrincipalKind, &Text, &Text) -> bool,
) -> Vec<(PrincipalEntry, Vec<String>)> {
    let entry = |identity: &Identity| {
        let account = identity.arn.split(':').nth(4).unwrap_or_default();
        let (name, account) = (Text::literal(&identity.name), Text::literal(account));
        if is_declared(identity.kind, &name, &account) {
            return None;
        }
        let partition = Text::literal(identity.arn.split(':').nth(1).unwrap_or_default());
        let attached = |policy: &IdentityPolicy| attached(&identity.name, policy, &partition);
        let entry = PrincipalEntry {
            kind: identity.kind,
            stack: OUTSIDE,
            logical: identity.name.clone(),
            declared: true,
            name: identity.name.clone(),
            arn: Text::literal(&identity.arn),
            account,
            guard: Guard::ALWAYS,
            site: Site { stack: OUTSIDE, span: identity.span },
            policies: identity.policies.iter().map(attached).collect(),
            boundary: identity.boundary.iter().map(attached).collect(),
            trusted_services: identity.trusted_services.clone(),
        };
        Some((entry, identity.groups.clone()))
    };
    inventory.identities.iter().filter_map(entry).collect()
}

/// The managed policies of accounts by their ARNs: templates attach them too.
pub(in crate::estate) fn managed_policies(inventory: &Inventory) -> impl Iterator<Item = (Text, AttachedPolicy)> {
    inventory.managed.iter().map(|(arn, policy)| {
        let name = arn.rsplit('/').next().unwrap_or_default();
        (Text::literal(arn), attached(name, policy, &Text::literal("aws")))
    })
}

fn attached(owner: &str, policy: &IdentityPolicy, partition: &Text) -> AttachedPolicy {
    let span = policy.span;
    let not_in_view =
        |what: &str| PolicySource::NotInView(Cause { span, why: format!("what {what} says is not in the inventory") });
    let source = match &policy.source {
        IdentitySource::Document(document) => PolicySource::Document(Arc::clone(document)),
        IdentitySource::AwsManaged(name, Some(document)) => {
            PolicySource::AwsManaged(name.clone(), Arc::clone(document))
        }
        IdentitySource::AwsManaged(name, None) => match policy::aws_managed(name, partition, span) {
            Some(known) => PolicySource::AwsManaged(name.clone(), Arc::new(known)),
            None => not_in_view(&format!("the AWS managed policy `{name}`")),
        },
        IdentitySource::NotInView(arn) => not_in_view(&format!("the managed policy `{arn}`")),
    };
    AttachedPolicy {
        guard: Guard::ALWAYS,
        stack: OUTSIDE,
        resource: owner.to_owned(),
        site: Site { stack: OUTSIDE, span },
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::percent_decoded;

    #[test]
    fn documents_of_the_api_are_percent_encoded() {
        assert_eq!(percent_decoded("%7B%22a%22%3A%20%22100%\u{fc}%22%7D"), "{\"a\": \"100%ü\"}".as_bytes());
    }
}
