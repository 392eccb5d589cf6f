//! All integration tests: one binary, a module a subject.

#[cfg(test)]
mod syntax;
mod values;
