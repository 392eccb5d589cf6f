//! What holds whichever of several stacks in view provides something. What holds for some of them only is undecided.

use super::sink::Draft;
use super::worlds::shorten;
use crate::estate::Estate;
use crate::finding::{Finding, Undecided};
use crate::resolve::{Atom, Guard, StackId};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// More selections of providers, or worlds in which something holds for all of them, than this are not told apart.
const MOST: usize = 64;

/// A finding with the guards under which it holds.
type Held<'d> = (&'d Draft, Vec<Guard>);

/// Findings that speak of the same place and hold under these guards, some of which say who provides something.
#[derive(Default)]
pub(super) struct Open<'d> {
    by_place: BTreeMap<(StackId, Span), Vec<Held<'d>>>,
}

/// A choice between candidates: the stack that needs something, whether it imports it, and who could provide it.
type Choice<'g> = (StackId, bool, &'g [StackId]);

/// The candidate that is taken for each choice.
type Selection<'g> = BTreeMap<Choice<'g>, StackId>;

impl<'d> Open<'d> {
    /// Adds a finding.
    pub(super) fn add(&mut self, draft: &'d Draft, guards: Vec<Guard>) {
        let place = (draft.stack, draft.finding.primary.place.span);
        self.by_place.entry(place).or_default().push((draft, guards));
    }

    /// The findings that hold for all candidates, and those that do not as questions.
    pub(super) fn settle(self, estate: &Estate) -> (Vec<Finding>, Vec<Undecided>) {
        let (mut findings, mut undecided) = (Vec::new(), Vec::new());
        for drafts in self.by_place.into_values() {
            let guards: Vec<&Guard> = drafts.iter().flat_map(|(_, guards)| guards).collect();
            let candidates = candidates(estate, &guards);
            let (everywhere, somewhere) = projected(estate, &guards);
            let Some((first, _)) = drafts.first() else { continue };
            if everywhere != somewhere {
                undecided.push(question(first, &candidates));
            }
            if everywhere.is_empty() {
                continue;
            }
            let mut finding = first.complete(estate, everywhere);
            for (other, _) in drafts.iter().skip(1) {
                let new = other.finding.evidence.iter().filter(|label| !finding.evidence.contains(label)).cloned();
                let new: Vec<_> = new.collect();
                finding.evidence.extend(new);
            }
            finding.notes.push(format!("it holds whichever of these provides what is imported: {candidates}"));
            findings.push(finding);
        }
        (findings, undecided)
    }
}

fn question(draft: &Draft, candidates: &str) -> Undecided {
    let finding = &draft.finding;
    Undecided {
        what: "import",
        principal: None,
        key: None,
        actions: Vec::new(),
        place: finding.primary.place.clone(),
        why: format!("`{}` depends on which of these provides what is imported: {candidates}", finding.rule.id),
    }
}

/// The choices between candidates that guards speak of.
fn choices<'g>(guards: &[&'g Guard]) -> BTreeSet<Choice<'g>> {
    guards
        .iter()
        .flat_map(|guard| guard.atoms())
        .filter_map(|(atom, _)| choice(atom).map(|(choice, _)| choice))
        .collect()
}

fn choice(atom: &Atom) -> Option<(Choice<'_>, StackId)> {
    match atom {
        Atom::Provider { stack, imports, candidates, provider, .. } => {
            Some(((*stack, *imports, candidates), *provider))
        }
        Atom::Condition { .. } | Atom::Parameter { .. } => None,
    }
}

/// All candidates of all choices, for people.
fn candidates(estate: &Estate, guards: &[&Guard]) -> String {
    let all: BTreeSet<StackId> = choices(guards).into_iter().flat_map(|(_, _, all)| all.iter().copied()).collect();
    all.into_iter().map(|stack| estate.label(stack)).collect::<Vec<_>>().join(", ")
}

/// The worlds in which some guard holds whoever is the provider, and those in which one holds for some provider. Where there are too many to
/// tell, the first are none.
fn projected(estate: &Estate, guards: &[&Guard]) -> (Vec<Guard>, Vec<Guard>) {
    let mut somewhere: Vec<Guard> = Vec::new();
    let mut everywhere: Option<Vec<Guard>> = None;
    for selection in selections(guards).unwrap_or_default() {
        let left: Vec<Guard> = guards.iter().filter_map(|guard| left_under(guard, &selection)).collect();
        let left = shorten(left);
        everywhere = Some(match everywhere {
            None => left.clone(),
            Some(before) => shorten(in_both(estate, &before, &left)),
        });
        somewhere.extend(left);
        if everywhere.as_ref().is_some_and(|everywhere| everywhere.is_empty() || everywhere.len() > MOST) {
            return (Vec::new(), guards.iter().map(|guard| (*guard).clone()).collect());
        }
    }
    match everywhere {
        Some(everywhere) => (everywhere, shorten(somewhere)),
        None => (Vec::new(), guards.iter().map(|guard| (*guard).clone()).collect()),
    }
}

/// Every way to take one candidate for each choice; none where there are too many.
fn selections<'g>(guards: &[&'g Guard]) -> Option<Vec<Selection<'g>>> {
    let mut all = vec![Selection::new()];
    for choice in choices(guards) {
        let (_, _, candidates) = choice;
        let with = |selection: &Selection<'g>, taken: StackId| {
            let mut longer = selection.clone();
            longer.insert(choice, taken);
            longer
        };
        all = all.iter().flat_map(|selection| candidates.iter().map(|taken| with(selection, *taken))).collect();
        if all.len() > MOST {
            return None;
        }
    }
    Some(all)
}

/// What is left of a guard where these candidates are taken; none where it says otherwise.
fn left_under(guard: &Guard, selection: &Selection<'_>) -> Option<Guard> {
    guard.atoms().try_fold(Guard::ALWAYS, |left, (atom, holds)| match choice(atom) {
        Some((choice, provider)) => ((selection.get(&choice) == Some(&provider)) == holds).then_some(left),
        None => left.and(&Guard::of(atom.clone(), holds)),
    })
}

/// The worlds in which a guard of each list holds.
fn in_both(estate: &Estate, a: &[Guard], b: &[Guard]) -> Vec<Guard> {
    let both = a.iter().flat_map(|a| b.iter().filter_map(|b| a.and(b)));
    both.filter(|guard| estate.feasible(guard)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(which: u32) -> Guard {
        let (stack, candidates, provider) = (StackId(0), vec![StackId(1), StackId(2)], StackId(which));
        Guard::of(
            Atom::Provider { stack, imports: true, candidates, provider, label: format!("stack `{which}`") },
            true,
        )
    }

    fn condition(name: &str) -> Guard {
        Guard::of(Atom::Condition { stack: StackId(0), name: name.to_owned() }, true)
    }

    #[test]
    fn what_holds_for_each_candidate_holds() {
        let (one, other) = (provider(1), provider(2));
        let (everywhere, somewhere) = projected(&Estate::default(), &[&one, &other]);
        assert_eq!((everywhere, somewhere), (vec![Guard::ALWAYS], vec![Guard::ALWAYS]));
    }

    #[test]
    fn what_holds_for_one_candidate_holds_only_where_it_holds_for_the_other_too() {
        let estate = Estate::default();
        let one = provider(1);
        assert_eq!(projected(&estate, &[&one]), (vec![], vec![one.clone()]));
        let (other, a) = (provider(2).and(&condition("A")).unwrap(), condition("A"));
        assert_eq!(projected(&estate, &[&one, &other]), (vec![a], vec![Guard::ALWAYS]));
    }
}
