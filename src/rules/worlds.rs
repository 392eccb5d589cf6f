//! Worlds in which something holds, as guards.

use crate::estate::Estate;
use crate::resolve::Guard;

/// More worlds than this are not told apart.
const MAX_WORLDS: usize = 128;

/// The worlds of `base` in which none of the guards holds, as guards that exclude each other; none where there are too many to list.
pub(super) fn outside<'g>(
    estate: &Estate,
    base: &Guard,
    guards: impl IntoIterator<Item = &'g Guard>,
) -> Option<Vec<Guard>> {
    let mut left: Vec<Guard> = Some(base.clone()).filter(|base| estate.feasible(base)).into_iter().collect();
    for guard in guards {
        left = left.iter().flat_map(|world| without(estate, world, guard)).collect();
        if left.len() > MAX_WORLDS {
            return None;
        }
    }
    Some(left)
}

/// The worlds of `world` in which a guard does not hold.
fn without(estate: &Estate, world: &Guard, guard: &Guard) -> Vec<Guard> {
    let mut outside = Vec::new();
    let mut inside = Some(world.clone());
    for (atom, holds) in guard.atoms() {
        let Some(so_far) = inside else { break };
        let with = |holds| so_far.and(&Guard::of(atom.clone(), holds)).filter(|guard| estate.feasible(guard));
        outside.extend(with(!holds));
        inside = with(holds);
    }
    outside
}

/// Drops guards that another one covers, and joins two that differ only in one choice and its opposite.
pub(super) fn shorten(mut guards: Vec<Guard>) -> Vec<Guard> {
    guards.sort();
    guards.dedup();
    while let Some((at, other, joined)) = joinable(&guards) {
        guards.remove(other.max(at));
        guards.remove(other.min(at));
        guards.push(joined);
        guards.sort();
        guards.dedup();
    }
    guards
}

/// Two guards that one guard can stand for.
fn joinable(guards: &[Guard]) -> Option<(usize, usize, Guard)> {
    for (at, a) in guards.iter().enumerate() {
        for (other, b) in guards.iter().enumerate().skip(at + 1) {
            if let Some(joined) = join(a, b) {
                return Some((at, other, joined));
            }
        }
    }
    None
}

fn join(a: &Guard, b: &Guard) -> Option<Guard> {
    let covers = |wide: &Guard, narrow: &Guard| wide.atoms().all(|choice| narrow.atoms().any(|other| other == choice));
    if covers(a, b) {
        return Some(a.clone());
    }
    if covers(b, a) {
        return Some(b.clone());
    }
    let only_in = |own: &Guard, other: &Guard| -> Vec<_> {
        own.atoms()
            .filter(|choice| !other.atoms().any(|theirs| theirs == *choice))
            .map(|(atom, _)| atom.clone())
            .collect()
    };
    let (in_a, in_b) = (only_in(a, b), only_in(b, a));
    if in_a.len() != 1 || in_a != in_b {
        return None;
    }
    let shared = a.atoms().filter(|(atom, _)| !in_a.contains(atom));
    shared.map(|(atom, holds)| Guard::of(atom.clone(), holds)).try_fold(Guard::ALWAYS, |all, one| all.and(&one))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::{Atom, StackId};

    fn choice(name: &str, holds: bool) -> Guard {
        Guard::of(Atom::Condition { stack: StackId(0), name: name.to_owned() }, holds)
    }

    fn both(a: &Guard, b: &Guard) -> Guard {
        a.and(b).unwrap()
    }

    #[test]
    fn outside_of_nothing_is_everything_and_outside_of_everything_is_nothing() {
        let estate = Estate::default();
        assert_eq!(outside(&estate, &Guard::ALWAYS, []), Some(vec![Guard::ALWAYS]));
        assert_eq!(outside(&estate, &choice("A", true), [&Guard::ALWAYS]), Some(vec![]));
        assert_eq!(outside(&estate, &Guard::ALWAYS, [&choice("A", true), &choice("A", false)]), Some(vec![]));
    }

    #[test]
    fn what_is_outside_excludes_each_other_and_the_guards() {
        let estate = Estate::default();
        let guard = both(&choice("A", true), &choice("B", true));
        let left = outside(&estate, &Guard::ALWAYS, [&guard]).unwrap();
        assert_eq!(left, [choice("A", false), both(&choice("A", true), &choice("B", false))]);
        assert!(left.iter().all(|world| world.and(&guard).is_none()));
    }

    #[test]
    fn too_many_worlds_are_not_listed() {
        let estate = Estate::default();
        let guards: Vec<Guard> =
            (0..20).map(|n| both(&choice(&format!("A{n}"), true), &choice(&format!("B{n}"), true))).collect();
        assert_eq!(outside(&estate, &Guard::ALWAYS, &guards), None);
    }

    #[test]
    fn guards_are_shortened_to_what_they_say_together() {
        let (a, not_a, b) = (choice("A", true), choice("A", false), choice("B", true));
        assert_eq!(shorten(vec![both(&a, &b), both(&not_a, &b)]), std::slice::from_ref(&b));
        assert_eq!(shorten(vec![both(&a, &b), b.clone()]), [b]);
        assert_eq!(shorten(vec![a.clone(), choice("C", true)]), [a, choice("C", true)]);
    }
}
