//! Roles, users, groups, functions, and the policies that are attached to them from either side.

use super::Maker;
use serde_json::{Map, Value, json};

impl Maker<'_> {
    pub(super) fn add_identities(&mut self, resources: &mut Map<String, Value>, serverless: bool) {
        let mut add = |name: &str, resource: Value| {
            resources.insert(name.to_owned(), resource);
        };
        add("Role", self.role());
        add("User", self.user());
        add("Managed", self.managed());
        if self.dice.one_in(2) {
            add("Group", self.group());
        }
        let has_group = resources.contains_key("Group");
        let mut add = |name: &str, resource: Value| {
            resources.insert(name.to_owned(), resource);
        };
        if self.dice.one_in(2) {
            add("Policy", self.policy(has_group));
        }
        for (name, kind, property, of) in [
            ("RolePolicy", "AWS::IAM::RolePolicy", "RoleName", "Role"),
            ("UserPolicy", "AWS::IAM::UserPolicy", "UserName", "User"),
            ("GroupPolicy", "AWS::IAM::GroupPolicy", "GroupName", "Group"),
        ] {
            if self.dice.one_in(5) && (of != "Group" || has_group) {
                let properties =
                    json!({"PolicyName": "own", "PolicyDocument": self.document(false), property: self.name_of(of)});
                add(name, self.resource(kind, properties));
            }
        }
        if has_group && self.dice.one_in(2) {
            let user = self.name_of("User");
            let properties =
                json!({"GroupName": self.name_of("Group"), "Users": [self.perhaps(user, |_| json!("worker"))]});
            add("Addition", self.resource("AWS::IAM::UserToGroupAddition", properties));
        }
        if serverless {
            add("Fn", self.function());
        }
    }

    /// The name of an identity of this template, or of one elsewhere.
    fn name_of(&mut self, logical: &str) -> Value {
        match self.dice.below(12) {
            0 => json!("worker"),
            1 => json!({"Ref": "Name"}),
            _ => json!({ "Ref": logical }),
        }
    }

    fn given_name(&mut self) -> Option<Value> {
        let name = self.dice.json(&[
            json!("worker"),
            json!({"Ref": "Name"}),
            json!({"Fn::Sub": "w-${Name}"}),
            json!({"Fn::Sub": "${AWS::StackName}-worker"}),
        ]);
        self.dice.one_in(3).then(|| self.perhaps(name, |_| json!("other")))
    }

    fn inline(&mut self) -> Value {
        let one = json!({"PolicyName": "a", "PolicyDocument": self.document(false)});
        json!([self.perhaps(one, |maker| json!({"PolicyName": "b", "PolicyDocument": maker.document(false)}))])
    }

    /// The ARN of a managed policy.
    pub(super) fn managed_arn(&mut self) -> Value {
        self.dice.json(&[
            json!({"Ref": "Managed"}),
            json!({"Ref": "Managed"}),
            json!({"Fn::GetAtt": ["Managed", "PolicyArn"]}),
            json!("arn:aws:iam::aws:policy/AdministratorAccess"),
            json!("arn:aws:iam::aws:policy/ReadOnlyAccess"),
            json!({"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AWSKeyManagementServicePowerUser"}),
            json!("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"),
            json!("arn:aws:iam::aws:policy/AWSOfNobody"),
            json!({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:policy/named"}),
            json!({"Ref": "Policy"}),
        ])
    }

    fn perhaps_managed_arn(&mut self) -> Value {
        let arn = self.managed_arn();
        self.perhaps(arn, Self::managed_arn)
    }

    /// What roles, users and groups have in common.
    fn identity(&mut self, name_property: &str) -> Value {
        let mut properties = json!({});
        if let Some(name) = self.given_name() {
            properties[name_property] = name;
        }
        if self.dice.one_in(6) {
            properties["Path"] = json!("/team/");
        }
        if self.dice.one_in(2) {
            properties["Policies"] = self.inline();
        }
        if self.dice.one_in(3) {
            properties["ManagedPolicyArns"] = json!([self.perhaps_managed_arn()]);
        }
        properties
    }

    fn role(&mut self) -> Value {
        let mut properties = self.identity("RoleName");
        properties["AssumeRolePolicyDocument"] = json!({"Statement": []});
        if self.dice.one_in(6) {
            properties["PermissionsBoundary"] = self.perhaps_managed_arn();
        }
        self.resource("AWS::IAM::Role", properties)
    }

    fn user(&mut self) -> Value {
        let mut properties = self.identity("UserName");
        if self.dice.one_in(6) {
            properties["PermissionsBoundary"] = self.perhaps_managed_arn();
        }
        if self.dice.one_in(4) {
            let group = self.dice.json(&[json!({"Ref": "Name"}), json!("worker"), json!({"Fn::Sub": "w-${Name}"})]);
            properties["Groups"] = json!([self.perhaps(group, |_| json!("staff"))]);
        }
        self.resource("AWS::IAM::User", properties)
    }

    fn group(&mut self) -> Value {
        let properties = self.identity("GroupName");
        self.resource("AWS::IAM::Group", properties)
    }

    /// To whom a policy says itself that it is attached.
    fn attach(&mut self, properties: &mut Value, has_group: bool) {
        for (list, of) in [("Roles", "Role"), ("Users", "User"), ("Groups", "Group")] {
            if self.dice.one_in(2) && (of != "Group" || has_group) {
                let name = self.name_of(of);
                properties[list] = json!([self.perhaps(name, |_| json!("worker"))]);
            }
        }
    }

    fn policy(&mut self, has_group: bool) -> Value {
        let mut properties = json!({"PolicyName": "p", "PolicyDocument": self.document(false)});
        self.attach(&mut properties, has_group);
        self.resource("AWS::IAM::Policy", properties)
    }

    fn managed(&mut self) -> Value {
        let mut properties = json!({"PolicyDocument": self.document(false)});
        if self.dice.one_in(3) {
            properties["ManagedPolicyName"] = self.dice.json(&[json!("named"), json!({"Fn::Sub": "${Name}-policy"})]);
        }
        if self.dice.one_in(3) {
            self.attach(&mut properties, false);
        }
        self.resource("AWS::IAM::ManagedPolicy", properties)
    }

    fn function(&mut self) -> Value {
        let mut properties = json!({"Handler": "index.handler", "Runtime": "python3.13", "InlineCode": "pass"});
        properties["Policies"] = match self.dice.below(4) {
            0 => self.function_policy(),
            1 => json!([self.function_policy()]),
            _ => json!([self.function_policy(), self.function_policy()]),
        };
        if self.dice.one_in(6) {
            properties["PermissionsBoundary"] = self.managed_arn();
        }
        self.resource("AWS::Serverless::Function", properties)
    }

    fn function_policy(&mut self) -> Value {
        match self.dice.below(8) {
            0 => json!("AWSLambdaBasicExecutionRole"),
            1 => json!("ReadOnlyAccess"),
            2 => self.managed_arn(),
            3 => json!({"KMSDecryptPolicy": {"KeyId": {"Ref": "Key"}}}),
            4 => json!({"KMSEncryptPolicy_v2": {"KeyId": {"Ref": "Name"}}}),
            5 => json!({"S3ReadPolicy": {"BucketName": {"Ref": "Name"}}}),
            _ => self.document(false),
        }
    }
}
