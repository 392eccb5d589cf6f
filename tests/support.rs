//! Estates from text, for tests.

use kmslint::estate::{Deployed, Estate, Input, Source, build};
use kmslint::source::{FileId, SourceFile};
use kmslint::{syntax, template};

/// The estate of some files, each one stack of one scope, named after its stem.
pub(crate) fn estate(files: &[(&str, &str)]) -> Estate {
    let mut input = Input::default();
    for (at, (path, text)) in files.iter().enumerate() {
        let file = SourceFile::new(FileId(u32::try_from(at).unwrap()), (*path).to_owned(), (*text).to_owned());
        let tree = syntax::parse(&file);
        assert!(tree.problems.is_empty(), "{path}: {:?}", tree.problems);
        let duplicates = tree.duplicates.iter().map(|again| (again.key.clone(), again.first, again.again)).collect();
        input.sources.push(Source { template: template::lower(&tree), path: (*path).to_owned(), duplicates });
        let name = path.rsplit('/').next().unwrap().split('.').next().unwrap();
        input.deployments.push(Deployed::loose(at, name));
    }
    build(input)
}
