//! What is read beside the templates: the inventory, lists of ARNs, values of parameters.

use super::select::{self, Selection};
use super::{Request, read};
use crate::finding::FileError;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The largest inventory file that is read: what IAM says of a large account takes tens of megabytes.
const MAX_BYTES: u64 = 256 << 20;

/// Endings of inventory files in a folder.
const ENDINGS: [&str; 3] = ["json", "jsonl", "ndjson"];

/// What was read beside the templates.
#[derive(Default)]
pub(super) struct Aside {
    /// Inventory files: path as reported and text, sorted.
    pub(super) inventory: Vec<(String, String)>,
    pub(super) arns: Vec<String>,
    /// Files with values of parameters: path as given and text, in the order in which they were given.
    pub(super) parameters: Vec<(String, String)>,
    pub(super) mistakes: Vec<FileError>,
    pub(super) errors: Vec<FileError>,
}

/// Reads what is asked for beside the templates.
pub(super) fn read(request: &Request, selection: &Selection) -> Aside {
    let mut aside = Aside::default();
    let mut files = BTreeSet::new();
    for path in &request.inventory {
        match inventory_files(path) {
            Ok(found) => files.extend(found),
            Err(message) => aside.mistakes.push(error(path.display().to_string(), message)),
        }
    }
    for path in files {
        let shown = selection.shown(&path);
        match read::text_of(&path, MAX_BYTES) {
            Ok(text) => aside.inventory.push((shown, text)),
            Err(message) => aside.errors.push(error(shown, message)),
        }
    }
    aside.inventory.sort();
    for path in &request.arn_files {
        match read::text_of(path, MAX_BYTES) {
            Ok(text) => aside.add_arns(&path.display().to_string(), &text),
            Err(message) => aside.mistakes.push(error(path.display().to_string(), message)),
        }
    }
    for path in &request.parameter_files {
        let shown = path.display().to_string();
        match read::text_of(path, MAX_BYTES) {
            Ok(text) => aside.parameters.push((shown, text)),
            Err(message) => aside.mistakes.push(error(shown, message)),
        }
    }
    aside
}

fn error(file: String, message: String) -> FileError {
    FileError { file, message, span: None }
}

/// The files of the inventory at a path, links resolved.
pub(super) fn inventory_files(path: &Path) -> Result<Vec<PathBuf>, String> {
    let real = path.canonicalize().map_err(|error| read::reason(&error))?;
    if !real.is_dir() {
        return Ok(vec![real]);
    }
    let mut files = Vec::new();
    let mut folders = vec![real];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|error| read::reason(&error))?;
        for entry in entries.filter_map(Result::ok) {
            let (path, kind) = (entry.path(), entry.file_type());
            if kind.is_ok_and(|kind| kind.is_dir()) {
                folders.push(path);
            } else if has_ending(&path) {
                files.push(path.canonicalize().unwrap_or(path));
            }
        }
    }
    if files.is_empty() {
        return Err(format!("no inventory in it: files end in `.{}`", ENDINGS.join("`, `.")));
    }
    Ok(files)
}

fn has_ending(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known))
}

impl Aside {
    /// The ARNs of a file: one a line; empty lines and what follows `#` are nothing.
    fn add_arns(&mut self, shown: &str, text: &str) {
        for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
            let line = line.split('#').next().unwrap_or_default().trim();
            if select::is_arn(line) {
                self.arns.push(line.to_owned());
            } else if !line.is_empty() {
                let message = format!("`{line}` is no ARN: write the ARN of a key or an alias a line");
                self.mistakes.push(error(format!("{shown}:{number}"), message));
            }
        }
    }
}
