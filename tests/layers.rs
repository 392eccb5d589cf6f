//! Imports run one way: what the module documentation promises, the `use` lines keep.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Every layer with those that it may know.
const LAYERS: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("syntax", &["source"]),
    ("template", &["source", "syntax"]),
    ("resolve", &["source", "syntax", "template"]),
    ("finding", &["source", "resolve"]),
    ("policy", &["source", "syntax", "template", "resolve"]),
    ("estate", &["source", "syntax", "template", "resolve", "policy", "finding"]),
    ("authz", &["source", "syntax", "template", "resolve", "policy", "estate"]),
    ("rules", &["source", "template", "resolve", "policy", "estate", "authz", "finding"]),
    ("view", &["source", "template", "resolve", "policy", "estate", "authz", "finding"]),
    ("discover", &["source", "finding"]),
    ("parse", &["source", "syntax", "template", "finding", "estate"]),
    ("parameters", &["template", "finding", "choice", "discover"]),
    ("choice", &["finding"]),
    ("suppress", &["source", "syntax", "finding"]),
    ("fix", &["source", "syntax", "finding"]),
    ("baseline", &["source", "finding"]),
    ("config", &["source", "syntax", "finding", "choice"]),
    ("report", &["source", "resolve", "finding", "view", "config"]),
];

/// Modules that tie the layers together.
const TIES: &[&str] = &["lib", "main", "cli"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The layer of a file: `syntax.rs` and `syntax/yaml.rs` are `syntax`.
fn layer(path: &Path, src: &Path) -> String {
    let first = path.strip_prefix(src).unwrap().components().next().unwrap();
    first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// The modules that a text names after `crate::`, also in a list: `use crate::{finding::Site, source::Span}`.
fn imports(text: &str) -> BTreeSet<String> {
    let code: String =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect();
    let mut found = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            Some(list) => found.extend(names_in_list(list)),
            None => found.extend(name_at_start(after)),
        }
    }
    found
}

fn names_in_list(list: &str) -> Vec<String> {
    let mut depth = 1;
    let mut item = String::new();
    let mut names = Vec::new();
    for letter in list.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && letter == ',') {
            names.extend(name_at_start(item.trim()));
            item.clear();
        } else {
            item.push(letter);
        }
        if depth == 0 {
            break;
        }
    }
    names
}

fn name_at_start(text: &str) -> Option<String> {
    let name: String = text.chars().take_while(|letter| letter.is_ascii_lowercase() || *letter == '_').collect();
    let ends_in_path = text[name.len()..].starts_with("::")
        || text[name.len()..].starts_with([',', ';', ' ', '}'])
        || text.len() == name.len();
    (!name.is_empty() && ends_in_path).then_some(name)
}

#[test]
fn no_layer_knows_one_to_its_right() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut offences = Vec::new();
    for path in files {
        let own = layer(&path, &src);
        if TIES.contains(&own.as_str()) {
            continue;
        }
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == own) else {
            offences.push(format!("{}: no layer has this name", path.display()));
            continue;
        };
        for import in imports(&fs::read_to_string(&path).unwrap()) {
            if import != own && !allowed.contains(&import.as_str()) {
                offences.push(format!("{}: `{own}` may not know `{import}`", path.display()));
            }
        }
    }
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

#[test]
fn only_discovery_reads_files_and_only_reports_and_fixes_write_them() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let touches_files =
            ["std::fs", "fs::read", "fs::write", "File::open", "File::create"].iter().any(|call| code.contains(call));
        let may = ["discover", "report", "fix", "cli", "main"].contains(&layer(&path, &src).as_str());
        assert!(!touches_files || may, "{} touches files", path.display());
    }
}

#[test]
fn imports_are_seen_in_every_spelling() {
    let text = "use crate::source::Span;\n// crate::authz\nuse crate::{finding::{Site, Label}, resolve};\nlet x = crate::estate::build();";
    let seen: Vec<String> = imports(text).into_iter().collect();
    assert_eq!(seen, ["estate", "finding", "resolve", "source"]);
}
