//! What resources are called, and what `Ref` and `Fn::GetAtt` give.

use super::Deployment;
use serde_json::{Value, json};

impl Deployment<'_> {
    pub(super) fn reference(&self, stack: usize, name: &str) -> Option<Value> {
        let own = &self.stacks[stack];
        let text = match name {
            "AWS::AccountId" => own.account.clone(),
            "AWS::Region" => own.region.clone(),
            "AWS::Partition" => "aws".to_owned(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            "AWS::StackName" => own.name.clone(),
            "Accounts" => {
                return Some(own.parameters[name].split(',').map(|one| json!(one.trim())).collect());
            }
            "StoredArn" => self.stored(stack, &own.parameters[name])?,
            "Managed" => self.arn_of(stack, name)?,
            _ => match own.parameters.get(name) {
                Some(value) => value.clone(),
                None => self.name_of(stack, name)?,
            },
        };
        Some(json!(text))
    }

    pub(super) fn attribute(&self, stack: usize, name: &str, attribute: &str) -> Option<String> {
        match attribute.strip_prefix("Outputs.") {
            Some(output) => {
                let child = self.stack_called(&format!("{}-{name}", self.stacks[stack].called))?;
                self.output(child, output)
            }
            None => self.arn_of(stack, name),
        }
    }

    fn kind(&self, stack: usize, name: &str) -> &str {
        self.resources(stack)[name]["Type"].as_str().unwrap()
    }

    /// The name or id that a resource has; none where there is no such resource.
    pub(super) fn name_of(&self, stack: usize, name: &str) -> Option<String> {
        if !self.exists(stack, name) {
            return None;
        }
        let property = match self.kind(stack, name) {
            "AWS::IAM::Role" => "RoleName",
            "AWS::IAM::User" => "UserName",
            "AWS::IAM::Group" => "GroupName",
            "AWS::IAM::ManagedPolicy" => "ManagedPolicyName",
            _ => "",
        };
        let written = &self.resources(stack)[name]["Properties"][property];
        let generated = || Some(format!("{}-{name}", self.stacks[stack].name));
        if written.is_null() {
            return generated();
        }
        match self.evaluate(stack, written)? {
            super::evaluate::Evaluated::Absent => generated(),
            super::evaluate::Evaluated::There(given) => given.as_str().map(str::to_owned),
        }
    }

    /// The ARN of a resource; none where there is no such resource.
    pub(crate) fn arn_of(&self, stack: usize, name: &str) -> Option<String> {
        let super::Stack { account, region, .. } = &self.stacks[stack];
        let id = self.name_of(stack, name)?;
        let path = self.resources(stack)[name]["Properties"]["Path"].as_str().unwrap_or("/");
        Some(match self.kind(stack, name) {
            "AWS::IAM::Role" => format!("arn:aws:iam::{account}:role{path}{id}"),
            "AWS::IAM::User" => format!("arn:aws:iam::{account}:user{path}{id}"),
            "AWS::IAM::ManagedPolicy" => format!("arn:aws:iam::{account}:policy{path}{id}"),
            "AWS::Serverless::Function" => format!("arn:aws:iam::{account}:role/{id}Role"),
            _ => format!("arn:aws:kms:{region}:{account}:key/{id}"),
        })
    }

    /// The name of an identity or policy with what it must not share it with.
    pub(super) fn unique_name(&self, stack: usize, name: &str) -> Option<(String, String, String)> {
        let kind = match self.kind(stack, name) {
            "AWS::Serverless::Function" => "AWS::IAM::Role",
            kind @ ("AWS::IAM::Role" | "AWS::IAM::User" | "AWS::IAM::Group" | "AWS::IAM::ManagedPolicy") => kind,
            _ => return None,
        };
        Some((self.stacks[stack].account.clone(), kind.to_owned(), self.name_of(stack, name)?))
    }

    /// The policy of a key, if there is such a key.
    pub(crate) fn key_policy(&self, stack: usize, name: &str) -> Option<Value> {
        if !self.exists(stack, name) {
            return None;
        }
        let written = self.properties(stack, name)?["KeyPolicy"].clone();
        let root = json!({"AWS": self.stacks[stack].account});
        let default = json!({"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"});
        Some(if written.is_null() { json!({"Version": "2012-10-17", "Statement": [default]}) } else { written })
    }
}
