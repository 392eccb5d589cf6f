//! `kmslint graph [--format html|mermaid|dot|json] [PATHS|ARNS]...`

use super::reading::{Looked, Reading};
use super::target::{self, Target};
use super::{Common, Ending, output};
use clap::Args;
use kmslint::report::{self, GraphFormat};
use kmslint::view::graph::graph;
use std::num::NonZeroUsize;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Files, folders, patterns, cdk.out, `-`, ARNs of keys that exist [default: .]
    #[arg(value_name = "PATHS|ARNS")]
    paths: Vec<String>,

    #[command(flatten)]
    reading: Reading,
    /// html, mermaid, dot, json; with a path into a file (repeatable) [default: html]
    #[arg(long, value_name = "FORMAT[=PATH]", help_heading = "Output")]
    format: Vec<Target<GraphFormat>>,
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

pub(super) fn run(arguments: &Arguments) -> Ending {
    arguments.answer().unwrap_or_else(|message| {
        output::complain(&message);
        Ending::Failed
    })
}

impl Arguments {
    fn answer(&self) -> Result<Ending, String> {
        let targets = self.targets()?;
        let looked = self.reading.look(&self.paths, self.root.as_deref(), self.jobs, &self.common);
        let Looked { estate, sources, mut ending } = match looked {
            Ok(looked) => looked,
            Err(ending) => return Ok(ending),
        };
        let graph = kmslint::with_threads(self.jobs, || graph(&estate));
        for target in &targets {
            let text = report::graph(target.format, &graph, &sources);
            if let Some(note) = report::too_large(target.format, &text) {
                output::remark(&note);
            }
            if let Err(problem) = target.write(&text) {
                ending = problem;
            }
        }
        Ok(ending)
    }

    /// What is asked for. A page is nothing to print on a terminal.
    fn targets(&self) -> Result<Vec<Target<GraphFormat>>, String> {
        target::distinct(&self.format)?;
        if !self.format.is_empty() {
            return Ok(self.format.clone());
        }
        if output::is_terminal() {
            return Err("a page is nothing for a terminal: `--format html=graph.html` writes it into a file, `--format mermaid` \
                        is a diagram as text"
                .to_owned());
        }
        Ok(vec![Target { format: GraphFormat::default(), path: None }])
    }
}
