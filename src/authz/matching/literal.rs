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
    let (mut rest, mut left) = (pattern.as_bytes(), text.as_bytes());
    let mut retry: Option<(&[u8], &[u8])> = None;
    loop {
        match (rest.split_first(), left.split_first()) {
            (Some((b'*', after)), _) => {
                rest = after;
                if rest.is_empty() {
                    return true;
                }
                retry = Some((rest, left));
                continue;
            }
            (None, None) => return true,
            (Some((b'?', after)), Some(_)) => {
                (rest, left) = (after, behind_character(left));
                continue;
            }
            (Some((expected, after)), Some((found, behind))) if expected == found => {
                (rest, left) = (after, behind);
                continue;
            }
            _ => {}
        }
        // Let the last `*` swallow one more character.
        let Some((after_star, from)) = retry else { return false };
        if from.is_empty() {
            return false;
        }
        (rest, left) = (after_star, behind_character(from));
        retry = Some((rest, left));
    }
}

/// What follows the first character of UTF-8.
fn behind_character(text: &[u8]) -> &[u8] {
    let Some((_, mut behind)) = text.split_first() else { return text };
    while let Some((0x80..=0xBF, after)) = behind.split_first() {
        behind = after;
    }
    behind
}

/// Whether an ARN pattern matches part by part; a last part `*` stands for all that follows.
fn arn(pattern: &str, value: &str) -> bool {
    if is_stars(pattern) {
        return true;
    }
    let (mut pattern, mut value) = (pattern, value);
    for index in 0..5 {
        let Some((part, behind)) = split_part(pattern) else {
            return is_stars(pattern) && value.bytes().filter(|byte| *byte == b':').count() >= 5 - index;
        };
        let Some((found, after)) = split_part(value) else { return false };
        if part != found && !wildcard(part, found) {
            return false;
        }
        (pattern, value) = (behind, after);
    }
    wildcard(pattern, value)
}

/// What stands before and after the first colon.
fn split_part(text: &str) -> Option<(&str, &str)> {
    let at = memchr::memchr(b':', text.as_bytes())?;
    Some((text.get(..at)?, text.get(at + 1..)?))
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
