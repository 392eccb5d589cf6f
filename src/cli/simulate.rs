//! `kmslint simulate FILE|-`: requests in, decisions out, a line each.

use super::{Common, Ending, output};
use clap::Args;
use kmslint::report;
use kmslint::view::simulate::{Answer, refused, simulate};
use rayon::prelude::*;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::num::NonZeroUsize;

/// How much is read at once, in bytes: its lines are decided together.
const AT_ONCE: usize = 1 << 20;

/// Longest line that is read, in bytes.
const LONGEST: u64 = 64 << 20;

/// Fewer lines than this are decided without starting threads.
const FEW: usize = 32;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A file of JSON lines, one request each, or `-` for standard input
    #[arg(value_name = "FILE|-")]
    file: String,
    /// The number of threads [default: as many as there are processors]
    #[arg(short, long, value_name = "N", env = "KMSLINT_JOBS", hide_env = true, help_heading = "Other")]
    jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(arguments: &Arguments) -> Ending {
    let input = match open(&arguments.file) {
        Ok(input) => input,
        Err(error) => {
            output::complain(&format!("cannot read `{}`: {error}", arguments.file));
            return Ending::Failed;
        }
    };
    kmslint::with_threads(arguments.jobs, || answer_all(input, &arguments.file).unwrap_or_else(|ending| ending))
}

type Input = BufReader<Box<dyn Read + Send>>;

fn open(path: &str) -> io::Result<Input> {
    if path == "-" {
        return Ok(BufReader::with_capacity(AT_ONCE, Box::new(io::stdin())));
    }
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Ok(BufReader::with_capacity(AT_ONCE, Box::new(file)))
}

/// A line of the input.
struct Line {
    /// From 1.
    number: u64,
    text: Vec<u8>,
    /// Whether it is too long, and `text` its beginning.
    is_cut: bool,
}

/// What has been answered so far.
#[derive(Default)]
struct Tally {
    lines: u64,
    answers: u64,
    refusals: u64,
}

fn answer_all(mut input: Input, name: &str) -> Result<Ending, Ending> {
    let mut tally = Tally::default();
    loop {
        let (lines, end) = waiting_lines(&mut input, tally.lines);
        tally.lines += lines.len() as u64;
        answer(&lines, &mut tally)?;
        match end {
            Ok(true) => break,
            Ok(false) => {}
            Err(error) => {
                output::complain(&format!("cannot read `{name}`: {error}"));
                return Err(Ending::Failed);
            }
        }
    }
    if tally.answers == 0 {
        output::remark(&format!("`{name}` holds no request"));
    }
    let what = match tally.refusals {
        0 => return Ok(Ending::Clean),
        1 => "1 line is no request".to_owned(),
        many => format!("{many} lines are no requests"),
    };
    output::complain(&format!("`{name}`: {what}"));
    Ok(Ending::Failed)
}

/// Waits for a line, and takes those that are there already with it: who asks line by line is answered line by line. Also whether the
/// input has ended.
fn waiting_lines(input: &mut Input, before: u64) -> (Vec<Line>, io::Result<bool>) {
    let mut lines = Vec::new();
    for number in before + 1.. {
        match next_line(input, number) {
            Ok(Some(line)) => lines.push(line),
            Ok(None) => return (lines, Ok(true)),
            Err(error) => return (lines, Err(error)),
        }
        if memchr::memchr(b'\n', input.buffer()).is_none() {
            break;
        }
    }
    (lines, Ok(false))
}

fn next_line(input: &mut Input, number: u64) -> io::Result<Option<Line>> {
    let mut text = Vec::new();
    let read = input.by_ref().take(LONGEST).read_until(b'\n', &mut text)?;
    if read == 0 {
        return Ok(None);
    }
    let is_cut = read as u64 == LONGEST && text.last() != Some(&b'\n');
    if is_cut {
        input.skip_until(b'\n')?;
    }
    Ok(Some(Line { number, text, is_cut }))
}

/// Prints the answers to some lines.
fn answer(lines: &[Line], tally: &mut Tally) -> Result<(), Ending> {
    let answers: Vec<(u64, Answer)> = if lines.len() < FEW {
        lines.iter().filter_map(answer_line).collect()
    } else {
        lines.par_iter().with_min_len(FEW / 4).filter_map(answer_line).collect()
    };
    tally.answers += answers.len() as u64;
    tally.refusals += answers.iter().filter(|(_, answer)| answer.outcome.is_err()).count() as u64;
    let text: String = answers.iter().map(|(number, answer)| report::answer(answer, *number)).collect();
    output::print(&text)
}

fn answer_line(line: &Line) -> Option<(u64, Answer)> {
    let bom = b"\xEF\xBB\xBF";
    let text = line.text.strip_prefix(bom).filter(|_| line.number == 1).unwrap_or(&line.text);
    if line.is_cut {
        let why = format!("the line is longer than {} MiB", LONGEST >> 20);
        return Some((line.number, refused(text, why)));
    }
    Some((line.number, simulate(text)?))
}
