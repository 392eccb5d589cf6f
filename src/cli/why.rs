//! `kmslint why PRINCIPAL ACTION KEY [PATHS|ARNS]...`

use super::reading::{Looked, Reading};
use super::{Common, Ending, output};
use clap::{Args, ValueEnum};
use kmslint::choice::closest;
use kmslint::policy::Action;
use kmslint::report::{self, WhyFormat};
use kmslint::view::{NotOne, why};
use std::num::NonZeroUsize;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A role or user by logical id, name, ARN or construct path; a service such as sns.amazonaws.com
    #[arg(value_name = "PRINCIPAL")]
    principal: String,
    /// An action of KMS, with or without `kms:`
    #[arg(value_name = "ACTION")]
    action: String,
    /// A key by logical id, ARN, key id, alias or construct path
    #[arg(value_name = "KEY")]
    key: String,
    /// Files, folders, patterns, cdk.out, `-`, ARNs of keys that exist [default: .]
    #[arg(value_name = "PATHS|ARNS")]
    paths: Vec<String>,

    #[command(flatten)]
    reading: Reading,
    /// The format
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    format: Format,
    /// The folder that reported paths are relative to [default: the git root]
    #[arg(hide_short_help = true, long, value_name = "DIR", env = "KMSLINT_ROOT", hide_env = true)]
    #[arg(help_heading = "Output")]
    root: Option<PathBuf>,
    /// The number of threads [default: as many as there are processors]
    #[arg(hide_short_help = true, short, long, value_name = "N", env = "KMSLINT_JOBS", hide_env = true)]
    #[arg(help_heading = "Other")]
    jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    common: Common,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For a terminal
    Text,
    /// For programs
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Ending {
    match arguments.answer() {
        Ok(ending) => ending,
        Err(message) => {
            output::complain(&message);
            Ending::Failed
        }
    }
}

impl Arguments {
    fn answer(&self) -> Result<Ending, String> {
        let action = action(&self.action)?;
        let looked = self.reading.look(&self.paths, self.root.as_deref(), self.jobs, &self.common);
        let Looked { estate, sources, ending } = match looked {
            Ok(looked) => looked,
            Err(ending) => return Ok(ending),
        };
        let why = why::why(&estate, &self.principal, action, &self.key).map_err(|error| refusal(&error))?;
        let format = match self.format {
            Format::Text => WhyFormat::Text,
            Format::Json => WhyFormat::Json,
        };
        let printed = output::print(&report::why(format, &why, &sources, &output::style(self.common.color)));
        Ok(printed.err().unwrap_or(ending))
    }
}

fn action(asked: &str) -> Result<Action, String> {
    let name = if asked.contains(':') { asked.to_owned() } else { format!("kms:{asked}") };
    Action::named(&name).ok_or_else(|| {
        let known = Action::all().map(|action| action.name().trim_start_matches("kms:"));
        let hint = closest(name.trim_start_matches("kms:"), known);
        let hint = hint.map(|name| format!(", did you mean `kms:{name}`")).unwrap_or_default();
        format!("`{asked}` is no action of KMS{hint}")
    })
}

/// What is wrong with the name of a principal or a key.
fn refusal(error: &NotOne) -> String {
    let NotOne { what, asked, candidates, known } = error;
    if candidates.is_empty() {
        let hint = closest(asked, known.iter().map(String::as_str));
        return match hint {
            Some(name) => format!("no {what} `{asked}` is in view, did you mean `{name}`"),
            None if known.is_empty() => format!("no {what} `{asked}` is in view: there is none at all"),
            None => format!("no {what} `{asked}` is in view"),
        };
    }
    let lines = candidates
        .iter()
        .map(|(name, about)| if name == about { format!("\n  {name}") } else { format!("\n  {name}  ({about})") });
    format!("several {what}s are called `{asked}`, name one of:{}", lines.collect::<String>())
}
