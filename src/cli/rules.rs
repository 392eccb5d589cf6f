//! `kmslint rules`.

use super::{Common, Ending, Listing, output};
use clap::Args;
use kmslint::report;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The format
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    format: Listing,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(arguments: &Arguments) -> Ending {
    let text = report::rules(arguments.format.into(), &kmslint::all_rules(), &output::style(arguments.common.color));
    output::print(&text).err().unwrap_or(Ending::Clean)
}
