//! A key policy that names a role of a stack that needs this key first: the first deployment fails, in each new account.

use super::cycles::{TRUST_FROM_CDK, show};
use super::{Cx, Rule, Sink};
use crate::estate::cycles::latent;
use crate::finding::{Meta, Subject};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/latent-cross-stack-cycle.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    let estate = cx.estate;
    for cycle in &latent(estate) {
        let (Some(key), Some(entry)) = (estate.key(cycle.key), estate.principal(cycle.principal)) else { continue };
        let Some(site) = key.site else { continue };
        let stack = estate.stack(entry.stack).map(|stack| stack.name.as_str()).unwrap_or_default();
        let name = &entry.logical;
        let message = format!(
            "the policy of `{}` names `{name}`, but stack `{stack}`, which creates it, needs this key first",
            key.name
        );
        let mut report = sink.report(site, message);
        report
            .when(&cycle.guard)
            .also(cycle.named, format!("`{name}` is named as text: CloudFormation does not wait for it, KMS refuses it as long as it is missing"))
            .also(entry.site, format!("`{name}` is created here"));
        show(&mut report, estate, &cycle.steps);
        let cdk = if report.is_from_cdk() { TRUST_FROM_CDK } else { "" };
        report
            .help(format!(
                "trust the account instead, and narrow the statement by a condition on `aws:PrincipalArn`, which may name what \
                 does not exist yet; or create `{name}` in a stack that is deployed before the key's{cdk}"
            ))
            .about(Subject::Resource(site.stack, key.name.clone()))
            .about(Subject::Grant(entry.arn.to_string(), key.arn.to_string()));
    }
}
