//! All integration tests: one binary, a module a subject.
#![cfg(test)]

mod cli;
mod consumer_table;
mod cycles;
mod discover;
mod layers;
mod report;
mod syntax;
mod tables;
mod templates;
mod values;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod syntax;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod vectors;
