//! Which flags were given, and by what: the command line or a variable.

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, FromArgMatches};
use std::collections::BTreeMap;

/// The flags of a command that somebody gave, by their id. It has no flags of its own: flattened in front of them, it sees them all.
#[derive(Clone, Debug, Default)]
pub(super) struct Given(BTreeMap<String, Flag>);

/// A flag that somebody gave.
#[derive(Clone, Debug)]
pub(super) struct Flag {
    /// How it was given: `--select` or `KMSLINT_SELECT`.
    pub(super) origin: String,
    /// Its values as they were given.
    pub(super) values: Vec<String>,
}

impl Given {
    /// A flag by its long name, if it was given.
    pub(super) fn flag(&self, name: &str) -> Option<&Flag> {
        self.0.get(&name.replace('-', "_"))
    }
}

impl FromArgMatches for Given {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let flag = |id: &clap::Id| {
            let long = id.as_str().replace('_', "-");
            let origin = match matches.value_source(id.as_str())? {
                ValueSource::CommandLine => format!("--{long}"),
                ValueSource::EnvVariable => variable(&long),
                _ => return None,
            };
            // A variable may say no to a switch, and one that is set to nothing says nothing.
            let is_off = matches!(matches.try_get_one::<bool>(id.as_str()), Ok(Some(false)));
            let raw = matches.try_get_raw(id.as_str()).ok()??.filter(|value| !value.is_empty());
            let values: Vec<String> = raw.map(|value| value.to_string_lossy().into_owned()).collect();
            (!is_off && !values.is_empty()).then(|| (id.to_string(), Flag { origin, values }))
        };
        Ok(Self(matches.ids().filter_map(flag).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Given {
    fn augment_args(command: Command) -> Command {
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        command
    }
}

/// The variable of a flag.
pub(super) fn variable(long: &str) -> String {
    format!("KMSLINT_{}", long.to_uppercase().replace('-', "_"))
}
