//! A key that a mapping has twice.

use super::{Cx, Rule, Sink};
use crate::finding::{Meta, Site, Subject};

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/duplicate-key.md")), check };

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (name, first, second) in &cx.estate.duplicates {
        let of_file =
            |index: usize| cx.estate.templates.get(index).is_some_and(|template| template.file == second.file);
        let mut stacks = cx.estate.stacks.iter().filter(|stack| of_file(stack.template));
        let Some(stack) = stacks.clone().find(|stack| stack.reported).or_else(|| stacks.next()) else { continue };
        let site = |span| Site { stack: stack.id, span };
        sink.report(
            site(*second),
            format!("`{name}` is written twice in one mapping, and only one of the values counts"),
        )
        .here("the second time")
        .also(site(*first), "the first time")
        .about(Subject::Place(site(*second)))
        .help("keep one of the two, or put both values into one mapping or list");
    }
}
