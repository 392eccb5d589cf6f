//! Everyone can use the key through a service: `kms:ViaService` says how a request comes, not from whom.

use super::exposure::open_statements;
use super::{Cx, Rule, Sink};
use crate::finding::{Meta, Site};
use crate::policy::Limits;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/via-service-only.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for open in open_statements(cx) {
        open.count_unknown(sink);
        if open.limits != Limits::ViaServiceOnly {
            continue;
        }
        let conditions = &open.statement.conditions;
        let services = conditions.iter().filter(|condition| condition.key.folded == "kms:viaservice");
        let services: Vec<String> =
            services.clone().flat_map(|condition| &condition.values).map(|value| value.value.to_string()).collect();
        let message = format!(
            "everyone in every AWS account is allowed {} on `{}` through {}",
            open.actions(),
            open.key.name,
            super::words::list(&services)
        );
        let mut report = sink.report(open.site, message);
        report.whenever(&open.guards).here("this is every principal of every account").about(open.subject());
        for condition in conditions {
            let text = match condition.key.folded.as_str() {
                "kms:viaservice" => "this says through which service a request comes, not from whom".to_owned(),
                _ => format!("`{}` does not limit who calls", condition.key.text),
            };
            report.also(Site { stack: open.fact.stack, span: condition.span }, text);
        }
        report.help("add `kms:CallerAccount: !Ref AWS::AccountId` (or `aws:PrincipalOrgID`) to the same condition");
    }
}
