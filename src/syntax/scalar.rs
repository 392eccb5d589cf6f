//! What a scalar without quotes means: the types of YAML 1.1, as CloudFormation reads them.

/// The meaning of a scalar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Plain {
    /// Nothing, `~` or `null`.
    Null,
    /// `true`, `yes`, `on` and their opposites.
    Bool(bool),
    /// A whole number that fits; also in octal, hexadecimal, binary and base 60.
    Int(i64),
    /// Any other number; a decimal one too large for [`Plain::Int`] is one.
    Float(f64),
    /// Everything else.
    Text,
}

/// The meaning of a YAML scalar without quotes.
///
/// Dates stay text, as CloudFormation's own versions (`2012-10-17`) are. So do twelve digits that begin with 0, even where all
/// of them are octal: they are an account id.
#[must_use]
pub fn plain(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Plain::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Plain::Bool(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Plain::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Plain::Float(f64::NAN),
        _ => {}
    }
    let negative = text.starts_with('-');
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Plain::Text;
    }
    if matches!(digits, ".inf" | ".Inf" | ".INF") {
        return Plain::Float(if negative { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    let is_account_id = text.len() == 12 && text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_account_id {
        return Plain::Text;
    }
    whole(digits, negative).or_else(|| fraction(digits, negative)).unwrap_or(Plain::Text)
}

/// The meaning of a JSON scalar that is not a string.
pub(super) fn plain_json(text: &str) -> Plain {
    match text {
        "null" => Plain::Null,
        "true" => Plain::Bool(true),
        "false" => Plain::Bool(false),
        _ => match (text.parse(), text.parse()) {
            (Ok(whole), _) => Plain::Int(whole),
            (Err(_), Ok(number)) => Plain::Float(number),
            (Err(_), Err(_)) => Plain::Text,
        },
    }
}

/// A whole number without its sign: decimal, `0x…`, `0b…`, `0…` (octal) or base 60 (`1:30`).
fn whole(digits: &str, negative: bool) -> Option<Plain> {
    let (base, body) = match digits.as_bytes() {
        [b'0', b'x', ..] => (16, digits.get(2..)?),
        [b'0', b'b', ..] => (2, digits.get(2..)?),
        [b'0', _, ..] => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    if base == 10 && digits.contains(':') {
        return sixties(digits, negative);
    }
    let sign = if negative { "-" } else { "" };
    let written: String = sign.chars().chain(body.chars().filter(|character| *character != '_')).collect();
    let unsigned = written.strip_prefix('-').unwrap_or(&written);
    if unsigned.is_empty() {
        // `0_` is octal with nothing after the 0.
        return (base == 8).then_some(Plain::Int(0));
    }
    if !unsigned.chars().all(|character| character.is_digit(base)) {
        return None;
    }
    Some(match (i64::from_str_radix(&written, base), written.parse()) {
        (Ok(value), _) => Plain::Int(value),
        (Err(_), Ok(number)) if base == 10 => Plain::Float(number),
        // No CloudFormation value is a number this large; hashes and serial numbers are.
        (Err(_), _) => Plain::Text,
    })
}

/// `h:m:s`: every group after the first has one or two digits and is below 60.
fn sixties(digits: &str, negative: bool) -> Option<Plain> {
    let mut groups = digits.split(':');
    let first = groups.next().filter(|first| !first.starts_with('0'))?;
    let mut value: i64 = first.replace('_', "").parse().ok()?;
    for group in groups {
        let below_sixty = match group.as_bytes() {
            [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9'] => group.parse::<i64>().ok()?,
            _ => return None,
        };
        value = value.checked_mul(60)?.checked_add(below_sixty)?;
    }
    Some(Plain::Int(if negative { -value } else { value }))
}

/// A number with a point; an exponent needs its sign (YAML 1.1: `1e5` is text).
fn fraction(digits: &str, negative: bool) -> Option<Plain> {
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (digits, None),
    };
    let (before, after) = mantissa.split_once('.')?;
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let begins_well = before.is_empty() && after.starts_with(|c: char| c.is_ascii_digit())
        || before.starts_with(|c: char| c.is_ascii_digit());
    if !begins_well || !is_digits(before) || !is_digits(after) {
        return None;
    }
    let exponent_is_sound = exponent.is_none_or(|exponent| {
        exponent.strip_prefix(['-', '+']).is_some_and(|n| !n.is_empty() && n.bytes().all(|byte| byte.is_ascii_digit()))
    });
    if !exponent_is_sound {
        return None;
    }
    let number: f64 = digits.replace('_', "").parse().ok()?;
    Some(Plain::Float(if negative { -number } else { number }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_yaml_1_1_are_booleans() {
        for word in ["yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"] {
            assert_eq!(plain(word), Plain::Bool(true), "{word}");
        }
        for word in ["no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"] {
            assert_eq!(plain(word), Plain::Bool(false), "{word}");
        }
        for word in ["y", "n", "yEs", "tRUE", "oN", "truex", "yes "] {
            assert_eq!(plain(word), Plain::Text, "{word}");
        }
    }

    #[test]
    fn nothing_tilde_and_null_are_null() {
        for word in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(plain(word), Plain::Null, "{word}");
        }
        assert_eq!(plain("nULL"), Plain::Text);
    }

    #[test]
    fn whole_numbers_have_five_spellings() {
        let rows = [
            ("0", 0),
            ("-0", 0),
            ("30", 30),
            ("+7", 7),
            ("-12", -12),
            ("1_000", 1000),
            ("010", 8),
            ("-017", -15),
            ("0x1F", 31),
            ("-0xf", -15),
            ("0b101", 5),
            ("1:30", 90),
            ("190:20:30", 685_230),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ];
        for (text, value) in rows {
            assert_eq!(plain(text), Plain::Int(value), "{text}");
        }
    }

    #[test]
    fn numbers_too_large_for_int_are_floats() {
        assert_eq!(plain("9223372036854775808"), Plain::Float(9_223_372_036_854_775_808.0));
    }

    #[test]
    fn numbers_with_a_point_are_floats() {
        let rows = [("1.5", 1.5), ("-1.", -1.0), (".5", 0.5), ("1.5e+3", 1500.0), ("6.5E-1", 0.65), ("1_0.2_5", 10.25)];
        for (text, value) in rows {
            assert_eq!(plain(text), Plain::Float(value), "{text}");
        }
        assert_eq!(plain(".inf"), Plain::Float(f64::INFINITY));
        assert_eq!(plain("-.Inf"), Plain::Float(f64::NEG_INFINITY));
        assert!(matches!(plain(".NaN"), Plain::Float(number) if number.is_nan()));
    }

    #[test]
    fn account_ids_dates_and_versions_stay_text() {
        let rows = [
            "012345678901",
            "012345670123",
            "000000000000",
            "2012-10-17",
            "2010-09-09",
            "2001-12-14t21:59:43.10-05:00",
            "1.2.3",
            "10.0.0.0/16",
            "1e5",
            "1.5e3",
            "12e45",
            "08",
            "0o17",
            "0x",
            "0b2",
            "0xg",
            "-",
            "+",
            ".",
            "-.",
            "._1",
            "1:60",
            "0:30",
            "1:2:",
            "1-2",
            "arn:aws:kms",
            "<<",
            "=",
            "１２",
        ];
        for text in rows {
            assert_eq!(plain(text), Plain::Text, "{text}");
        }
    }

    #[test]
    fn json_scalars_are_what_they_look_like() {
        assert_eq!(plain_json("1e5"), Plain::Float(100_000.0));
        assert_eq!(plain_json("-0"), Plain::Int(0));
        assert_eq!(plain_json("30"), Plain::Int(30));
        assert_eq!(plain_json("true"), Plain::Bool(true));
        assert_eq!(plain_json("null"), Plain::Null);
    }
}
