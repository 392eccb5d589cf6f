//! `kmslint init`

use super::{Common, Ending, output};
use clap::Args;
use kmslint::config::{FILE_NAME, SAMPLE};
use kmslint::report;
use std::io::ErrorKind;
use std::path::Path;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(_: &Arguments) -> Ending {
    match report::write_new(Path::new(FILE_NAME), SAMPLE) {
        Ok(()) => {
            let told = output::print(&format!("wrote {FILE_NAME}: every key is explained in it, and none is set\n"));
            told.err().unwrap_or(Ending::Clean)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            output::complain(&format!("`{FILE_NAME}` is there already, it stays as it is"));
            Ending::Failed
        }
        Err(error) => {
            output::complain(&format!("cannot write `{FILE_NAME}`: {error}"));
            Ending::Failed
        }
    }
}
