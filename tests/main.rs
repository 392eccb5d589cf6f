//! All integration tests: one binary, a module a subject.
#![cfg(test)]

mod authz;
mod candidates;
mod cases;
mod cli;
mod config;
mod consumer_table;
mod cycles;
mod deployments;
mod discover;
mod estate;
mod grants;
mod graph;
mod integrations;
mod inventory;
mod kms_grants;
mod layers;
mod maker;
mod managed_policies;
#[cfg(test)]
mod matching;
mod pages;
mod permutations;
mod policy;
mod principals;
mod repairs_in_cdk_terms;
mod report;
mod rules;
mod simulate;
mod sound;
mod stack_sets;
mod support;
mod syntax;
mod tables;
mod templates;
mod values;
mod vectors;
mod why;
mod worlds;
