//! From files that were read to what is deployed from them.

use super::aside::Aside;
use super::assembly::Assemblies;
use super::read::{ReadFile, Text};
use super::select::{Asked, Selection};
use super::walk::has_template_ending;
use super::{Deployment, Discovery, ScopeId, Search};
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
    discovery.deployments = deployments(&kept, &mut selection.assemblies, &discovery.linked);
    discovery.sources = Sources::new(sources);
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

/// What is deployed from these files, which are in the order of their ids.
fn deployments(files: &[(PathBuf, FileId)], assemblies: &mut Assemblies, linked: &BTreeSet<FileId>) -> Vec<Deployment> {
    let mut scopes: BTreeMap<PathBuf, ScopeId> = BTreeMap::new();
    let mut found = Vec::new();
    for (path, file) in files {
        let loose = Deployment {
            file: *file,
            name: stem(path),
            named: false,
            account: None,
            region: None,
            scope: LOOSE,
            depends_on: Vec::new(),
            constructs: None,
            standalone: true,
            reported: !linked.contains(file),
        };
        let folder = path.parent().unwrap_or(path);
        let Some(assembly) = assemblies.in_folder(folder) else {
            found.push(loose);
            continue;
        };
        let next = ScopeId(u32::try_from(scopes.len() + 1).unwrap_or(u32::MAX));
        let is_template = |template: &PathBuf| same_file(template, path);
        let before = found.len();
        for stack in assembly.stacks.iter().filter(|stack| is_template(&stack.template)) {
            let scope = *scopes.entry(folder.to_path_buf()).or_insert(next);
            found.push(Deployment {
                name: stack.name.clone(),
                named: true,
                account: stack.account.clone(),
                region: stack.region.clone(),
                scope,
                depends_on: stack.depends_on.clone(),
                constructs: Some(Arc::clone(&stack.constructs)),
                ..loose.clone()
            });
        }
        if found.len() > before {
            continue;
        }
        if assembly.nested_templates.iter().any(is_template) {
            let scope = *scopes.entry(folder.to_path_buf()).or_insert(next);
            found.push(Deployment { scope, standalone: false, ..loose });
        } else {
            found.push(loose);
        }
    }
    found.sort_by(|a, b| (a.file, &a.name, &a.account, &a.region).cmp(&(b.file, &b.name, &b.account, &b.region)));
    found
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
