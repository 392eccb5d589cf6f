//! What a rule says: one defect, its place, its evidence, when it holds, and what to do.

mod meta;
mod options;

pub use meta::{Category, Meta, Severity};
pub use options::{Declared, ListOption, NumberOption, Setting, Settings, Takes};

use crate::resolve::{Guard, StackId};
use crate::source::Span;

/// A place in a stack: a template that is deployed twice gives two sites for one span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site {
    /// The stack.
    pub stack: StackId,
    /// The bytes.
    pub span: Span,
}

/// What a finding is about: a rule is silent on a subject on which a rule of its `yields-to` speaks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A resource of a stack: a key's policy as a whole, an alias, a bucket.
    Resource(StackId, String),
    /// A place: a statement, a value.
    Place(Site),
    /// A principal and a key, both by their text.
    Grant(String, String),
}

/// A place with the sentence that explains it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What it says there: lower case, no period.
    pub text: String,
}

/// A place as people and formats name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The bytes.
    pub span: Span,
    /// The stack's name, where it is known.
    pub stack: Option<String>,
    /// The logical id of the resource that holds it.
    pub resource: Option<String>,
    /// The construct path (`aws:cdk:path`) of that resource.
    pub construct: Option<String>,
    /// The line of the author's app that made the resource, as CDK remembers it: `lib/keys.ts:42`.
    pub created: Option<String>,
    /// The semantic path: `Resources.AppRole.Properties.Policies[0].PolicyDocument.Statement[Sid=UseKey].Action`.
    pub path: String,
}

/// What CDK remembers of a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Construct {
    /// Its construct path: `Keys/DataKey/Resource`.
    pub path: String,
    /// The line of the app that made it: `lib/keys.ts:42`.
    pub created: Option<String>,
}

/// How sure a finding is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// In every deployment.
    Always,
    /// Under each of these guards.
    Conditional(Vec<Guard>),
    /// As long as the parameters in these guards keep their defaults.
    Defaults(Vec<Guard>),
}

impl Certainty {
    /// The certainty of something that holds under each of these guards.
    #[must_use]
    pub fn of(mut guards: Vec<Guard>) -> Self {
        guards.sort();
        guards.dedup();
        if guards.iter().any(Guard::is_always) || guards.is_empty() {
            return Self::Always;
        }
        let only_defaults = guards.iter().all(|guard| guard.atoms().all(|(atom, holds)| holds && atom.is_default()));
        if only_defaults { Self::Defaults(guards) } else { Self::Conditional(guards) }
    }
}

/// A change of the text that a fix makes, by place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty where text is only added.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// One finding, complete: nothing has to be looked up to show it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Meta,
    /// What is wrong: one line that names what the author wrote.
    pub message: String,
    /// Where, with what to say at that place.
    pub primary: Label,
    /// Why: other places, in the order of the argument.
    pub evidence: Vec<Label>,
    /// How sure.
    pub certainty: Certainty,
    /// What to do, in the author's terms.
    pub help: Option<String>,
    /// Further remarks without a place.
    pub notes: Vec<String>,
    /// What it is about.
    pub subjects: Vec<Subject>,
    /// Stable identity: survives moved lines, not a changed subject. 16 hexadecimal digits.
    pub fingerprint: String,
}

impl Finding {
    /// The finding as those see it who ask for some places only: where the defect stands elsewhere, at the evidence that is theirs. None where
    /// nothing of it is.
    #[must_use]
    pub fn seen_at(mut self, is_asked_for: impl Fn(&Place) -> bool) -> Option<Self> {
        if is_asked_for(&self.primary.place) {
            return Some(self);
        }
        let own = self.evidence.iter_mut().find(|label| is_asked_for(&label.place))?;
        std::mem::swap(&mut self.primary, own);
        Some(self)
    }
}

/// Something that could not be decided, with the reason: counted, never a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecided {
    /// What was asked: `grant`, `key policy`, `alias`, `rotation`…
    pub what: &'static str,
    /// The principal, where there is one.
    pub principal: Option<String>,
    /// The key, where there is one.
    pub key: Option<String>,
    /// The actions, where there are some.
    pub actions: Vec<String>,
    /// Where.
    pub place: Place,
    /// Why: lower case, no period.
    pub why: String,
}

/// A file that could not be read or parsed: an error, not a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// The path as shown.
    pub file: String,
    /// What is wrong and what to do.
    pub message: String,
    /// Where, if the file's text could be read.
    pub span: Option<Span>,
}

/// Everything that one run has to tell: what every format is made of.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The findings, sorted by file, place and rule.
    pub findings: Vec<Finding>,
    /// What could not be decided.
    pub undecided: Vec<Undecided>,
    /// Files that could not be judged.
    pub errors: Vec<FileError>,
    /// Files that are no templates.
    pub skipped: Vec<String>,
    /// How many templates were judged.
    pub files: usize,
    /// How many findings were suppressed.
    pub suppressed: usize,
    /// How many findings are in the baseline.
    pub baselined: usize,
    /// The rules that ran, sorted by id.
    pub rules: Vec<&'static Meta>,
}
