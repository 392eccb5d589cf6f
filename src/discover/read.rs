//! From files to text: what is too large, no text, or certainly no template ends here.

use super::select::{Asked, Selection};
use super::{nested, walk};
use memchr::memmem;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// The largest file that is read, in bytes: sixteen times what CloudFormation accepts as a template.
const MAX_BYTES: u64 = 16 << 20;

/// From how many files on more than one thread reads.
const MANY: usize = 64;

/// From which size on the beginning of a file is looked at first.
const LARGE: u64 = 64 << 10;

/// What became of a file.
pub(super) enum Text {
    /// Its text.
    Read(String),
    /// It is certainly no template, for this reason.
    NoTemplate(&'static str),
    /// It could not be read; what is wrong and what to do.
    Failed(String),
}

/// A selected file that was read.
pub(super) struct ReadFile {
    /// Its path with links resolved.
    pub(super) path: PathBuf,
    /// Its path as reported.
    pub(super) shown: String,
    pub(super) asked: Asked,
    pub(super) text: Text,
}

/// Reads every selected file, standard input, and what they nest; sorted by reported path.
pub(super) fn read_all(selection: &Selection) -> Vec<ReadFile> {
    let mut files = read_files(&selection.files, selection);
    if let Some(path) = &selection.stdin {
        let text = bytes_of(io::stdin().lock(), 0).map_or_else(Text::Failed, |bytes| judge(bytes, true, Asked::Named));
        files.push(ReadFile { path: path.clone(), shown: selection.shown(path), asked: Asked::Named, text });
    }
    let mut known: BTreeSet<PathBuf> = files.iter().map(|file| file.path.clone()).collect();
    let mut fresh = 0;
    while let Some(unseen) = files.get(fresh..).filter(|unseen| !unseen.is_empty()) {
        let nested = nested::nested_in(unseen, &selection.root);
        let new = nested.into_iter().filter(|path| !selection.excludes(path) && known.insert(path.clone()));
        let new = new.map(|path| (path, Asked::Linked)).collect();
        fresh = files.len();
        files.extend(read_files(&new, selection));
    }
    files.sort_by(|a, b| a.shown.cmp(&b.shown));
    files
}

fn read_files(paths: &BTreeMap<PathBuf, Asked>, selection: &Selection) -> Vec<ReadFile> {
    let file = |(path, asked): (&PathBuf, &Asked)| ReadFile {
        text: read(path, *asked),
        shown: selection.shown(path),
        path: path.clone(),
        asked: *asked,
    };
    if paths.len() < MANY { paths.iter().map(file).collect() } else { paths.par_iter().map(file).collect() }
}

/// An error of the operating system for people.
pub(super) fn reason(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "no such file or folder".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => {
            let text = error.to_string().to_lowercase();
            text.split(" (os error").next().unwrap_or_default().to_owned()
        }
    }
}

/// The text of a file that is no template, or what is wrong with it and what to do.
pub(super) fn text_of(path: &Path, most: u64) -> Result<String, String> {
    let opened = File::open(path).and_then(|file| Ok((file.metadata()?.len(), file)));
    let (length, file) = opened.map_err(|error| format!("cannot be read: {}", reason(&error)))?;
    let too_large = || format!("larger than {} MiB: split it", most >> 20);
    if length > most {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    file.take(most + 1).read_to_end(&mut bytes).map_err(|error| format!("cannot be read: {}", reason(&error)))?;
    if bytes.len() as u64 > most { Err(too_large()) } else { decoded(bytes) }
}

fn read(path: &Path, asked: Asked) -> Text {
    let usual = walk::has_template_ending(path);
    if is_prose(path) {
        return Text::NoTemplate("its ending is one of prose");
    }
    let opened = File::open(path).and_then(|file| Ok((file.metadata()?.len(), file)));
    let (length, mut file) = match opened {
        Ok(opened) => opened,
        Err(error) => return Text::Failed(format!("cannot be read: {}", reason(&error))),
    };
    let mut start = Vec::new();
    if length > LARGE {
        if let Err(error) = file.by_ref().take(512).read_to_end(&mut start) {
            return Text::Failed(format!("cannot be read: {}", reason(&error)));
        }
        if is_list(&start) {
            return Text::NoTemplate("it is a list");
        }
    }
    let read = bytes_of(io::Cursor::new(start).chain(file), length);
    match read.map_or_else(Text::Failed, |bytes| judge(bytes, usual, asked)) {
        Text::Failed(_) if !usual => Text::NoTemplate("it is no text, or too large"),
        text => text,
    }
}

/// All bytes of an input, or why there are too many or none.
fn bytes_of(input: impl Read, length: u64) -> Result<Vec<u8>, String> {
    let too_large = || {
        let limit = MAX_BYTES >> 20;
        format!("larger than {limit} MiB, no template can be: leave it out with `--exclude`")
    };
    if length > MAX_BYTES {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    input.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| format!("cannot be read: {}", reason(&error)))?;
    if bytes.len() as u64 > MAX_BYTES { Err(too_large()) } else { Ok(bytes) }
}

/// Turns bytes into text, or says why they are none.
fn decoded(bytes: Vec<u8>) -> Result<String, String> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err("text in UTF-16: save the file as UTF-8".to_owned());
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let (before, rest) = error.as_bytes().split_at(valid);
        let byte = rest.first().copied().unwrap_or_default();
        format!("line {} is not UTF-8 (byte `0x{byte:02x}`): save the file as UTF-8", line_at_end(before))
    })?;
    let Some(at) = memchr::memchr(0, text.as_bytes()) else { return Ok(text) };
    let line = line_at_end(text.as_bytes().get(..at).unwrap_or_default());
    Err(format!("line {line} has a NUL byte: remove it, a template is text"))
}

/// Turns bytes into text, if they are some and may be a template.
fn judge(bytes: Vec<u8>, usual_ending: bool, asked: Asked) -> Text {
    let text = match decoded(bytes) {
        Ok(text) => text,
        Err(message) => return Text::Failed(message),
    };
    let may_be_template = match (usual_ending, asked) {
        (true, Asked::Named) => true,
        (true, Asked::Found | Asked::Linked) => !is_list(text.as_bytes()) && mentions_a_section(&text),
        (false, _) => text.lines().any(begins_section),
    };
    if may_be_template { Text::Read(text) } else { Text::NoTemplate("it has no `Resources`") }
}

fn line_at_end(before: &[u8]) -> usize {
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

fn is_list(start: &[u8]) -> bool {
    start.trim_ascii_start().starts_with(b"[")
}

fn mentions_a_section(text: &str) -> bool {
    let has = |name: &str| memmem::find(text.as_bytes(), name.as_bytes()).is_some();
    has("Resources") || has("AWSTemplateFormatVersion") || has("Transform")
}

/// Whether a line looks like the head of a section that only templates have.
fn begins_section(line: &str) -> bool {
    let bare = line.trim_start_matches([' ', '\t', '{', '"', '\'', '\u{feff}']);
    let after = bare.strip_prefix("Resources").or_else(|| bare.strip_prefix("AWSTemplateFormatVersion"));
    after.is_some_and(|after| after.trim_start_matches(['"', '\'', ' ']).starts_with(':'))
}

/// Texts about templates quote templates.
fn is_prose(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    ["md", "markdown", "rst", "adoc", "html"].iter().any(|known| ending.eq_ignore_ascii_case(known))
}
