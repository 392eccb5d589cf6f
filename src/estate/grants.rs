//! Grants of identity policies: who is given what on which key, as written. Whether they have an effect is for the engine to say.

use super::{AttachedPolicy, Estate, PrincipalEntry, PrincipalId, Target};
use crate::finding::Site;
use crate::policy::{Match, Part, Statement};
use crate::resolve::{Guard, Text};
use crate::source::Span;

/// One Allow statement of one identity policy on one element of its `Resource`.
#[derive(Clone, Debug)]
pub struct Grant<'e> {
    /// Who is given something.
    pub principal: PrincipalId,
    /// The same, looked up.
    pub entry: &'e PrincipalEntry,
    /// The policy that gives it.
    pub attached: &'e AttachedPolicy,
    /// The statement.
    pub statement: &'e Statement,
    /// Where the element of `Resource` is written.
    pub span: Span,
    /// The element of `Resource`; none where it cannot be read.
    pub resource: Option<&'e Text>,
    /// What it names.
    pub target: Target,
    /// When the grant is there: principal, policy, statement and element together.
    pub guard: Guard,
}

impl Grant<'_> {
    /// Where the element of `Resource` is written.
    #[must_use]
    pub fn resource_site(&self) -> Site {
        Site { stack: self.attached.stack, span: self.span }
    }

    /// Where the statement is written.
    #[must_use]
    pub fn statement_site(&self) -> Site {
        Site { stack: self.attached.stack, span: self.statement.span }
    }

    /// Where the first action of KMS is written.
    #[must_use]
    pub fn action_site(&self) -> Site {
        let mut actions = self.statement.actions.elements().iter().filter(|action| action.value.is_kms());
        Site { stack: self.attached.stack, span: actions.next().map_or(self.statement.span, |action| action.span) }
    }

    /// The element of `Resource` as text, for people.
    #[must_use]
    pub fn resource_text(&self) -> String {
        self.resource.map(Text::to_string).unwrap_or_default()
    }

    /// The actions of KMS as written, for people.
    #[must_use]
    pub fn action_names(&self) -> Vec<String> {
        let named = self.statement.actions.elements().iter().filter(|action| action.value.is_kms());
        named.map(|action| action.value.text.to_string()).collect()
    }
}

impl Estate {
    /// Every grant of KMS actions in identity policies: one for each principal, statement and element of `Resource`,
    /// in the order of principals and documents. Statements without `Action` or with `NotResource` name no key and are left out.
    #[must_use]
    pub fn grants(&self) -> Vec<Grant<'_>> {
        let mut grants = Vec::new();
        for (principal, entry) in (0..).map(PrincipalId).zip(&self.principals) {
            for attached in &entry.policies {
                for statement in attached.kms_grants() {
                    self.add_grants(principal, entry, attached, statement, &mut grants);
                }
            }
        }
        grants
    }

    fn add_grants<'e>(
        &'e self,
        principal: PrincipalId,
        entry: &'e PrincipalEntry,
        attached: &'e AttachedPolicy,
        statement: &'e Statement,
        grants: &mut Vec<Grant<'e>>,
    ) {
        let Match::Only(resources) = &statement.resources else { return };
        let there = entry.guard.and(&attached.guard).and_then(|guard| guard.and(&statement.guard));
        let Some(there) = there else { return };
        let read = resources.iter().map(|element| {
            let target = self.target(attached.stack, &element.value);
            (&element.guard, element.span, Some(&element.value), target)
        });
        let unread = statement
            .unread
            .iter()
            .filter(|(part, _)| *part == Part::Resources)
            .map(|(_, element)| (&element.guard, element.span, None, Target::Unknown(element.value.why.clone())));
        for (guard, span, resource, target) in read.chain(unread) {
            let Some(guard) = there.and(guard).filter(|guard| self.feasible(guard)) else { continue };
            grants.push(Grant { principal, entry, attached, statement, span, resource, target, guard });
        }
    }
}
