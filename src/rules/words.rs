//! Lists in sentences.

/// Most items that a sentence names; the rest is counted.
const MOST: usize = 4;

/// More characters than this of a message are cut out of its middle: values can be made very long.
const LONGEST: usize = 600;

/// More changed letters than this make another word.
const MOST_EDITS: usize = 2;

/// The names that come nearest to one that is not among them, at most three; none where even the nearest is another word. Case is no difference.
pub(super) fn nearest(written: &str, names: &[&str]) -> Vec<String> {
    let folded = written.to_ascii_lowercase();
    let distance = |name: &&str| strsim::levenshtein(&folded, &name.to_ascii_lowercase());
    let Some(least) = names.iter().map(distance).min().filter(|least| *least <= MOST_EDITS) else {
        return Vec::new();
    };
    names.iter().filter(|name| distance(name) == least).take(3).map(|name| (*name).to_owned()).collect()
}

/// ``did you mean `a` or `b`?``
pub(super) fn did_you_mean(names: &[String]) -> String {
    format!("did you mean {}?", names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or "))
}

/// A message of bounded length.
pub(super) fn bounded(message: String) -> String {
    if message.len() <= LONGEST {
        return message;
    }
    let head: String = message.chars().take(LONGEST * 2 / 3).collect();
    let mut tail: Vec<char> = message.chars().rev().take(LONGEST / 3).collect();
    tail.reverse();
    format!("{head} … {}", tail.into_iter().collect::<String>())
}

/// The form of a verb that agrees with a list: `has` for one item, `have` for more.
pub(super) fn agreeing<'v>(items: &[String], one: &'v str, many: &'v str) -> &'v str {
    if items.len() == 1 { one } else { many }
}

/// `` `a` ``, `` `a` and `b` ``, `` `a`, `b` and `c` ``, and `` `a`, `b`, `c` and 5 more ``.
pub(super) fn list(items: &[String]) -> String {
    let shown: Vec<String> = items.iter().take(MOST).map(|item| format!("`{item}`")).collect();
    if items.len() > MOST {
        return format!("{} and {} more", shown.join(", "), items.len() - MOST);
    }
    match shown.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}
