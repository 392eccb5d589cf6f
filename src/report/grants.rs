//! Who may do what with which key, for a terminal and for programs.

mod data;
mod table;

use super::Style;
use crate::finding::Certainty;
use crate::source::Sources;
use crate::view::grants::{Outcome, Row, Through};

/// The format of a list of grants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GrantsFormat {
    /// For a terminal, by key.
    #[default]
    Table,
    /// The documented form for programs.
    Json,
    /// A line a row, for spreadsheets.
    Csv,
    /// Tables, by key.
    Markdown,
}

/// The list of grants, ending with a line break.
#[must_use]
pub fn grants(format: GrantsFormat, rows: &[Row], sources: &Sources, style: &Style) -> String {
    match format {
        GrantsFormat::Table => table::text(rows, sources, style),
        GrantsFormat::Markdown => table::markdown(rows),
        GrantsFormat::Json => data::json(rows, sources),
        GrantsFormat::Csv => data::csv(rows, sources),
    }
}

pub(super) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Effective => "effective",
        Outcome::Ineffective => "ineffective",
        Outcome::Undecided => "undecided",
    }
}

pub(super) fn through(through: Through) -> &'static str {
    match through {
        Through::KeyPolicy => "key-policy",
        Through::Delegation => "delegation",
        Through::Either => "key-policy-or-delegation",
        Through::BothSides => "both-sides",
        Through::Grant => "kms-grant",
        Through::Trust => "trust",
    }
}

/// The same for people.
fn way(through: Through) -> &'static str {
    match through {
        Through::KeyPolicy => "by the key policy",
        Through::Delegation => "by an IAM policy, as the key policy trusts the account",
        Through::Either => "by the key policy, and by an IAM policy too",
        Through::BothSides => "by the key policy and an IAM policy together",
        Through::Grant => "by a KMS grant on the key",
        Through::Trust => "for those whose IAM policies allow it",
    }
}

/// Everything that a row says beside who, what and whether: a sentence each.
fn remarks(row: &Row) -> Vec<String> {
    said(row.through, row.why.as_ref(), &row.conditions, &row.when)
}

pub(super) fn said(
    through: Option<Through>,
    why: Option<&String>,
    conditions: &[String],
    when: &Certainty,
) -> Vec<String> {
    let way = through.map(|through| way(through).to_owned());
    let conditions = conditions.iter().map(|condition| match condition.strip_prefix("not where ") {
        Some(exception) => format!("unless {exception}"),
        None => format!("if {condition}"),
    });
    let when = super::when::sentence(when);
    way.into_iter().chain(why.cloned()).chain(conditions).chain(when).collect()
}

pub(super) fn certainty(certainty: &Certainty) -> &'static str {
    match certainty {
        Certainty::Always => "always",
        Certainty::Conditional(_) => "conditional",
        Certainty::Defaults(_) => "defaults",
    }
}

/// How many rows come to what.
fn counts(rows: &[Row]) -> [(Outcome, usize); 3] {
    [Outcome::Effective, Outcome::Ineffective, Outcome::Undecided]
        .map(|outcome| (outcome, rows.iter().filter(|row| row.outcome == outcome).count()))
}

/// Rows of one key together, in order.
fn by_key(rows: &[Row]) -> impl Iterator<Item = &[Row]> {
    rows.chunk_by(|a, b| a.key == b.key)
}

fn summary(rows: &[Row]) -> String {
    if rows.is_empty() {
        return "no grants in view".to_owned();
    }
    let counted = counts(rows).into_iter().filter(|(_, count)| *count > 0);
    let counted: Vec<_> = counted.map(|(of, count)| format!("{count} {}", outcome(of))).collect();
    let grants = if rows.len() == 1 { "1 grant".to_owned() } else { format!("{} grants", rows.len()) };
    format!("{grants}: {}", counted.join(", "))
}
