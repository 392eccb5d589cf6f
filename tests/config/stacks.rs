//! What is deployed where, and what is read beside changed files.

use super::super::discover::tree;
use super::{findings, run};
use tempfile::TempDir;

/// A key whose policy trusts the account in production only.
const KEYS: &str = "\
Parameters:
  Env: { Type: String, AllowedValues: [prod, test, dev], Default: prod }
Conditions:
  IsProd: !Equals [!Ref Env, prod]
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Statement:
          - Effect: Allow
            Principal: { AWS: !If [IsProd, !Sub 'arn:aws:iam::${AWS::AccountId}:root', !Sub 'arn:aws:iam::${AWS::AccountId}:role/Admin'] }
            Action: kms:*
            Resource: '*'
Outputs:
  Arn: { Value: !GetAtt Key.Arn, Export: { Name: !Sub '${AWS::StackName}-Arn' } }
";

/// A role that decrypts with the key of a stack that a parameter names.
const APP: &str = "\
Parameters:
  KeyStack: { Type: String }
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement:
              - Effect: Allow
                Action: kms:Decrypt
                Resource: !ImportValue { 'Fn::Sub': '${KeyStack}-Arn' }
";

const ENVIRONMENTS: &str = "\
files: { include: [\"t/**\"] }
stacks:
  - { template: t/keys.yaml, name: keys-prod, account: \"111122223333\", region: eu-west-1, parameters: { Env: prod }, scope: prod }
  - { template: t/app.yaml, name: app-prod, account: \"111122223333\", region: eu-west-1, parameters: { KeyStack: keys-prod }, scope: prod }
  - { template: t/keys.yaml, name: keys-test, account: 012345678901, region: eu-west-1, parameters: { Env: test }, scope: test }
  - { template: t/app.yaml, name: app-test, account: 012345678901, region: eu-west-1, parameters: { KeyStack: keys-test }, scope: test }
";

/// `t/keys.yaml`, `t/app.yaml`, and a configuration.
fn estate(config: &str) -> TempDir {
    tree(&[(".kmslint.yaml", config), ("t/keys.yaml", KEYS), ("t/app.yaml", APP)])
}

#[test]
fn a_template_has_the_findings_of_each_of_its_stacks() {
    let dir = estate(ENVIRONMENTS);
    let expected = ["t/app.yaml:13 ineffective-grant app-test", "t/keys.yaml:6 missing-root-trust keys-test"];
    assert_eq!(findings(dir.path(), &[]), expected);
    let (_, out, _) = run(dir.path(), &["--format", "pretty"]);
    assert!(out.contains("stack: app-test") && !out.contains("app-prod"), "{out}");
    assert!(out.contains("arn:aws:iam::012345678901:role/Admin"), "{out}");
}

#[test]
fn grants_and_why_speak_of_the_stacks() {
    let dir = estate(ENVIRONMENTS);
    let (code, out, err) = run(dir.path(), &["grants", "--action", "Decrypt", "--format", "csv"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(
        out.lines().any(|line| line.starts_with("Key,") && line.contains("keys-test") && line.contains("ineffective")),
        "{out}"
    );
    assert!(
        out.lines().any(|line| line.starts_with("Key,") && line.contains("app-prod") && line.contains(",effective")),
        "{out}"
    );
    for (stack, answer) in [("prod", "allowed: "), ("test", "denied: ")] {
        let (code, out, err) =
            run(dir.path(), &["why", &format!("app-{stack}/Role"), "Decrypt", &format!("keys-{stack}/Key")]);
        assert!(code == 0 && out.starts_with(answer), "{out}{err}");
    }
}

#[test]
fn what_several_stacks_have_in_common_is_found_once() {
    let dir = estate(&ENVIRONMENTS.replace("Env: prod", "Env: test"));
    let expected = ["t/app.yaml:13 ineffective-grant app-prod", "t/keys.yaml:6 missing-root-trust keys-prod"];
    assert_eq!(findings(dir.path(), &[]), expected);
    let (_, out, _) = run(dir.path(), &["t/keys.yaml"]);
    assert!(out.contains("note: also in stack `keys-test`"), "{out}");
}

#[test]
fn what_stacks_have_under_conditions_of_their_own_is_told_apart() {
    let dir = estate(&ENVIRONMENTS.replace("{ Env: prod }", "{}").replace("{ Env: test }", "{}"));
    let (_, out, _) = run(dir.path(), &["t/keys.yaml", "--format", "concise"]);
    assert!(out.contains("(stack `keys-prod`)\n") && out.contains("(stack `keys-test`)\n"), "{out}");
}

#[test]
fn stacks_of_one_name_are_told_apart_by_their_places() {
    let stack = |region: &str| {
        format!(
            "  - {{ template: t/keys.yaml, name: keys, account: \"111122223333\", region: {region}, parameters: {{ Env: test }} }}\n"
        )
    };
    let dir = estate(&format!("stacks:\n{}{}", stack("eu-west-1"), stack("us-east-1")));
    let found = ["t/keys.yaml:6 missing-root-trust keys@111122223333:eu-west-1"];
    assert_eq!(findings(dir.path(), &["t/keys.yaml"]), found);
    let (_, out, _) = run(dir.path(), &["t/keys.yaml"]);
    assert!(out.contains("note: also in stack `keys@111122223333:us-east-1`"), "{out}");
    let name = "keys@111122223333:us-east-1/Key";
    let (code, out, err) = run(dir.path(), &["why", "arn:aws:iam::111122223333:role/Admin", "Decrypt", name]);
    assert!(code == 0 && out.contains("policy of key `Key`"), "{out}{err}");
}

#[test]
fn exports_are_seen_in_their_own_scope_alone() {
    let crossed =
        ENVIRONMENTS.replace("KeyStack: keys-test", "KeyStack: keys-prod").replace("012345678901", "\"111122223333\"");
    assert_eq!(findings(estate(&crossed).path(), &["t/app.yaml"]), [] as [&str; 0]);
    let joined = ENVIRONMENTS
        .replace(", scope: prod", "")
        .replace(", scope: test", "")
        .replace("012345678901", "\"111122223333\"");
    let joined = joined.replace("KeyStack: keys-prod", "KeyStack: keys-test");
    let (_, out, _) = run(estate(&joined).path(), &["t/app.yaml"]);
    assert!(out.contains("also in stack `app-test`"), "without a scope all live together: {out}");
}

#[test]
fn the_value_nearest_to_a_stack_wins() {
    let stack = |own: &str| format!("stacks: [{{ template: t/keys.yaml, name: keys{own} }}]\n");
    let given = |value: &str| format!("parameters: {{ Env: {value} }}\n");
    let certainty = |config: &str, flags: &[&str]| {
        let dir = estate(config);
        std::fs::write(dir.path().join("test.json"), "{\"Env\": \"test\"}").unwrap();
        std::fs::write(dir.path().join("prod.json"), "{\"Env\": \"prod\"}").unwrap();
        let (_, out, err) = run(dir.path(), &[&["t/keys.yaml", "--format", "json"], flags].concat());
        let report: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"));
        report["findings"][0]["certainty"].as_str().unwrap_or("not found").to_owned()
    };
    let flags = |file: &'static str| ["--parameters", file];
    assert_eq!(certainty(&stack(""), &[]), "conditional", "a default is no value");
    assert_eq!(certainty(&(stack("") + &given("test")), &[]), "always");
    assert_eq!(certainty(&given("test"), &[]), "always", "without stacks too");
    assert_eq!(certainty(&given("test"), &flags("prod.json")), "not found");
    assert_eq!(certainty(&given("prod"), &flags("test.json")), "always");
    let own = |value: &str| stack(&format!(", parameters: {{ Env: {value} }}"));
    assert_eq!(certainty(&(own("prod") + &given("test")), &flags("test.json")), "not found");
    assert_eq!(certainty(&(own("test") + &given("prod")), &flags("prod.json")), "always");
}

#[test]
fn a_value_that_a_template_does_not_take_is_told() {
    let dir = estate(
        "stacks:\n  - { template: t/keys.yaml, name: a, parameters: { Env: tset } }\n  - { template: t/keys.yaml, name: b, parameters: { Evn: test } }\n",
    );
    let (code, _, err) = run(dir.path(), &["t"]);
    assert_eq!(code, 2);
    let expected = "\
error: `.kmslint.yaml:2:58`: `tset` is no value that `t/keys.yaml` allows for `Env`: there are `prod`, `test`, `dev`
error: `.kmslint.yaml:3:58`: `t/keys.yaml` has no parameter `Evn`, did you mean `Env`
";
    assert_eq!(err, expected);
    let dir = estate("parameters: { Env: tset, Other: x }\n");
    let (code, _, err) = run(dir.path(), &["t"]);
    assert_eq!(code, 1, "what is open is conditional");
    assert_eq!(
        err,
        "note: `tset` is no value that `t/keys.yaml` allows for `Env`: there are `prod`, `test`, `dev`; it stays open there\n"
    );
}

#[test]
fn a_changed_file_is_checked_against_its_unchanged_partners() {
    for config in ["files: { include: [\"t/**\"] }\nparameters: { KeyStack: keys, Env: test }\n", ENVIRONMENTS] {
        let dir = estate(config);
        let found = findings(dir.path(), &["t/app.yaml"]);
        assert!(found.len() == 1 && found[0].starts_with("t/app.yaml:13 ineffective-grant"), "{config}: {found:?}");
        let (_, out, _) = run(dir.path(), &["t/app.yaml", "--format", "concise"]);
        assert_eq!(out.matches(" finding").count(), 1, "one summary: {out}");
    }
    for config in ["files: { include: [\"t/**\"] }\nparameters: { KeyStack: keys, Env: test }\n", ENVIRONMENTS] {
        let found = findings(estate(config).path(), &["t/keys.yaml"]);
        let stands = |rule: &str| found.iter().any(|line| line.starts_with("t/keys.yaml:") && line.contains(rule));
        assert!(found.len() == 2 && stands("missing-root-trust") && stands("ineffective-grant"), "{config}: {found:?}");
    }
    let alone = findings(estate("parameters: { KeyStack: keys, Env: test }\n").path(), &["t/app.yaml"]);
    assert!(!alone.iter().any(|line| line.contains("ineffective-grant")), "{alone:?}");
}

#[test]
fn a_stack_of_a_template_that_nobody_named_is_read_for_links() {
    let config = ENVIRONMENTS.replace("files: { include: [\"t/**\"] }\n", "");
    let dir = estate(&config);
    assert_eq!(findings(dir.path(), &["t/app.yaml"]), ["t/app.yaml:13 ineffective-grant app-test"]);
    assert_eq!(run(dir.path(), &["--list-files", "t/app.yaml"]).1, "t/app.yaml\nt/keys.yaml\n");
}

#[test]
fn what_is_said_of_an_assembly_replaces_what_its_manifest_says() {
    let manifest = r#"{"version": "36.0.0", "artifacts": {
        "App": {"type": "aws:cloudformation:stack", "environment": "aws://111122223333/eu-west-1", "properties": {"templateFile": "App.template.json"},
            "metadata": {"/App/Role/Resource": [{"type": "aws:cdk:logicalId", "data": "Role"}]}},
        "Keys": {"type": "aws:cloudformation:stack", "environment": "aws://111122223333/eu-west-1", "properties": {"templateFile": "Keys.template.json"}}}}"#;
    let stacks = "  - { template: cdk.out/App.template.json, name: one, parameters: { KeyStack: Keys } }\n  \
                  - { template: cdk.out/App.template.json, name: two, parameters: { KeyStack: none } }\n";
    let dir = tree(&[
        (".kmslint.yaml", &format!("files: {{ include: [cdk.out] }}\nparameters: {{ Env: test }}\nstacks:\n{stacks}")),
        ("cdk.out/manifest.json", manifest),
        ("cdk.out/App.template.json", APP),
        ("cdk.out/Keys.template.json", KEYS),
    ]);
    let found = findings(dir.path(), &["--ignore", "unresolved-import,unresolved-key-grant"]);
    let expected =
        ["cdk.out/App.template.json:13 ineffective-grant one", "cdk.out/Keys.template.json:6 missing-root-trust Keys"];
    assert_eq!(found, expected, "they stay in the scope of the assembly");
    let (_, out, _) = run(dir.path(), &[]);
    assert!(out.contains("construct: App/Role/Resource"), "{out}");
}

#[test]
fn flags_place_only_stacks_of_which_nothing_says_where_they_are() {
    let config =
        "stacks: [{ template: t/keys.yaml, name: keys, account: \"111122223333\", parameters: { Env: test } }]\n";
    let dir = estate(config);
    let (_, out, _) = run(dir.path(), &["t/keys.yaml", "--account", "444455556666", "--region", "eu-west-1"]);
    assert!(out.contains("arn:aws:iam::111122223333:role/Admin"), "{out}");
}

#[test]
fn an_inventory_is_read_beside_the_templates() {
    let inventory = r#"{"KeyMetadata": {"KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab", "Arn": "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab", "KeyManager": "CUSTOMER"},
        "Policy": "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"arn:aws:iam::111122223333:role/Admin\"}, \"Action\": \"kms:*\", \"Resource\": \"*\"}]}"}"#;
    let arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let app = APP.replace("!ImportValue { 'Fn::Sub': '${KeyStack}-Arn' }", arn);
    let config = "inventory: [known/keys.json]\ninventory-complete: true\nstacks: [{ template: app.yaml, name: app, account: \"111122223333\", region: eu-west-1 }]\n";
    let dir = tree(&[
        (".kmslint.yaml", config),
        ("known/keys.json", inventory),
        ("app.yaml", &app),
        ("sub/", ""),
        (".git/", ""),
    ]);
    for (folder, path) in [(".", "app.yaml"), ("sub", "../app.yaml")] {
        let found = findings(&dir.path().join(folder), &[path]);
        assert!(found.iter().any(|line| line.contains("ineffective-grant")), "{folder}: {found:?}");
    }
}
