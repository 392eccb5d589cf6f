//! Random templates: keys, principals and their policies, with functions, conditions and parameters wherever they may stand.

use serde_json::{Map, Value, json};

/// Random numbers from a seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below a limit.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    pub(crate) fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    pub(crate) fn pick<'t, T: ?Sized>(&mut self, from: &[&'t T]) -> &'t T {
        from[self.below(from.len())]
    }

    fn json(&mut self, from: &[Value]) -> Value {
        from[self.below(from.len())].clone()
    }
}

/// A template and what is known of its deployment.
pub(crate) struct Template {
    pub(crate) name: String,
    pub(crate) json: Value,
    pub(crate) account: Option<String>,
    pub(crate) region: Option<String>,
}

const CONDITIONS: [&str; 4] = ["IsProd", "IsTest", "InHome", "Both"];

/// One to three templates; the later ones may import from the first.
pub(crate) fn templates(dice: &mut Dice) -> Vec<Template> {
    let count = 1 + dice.below(3);
    (0..count).map(|at| Maker { dice, at }.template()).collect()
}

struct Maker<'d> {
    dice: &'d mut Dice,
    at: usize,
}

impl Maker<'_> {
    fn template(mut self) -> Template {
        let mut resources = Map::new();
        for name in ["Key", "Other"] {
            if name == "Key" || self.dice.one_in(3) {
                let key = self.key();
                resources.insert(name.to_owned(), key);
            }
        }
        let (role, user, policy, managed) = (self.role(), self.user(), self.policy(), self.managed());
        resources.insert("Role".to_owned(), role);
        resources.insert("User".to_owned(), user);
        resources.insert("Policy".to_owned(), policy);
        resources.insert("Managed".to_owned(), managed);
        let outputs = json!({
            "Key": {"Value": {"Fn::GetAtt": ["Key", "Arn"]}, "Export": {"Name": {"Fn::Sub": "${AWS::StackName}-Key"}}},
            "Role": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}, "Export": {"Name": format!("s{}-Role", self.at)}},
        });
        let known = self.dice.one_in(4);
        Template {
            name: format!("s{}", self.at),
            json: json!({
                "Parameters": {
                    "Env": {"Type": "String", "AllowedValues": ["prod", "test", "dev"], "Default": "dev"},
                    "Owner": {"Type": "String"},
                    "Verb": {"Type": "String", "Default": "Decrypt"},
                    "Who": {"Type": "String"},
                    "Whose": {"Type": "String", "Default": "arn:aws:kms:eu-west-1:111122223333:key/1"},
                    "Name": {"Type": "String", "Default": "worker"},
                },
                "Conditions": {
                    "IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
                    "IsTest": {"Fn::Equals": ["test", {"Ref": "Env"}]},
                    "InHome": {"Fn::Or": [{"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}, {"Condition": "IsTest"}]},
                    "Both": {"Fn::And": [{"Fn::Not": [{"Condition": "IsProd"}]}, {"Fn::Equals": [{"Ref": "Verb"}, "Decrypt"]}]},
                },
                "Resources": resources,
                "Outputs": outputs,
            }),
            account: known.then(|| "111122223333".to_owned()),
            region: known.then(|| "eu-west-1".to_owned()),
        }
    }

    /// A value, now and then under a condition.
    fn perhaps(&mut self, value: Value, other: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.dice.one_in(5) {
            return value;
        }
        let condition = self.dice.pick(&CONDITIONS).to_owned();
        let other = if self.dice.one_in(2) { json!({"Ref": "AWS::NoValue"}) } else { other(self) };
        let (yes, no) = if self.dice.one_in(2) { (value, other) } else { (other, value) };
        json!({"Fn::If": [condition, yes, no]})
    }

    /// One to three of something: alone or as a list.
    fn some(&mut self, one: impl Fn(&mut Self) -> Value) -> Value {
        if self.dice.one_in(3) {
            return one(self);
        }
        let count = 1 + self.dice.below(2);
        let mut items: Vec<Value> = vec![one(self)];
        for _ in 0..count {
            let item = one(self);
            let item = self.perhaps(item, &one);
            items.push(item);
        }
        json!(items)
    }

    fn resource(&mut self, kind: &str, properties: Value) -> Value {
        let mut resource = json!({"Type": kind, "Properties": properties});
        if kind != "AWS::KMS::Key" && kind != "AWS::IAM::Role" && self.dice.one_in(5) {
            resource["Condition"] = json!(self.dice.pick(&CONDITIONS));
        }
        resource
    }

    fn key(&mut self) -> Value {
        let mut properties = json!({});
        if !self.dice.one_in(6) {
            let policy = self.document(true);
            properties["KeyPolicy"] = self.perhaps(policy, |maker| maker.document(true));
        }
        self.resource("AWS::KMS::Key", properties)
    }

    fn role(&mut self) -> Value {
        let mut properties = json!({"AssumeRolePolicyDocument": {"Statement": []}});
        if self.dice.one_in(3) {
            properties["RoleName"] =
                self.dice.json(&[json!("worker"), json!({"Ref": "Name"}), json!({"Fn::Sub": "w-${Name}"})]);
        }
        if self.dice.one_in(2) {
            let inline = json!({"PolicyName": "a", "PolicyDocument": self.document(false)});
            let inline =
                self.perhaps(inline, |maker| json!({"PolicyName": "b", "PolicyDocument": maker.document(false)}));
            properties["Policies"] = json!([inline]);
        }
        if self.dice.one_in(3) {
            let managed = self.perhaps(json!({"Ref": "Managed"}), |_| json!({"Ref": "AWS::NoValue"}));
            properties["ManagedPolicyArns"] = json!([managed]);
        }
        if self.dice.one_in(6) {
            properties["PermissionsBoundary"] =
                self.perhaps(json!({"Ref": "Managed"}), |_| json!({"Ref": "AWS::NoValue"}));
        }
        self.resource("AWS::IAM::Role", properties)
    }

    fn user(&mut self) -> Value {
        let mut properties = json!({});
        if self.dice.one_in(2) {
            properties["Policies"] = json!([{"PolicyName": "a", "PolicyDocument": self.document(false)}]);
        }
        self.resource("AWS::IAM::User", properties)
    }

    fn policy(&mut self) -> Value {
        let role = self.perhaps(json!({"Ref": "Role"}), |_| json!({"Ref": "AWS::NoValue"}));
        let properties = json!({"PolicyName": "p", "PolicyDocument": self.document(false), "Roles": [role]});
        self.resource("AWS::IAM::Policy", properties)
    }

    fn managed(&mut self) -> Value {
        let mut properties = json!({"PolicyDocument": self.document(false)});
        if self.dice.one_in(2) {
            let role = self.perhaps(json!({"Ref": "Role"}), |_| json!({"Ref": "AWS::NoValue"}));
            properties["Roles"] = json!([role]);
        }
        self.resource("AWS::IAM::ManagedPolicy", properties)
    }

    fn document(&mut self, of_key: bool) -> Value {
        let count = 1 + self.dice.below(3);
        let mut statements = Vec::new();
        for _ in 0..count {
            let statement = self.statement(of_key);
            statements.push(self.perhaps(statement, |maker| maker.statement(of_key)));
        }
        let version = self.dice.pick(&["2012-10-17", "2012-10-17", "2008-10-17"]);
        json!({"Version": version, "Statement": statements})
    }

    fn statement(&mut self, of_key: bool) -> Value {
        let effect = self.dice.json(&[json!("Allow"), json!("Allow"), json!("Allow"), json!("Deny")]);
        let deny = effect == "Deny";
        let mut statement = json!({"Effect": self.perhaps(effect, |_| json!("Allow"))});
        if statement["Effect"].to_string().contains("NoValue") {
            statement["Effect"] = json!("Allow");
        }
        let action = if self.dice.one_in(8) { "NotAction" } else { "Action" };
        statement[action] = self.some(Self::action);
        if of_key {
            statement["Resource"] = self.dice.json(&[json!("*"), json!("*"), json!("arn:aws:kms:*:*:key/*")]);
            let name = if deny && self.dice.one_in(4) { "NotPrincipal" } else { "Principal" };
            statement[name] = if self.dice.one_in(6) { json!("*") } else { json!({"AWS": self.some(Self::principal)}) };
        } else {
            let name = if self.dice.one_in(8) { "NotResource" } else { "Resource" };
            statement[name] = self.some(Self::resource_name);
        }
        if self.dice.one_in(3) {
            let condition = self.condition();
            statement["Condition"] = self.perhaps(condition, Self::condition);
        }
        statement
    }

    fn action(&mut self) -> Value {
        self.dice.json(&[
            json!("kms:*"),
            json!("kms:Decrypt"),
            json!("kms:De*"),
            json!("KMS:generatedatakey*"),
            json!("kms:CreateGrant"),
            json!("*"),
            json!("s3:GetObject"),
            json!({"Fn::Sub": "kms:${Verb}"}),
            json!({"Fn::Join": ["", ["kms:", {"Ref": "Verb"}, "*"]]}),
            json!({"Fn::Join": [":", ["kms", "Put*"]]}),
        ])
    }

    fn principal(&mut self) -> Value {
        let other = self.dice.below(2);
        self.dice.json(&[
            json!({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}),
            json!({"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}),
            json!({"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::", {"Ref": "AWS::AccountId"}, ":root"]]}),
            json!({"Ref": "AWS::AccountId"}),
            json!({"Ref": "Owner"}),
            json!({"Fn::Sub": "arn:aws:iam::${Owner}:root"}),
            json!("111122223333"),
            json!({"Fn::GetAtt": ["Role", "Arn"]}),
            json!({"Fn::GetAtt": ["Role", "Arn"]}),
            json!({"Fn::Sub": "${User.Arn}"}),
            json!({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/worker"}),
            json!({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/${Name}"}),
            json!({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/${Role}"}),
            json!({"Fn::Sub": "arn:aws:sts::${AWS::AccountId}:assumed-role/${Role}/one"}),
            json!("arn:aws:iam::111122223333:role/worker"),
            json!({"Ref": "Who"}),
            json!({"Fn::ImportValue": format!("s{other}-Role")}),
            json!("*"),
        ])
    }

    fn resource_name(&mut self) -> Value {
        let other = self.dice.below(2);
        self.dice.json(&[
            json!("*"),
            json!({"Fn::GetAtt": ["Key", "Arn"]}),
            json!({"Fn::GetAtt": ["Key", "Arn"]}),
            json!({"Fn::Sub": "${Key.Arn}"}),
            json!({"Fn::Sub": "arn:aws:kms:${AWS::Region}:${AWS::AccountId}:key/*"}),
            json!({"Fn::Sub": "arn:${AWS::Partition}:kms:*:${AWS::AccountId}:key/${Key}"}),
            json!({"Fn::Sub": "arn:aws:kms:eu-west-1:${Owner}:key/*"}),
            json!("arn:aws:kms:eu-west-1:111122223333:key/*"),
            json!({"Fn::Sub": "arn:aws:kms:*:*:alias/${Name}"}),
            json!({"Ref": "Whose"}),
            json!({"Fn::ImportValue": format!("s{other}-Key")}),
            json!({"Fn::ImportValue": {"Fn::Sub": format!("s{other}-${{Name}}")}}),
        ])
    }

    fn condition(&mut self) -> Value {
        self.dice.json(&[
            json!({"StringEquals": {"kms:ViaService": {"Fn::Sub": "s3.${AWS::Region}.amazonaws.com"}}}),
            json!({"StringLike": {"kms:ViaService": ["s3.*.amazonaws.com", {"Fn::Sub": "${Name}.*"}]}}),
            json!({"StringEquals": {"kms:CallerAccount": {"Ref": "AWS::AccountId"}}}),
            json!({"StringEquals": {"aws:PrincipalAccount": {"Ref": "Owner"}}}),
            json!({"StringNotEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}),
            json!({"StringEquals": {"aws:PrincipalAccount": "111122223333"}}),
            json!({"ArnLike": {"aws:PrincipalArn": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/*"}}}),
            json!({"ArnEquals": {"aws:PrincipalArn": {"Fn::GetAtt": ["Role", "Arn"]}}}),
            json!({"ArnNotLike": {"aws:PrincipalArn": {"Fn::Sub": "arn:aws:iam::*:role/${Name}"}}}),
            json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:*"}}),
            json!({"StringNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:user/*", {"Ref": "Who"}]}}),
            json!({"Bool": {"aws:SecureTransport": "false"}}),
            json!({"BoolIfExists": {"aws:SecureTransport": "true"}}),
            json!({"Null": {"kms:ViaService": "true"}}),
            json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
            json!({"StringEqualsIfExists": {"aws:ResourceAccount": {"Ref": "Owner"}}}),
            json!({"StringEquals": {"aws:RequestedRegion": {"Ref": "AWS::Region"}}}),
            json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}, "Null": {"aws:SourceIp": "false"}}),
            json!({"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}),
            json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::${aws:PrincipalAccount}:*"}}),
        ])
    }
}
