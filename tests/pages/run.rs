//! The way from texts to findings, in memory.

use super::example::File;
use kmslint::estate::{self, Deployed, Estate, Input, Source};
use kmslint::finding::{Finding, Undecided};
use kmslint::rules::{self, Cx, Rule};
use kmslint::source::{FileId, SourceFile, Sources};
use kmslint::{syntax, template};

/// The files as sources, in order.
pub(crate) fn sources(files: &[File]) -> Sources {
    let source = |(id, file): (u32, &File)| SourceFile::new(FileId(id), file.name.clone(), file.text.clone());
    Sources::new((0..).zip(files).map(source).collect())
}

/// The estate of some files, each a stack named after its stem; all in one scope.
pub(crate) fn estate(files: &[File], sources: &Sources) -> Estate {
    let mut input = Input::default();
    let is_inventory = |file: &&SourceFile| files[file.id.0 as usize].inventory.is_some();
    let (inventory, errors) = estate::inventory::read(&sources.iter().filter(is_inventory).collect::<Vec<_>>(), &[]);
    assert!(errors.is_empty(), "{errors:?}");
    input.inventory = inventory;
    input.inventory_complete = files.iter().any(|file| file.inventory == Some(true));
    for (source, file) in sources.iter().zip(files).filter(|(_, file)| file.inventory.is_none()) {
        let tree = syntax::parse(source);
        assert!(tree.problems.is_empty(), "{}: {:?}\n{}", file.name, tree.problems, file.text);
        assert!(template::is_template(&tree), "{} is no template", file.name);
        input.deployments.push(Deployed {
            account: file.account.clone(),
            region: file.region.clone(),
            ..Deployed::loose(input.sources.len(), file.name.rsplit_once('.').unwrap().0)
        });
        input.sources.push(Source {
            template: template::lower(&tree),
            path: file.name.clone(),
            duplicates: tree.duplicates.into_iter().map(|twice| (twice.key, twice.first, twice.again)).collect(),
        });
    }
    estate::build(input)
}

/// What one rule says about some files.
pub(crate) fn check(rule: &'static Rule, files: &[File]) -> (Sources, Vec<Finding>, Vec<Undecided>) {
    let sources = sources(files);
    let estate = estate(files, &sources);
    let (findings, undecided) = rules::run(&Cx::new(&estate), &[rule]);
    (sources, findings, undecided)
}

/// File and line of each finding.
pub(crate) fn places(sources: &Sources, findings: &[Finding]) -> Vec<(String, u32)> {
    let place = |finding: &Finding| {
        let span = finding.primary.place.span;
        let file = sources.file(span.file).unwrap();
        (file.path.clone(), file.position(span.start).line.get())
    };
    let mut places: Vec<_> = findings.iter().map(place).collect();
    places.sort();
    places
}
