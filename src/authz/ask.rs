//! Questions about the estate, put to the engine.

use super::{Attached, Caller, Context, IdentityPolicy, KeySide, Request, WorldVerdict, decide_in_worlds};
use crate::estate::{AttachedPolicy, Estate, Key, PolicySource, PrincipalEntry, PrincipalKind};
use crate::policy::{Action, Policy, PolicyKind, parse, valued};
use crate::resolve::{Cause, Guard, Symbol, Text};
use crate::source::{FileId, Span};
use std::sync::LazyLock;

/// A principal with its policies as the engine wants them: made once, asked many times.
#[derive(Debug)]
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
    /// A principal of the estate. Who holds a policy that is not attached in view, or is in a group, may be anybody.
    #[must_use]
    pub fn of(entry: &'e PrincipalEntry) -> Self {
        let (arn, account) = (entry.arn.clone(), entry.account.clone());
        let caller = match entry.kind {
            PrincipalKind::Role => Caller::role(arn, account),
            PrincipalKind::User => Caller::user(arn, account),
            PrincipalKind::Group | PrincipalKind::Unattached => {
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

    /// Some principal of an account that no key policy names, whose own policies allow everything.
    #[must_use]
    pub fn trusted_with_everything(account: &Text) -> Self {
        Self {
            caller: Caller::anyone(account.clone()),
            identity: vec![IdentityPolicy::always(&EVERYTHING)],
            boundary: Vec::new(),
        }
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
        static OPEN: LazyLock<Context> = LazyLock::new(Context::open);
        let request = Request {
            caller: &self.caller,
            identity: &self.identity,
            boundary: &self.boundary,
            key,
            action,
            context: &OPEN,
        };
        let everywhere = decide_in_worlds(&request, &|guard| estate.feasible(guard));
        let within = everywhere.into_iter().filter_map(|world| {
            let guard = world.guard.and(under).filter(|guard| estate.feasible(guard))?;
            Some(WorldVerdict { guard, ..world })
        });
        within.collect()
    }
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
    KeySide::new(key.arn.clone(), key.account.clone(), &key.policy, site)
}
