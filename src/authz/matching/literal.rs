//! Comparing texts without holes: the common case, without allocation.

use super::Comparison;

/// Whether a pattern matches a value.
pub(super) fn compare(pattern: &str, value: &str, comparison: Comparison) -> bool {
    match comparison {
        Comparison::Equal => pattern == value,
        Comparison::EqualIgnoringCase => equal_ignoring_case(pattern, value),
        Comparison::Like => wildcard(pattern, value),
        Comparison::Arn => arn(pattern, value),
    }
}

fn equal_ignoring_case(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || (!(a.is_ascii() && b.is_ascii()) && a.to_lowercase() == b.to_lowercase())
}

/// Whether a pattern with `*` and `?` matches the whole text; `?` is exactly one character.
pub(super) fn wildcard(pattern: &str, text: &str) -> bool {
    let (mut rest, mut left) = (pattern, text);
    let mut retry: Option<(&str, &str)> = None;
    loop {
        let mut after = rest.chars();
        match (after.next(), left.chars().next()) {
            (Some('*'), _) => {
                rest = after.as_str();
                if rest.is_empty() {
                    return true;
                }
                retry = Some((rest, left));
                continue;
            }
            (None, None) => return true,
            (Some(expected), Some(found)) if expected == '?' || expected == found => {
                rest = after.as_str();
                left = left.get(found.len_utf8()..).unwrap_or("");
                continue;
            }
            _ => {}
        }
        // Let the last `*` swallow one more character.
        let Some((after_star, from)) = retry else { return false };
        let mut characters = from.chars();
        if characters.next().is_none() {
            return false;
        }
        (rest, left) = (after_star, characters.as_str());
        retry = Some((rest, left));
    }
}

/// Whether an ARN pattern matches part by part; a last part `*` stands for all that follows.
fn arn(pattern: &str, value: &str) -> bool {
    if is_stars(pattern) {
        return true;
    }
    let mut parts = pattern.splitn(6, ':').peekable();
    let mut values = value.splitn(6, ':');
    for index in 0..6 {
        let Some(part) = parts.next() else { return false };
        if index < 5 && parts.peek().is_none() {
            return is_stars(part) && values.nth(5 - index).is_some();
        }
        let Some(value) = values.next() else { return false };
        if !wildcard(part, value) {
            return false;
        }
    }
    true
}

fn is_stars(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text_and_a_question_mark_one_character() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*b*c", "axxbxxbc", true),
            ("a*b*c", "axxc", false),
            ("?", "é", true),
            ("??", "é", false),
            ("*?", "", false),
            ("", "", true),
            ("", "a", false),
            ("a**", "a", true),
        ] {
            assert_eq!(wildcard(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn arn_patterns_match_between_colons_and_a_last_star_stands_for_the_rest() {
        let key = "arn:aws:kms:eu-west-1:111122223333:key/1234";
        for (pattern, expected) in [
            ("*", true),
            ("arn:*", true),
            ("arn:aws:kms:*", true),
            ("arn:aws:kms:*:*:key/*", true),
            ("arn:aws:kms:*:key/*", false),
            ("arn:aws:kms:eu-*", false),
            ("arn:aws:s3:*", false),
            ("arn:aws:kms:eu-west-?:111122223333:key/1234", true),
            ("arn:aws:kms:eu-west-1:111122223333:alias/x", false),
            ("1234", false),
        ] {
            assert_eq!(arn(pattern, key), expected, "{pattern}");
        }
        assert!(!arn("arn:aws:kms:*", "arn:aws:kms"));
    }
}
