//! Everyone can use the key: no condition limits who calls.

use super::exposure::open_statements;
use super::{Cx, Rule, Sink};
use crate::finding::{Meta, Site};
use crate::policy::Limits;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/public-key-policy.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for open in open_statements(cx) {
        open.count_unknown(sink);
        if open.limits != Limits::Nothing {
            continue;
        }
        let message = format!("everyone in every AWS account is allowed {} on `{}`", open.actions(), open.key.name);
        let mut report = sink.report(open.site, message);
        report.whenever(&open.guards).here("this is every principal of every account").about(open.subject());
        for condition in &open.statement.conditions {
            let site = Site { stack: open.fact.stack, span: condition.span };
            report.also(site, format!("`{}` does not limit who calls", condition.key.text));
        }
        report.also(open.fact.site(), "the key");
        report.help("name the accounts or roles that need it, or add `kms:CallerAccount` or `aws:PrincipalOrgID` under `StringEquals`");
    }
}
