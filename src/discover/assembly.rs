//! What `cdk synth` writes: a folder with a `manifest.json` that lists stacks, their templates, and further assemblies.

use super::metadata::{self, Constructs, Metadata, Remembered};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

/// The file that makes a folder an assembly.
pub(super) const MANIFEST: &str = "manifest.json";

/// One assembly, without those that are nested in it.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    /// Its stacks, in the order of their artifact ids.
    pub(super) stacks: Vec<Stack>,
    /// Templates that a stack of it deploys as nested stacks.
    pub(super) nested_templates: Vec<PathBuf>,
    /// The constructs of nested templates, as far as something is remembered of them.
    pub(super) nested_constructs: BTreeMap<PathBuf, Constructs>,
    /// Templates that are uploaded, by the names that they get: those of nested stacks are found again by these.
    pub(super) uploads: BTreeMap<String, PathBuf>,
    /// The folders of nested assemblies.
    pub(super) assemblies: Vec<PathBuf>,
}

/// A stack as the manifest lists it.
#[derive(Debug)]
pub(super) struct Stack {
    pub(super) name: String,
    pub(super) template: PathBuf,
    pub(super) account: Option<String>,
    pub(super) region: Option<String>,
    /// Names of stacks of the same assembly.
    pub(super) depends_on: Vec<String>,
    /// The construct of each logical id.
    pub(super) constructs: Constructs,
}

#[derive(Deserialize)]
struct Manifest {
    artifacts: BTreeMap<String, Artifact>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    #[serde(rename = "type", default)]
    kind: String,
    environment: Option<String>,
    #[serde(default)]
    properties: Properties,
    #[serde(default)]
    dependencies: Vec<String>,
    metadata: Option<Metadata>,
    additional_metadata_file: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Properties {
    template_file: Option<String>,
    stack_name: Option<String>,
    directory_name: Option<String>,
    file: Option<String>,
}

/// What is uploaded before a stack is deployed.
#[derive(Deserialize)]
struct Uploads {
    #[serde(default)]
    files: BTreeMap<String, Upload>,
}

#[derive(Deserialize)]
struct Upload {
    source: UploadSource,
    #[serde(default)]
    destinations: BTreeMap<String, Destination>,
}

#[derive(Deserialize)]
struct UploadSource {
    path: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Destination {
    object_key: Option<String>,
}

/// The assemblies of a run, each read once. A folder that is none is remembered too.
#[derive(Default)]
pub(super) struct Assemblies {
    known: HashMap<PathBuf, Option<Assembly>>,
    /// Manifests that speak of stacks but cannot be read, with the reason.
    pub(super) broken: Vec<(PathBuf, String)>,
}

impl Assemblies {
    /// The assemblies that were met.
    pub(super) fn known(&self) -> impl Iterator<Item = &Assembly> {
        self.known.values().flatten()
    }

    /// The assembly in a folder, if it is one.
    pub(super) fn in_folder(&mut self, folder: &Path) -> Option<&Assembly> {
        if !self.known.contains_key(folder) {
            let read = self.read(folder);
            self.known.insert(folder.to_path_buf(), read);
        }
        self.known.get(folder)?.as_ref()
    }

    fn read(&mut self, folder: &Path) -> Option<Assembly> {
        let path = folder.join(MANIFEST);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => {
                let is_meant = error.kind() != ErrorKind::NotFound && folder.ends_with("cdk.out");
                if is_meant {
                    self.broken.push((path, super::read::reason(&error)));
                }
                return None;
            }
        };
        match serde_json::from_str::<Manifest>(&text) {
            Ok(manifest) => Some(Assembly::of(&manifest, folder)),
            Err(error) => {
                if folder.ends_with("cdk.out") || text.contains("aws:cloudformation:stack") {
                    self.broken.push((path, format!("not a manifest of a CDK assembly: {error}; synthesize it again")));
                }
                None
            }
        }
    }
}

impl Assembly {
    fn of(manifest: &Manifest, folder: &Path) -> Self {
        let names: BTreeMap<&str, &str> = manifest
            .artifacts
            .iter()
            .filter(|(_, artifact)| artifact.kind == "aws:cloudformation:stack")
            .map(|(id, artifact)| (id.as_str(), artifact.properties.stack_name.as_deref().unwrap_or(id)))
            .collect();
        let mut assembly = Self { nested_templates: nested_templates(folder), ..Self::default() };
        for (id, artifact) in &manifest.artifacts {
            if let (Some(name), Some(file)) = (names.get(id.as_str()), &artifact.properties.template_file) {
                let Some(template) = inside(folder, file) else { continue };
                let (account, region) = environment(artifact.environment.as_deref().unwrap_or_default());
                let before = artifact.dependencies.iter().filter_map(|id| names.get(id.as_str()));
                let mut depends_on: Vec<String> = before.map(|name| (*name).to_owned()).collect();
                depends_on.sort();
                depends_on.dedup();
                let name = (*name).to_owned();
                let Remembered { of_stack: constructs, of_nested } = constructs(artifact, file, folder);
                let nested = of_nested.into_iter().filter_map(|(file, found)| Some((inside(folder, &file)?, found)));
                assembly.nested_constructs.extend(nested);
                assembly.stacks.push(Stack { name, template, account, region, depends_on, constructs });
            }
            if let ("cdk:asset-manifest", Some(file)) = (artifact.kind.as_str(), &artifact.properties.file)
                && !assembly.nested_templates.is_empty()
            {
                assembly.uploads.extend(uploads(folder, file));
            }
            if let ("cdk:cloud-assembly", Some(name)) = (artifact.kind.as_str(), &artifact.properties.directory_name) {
                assembly.assemblies.extend(inside(folder, name));
            }
        }
        assembly
    }

    /// The templates of this assembly.
    pub(super) fn templates(&self) -> impl Iterator<Item = &PathBuf> {
        self.stacks.iter().map(|stack| &stack.template).chain(&self.nested_templates)
    }
}

/// The constructs of a stack. What cannot be read only makes reports less helpful, so it is left out.
fn constructs(artifact: &Artifact, own: &str, folder: &Path) -> Remembered {
    let beside = artifact.additional_metadata_file.as_deref().and_then(|file| inside(folder, file));
    let text = beside.and_then(|path| std::fs::read_to_string(path).ok());
    let more = text.and_then(|text| serde_json::from_str::<Metadata>(&text).ok());
    // The app stands beside its outermost assembly.
    let assembly = folder.ancestors().find(|folder| !folder.file_name().is_some_and(is_nested_assembly));
    let app = assembly.and_then(Path::parent).unwrap_or(folder);
    metadata::remembered(artifact.metadata.iter().chain(&more), own, app)
}

fn is_nested_assembly(name: &OsStr) -> bool {
    name.to_string_lossy().starts_with("assembly-")
}

/// The templates that an asset manifest uploads, by the last part of their keys. What cannot be read is left out.
fn uploads(folder: &Path, file: &str) -> Vec<(String, PathBuf)> {
    let text = inside(folder, file).and_then(|path| std::fs::read_to_string(path).ok());
    let Some(uploads) = text.and_then(|text| serde_json::from_str::<Uploads>(&text).ok()) else { return Vec::new() };
    let mut found = Vec::new();
    for upload in uploads.files.into_values() {
        let path = upload.source.path.filter(|path| path.ends_with(".template.json"));
        let Some(path) = path.and_then(|path| inside(folder, &path)) else { continue };
        for key in upload.destinations.into_values().filter_map(|destination| destination.object_key) {
            let name = key.rsplit('/').next().unwrap_or(&key);
            found.push((name.to_owned(), path.clone()));
        }
    }
    found
}

/// Whether a file of an assembly speaks about it and is no template, by its name.
pub(super) fn is_bookkeeping(name: &str) -> bool {
    let known = [MANIFEST, "tree.json", "cdk.out", "validation-report.json"];
    known.contains(&name) || name.ends_with(".assets.json") || name.ends_with(".metadata.json")
}

/// A path below a folder; none if it climbs out or means the folder itself.
fn inside(folder: &Path, name: &str) -> Option<PathBuf> {
    let parts = Path::new(name).components();
    let below: Vec<Component<'_>> = parts.filter(|part| *part != Component::CurDir).collect();
    let stays = !below.is_empty() && below.iter().all(|part| matches!(part, Component::Normal(_)));
    stays.then(|| below.iter().fold(folder.to_path_buf(), |path, part| path.join(part)))
}

/// Account and Region of `aws://ACCOUNT/REGION`; none for what the app left open.
fn environment(text: &str) -> (Option<String>, Option<String>) {
    let Some((account, region)) = text.strip_prefix("aws://").and_then(|rest| rest.split_once('/')) else {
        return (None, None);
    };
    let known = |part: &str| (!part.is_empty() && !part.starts_with("unknown-")).then(|| part.to_owned());
    (known(account), known(region))
}

fn nested_templates(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut found: Vec<PathBuf> =
        paths.filter(|path| path.to_string_lossy().ends_with(".nested.template.json")).collect();
    found.sort();
    found
}
