//! The page of `kmslint graph`: what is in the file, and how it behaves in a browser.

use super::{drawn, root};
use serde_json::Value;
use std::fmt::Write as _;
use std::process::Command;

/// The data of a page.
fn data_of(page: &str) -> &str {
    page.split_once("id=\"data\">").unwrap().1.split_once("</script>").unwrap().0
}

#[test]
fn a_page_holds_the_same_data_as_json() {
    for path in ["testdata/graph/hostile", "testdata/graph/latent"] {
        let page = drawn("html", path);
        let own: Value = serde_json::from_str(data_of(&page)).unwrap();
        let json: Value = serde_json::from_str(&drawn("json", path)).unwrap();
        assert_eq!(own, json, "{path}");
        assert!(!data_of(&page).contains('<'), "{path}");
        assert_eq!(page.matches("</script>").count(), 2, "{path}");
    }
}

/// Two hundred keys in ten stacks, five hundred roles with ten statements each.
fn many() -> Vec<(String, String)> {
    let stack = |number: usize| {
        let (mut resources, mut outputs) = (String::from("Resources:\n"), String::from("Outputs:\n"));
        for key in number * 20..number * 20 + 20 {
            write!(
                resources,
                "  Key{key}: {{Type: AWS::KMS::Key}}
  Alias{key}: {{Type: AWS::KMS::Alias, Properties: {{AliasName: alias/{key}, TargetKeyId: !Ref Key{key}}}}}
  Queue{key}: {{Type: AWS::SQS::Queue, Properties: {{KmsMasterKeyId: !Ref Alias{key}}}}}
"
            )
            .unwrap();
            writeln!(outputs, "  Out{key}: {{Value: !GetAtt Key{key}.Arn, Export: {{Name: key-{key}}}}}").unwrap();
        }
        for role in 0..50 {
            let head = "Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument: {}\n      Policies:\n        - PolicyName: use\n          PolicyDocument:\n            Statement:";
            writeln!(resources, "  Role{role}:\n    {head}").unwrap();
            for at in 0..10 {
                let resource = match number.checked_sub(1).filter(|_| at >= 7) {
                    Some(before) => format!("!ImportValue key-{}", before * 20 + (role + at) % 20),
                    None => format!("!GetAtt Key{}.Arn", number * 20 + (role * 7 + at * 3) % 20),
                };
                writeln!(resources, "              - {{Effect: Allow, Action: kms:Decrypt, Resource: {resource}}}")
                    .unwrap();
            }
        }
        (format!("stack{number:02}.yaml"), resources + &outputs)
    };
    (0..10).map(stack).collect()
}

/// The browser that is installed, and whether Node is.
fn browser() -> Option<&'static str> {
    let runs = |program: &str| Command::new(program).arg("--version").output().is_ok_and(|it| it.status.success());
    let found = ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|program| runs(program))?;
    runs("node").then_some(found)
}

#[test]
fn a_browser_shows_the_page_and_lets_people_use_it() {
    let Some(browser) = browser() else {
        println!("skipped: `chromium` and `node` are not installed");
        return;
    };
    let files = many();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let many = crate::discover::tree(&files);
    let dir = tempfile::tempdir().unwrap();
    let page = |name: &str, path: &str| {
        let file = dir.path().join(name);
        std::fs::write(&file, drawn("html", path)).unwrap();
        file
    };
    let output = Command::new("node")
        .arg(root().join("testdata/graph/page.mjs"))
        .arg(browser)
        .arg(page("latent.html", "testdata/graph/latent"))
        .arg(page("hostile.html", "testdata/graph/hostile"))
        .arg(page("many.html", many.path().to_str().unwrap()))
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains("ok: "), "{out}\n{err}");
}
