//! From files that were read to what is deployed from them.

use super::aside::Aside;
use super::assembly::Assemblies;
use super::read::{ReadFile, Text};
use super::select::{Asked, Selection};
use super::walk::has_template_ending;
use super::{Deployment, Discovery, ScopeId, Search, Stack};
use crate::finding::FileError;
use crate::source::{FileId, SourceFile, Sources};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The scope of all loose files.
const LOOSE: ScopeId = ScopeId(0);

/// Numbers the files and lists their deployments.
pub(super) fn assemble(mut selection: Selection, files: Vec<ReadFile>, aside: Aside) -> Discovery {
    let mut discovery = Discovery {
        mistakes: [selection.mistakes(), aside.mistakes].concat(),
        errors: [selection.errors(), aside.errors].concat(),
        excluded: selection.excluded(),
        ..Discovery::default()
    };
    let mut failed = BTreeSet::new();
    let mut kept: Vec<(PathBuf, FileId)> = Vec::new();
    let mut sources = Vec::new();
    for file in files {
        match file.text {
            Text::Read(text) => {
                let id = FileId(u32::try_from(sources.len()).unwrap_or(u32::MAX));
                sources.push(SourceFile::new(id, file.shown, text));
                if file.asked == Asked::Named {
                    discovery.named.insert(id);
                }
                if file.asked == Asked::Linked {
                    discovery.linked.insert(id);
                }
                kept.push((file.path, id));
            }
            Text::NoTemplate(why) if selection.stacks.contains_key(&file.path) => {
                let message = format!("no CloudFormation template, though a stack is said to be made of it: {why}");
                discovery.mistakes.push(FileError { file: file.shown, message, span: None });
            }
            Text::NoTemplate(_) | Text::Failed(_) if file.asked == Asked::Linked => {}
            Text::NoTemplate(why) => {
                if file.asked == Asked::Named {
                    discovery.passed_over.push((file.shown.clone(), why));
                }
                if has_template_ending(&file.path) {
                    discovery.skipped.push(file.shown);
                }
            }
            Text::Failed(message) => {
                discovery.errors.push(FileError { file: file.shown, message, span: None });
                failed.insert(file.path);
            }
        }
    }
    discovery.parameters = aside.parameters;
    for (shown, text) in aside.inventory {
        let id = FileId(u32::try_from(sources.len()).unwrap_or(u32::MAX));
        sources.push(SourceFile::new(id, shown, text));
        discovery.inventory.insert(id);
    }
    discovery.errors.sort_by(|a, b| (&a.file, &a.message).cmp(&(&b.file, &b.message)));
    discovery.searches = searches(&selection, &kept, &failed);
    discovery.deployments = Deployments::default().of(&kept, &mut selection, &discovery.linked);
    discovery.sources = Sources::new(sources);
    let uploads = selection.assemblies.known().flat_map(|assembly| &assembly.uploads);
    let uploads = uploads.filter_map(|(name, path)| Some((name.clone(), selection.shown(&path.canonicalize().ok()?))));
    discovery.uploads = uploads.collect();
    selection.arns.extend(aside.arns);
    discovery.arns = selection.arns.into_iter().collect();
    discovery.root = selection.root;
    discovery
}

fn searches(selection: &Selection, kept: &[(PathBuf, FileId)], failed: &BTreeSet<PathBuf>) -> Vec<Search> {
    let kept: HashMap<&Path, FileId> = kept.iter().map(|(path, id)| (path.as_path(), *id)).collect();
    let ended = |search: &super::select::Searched| Search {
        input: search.input.clone(),
        files: search.files.iter().filter_map(|file| kept.get(file.as_path())).copied().collect(),
        excused: search.excused || search.files.iter().any(|file| failed.contains(file)),
        beside: search.beside,
    };
    selection.searches.iter().map(ended).collect()
}

/// What makes files live together.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Together {
    Assembly(PathBuf),
    Named(String),
}

#[derive(Default)]
struct Deployments {
    found: Vec<Deployment>,
    scopes: BTreeMap<Together, ScopeId>,
}

impl Deployments {
    /// What is deployed from these files, which are in the order of their ids.
    fn of(
        mut self,
        files: &[(PathBuf, FileId)],
        selection: &mut Selection,
        linked: &BTreeSet<FileId>,
    ) -> Vec<Deployment> {
        for (path, file) in files {
            let own = self.by_itself(path, *file, &mut selection.assemblies, !linked.contains(file));
            match selection.stacks.get(path) {
                Some(stacks) => self.add_said(own, stacks),
                None => self.found.extend(own),
            }
        }
        let order = |it: &Deployment| (it.file, it.name.clone(), it.account.clone(), it.region.clone(), it.scope);
        self.found.sort_by_cached_key(order);
        self.found
    }

    /// The deployments of a file as the file system says them; there is at least one.
    fn by_itself(&mut self, path: &Path, file: FileId, assemblies: &mut Assemblies, reported: bool) -> Vec<Deployment> {
        let loose = Deployment {
            file,
            name: stem(path),
            named: false,
            account: None,
            region: None,
            scope: LOOSE,
            depends_on: Vec::new(),
            constructs: None,
            standalone: true,
            reported,
            parameters: BTreeMap::new(),
        };
        let folder = path.parent().unwrap_or(path);
        let Some(assembly) = assemblies.in_folder(folder) else { return vec![loose] };
        let is_template = |template: &PathBuf| same_file(template, path);
        let together = || Together::Assembly(folder.to_path_buf());
        let mut found = Vec::new();
        for stack in assembly.stacks.iter().filter(|stack| is_template(&stack.template)) {
            found.push(Deployment {
                name: stack.name.clone(),
                named: true,
                account: stack.account.clone(),
                region: stack.region.clone(),
                scope: self.scope(together()),
                depends_on: stack.depends_on.clone(),
                constructs: Some(Arc::clone(&stack.constructs)),
                ..loose.clone()
            });
        }
        if found.is_empty() && assembly.nested_templates.iter().any(is_template) {
            let constructs = assembly.nested_constructs.iter().find(|(template, _)| is_template(template));
            let constructs = constructs.map(|(_, constructs)| Arc::clone(constructs));
            found.push(Deployment { scope: self.scope(together()), standalone: false, constructs, ..loose });
        } else if found.is_empty() {
            found.push(loose);
        }
        found
    }

    /// What somebody says to be deployed replaces what the file system says, but for what is said there alone.
    fn add_said(&mut self, own: Vec<Deployment>, stacks: &[Stack]) {
        let Some(own) = own.into_iter().next() else { return };
        for stack in stacks {
            let scope = stack.scope.clone().map(|name| self.scope(Together::Named(name)));
            self.found.push(Deployment {
                name: stack.name.clone(),
                named: true,
                account: stack.account.clone(),
                region: stack.region.clone(),
                scope: scope.unwrap_or(own.scope),
                standalone: true,
                parameters: stack.parameters.clone(),
                ..own.clone()
            });
        }
    }

    fn scope(&mut self, together: Together) -> ScopeId {
        let next = ScopeId(u32::try_from(self.scopes.len() + 1).unwrap_or(u32::MAX));
        *self.scopes.entry(together).or_insert(next)
    }
}

/// Whether a template of a manifest is the file at `path`, whose links are resolved.
fn same_file(template: &Path, path: &Path) -> bool {
    template == path || (template.is_symlink() && template.canonicalize().is_ok_and(|real| real == path))
}

/// The name that a stack of a loose template probably has.
pub(crate) fn stem(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let stem = stem.strip_suffix(".template").unwrap_or(&stem);
    stem.strip_suffix(".nested").unwrap_or(stem).to_owned()
}
