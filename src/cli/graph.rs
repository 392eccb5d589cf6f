//! `kmslint graph [--format html|mermaid|dot|json] [PATHS|ARNS]...`

use super::reading::{self, Deployment, Reading};
use super::target::{self, Target};
use super::{Common, Ending, output};
use clap::Args;
use kmslint::report::{self, GraphFormat};
use kmslint::view::graph::graph;
use kmslint::{InView, Options};
use std::num::NonZeroUsize;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Files, folders, patterns, cdk.out, `-`, ARNs of keys that exist [default: .]
    #[arg(value_name = "PATHS|ARNS")]
    paths: Vec<String>,

    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    deployment: Deployment,
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
        let request = self.reading.request(self.paths.clone(), self.root.as_deref())?;
        let in_view = kmslint::look(&Options { jobs: self.jobs, ..self.deployment.options(request) });
        let InView { estate, sources, errors, mistakes, notes } = in_view;
        mistakes.iter().chain(&errors).for_each(|problem| output::complain(&reading::sentence(problem)));
        notes.iter().for_each(|note| output::remark(note));
        let is_sound = mistakes.is_empty() && errors.is_empty();
        if estate.templates.is_empty() && !is_sound {
            return Ok(Ending::Failed);
        }
        let graph = kmslint::with_threads(self.jobs, || graph(&estate));
        let mut ending = if is_sound { Ending::Clean } else { Ending::Failed };
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
