//! The program as users run it: what goes in, what comes out where, and the exit code.

use super::discover::tree;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const GOOD: &str = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n";
/// A key without rotation that everyone may use: one critical and one medium finding.
const BAD: &str = "\
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
          - {Effect: Allow, Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}, Action: 'kms:*', Resource: '*'}
          - {Effect: Allow, Principal: '*', Action: 'kms:Decrypt', Resource: '*'}
";
pub(crate) const FORMATS: [&str; 4] = ["pretty", "concise", "json", "sarif"];

/// The program in a folder, without what the environment says.
pub(crate) fn program(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kmslint"));
    command.current_dir(dir).env_clear().env("LANG", "C.UTF-8");
    command
}

pub(crate) fn kmslint(dir: &Path, arguments: &[&str]) -> Output {
    program(dir).args(arguments).output().unwrap()
}

fn shell(dir: &Path, script: &str) -> Output {
    let mut command = Command::new("bash");
    command.current_dir(dir).env("KMSLINT", env!("CARGO_BIN_EXE_kmslint")).args(["-c", script]);
    command.output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A call: its arguments, the exit code, and what must stand on standard output and standard error; nothing: they are empty.
struct Call {
    arguments: &'static [&'static str],
    code: i32,
    out: &'static [&'static str],
    err: &'static [&'static str],
}

fn expect(dir: &Path, calls: &[Call]) {
    for call in calls {
        let output = kmslint(dir, call.arguments);
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        let told = format!("{:?}\nstdout:\n{out}\nstderr:\n{err}", call.arguments);
        assert_eq!(output.status.code(), Some(call.code), "{told}");
        for (stream, wanted) in [(&out, call.out), (&err, call.err)] {
            assert_eq!(stream.is_empty(), wanted.is_empty(), "{told}");
            for part in wanted {
                assert!(stream.contains(part), "`{part}` is missing: {told}");
            }
        }
    }
}

#[test]
fn help_fits_a_screen_and_shows_examples() {
    let dir = tree(&[]);
    for command in
        [&[][..], &["check"], &["explain"], &["grants"], &["graph"], &["init"], &["rules"], &["schema"], &["why"]]
    {
        for flag in ["-h", "--help"] {
            let output = kmslint(dir.path(), &[command, &[flag]].concat());
            let help = text(&output.stdout);
            assert_eq!(output.status.code(), Some(0));
            assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
            assert!(flag == "--help" || help.lines().count() <= 45, "{} lines:\n{help}", help.lines().count());
        }
    }
    for command in [&["--help"][..], &["check", "--help"], &["graph", "--help"]] {
        let help = text(&kmslint(dir.path(), command).stdout);
        assert!(help.lines().filter(|line| line.trim_start().starts_with("kmslint ")).count() >= 4, "{help}");
    }
}

#[test]
fn variables_stand_for_flags_and_isolated_ignores_them() {
    let dir = tree(&[("a.yaml", GOOD)]);
    let run = |variable: &str, value: &str, arguments: &[&str]| {
        program(dir.path()).env(variable, value).args(arguments).output().unwrap()
    };
    let bad = run("KMSLINT_ACCOUNT", "12", &["a.yaml"]);
    assert_eq!(bad.status.code(), Some(2));
    assert!(text(&bad.stderr).contains("12 digits"));
    assert_eq!(run("KMSLINT_ACCOUNT", "12", &["a.yaml", "--isolated"]).status.code(), Some(0));
    assert_eq!(run("KMSLINT_ACCOUNT", "12", &["check", "--isolated", "a.yaml"]).status.code(), Some(0));
    assert_eq!(text(&run("KMSLINT_LIST_FILES", "1", &[]).stdout), "a.yaml\n");
    assert_ne!(text(&run("KMSLINT_LIST_FILES", "0", &[]).stdout), "a.yaml\n");
    assert_eq!(run("KMSLINT_SELECT", "nonsense", &[]).status.code(), Some(2));
    assert_eq!(run("KMSLINT_SELECT", "", &[]).status.code(), Some(0));
}

#[test]
fn a_good_template_gives_one_line_and_0() {
    let dir = tree(&[("a.yaml", GOOD)]);
    for arguments in [&["a.yaml"][..], &["check", "a.yaml"], &[], &["a.yaml", "-j", "1"], &["-j4", "."]] {
        let output = kmslint(dir.path(), arguments);
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(text(&output.stdout), "no findings in 1 template\n");
        assert_eq!(text(&output.stderr), "");
    }
    assert_eq!(text(&kmslint(dir.path(), &["-q"]).stdout), "");
}

#[test]
fn findings_give_1_unless_they_are_let_pass() {
    let dir = tree(&[("bad.yaml", BAD), ("good.yaml", GOOD)]);
    let both = &["critical[public-key-policy]", "medium[rotation-disabled]", "2 findings (1 critical, 1 medium)"];
    let critical = &["1 finding (1 critical)"];
    expect(
        dir.path(),
        &[
            Call { arguments: &["bad.yaml"], code: 1, out: both, err: &[] },
            Call { arguments: &["good.yaml", "bad.yaml", "--exit-zero"], code: 0, out: both, err: &[] },
            Call { arguments: &["bad.yaml", "--fail-on", "never"], code: 0, out: both, err: &[] },
            Call { arguments: &["bad.yaml", "--fail-on", "critical"], code: 1, out: both, err: &[] },
            Call {
                arguments: &["bad.yaml", "--ignore", "exposure", "--fail-on", "high"],
                code: 0,
                out: &["1 medium"],
                err: &[],
            },
            Call { arguments: &["bad.yaml", "--min-severity", "high"], code: 1, out: critical, err: &[] },
            Call { arguments: &["bad.yaml", "--select", "public-key-policy"], code: 1, out: critical, err: &[] },
            Call {
                arguments: &["bad.yaml", "--ignore", "ALL"],
                code: 0,
                out: &["no findings in 1 template"],
                err: &[],
            },
            Call { arguments: &["bad.yaml", "nope.yaml"], code: 2, out: both, err: &["`nope.yaml`"] },
        ],
    );
    let plain = kmslint(dir.path(), &["bad.yaml"]);
    assert_eq!(plain.stdout, kmslint(dir.path(), &["bad.yaml", "--exit-zero"]).stdout);
}

#[test]
fn rules_are_listed_and_explained() {
    let dir = tree(&[]);
    expect(
        dir.path(),
        &[
            Call { arguments: &["rules"], code: 0, out: &["public-key-policy", "critical"], err: &[] },
            Call { arguments: &["explain", "public-key-policy"], code: 0, out: &["public-key-policy: "], err: &[] },
            Call {
                arguments: &["explain", "public-key-polcy"],
                code: 2,
                out: &[],
                err: &["did you mean `public-key-policy`"],
            },
            Call {
                arguments: &["explain", "--format", "markdown", "rotation-disabled"],
                code: 0,
                out: &["## "],
                err: &[],
            },
        ],
    );
    let listed: serde_json::Value =
        serde_json::from_slice(&kmslint(dir.path(), &["rules", "--format", "json"]).stdout).unwrap();
    let ids: Vec<&str> = listed.as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert!(ids.is_sorted() && ids.contains(&"public-key-policy"), "{ids:?}");
    for id in ids {
        let output = kmslint(dir.path(), &["explain", id, "--format", "json"]);
        let page: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(page["id"], id);
    }
}

#[test]
fn what_lies_in_a_template_that_is_only_nested_is_not_reported() {
    let parent =
        "Resources:\n  A:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: ./child.yaml}\n";
    let dir = tree(&[("parent.yaml", parent), ("child.yaml", BAD)]);
    expect(
        dir.path(),
        &[
            Call { arguments: &["parent.yaml"], code: 0, out: &["no findings in 1 template"], err: &[] },
            Call { arguments: &["."], code: 1, out: &["child.yaml:"], err: &[] },
            Call {
                arguments: &["--list-files", "parent.yaml"],
                code: 0,
                out: &["child.yaml\nparent.yaml\n"],
                err: &[],
            },
        ],
    );
}

#[test]
fn what_is_not_there_is_told_on_standard_error() {
    let dir = tree(&[
        ("a.yaml", GOOD),
        ("notes.yaml", "some: text\n"),
        ("empty/", ""),
        ("other/values.yaml", "some: text\n"),
    ]);
    expect(
        dir.path(),
        &[
            Call { arguments: &["nope.yaml"], code: 2, out: &[], err: &["`nope.yaml`: no such file"] },
            Call { arguments: &["zz/**"], code: 2, out: &[], err: &["`zz/**`"] },
            Call { arguments: &["empty"], code: 2, out: &[], err: &["`empty`: nothing to check"] },
            Call { arguments: &["other"], code: 2, out: &["no findings"], err: &["`other`: nothing to check"] },
            Call { arguments: &["notes.yaml"], code: 0, out: &["no findings"], err: &["`notes.yaml` is skipped"] },
            Call { arguments: &["notes.yaml", "-q"], code: 0, out: &[], err: &[] },
            Call {
                arguments: &["a.yaml", "nope.yaml"],
                code: 2,
                out: &["no findings in 1 template"],
                err: &["`nope.yaml`"],
            },
            Call { arguments: &["a.yaml", "--exclude", "a.yaml"], code: 0, out: &["no findings"], err: &["excluded"] },
            Call { arguments: &["--root", "nope", "a.yaml"], code: 2, out: &[], err: &["`nope` is no folder"] },
        ],
    );
}

#[test]
fn a_bad_flag_is_2_with_a_suggestion() {
    let dir = tree(&[("a.yaml", GOOD)]);
    expect(
        dir.path(),
        &[
            Call { arguments: &["--formt", "json"], code: 2, out: &[], err: &["--format"] },
            Call { arguments: &["--format", "xml"], code: 2, out: &[], err: &["unknown format `xml`"] },
            Call { arguments: &["--format", "json", "--format", "sarif"], code: 2, out: &[], err: &["two formats"] },
            Call {
                arguments: &["--format", "json=x", "--format", "sarif=x"],
                code: 2,
                out: &[],
                err: &["two reports"],
            },
            Call { arguments: &["--select", "rotatoin"], code: 2, out: &[], err: &["did you mean `rotation`"] },
            Call { arguments: &["--ignore", "ALL,what"], code: 2, out: &[], err: &["`what`"] },
            Call { arguments: &["--region", "Ireland"], code: 2, out: &[], err: &["eu-west-1"] },
            Call { arguments: &["--fail-on", "bad"], code: 2, out: &[], err: &["critical"] },
            Call { arguments: &["-j", "0"], code: 2, out: &[], err: &["jobs"] },
            Call {
                arguments: &["explain", "no-such-thing"],
                code: 2,
                out: &[],
                err: &["unknown rule `no-such-thing`"],
            },
        ],
    );
}

#[test]
fn flags_may_stand_before_the_command() {
    let dir = tree(&[("a.yaml", GOOD)]);
    expect(
        dir.path(),
        &[
            Call { arguments: &["--list-files", "check", "a.yaml"], code: 0, out: &["a.yaml\n"], err: &[] },
            Call { arguments: &["--color", "never", "explain", "x"], code: 2, out: &[], err: &["unknown rule `x`"] },
        ],
    );
}

#[test]
fn a_pattern_means_the_same_to_the_program_and_to_the_shell() {
    let dir = tree(&[
        ("t/a.yaml", GOOD),
        ("t/b.json", "{\"Resources\": {\"A\": {\"Type\": \"AWS::SNS::Topic\"}}"),
        ("t/README.md", "# about\nResources:\n"),
        ("t/docs/x.txt", "text"),
        ("t/sub/deep/c.template", "Resources: [\n"),
        ("t/sub/package.json", "{}"),
    ]);
    for format in FORMATS {
        let run =
            |before: &str, paths: &str| shell(dir.path(), &format!("{before} \"$KMSLINT\" --format {format} {paths}"));
        let whole = run("", "t");
        assert_eq!(whole.status.code(), Some(2), "{}", text(&whole.stderr));
        let ways = [("", "'t/**'"), ("", "t/**"), ("shopt -s globstar;", "t/**"), ("", "t/*"), ("", "'t/**/*'")];
        for (before, paths) in ways {
            let other = run(before, paths);
            assert_eq!(text(&other.stdout), text(&whole.stdout), "{before} {paths}");
            assert_eq!(other.status.code(), Some(2), "{before} {paths}: {}", text(&other.stderr));
        }
    }
}

#[test]
fn a_broken_file_is_told_with_its_place_and_hides_no_other() {
    let dir = tree(&[
        ("good.yaml", GOOD),
        ("broken.yaml", "Resources:\n  A: [\n"),
        ("broken.json", "{\"Resources\": {\"A\" 1}}"),
    ]);
    let output = kmslint(dir.path(), &["--format", "concise"]);
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(2));
    assert!(out.contains("broken.json:1:"), "{out}");
    assert!(out.contains("broken.yaml:2:"), "{out}");
    assert!(out.contains("in 1 template, 2 files not judged"), "{out}");
    assert_eq!(kmslint(dir.path(), &["--exit-zero"]).status.code(), Some(2));
}

#[test]
fn standard_input_is_a_file_with_a_name() {
    let dir = tree(&[("a/b.yaml", GOOD)]);
    let run = |arguments: &[&str], input: &str| {
        let mut child =
            program(dir.path()).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    let good = run(&["-"], GOOD);
    assert_eq!((good.status.code(), text(&good.stdout).as_str()), (Some(0), "no findings in 1 template\n"));
    let broken = run(&["-", "--format", "concise", "--stdin-filename", "a/b.yaml", "a"], "Resources: [");
    assert!(text(&broken.stdout).starts_with("a/b.yaml:1:"), "{}", text(&broken.stdout));
    assert!(text(&broken.stdout).contains("in 0 templates"), "the text given stands for the file");
    let unnamed = run(&["-", "--format", "concise"], "Resources: [");
    assert!(text(&unnamed.stdout).starts_with("<stdin>:1:"), "{}", text(&unnamed.stdout));
}

#[test]
#[cfg(unix)]
fn a_pipe_is_a_file() {
    let dir = tree(&[("a.yaml", GOOD)]);
    let output = shell(dir.path(), "\"$KMSLINT\" <(cat a.yaml)");
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(0), "no findings in 1 template\n"));
}

#[test]
fn the_list_of_files_is_what_is_read() {
    let dir = tree(&[
        (".gitignore", "old.yaml\n"),
        ("a.yaml", GOOD),
        ("old.yaml", GOOD),
        ("sub/b.json", "{}"),
        ("sub/node_modules/c.yaml", GOOD),
        ("d.txt", GOOD),
    ]);
    for (arguments, list) in [
        (&["--list-files"][..], "a.yaml\nsub/b.json\n"),
        (&["--list-files", "--no-ignore"], "a.yaml\nold.yaml\nsub/b.json\n"),
        (&["--list-files", "old.yaml", "d.txt"], "d.txt\nold.yaml\n"),
    ] {
        let output = kmslint(dir.path(), arguments);
        assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(0), list));
    }
    let excluded = &["--list-files", "a.yaml", "--exclude", "*.yaml"];
    expect(
        dir.path(),
        &[
            Call { arguments: excluded, code: 0, out: &[], err: &["`a.yaml` is named, but excluded"] },
            Call { arguments: &["--list-files", "nope"], code: 2, out: &[], err: &["`nope`"] },
        ],
    );
}

#[test]
fn colour_is_for_terminals_and_those_who_ask() {
    let dir = tree(&[("broken.yaml", "Resources: [")]);
    let has_escape = |output: &Output| output.stdout.contains(&0x1b) || output.stderr.contains(&0x1b);
    assert!(!has_escape(&kmslint(dir.path(), &[])));
    assert!(!has_escape(&kmslint(dir.path(), &["--color", "never"])));
    assert!(has_escape(&kmslint(dir.path(), &["--color", "always"])));
    let set = |name: &str, value: &str| program(dir.path()).env(name, value).output().unwrap();
    assert!(!has_escape(&set("NO_COLOR", "1")));
    assert!(has_escape(&set("CLICOLOR_FORCE", "1")));
    let ascii = program(dir.path()).env("LC_ALL", "C").output().unwrap();
    assert!(ascii.stdout.is_ascii(), "{}", text(&ascii.stdout));
}

/// A tree of many templates, some of them broken.
fn many(count: usize, is_broken: fn(usize) -> bool) -> tempfile::TempDir {
    let text = |n: usize| if is_broken(n) { "Resources: [" } else { [GOOD, BAD][n % 2] };
    let files: Vec<(String, &str)> = (0..count).map(|n| (format!("t/{n}.yaml"), text(n))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    tree(&files)
}

#[test]
#[cfg(unix)]
fn a_reader_that_goes_away_is_no_failure() {
    let dir = many(2000, |_| true);
    let output = shell(dir.path(), "\"$KMSLINT\" t --format concise | head -1; echo ${PIPESTATUS[0]} >&2");
    assert_eq!(text(&output.stderr), "0\n");
    assert_eq!(text(&output.stdout).lines().count(), 1);
}

#[test]
fn every_number_of_threads_gives_the_same_bytes() {
    let dir = many(240, |n| n % 7 == 0);
    for format in FORMATS {
        let one = kmslint(dir.path(), &["t", "--format", format, "-j", "1"]);
        assert_eq!(one.stdout, kmslint(dir.path(), &["t", "--format", format, "-j", "16"]).stdout);
        assert_eq!(one.stdout, kmslint(dir.path(), &["t", "--format", format]).stdout);
    }
}

#[test]
fn reports_go_to_files_and_their_paths_are_those_of_the_root() {
    let dir = tree(&[(".git/", ""), ("sub/x/broken.yaml", "Resources: ["), ("sub/out/", "")]);
    let inside = dir.path().join("sub");
    let absolute = inside.join("x").to_string_lossy().into_owned();
    for path in ["x", "x/broken.yaml", absolute.as_str()] {
        let formats = ["--format", "concise", "--format", "sarif=out/k.sarif", "--format", "json=out/k.json"];
        let output = kmslint(&inside, &[&[path], &formats[..]].concat());
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stdout).starts_with("sub/x/broken.yaml:1:"), "{}", text(&output.stdout));
        for file in ["k.sarif", "k.json"] {
            let report = fs::read_to_string(inside.join("out").join(file)).unwrap();
            let report: serde_json::Value = serde_json::from_str(&report).unwrap();
            assert!(report.to_string().contains("\"sub/x/broken.yaml\""), "{report}");
        }
        assert_eq!(fs::read_dir(inside.join("out")).unwrap().count(), 2, "nothing else is written");
    }
    let output = kmslint(&inside, &["x", "--format", "json=nowhere/k.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("cannot write `nowhere/k.json`"));
}

#[test]
fn the_same_code_for_every_format() {
    let dir = tree(&[("good.yaml", GOOD), ("bad.yaml", BAD), ("bad/broken.yaml", "Resources: [")]);
    for format in FORMATS {
        assert_eq!(kmslint(dir.path(), &["bad.yaml", "--format", format]).status.code(), Some(1));
        assert_eq!(kmslint(dir.path(), &["bad.yaml", "--format", format, "--exit-zero"]).status.code(), Some(0));
        assert_eq!(kmslint(dir.path(), &["good.yaml", "--format", format]).status.code(), Some(0));
        assert_eq!(kmslint(dir.path(), &["bad", "--format", format]).status.code(), Some(2));
        assert_eq!(kmslint(dir.path(), &["nope", "--format", format]).status.code(), Some(2));
    }
}

#[test]
fn hostile_files_end_in_2_and_soon() {
    let dir = tree(&[("nul.yaml", "Resources:\n  A: \0\n")]);
    let write = |name: &str, bytes: &[u8]| fs::write(dir.path().join(name), bytes).unwrap();
    let (open, close) = ("[".repeat(10_000), "]".repeat(10_000));
    write("latin.yaml", b"Resources:\n  A: caf\xe9\n");
    write("open.json", format!("{{\"Resources\": {open}").as_bytes());
    write("closed.json", format!("{{\"Resources\": {open}{close}}}").as_bytes());
    write("open.yaml", format!("Resources: {open}").as_bytes());
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..12 {
        let row = format!("*a{}, ", n - 1).repeat(10);
        bomb.push_str(&format!("a{n}: &a{n} [{row}]\n"));
    }
    write("bomb.yaml", format!("{bomb}Resources:\n  A: *a11\n").as_bytes());
    let huge = fs::File::create(dir.path().join("huge.yaml")).unwrap();
    huge.set_len(50 << 20).unwrap();
    for name in ["nul.yaml", "latin.yaml", "open.json", "closed.json", "open.yaml", "bomb.yaml", "huge.yaml"] {
        let output = kmslint(dir.path(), &["--format", "concise", name]);
        let told = format!("{name}: {}{}", text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(text(&output.stdout).starts_with(&format!("{name}:")), "{told}");
    }
}

#[test]
fn version_goes_to_standard_output() {
    let dir = tree(&[]);
    let version = format!("kmslint {}\n", env!("CARGO_PKG_VERSION"));
    for flag in ["-V", "--version"] {
        assert_eq!(text(&kmslint(dir.path(), &[flag]).stdout), version);
    }
}
