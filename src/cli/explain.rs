//! `kmslint explain RULE`.

use super::{Common, Ending, Listing, output};
use clap::Args;
use kmslint::choice;
use kmslint::report;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The rule's name, as in a report
    #[arg(value_name = "RULE")]
    rule: String,
    /// The format
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    format: Listing,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(arguments: &Arguments) -> Ending {
    let rules = kmslint::all_rules();
    let name = arguments.rule.as_str();
    let Some(rule) = rules.iter().find(|rule| rule.id == name) else {
        let closest = choice::closest(name, rules.iter().map(|rule| rule.id));
        let hint = closest.map(|closest| format!(", did you mean `{closest}`")).unwrap_or_default();
        output::complain(&format!("unknown rule `{name}`{hint}: `kmslint rules` lists them"));
        return Ending::Failed;
    };
    let text = report::explain(arguments.format.into(), rule, &output::style(arguments.common.color));
    output::print(&text).err().unwrap_or(Ending::Clean)
}
