//! The actions of KMS, and patterns over them.

mod fit;
mod keys;
mod table;

pub use keys::{ConditionKeyInfo, ValueType};
pub use table::{ACTIONS, CONDITION_KEYS};

use crate::resolve::{Piece, Symbol, Text, Truth};

/// An action of KMS: an index into [`ACTIONS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Action(pub u8);

/// Whether an action can work on a key of another account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrossAccount {
    /// It can.
    Yes,
    /// It never does: a policy that allows it has no effect.
    No,
    /// The question has no sense: it names no key (`GenerateRandom`), or is no public API.
    NotApplicable,
}

/// What is known of an action.
#[derive(Debug)]
pub struct ActionInfo {
    /// `kms:Decrypt`, in AWS's spelling.
    pub name: &'static str,
    /// Whether it works on a key.
    pub on_key: bool,
    /// Whether it works on an alias.
    pub on_alias: bool,
    /// Across accounts.
    pub cross_account: CrossAccount,
    /// Whether a KMS grant can give it.
    pub grant_operation: bool,
    /// Whether it is a cryptographic operation.
    pub cryptographic: bool,
    /// Whether only IAM policies can give it: it has no effect in a key policy.
    pub iam_only: bool,
    /// Key specs and usages it works with: `any`, or spellings such as `SIGN_VERIFY:asymmetric`.
    pub valid_keys: &'static [&'static str],
    /// The condition keys of KMS that its requests can carry: bit n stands for `CONDITION_KEYS[n]`.
    keys: u64,
}

/// Traits of an action in the table.
mod traits {
    pub(super) const KEY: u8 = 1;
    pub(super) const ALIAS: u8 = 2;
    pub(super) const GRANT: u8 = 4;
    pub(super) const CRYPTO: u8 = 8;
    pub(super) const IAM: u8 = 16;
}

/// A row of the table.
const fn action(
    name: &'static str,
    traits: u8,
    cross_account: CrossAccount,
    valid_keys: &'static [&'static str],
    keys: u64,
) -> ActionInfo {
    ActionInfo {
        name,
        on_key: traits & traits::KEY != 0,
        on_alias: traits & traits::ALIAS != 0,
        cross_account,
        grant_operation: traits & traits::GRANT != 0,
        cryptographic: traits & traits::CRYPTO != 0,
        iam_only: traits & traits::IAM != 0,
        valid_keys,
        keys,
    }
}

impl Action {
    /// All actions, sorted by name.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..ACTIONS.len()).filter_map(|index| u8::try_from(index).ok()).map(Self)
    }

    /// The action of this name (`kms:decrypt`), in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let order = |info: &ActionInfo| compare_ignoring_case(info.name, name);
        let index = ACTIONS.binary_search_by(order).ok()?;
        u8::try_from(index).ok().map(Self)
    }

    /// What is known of it.
    #[must_use]
    pub fn info(self) -> &'static ActionInfo {
        static LAST: &ActionInfo = &action("kms:*", 0, CrossAccount::NotApplicable, &[], 0);
        ACTIONS.get(usize::from(self.0)).unwrap_or(LAST)
    }

    /// Its name in AWS's spelling: `kms:Decrypt`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// Whether a request for it can carry this condition key: no only for a key of KMS that the action does not know, so that a positive
    /// condition on it never holds. Keys of `aws:` and unheard-of ones are unknown.
    #[must_use]
    pub fn carries(self, key: &str) -> Truth {
        match ConditionKeyInfo::position(key) {
            Some(bit) if self.info().keys & (1 << bit) != 0 => Truth::Yes,
            Some(_) => Truth::No,
            None => Truth::Unknown,
        }
    }

    pub(super) fn bit(self) -> u64 {
        1_u64.checked_shl(u32::from(self.0)).unwrap_or(0)
    }
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

fn compare_ignoring_case(a: &str, b: &str) -> std::cmp::Ordering {
    let fold = |byte: u8| byte.to_ascii_lowercase();
    a.bytes().map(fold).cmp(b.bytes().map(fold))
}

/// An action as written in a policy: with `*` and `?`, any case, of any service, perhaps with holes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionPattern {
    /// As written.
    pub text: Text,
    /// The actions of KMS it certainly matches.
    yes: u64,
    /// The actions of KMS it may match: all of `yes`, and more where it has holes.
    maybe: u64,
}

impl ActionPattern {
    /// A pattern as written.
    #[must_use]
    pub fn new(text: Text) -> Self {
        let (yes, maybe) = match text.as_literal() {
            _ if !may_name_kms(&text) => (0, 0),
            Some(literal) => {
                let yes = literal_actions(literal);
                (yes, yes)
            }
            None => (0, possible_actions(&text)),
        };
        Self { text, yes, maybe }
    }

    /// Whether it matches an action.
    #[must_use]
    pub fn matches(&self, action: Action) -> Truth {
        if self.yes & action.bit() != 0 {
            Truth::Yes
        } else if self.maybe & action.bit() != 0 {
            Truth::Unknown
        } else {
            Truth::No
        }
    }

    /// The actions of KMS it certainly matches, and those it may match, as bits.
    pub(super) fn bits(&self) -> (u64, u64) {
        (self.yes, self.maybe)
    }

    /// The actions of KMS it certainly matches.
    pub fn expand(&self) -> impl Iterator<Item = Action> + use<> {
        let yes = self.yes;
        Action::all().filter(move |action| yes & action.bit() != 0)
    }

    /// Whether it names KMS: its prefix is `kms:`. A lone `*` names no service.
    #[must_use]
    pub fn is_kms(&self) -> bool {
        let (head, _) = self.text.literal_ends();
        head.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("kms:"))
    }

    /// Whether it is the lone `*`, or `kms:*`.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.yes.count_ones() as usize == ACTIONS.len()
    }

    /// Whether it names KMS and matches no action there is: a misspelling, or an action that is no permission (`kms:ReEncrypt`).
    #[must_use]
    pub fn matches_nothing(&self) -> bool {
        self.is_kms() && self.maybe == 0
    }
}

/// Whether a pattern could match an action of KMS at all, from its first characters.
fn may_name_kms(text: &Text) -> bool {
    let (head, _) = text.literal_ends();
    head.bytes().zip(b"kms:").find_map(|(byte, kms)| match byte {
        b'*' | b'?' => Some(true),
        _ if byte.eq_ignore_ascii_case(kms) => None,
        _ => Some(false),
    }) != Some(false)
}

/// The actions that a pattern without holes matches, as bits.
fn literal_actions(pattern: &str) -> u64 {
    if !pattern.contains(['*', '?']) {
        return Action::named(pattern).map_or(0, Action::bit);
    }
    let matched = Action::all().filter(|action| matches_literal(pattern.as_bytes(), action.name().as_bytes()));
    matched.fold(0, |bits, action| bits | action.bit())
}

/// Whether a pattern with `*` and `?` matches a whole name, without regard to case.
fn matches_literal(pattern: &[u8], name: &[u8]) -> bool {
    let (mut rest, mut left) = (pattern, name);
    let mut retry: Option<(&[u8], &[u8])> = None;
    loop {
        match (rest.split_first(), left.split_first()) {
            (Some((b'*', after)), _) => {
                rest = after;
                retry = Some((after, left));
            }
            (None, None) => return true,
            (Some((expected, after)), Some((found, behind)))
                if *expected == b'?' || expected.eq_ignore_ascii_case(found) =>
            {
                (rest, left) = (after, behind);
            }
            _ => {
                // Let the last `*` swallow one more character.
                let Some((after_star, [_, behind @ ..])) = retry else { return false };
                (rest, left) = (after_star, behind);
                retry = Some((rest, left));
            }
        }
    }
}

/// The actions that a pattern with holes may match, as bits.
fn possible_actions(text: &Text) -> u64 {
    let pattern = tokens(text);
    let possible = Action::all().filter(|action| may_match(&pattern, action.name()));
    possible.fold(0, |bits, action| bits | action.bit())
}

/// A unit of an action pattern with holes.
enum Token<'t> {
    Byte(u8),
    One,
    Any,
    Hole(&'t Symbol),
}

fn tokens(text: &Text) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for piece in text.pieces() {
        match piece {
            Piece::Symbol(symbol) => tokens.push(Token::Hole(symbol)),
            Piece::Literal(literal) => tokens.extend(literal.bytes().map(|byte| match byte {
                b'*' => Token::Any,
                b'?' => Token::One,
                _ => Token::Byte(byte),
            })),
        }
    }
    tokens
}

/// Whether a pattern matches a whole name for some text that its holes can stand for.
fn may_match(pattern: &[Token<'_>], name: &str) -> bool {
    let name = name.as_bytes();
    // For each place of the name: whether the rest of the pattern can match from there. From the end of the pattern on.
    let mut rest: Vec<bool> = (0..=name.len()).map(|at| at == name.len()).collect();
    for token in pattern.iter().rev() {
        let mut next = vec![false; name.len() + 1];
        let mut more = false;
        for at in (0..=name.len()).rev() {
            let after = rest.get(at + 1).copied().unwrap_or(false);
            let stay = rest.get(at).copied().unwrap_or(false);
            let byte = name.get(at).copied();
            more = match token {
                Token::Byte(expected) => byte.is_some_and(|byte| byte.eq_ignore_ascii_case(expected)) && after,
                Token::One => byte.is_some() && after,
                Token::Any => stay || more,
                Token::Hole(symbol) => stay || (more && byte.is_some_and(|byte| symbol.may_contain(char::from(byte)))),
            };
            if let Some(place) = next.get_mut(at) {
                *place = more;
            }
        }
        rest = next;
    }
    rest.first().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::StackId;

    #[test]
    fn every_action_is_found_by_its_name_in_any_case() {
        for action in Action::all() {
            assert_eq!(Action::named(action.name()), Some(action));
            assert_eq!(Action::named(&action.name().to_uppercase()), Some(action));
        }
        assert_eq!(Action::named("kms:ReEncrypt"), None);
        assert_eq!(Action::named("s3:GetObject"), None);
    }

    #[test]
    fn patterns_ignore_case_and_take_wildcards() {
        let decrypt = Action::named("kms:Decrypt").unwrap();
        for (pattern, expected) in [
            ("kms:Decrypt", true),
            ("KMS:dECRYPT", true),
            ("kms:*", true),
            ("*", true),
            ("kms:De*", true),
            ("kms:?ecrypt", true),
            ("kms:?crypt", false),
            ("kms:Encrypt", false),
            ("s3:*", false),
        ] {
            let matched = ActionPattern::new(Text::literal(pattern)).matches(decrypt);
            assert_eq!(matched, Truth::from(expected), "{pattern}");
        }
    }

    #[test]
    fn a_hole_makes_a_match_possible_and_literal_ends_can_exclude_it() {
        let decrypt = Action::named("kms:Decrypt").unwrap();
        let mut text = Text::literal("kms:");
        text.push(&Text::symbol(Symbol::Parameter(StackId(0), "Verb".into())));
        assert_eq!(ActionPattern::new(text.clone()).matches(decrypt), Truth::Unknown);
        text.push_str("Grant");
        assert_eq!(ActionPattern::new(text).matches(decrypt), Truth::No);
    }

    #[test]
    fn re_encrypt_is_no_action_but_its_wildcard_is_two() {
        assert!(ActionPattern::new(Text::literal("kms:ReEncrypt")).matches_nothing());
        assert_eq!(ActionPattern::new(Text::literal("kms:ReEncrypt*")).expand().count(), 2);
    }

    #[test]
    fn an_action_knows_the_condition_keys_it_carries() {
        let decrypt = Action::named("kms:Decrypt").unwrap();
        let describe = Action::named("kms:DescribeKey").unwrap();
        assert_eq!(decrypt.carries("kms:encryptioncontext:team"), Truth::Yes);
        assert_eq!(describe.carries("kms:EncryptionContextKeys"), Truth::No);
        assert_eq!(describe.carries("kms:KeySpec"), Truth::Yes);
        assert_eq!(describe.carries("aws:SourceIp"), Truth::Unknown);
        assert_eq!(decrypt.carries("kms:NewThing"), Truth::Unknown);
    }
}
