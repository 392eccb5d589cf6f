//! Patterns that files are held against: `--exclude`, and what a configuration says of some files only.

use super::place;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use std::path::{Path, PathBuf};

/// Compiled patterns. One without `/` fits any file or folder of that name; another one is relative to a folder; what fits a folder fits
/// everything in it.
#[derive(Clone, Debug)]
pub(super) struct Exclude {
    relative: GlobSet,
    absolute: GlobSet,
    here: PathBuf,
}

impl Exclude {
    /// Compiles the patterns, relative to `here`; those that are no globs are returned with the reason.
    pub(super) fn new(patterns: &[String], here: &Path) -> (Self, Vec<(String, String)>) {
        let (mut relative, mut absolute) = (GlobSetBuilder::new(), GlobSetBuilder::new());
        let mut bad = Vec::new();
        for pattern in patterns {
            let trimmed = pattern.trim_start_matches("./").trim_end_matches('/');
            let climbs = trimmed.split('/').any(|part| part == "..");
            let text = if climbs {
                let here = globset::escape(&here.to_string_lossy());
                place::absolute(Path::new(trimmed), Path::new(&here)).to_string_lossy().into_owned()
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

    /// Whether a path, or a folder that holds it, fits.
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
