//! `--show-config`: what is in force, and where it comes from.

use super::given::{Flag, Given};
use kmslint::config::{Config, Outline};
use kmslint::report;
use kmslint::source::{FileId, SourceFile};

/// Flags that win over a key of the configuration, with the keys that lead to it.
const REPLACE: [(&str, &[&str]); 3] =
    [("min-severity", &["min-severity"]), ("fail-on", &["fail-on"]), ("select", &["rules", "select"])];

/// Flags that add to a list of the configuration.
const ADD: [(&str, &[&str]); 3] =
    [("exclude", &["files", "exclude"]), ("ignore", &["rules", "ignore"]), ("inventory", &["inventory"])];

/// Flags for which the configuration has no key.
const BESIDE: [&str; 10] = [
    "context",
    "no-ignore",
    "hidden",
    "stdin-filename",
    "account",
    "region",
    "partition",
    "parameters",
    "arns",
    "pedantic",
];

/// What is in force, as a configuration that could be read again; behind each value stands where it comes from.
pub(super) fn text(config: &Config, file: Option<&SourceFile>, given: &Given) -> String {
    let none = SourceFile::new(FileId(0), String::new(), String::new());
    let mut all = config.outline(file.unwrap_or(&none));
    for (flag, keys) in REPLACE {
        let Some((Flag { origin, values }, own)) = given.flag(flag).zip(all.at(keys)) else { continue };
        *own = match (own.clone(), values.as_slice()) {
            (Outline::List(..), values) => Outline::texts(values, origin),
            (_, values) => Outline::Scalar(values.join(",").into(), Some(origin.clone())),
        };
    }
    for (flag, keys) in ADD {
        let Some((Flag { origin, values }, own)) = given.flag(flag).zip(all.at(keys)) else { continue };
        own.put_first(Outline::texts(values, origin));
    }
    add_defaults(&mut all, given);
    let head = match file {
        Some(file) => format!("# {}, flags, variables and defaults\n", file.path),
        None => "# flags, variables and defaults: there is no configuration file\n".to_owned(),
    };
    let beside = BESIDE.iter().filter_map(|flag| given.flag(flag));
    let beside = beside.map(|flag| format!("# {}: {}\n", flag.origin, flag.values.join(", ")));
    format!("{head}{}{}", report::outline(&all), beside.collect::<String>())
}

/// What holds where nothing is said.
fn add_defaults(all: &mut Outline, given: &Given) {
    let is_asked =
        given.flag("pedantic").is_some() || all.at(&["rules", "select"]).is_some_and(|selected| !is_empty(selected));
    let shown = if is_asked { "info" } else { "low" };
    let shown = match all.at(&["min-severity"]) {
        Some(Outline::Scalar(severity, _)) => severity.clone(),
        _ => shown.into(),
    };
    let text = |text: &str, why: &str| Outline::Scalar(text.into(), Some(why.to_owned()));
    let defaults: [(&[&str], Outline); 11] = [
        (&["version"], Outline::Scalar(1.into(), Some("default".to_owned()))),
        (&["files", "include"], Outline::List(vec![text(".", "default")], None)),
        (&["files", "exclude"], none("default")),
        (&["min-severity"], Outline::Scalar(shown.clone(), Some("default".to_owned()))),
        (&["fail-on"], Outline::Scalar(shown, Some("default: whatever is shown".to_owned()))),
        (&["rules", "select"], none("default: every rule that is not opt-in")),
        (&["rules", "ignore"], none("default")),
        (&["stacks"], none("default: one of each template, or what cdk.out says")),
        (&["inventory"], none("default")),
        (&["inventory-complete"], Outline::Scalar(false.into(), Some("default".to_owned()))),
        (&["per-file"], none("default")),
    ];
    for (keys, default) in defaults {
        if let Some(own) = all.at(keys).filter(|own| is_empty(own)) {
            *own = default;
        }
    }
}

fn none(why: &str) -> Outline {
    Outline::List(Vec::new(), Some(why.to_owned()))
}

fn is_empty(outline: &Outline) -> bool {
    match outline {
        Outline::Nothing => true,
        Outline::List(items, _) => items.is_empty(),
        Outline::Scalar(..) | Outline::Mapping(_) => false,
    }
}
