//! What the commands that explain and list answer, as plain data made from the estate and the engine's decisions.

mod find;
pub mod grants;
pub mod graph;
mod names;
pub mod simulate;
pub mod why;

pub use find::NotOne;
