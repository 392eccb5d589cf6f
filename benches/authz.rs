//! Decisions a second on the vectors, with policies read beforehand, on one core.

use flate2::read::GzDecoder;
use kmslint::authz::vector::Vector;
use kmslint::authz::{IdentityPolicy, KeySide, decide};
use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long to measure.
const SPAN: Duration = Duration::from_secs(3);

fn vectors() -> std::io::Result<Vec<Vector>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/vectors/authorization.jsonl.gz");
    let lines = BufReader::new(GzDecoder::new(std::fs::File::open(path)?)).lines();
    let read = |line: std::io::Result<String>| {
        let json = serde_json::from_str(&line?)?;
        Vector::read(&json).map_err(std::io::Error::other)
    };
    lines.map(read).collect()
}

fn main() -> std::io::Result<()> {
    let start = Instant::now();
    let vectors = vectors()?;
    println!("read {} requests in {:.1} ms", vectors.len(), start.elapsed().as_secs_f64() * 1e3);
    let sides: Vec<(KeySide<'_>, Vec<IdentityPolicy<'_>>, Vec<IdentityPolicy<'_>>)> =
        vectors.iter().map(|vector| (vector.key(), vector.attached(), vector.bounds())).collect();
    let start = Instant::now();
    let mut rounds = 0;
    while start.elapsed() < SPAN {
        for (vector, (key, identity, boundary)) in vectors.iter().zip(&sides) {
            black_box(decide(black_box(&vector.request(key, identity, boundary))));
        }
        rounds += 1;
    }
    let decisions = f64::from(rounds * u32::try_from(vectors.len()).unwrap_or(u32::MAX));
    println!("{:.2} million decisions a second", decisions / start.elapsed().as_secs_f64() / 1e6);
    Ok(())
}
