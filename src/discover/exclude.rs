//! `--exclude`: what is never read, not even when it is named.

use super::place;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use std::path::{Path, PathBuf};

/// Compiled exclusions. A pattern without `/` fits any file or folder of that name; another one is relative to the working directory; what
/// fits a folder fits everything in it.
pub(super) struct Exclude {
    relative: GlobSet,
    absolute: GlobSet,
    here: PathBuf,
}

impl Exclude {
    /// Compiles the patterns; those that are no globs are returned with the reason.
    pub(super) fn new(patterns: &[String], here: &Path) -> (Self, Vec<(String, String)>) {
        let (mut relative, mut absolute) = (GlobSetBuilder::new(), GlobSetBuilder::new());
        let mut bad = Vec::new();
        for pattern in patterns {
            let trimmed = pattern.trim_start_matches("./").trim_end_matches('/');
            let climbs = trimmed.split('/').any(|part| part == "..");
            let text = if climbs {
                place::absolute(Path::new(trimmed), here).to_string_lossy().into_owned()
            } else if trimmed.contains('/') {
                trimmed.to_owned()
            } else {
                format!("**/{trimmed}")
            };
            match GlobBuilder::new(&text).literal_separator(true).build() {
                Ok(glob) if text.starts_with('/') => drop(absolute.add(glob)),
                Ok(glob) => drop(relative.add(glob)),
                Err(error) => bad.push((pattern.clone(), error.kind().to_string())),
            }
        }
        let compiled = |builder: GlobSetBuilder| builder.build().unwrap_or_else(|_| GlobSet::empty());
        (Self { relative: compiled(relative), absolute: compiled(absolute), here: here.to_path_buf() }, bad)
    }

    /// Whether a path, or a folder that holds it, is excluded.
    pub(super) fn covers(&self, path: &Path) -> bool {
        if self.relative.is_empty() && self.absolute.is_empty() {
            return false;
        }
        let inside = path.strip_prefix(&self.here).or_else(|_| path.strip_prefix("/")).unwrap_or(path);
        let any =
            |set: &GlobSet, path: &Path| path.ancestors().any(|part| part.parent().is_some() && set.is_match(part));
        any(&self.relative, inside) || any(&self.absolute, path)
    }
}
