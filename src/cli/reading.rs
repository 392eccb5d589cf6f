//! What every command that reads templates is told: what to read, and where it is deployed.

use super::switch;
use clap::Args;
use kmslint::Options;
use kmslint::discover::Request;
use kmslint::finding::FileError;
use std::path::{Path, PathBuf};

/// What to read.
#[derive(Debug, Args)]
pub(super) struct Reading {
    /// Read this for links too, and report nothing in it (repeatable)
    #[arg(long, value_name = "PATH", env = "KMSLINT_CONTEXT", hide_env = true, help_heading = "Files")]
    context: Vec<String>,
    /// Never read what fits, also when it is named (repeatable)
    #[arg(long, value_name = "GLOB", env = "KMSLINT_EXCLUDE", hide_env = true, help_heading = "Files")]
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
}

/// Where stacks are deployed of which no manifest says it.
#[derive(Debug, Args)]
pub(super) struct Deployment {
    /// The account of the stacks, where no manifest says it
    #[arg(long, value_name = "ID", env = "KMSLINT_ACCOUNT", hide_env = true, value_parser = account)]
    #[arg(help_heading = "Deployment")]
    account: Option<String>,
    /// The Region of the stacks, where no manifest says it
    #[arg(long, value_name = "REGION", env = "KMSLINT_REGION", hide_env = true, value_parser = region)]
    #[arg(help_heading = "Deployment")]
    region: Option<String>,
    /// The partition of the stacks, such as aws or aws-cn
    #[arg(hide_short_help = true, long, value_name = "NAME", env = "KMSLINT_PARTITION", hide_env = true, value_parser = partition)]
    #[arg(help_heading = "Deployment")]
    partition: Option<String>,
    /// Values of parameters: JSON, YAML or samconfig.toml (repeatable)
    #[arg(long, value_name = "FILE", env = "KMSLINT_PARAMETERS", hide_env = true, help_heading = "Deployment")]
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

impl Reading {
    /// What discovery is asked for.
    pub(super) fn request(&self, inputs: Vec<String>, root: Option<&Path>) -> Result<Request, String> {
        if let Some(root) = root.filter(|root| !root.is_dir()) {
            return Err(format!(
                "`{}` is no folder: `--root` names the one that reported paths are relative to",
                root.display()
            ));
        }
        Ok(Request {
            inputs,
            exclude: self.exclude.clone(),
            no_ignore: self.no_ignore,
            hidden: self.hidden,
            root: root.map(Path::to_owned),
            stdin_path: self.stdin_filename.clone(),
            context: self.context.clone(),
            ..Request::default()
        })
    }
}

impl Deployment {
    /// The options of a run that reads this, without rules.
    pub(super) fn options(&self, request: Request) -> Options {
        let inventory = self.inventory.clone();
        Options {
            request: Request {
                inventory,
                arn_files: self.arns.clone().into_iter().collect(),
                parameter_files: self.parameters.clone(),
                ..request
            },
            account: self.account.clone(),
            region: self.region.clone(),
            partition: self.partition.clone(),
            ..Options::default()
        }
    }
}

/// What is wrong with a file or an argument.
pub(super) fn sentence(error: &FileError) -> String {
    format!("`{}`: {}", error.file, error.message)
}

fn account(text: &str) -> Result<String, String> {
    let is_account = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_account { Ok(text.to_owned()) } else { Err("an account id has 12 digits".to_owned()) }
}

fn region(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.split('-').collect();
    let is_word =
        |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let ends_in_number = parts.last().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    let is_region = parts.len() > 2 && parts.iter().all(is_word) && ends_in_number;
    if is_region { Ok(text.to_owned()) } else { Err("a Region is written as `eu-west-1`".to_owned()) }
}

fn partition(text: &str) -> Result<String, String> {
    let is_partition = text == "aws" || text.strip_prefix("aws-").is_some_and(|rest| !rest.is_empty());
    if is_partition { Ok(text.to_owned()) } else { Err("a partition is `aws`, `aws-cn`, `aws-us-gov`, …".to_owned()) }
}
