//! Rule pages: each is the documentation of a rule, and its test.

pub(crate) mod example;
mod rewrite;
pub(crate) mod run;

use example::{Example, examples, section};
use kmslint::finding::{Category, Finding, Severity, Takes};
use kmslint::rules::{RULES, Rule, rule};
use rewrite::{Rewrite, renamed};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")
}

/// Names of the pages, without `.md`.
fn pages() -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let stems = names.filter_map(|name| name.strip_suffix(".md").map(str::to_owned));
    stems.filter(|stem| stem != "README").collect()
}

/// Calls something with each rule and each of its examples in a section.
fn each_example(section: &str, with: impl Fn(&'static Rule, &Example, &mut Vec<String>)) {
    let mut wrong = Vec::new();
    for rule in RULES {
        let all = examples(rule.meta.page, section);
        assert!(!all.is_empty(), "{} has no example under `{section}`", rule.meta.id);
        all.iter().for_each(|example| with(rule, example, &mut wrong));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_bad_example_is_found_on_exactly_its_marked_lines() {
    each_example("Bad", |rule, example, wrong| {
        let (sources, findings, _) = run::check(rule, &example.files);
        let found = run::places(&sources, &findings);
        let marked =
            |file: &example::File| file.expected.iter().map(|line| (file.name.clone(), *line)).collect::<Vec<_>>();
        let expected: Vec<_> = example.files.iter().flat_map(marked).collect();
        if expected.is_empty() || found != expected {
            wrong.push(format!("{} / {}:\n  marked {expected:?}\n  found  {found:?}", rule.meta.id, example.title));
        }
    });
}

#[test]
fn a_good_example_is_not_found() {
    each_example("Good", |rule, example, wrong| {
        let (sources, findings, _) = run::check(rule, &example.files);
        if !findings.is_empty() {
            let found = run::places(&sources, &findings);
            wrong.push(format!("{} / {}: {found:?}: {}", rule.meta.id, example.title, findings[0].message));
        }
    });
}

#[test]
fn what_cannot_be_known_is_counted_and_not_found() {
    let mut wrong = Vec::new();
    for rule in RULES {
        let unknown = examples(rule.meta.page, "Good")
            .into_iter()
            .filter(|example| example.title.ends_with("Not known from here"));
        for example in unknown {
            let (_, findings, undecided) = run::check(rule, &example.files);
            let silent =
                ["statement-without-effect", "alias-targets-alias", "alias-arn-in-resource", "key-id-in-resource"];
            if !findings.is_empty() || (undecided.is_empty() && !silent.contains(&rule.meta.id)) {
                wrong.push(format!("{}: {findings:?} {undecided:?}", rule.meta.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What must stay the same when a template is written in another way.
fn essence(findings: &[Finding], rename: bool) -> BTreeSet<(String, String, usize)> {
    let essence = findings.iter().map(|finding| {
        let place = &finding.primary.place;
        let resource = place.resource.clone().unwrap_or_default();
        let resource = if rename { renamed(&resource) } else { resource };
        let path = place.path.splitn(3, '.').nth(2).unwrap_or_default();
        let path = path.chars().filter(|character| !character.is_ascii_digit()).collect();
        let guards = match &finding.certainty {
            kmslint::finding::Certainty::Always => 0,
            kmslint::finding::Certainty::Conditional(guards) | kmslint::finding::Certainty::Defaults(guards) => {
                guards.len()
            }
        };
        (resource, path, guards)
    });
    essence.collect()
}

#[test]
fn another_spelling_of_an_example_gives_the_same_findings() {
    let rewrites = [
        ("as JSON in long form", Rewrite::default()),
        ("with resources reversed", Rewrite { reversed: true, ..Rewrite::default() }),
        ("with statements reversed", Rewrite { statements_reversed: true, ..Rewrite::default() }),
        ("with logical ids renamed", Rewrite { renamed: true, ..Rewrite::default() }),
    ];
    for section in ["Bad", "Good"] {
        each_example(section, |rule, example, wrong| {
            // The tree keeps one of two equal keys, and which of two aliases is the second depends on their order.
            if rule.meta.id == "duplicate-key" {
                return;
            }
            let (_, findings, _) = run::check(rule, &example.files);
            for (how, rewrite) in rewrites {
                if rewrite.reversed && rule.meta.id == "duplicate-alias" {
                    continue;
                }
                let files: Vec<_> = example.files.iter().map(|file| rewrite.file(file)).collect();
                let (_, again, _) = run::check(rule, &files);
                let (before, after) = (essence(&findings, rewrite.renamed), essence(&again, false));
                if before != after {
                    wrong.push(format!(
                        "{} / {} {how}:\n  before {before:?}\n  after  {after:?}",
                        rule.meta.id, example.title
                    ));
                }
            }
        });
    }
}

#[test]
fn messages_begin_in_lower_case_and_end_without_a_period() {
    each_example("Bad", |rule, example, wrong| {
        let (_, findings, undecided) = run::check(rule, &example.files);
        for finding in &findings {
            let evidence = finding.evidence.iter().map(|label| label.text.as_str());
            let texts = [finding.message.as_str(), finding.primary.text.as_str()].into_iter().chain(evidence);
            let texts = texts.chain(finding.help.as_deref()).chain(finding.notes.iter().map(String::as_str));
            for text in texts.filter(|text| !is_well_worded(text)) {
                wrong.push(format!("{}: {text}", rule.meta.id));
            }
            if finding.help.is_none() {
                wrong.push(format!("{} does not say what to do", rule.meta.id));
            }
        }
        for question in undecided.iter().filter(|question| !is_well_worded(&question.why)) {
            wrong.push(format!("{}: {}", rule.meta.id, question.why));
        }
    });
}

/// Lower case (names of services and of formats may stand first), one line, no period, no doubled blanks.
fn is_well_worded(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    let is_name = first.chars().skip(1).any(char::is_uppercase) || first.starts_with('`');
    let lower = is_name || !first.starts_with(char::is_uppercase);
    lower && !text.ends_with('.') && !text.contains('\n') && !text.contains("  ")
}

#[test]
fn fingerprints_have_16_digits_and_outlive_moved_lines() {
    each_example("Bad", |rule, example, wrong| {
        let moved: Vec<_> = example
            .files
            .iter()
            .map(|file| {
                let shift = if file.name.ends_with(".json") { "\n\n\n" } else { "# moved\n\n\n" };
                example::File { text: format!("{shift}{}", file.text), ..file.clone() }
            })
            .collect();
        let fingerprints = |files: &[example::File]| -> Vec<String> {
            run::check(rule, files).1.into_iter().map(|finding| finding.fingerprint).collect()
        };
        let (before, after) = (fingerprints(&example.files), fingerprints(&moved));
        if before != after
            || before.iter().any(|print| print.len() != 16 || !print.bytes().all(|b| b.is_ascii_hexdigit()))
        {
            wrong.push(format!("{} / {}: {before:?} {after:?}", rule.meta.id, example.title));
        }
    });
}

#[test]
fn rules_are_sorted_and_each_is_found_by_its_name() {
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.meta.id).collect();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(ids, sorted);
    for id in ids {
        assert_eq!(rule(id).map(|rule| rule.meta.id), Some(id));
    }
}

#[test]
fn each_rule_has_a_page_and_each_page_a_rule() {
    let rules: BTreeSet<String> = RULES.iter().map(|rule| rule.meta.id.to_owned()).collect();
    assert_eq!(rules, pages());
}

#[test]
fn id_page_and_module_have_one_name() {
    for rule in RULES {
        let id = rule.meta.id;
        let page = std::fs::read_to_string(folder().join(format!("{id}.md"))).unwrap();
        assert_eq!(page, rule.meta.page, "{id} includes another page");
        let module = folder().join(format!("../src/rules/{}.rs", id.replace('-', "_")));
        let code = std::fs::read_to_string(&module).unwrap_or_else(|_| panic!("{id} has no module of its name"));
        assert!(code.contains(&format!("rules/{id}.md")), "{id}: its module includes another page");
    }
}

#[test]
fn each_page_has_all_sections() {
    for rule in RULES {
        let page = rule.meta.page;
        assert!(page.contains(&format!("\n---\n# {}\n", rule.meta.id)), "{}: no heading", rule.meta.id);
        for name in ["Why it matters", "Bad", "Good", "Fix", "When to ignore", "References"] {
            let lines = section(page, name).unwrap_or_else(|| panic!("{} has no section `{name}`", rule.meta.id));
            assert!(lines.iter().any(|line| !line.trim().is_empty()), "{}: `{name}` is empty", rule.meta.id);
        }
    }
}

#[test]
fn every_option_is_declared_well_and_explained() {
    for Rule { meta, .. } in RULES {
        let line = meta.page.lines().find_map(|line| line.strip_prefix("options: ")).unwrap_or_default();
        let declared: Vec<_> = meta.options().collect();
        assert_eq!(declared.len(), line.split(',').filter(|option| !option.is_empty()).count(), "{}: {line}", meta.id);
        for option in declared {
            let is_sound = match option.takes {
                Takes::Number { least, most } => least < most,
                Takes::List => line.contains(&format!("{} list", option.name)),
            };
            let lines = section(meta.page, "Options").unwrap_or_default();
            let is_explained = lines.iter().any(|line| line.contains(&format!("`{}`", option.name)));
            assert!(is_sound && is_explained, "{}: {}", meta.id, option.name);
        }
    }
}

#[test]
fn headers_name_rules_tools_and_weaknesses_that_there_are() {
    const TOOLS: [&str; 13] = [
        "cfn-lint",
        "checkov",
        "cfn_nag",
        "guard-registry",
        "cfripper",
        "kics",
        "trivy",
        "cdk-nag",
        "access-analyzer",
        "security-hub",
        "control-tower",
        "prowler",
        "parliament",
    ];
    for Rule { meta, .. } in RULES {
        for other in meta.yields_to() {
            assert!(rule(other).is_some(), "{} yields to `{other}`, which is no rule", meta.id);
            assert_ne!(other, meta.id);
        }
        for equivalent in meta.equivalents() {
            let (tool, id) = equivalent.split_once(':').unwrap_or_else(|| panic!("{}: `{equivalent}`", meta.id));
            assert!(TOOLS.contains(&tool) && !id.is_empty(), "{}: `{equivalent}`", meta.id);
        }
        assert!(meta.cwe.bytes().all(|byte| byte.is_ascii_digit()), "{}: CWE `{}`", meta.id, meta.cwe);
        assert!(["very-high", "high", "medium", "low"].contains(&meta.precision), "{}", meta.id);
        assert!(meta.severity != Severity::Info || !meta.default, "{}: info rules are opt-in", meta.id);
        assert!(is_well_worded(meta.title), "{}: {}", meta.id, meta.title);
    }
}

#[test]
fn relative_links_of_pages_lead_somewhere() {
    for rule in RULES {
        for target in
            rule.meta.page.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target)
        {
            if target.starts_with("https://") {
                continue;
            }
            assert!(folder().join(target).is_file(), "{}: dead link `{target}`", rule.meta.id);
        }
    }
}

/// The index of all rules: `rules/README.md`.
fn index() -> String {
    let mut text = String::from(
        "# Rules\n\nEach page says why a rule matters, what it finds and what it leaves alone, and how to repair it; its examples run as tests.\n",
    );
    for category in Category::ALL {
        let rules: Vec<_> = RULES.iter().filter(|rule| rule.meta.category == category).collect();
        if rules.is_empty() {
            continue;
        }
        text.push_str(&format!("\n## {}\n\n| rule | severity | what it finds |\n|---|---|---|\n", category.name()));
        for Rule { meta, .. } in rules {
            let opt_in = if meta.default { "" } else { " (opt-in)" };
            text.push_str(&format!(
                "| [{0}]({0}.md) | {1}{opt_in} | {2} |\n",
                meta.id,
                meta.severity.name(),
                meta.title
            ));
        }
    }
    text
}

/// `KMSLINT_WRITE_INDEX=1 cargo test pages` writes it anew.
#[test]
fn the_index_lists_every_rule() {
    let path = folder().join("README.md");
    if std::env::var_os("KMSLINT_WRITE_INDEX").is_some() {
        std::fs::write(&path, index()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), index(), "run the tests with KMSLINT_WRITE_INDEX=1");
}
