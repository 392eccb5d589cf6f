//! From all policies to one answer.

use super::apply;
use super::caller::CallerKind;
use super::condition::Setting;
use super::exclude::exclude;
use super::matching;
use super::reach::{Reach, reach};
use super::request::{Attached, IdentityPolicy, Request};
use super::residual;
use super::sums::Allows;
use super::world::World;
use super::{Applied, Decision, PolicyRef, PrincipalMatch, Residual, Side, Verdict, Way};
use crate::policy::{CrossAccount, Effect, Part, Policy, Statement, Version};
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
        tally.allows.identity = tally.allows.identity.or(sums.allow);
        tally.met.identity = tally.met.identity.or(sums.met);
        tally.deny_identity = tally.deny_identity.or(sums.deny);
    }
    (tally.allows.boundary, tally.met.boundary) = (!tally.bounded, !tally.bounded);
    for policy in request.boundary {
        let sums = tally.attached(policy, PolicyRef::Boundary, request, world);
        tally.allows.boundary = tally.allows.boundary.or(sums.allow);
        tally.met.boundary = tally.met.boundary.or(sums.met);
        tally.deny_boundary = tally.deny_boundary.or(sums.deny);
    }
    if tally.allows.by_both() == Truth::Unknown && tally.unknown.is_empty() {
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
    /// Whether it allows requests that meet conditions.
    met: Truth,
    deny: Truth,
}

impl Sums {
    const NOTHING: Self = Self { allow: Truth::No, met: Truth::No, deny: Truth::No };

    /// Adds what may be an Allow or a Deny of anything.
    fn open(&mut self) {
        (self.allow, self.deny) = (self.allow.or(Truth::Unknown), self.deny.or(Truth::Unknown));
    }
}

/// What all policies say of a request.
struct Tally<'p> {
    bounded: Truth,
    allows: Allows,
    /// What allows hold in requests that meet their conditions, whatever could not be read or compared.
    met: Allows,
    /// Whether a Deny meets all requests, or may do so for what could not be read or compared.
    kept_out: bool,
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
            allows: Allows::NONE,
            met: Allows::NONE,
            kept_out: false,
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
                self.allows.add_grant(&reach);
                if self.apply(statement, PolicyRef::Grants, reach, setting) {
                    self.met.add_grant(&Self::sure_reach(Truth::No, statement, setting));
                }
            }
        }
    }

    fn unknown_key_policy(&mut self, cause: Cause) {
        self.allows.add_key(&Reach::UNKNOWN, false);
        self.deny_key = self.deny_key.or(Truth::Unknown);
        self.kept_out = true;
        self.unknown.push(cause);
    }

    fn key_statement(&mut self, statement: &'p Statement, setting: Setting<'_, 'p>) {
        let reach = Self::reach(self.bounded, statement, setting);
        if reach.any() == Truth::No {
            return;
        }
        let tests_arn = statement.conditions.iter().any(|condition| condition.key.folded == "aws:principalarn");
        match statement.effect {
            Some(Effect::Allow) => self.allows.add_key(&reach, tests_arn),
            Some(Effect::Deny) => self.deny_key = self.deny_key.or(reach.any()),
            None => {
                self.allows.add_key(&reach.and(Truth::Unknown), tests_arn);
                self.deny_key = self.deny_key.or(Truth::Unknown);
            }
        }
        if self.apply(statement, PolicyRef::Key, reach, setting) {
            self.met.add_key(&Self::sure_reach(self.bounded, statement, setting), tests_arn);
        }
    }

    /// The ways in which a statement certainly reaches the caller where its conditions are met.
    fn sure_reach(bounded: Truth, statement: &Statement, setting: Setting<'_, 'p>) -> Reach {
        reach(statement, setting.request.caller, bounded, setting.world).certain()
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

    fn attached(
        &mut self,
        attached: &'p IdentityPolicy<'p>,
        policy: PolicyRef,
        request: &Request<'p>,
        world: World<'_>,
    ) -> Sums {
        let there = world.holds(&attached.guard);
        let mut sums = Sums::NOTHING;
        if there == Truth::No {
            return sums;
        }
        match &attached.policy {
            Attached::Unknown(cause) => {
                self.unknown.push(cause.clone());
                self.kept_out = true;
                sums.open();
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
                None => sums.open(),
            }
            let is_met = self.apply(statement, policy, Reach::HOLDER.and(applies), setting);
            sums.met = sums.met.or(Truth::from(is_met && there == Truth::Yes));
        }
        for cause in &document.unknown {
            if world.holds(&cause.guard) != Truth::No {
                self.unknown.push(cause.value.clone());
                self.kept_out = true;
                sums.open();
            }
        }
    }

    /// Keeps a statement as evidence. Whether it is an Allow that holds in requests that meet its conditions.
    fn apply(&mut self, statement: &'p Statement, policy: PolicyRef, reach: Reach, setting: Setting<'_, 'p>) -> bool {
        let Some(effect) = statement.effect else {
            self.kept_out = true;
            let of_effect = statement.unread.iter().filter(|(part, _)| *part == Part::Effect).map(|(_, cause)| cause);
            self.unknown.extend(statement.unknown.iter().chain(of_effect).map(|cause| cause.value.clone()));
            return false;
        };
        let certain = reach.any() == Truth::Yes;
        let residual = if certain { Vec::new() } else { residual::residuals(statement, policy, setting) };
        let is_request = |residual: &Residual| matches!(residual, Residual::Request { .. });
        self.kept_out |= effect == Effect::Deny && !residual.iter().any(is_request);
        let is_met = certain || (!residual.is_empty() && residual.iter().all(is_request));
        let names_principals = matches!(policy, PolicyRef::Key | PolicyRef::Grants);
        let principal_match = if names_principals { reach.strongest() } else { None };
        self.statements.push(Applied { policy, statement, effect, principal_match, residual, matters: true });
        effect == Effect::Allow && is_met
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
        self.allows.apart =
            !self.statements.iter().zip(&kept).any(|(applied, kept)| *kept && side_of(applied).is_some());
        // Which of several allows fit together is not told: that some do is not certain any more.
        self.met.apart = kept.contains(&false);
        if !self.allows.apart && self.allows.by_key_policy() == Truth::No {
            let mut kept = kept.into_iter();
            self.statements.retain(|_| kept.next().unwrap_or(true));
        }
    }

    /// What about KMS grants is nowhere said.
    fn doubt_about_grants(&self) -> Option<Cause> {
        let of_grant = |applied: &&Applied<'_>| applied.policy == PolicyRef::Grants && applied.residual.is_empty();
        let span = self.statements.iter().find(of_grant)?.statement.span;
        let why = match self.allows.granted {
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
            (self.allows.identity, self.met.identity) = (Truth::Yes, Truth::Yes);
        }
        let by_policies = self.allows.by_policies(request, local);
        let by_grants = self.allows.by_grants();
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
        let sides = match way {
            Some(Way::Grant) => SmallVec::from_iter([Side::Grants]),
            _ => self.sides(if denied_anyway { Decision::ImplicitDeny } else { decision }, local, request),
        };
        if decision != Decision::Undecided {
            self.unknown.clear();
        }
        let met = self.met.by_policies(request, local).or(self.met.by_grants());
        let mut statements = std::mem::take(&mut self.statements);
        for applied in statements.iter_mut().filter(|applied| !applied.residual.is_empty()) {
            applied.matters = self.matters(applied, allow, by_grants);
        }
        Verdict {
            decision,
            allowed: allow.and(!deny),
            met: met == Truth::Yes && !self.kept_out,
            way,
            sides,
            contradictory: self.allows.apart && allow == Truth::No,
            statements,
            unknown: self.unknown,
        }
    }

    /// Whether it could change the answer if a statement applies: not where others come to the same without it, or nothing comes of it.
    fn matters(&self, applied: &Applied<'_>, allow: Truth, by_grants: Truth) -> bool {
        let Allows { identity, boundary, account, .. } = self.allows;
        if applied.effect == Effect::Deny {
            return allow != Truth::No;
        }
        if allow == Truth::Yes {
            return false;
        }
        match (applied.policy, applied.principal_match) {
            (PolicyRef::Identity(_), _) => identity != Truth::Yes && boundary != Truth::No,
            (PolicyRef::Boundary, _) => boundary != Truth::Yes,
            (PolicyRef::Grants, _) => by_grants != Truth::Yes,
            (PolicyRef::Key, Some(PrincipalMatch::Account)) => {
                account != Truth::Yes && identity != Truth::No && boundary != Truth::No
            }
            (PolicyRef::Key, _) => true,
        }
    }

    fn way(&self, decision: Decision, local: Truth) -> Option<Way> {
        if decision != Decision::Allow {
            return None;
        }
        Some(match (local, self.allows.by_key_policy()) {
            (Truth::No | Truth::Unknown, _) => Way::BothSides,
            (Truth::Yes, Truth::Yes)
                if self.allows.account.and(self.allows.identity).and(self.allows.boundary) == Truth::Yes =>
            {
                Way::Either
            }
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
            Decision::Allow => of(false, local != Truth::Yes || self.allows.by_key_policy() != Truth::Yes, true),
            Decision::Undecided => SmallVec::new(),
            Decision::ImplicitDeny => {
                let (no_boundary, no_identity) = (self.allows.boundary == Truth::No, self.allows.identity == Truth::No);
                let no_key = self.allows.any_key() == Truth::No;
                if iam_only {
                    of(no_boundary, no_identity, false)
                } else if self.allows.apart {
                    of(no_boundary, false, true)
                } else if local == Truth::No {
                    let dead = request.action.info().cross_account == CrossAccount::No;
                    of(no_boundary, no_identity, no_key || dead)
                } else if no_key {
                    of(false, false, true)
                } else if self.allows.role == Truth::Yes && no_boundary {
                    of(true, false, false)
                } else {
                    of(no_boundary, no_identity, false)
                }
            }
        }
    }
}
