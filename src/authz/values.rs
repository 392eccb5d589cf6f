//! Numbers, dates and addresses of conditions.

use crate::policy::OperatorKind;
use std::cmp::Ordering;
use std::net::IpAddr;

/// Whether a value of a request meets an operator with a value of a policy; none where one of them is malformed: nowhere is said what
/// happens then.
pub(super) fn compare(kind: OperatorKind, pattern: &str, value: &str) -> Option<bool> {
    match kind {
        OperatorKind::NumericEquals => numbers(pattern, value).map(Ordering::is_eq),
        OperatorKind::NumericLessThan => numbers(pattern, value).map(Ordering::is_lt),
        OperatorKind::NumericLessThanEquals => numbers(pattern, value).map(Ordering::is_le),
        OperatorKind::NumericGreaterThan => numbers(pattern, value).map(Ordering::is_gt),
        OperatorKind::NumericGreaterThanEquals => numbers(pattern, value).map(Ordering::is_ge),
        OperatorKind::DateEquals => dates(pattern, value).map(Ordering::is_eq),
        OperatorKind::DateLessThan => dates(pattern, value).map(Ordering::is_lt),
        OperatorKind::DateLessThanEquals => dates(pattern, value).map(Ordering::is_le),
        OperatorKind::DateGreaterThan => dates(pattern, value).map(Ordering::is_gt),
        OperatorKind::DateGreaterThanEquals => dates(pattern, value).map(Ordering::is_ge),
        OperatorKind::IpAddress => in_range(pattern, value),
        OperatorKind::StringEquals
        | OperatorKind::StringEqualsIgnoreCase
        | OperatorKind::StringLike
        | OperatorKind::Bool
        | OperatorKind::BinaryEquals
        | OperatorKind::ArnEquals
        | OperatorKind::ArnLike
        | OperatorKind::Null => None,
    }
}

/// How the value of the request lies to the value of the policy.
fn numbers(pattern: &str, value: &str) -> Option<Ordering> {
    number(value)?.partial_cmp(&number(pattern)?)
}

/// A decimal number: no infinities, no `NaN`.
fn number(text: &str) -> Option<f64> {
    let decimal = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
    if decimal { text.parse().ok() } else { None }
}

fn dates(pattern: &str, value: &str) -> Option<Ordering> {
    Some(nanoseconds(value)?.cmp(&nanoseconds(pattern)?))
}

/// Nanoseconds since 1970 of an ISO 8601 date (alone: midnight UTC), or of a number of seconds.
fn nanoseconds(text: &str) -> Option<i128> {
    const SECOND: i128 = 1_000_000_000;
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() != 4 {
        return Some(text.parse::<i128>().ok()? * SECOND);
    }
    let (date, time) = match text.split_once(['T', 't']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let (seconds, nanos) = match time {
        Some(time) => time_of_day(time)?,
        None => (0, 0),
    };
    Some((i128::from(days(date)?) * 86_400 + i128::from(seconds)) * SECOND + i128::from(nanos))
}

/// Digits of an exact length as a number.
fn digits(text: &str, length: usize) -> Option<i64> {
    let exact = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    if exact { text.parse().ok() } else { None }
}

/// Days since 1970 of `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
fn days(date: &str) -> Option<i64> {
    let mut parts = date.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |month| digits(month, 2))?;
    let day = parts.next().map_or(Some(1), |day| digits(day, 2))?;
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years that begin in March put the leap day at the end.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// Seconds since midnight UTC, and nanoseconds, of `hh:mm[:ss[.f]]` with `Z`, an offset, or nothing (UTC).
fn time_of_day(time: &str) -> Option<(i64, i64)> {
    let (clock, offset) = match time.find(['Z', 'z', '+', '-']) {
        Some(at) => (time.get(..at)?, offset(time.get(at..)?)?),
        None => (time, 0),
    };
    let mut parts = clock.split(':');
    let hours = digits(parts.next()?, 2)?;
    let minutes = digits(parts.next()?, 2)?;
    let (seconds, nanos) = match parts.next() {
        None => (0, 0),
        Some(seconds) => match seconds.split_once('.') {
            None => (digits(seconds, 2)?, 0),
            Some((seconds, fraction)) => (digits(seconds, 2)?, fraction_nanos(fraction)?),
        },
    };
    let sound = parts.next().is_none() && hours <= 24 && minutes < 60 && seconds <= 60;
    sound.then_some((hours * 3600 + minutes * 60 + seconds - offset, nanos))
}

fn fraction_nanos(fraction: &str) -> Option<i64> {
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{fraction:0<9}").get(..9)?.parse().ok()
}

/// Seconds east of UTC of `Z`, `+hh:mm`, `+hhmm` or `+hh`.
fn offset(text: &str) -> Option<i64> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, digits_of) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let plain = digits_of.replace(':', "");
    let (hours, minutes) = plain.split_at_checked(2)?;
    let minutes = if minutes.is_empty() { 0 } else { digits(minutes, 2)? };
    Some(sign * (digits(hours, 2)? * 3600 + minutes * 60))
}

/// Whether an address lies in a CIDR range, or is the same as a single address. Of different versions: no.
fn in_range(range: &str, address: &str) -> Option<bool> {
    let address: IpAddr = address.parse().ok()?;
    let (network, length) = match range.split_once('/') {
        Some((network, length)) => (network, Some(length.parse::<u32>().ok()?)),
        None => (range, None),
    };
    let network: IpAddr = network.parse().ok()?;
    let (width, a, b) = match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (32, u128::from(a.to_bits()), u128::from(b.to_bits())),
        (IpAddr::V6(a), IpAddr::V6(b)) => (128, a.to_bits(), b.to_bits()),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return Some(false),
    };
    let host = u32::checked_sub(width, length.unwrap_or(width))?;
    Some((a ^ b).checked_shr(host).unwrap_or(0) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_iso_8601_or_seconds() {
        for (a, b) in [
            ("1970-01-01", "0"),
            ("2024-03-01T12:00:00Z", "1709294400"),
            ("2024-03-01T12:00:00+02:00", "2024-03-01T10:00:00Z"),
            ("2024-03-01T12:00Z", "2024-03-01T12:00:00.000Z"),
            ("2000-02-29", "951782400"),
            ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(nanoseconds(a), nanoseconds(b), "{a} {b}");
        }
        assert!(nanoseconds("2024-03-01T12:00:00.5Z") > nanoseconds("2024-03-01T12:00:00Z"));
        assert_eq!(nanoseconds("tomorrow"), None);
    }

    #[test]
    fn addresses_lie_in_ranges_of_their_own_version() {
        for (range, address, expected) in [
            ("203.0.113.0/24", "203.0.113.9", Some(true)),
            ("203.0.113.0/24", "203.0.114.9", Some(false)),
            ("203.0.113.9", "203.0.113.9", Some(true)),
            ("0.0.0.0/0", "8.8.8.8", Some(true)),
            ("0.0.0.0/0", "::1", Some(false)),
            ("2001:db8::/32", "2001:db8::17", Some(true)),
            ("::/0", "2001:db8::17", Some(true)),
            ("2001:db8:0:1::/64", "2001:db8::17", Some(false)),
            ("300.0.0.0/8", "8.8.8.8", None),
            ("10.0.0.0/33", "10.0.0.0", None),
        ] {
            assert_eq!(in_range(range, address), expected, "{range} {address}");
        }
    }

    #[test]
    fn numbers_are_decimal() {
        assert_eq!(compare(OperatorKind::NumericLessThan, "30", "7"), Some(true));
        assert_eq!(compare(OperatorKind::NumericEquals, "30", "30.0"), Some(true));
        assert_eq!(compare(OperatorKind::NumericEquals, "30", "x"), None);
    }
}
