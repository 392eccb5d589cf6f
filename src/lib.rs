//! kmslint: who may use which KMS key, through what, and why, from CloudFormation templates alone.

pub mod discover;
pub mod estate;
pub mod finding;
pub mod policy;
pub mod report;
pub mod resolve;
pub mod source;
pub mod syntax;
pub mod template;
