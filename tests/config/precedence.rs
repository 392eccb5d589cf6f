//! Where a configuration is found, and what wins over it.

use super::super::cli::program;
use super::super::discover::tree;
use super::{BAD, findings, run, told};
use std::path::Path;

fn with(dir: &Path, variable: (&str, &str), arguments: &[&str]) -> i32 {
    told(&program(dir).env(variable.0, variable.1).args(arguments).output().unwrap()).0
}

#[test]
fn a_flag_wins_over_a_variable_and_that_over_the_file() {
    let dir = tree(&[(".kmslint.yaml", "fail-on: never\n"), ("bad.yaml", BAD)]);
    assert_eq!(run(dir.path(), &[]).0, 0);
    assert_eq!(with(dir.path(), ("KMSLINT_FAIL_ON", "critical"), &[]), 1);
    assert_eq!(with(dir.path(), ("KMSLINT_FAIL_ON", "critical"), &["--fail-on", "never"]), 0);
    assert_eq!(run(dir.path(), &["--isolated"]).0, 1);
    let dir = tree(&[(".kmslint.yaml", "min-severity: critical\n"), ("bad.yaml", BAD)]);
    assert_eq!(findings(dir.path(), &[]).len(), 1);
    assert_eq!(findings(dir.path(), &["--min-severity", "low"]).len(), 2);
}

#[test]
fn a_selection_replaces_and_what_is_ignored_adds_up() {
    let config = "rules: { select: [rotation, exposure, short-deletion-window], ignore: [rotation] }\n";
    let dir = tree(&[(".kmslint.yaml", config), ("bad.yaml", BAD)]);
    let found = |arguments: &[&str]| -> Vec<String> {
        let rule = |line: String| line.split(' ').nth(1).unwrap().to_owned();
        findings(dir.path(), arguments).into_iter().map(rule).collect()
    };
    assert_eq!(found(&[]), ["short-deletion-window", "public-key-policy"]);
    assert_eq!(found(&["--ignore", "exposure"]), ["short-deletion-window"]);
    let (code, _, err) = run(dir.path(), &["--select", "rotation-disabled"]);
    assert_eq!((code, err.as_str()), (0, "note: `rotation-disabled` is selected, but the configuration ignores it\n"));
    assert_eq!(found(&["--select", "exposure,rotation-disabled"]), ["public-key-policy"]);
}

#[test]
fn an_option_turns_its_rule_on() {
    let set = |days: u32| format!("rules: {{ options: {{ short-deletion-window: {{ minimum-days: {days} }} }} }}\n");
    for (days, count) in [(14, 1), (10, 0)] {
        let dir = tree(&[(".kmslint.yaml", &set(days)), ("bad.yaml", BAD)]);
        let found = findings(dir.path(), &["--ignore", "rotation,exposure"]);
        assert_eq!(found.len(), count, "{found:?}");
        assert_eq!(findings(dir.path(), &["--ignore", "lifecycle,rotation,exposure"]).len(), 0);
    }
}

#[test]
fn an_administrator_that_is_kept_may_be_the_only_one() {
    let page = include_str!("../../rules/fragile-key-administration.md");
    let example = page.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let set = |pattern: &str| {
        format!(
            "rules: {{ select: [fragile-key-administration], options: {{ fragile-key-administration: {{ administrators: [\"{pattern}\"] }} }} }}\n"
        )
    };
    let patterns = [
        ("arn:aws:iam::*:role/KeyAdmin", 0, 0),
        ("arn:*:role/Other", 1, 0),
        ("arn:aws:iam::111122223333:role/KeyAdmin", 0, 1),
    ];
    for (pattern, found, undecided) in patterns {
        let dir = tree(&[(".kmslint.yaml", &set(pattern)), ("key.yaml", example)]);
        assert_eq!(findings(dir.path(), &[]).len(), found, "{pattern}");
        let out = run(dir.path(), &["--explain-unknown", "--format", "concise"]).1;
        assert_eq!(out.matches(": undecided: key policy").count(), undecided, "{out}");
    }
}

#[test]
fn the_file_is_looked_for_up_to_the_git_root() {
    let files = [
        (".kmslint.yaml", "fail-on: never\n"),
        ("repo/.git/", ""),
        ("repo/a/b/bad.yaml", BAD),
        ("repo/a/.kmslint.yaml", "files: { include: [b], exclude: [\"b/old/**\"] }\nrules: { ignore: [exposure] }\n"),
        ("repo/a/b/old/bad.yaml", BAD),
        ("repo/a/c/", ""),
        ("loose/bad.yaml", BAD),
    ];
    let dir = tree(&files);
    let only = ["a/b/bad.yaml:2 rotation-disabled bad"];
    for folder in ["repo/a", "repo/a/b", "repo/a/c"] {
        assert_eq!(findings(&dir.path().join(folder), &[]), only, "{folder}: paths are relative to the file");
    }
    let repository = dir.path().join("repo");
    assert_eq!(run(&repository, &[]).0, 1, "what lies above the git root does not count");
    assert_eq!(findings(&repository, &["-c", "a/.kmslint.yaml"]), only);
    assert_eq!(run(&dir.path().join("loose"), &[]).0, 1, "without a git root nothing above counts");
    let (code, out, err) = run(&repository, &["-c", "a/none.yaml"]);
    assert_eq!(
        (code, out.as_str(), err.as_str()),
        (2, "", "error: `a/none.yaml`: cannot be read: no such file or folder\n")
    );
    assert_eq!(run(&repository, &["-c", "a/.kmslint.yaml", "--isolated"]).0, 2);
    assert_eq!(with(&repository, ("KMSLINT_CONFIG", "a/.kmslint.yaml"), &["--fail-on", "high"]), 0);
}

#[test]
fn a_file_of_almost_the_name_is_told() {
    let dir = tree(&[(".kmslint.yml", "fail-on: never\n"), ("bad.yaml", BAD)]);
    let (code, _, err) = run(dir.path(), &[]);
    assert_eq!(
        (code, err.as_str()),
        (2, "error: `.kmslint.yml` is not read: a configuration is called `.kmslint.yaml`, rename it\n")
    );
}

#[test]
fn what_is_excluded_is_not_read_even_when_it_is_named() {
    let dir = tree(&[
        (".kmslint.yaml", "files: { exclude: [\"**/fixtures/**\", old.yaml] }\n"),
        ("t/fixtures/bad.yaml", BAD),
        ("t/old.yaml", BAD),
        ("t/new.yaml", BAD),
    ]);
    let list = |folder: &str, arguments: &[&str]| {
        run(&dir.path().join(folder), &[&["--list-files", "-q"], arguments].concat()).1
    };
    assert_eq!(list(".", &[]), "t/new.yaml\n");
    assert_eq!(list(".", &["--exclude", "new.yaml"]), "");
    let (code, out, err) = run(dir.path(), &["t/fixtures/bad.yaml", "t/old.yaml"]);
    assert_eq!((code, out.as_str()), (0, "no findings in 0 templates\n"));
    assert_eq!(err.matches("is named, but excluded").count(), 2, "{err}");
}

#[test]
fn rules_do_not_matter_in_some_files() {
    let config =
        "per-file:\n  - { files: [\"sandbox/**\"], ignore: [rotation] }\n  - { files: [b.yaml], ignore: [ALL] }\n";
    let dir = tree(&[(".kmslint.yaml", config), ("sandbox/a.yaml", BAD), ("x/b.yaml", BAD), ("x/sandbox.yaml", BAD)]);
    let expected = [
        "sandbox/a.yaml:9 public-key-policy a",
        "x/sandbox.yaml:2 rotation-disabled sandbox",
        "x/sandbox.yaml:9 public-key-policy sandbox",
    ];
    assert_eq!(findings(dir.path(), &[]), expected);
}
