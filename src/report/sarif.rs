//! SARIF 2.1.0 for code scanning: complete rules, true regions, evidence as related locations, and fingerprints that survive edits.

mod line_hash;
mod model;
mod place;
mod rule;

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::{REPOSITORY, as_json, when};
use crate::finding::{FileError, Finding, Label, Outcome};
use crate::source::{FileId, Sources};
use line_hash::line_hashes;
use model::{
    AutomationDetails, BaseLocation, CodeFlow, Descriptor, Driver, Entry, EntryProperties, Invocation, Location, Log,
    Message, Notification, PhysicalLocation, Reference, Run, Step, ThreadFlow, Tool,
};

/// Most results of a run that code scanning takes.
const RESULTS: usize = 25_000;
/// Most bytes of results, without indentation: code scanning takes 10 MB compressed, and a log compresses to less than a tenth.
const BYTES: usize = 100_000_000;

/// What a notification is about: its descriptor in the driver.
const NOT_JUDGED: Reference = Reference { id: "file-not-judged", index: 0 };
const RESULTS_CUT: Reference = Reference { id: "results-cut", index: 1 };

pub(super) fn render(outcome: &Outcome, sources: &Sources) -> String {
    render_within(outcome, sources, RESULTS, BYTES)
}

/// The log with at most that many results and that many bytes of them.
fn render_within(outcome: &Outcome, sources: &Sources, most: usize, bytes: usize) -> String {
    let mut rules = outcome.rules.clone();
    rules.extend(outcome.findings.iter().map(|finding| finding.rule));
    rules.sort_by_key(|meta| meta.id);
    rules.dedup_by_key(|meta| meta.id);
    let index = |finding: &Finding| rules.binary_search_by_key(&finding.rule.id, |meta| meta.id).unwrap_or_default();

    let mut lines = Lines::default();
    let results = outcome.findings.iter().map(|finding| entry(finding, index(finding), &mut lines, sources)).collect();
    let (results, cut) = worst(outcome, results, most, bytes);
    let mut notifications: Vec<_> = outcome.errors.iter().map(|error| not_judged(error, sources)).collect();
    notifications.extend((cut > 0).then(|| results_cut(cut, results.len())));
    as_json(&Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool { driver: driver(rules.into_iter().map(rule::rule).collect()) },
            automation_details: AutomationDetails { id: "kmslint/" },
            invocations: [Invocation {
                execution_successful: outcome.errors.is_empty(),
                tool_execution_notifications: notifications,
            }],
            original_uri_base_ids: BTreeMap::from([(
                place::ROOT,
                BaseLocation { description: Message { text: "The root of the reported paths.".to_owned() } },
            )]),
            column_kind: "utf16CodeUnits",
            results,
        }],
    })
}

fn driver(rules: Vec<model::Rule>) -> Driver {
    let version = env!("CARGO_PKG_VERSION");
    Driver {
        name: "kmslint",
        full_name: concat!("kmslint ", env!("CARGO_PKG_VERSION")),
        version,
        semantic_version: version,
        information_uri: REPOSITORY,
        rules,
        notifications: vec![
            descriptor(
                NOT_JUDGED.id,
                "FileNotJudged",
                "A file could not be read or parsed, so nothing is said about it.",
                "Repair the file at the named place and run again.",
            ),
            descriptor(
                RESULTS_CUT.id,
                "ResultsCut",
                "There are more findings than fit into a log, so the least severe are left out.",
                "Raise --min-severity, or run once for each part of the templates.",
            ),
        ],
    }
}

fn descriptor(id: &'static str, name: &'static str, what: &str, help: &str) -> Descriptor {
    let text = |text: &str| Message { text: text.to_owned() };
    Descriptor { id, name, short_description: text(what), full_description: text(what), help: text(help) }
}

fn entry(finding: &Finding, rule_index: usize, lines: &mut Lines, sources: &Sources) -> Entry {
    let primary = &finding.primary;
    let evidence = finding.evidence.iter().enumerate().map(|(at, label)| Location {
        id: Some(at + 1),
        ..place::location(&label.place, Some(sentence(&label.text)), sources)
    });
    Entry {
        rule_id: finding.rule.id,
        rule_index,
        kind: "fail",
        level: rule::level(finding.rule.severity),
        message: Message { text: message(finding) },
        locations: [place::location(&primary.place, None, sources)],
        related_locations: evidence.collect(),
        code_flows: code_flow(finding, sources).into_iter().collect(),
        fingerprints: BTreeMap::from([("kmslint/v1", finding.fingerprint.clone())]),
        partial_fingerprints: BTreeMap::from([("primaryLocationLineHash", lines.hash(finding, sources))]),
        properties: primary.place.created.clone().map(|created_at| EntryProperties { created_at }),
    }
}

/// What is wrong, when, where to look, what to do.
fn message(finding: &Finding) -> String {
    let mut first = capital(&unlinked(&finding.message));
    if let Some(resource) = finding.primary.place.resource.as_ref().filter(|name| !first.contains(name.as_str())) {
        first.push_str(&format!(" (resource `{resource}`)"));
    }
    let mut parts = vec![sentence(&first)];
    parts.extend(when::sentence(&finding.certainty).map(|text| sentence(&unlinked(&capital(&text)))));
    parts.extend(finding.notes.iter().map(|note| sentence(&unlinked(&capital(note)))));
    parts.extend(finding.primary.place.created.iter().map(|line| format!("Created at `{line}`.")));
    let links =
        finding.evidence.iter().enumerate().map(|(at, label)| format!("[{}]({})", escaped(&label.text), at + 1));
    let links: Vec<_> = links.collect();
    if !links.is_empty() {
        parts.push(format!("See: {}.", links.join("; ")));
    }
    parts.extend(finding.help.iter().map(|help| format!("To repair it: {}", sentence(&unlinked(help)))));
    parts.join(" ")
}

/// A chain of places over several files, as the steps of its argument.
fn code_flow(finding: &Finding, sources: &Sources) -> Option<CodeFlow> {
    let labels = || std::iter::once(&finding.primary).chain(&finding.evidence);
    let files: BTreeSet<FileId> = labels().map(|label| label.place.span.file).collect();
    if finding.evidence.len() < 2 || files.len() < 2 {
        return None;
    }
    let step = |label: &Label| Step { location: place::step(&label.place, sentence(&label.text), sources) };
    Some(CodeFlow { thread_flows: [ThreadFlow { locations: labels().map(step).collect() }] })
}

/// The hashes of the lines of the files that have findings, and what was given out.
#[derive(Default)]
struct Lines {
    hashes: BTreeMap<FileId, Vec<String>>,
    given: BTreeSet<(&'static str, FileId, u32)>,
}

impl Lines {
    /// The hash of the finding's line. A second finding of a rule on one line gets its own fingerprint, so that the two do not merge.
    fn hash(&mut self, finding: &Finding, sources: &Sources) -> String {
        let span = finding.primary.place.span;
        let own = format!("{}:1", finding.fingerprint);
        let Some(file) = sources.file(span.file) else { return own };
        let line = file.line(span.start).get();
        if !self.given.insert((finding.rule.id, span.file, line)) {
            return own;
        }
        let hashes = self.hashes.entry(span.file).or_insert_with(|| line_hashes(&file.text));
        hashes.get(line as usize - 1).cloned().unwrap_or(own)
    }
}

/// The worst results that fit, in the order in which they came, and how many were cut.
fn worst(outcome: &Outcome, results: Vec<Entry>, most: usize, bytes: usize) -> (Vec<Entry>, usize) {
    let total = results.len();
    let mut order: Vec<_> =
        outcome.findings.iter().map(|finding| finding.rule.severity).zip(results).enumerate().collect();
    order.sort_by_key(|(at, (severity, _))| (std::cmp::Reverse(*severity), *at));
    let mut used = 0;
    let mut kept: Vec<_> = order
        .into_iter()
        .map(|(at, (_, result))| (at, result))
        .take(most)
        .take_while(|(_, result)| {
            used += size(result);
            used <= bytes
        })
        .collect();
    kept.sort_by_key(|(at, _)| *at);
    let cut = total - kept.len();
    (kept.into_iter().map(|(_, result)| result).collect(), cut)
}

/// Bytes that a result takes without indentation.
fn size(result: &Entry) -> usize {
    struct Count(usize);
    impl io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    // Counting has no way to fail.
    let _ = serde_json::to_writer(&mut count, result);
    count.0
}

fn not_judged(error: &FileError, sources: &Sources) -> Notification {
    let physical_location = error.span.and_then(|span| place::physical(span, sources)).unwrap_or_else(|| {
        PhysicalLocation { artifact_location: place::artifact(&error.file), region: None, context_region: None }
    });
    Notification {
        descriptor: NOT_JUDGED,
        level: "error",
        message: Message { text: sentence(&error.message) },
        locations: vec![Location {
            id: None,
            physical_location: Some(physical_location),
            logical_locations: Vec::new(),
            message: None,
        }],
    }
}

fn results_cut(cut: usize, kept: usize) -> Notification {
    let text = format!("The {kept} worst findings are listed, {cut} more were cut.");
    Notification { descriptor: RESULTS_CUT, level: "warning", message: Message { text }, locations: Vec::new() }
}

/// A text with a period.
fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().to_string() + rest.as_str())
}

/// The text of a link.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

/// A text in which nothing is taken for a link.
fn unlinked(text: &str) -> String {
    if text.contains("](") { escaped(text) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Certainty, Meta, Place};
    use crate::source::{SourceFile, Span};

    static LOW: Meta = Meta::of(
        "---\nid: b-low\ntitle: t\nseverity: low\ncategory: grants\ndefault: yes\nfix: no\nprecision: high\nsince: 0.1.0\n---\n",
    );
    static HIGH: Meta = Meta::of(
        "---\nid: a-high\ntitle: t\nseverity: high\ncategory: grants\ndefault: yes\nfix: no\nprecision: high\nsince: 0.1.0\n---\n",
    );

    fn finding(rule: &'static Meta, at: usize) -> Finding {
        let place = Place {
            span: Span::new(FileId(0), at, at + 1),
            stack: None,
            resource: Some("AppRole".to_owned()),
            construct: None,
            created: None,
            path: "Resources.AppRole.Properties.Policies[0].PolicyDocument.Statement[Sid=UseKey].Action".to_owned(),
        };
        let label = Label { place, text: "these actions have no effect".to_owned() };
        Finding {
            rule,
            message: format!("`AppRole` {at}"),
            primary: label.clone(),
            evidence: vec![label.clone(), label],
            certainty: Certainty::Always,
            help: None,
            notes: Vec::new(),
            subjects: Vec::new(),
            fingerprint: format!("{:016x}", at.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
        }
    }

    fn messages(log: &str) -> Vec<String> {
        let log: serde_json::Value = serde_json::from_str(log).unwrap();
        let run = &log["runs"][0];
        let notes = run["invocations"][0]["toolExecutionNotifications"].as_array().into_iter().flatten();
        let all = run["results"].as_array().unwrap().iter().chain(notes);
        all.map(|one| one["message"]["text"].as_str().unwrap().split(" See").next().unwrap().to_owned()).collect()
    }

    #[test]
    fn the_worst_results_are_kept_and_the_cut_is_counted() {
        let sources = Sources::new(vec![SourceFile::new(FileId(0), "a.yaml".to_owned(), "abcdef\n".to_owned())]);
        let findings = vec![finding(&LOW, 0), finding(&HIGH, 1), finding(&LOW, 2), finding(&HIGH, 3)];
        let outcome = Outcome { findings, ..Outcome::default() };
        let cut = render_within(&outcome, &sources, 3, BYTES);
        assert_eq!(
            messages(&cut),
            ["`AppRole` 0.", "`AppRole` 1.", "`AppRole` 3.", "The 3 worst findings are listed, 1 more were cut."]
        );
        let cut = render_within(&outcome, &sources, RESULTS, 3000);
        assert_eq!(messages(&cut), ["`AppRole` 1.", "The 1 worst findings are listed, 3 more were cut."]);
        assert_eq!(messages(&render_within(&outcome, &sources, RESULTS, BYTES)).len(), 4);
    }

    #[test]
    fn a_log_compresses_to_less_than_a_tenth() {
        let line = "              - { Effect: Allow, Action: ['kms:Decrypt'], Resource: !GetAtt DataKey.Arn }\n";
        let sources = Sources::new(vec![SourceFile::new(FileId(0), "templates/app.yaml".to_owned(), line.repeat(500))]);
        let findings: Vec<_> = (0..500).map(|at| finding(&HIGH, at * line.len() + 20)).collect();
        let mut lines = Lines::default();
        let bytes: usize = findings.iter().map(|one| size(&entry(one, 0, &mut lines, &sources))).sum();
        let log = render(&Outcome { findings, ..Outcome::default() }, &sources);
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        io::Write::write_all(&mut encoder, log.as_bytes()).unwrap();
        assert!(encoder.finish().unwrap().len() * 10 < bytes);
    }
}
