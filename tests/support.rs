//! Estates from text, and runs of the program, for tests.

use kmslint::estate::{Deployed, Estate, Input, Source, build};
use kmslint::source::{FileId, SourceFile};
use kmslint::{syntax, template};
use std::path::Path;
use std::process::{Command, Output};

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

/// The folder of the project.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A command of the program, run in the folder of the project with no variables but the one for its characters.
pub(crate) fn run(command: &str, arguments: &[&str]) -> Output {
    let mut kmslint = Command::new(env!("CARGO_BIN_EXE_kmslint"));
    kmslint.current_dir(root()).env_clear().env("LANG", "C.UTF-8").arg(command).args(arguments).output().unwrap()
}

/// What a run printed.
pub(crate) fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}
