//! `kmslint why` as users run it.

use std::path::Path;
use std::process::{Command, Output};

fn why(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kmslint"));
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")).env_clear().env("LANG", "C.UTF-8");
    command.arg("why").args(arguments).output().unwrap()
}

/// Exit code, standard output, standard error.
fn told(arguments: &[&str]) -> (i32, String, String) {
    let output = why(arguments);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn an_answer_is_no_failure_whatever_it_is() {
    for (action, key, begin) in [
        ("Decrypt", "OrdersKey", "denied: "),
        ("kms:decrypt", "OrdersKey", "denied: "),
        ("GenerateDataKey", "alias/reports", "denied: "),
    ] {
        let (code, out, err) = told(&["ServiceRole", action, key, "demo"]);
        assert_eq!((code, err.as_str()), (0, ""), "{out}");
        assert!(out.starts_with(begin), "{out}");
    }
}

#[test]
fn what_is_not_there_is_refused_with_what_may_be_meant() {
    for (arguments, wanted) in [
        (["ServicRole", "Decrypt", "OrdersKey", "demo"], "did you mean `ServiceRole`"),
        (["ServiceRole", "Decript", "OrdersKey", "demo"], "`Decript` is no action of KMS, did you mean `kms:Decrypt`"),
        (["ServiceRole", "s3:GetObject", "OrdersKey", "demo"], "`s3:GetObject` is no action of KMS"),
        (["ServiceRole", "Decrypt", "OrderKey", "demo"], "did you mean `OrdersKey`"),
        (["ServiceRole", "Decrypt", "OrdersKey", "nowhere"], "nowhere"),
    ] {
        let (code, out, err) = told(&arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}: {err}");
        assert!(err.contains(wanted), "{arguments:?}: {err}");
    }
}

#[test]
fn json_says_the_same_as_data() {
    let (code, out, _) = told(&["ServiceRole", "Decrypt", "OrdersKey", "--format", "json", "demo"]);
    assert_eq!(code, 0);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["principal"]["name"], "ServiceRole");
    assert_eq!(json["action"], "kms:Decrypt");
    let world = &json["worlds"][0];
    assert_eq!(world["answer"], "implicit_deny");
    let statement = &world["policies"][0]["statements"][0];
    assert_eq!((&statement["name"], &statement["part"]), (&"`AdministerTheKey`".into(), &"misses".into()));
    assert_eq!(statement["range"]["start"]["line"], 13);
    let step = &world["repairs"][0]["steps"][0];
    assert_eq!(step["resource"], "OrdersKey");
    assert_eq!(step["statement"]["Principal"]["AWS"]["Fn::Sub"], "arn:${AWS::Partition}:iam::${AWS::AccountId}:root");
}

#[test]
fn help_shows_how_to_ask() {
    let (code, out, _) = told(&["--help"]);
    assert_eq!(code, 0);
    assert!(out.lines().all(|line| line.chars().count() <= 100), "{out}");
    assert!(out.lines().filter(|line| line.trim_start().starts_with("kmslint ")).count() >= 4, "{out}");
}

#[test]
fn a_terminal_without_unicode_and_one_with_colours_are_served() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kmslint"));
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")).env_clear().env("LANG", "C");
    let output = command.args(["why", "ServiceRole", "Decrypt", "OrdersKey", "demo"]).output().unwrap();
    assert!(output.stdout.is_ascii());
    let coloured = why(&["ServiceRole", "Decrypt", "OrdersKey", "demo", "--color", "always"]);
    assert!(String::from_utf8(coloured.stdout).unwrap().starts_with("\u{1b}[31mdenied\u{1b}[0m"));
}
