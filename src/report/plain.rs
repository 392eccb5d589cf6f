//! User text made safe for a terminal, and laid out in its columns.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Appends a character so that it can neither steer a terminal nor hide or reorder what stands beside it.
pub(super) fn push(out: &mut String, ch: char) {
    match ch {
        '\t' => out.push_str("  "),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        ch if ch.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(ch))),
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => {
            out.push_str(&format!("\\u{{{:x}}}", u32::from(ch)));
        }
        ch => out.push(ch),
    }
}

/// One line of safe text.
pub(super) fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.trim_end().chars().for_each(|ch| push(&mut out, ch));
    out
}

/// Columns that a character takes once it is made safe.
pub(super) fn width_of(ch: char) -> usize {
    let mut safe = String::new();
    push(&mut safe, ch);
    safe.chars().map(|ch| ch.width().unwrap_or(0)).sum()
}

/// Columns that a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// Safe lines of at most `columns`, broken at blanks; a longer word keeps a line of its own. Line breaks of the text stay.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    text.trim_end().lines().flat_map(|paragraph| wrap_line(&line(paragraph), columns)).collect()
}

fn wrap_line(text: &str, columns: usize) -> Vec<String> {
    let indent: String = text.chars().take_while(|ch| *ch == ' ').collect();
    let mut lines = vec![indent.clone()];
    let mut used = indent.len();
    for word in text.split_whitespace() {
        let fresh = used == indent.len();
        let needed = width(word) + usize::from(!fresh);
        if !fresh && used + needed > columns {
            lines.push(indent.clone());
            used = indent.len();
        }
        let Some(last) = lines.last_mut() else { continue };
        if used > indent.len() {
            last.push(' ');
            used += 1;
        }
        last.push_str(word);
        used += width(word);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_cannot_reach_a_terminal() {
        assert_eq!(line("a\u{1b}[31mb\u{7f}\u{9b}c\u{202e}d\te"), "a\\x1b[31mb\\x7f\\x9bc\\u{202e}d  e");
    }

    #[test]
    fn text_is_broken_at_blanks_and_counted_in_columns() {
        assert_eq!(wrap("the role may not decrypt", 10), ["the role", "may not", "decrypt"]);
        assert_eq!(wrap("日本 日本", 6), ["日本", "日本"]);
        assert_eq!(wrap("a arn:aws:kms:eu-west-1:111122223333:key/x b", 10).len(), 3);
        assert_eq!(wrap("one\n  two three", 6), ["one", "  two", "  three"]);
    }
}
