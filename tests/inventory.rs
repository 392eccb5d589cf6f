//! What exists outside the templates: outputs of the AWS CLI in every form, joined by key.

use super::discover::tree;
use kmslint::choice::{Choice, Wish};
use kmslint::discover::Request;
use kmslint::estate::{Estate, GrantConstraint, KeyOrigin, PolicySource, PrincipalKind};
use kmslint::policy::KeyPolicy;
use kmslint::{Checked, InView, Options};
use std::path::Path;
use std::process::{Command, Stdio};

pub(crate) const ONE: &str = "11111111-12ab-34cd-56ef-1234567890ab";
const TWO: &str = "22222222-12ab-34cd-56ef-1234567890ab";

const TRUSTS: &str = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "Root", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}]}"#;
pub(crate) const ADMIN_ONLY: &str = r#"{"Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/Admin"}, "Action": "kms:*", "Resource": "*"}}"#;

pub(crate) fn arn(id: &str) -> String {
    format!("arn:aws:kms:eu-west-1:111122223333:key/{id}")
}

/// A template with a role that may use these resources.
pub(crate) fn role(resources: &[&str]) -> String {
    let resources: String = resources.iter().map(|resource| format!("                  - {resource}\n")).collect();
    format!(
        "Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{}}
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement:
              - Effect: Allow
                Action: kms:Decrypt
                Resource:
{resources}"
    )
}

/// What `aws kms get-key-policy` prints.
fn policy_output(policy: &str) -> String {
    serde_json::json!({"Policy": policy, "PolicyName": "default"}).to_string()
}

fn options(dir: &Path, account: Option<&str>) -> Options {
    let all = kmslint::all_rules();
    let request = Request {
        inputs: vec![dir.join("t").to_string_lossy().into_owned()],
        root: Some(dir.to_path_buf()),
        inventory: vec![dir.join("kms")],
        ..Request::default()
    };
    Options {
        request,
        account: account.map(str::to_owned),
        region: account.map(|_| "eu-west-1".to_owned()),
        choice: Choice::of(&all, &Wish { pedantic: true, ..Wish::default() }).unwrap(),
        ..Options::default()
    }
}

pub(crate) fn check(files: &[(&str, &str)], account: Option<&str>) -> Checked {
    let dir = tree(files);
    let checked = kmslint::check(&options(dir.path(), account));
    assert!(checked.mistakes.is_empty(), "{:?}", checked.mistakes);
    checked
}

pub(crate) fn look(files: &[(&str, &str)]) -> InView {
    let dir = tree(files);
    kmslint::look(&options(dir.path(), Some("111122223333")))
}

/// The rules that speak of a key, by its id.
pub(crate) fn found(checked: &Checked, key: &str) -> Vec<&'static str> {
    assert!(checked.outcome.errors.is_empty(), "{:?}", checked.outcome.errors);
    let about = checked.outcome.findings.iter().filter(|finding| finding.message.contains(key));
    about.map(|finding| finding.rule.id).collect()
}

fn key<'e>(estate: &'e Estate, id: &str) -> &'e kmslint::estate::Key {
    estate.keys.iter().find(|key| key.name == id).unwrap()
}

#[test]
fn a_grant_on_a_key_with_a_policy_in_the_inventory_is_decided() {
    let template = role(&[&arn(ONE), &arn(TWO)]);
    let none = check(&[("t/a.yaml", &template), ("kms/keys.json", r#"{"Keys": []}"#)], Some("111122223333"));
    assert_eq!(found(&none, ONE), ["imported-key-grant"]);
    let trusts = policy_output(TRUSTS);
    let admin = policy_output(ADMIN_ONLY);
    let keys = serde_json::json!({"Keys": [{"KeyId": ONE, "KeyArn": arn(ONE)}, {"KeyId": TWO, "KeyArn": arn(TWO)}]});
    let files = [
        ("t/a.yaml", template.as_str()),
        ("kms/keys.json", &keys.to_string()),
        (&format!("kms/{ONE}.json"), &trusts),
        (&format!("kms/policy-{TWO}.json"), &admin),
    ];
    let both = check(&files, Some("111122223333"));
    assert_eq!(found(&both, ONE), Vec::<&str>::new());
    assert_eq!(found(&both, TWO), ["ineffective-grant"]);
    let finding = &both.outcome.findings[0];
    let policy = finding.evidence.last().unwrap();
    assert_eq!(both.sources.file(policy.place.span.file).unwrap().path, format!("kms/policy-{TWO}.json"));
    assert_eq!(both.sources.text_of(policy.place.span), r#"\"arn:aws:iam::111122223333:role/Admin\""#);
    assert_eq!(both.sources.file(finding.primary.place.span.file).unwrap().path, "t/a.yaml");
}

#[test]
fn where_the_account_is_not_known_a_grant_is_dead_or_undecided() {
    let template = role(&[&arn(ONE), &arn(TWO)]);
    let joined = serde_json::json!([
        {"KeyMetadata": {"KeyId": ONE, "Arn": arn(ONE)}, "Policy": TRUSTS},
        {"KeyMetadata": {"KeyId": TWO, "Arn": arn(TWO)}, "Policy": ADMIN_ONLY},
    ]);
    let checked = check(&[("t/a.yaml", &template), ("kms/all.json", &joined.to_string())], None);
    assert_eq!(found(&checked, TWO), ["ineffective-grant"]);
    assert_eq!(found(&checked, ONE), Vec::<&str>::new());
    let why: Vec<&str> = checked.outcome.undecided.iter().map(|undecided| undecided.why.as_str()).collect();
    let wanted = "whether `Role` is in account `111122223333`, which owns the key, is not known: `--account` says it";
    assert_eq!(why, [wanted]);
}

#[test]
fn a_key_of_another_account_has_to_admit_the_account() {
    let other = format!("arn:aws:kms:eu-west-1:444455556666:key/{ONE}");
    let policy = TRUSTS.replace("111122223333", "444455556666");
    let joined = serde_json::json!({"KeyMetadata": {"KeyId": ONE, "Arn": other}, "Policy": policy}).to_string();
    let checked = check(&[("t/a.yaml", &role(&[&other])), ("kms/all.json", &joined)], Some("111122223333"));
    assert_eq!(found(&checked, ONE), ["one-sided-cross-account-grant"]);
    let both = policy.replace("444455556666:root", "111122223333:root");
    let joined = serde_json::json!({"KeyMetadata": {"KeyId": ONE, "Arn": other}, "Policy": both}).to_string();
    let checked = check(&[("t/a.yaml", &role(&[&other])), ("kms/all.json", &joined)], Some("111122223333"));
    assert_eq!(found(&checked, ONE), Vec::<&str>::new());
}

#[test]
fn every_form_of_the_outputs_says_the_same() {
    let metadata = serde_json::json!({
        "AWSAccountId": "111122223333", "KeyId": ONE, "Arn": arn(ONE), "KeyState": "Enabled", "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyUsage": "ENCRYPT_DECRYPT", "Origin": "AWS_KMS", "KeyManager": "CUSTOMER", "MultiRegion": false,
    });
    let alias = serde_json::json!({
        "AliasName": "alias/app", "AliasArn": "arn:aws:kms:eu-west-1:111122223333:alias/app", "TargetKeyId": ONE,
    });
    let grant = serde_json::json!({
        "KeyId": arn(ONE), "GrantId": "1", "GranteePrincipal": "arn:aws:iam::111122223333:role/App",
        "Operations": ["Decrypt"], "Constraints": {"EncryptionContextSubset": {"team": "a"}},
    });
    let rotation = serde_json::json!({"KeyRotationEnabled": true, "RotationPeriodInDays": 180, "KeyId": ONE});
    let outputs = [
        serde_json::json!({"Keys": [{"KeyId": ONE, "KeyArn": arn(ONE)}]}),
        serde_json::json!({"KeyMetadata": metadata}),
        serde_json::json!({"Aliases": [alias]}),
        serde_json::json!({"Grants": [grant]}),
        serde_json::json!({"KeyId": ONE, "Policy": TRUSTS}),
        rotation,
    ];
    let lines: String = outputs.iter().map(|output| format!("{output}\n")).collect();
    let list = serde_json::to_string_pretty(&outputs).unwrap();
    let bare_lists = serde_json::json!([[metadata], [alias], [grant], {"KeyId": arn(ONE), "Policy": serde_json::from_str::<serde_json::Value>(TRUSTS).unwrap()}, outputs[5]]);
    let joined = serde_json::json!([{
        "KeyMetadata": metadata, "Policy": TRUSTS, "Aliases": [alias], "Grants": [grant], "KeyRotationEnabled": true,
        "RotationPeriodInDays": 180,
    }]);
    for form in [lines, list, bare_lists.to_string(), joined.to_string()] {
        let seen = look(&[("t/a.yaml", &role(&["alias/app"])), ("kms/all.json", &form)]);
        assert!(seen.errors.is_empty(), "{form}: {:?}", seen.errors);
        let estate = &seen.estate;
        assert_eq!(estate.keys.len(), 1, "{form}");
        let known = key(estate, ONE);
        assert!(matches!(known.policy, KeyPolicy::Document(_)), "{form}");
        let described = known.described.as_ref().unwrap();
        assert_eq!(described.state.as_deref(), Some("Enabled"), "{form}");
        assert_eq!((described.rotation, described.rotation_days), (Some(true), Some(180)), "{form}");
        assert_eq!(estate.known_aliases.len(), 1, "{form}");
        let grants = estate.grants();
        assert_eq!(
            estate.keys_behind(grants[0].attached.stack, &grants[0].target),
            [kmslint::estate::KeyId(0)],
            "{form}"
        );
        assert_eq!(estate.key_grants[0].operations, ["Decrypt"], "{form}");
        let pair = ("team".to_owned(), "a".to_owned());
        assert_eq!(estate.key_grants[0].constraints, [GrantConstraint::Subset(vec![pair])], "{form}");
    }
}

#[test]
fn aws_managed_keys_are_known_by_their_aliases() {
    let alias = serde_json::json!({"Aliases": [{
        "AliasName": "alias/aws/s3", "AliasArn": "arn:aws:kms:eu-west-1:111122223333:alias/aws/s3", "TargetKeyId": ONE,
    }]});
    let seen = look(&[("t/a.yaml", &role(&[&arn(ONE)])), ("kms/all.json", &alias.to_string())]);
    let known = key(&seen.estate, ONE);
    assert_eq!(known.origin, KeyOrigin::AwsManaged { service: "s3".to_owned() });
    assert_eq!(known.policy, KeyPolicy::AwsManaged("s3".to_owned()));
}

#[test]
fn a_key_id_is_enough_where_account_and_region_are_not_known() {
    let sub = format!("!Sub 'arn:aws:kms:${{AWS::Region}}:${{AWS::AccountId}}:key/{ONE}'");
    let replica = "mrk-11111111111111111111111111111111";
    let multi = format!("!Sub 'arn:aws:kms:${{AWS::Region}}:${{AWS::AccountId}}:key/{replica}'");
    let keys = serde_json::json!([
        {"KeyMetadata": {"KeyId": ONE, "Arn": arn(ONE)}, "Policy": ADMIN_ONLY},
        {"KeyMetadata": {"KeyId": replica, "Arn": arn(replica)}, "Policy": ADMIN_ONLY},
    ]);
    let files = [("t/a.yaml", role(&[&sub, &multi])), ("kms/all.json", keys.to_string())];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let checked = check(&files, None);
    assert_eq!(found(&checked, ONE), ["ineffective-grant"]);
    assert_eq!(found(&checked, replica), ["imported-key-grant"], "its replica may have another policy");
}

#[test]
fn roles_of_an_account_are_principals_with_all_their_policies() {
    let use_key = serde_json::json!({"Statement": {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": arn(ONE)}});
    let encoded = "%7B%22Statement%22%3A%5B%5D%7D";
    let trust = serde_json::json!({"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}});
    let account = serde_json::json!({
        "UserDetailList": [{"UserName": "ann", "Arn": "arn:aws:iam::111122223333:user/ann", "GroupList": ["ops", "gone"], "AttachedManagedPolicies": []}],
        "GroupDetailList": [{"GroupName": "ops", "Arn": "arn:aws:iam::111122223333:group/ops",
            "GroupPolicyList": [{"PolicyName": "p", "PolicyDocument": use_key}], "AttachedManagedPolicies": []}],
        "RoleDetailList": [
            {"RoleName": "App", "Arn": "arn:aws:iam::111122223333:role/x/App", "AssumeRolePolicyDocument": trust,
             "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": encoded}],
             "AttachedManagedPolicies": [
                {"PolicyName": "Own", "PolicyArn": "arn:aws:iam::111122223333:policy/Own"},
                {"PolicyName": "Gone", "PolicyArn": "arn:aws:iam::111122223333:policy/Gone"},
                {"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}],
             "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/Own"}},
            {"RoleName": "Named", "Arn": "arn:aws:iam::111122223333:role/Named"},
            {"RoleName": "Nameless"}],
        "Policies": [{"PolicyName": "Own", "Arn": "arn:aws:iam::111122223333:policy/Own", "PolicyVersionList": [
            {"VersionId": "v1", "IsDefaultVersion": false, "Document": {"Statement": []}},
            {"VersionId": "v2", "IsDefaultVersion": true, "Document": use_key}]}],
    });
    let template = "
Resources:
  Role: { Type: AWS::IAM::Role, Properties: { RoleName: Named, AssumeRolePolicyDocument: {} } }
  Policy: { Type: AWS::IAM::Policy, Properties: { PolicyName: p, Roles: [App], PolicyDocument: { Statement: [] } } }
";
    let seen = look(&[("t/a.yaml", template), ("kms/iam.json", &account.to_string())]);
    let message = "an entry of `RoleDetailList` needs `RoleName` and `Arn`";
    assert_eq!(seen.errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>(), [message]);
    let principals = &seen.estate.principals;
    let names: Vec<(PrincipalKind, &str)> =
        principals.iter().map(|principal| (principal.kind, principal.name.as_str())).collect();
    let wanted = [
        (PrincipalKind::Role, "Role"),
        (PrincipalKind::Role, "App"),
        (PrincipalKind::User, "ann"),
        (PrincipalKind::Group, "ops"),
    ];
    assert_eq!(names, wanted);
    let app = &principals[1];
    assert_eq!(app.trusted_services, ["ec2.amazonaws.com"]);
    assert!(app.boundary[0].document().is_some());
    let sources: Vec<&str> = app
        .policies
        .iter()
        .map(|policy| match &policy.source {
            PolicySource::Document(_) => "document",
            PolicySource::AwsManaged(..) => "managed by AWS",
            PolicySource::NotInView(_) => "not in view",
        })
        .collect();
    assert_eq!(sources, ["document", "document", "not in view", "managed by AWS", "document"]);
    let ann = &principals[2];
    assert!(ann.policies[0].kms_grants().next().is_some());
    assert!(matches!(&ann.policies[1].source, PolicySource::NotInView(cause) if cause.why.contains("`gone`")));
}

#[test]
fn what_is_wrong_with_an_inventory_is_said_with_its_place_and_the_rest_counts() {
    let broken = [
        ("not.json", "Keys:\n- KeyId: x\n", 1, "not JSON: expected value; save what `aws` prints with `--output json`"),
        ("empty.json", "", 1, "empty: save what `aws` prints in it"),
        ("half.json", "{\"Keys\": []}\n{\"Keys\": [", 2, "not JSON: eof while parsing a list"),
        ("other.json", "[\n{\"Buckets\": []}]", 2, "not an inventory: it is neither output of `aws kms list-keys`"),
        ("text.json", "[1]", 1, "not an inventory"),
        ("nameless.json", "{\"Policy\": \"{}\"}", 1, "the key that this is of is not said"),
        (
            "lost.json",
            "{\"KeyId\": \"33333333-12ab-34cd-56ef-1234567890ab\", \"Policy\": \"{}\"}",
            1,
            "nothing in the inventory says in which account",
        ),
        (
            "bad.json",
            "{\"KeyId\": \"arn:aws:kms:eu-west-1:1:key/4\",\n\"Policy\": \"{\"}",
            2,
            "the key policy is no JSON object",
        ),
        ("alias.json", "{\"Aliases\": [{\"AliasName\": \"alias/a\"}]}", 1, "an alias needs `AliasName` and `AliasArn`"),
        ("grant.json", "{\"Grants\": [{\"KeyId\": \"1\"}]}", 1, "a grant needs `GranteePrincipal` and `KeyId`"),
    ];
    let good = serde_json::json!({"KeyMetadata": {"KeyId": ONE, "Arn": arn(ONE)}, "Policy": ADMIN_ONLY}).to_string();
    let other = serde_json::json!({"KeyMetadata": {"KeyId": TWO, "Arn": arn(TWO)}, "Policy": ADMIN_ONLY}).to_string();
    let contradiction = format!("{other}\n{}", serde_json::json!({"KeyId": TWO, "Policy": TRUSTS}));
    let template = role(&[&arn(ONE), &arn(TWO)]);
    let mut files: Vec<(String, &str)> = broken.iter().map(|(path, text, ..)| (format!("kms/{path}"), *text)).collect();
    files.push(("kms/good.json".to_owned(), &good));
    files.push(("kms/two.json".to_owned(), &contradiction));
    files.push(("t/a.yaml".to_owned(), &template));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let checked = check(&files, Some("111122223333"));
    for (path, _, line, message) in broken {
        let errors: Vec<_> =
            checked.outcome.errors.iter().filter(|error| error.file == format!("kms/{path}")).collect();
        assert_eq!(errors.len(), 1, "{path}: {errors:?}");
        assert!(errors[0].message.starts_with(message), "{path}: {}", errors[0].message);
        let span = errors[0].span.unwrap();
        assert_eq!(checked.sources.file(span.file).unwrap().line(span.start).get(), line, "{path}");
    }
    assert_eq!(checked.outcome.errors.len(), broken.len() + 1);
    let last = checked.outcome.errors.last().unwrap();
    assert_eq!(
        last.message,
        format!("key `{TWO}` has another policy elsewhere in the inventory: keep the one that holds")
    );
    let rules: Vec<&str> = checked.outcome.findings.iter().map(|finding| finding.rule.id).collect();
    assert_eq!(rules, ["ineffective-grant", "imported-key-grant"]);
}

#[test]
fn files_of_arns_name_a_key_a_line() {
    let dir =
        tree(&[("t/a.yaml", &role(&[&arn(ONE)])), ("arns.txt", &format!("# keys\n{}\n\nkeys/1 # none\n", arn(TWO)))]);
    let mut options = options(dir.path(), None);
    options.request.inventory.clear();
    options.request.arn_files.push(dir.path().join("arns.txt"));
    let seen = kmslint::look(&options);
    assert!(seen.estate.keys.iter().any(|key| key.name == TWO));
    assert_eq!(seen.mistakes.len(), 1);
    assert!(seen.mistakes[0].file.ends_with("arns.txt:4"), "{:?}", seen.mistakes);
    assert_eq!(seen.mistakes[0].message, "`keys/1` is no ARN: write the ARN of a key or an alias a line");
}

#[test]
fn an_inventory_that_is_not_there_or_has_no_files_is_a_mistake() {
    let dir = tree(&[("t/a.yaml", &role(&[&arn(ONE)])), ("kms/", "")]);
    let mut options = options(dir.path(), None);
    options.request.inventory.push(dir.path().join("nope.json"));
    let checked = kmslint::check(&options);
    let messages: Vec<&str> = checked.mistakes.iter().map(|mistake| mistake.message.as_str()).collect();
    assert_eq!(messages, ["no inventory in it: files end in `.json`, `.jsonl`, `.ndjson`", "no such file or folder"]);
}

#[test]
fn an_inventory_among_the_templates_is_no_template() {
    let keys = serde_json::json!({"Keys": [{"KeyId": ONE, "KeyArn": arn(ONE)}], "Resources": {}}).to_string();
    let dir = tree(&[("t/a.yaml", &role(&[&arn(ONE)])), ("t/kms.json", &keys)]);
    let mut options = options(dir.path(), None);
    options.request.inventory = vec![dir.path().join("t/kms.json")];
    let checked = kmslint::check(&options);
    assert!(checked.outcome.errors.is_empty(), "{:?}", checked.outcome.errors);
    assert!(checked.outcome.skipped.is_empty(), "{:?}", checked.outcome.skipped);
    assert_eq!(checked.outcome.files, 1);
}

/// Whether a program can be run: an installed script may have lost its interpreter.
fn runs(program: &str) -> bool {
    Command::new(program)
        .arg("--help")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[test]
fn the_recipe_of_the_readme_shows_the_defects_of_keys_from_elsewhere_and_no_others() {
    if std::env::var_os("CI").is_none() {
        println!("skipped: it takes half a minute, `CI=true` runs it");
        return;
    }
    if !runs("moto_server")
        || !Command::new("aws").arg("--version").output().is_ok_and(|output| output.status.success())
    {
        println!(
            "skipped: `aws` and `moto_server` are not installed (`pip install -r testdata/inventory/requirements.txt`)"
        );
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let template = root.join("testdata/inventory/app.yaml");
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new("bash")
        .arg(root.join("testdata/inventory/round-trip.sh"))
        .arg(env!("CARGO_BIN_EXE_kmslint"))
        .arg(root.join("README.md"))
        .arg(&template)
        .current_dir(dir.path())
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let told = format!("{out}\n{err}");
    let found: Vec<(usize, String)> = out
        .lines()
        .filter_map(|line| {
            let (line, rest) = line.strip_prefix("app.yaml:")?.split_once(':')?;
            let rule = rest.split_once('[')?.1.split_once(']')?.0;
            Some((line.parse().ok()?, rule.to_owned()))
        })
        .collect();
    let text = std::fs::read_to_string(&template).unwrap();
    let marked = (1..).zip(text.lines());
    let wanted: Vec<(usize, String)> =
        marked.filter_map(|(number, line)| Some((number, line.split_once("# finding: ")?.1.to_owned()))).collect();
    assert_eq!(found, wanted, "{told}");
    assert!(out.ends_with("exit 1\n"), "{told}");
}

/// What is found of a complete inventory, with these ARNs given beside it.
fn complete(files: &[(&str, &str)], arns: &[String]) -> Checked {
    let dir = tree(files);
    let mut options = Options { inventory_complete: true, ..options(dir.path(), Some("111122223333")) };
    options.request.inputs.extend(arns.iter().cloned());
    kmslint::check(&options)
}

#[test]
fn a_complete_list_tells_which_keys_there_are() {
    let list = serde_json::json!({"Keys": [{"KeyId": ONE, "KeyArn": arn(ONE)}]}).to_string();
    let template = role(&[&arn(ONE), &arn(TWO)]);
    let files = [("t/a.yaml", &*template), ("kms/keys.json", &*list)];
    assert_eq!(found(&check(&files, Some("111122223333")), TWO), ["imported-key-grant"], "nobody says it is complete");
    let checked = complete(&files, &[]);
    assert_eq!(found(&checked, TWO), ["unknown-key"], "one defect, one finding");
    assert_eq!(found(&checked, ONE), ["imported-key-grant"]);
    assert_eq!(found(&complete(&files, &[arn(TWO)]), TWO), ["imported-key-grant"], "the user says that it exists");
}

#[test]
fn an_alias_or_a_grant_names_a_key_and_lists_none() {
    let alias = serde_json::json!({"Aliases": [{
        "AliasName": "alias/app", "AliasArn": "arn:aws:kms:eu-west-1:111122223333:alias/app", "TargetKeyId": ONE,
    }]});
    let grant = serde_json::json!({"Grants": [
        {"KeyId": arn(ONE), "GrantId": "1", "GranteePrincipal": "rds.amazonaws.com", "Operations": ["Decrypt"]},
    ]});
    for output in [alias, grant] {
        let template = role(&[&arn(ONE), &arn(TWO)]);
        let checked = complete(&[("t/a.yaml", &template), ("kms/all.json", &output.to_string())], &[]);
        assert_eq!(found(&checked, TWO), ["imported-key-grant"], "{output}");
        let open = |id: &str| checked.outcome.undecided.iter().any(|one| one.key.as_deref() == Some(id));
        assert!(open(TWO) && !open(ONE), "{output}: {:?}", checked.outcome.undecided);
    }
}

#[test]
fn a_list_of_users_tells_of_no_role() {
    let template = "Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
          - {Effect: Allow, Principal: {AWS: !Ref AWS::AccountId}, Action: 'kms:*', Resource: '*'}
          - {Effect: Allow, Principal: {AWS: 'arn:aws:iam::111122223333:role/Gone'}, Action: 'kms:Decrypt', Resource: '*'}
";
    let list = |roles: &str| {
        format!(
            r#"{{"UserDetailList": [{{"UserName": "u", "Arn": "arn:aws:iam::111122223333:user/u"}}], "RoleDetailList": [{roles}]}}"#
        )
    };
    let rules =
        |roles: &str| found(&complete(&[("t/a.yaml", template), ("kms/iam.json", &list(roles))], &[]), "role/Gone");
    assert_eq!(rules(""), Vec::<&str>::new());
    assert_eq!(rules(r#"{"RoleName": "Other", "Arn": "arn:aws:iam::444455556666:role/Other"}"#), Vec::<&str>::new());
    let own = r#"{"RoleName": "Other", "Arn": "arn:aws:iam::111122223333:role/Other"}"#;
    assert_eq!(rules(own), ["dangling-principal"]);
}
