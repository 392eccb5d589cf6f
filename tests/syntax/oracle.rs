//! The tree against parsers that others wrote: `serde_yaml` and `serde_json` must read the same structure and texts.

use std::path::{Path, PathBuf};

use kmslint::source::{FileId, SourceFile};
use kmslint::syntax::{Kind, Node, Plain, parse};

/// Where a tree and the other reading differ.
type Same = Result<(), String>;

fn differ(path: &str, ours: &str, theirs: &str) -> Same {
    Err(format!("at {path}: {ours} against {theirs}"))
}

pub(super) fn same_as_json(node: Node<'_>, json: &serde_json::Value, path: &str) -> Same {
    use serde_json::Value;
    match (node.kind(), json) {
        (Kind::Scalar(text, _), Value::String(theirs)) if node.plain() == Some(Plain::Text) && text == theirs => Ok(()),
        (Kind::Scalar(..), Value::Bool(theirs)) if node.plain() == Some(Plain::Bool(*theirs)) => Ok(()),
        (Kind::Scalar(..), Value::Null) if node.plain() == Some(Plain::Null) => Ok(()),
        (Kind::Scalar(text, _), Value::Number(theirs)) => match node.plain() {
            Some(Plain::Int(whole)) if theirs.as_i64() == Some(whole) => Ok(()),
            Some(Plain::Float(number)) if theirs.as_f64() == Some(number) => Ok(()),
            _ => differ(path, text, &theirs.to_string()),
        },
        (Kind::Sequence(items), Value::Array(theirs)) if items.len() == theirs.len() => node
            .items()
            .zip(theirs)
            .enumerate()
            .try_for_each(|(index, (item, theirs))| same_as_json(item, theirs, &format!("{path}/{index}"))),
        (Kind::Mapping(entries), Value::Object(theirs)) if entries.len() == theirs.len() => {
            node.entries().try_for_each(|(key, value)| {
                let key = key.text().unwrap_or_default();
                let theirs = theirs.get(key).ok_or(format!("{path}/{key} is ours alone"))?;
                same_as_json(value, theirs, &format!("{path}/{key}"))
            })
        }
        (kind, theirs) => differ(path, &format!("{kind:?}"), &theirs.to_string()),
    }
}

/// `serde_yaml` reads the scalars of YAML 1.2: where both have a type the values agree, else the texts.
fn same_scalar(node: Node<'_>, theirs: &serde_yaml::Value) -> bool {
    use serde_yaml::Value;
    let text = node.text().unwrap_or_default();
    match (theirs, node.plain()) {
        (Value::String(theirs), _) => text == theirs,
        (Value::Bool(theirs), meaning) => meaning == Some(Plain::Bool(*theirs)),
        (Value::Null, meaning) => meaning == Some(Plain::Null),
        (Value::Number(theirs), Some(Plain::Int(whole))) => theirs.as_i64() == Some(whole) || text.starts_with('0'),
        (Value::Number(theirs), Some(Plain::Float(number))) => theirs.as_f64() == Some(number),
        // A number of YAML 1.2 alone, such as `1e5`.
        (Value::Number(theirs), _) => text.parse().ok() == theirs.as_f64(),
        (Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_), _) => false,
    }
}

fn same_as_yaml(node: Node<'_>, yaml: &serde_yaml::Value, path: &str) -> Same {
    use serde_yaml::Value;
    if let Value::Tagged(tagged) = yaml {
        let name = node.tag().map(|tag| &*tag.name).unwrap_or_default();
        return match tagged.tag == name || tagged.tag == "!" {
            true => same_as_yaml(node, &tagged.value, path),
            false => differ(path, name, &tagged.tag.to_string()),
        };
    }
    match (node.kind(), yaml) {
        (Kind::Scalar(..), theirs) if same_scalar(node, theirs) => Ok(()),
        (Kind::Sequence(items), Value::Sequence(theirs)) if items.len() == theirs.len() => node
            .items()
            .zip(theirs)
            .enumerate()
            .try_for_each(|(index, (item, theirs))| same_as_yaml(item, theirs, &format!("{path}/{index}"))),
        (Kind::Mapping(entries), Value::Mapping(theirs)) if entries.len() == theirs.len() => {
            node.entries().try_for_each(|(key, value)| {
                let name = key.text().unwrap_or_default();
                let found = theirs.get(name).or_else(|| {
                    let same_key = theirs.iter().find(|(theirs, _)| same_as_yaml(key, theirs, "").is_ok());
                    same_key.map(|(_, value)| value)
                });
                same_as_yaml(value, found.ok_or(format!("{path}/{name} is ours alone"))?, &format!("{path}/{name}"))
            })
        }
        (kind, theirs) => differ(path, &format!("{kind:?}"), &format!("{theirs:?}")),
    }
}

/// What the other parser reads, if it reads the text at all.
fn compare(source: &SourceFile) -> Option<Same> {
    let tree = parse(source);
    if let Ok(json) = serde_json::from_str::<serde_json::Value>(&source.text) {
        let Some(root) = tree.root() else { return Some(Err("no root".to_owned())) };
        return Some(same_as_json(root, &json, ""));
    }
    let mut yaml: serde_yaml::Value = serde_yaml::from_str(&source.text).ok()?;
    // Each call resolves one level of a mapping that was merged and merges itself.
    (0..3).try_for_each(|_| yaml.apply_merge()).ok()?;
    if let Some(problem) = tree.problems.first() {
        return Some(Err(format!("refused: {} at {:?}", problem.message, source.position(problem.span.start))));
    }
    Some(match tree.root() {
        Some(root) => same_as_yaml(root, &yaml, ""),
        None if yaml.is_null() => Ok(()),
        None => Err("no root".to_owned()),
    })
}

fn templates_below(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            templates_below(&path, found);
        } else if path
            .extension()
            .is_some_and(|end| ["json", "yaml", "yml", "template"].iter().any(|known| end == *known))
        {
            found.push(path);
        }
    }
}

fn read(path: &Path) -> Option<SourceFile> {
    let text = String::from_utf8(std::fs::read(path).ok()?).ok()?;
    Some(SourceFile::new(FileId(0), path.display().to_string(), text))
}

/// Compares all templates below some folders; returns how many both parsers read.
fn compare_below(folders: &[PathBuf]) -> usize {
    let mut paths = Vec::new();
    folders.iter().for_each(|folder| templates_below(folder, &mut paths));
    let mut both = 0;
    let mut wrong = Vec::new();
    for source in paths.iter().filter_map(|path| read(path)) {
        match compare(&source) {
            Some(Ok(())) => both += 1,
            Some(Err(how)) => wrong.push(format!("{}: {how}", source.path)),
            None => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    both
}

#[test]
fn every_template_of_the_tests_reads_as_others_read_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert!(compare_below(&[root.join("testdata")]) >= 8);
}

#[test]
fn odd_inputs_read_the_same_with_other_line_breaks() {
    let mut paths = Vec::new();
    templates_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/syntax"), &mut paths);
    for source in paths.iter().filter_map(|path| read(path)) {
        let text = source.text.replace("\r\n", "\n").replace('\n', "\r\n");
        let other = SourceFile::new(FileId(0), source.path.clone(), text);
        assert_eq!(compare(&other).unwrap_or(Ok(())), Ok(()), "{}", source.path);
    }
}

#[test]
fn real_templates_read_as_others_read_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = ["../shared", "../../shared"].map(|folder| root.join(folder));
    let folders = shared.iter().flat_map(|folder| [folder.join("corpus"), folder.join("cases")]).collect::<Vec<_>>();
    let both = compare_below(&folders);
    println!("{both} templates compared");
}
