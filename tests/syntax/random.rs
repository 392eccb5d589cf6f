//! Texts nobody would write: nothing panics, and spans always fit the text.

use kmslint::source::SourceFile;
use kmslint::syntax::{Kind, Node, Style, Tree, parse};
use proptest::prelude::*;

use super::oracle::same_as_json;
use super::source;

/// Pieces of YAML and JSON, so that random texts come close to sense.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "a", "b", "key", "é", "日本", "🔑", " ", " ", "  ", "\n", "\n  ", "\r\n", "\r", "\t", ": ", ":", "- ", "? ", ", ", "[", "]",
    "{", "}", "'", "\"", "|\n", ">-\n", "#", " # c", "&a ", "*a", "<<: ", "!Ref ", "!!str ", "!", "---\n", "...\n", "%", "@",
    "\\u00e9", "\\ud83d", "\\", "1", "-1.5", "true", "null", "~", "//", "/*", "\u{feff}", "\0", "\u{7f}", "\u{2028}",
];

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![8 => prop::sample::select(PIECES).prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..40).prop_map(|pieces| pieces.concat())
}

fn each_node<'t>(node: Node<'t>, visit: &mut impl FnMut(Node<'t>)) {
    visit(node);
    node.items().for_each(|item| each_node(item, visit));
    for (key, value) in node.entries() {
        each_node(key, visit);
        each_node(value, visit);
    }
}

/// Spans lie in the text and on characters; children lie in their parent unless an alias or a merge brought them.
fn spans_fit(file: &SourceFile, tree: &Tree) {
    let fits =
        |span: kmslint::source::Span| assert!(file.text.get(span.range()).is_some(), "{span:?} in {:?}", file.text);
    tree.problems.iter().for_each(|problem| fits(problem.span));
    tree.comments.iter().for_each(|comment| {
        fits(comment.span);
        assert!(file.text_of(comment.span).starts_with('#'), "{:?}", file.text);
    });
    tree.duplicates.iter().for_each(|twice| [twice.first, twice.again].into_iter().for_each(fits));
    let Some(root) = tree.root() else { return };
    each_node(root, &mut |node| {
        fits(node.span());
        node.tag().into_iter().for_each(|tag| {
            fits(tag.span);
            assert!(file.text_of(tag.span).starts_with('!'), "{:?}", file.text);
        });
        let has_aliases = file.text.contains('*');
        let children = node.items().chain(node.entries().flat_map(|(key, value)| [key, value]));
        for child in children.filter(|_| !has_aliases && !file.text.contains("<<")) {
            assert!(node.span().contains(&child.span()), "{:?} in {:?} of {:?}", child.span(), node.span(), file.text);
        }
    });
}

/// The text under a plain scalar means that scalar.
fn plain_scalars_read_back(file: &SourceFile, tree: &Tree) {
    let Some(root) = tree.root() else { return };
    each_node(root, &mut |node| {
        let Kind::Scalar(text, Style::Plain) = node.kind() else { return };
        let written = file.text_of(node.span());
        if written.starts_with('*') {
            return;
        }
        if written.contains(['\n', '\r']) {
            let words =
                |text: &str| text.split([' ', '\t', '\n', '\r']).filter(|word| !word.is_empty()).collect::<String>();
            assert_eq!(words(written), words(text), "{:?}", file.text);
            return;
        }
        let as_value = parse(&source(&format!("k: {written}")));
        let as_key = parse(&source(&format!("{written}: v")));
        let value = as_value.root().and_then(|root| root.get("k")).and_then(Node::text);
        let key = as_key.root().and_then(|root| root.entries().next()).and_then(|(key, _)| key.text());
        assert!([value, key].contains(&Some(text)), "{written:?} of {:?}", file.text);
    });
}

fn json_value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        (-1.0e9..1.0e9_f64).prop_map(serde_json::Value::from),
        any::<String>().prop_map(|text| serde_json::Value::from(text.replace('\0', ""))),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[a-zA-Z:é🔑\"\\\\ ]{0,8}", inner, 0..6)
                .prop_map(|entries| serde_json::Value::Object(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_parser_panic(text in text()) {
        let file = source(&text);
        let tree = parse(&file);
        spans_fit(&file, &tree);
        plain_scalars_read_back(&file, &tree);
    }

    #[test]
    fn no_text_in_braces_makes_the_parser_panic(text in text()) {
        let file = source(&format!("{{\"a\": {text}}}"));
        spans_fit(&file, &parse(&file));
    }

    #[test]
    fn no_bytes_make_the_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let file = source(&String::from_utf8_lossy(&bytes));
        spans_fit(&file, &parse(&file));
    }

    #[test]
    fn any_json_reads_back(value in json_value()) {
        let value = serde_json::json!({ "root": value });
        for text in [value.to_string(), serde_json::to_string_pretty(&value).expect("JSON")] {
            let file = source(&text);
            let tree = parse(&file);
            prop_assert_eq!(&tree.problems, &[]);
            spans_fit(&file, &tree);
            prop_assert_eq!(same_as_json(tree.root().expect("a root"), &value, ""), Ok(()));
        }
    }
}
