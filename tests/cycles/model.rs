//! A naive model to compare with: who reaches whom, step by step.

use super::{estate, in_templates, names};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Resource `0` and `1` are keys, the others topics; an edge is a `Ref` in the description.
fn template(size: usize, edges: &BTreeSet<(usize, usize)>) -> String {
    let mut text = "Resources:\n".to_owned();
    for from in 0..size {
        let kind = if from < 2 { "AWS::KMS::Key" } else { "AWS::SNS::Topic" };
        let refs: Vec<_> = edges.iter().filter(|edge| edge.0 == from).map(|edge| format!("!Ref R{}", edge.1)).collect();
        text +=
            &format!("  R{from}: {{Type: {kind}, Properties: {{Description: !Join ['', [{}]]}}}}\n", refs.join(", "));
    }
    text
}

/// Whether a depth-first walk from one resource comes to another, without counting references of a resource to itself.
fn reaches(edges: &BTreeSet<(usize, usize)>, from: usize, to: usize, seen: &mut BTreeSet<usize>) -> bool {
    let next = edges.iter().filter(|edge| edge.0 == from && edge.1 != from).map(|edge| edge.1);
    next.into_iter().any(|next| next == to || (seen.insert(next) && reaches(edges, next, to, seen)))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_cycle_is_found_for_a_key_where_a_walk_from_it_comes_back(
        size in 2_usize..7,
        edges in proptest::collection::btree_set((0_usize..7, 0_usize..7), 0..12),
    ) {
        let edges: BTreeSet<_> = edges.into_iter().filter(|(from, to)| *from < size && *to < size).collect();
        let estate = estate(&[("stack.yaml", &template(size, &edges))]);
        let cycles = in_templates(&estate);
        prop_assert!(cycles.undecided.is_empty());
        for cycle in &cycles.found {
            for (step, next) in cycle.steps.iter().zip(cycle.steps.iter().cycle().skip(1)) {
                prop_assert_eq!(&step.to, &next.from);
            }
        }
        let found = names(&estate, &cycles.found);
        for key in 0..2 {
            let name = format!("R{key}");
            let alone = format!("{name}: {name}");
            prop_assert_eq!(found.contains(&alone), edges.contains(&(key, key)));
            let in_longer = found.iter().any(|cycle| *cycle != alone && cycle.split_whitespace().skip(1).any(|part| part == name));
            prop_assert_eq!(in_longer, reaches(&edges, key, key, &mut BTreeSet::new()), "{} {:?}", key, found);
        }
    }
}
