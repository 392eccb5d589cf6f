//! Which rules run, and from which severity on their findings are shown.

use crate::finding::{Category, Meta, Severity};
use std::collections::BTreeSet;
use std::str::FromStr;

/// What was asked for, by name.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Rules, categories or `ALL` that run instead of the default ones; empty: the default ones.
    pub select: Vec<String>,
    /// Rules, categories or `ALL` that do not run.
    pub ignore: Vec<String>,
    /// Whether opt-in rules run too.
    pub pedantic: bool,
    /// Rules for which something is set: they run with the default ones, also where they are opt-in.
    pub configured: Vec<&'static str>,
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
            let usual = rule.default || wish.pedantic || wish.configured.contains(&rule.id);
            let asked = if wish.select.is_empty() { usual } else { selected.contains(rule.id) };
            asked && !ignored.contains(rule.id)
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
        ids.extend(meant_by(all, name)?);
    }
    Ok(ids)
}

/// The ids of the rules that a name stands for: a rule's, a category's, or `ALL`.
///
/// # Errors
/// It is none of these.
pub fn meant_by(all: &[&'static Meta], name: &str) -> Result<Vec<&'static str>, UnknownName> {
    let means = |rule: &Meta| name == ALL || name == rule.id || name == rule.category.name();
    let ids: Vec<&str> = all.iter().filter(|rule| means(rule)).map(|rule| rule.id).collect();
    if ids.is_empty() && !names(all).any(|known| known == name) {
        return Err(UnknownName { name: name.to_owned(), closest: closest(name, names(all)).map(str::to_owned) });
    }
    Ok(ids)
}

/// Everything that may stand for rules: their names, the categories, and `ALL`.
pub fn names(all: &[&'static Meta]) -> impl Iterator<Item = &'static str> {
    let categories = Category::ALL.iter().map(|category| category.name());
    all.iter().map(|rule| rule.id).chain(categories).chain([ALL])
}

/// When findings fail a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOn {
    /// From this severity on.
    Severity(Severity),
    /// Never.
    Never,
}

/// What stands for [`FailOn::Never`].
const NEVER: &str = "never";

impl FailOn {
    /// The names of all of them.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Severity::ALL.into_iter().map(Severity::name).chain([NEVER])
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Severity(severity) => severity.name(),
            Self::Never => NEVER,
        }
    }

    /// Whether findings of this severity fail the run.
    #[must_use]
    pub fn fails(self, severity: Severity) -> bool {
        match self {
            Self::Severity(least) => severity >= least,
            Self::Never => false,
        }
    }
}

impl FromStr for FailOn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let severity = || severity(text).map_err(|known| format!("{known}, {NEVER}"));
        if text == NEVER { Ok(Self::Never) } else { severity().map(Self::Severity) }
    }
}

/// The severity of this name.
///
/// # Errors
/// There is none; the names there are.
pub fn severity(text: &str) -> Result<Severity, String> {
    let known = Severity::ALL.into_iter().find(|severity| severity.name() == text);
    known.ok_or_else(|| format!("one of {}", Severity::ALL.map(Severity::name).join(", ")))
}

/// The known name that a misspelt one most probably means.
#[must_use]
pub fn closest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let wrong = name.to_lowercase().replace('_', "-");
    let likeness = |known: &str| {
        let known = known.to_lowercase();
        // Two letters that changed places make a short name unlike itself.
        let is_slip = wrong.len() > 2 && strsim::osa_distance(&wrong, &known) == 1;
        strsim::jaro_winkler(&wrong, &known).max(if is_slip { 0.9 } else { 0.0 })
    };
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
        let wish = Wish { select: owned(select), ignore: owned(ignore), pedantic, ..Wish::default() };
        Choice::of(&[&NAMING, &ALIAS, &ROTATION], &wish)
    }

    #[test]
    fn without_a_wish_the_default_rules_run() {
        assert_eq!(ids(&[], &[], false), ["duplicate-alias", "rotation-disabled"]);
        assert_eq!(ids(&[], &[], true), ["alias-naming", "duplicate-alias", "rotation-disabled"]);
    }

    #[test]
    fn what_is_configured_runs_with_the_default_rules() {
        let wish = |select: &[&str]| Wish {
            configured: vec!["alias-naming"],
            select: select.iter().map(|name| (*name).to_owned()).collect(),
            ..Wish::default()
        };
        let runs = |wish: Wish| Choice::of(&[&NAMING, &ALIAS], &wish).unwrap().rules.len();
        assert_eq!(runs(wish(&[])), 2);
        assert_eq!(runs(wish(&["duplicate-alias"])), 1);
        assert_eq!(runs(Wish { ignore: vec!["aliases".to_owned()], ..wish(&[]) }), 0);
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
