//! The page of a rule, for a terminal, as markdown, or for programs.

use serde::Serialize;

use super::rules::Facts;
use super::{Listing, Style, as_json, page, page_address, plain};
use crate::finding::Meta;

/// Everything about one rule, ending with a line break.
#[must_use]
pub fn explain(listing: Listing, rule: &'static Meta, style: &Style) -> String {
    match listing {
        Listing::Text => text(rule, style),
        Listing::Markdown => rule.body().to_owned(),
        Listing::Json => as_json(&Explained {
            facts: Facts::of(rule),
            since: rule.since,
            cwe: (!rule.cwe.is_empty()).then_some(rule.cwe),
            yields_to: rule.yields_to().collect(),
            url: page_address(rule),
            page: rule.body(),
        }),
    }
}

#[derive(Serialize)]
struct Explained {
    #[serde(flatten)]
    facts: Facts,
    since: &'static str,
    cwe: Option<&'static str>,
    yields_to: Vec<&'static str>,
    url: String,
    page: &'static str,
}

fn text(rule: &'static Meta, style: &Style) -> String {
    let facts = Facts::of(rule);
    let mut remarks = vec![format!("{} severity", facts.severity), facts.category.to_owned()];
    remarks.push(if facts.default { "on by default" } else { "opt-in" }.to_owned());
    remarks.extend(facts.fixable.then(|| "--fix can repair it".to_owned()));
    let mut out = format!("{}: {}\n{}\n", page::bold(rule.id, style), rule.title, remarks.join(", "));
    if !facts.equivalents.is_empty() {
        let list = format!("also known as {}", facts.equivalents.join(", "));
        out.extend(plain::wrap(&list, style.columns()).into_iter().map(|line| line + "\n"));
    }
    out.push('\n');
    out.push_str(&page::text(rule, style));
    let silence = format!(
        "To accept one place, write `# kmslint: ignore[{}] -- reason` at the end of its line or on a line above it; \
         in JSON, name the rule and the reason under `Metadata.kmslint.ignore` of the resource.",
        rule.id
    );
    out.push('\n');
    page::push_lines(&mut out, plain::wrap(&silence, style.columns()), "");
    let address = page_address(rule);
    if !out.contains(&address) {
        out.push_str(&format!("\n{address}\n"));
    }
    out
}
