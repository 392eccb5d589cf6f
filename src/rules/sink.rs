//! Where rules put what they find: fills in places, certainty, fingerprints.

use crate::estate::Estate;
use crate::finding::{Certainty, Finding, Label, Meta, Site, Subject, Undecided};
use crate::resolve::Guard;

/// Collects the findings of one rule.
pub struct Sink<'e> {
    estate: &'e Estate,
    rule: &'static Meta,
    /// What was found.
    pub findings: Vec<Finding>,
    /// What could not be decided.
    pub undecided: Vec<Undecided>,
}

/// A finding in the making; complete when it is dropped into the sink by the next statement.
pub struct Report<'s> {
    finding: &'s mut Finding,
    guards: Vec<Guard>,
    estate: &'s Estate,
}

impl<'e> Sink<'e> {
    /// An empty sink for one rule.
    #[must_use]
    pub fn new(estate: &'e Estate, rule: &'static Meta) -> Self {
        Self { estate, rule, findings: Vec::new(), undecided: Vec::new() }
    }

    /// Reports a finding at a site; `message` is one line that names what the author wrote, lower case, no period.
    /// Its subject is the resource at the site until [`Report::about`] says otherwise.
    pub fn report(&mut self, site: Site, message: impl Into<String>) -> Report<'_> {
        let place = self.estate.place(site);
        let subject = place.resource.clone().map(|resource| Subject::Resource(site.stack, resource));
        self.findings.push(Finding {
            rule: self.rule,
            message: message.into(),
            primary: Label { place, text: String::new() },
            evidence: Vec::new(),
            certainty: Certainty::Always,
            help: None,
            notes: Vec::new(),
            subjects: subject.into_iter().collect(),
            fingerprint: String::new(),
        });
        let at = self.findings.len() - 1;
        Report { finding: &mut self.findings[at], guards: Vec::new(), estate: self.estate }
    }

    /// Counts something that cannot be decided.
    pub fn undecided(&mut self, what: &'static str, site: Site, why: impl Into<String>) -> &mut Undecided {
        let place = self.estate.place(site);
        self.undecided.push(Undecided { what, principal: None, key: None, actions: Vec::new(), place, why: why.into() });
        let at = self.undecided.len() - 1;
        &mut self.undecided[at]
    }
}

impl Report<'_> {
    /// What to say at the primary place itself, where the message alone would not do.
    pub fn here(&mut self, text: impl Into<String>) -> &mut Self {
        self.finding.primary.text = text.into();
        self
    }

    /// It holds under this guard; called several times: under each of them.
    pub fn when(&mut self, guard: &Guard) -> &mut Self {
        self.guards.push(guard.clone());
        self.finding.certainty = Certainty::of(self.guards.clone());
        self
    }

    /// Evidence at another place.
    pub fn also(&mut self, site: Site, text: impl Into<String>) -> &mut Self {
        let place = self.estate.place(site);
        self.finding.evidence.push(Label { place, text: text.into() });
        self
    }

    /// What to do.
    pub fn help(&mut self, text: impl Into<String>) -> &mut Self {
        self.finding.help = Some(text.into());
        self
    }

    /// A remark without a place.
    pub fn note(&mut self, text: impl Into<String>) -> &mut Self {
        self.finding.notes.push(text.into());
        self
    }

    /// What the finding is about, for `yields-to`, beside the resource it stands on.
    pub fn about(&mut self, subject: Subject) -> &mut Self {
        self.finding.subjects.push(subject);
        self
    }
}
