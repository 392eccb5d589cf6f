//! Where things are: the working directory, the root of reported paths, and a path as it is shown.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// The working directory with its links resolved.
pub(super) fn working_directory() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    here.canonicalize().unwrap_or(here)
}

/// A path as shown: relative to the root with `/`, or absolute where it lies outside.
pub(super) fn reported(path: &Path, root: &Path) -> String {
    let Ok(inside) = path.strip_prefix(root) else {
        return path.to_string_lossy().replace('\\', "/");
    };
    let parts: Vec<_> = inside.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// Takes `.` and `..` out of a path that need not exist.
pub(super) fn absolute(path: &Path, base: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in base.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => clean.push(part),
        }
    }
    clean
}

/// The git root above each path, remembered by folder.
#[derive(Default)]
pub(super) struct GitRoots(BTreeMap<PathBuf, Option<PathBuf>>);

impl GitRoots {
    /// The nearest folder at or above `folder` that has a `.git`.
    pub(super) fn above(&mut self, folder: &Path) -> Option<PathBuf> {
        if let Some(known) = self.0.get(folder) {
            return known.clone();
        }
        let found = folder.ancestors().find(|ancestor| ancestor.join(".git").exists()).map(Path::to_path_buf);
        self.0.insert(folder.to_path_buf(), found.clone());
        found
    }
}

/// The root of reported paths: what was asked for, else the one git root that holds all inputs, else the working directory.
pub(super) fn root<'p>(asked: Option<&Path>, folders: impl Iterator<Item = &'p Path>, here: &Path) -> PathBuf {
    if let Some(asked) = asked {
        return asked.canonicalize().unwrap_or_else(|_| absolute(asked, here));
    }
    let mut roots = GitRoots::default();
    let mut found: Vec<Option<PathBuf>> = folders.map(|folder| roots.above(folder)).collect();
    if found.is_empty() {
        found.push(roots.above(here));
    }
    found.sort();
    found.dedup();
    match found.as_slice() {
        [Some(only)] => only.clone(),
        _ => here.to_path_buf(),
    }
}
