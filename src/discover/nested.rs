//! Templates that others nest by a local path: they are read for what they link, though nobody asked for them.

use super::read::{ReadFile, Text};
use super::walk::has_template_ending;
use memchr::memmem;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What stands before the path of a nested template: CloudFormation, SAM, and what CDK notes of an asset.
const NAMES: [&str; 3] = ["TemplateURL", "Location", "aws:asset:path"];

/// Files below `root` that these name as nested templates. The text alone is looked at, so a comment counts too: a file too many does no harm.
pub(super) fn nested_in(files: &[ReadFile], root: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for file in files {
        let (Text::Read(text), Some(folder)) = (&file.text, file.path.parent()) else { continue };
        let after =
            |name: &'static str| memmem::find_iter(text.as_bytes(), name).filter_map(|at| text.get(at + name.len()..));
        let paths = NAMES.into_iter().flat_map(after).filter_map(local_path);
        let real = paths.filter_map(|path| folder.join(path).canonicalize().ok());
        found.extend(real.filter(|path| path.starts_with(root) && path.is_file()));
    }
    found
}

/// The path at the start of a text that follows a key, if it is a literal one of a template.
fn local_path(after_key: &str) -> Option<&str> {
    let value = after_key.trim_start_matches(['"', '\'']).trim_start_matches([' ', '\t']).strip_prefix(':')?;
    let value = value.trim_start_matches([' ', '\t', '"', '\'']);
    let path = value.split(['"', '\'', '\n', '\r', ',', '}']).next()?.trim_end();
    let is_literal = !path.contains("://") && !path.contains(['$', '!', '{']);
    (is_literal && has_template_ending(Path::new(path))).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn a_path_is_seen_in_every_spelling() {
        for text in [": ./a.yaml\n", "\": \"./a.yaml\"}", "' : './a.yaml', x", ": ./a.yaml}"] {
            assert_eq!(local_path(text), Some("./a.yaml"), "{text}");
        }
    }

    #[test]
    fn what_is_no_local_template_is_left() {
        for text in [": https://s3/a.yaml", ": !Sub a.yaml", ": ${X}/a.yaml", ": ./code/", "s are local"] {
            assert_eq!(local_path(text), None, "{text}");
        }
    }
}
