//! A principal that cannot be one: KMS refuses the policy.

use super::{Cx, Rule, Sink};
use crate::finding::{Meta, Site, Subject};
use crate::policy::Principal;
use crate::resolve::Piece;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/invalid-principal.md")), check };

/// Marks of text that another tool replaces before CloudFormation sees it.
const FILLED_IN_LATER: [&str; 5] = ["{{", "<%", "${", "Fn::", "%%"];

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (_, key, fact) in cx.estate.declared_keys() {
        for statement in key.statements() {
            for principal in statement.principals.elements() {
                let Some((problem, help)) = problem(&principal.value) else { continue };
                let guard = fact.guard.and(&statement.guard).and_then(|guard| guard.and(&principal.guard));
                let Some(guard) = guard.filter(|guard| cx.estate.feasible(guard)) else { continue };
                let site = Site { stack: fact.stack, span: principal.span };
                sink.report(
                    site,
                    format!("`{}` cannot be a principal in the policy of `{}`: {problem}", principal.value, key.name),
                )
                .when(&guard)
                .here("KMS refuses the policy")
                .about(Subject::Place(site))
                .help(help);
            }
        }
    }
}

/// What is wrong with a principal, and what to do.
fn problem(principal: &Principal) -> Option<(&'static str, &'static str)> {
    match principal {
        Principal::Malformed(text) => {
            let shown = text.to_string();
            let is_filled_in = |piece: &Piece| match piece {
                Piece::Literal(literal) => FILLED_IN_LATER.iter().any(|mark| literal.contains(mark)),
                Piece::Symbol(_) => false,
            };
            if text.pieces().iter().any(is_filled_in) {
                return None;
            }
            Some(match () {
                () if shown.contains(":group/") => (
                    "groups are no principals",
                    "name the users or a role, or trust the account and give the group an IAM policy",
                ),
                () if shown.contains(['*', '?']) => (
                    "wildcards stand alone or not at all",
                    "trust the account, with a condition on `aws:PrincipalArn` under `ArnLike`",
                ),
                () if shown.contains(".amazon") => ("it is a service", "write it under `Service`, not under `AWS`"),
                () => (
                    "it is no account, user, role, session or service",
                    "write an account id, the ARN of a user or role, or a service under `Service`",
                ),
            })
        }
        Principal::Service(text) => {
            let name = text.as_literal()?;
            let is_host = name.contains('.')
                && !name.ends_with('.')
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
            let is_named = name == "*" || is_host;
            (!is_named)
                .then_some(("it is no name of a service", "write the service's host name, such as `s3.amazonaws.com`"))
        }
        Principal::Everyone
        | Principal::Account(_)
        | Principal::Arn(_)
        | Principal::UniqueId(_)
        | Principal::Federated(_)
        | Principal::CanonicalUser(_)
        | Principal::Unknown(_) => None,
    }
}
