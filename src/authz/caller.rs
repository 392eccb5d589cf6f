//! Who asks.

use super::context::{Context, ContextValue};
use super::matching;
use crate::resolve::Text;

/// What kind of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallerKind {
    /// A user with long-term credentials.
    User,
    /// Some session of a role, whose name is not known.
    Role,
    /// A session of a role.
    Session,
    /// The root user of an account.
    Root,
    /// A service that calls in its own name.
    Service,
    /// Some principal of an account that no policy names.
    Anyone,
}

/// Who asks.
#[derive(Clone, Debug)]
pub struct Caller {
    /// What kind.
    pub kind: CallerKind,
    /// The ARN of the user, role, session or root user; the name of a service; empty for anyone.
    pub arn: Text,
    /// The ARN of the role of a session or role; else as `arn`.
    pub role: Text,
    /// The account; empty for a service.
    pub account: Text,
    /// Condition keys that follow from it.
    facts: Context,
}

/// Condition keys that only requests of services in their own name carry.
const OF_SERVICES: [&str; 5] =
    ["aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths", "aws:PrincipalServiceName"];

/// All tags of the caller: present in its facts where those that are not listed are absent.
const TAGS: &str = "aws:principaltag/";

impl Caller {
    fn new(kind: CallerKind, arn: Text, role: Text, account: Text) -> Self {
        let mut caller = Self { kind, arn, role, account, facts: Context::open() };
        match kind {
            CallerKind::Service => caller.set_service_facts(),
            CallerKind::User | CallerKind::Role | CallerKind::Session | CallerKind::Root | CallerKind::Anyone => {
                caller.set_facts();
            }
        }
        caller.facts = caller.facts.fixed();
        caller
    }

    /// A user.
    #[must_use]
    pub fn user(arn: Text, account: Text) -> Self {
        Self::new(CallerKind::User, arn.clone(), arn, account)
    }

    /// Some session of a role.
    #[must_use]
    pub fn role(arn: Text, account: Text) -> Self {
        Self::new(CallerKind::Role, arn.clone(), arn, account)
    }

    /// A session, with the ARN of its role.
    #[must_use]
    pub fn session(arn: Text, role: Text, account: Text) -> Self {
        Self::new(CallerKind::Session, arn, role, account)
    }

    /// The root user of an account.
    #[must_use]
    pub fn root(arn: Text, account: Text) -> Self {
        Self::new(CallerKind::Root, arn.clone(), arn, account)
    }

    /// A service in its own name (`sns.amazonaws.com`).
    #[must_use]
    pub fn service(name: Text) -> Self {
        Self::new(CallerKind::Service, name.clone(), name, Text::default())
    }

    /// Some principal of an account that no policy names.
    #[must_use]
    pub fn anyone(account: Text) -> Self {
        Self::new(CallerKind::Anyone, Text::default(), Text::default(), account)
    }

    /// The caller of an ARN: a user, a role, a session of a role without a path, or a root user.
    #[must_use]
    pub fn of_arn(arn: &str) -> Option<Self> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", partition, service, _, account, resource] = parts.as_slice() else { return None };
        let (text, owner) = (Text::literal(arn), Text::literal(account));
        match (*service, resource.split_once('/')) {
            ("iam", None) if *resource == "root" => Some(Self::root(text, owner)),
            ("iam", Some(("user", _))) => Some(Self::user(text, owner)),
            ("iam", Some(("role", _))) => Some(Self::role(text, owner)),
            ("sts", Some(("assumed-role", session))) => {
                let (role, _) = session.split_once('/')?;
                let role = Text::literal(&format!("arn:{partition}:iam::{account}:role/{role}"));
                Some(Self::session(text, role, owner))
            }
            _ => None,
        }
    }

    /// The caller of an ARN that may have holes, where it says whether it is a user, a role or a session.
    #[must_use]
    pub fn of_text(arn: &Text) -> Option<Self> {
        if let Some(literal) = arn.as_literal() {
            return Self::of_arn(literal);
        }
        let account = matching::arn_part(arn, 4)?;
        let resource = matching::arn_part(arn, 5)?;
        match resource.literal_ends().0.split_once('/')?.0 {
            "user" => Some(Self::user(arn.clone(), account)),
            "role" => Some(Self::role(arn.clone(), account)),
            _ => None,
        }
    }

    /// Says all its tags: those that are not among them are absent.
    #[must_use]
    pub fn with_tags<'t>(mut self, tags: impl IntoIterator<Item = (&'t str, Text)>) -> Self {
        for (key, value) in tags {
            self.facts.set(&format!("{TAGS}{key}"), ContextValue::One(value));
        }
        self.facts.set(TAGS, ContextValue::Absent);
        self
    }

    /// Says that its requests lack these condition keys.
    #[must_use]
    pub fn lacking(mut self, keys: &[&str]) -> Self {
        for key in keys {
            self.facts.set(key, ContextValue::Absent);
        }
        self
    }

    /// A condition key (in lower case) that follows from the caller.
    pub(super) fn fact(&self, folded: &str, hash: u32) -> Option<&ContextValue> {
        let listed = self.facts.hashed(folded, hash);
        if listed.is_none() && folded.starts_with(TAGS) {
            return self.facts.listed(TAGS);
        }
        listed
    }

    fn set_service_facts(&mut self) {
        self.facts.set_text("aws:PrincipalIsAWSService", "true");
        self.facts.set("aws:PrincipalServiceName", ContextValue::One(self.arn.clone()));
        for key in ["aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:username", TAGS] {
            self.facts.set(key, ContextValue::Absent);
        }
    }

    fn set_facts(&mut self) {
        let facts = &mut self.facts;
        facts.set_text("aws:PrincipalIsAWSService", "false");
        for key in OF_SERVICES {
            facts.set(key, ContextValue::Absent);
        }
        facts.set("aws:PrincipalAccount", ContextValue::One(self.account.clone()));
        facts.set("kms:CallerAccount", ContextValue::One(self.account.clone()));
        let kind = match self.kind {
            CallerKind::User => "User",
            CallerKind::Role | CallerKind::Session => "AssumedRole",
            CallerKind::Root => "Account",
            CallerKind::Service | CallerKind::Anyone => return,
        };
        facts.set_text("aws:PrincipalType", kind);
        facts.set("aws:PrincipalArn", ContextValue::One(self.role.clone()));
        let name = match (self.kind, self.arn.as_literal()) {
            (CallerKind::User, Some(arn)) => ContextValue::One(Text::literal(arn.rsplit('/').next().unwrap_or(""))),
            (CallerKind::User, None) => ContextValue::Present,
            _ => ContextValue::Absent,
        };
        facts.set("aws:username", name);
        if matches!(self.kind, CallerKind::User | CallerKind::Root) {
            facts.set("aws:TokenIssueTime", ContextValue::Absent);
        }
    }
}
