//! What a file says, recognised by its shape: which command wrote it is nowhere said.

use super::identities::{self, Account};
use super::located::{self, Located};
use super::{Described, GrantConstraint, OUTSIDE, Whereabouts};
use crate::estate::target::is_key_id;
use crate::finding::Site;
use crate::policy::{self, Policy, PolicyKind};
use crate::source::{SourceFile, Span};

/// What an inventory is made of, for the message about what is none.
const KNOWN: &str = "it is neither output of `aws kms list-keys`, `list-aliases`, `describe-key`, `list-grants`, `get-key-policy`, \
                     `get-key-rotation-status` or `aws iam get-account-authorization-details`, nor an object with `KeyMetadata`";

/// Both forms of a key id are as long: a UUID, and `mrk-` with 32 digits.
const KEY_ID_LENGTH: usize = 36;

/// How an output names a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeyName {
    /// By its ARN: place and id.
    Arn(Whereabouts, String),
    /// By its id alone.
    Id(String),
}

/// What one output says of a key.
#[derive(Debug)]
pub(super) struct KeyFact {
    pub(super) key: KeyName,
    pub(super) span: Span,
    pub(super) described: Described,
    pub(super) policy: Option<PolicyFact>,
}

/// A key policy as an output has it.
#[derive(Debug)]
pub(super) struct PolicyFact {
    pub(super) span: Span,
    /// Without places: two are the same where these are equal.
    pub(super) plain: serde_json::Value,
    pub(super) policy: Policy,
}

/// An alias and the id of its key.
#[derive(Debug)]
pub(super) struct AliasFact {
    pub(super) place: Whereabouts,
    pub(super) name: String,
    pub(super) target: Option<String>,
    pub(super) span: Option<Span>,
}

/// A KMS grant.
#[derive(Debug)]
pub(super) struct GrantFact {
    pub(super) key: KeyName,
    pub(super) name: Option<String>,
    pub(super) id: Option<String>,
    pub(super) grantee: String,
    pub(super) retiring: Option<String>,
    pub(super) operations: Vec<String>,
    pub(super) constraints: Vec<GrantConstraint>,
    pub(super) span: Span,
}

/// Everything that was read, not joined yet.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) keys: Vec<KeyFact>,
    pub(super) aliases: Vec<AliasFact>,
    pub(super) grants: Vec<GrantFact>,
    /// Keys whose KMS grants are listed, also where there are none.
    pub(super) grants_listed: Vec<KeyName>,
    pub(super) account: Account,
    pub(super) errors: Vec<(Span, String)>,
    /// Keys that exist, but of which no file tells.
    pub(super) named: Vec<(Whereabouts, String)>,
}

/// An object of a file.
struct Record<'t> {
    span: Span,
    entries: Vec<(String, Located<'t>)>,
}

impl<'t> Record<'t> {
    fn of(value: &Located<'t>) -> Option<Self> {
        Some(Self { span: value.span, entries: value.entries()? })
    }

    fn get(&self, name: &str) -> Option<&Located<'t>> {
        self.entries.iter().find(|(key, value)| key == name && !value.is_null()).map(|(_, value)| value)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.get(name)?.text()
    }

    fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    fn items(&self, name: &str) -> Vec<Located<'t>> {
        self.get(name).and_then(Located::items).unwrap_or_default()
    }
}

impl KeyName {
    fn of(text: &str) -> Self {
        let by_arn = Whereabouts::of_arn(text)
            .and_then(|(place, resource)| Some(Self::Arn(place, resource.strip_prefix("key/")?.to_owned())));
        by_arn.unwrap_or_else(|| Self::Id(text.to_owned()))
    }
}

impl Facts {
    /// Enters the ARN of a key or an alias that exists.
    pub(super) fn add_arn(&mut self, arn: &str) {
        let Some((place, resource)) = Whereabouts::of_arn(arn) else { return };
        if let Some(id) = resource.strip_prefix("key/") {
            self.named.push((place, id.to_owned()));
        } else if resource.starts_with("alias/") {
            self.aliases.push(AliasFact { place, name: resource.to_owned(), target: None, span: None });
        }
    }

    /// Reads a file.
    pub(super) fn add_file(&mut self, file: &SourceFile) {
        let (values, broken) = located::values(file);
        let key = key_in_path(&file.path);
        for value in &values {
            self.value(value, key.as_deref());
        }
        if let Some((span, reason)) = broken {
            let message = format!("not JSON: {reason}; save what `aws` prints with `--output json`");
            self.errors.push((span, message));
        } else if values.is_empty() {
            self.errors.push((Span::new(file.id, 0, 0), "empty: save what `aws` prints in it".to_owned()));
        }
    }

    fn value(&mut self, value: &Located<'_>, key_of_file: Option<&str>) {
        if let Some(items) = value.items() {
            items.iter().for_each(|item| self.value(item, key_of_file));
            return;
        }
        match Record::of(value) {
            Some(record) => self.record(value, &record, key_of_file),
            None => self.errors.push((value.span, format!("not an inventory: {KNOWN}"))),
        }
    }

    fn record(&mut self, value: &Located<'_>, record: &Record<'_>, key_of_file: Option<&str>) {
        let metadata = record.get("KeyMetadata").and_then(Record::of);
        let described = metadata.as_ref().unwrap_or(record);
        let own = ["KeyArn", "Arn", "KeyId"].into_iter().find_map(|name| described.text(name));
        let own = own.or_else(|| record.text("KeyId"));
        let of_policy = record.has("Policy") || record.has("Statement") || record.has("KeyRotationEnabled");
        let key = own.or_else(|| key_of_file.filter(|_| of_policy).map(str::to_owned)).map(|name| KeyName::of(&name));
        if identities::is_account(&record.entries) {
            self.account.add(&record.entries, &mut self.errors);
        } else if record.has("AliasName") {
            self.alias(record, key.as_ref());
        } else if record.has("GranteePrincipal") || record.has("GranteeServicePrincipal") {
            self.grant(record, key.as_ref());
        } else if let Some(key) = key {
            self.key(value, record, described, &key);
            self.lists(record, Some(&key), key_of_file);
        } else if of_policy {
            let message = "the key that this is of is not said: name the file after the id of the key, or write \
                           `{\"KeyId\": \"…\", \"Policy\": …}` around it";
            self.errors.push((record.span, message.to_owned()));
        } else if !self.lists(record, None, key_of_file) {
            self.errors.push((record.span, format!("not an inventory: {KNOWN}")));
        }
    }

    /// The lists in an object; whether there is one.
    fn lists(&mut self, record: &Record<'_>, key: Option<&KeyName>, key_of_file: Option<&str>) -> bool {
        for item in record.items("Keys") {
            self.value(&item, key_of_file);
        }
        for item in record.items("Aliases") {
            if let Some(alias) = Record::of(&item) {
                self.alias(&alias, key);
            }
        }
        if record.has("Grants") {
            self.grants_listed.extend(key.cloned().or_else(|| key_of_file.map(KeyName::of)));
        }
        for item in record.items("Grants") {
            if let Some(grant) = Record::of(&item) {
                self.grant(&grant, key);
            }
        }
        ["Keys", "Aliases", "Grants"].iter().any(|name| record.has(name))
    }

    fn key(&mut self, value: &Located<'_>, record: &Record<'_>, described: &Record<'_>, key: &KeyName) {
        let policy = match record.get("Policy") {
            Some(policy) => self.policy(policy),
            None if record.has("Statement") => self.policy(value),
            None => None,
        };
        let multi_region = described.get("MultiRegionConfiguration").and_then(Record::of);
        let arn_in = |value: Option<&Located<'_>>| value.and_then(Record::of).and_then(|region| region.text("Arn"));
        let replicas = multi_region.as_ref().map(|regions| regions.items("ReplicaKeys")).unwrap_or_default();
        self.keys.push(KeyFact {
            key: key.clone(),
            span: record.span,
            described: Described {
                site: Some(Site { stack: OUTSIDE, span: described.span }),
                state: described.text("KeyState"),
                spec: described.text("KeySpec").or_else(|| described.text("CustomerMasterKeySpec")),
                usage: described.text("KeyUsage"),
                origin: described.text("Origin"),
                manager: described.text("KeyManager"),
                multi_region: described.get("MultiRegion").and_then(Located::truth),
                primary: arn_in(multi_region.as_ref().and_then(|regions| regions.get("PrimaryKey"))),
                replicas: replicas.iter().filter_map(|replica| arn_in(Some(replica))).collect(),
                rotation: record.get("KeyRotationEnabled").and_then(Located::truth),
                rotation_days: record.get("RotationPeriodInDays").and_then(Located::number),
                grants_listed: false,
            },
            policy,
        });
    }

    fn policy(&mut self, written: &Located<'_>) -> Option<PolicyFact> {
        let Some(plain) = written.plain().filter(serde_json::Value::is_object) else {
            let message = "the key policy is no JSON object: save what `aws kms get-key-policy --output json` prints";
            self.errors.push((written.span, message.to_owned()));
            return None;
        };
        let policy = policy::parse(&written.document(), PolicyKind::Key);
        Some(PolicyFact { span: written.span, plain, policy })
    }

    fn alias(&mut self, record: &Record<'_>, key: Option<&KeyName>) {
        let target = record.text("TargetKeyId");
        let place = record.text("AliasArn").and_then(|arn| Some(Whereabouts::of_arn(&arn)?.0));
        // The aliases in a record of a key are its own.
        let (place, target) = match (place, key) {
            (None, Some(KeyName::Arn(place, id))) => (Some(place.clone()), target.or_else(|| Some(id.clone()))),
            (place, Some(KeyName::Arn(_, id) | KeyName::Id(id))) => (place, target.or_else(|| Some(id.clone()))),
            (place, None) => (place, target),
        };
        match (record.text("AliasName"), place) {
            (Some(name), Some(place)) => {
                self.aliases.push(AliasFact { place, name, target, span: Some(record.span) });
            }
            _ => {
                let message = "an alias needs `AliasName` and `AliasArn`: save what `aws kms list-aliases` prints";
                self.errors.push((record.span, message.to_owned()));
            }
        }
    }

    fn grant(&mut self, record: &Record<'_>, key: Option<&KeyName>) {
        let grantee = record.text("GranteePrincipal").or_else(|| record.text("GranteeServicePrincipal"));
        let key = record.text("KeyId").map(|name| KeyName::of(&name)).or_else(|| key.cloned());
        let (Some(grantee), Some(key)) = (grantee, key) else {
            let message = "a grant needs `GranteePrincipal` and `KeyId`: save what `aws kms list-grants` prints";
            self.errors.push((record.span, message.to_owned()));
            return;
        };
        let constraints = record.get("Constraints").and_then(Located::entries).unwrap_or_default();
        self.grants.push(GrantFact {
            key,
            name: record.text("Name").filter(|name| !name.is_empty()),
            id: record.text("GrantId"),
            grantee,
            retiring: record.text("RetiringPrincipal").or_else(|| record.text("RetiringServicePrincipal")),
            operations: record.items("Operations").iter().filter_map(Located::text).collect(),
            constraints: constraints.iter().map(|(name, value)| constraint(name, value)).collect(),
            span: record.span,
        });
    }
}

fn constraint(name: &str, value: &Located<'_>) -> GrantConstraint {
    let pairs = || {
        let entries = value.entries().unwrap_or_default();
        entries.into_iter().map(|(key, value)| (key, value.text().unwrap_or_default())).collect()
    };
    match name {
        "EncryptionContextEquals" => GrantConstraint::Equals(pairs()),
        "EncryptionContextSubset" => GrantConstraint::Subset(pairs()),
        other => GrantConstraint::Other(other.to_owned()),
    }
}

/// The key id in the name of a file, or else of its folder.
fn key_in_path(path: &str) -> Option<String> {
    path.rsplit('/').take(2).find_map(key_in_name)
}

fn key_in_name(name: &str) -> Option<String> {
    let ids = (0..name.len()).filter_map(|start| name.get(start..start + KEY_ID_LENGTH));
    ids.into_iter().find(|part| is_key_id(part)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::key_in_path;

    #[test]
    fn a_file_or_its_folder_is_named_after_a_key() {
        let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
        for path in [format!("kms/{id}.json"), format!("policy-{id}-default.json"), format!("{id}/policy.json")] {
            assert_eq!(key_in_path(&path).as_deref(), Some(id), "{path}");
        }
        let replica = "mrk-1234abcd12ab34cd56ef1234567890ab";
        assert_eq!(key_in_path(&format!("{replica}.json")).as_deref(), Some(replica));
        assert_eq!(key_in_path(&format!("{id}/a/policy.json")), None);
        assert_eq!(key_in_path("é🔑.json"), None);
    }
}
