//! What a run tells, in the format that was asked for.
//!
//! An [`Outcome`] and the [`Sources`] it speaks of go in, text comes out: nothing is looked up, nothing is decided here, and equal input gives
//! equal bytes. Only this module knows columns, colours and formats, and only [`write`] touches a disk.

mod concise;
mod excerpt;
mod explain;
mod grants;
mod graph;
mod json;
mod outline;
mod page;
mod plain;
mod pretty;
mod rules;
mod sarif;
mod simulate;
mod summary;
mod when;
mod why;

pub use explain::explain;
pub use grants::{GrantsFormat, grants};
pub use graph::{GraphFormat, graph, too_large};
pub use outline::outline;
pub use rules::rules;
pub use simulate::answer;
pub use why::{WhyFormat, why};

use std::fs::Permissions;
use std::io::{self, Write as _};
use std::path::Path;
use std::str::FromStr;
use tempfile::NamedTempFile;

use crate::finding::{Meta, Outcome, Undecided};
use crate::source::Sources;

/// Where the project lives.
const REPOSITORY: &str = "https://github.com/kmslint/kmslint";
/// Where the pages of the rules are.
const PAGES: &str = "https://github.com/kmslint/kmslint/blob/main/rules";

/// The format of a report of findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Snippets with labels, for people.
    #[default]
    Pretty,
    /// A line a finding.
    Concise,
    /// The documented contract for programs.
    Json,
    /// SARIF 2.1.0 for code scanning.
    Sarif,
}

/// The format of what is told about rules themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Listing {
    /// For a terminal.
    #[default]
    Text,
    /// As the pages are written.
    Markdown,
    /// For programs.
    Json,
}

/// A name that is none of a format's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown format `{name}`: one of {known}")]
pub struct UnknownFormat {
    /// What was given.
    pub name: String,
    /// The names there are.
    pub known: String,
}

impl Format {
    /// All, in the order in which help lists them.
    pub const ALL: [Self; 4] = [Self::Pretty, Self::Concise, Self::Json, Self::Sarif];

    /// Its name in options.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pretty => "pretty",
            Self::Concise => "concise",
            Self::Json => "json",
            Self::Sarif => "sarif",
        }
    }
}

impl Listing {
    /// All, in the order in which help lists them.
    pub const ALL: [Self; 3] = [Self::Text, Self::Markdown, Self::Json];

    /// Its name in options.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Markdown => "markdown",
            Self::Json => "json",
        }
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        named(name, Self::ALL, Self::name)
    }
}

impl FromStr for Listing {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        named(name, Self::ALL, Self::name)
    }
}

fn named<T: Copy, const N: usize>(name: &str, all: [T; N], of: fn(T) -> &'static str) -> Result<T, UnknownFormat> {
    all.into_iter()
        .find(|one| of(*one) == name)
        .ok_or_else(|| UnknownFormat { name: name.to_owned(), known: all.map(of).join(", ") })
}

/// How text is laid out; formats for programs ignore it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether escape sequences may be used.
    pub color: bool,
    /// Whether the names of rules lead to their pages, in terminals that know links.
    pub hyperlinks: bool,
    /// Whether frames and ellipses are drawn with ASCII alone.
    pub ascii: bool,
    /// Width of a line in columns of the terminal; narrower than 40 is taken as 40.
    pub width: usize,
    /// Whether what could not be decided is listed, not only counted.
    pub undecided: bool,
    /// Whether the number of findings of each rule is listed.
    pub statistics: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { color: false, hyperlinks: false, ascii: false, width: 100, undecided: false, statistics: false }
    }
}

impl Style {
    /// The width that is laid out for.
    const fn columns(&self) -> usize {
        if self.width < 40 { 40 } else { self.width }
    }
}

/// The report of a run, ending with a line break.
#[must_use]
pub fn render(format: Format, outcome: &Outcome, sources: &Sources, style: &Style) -> String {
    match format {
        Format::Pretty => pretty::render(outcome, sources, style),
        Format::Concise => concise::render(outcome, sources, style),
        Format::Json => json::render(outcome, sources),
        Format::Sarif => sarif::render(outcome, sources),
    }
}

/// Writes a file that is not there yet: all of it or, where that fails or is interrupted, nothing.
///
/// # Errors
/// Something of the name is there, or the folder cannot be written.
pub fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = beside(path, new_file())?;
    file.write_all(text.as_bytes())?;
    file.persist_noclobber(path)?;
    Ok(())
}

/// Writes a report to a file: all of it or, where that fails or is interrupted, nothing. What is no file, such as a pipe, is written to.
///
/// # Errors
/// The folder does not exist or cannot be written.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let known = path.metadata().ok();
    if known.as_ref().is_some_and(|known| !known.is_file()) {
        return std::fs::OpenOptions::new().write(true).open(path)?.write_all(text.as_bytes());
    }
    // A link stays a link: what it points to is replaced.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let permissions = known.map_or_else(new_file, |known| Some(known.permissions()));
    let mut file = beside(&target, permissions)?;
    file.write_all(text.as_bytes())?;
    file.persist(&target)?;
    Ok(())
}

/// A temporary file that can take the place of another one.
fn beside(path: &Path, permissions: Option<Permissions>) -> io::Result<NamedTempFile> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    if let Some(permissions) = permissions {
        builder.permissions(permissions);
    }
    builder.tempfile_in(folder)
}

/// A temporary file is its owner's alone; a report is for everyone whom the umask lets read it.
#[cfg(unix)]
fn new_file() -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn new_file() -> Option<Permissions> {
    None
}

/// Address of a rule's page.
fn page_address(rule: &Meta) -> String {
    format!("{PAGES}/{}.md", rule.id)
}

/// What was asked and could not be decided, and why.
fn open_question(undecided: &Undecided) -> String {
    let mut what = undecided.what.to_owned();
    let actions = undecided.actions.iter().map(|action| format!("`{action}`")).collect::<Vec<_>>().join(", ");
    let parts = [
        (" of ", (!actions.is_empty()).then_some(actions)),
        (" to ", undecided.principal.as_ref().map(|name| format!("`{name}`"))),
        (" on ", undecided.key.as_ref().map(|name| format!("`{name}`"))),
    ];
    for (link, part) in parts {
        what.extend(part.map(|part| format!("{link}{part}")));
    }
    format!("{what}: {}", undecided.why)
}

/// A schema as JSON, ending with a line break.
#[must_use]
pub fn schema(schema: &serde_json::Value) -> String {
    as_json(schema)
}

/// A value as JSON, ending with a line break.
fn as_json<T: serde::Serialize>(value: &T) -> String {
    // Every value here is a struct of strings and numbers: serializing those into memory has no way to fail.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
