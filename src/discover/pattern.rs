//! Globs that reach kmslint unexpanded: the same files as when a shell expands them.

use super::walk::{self, Found, Manner, Walked};
use globset::{GlobBuilder, GlobMatcher};
use std::path::{Path, PathBuf};

/// A glob, split where its first special character stands.
pub(super) struct Pattern {
    /// The folder before the first component with a special character.
    base: PathBuf,
    /// What entries below it must fit; none: everything.
    matcher: Option<GlobMatcher>,
    /// Whether it ends in `/**`: only what lies in a folder that fits.
    inside_only: bool,
    /// Whether the last component says more than "all": then files of any ending are meant.
    particular: bool,
    /// Whether a component asks for hidden names.
    hidden: bool,
}

/// What a pattern leads to.
pub(super) struct Matches {
    /// The folder in which was looked.
    pub(super) base: PathBuf,
    /// Files that fit, or lie in a folder that fits.
    pub(super) walked: Walked,
    /// Files whose names fit a particular pattern: asked for like named ones.
    pub(super) asked: Vec<Found>,
}

/// Whether an argument has a character that globs treat specially.
pub(super) fn is_pattern(input: &str) -> bool {
    input.contains(['*', '?', '[', '{'])
}

impl Pattern {
    /// Reads a glob; the error says what is wrong with it.
    pub(super) fn new(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        let special = parts.iter().position(|part| is_pattern(part)).unwrap_or(parts.len());
        let (before, mut rest) = parts.split_at(special);
        let start = if text.starts_with('/') { "/" } else { "." };
        let hidden = rest.iter().any(|part| part.starts_with('.'));
        let particular = rest.last().is_some_and(|last| last.contains('.'));
        let mut inside_only = false;
        loop {
            rest = match rest {
                [before @ .., "**"] | [before @ .., "**", "*"] => before,
                ["*"] => &[],
                _ => break,
            };
            inside_only = true;
        }
        let matcher = if rest.is_empty() { None } else { Some(compile(&rest.join("/"))?) };
        let base = before.iter().fold(PathBuf::from(start), |base, part| base.join(part));
        Ok(Self { base, matcher, inside_only, particular, hidden })
    }

    /// Looks for what fits; none where the folder before the first special character does not exist.
    pub(super) fn expand(&self, manner: &Manner) -> Option<Matches> {
        let base = self.base.canonicalize().ok()?;
        let manner = Manner { hidden: manner.hidden || self.hidden, ..manner.clone() };
        let Some(matcher) = &self.matcher else {
            let walked = walk::walk(&base, &manner, true);
            return Some(Matches { base, walked, asked: Vec::new() });
        };
        let seen = walk::walk(&base, &manner, true);
        let fits = |path: &Path| path.strip_prefix(&base).is_ok_and(|below| matcher.is_match(below));
        let folders: Vec<&PathBuf> = seen.folders.iter().filter(|folder| fits(folder)).collect();
        let (mut files, mut asked) = (Vec::new(), Vec::new());
        for file in seen.files {
            let fits_itself = !self.inside_only && fits(&file.seen);
            if fits_itself && self.particular {
                asked.push(file);
            } else if fits_itself || folders.iter().any(|folder| file.seen.starts_with(folder)) {
                files.push(file);
            }
        }
        Some(Matches { walked: Walked { files, ..seen }, asked, base })
    }
}

fn compile(pattern: &str) -> Result<GlobMatcher, String> {
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    glob.map(|glob| glob.compile_matcher()).map_err(|error| error.kind().to_string())
}
