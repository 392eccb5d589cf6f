//! CodeQL's hash of a line and what follows it, by which code scanning follows an alert through edits.
//!
//! For each line: a rolling hash, base 37 modulo 2⁶⁴, over the next 100 UTF-16 units that are neither blank nor tab, from the first of the
//! line; CR, LF and CRLF count as LF; behind the end come U+FFFF and then zeros. Equal hashes of one file are numbered.

use std::collections::BTreeMap;

const BLOCK: usize = 100;
const BASE: u64 = 37;
const LF: u16 = 0x0a;
const END: u16 = 0xffff;

/// The hashes of the lines of `text`, `hex:count`, in their order.
pub(super) fn line_hashes(text: &str) -> Vec<String> {
    let (units, starts) = significant(text);
    let oldest = BASE.wrapping_pow(u32::try_from(BLOCK).unwrap_or(u32::MAX));
    let unit = |at: usize| units.get(at).map_or(0, |unit| u64::from(*unit));
    let mut hash = (0..BLOCK).fold(0_u64, |hash, at| hash.wrapping_mul(BASE).wrapping_add(unit(at)));
    let mut at = 0;
    let mut counts: BTreeMap<u64, u32> = BTreeMap::new();
    let mut hashes = Vec::with_capacity(starts.len());
    for start in starts {
        while at < start {
            hash = hash.wrapping_mul(BASE).wrapping_add(unit(at + BLOCK)).wrapping_sub(oldest.wrapping_mul(unit(at)));
            at += 1;
        }
        let count = counts.entry(hash).or_default();
        *count += 1;
        hashes.push(format!("{hash:x}:{count}"));
    }
    hashes
}

/// The units that count, and where among them each line begins.
fn significant(text: &str) -> (Vec<u16>, Vec<usize>) {
    let mut units = Vec::with_capacity(text.len() + 1);
    let mut starts = Vec::new();
    let mut fresh = true;
    let mut after_cr = false;
    for unit in text.encode_utf16().chain([END]) {
        let skipped = matches!(unit, 0x20 | 0x09) || (after_cr && unit == LF);
        after_cr = unit == 0x0d;
        if skipped {
            continue;
        }
        let unit = if after_cr { LF } else { unit };
        if fresh {
            starts.push(units.len());
        }
        fresh = unit == LF;
        units.push(unit);
    }
    (units, starts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_codeql() {
        assert_eq!(line_hashes(""), ["c129715d7a2bc9a3:1"]);
        let four = ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"];
        assert_eq!(line_hashes(" a\nb\n  \t\tc\n d"), four);
        assert_eq!(line_hashes(" a\r\nb\r\n  \t\tc\r\n d"), four);
        assert_eq!(line_hashes(" a\rb\r  \t\tc\r d"), four);
    }

    #[test]
    fn equal_blocks_are_numbered() {
        let text = "- x\n".repeat(300);
        let hashes = line_hashes(&text);
        assert_eq!(hashes.len(), 301);
        let (first, _) = hashes[0].split_once(':').unwrap();
        assert_eq!(hashes[1], format!("{first}:2"));
    }
}
