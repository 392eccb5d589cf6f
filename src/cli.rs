//! The command line: what can be asked, and how it ends.
//!
//! Standard output is the report; everything else goes to standard error. 0: nothing to object to, 1: findings, 2: the job could not be done.

mod check;
mod explain;
mod given;
mod grants;
mod graph;
mod init;
mod output;
mod reading;
mod rules;
mod schema;
mod show_config;
mod simulate;
mod target;
mod why;

use clap::builder::FalseyValueParser;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use output::Color;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Everything was looked at, and nothing fails the run.
    Clean,
    /// There are findings that fail the run.
    Findings,
    /// The job could not be done.
    Failed,
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        Self::from(match ending {
            Ending::Clean => 0,
            Ending::Findings => 1,
            Ending::Failed => 2,
        })
    }
}

/// What `check` is called with, as a literal that help texts are put together from.
macro_rules! examples {
    () => {
        "\
Examples:
  kmslint                                   check the templates below the working directory
  kmslint templates/** cdk.out              folders, patterns (quoted or not) and CDK assemblies
  kmslint --select grants,cycles app.yaml   only these categories of rules
  kmslint --account 111122223333 --region eu-west-1 keys.yaml
                                            say where the stacks are deployed
  kmslint --format pretty --format sarif=kmslint.sarif .
                                            a log for people and a file for code scanning
  cat app.yaml | kmslint - --stdin-filename app.yaml
                                            what an editor has not saved yet
  kmslint --fail-on high --exclude '**/fixtures/**' .
                                            fail on high and critical findings only
  kmslint init                              a commented .kmslint.yaml: what is deployed where, ...
  kmslint explain ineffective-grant         why it matters and what to do"
    };
}

const EXAMPLES: &str = examples!();

const WHY_EXAMPLES: &str = "\
Examples:
  kmslint why AppRole Decrypt DataKey templates/**
  kmslint why arn:aws:iam::111122223333:role/app kms:Decrypt alias/data cdk.out
  kmslint why App/Reader/ServiceRole GenerateDataKey Keys/DataKey cdk.out
  kmslint why sns.amazonaws.com GenerateDataKey QueueKey --format json .";

const GRAPH_EXAMPLES: &str = "\
Examples:
  kmslint graph templates/** > graph.html   a page that opens from disk, without network
  kmslint graph --format html=graph.html --format json=graph.json cdk.out
  kmslint graph --format mermaid templates  for README files and wikis
  kmslint graph --format dot templates | dot -Tsvg > graph.svg";

const LONG_HELP: &str = concat!(
    examples!(),
    "

Variables:
  Every flag has one: --fail-on is KMSLINT_FAIL_ON, --select is KMSLINT_SELECT. A flag wins over
  its variable, and that over .kmslint.yaml; lists of what is left out add up.

Exit codes:
  0  everything was looked at, no finding at or above --fail-on
  1  at least one such finding
  2  the job could not be done: a bad flag, nothing to check, a file that cannot be read"
);

#[derive(Debug, Parser)]
#[command(
    name = "kmslint",
    version,
    about = "Finds KMS grants that have no effect, key policies that lock or expose, and cycles",
    long_about = "Reads CloudFormation templates as they are (YAML, JSON, SAM, cdk.out) and rebuilds who may use which KMS key, through what, \
                  and why, across all stacks. No network, no account, no credentials.",
    after_help = "More flags, variables and examples: kmslint --help",
    after_long_help = LONG_HELP,
    max_term_width = 100,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    check: check::Arguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check templates: the same as without a command
    #[command(after_long_help = EXAMPLES, max_term_width = 100)]
    Check(Box<check::Arguments>),
    /// Explain a rule: why, a bad and a good example, the fix
    #[command(max_term_width = 100)]
    Explain(explain::Arguments),
    /// Draw principals, keys, aliases and consumers: a page, or a diagram as text
    #[command(after_long_help = GRAPH_EXAMPLES, max_term_width = 100)]
    Graph(Box<graph::Arguments>),
    /// List who may do what with which key, and through what
    #[command(max_term_width = 100)]
    Grants(Box<grants::Arguments>),
    /// Write a commented .kmslint.yaml
    #[command(max_term_width = 100)]
    Init(init::Arguments),
    /// List all rules
    #[command(max_term_width = 100)]
    Rules(rules::Arguments),
    /// Print the JSON schema of the configuration
    #[command(max_term_width = 100)]
    Schema(schema::Arguments),
    /// Decide concrete requests: JSON lines in, a decision a line out
    #[command(max_term_width = 100)]
    Simulate(simulate::Arguments),
    /// Say why a principal may or may not use a key, and what would change it
    #[command(after_long_help = WHY_EXAMPLES, max_term_width = 100)]
    Why(Box<why::Arguments>),
}

/// Flags that every command has.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// When to colour
    #[arg(long, value_name = "WHEN", default_value = "auto", env = "KMSLINT_COLOR", hide_env = true)]
    #[arg(help_heading = "Output", hide_short_help = true)]
    color: Color,
    /// Read no configuration and no KMSLINT_ variables
    #[arg(long, help_heading = "Other", hide_short_help = true)]
    isolated: bool,
}

/// Runs the program with its arguments, the first of which is its name.
pub(crate) fn run(arguments: Vec<OsString>) -> ExitCode {
    let mut command = Cli::command();
    if is_isolated(&arguments) {
        command = without_variables(command);
    }
    let cli = match parse(&mut command, arguments) {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    let ending = match cli.command {
        None => check::run(&cli.check),
        Some(Command::Check(arguments)) => check::run(&arguments),
        Some(Command::Explain(arguments)) => explain::run(&arguments),
        Some(Command::Graph(arguments)) => graph::run(&arguments),
        Some(Command::Grants(arguments)) => grants::run(&arguments),
        Some(Command::Init(arguments)) => init::run(&arguments),
        Some(Command::Rules(arguments)) => rules::run(&arguments),
        Some(Command::Schema(arguments)) => schema::run(&arguments),
        Some(Command::Simulate(arguments)) => simulate::run(&arguments),
        Some(Command::Why(arguments)) => why::run(&arguments),
    };
    ending.into()
}

fn parse(command: &mut clap::Command, arguments: Vec<OsString>) -> Result<Cli, clap::Error> {
    let cli = read(command, arguments.clone())?;
    let Some(first) = cli.check.first_path().filter(|_| cli.command.is_none()) else { return Ok(cli) };
    let is_command = command.find_subcommand(first).is_some() && !Path::new(first).exists();
    if !is_command {
        return Ok(cli);
    }
    // Flags stand before the command: clap takes its name for a path then.
    let places = (1..arguments.len()).filter(|at| arguments.get(*at).is_some_and(|argument| argument == first));
    let put_first = places.map(|at| {
        let mut arguments = arguments.clone();
        arguments.get_mut(1..=at).unwrap_or_default().rotate_right(1);
        arguments
    });
    let mut read_again = put_first.map(|arguments| read(command, arguments));
    read_again.find(|cli| cli.as_ref().is_ok_and(|cli| cli.command.is_some())).unwrap_or(Ok(cli))
}

fn read(command: &mut clap::Command, arguments: Vec<OsString>) -> Result<Cli, clap::Error> {
    let matches = command.try_get_matches_from_mut(arguments)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(command))
}

/// Prints what clap has to say: help and version are no failures.
fn refuse(error: &clap::Error) -> ExitCode {
    // Where nobody reads, there is nobody to tell.
    let _ = error.print();
    let ending = if error.use_stderr() { Ending::Failed } else { Ending::Clean };
    ending.into()
}

fn is_isolated(arguments: &[OsString]) -> bool {
    arguments.iter().take_while(|argument| *argument != "--").any(|argument| argument == "--isolated")
}

/// The command as if no variable were set.
fn without_variables(command: clap::Command) -> clap::Command {
    let command = command.mut_args(|argument| argument.env(None));
    command.mut_subcommands(without_variables)
}

/// A switch that a variable can set: `0`, `false`, `no`, `off` and nothing mean no.
fn switch() -> FalseyValueParser {
    FalseyValueParser::new()
}

/// How the answers of `explain` and `rules` are laid out.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Listing {
    /// For a terminal
    Text,
    /// As the pages are written
    Markdown,
    /// For programs
    Json,
}

impl From<Listing> for kmslint::report::Listing {
    fn from(listing: Listing) -> Self {
        match listing {
            Listing::Text => Self::Text,
            Listing::Markdown => Self::Markdown,
            Listing::Json => Self::Json,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_of_arguments_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_flag_of_check_has_a_variable_of_its_name() {
        for argument in Cli::command().get_arguments() {
            let Some(long) = argument.get_long().filter(|long| *long != "isolated") else { continue };
            let variable = given::variable(long);
            assert_eq!(argument.get_env().and_then(|name| name.to_str()), Some(variable.as_str()), "--{long}");
        }
    }
}
