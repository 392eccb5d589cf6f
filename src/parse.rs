//! From text to templates, file by file: what is read together is judged apart.

use crate::estate::Source;
use crate::finding::FileError;
use crate::source::{FileId, SourceFile, Sources};
use crate::syntax;
use crate::template;
use rayon::prelude::*;
use std::collections::BTreeSet;

/// From how many bytes on it pays to start threads: less is parsed sooner than they are up.
const MUCH: usize = 32 << 10;

/// What the files are.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    /// The templates that could be read wholly, in the order of the files.
    pub(crate) templates: Vec<Source>,
    /// How many of them were asked for.
    pub(crate) asked_for: usize,
    /// One error for every file that could not.
    pub(crate) errors: Vec<FileError>,
    /// Paths of files that are no templates.
    pub(crate) skipped: Vec<String>,
    /// What else is worth knowing, a sentence each.
    pub(crate) notes: Vec<String>,
    /// Files that are templates, or may be such and got an error.
    pub(crate) judged: BTreeSet<FileId>,
}

enum File {
    Template(Box<Source>),
    Broken(FileError),
    Other(String),
}

/// Parses and lowers every file but those in `aside`, which are no templates. Those in `linked` are only read along: whatever is wrong with them, nobody asked.
pub(crate) fn parse_all(sources: &Sources, linked: &BTreeSet<FileId>, aside: &BTreeSet<FileId>) -> Parsed {
    let files: Vec<&SourceFile> = sources.iter().filter(|file| !aside.contains(&file.id)).collect();
    let bytes: usize = files.iter().map(|file| file.text.len()).sum();
    let read: Vec<(FileId, File)> = if files.len() < 2 || bytes < MUCH {
        files.into_iter().map(parse_one).collect()
    } else {
        files.into_par_iter().map(parse_one).collect()
    };
    let mut parsed = Parsed::default();
    for (id, file) in read {
        let is_asked_for = !linked.contains(&id);
        match file {
            File::Template(template) => {
                parsed.templates.push(*template);
                parsed.asked_for += usize::from(is_asked_for);
            }
            File::Broken(error) if is_asked_for => parsed.errors.push(error),
            File::Other(path) if is_asked_for => {
                parsed.skipped.push(path);
                continue;
            }
            File::Broken(_) | File::Other(_) => {}
        }
        if is_asked_for {
            parsed.judged.insert(id);
        }
    }
    parsed
}

fn parse_one(source: &SourceFile) -> (FileId, File) {
    let tree = syntax::parse(source);
    let file = match tree.problems.first() {
        Some(problem) => File::Broken(FileError {
            file: source.path.clone(),
            message: problem.message.clone(),
            span: Some(problem.span),
        }),
        None if template::is_template(&tree) => File::Template(Box::new(Source {
            template: template::lower(&tree),
            path: source.path.clone(),
            duplicates: tree.duplicates.into_iter().map(|twice| (twice.key, twice.first, twice.again)).collect(),
        })),
        None => File::Other(source.path.clone()),
    };
    (source.id, file)
}
