//! Matching text with holes against filling the holes and matching characters.

use kmslint::resolve::{StackId, Symbol, Text, Truth};
use proptest::prelude::*;

const STACK: StackId = StackId(0);

fn text(written: &str) -> Text {
    let mut text = Text::default();
    for character in written.chars() {
        match symbol(character) {
            Some(symbol) => text.push(&Text::symbol(symbol)),
            None => text.push_str(&character.to_string()),
        }
    }
    text
}

/// `P` and `Q` are parameters, `K` and `L` generated names, `R` is a Region.
fn symbol(letter: char) -> Option<Symbol> {
    match letter {
        'P' | 'Q' => Some(Symbol::Parameter(STACK, letter.to_string())),
        'K' | 'L' => Some(Symbol::Resource(STACK, letter.to_string())),
        'R' => Some(Symbol::Region(STACK)),
        _ => None,
    }
}

/// A name as CloudFormation makes it.
const NAME: &str = "a-bbbbbbbbbb";

/// Pairs of such names; one may begin or end with the other.
const GENERATED: [(&str, &str); 4] =
    [(NAME, "b-bbbbbbbbbb"), ("a-bbbbbbbbbba", NAME), ("B-bbbbbbbbbb", "aB-bbbbbbbbbb"), ("ba-bbbbbbbbbb", NAME)];

/// What the holes can be; enough to show every difference between texts this short.
fn fillings() -> Vec<Vec<(char, &'static str)>> {
    let mut all = Vec::new();
    for p in ["", "a", ":", "a:b", "*"] {
        for q in ["", "b", "A", "a:"] {
            for (k, l) in GENERATED {
                for r in ["a", "b", "ab"] {
                    all.push(vec![('P', p), ('Q', q), ('K', k), ('L', l), ('R', r)]);
                }
            }
        }
    }
    all
}

fn filled(written: &str, filling: &[(char, &str)], hole_is_literal: bool) -> Vec<(char, bool)> {
    let mut characters = Vec::new();
    for character in written.chars() {
        match filling.iter().find(|(letter, _)| *letter == character) {
            // What comes out of a hole is no wildcard.
            Some((_, value)) => characters.extend(value.chars().map(|value| (value, false))),
            None => characters.push((character, !hole_is_literal)),
        }
    }
    characters
}

fn naive(text: &[(char, bool)], pattern: &[(char, bool)], same: &dyn Fn(char, char) -> bool) -> bool {
    match (text, pattern) {
        (_, [('*', true), rest @ ..]) => (0..=text.len()).any(|taken| naive(&text[taken..], rest, same)),
        ([_, text @ ..], [('?', true), rest @ ..]) => naive(text, rest, same),
        ([(a, _), text @ ..], [(b, _), rest @ ..]) => same(*a, *b) && naive(text, rest, same),
        (text, pattern) => text.is_empty() && pattern.is_empty(),
    }
}

fn agrees(answer: Truth, value: &str, pattern: &str, wildcards: bool, same: &dyn Fn(char, char) -> bool) {
    let outcomes: Vec<bool> = fillings()
        .iter()
        .map(|filling| naive(&filled(value, filling, true), &filled(pattern, filling, !wildcards), same))
        .collect();
    match answer {
        Truth::Yes => assert!(outcomes.iter().all(|matches| *matches), "{value} always matches {pattern}"),
        Truth::No => assert!(!outcomes.contains(&true), "{value} never matches {pattern}"),
        Truth::Unknown => assert!(value.chars().chain(pattern.chars()).any(|letter| symbol(letter).is_some())),
    }
}

/// Up to six of these characters, or a name among them.
fn written(characters: &'static str) -> impl Strategy<Value = String> {
    let one = characters.chars().map(String::from).chain([NAME.to_owned()]).collect::<Vec<_>>();
    prop::collection::vec(prop::sample::select(one), 0..6).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(250) })]

    #[test]
    fn an_answer_holds_for_all_that_holes_can_be(value in written("abA:PQKLR"), pattern in written("abA:*?PQKLR")) {
        let (a, b) = (text(&value), text(&pattern));
        agrees(a.matches(&b), &value, &pattern, true, &|a, b| a == b);
        agrees(a.equals(&b), &value, &pattern, false, &|a, b| a == b);
        let ignoring = |a: char, b: char| a.eq_ignore_ascii_case(&b);
        agrees(a.matches_ignoring_case(&b), &value, &pattern, true, &ignoring);
        agrees(a.equals_ignoring_case(&b), &value, &pattern, false, &ignoring);
    }
}
