//! A naive model to compare with: fix every condition, then walk from each key and see whether the walk comes back.

use super::{Cycle, Estate, between_stacks, estate, in_templates};
use kmslint::resolve::{Atom, Guard};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A `Ref` from one resource to another, perhaps in a branch of one of two conditions.
type Edge = (usize, usize, Option<(usize, bool)>);

/// Resources 0 and 1 are keys, the others topics.
fn template(size: usize, edges: &[Edge]) -> String {
    let mut text = "Parameters: {P0: {Type: String}, P1: {Type: String}}
Conditions: {C0: !Equals [!Ref P0, x], C1: !Equals [!Ref P1, x]}
Resources:
"
    .to_owned();
    for from in 0..size {
        let kind = if from < 2 { "AWS::KMS::Key" } else { "AWS::SNS::Topic" };
        let parts = edges.iter().filter(|edge| edge.0 == from).map(|(_, to, branch)| match branch {
            None => format!("!Ref R{to}"),
            Some((condition, true)) => format!("!If [C{condition}, !Ref R{to}, '']"),
            Some((condition, false)) => format!("!If [C{condition}, '', !Ref R{to}]"),
        });
        let parts: Vec<String> = parts.collect();
        text +=
            &format!("  R{from}: {{Type: {kind}, Properties: {{Description: !Join ['', [{}]]}}}}\n", parts.join(", "));
    }
    text
}

/// Whether a depth-first walk along other resources comes from one to another.
fn reaches(edges: &BTreeSet<(usize, usize)>, from: usize, to: usize, seen: &mut BTreeSet<usize>) -> bool {
    let next = edges.iter().filter(|edge| edge.0 == from && edge.1 != from).map(|edge| edge.1);
    next.into_iter().any(|next| next == to || (seen.insert(next) && reaches(edges, next, to, seen)))
}

/// The edges that are there in a world.
fn edges_in(edges: &[Edge], world: [bool; 2]) -> BTreeSet<(usize, usize)> {
    let is_there = |edge: &&Edge| edge.2.is_none_or(|(condition, holds)| world[condition] == holds);
    edges.iter().filter(is_there).map(|(from, to, _)| (*from, *to)).collect()
}

fn holds(guard: &Guard, world: [bool; 2]) -> bool {
    guard.atoms().all(|(atom, holds)| match atom {
        Atom::Condition { name, .. } => world[usize::from(name == "C1")] == holds,
        Atom::Parameter { .. } | Atom::Provider { .. } => panic!("no such choice was made"),
    })
}

/// Whether the cycles say that a key lies in one, of itself alone or with others, in a world.
fn says(estate: &Estate, cycles: &[Cycle], key: &str, alone: bool, world: [bool; 2]) -> bool {
    let of_kind = |cycle: &&Cycle| (cycle.steps.len() == 1) == alone;
    let own = cycles.iter().filter(of_kind).find(|cycle| estate.node_name(&cycle.key) == key);
    let with = |cycle: &&Cycle| cycle.steps.iter().any(|step| estate.node_name(&step.from) == key);
    let told = own.or_else(|| cycles.iter().filter(of_kind).find(with));
    told.is_some_and(|cycle| cycle.guards.iter().any(|guard| holds(guard, world)))
}

/// What an import between stacks is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum For {
    /// Something else than a key.
    Topic,
    /// The key of the other stack.
    Key,
    /// The policy of the own key.
    Policy,
}

/// Stacks 0 and 1 have a key each, all have a topic; each imports what the edges say.
fn stack(own: usize, edges: &BTreeSet<(usize, usize, For)>) -> String {
    let imports = |wanted: &[For]| {
        let own = edges.iter().filter(|edge| edge.0 == own && wanted.contains(&edge.2));
        let names =
            own.map(|(_, to, what)| format!("!ImportValue s{to}-{}", if *what == For::Key { "Key" } else { "Topic" }));
        names.collect::<Vec<_>>().join(", ")
    };
    let mut text = format!(
        "Resources:
  Topic: {{Type: AWS::SNS::Topic, Properties: {{DisplayName: !Join ['', [{}]]}}}}
",
        imports(&[For::Topic, For::Key])
    );
    let mut outputs =
        format!("Outputs:\n  Topic: {{Value: !GetAtt Topic.TopicName, Export: {{Name: s{own}-Topic}}}}\n");
    if own < 2 {
        let principals = imports(&[For::Policy]);
        text += &format!(
            "  Key: {{Type: AWS::KMS::Key, Properties: {{KeyPolicy: {{Statement: [{{Principal: {{AWS: [{principals}]}}}}]}}}}}}\n"
        );
        outputs += &format!("  Key: {{Value: !GetAtt Key.Arn, Export: {{Name: s{own}-Key}}}}\n");
    }
    text + &outputs
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn a_key_lies_in_a_cycle_in_the_worlds_in_which_a_walk_from_it_comes_back(
        size in 2_usize..7,
        edges in proptest::collection::vec(
            (0_usize..7, 0_usize..7, proptest::option::of((0_usize..2, any::<bool>()))),
            0..14,
        ),
    ) {
        let edges: Vec<Edge> = edges.into_iter().filter(|(from, to, _)| *from < size && *to < size).collect();
        let estate = estate(&[("stack.yaml", &template(size, &edges))]);
        let cycles = in_templates(&estate);
        prop_assert!(cycles.undecided.is_empty());
        for cycle in &cycles.found {
            for (step, next) in cycle.steps.iter().zip(cycle.steps.iter().cycle().skip(1)) {
                prop_assert_eq!(&step.to, &next.from);
            }
        }
        for world in [[true, true], [true, false], [false, true], [false, false]] {
            let there = edges_in(&edges, world);
            for key in 0..2 {
                let name = format!("R{key}");
                let alone = says(&estate, &cycles.found, &name, true, world);
                prop_assert_eq!(alone, there.contains(&(key, key)), "{} alone in {:?}", name, world);
                let with_others = says(&estate, &cycles.found, &name, false, world);
                prop_assert_eq!(with_others, reaches(&there, key, key, &mut BTreeSet::new()), "{} in {:?}", name, world);
            }
        }
    }
    #[test]
    fn stacks_are_in_a_cycle_through_a_key_where_a_walk_over_its_imports_comes_back(
        size in 2_usize..6,
        edges in proptest::collection::btree_set(
            (0_usize..6, 0_usize..6, prop_oneof![Just(For::Topic), Just(For::Key), Just(For::Policy)]),
            0..10,
        ),
    ) {
        let can_be = |(from, to, what): &(usize, usize, For)| match what {
            For::Topic => true,
            For::Key => *to < 2,
            For::Policy => *from < 2,
        };
        let inside = |edge: &(usize, usize, For)| edge.0 != edge.1 && edge.0 < size && edge.1 < size;
        let edges: BTreeSet<_> = edges.into_iter().filter(|edge| inside(edge) && can_be(edge)).collect();
        let texts: Vec<_> = (0..size).map(|own| (format!("s{own}.yaml"), stack(own, &edges))).collect();
        let files: Vec<_> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let estate = estate(&files);
        let found = between_stacks(&estate).found;

        let plain: BTreeSet<_> = edges.iter().map(|(from, to, _)| (*from, *to)).collect();
        let back = |from: usize, to: usize| reaches(&plain, to, from, &mut BTreeSet::new());
        let closed = |wanted: For| edges.iter().filter(move |(from, to, what)| *what == wanted && back(*from, *to));
        let by_policy: BTreeSet<usize> = closed(For::Policy).map(|edge| edge.0).collect();
        let told: Vec<usize> =
            found.iter().filter(|cycle| cycle.in_policy).map(|cycle| cycle.key.stack.0 as usize).collect();
        prop_assert_eq!(&told, &by_policy.iter().copied().collect::<Vec<_>>());
        // Where no policy closes it, one of the keys that are imported in a circle stands for it.
        let is_with = |a: usize, b: usize| a == b || (back(a, b) && back(b, a));
        for (_, to, _) in closed(For::Key) {
            let by_another = by_policy.iter().any(|key| is_with(*key, *to));
            let by_value = found.iter().filter(|cycle| !cycle.in_policy && is_with(cycle.key.stack.0 as usize, *to));
            prop_assert_eq!(by_value.count(), usize::from(!by_another));
        }
    }
}
