//! `kmslint schema config`

use super::{Common, Ending, output};
use clap::{Args, ValueEnum};
use kmslint::{config, report};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// What it describes
    #[arg(value_name = "WHAT")]
    of: Of,
    #[command(flatten)]
    common: Common,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Of {
    /// .kmslint.yaml
    Config,
}

pub(super) fn run(arguments: &Arguments) -> Ending {
    let schema = match arguments.of {
        Of::Config => config::schema(&kmslint::all_rules()),
    };
    output::print(&report::schema(&schema)).err().unwrap_or(Ending::Clean)
}
