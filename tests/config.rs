//! The configuration: what is wrong with it, where it is found, what wins, and what it does.

mod errors;
mod format;
mod precedence;
mod stacks;

use super::cli::{kmslint, text};
use std::path::Path;
use std::process::Output;

/// A key with a short deletion window, without rotation, that everyone may use.
const BAD: &str = "\
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      PendingWindowInDays: 10
      KeyPolicy:
        Statement:
          - {Effect: Allow, Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}, Action: 'kms:*', Resource: '*'}
          - {Effect: Allow, Principal: '*', Action: 'kms:Decrypt', Resource: '*'}
";

/// A run: the exit code, and what it says on standard output and standard error.
fn run(dir: &Path, arguments: &[&str]) -> (i32, String, String) {
    told(&kmslint(dir, arguments))
}

fn told(output: &Output) -> (i32, String, String) {
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// What a run reports: `file:line rule`, and the stack where the line says one.
fn findings(dir: &Path, arguments: &[&str]) -> Vec<String> {
    let output = kmslint(dir, &[arguments, &["--format", "json"]].concat());
    let report: serde_json::Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{:?}", told(&output)));
    let line = |finding: &serde_json::Value| {
        let text = |key: &str| finding[key].as_str().unwrap().to_owned();
        format!("{}:{} {} {}", text("file"), finding["range"]["start"]["line"], text("rule"), text("stack"))
    };
    report["findings"].as_array().unwrap().iter().map(line).collect()
}
