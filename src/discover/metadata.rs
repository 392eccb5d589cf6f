//! What `cdk synth` remembers of the constructs of a stack: their paths, and the lines of the app that made them.

use crate::finding::Construct;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The constructs of a template, by logical id.
pub(super) type Constructs = Arc<BTreeMap<String, Construct>>;

/// What is remembered, by construct path.
pub(super) type Metadata = BTreeMap<String, Vec<Entry>>;

#[derive(Deserialize)]
pub(super) struct Entry {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    data: serde_json::Value,
    #[serde(default)]
    trace: serde_json::Value,
}

/// The constructs of a stack and of the stacks that are nested in it.
#[derive(Default)]
pub(super) struct Remembered {
    pub(super) of_stack: Constructs,
    /// By the files of their templates.
    pub(super) of_nested: Vec<(String, Constructs)>,
}

/// Sorts what is remembered by the templates that it is about: what lies below a construct with a template of its own belongs to that.
pub(super) fn remembered<'m>(parts: impl Iterator<Item = &'m Metadata> + Clone, own: &str, app: &Path) -> Remembered {
    let entries = || parts.clone().flatten();
    let template = |(path, entries): (&'m String, &'m Vec<Entry>)| {
        let file = entries.iter().find(|entry| entry.kind == "aws:cdk:templateFile")?.data.as_str()?;
        (file != own).then_some((path.as_str(), file))
    };
    let nested: Vec<(&str, &str)> = entries().filter_map(template).collect();
    let mut constructs: BTreeMap<&str, BTreeMap<String, Construct>> = BTreeMap::new();
    for (path, entries) in entries() {
        let is_around = |(outer, _): &&(&str, &str)| path.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'));
        let file = nested.iter().filter(is_around).max_by_key(|(outer, _)| outer.len()).map_or(own, |(_, file)| file);
        let created = entries.iter().flat_map(frames).find_map(|frame| line_of_app(frame, app));
        let named = entries.iter().filter(|entry| entry.kind == "aws:cdk:logicalId");
        for logical in named.filter_map(|entry| entry.data.as_str()) {
            let construct = Construct { path: path.trim_start_matches('/').to_owned(), created: created.clone() };
            constructs.entry(file).or_default().insert(logical.to_owned(), construct);
        }
    }
    let of_stack = Arc::new(constructs.remove(own).unwrap_or_default());
    let of_nested = constructs.into_iter().map(|(file, constructs)| (file.to_owned(), Arc::new(constructs)));
    Remembered { of_stack, of_nested: of_nested.collect() }
}

/// The frames of the stack trace in an entry, the innermost first.
fn frames(entry: &Entry) -> impl Iterator<Item = &str> {
    let list = match entry.kind.as_str() {
        "aws:cdk:logicalId" => &entry.trace,
        "aws:cdk:creationStack" => &entry.data,
        _ => &serde_json::Value::Null,
    };
    list.as_array().into_iter().flatten().filter_map(serde_json::Value::as_str)
}

/// File and line of a frame, if it is one of the app: not of a library, of Node or of what runs apps in other languages. Paths below the
/// app's folder are told from there.
fn line_of_app(frame: &str, app: &Path) -> Option<String> {
    const FOREIGN: [&str; 6] = ["node_modules/", "aws-cdk-lib", "@aws-cdk/", "node:", "jsii", "<anonymous>"];
    let frame = frame.trim().trim_start_matches("at ");
    let place = match frame.strip_suffix(')') {
        Some(called) => called.rsplit_once('(')?.1,
        None => frame,
    };
    let (place, column) = place.rsplit_once(':')?;
    let (file, line) = place.rsplit_once(':')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let file = file.strip_prefix("file://").unwrap_or(file).replace('\\', "/");
    let is_foreign = FOREIGN.iter().any(|part| file.contains(part)) || file.starts_with("internal/");
    let is_kernel = frame.starts_with("Kernel") || file.ends_with("lib/program.js");
    if file.is_empty() || is_foreign || is_kernel || !is_number(line) || !is_number(column) {
        return None;
    }
    let app = app.to_string_lossy().replace('\\', "/");
    let told = file.strip_prefix(&format!("{app}/")).unwrap_or(&file);
    Some(format!("{told}:{line}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_frame_of_the_app_counts() {
        let line = |frames: &[&str]| frames.iter().find_map(|frame| line_of_app(frame, Path::new("/home/dev/app")));
        let found = line(&["...new Key2 in aws-cdk-lib...", "rk (lib/keys.ts:12:29)", "one (bin/app.ts:34:10)"]);
        assert_eq!(found.as_deref(), Some("lib/keys.ts:12"));
        let found = line(&[
            "new Key (/home/dev/app/node_modules/aws-cdk-lib/key.js:1:2)",
            "    at /home/dev/app/lib/a.ts:8:59",
        ]);
        assert_eq!(found.as_deref(), Some("lib/a.ts:8"), "a path below the app's folder is told from there");
        let found = line(&["Object.<anonymous> (/srv/shared/keys.ts:3:1)"]);
        assert_eq!(found.as_deref(), Some("/srv/shared/keys.ts:3"));
        let found = line(&["new A (file:///home/dev/app/lib/a.mts:7:5)"]);
        assert_eq!(found.as_deref(), Some("lib/a.mts:7"));
    }

    #[test]
    fn what_is_no_line_of_an_app_is_none() {
        for frame in [
            "...node internals...",
            "(no user code in 10 frames, use --stack-trace-limit to capture more)",
            "Module._load (node:internal/modules/cjs/loader:1091:12)",
            "Kernel._Kernel_create (/tmp/tmpxyz/lib/program.js:9964:25)",
            "new Key (/tmp/jsii-kernel-1/node_modules/aws-cdk-lib/key.js:1:2)",
            "internal/main/run_main_module.js:28:49",
            "",
        ] {
            assert_eq!(line_of_app(frame, Path::new("/home/dev/app")), None, "{frame}");
        }
    }
}
