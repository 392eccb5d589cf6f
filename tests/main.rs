//! All integration tests: one binary, a module a subject.

#[cfg(test)]
mod syntax;
#[cfg(test)]
mod templates;
#[cfg(test)]
mod values;
mod consumer_table;
#[cfg(test)]
mod syntax;
