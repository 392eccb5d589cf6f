//! `kmslint grants`: who may do what with which key, and through what.

use super::support::{estate, root, run, text};
use kmslint::report::{self, GrantsFormat, Style};
use kmslint::source::{FileId, SourceFile, Sources};
use kmslint::view::grants::{Filter, NothingMeant, Outcome, Row, Through, grants};
use std::path::PathBuf;
use std::process::Output;

fn kmslint(arguments: &[&str]) -> Output {
    run("grants", arguments)
}

fn rows(template: &str, filter: &Filter) -> Vec<Row> {
    grants(&estate(&[("keys.yaml", template)]), filter).unwrap()
}

/// A row in short: principal, key, actions, result, through, conditions and why.
fn short(row: &Row) -> String {
    let through = row.through.map(|through| format!(" {through:?}")).unwrap_or_default();
    let conditions: String = row.conditions.iter().map(|condition| format!(" if {condition}")).collect();
    let why = row.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    let actions = row.actions.join(" ");
    format!("{} > {}: {actions} {:?}{through}{conditions}{why}", row.principal.name, row.key.name, row.outcome)
}

fn shorts(template: &str) -> Vec<String> {
    rows(template, &Filter::default()).iter().map(short).collect()
}

/// A key whose policy has these statements, and a role of the account with this statement of its own.
fn key_and_role(key: &str, role: &str) -> String {
    format!(
        "Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
{key}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{}}
      Policies:
        - PolicyName: use
          PolicyDocument:
            Statement:
              - {role}
"
    )
}

const TRUST: &str =
    "          - {Effect: Allow, Principal: {AWS: !Ref AWS::AccountId}, Action: 'kms:*', Resource: '*'}";
const USE: &str = "{Effect: Allow, Action: ['kms:Decrypt', 'kms:Encrypt'], Resource: !GetAtt Key.Arn}";

#[test]
fn conditions_that_no_request_meets_together_give_nothing() {
    let pairs = [
        ("StringEquals: {'kms:ViaService': s3.x}", "StringEquals: {'kms:ViaService': sqs.x}", false),
        ("StringEquals: {'kms:ViaService': s3.x}", "StringEquals: {'kms:ViaService': [sqs.x, s3.x]}", true),
        ("StringEquals: {'kms:ViaService': s3.x}", "StringLike: {'KMS:viaservice': 's3.*'}", true),
        ("StringLike: {'kms:ViaService': 'sqs.*'}", "StringEquals: {'kms:ViaService': s3.x}", false),
        ("StringLike: {'kms:ViaService': 'sqs.*'}", "StringLike: {'kms:ViaService': 's3.*'}", false),
        ("StringLike: {'kms:ViaService': '*.x'}", "StringLike: {'kms:ViaService': 's3.*'}", true),
        ("StringEqualsIgnoreCase: {'kms:ViaService': S3.x}", "StringEquals: {'kms:ViaService': s3.x}", true),
        ("StringEquals: {'kms:ViaService': s3.x}", "StringEqualsIfExists: {'kms:ViaService': sqs.x}", true),
        ("StringEquals: {'kms:ViaService': s3.x}", "StringNotEquals: {'kms:ViaService': sqs.x}", true),
        ("StringEquals: {'kms:EncryptionContext:a': b}", "StringEquals: {'kms:EncryptionContext:a': c}", false),
        ("StringEquals: {'kms:EncryptionContext:a': b}", "StringEquals: {'kms:EncryptionContext:c': d}", true),
        (
            "'ForAnyValue:StringEquals': {'kms:EncryptionContextKeys': a}",
            "'ForAnyValue:StringEquals': {'kms:EncryptionContextKeys': b}",
            true,
        ),
        ("StringEquals: {'kms:ViaService': s3.x}", "StringEquals: {'kms:ViaService': '${aws:PrincipalTag/via}'}", true),
    ];
    let trust = |condition: &str| {
        format!(
            "          - {{Effect: Allow, Principal: {{AWS: !Ref AWS::AccountId}}, Action: 'kms:*', Resource: '*', Condition: {{{condition}}}}}\n"
        )
    };
    let role = |condition: &str| {
        format!("{{Effect: Allow, Action: 'kms:Decrypt', Resource: !GetAtt Key.Arn, Condition: {{{condition}}}}}")
    };
    let outcome = |key: &str, own: &str| {
        rows(&key_and_role(key, own), &Filter::default()).into_iter().find(|row| row.principal.name == "Role").unwrap()
    };
    for (key, own, may_be) in pairs {
        let row = outcome(&trust(key), &role(own));
        assert_eq!(row.outcome == Outcome::Effective, may_be, "{key} and {own}: {}", short(&row));
    }
    let both = [trust("StringEquals: {'kms:ViaService': s3.x}"), trust("StringEquals: {'kms:ViaService': sqs.x}")];
    let row = outcome(&both.concat(), &role("StringEquals: {'kms:ViaService': sqs.x}"));
    assert_eq!(row.outcome, Outcome::Effective);
    assert!(row.conditions.iter().all(|condition| condition.contains("`sqs.x`")), "{}", short(&row));
}

#[test]
fn an_arn_that_is_compared_as_text_is_of_the_partition_of_the_stack() {
    for operator in ["StringEquals", "StringLike", "ArnLike"] {
        let key = format!(
            "          - {{Effect: Allow, Principal: {{AWS: !Ref AWS::AccountId}}, Action: 'kms:*', Resource: '*', \
             Condition: {{{operator}: {{'aws:PrincipalArn': !Sub 'arn:aws:iam::${{AWS::AccountId}}:role/app'}}}}}}"
        );
        let role = "{Effect: Allow, Action: 'kms:Decrypt', Resource: !GetAtt Key.Arn}\n      RoleName: app";
        let rows = shorts(&key_and_role(&key, role));
        let own = rows.iter().find(|row| row.starts_with("Role > ")).unwrap();
        assert_eq!(own, "Role > Key: kms:Decrypt Effective Delegation", "{operator}");
    }
}

#[test]
fn delegation_needs_both_sides_and_is_shown_with_both() {
    let rows = rows(&key_and_role(TRUST, USE), &Filter::default());
    assert_eq!(
        rows.iter().map(short).collect::<Vec<_>>(),
        [
            "account ${AWS::AccountId} > Key: kms:* Effective Trust",
            "Role > Key: kms:Decrypt kms:Encrypt Effective Delegation",
        ]
    );
    let evidence: Vec<_> = rows[1].evidence.iter().map(|evidence| evidence.text.as_str()).collect();
    assert_eq!(evidence, ["policy of key `Key`, statement 1", "IAM policy of `Role`, statement 1"]);
}

#[test]
fn partial_trust_splits_the_actions_of_a_grant() {
    let trust = "          - {Effect: Allow, Principal: {AWS: !Ref AWS::AccountId}, Action: 'kms:Enc*', Resource: '*'}";
    assert_eq!(
        shorts(&key_and_role(trust, USE)),
        [
            "account ${AWS::AccountId} > Key: kms:Enc* Effective Trust",
            "Role > Key: kms:Encrypt Effective Delegation",
            "Role > Key: kms:Decrypt Ineffective: the key policy admits neither it nor the IAM policies of its account",
        ]
    );
}

#[test]
fn whoever_a_key_policy_names_is_listed_even_if_no_template_declares_them() {
    let statements = "          - {Effect: Allow, Principal: {AWS: ['444455556666', !Sub 'arn:aws:iam::${AWS::AccountId}:role/Ops', AIDACKCEVSQ6C2EXAMPLE]}, Action: 'kms:Decrypt', Resource: '*'}
          - {Effect: Allow, Principal: {Service: sns.amazonaws.com}, Action: 'kms:Decrypt', Resource: '*', Condition: {StringEquals: {'aws:SourceAccount': !Ref AWS::AccountId}}}
          - {Effect: Allow, Principal: '*', Action: 'kms:DescribeKey', Resource: '*', Condition: {StringEquals: {'kms:CallerAccount': '111122223333'}}}
          - {Effect: Allow, Principal: '*', Action: 'kms:GetPublicKey', Resource: '*'}";
    let listed = shorts(&key_and_role(statements, "{Effect: Deny, Action: 's3:*', Resource: '*'}"));
    assert_eq!(
        listed,
        [
            "account 444455556666 > Key: kms:Decrypt Effective Trust",
            "* > Key: kms:GetPublicKey Effective KeyPolicy",
            "* > Key: kms:DescribeKey Effective KeyPolicy if `kms:CallerAccount` is `111122223333`",
            "sns.amazonaws.com > Key: kms:Decrypt Effective KeyPolicy if `aws:SourceAccount` is `${AWS::AccountId}`",
            "Ops > Key: kms:Decrypt Effective KeyPolicy",
            "AIDACKCEVSQ6C2EXAMPLE > Key: kms:Decrypt Ineffective: this is what a deleted user or role leaves behind: nobody",
        ]
    );
}

#[test]
fn patterns_are_shown_as_written_and_decided_for_the_key_that_is_asked_for() {
    let template = key_and_role(TRUST, "{Effect: Allow, Action: 'kms:De*', Resource: '*'}");
    let listed = shorts(&template);
    assert_eq!(listed[1], "Role > *: kms:De* Undecided: the policy of each key decides: `--key` asks for one");
    let asked = Filter { key: Some("Key".to_owned()), principal: Some("Role".to_owned()), action: None };
    let rows = rows(&template, &asked);
    assert_eq!(rows.iter().map(short).collect::<Vec<_>>(), ["Role > Key: kms:De* Effective Delegation"]);
}

#[test]
fn conditions_on_requests_stay_in_words_and_conditions_of_templates_are_worlds() {
    let template = "
Conditions:
  Prod: !Equals [!Ref AWS::Region, eu-west-1]
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
          - Effect: Allow
            Principal: {AWS: !Ref AWS::AccountId}
            Action: 'kms:*'
            Resource: '*'
            Condition: {StringEquals: {'kms:ViaService': s3.eu-west-1.amazonaws.com}}
          - !If
            - Prod
            - {Effect: Deny, Principal: '*', Action: 'kms:Encrypt', Resource: '*'}
            - !Ref AWS::NoValue
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
      Policies:
        - PolicyName: use
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: ['kms:Decrypt', 'kms:Encrypt'], Resource: !GetAtt Key.Arn}
";
    let rows = rows(template, &Filter { principal: Some("Role".to_owned()), ..Filter::default() });
    let listed: Vec<_> = rows.iter().map(|row| format!("{} {:?}", short(row), row.when)).collect();
    assert_eq!(listed.len(), 3, "{listed:#?}");
    let via = "if `kms:ViaService` is `s3.eu-west-1.amazonaws.com`";
    assert!(
        listed[0].starts_with(&format!("Role > Key: kms:Decrypt Effective Delegation {via} Always")),
        "{listed:#?}"
    );
    assert!(listed[1].starts_with(&format!("Role > Key: kms:Encrypt Effective Delegation {via} Cond")), "{listed:#?}");
    assert!(listed[2].starts_with("Role > Key: kms:Encrypt Ineffective: a `Deny` of the key policy"), "{listed:#?}");
}

#[test]
fn a_policy_out_of_view_leaves_what_is_seen_effective_with_a_reservation() {
    let template = format!(
        "{}      ManagedPolicyArns: [!Sub 'arn:aws:iam::${{AWS::AccountId}}:policy/Elsewhere']\n",
        key_and_role(TRUST, USE)
    );
    let listed = shorts(&template);
    let reserved =
        "Role > Key: kms:Decrypt kms:Encrypt Effective Delegation if not where a policy that is not in view forbids it";
    assert_eq!(listed[1], reserved);
}

#[test]
fn what_names_no_key_is_listed_with_the_reason() {
    let role = "{Effect: Allow, Action: 'kms:Decrypt', Resource: [!Ref Key, 'arn:aws:kms:eu-west-1:111122223333:alias/a', !ImportValue Nowhere]}";
    let rows = rows(&key_and_role(TRUST, role), &Filter { principal: Some("Role".to_owned()), ..Filter::default() });
    let found: Vec<_> = rows.iter().map(|row| (row.outcome, row.key.kind, row.through)).collect();
    let none: Option<Through> = None;
    assert_eq!(found.len(), 3, "{rows:#?}");
    assert!(found.contains(&(Outcome::Ineffective, "reference", none)));
    assert!(found.contains(&(Outcome::Undecided, "reference", none)));
    let alias_only =
        "{Effect: Allow, Action: 'kms:CreateAlias', Resource: 'arn:aws:kms:eu-west-1:111122223333:alias/a'}";
    assert_eq!(shorts(&key_and_role(TRUST, alias_only)).len(), 1, "what is given on an alias is no grant on a key");
}

#[test]
fn a_filter_that_means_nothing_is_refused() {
    let estate = estate(&[("keys.yaml", &key_and_role(TRUST, USE))]);
    let ask = |key: Option<&str>, principal: Option<&str>, action: Option<&str>| {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let filter = Filter { key: owned(key), principal: owned(principal), action: owned(action) };
        grants(&estate, &filter).map(|rows| rows.len())
    };
    assert_eq!(ask(Some("Kye"), None, None), Err(NothingMeant::Key("Kye".to_owned())));
    assert_eq!(ask(None, Some("Rolle"), None), Err(NothingMeant::Principal("Rolle".to_owned())));
    assert_eq!(ask(None, None, Some("Decipher")), Err(NothingMeant::Action("Decipher".to_owned())));
    assert_eq!(ask(Some("keys/Key"), Some("R*"), Some("decrypt")), Ok(1));
    assert_eq!(ask(Some("K?y"), Some("account ${AWS::AccountId}"), Some("kms:*crypt")), Ok(1));
}

#[test]
fn the_demo_reads_well_in_eighty_columns() {
    let output = kmslint(&["testdata/demo"]);
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!(text(&output));
}

#[test]
fn every_format_says_the_same_of_a_key_without_trust() {
    let case = "testdata/cases/seed-07-policy-no-root-import";
    let formats = ["table", "markdown", "csv", "json"].map(|format| text(&kmslint(&["--format", format, case])));
    insta::assert_snapshot!(formats.join("\n----\n"));
}

#[test]
fn no_line_is_wider_than_asked_for_but_for_what_is_there_to_be_copied() {
    let template = key_and_role(TRUST, USE);
    let rows = rows(&template, &Filter::default());
    let sources = Sources::new(vec![SourceFile::new(FileId(0), "keys.yaml".to_owned(), template)]);
    for width in [40, 80, 100] {
        let style = Style { width, ..Style::default() };
        let text = report::grants(GrantsFormat::Table, &rows, &sources, &style);
        assert!(text.lines().all(|line| line.chars().count() <= width), "{width}:\n{text}");
    }
}

#[test]
fn every_case_is_listed_alike_by_one_thread_and_by_many() {
    let cases = std::fs::read_dir(root().join("testdata/cases")).unwrap();
    let mut cases: Vec<PathBuf> = cases.map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    for case in cases {
        let case = case.to_str().unwrap();
        let one = kmslint(&["-j1", "--format", "json", case]);
        assert_eq!(one.status.code(), Some(0), "{case}: {}", String::from_utf8_lossy(&one.stderr));
        assert_eq!(one.stdout, kmslint(&["-j16", "--format", "json", case]).stdout, "{case}");
    }
}

#[test]
fn bad_input_is_told_and_ends_with_two() {
    let output = kmslint(&["nowhere.yaml"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert!(String::from_utf8_lossy(&output.stderr).contains("`nowhere.yaml`"));
    let output = kmslint(&["--key", "Nothing", "testdata/demo"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no key in view is called `Nothing`"));
}

/// What becomes of the role's `kms:Decrypt` on the key, where its policies have these statements.
fn of_role(key: &str, statements: &[&str]) -> String {
    let conditions: String = (0..8).map(|at| format!("  C{at}: !Equals [!Ref P{at}, yes]\n")).collect();
    let parameters: String = (0..8).map(|at| format!("  P{at}: {{Type: String}}\n")).collect();
    let all = statements.join("\n              - ");
    let template = format!("Parameters:\n{parameters}Conditions:\n{conditions}{}", key_and_role(key, &all));
    let decrypt =
        Filter { action: Some("Decrypt".to_owned()), principal: Some("Role".to_owned()), ..Filter::default() };
    let rows = rows(&template, &decrypt);
    let on_key: Vec<String> = rows.iter().filter(|row| row.key.name == "Key").map(short).collect();
    assert_eq!(on_key.len(), 1, "{on_key:?}");
    on_key[0].strip_prefix("Role > Key: kms:Decrypt ").unwrap().to_owned()
}

const THROUGH_S3: &str = "{Effect: Allow, Action: 'kms:Decrypt', Resource: !GetAtt Key.Arn, Condition: {StringEquals: {'kms:ViaService': s3.eu-west-1.amazonaws.com}}}";

#[test]
fn what_is_certain_in_some_requests_is_told_whatever_else_is_not_known() {
    let also = "{Effect: Allow, Action: 'kms:Decrypt', Resource: !ImportValue other-key}";
    let effective = "Effective Delegation if `kms:ViaService` is `s3.eu-west-1.amazonaws.com`";
    assert_eq!(of_role(TRUST, &[THROUGH_S3]), effective);
    assert_eq!(of_role(TRUST, &[THROUGH_S3, also]), effective);
    assert!(of_role(TRUST, &[also, USE]).starts_with("Effective Delegation"));
    let deny = "{Effect: Deny, Action: 'kms:Decrypt', Resource: !ImportValue other-key}";
    for statements in [&[THROUGH_S3, deny][..], &[USE, deny], &[USE, also, deny]] {
        let why = of_role(TRUST, statements);
        assert!(why.starts_with("Undecided: whether `${import other-key}` is"), "{why}");
    }
}

#[test]
fn only_what_could_change_the_answer_is_told_as_not_known() {
    let also = "{Effect: Allow, Action: 'kms:Decrypt', Resource: !ImportValue other-key}";
    let deny = "{Effect: Deny, Action: 'kms:Decrypt', Resource: !ImportValue third-key}";
    let why = of_role(TRUST, &[USE, also, deny]);
    assert!(why.contains("third-key") && !why.contains("other-key"), "{why}");
    let admin = "          - {Effect: Allow, Principal: {AWS: !Ref P0}, Action: 'kms:Decrypt', Resource: '*'}";
    let why = of_role(admin, &[USE, also]);
    assert!(why.contains("`${P0}`") && !why.contains("other-key"), "{why}");
}

#[test]
fn a_statement_of_unknown_effect_says_nothing_of_other_actions_and_keys() {
    let unknown =
        |action: &str, resource: &str| format!("{{Effect: !Ref P0, Action: '{action}', Resource: {resource}}}");
    let certain = "Effective Delegation";
    for (action, resource) in [("kms:Sign", "'*'"), ("s3:*", "'*'"), ("kms:Decrypt", "'arn:aws:s3:::bucket'")] {
        assert_eq!(of_role(TRUST, &[USE, &unknown(action, resource)]), certain, "{action} {resource}");
    }
    assert!(of_role(TRUST, &[USE, &unknown("kms:*", "'*'")]).starts_with("Undecided"));
    let in_key = |action: &str| {
        format!("{TRUST}\n          - {{Effect: !Ref P0, Principal: '*', Action: '{action}', Resource: '*'}}")
    };
    assert_eq!(of_role(&in_key("kms:Sign"), &[USE]), certain);
    assert!(of_role(&in_key("kms:Decrypt"), &[USE]).starts_with("Undecided"));
}

#[test]
fn conditions_of_statements_about_other_things_make_no_worlds() {
    let elsewhere: Vec<String> = (0..8)
        .map(|at| {
            format!(
                "!If [C{at}, {{Effect: Deny, Action: 'kms:*', Resource: 'arn:aws:kms:eu-west-1:111122223333:alias/a{at}'}}, !Ref AWS::NoValue]"
            )
        })
        .collect();
    let statements: Vec<&str> = [THROUGH_S3].into_iter().chain(elsewhere.iter().map(String::as_str)).collect();
    assert_eq!(of_role(TRUST, &statements), "Effective Delegation if `kms:ViaService` is `s3.eu-west-1.amazonaws.com`");
    let deny = "{Effect: Deny, Action: 'kms:Decrypt', Resource: !ImportValue other-key}";
    let why = of_role(TRUST, &[&statements[..], &[deny]].concat());
    assert!(why.starts_with("Undecided: whether `${import other-key}` is") && !why.contains("combinations"), "{why}");
}
