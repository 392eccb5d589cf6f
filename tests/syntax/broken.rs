//! Texts that are no tree: what is said, and of which bytes.

use kmslint::syntax::{MAX_BYTES, parse};

use super::source;

/// The text, where `«…»` marks the bytes of the problem, and its message.
const YAML: &[(&str, &str)] = &[
    (
        "a: b«:» c\n",
        "no `:` can stand here; check the indentation of this line and the one before, or quote the text that contains the colon",
    ),
    (
        "a: 1\n b«:» 2\n",
        "no `:` can stand here; check the indentation of this line and the one before, or quote the text that contains the colon",
    ),
    ("a:\n\t«-» b\n", "a tab cannot indent YAML; use spaces"),
    ("a: «\"»x\nb: c\n", "the quote that begins here is never closed; close it"),
    ("a: «[»1, 2\n", "this `[` is never closed; add `]`"),
    ("a: «{»b: c\n", "this `{` is never closed; add `}`"),
    ("a: «[»1, 2}\n", "this `[` is closed by `}`; make the brackets match"),
    ("a: b\n«]»\n", "this bracket closes nothing; remove it, or open it before"),
    ("a: «@»x\n", "no value can begin with `@`; quote the text"),
    ("a: «%»x\n", "no value can begin with `%`; quote the text"),
    ("é日本🔑: «`»x\n", "no value can begin with a backtick; quote the text"),
    (
        "- a\n«b»: c\n",
        "a list item was expected here; begin it with `- `, or indent this line like the mapping it belongs to",
    ),
    ("a: b\n- «c»\n", "a key was expected here; indent this line like the other keys of its mapping"),
    ("a: «-» b\n", "no list item can stand here; put it on a line of its own, indented like its list"),
    ("a: 'b' «c»\n", "text follows a closed quote; put all of it inside the quotes"),
    (
        "a: «\"»\\q\"\n",
        "this text in double quotes has a `\\` that escapes nothing; write `\\\\`, or use single quotes",
    ),
    (
        "a: [b\nc«:» d]\n",
        "no `:` can stand here; check the indentation of this line and the one before, or quote the text that contains the colon",
    ),
    ("a: {b: c «{»d}}\n", "`,` or `}` was expected here; separate the entries of the mapping, or close it"),
    ("a: [b «[»c]]\n", "`,` or `]` was expected here; separate the items of the list, or close it"),
    (
        "a: b\n«c»\nd: e\n",
        "`:` was expected after this key, on the same line; add it, or indent the line as part of the value before",
    ),
    ("a: «!»Equals[x]\n", "a blank must follow the tag; put one before the value"),
    ("a: «!»foo!bar x\n", "a tag has one `!`; write CloudFormation's functions as `!Ref` or `Fn::…:`"),
    ("a: «*»\n", "`*` and `&` begin the name of an anchor; quote the text"),
    ("a: «*b»\n", "no anchor `&b` stands before this alias; define it, or quote the text"),
    ("a: &a [«*a»]\n", "this alias stands inside the node it names; a node cannot contain itself"),
    ("a: {<<: «b»}\n", "`<<` takes a mapping or a list of mappings; name an anchor of a mapping, or quote the key"),
    (
        "a: {<<: [{b: c}, «[d]»]}\n",
        "`<<` takes a mapping or a list of mappings; name an anchor of a mapping, or quote the key",
    ),
    (
        "a: 1\n«---»\nb: 2\n",
        "a second YAML document begins here, and a template is one document; move it into a file of its own",
    ),
    (
        "---\na: 1\n...\n«---»\n~\n",
        "a second YAML document begins here, and a template is one document; move it into a file of its own",
    ),
    ("a: b«\0»c\n", "a NUL byte stands here, so this is not a text in UTF-8; save the file as UTF-8"),
    (
        "a: b\n«[»c]\n",
        "`:` was expected after this key, on the same line; add it, or indent the line as part of the value before",
    ),
    ("- «,» b\n", "a value was expected here; write one, or quote the text"),
    (
        "\"a\"\n«b»: c\n",
        "the value of the file ends before this line; indent the line like the lines before it, or remove it",
    ),
    ("a: «?» b\n", "no key can stand here; put it on a line of its own, as `key: value`"),
    ("a: «\"»b\n---\nc\"\n", "the quote that begins here is not closed before the end of the document; close it"),
    (
        "a: b «#» c\n  d\n",
        "a comment stands between the lines of one text; move the comment, or indent the next line as a key",
    ),
    ("a: «|»text\n", "only `+`, `-` or a digit can follow `|` or `>`; put the text on the next line, or quote it"),
    ("a:\n  - «!»![x\n", "`!` begins the name of a tag; write the name, or quote the text"),
    ("%«»\na: b\n", "`%` at the beginning of a line begins a directive; indent the line, or quote the text"),
    ("a: 1\n«%»b: 1\n", "no value can begin with `%`; quote the text"),
];

const JSON: &[(&str, &str)] = &[
    ("{\"a\": 1 «\"b\"»: 2}", "`,` or `}` was expected here; separate the entries of the object, or close it"),
    ("{\"a\": [\"1\" «\"b\"»]}", "`,` or `]` was expected here; separate the items of the list, or close it"),
    ("«{»\"a\": 1", "this `{` is never closed; add `}`"),
    ("{\"a\": «[»1", "this `[` is never closed; add `]`"),
    ("{\"a\": «\"»b}", "the string that begins here is never closed; add `\"`"),
    ("{\"a\": 1} «{»}", "the template ends before this; remove what follows it"),
    ("{\"a\": 1}«]»", "the template ends before this; remove what follows it"),
    ("{\"a\": [1«}»", "`,` or `]` was expected here; separate the items of the list, or close it"),
    ("{\"a\" «\"b\"»}", "`:` was expected between the key and its value; add it"),
    ("{«,»}", "a key was expected here; write it in double quotes"),
    ("{\"a\": [«,»]}", "a value was expected here; write one, text in double quotes"),
    ("{\"é\": \"«\\q»\"}", "JSON has no such escape; use one of `\\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX`"),
    (
        "{\"a\": \"«\\u»d83d\"}",
        "this escape is no character; write both halves of a surrogate pair, or the character itself",
    ),
    ("{\"a\":«\u{a0}»[1], \"b\":: 2}", "this blank is none of JSON's; use a space"),
    ("{\"a\": \"«\\u»00g0\"}", "four hexadecimal digits were expected after `\\u`; write them"),
    ("{\"a\": -«}»", "this is not a JSON number; write it in digits, or put it in double quotes"),
    ("{\"a\": [1, 2,«]»], }", "a `,` stands before this bracket and nothing follows it; remove the comma"),
    ("{\"a\": 1, «/* x */» }", "JSON has no comments; remove it, or write the template in YAML"),
];

fn difference(marked: &str, message: &str) -> Option<String> {
    let mut text = marked.replace(['«', '»'], "");
    let start = marked.find('«').expect("a mark");
    let end = marked.find('»').expect("a second mark") - '«'.len_utf8();
    let tree = parse(&source(&text));
    let Some(problem) = tree.problems.first() else { return Some(format!("no problem: {marked:?}")) };
    if problem.message == message && problem.span.range() == (start..end) {
        return None;
    }
    let range = problem.span.range();
    text.insert(range.end, '»');
    text.insert(range.start, '«');
    Some(format!("{marked:?}: {message}\n    {text:?}: {}", problem.message))
}

/// Every row at once, so that one look shows all that changed.
fn assert_problems(rows: &[(&str, &str)]) {
    let wrong: Vec<_> = rows.iter().filter_map(|(marked, message)| difference(marked, message)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn broken_yaml_is_explained_at_its_place() {
    assert_problems(YAML);
}

#[test]
fn broken_json_is_explained_at_its_place() {
    assert_problems(JSON);
}

#[test]
fn what_stands_before_a_problem_is_read() {
    for text in ["a: 1\nb: [2, '3\nc: 3\n", "{\"a\": 1, \"b\": [2 \"3\"}"] {
        let tree = parse(&source(text));
        assert_eq!(tree.problems.len(), 1);
        let root = tree.root().expect("a root");
        assert_eq!(root.get("a").and_then(|node| node.text()), Some("1"));
        assert_eq!(root.get("b").map(|node| node.items().count()), Some(1));
    }
}

#[test]
fn every_unknown_alias_is_a_problem_of_its_own() {
    let tree = parse(&source("a: *b\nc: *d\n"));
    assert_eq!(tree.problems.len(), 2);
}

#[test]
fn nesting_without_end_is_a_problem_and_no_crash() {
    let deep = 10_000;
    let block: String = (0..400).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    let texts = [
        "[".repeat(deep),
        format!("{}{}", "[".repeat(deep), "]".repeat(deep)),
        "{a: ".repeat(deep),
        "- ".repeat(deep),
        "? ".repeat(deep),
        "{\"a\":".repeat(deep),
        format!("{{\"a\":{}{}}}", "[".repeat(deep), "]".repeat(deep)),
        block,
    ];
    for text in texts {
        let tree = parse(&source(&text));
        let problem = tree.problems.first().expect("a problem");
        assert!(problem.message.starts_with("values are nested more than 255 levels deep"), "{}", problem.message);
        assert!(problem.span.start > 0);
    }
}

#[test]
fn two_hundred_levels_are_fine() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let text = format!("{{\"x\": {}1{}}}", open.repeat(200), close.repeat(200));
        assert_eq!(parse(&source(&text)).problems, []);
    }
}

#[test]
fn an_alias_bomb_is_refused() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..20 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    let problems = parse(&source(&text)).problems;
    assert_eq!(problems.len(), 1);
    let message = "the aliases up to here repeat more than 100000 values; write fewer aliases of aliases";
    assert_eq!(problems.first().map(|problem| &*problem.message), Some(message));
}

#[test]
fn aliases_do_not_nest_deeper_than_text() {
    let mut text = "a0: &a0 [x]\n".to_owned();
    for level in 1..1000 {
        text.push_str(&format!("a{level}: &a{level} [[[[[*a{}]]]]]\n", level - 1));
    }
    let problems = parse(&source(&text)).problems;
    assert!(problems.iter().any(|problem| problem.message.starts_with("values are nested more than")), "{problems:?}");
}

#[test]
fn a_merge_bomb_is_refused() {
    let keys: String = (0..1000).map(|n| format!("k{n}: v, ")).collect();
    let mut text = format!("a: &a {{{keys}}}\n");
    for n in 0..200 {
        text.push_str(&format!("b{n}: {{<<: *a}}\n"));
    }
    assert_eq!(parse(&source(&text)).problems.len(), 1);
}

#[test]
fn a_file_above_the_limit_is_not_read() {
    let text = " ".repeat(MAX_BYTES + 1);
    let tree = parse(&source(&text));
    assert_eq!(
        tree.problems.first().map(|problem| &*problem.message),
        Some("the file is larger than 64 MiB; split the template")
    );
}

#[test]
fn a_text_in_utf_16_is_recognised() {
    let text: String = "Resources: {}".chars().flat_map(|character| [character, '\0']).collect();
    let problems = parse(&source(&text)).problems;
    assert!(problems.first().is_some_and(|problem| problem.message.contains("UTF-8") && problem.span.start == 1));
}
