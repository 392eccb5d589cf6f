//! All integration tests: one binary, a module a subject.
#![cfg(test)]

mod cases;
mod cli;
mod consumer_table;
mod cycles;
mod discover;
mod layers;
#[cfg(test)]
mod matching;
mod pages;
mod policy;
mod report;
mod estate;
mod layers;
#[cfg(test)]
mod policy;
mod report;
mod support;
mod syntax;
#[cfg(test)]
mod syntax;
mod tables;
#[cfg(test)]
mod tables;
mod templates;
mod values;
#[cfg(test)]
mod vectors;
#[cfg(test)]
mod worlds;
