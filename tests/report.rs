//! Reports of hand-made outcomes over small files.

use kmslint::finding::{Certainty, FileError, Finding, Label, Meta, Outcome, Place, Undecided};
use kmslint::report::{Format, Listing, Style, explain, render, rules, write};
use kmslint::resolve::{Atom, Guard, StackId};
use kmslint::source::{FileId, SourceFile, Sources, Span};

static INEFFECTIVE: Meta = Meta::of(
    "---
id: ineffective-grant
title: an IAM statement allows what the key policy does not
severity: high
category: grants
default: yes
fix: no
precision: very-high
since: 0.1.0
equivalents: checkov:CKV_AWS_7, cfn_nag:F19
cwe: 732
---
# ineffective-grant

## Why

A key policy decides first: an IAM policy gives nothing on a key
whose policy does not **delegate** to the account. See the
[key policies](https://example.com/key-policies) page and `kms:*`.

- first item that is long enough to be broken when the terminal is as narrow as eighty columns are
- second item

## Bad

```yaml
Resources:
  Key:
    Type: AWS::KMS::Key   # finding
```

## Fix

Delegate.
",
);

static PUBLIC: Meta = Meta::of(
    "---
id: public-key-policy
title: everyone can use the key
severity: critical
category: exposure
default: yes
fix: no
precision: high
since: 0.1.0
cwe: 284
---
# public-key-policy

## Why

Everyone means everyone.
",
);

static UNUSED: Meta = Meta::of(
    "---
id: unused-key
title: nothing uses the key
severity: low
category: lifecycle
default: no
fix: yes
precision: medium
since: 0.1.0
---
# unused-key

## Why

It costs money.
",
);

const APP: &str = "Resources:
  AppRole:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: use-key
          PolicyDocument:
            Statement:
              - Sid: UseKey
                Effect: Allow
                Action: [kms:Decrypt, kms:GenerateDataKey]
                Resource: !ImportValue keys-DataKeyArn
";

const KEYS: &str = "Resources:
  DataKey:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
          - Sid: Root
            Effect: Allow
            Principal: { AWS: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root' }
            Action: ['kms:Describe*', 'kms:List*']
            Resource: '*'
Outputs:
  DataKeyArn:
    Value: !GetAtt DataKey.Arn
    Export: { Name: keys-DataKeyArn }
";

fn sources(files: &[(&str, &str)]) -> Sources {
    let file = |(at, (path, text)): (usize, &(&str, &str))| {
        SourceFile::new(FileId(u32::try_from(at).unwrap()), (*path).to_owned(), (*text).to_owned())
    };
    Sources::new(files.iter().enumerate().map(file).collect())
}

/// The span of the `nth` (from 0) occurrence of `needle`.
fn find(sources: &Sources, file: u32, needle: &str, nth: usize) -> Span {
    let text = &sources.file(FileId(file)).unwrap().text;
    let (start, _) = text.match_indices(needle).nth(nth).unwrap();
    Span::new(FileId(file), start, start + needle.len())
}

fn label(span: Span, text: &str) -> Label {
    let place = Place { span, stack: None, resource: None, construct: None, created: None, path: String::new() };
    Label { place, text: text.to_owned() }
}

/// A label in the stack that is named like its file.
fn of(resource: &str, path: &str, label: Label) -> Label {
    let stack = Some(if label.place.span.file == FileId(0) { "app" } else { "keys" }.to_owned());
    let path = format!("Resources.{resource}.Properties.{path}");
    Label { place: Place { stack, resource: Some(resource.to_owned()), path, ..label.place }, ..label }
}

fn finding(rule: &'static Meta, message: &str, primary: Label, evidence: Vec<Label>) -> Finding {
    Finding {
        rule,
        message: message.to_owned(),
        primary,
        evidence,
        certainty: Certainty::Always,
        help: None,
        notes: Vec::new(),
        subjects: Vec::new(),
        fingerprint: "00c0ffee00c0ffee".to_owned(),
    }
}

fn outcome(findings: Vec<Finding>) -> Outcome {
    Outcome { findings, files: 2, rules: vec![&INEFFECTIVE, &PUBLIC, &UNUSED], ..Outcome::default() }
}

fn parameter(name: &str, value: &str, default: bool) -> Guard {
    Guard::of(Atom::Parameter { stack: StackId(0), name: name.to_owned(), value: value.to_owned(), default }, true)
}

/// A dead grant: the statement, the import and the key policy that does not delegate enough.
fn cross_stack() -> (Outcome, Sources) {
    let sources = sources(&[("templates/app.yaml", APP), ("templates/keys.yaml", KEYS)]);
    let mut dead = finding(
        &INEFFECTIVE,
        "`AppRole` may not use `kms:Decrypt` and `kms:GenerateDataKey` on `DataKey`: its key policy lets IAM policies of the account give only `kms:Describe*` and `kms:List*`",
        of(
            "AppRole",
            "Policies[0].PolicyDocument.Statement[Sid=UseKey].Action",
            label(find(&sources, 0, "[kms:Decrypt, kms:GenerateDataKey]", 0), "these actions have no effect"),
        ),
        vec![
            of(
                "AppRole",
                "Policies[0].PolicyDocument.Statement[Sid=UseKey].Resource",
                label(find(&sources, 0, "keys-DataKeyArn", 0), "on the key that `keys` exports"),
            ),
            label(find(&sources, 1, "!GetAtt DataKey.Arn", 0), "this is the key"),
            of(
                "DataKey",
                "KeyPolicy.Statement[Sid=Root].Action",
                label(
                    find(&sources, 1, "['kms:Describe*', 'kms:List*']", 0),
                    "the key policy trusts the account for these actions only, so that no IAM policy can give any other",
                ),
            ),
        ],
    );
    dead.help = Some(
        "add `kms:Decrypt` and `kms:GenerateDataKey` to the statement `Root`, or give the account `kms:*` as AWS does by default"
            .to_owned(),
    );
    dead.certainty = Certainty::of(vec![parameter("Env", "prod", false)]);
    (outcome(vec![dead]), sources)
}

fn pretty(outcome: &Outcome, sources: &Sources, width: usize) -> String {
    render(Format::Pretty, outcome, sources, &Style { width, ..Style::default() })
}

fn all_kinds() -> (Outcome, Sources) {
    let (mut outcome, sources) = cross_stack();
    let statement = Span::new(FileId(1), KEYS.find("Sid: Root").unwrap(), KEYS.find("Outputs").unwrap() - 1);
    outcome.findings.push(finding(
        &PUBLIC,
        "everyone can use `DataKey`",
        of("DataKey", "KeyPolicy.Statement[Sid=Root]", label(statement, "everyone")),
        vec![],
    ));
    let mut unused = finding(
        &UNUSED,
        "nothing uses the key",
        of("DataKey", "Type", label(find(&sources, 1, "AWS::KMS::Key", 0), "it costs money")),
        vec![label(find(&sources, 1, "DataKey", 0), "its name")],
    );
    unused.certainty = Certainty::of(vec![parameter("Spare", "true", true)]);
    unused.primary.place.construct = Some("Keys/DataKey/Resource".to_owned());
    unused.primary.place.created = Some("lib/keys.ts:42".to_owned());
    unused.notes.push("an alias is no use".to_owned());
    outcome.findings.push(unused);
    let span = Some(find(&sources, 0, "Effect", 0));
    outcome.errors = vec![
        FileError { file: "templates/app.yaml".to_owned(), message: "duplicate key `Effect`".to_owned(), span },
        FileError {
            file: "templates/no.yaml".to_owned(),
            message: "cannot be read: permission denied".to_owned(),
            span: None,
        },
    ];
    let open = |what, principal: &str| Undecided {
        what,
        principal: Some(principal.to_owned()),
        key: Some("keys-DataKeyArn".to_owned()),
        actions: vec!["kms:Decrypt".to_owned(), "kms:Encrypt".to_owned()],
        place: label(find(&sources, 0, "UseKey", 0), "").place,
        why: "no producer for import `keys-DataKeyArn`".to_owned(),
    };
    outcome.undecided = vec![open("grant", "AppRole"), open("key policy", "Other"), open("grant", "Third")];
    outcome.skipped = vec!["buildspec.yaml".to_owned()];
    (outcome.suppressed, outcome.baselined) = (4, 2);
    (outcome, sources)
}

#[test]
fn a_finding_reads_well_at_eighty_columns() {
    let (outcome, sources) = all_kinds();
    insta::assert_snapshot!(pretty(&outcome, &sources, 80));
}

#[test]
fn a_finding_reads_well_at_a_hundred_columns() {
    let (outcome, sources) = cross_stack();
    insta::assert_snapshot!(pretty(&outcome, &sources, 100));
}

#[test]
fn a_terminal_without_unicode_gets_frames_of_ascii() {
    let (outcome, sources) = all_kinds();
    let text = render(Format::Pretty, &outcome, &sources, &Style { ascii: true, width: 60, ..Style::default() });
    assert!(text.is_ascii());
    insta::assert_snapshot!(text);
}

#[test]
fn what_is_undecided_and_statistics_are_listed_when_asked_for() {
    let (mut outcome, sources) = all_kinds();
    outcome.findings.truncate(1);
    outcome.errors.clear();
    let style = Style { undecided: true, statistics: true, width: 80, ..Style::default() };
    insta::assert_snapshot!(render(Format::Pretty, &outcome, &sources, &style));
}

#[test]
fn concise_is_a_line_a_finding_and_the_summary() {
    let (outcome, sources) = all_kinds();
    insta::assert_snapshot!(render(Format::Concise, &outcome, &sources, &Style::default()));
}

#[test]
fn json_is_the_documented_contract() {
    let (outcome, sources) = all_kinds();
    insta::assert_snapshot!(render(Format::Json, &outcome, &sources, &Style::default()));
}

#[test]
fn sarif_is_complete() {
    let (outcome, sources) = all_kinds();
    insta::assert_snapshot!(render(Format::Sarif, &outcome, &sources, &Style::default()));
}

#[test]
fn a_rule_is_explained_in_a_terminal() {
    insta::assert_snapshot!(explain(Listing::Text, &INEFFECTIVE, &Style { width: 80, ..Style::default() }));
}

#[test]
fn the_rules_are_listed() {
    let listed = [&INEFFECTIVE, &PUBLIC, &UNUSED];
    let narrow = Style { width: 80, ..Style::default() };
    let texts = [Listing::Text, Listing::Markdown, Listing::Json].map(|listing| rules(listing, &listed, &narrow));
    insta::assert_snapshot!(texts.join("=====\n"));
}

#[test]
fn more_places_than_a_screen_holds_are_counted() {
    let text: String = (1..=9).map(|at| format!("Key{at}: value\n")).collect();
    let sources = sources(&[("keys.yaml", &text)]);
    let at = |n: usize| label(find(&sources, 0, &format!("Key{n}"), 0), &format!("place {n}"));
    let many = outcome(vec![finding(&PUBLIC, "a cycle", at(1), (2..=9).map(at).collect())]);
    let shown = pretty(&many, &sources, 80);
    assert!(shown.contains("place 5") && !shown.contains("place 6"), "{shown}");
    assert!(shown.contains("note: 4 more places are not shown"), "{shown}");
    assert!(shown.lines().count() <= 24, "{shown}");
}

#[test]
fn a_long_span_is_shown_by_its_first_line() {
    let text = format!("Statement:\n{}", "  - x\n".repeat(40));
    let sources = sources(&[("keys.yaml", &text)]);
    let whole = label(Span::new(FileId(0), 0, text.len()), "all of it");
    let shown = pretty(&outcome(vec![finding(&PUBLIC, "too long", whole, vec![])]), &sources, 80);
    assert!(shown.contains("Statement:") && !shown.contains("- x"), "{shown}");
}

/// The column, in columns of a terminal that gives wide characters two, at which `needle` stands in the line that holds it.
fn terminal_column(text: &str, needle: &str) -> usize {
    let line = text.lines().find(|line| line.contains(needle)).unwrap();
    let before = line.split_at(line.find(needle).unwrap()).0;
    before.chars().map(|ch| if ('\u{3000}'..'\u{fb00}').contains(&ch) || ch >= '\u{1f000}' { 2 } else { 1 }).sum()
}

#[test]
fn a_label_behind_wide_characters_underlines_its_own() {
    let sources = sources(&[("a.yaml", "Key: { Name: é日本🔑, Policy: public }\n")]);
    let one = outcome(vec![finding(&PUBLIC, "public", label(find(&sources, 0, "public", 0), "this"), vec![])]);
    let shown = pretty(&one, &sources, 80);
    assert!(shown.contains("a.yaml:1:28"), "{shown}");
    assert_eq!(terminal_column(&shown, "public }"), terminal_column(&shown, "┬─────"), "{shown}");
    assert!(render(Format::Concise, &one, &sources, &Style::default()).starts_with("a.yaml:1:28: critical"));
    let sarif = render(Format::Sarif, &one, &sources, &Style::default());
    assert!(sarif.contains("\"startColumn\": 29,") && sarif.contains("\"endColumn\": 35,"), "{sarif}");
    let json = render(Format::Json, &one, &sources, &Style::default());
    assert!(json.contains("\"column\": 28,\n          \"offset\": 35"), "{json}");
}

#[test]
fn line_ends_do_not_change_what_is_shown() {
    let (unix, unix_sources) = cross_stack();
    let (app, keys) = (APP.replace('\n', "\r\n"), KEYS.replace('\n', "\r\n"));
    let dos_sources = sources(&[("templates/app.yaml", &app), ("templates/keys.yaml", &keys)]);
    let (mut dos, _) = cross_stack();
    let moved = |span: Span| {
        let line = unix_sources.file(span.file).unwrap().line(span.start).get() - 1;
        Span { start: span.start + line, end: span.end + line, ..span }
    };
    for one in &mut dos.findings {
        one.primary.place.span = moved(one.primary.place.span);
        one.evidence.iter_mut().for_each(|label| label.place.span = moved(label.place.span));
    }
    assert_eq!(pretty(&unix, &unix_sources, 80), pretty(&dos, &dos_sources, 80));
}

/// A template of 1 MB on one line, as some generators write it.
fn one_line() -> (Outcome, Sources) {
    let filler = r#""R":{"Type":"AWS::SQS::Queue","Properties":{"Tags":[{"Key":"é","Value":"日本"}]}},"#;
    let text = format!(
        r#"{{"Resources":{{{}"Role":{{"Action":"kms:Decrypt"}},{}"Key":{{"Principal":"*"}}}}}}"#,
        filler.repeat(6000),
        filler.repeat(6000)
    );
    let sources = sources(&[("cdk.out/one.template.json", &text)]);
    let found = |span| finding(&PUBLIC, "public", label(span, "this"), vec![]);
    let mut first = found(find(&sources, 0, "\"kms:Decrypt\"", 0));
    first.evidence.push(label(find(&sources, 0, "\"*\"", 0), "everyone may use the key"));
    let mut second = found(find(&sources, 0, "\"*\"", 0));
    second.fingerprint = "0123456789abcdef".to_owned();
    (outcome(vec![first, second]), sources)
}

#[test]
fn a_line_of_a_megabyte_is_cut_to_windows_around_its_labels() {
    let (outcome, sources) = one_line();
    assert!(sources.file(FileId(0)).unwrap().text.len() > 1_000_000);
    let shown = pretty(&outcome, &sources, 80);
    assert!(shown.len() < 4000, "{shown}");
    assert!(shown.contains("one.template.json:1:480032 ]"), "{shown}");
    assert!(shown.contains("\"Action\":\"kms:Decrypt\"") && shown.contains("\"Principal\":\"*\""), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    insta::assert_snapshot!(shown);
    let sarif = render(Format::Sarif, &outcome, &sources, &Style::default());
    assert!(sarif.len() < 20_000, "{}", sarif.len());
}

#[test]
fn two_alerts_of_a_rule_on_one_line_do_not_merge() {
    let (outcome, sources) = one_line();
    let log: serde_json::Value =
        serde_json::from_str(&render(Format::Sarif, &outcome, &sources, &Style::default())).unwrap();
    let hash = |at: usize| {
        log["runs"][0]["results"][at]["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap().to_owned()
    };
    assert_ne!(hash(0), hash(1));
    assert_eq!(hash(1), "0123456789abcdef:1");
}

#[test]
fn no_control_character_of_the_user_reaches_a_terminal() {
    let sources = sources(&[("a\u{1b}]0;b.yaml", "Name: \"\u{1b}[31m\u{7}red\u{202e}\"\tx\u{85}\n")]);
    let mut bad = finding(
        &PUBLIC,
        "the name `\u{1b}[31m`\nspoils",
        label(find(&sources, 0, "\u{7}red", 0), "this \u{1b}[0m"),
        vec![],
    );
    bad.help = Some("do not\n\u{9b}31m".to_owned());
    let mut all = outcome(vec![bad]);
    all.errors.push(FileError { file: "x\u{1b}.yaml".to_owned(), message: "no \u{8}".to_owned(), span: None });
    for format in [Format::Pretty, Format::Concise] {
        let text = render(format, &all, &sources, &Style { statistics: true, undecided: true, ..Style::default() });
        let spoiled: Vec<_> = text.chars().filter(|ch| (ch.is_control() && *ch != '\n') || *ch == '\u{202e}').collect();
        assert!(spoiled.is_empty(), "{text}");
        assert!(text.contains("\\x1b[31m`\\nspoils"), "{text}");
    }
}

/// The text without its escape sequences.
fn without_colors(text: &str) -> String {
    let mut parts = text.split('\x1b');
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').unwrap().1)
}

#[test]
fn colours_change_nothing_but_colours() {
    let (outcome, sources) = all_kinds();
    let plain = Style { undecided: true, statistics: true, width: 80, ..Style::default() };
    for format in [Format::Pretty, Format::Concise] {
        let text = render(format, &outcome, &sources, &plain);
        let colored = render(format, &outcome, &sources, &Style { color: true, ..plain });
        assert!(!text.contains('\x1b'));
        assert_eq!(without_colors(&colored), text);
    }
    let listed = [&INEFFECTIVE, &UNUSED];
    let colored = Style { color: true, ..plain };
    assert!(render(Format::Pretty, &outcome, &sources, &colored).contains("\x1b[31m"));
    assert_eq!(without_colors(&explain(Listing::Text, &PUBLIC, &colored)), explain(Listing::Text, &PUBLIC, &plain));
    assert_eq!(without_colors(&rules(Listing::Text, &listed, &colored)), rules(Listing::Text, &listed, &plain));
}

#[test]
fn no_line_ends_with_a_blank_and_none_is_wider_than_the_terminal() {
    let (outcome, sources) = all_kinds();
    for width in [60, 80, 100, 120] {
        for color in [false, true] {
            let text = render(
                Format::Pretty,
                &outcome,
                &sources,
                &Style { width, color, undecided: true, ..Style::default() },
            );
            for line in without_colors(&text).lines() {
                assert_eq!(line, line.trim_end(), "{text}");
                assert!(
                    line.chars().count() <= width || line.starts_with("next:") || line.contains("findings ("),
                    "{line}"
                );
            }
        }
    }
}

#[test]
fn a_stack_is_named_where_its_file_does_not_say_it() {
    let (mut outcome, sources) = cross_stack();
    assert!(!pretty(&outcome, &sources, 80).contains("stack:"));
    outcome.findings[0].primary.place.stack = Some("app-prod".to_owned());
    assert!(pretty(&outcome, &sources, 80).contains("│ stack: app-prod\n"));
}

#[test]
fn the_name_of_a_rule_leads_to_its_page_where_links_are_known() {
    let (outcome, sources) = cross_stack();
    let text = render(Format::Pretty, &outcome, &sources, &Style { hyperlinks: true, ..Style::default() });
    let page = "https://github.com/kmslint/kmslint/blob/main/rules/ineffective-grant.md";
    assert!(
        text.starts_with(&format!("high[\x1b]8;;{page}\x1b\\ineffective-grant\x1b]8;;\x1b\\]: `AppRole` may not use"))
    );
}

#[test]
fn nothing_found_is_one_line() {
    let (mut outcome, sources) = all_kinds();
    outcome.findings.clear();
    outcome.errors.clear();
    let line = "no findings in 2 templates, 4 suppressed, 2 in baseline, 2 grants undecided, 1 key policy undecided \
                (--explain-unknown lists what is undecided)\n";
    for format in [Format::Pretty, Format::Concise] {
        assert_eq!(render(format, &outcome, &sources, &Style::default()), line);
    }
    let clean = Outcome { files: 1, ..Outcome::default() };
    assert_eq!(pretty(&clean, &sources, 80), "no findings in 1 template\n");
}

#[test]
fn a_clean_run_still_lists_its_rules_in_sarif() {
    let log = render(Format::Sarif, &outcome(vec![]), &Sources::default(), &Style::default());
    let log: serde_json::Value = serde_json::from_str(&log).unwrap();
    let run = &log["runs"][0];
    assert_eq!(run["results"], serde_json::json!([]));
    assert_eq!(run["tool"]["driver"]["rules"].as_array().unwrap().len(), 3);
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn every_link_of_a_sarif_message_has_its_place() {
    let (mut outcome, sources) = all_kinds();
    outcome.findings[0].evidence[0].text = "see `Statement[0]` \\ here".to_owned();
    outcome.findings[0].message = "looks like a [link](7)".to_owned();
    let log: serde_json::Value =
        serde_json::from_str(&render(Format::Sarif, &outcome, &sources, &Style::default())).unwrap();
    for result in log["runs"][0]["results"].as_array().unwrap() {
        let text = result["message"]["text"].as_str().unwrap();
        assert!(!text.contains(" [link]"), "{text}");
        let ids: Vec<_> = result["relatedLocations"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|place| place["id"].as_u64().unwrap())
            .collect();
        let linked: Vec<u64> =
            text.split("](").skip(1).filter_map(|rest| rest.split_once(')')?.0.parse().ok()).collect();
        assert_eq!(linked.into_iter().filter(|id| *id != 7).collect::<Vec<_>>(), ids, "{text}");
    }
    let text = log["runs"][0]["results"][0]["message"]["text"].as_str().unwrap();
    assert!(text.contains("[see `Statement\\[0\\]` \\\\ here](1)"), "{text}");
}

/// What the validator says of a log; none where it is not installed.
fn validated(path: &std::path::Path) -> Option<String> {
    let tool = std::env::var_os("KMSLINT_SARIF_MULTITOOL").unwrap_or_else(|| "sarif-multitool".into());
    // The npm script hands its arguments to a shell, the program itself does not.
    ["Sarif;Ghas", "'Sarif;Ghas'"].into_iter().find_map(|kinds| {
        let output =
            std::process::Command::new(&tool).arg("validate").arg(path).args(["--rule-kind", kinds]).output().ok()?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        said.contains("1 files scanned").then_some(said)
    })
}

#[test]
fn the_sarif_validator_has_nothing_to_say() {
    let folder = tempfile::tempdir().unwrap();
    let clean = (outcome(vec![]), Sources::default());
    for (name, (outcome, sources)) in [("all", all_kinds()), ("line", one_line()), ("clean", clean)] {
        let path = folder.path().join(format!("{name}.sarif"));
        write(&path, &render(Format::Sarif, &outcome, &sources, &Style::default())).unwrap();
        let Some(said) = validated(&path) else {
            eprintln!("skipped: sarif-multitool is not installed (npm install @microsoft/sarif-multitool)");
            return;
        };
        let complaints: Vec<_> =
            said.lines().filter(|line| line.contains(": error ") || line.contains(": warning ")).collect();
        assert!(complaints.is_empty(), "{complaints:#?}");
    }
}

#[test]
fn a_report_is_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.json");
    write(&path, "old").unwrap();
    write(&path, "new").unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    assert!(write(&folder.path().join("missing/report.json"), "x").is_err());
    assert!(write(folder.path(), "x").is_err());
    write(std::path::Path::new("/dev/null"), "x").unwrap();
    assert!(!std::path::Path::new("/dev/null").is_file());
}

#[test]
fn formats_are_named_as_the_options_name_them() {
    for format in Format::ALL {
        assert_eq!(format.name().parse(), Ok(format));
    }
    assert_eq!(
        "xml".parse::<Format>().unwrap_err().to_string(),
        "unknown format `xml`: one of pretty, concise, json, sarif"
    );
    assert_eq!("markdown".parse(), Ok(Listing::Markdown));
}

#[test]
fn messages_of_far_labels_stand_before_them() {
    let text = format!("{{\"Key\":{{{}\"Action\":\"kms:*\",\"Other\":\"x\"}}}}\n", "\"A\":\"b\",".repeat(30));
    let sources = sources(&[("keys.json", &text)]);
    let one = finding(
        &PUBLIC,
        "public",
        label(find(&sources, 0, "\"Key\"", 0), "the key that everyone may use and administer"),
        vec![
            label(find(&sources, 0, "\"kms:*\"", 0), "which this gives to everyone in the world, without a condition"),
            label(find(&sources, 0, "\"x\"", 0), "the rest"),
        ],
    );
    insta::assert_snapshot!(pretty(&outcome(vec![one]), &sources, 80));
}

proptest::proptest! {
    #[test]
    fn no_text_and_no_span_breaks_a_report(text in "([ a-z\"\t\r\n\u{b}\u{85}\u{2028}\u{301}é日🔑]{0,30}\n?){0,12}", ends in proptest::collection::vec((0..200_usize, 0..200_usize), 1..7), width in 0..90_usize, ascii: bool) {
        let sources = sources(&[("a.yaml", &text)]);
        let mut labels = ends.iter().map(|(a, b)| label(Span::new(FileId(0), *a.min(b), *a.max(b)), "a label with some words in it"));
        let one = finding(&PUBLIC, "public", labels.next().unwrap(), labels.collect());
        let outcome = outcome(vec![one]);
        for format in Format::ALL {
            for color in [false, true] {
                let shown = render(format, &outcome, &sources, &Style { width, ascii, color, ..Style::default() });
                proptest::prop_assert!(shown.ends_with('\n'));
            }
        }
    }
}
