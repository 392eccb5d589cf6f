//! What a process needs, as the kernel counts it; without `/proc` there is only the time on the wall.

use std::fs::read_to_string;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The kernel's ticks a second in `/proc`, on every platform that Linux supports.
const TICKS: f64 = 100.0;

/// What a process needed: milliseconds and megabytes.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) wall: f64,
    pub(crate) cpu: f64,
    pub(crate) peak: f64,
    pub(crate) output: f64,
}

impl Run {
    /// Runs a program over a folder.
    pub(crate) fn of(program: &str, words: &[&str], folder: &Path) -> io::Result<Self> {
        let output = tempfile::NamedTempFile::new()?;
        let start = Instant::now();
        let mut child =
            Command::new(program).args(words).arg(folder).stdout(output.reopen()?).stderr(Stdio::null()).spawn()?;
        let proc = Path::new("/proc").join(child.id().to_string());
        let mut peak = 0.0_f64;
        // A process that ended stays readable until somebody waits for it, without its memory.
        while let Ok(status) = read_to_string(proc.join("status")) {
            let Some(kilobytes) = number_after(&status, "VmHWM:") else { break };
            peak = peak.max(kilobytes / 1024.0);
            sleep(Duration::from_millis(1));
        }
        let wall = start.elapsed();
        let ticks = read_to_string(proc.join("stat")).map(|stat| ticks(&stat)).unwrap_or_default();
        child.wait()?;
        let wall = if peak > 0.0 { wall } else { start.elapsed() };
        let written = output.as_file().metadata()?.len();
        Ok(Self { wall: wall.as_secs_f64() * 1e3, cpu: ticks / TICKS * 1e3, peak, output: written as f64 / 1e6 })
    }
}

fn number_after(text: &str, label: &str) -> Option<f64> {
    text.split_once(label)?.1.split_whitespace().next()?.parse().ok()
}

/// Time in the program and in the kernel for it: the fields `utime` and `stime`, counted behind the name in parentheses.
fn ticks(stat: &str) -> f64 {
    let fields = stat.rsplit_once(')').map(|(_, fields)| fields.split_whitespace().skip(11).take(2));
    fields.into_iter().flatten().filter_map(|field| field.parse::<f64>().ok()).sum()
}
