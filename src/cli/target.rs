//! `--format FMT[=PATH]`: a report in a format, to a file or to standard output.

use super::{Ending, output};
use kmslint::report;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::str::FromStr;

/// A format, and where the report goes.
#[derive(Clone, Debug)]
pub(super) struct Target<F> {
    pub(super) format: F,
    /// None: standard output.
    pub(super) path: Option<PathBuf>,
}

impl<F: FromStr> FromStr for Target<F> {
    type Err = F::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (format, path) = match text.split_once('=') {
            Some((format, path)) if path != "-" => (format, Some(PathBuf::from(path))),
            Some((format, _)) => (format, None),
            None => (text, None),
        };
        Ok(Self { format: format.parse()?, path })
    }
}

impl<F> Target<F> {
    /// Writes a report: a file as a whole or not at all.
    pub(super) fn write(&self, text: &str) -> Result<(), Ending> {
        let Some(path) = &self.path else { return output::print(text) };
        report::write(path, text).map_err(|error| {
            output::complain(&format!("cannot write `{}`: {error}", path.display()));
            Ending::Failed
        })
    }
}

/// Two reports in one place would be none.
pub(super) fn distinct<F>(targets: &[Target<F>]) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for target in targets {
        if seen.insert(&target.path) {
            continue;
        }
        return Err(match &target.path {
            Some(path) => format!("two reports for `{}`: give each its own path", path.display()),
            None => "two formats for standard output: give one a path, as in `--format json=kmslint.json`".to_owned(),
        });
    }
    Ok(())
}
