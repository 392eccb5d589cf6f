//! Where rules put what they find: fills in places, certainty, fingerprints.

use super::words::{agreeing, bounded, list};
use super::worlds;
use crate::estate::Estate;
use crate::finding::{Certainty, Finding, Label, Meta, Place, Site, Subject, Undecided};
use crate::resolve::{Atom, Guard, StackId};
use std::collections::{BTreeMap, BTreeSet};

/// Collects the findings of one rule.
#[derive(Debug)]
pub struct Sink<'e> {
    estate: &'e Estate,
    rule: &'static Meta,
    drafts: Vec<Draft>,
    draft: Option<Draft>,
    questions: Vec<(StackId, Undecided)>,
    question: Option<(StackId, Undecided)>,
}

/// A finding before it is known what other rules say about its subjects.
#[derive(Debug)]
pub(super) struct Draft {
    /// The stack in which it stands.
    pub(super) stack: StackId,
    /// When it holds: under each of these; always, where there is none.
    guards: Vec<Guard>,
    /// Everything but certainty and fingerprint.
    pub(super) finding: Finding,
    has_own_subject: bool,
}

/// A finding in the making: complete when the statement that made it ends.
#[derive(Debug)]
pub struct Report<'s> {
    draft: &'s mut Draft,
    estate: &'s Estate,
}

impl<'e> Sink<'e> {
    /// An empty sink for one rule.
    #[must_use]
    pub fn new(estate: &'e Estate, rule: &'static Meta) -> Self {
        Self { estate, rule, drafts: Vec::new(), draft: None, questions: Vec::new(), question: None }
    }

    /// Reports a finding at a site; `message` is one line that names what the author wrote, lower case, no period.
    /// Its subject is the resource at the site, unless [`Report::about`] says otherwise.
    pub fn report(&mut self, site: Site, message: impl Into<String>) -> Report<'_> {
        self.drafts.extend(self.draft.take());
        let place = self.estate.place(site);
        let subject = place.resource.clone().map(|resource| Subject::Resource(site.stack, resource));
        let draft = self.draft.insert(Draft {
            stack: site.stack,
            guards: Vec::new(),
            has_own_subject: false,
            finding: Finding {
                rule: self.rule,
                message: bounded(message.into()),
                primary: Label { place, text: String::new() },
                evidence: Vec::new(),
                certainty: Certainty::Always,
                help: None,
                notes: Vec::new(),
                subjects: subject.into_iter().collect(),
                fingerprint: String::new(),
            },
        });
        Report { draft, estate: self.estate }
    }

    /// Counts something that cannot be decided.
    pub fn undecided(&mut self, what: &'static str, site: Site, why: impl Into<String>) -> &mut Undecided {
        self.questions.extend(self.question.take());
        let place = self.estate.place(site);
        let question = Undecided { what, principal: None, key: None, actions: Vec::new(), place, why: why.into() };
        &mut self.question.insert((site.stack, question)).1
    }

    /// What was found, and what could not be decided.
    pub(super) fn into_parts(mut self) -> (Vec<Draft>, Vec<(StackId, Undecided)>) {
        self.drafts.extend(self.draft.take());
        self.questions.extend(self.question.take());
        (self.drafts, self.questions)
    }
}

impl Report<'_> {
    /// What to say at the primary place itself, where the message alone would not do.
    pub fn here(&mut self, text: impl Into<String>) -> &mut Self {
        self.draft.finding.primary.text = text.into();
        self
    }

    /// It holds under this guard; called several times: under each of them.
    pub fn when(&mut self, guard: &Guard) -> &mut Self {
        self.draft.guards.push(guard.clone());
        self
    }

    /// It holds under each of these guards.
    pub fn whenever<'g>(&mut self, guards: impl IntoIterator<Item = &'g Guard>) -> &mut Self {
        self.draft.guards.extend(guards.into_iter().cloned());
        self
    }

    /// Evidence at another place.
    pub fn also(&mut self, site: Site, text: impl Into<String>) -> &mut Self {
        let place = self.estate.place(site);
        self.draft.finding.evidence.push(Label { place, text: text.into() });
        self
    }

    /// What to do.
    pub fn help(&mut self, text: impl Into<String>) -> &mut Self {
        self.draft.finding.help = Some(text.into());
        self
    }

    /// What to do, in the terms of CloudFormation, or in those of CDK where it wrote the template.
    pub fn help_or_cdk(&mut self, cloudformation: impl Into<String>, cdk: impl Into<String>) -> &mut Self {
        if self.is_from_cdk() { self.help(cdk) } else { self.help(cloudformation) }
    }

    /// A remark without a place.
    pub fn note(&mut self, text: impl Into<String>) -> &mut Self {
        self.draft.finding.notes.push(text.into());
        self
    }

    /// What the finding is about, for `yields-to`. The first one replaces the resource it stands on; more may follow.
    pub fn about(&mut self, subject: Subject) -> &mut Self {
        if !std::mem::replace(&mut self.draft.has_own_subject, true) {
            self.draft.finding.subjects.clear();
        }
        self.draft.finding.subjects.push(subject);
        self
    }

    /// Whether CDK wrote what the finding is about.
    #[must_use]
    pub fn is_from_cdk(&self) -> bool {
        let Label { place, .. } = &self.draft.finding.primary;
        self.estate.is_from_cdk(Site { stack: self.draft.stack, span: place.span })
    }
}

impl Draft {
    /// When it holds: under each of these.
    pub(super) fn guards(&self) -> Vec<Guard> {
        if self.guards.is_empty() { vec![Guard::ALWAYS] } else { self.guards.clone() }
    }

    /// The finding as it holds under these guards, with its certainty and fingerprint.
    pub(super) fn complete(&self, estate: &Estate, guards: Vec<Guard>) -> Finding {
        let mut finding = self.finding.clone();
        let is_always = worlds::outside(estate, &Guard::ALWAYS, &guards).is_some_and(|left| left.is_empty());
        finding.certainty = if is_always {
            Certainty::Always
        } else {
            Certainty::of(worlds::shorten(guards.iter().map(|guard| estate.simplified(guard)).collect()))
        };
        finding.notes.extend(self.choosers(estate, &finding.certainty));
        finding.fingerprint = fingerprint(&finding);
        finding
    }

    /// Who makes the choices on which it depends, where that is another stack than its own.
    fn choosers(&self, estate: &Estate, certainty: &Certainty) -> Vec<String> {
        let (Certainty::Conditional(guards) | Certainty::Defaults(guards)) = certainty else { return Vec::new() };
        let mut chosen: BTreeMap<StackId, BTreeSet<&str>> = BTreeMap::new();
        for (atom, _) in guards.iter().flat_map(Guard::atoms) {
            if let Atom::Condition { stack, name } | Atom::Parameter { stack, name, .. } = atom
                && *stack != self.stack
            {
                chosen.entry(*stack).or_default().insert(name);
            }
        }
        let note = |(stack, names): (StackId, BTreeSet<&str>)| {
            let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
            let stack = &estate.stack(stack)?.name;
            Some(format!("{} {} chosen for stack `{stack}`", list(&names), agreeing(&names, "is", "are")))
        };
        chosen.into_iter().filter_map(note).collect()
    }
}

/// What is asked where findings in a stack hold only under choices that belong to other accounts than the one to which it is said to go.
pub(super) fn only_elsewhere(account: &str, drafts: &[&Draft]) -> Option<Undecided> {
    let places = drafts.iter().map(|draft| &draft.finding.primary.place);
    let rules: BTreeSet<String> = drafts.iter().map(|draft| draft.finding.rule.id.to_owned()).collect();
    let rules: Vec<String> = rules.into_iter().collect();
    Some(Undecided {
        what: "deployment",
        principal: None,
        key: None,
        actions: Vec::new(),
        place: places.min_by_key(|place| place.span)?.clone(),
        why: format!(
            "{} would speak under choices that name another account than `{account}`, to which this stack is said to go",
            list(&rules)
        ),
    })
}

/// Stable identity of a finding: rule, resource, semantic path, and the principal and key it is about. Neither lines nor wording count.
fn fingerprint(finding: &Finding) -> String {
    let Place { resource, path, .. } = &finding.primary.place;
    let mut parts = vec![finding.rule.id, resource.as_deref().unwrap_or_default(), path];
    for subject in &finding.subjects {
        match subject {
            Subject::Grant(principal, key) => parts.extend([principal.as_str(), key.as_str()]),
            Subject::Resource(..) | Subject::Place(_) => {}
        }
    }
    // FNV-1a, 64 bits; a zero byte ends each part.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in parts.into_iter().flat_map(|part| part.bytes().chain([0])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{hash:016x}")
}
