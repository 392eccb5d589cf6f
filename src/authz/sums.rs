//! What the Allow statements that reach a caller come to, put together.

use super::caller::CallerKind;
use super::reach::Reach;
use super::request::Request;
use crate::policy::CrossAccount;
use crate::resolve::Truth;

/// Allow statements by how they reach the caller.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allows {
    /// The key policy, by the caller's own ARN.
    pub(super) own: Truth,
    /// By `*`, in a statement that also tests `aws:PrincipalArn`.
    wildcard_tested: Truth,
    /// By `*` alone.
    wildcard: Truth,
    /// By the caller's role.
    pub(super) role: Truth,
    /// By its account.
    pub(super) account: Truth,
    /// KMS grants to the caller.
    pub(super) granted: Truth,
    /// KMS grants to its account.
    granted_account: Truth,
    /// Identity policies.
    pub(super) identity: Truth,
    /// The permissions boundary; yes where there is none.
    pub(super) boundary: Truth,
    /// Whether no request fulfils the conditions of a statement of the key policy and of one of an identity policy.
    pub(super) apart: bool,
}

impl Allows {
    /// Nothing, and no boundary.
    pub(super) const NONE: Self = Self {
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
    };

    /// Adds a statement of the key policy.
    pub(super) fn add_key(&mut self, reach: &Reach, tests_arn: bool) {
        self.own = self.own.or(reach.own);
        self.role = self.role.or(reach.role);
        self.account = self.account.or(reach.account);
        let wildcard = if tests_arn { &mut self.wildcard_tested } else { &mut self.wildcard };
        *wildcard = wildcard.or(reach.wildcard);
    }

    /// Adds what a KMS grant gives.
    pub(super) fn add_grant(&mut self, reach: &Reach) {
        self.granted = self.granted.or(reach.own).or(reach.role).or(reach.wildcard);
        self.granted_account = self.granted_account.or(reach.account);
    }

    pub(super) fn any_key(&self) -> Truth {
        self.direct().or(self.account)
    }

    fn direct(&self) -> Truth {
        self.own.or(self.wildcard_tested).or(self.wildcard).or(self.role)
    }

    /// Whether the key policy is enough by itself, in the key's own account. Whether a boundary that does not allow caps a plain `*` is
    /// nowhere said.
    pub(super) fn by_key_policy(&self) -> Truth {
        let capped = self.wildcard.and(self.boundary.or(Truth::Unknown));
        self.own.or(self.wildcard_tested).or(capped).or(self.role.and(self.boundary))
    }

    /// Whether key policy and identity policies together are enough.
    pub(super) fn by_both(&self) -> Truth {
        if self.apart {
            return Truth::No;
        }
        self.any_key().and(self.identity).and(self.boundary)
    }

    /// Whether KMS grants are enough by themselves: they are in every account, as the grantee of another one has no other way in Auto
    /// Scaling's use of them. Whether a boundary that does not allow caps them is nowhere said, nor whom a grant to an account reaches.
    pub(super) fn by_grants(&self) -> Truth {
        let named = self.granted.and(self.boundary.or(Truth::Unknown));
        named.or(self.granted_account.and(self.identity).and(self.boundary).and(Truth::Unknown))
    }

    /// Whether policies permit the request, denies aside. `local` says whether the caller is of the key's account.
    pub(super) fn by_policies(&self, request: &Request<'_>, local: Truth) -> Truth {
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
}
