//! Walking a folder: which files a reader of templates would look at.

use super::exclude::Exclude;
use ignore::gitignore::Gitignore;
use ignore::{DirEntry, Match, WalkBuilder};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How to walk.
#[derive(Clone)]
pub(super) struct Manner {
    pub(super) no_ignore: bool,
    pub(super) hidden: bool,
    pub(super) exclude: Arc<Exclude>,
}

/// Everything below a folder that is not ignored, hidden or excluded.
#[derive(Default)]
pub(super) struct Walked {
    /// Files, and links to files.
    pub(super) files: Vec<Found>,
    /// Folders below the start; links to folders are not followed.
    pub(super) folders: Vec<PathBuf>,
    /// Folders and files that could not be looked at, with the reason.
    pub(super) unreadable: Vec<(PathBuf, String)>,
    /// Whether an exclusion hid something.
    pub(super) excluded: bool,
}

/// A file where it was seen.
pub(super) struct Found {
    pub(super) seen: PathBuf,
    link: bool,
}

impl Found {
    /// Its path with links resolved.
    pub(super) fn real(self) -> PathBuf {
        if self.link { self.seen.canonicalize().unwrap_or(self.seen) } else { self.seen }
    }
}

/// Whether a file's ending is one that templates have.
pub(super) fn has_template_ending(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    ["yaml", "yml", "json", "template"].iter().any(|known| ending.eq_ignore_ascii_case(known))
}

/// Walks `folder`, whose links are resolved; `named` if the user pointed at it, so that it is walked although it is ignored.
pub(super) fn walk(folder: &Path, manner: &Manner, named: bool) -> Walked {
    let disobey_parents = manner.no_ignore || (named && is_ignored(folder));
    let hid_something = Arc::new(AtomicBool::new(false));
    let (exclude, flag) = (Arc::clone(&manner.exclude), Arc::clone(&hid_something));
    let keep = move |entry: &DirEntry| {
        if is_never_walked(entry) {
            return false;
        }
        let excluded = exclude.covers(entry.path());
        let concerns = entry.file_type().is_some_and(|kind| kind.is_dir()) || has_template_ending(entry.path());
        if excluded && concerns {
            flag.store(true, Ordering::Relaxed);
        }
        !excluded
    };
    let entries = WalkBuilder::new(folder)
        .hidden(!manner.hidden)
        .ignore(false)
        .git_global(false)
        .git_ignore(!manner.no_ignore)
        .git_exclude(!manner.no_ignore)
        .parents(!disobey_parents)
        .require_git(false)
        .filter_entry(keep)
        .build();
    let mut walked = Walked::default();
    for entry in entries {
        match entry {
            Ok(entry) => walked.take(entry),
            Err(error) => walked.fail(folder, &error),
        }
    }
    walked.excluded = hid_something.load(Ordering::Relaxed);
    walked
}

impl Walked {
    fn take(&mut self, entry: DirEntry) {
        let Some(kind) = entry.file_type() else { return };
        if kind.is_dir() {
            if entry.depth() > 0 {
                self.folders.push(entry.into_path());
            }
        } else if kind.is_file() || (kind.is_symlink() && entry.path().is_file()) {
            self.files.push(Found { seen: entry.into_path(), link: !kind.is_file() });
        }
    }

    fn fail(&mut self, folder: &Path, error: &ignore::Error) {
        let path = path_of(error).unwrap_or(folder).to_path_buf();
        let reason = error.io_error().map_or_else(|| error.to_string(), super::read::reason);
        self.unreadable.push((path, reason));
    }
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}

/// `node_modules`, `.git`, and the asset folders of an assembly: they hold what is deployed as data, not as a stack.
fn is_never_walked(entry: &DirEntry) -> bool {
    if !entry.file_type().is_some_and(|kind| kind.is_dir()) {
        return false;
    }
    let name = entry.file_name().to_string_lossy();
    name == "node_modules" || name == ".git" || is_asset_folder(entry.path())
}

/// Whether a folder is an asset of the assembly that holds it.
pub(super) fn is_asset_folder(folder: &Path) -> bool {
    let named_so = folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with("asset."));
    named_so && folder.with_file_name(super::assembly::MANIFEST).is_file()
}

/// Whether the `.gitignore` files above a folder ignore it or all that it holds.
fn is_ignored(folder: &Path) -> bool {
    let content = folder.join("content");
    for above in folder.ancestors().skip(1) {
        let file = above.join(".gitignore");
        if file.is_file() {
            let (rules, _) = Gitignore::new(&file);
            match rules.matched_path_or_any_parents(&content, false) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => {}
            }
        }
        if above.join(".git").exists() {
            return false;
        }
    }
    false
}
