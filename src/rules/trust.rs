//! What the rules on a key's administration share: in which worlds something is, may be, or is not.

use super::worlds;
use crate::estate::{Estate, Key};
use crate::policy::{Action, ActionPattern, Effect, Guarded, Match, Part, Policy, Principal, Statement};
use crate::resolve::{Guard, Piece, Text, Truth};

/// The worlds in which something certainly is, and those in which it may be, with the reason why that is not known.
#[derive(Debug, Default)]
pub(super) struct Worlds {
    yes: Vec<Guard>,
    maybe: Vec<(Guard, String)>,
}

/// Where something is not.
#[derive(Debug)]
pub(super) enum Absence {
    /// In none of the worlds.
    Nowhere,
    /// Certainly in these worlds.
    In(Vec<Guard>),
    /// Perhaps in some, and why that is not known.
    Unknown(String),
}

impl Worlds {
    /// It is in these worlds.
    pub(super) fn is(&mut self, guard: &Guard) {
        self.yes.push(guard.clone());
    }

    /// It may be in these worlds.
    pub(super) fn may_be(&mut self, guard: &Guard, why: impl Into<String>) {
        self.maybe.push((guard.clone(), why.into()));
    }

    /// It is in these worlds, or may be.
    pub(super) fn add(&mut self, truth: Truth, guard: &Guard, why: impl Into<String>) {
        match truth {
            Truth::Yes => self.is(guard),
            Truth::Unknown => self.may_be(guard, why),
            Truth::No => {}
        }
    }

    /// Why it is not known of some world.
    pub(super) fn why_unknown(&self) -> Option<&str> {
        self.maybe.first().map(|(_, why)| why.as_str())
    }

    /// Whether there is a world in which it is or may be.
    pub(super) fn is_possible(&self) -> bool {
        !self.yes.is_empty() || !self.maybe.is_empty()
    }

    /// Whether there is a world in which it is.
    pub(super) fn is_anywhere(&self) -> bool {
        !self.yes.is_empty()
    }

    /// In which of the worlds of `base` it is not.
    pub(super) fn absence(&self, estate: &Estate, base: &Guard) -> Absence {
        let too_many = || Absence::Unknown("too many conditions to try all of them".to_owned());
        let perhaps = self.maybe.iter().map(|(guard, _)| guard);
        match worlds::outside(estate, base, self.yes.iter().chain(perhaps)) {
            None => return too_many(),
            Some(left) if !left.is_empty() => return Absence::In(left),
            Some(_) => {}
        }
        match (worlds::outside(estate, base, &self.yes), self.maybe.first()) {
            (None, _) => too_many(),
            (Some(left), Some((_, why))) if !left.is_empty() => Absence::Unknown(why.clone()),
            (Some(_), _) => Absence::Nowhere,
        }
    }
}

/// The Allow statements of a policy; what cannot be read of the policy may be one that gives what is looked for.
pub(super) fn allows<'p>(policy: &'p Policy, found: &mut Worlds) -> Vec<&'p Statement> {
    for unknown in &policy.unknown {
        found.may_be(&unknown.guard, unknown.value.why.clone());
    }
    let mut allows = Vec::new();
    for statement in &policy.statements {
        if statement.effect != Some(Effect::Deny)
            && let Some(unknown) = statement.hidden()
        {
            found.may_be(&statement.guard, unknown.value.why.clone());
        }
        if statement.effect == Some(Effect::Allow) {
            allows.push(statement);
        }
    }
    allows
}

/// Whether a statement's `Action` or `NotAction` covers an action; unknown where that depends on a world.
pub(super) fn covers(statement: &Statement, action: Action) -> Truth {
    let matched = |patterns: &[Guarded<ActionPattern>]| {
        patterns.iter().fold(Truth::No, |sum, pattern| {
            let always = if pattern.guard == statement.guard { Truth::Yes } else { Truth::Unknown };
            sum.or(pattern.value.matches(action).and(always))
        })
    };
    let unread = statement.unread.iter().any(|(part, _)| *part == Part::Actions);
    let unread = if unread { Truth::Unknown } else { Truth::No };
    match &*statement.actions {
        Match::Only(patterns) => matched(patterns).or(unread),
        Match::AllExcept(patterns) => !matched(patterns).or(unread),
        Match::Missing => Truth::No,
    }
}

/// Whether a principal is the account that owns the key.
pub(super) fn is_own_account(principal: &Principal, key: &Key) -> Truth {
    match principal {
        Principal::Account(account) => account.equals(&key.account),
        Principal::Unknown(_) => Truth::Unknown,
        Principal::Arn(arn) if may_be_account(arn) => Truth::Unknown,
        Principal::Everyone
        | Principal::Arn(_)
        | Principal::UniqueId(_)
        | Principal::Service(_)
        | Principal::Federated(_)
        | Principal::CanonicalUser(_)
        | Principal::Malformed(_) => Truth::No,
    }
}

/// Whether the holes of an ARN could make it an account: the whole is a hole, or what it names is.
fn may_be_account(arn: &Text) -> bool {
    let skeleton: String = arn
        .pieces()
        .iter()
        .map(|piece| match piece {
            Piece::Literal(text) => text.as_str(),
            Piece::Symbol(_) => "\0",
        })
        .collect();
    if skeleton.starts_with('\0') {
        return true;
    }
    skeleton.splitn(6, ':').nth(5).is_none_or(|named| named.starts_with('\0'))
}

/// Whether an element of `Resource` in a key's policy may name that key. A key ARN with a literal id may be its own, from an earlier
/// deployment; what is no ARN is for other rules.
pub(super) fn may_be_own(key: &Key, resource: &Text) -> bool {
    let is_arn = resource.literal_ends().0.starts_with("arn:");
    let has_variable =
        resource.pieces().iter().any(|piece| matches!(piece, Piece::Literal(literal) if literal.contains("${")));
    !is_arn || has_variable || key.arn.matches(resource) != Truth::No
}

/// The account in the ARN of a principal; none where holes hide which part it is.
pub(super) fn account_of(arn: &Text) -> Option<Text> {
    let (parts, _) = arn.split_at(":");
    // The part behind the account has to be reached, else the account may be unfinished.
    parts.get(5).and_then(|_| parts.get(4)).cloned()
}

/// The account and the whole of a principal that is of an account.
pub(super) fn owner_of(principal: &Principal) -> Option<(Text, Text)> {
    match principal {
        Principal::Account(account) => Some((account.clone(), account.clone())),
        Principal::Arn(arn) => Some((account_of(arn)?, arn.clone())),
        _ => None,
    }
}

/// Why nothing can be said of principals of an account: in the same words whichever rule asks, so that it is counted once a key.
pub(super) fn unknown_owner(account: &Text) -> String {
    format!("whether account `{account}` owns the key is not known")
}
