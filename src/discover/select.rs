//! From arguments to a set of files.

use super::assembly::{self, Assemblies, MANIFEST};
use super::exclude::Exclude;
use super::pattern::{self, Pattern};
use super::walk::{self, Found, Manner, Walked};
use super::{Request, Stack, aside, place};
use crate::finding::FileError;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The files that the arguments lead to.
pub(super) struct Selection {
    /// Files, links resolved, with whether they were asked for one by one.
    pub(super) files: BTreeMap<PathBuf, Asked>,
    /// The path of standard input, if it is read.
    pub(super) stdin: Option<PathBuf>,
    /// The path under which standard input is shown where no path was given.
    pub(super) root: PathBuf,
    pub(super) arns: BTreeSet<String>,
    pub(super) assemblies: Assemblies,
    pub(super) searches: Vec<Searched>,
    /// What is said to be deployed, by template.
    pub(super) stacks: BTreeMap<PathBuf, Vec<Stack>>,
    mistakes: BTreeSet<(String, String)>,
    problems: BTreeMap<PathBuf, String>,
    excluded: BTreeSet<PathBuf>,
    /// Everything that was named, links resolved.
    inputs: BTreeSet<PathBuf>,
    manner: Manner,
}

/// How a file came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asked {
    /// A folder or a manifest led to it.
    Found,
    /// It is context, or a template nests it: read only for what it links.
    Linked,
    /// Its name was given, or a pattern that says more than "everything here".
    Named,
}

/// A folder or pattern, and what was in it.
pub(super) struct Searched {
    pub(super) input: String,
    pub(super) folder: Option<PathBuf>,
    pub(super) files: BTreeSet<PathBuf>,
    /// Whether something explains that nothing was found: an exclusion, an error of its own.
    pub(super) excused: bool,
    /// Whether it only came along: a shell that expands `t/**` names every entry of `t`, also folders without templates.
    pub(super) beside: bool,
}

impl Searched {
    /// Whether it led to no file and nothing explains that.
    pub(super) fn is_barren(&self) -> bool {
        self.files.is_empty() && !self.excused && !self.beside
    }
}

/// Standard input where nothing says how it is called.
const STDIN: &str = "<stdin>";

/// Follows every argument.
pub(super) fn select(request: &Request) -> Selection {
    let here = place::working_directory();
    let (exclude, bad) = Exclude::new(&request.exclude, &here);
    let manner = Manner { no_ignore: request.no_ignore, hidden: request.hidden, exclude: Arc::new(exclude) };
    let mut selection = Selection {
        files: BTreeMap::new(),
        stdin: None,
        root: PathBuf::new(),
        arns: BTreeSet::new(),
        assemblies: Assemblies::default(),
        searches: Vec::new(),
        stacks: BTreeMap::new(),
        mistakes: BTreeSet::new(),
        problems: BTreeMap::new(),
        excluded: BTreeSet::new(),
        inputs: BTreeSet::new(),
        manner,
    };
    for (pattern, reason) in bad {
        selection.mistakes.insert((pattern, format!("not a pattern that can be excluded: {reason}")));
    }
    let mut inputs: BTreeSet<&str> = request.inputs.iter().map(String::as_str).collect();
    if inputs.iter().all(|input| is_arn(input)) {
        inputs.insert(".");
    }
    for input in inputs {
        selection.follow(input, request, &here);
    }
    selection.add_context(request, &here);
    selection.add_stacks(&request.stacks);
    if let Some(path) = &selection.stdin {
        selection.files.remove(path);
    }
    for file in request.inventory.iter().filter_map(|path| aside::inventory_files(path).ok()).flatten() {
        // What is known of things outside the templates may lie among them.
        selection.files.remove(&file);
    }
    selection.mark_those_beside();
    let folders: Vec<&Path> = selection.inputs.iter().map(|input| folder_of(input)).collect();
    selection.root = place::root(request.root.as_deref(), folders.into_iter(), &here);
    selection
}

impl Selection {
    fn follow(&mut self, input: &str, request: &Request, here: &Path) {
        if input == "-" {
            self.stdin = Some(place::absolute(Path::new(request.stdin_path.as_deref().unwrap_or(STDIN)), here));
        } else if is_arn(input) {
            self.arns.insert(input.to_owned());
        } else if let Some(path) = resolved(Path::new(input), here) {
            self.inputs.insert(path.clone());
            self.follow_path(input, path);
        } else if pattern::is_pattern(input) {
            self.follow_pattern(input);
        } else {
            self.mistakes.insert((input.to_owned(), missing(Path::new(input))));
        }
    }

    /// What is read beside for links: whatever is asked for stays so, and where that lies decides on the root.
    fn add_context(&mut self, request: &Request, here: &Path) {
        let (asked, inputs, searches) = (self.files.clone(), self.inputs.clone(), self.searches.len());
        for input in &request.context {
            self.follow(input, request, here);
        }
        for (path, how) in &mut self.files {
            *how = asked.get(path).copied().unwrap_or(Asked::Linked);
        }
        self.inputs = inputs;
        for search in self.searches.drain(searches..).filter(Searched::is_barren) {
            self.mistakes
                .insert((search.input, "nothing to read for links: no CloudFormation template in it".to_owned()));
        }
    }

    /// The templates of what is said to be deployed: those that nobody asked for are read for links.
    fn add_stacks(&mut self, stacks: &[Stack]) {
        for stack in stacks {
            let template = match stack.template.canonicalize() {
                Ok(template) => template,
                Err(error) => {
                    self.mistakes.insert((stack.template.display().to_string(), super::read::reason(&error)));
                    continue;
                }
            };
            if self.manner.exclude.covers(&template) {
                self.excluded.insert(template);
                continue;
            }
            self.files.entry(template.clone()).or_insert(Asked::Linked);
            self.stacks.entry(template).or_default().push(stack.clone());
        }
    }

    fn follow_path(&mut self, input: &str, path: PathBuf) {
        if self.manner.exclude.covers(&path) {
            self.excluded.insert(path);
        } else if path.is_dir() {
            self.follow_folder(input, path);
        } else {
            self.name(path);
        }
    }

    fn follow_folder(&mut self, input: &str, folder: PathBuf) {
        let mut searched = Searched::new(input, Some(folder.clone()));
        if self.assemblies.in_folder(&folder).is_some() {
            self.add_assembly(&folder, &mut searched);
        } else if !walk::is_asset_folder(&folder) {
            let walked = walk::walk(&folder, &self.manner, true);
            self.add_walked(walked, &mut searched);
        }
        self.searches.push(searched);
    }

    fn follow_pattern(&mut self, input: &str) {
        let pattern = match Pattern::new(input) {
            Ok(pattern) => pattern,
            Err(reason) => {
                self.mistakes.insert((input.to_owned(), format!("neither a path nor a pattern: {reason}")));
                return;
            }
        };
        let mut searched = Searched::new(input, None);
        if let Some(matches) = pattern.expand(&self.manner) {
            self.inputs.insert(matches.base);
            self.add_walked(matches.walked, &mut searched);
            for file in matches.asked {
                let file = file.real();
                searched.files.insert(file.clone());
                self.name(file);
            }
        }
        if searched.is_barren() {
            self.mistakes.insert((input.to_owned(), "no file fits this pattern".to_owned()));
        } else {
            self.searches.push(searched);
        }
    }

    /// A file that was asked for by its name. A manifest stands for its assembly, and what else an assembly writes about itself for nothing.
    fn name(&mut self, path: PathBuf) {
        let folder = folder_above(&path);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if assembly::is_bookkeeping(&name) && self.assemblies.in_folder(&folder).is_some() {
            if name == MANIFEST {
                self.add_assembly(&folder, &mut Searched::new("", None));
            }
            return;
        }
        self.files.insert(path, Asked::Named);
    }

    fn add_walked(&mut self, walked: Walked, searched: &mut Searched) {
        searched.excused |= walked.excluded || !walked.unreadable.is_empty();
        self.problems.extend(walked.unreadable);
        let manifests = walked.files.iter().filter(|file| file.seen.ends_with(MANIFEST));
        let mut assemblies: Vec<PathBuf> = manifests.map(|file| folder_above(&file.seen)).collect();
        assemblies.retain(|folder| self.assemblies.in_folder(folder).is_some());
        assemblies.sort();
        for folder in &assemblies {
            self.add_assembly(folder, searched);
        }
        let assemblies: BTreeSet<&Path> = assemblies.iter().map(PathBuf::as_path).collect();
        let is_loose = |file: &Found| !file.seen.ancestors().any(|folder| assemblies.contains(folder));
        for file in walked.files.into_iter().filter(is_loose) {
            if walk::has_template_ending(&file.seen) {
                self.add(file.real(), searched);
            }
        }
    }

    /// The templates of an assembly and of all that are nested in it.
    fn add_assembly(&mut self, folder: &Path, searched: &mut Searched) {
        let mut waiting = vec![folder.to_path_buf()];
        while let Some(folder) = waiting.pop() {
            let Some(assembly) = self.assemblies.in_folder(&folder) else {
                self.problems.insert(
                    folder.join(MANIFEST),
                    "listed as an assembly, but not there: synthesize it again".to_owned(),
                );
                searched.excused = true;
                continue;
            };
            waiting.extend(assembly.assemblies.iter().cloned());
            let templates: Vec<PathBuf> = assembly.templates().cloned().collect();
            for template in templates {
                let real = template.canonicalize();
                match real {
                    Ok(real) if self.manner.exclude.covers(&real) => searched.excused = true,
                    Ok(real) => self.add(real, searched),
                    Err(_) => {
                        searched.excused = true;
                        self.problems.insert(
                            template,
                            "listed in `manifest.json`, but not there: synthesize it again".to_owned(),
                        );
                    }
                }
            }
        }
    }

    fn add(&mut self, file: PathBuf, searched: &mut Searched) {
        searched.files.insert(file.clone());
        self.files.entry(file).or_insert(Asked::Found);
    }

    /// Marks the folders that a shell named along with others: in such a one there may be nothing.
    fn mark_those_beside(&mut self) {
        if self.inputs.len() < 2 {
            return;
        }
        let fruitful = |search: &Searched| (!search.files.is_empty()).then(|| search.folder.clone()).flatten();
        let fruitful: Vec<PathBuf> = self.searches.iter().filter_map(fruitful).collect();
        let mut searches = std::mem::take(&mut self.searches);
        for search in &mut searches {
            let Some(folder) = &search.folder else { continue };
            let inside_another = fruitful.iter().any(|other| folder != other && folder.starts_with(other));
            search.beside = inside_another || self.names_all_beside(folder);
        }
        self.searches = searches;
    }

    /// Whether every entry of the folder that holds `folder` is an argument too, and one of them led to a file.
    fn names_all_beside(&self, folder: &Path) -> bool {
        let parent = folder_above(folder);
        let Ok(entries) = std::fs::read_dir(&parent) else { return false };
        let visible = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let mut visible =
            visible.filter(|path| !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')));
        visible.all(|path| self.inputs.contains(&path)) && self.files.keys().any(|file| file.starts_with(&parent))
    }

    /// Whether a path must not be read.
    pub(super) fn excludes(&self, path: &Path) -> bool {
        self.manner.exclude.covers(path)
    }

    /// The path as it is shown.
    pub(super) fn shown(&self, path: &Path) -> String {
        if path.ends_with(STDIN) { STDIN.to_owned() } else { place::reported(path, &self.root) }
    }

    /// Reported paths of named files and folders that are excluded, sorted.
    pub(super) fn excluded(&self) -> Vec<String> {
        let mut paths: Vec<String> = self.excluded.iter().map(|path| self.shown(path)).collect();
        paths.sort();
        paths
    }

    /// Arguments that lead nowhere.
    pub(super) fn mistakes(&self) -> Vec<FileError> {
        let error = |(input, message): &(String, String)| FileError {
            file: input.clone(),
            message: message.clone(),
            span: None,
        };
        self.mistakes.iter().map(error).collect()
    }

    /// What is wrong with folders and manifests.
    pub(super) fn errors(&self) -> Vec<FileError> {
        let broken = self.assemblies.broken.iter().map(|(path, message)| (path, message));
        let error = |(path, message): (&PathBuf, &String)| FileError {
            file: self.shown(path),
            message: message.clone(),
            span: None,
        };
        self.problems.iter().chain(broken).map(error).collect()
    }
}

impl Searched {
    fn new(input: &str, folder: Option<PathBuf>) -> Self {
        Self { input: input.to_owned(), folder, files: BTreeSet::new(), excused: false, beside: false }
    }
}

pub(super) fn is_arn(input: &str) -> bool {
    input.starts_with("arn:")
}

fn folder_above(path: &Path) -> PathBuf {
    path.parent().unwrap_or(path).to_path_buf()
}

/// The folder that an input lies in, or is.
fn folder_of(input: &Path) -> &Path {
    if input.is_dir() { input } else { input.parent().unwrap_or(input) }
}

/// A path with its links resolved, if something is there. A pipe such as `/dev/fd/63` has no resolved path.
fn resolved(path: &Path, here: &Path) -> Option<PathBuf> {
    path.canonicalize().ok().or_else(|| path.exists().then(|| place::absolute(path, here)))
}

/// Why a path cannot be followed.
fn missing(path: &Path) -> String {
    match std::fs::metadata(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => super::read::reason(&error),
        _ if path.is_symlink() => "a link that leads nowhere".to_owned(),
        _ => "no such file or folder".to_owned(),
    }
}
