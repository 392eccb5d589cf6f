//! What is found on disk, and what is said when nothing is.
//!
//! Inputs are given as absolute paths: the tests of one binary share a working directory.

use kmslint::discover::{Deployment, Discovery, Request, ScopeId, discover, list};
use kmslint::finding::Construct;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const TEMPLATE: &str = "Resources:\n  Key:\n    Type: AWS::KMS::Key\n";

/// A folder with these files; a path that ends in `/` is an empty folder.
pub(crate) fn tree(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        if path.to_string_lossy().ends_with('/') {
            fs::create_dir_all(path).unwrap();
            continue;
        }
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn request(dir: &Path, inputs: &[&str]) -> Request {
    let absolute = |input: &&str| match *input {
        "" => dir.to_string_lossy().into_owned(),
        "-" => "-".to_owned(),
        arn if arn.starts_with("arn:") => arn.to_owned(),
        path => format!("{}/{path}", dir.to_string_lossy()),
    };
    Request { inputs: inputs.iter().map(absolute).collect(), root: Some(dir.to_path_buf()), ..Request::default() }
}

fn paths(found: &Discovery) -> Vec<&str> {
    found.sources.iter().map(|file| file.path.as_str()).collect()
}

fn find(dir: &TempDir, inputs: &[&str]) -> Discovery {
    discover(&request(dir.path(), inputs))
}

fn messages(found: &Discovery) -> Vec<&str> {
    found.errors.iter().map(|error| error.message.as_str()).collect()
}

fn deployment<'d>(found: &'d Discovery, name: &str) -> &'d Deployment {
    found.deployments.iter().find(|deployment| deployment.name == name).unwrap()
}

#[test]
fn a_walk_takes_the_endings_of_templates_and_what_may_be_one() {
    let dir = tree(&[
        ("a.yaml", TEMPLATE),
        ("b.yml", TEMPLATE),
        ("c.json", "{\"Resources\": {}}"),
        ("d.template", TEMPLATE),
        ("e/f.template.json", "{\"Resources\": {}}"),
        ("g.txt", TEMPLATE),
        ("package.json", "{\"name\": \"x\"}"),
        ("list.json", "[{\"Resources\": 1}]"),
        (".hidden/h.yaml", TEMPLATE),
        ("node_modules/i.yaml", TEMPLATE),
    ]);
    let found = find(&dir, &[""]);
    assert_eq!(paths(&found), ["a.yaml", "b.yml", "c.json", "d.template", "e/f.template.json"]);
    assert_eq!(found.skipped, ["list.json", "package.json"]);
    assert!(found.errors.is_empty() && found.passed_over.is_empty());
}

#[test]
fn a_trailing_double_star_means_everything_below() {
    let dir =
        tree(&[("t/a.yaml", TEMPLATE), ("t/b/c/d.json", "{\"Resources\":{}}"), ("t/e.txt", "x"), ("u.yaml", TEMPLATE)]);
    let whole = ["t/a.yaml", "t/b/c/d.json"];
    for input in ["t", "t/", "t/**", "t/**/*", "t/*", "t/**/**"] {
        assert_eq!(paths(&find(&dir, &[input])), whole, "{input}");
    }
    assert_eq!(paths(&find(&dir, &["*/b/**"])), ["t/b/c/d.json"]);
    assert_eq!(paths(&find(&dir, &["t/[b]*"])), ["t/b/c/d.json"]);
    assert_eq!(paths(&find(&dir, &["**/*.json"])), ["t/b/c/d.json"]);
    assert_eq!(paths(&find(&dir, &["{t,u}*/*.yaml"])), ["t/a.yaml"]);
}

#[test]
fn arguments_form_a_set() {
    let dir = tree(&[("a.yaml", TEMPLATE), ("b/c.yaml", TEMPLATE), ("d.yaml", TEMPLATE)]);
    let one = find(&dir, &["a.yaml", "b", "", "b/c.yaml", "**"]);
    let other = find(&dir, &["**", "b/c.yaml", "a.yaml", "", "b", "b"]);
    assert_eq!(paths(&one), ["a.yaml", "b/c.yaml", "d.yaml"]);
    assert_eq!(paths(&one), paths(&other));
    assert_eq!(one.deployments, other.deployments);
    assert_eq!(one.named, other.named);
}

#[test]
fn ignored_files_are_read_only_when_named() {
    let dir = tree(&[
        (".gitignore", "out\nold.yaml\ngone/*\n"),
        ("a.yaml", TEMPLATE),
        ("old.yaml", TEMPLATE),
        ("out/b.yaml", TEMPLATE),
        ("gone/c.yaml", TEMPLATE),
    ]);
    assert_eq!(paths(&find(&dir, &[""])), ["a.yaml"]);
    assert_eq!(paths(&find(&dir, &["*.yaml"])), ["a.yaml"]);
    assert_eq!(paths(&find(&dir, &["old.yaml"])), ["old.yaml"]);
    assert_eq!(paths(&find(&dir, &["out"])), ["out/b.yaml"]);
    assert_eq!(paths(&find(&dir, &["out/**"])), ["out/b.yaml"]);
    assert_eq!(paths(&find(&dir, &["gone"])), ["gone/c.yaml"]);
    let everything = discover(&Request { no_ignore: true, ..request(dir.path(), &[""]) });
    assert_eq!(paths(&everything), ["a.yaml", "gone/c.yaml", "old.yaml", "out/b.yaml"]);
}

#[test]
fn a_folder_whose_files_are_all_ignored_has_nothing_to_check() {
    let dir = tree(&[(".gitignore", "*.yaml\n"), ("t/a.yaml", TEMPLATE)]);
    let found = find(&dir, &["t"]);
    assert!(paths(&found).is_empty());
    assert_eq!(found.barren(&found.named).len(), 1);
}

#[test]
fn exclusions_win_over_names() {
    let dir = tree(&[("a.yaml", TEMPLATE), ("t/b.yaml", TEMPLATE), ("t/fixtures/c.yaml", TEMPLATE)]);
    let excluding = |pattern: &str, inputs: &[&str]| {
        discover(&Request { exclude: vec![pattern.to_owned()], ..request(dir.path(), inputs) })
    };
    assert_eq!(paths(&excluding("**/fixtures/**", &["", "t/fixtures/c.yaml"])), ["a.yaml", "t/b.yaml"]);
    assert_eq!(paths(&excluding("fixtures", &[""])), ["a.yaml", "t/b.yaml"]);
    assert_eq!(paths(&excluding("*.yaml", &[""])), [] as [&str; 0]);
    let found = excluding("a.yaml", &["a.yaml"]);
    assert_eq!(found.excluded, ["a.yaml"]);
    assert!(found.errors.is_empty() && found.barren(&found.named).is_empty());
    let absolute = format!("{}/t/**", dir.path().canonicalize().unwrap().to_string_lossy());
    assert_eq!(paths(&excluding(&absolute, &[""])), ["a.yaml"]);
    assert_eq!(excluding("a[", &["a.yaml"]).mistakes.len(), 1);
}

#[test]
fn arns_are_no_paths() {
    let dir = tree(&[("a.yaml", TEMPLATE)]);
    let arn = "arn:aws:kms:eu-west-1:111122223333:alias/app";
    let found = find(&dir, &[arn, "a.yaml"]);
    assert_eq!(found.arns, [arn]);
    assert_eq!(paths(&found), ["a.yaml"]);
}

#[test]
fn what_is_not_there_is_named() {
    let dir = tree(&[("empty/", ""), ("prose/x.txt", "x")]);
    let found = find(&dir, &["nope.yaml", "zz/**", "*.yaml", "empty", "prose"]);
    let root = dir.path().to_string_lossy();
    let named: Vec<&str> = found.mistakes.iter().map(|error| error.file.strip_prefix(&*root).unwrap()).collect();
    assert_eq!(named, ["/*.yaml", "/nope.yaml", "/zz/**"]);
    assert!(found.mistakes.iter().any(|error| error.message == "no such file or folder"));
    let barren: Vec<String> = found.barren(&found.named).into_iter().map(|error| error.file).collect();
    assert_eq!(barren, [format!("{root}/empty"), format!("{root}/prose")]);
}

#[test]
fn a_shell_that_names_every_entry_of_a_folder_makes_no_mistake() {
    let dir = tree(&[("t/a.yaml", TEMPLATE), ("t/docs/x.md", "Resources:\n"), ("t/logo.png", "\u{0}")]);
    let found = find(&dir, &["t/a.yaml", "t/docs", "t/logo.png"]);
    assert_eq!(paths(&found), ["t/a.yaml"]);
    assert!(found.errors.is_empty());
    assert!(found.barren(&found.named).is_empty());
    assert!(found.skipped.is_empty());
    assert_eq!(found.passed_over.len(), 1);
}

#[test]
fn what_is_no_text_says_where() {
    let dir = tree(&[("nul.yaml", "Resources:\n  A: \0\n")]);
    fs::write(dir.path().join("latin.yaml"), b"Resources:\n  A:\n    Type: caf\xe9\n").unwrap();
    fs::write(dir.path().join("wide.json"), b"\xff\xfe{\0}\0").unwrap();
    let found = find(&dir, &[""]);
    assert_eq!(
        messages(&found),
        [
            "line 3 is not UTF-8 (byte `0xe9`): save the file as UTF-8",
            "line 2 has a NUL byte: remove it, a template is text",
            "text in UTF-16: save the file as UTF-8",
        ]
    );
    assert!(found.barren(&found.named).is_empty(), "the errors say enough");
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let dir = tree(&[]);
    let file = fs::File::create(dir.path().join("huge.yaml")).unwrap();
    file.set_len(50 << 20).unwrap();
    let found = find(&dir, &["huge.yaml"]);
    assert_eq!(messages(&found), ["larger than 16 MiB, no template can be: leave it out with `--exclude`"]);
}

#[test]
#[cfg(unix)]
fn links_are_resolved_and_files_outside_of_the_root_keep_their_absolute_path() {
    let dir = tree(&[("in/a.yaml", TEMPLATE), ("out/b.yaml", TEMPLATE)]);
    let root = dir.path().join("in");
    std::os::unix::fs::symlink(root.join("a.yaml"), root.join("link.yaml")).unwrap();
    std::os::unix::fs::symlink(dir.path().join("out/b.yaml"), root.join("far.yaml")).unwrap();
    let found = discover(&Request { root: Some(root), ..request(dir.path(), &["in"]) });
    let outside = dir.path().canonicalize().unwrap().join("out/b.yaml");
    assert_eq!(paths(&found), [&*outside.to_string_lossy(), "a.yaml"]);
}

#[test]
fn without_a_root_the_git_root_that_holds_the_input_is_one() {
    let dir = tree(&[("repo/.git/", ""), ("repo/x/a.yaml", TEMPLATE)]);
    let found = discover(&Request { root: None, ..request(dir.path(), &["repo/x"]) });
    assert_eq!(paths(&found), ["x/a.yaml"]);
}

#[test]
fn loose_files_are_stacks_of_one_scope_named_by_their_stem() {
    let dir = tree(&[("keys.yaml", TEMPLATE), ("App.template.json", "{\"Resources\":{}}")]);
    let found = find(&dir, &[""]);
    let names: Vec<(&str, bool, ScopeId)> =
        found.deployments.iter().map(|one| (one.name.as_str(), one.named, one.scope)).collect();
    assert_eq!(names, [("App", false, ScopeId(0)), ("keys", false, ScopeId(0))]);
}

const MANIFEST: &str = r#"{"version": "36.0.0", "artifacts": {
  "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}},
  "Keys.assets": {"type": "cdk:asset-manifest", "properties": {"file": "Keys.assets.json"}},
  "Keys": {"type": "aws:cloudformation:stack", "environment": "aws://111122223333/eu-west-1",
           "properties": {"templateFile": "Keys.template.json", "stackName": "prod-keys"}, "dependencies": ["Keys.assets"]},
  "App": {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/unknown-region",
          "properties": {"templateFile": "App.template.json"}, "dependencies": ["App.assets", "Keys"]},
  "assembly-Test": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Test"}}}}"#;

const NESTED_MANIFEST: &str = r#"{"version": "36.0.0", "artifacts": {
  "TestKeys": {"type": "aws:cloudformation:stack", "environment": "aws://444455556666/eu-west-1",
               "properties": {"templateFile": "TestKeys.template.json", "stackName": "test-keys"}}}}"#;

fn assembly() -> TempDir {
    let empty = "{\"Resources\":{}}";
    tree(&[
        (".gitignore", "cdk.out\n"),
        ("cdk.out/manifest.json", MANIFEST),
        ("cdk.out/tree.json", "{\"Resources\": 1}"),
        ("cdk.out/Keys.assets.json", "{\"Resources\": 1}"),
        ("cdk.out/Keys.template.json", empty),
        ("cdk.out/App.template.json", empty),
        ("cdk.out/AppNested1.nested.template.json", empty),
        ("cdk.out/Stale.template.json", empty),
        ("cdk.out/asset.0123/data.yaml", TEMPLATE),
        ("cdk.out/assembly-Test/manifest.json", NESTED_MANIFEST),
        ("cdk.out/assembly-Test/TestKeys.template.json", empty),
    ])
}

const ASSEMBLY_FILES: [&str; 4] = [
    "cdk.out/App.template.json",
    "cdk.out/AppNested1.nested.template.json",
    "cdk.out/Keys.template.json",
    "cdk.out/assembly-Test/TestKeys.template.json",
];

#[test]
fn an_assembly_is_read_through_its_manifest() {
    let dir = assembly();
    let found = find(&dir, &["cdk.out"]);
    assert_eq!(paths(&found), ASSEMBLY_FILES);
    let keys = deployment(&found, "prod-keys");
    assert_eq!((keys.account.as_deref(), keys.region.as_deref()), (Some("111122223333"), Some("eu-west-1")));
    let app = deployment(&found, "App");
    assert_eq!((app.account.as_deref(), app.region.as_deref()), (None, None));
    assert_eq!(app.depends_on, ["prod-keys"]);
    assert_eq!(app.scope, keys.scope);
    let nested = deployment(&found, "AppNested1");
    assert!(!nested.standalone && nested.scope == keys.scope);
    let test = deployment(&found, "test-keys");
    assert!(test.scope != keys.scope && test.standalone && test.named);
    assert!(found.errors.is_empty() && found.skipped.is_empty());
}

#[test]
fn an_assembly_is_the_same_by_pattern_by_walk_and_by_its_manifest() {
    let dir = assembly();
    let whole = find(&dir, &["cdk.out"]);
    fs::remove_file(dir.path().join(".gitignore")).unwrap();
    for input in ["cdk.out/**", "cdk.out/*", "cdk.out/manifest.json", ""] {
        let found = find(&dir, &[input]);
        assert_eq!(paths(&found), ASSEMBLY_FILES, "{input}");
        assert_eq!(found.deployments, whole.deployments, "{input}");
    }
}

#[test]
fn an_ignored_assembly_is_not_walked_into() {
    let dir = assembly();
    let found = find(&dir, &[""]);
    assert!(paths(&found).is_empty());
    let barren = found.barren(&found.named);
    assert!(
        barren[0].message.ends_with("/cdk.out` is ignored, name it to read it all the same"),
        "{}",
        barren[0].message
    );
}

#[test]
fn one_template_of_an_assembly_keeps_what_its_manifest_says() {
    let dir = assembly();
    let found = find(&dir, &["cdk.out/Keys.template.json"]);
    assert_eq!(paths(&found), ["cdk.out/Keys.template.json"]);
    assert_eq!(deployment(&found, "prod-keys").account.as_deref(), Some("111122223333"));
}

#[test]
fn a_manifest_that_lists_what_is_not_there_says_so() {
    let dir = assembly();
    fs::remove_file(dir.path().join("cdk.out/App.template.json")).unwrap();
    let found = find(&dir, &["cdk.out"]);
    assert_eq!(messages(&found), ["listed in `manifest.json`, but not there: synthesize it again"]);
    fs::write(dir.path().join("cdk.out/manifest.json"), "{").unwrap();
    let found = find(&dir, &["cdk.out"]);
    assert_eq!(found.errors[0].file, "cdk.out/manifest.json");
}

#[test]
fn a_manifest_cannot_lead_out_of_its_folder() {
    let manifest = r#"{"artifacts": {"A": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "../secret.json"}},
        "B": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}}}}"#;
    let dir = tree(&[("cdk.out/manifest.json", manifest), ("secret.json", "{\"Resources\":{}}")]);
    assert!(paths(&find(&dir, &["cdk.out"])).is_empty());
}

#[test]
fn a_listing_names_what_would_be_read() {
    let dir = assembly();
    let listing = list(&request(dir.path(), &["cdk.out", "nope"]));
    assert_eq!(listing.files, ASSEMBLY_FILES);
    assert_eq!(listing.errors.len(), 1);
}

#[test]
fn nested_templates_are_read_along_though_nobody_asked_for_them() {
    let nests = |path: &str| {
        format!("Resources:\n  A:\n    Type: AWS::CloudFormation::Stack\n    Properties: {{TemplateURL: {path}}}\n")
    };
    let dir = tree(&[
        ("t/parent.yaml", &nests("./child.yaml")),
        ("t/child.yaml", &nests("../other/grandchild.yaml")),
        ("t/unrelated.yaml", TEMPLATE),
        ("other/grandchild.yaml", &nests("../../outside.yaml")),
    ]);
    let found = find(&dir, &["t/parent.yaml"]);
    assert_eq!(paths(&found), ["other/grandchild.yaml", "t/child.yaml", "t/parent.yaml"]);
    assert_eq!(found.linked.len(), 2);
    assert!(deployment(&found, "parent").reported && !deployment(&found, "child").reported);
    let asked = find(&dir, &["t/parent.yaml", "t/child.yaml"]);
    assert!(deployment(&asked, "child").reported);
    let inside = Request { root: Some(dir.path().join("t")), ..request(dir.path(), &["t/parent.yaml"]) };
    assert_eq!(paths(&discover(&inside)), ["child.yaml", "parent.yaml"], "what lies outside of the root is not read");
}

#[test]
fn an_assembly_tells_the_construct_of_a_logical_id() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "manifest.json",
        r#"{"artifacts": {"Keys": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Keys.template.json"},
            "metadata": {"/Keys/Data/Resource": [{"type": "aws:cdk:logicalId", "data": "Data1234",
              "trace": ["new Key (node_modules/aws-cdk-lib/key.js:1:2)", "new Keys (lib/keys.ts:42:5)", "app (bin/app.ts:1:1)"]}]},
            "additionalMetadataFile": "Keys.metadata.json"}}}"#,
    );
    write(
        "Keys.metadata.json",
        r#"{"/Keys/Role/Resource": [{"type": "aws:cdk:analytics:construct", "data": {}}, {"type": "aws:cdk:logicalId", "data": "Role5678"}],
            "/Keys/In": [{"type": "aws:cdk:templateFile", "data": "In.nested.template.json"}],
            "/Keys/In/Data/Resource": [{"type": "aws:cdk:logicalId", "data": "Data1234"},
              {"type": "aws:cdk:creationStack", "data": ["...new Key2 in aws-cdk-lib...", "new In (lib/in.ts:7:5)"]}]}"#,
    );
    let template = r#"{"Resources": {"Data1234": {"Type": "AWS::KMS::Key"}}}"#;
    write("Keys.template.json", template);
    write("In.nested.template.json", template);
    let found = discover(&Request { inputs: vec![folder.path().display().to_string()], ..Request::default() });
    let constructs: Vec<_> = found
        .deployments
        .iter()
        .filter_map(|deployment| deployment.constructs.as_ref())
        .flat_map(|all| all.iter())
        .collect();
    let text = |(logical, construct): &(&String, &Construct)| {
        format!("{logical} is {} of {}", construct.path, construct.created.as_deref().unwrap_or("?"))
    };
    let texts: Vec<String> = constructs.iter().map(text).collect();
    let nested = "Data1234 is Keys/In/Data/Resource of lib/in.ts:7";
    let own = ["Data1234 is Keys/Data/Resource of lib/keys.ts:42", "Role5678 is Keys/Role/Resource of ?"];
    assert_eq!(texts, [&[nested], own.as_slice()].concat());
}
