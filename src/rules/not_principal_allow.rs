//! An Allow with `NotPrincipal`: everyone in every account but those listed.

use super::exposure::all_but_some;
use super::{Cx, Rule, Sink};
use crate::finding::{Meta, Site};
use crate::policy::Limits;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/not-principal-allow.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for open in all_but_some(cx) {
        open.count_unknown(sink);
        let through = match open.limits {
            Limits::Nothing => "",
            Limits::ViaServiceOnly => " through a service",
            Limits::Limited | Limits::Unknown => continue,
        };
        let message = format!(
            "everyone in every AWS account but those listed is allowed {} on `{}`{through}",
            open.actions(),
            open.key.name
        );
        let mut report = sink.report(open.site, message);
        report
            .whenever(&open.guards)
            .here("`NotPrincipal` under `Allow` admits whoever is not named here")
            .about(open.subject());
        for condition in &open.statement.conditions {
            let site = Site { stack: open.fact.stack, span: condition.span };
            report.also(site, format!("`{}` does not limit who calls", condition.key.text));
        }
        report
            .also(open.fact.site(), "the key")
            .help("name those who are meant under `Principal`; to keep somebody out, use a `Deny`");
    }
}
