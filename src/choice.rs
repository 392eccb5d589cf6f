//! Which rules run, and from which severity on their findings are shown.

use crate::finding::{Category, Meta, Severity};
use std::collections::BTreeSet;

/// What was asked for, by name.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Rules, categories or `ALL` that run instead of the default ones; empty: the default ones.
    pub select: Vec<String>,
    /// Rules, categories or `ALL` that do not run.
    pub ignore: Vec<String>,
    /// Whether opt-in rules run too.
    pub pedantic: bool,
    /// The least severity that is shown; none: `low`, or everything where rules were asked for.
    pub min_severity: Option<Severity>,
}

/// The rules of a run.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// The rules, in the order they were offered.
    pub rules: Vec<&'static Meta>,
    /// The least severity that is shown.
    pub min_severity: Option<Severity>,
}

/// A name that is neither a rule's nor a category's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown rule or category `{name}`{}: `kmslint rules` lists them", suggestion(.closest.as_deref()))]
pub struct UnknownName {
    /// What was given.
    pub name: String,
    /// The name that resembles it most.
    pub closest: Option<String>,
}

/// Everything that has no narrower name.
const ALL: &str = "ALL";

impl Choice {
    /// Picks from all rules what was asked for.
    ///
    /// # Errors
    /// A name is unknown.
    pub fn of(all: &[&'static Meta], wish: &Wish) -> Result<Self, UnknownName> {
        let selected = named(all, &wish.select)?;
        let ignored = named(all, &wish.ignore)?;
        let runs = |rule: &&'static Meta| {
            let asked = if wish.select.is_empty() { rule.default } else { selected.contains(rule.id) };
            (asked || wish.pedantic && wish.select.is_empty()) && !ignored.contains(rule.id)
        };
        let asked_for_all = wish.pedantic || !wish.select.is_empty();
        let usual = if asked_for_all { Severity::Info } else { Severity::Low };
        let rules = all.iter().copied().filter(runs).collect();
        Ok(Self { rules, min_severity: Some(wish.min_severity.unwrap_or(usual)) })
    }

    /// Whether findings of this severity are shown.
    #[must_use]
    pub fn shows(&self, severity: Severity) -> bool {
        self.min_severity.is_none_or(|least| severity >= least)
    }
}

/// The ids of the rules that the names stand for.
fn named(all: &[&'static Meta], names: &[String]) -> Result<BTreeSet<&'static str>, UnknownName> {
    let mut ids = BTreeSet::new();
    for name in names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
        let means = |rule: &Meta| name == ALL || name == rule.id || name == rule.category.name();
        let before = ids.len();
        ids.extend(all.iter().filter(|rule| means(rule)).map(|rule| rule.id));
        let is_category = Category::ALL.iter().any(|category| category.name() == name);
        let is_known = ids.len() > before || is_category || name == ALL || all.iter().any(|rule| rule.id == name);
        if !is_known {
            let categories = Category::ALL.iter().map(|category| category.name());
            let known = all.iter().map(|rule| rule.id).chain(categories).chain([ALL]);
            return Err(UnknownName { name: name.to_owned(), closest: closest(name, known).map(str::to_owned) });
        }
    }
    Ok(ids)
}

/// The known name that a misspelt one most probably means.
#[must_use]
pub fn closest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let wrong = name.to_lowercase().replace('_', "-");
    let likeness = |known: &str| strsim::jaro_winkler(&wrong, &known.to_lowercase());
    let best = known.map(|known| (likeness(known), known)).max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)))?;
    (best.0 > 0.75).then_some(best.1)
}

fn suggestion(closest: Option<&str>) -> String {
    closest.map(|name| format!(", did you mean `{name}`")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! rule {
        ($name:ident, $id:literal, $severity:literal, $category:literal, $default:literal) => {
            static $name: Meta = Meta::of(concat!(
                "---\nid: ",
                $id,
                "\ntitle: t\nseverity: ",
                $severity,
                "\ncategory: ",
                $category,
                "\ndefault: ",
                $default,
                "\nfix: no\nprecision: high\nsince: 0.1.0\n---\n"
            ));
        };
    }

    rule!(ALIAS, "duplicate-alias", "medium", "aliases", "yes");
    rule!(NAMING, "alias-naming", "info", "aliases", "no");
    rule!(ROTATION, "rotation-disabled", "low", "rotation", "yes");

    fn ids(select: &[&str], ignore: &[&str], pedantic: bool) -> Vec<&'static str> {
        choice(select, ignore, pedantic).unwrap().rules.iter().map(|rule| rule.id).collect()
    }

    fn choice(select: &[&str], ignore: &[&str], pedantic: bool) -> Result<Choice, UnknownName> {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let wish = Wish { select: owned(select), ignore: owned(ignore), pedantic, min_severity: None };
        Choice::of(&[&NAMING, &ALIAS, &ROTATION], &wish)
    }

    #[test]
    fn without_a_wish_the_default_rules_run() {
        assert_eq!(ids(&[], &[], false), ["duplicate-alias", "rotation-disabled"]);
        assert_eq!(ids(&[], &[], true), ["alias-naming", "duplicate-alias", "rotation-disabled"]);
    }

    #[test]
    fn names_are_rules_categories_or_all() {
        assert_eq!(ids(&["alias-naming"], &[], false), ["alias-naming"]);
        assert_eq!(ids(&["aliases"], &["alias-naming"], false), ["duplicate-alias"]);
        assert_eq!(ids(&["ALL"], &["rotation"], false), ["alias-naming", "duplicate-alias"]);
        assert_eq!(ids(&["exposure"], &[], false), [] as [&str; 0]);
    }

    #[test]
    fn info_is_shown_where_it_was_asked_for() {
        assert_eq!(choice(&[], &[], false).unwrap().min_severity, Some(Severity::Low));
        assert_eq!(choice(&["alias-naming"], &[], false).unwrap().min_severity, Some(Severity::Info));
        assert_eq!(choice(&[], &[], true).unwrap().min_severity, Some(Severity::Info));
    }

    #[test]
    fn an_unknown_name_gets_a_suggestion() {
        let error = choice(&["rotation-disable"], &[], false).unwrap_err();
        let text =
            "unknown rule or category `rotation-disable`, did you mean `rotation-disabled`: `kmslint rules` lists them";
        assert_eq!(error.to_string(), text);
        assert_eq!(choice(&[], &["zzzz"], false).unwrap_err().closest, None);
    }
}
