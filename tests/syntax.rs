//! Text to tree: what nodes are, where they stand, and what is said of a text that is none.

mod broken;
mod oracle;
mod random;

use kmslint::source::{FileId, SourceFile, Span};
use kmslint::syntax::{Kind, Node, Plain, Style, Tree, parse};

fn source(text: &str) -> SourceFile {
    SourceFile::new(FileId(0), "template.yaml".to_owned(), text.to_owned())
}

/// The tree of a text that must have no problem.
fn sound(source: &SourceFile) -> Tree {
    let tree = parse(source);
    assert_eq!(tree.problems, [], "{}", source.text);
    tree
}

/// The node under keys and indices (`Resources/0/b`).
fn at<'t>(tree: &'t Tree, path: &str) -> Node<'t> {
    path.split('/').fold(tree.root().expect("a root"), |node, step| match step.parse::<usize>() {
        Ok(index) if matches!(node.kind(), Kind::Sequence(_)) => node.items().nth(index).expect("an item"),
        _ => node.get(step).unwrap_or_else(|| panic!("no {step} in {path}")),
    })
}

fn keys(node: Node<'_>) -> Vec<String> {
    node.entries().map(|(key, _)| key.text().expect("a scalar key").to_owned()).collect()
}

#[test]
fn spans_cover_the_bytes_of_keys_values_and_tags() {
    let file = source("é: !Sub  '日本🔑'\nlist: !If\n  - a\n  - {b: c} # d\nnone:\n");
    let tree = sound(&file);
    let text = |span: Span| file.text_of(span).to_owned();
    let (key, value) = tree.root().and_then(|root| root.entries().next()).expect("an entry");
    assert_eq!(text(key.span()), "é");
    assert_eq!(text(value.span()), "'日本🔑'");
    let tag = value.tag().expect("a tag");
    assert_eq!((&*tag.name, text(tag.span)), ("Sub", "!Sub".to_owned()));
    assert_eq!(text(at(&tree, "list").span()), "- a\n  - {b: c}");
    assert_eq!(text(at(&tree, "list").tag().expect("a tag").span), "!If");
    assert_eq!(text(at(&tree, "list/1").span()), "{b: c}");
    assert_eq!(text(at(&tree, "none").span()), "");
    assert_eq!(at(&tree, "none").span().start as usize, file.text.len() - 1);
    assert_eq!(text(tree.root().expect("a root").span()), file.text.trim_end());
}

#[test]
fn spans_cover_the_bytes_of_json_values() {
    let file = source("\n { \"日\" : [ 1.5 , \"\\u00e9\" ],\"b\":{ } }\r\n");
    let tree = sound(&file);
    let text = |node: Node<'_>| file.text_of(node.span()).to_owned();
    assert_eq!(text(tree.root().expect("a root")), file.text.trim());
    assert_eq!(text(at(&tree, "日")), "[ 1.5 , \"\\u00e9\" ]");
    assert_eq!(text(at(&tree, "日/0")), "1.5");
    assert_eq!(text(at(&tree, "日/1")), "\"\\u00e9\"");
    assert_eq!(at(&tree, "日/1").text(), Some("é"));
    assert_eq!(text(at(&tree, "b")), "{ }");
}

#[test]
fn block_scalars_end_with_their_last_line() {
    let file = source("a: |  # header\n  one\n  two\n\n\nb: >-\n  x\n");
    let tree = sound(&file);
    assert_eq!(file.text_of(at(&tree, "a").span()), "one\n  two");
    assert_eq!(at(&tree, "a").text(), Some("one\ntwo\n"));
    assert_eq!(file.text_of(at(&tree, "b").span()), "x");
}

#[test]
fn a_block_scalar_at_the_end_of_the_file_gains_no_line_break() {
    let file = source("a: |\n  x");
    assert_eq!(at(&sound(&file), "a").text(), Some("x"));
}

#[test]
fn quotes_and_blocks_are_text_and_plain_scalars_are_what_they_say() {
    let file =
        source("a: yes\nb: 'yes'\nc: |\n  yes\nd: !!str yes\ne: ! yes\nf:\ng: 012345678901\nh: {}\ni: !Ref no\n");
    let tree = sound(&file);
    let rows = [
        ("a", Some(Plain::Bool(true))),
        ("b", Some(Plain::Text)),
        ("c", Some(Plain::Text)),
        ("d", Some(Plain::Text)),
        ("e", Some(Plain::Bool(true))),
        ("f", Some(Plain::Null)),
        ("g", Some(Plain::Text)),
        ("h", None),
        ("i", Some(Plain::Bool(false))),
    ];
    for (key, meaning) in rows {
        assert_eq!(at(&tree, key).plain(), meaning, "{key}");
    }
    assert_eq!(at(&tree, "g").text(), Some("012345678901"));
    assert!(matches!(at(&tree, "b").kind(), Kind::Scalar("yes", Style::Quoted)));
    assert!(matches!(at(&tree, "c").kind(), Kind::Scalar("yes\n", Style::Block)));
}

#[test]
fn json_values_keep_their_types() {
    let file = source(r#"{"a": 1e5, "b": "true", "c": true, "d": null, "e": 90, "f": 123456789012}"#);
    let tree = sound(&file);
    let rows = [
        ("a", Plain::Float(100_000.0)),
        ("b", Plain::Text),
        ("c", Plain::Bool(true)),
        ("d", Plain::Null),
        ("e", Plain::Int(90)),
        ("f", Plain::Int(123_456_789_012)),
    ];
    for (key, meaning) in rows {
        assert_eq!(at(&tree, key).plain(), Some(meaning), "{key}");
    }
}

#[test]
fn comments_are_found_with_their_place() {
    let text = "# top\na: 1 # beside\nb: |  # header\n  # text\nc: 'x # y'\n  # own\nd: [ # in flow\n  e # last\n]\n\t# tab\n#end";
    let file = source(text);
    let tree = sound(&file);
    let found: Vec<_> = tree.comments.iter().map(|comment| (file.text_of(comment.span), comment.own_line)).collect();
    let expected = [
        ("# top", true),
        ("# beside", false),
        ("# header", false),
        ("# own", true),
        ("# in flow", false),
        ("# last", false),
        ("# tab", true),
        ("#end", true),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_long_block_of_comments_is_no_problem() {
    let file = source(&format!("a:\n{}  - b\n", "  # c\n".repeat(5000)));
    assert_eq!(sound(&file).comments.len(), 5000);
}

#[test]
fn a_comment_without_a_blank_before_it_is_a_comment() {
    let file = source("a: 'é'# één\nb: [c]#two\nd: e#f\n");
    let tree = sound(&file);
    let found: Vec<_> = tree.comments.iter().map(|comment| (file.text_of(comment.span), comment.own_line)).collect();
    assert_eq!(found, [("# één", false), ("#two", false)]);
    assert_eq!(at(&tree, "d").text(), Some("e#f"));
    assert_eq!(file.text_of(at(&tree, "b").span()), "[c]");
}

#[test]
fn line_breaks_of_every_kind_give_the_same_tree() {
    let lines = "a: 1 # x\nb:\n  - é\n  - |\n    c\n    d\n";
    for line_break in ["\n", "\r\n", "\r"] {
        let file = source(&lines.replace('\n', line_break));
        let tree = sound(&file);
        assert_eq!(at(&tree, "b/1").text(), Some("c\nd\n"), "{line_break:?}");
        assert_eq!(file.text_of(at(&tree, "b/0").span()), "é");
        assert_eq!(file.position(at(&tree, "b/0").span().start).line.get(), 3);
        assert_eq!(tree.comments.iter().map(|comment| file.text_of(comment.span)).collect::<Vec<_>>(), ["# x"]);
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_text() {
    for text in ["\u{feff}a: b\n", "\u{feff}{\"a\": \"b\"}"] {
        let file = source(text);
        assert_eq!(at(&sound(&file), "a").text(), Some("b"));
    }
}

#[test]
fn a_text_without_a_value_has_no_root() {
    for text in ["", "\n\n", "# only a comment\n", "---\n", "---\n...\n", "   \n", "\u{feff}", "---\n---\n"] {
        assert!(sound(&source(text)).root().is_none(), "{text:?}");
    }
}

#[test]
fn a_single_document_may_have_markers() {
    for text in ["---\na: b\n", "a: b\n...\n", "a: b\n---\n", "--- # x\na: b\n...\n---\n# y\n", "---\n---\na: b\n"] {
        assert_eq!(at(&sound(&source(text)), "a").text(), Some("b"), "{text:?}");
    }
}

#[test]
fn of_keys_that_repeat_the_last_one_stands_and_all_are_recorded() {
    for text in ["a: 1\nb: {x: 0}\na: 2\nc: 3\n'a': 4\n", r#"{"a": 1, "b": {"x": 0}, "a": 2, "c": 3, "\u0061": 4}"#] {
        let file = source(text);
        let tree = sound(&file);
        assert_eq!(keys(tree.root().expect("a root")), ["b", "c", "a"]);
        assert_eq!(at(&tree, "a").text(), Some("4"));
        let spans: Vec<_> =
            tree.duplicates.iter().map(|twice| (&*twice.key, twice.first.start, twice.again.start)).collect();
        let first = text.find('a').expect("a key") as u32;
        let starts: Vec<_> = tree.duplicates.iter().map(|twice| file.text_of(twice.again)).collect();
        assert_eq!(spans.len(), 2);
        assert!(spans.iter().all(|(key, start, again)| *key == "a" && start.abs_diff(first) <= 1 && again > start));
        assert!(starts.iter().all(|key| key.contains('a') || key.contains("0061")), "{starts:?}");
    }
}

#[test]
fn repeated_keys_are_found_in_mappings_of_any_size() {
    for size in [2_usize, 12, 13, 300] {
        let text: String = (0..size).map(|n| format!("k{n}: v\n")).chain(["k0: last\n".to_owned()]).collect();
        let tree = sound(&source(&text));
        assert_eq!(tree.duplicates.len(), 1, "{size}");
        assert_eq!(at(&tree, "k0").text(), Some("last"));
        assert_eq!(tree.root().expect("a root").entries().count(), size);
    }
}

#[test]
fn aliases_are_the_anchored_node_at_its_own_place() {
    let file = source("a: &x {b: c}\nd: *x\ne: [*x, &y text, *y]\n");
    let tree = sound(&file);
    assert_eq!(at(&tree, "d/b").text(), Some("c"));
    assert_eq!(at(&tree, "d").span(), at(&tree, "a").span());
    assert_eq!(at(&tree, "e/2").text(), Some("text"));
    assert_eq!(file.text_of(at(&tree, "e").span()), "[*x, &y text, *y]");
}

#[test]
fn an_anchor_may_be_set_anew() {
    let tree = sound(&source("a: &x 1\nb: *x\nc: &x 2\nd: *x\n"));
    assert_eq!((at(&tree, "b").text(), at(&tree, "d").text()), (Some("1"), Some("2")));
}

#[test]
fn merge_keys_bring_in_what_the_mapping_does_not_say_itself() {
    let text = "one: &one {a: 1, b: 1}\ntwo: &two {b: 2, c: 2}\n\
        single:\n  <<: *one\n  b: own\nlist:\n  b: own\n  <<: [*two, *one]\n\
        order:\n  <<: [*two, *one]\nnested: {<<: {<<: *one, d: 3}}\nquoted: {'<<': *one}\n";
    let tree = sound(&source(text));
    assert_eq!(at(&tree, "single/a").text(), Some("1"));
    assert_eq!(at(&tree, "single/b").text(), Some("own"));
    assert_eq!(keys(at(&tree, "single")), ["a", "b"]);
    assert_eq!(at(&tree, "list/b").text(), Some("own"));
    assert_eq!(at(&tree, "list/c").text(), Some("2"));
    assert_eq!(at(&tree, "order/b").text(), Some("2"));
    assert_eq!(keys(at(&tree, "order")), ["b", "c", "a"]);
    assert_eq!(keys(at(&tree, "nested")), ["a", "b", "d"]);
    assert_eq!(keys(at(&tree, "quoted")), ["<<"]);
    assert_eq!(tree.duplicates, []);
}

#[test]
fn json_has_no_merge_keys() {
    let tree = sound(&source(r#"{"<<": {"a": 1}}"#));
    assert_eq!(at(&tree, "<</a").text(), Some("1"));
}

#[test]
fn yaml_that_begins_with_a_brace_is_read_as_yaml() {
    let tree = sound(&source("{Resources: {Key: {Enabled: yes}}} # flow\n"));
    assert_eq!(at(&tree, "Resources/Key/Enabled").plain(), Some(Plain::Bool(true)));
}
