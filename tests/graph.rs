//! `kmslint graph`: the estate as a picture.

mod page;

use super::support::{estate, root, run, text};
use kmslint::report::{GraphFormat, graph as render};
use kmslint::source::{FileId, SourceFile, Sources};
use kmslint::view::graph::{Graph, Link, graph};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Output};

fn kmslint(arguments: &[&str]) -> Output {
    run("graph", arguments)
}

fn drawn(format: &str, path: &str) -> String {
    let output = kmslint(&["--format", format, path]);
    assert_eq!(output.status.code(), Some(0), "{path}: {}", String::from_utf8_lossy(&output.stderr));
    text(&output)
}

fn data(path: &str) -> Value {
    serde_json::from_str(&drawn("json", path)).unwrap()
}

fn ids<'d>(data: &'d Value, list: &str) -> Vec<&'d str> {
    data[list].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
}

/// An edge in short: kind, ends, verdict, actions, and what it closes.
fn short(edge: &Value) -> String {
    let verdict = edge["verdict"].as_str().unwrap_or("-");
    let actions: Vec<_> = edge["actions"].as_array().unwrap().iter().map(|action| action.as_str().unwrap()).collect();
    let mark = if edge["cycles"].as_array().unwrap().is_empty() { "" } else { " ↻" };
    let (from, to) = (edge["from"].as_str().unwrap(), edge["to"].as_str().unwrap());
    let said = [edge["kind"].as_str().unwrap(), from, ">", to, verdict].into_iter().chain(actions);
    said.collect::<Vec<_>>().join(" ") + mark
}

#[test]
fn diagrams_show_stacks_verdicts_and_a_latent_cycle() {
    let formats = ["mermaid", "dot"].map(|format| drawn(format, "testdata/graph/latent"));
    insta::assert_snapshot!(formats.join("\n----\n"));
}

#[test]
fn json_is_the_documented_contract() {
    insta::assert_snapshot!(drawn("json", "testdata/cases/hand-intra-cycle"));
}

#[test]
fn hostile_names_stay_text_in_every_diagram() {
    let formats = ["mermaid", "dot"].map(|format| drawn(format, "testdata/graph/hostile"));
    insta::assert_snapshot!(formats.join("\n----\n"));
}

#[test]
fn data_keeps_hostile_names_as_they_are() {
    let data = data("testdata/graph/hostile");
    let keys: Vec<_> = ids(&data, "nodes").into_iter().filter(|id| id.starts_with("key:")).collect();
    assert_eq!(keys, ["key:keys/</script><script>document.title='owned'</script>"]);
    let labels: Vec<_> = data["nodes"].as_array().unwrap().iter().map(|node| node["label"].as_str().unwrap()).collect();
    assert!(labels.contains(&"alias/é日本🔑\u{202e}\u{200b}\\n\\"), "{labels:?}");
}

#[test]
fn every_link_is_there_once_with_its_verdict() {
    let edges: Vec<String> = data("testdata/graph/latent")["edges"].as_array().unwrap().iter().map(short).collect();
    assert_eq!(
        edges,
        [
            "grant principal:arn:aws:iam::${AWS::AccountId}:role/KeyAdmin > key:keys/DataKey effective kms:*",
            "grant principal:app/AppRole > key:keys/DataKey effective kms:Decrypt ↻",
            "grant principal:app/AppRole > key:keys/DataKey ineffective kms:GenerateDataKey ↻",
            "grant principal:app/AppRole > reference:app/${Other} undecided kms:Encrypt",
            "alias key:keys/DataKey > alias:keys/DataAlias effective",
            "use reference:app/alias/aws/sqs > consumer:app/Queue effective",
            "use reference:app/${Other} > consumer:app/Topic undecided",
            "use key:keys/DataKey > consumer:app/Logs effective ↻",
            "need stack:app > stack:keys - ↻",
            "need key:keys/DataKey > principal:app/AppRole - ↻",
        ]
    );
}

#[test]
fn evidence_leads_to_the_lines_of_the_source() {
    let data = data("testdata/graph/latent");
    let source = std::fs::read_to_string(root().join("testdata/graph/latent/keys.yaml")).unwrap();
    let edges = data["edges"].as_array().unwrap();
    let evidence = edges.iter().flat_map(|edge| edge["evidence"].as_array().unwrap());
    let of_policy = evidence.clone().find(|one| one["text"] == "policy of key `DataKey`, statement `Use`").unwrap();
    let place = &data["places"][usize::try_from(of_policy["place"].as_u64().unwrap()).unwrap()];
    assert_eq!(place["file"], "testdata/graph/latent/keys.yaml");
    let lines = place["excerpt"]["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 5);
    for line in lines {
        let written = source.lines().nth(usize::try_from(line["line"].as_u64().unwrap()).unwrap() - 1).unwrap();
        let shown = ["before", "marked", "after"].map(|part| line[part].as_str().unwrap()).concat();
        assert_eq!(written.trim_start(), shown.trim_start());
    }
    assert!(evidence.clone().count() > 10 && evidence.clone().all(|one| one["place"].is_u64()));
}

#[test]
fn a_dead_grant_shows_the_key_policy_that_says_nothing_of_it() {
    let data = data("testdata/graph/latent");
    let dead = data["edges"].as_array().unwrap().iter().find(|edge| edge["verdict"] == "ineffective").unwrap();
    let told: Vec<_> = dead["evidence"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap()).collect();
    assert_eq!(told, ["IAM policy of `AppRole`, statement 1", "policy of key `DataKey`, as a whole"]);
}

/// What must hold for every graph: ends and cycles are there, and nothing has the id of something else.
fn is_sound(data: &Value) {
    let all: Vec<&str> = ["stacks", "nodes", "edges", "cycles"].iter().flat_map(|list| ids(data, list)).collect();
    let known: BTreeSet<&str> = all.iter().copied().collect();
    assert_eq!(all.len(), known.len(), "ids are given twice");
    for edge in data["edges"].as_array().unwrap() {
        for end in ["from", "to"] {
            assert!(known.contains(edge[end].as_str().unwrap()), "{edge}");
        }
    }
    for cycle in data["cycles"].as_array().unwrap() {
        assert!(known.contains(cycle["key"].as_str().unwrap()), "{cycle}");
        assert!(!cycle["steps"].as_array().unwrap().is_empty(), "{cycle}");
    }
}

#[test]
fn every_case_is_drawn_alike_by_one_thread_and_by_many() {
    let cases = std::fs::read_dir(root().join("testdata/cases")).unwrap();
    let mut cases: Vec<PathBuf> = cases.map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    for case in cases {
        let case = case.to_str().unwrap();
        let one = kmslint(&["-j1", "--format", "json", case]);
        assert_eq!(one.stdout, kmslint(&["-j16", "--format", "json", case]).stdout, "{case}");
        is_sound(&serde_json::from_slice(&one.stdout).unwrap());
    }
}

#[test]
fn stacks_of_one_name_are_told_apart() {
    let key = "Resources:\n  Key: {Type: AWS::KMS::Key}\n";
    let dir = super::discover::tree(&[("a/keys.yaml", key), ("b/keys.yaml", key), ("c/keys.yaml", key)]);
    let data = data(dir.path().to_str().unwrap());
    assert_eq!(ids(&data, "stacks"), ["stack:keys", "stack:keys~2", "stack:keys~3"]);
    let keys: Vec<_> = ids(&data, "nodes").into_iter().filter(|id| id.starts_with("key:")).collect();
    assert_eq!(keys, ["key:keys/Key", "key:keys~2/Key", "key:keys~3/Key"]);
    is_sound(&data);
}

#[test]
fn a_stack_more_changes_no_id() {
    let read = |name: &str| std::fs::read_to_string(root().join("testdata/graph/latent").join(name)).unwrap();
    let (app, keys) = (read("app.yaml"), read("keys.yaml"));
    let ids_of = |files: &[(&str, &str)]| {
        let Graph { nodes, edges, .. } = graph(&estate(files));
        let edges = edges.into_iter().map(|edge| edge.id);
        nodes.into_iter().map(|node| node.id).chain(edges).collect::<BTreeSet<String>>()
    };
    let before = ids_of(&[("app.yaml", &app), ("keys.yaml", &keys)]);
    let other = "Resources:\n  Key: {Type: AWS::KMS::Key}\n";
    let after = ids_of(&[("a.yaml", other), ("app.yaml", &app), ("keys.yaml", &keys)]);
    assert!(after.is_superset(&before) && after.len() > before.len());
}

/// A template of this many roles that use one key.
fn crowd(count: usize) -> String {
    let mut template = "Resources:\n  Key: {Type: AWS::KMS::Key}\n".to_owned();
    for at in 0..count {
        template.push_str(&format!(
            "  Role{at}: {{Type: AWS::IAM::Role, Properties: {{AssumeRolePolicyDocument: {{}}, Policies: [{{PolicyName: p, PolicyDocument: \
             {{Statement: {{Effect: Allow, Action: kms:Decrypt, Resource: !GetAtt Key.Arn}}}}}}]}}}}\n"
        ));
    }
    template
}

#[test]
fn a_diagram_that_mermaid_would_refuse_says_so() {
    let dir = super::discover::tree(&[("many.yaml", &crowd(501)), ("few.yaml", &crowd(20))]);
    let call = |name: &str| kmslint(&["--format", "mermaid", dir.path().join(name).to_str().unwrap()]);
    let many = call("many.yaml");
    assert!(String::from_utf8_lossy(&many.stderr).starts_with("note: 502 edges and "), "{many:?}");
    assert!(text(&many).starts_with("flowchart LR\n%% 502 edges and "));
    let few = call("few.yaml");
    assert!(few.stderr.is_empty() && !text(&few).contains("edges and"));
}

#[test]
fn a_template_without_keys_is_an_empty_picture() {
    let template = "Resources:\n  Topic: {Type: AWS::SNS::Topic}\n";
    let picture = graph(&estate(&[("a.yaml", template)]));
    assert!(picture.nodes.is_empty() && picture.edges.is_empty() && picture.stacks.len() == 1);
    let sources = Sources::new(vec![SourceFile::new(FileId(0), "a.yaml".to_owned(), template.to_owned())]);
    for format in GraphFormat::ALL {
        assert!(render(format, &picture, &sources).ends_with('\n'));
    }
}

#[test]
fn an_alias_that_an_alias_points_to_is_dead_and_what_is_unknown_stays_undecided() {
    let template = "
Parameters: {P: {Type: String}}
Resources:
  A: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/a, TargetKeyId: alias/b}}
  B: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/b, TargetKeyId: !Ref P}}
  Queue: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: alias/b}}
";
    let picture = graph(&estate(&[("a.yaml", template)]));
    let told: Vec<String> =
        picture.edges.iter().map(|edge| format!("{} {:?} {:?}", edge.id, edge.link, edge.outcome.unwrap())).collect();
    assert_eq!(
        told,
        [
            "reference:a/alias/b > alias:a/A Alias Ineffective",
            "reference:a/a key that is not known > alias:a/B Alias Undecided",
            "alias:a/B > consumer:a/Queue Use Effective",
        ]
    );
    assert!(picture.edges.iter().all(|edge| edge.link != Link::Grant));
}

#[test]
fn formats_go_to_files_or_one_of_them_to_standard_output() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (dot, json) = (format!("dot={}", path("a.dot")), format!("json={}", path("a.json")));
    let output = kmslint(&["--format", &dot, "--format", &json, "--format", "mermaid", "testdata/demo"]);
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{output:?}");
    assert!(text(&output).starts_with("flowchart LR\n"));
    assert_eq!(text(&kmslint(&["testdata/demo"])), drawn("html", "testdata/demo"), "a page is the default");
    assert_eq!(std::fs::read_to_string(path("a.dot")).unwrap(), drawn("dot", "testdata/demo"));
    assert_eq!(std::fs::read_to_string(path("a.json")).unwrap(), drawn("json", "testdata/demo"));
    let twice = kmslint(&["--format", "dot", "--format", "json", "testdata/demo"]);
    assert_eq!((twice.status.code(), twice.stdout.len()), (Some(2), 0));
}

#[test]
fn bad_input_is_told_and_ends_with_two() {
    let output = kmslint(&["--format", "json", "nowhere.yaml"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert!(String::from_utf8_lossy(&output.stderr).contains("`nowhere.yaml`"));
    let output = kmslint(&["--format", "svg", "testdata/demo"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert!(String::from_utf8_lossy(&output.stderr).contains("html, mermaid, dot, json"));
}

#[test]
fn graphviz_draws_every_case() {
    let Ok(version) = Command::new("dot").arg("-V").output() else {
        println!("skipped: `dot` is not installed");
        return;
    };
    assert!(version.status.success());
    for path in ["testdata/graph/hostile", "testdata/graph/latent", "testdata/cases/nested-owner", "testdata/demo"] {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.dot");
        std::fs::write(&file, drawn("dot", path)).unwrap();
        let output = Command::new("dot").arg("-Tsvg").arg(&file).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{path}: {output:?}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("</svg>"));
    }
}
