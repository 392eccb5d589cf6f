//! `kmslint check`, which is what `kmslint` does without a command.

use super::reading::{Deployment, Reading};
use super::target::{self, Target};
use super::{Common, Ending, output, reading, switch};
use clap::Args;
use kmslint::choice::{Choice, Wish};
use kmslint::discover::{self, Request};
use kmslint::finding::{FileError, Severity};
use kmslint::report::{self, Format};
use kmslint::{Checked, Options};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Files, folders, patterns, cdk.out, `-`, ARNs of keys that exist [default: .]
    #[arg(value_name = "PATHS|ARNS")]
    paths: Vec<String>,

    #[command(flatten)]
    reading: Reading,
    /// List what would be read, and check nothing
    #[arg(hide_short_help = true, long, env = "KMSLINT_LIST_FILES", hide_env = true, value_parser = switch(), help_heading = "Files")]
    list_files: bool,

    #[command(flatten)]
    deployment: Deployment,

    /// Run these instead of the default rules: rules, categories, ALL
    #[arg(long, value_name = "NAMES", env = "KMSLINT_SELECT", hide_env = true, value_delimiter = ',')]
    #[arg(help_heading = "Rules")]
    select: Vec<String>,
    /// Do not run these: rules, categories, ALL
    #[arg(long, value_name = "NAMES", env = "KMSLINT_IGNORE", hide_env = true, value_delimiter = ',')]
    #[arg(help_heading = "Rules")]
    ignore: Vec<String>,
    /// Run opt-in rules too
    #[arg(long, env = "KMSLINT_PEDANTIC", hide_env = true, value_parser = switch(), help_heading = "Rules")]
    pedantic: bool,
    /// Show findings from this severity on, info to critical
    #[arg(long, value_name = "SEVERITY", env = "KMSLINT_MIN_SEVERITY", hide_env = true, value_parser = severity)]
    #[arg(help_heading = "Rules", long_help = MIN_SEVERITY)]
    min_severity: Option<Severity>,

    /// pretty, concise, json, sarif; with a path into a file (repeatable)
    #[arg(long, value_name = "FORMAT[=PATH]", env = "KMSLINT_FORMAT", hide_env = true, help_heading = "Output")]
    format: Vec<Target<Format>>,
    /// The folder that reported paths are relative to [default: the git root]
    #[arg(
        hide_short_help = true,
        long,
        value_name = "DIR",
        env = "KMSLINT_ROOT",
        hide_env = true,
        help_heading = "Output"
    )]
    root: Option<PathBuf>,
    /// No notes, and no summary where there is nothing to report
    #[arg(hide_short_help = true, short, long, env = "KMSLINT_QUIET", hide_env = true, value_parser = switch(), help_heading = "Output")]
    quiet: bool,
    /// List what could not be decided, and why
    #[arg(long, env = "KMSLINT_EXPLAIN_UNKNOWN", hide_env = true, value_parser = switch(), help_heading = "Output")]
    explain_unknown: bool,

    /// Exit with 1 from this severity on, or never [default: what is shown]
    #[arg(long, value_name = "SEVERITY", env = "KMSLINT_FAIL_ON", hide_env = true, help_heading = "Exit")]
    fail_on: Option<FailOn>,
    /// Exit with 0 in spite of findings
    #[arg(hide_short_help = true, long, env = "KMSLINT_EXIT_ZERO", hide_env = true, value_parser = switch(), help_heading = "Exit")]
    exit_zero: bool,

    /// The number of threads [default: as many as there are processors]
    #[arg(
        hide_short_help = true,
        short,
        long,
        value_name = "N",
        env = "KMSLINT_JOBS",
        hide_env = true,
        help_heading = "Other"
    )]
    jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    common: Common,
}

const MIN_SEVERITY: &str = "\
Show findings from this severity on: info, low, medium, high, critical \
[default: low; info with --pedantic or --select]";

/// When findings fail a run.
#[derive(Clone, Copy, Debug)]
enum FailOn {
    Severity(Severity),
    Never,
}

impl FromStr for FailOn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "never" { Ok(Self::Never) } else { severity(text).map(Self::Severity) }
    }
}

fn severity(text: &str) -> Result<Severity, String> {
    let known = Severity::ALL.into_iter().find(|severity| severity.name() == text);
    known.ok_or_else(|| format!("one of {}", Severity::ALL.map(Severity::name).join(", ")))
}

pub(super) fn run(arguments: &Arguments) -> Ending {
    let options = match arguments.options() {
        Ok(options) => options,
        Err(message) => {
            output::complain(&message);
            return Ending::Failed;
        }
    };
    if arguments.list_files {
        return arguments.list(&options.request);
    }
    let checked = kmslint::check(&options);
    arguments.tell(checked).unwrap_or_else(|ending| ending)
}

impl Arguments {
    /// The first path or ARN.
    pub(super) fn first_path(&self) -> Option<&str> {
        self.paths.first().map(String::as_str)
    }

    fn options(&self) -> Result<Options, String> {
        let all: Vec<_> = kmslint::all_rules();
        let wish = Wish {
            select: given(&self.select),
            ignore: given(&self.ignore),
            pedantic: self.pedantic,
            min_severity: self.min_severity,
        };
        let choice = Choice::of(&all, &wish).map_err(|error| error.to_string())?;
        target::distinct(&self.format)?;
        let request = self.reading.request(self.paths.clone(), self.root.as_deref())?;
        Ok(Options { choice, jobs: self.jobs, ..self.deployment.options(request) })
    }

    fn list(&self, request: &Request) -> Ending {
        let listing = discover::list(request);
        listing.errors.iter().for_each(|error| output::complain(&reading::sentence(error)));
        if !self.quiet {
            listing.excluded.iter().for_each(|path| output::remark(&format!("`{path}` is named, but excluded")));
        }
        let lines: String = listing.files.iter().map(|path| format!("{path}\n")).collect();
        match output::print(&lines) {
            Err(ending) => ending,
            Ok(()) if listing.errors.is_empty() => Ending::Clean,
            Ok(()) => Ending::Failed,
        }
    }

    /// Writes every report, and says how the run ended. Reports for people do not repeat what standard error says about the arguments.
    fn tell(&self, checked: Checked) -> Result<Ending, Ending> {
        let Checked { mut outcome, sources, mistakes, notes } = checked;
        let ending = self.ending(&outcome, &mistakes);
        mistakes.iter().for_each(|mistake| output::complain(&reading::sentence(mistake)));
        if !self.quiet {
            notes.iter().for_each(|note| output::remark(note));
        }
        let usual = [Target { format: Format::default(), path: None }];
        let targets = if self.format.is_empty() { &usual[..] } else { &self.format };
        let (for_people, for_programs): (Vec<&Target<Format>>, Vec<&Target<Format>>) =
            targets.iter().partition(|target| matches!(target.format, Format::Pretty | Format::Concise));
        let nothing_seen = outcome.files == 0 && outcome.skipped.is_empty() && outcome.errors.is_empty();
        let nothing_said = outcome.findings.is_empty() && outcome.errors.is_empty();
        let is_silent = nothing_said && (self.quiet || (nothing_seen && !mistakes.is_empty()));
        let mut ended = Ok(ending);
        let mut keep_worst = |written: Result<(), Ending>| {
            if let (Err(problem), Ok(_)) = (written, ended) {
                ended = Err(problem);
            }
        };
        for target in for_people.into_iter().filter(|target| !is_silent || target.path.is_some()) {
            keep_worst(self.write(target, &outcome, &sources));
        }
        outcome.errors.splice(0..0, mistakes);
        for target in for_programs {
            keep_worst(self.write(target, &outcome, &sources));
        }
        ended
    }

    fn write(
        &self,
        target: &Target<Format>,
        outcome: &kmslint::finding::Outcome,
        sources: &kmslint::source::Sources,
    ) -> Result<(), Ending> {
        let style = if target.path.is_some() { output::plain_style() } else { output::style(self.common.color) };
        let style = report::Style { undecided: self.explain_unknown, ..style };
        let text = report::render(target.format, outcome, sources, &style);
        target.write(&text)
    }

    fn ending(&self, outcome: &kmslint::finding::Outcome, mistakes: &[FileError]) -> Ending {
        if !outcome.errors.is_empty() || !mistakes.is_empty() {
            return Ending::Failed;
        }
        let fails = |severity: Severity| match self.fail_on {
            None => true,
            Some(FailOn::Severity(least)) => severity >= least,
            Some(FailOn::Never) => false,
        };
        let has_findings = outcome.findings.iter().any(|finding| fails(finding.rule.severity));
        if has_findings && !self.exit_zero { Ending::Findings } else { Ending::Clean }
    }
}

/// Names without the empty ones: a variable that is set to nothing asks for nothing.
fn given(names: &[String]) -> Vec<String> {
    names.iter().filter(|name| !name.is_empty()).cloned().collect()
}
