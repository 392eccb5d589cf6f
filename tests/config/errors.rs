//! Whatever is wrong with a configuration is told with its place, all of it at once.

use super::super::discover::tree;
use super::{BAD, run};
use kmslint::config;
use kmslint::source::{FileId, SourceFile};

/// What is wrong with a configuration: `line:column: message`.
fn problems(text: &str) -> Vec<String> {
    let file = SourceFile::new(FileId(0), "c".to_owned(), text.to_owned());
    let (_, problems) = config::read(&file, &kmslint::all_rules());
    let line =
        |problem: &kmslint::syntax::Problem| format!("{}: {}", config::place(&file, problem.span), problem.message);
    problems.iter().map(line).collect()
}

#[test]
fn every_problem_has_a_place_and_says_what_to_do() {
    let cases = [
        ("files: {}\nfile: {}", "c:2:1: unknown key `file`, did you mean `files`"),
        ("min_severity: low", "c:1:1: unknown key `min_severity`, did you mean `min-severity`"),
        ("files: { includ: [a] }", "c:1:10: unknown key `includ` in `files`, did you mean `include`"),
        ("include: [a]", "c:1:1: unknown key `include`, it belongs into `files`"),
        ("suppressions: {}", "c:1:1: unknown key `suppressions`: this version cannot suppress findings, leave it out"),
        ("rules: { zzz: 1 }", "c:1:10: unknown key `zzz` in `rules`: there are `select`, `ignore`, `options`"),
        ("version: 2", "c:1:10: version 2 of the configuration is not known: write `version: 1`"),
        ("version: one", "c:1:10: `version` takes the number 1, this is text"),
        ("min-severity: hgh", "c:1:15: `hgh` is no value of `min-severity`, did you mean `high`"),
        (
            "fail-on: 3",
            "c:1:10: `fail-on` takes one of `info`, `low`, `medium`, `high`, `critical`, `never`, this is a number",
        ),
        ("files:", "c:1:7: `files` has no value: write a mapping of `include`, `exclude`, or leave the key out"),
        ("files: { include: a }", "c:1:19: `files.include` takes a list, this is text"),
        ("files: { include: [!Ref a] }", "c:1:20: `!Ref` means nothing here: leave it out"),
        (
            "files: { exclude: ['a['] }",
            "c:1:20: `a[` is no value of `files.exclude`: unclosed character class; missing ']'",
        ),
        (
            "rules: { ignore: [rotation-disable] }",
            "c:1:19: unknown rule or category `rotation-disable`, did you mean `rotation-disabled`: `kmslint rules` lists them",
        ),
        (
            "rules: { options: { short-deletion: {} } }",
            "c:1:21: unknown rule `short-deletion`, did you mean `short-deletion-window`: `kmslint rules` lists them",
        ),
        ("rules: { options: { rotation: {} } }", "c:1:21: `rotation` is no rule, but several: options belong to one"),
        ("rules: { options: { rotation-disabled: {} } }", "c:1:21: `rotation-disabled` has no options"),
        (
            "rules: { options: { short-deletion-window: { days: 9 } } }",
            "c:1:46: unknown key `days` in `rules.options.short-deletion-window`: there are `minimum-days`",
        ),
        (
            "rules: { options: { short-deletion-window: { minimum-days: 6 } } }",
            "c:1:60: `6` is no value of `rules.options.short-deletion-window.minimum-days`: a number from 7 to 30",
        ),
        (
            "rules: { options: { fragile-key-administration: { administrators: x } } }",
            "c:1:67: `rules.options.fragile-key-administration.administrators` takes a list, this is text",
        ),
        ("stacks: [{ name: a }]", "c:1:10: `template` is missing here"),
        (
            "stacks: [{ template: a, name: a, account: '12' }]",
            "c:1:43: `12` is no value of `stacks.account`: an account id has 12 digits",
        ),
        (
            "stacks: [{ template: a, name: a, region: Ireland }]",
            "c:1:42: `Ireland` is no value of `stacks.region`: a Region is written as `eu-west-1`",
        ),
        (
            "stacks: [{ template: a, name: a_b }]",
            "c:1:31: `a_b` is no value of `stacks.name`: a stack name has letters, digits and hyphens, and begins with a letter",
        ),
        (
            "stacks: [{ template: a, name: a, parameters: { A: {} } }]",
            "c:1:51: `stacks.parameters.A` takes text, a number, `true`, `false`, or a list of these, this is a mapping",
        ),
        (
            "stacks:\n- { template: a, name: s }\n- { template: b, name: s }",
            "c:3:3: there are two stacks `s`, the other is in line 2: tell them apart by account, Region or scope",
        ),
        (
            "stacks:\n- { template: a, name: s, region: eu-west-1 }\n- { template: b, name: s }",
            "c:3:3: there are two stacks `s`, the other is in line 2: tell them apart by account, Region or scope",
        ),
        ("inventory-complete: maybe", "c:1:21: `inventory-complete` takes `true` or `false`, this is text"),
        ("parameters: [A]", "c:1:13: `parameters` takes a mapping of names and values, this is a list"),
        ("per-file: [{ ignore: [rotation] }]", "c:1:12: `files` is missing here"),
        (
            "per-file: [{ files: [], ignore: [ALL] }]",
            "c:1:21: `per-file.files` takes a list with something in it, this is an empty list",
        ),
        ("fail-on: low\nfail-on: high", "c:2:1: `fail-on` stands here again, it is in line 1 already"),
        (
            "- a",
            "c:1:1: a configuration is a mapping of `version`, `files`, `min-severity`, `fail-on`, `rules`, `stacks`, `inventory`, `inventory-complete`, `parameters`, `per-file`, this is a list",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(problems(text), [expected], "{text}");
    }
    assert!(
        problems("files: [").len() == 1 && problems("files: [")[0].starts_with("c:1:"),
        "{:?}",
        problems("files: [")
    );
}

#[test]
fn a_configuration_may_say_nothing() {
    for text in ["", "# nothing\n", "---\n", "{}", "version: 1\n", "\u{feff}version: 1"] {
        assert_eq!(problems(text), [] as [&str; 0], "{text:?}");
    }
}

#[test]
fn all_problems_of_a_file_are_told_and_nothing_is_checked() {
    let text = "version: 3\nrules:\n  ignore: [nonsense]\nstacks:\n  - { template: nope.yaml, name: a, account: x }\ninventory: [gone.json]\nfail_on: low\n";
    let dir = tree(&[(".kmslint.yaml", text), ("bad.yaml", BAD)]);
    for command in
        [&[][..], &["check"], &["grants"], &["why", "a", "Decrypt", "Key"], &["--list-files"], &["--show-config"]]
    {
        let (code, out, err) = run(dir.path(), command);
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        let places: Vec<&str> = err.lines().map(|line| line.split(": ").nth(1).unwrap()).collect();
        let expected = ["1:10", "3:12", "5:17", "5:46", "6:13", "7:1"].map(|place| format!(".kmslint.yaml:{place}"));
        assert_eq!(places, expected, "{err}");
        assert!(err.contains("5:17: `nope.yaml`: no such file or folder"), "{err}");
        assert!(err.contains("`fail_on`, did you mean `fail-on`"), "{err}");
    }
    assert_eq!(run(dir.path(), &["--isolated", "--exit-zero"]).0, 0);
}

#[test]
fn what_is_to_be_read_and_is_not_there_is_told_with_its_origin() {
    let dir = tree(&[(".kmslint.yaml", "files:\n  include: [t, cdk.out]\n"), ("t/bad.yaml", BAD)]);
    let (code, out, err) = run(dir.path(), &["--format", "concise"]);
    assert_eq!((code, err.as_str()), (2, "error: `cdk.out`: no such file or folder (.kmslint.yaml:2:16)\n"));
    assert!(out.contains("public-key-policy"), "the rest is checked: {out}");
}

#[test]
fn a_stack_needs_a_template() {
    let config = "stacks: [{ template: notes.yaml, name: notes }]\n";
    let dir = tree(&[(".kmslint.yaml", config), ("notes.yaml", "some: text\n"), ("a.yaml", BAD)]);
    let (code, _, err) = run(dir.path(), &["a.yaml"]);
    assert_eq!(code, 2);
    assert!(err.contains("`notes.yaml`: no CloudFormation template, though a stack is said to be made of it"), "{err}");
}
