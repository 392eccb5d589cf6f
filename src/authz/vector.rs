//! Requests that are given as data: one JSON object with principal, key, policies, action and context.

use super::caller::Caller;
use super::context::{Context, ContextValue};
use super::request::{IdentityPolicy, KeySide, Request};
use crate::policy::{Action, ConditionKey, KeyPolicy, Policy, PolicyKind, parse, valued};
use crate::resolve::Text;
use crate::source::{FileId, Span};
use serde_json::Value;
use thiserror::Error;

/// Why an object is no request.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum VectorError {
    /// A field is missing or of another type.
    #[error("field `{0}` is missing or no {1}")]
    Field(&'static str, &'static str),
    /// The principal is no ARN of a user, a role, a session or a root user.
    #[error("`{0}` is no ARN of a user, a role or a session")]
    Principal(String),
    /// The action is none of KMS.
    #[error("`{0}` is no action of kms")]
    Action(String),
}

/// A request as data, with its policies read.
#[derive(Debug)]
pub struct Vector {
    /// Who.
    pub caller: Caller,
    /// Every identity policy of the caller.
    pub identity: Vec<Policy>,
    /// Its permissions boundary.
    pub boundary: Option<Policy>,
    /// The key's ARN.
    pub key_arn: String,
    /// The account that owns the key.
    pub account: String,
    /// The key's policy.
    pub key_policy: KeyPolicy,
    /// What.
    pub action: Action,
    /// Everything that is known of the request: what is not listed is absent.
    pub context: Context,
}

/// The place of what stands in no file.
const NOWHERE: Span = Span { file: FileId(0), start: 0, end: 0 };

impl Vector {
    /// Reads a request; unknown fields are passed over.
    ///
    /// # Errors
    /// A field is missing, of a wrong type, or means nothing.
    pub fn read(object: &Value) -> Result<Self, VectorError> {
        let text =
            |field: &'static str| object.get(field).and_then(Value::as_str).ok_or(VectorError::Field(field, "text"));
        let principal = text("principal")?;
        let action = text("action")?;
        let identity = object.get("identity_policies").and_then(Value::as_array);
        let identity = identity.ok_or(VectorError::Field("identity_policies", "list"))?;
        let boundary = object.get("boundary").filter(|boundary| !boundary.is_null());
        let key_policy = object.get("key_policy").filter(|json| is_document(json));
        let key_policy = key_policy.ok_or(VectorError::Field("key_policy", "policy document"))?;
        let caller = Caller::of_arn(principal).ok_or_else(|| VectorError::Principal(principal.to_owned()))?;
        Ok(Self {
            identity: identity.iter().map(attached).collect::<Result<_, _>>()?,
            boundary: boundary.map(attached).transpose()?,
            key_arn: text("key_arn")?.to_owned(),
            account: text("account")?.to_owned(),
            key_policy: KeyPolicy::Document(document(key_policy, PolicyKind::Key)),
            action: Action::named(action).ok_or_else(|| VectorError::Action(action.to_owned()))?,
            context: context(object, &caller)?,
            caller,
        })
    }

    /// The key as the request sees it.
    #[must_use]
    pub fn key(&self) -> KeySide<'_> {
        KeySide::new(Text::literal(&self.key_arn), Text::literal(&self.account), &self.key_policy, NOWHERE)
    }

    /// The identity policies as the request sees them.
    #[must_use]
    pub fn attached(&self) -> Vec<IdentityPolicy<'_>> {
        self.identity.iter().map(IdentityPolicy::always).collect()
    }

    /// The boundary as the request sees it.
    #[must_use]
    pub fn bounds(&self) -> Vec<IdentityPolicy<'_>> {
        self.boundary.iter().map(IdentityPolicy::always).collect()
    }

    /// The request, with its parts from [`Self::key`], [`Self::attached`] and [`Self::bounds`].
    #[must_use]
    pub fn request<'p>(
        &'p self,
        key: &'p KeySide<'p>,
        identity: &'p [IdentityPolicy<'p>],
        boundary: &'p [IdentityPolicy<'p>],
    ) -> Request<'p> {
        Request { caller: &self.caller, identity, boundary, key, action: self.action, context: &self.context }
    }
}

fn attached(policy: &Value) -> Result<Policy, VectorError> {
    let json = policy.get("document").filter(|json| is_document(json));
    let json = json.ok_or(VectorError::Field("document", "policy document"))?;
    Ok(document(json, PolicyKind::Identity))
}

/// A policy is written as an object, or as JSON in a string.
fn is_document(json: &Value) -> bool {
    json.is_object() || json.is_string()
}

fn document(json: &Value, kind: PolicyKind) -> Policy {
    parse(&valued(json, NOWHERE), kind)
}

/// Condition keys in lower case that follow from the caller, where a request does not say them.
const OF_CALLER: [&str; 5] =
    ["aws:principalarn", "aws:principalaccount", "aws:principaltype", "kms:calleraccount", "aws:username"];

fn context(object: &Value, caller: &Caller) -> Result<Context, VectorError> {
    let entries = object.get("context").and_then(Value::as_object).ok_or(VectorError::Field("context", "map"))?;
    let mut context = Context::complete();
    for key in OF_CALLER {
        if let Some(value) = caller.fact(key, ConditionKey::hash(key)) {
            context.set(key, value.clone());
        }
    }
    for (key, value) in object.get("principal_tags").and_then(Value::as_object).into_iter().flatten() {
        let value = value.as_str().ok_or(VectorError::Field("principal_tags", "map of text"))?;
        context.set_text(&format!("aws:PrincipalTag/{key}"), value);
    }
    for (key, value) in entries {
        let value = match value {
            Value::String(text) => ContextValue::One(Text::literal(text)),
            Value::Bool(_) | Value::Number(_) => ContextValue::One(Text::literal(&value.to_string())),
            Value::Array(items) if items.is_empty() => ContextValue::Absent,
            Value::Array(items) => ContextValue::Many(items.iter().map(item_text).collect::<Result<_, _>>()?),
            Value::Null | Value::Object(_) => return Err(VectorError::Field("context", "map of text and lists")),
        };
        context.set(key, value);
    }
    Ok(context.fixed())
}

fn item_text(item: &Value) -> Result<Text, VectorError> {
    item.as_str().map(Text::literal).ok_or(VectorError::Field("context", "map of text and lists"))
}
