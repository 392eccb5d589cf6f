//! Answers to simulated requests: a JSON object a line.

use crate::view::simulate::{Answer, Blamed};
use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
struct Line<'a> {
    id: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statements: Option<Vec<Statement<'a>>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    open: Vec<Open<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    unknown: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
}

#[derive(Serialize)]
struct Statement<'a> {
    policy: &'a str,
    index: usize,
    effect: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal_match: Option<&'a str>,
}

#[derive(Serialize)]
struct Open<'a> {
    #[serde(flatten)]
    statement: Statement<'a>,
    why: &'a [String],
}

impl<'a> Statement<'a> {
    fn of(blamed: &'a Blamed) -> Self {
        Self {
            policy: &blamed.policy,
            index: blamed.index,
            effect: blamed.effect,
            principal_match: blamed.principal_match,
        }
    }
}

/// An answer as a line of JSON, with its line break. `number` is the line of the request, from 1: an error tells it.
#[must_use]
pub fn answer(answer: &Answer, number: u64) -> String {
    let empty = Line {
        id: &answer.id,
        decision: None,
        statements: None,
        open: Vec::new(),
        unknown: &[],
        error: None,
        line: None,
    };
    let line = match &answer.outcome {
        Err(error) => Line { error: Some(error), line: Some(number), ..empty },
        Ok(simulated) => Line {
            decision: Some(simulated.decision),
            statements: Some(simulated.statements.iter().map(Statement::of).collect()),
            open: simulated
                .open
                .iter()
                .map(|open| Open { statement: Statement::of(&open.statement), why: &open.why })
                .collect(),
            unknown: &simulated.unknown,
            ..empty
        },
    };
    // Strings and numbers: serializing those into memory has no way to fail.
    let mut text = serde_json::to_string(&line).unwrap_or_default();
    text.push('\n');
    text
}
