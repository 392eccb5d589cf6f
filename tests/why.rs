//! `why`: what it answers, how that reads, and that the repairs it offers work.

mod repairs;
