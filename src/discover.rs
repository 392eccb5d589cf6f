//! From arguments to files and deployments: paths, globs, `.gitignore`, `cdk.out` manifests, standard input.
//!
//! The only place that reads files. It hands over text; what is wrong with a path is data, never a failure of the run.

use crate::finding::FileError;
use crate::source::{FileId, Sources};
use std::path::PathBuf;

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
}

/// The templates that are meant to live together: an assembly, or all loose files of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeId(pub u32);

/// One deployment of a template, as far as the file system says.
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
    /// Whether a manifest lists it as a stack of its own. A nested template of an assembly is not: it is deployed by its parent.
    pub standalone: bool,
    /// Whether its findings are reported, or it is only read for links.
    pub reported: bool,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Discovery {
    /// The files, sorted by their reported path.
    pub sources: Sources,
    /// Deployments, sorted by file and name.
    pub deployments: Vec<Deployment>,
    /// ARNs among the arguments, as given.
    pub arns: Vec<String>,
    /// Files, patterns and folders that could not be read or in which there was nothing to check.
    pub errors: Vec<FileError>,
    /// Files that were named but are excluded.
    pub excluded: Vec<String>,
    /// The root of reported paths, absolute.
    pub root: PathBuf,
}
