//! Who is in which group: a user has the policies of its groups.

use super::attach::Roster;
use super::{AttachedPolicy, PolicySource, PrincipalEntry, PrincipalKind};
use crate::estate::Fact;
use crate::resolve::{Cause, Guard, Text, Value};

impl Roster<'_> {
    /// The groups that a user names.
    pub(super) fn join_groups(&mut self, fact: &Fact, user: usize) {
        let Some(groups) = fact.property("Groups") else { return };
        for group in groups.elements(&fact.guard) {
            match group.value {
                Value::Text(name) => self.memberships.push((user, group.guard.clone(), name.clone())),
                Value::Unknown(cause) => {
                    self.give(user, fact, group.guard, group.span, PolicySource::NotInView(cause.clone()));
                }
                Value::Absent | Value::Null | Value::List(_) | Value::Map(_) => {}
            }
        }
    }

    /// The users that are added to a group from outside.
    pub(super) fn add_to_group(&mut self, fact: &Fact) {
        if fact.kind != "AWS::IAM::UserToGroupAddition" {
            return;
        }
        let (Some(groups), Some(users)) = (fact.property("GroupName"), fact.property("Users")) else { return };
        for user in users.elements(&fact.guard) {
            self.give_perhaps(PrincipalKind::User, fact, &user);
            let Value::Text(name) = user.value else { continue };
            let at = self.named(PrincipalKind::User, name, fact, user.span);
            for group in groups.elements(&user.guard) {
                match group.value {
                    Value::Text(name) => self.memberships.push((at, group.guard, name.clone())),
                    Value::Unknown(cause) => {
                        self.give(at, fact, group.guard, group.span, PolicySource::NotInView(cause.clone()));
                    }
                    Value::Absent | Value::Null | Value::List(_) | Value::Map(_) => {}
                }
            }
        }
    }

    /// A user has the policies of its groups.
    pub(super) fn give_groups_to_users(&mut self) {
        for (user, guard, name) in std::mem::take(&mut self.memberships) {
            let account = self.entries.get(user).map(|entry| entry.account.clone()).unwrap_or_default();
            let group = self.find(PrincipalKind::Group, &name, &account).and_then(|at| self.entries.get(at));
            let known = group.map(|group| (group.policies.clone(), group.guard.clone(), group.declared));
            let Some(entry) = self.entries.get_mut(user) else { continue };
            let mut policies = Vec::new();
            let mut elsewhere = vec![Guard::ALWAYS];
            if let Some((known, there, is_declared)) = known {
                policies.extend(known.into_iter().filter_map(|policy| within(policy, &there)));
                // A group that is only named may have other policies.
                if is_declared {
                    elsewhere = there.otherwise();
                }
            }
            let unknown = policies_of_group(&name, entry);
            policies.extend(elsewhere.into_iter().map(|guard| AttachedPolicy { guard, ..unknown.clone() }));
            let policies = policies.into_iter().filter_map(|policy| within(policy, &guard));
            entry.policies.extend(policies.filter(|policy| self.estate.feasible(&policy.guard)));
        }
    }
}

/// A policy where a guard holds too.
fn within(policy: AttachedPolicy, guard: &Guard) -> Option<AttachedPolicy> {
    Some(AttachedPolicy { guard: policy.guard.and(guard)?, ..policy })
}

/// The policies of a group that nobody in view declares.
fn policies_of_group(name: &Text, member: &PrincipalEntry) -> AttachedPolicy {
    let why = format!("the policies of group `{name}` are not in view");
    AttachedPolicy {
        guard: Guard::ALWAYS,
        stack: member.stack,
        resource: member.logical.clone(),
        site: member.site,
        source: PolicySource::NotInView(Cause { span: member.site.span, why }),
    }
}
