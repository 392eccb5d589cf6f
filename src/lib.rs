//! kmslint: who may use which KMS key, through what, and why, from CloudFormation templates alone.
//!
//! # The way the data flows
//!
//! ```text
//! discover → parse → lower → resolve → link → decide → check → render
//! files     tree    template  values    estate  verdicts findings  text for people and programs
//! ```
//!
//! [`check`] is that way, from arguments to an [`finding::Outcome`]. Parsing and lowering see one file each and run side by side; linking sees
//! all of them and happens once. Every layer knows only layers to its left:
//!
//! - [`source`] turns bytes into lines; [`syntax`] makes YAML and JSON one tree with byte spans; [`template`] makes every spelling of a function
//!   one form; [`resolve`] says what a value is in each deployment that can be;
//! - [`policy`] reads policy documents, [`estate`] links all stacks, [`authz`] decides requests;
//! - [`finding`] is what a run tells; [`report`] lays it out and is the only module that knows columns, colours and formats;
//! - [`view`] is what the commands that explain and list answer;
//! - [`discover`] is the only module that reads files, and hands over text; [`choice`] turns names into rules, [`config`] says
//!   what a configuration may be.
//!
//! # What always holds
//!
//! 1. Nothing that is wrong with an input ends a run. It is data with a place, and the other files are judged all the same. A file that could
//!    only be read in part is not judged at all: what is missing in it may stand behind the place where it broke off.
//! 2. There is no state outside of the values that functions get and give: no globals, no locks.
//! 3. Yes, no and unknown are three answers. Unknown is never taken for one of the others; it is counted, and carries its reason.
//! 4. Scalars keep their text and quoting up to the layer that knows what they mean: an account id is no number.
//! 5. Whether something was written in YAML or JSON, short or long, first or last, under this logical id or another, changes no finding.
//! 6. Equal input gives equal bytes, for every number of threads and every order of arguments.
//! 7. Rules have no state and cannot fail; nothing panics.

pub mod authz;
pub mod choice;
pub mod config;
pub mod discover;
pub mod estate;
pub mod finding;
pub mod policy;
pub mod report;
pub mod resolve;
pub mod rules;
pub mod source;
pub mod syntax;
pub mod template;
pub mod view;

mod parameters;
mod parse;

use choice::Choice;
use discover::{Deployment, Discovery, Globs, Request};
use estate::{Estate, Inventory, Source};
use finding::{FileError, Finding, Meta, Outcome, Settings};
use parameters::Supply;
use rules::{Cx, Rule};
use source::{FileId, SourceFile, Sources};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::Path;

/// What to check, and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What to read.
    pub request: Request,
    /// The account of stacks of which no manifest says it.
    pub account: Option<String>,
    /// The Region of stacks of which no manifest says it.
    pub region: Option<String>,
    /// The partition of all stacks.
    pub partition: Option<String>,
    /// Whether every key, alias and role of the accounts that the inventory speaks of is in it.
    pub inventory_complete: bool,
    /// Values of parameters for every stack that declares them, unless a file of [`Request::parameter_files`] or the stack itself has another.
    pub parameters: BTreeMap<String, String>,
    /// The rules that run.
    pub choice: Choice,
    /// What is set for the rules.
    pub settings: Settings,
    /// Rules whose findings are not reported in some files.
    pub per_file: Vec<PerFile>,
    /// The number of threads; none: as many as there are processors, where there is enough to do.
    pub jobs: Option<NonZeroUsize>,
}

/// Rules whose findings are not reported in some files.
#[derive(Clone, Debug)]
pub struct PerFile {
    /// The files.
    pub files: Globs,
    /// The ids of the rules.
    pub ignore: BTreeSet<&'static str>,
}

/// What a run found.
#[derive(Debug, Default)]
pub struct Checked {
    /// What every format is made of.
    pub outcome: Outcome,
    /// The files that it speaks of.
    pub sources: Sources,
    /// Arguments that led to nothing: with one of these the job was not done.
    pub mistakes: Vec<FileError>,
    /// What was left out although it was named, a sentence each.
    pub notes: Vec<String>,
}

/// Checks what the options name: the whole way, from arguments to an outcome.
#[must_use]
pub fn check(options: &Options) -> Checked {
    with_threads(options.jobs, || run(options))
}

/// Does something with this number of threads; none: as many as there are processors, where there is enough to do.
pub fn with_threads<T: Send>(jobs: Option<NonZeroUsize>, work: impl FnOnce() -> T + Send) -> T {
    let Some(jobs) = jobs else { return work() };
    let threads = rayon::ThreadPoolBuilder::new().num_threads(jobs.get());
    let threads = if jobs.get() == 1 { threads.use_current_thread() } else { threads };
    match threads.build() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

/// Everything that the options name, read and linked: what commands ask that judge nothing.
#[derive(Debug, Default)]
pub struct InView {
    /// The estate.
    pub estate: Estate,
    /// The files that it speaks of.
    pub sources: Sources,
    /// Files that could not be read or parsed: without them an answer may be wrong.
    pub errors: Vec<FileError>,
    /// Arguments that led to nothing.
    pub mistakes: Vec<FileError>,
    /// What was left out although it was named, a sentence each.
    pub notes: Vec<String>,
}

/// Reads and links what the options name.
#[must_use]
pub fn look(options: &Options) -> InView {
    with_threads(options.jobs, || {
        let (found, parsed, estate) = read(options);
        let mistakes = mistakes(&found, &parsed);
        let notes = notes(&found, &parsed);
        InView { estate, errors: errors(&found, &parsed), mistakes, notes, sources: found.sources }
    })
}

fn read(options: &Options) -> (Discovery, parse::Parsed, Estate) {
    let mut found = discover::discover(&options.request);
    let mut parsed = parse::parse_all(&found.sources, &found.linked, &found.inventory);
    let files: Vec<&SourceFile> = found.sources.iter().filter(|file| found.inventory.contains(&file.id)).collect();
    let (inventory, errors) = estate::inventory::read(&files, &found.arns);
    parsed.errors.extend(errors);
    let (supplied, errors) = parameters::read(&found.parameters);
    parsed.errors.extend(errors);
    let mut parameters = options.parameters.clone();
    parameters.extend(supplied);
    let supplies = supplies(&found, &parsed.templates, &parameters);
    found.mistakes.extend(supplies.iter().flat_map(|supply| supply.refused.iter().cloned()));
    parsed.notes = supplies.iter().flat_map(|supply| supply.passed_over.iter().cloned()).collect();
    let templates = std::mem::take(&mut parsed.templates);
    let unread = unread(&found, &self::errors(&found, &parsed));
    let bodies = std::mem::take(&mut parsed.bodies);
    let estate = link(&found, Read { templates, bodies, unread, inventory, supplies }, options);
    (found, parsed, estate)
}

fn run(options: &Options) -> Checked {
    let (found, parsed, estate) = read(options);
    let rules: Vec<&Rule> = options.choice.rules.iter().filter_map(|meta| rules::rule(meta.id)).collect();
    let (findings, undecided) = rules::run(&Cx::new(&estate).with(options.settings.clone()), &rules);
    let is_shown = |finding: &Finding| {
        options.choice.shows(finding.rule.severity) && !is_ignored(finding, &found, &options.per_file)
    };
    let shown = findings.into_iter().filter(is_shown);
    let mut shown: Vec<Finding> = shown.filter_map(|finding| finding.seen_at(|place| found.reports(place))).collect();
    shown.sort_by(|a, b| {
        (a.primary.place.span, a.rule.id, &a.message).cmp(&(b.primary.place.span, b.rule.id, &b.message))
    });
    let mut outcome = Outcome {
        findings: shown,
        undecided: undecided.into_iter().filter(|undecided| found.reports(&undecided.place)).collect(),
        errors: errors(&found, &parsed),
        skipped: [found.skipped.as_slice(), &parsed.skipped].concat(),
        files: parsed.asked_for,
        rules: options.choice.rules.clone(),
        ..Outcome::default()
    };
    outcome.skipped.sort();
    let (mistakes, notes) = (mistakes(&found, &parsed), notes(&found, &parsed));
    Checked { outcome, mistakes, notes, sources: found.sources }
}

/// Whether the rule of a finding does not matter in its file.
fn is_ignored(finding: &Finding, found: &Discovery, per_file: &[PerFile]) -> bool {
    let mut speaking = per_file.iter().filter(|entry| entry.ignore.contains(finding.rule.id)).peekable();
    let path = speaking.peek().and_then(|_| found.path_of(&finding.primary.place));
    path.is_some_and(|path| speaking.any(|entry| entry.files.cover(&path)))
}

/// The arguments that led to nothing.
fn mistakes(found: &Discovery, parsed: &parse::Parsed) -> Vec<FileError> {
    let mut mistakes = found.mistakes.clone();
    mistakes.extend(found.barren(&parsed.judged));
    mistakes
}

/// The files that could not be read or parsed.
fn errors(found: &Discovery, parsed: &parse::Parsed) -> Vec<FileError> {
    let mut errors = [found.errors.as_slice(), &parsed.errors].concat();
    errors.sort_by(|a, b| (&a.file, &a.message).cmp(&(&b.file, &b.message)));
    errors
}

/// The templates among those files, once for each of their stacks, with the name that it would have.
fn unread(found: &Discovery, errors: &[FileError]) -> Vec<estate::Unread> {
    let unread = |error: &FileError| {
        let source = found.sources.iter().find(|source| source.path == error.file);
        let text = source.map(|source| source.text.clone()).unwrap_or_default();
        let deployed = found.deployments.iter().filter(|one| source.is_some_and(|source| one.file == source.id));
        let mut names: Vec<String> = deployed.map(|deployed| deployed.name.clone()).collect();
        if names.is_empty() {
            names.push(discover::stem(Path::new(&error.file)));
        }
        let path = error.file.clone();
        names.into_iter().map(move |name| estate::Unread { path: path.clone(), name, text: text.clone() })
    };
    errors.iter().flat_map(unread).collect()
}

/// The values of parameters of each deployment.
fn supplies(found: &Discovery, templates: &[Source], for_all: &BTreeMap<String, String>) -> Vec<Supply> {
    let by_file: BTreeMap<FileId, &Source> = templates.iter().map(|source| (source.template.file, source)).collect();
    let supply = |deployment: &Deployment| match by_file.get(&deployment.file) {
        Some(source) => parameters::supply(&deployment.parameters, for_all, &source.template, &source.path),
        None => Supply::default(),
    };
    found.deployments.iter().map(supply).collect()
}

/// What was read and is to be linked.
struct Read {
    templates: Vec<estate::Source>,
    bodies: Vec<estate::Body>,
    unread: Vec<estate::Unread>,
    inventory: Inventory,
    /// The values of parameters of each deployment.
    supplies: Vec<Supply>,
}

/// Links the templates by what is known of their deployments.
fn link(found: &Discovery, read: Read, options: &Options) -> Estate {
    let numbers: BTreeMap<FileId, usize> = read.templates.iter().map(|source| source.template.file).zip(0..).collect();
    let deployed = |(deployment, supply): (&Deployment, Supply)| {
        Some(estate::Deployed {
            source: *numbers.get(&deployment.file)?,
            name: deployment.name.clone(),
            named: deployment.named,
            account: deployment.account.clone().or_else(|| options.account.clone()),
            region: deployment.region.clone().or_else(|| options.region.clone()),
            scope: deployment.scope.0,
            depends_on: deployment.depends_on.clone(),
            constructs: deployment.constructs.clone(),
            standalone: deployment.standalone,
            reported: deployment.reported,
            parameters: supply.values,
        })
    };
    estate::build(estate::Input {
        deployments: found.deployments.iter().zip(read.supplies).filter_map(deployed).collect(),
        sources: read.templates,
        bodies: read.bodies,
        unread: read.unread,
        uploads: found.uploads.clone(),
        arns: found.arns.clone(),
        inventory: read.inventory,
        inventory_complete: options.inventory_complete,
        partition: options.partition.clone(),
    })
}

/// What was named and yet not checked.
fn notes(found: &Discovery, parsed: &parse::Parsed) -> Vec<String> {
    let excluded = found.excluded.iter().map(|path| format!("`{path}` is named, but excluded"));
    let passed_over = found.passed_over.iter().map(|(path, why)| format!("`{path}` is skipped: {why}"));
    let named =
        found.sources.iter().filter(|file| found.named.contains(&file.id) && parsed.skipped.contains(&file.path));
    let skipped = named.map(|file| format!("`{}` is skipped: it is no CloudFormation template", file.path));
    let mut notes: Vec<String> =
        excluded.chain(passed_over).chain(skipped).chain(parsed.notes.iter().cloned()).collect();
    notes.sort();
    notes.dedup();
    notes
}

/// All rules.
#[must_use]
pub fn all_rules() -> Vec<&'static Meta> {
    rules::RULES.iter().map(|rule| &rule.meta).collect()
}
