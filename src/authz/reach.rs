//! Whom a key policy statement reaches: whether, and how, its principal matches the caller.

use super::PrincipalMatch;
use super::caller::{Caller, CallerKind};
use super::matching;
use super::world::World;
use crate::policy::{Effect, Match, Principal, Statement};
use crate::resolve::{Piece, Text, Truth};

/// Each way in which the principals of a statement may match.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    /// By the caller's own user ARN, session ARN or service name.
    pub(super) own: Truth,
    /// By `*`, or by a `NotPrincipal` that does not spare the caller.
    pub(super) wildcard: Truth,
    /// By the ARN of its role.
    pub(super) role: Truth,
    /// By its account.
    pub(super) account: Truth,
    /// Whether the statement has a `NotPrincipal`.
    negated: bool,
}

impl Reach {
    /// No principal is the caller.
    pub(super) const NOBODY: Self =
        Self { own: Truth::No, wildcard: Truth::No, role: Truth::No, account: Truth::No, negated: false };

    /// An identity policy speaks of its holder.
    pub(super) const HOLDER: Self = Self { own: Truth::Yes, ..Self::NOBODY };

    /// What cannot be known may match in every way.
    pub(super) const UNKNOWN: Self = Self {
        own: Truth::Unknown,
        wildcard: Truth::Unknown,
        role: Truth::Unknown,
        account: Truth::Unknown,
        negated: false,
    };

    /// The ways that are certain.
    pub(super) fn certain(self) -> Self {
        let sure = |way: Truth| Truth::from(way == Truth::Yes);
        Self {
            own: sure(self.own),
            wildcard: sure(self.wildcard),
            role: sure(self.role),
            account: sure(self.account),
            negated: self.negated,
        }
    }

    /// Whether it matches in some way.
    pub(super) fn any(&self) -> Truth {
        self.own.or(self.wildcard).or(self.role).or(self.account)
    }

    /// The same where something else holds too.
    pub(super) fn and(self, other: Truth) -> Self {
        Self {
            own: self.own.and(other),
            wildcard: self.wildcard.and(other),
            role: self.role.and(other),
            account: self.account.and(other),
            negated: self.negated,
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            own: self.own.or(other.own),
            wildcard: self.wildcard.or(other.wildcard),
            role: self.role.or(other.role),
            account: self.account.or(other.account),
            negated: self.negated,
        }
    }

    /// The strongest way that is certain; where none is, the strongest that is possible.
    pub(super) fn strongest(&self) -> Option<PrincipalMatch> {
        if self.negated {
            return Some(PrincipalMatch::NotPrincipal);
        }
        let ways = [
            (self.own, PrincipalMatch::Own),
            (self.wildcard, PrincipalMatch::Wildcard),
            (self.role, PrincipalMatch::Role),
            (self.account, PrincipalMatch::Account),
        ];
        let first = |truth: Truth| ways.iter().find(|(known, _)| *known == truth).map(|(_, way)| *way);
        first(Truth::Yes).or_else(|| first(Truth::Unknown))
    }
}

/// How a statement of a key policy reaches a caller. `bounded` says whether the caller has a permissions boundary.
pub(super) fn reach(statement: &Statement, caller: &Caller, bounded: Truth, world: World<'_>) -> Reach {
    let listed = || {
        statement.principals.elements().iter().fold(Reach::NOBODY, |sum, principal| {
            match world.holds(&principal.guard) {
                Truth::No => sum,
                there => sum.or(by_principal(&principal.value, caller).and(there)),
            }
        })
    };
    match &statement.principals {
        Match::Only(_) => listed(),
        Match::Missing => Reach::NOBODY,
        Match::AllExcept(_) => {
            let listed = listed();
            let denies = || bounded_or(bounded, not_spared(&listed, caller.kind, Effect::Deny));
            let allows = || not_spared(&listed, caller.kind, Effect::Allow);
            let wildcard = match statement.effect {
                Some(Effect::Deny) => denies(),
                Some(Effect::Allow) => allows(),
                None if denies() == allows() => allows(),
                None => Truth::Unknown,
            };
            Reach { wildcard, negated: true, ..Reach::NOBODY }
        }
    }
}

/// A `Deny` with a `NotPrincipal` meets every caller with a boundary, whatever it lists.
fn bounded_or(bounded: Truth, not_spared: Truth) -> Truth {
    match bounded {
        Truth::Yes => Truth::Yes,
        Truth::No => not_spared,
        Truth::Unknown => not_spared.or(Truth::Unknown),
    }
}

/// Whether a `NotPrincipal` with this list does not spare a caller. It spares who is listed in full: a user with its account, a session
/// with its role and account. What a list does that names a caller only in part is nowhere said.
fn not_spared(listed: &Reach, kind: CallerKind, effect: Effect) -> Truth {
    if listed.wildcard != Truth::No {
        return !listed.wildcard;
    }
    let spared = match kind {
        CallerKind::User => listed.own.and(listed.account),
        CallerKind::Session => listed.own.and(listed.role).and(listed.account),
        // No list can name a session whose name is not known for sure.
        CallerKind::Role => Truth::No,
        CallerKind::Root | CallerKind::Service => listed.own,
        CallerKind::Anyone => Truth::No,
    };
    let mut named = listed.own.or(listed.role);
    if effect == Effect::Allow {
        named = named.or(listed.account);
    }
    match (spared, named) {
        (Truth::Yes, _) => Truth::No,
        (_, Truth::No) => Truth::Yes,
        (Truth::No | Truth::Unknown, _) => Truth::Unknown,
    }
}

fn by_principal(principal: &Principal, caller: &Caller) -> Reach {
    match principal {
        Principal::Everyone => Reach { wildcard: Truth::Yes, ..Reach::NOBODY },
        Principal::Account(account) => by_account(matching::same(account, &caller.account), caller.kind),
        Principal::Arn(arn) => by_arn(arn, caller),
        Principal::Service(name) if caller.kind == CallerKind::Service => {
            Reach { own: matching::same(name, &caller.arn), ..Reach::NOBODY }
        }
        Principal::Unknown(_) => Reach::UNKNOWN,
        Principal::Service(_)
        | Principal::UniqueId(_)
        | Principal::Federated(_)
        | Principal::CanonicalUser(_)
        | Principal::Malformed(_) => Reach::NOBODY,
    }
}

fn by_account(account: Truth, kind: CallerKind) -> Reach {
    match kind {
        CallerKind::Service => Reach::NOBODY,
        CallerKind::Root => Reach { own: account, ..Reach::NOBODY },
        CallerKind::User | CallerKind::Role | CallerKind::Session | CallerKind::Anyone => {
            Reach { account, ..Reach::NOBODY }
        }
    }
}

fn by_arn(arn: &Text, caller: &Caller) -> Reach {
    let exact = match caller.kind {
        CallerKind::User | CallerKind::Root => Reach { own: matching::same(arn, &caller.arn), ..Reach::NOBODY },
        CallerKind::Session => {
            Reach { own: matching::same(arn, &caller.arn), role: matching::same(arn, &caller.role), ..Reach::NOBODY }
        }
        CallerKind::Role => {
            let role = matching::same(arn, &caller.arn);
            Reach { own: names_session_of(arn, caller), role, ..Reach::NOBODY }
        }
        CallerKind::Service | CallerKind::Anyone => Reach::NOBODY,
    };
    let certain = exact.own == Truth::Yes || exact.role == Truth::Yes;
    if certain || !may_be_anything(arn) || caller.kind == CallerKind::Service {
        return exact;
    }
    exact.or(Reach { wildcard: Truth::Unknown, account: Truth::Unknown, ..Reach::NOBODY })
}

/// Whether an ARN names a session of the caller's role: at most possible, as the session's name is not known.
fn names_session_of(arn: &Text, caller: &Caller) -> Truth {
    let is_of_iam = |literal| matching::literal_arn_part(literal, 2) != Some("sts");
    if arn.as_literal().is_some_and(is_of_iam) {
        return Truth::No;
    }
    let (Some(service), Some(account), Some(session)) =
        (matching::arn_part(arn, 2), matching::arn_part(arn, 4), matching::arn_part(arn, 5))
    else {
        return Truth::No;
    };
    if service.as_literal().is_some_and(|service| service != "sts") {
        return Truth::No;
    }
    let possible = match (session.as_literal(), caller.arn.literal_ends().1.rsplit_once('/')) {
        (Some(session), Some((_, role))) => {
            session.strip_prefix("assumed-role/").and_then(|rest| rest.split('/').next()) == Some(role)
        }
        _ => {
            let (head, _) = session.literal_ends();
            head.starts_with("assumed-role/") || "assumed-role/".starts_with(head)
        }
    };
    matching::same(&account, &caller.account).and(Truth::from(possible)).and(Truth::Unknown)
}

/// Whether a principal with holes may turn out to be an account or `*`: it does not say what kind of identity it names.
fn may_be_anything(arn: &Text) -> bool {
    if arn.pieces().iter().all(|piece| matches!(piece, Piece::Literal(_))) {
        return false;
    }
    match matching::arn_part(arn, 5) {
        Some(resource) => !resource.literal_ends().0.contains('/'),
        None => true,
    }
}
