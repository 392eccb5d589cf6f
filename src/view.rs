//! What the commands that explain and list answer, as plain data made from the estate and the engine's decisions.

pub mod grants;
pub mod simulate;
