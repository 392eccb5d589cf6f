//! Who has which policies.

use super::Deployment;
use serde_json::{Value, json};

/// A caller with everything that is attached to it.
pub(crate) struct Principal {
    pub(crate) arn: String,
    pub(crate) policies: Vec<Value>,
    pub(crate) boundary: Value,
    pub(crate) facts: Value,
}

fn allow(actions: &[&str], resource: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resource}]})
}

/// The parts for KMS of some policies of AWS.
fn of_aws(name: &str) -> Option<Value> {
    Some(match name {
        "AdministratorAccess" => allow(&["*"], "*"),
        "ReadOnlyAccess" => allow(&["kms:Describe*", "kms:Get*", "kms:List*"], "*"),
        "AWSKeyManagementServicePowerUser" => allow(
            &[
                "kms:CreateAlias",
                "kms:CreateKey",
                "kms:DeleteAlias",
                "kms:Describe*",
                "kms:GenerateRandom",
                "kms:Get*",
                "kms:List*",
                "kms:TagResource",
                "kms:UntagResource",
            ],
            "*",
        ),
        "AWSLambdaBasicExecutionRole" => allow(&["logs:PutLogEvents"], "*"),
        _ => return None,
    })
}

fn has(list: &Value, wanted: &str) -> bool {
    list.as_array().into_iter().flatten().any(|one| one == wanted)
}

impl Deployment<'_> {
    /// The document of a managed policy.
    fn managed(&self, arn: &str) -> Value {
        let name = arn.rsplit('/').next().unwrap_or(arn);
        let known = if arn.starts_with("arn:aws:iam::aws:") { of_aws(name) } else { None };
        let declared = || {
            let is_it = |(stack, name, resource): &(usize, &str, &Value)| {
                resource["Type"] == "AWS::IAM::ManagedPolicy" && self.arn_of(*stack, name).as_deref() == Some(arn)
            };
            let (stack, name, _) = self.existing().find(is_it)?;
            Some(self.properties(stack, name)?["PolicyDocument"].clone())
        };
        known.or_else(declared).unwrap_or_else(|| self.outside.clone())
    }

    /// Documents that a role, user or group (by its type and name) is given by policies that say so themselves.
    fn attached(&self, account: &str, kind: &str, name: &str) -> Vec<Value> {
        let (list, own, property) = match kind {
            "AWS::IAM::Role" => ("Roles", "AWS::IAM::RolePolicy", "RoleName"),
            "AWS::IAM::User" => ("Users", "AWS::IAM::UserPolicy", "UserName"),
            _ => ("Groups", "AWS::IAM::GroupPolicy", "GroupName"),
        };
        let mut documents = Vec::new();
        for (stack, logical, resource) in self.existing().filter(|(stack, ..)| self.stacks[*stack].account == account) {
            let kind = resource["Type"].as_str().unwrap();
            let lists = kind == "AWS::IAM::Policy" || kind == "AWS::IAM::ManagedPolicy";
            if !lists && kind != own {
                continue;
            }
            let properties = self.properties(stack, logical).unwrap();
            if (lists && has(&properties[list], name)) || (kind == own && properties[property] == name) {
                documents.push(properties["PolicyDocument"].clone());
            }
        }
        documents
    }

    /// Documents that an identity itself names.
    fn own_documents(&self, properties: &Value) -> Vec<Value> {
        let inline =
            properties["Policies"].as_array().into_iter().flatten().map(|policy| policy["PolicyDocument"].clone());
        let arns = properties["ManagedPolicyArns"].as_array().into_iter().flatten().filter_map(Value::as_str);
        inline.chain(arns.map(|arn| self.managed(arn))).collect()
    }

    /// The groups that a user is in.
    fn groups(&self, account: &str, user: &str, properties: &Value) -> Vec<String> {
        let mut groups: Vec<String> = properties["Groups"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect();
        for (stack, logical, resource) in self.existing() {
            if resource["Type"] == "AWS::IAM::UserToGroupAddition" && self.stacks[stack].account == account {
                let addition = self.properties(stack, logical).unwrap();
                if has(&addition["Users"], user) {
                    groups.extend(addition["GroupName"].as_str().map(str::to_owned));
                }
            }
        }
        groups
    }

    fn group_documents(&self, account: &str, name: &str) -> Vec<Value> {
        let is_it = |(stack, logical, resource): &(usize, &str, &Value)| {
            resource["Type"] == "AWS::IAM::Group"
                && self.stacks[*stack].account == account
                && self.name_of(*stack, logical).as_deref() == Some(name)
        };
        let mut documents = self.attached(account, "AWS::IAM::Group", name);
        match self.existing().find(is_it) {
            Some((stack, logical, _)) => {
                documents.extend(self.own_documents(&self.properties(stack, logical).unwrap()))
            }
            None => documents.push(self.outside.clone()),
        }
        documents
    }

    /// What SAM makes of the policies of a function.
    fn function_documents(&self, stack: usize, policies: &Value) -> Vec<Value> {
        let one = |policy: &Value| match policy {
            Value::String(arn) if arn.starts_with("arn:") => self.managed(arn),
            Value::String(name) => of_aws(name).unwrap(),
            policy if policy.get("Statement").is_some() => policy.clone(),
            policy => self.policy_template(stack, policy),
        };
        match policies {
            Value::Array(several) => several.iter().map(one).collect(),
            single => vec![one(single)],
        }
    }

    fn policy_template(&self, stack: usize, policy: &Value) -> Value {
        let (name, parameters) = policy.as_object().unwrap().iter().next().unwrap();
        let super::Stack { account, region, .. } = &self.stacks[stack];
        let key = format!("arn:aws:kms:{region}:{account}:key/{}", parameters["KeyId"].as_str().unwrap_or_default());
        match name.as_str() {
            "KMSDecryptPolicy" => allow(&["kms:Decrypt"], &key),
            "KMSEncryptPolicy_v2" => allow(
                &[
                    "kms:Encrypt",
                    "kms:GenerateDataKey",
                    "kms:GenerateDataKeyWithoutPlaintext",
                    "kms:GenerateDataKeyPair",
                    "kms:GenerateDataKeyPairWithoutPlaintext",
                ],
                &key,
            ),
            _ => allow(&["s3:GetObject"], "*"),
        }
    }

    /// A role (by one of its sessions), user, or the role of a function, if it is there.
    pub(crate) fn principal(&self, stack: usize, logical: &str) -> Option<Principal> {
        let logical = if logical == "FnRole" { "Fn" } else { logical };
        let arn = self.arn_of(stack, logical)?;
        let own = self.properties(stack, logical)?;
        let account = &self.stacks[stack].account;
        let name = arn.rsplit('/').next()?.to_owned();
        let is_user = logical == "User";
        let mut boundary = own["PermissionsBoundary"].clone();
        let mut policies = if logical == "Fn" {
            let globals = &self.section(stack, "Globals")["Function"]["PermissionsBoundary"];
            if boundary.is_null() && !globals.is_null() {
                boundary = json!(self.text(stack, globals)?);
            }
            self.function_documents(stack, &own["Policies"])
        } else {
            self.own_documents(&own)
        };
        // What a macro adds, is as open as what other templates say.
        policies.extend(has(self.section(stack, "Transform"), "Macro").then(|| self.outside.clone()));
        policies.extend(self.attached(account, if is_user { "AWS::IAM::User" } else { "AWS::IAM::Role" }, &name));
        if is_user {
            let groups = self.groups(account, &name, &own);
            policies.extend(groups.iter().flat_map(|group| self.group_documents(account, group)));
        }
        let mut facts = json!({
            "aws:PrincipalArn": arn,
            "aws:PrincipalAccount": account,
            "kms:CallerAccount": account,
            "aws:PrincipalIsAWSService": "false",
            "aws:PrincipalType": if is_user { "User" } else { "AssumedRole" },
        });
        if is_user {
            facts["aws:username"] = json!(name);
        }
        let has_path = arn.split(':').nth(5)?.matches('/').count() > 1;
        let caller = if is_user || has_path { arn } else { format!("arn:aws:sts::{account}:assumed-role/{name}/one") };
        let document = |document: Value| json!({ "document": document });
        Some(Principal {
            arn: caller,
            policies: policies.into_iter().map(document).collect(),
            boundary: boundary.as_str().map_or(Value::Null, |arn| document(self.managed(arn))),
            facts,
        })
    }
}
