//! `why`: what it answers, how that reads, and that the repairs it offers work.

mod cases;
mod command;
mod pages;
mod repairs;

use kmslint::choice::Choice;
use kmslint::discover::Request;
use kmslint::estate::Estate;
use kmslint::policy::Action;
use kmslint::report::{Style, WhyFormat, why as render};
use kmslint::view::NotOne;
use kmslint::view::why::{Answer, Why, why};
use kmslint::{InView, Options, look};
use std::path::Path;

/// What is in a folder.
fn in_view(folder: &Path) -> InView {
    let request = Request {
        inputs: vec![folder.to_string_lossy().into_owned()],
        root: Some(folder.to_owned()),
        no_ignore: true,
        ..Request::default()
    };
    look(&Options { request, choice: Choice::default(), ..Options::default() })
}

fn ask(estate: &Estate, principal: &str, action: &str, key: &str) -> Result<Why, NotOne> {
    why(estate, principal, Action::named(action).unwrap(), key)
}

fn answers(why: &Why) -> Vec<Answer> {
    why.worlds.iter().map(|world| world.answer).collect()
}

/// The page at a width.
fn page(view: &InView, why: &Why, width: usize) -> String {
    render(WhyFormat::Text, why, &view.sources, &Style { width, ..Style::default() })
}
