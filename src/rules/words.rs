//! Lists in sentences.

/// Most items that a sentence names; the rest is counted.
const MOST: usize = 4;

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
