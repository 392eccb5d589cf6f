//! `kmslint check`, which is what `kmslint` does without a command.

use super::reading::{Reading, Setup};
use super::target::{self, Target};
use super::{Common, Ending, output, reading, switch};
use clap::Args;
use kmslint::Checked;
use kmslint::choice::{Choice, FailOn, Wish, meant_by, severity};
use kmslint::config::{Config, RuleName};
use kmslint::discover;
use kmslint::finding::{FileError, Outcome, Severity};
use kmslint::report::{self, Format};
use kmslint::source::{Sources, Spanned};
use std::num::NonZeroUsize;
use std::path::PathBuf;

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

pub(super) fn run(arguments: &Arguments) -> Ending {
    let setup = match arguments.set_up() {
        Ok(setup) => setup,
        Err(ending) => return ending,
    };
    if arguments.list_files {
        return arguments.list(&setup);
    }
    let mut checked = kmslint::check(&setup.options);
    checked.mistakes = setup.with_origins(checked.mistakes);
    arguments.tell(checked, &setup.config).unwrap_or_else(|ending| ending)
}

impl Arguments {
    /// The first path or ARN.
    pub(super) fn first_path(&self) -> Option<&str> {
        self.paths.first().map(String::as_str)
    }

    fn set_up(&self) -> Result<Setup, Ending> {
        let mut setup = self.reading.set_up(&self.paths, self.root.as_deref(), &self.common)?;
        let chosen = self.choice(&setup.config).and_then(|choice| target::distinct(&self.format).map(|()| choice));
        setup.options.choice = chosen.map_err(|message| {
            output::complain(&message);
            Ending::Failed
        })?;
        setup.options.jobs = self.jobs;
        self.tell_of_ignored(&setup.config);
        Ok(setup)
    }

    /// Notes what is selected by a flag and yet does not run.
    fn tell_of_ignored(&self, config: &Config) {
        let all = kmslint::all_rules();
        let ignored: Vec<&str> =
            config.rules.ignore.iter().filter_map(|name| meant_by(&all, &name.value.0).ok()).flatten().collect();
        for name in self.select.iter().filter(|name| !self.quiet && ignored.contains(&name.as_str())) {
            output::remark(&format!("`{name}` is selected, but the configuration ignores it"));
        }
    }

    /// The rules that run: what is selected by a flag replaces what the configuration selects, what is ignored adds up.
    fn choice(&self, config: &Config) -> Result<Choice, String> {
        let in_file = |names: &[Spanned<RuleName>]| names.iter().map(|name| name.value.0.clone()).collect();
        let (selected, ignored) = (given(&self.select), given(&self.ignore));
        let wish = Wish {
            select: if selected.is_empty() { in_file(&config.rules.select) } else { selected },
            ignore: [ignored, in_file(&config.rules.ignore)].concat(),
            pedantic: self.pedantic,
            configured: config.rules.options.0.iter().map(|set| set.rule.id).collect(),
            min_severity: self.min_severity.or(config.min_severity.as_ref().map(|severity| severity.value)),
        };
        Choice::of(&kmslint::all_rules(), &wish).map_err(|error| error.to_string())
    }

    fn list(&self, setup: &Setup) -> Ending {
        let mut listing = discover::list(&setup.options.request);
        listing.errors = setup.with_origins(listing.errors);
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
    fn tell(&self, checked: Checked, config: &Config) -> Result<Ending, Ending> {
        let Checked { mut outcome, sources, mistakes, notes } = checked;
        let fail_on = self.fail_on.or(config.fail_on.as_ref().map(|fail_on| fail_on.value));
        let ending = self.ending(&outcome, &mistakes, fail_on);
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

    fn write(&self, target: &Target<Format>, outcome: &Outcome, sources: &Sources) -> Result<(), Ending> {
        let style = if target.path.is_some() { output::plain_style() } else { output::style(self.common.color) };
        let style = report::Style { undecided: self.explain_unknown, ..style };
        let text = report::render(target.format, outcome, sources, &style);
        target.write(&text)
    }

    fn ending(&self, outcome: &Outcome, mistakes: &[FileError], fail_on: Option<FailOn>) -> Ending {
        if !outcome.errors.is_empty() || !mistakes.is_empty() {
            return Ending::Failed;
        }
        let fails = |severity: Severity| fail_on.is_none_or(|fail_on| fail_on.fails(severity));
        let has_findings = outcome.findings.iter().any(|finding| fails(finding.rule.severity));
        if has_findings && !self.exit_zero { Ending::Findings } else { Ending::Clean }
    }
}

/// Names without the empty ones: a variable that is set to nothing asks for nothing.
fn given(names: &[String]) -> Vec<String> {
    names.iter().filter(|name| !name.is_empty()).cloned().collect()
}
