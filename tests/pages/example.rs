//! Rule pages as data: sections, examples, and the lines on which findings are expected.

use std::collections::BTreeSet;

/// A file of an example.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) text: String,
    /// Lines, from 1, on which the rule speaks.
    pub(crate) expected: Vec<u32>,
    pub(crate) account: Option<String>,
    pub(crate) region: Option<String>,
    /// Whether it is an inventory, and then whether that is complete.
    pub(crate) inventory: Option<bool>,
}

/// Files that are one estate.
#[derive(Clone, Debug)]
pub(crate) struct Example {
    /// The page's heading above it.
    pub(crate) title: String,
    pub(crate) files: Vec<File>,
}

/// The lines of a page's section (`## Bad`) without those of its code blocks' fences being mistaken for headings.
pub(crate) fn section<'p>(page: &'p str, name: &str) -> Option<Vec<&'p str>> {
    let (mut fenced, mut inside, mut found) = (false, false, None::<Vec<&str>>);
    for line in page.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if !fenced && line.starts_with("## ") {
            inside = line == format!("## {name}");
            if inside {
                found = Some(Vec::new());
            }
            continue;
        }
        if inside && let Some(lines) = &mut found {
            lines.push(line);
        }
    }
    found
}

/// The examples of a section: one for each `###`, and one for what stands before the first.
pub(crate) fn examples(page: &str, name: &str) -> Vec<Example> {
    let mut examples = vec![Example { title: name.to_owned(), files: Vec::new() }];
    let mut named: Option<&str> = None;
    let mut lines = section(page, name).unwrap_or_default().into_iter();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("### ") {
            examples.push(Example { title: format!("{name}: {title}"), files: Vec::new() });
        } else if line.starts_with('`') && !line.starts_with("```") {
            named = Some(line);
        } else if let Some(info) = line.strip_prefix("```") {
            let body: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
            examples.last_mut().unwrap().files.push(file(info, &body, named.take()));
        }
    }
    examples.retain(|example| !example.files.is_empty());
    for example in &mut examples {
        example.files.sort_by(|a, b| a.name.cmp(&b.name));
        let names: BTreeSet<&str> = example.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names.len(), example.files.len(), "{}: two files of one name", example.title);
    }
    examples
}

/// A fence with its info string, and the line above it that names the file: `` `app.yaml`, account 111122223333, Region eu-west-1 ``, or
/// `` `keys.json`, inventory, complete ``.
fn file(info: &str, body: &[&str], named: Option<&str>) -> File {
    let language = info.split_whitespace().next().unwrap_or("yaml");
    let mut words = named.unwrap_or_default().split([' ', ',']).filter(|word| !word.is_empty());
    let name = words.next().map(|name| name.trim_matches('`').to_owned());
    let words: Vec<&str> = words.collect();
    let after = |what: &str| {
        words.iter().position(|word| *word == what).and_then(|at| words.get(at + 1)).map(|w| (*w).to_owned())
    };
    let listed =
        info.split_once("findings=").map(|(_, lines)| lines.split(',').map(|line| line.parse().unwrap()).collect());
    let marked = || (1..).zip(body).filter(|(_, line)| line.ends_with("# finding")).map(|(number, _)| number).collect();
    File {
        name: name.unwrap_or_else(|| format!("template.{language}")),
        text: format!("{}\n", body.join("\n")),
        expected: listed.unwrap_or_else(marked),
        account: after("account"),
        region: after("Region"),
        inventory: words.contains(&"inventory").then(|| words.contains(&"complete")),
    }
}
