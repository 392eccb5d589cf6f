//! Time and memory of the whole process over made-up estates of 100, 1,000 and 10,000 templates; each row should be ten times the one above.
//!
//! `cargo bench --bench scale` measures; `cargo bench --bench scale -- FOLDER COUNT [SEED]` only writes an estate.

mod estate;
mod process;
mod templates;
mod yaml;

use process::Run;
use std::io;
use std::path::Path;

/// What is measured: the words behind `kmslint`, before the folder.
const COMMANDS: [&[&str]; 8] = [
    &["check", "--format", "pretty"],
    &["check", "--format", "json"],
    &["check", "--format", "sarif"],
    &["check", "--format", "json", "--jobs", "1"],
    &["grants", "--format", "table"],
    &["grants", "--format", "json"],
    &["grants", "--format", "csv"],
    &["grants", "--format", "markdown"],
];

fn write(folder: &Path, count: usize, seed: u64) -> io::Result<()> {
    for file in estate::files(count, seed) {
        let path = folder.join(file.path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, file.text)?;
    }
    Ok(())
}

fn measure() -> io::Result<()> {
    println!(
        "{:>9}  {:<32} {:>9} {:>9} {:>8} {:>9}",
        "templates", "command", "wall ms", "cpu ms", "peak MB", "output MB"
    );
    for count in [100, 1_000, 10_000] {
        let folder = tempfile::tempdir()?;
        write(folder.path(), count, 1)?;
        for words in COMMANDS {
            let Run { wall, cpu, peak, output } = Run::of(env!("CARGO_BIN_EXE_kmslint"), words, folder.path())?;
            println!("{count:>9}  {:<32} {wall:>9.0} {cpu:>9.0} {peak:>8.1} {output:>9.2}", words.join(" "));
        }
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let number = |at: usize| words.get(at).and_then(|word| word.parse().ok());
    match (words.first(), number(1)) {
        (Some(folder), Some(count)) => write(Path::new(folder), count, number(2).unwrap_or(1) as u64),
        _ => measure(),
    }
}
