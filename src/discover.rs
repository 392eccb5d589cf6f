//! From arguments to files and deployments: paths, globs, `.gitignore`, `cdk.out` manifests, standard input.
//!
//! The only place that reads files. It hands over text; what is wrong with a path is data, never a failure of the run.
//!
//! First the arguments select files (`select`), then the selected files are read (`read`), last the manifests say what is deployed from them
//! (`deploy`). What is found is a set: neither the order of the arguments nor that of the file system shows in the result.

mod aside;
mod assembly;
mod deploy;
mod exclude;
mod home;
mod metadata;
mod nested;
mod pattern;
mod place;
mod read;
mod select;
mod walk;

pub(crate) use deploy::stem;
pub use home::{Globs, Home};

use crate::finding::{Construct, FileError, Place};
use crate::source::{FileId, Sources};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What to look for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Files, directories, globs, `cdk.out` folders, `-`, and ARNs, as given; empty: the working directory.
    pub inputs: Vec<String>,
    /// Globs of what is never read, also when named.
    pub exclude: Vec<String>,
    /// Whether `.gitignore` files are disregarded.
    pub no_ignore: bool,
    /// Whether hidden files and folders are walked.
    pub hidden: bool,
    /// The base of reported paths; none: the git root that holds the input, else the working directory.
    pub root: Option<PathBuf>,
    /// The path under which standard input is reported.
    pub stdin_path: Option<String>,
    /// Files and folders with what is known of things outside the templates.
    pub inventory: Vec<PathBuf>,
    /// Files with an ARN a line.
    pub arn_files: Vec<PathBuf>,
    /// Paths and patterns that are read for links alone: nothing in them is reported.
    pub context: Vec<String>,
    /// Files with values of parameters; a later one wins.
    pub parameter_files: Vec<PathBuf>,
    /// What is deployed where, as far as somebody says it. A template that is listed has these deployments and no other.
    pub stacks: Vec<Stack>,
}

/// A deployment of a template, as somebody says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stack {
    /// The file of the template. Where it is not asked for, it is read for links alone.
    pub template: PathBuf,
    /// The stack's name.
    pub name: String,
    /// The account, if it is said.
    pub account: Option<String>,
    /// The Region, if it is said.
    pub region: Option<String>,
    /// The name of its scope; none: that of all loose files, or of the assembly that the template belongs to.
    pub scope: Option<String>,
    /// Values of parameters.
    pub parameters: BTreeMap<String, Supplied>,
}

/// The value of a parameter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Supplied {
    /// The value.
    pub value: String,
    /// Where it is given, for people: `.kmslint.yaml:12:5`.
    pub origin: String,
}

/// The templates that are meant to live together: an assembly, the stacks that are said to be in a scope, or all loose files of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeId(pub u32);

/// One deployment of a template, as far as the file system or a configuration says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// The template.
    pub file: FileId,
    /// The stack's name: from a manifest, else the file's stem (`keys.yaml` → `keys`, `A.template.json` → `A`).
    pub name: String,
    /// Whether the name comes from a manifest (else it is only what fits best).
    pub named: bool,
    /// The account, where a manifest says it.
    pub account: Option<String>,
    /// The Region, where a manifest says it.
    pub region: Option<String>,
    /// The scope it lives in.
    pub scope: ScopeId,
    /// Names of the stacks of the same scope that a manifest says have to be deployed before.
    pub depends_on: Vec<String>,
    /// The construct of each logical id, as far as the assembly that lists the stack says it; none where no assembly does.
    pub constructs: Option<Arc<BTreeMap<String, Construct>>>,
    /// Whether a manifest lists it as a stack of its own. A nested template of an assembly is not: it is deployed by its parent.
    pub standalone: bool,
    /// Whether its findings are reported, or it is only read for links.
    pub reported: bool,
    /// Values of parameters that are given to it alone.
    pub parameters: BTreeMap<String, Supplied>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Discovery {
    /// The files that may be templates, sorted by their reported path; then those of the inventory, in the same way.
    pub sources: Sources,
    /// The files of the inventory.
    pub inventory: BTreeSet<FileId>,
    /// Files with values of parameters: path as given and text, in the order in which they were given.
    pub parameters: Vec<(String, String)>,
    /// Deployments, sorted by file and name.
    pub deployments: Vec<Deployment>,
    /// Reported paths of templates that assemblies upload, by the names that they get there.
    pub uploads: BTreeMap<String, String>,
    /// ARNs among the arguments and in files of ARNs, as given.
    pub arns: Vec<String>,
    /// Arguments that led nowhere: nothing of this name, no file that fits; see also [`Discovery::barren`].
    pub mistakes: Vec<FileError>,
    /// Files and folders that could not be read.
    pub errors: Vec<FileError>,
    /// Files that were named but are excluded.
    pub excluded: Vec<String>,
    /// Files with the ending of a template that are certainly none; their text is not kept.
    pub skipped: Vec<String>,
    /// Files that were named one by one (not found in a folder) and are certainly no templates, with the reason.
    pub passed_over: Vec<(String, &'static str)>,
    /// Files that were named one by one.
    pub named: BTreeSet<FileId>,
    /// Files that are read for links alone, as context or because others nest them: nothing in them is reported.
    pub linked: BTreeSet<FileId>,
    /// The root of reported paths, absolute.
    pub root: PathBuf,
    searches: Vec<Search>,
}

/// A folder or a pattern among the arguments, and what it led to.
#[derive(Debug)]
struct Search {
    input: String,
    files: Vec<FileId>,
    /// Whether something explains that none of its files is a template.
    excused: bool,
    /// Whether it came along with arguments beside it, as when a shell expands `t/**`.
    beside: bool,
}

/// The files that a run reads.
#[derive(Debug, Default)]
pub struct Listing {
    /// Reported paths: what may be a template, and the inventory, each sorted.
    pub files: Vec<String>,
    /// What is wrong with the arguments.
    pub errors: Vec<FileError>,
    /// Files that were named but are excluded.
    pub excluded: Vec<String>,
}

/// Finds and reads what was asked for.
#[must_use]
pub fn discover(request: &Request) -> Discovery {
    let selection = select::select(request);
    let texts = read::read_all(&selection);
    let aside = aside::read(request, &selection);
    deploy::assemble(selection, texts, aside)
}

/// Finds what was asked for, and says only which files it is.
#[must_use]
pub fn list(request: &Request) -> Listing {
    let selection = select::select(request);
    let mut files: Vec<String> = read::read_all(&selection).into_iter().map(|file| file.shown).collect();
    let aside = aside::read(request, &selection);
    files.extend(aside.inventory.into_iter().map(|(path, _)| path));
    let mut errors = [selection.mistakes(), selection.errors(), aside.mistakes, aside.errors].concat();
    errors
        .extend(selection.searches.iter().filter(|search| search.is_barren()).map(|search| nothing_in(&search.input)));
    errors.sort_by(|a, b| (&a.file, &a.message).cmp(&(&b.file, &b.message)));
    Listing { files, errors, excluded: selection.excluded() }
}

impl Discovery {
    /// The file of a place, absolute.
    #[must_use]
    pub fn path_of(&self, place: &Place) -> Option<PathBuf> {
        self.sources.file(place.span.file).map(|file| self.root.join(&file.path))
    }

    /// Whether what is found at a place is reported: somebody asked for its file.
    #[must_use]
    pub fn reports(&self, place: &Place) -> bool {
        !self.linked.contains(&place.span.file)
    }

    /// An error for every folder and pattern in which no file is a template, as far as `judged` says so.
    #[must_use]
    pub fn barren(&self, judged: &BTreeSet<FileId>) -> Vec<FileError> {
        let is_excused = |search: &Search| search.excused || (search.beside && !judged.is_empty());
        let found_nothing =
            |search: &&Search| !is_excused(search) && !search.files.iter().any(|file| judged.contains(file));
        self.searches.iter().filter(found_nothing).map(|search| nothing_in(&search.input)).collect()
    }
}

fn nothing_in(input: &str) -> FileError {
    let assembly = Path::new(input).join("cdk.out");
    let message = if assembly.join(assembly::MANIFEST).is_file() {
        let assembly = if input == "." { "cdk.out".to_owned() } else { assembly.to_string_lossy().into_owned() };
        format!("nothing to check: `{assembly}` is ignored, name it to read it all the same")
    } else {
        "nothing to check: no CloudFormation template in it (`.yaml`, `.yml`, `.json`, `.template`)".to_owned()
    };
    FileError { file: input.to_owned(), message, span: None }
}
