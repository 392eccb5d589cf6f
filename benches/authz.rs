//! Decisions a second on the vectors, with policies read beforehand, on one core.

use flate2::read::GzDecoder;
use kmslint::authz::vector::Vector;
use kmslint::authz::{IdentityPolicy, KeySide, Request, decide};
use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long to measure.
const SPAN: Duration = Duration::from_secs(2);

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
    let requests: Vec<Request<'_>> = vectors
        .iter()
        .zip(&sides)
        .map(|(vector, (key, identity, boundary))| vector.request(key, identity, boundary))
        .collect();
    println!("one after the other: {:.2} million decisions a second", speed(&requests, 1));
    println!("each again and again: {:.2} million decisions a second", speed(&requests, 20));
    Ok(())
}

/// Millions of decisions a second, of the fastest pass: other work on the machine only ever slows one down. With one turn each, every
/// policy of every request has to come from memory again; with more, from the cache.
fn speed(requests: &[Request<'_>], turns: u32) -> f64 {
    let start = Instant::now();
    let mut fastest = f64::INFINITY;
    while start.elapsed() < SPAN {
        let pass = Instant::now();
        for request in requests {
            for _ in 0..turns {
                black_box(decide(black_box(request)));
            }
        }
        fastest = fastest.min(pass.elapsed().as_secs_f64() / f64::from(turns));
    }
    requests.len() as f64 / fastest / 1e6
}
