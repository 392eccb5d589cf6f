//! Where the configuration is, and what the paths in it mean for a program that runs elsewhere.

use super::exclude::Exclude;
use super::{pattern, place, read};
use crate::source::{FileId, SourceFile};
use std::path::{Component, Path, PathBuf};

/// The largest configuration that is read.
const MAX_BYTES: u64 = 1 << 20;

/// A configuration file that was read.
#[derive(Debug)]
pub struct Home {
    /// Its text, under its path as seen from the working directory.
    pub file: SourceFile,
    /// The folder it lies in, links resolved.
    folder: PathBuf,
    here: PathBuf,
}

/// Patterns that files are held against.
#[derive(Clone, Debug)]
pub struct Globs(Exclude);

impl Globs {
    /// Whether a path, or a folder that holds it, fits one of the patterns.
    #[must_use]
    pub fn cover(&self, path: &Path) -> bool {
        self.0.covers(path)
    }
}

impl Home {
    /// The file of this name in the working directory, else in the nearest folder above, up to the git root; without a git root only the
    /// working directory is looked at.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn find(name: &str) -> Result<Option<Self>, String> {
        let here = place::working_directory();
        let top = place::GitRoots::default().above(&here).unwrap_or_else(|| here.clone());
        for folder in here.ancestors().take_while(|folder| folder.starts_with(&top)) {
            let path = folder.join(name);
            if path.is_file() {
                return Self::read(&path, from(&here, folder, name), folder.to_path_buf(), here.clone()).map(Some);
            }
            let other = Path::new(name).with_extension("yml");
            if folder.join(&other).is_file() {
                let other = from(&here, folder, &other.to_string_lossy());
                return Err(format!("`{other}` is not read: a configuration is called `{name}`, rename it"));
            }
        }
        Ok(None)
    }

    /// The file at a path.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn open(path: &Path) -> Result<Self, String> {
        let here = place::working_directory();
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = folder.canonicalize().unwrap_or_else(|_| place::absolute(folder, &here));
        Self::read(path, path.to_string_lossy().replace('\\', "/"), folder, here)
    }

    fn read(path: &Path, shown: String, folder: PathBuf, here: PathBuf) -> Result<Self, String> {
        let text = read::text_of(path, MAX_BYTES).map_err(|reason| format!("`{shown}`: {reason}"))?;
        Ok(Self { file: SourceFile::new(FileId(0), shown, text), folder, here })
    }

    /// A path or a pattern of the file, as it is written in the working directory.
    #[must_use]
    pub fn from_here(&self, path: &str) -> String {
        from(&self.here, &self.folder, path)
    }

    /// The same for a pattern of what is excluded: without `/` it means every file or folder of the name.
    #[must_use]
    pub fn exclusion_from_here(&self, pattern: &str) -> String {
        if pattern.trim_end_matches('/').contains('/') { self.from_here(pattern) } else { pattern.to_owned() }
    }

    /// Why nothing can be read at a path of the file.
    #[must_use]
    pub fn missing(&self, path: &str) -> Option<String> {
        std::fs::metadata(self.folder.join(path)).err().map(|error| read::reason(&error))
    }

    /// Patterns of the file, to hold files against.
    #[must_use]
    pub fn globs<'p>(&self, patterns: impl Iterator<Item = &'p str>) -> Globs {
        let patterns: Vec<String> = patterns.map(str::to_owned).collect();
        Globs(Exclude::new(&patterns, &self.folder).0)
    }
}

/// A path that is relative to a folder, as it is written in `here`.
fn from(here: &Path, folder: &Path, path: &str) -> String {
    if path.starts_with('/') || here == folder {
        return path.to_owned();
    }
    let path = path.trim_start_matches("./");
    if let Ok(below) = here.strip_prefix(folder) {
        let up = below.components().filter(|part| matches!(part, Component::Normal(_))).count();
        return format!("{}{path}", "../".repeat(up));
    }
    let folder = folder.to_string_lossy();
    let folder = if pattern::is_pattern(path) { globset::escape(&folder) } else { folder.into_owned() };
    format!("{}/{path}", folder.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_seen_from_the_working_directory() {
        let seen = |here: &str, folder: &str, path: &str| from(Path::new(here), Path::new(folder), path);
        assert_eq!(seen("/a/b", "/a/b", "t/**"), "t/**");
        assert_eq!(seen("/a/b/c", "/a", "./t/**"), "../../t/**");
        assert_eq!(seen("/a/b", "/x[1]", "t/**"), "/x[[]1[]]/t/**");
        assert_eq!(seen("/a/b", "/x[1]", "t/a.yaml"), "/x[1]/t/a.yaml");
        assert_eq!(seen("/a/b", "/x", "/t/**"), "/t/**");
    }
}
