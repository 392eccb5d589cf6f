//! Where text goes: standard output, files, standard error.

use super::Ending;
use clap::ValueEnum;
use kmslint::report::Style;
use std::env;
use std::io::{self, ErrorKind, IsTerminal, Write};

/// When to colour.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Color {
    /// Where standard output is a terminal that wants it
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How text on standard output looks.
pub(super) fn style(color: Color) -> Style {
    let color = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => wants_color(),
    };
    Style { color, ascii: is_ascii_only(), width: width(), ..Style::default() }
}

/// How text in a file looks: the same for everyone.
pub(super) fn plain_style() -> Style {
    Style::default()
}

fn wants_color() -> bool {
    let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    if is_set("NO_COLOR") {
        return false;
    }
    if is_set("CLICOLOR_FORCE") && env::var_os("CLICOLOR_FORCE").is_some_and(|value| value != "0") {
        return true;
    }
    io::stdout().is_terminal() && env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Whether the locale says that the terminal cannot show more; a locale that is not set says nothing.
fn is_ascii_only() -> bool {
    let variables = ["LC_ALL", "LC_CTYPE", "LANG"];
    let locale = variables.iter().filter_map(|name| env::var(name).ok()).find(|value| !value.is_empty());
    locale.is_some_and(|locale| {
        let locale = locale.to_lowercase();
        !locale.contains("utf-8") && !locale.contains("utf8")
    })
}

/// Columns of the terminal; 100 where the output goes elsewhere, so that it does not depend on who looks.
fn width() -> usize {
    if !io::stdout().is_terminal() {
        return 100;
    }
    let told = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let asked = || terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
    told.or_else(asked).unwrap_or(100).clamp(40, 160)
}

/// Whether standard output is what somebody looks at.
pub(super) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Prints to standard output. A reader that has gone away is no failure: none is the ending then.
pub(super) fn print(text: &str) -> Result<(), Ending> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Ending::Clean),
        Err(error) => {
            complain(&format!("cannot write to standard output: {error}"));
            Err(Ending::Failed)
        }
    }
}

/// Says on standard error why the job cannot be done.
pub(super) fn complain(message: &str) {
    tell("error", message);
}

/// Says something on standard error that is worth knowing.
pub(super) fn remark(message: &str) {
    tell("note", message);
}

fn tell(kind: &str, message: &str) {
    // Where nobody reads, there is nobody to tell.
    let _ = writeln!(io::stderr(), "{kind}: {message}");
}
