//! An alias name in the part that AWS keeps for its own keys.

use super::properties::{alias_names, at_defaults};
use super::{Cx, Rule, Sink};
use crate::finding::Meta;
use crate::resolve::Text;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/reserved-alias-name.md")), check };

const RESERVED: &str = "alias/aws/";

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for alias in &cx.estate.aliases {
        let (mut guards, mut reserved) = (Vec::new(), None);
        for (guard, name) in &alias_names(cx, alias) {
            let spelled = Some((guard.clone(), name.clone())).filter(|(_, name)| is_reserved(name));
            let spelled =
                spelled.or_else(|| at_defaults(cx, alias.stack, guard, name).filter(|(_, name)| is_reserved(name)));
            if let Some((guard, name)) = spelled {
                guards.push(guard);
                reserved = reserved.or(Some(name));
            }
        }
        let Some(name) = reserved else { continue };
        sink.report(alias.name_site, format!("`{name}` is reserved: names under `{RESERVED}` belong to AWS"))
            .whenever(&guards)
            .here("KMS refuses this name")
            .help("choose a name that does not begin with `alias/aws/`");
    }
}

fn is_reserved(name: &Text) -> bool {
    let (head, _) = name.literal_ends();
    head.get(..RESERVED.len()).is_some_and(|start| start.eq_ignore_ascii_case(RESERVED))
}
