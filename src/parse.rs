//! From text to templates, file by file: what is read together is judged apart.

use crate::estate::{Body, Source};
use crate::finding::FileError;
use crate::source::{FileId, SourceFile, Sources};
use crate::syntax;
use crate::template::{self, Resource, Template};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// From how many bytes on it pays to start threads: less is parsed sooner than they are up.
const MUCH: usize = 32 << 10;

/// What the files are.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    /// The templates that could be read wholly, in the order of the files.
    pub(crate) templates: Vec<Source>,
    /// Templates that are written in them as text.
    pub(crate) bodies: Vec<Body>,
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
    /// A template, and those that are written in it, with the stack sets that deploy them.
    Template(Box<Source>, Vec<(String, Template)>),
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
            File::Template(template, within) => {
                let source = parsed.templates.len();
                parsed.templates.push(*template);
                parsed.bodies.extend(within.into_iter().map(|(set, template)| Body { source, set, template }));
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
        None if template::is_template(&tree) => {
            let template = Source {
                template: template::lower(&tree),
                path: source.path.clone(),
                duplicates: tree.duplicates.into_iter().map(|twice| (twice.key, twice.first, twice.again)).collect(),
            };
            let within = templates_within(source, &template.template);
            File::Template(Box::new(template), within)
        }
        None => File::Other(source.path.clone()),
    };
    (source.id, file)
}

/// The templates that the stack sets of a template have as text. One that cannot be read is left out: whether it is right is another matter.
fn templates_within(source: &SourceFile, template: &Template) -> Vec<(String, Template)> {
    let sets = template.resources.iter().filter(|resource| resource.kind.value == "AWS::CloudFormation::StackSet");
    let within = |set: &Resource| {
        let body = set.properties.get("TemplateBody")?;
        let tree = syntax::parse_embedded(source, body.span, body.literal()?);
        let is_template = tree.problems.is_empty() && template::is_template(&tree);
        is_template.then(|| (set.name.value.clone(), template::lower(&tree)))
    };
    sets.filter_map(within).collect()
}
