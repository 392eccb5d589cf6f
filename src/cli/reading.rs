//! What every command that reads templates is told by flags, variables and the configuration: what to read, and where it is deployed.

use super::given::Given;
use super::{Common, Ending, output, show_config, switch};
use clap::Args;
use kmslint::config::{self, Account, Config, Region, place};
use kmslint::discover::{Home, Request, Stack, Supplied};
use kmslint::estate::Estate;
use kmslint::finding::FileError;
use kmslint::source::{Sources, Spanned};
use kmslint::{InView, Options, PerFile, choice};
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// What to read, and where it is deployed.
#[derive(Debug, Args)]
pub(super) struct Reading {
    #[command(flatten)]
    given: Given,
    /// Read this configuration [default: .kmslint.yaml, up to the git root]
    #[arg(short, long, value_name = "FILE", env = "KMSLINT_CONFIG", hide_env = true, help_heading = "Files")]
    #[arg(conflicts_with = "isolated")]
    config: Option<PathBuf>,
    /// Print what is in force and where it comes from, and check nothing
    #[arg(hide_short_help = true, long, env = "KMSLINT_SHOW_CONFIG", hide_env = true, value_parser = switch(), help_heading = "Files")]
    show_config: bool,
    /// Read this for links too, and report nothing in it (repeatable)
    #[arg(
        hide_short_help = true,
        long,
        value_name = "PATH",
        env = "KMSLINT_CONTEXT",
        hide_env = true,
        help_heading = "Files"
    )]
    context: Vec<String>,
    /// Never read what fits, also when it is named (repeatable)
    #[arg(
        hide_short_help = true,
        long,
        value_name = "GLOB",
        env = "KMSLINT_EXCLUDE",
        hide_env = true,
        help_heading = "Files"
    )]
    exclude: Vec<String>,
    /// Read what .gitignore ignores
    #[arg(hide_short_help = true, long, env = "KMSLINT_NO_IGNORE", hide_env = true, value_parser = switch(), help_heading = "Files")]
    no_ignore: bool,
    /// Walk hidden files and folders
    #[arg(hide_short_help = true, long, env = "KMSLINT_HIDDEN", hide_env = true, value_parser = switch(), help_heading = "Files")]
    hidden: bool,
    /// The path under which standard input is reported
    #[arg(
        hide_short_help = true,
        long,
        value_name = "PATH",
        env = "KMSLINT_STDIN_FILENAME",
        hide_env = true,
        help_heading = "Files"
    )]
    stdin_filename: Option<String>,
    #[command(flatten)]
    deployment: Deployment,
}

/// Where stacks are deployed of which neither a manifest nor the configuration says it.
#[derive(Debug, Args)]
struct Deployment {
    /// The account of the stacks, where nothing else says it
    #[arg(long, value_name = "ID", env = "KMSLINT_ACCOUNT", hide_env = true, value_parser = account)]
    #[arg(help_heading = "Deployment")]
    account: Option<String>,
    /// The Region of the stacks, where nothing else says it
    #[arg(long, value_name = "REGION", env = "KMSLINT_REGION", hide_env = true, value_parser = region)]
    #[arg(help_heading = "Deployment")]
    region: Option<String>,
    /// The partition of the stacks, such as aws or aws-cn
    #[arg(hide_short_help = true, long, value_name = "NAME", env = "KMSLINT_PARTITION", hide_env = true, value_parser = partition)]
    #[arg(help_heading = "Deployment")]
    partition: Option<String>,
    /// Values of parameters: JSON, YAML or samconfig.toml (repeatable)
    #[arg(
        hide_short_help = true,
        long,
        value_name = "FILE",
        env = "KMSLINT_PARAMETERS",
        hide_env = true,
        help_heading = "Deployment"
    )]
    parameters: Vec<PathBuf>,
    /// What exists elsewhere: output of aws kms and aws iam (repeatable)
    #[arg(long, value_name = "FILE|DIR", env = "KMSLINT_INVENTORY", hide_env = true, help_heading = "Deployment")]
    #[arg(long_help = INVENTORY)]
    inventory: Vec<PathBuf>,
    /// ARNs of keys and aliases that exist, one a line
    #[arg(hide_short_help = true, long, value_name = "FILE", env = "KMSLINT_ARNS", hide_env = true)]
    #[arg(help_heading = "Deployment")]
    arns: Option<PathBuf>,
}

const INVENTORY: &str = "\
What exists outside the templates (repeatable): a file or a folder of files with what `aws kms list-keys`, `list-aliases`, \
`describe-key`, `list-grants`, `get-key-policy`, `get-key-rotation-status` and `aws iam get-account-authorization-details` \
print as JSON, one after the other, in a list or joined by key. A key policy without a key id is that of the key whose id is in the \
file's name";

/// What a command that reads templates works with.
#[derive(Debug)]
pub(super) struct Setup {
    /// Everything but the choice of rules.
    pub(super) options: Options,
    /// What the configuration says; nothing where there is none.
    pub(super) config: Config,
    /// Where the configuration says to read a path.
    origins: BTreeMap<String, String>,
}

/// What a command that asks about the estate works with.
#[derive(Debug)]
pub(super) struct Looked {
    pub(super) estate: Estate,
    pub(super) sources: Sources,
    /// How the run ends where the answer can be given: something may not have been read.
    pub(super) ending: Ending,
}

impl Reading {
    /// What flags, variables and the configuration say together. Where they are wrong, or were only to be shown, the run has ended.
    pub(super) fn set_up(&self, paths: &[String], root: Option<&Path>, common: &Common) -> Result<Setup, Ending> {
        let failed = |message: String| {
            output::complain(&message);
            Ending::Failed
        };
        if let Some(root) = root.filter(|root| !root.is_dir()) {
            let root = root.display();
            return Err(failed(format!(
                "`{root}` is no folder: `--root` names the one that reported paths are relative to"
            )));
        }
        let home = match (&self.config, common.isolated) {
            (Some(path), _) => Some(Home::open(path).map_err(failed)?),
            (None, true) => None,
            (None, false) => Home::find(config::FILE_NAME).map_err(failed)?,
        };
        let config = home.as_ref().map_or_else(|| Ok(Config::default()), read)?;
        if self.show_config {
            let text = show_config::text(&config, home.as_ref().map(|home| &home.file), &self.given);
            return Err(output::print(&text).err().unwrap_or(Ending::Clean));
        }
        let mut setup = Setup { options: self.options(paths, root), config, origins: BTreeMap::new() };
        if let Some(home) = &home {
            setup.configure(home);
        }
        Ok(setup)
    }

    /// Reads and links what is asked for, and says on standard error what is wrong with it. Where nothing could be read the run has ended.
    pub(super) fn look(
        &self,
        paths: &[String],
        root: Option<&Path>,
        jobs: Option<NonZeroUsize>,
        common: &Common,
    ) -> Result<Looked, Ending> {
        let mut setup = self.set_up(paths, root, common)?;
        setup.options.jobs = jobs;
        let InView { estate, sources, errors, mistakes, notes } = kmslint::look(&setup.options);
        let problems = [setup.with_origins(mistakes), errors].concat();
        problems.iter().for_each(|problem| output::complain(&sentence(problem)));
        notes.iter().for_each(|note| output::remark(note));
        match (problems.is_empty(), estate.templates.is_empty()) {
            (false, true) => Err(Ending::Failed),
            (false, false) => Ok(Looked { estate, sources, ending: Ending::Failed }),
            (true, _) => Ok(Looked { estate, sources, ending: Ending::Clean }),
        }
    }

    /// What the flags alone say.
    fn options(&self, paths: &[String], root: Option<&Path>) -> Options {
        let deployment = &self.deployment;
        Options {
            request: Request {
                inputs: paths.to_vec(),
                exclude: self.exclude.clone(),
                no_ignore: self.no_ignore,
                hidden: self.hidden,
                root: root.map(Path::to_owned),
                stdin_path: self.stdin_filename.clone(),
                context: self.context.clone(),
                inventory: deployment.inventory.clone(),
                arn_files: deployment.arns.clone().into_iter().collect(),
                parameter_files: deployment.parameters.clone(),
                ..Request::default()
            },
            account: deployment.account.clone(),
            region: deployment.region.clone(),
            partition: deployment.partition.clone(),
            ..Options::default()
        }
    }
}

/// Reads a configuration; whatever is wrong with it ends the run, and all of it is told.
fn read(home: &Home) -> Result<Config, Ending> {
    let (config, mut problems) = config::read(&home.file, &kmslint::all_rules());
    let templates = config.stacks.iter().map(|stack| &stack.value.template);
    for path in templates.chain(&config.inventory) {
        if let Some(reason) = home.missing(&path.value.0) {
            let message = format!("`{}`: {reason}", path.value.0);
            problems.push(kmslint::syntax::Problem { message, span: path.span });
        }
    }
    problems.sort_by_key(|problem| problem.span);
    for problem in &problems {
        output::complain(&format!("{}: {}", place(&home.file, problem.span), problem.message));
    }
    if problems.is_empty() { Ok(config) } else { Err(Ending::Failed) }
}

impl Setup {
    /// Adds what the configuration says; flags win, lists add up.
    fn configure(&mut self, home: &Home) {
        let Self { options, config, origins } = self;
        let request = &mut options.request;
        let names_files = request.inputs.iter().any(|input| !input.starts_with("arn:"));
        let read = if names_files { &mut request.context } else { &mut request.inputs };
        for pattern in &config.files.include {
            let path = home.from_here(&pattern.value.0);
            origins.entry(path.clone()).or_insert_with(|| place(&home.file, pattern.span));
            read.push(path);
        }
        let excluded = config.files.exclude.iter();
        request.exclude.extend(excluded.map(|pattern| home.exclusion_from_here(&pattern.value.0)));
        let inventory = config.inventory.iter();
        request.inventory.extend(inventory.map(|path| PathBuf::from(home.from_here(&path.value.0))));
        request.stacks = config.stacks.iter().map(|stack| deployed(&stack.value, home)).collect();
        options.parameters = values(&config.parameters).map(|(name, value)| (name, value.value.clone())).collect();
        options.settings = config.rules.options.settings();
        options.inventory_complete = config.inventory_complete.as_ref().is_some_and(|complete| complete.value);
        options.per_file = config.per_file.iter().map(|entry| per_file(entry, home)).collect();
    }

    /// Errors with the place at which the configuration leads to them.
    pub(super) fn with_origins(&self, mut errors: Vec<FileError>) -> Vec<FileError> {
        for error in &mut errors {
            if let Some(origin) = self.origins.get(&error.file) {
                error.message = format!("{} ({origin})", error.message);
            }
        }
        errors
    }
}

fn values(parameters: &config::Parameters) -> impl Iterator<Item = (String, &Spanned<String>)> {
    parameters.0.iter().map(|(name, value)| (name.value.clone(), value))
}

fn deployed(stack: &config::Stack, home: &Home) -> Stack {
    let supplied =
        |value: &Spanned<String>| Supplied { value: value.value.clone(), origin: place(&home.file, value.span) };
    Stack {
        template: home.from_here(&stack.template.value.0).into(),
        name: stack.name.0.clone(),
        account: stack.account.as_ref().map(|account| account.0.clone()),
        region: stack.region.as_ref().map(|region| region.0.clone()),
        scope: stack.scope.as_ref().map(|scope| scope.0.clone()),
        parameters: values(&stack.parameters).map(|(name, value)| (name, supplied(value))).collect(),
    }
}

fn per_file(entry: &config::PerFile, home: &Home) -> PerFile {
    let all = kmslint::all_rules();
    let ignored = entry.ignore.0.iter().filter_map(|name| choice::meant_by(&all, &name.value.0).ok());
    PerFile {
        files: home.globs(entry.files.0.iter().map(|pattern| pattern.value.0.as_str())),
        ignore: ignored.flatten().collect(),
    }
}

/// What is wrong with a file or an argument.
pub(super) fn sentence(error: &FileError) -> String {
    format!("`{}`: {}", error.file, error.message)
}

fn account(text: &str) -> Result<String, String> {
    text.parse::<Account>().map(|account| account.0)
}

fn region(text: &str) -> Result<String, String> {
    text.parse::<Region>().map(|region| region.0)
}

fn partition(text: &str) -> Result<String, String> {
    let is_partition = text == "aws" || text.strip_prefix("aws-").is_some_and(|rest| !rest.is_empty());
    if is_partition { Ok(text.to_owned()) } else { Err("a partition is `aws`, `aws-cn`, `aws-us-gov`, …".to_owned()) }
}
