//! The list of rules, for a terminal, as markdown (the index of the pages), or for programs.

use serde::Serialize;

use super::{Listing, Style, as_json, plain};
use crate::finding::{Category, Meta};

/// The rules, ending with a line break: as text and markdown by category, for programs in the given order.
#[must_use]
pub fn rules(listing: Listing, rules: &[&'static Meta], style: &Style) -> String {
    match listing {
        Listing::Text => text(rules, style),
        Listing::Markdown => markdown(rules),
        Listing::Json => as_json(&rules.iter().map(|rule| Facts::of(rule)).collect::<Vec<_>>()),
    }
}

/// What a rule's page says in its header.
#[derive(Serialize)]
pub(super) struct Facts {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) severity: &'static str,
    pub(super) category: &'static str,
    pub(super) default: bool,
    pub(super) fixable: bool,
    pub(super) equivalents: Vec<&'static str>,
}

impl Facts {
    pub(super) fn of(rule: &Meta) -> Self {
        Self {
            id: rule.id,
            title: rule.title,
            severity: rule.severity.name(),
            category: rule.category.name(),
            default: rule.default,
            fixable: rule.fixable,
            equivalents: rule.equivalents().collect(),
        }
    }
}

/// The rules of each category that has some, in the order of the catalogue.
fn by_category(rules: &[&'static Meta]) -> Vec<(Category, Vec<&'static Meta>)> {
    let of = |category| rules.iter().copied().filter(|rule| rule.category == category).collect::<Vec<_>>();
    Category::ALL.into_iter().map(|category| (category, of(category))).filter(|(_, rules)| !rules.is_empty()).collect()
}

fn text(rules: &[&'static Meta], style: &Style) -> String {
    let names = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let mut out = String::new();
    for (category, rules) in by_category(rules) {
        let name = category.name();
        out.push_str(&if style.color { format!("\x1b[1m{name}\x1b[0m\n") } else { format!("{name}\n") });
        for rule in rules {
            let mut title = rule.title.to_owned();
            title.push_str(match (rule.default, rule.fixable) {
                (true, true) => " (fixable)",
                (true, false) => "",
                (false, true) => " (opt-in, fixable)",
                (false, false) => " (opt-in)",
            });
            let begin = format!("  {:<names$}  {:<8}  ", rule.id, rule.severity.name());
            let room = style.columns().saturating_sub(begin.len()).max(24);
            for (at, line) in plain::wrap(&title, room).iter().enumerate() {
                let begin = if at == 0 { begin.clone() } else { " ".repeat(begin.len()) };
                out.push_str(&format!("{begin}{line}\n"));
            }
        }
        out.push('\n');
    }
    let on = rules.iter().filter(|rule| rule.default).count();
    out.push_str(&format!("{} rules, {on} on by default; one of them in full: kmslint explain RULE\n", rules.len()));
    out
}

fn markdown(rules: &[&'static Meta]) -> String {
    let on = rules.iter().filter(|rule| rule.default).count();
    let mut out = format!("# Rules\n\n{} rules, {on} on by default.\n", rules.len());
    for (category, rules) in by_category(rules) {
        out.push_str(&format!("\n## {}\n\n| rule | severity | default | fix | finds | elsewhere |\n", category.name()));
        out.push_str("|---|---|---|---|---|---|\n");
        for rule in rules {
            let yes = |is: bool| if is { "yes" } else { "no" };
            let elsewhere: Vec<_> = rule.equivalents().map(|one| format!("`{one}`")).collect();
            out.push_str(&format!(
                "| [{id}]({id}.md) | {} | {} | {} | {} | {} |\n",
                rule.severity.name(),
                yes(rule.default),
                yes(rule.fixable),
                rule.title.replace('|', "\\|"),
                elsewhere.join(", "),
                id = rule.id,
            ));
        }
    }
    out
}
