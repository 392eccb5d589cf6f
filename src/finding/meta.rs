//! The facts of a rule, read from the header of its page at compile time.
#![expect(clippy::panic, clippy::indexing_slicing, reason = "runs at compile time: a bad page does not build")]

use super::options::{Declared, ListOption, NumberOption, Takes};

/// How bad it is. Belongs to the rule, not to the finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth a look.
    Low,
    /// Dangerous, or fails under likely conditions.
    Medium,
    /// Will fail, has no effect, or loses data.
    High,
    /// Open to strangers.
    Critical,
}

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Whether a permission is effective.
    Grants,
    /// Trust in the account, lockout.
    Trust,
    /// Cycles and ordering.
    Cycles,
    /// Rotation and key properties.
    Rotation,
    /// Aliases.
    Aliases,
    /// What KMS or IAM accept in a policy.
    Policy,
    /// Who else may use a key.
    Exposure,
    /// What a service needs on a key.
    Integration,
    /// Deletion and replacement.
    Lifecycle,
    /// How a key is named.
    References,
    /// The files themselves.
    Files,
}

/// The header of a rule's page.
#[derive(Debug, PartialEq, Eq)]
pub struct Meta {
    /// The rule's name.
    pub id: &'static str,
    /// One line: what it finds.
    pub title: &'static str,
    /// How bad.
    pub severity: Severity,
    /// What about.
    pub category: Category,
    /// Whether it runs without being selected.
    pub default: bool,
    /// Whether a machine can apply its fix.
    pub fixable: bool,
    /// SARIF's precision: `very-high`, `high`, `medium`, `low`.
    pub precision: &'static str,
    /// The version that brought it.
    pub since: &'static str,
    /// Rules to which it yields, separated by commas; see [`Meta::yields_to`].
    yields_to: &'static str,
    /// The same check in other tools, `tool:id` separated by commas; see [`Meta::equivalents`].
    equivalents: &'static str,
    /// What may be set, `name list` or `name 7-30` separated by commas; see [`Meta::options`].
    options: &'static str,
    /// CWE number, such as `284`; empty where none fits.
    pub cwe: &'static str,
    /// The whole page.
    pub page: &'static str,
}

impl Severity {
    /// All, from the least.
    pub const ALL: [Self; 5] = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// Its name in options, pages and outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The one of this name. An unknown name runs past the end, which is an error of the build.
    const fn named(name: &str) -> Self {
        let mut at = 0;
        while !same(Self::ALL[at].name().as_bytes(), name.as_bytes()) {
            at += 1;
        }
        Self::ALL[at]
    }
}

impl Category {
    /// All, in the order of the catalogue.
    pub const ALL: [Self; 11] = [
        Self::Grants,
        Self::Trust,
        Self::Cycles,
        Self::Rotation,
        Self::Aliases,
        Self::Policy,
        Self::Exposure,
        Self::Integration,
        Self::Lifecycle,
        Self::References,
        Self::Files,
    ];

    /// Its name in options, pages and outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Grants => "grants",
            Self::Trust => "trust",
            Self::Cycles => "cycles",
            Self::Rotation => "rotation",
            Self::Aliases => "aliases",
            Self::Policy => "policy",
            Self::Exposure => "exposure",
            Self::Integration => "integration",
            Self::Lifecycle => "lifecycle",
            Self::References => "references",
            Self::Files => "files",
        }
    }

    /// The one of this name. An unknown name runs past the end, which is an error of the build.
    const fn named(name: &str) -> Self {
        let mut at = 0;
        while !same(Self::ALL[at].name().as_bytes(), name.as_bytes()) {
            at += 1;
        }
        Self::ALL[at]
    }
}

impl Meta {
    /// Reads the header of a page: lines `key: value` between two lines `---`. A page with a bad header does not build.
    #[must_use]
    pub const fn of(page: &'static str) -> Self {
        Self {
            id: required(page, "id"),
            title: required(page, "title"),
            severity: Severity::named(required(page, "severity")),
            category: Category::named(required(page, "category")),
            default: yes(required(page, "default")),
            fixable: yes(required(page, "fix")),
            precision: required(page, "precision"),
            since: required(page, "since"),
            yields_to: optional(page, "yields-to"),
            equivalents: optional(page, "equivalents"),
            options: optional(page, "options"),
            cwe: optional(page, "cwe"),
            page,
        }
    }

    /// Rules on whose subjects this one is silent.
    pub fn yields_to(&self) -> impl Iterator<Item = &'static str> {
        list(self.yields_to)
    }

    /// The same check in other tools: `checkov:CKV_AWS_7`.
    pub fn equivalents(&self) -> impl Iterator<Item = &'static str> {
        list(self.equivalents)
    }

    /// What may be set for this rule.
    pub fn options(&self) -> impl Iterator<Item = Declared> {
        list(self.options).filter_map(|option| {
            let (name, takes) = option.split_once(' ')?;
            let takes = match takes.split_once('-') {
                Some((least, most)) => Takes::Number { least: least.parse().ok()?, most: most.parse().ok()? },
                None => Takes::List,
            };
            Some(Declared { name, takes })
        })
    }

    /// The option of this name, which takes a number. One that the page does not declare so does not build where a rule makes it a constant.
    #[must_use]
    pub const fn number(&self, name: &'static str) -> NumberOption {
        assert!(takes(self.options, name)[0].is_ascii_digit(), "the page declares no such number");
        NumberOption { rule: self.id, name }
    }

    /// The option of this name, which takes a list. One that the page does not declare so does not build where a rule makes it a constant.
    #[must_use]
    pub const fn list(&self, name: &'static str) -> ListOption {
        assert!(same(takes(self.options, name), b"list"), "the page declares no such list");
        ListOption { rule: self.id, name }
    }

    /// The page without its header.
    #[must_use]
    pub fn body(&self) -> &'static str {
        self.page.splitn(3, "---\n").nth(2).unwrap_or("").trim_start()
    }
}

fn list(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

/// What an option takes, as the header says it.
const fn takes(options: &'static str, name: &str) -> &'static [u8] {
    let bytes = options.as_bytes();
    let mut start = 0;
    let mut at = 0;
    while at <= bytes.len() {
        if at == bytes.len() || bytes[at] == b',' {
            let option = slice(bytes, start, at).trim_ascii();
            if option.len() > name.len() + 1
                && same(slice(option, 0, name.len()), name.as_bytes())
                && option[name.len()] == b' '
            {
                return slice(option, name.len() + 1, option.len());
            }
            start = at + 1;
        }
        at += 1;
    }
    panic!("the page declares no option of this name")
}

const fn yes(text: &str) -> bool {
    if same(text.as_bytes(), b"yes") {
        return true;
    }
    assert!(same(text.as_bytes(), b"no"), "`default` and `fix` are `yes` or `no`");
    false
}

const fn required(page: &'static str, key: &str) -> &'static str {
    let value = optional(page, key);
    assert!(!value.is_empty(), "a rule page lacks a line of its header");
    value
}

/// The value of a header line; empty where there is none.
const fn optional(page: &'static str, key: &str) -> &'static str {
    let bytes = page.as_bytes();
    let mut at = next_line(bytes, 0);
    assert!(same(slice(bytes, 0, at), b"---\n"), "a rule page begins with `---`");
    loop {
        assert!(at < bytes.len(), "the header of a rule page ends with `---`");
        let end = next_line(bytes, at);
        let line = slice(bytes, at, end - 1);
        if same(line, b"---") {
            return "";
        }
        if line.len() > key.len() + 1 && line[key.len()] == b':' && same(slice(line, 0, key.len()), key.as_bytes()) {
            let value = slice(line, key.len() + 1, line.len()).trim_ascii();
            return match std::str::from_utf8(value) {
                Ok(text) => text,
                Err(_) => panic!("a rule page is UTF-8"),
            };
        }
        at = end;
    }
}

/// The offset behind the next line break.
const fn next_line(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && bytes[at] != b'\n' {
        at += 1;
    }
    at + 1
}

const fn slice(bytes: &[u8], start: usize, end: usize) -> &[u8] {
    bytes.split_at(start).1.split_at(end - start).0
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}
