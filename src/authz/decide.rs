//! From all policies to one answer.

use super::apply;
use super::caller::CallerKind;
use super::condition::Setting;
use super::exclude::exclude;
use super::matching;
use super::reach::{Reach, reach};
use super::request::{Attached, IdentityPolicy, Request};
use super::residual;
use super::world::World;
use super::{Applied, Decision, PolicyRef, Side, Verdict, Way};
use crate::policy::{CrossAccount, Effect, Policy, Statement, Version};
use crate::resolve::{Cause, Guard, Truth};
use smallvec::SmallVec;

/// Decides a request in all deployments at once: what depends on conditions or parameters of templates is undecided, unless it comes to
/// the same. See [`super::decide_in_worlds`].
#[must_use]
pub fn decide<'p>(request: &Request<'p>) -> Verdict<'p> {
    decide_in(request, World { assignment: &Guard::ALWAYS, feasible: &|_| true })
}

/// Decides a request in the deployments of one world.
pub(super) fn decide_in<'p>(request: &Request<'p>, world: World<'_>) -> Verdict<'p> {
    let mut tally = Tally::new(bounded(request, world));
    tally.key_policy(request, world);
    tally.grants(request, world);
    for (index, policy) in request.identity.iter().enumerate() {
        let sums = tally.attached(policy, PolicyRef::Identity(index), request, world);
        tally.identity = tally.identity.or(sums.allow);
        tally.deny_identity = tally.deny_identity.or(sums.deny);
    }
    let mut boundary_allows = !tally.bounded;
    for policy in request.boundary {
        let sums = tally.attached(policy, PolicyRef::Boundary, request, world);
        boundary_allows = boundary_allows.or(sums.allow);
        tally.deny_boundary = tally.deny_boundary.or(sums.deny);
    }
    tally.boundary = boundary_allows;
    if tally.by_both() == Truth::Unknown && tally.unknown.is_empty() {
        tally.set_apart(Setting { request, version: Version::Unknown, world });
    }
    tally.verdict(request)
}

/// Whether the caller has a permissions boundary.
fn bounded(request: &Request<'_>, world: World<'_>) -> Truth {
    request.boundary.iter().fold(Truth::No, |any, policy| any.or(world.holds(&policy.guard)))
}

/// What one policy says of a request.
struct Sums {
    allow: Truth,
    deny: Truth,
}

/// What all policies say of a request.
struct Tally<'p> {
    bounded: Truth,
    /// Allows of the key policy, by how they reach the caller.
    own: Truth,
    /// By `*`, in a statement that also tests `aws:PrincipalArn`.
    wildcard_tested: Truth,
    /// By `*` alone.
    wildcard: Truth,
    role: Truth,
    account: Truth,
    /// KMS grants to the caller.
    granted: Truth,
    /// KMS grants to its account.
    granted_account: Truth,
    identity: Truth,
    boundary: Truth,
    /// Whether no request fulfils the conditions of a statement of the key policy and of one of an identity policy.
    apart: bool,
    deny_key: Truth,
    deny_identity: Truth,
    deny_boundary: Truth,
    statements: SmallVec<[Applied<'p>; 3]>,
    unknown: Vec<Cause>,
}

impl<'p> Tally<'p> {
    fn new(bounded: Truth) -> Self {
        Self {
            bounded,
            own: Truth::No,
            wildcard_tested: Truth::No,
            wildcard: Truth::No,
            role: Truth::No,
            account: Truth::No,
            granted: Truth::No,
            granted_account: Truth::No,
            identity: Truth::No,
            boundary: Truth::Yes,
            apart: false,
            deny_key: Truth::No,
            deny_identity: Truth::No,
            deny_boundary: Truth::No,
            statements: SmallVec::new(),
            unknown: Vec::new(),
        }
    }

    fn key_policy(&mut self, request: &Request<'p>, world: World<'_>) {
        // What only IAM policies can give has no effect in a key policy.
        if request.action.info().iam_only {
            return;
        }
        match request.key.statements() {
            Err(cause) => self.unknown_key_policy(cause.clone()),
            Ok(policy) => {
                let setting = Setting { request, version: policy.version, world };
                for statement in &policy.statements {
                    self.key_statement(statement, setting);
                }
                for cause in &policy.unknown {
                    if world.holds(&cause.guard) != Truth::No {
                        self.unknown_key_policy(cause.value.clone());
                    }
                }
            }
        }
    }

    /// KMS grants give what they say to whom they name, beside all policies.
    fn grants(&mut self, request: &Request<'p>, world: World<'_>) {
        let Some(granted) = request.key.granted() else { return };
        let setting = Setting { request, version: granted.version, world };
        for statement in &granted.statements {
            let reach = Self::reach(Truth::No, statement, setting);
            if reach.any() != Truth::No {
                self.granted = self.granted.or(reach.own).or(reach.role).or(reach.wildcard);
                self.granted_account = self.granted_account.or(reach.account);
                self.apply(statement, PolicyRef::Grants, reach, setting);
            }
        }
    }

    fn unknown_key_policy(&mut self, cause: Cause) {
        self.allow_from_key(Reach::UNKNOWN, false);
        self.deny_key = self.deny_key.or(Truth::Unknown);
        self.unknown.push(cause);
    }

    fn key_statement(&mut self, statement: &'p Statement, setting: Setting<'_, 'p>) {
        let reach = Self::reach(self.bounded, statement, setting);
        if reach.any() == Truth::No {
            return;
        }
        let tests_arn = || statement.conditions.iter().any(|condition| condition.key.folded == "aws:principalarn");
        match statement.effect {
            Some(Effect::Allow) => self.allow_from_key(reach, tests_arn()),
            Some(Effect::Deny) => self.deny_key = self.deny_key.or(reach.any()),
            None => {
                self.allow_from_key(reach.and(Truth::Unknown), tests_arn());
                self.deny_key = self.deny_key.or(Truth::Unknown);
            }
        }
        self.apply(statement, PolicyRef::Key, reach, setting);
    }

    /// How a statement reaches the caller where it applies. What leaves most statements out comes first.
    fn reach(bounded: Truth, statement: &Statement, setting: Setting<'_, 'p>) -> Reach {
        if apply::is_hidden(statement, setting) {
            return Reach::UNKNOWN.and(setting.world.holds(&statement.guard));
        }
        if apply::covers_action(statement, setting) == Truth::No {
            return Reach::NOBODY;
        }
        let reach = reach(statement, setting.request.caller, bounded, setting.world);
        if reach.any() == Truth::No {
            return reach;
        }
        reach.and(apply::applies(statement, setting))
    }

    fn allow_from_key(&mut self, reach: Reach, tests_arn: bool) {
        self.own = self.own.or(reach.own);
        self.role = self.role.or(reach.role);
        self.account = self.account.or(reach.account);
        let wildcard = if tests_arn { &mut self.wildcard_tested } else { &mut self.wildcard };
        *wildcard = wildcard.or(reach.wildcard);
    }

    fn attached(
        &mut self,
        attached: &'p IdentityPolicy<'p>,
        policy: PolicyRef,
        request: &Request<'p>,
        world: World<'_>,
    ) -> Sums {
        let there = world.holds(&attached.guard);
        let mut sums = Sums { allow: Truth::No, deny: Truth::No };
        if there == Truth::No {
            return sums;
        }
        match &attached.policy {
            Attached::Unknown(cause) => {
                self.unknown.push(cause.clone());
                sums = Sums { allow: Truth::Unknown, deny: Truth::Unknown };
            }
            Attached::Document(document) => self.document(document, policy, there, request, world, &mut sums),
        }
        sums
    }

    fn document(
        &mut self,
        document: &'p Policy,
        policy: PolicyRef,
        there: Truth,
        request: &Request<'p>,
        world: World<'_>,
        sums: &mut Sums,
    ) {
        let setting = Setting { request, version: document.version, world };
        for statement in &document.statements {
            let applies = apply::applies(statement, setting).and(there);
            if applies == Truth::No {
                continue;
            }
            match statement.effect {
                Some(Effect::Allow) => sums.allow = sums.allow.or(applies),
                Some(Effect::Deny) => sums.deny = sums.deny.or(applies),
                None => *sums = Sums { allow: sums.allow.or(Truth::Unknown), deny: sums.deny.or(Truth::Unknown) },
            }
            self.apply(statement, policy, Reach::HOLDER.and(applies), setting);
        }
        for cause in &document.unknown {
            if world.holds(&cause.guard) != Truth::No {
                self.unknown.push(cause.value.clone());
                *sums = Sums { allow: sums.allow.or(Truth::Unknown), deny: sums.deny.or(Truth::Unknown) };
            }
        }
    }

    /// Keeps a statement as evidence.
    fn apply(&mut self, statement: &'p Statement, policy: PolicyRef, reach: Reach, setting: Setting<'_, 'p>) {
        let Some(effect) = statement.effect else {
            self.unknown.extend(statement.unknown.iter().map(|cause| cause.value.clone()));
            return;
        };
        let certain = reach.any() == Truth::Yes;
        let residual = if certain { Vec::new() } else { residual::residuals(statement, policy, setting) };
        let names_principals = matches!(policy, PolicyRef::Key | PolicyRef::Grants);
        let principal_match = if names_principals { reach.strongest() } else { None };
        self.statements.push(Applied { policy, statement, effect, principal_match, residual });
    }

    /// Finds allows whose conditions exclude those of every allow on the other side: together with them they give nothing.
    fn set_apart(&mut self, setting: Setting<'_, '_>) {
        let allows = |policy: PolicyRef, effect: Effect| match policy {
            PolicyRef::Key if effect == Effect::Allow => Some(Side::KeyPolicy),
            PolicyRef::Identity(_) if effect == Effect::Allow => Some(Side::Identity),
            PolicyRef::Key | PolicyRef::Identity(_) | PolicyRef::Boundary | PolicyRef::Grants => None,
        };
        let has_partner = |applied: &Applied<'_>| {
            let Some(side) = allows(applied.policy, applied.effect) else { return true };
            let others =
                self.statements.iter().filter(|other| allows(other.policy, other.effect).is_some_and(|of| of != side));
            others.into_iter().any(|other| !exclude(applied.statement, other.statement, setting))
        };
        let kept: Vec<bool> = self.statements.iter().map(has_partner).collect();
        let side_of = |applied: &Applied<'_>| allows(applied.policy, applied.effect);
        self.apart = !self.statements.iter().zip(&kept).any(|(applied, kept)| *kept && side_of(applied).is_some());
        if !self.apart && self.by_key_policy() == Truth::No {
            let mut kept = kept.into_iter();
            self.statements.retain(|_| kept.next().unwrap_or(true));
        }
    }

    fn any_key(&self) -> Truth {
        self.direct().or(self.account)
    }

    fn direct(&self) -> Truth {
        self.own.or(self.wildcard_tested).or(self.wildcard).or(self.role)
    }

    /// Whether the key policy is enough by itself, in the key's own account. Whether a boundary that does not allow caps a plain `*` is
    /// nowhere said.
    fn by_key_policy(&self) -> Truth {
        let capped = self.wildcard.and(self.boundary.or(Truth::Unknown));
        self.own.or(self.wildcard_tested).or(capped).or(self.role.and(self.boundary))
    }

    /// Whether key policy and identity policies together are enough.
    fn by_both(&self) -> Truth {
        if self.apart {
            return Truth::No;
        }
        self.any_key().and(self.identity).and(self.boundary)
    }

    /// Whether KMS grants are enough by themselves: they are in every account, as the grantee of another one has no other way in Auto
    /// Scaling's use of them. Whether a boundary that does not allow caps them is nowhere said, nor whom a grant to an account reaches.
    fn by_grants(&self) -> Truth {
        let named = self.granted.and(self.boundary.or(Truth::Unknown));
        named.or(self.granted_account.and(self.identity).and(self.boundary).and(Truth::Unknown))
    }

    /// What about KMS grants is nowhere said.
    fn doubt_about_grants(&self) -> Option<Cause> {
        let of_grant = |applied: &&Applied<'_>| applied.policy == PolicyRef::Grants && applied.residual.is_empty();
        let span = self.statements.iter().find(of_grant)?.statement.span;
        let why = match self.granted {
            Truth::Yes => "whether a permissions boundary limits what a KMS grant gives",
            Truth::No | Truth::Unknown => "whom a KMS grant to an account reaches",
        };
        Some(Cause { span, why: why.to_owned() })
    }

    fn verdict(mut self, request: &Request<'p>) -> Verdict<'p> {
        let local = match request.caller.kind {
            // A service needs the key policy alone; the root user has every permission of its account.
            CallerKind::Service => Truth::Yes,
            CallerKind::User | CallerKind::Role | CallerKind::Session | CallerKind::Root | CallerKind::Anyone => {
                matching::same(&request.caller.account, &request.key.account)
            }
        };
        if request.caller.kind == CallerKind::Root {
            self.identity = Truth::Yes;
        }
        let by_policies = self.allow(request, local);
        let by_grants = self.by_grants();
        let allow = by_policies.or(by_grants);
        let deny = self.deny_key.or(self.deny_identity).or(self.deny_boundary);
        let decision = match (deny, allow) {
            (Truth::Yes, _) => Decision::ExplicitDeny,
            (Truth::No, Truth::Yes) => Decision::Allow,
            (Truth::No, Truth::No) => Decision::ImplicitDeny,
            (Truth::No | Truth::Unknown, _) => Decision::Undecided,
        };
        if by_grants == Truth::Unknown && by_policies != Truth::Yes {
            self.unknown.extend(self.doubt_about_grants());
        }
        let by_grant_alone = by_policies != Truth::Yes;
        let way =
            if by_grant_alone && decision == Decision::Allow { Some(Way::Grant) } else { self.way(decision, local) };
        // Where nothing permits it, whether something also denies it changes nothing: the sides are those that lack an allow.
        let denied_anyway = decision == Decision::Undecided && allow == Truth::No;
        let mut sides = match way {
            Some(Way::Grant) => SmallVec::new(),
            _ => self.sides(if denied_anyway { Decision::ImplicitDeny } else { decision }, local, request),
        };
        if way == Some(Way::Grant) || (decision == Decision::Undecided && by_grants == Truth::Unknown) {
            sides.push(Side::Grants);
        }
        if decision != Decision::Undecided {
            self.unknown.clear();
        }
        let contradictory = self.apart && allow == Truth::No;
        let (statements, unknown) = (self.statements, self.unknown);
        Verdict { decision, allowed: allow.and(!deny), way, sides, contradictory, statements, unknown }
    }

    /// Whether something permits the request, denies aside.
    fn allow(&self, request: &Request<'_>, local: Truth) -> Truth {
        let info = request.action.info();
        if info.iam_only {
            let holder = request.caller.kind != CallerKind::Service;
            return self.identity.and(self.boundary).and(Truth::from(holder));
        }
        let abroad = Truth::from(info.cross_account != CrossAccount::No);
        let at_home = self.by_key_policy().or(self.by_both());
        let across = self.by_both().and(abroad);
        match local {
            Truth::Yes => at_home,
            Truth::No => across,
            Truth::Unknown if at_home == across => at_home,
            Truth::Unknown => Truth::Unknown,
        }
    }

    fn way(&self, decision: Decision, local: Truth) -> Option<Way> {
        if decision != Decision::Allow {
            return None;
        }
        Some(match (local, self.by_key_policy()) {
            (Truth::No | Truth::Unknown, _) => Way::BothSides,
            (Truth::Yes, Truth::Yes) if self.account.and(self.identity).and(self.boundary) == Truth::Yes => Way::Either,
            (Truth::Yes, Truth::Yes) => Way::KeyPolicy,
            (Truth::Yes, Truth::No | Truth::Unknown) => Way::Delegation,
        })
    }

    /// The sides that decided, sorted; none where nothing is decided.
    fn sides(&self, decision: Decision, local: Truth, request: &Request<'_>) -> SmallVec<[Side; 3]> {
        let pick = |sides: [(Side, bool); 3]| {
            let mut chosen = SmallVec::new();
            for (side, is_chosen) in sides {
                if is_chosen {
                    chosen.push(side);
                }
            }
            chosen
        };
        let of = |boundary: bool, identity: bool, key: bool| {
            pick([(Side::Boundary, boundary), (Side::Identity, identity), (Side::KeyPolicy, key)])
        };
        let iam_only = request.action.info().iam_only;
        match decision {
            Decision::ExplicitDeny => {
                of(self.deny_boundary == Truth::Yes, self.deny_identity == Truth::Yes, self.deny_key == Truth::Yes)
            }
            Decision::Allow if iam_only => of(false, true, false),
            Decision::Allow => of(false, local != Truth::Yes || self.by_key_policy() != Truth::Yes, true),
            Decision::Undecided => SmallVec::new(),
            Decision::ImplicitDeny => {
                let (no_boundary, no_identity) = (self.boundary == Truth::No, self.identity == Truth::No);
                let no_key = self.any_key() == Truth::No;
                if iam_only {
                    of(no_boundary, no_identity, false)
                } else if self.apart {
                    of(no_boundary, false, true)
                } else if local == Truth::No {
                    let dead = request.action.info().cross_account == CrossAccount::No;
                    of(no_boundary, no_identity, no_key || dead)
                } else if no_key {
                    of(false, false, true)
                } else if self.role == Truth::Yes && no_boundary {
                    of(true, false, false)
                } else {
                    of(no_boundary, no_identity, false)
                }
            }
        }
    }
}
