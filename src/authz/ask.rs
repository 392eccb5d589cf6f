//! Questions about the estate, put to the engine.

use super::matching;
use super::request::NOTHING;
use super::{
    Attached, Caller, CallerKind, Context, ContextValue, IdentityPolicy, KeySide, Means, NearMiss, Repair, Request,
    Wish, WorldVerdict, decide_in_worlds, near_misses, repairs,
};
use crate::estate::{AttachedPolicy, Estate, Key, PolicySource, PrincipalEntry, PrincipalKind};
use crate::policy::{Action, Policy, PolicyKind, is_service_linked, parse, valued};
use crate::resolve::{Cause, Guard, Symbol, Text};
use crate::source::{FileId, Span};
use std::sync::LazyLock;

/// A principal with its policies as the engine wants them: made once, asked many times.
#[derive(Clone, Debug)]
pub struct Asker<'e> {
    caller: Caller,
    identity: Vec<IdentityPolicy<'e>>,
    boundary: Vec<IdentityPolicy<'e>>,
}

/// An identity policy that allows everything: who has it gets just what a key policy lets the account's policies give.
static EVERYTHING: LazyLock<Policy> = LazyLock::new(|| {
    let statement = serde_json::json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
    parse(&valued(&statement, NOWHERE), PolicyKind::Identity)
});

const NOWHERE: Span = Span { file: FileId(0), start: 0, end: 0 };

impl<'e> Asker<'e> {
    /// A principal of the estate. Who holds a policy that is not attached in view may be anybody, and who is in a group any user.
    #[must_use]
    pub fn of(entry: &'e PrincipalEntry) -> Self {
        let (arn, account) = (entry.arn.clone(), entry.account.clone());
        let caller = match entry.kind {
            PrincipalKind::Role => Caller::role(arn, account),
            PrincipalKind::User => Caller::user(arn, account),
            // Only users are in groups.
            PrincipalKind::Group => Caller::user(some_user(entry), account),
            PrincipalKind::Unattached => {
                let whoever = format!("holder of the policies of {}", entry.logical);
                Caller::role(Text::symbol(Symbol::Derived(whoever)), account)
            }
        };
        let mut identity: Vec<_> = entry.policies.iter().map(identity_policy).collect();
        if !entry.declared {
            let why = format!("other policies of `{}` are not in view", entry.name);
            let policy = Attached::Unknown(Cause { span: entry.site.span, why });
            identity.push(IdentityPolicy { guard: entry.guard.clone(), policy });
        }
        Self { caller, identity, boundary: entry.boundary.iter().map(identity_policy).collect() }
    }

    /// The same where a guard says which of several stacks provides the key: there importer and provider share their place.
    #[must_use]
    pub fn beside_provider(&self, estate: &Estate, guard: &Guard) -> Option<Self> {
        if !guard.names_a_provider() {
            return None;
        }
        let seen = |text: &Text| estate.seen_under(guard, text);
        let (arn, account) = (seen(&self.caller.arn), seen(&self.caller.account));
        let caller = match self.caller.kind {
            CallerKind::Role => Caller::role(arn, account),
            CallerKind::User => Caller::user(arn, account),
            CallerKind::Session | CallerKind::Root | CallerKind::Service | CallerKind::Anyone => return None,
        };
        Some(Self { caller, ..self.clone() })
    }

    /// Somebody of whom no template tells: whether policies give something, is not known.
    #[must_use]
    pub fn outsider(caller: Caller) -> Self {
        let identity = match caller.kind {
            CallerKind::Service | CallerKind::Root => Vec::new(),
            CallerKind::User | CallerKind::Role | CallerKind::Session | CallerKind::Anyone => {
                let whose = if is_service_linked(&caller.arn) { ", which are AWS's own," } else { "" };
                let why = format!("the policies of `{}`{whose} are not in view", caller.arn);
                let policy = Attached::Unknown(Cause { span: NOWHERE, why });
                vec![IdentityPolicy { guard: Guard::ALWAYS, policy }]
            }
        };
        Self { caller, identity, boundary: Vec::new() }
    }

    /// Somebody who has no policies of its own.
    #[must_use]
    pub fn bare(caller: Caller) -> Self {
        Self { caller, identity: Vec::new(), boundary: Vec::new() }
    }

    /// A service in its own name, whose requests lack these condition keys: it belongs to no account.
    #[must_use]
    pub fn service(name: Text, absent: &[&str]) -> Self {
        Self::bare(Caller::service(name).lacking(&["kms:CallerAccount"]).lacking(absent))
    }

    /// The same with the policies in view alone, where there are others. A boundary that is not in view still counts.
    #[must_use]
    pub fn in_view(&self) -> Option<Self> {
        let is_known = |policy: &&IdentityPolicy<'e>| matches!(policy.policy, Attached::Document(_));
        if self.identity.iter().all(|policy| is_known(&policy)) {
            return None;
        }
        // The place of a policy is its name in a verdict: what is left out leaves a gap that nobody is in.
        let mut identity = self.identity.clone();
        for policy in identity.iter_mut().filter(|policy| !is_known(&&**policy)) {
            policy.policy = Attached::Document(&NOTHING);
        }
        Some(Self { caller: self.caller.clone(), identity, boundary: self.boundary.clone() })
    }

    /// The account of the principal; empty for a service.
    #[must_use]
    pub fn account(&self) -> &Text {
        &self.caller.account
    }

    /// Some principal of an account that no key policy names, whose own policies allow everything.
    #[must_use]
    pub fn trusted_with_everything(account: &Text) -> Self {
        Self {
            caller: Caller::anyone(account.clone()),
            identity: vec![IdentityPolicy::always(&EVERYTHING)],
            boundary: Vec::new(),
        }
    }

    /// The user, role or session of an ARN that a key policy names, whose own policies allow everything; none where the ARN does not say
    /// what it is.
    #[must_use]
    pub fn named(arn: &Text) -> Option<Self> {
        let (account, resource) = (matching::arn_part(arn, 4)?, matching::arn_part(arn, 5)?);
        let caller = match resource.literal_ends().0.split_once('/')?.0 {
            "user" => Caller::user(arn.clone(), account),
            "role" => Caller::role(arn.clone(), account),
            "assumed-role" => Caller::session(arn.clone(), arn.clone(), account),
            _ => return None,
        };
        Some(Self { caller, identity: vec![IdentityPolicy::always(&EVERYTHING)], boundary: Vec::new() })
    }

    /// The root user of the account that owns a key.
    #[must_use]
    pub fn root_user(key: &Key) -> Self {
        let mut arn = Text::literal("arn:");
        arn.push(&matching::arn_part(&key.arn, 1).unwrap_or_default());
        arn.push_str(":iam::");
        arn.push(&key.account);
        arn.push_str(":root");
        Self { caller: Caller::root(arn, key.account.clone()), identity: Vec::new(), boundary: Vec::new() }
    }

    /// The same without any policy of its own: what a key policy gives it by itself.
    #[must_use]
    pub fn without_policies(self) -> Self {
        Self { identity: Vec::new(), ..self }
    }

    /// Whether it may do this with this key, in each world under a guard that makes a difference.
    #[must_use]
    pub fn may<'k>(
        &'k self,
        estate: &Estate,
        under: &Guard,
        key: &'k KeySide<'e>,
        action: Action,
    ) -> Vec<WorldVerdict<'k>> {
        let request = self.request(key, action);
        let everywhere = decide_in_worlds(&request, &|guard| estate.feasible(guard));
        let within = everywhere.into_iter().filter_map(|world| {
            let guard = world.guard.and(under).filter(|guard| estate.feasible(guard))?;
            Some(WorldVerdict { guard, ..world })
        });
        within.collect()
    }

    /// The question with everything that is known of the request.
    fn request<'k>(&'k self, key: &'k KeySide<'e>, action: Action) -> Request<'k> {
        static OPEN: LazyLock<Context> = LazyLock::new(Context::open);
        Request {
            caller: &self.caller,
            identity: &self.identity,
            boundary: &self.boundary,
            key,
            action,
            context: &OPEN,
        }
    }

    /// The statements that nearly permit it where a guard holds.
    #[must_use]
    pub fn near_misses<'k>(
        &'k self,
        estate: &Estate,
        under: &Guard,
        key: &'k KeySide<'e>,
        action: Action,
    ) -> Vec<NearMiss<'k>> {
        near_misses(&self.request(key, action), under, &|guard| estate.feasible(guard))
    }

    /// What would make all of these actions possible where a guard holds; see [`repairs`].
    #[must_use]
    pub fn repairs(
        &self,
        estate: &Estate,
        under: &Guard,
        key: &KeySide<'e>,
        actions: &[Action],
        means: Means,
    ) -> Vec<Repair> {
        let Some(first) = actions.first() else { return Vec::new() };
        let wish = Wish { actions, under, feasible: &|guard| estate.feasible(guard), means };
        repairs(&self.request(key, *first), &wish)
    }
}

/// The ARN of some user of the account of a group.
fn some_user(group: &PrincipalEntry) -> Text {
    let mut arn = Text::literal("arn:");
    arn.push(&matching::arn_part(&group.arn, 1).unwrap_or_default());
    arn.push_str(":iam::");
    arn.push(&group.account);
    arn.push_str(":user/");
    arn.push(&Text::symbol(Symbol::Derived(format!("member of {}", group.logical))));
    arn
}

fn identity_policy(attached: &AttachedPolicy) -> IdentityPolicy<'_> {
    let policy = match &attached.source {
        PolicySource::Document(policy) | PolicySource::AwsManaged(_, policy) => Attached::Document(policy),
        PolicySource::NotInView(cause) => Attached::Unknown(cause.clone()),
    };
    IdentityPolicy { guard: attached.guard.clone(), policy }
}

/// A key of the estate as the engine wants it.
#[must_use]
pub fn key_side(key: &Key) -> KeySide<'_> {
    let site = key.policy_site.or(key.site).map_or(NOWHERE, |site| site.span);
    let mut side =
        KeySide::new(key.arn.clone(), key.account.clone(), &key.policy, site).with_grants(key.granted.as_deref());
    let Some(described) = &key.described else { return side };
    let facts =
        [("kms:KeySpec", &described.spec), ("kms:KeyUsage", &described.usage), ("kms:KeyOrigin", &described.origin)];
    for (name, value) in facts {
        if let Some(value) = value {
            side = side.with(name, ContextValue::One(Text::literal(value)));
        }
    }
    if let Some(multi_region) = described.multi_region {
        side = side.with("kms:MultiRegion", ContextValue::One(Text::literal(&multi_region.to_string())));
    }
    side
}
