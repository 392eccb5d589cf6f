//! Equal input, equal bytes: neither the order of arguments nor the number of threads shows in any output.

use super::cli::FORMATS;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[path = "../benches/scale/estate.rs"]
mod estate;
#[path = "../benches/scale/templates.rs"]
mod templates;
#[path = "../benches/scale/yaml.rs"]
mod yaml;

/// How many orders are tried where nobody says (`KMSLINT_PERMUTATIONS`): enough to see a hash order, and quick.
const ORDERS: usize = 3;
/// What else is written about an estate: commands with their formats.
const VIEWS: [(&str, &str); 7] = [
    ("grants", "table"),
    ("grants", "json"),
    ("grants", "csv"),
    ("grants", "markdown"),
    ("graph", "mermaid"),
    ("graph", "dot"),
    ("graph", "json"),
];

fn orders() -> usize {
    std::env::var("KMSLINT_PERMUTATIONS").ok().and_then(|number| number.parse().ok()).unwrap_or(ORDERS)
}

/// What the program writes over these arguments, by command and format.
fn outputs(root: &Path, arguments: &[PathBuf], jobs: usize) -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let program = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kmslint"));
        command.current_dir(root).env_clear().args(words).args(["--isolated", "--jobs", &jobs.to_string()]);
        command.arg("--root").arg(root).args(arguments).output().unwrap()
    };
    let mut written = BTreeMap::new();
    let files = FORMATS.map(|format| format!("--format={format}={}", folder.path().join(format).display()));
    let words: Vec<&str> = ["check", "--pedantic"].into_iter().chain(files.iter().map(String::as_str)).collect();
    let output = program(&words);
    written.insert("check".to_owned(), [output.stdout, output.stderr].concat());
    for format in FORMATS {
        written.insert(format!("check as {format}"), fs::read(folder.path().join(format)).unwrap());
    }
    for (command, format) in VIEWS {
        let output = program(&[command, "--format", format]);
        written.insert(format!("{command} as {format}"), [output.stdout, output.stderr].concat());
    }
    written
}

fn stay_equal(root: &Path, mut arguments: Vec<PathBuf>) {
    arguments.sort();
    let first = outputs(root, &arguments, 1);
    assert!(first.values().filter(|bytes| !bytes.is_empty()).count() >= FORMATS.len() + VIEWS.len());
    let mut dice = estate::Dice::of(1);
    for order in 0..orders() {
        for at in (1..arguments.len()).rev() {
            arguments.swap(at, dice.below(at + 1));
        }
        let jobs = [1, 2, 3, 16][order % 4];
        for (what, bytes) in outputs(root, &arguments, jobs) {
            assert!(bytes == first[&what], "{what}: other bytes in order {order} with {jobs} threads");
        }
    }
}

#[test]
fn no_order_of_projects_and_no_number_of_threads_shows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/cases");
    let cases = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).collect();
    stay_equal(&root, cases);
}

#[test]
fn no_order_of_linked_templates_and_no_number_of_threads_shows() {
    let folder = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for file in estate::files(60, 1) {
        let path = folder.path().join(file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, file.text).unwrap();
        paths.push(path);
    }
    stay_equal(folder.path(), paths);
}
