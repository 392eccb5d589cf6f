//! `kmslint grants [--key K] [--principal P] [--action A] [PATHS|ARNS]...`

use super::reading::{Looked, Reading};
use super::{Common, Ending, output};
use clap::{Args, ValueEnum};
use kmslint::report::{self, GrantsFormat};
use kmslint::view::grants::{Filter, grants};
use std::num::NonZeroUsize;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Files, folders, patterns, cdk.out, `-`, ARNs of keys that exist [default: .]
    #[arg(value_name = "PATHS|ARNS")]
    paths: Vec<String>,

    /// Only this key: logical id, ARN, key id, alias or construct path; `*` and `?` are wildcards
    #[arg(long, value_name = "KEY", help_heading = "Which")]
    key: Option<String>,
    /// Only this principal: logical id, name, ARN, account, service or construct path, or `*` for everyone
    #[arg(long, value_name = "PRINCIPAL", help_heading = "Which")]
    principal: Option<String>,
    /// Only these actions: Decrypt, kms:Decrypt, 'kms:Generate*'
    #[arg(long, value_name = "ACTION", help_heading = "Which")]
    action: Option<String>,

    #[command(flatten)]
    reading: Reading,
    /// The format
    #[arg(long, value_name = "FORMAT", default_value = "table", help_heading = "Output")]
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
    /// For a terminal, by key
    Table,
    /// For programs
    Json,
    /// For spreadsheets
    Csv,
    /// Tables, by key
    Markdown,
}

impl From<Format> for GrantsFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Table => Self::Table,
            Format::Json => Self::Json,
            Format::Csv => Self::Csv,
            Format::Markdown => Self::Markdown,
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> Ending {
    arguments.answer().unwrap_or_else(|message| {
        output::complain(&message);
        Ending::Failed
    })
}

impl Arguments {
    fn answer(&self) -> Result<Ending, String> {
        let looked = self.reading.look(&self.paths, self.root.as_deref(), self.jobs, &self.common);
        let Looked { estate, sources, ending } = match looked {
            Ok(looked) => looked,
            Err(ending) => return Ok(ending),
        };
        let filter = Filter { key: self.key.clone(), principal: self.principal.clone(), action: self.action.clone() };
        let rows = kmslint::with_threads(self.jobs, || grants(&estate, &filter)).map_err(|error| error.to_string())?;
        let text = report::grants(self.format.into(), &rows, &sources, &output::style(self.common.color));
        Ok(output::print(&text).err().unwrap_or(ending))
    }
}
