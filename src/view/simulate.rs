//! Concrete requests, a line each, and their decisions.

use crate::authz::vector::Vector;
use crate::authz::{self, Applied, Decision, PolicyRef, PrincipalMatch, Residual};
use crate::policy::Effect;
use serde_json::Value;

/// What is answered to a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The `id` of the request as it came; null where the line has none or cannot be read.
    pub id: Value,
    /// The decision, or why the line is no request.
    pub outcome: Result<Simulated, String>,
}

/// The decision on a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulated {
    /// `allow`, `implicit_deny`, `explicit_deny`, or `undecided` where the policies cannot be read or no documentation says what they mean.
    pub decision: &'static str,
    /// Every statement that applies: key policy, identity policies, boundary, each in document order.
    pub statements: Vec<Blamed>,
    /// Statements of which it cannot be known whether they apply.
    pub open: Vec<Open>,
    /// What cannot be read and may change the decision.
    pub unknown: Vec<String>,
}

/// A statement that takes part in a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blamed {
    /// `key_policy`, `identity:N` or `boundary`.
    pub policy: String,
    /// Its place in the document, from 0.
    pub index: usize,
    /// `Allow` or `Deny`.
    pub effect: &'static str,
    /// How the principal of a key policy statement matches.
    pub principal_match: Option<&'static str>,
}

/// A statement that may take part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// The statement.
    pub statement: Blamed,
    /// What is not known.
    pub why: Vec<String>,
}

/// Answers a line: none where it is blank.
#[must_use]
pub fn simulate(line: &[u8]) -> Option<Answer> {
    let line = line.trim_ascii();
    if line.is_empty() {
        return None;
    }
    let object = match serde_json::from_slice::<Value>(line) {
        Ok(object @ Value::Object(_)) => object,
        Ok(_) => return Some(refused(line, "the line is no JSON object".to_owned())),
        Err(error) => return Some(refused(line, format!("the line is no JSON: {}", in_line(&error)))),
    };
    let outcome = Vector::read(&object).map(|vector| decided(&vector)).map_err(|error| error.to_string());
    let id = object.get("id").cloned().unwrap_or(Value::Null);
    Some(Answer { id, outcome })
}

/// The answer to a line, or the beginning of one, that is no request.
#[must_use]
pub fn refused(line: &[u8], why: String) -> Answer {
    Answer { id: leading_id(line).unwrap_or(Value::Null), outcome: Err(why) }
}

/// The `id` at the beginning of an object that is broken behind it.
fn leading_id(line: &[u8]) -> Option<Value> {
    let name = line.trim_ascii_start().strip_prefix(b"{")?.trim_ascii_start().strip_prefix(br#""id""#)?;
    let value = name.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    let mut values = serde_json::Deserializer::from_slice(value).into_iter::<Value>();
    values.next()?.ok().filter(Value::is_string)
}

/// An error of the JSON reader without its line, which is always the first.
fn in_line(error: &serde_json::Error) -> String {
    error.to_string().replace(" at line 1 column ", " at column ")
}

fn decided(vector: &Vector) -> Simulated {
    let (key, identity, boundary) = (vector.key(), vector.attached(), vector.bounds());
    let verdict = authz::decide(&vector.request(&key, &identity, &boundary));
    let (certain, open): (Vec<&Applied<'_>>, Vec<_>) =
        verdict.statements.iter().partition(|applied| applied.residual.is_empty());
    let why = |applied: &Applied<'_>| applied.residual.iter().map(words).collect();
    Simulated {
        decision: name(verdict.decision),
        statements: certain.into_iter().map(blamed).collect(),
        open: open.into_iter().map(|applied| Open { statement: blamed(applied), why: why(applied) }).collect(),
        unknown: verdict.unknown.iter().map(|cause| cause.why.clone()).collect(),
    }
}

fn name(decision: Decision) -> &'static str {
    match decision {
        Decision::Allow => "allow",
        Decision::ExplicitDeny => "explicit_deny",
        Decision::ImplicitDeny => "implicit_deny",
        Decision::Undecided => "undecided",
    }
}

fn blamed(applied: &Applied<'_>) -> Blamed {
    Blamed {
        policy: match applied.policy {
            PolicyRef::Key => "key_policy".to_owned(),
            PolicyRef::Grants => "grants".to_owned(),
            PolicyRef::Identity(index) => format!("identity:{index}"),
            PolicyRef::Boundary => "boundary".to_owned(),
        },
        index: applied.statement.index,
        effect: match applied.effect {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        },
        principal_match: applied.principal_match.map(|by| match by {
            PrincipalMatch::Own => "self",
            PrincipalMatch::Wildcard => "wildcard",
            PrincipalMatch::Role => "role",
            PrincipalMatch::Account => "account",
            PrincipalMatch::NotPrincipal => "notprincipal",
        }),
    }
}

fn words(residual: &Residual) -> String {
    match residual {
        Residual::Request { words, .. } => words.clone(),
        Residual::Unresolved(cause) => cause.why.clone(),
    }
}
