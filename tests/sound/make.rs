//! Random templates: keys, principals and their policies, with functions, conditions and parameters wherever they may stand.

mod documents;
mod identities;
mod values;

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

    pub(crate) fn json(&mut self, from: &[Value]) -> Value {
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

/// The template that the first one may nest.
pub(crate) const INNER: &str = "inner";

const CONDITIONS: [&str; 5] = ["C0", "C1", "C2", "C3", "C4"];

/// One to three templates, which may import from each other; the first may nest another one, once or twice.
pub(crate) fn templates(dice: &mut Dice) -> Vec<Template> {
    let count = 1 + dice.below(3);
    let linked = count > 1 && dice.one_in(2);
    let nests = dice.one_in(3);
    let mut templates = Vec::new();
    for at in 0..count {
        let others = (0..count).filter(|other| linked && *other != at).map(|other| format!("s{other}")).collect();
        let maker = Maker { dice, name: format!("s{at}"), others, nests: nests && at == 0, extended: false };
        templates.push(maker.template());
    }
    if nests {
        let others = (1..count).filter(|_| linked).map(|other| format!("s{other}")).collect();
        let maker = Maker { dice, name: INNER.to_owned(), others, nests: false, extended: false };
        templates.push(Template { account: None, region: None, ..maker.template() });
    }
    templates
}

struct Maker<'d> {
    dice: &'d mut Dice,
    name: String,
    /// The stacks whose exports and stored parameters it may read.
    others: Vec<String>,
    /// Whether it nests the inner template.
    nests: bool,
    /// Whether lookups may have a default.
    extended: bool,
}

impl Maker<'_> {
    fn is_inner(&self) -> bool {
        self.name == INNER
    }

    fn template(mut self) -> Template {
        self.extended = self.dice.one_in(4);
        let serverless = self.dice.one_in(3);
        let mut resources = Map::new();
        self.add_keys(&mut resources);
        self.add_identities(&mut resources, serverless);
        if !self.is_inner() {
            let stored = json!({"Type": "String", "Name": format!("/{}/key", self.name), "Value": {"Fn::GetAtt": ["Key", "Arn"]}});
            resources.insert("Stored".to_owned(), json!({"Type": "AWS::SSM::Parameter", "Properties": stored}));
        }
        for child in ["Child", "Twin"] {
            if self.nests && (child == "Child" || self.dice.one_in(3)) {
                let nested = self.nested();
                resources.insert(child.to_owned(), nested);
            }
        }
        let mut outputs = json!({
            "Key": {"Value": {"Fn::GetAtt": ["Key", "Arn"]}},
            "Role": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}},
        });
        if !self.is_inner() {
            outputs["Key"]["Export"] = json!({"Name": {"Fn::Sub": "${AWS::StackName}-Key"}});
            outputs["Role"]["Export"] = json!({"Name": format!("{}-Role", self.name)});
        }
        let mut transforms = Vec::new();
        if self.extended {
            transforms.push("AWS::LanguageExtensions");
        }
        if serverless {
            transforms.push("AWS::Serverless-2016-10-31");
        }
        if self.dice.one_in(20) {
            transforms.push("Macro");
        }
        let mut json = json!({
            "Parameters": self.parameters(),
            "Mappings": mappings(),
            "Conditions": self.conditions(),
            "Resources": resources,
            "Outputs": outputs,
        });
        if !transforms.is_empty() {
            json["Transform"] = json!(transforms);
        }
        if serverless && self.dice.one_in(4) {
            json["Globals"] = json!({"Function": {"PermissionsBoundary": self.managed_arn()}});
        }
        if self.dice.one_in(6) {
            json["Rules"] = self.rules();
        }
        let known = self.dice.one_in(4);
        Template {
            json,
            account: known.then(|| "111122223333".to_owned()),
            region: known.then(|| "eu-west-1".to_owned()),
            name: self.name,
        }
    }

    fn parameters(&mut self) -> Value {
        let mut parameters = json!({
            "Env": {"Type": "String", "AllowedValues": ["prod", "test", "dev"], "Default": "dev"},
            "Stage": {"Type": "String", "AllowedValues": ["one", "two", "three"]},
            "Size": {"Type": "String", "Default": "small"},
            "Owner": {"Type": "String"},
            "Verb": {"Type": "String", "Default": "Decrypt"},
            "Who": {"Type": "String"},
            "Whose": {"Type": "String", "Default": "arn:aws:kms:eu-west-1:111122223333:key/1"},
            "Name": {"Type": "String", "Default": "worker"},
            "Policy": {"Type": "String"},
            "Accounts": {"Type": "CommaDelimitedList", "Default": "111122223333, 444455556666"},
        });
        if self.is_inner() {
            parameters["KeyArn"] = json!({"Type": "String"});
            parameters["Peer"] = json!({"Type": "String"});
        }
        if let Some(other) = self.others.first() {
            let kind = "AWS::SSM::Parameter::Value<String>";
            parameters["StoredArn"] = json!({"Type": kind, "Default": format!("/{other}/key")});
        }
        parameters
    }

    fn conditions(&mut self) -> Value {
        let mut conditions = Map::new();
        for (at, name) in CONDITIONS.iter().enumerate() {
            let condition = self.formula(at, 2);
            conditions.insert((*name).to_owned(), condition);
        }
        Value::Object(conditions)
    }

    /// What a condition says, of parameters and of the conditions before it.
    fn formula(&mut self, before: usize, depth: usize) -> Value {
        if depth > 0 && self.dice.one_in(3) {
            let function = self.dice.pick(&["Fn::And", "Fn::Or"]);
            return json!({ function: [self.formula(before, depth - 1), self.formula(before, depth - 1)] });
        }
        if depth > 0 && self.dice.one_in(5) {
            return json!({"Fn::Not": [self.formula(before, depth - 1)]});
        }
        if before > 0 && self.dice.one_in(4) {
            return json!({"Condition": CONDITIONS[self.dice.below(before)]});
        }
        let sides = self.dice.json(&[
            json!([{"Ref": "Env"}, "prod"]),
            json!(["test", {"Ref": "Env"}]),
            json!([{"Ref": "Env"}, "nothing of this"]),
            json!([{"Ref": "Stage"}, "two"]),
            json!([{"Ref": "Size"}, "big"]),
            json!([{"Fn::Sub": "${Env}-${Size}"}, "prod-small"]),
            json!([{"Ref": "Env"}, {"Ref": "Size"}]),
            json!([{"Ref": "Verb"}, "Decrypt"]),
            json!([{"Ref": "AWS::Region"}, "eu-west-1"]),
            json!([{"Ref": "AWS::AccountId"}, {"Ref": "Owner"}]),
            json!([{"Fn::FindInMap": ["Sizes", {"Ref": "Size"}, "Verb"]}, "Decrypt"]),
            json!([{"Fn::FindInMap": ["Regions", {"Ref": "AWS::Region"}, "Home"]}, "true"]),
            json!([{"Fn::Select": ["0", {"Ref": "Accounts"}]}, "111122223333"]),
        ]);
        json!({ "Fn::Equals": sides })
    }

    fn rules(&mut self) -> Value {
        let assertion = self.dice.json(&[
            json!({"Fn::Contains": [["prod", "dev"], {"Ref": "Env"}]}),
            json!({"Fn::Not": [{"Fn::Equals": [{"Ref": "Stage"}, "three"]}]}),
            json!({"Fn::Equals": [{"Ref": "Size"}, "small"]}),
        ]);
        let mut rule = json!({"Assertions": [{"Assert": assertion}]});
        if self.dice.one_in(2) {
            rule["RuleCondition"] = json!({"Fn::Equals": [{"Ref": "Verb"}, "Decrypt"]});
        }
        json!({ "Allowed": rule })
    }

    fn resource(&mut self, kind: &str, properties: Value) -> Value {
        let mut resource = json!({"Type": kind, "Properties": properties});
        let is_exported = kind == "AWS::KMS::Key" || kind == "AWS::IAM::Role";
        if !is_exported && self.dice.one_in(5) {
            resource["Condition"] = json!(self.dice.pick(&CONDITIONS));
        }
        resource
    }

    fn add_keys(&mut self, resources: &mut Map<String, Value>) {
        for name in ["Key", "Other"] {
            if name == "Key" || self.dice.one_in(3) {
                let mut properties = json!({});
                if !self.dice.one_in(6) {
                    let policy = self.document(true);
                    properties["KeyPolicy"] = self.perhaps(policy, |maker| maker.document(true));
                }
                let key = self.resource("AWS::KMS::Key", properties);
                resources.insert(name.to_owned(), key);
            }
        }
    }

    /// A stack of the inner template, with what is passed to it.
    fn nested(&mut self) -> Value {
        let env = self.dice.json(&[json!({"Ref": "Env"}), json!("prod")]);
        let mut parameters = json!({
            "Env": self.perhaps(env, |_| json!("test")),
            "Owner": self.dice.json(&[json!({"Ref": "Owner"}), json!({"Ref": "AWS::AccountId"}), json!("111122223333")]),
            "Stage": self.dice.json(&[json!({"Ref": "Stage"}), json!("one"), json!("two")]),
            "Who": self.dice.json(&[json!({"Ref": "Who"}), json!({"Fn::GetAtt": ["Role", "Arn"]}), json!("*")]),
            "Policy": {"Ref": "Policy"},
            "KeyArn": {"Fn::GetAtt": ["Key", "Arn"]},
            "Peer": {"Fn::GetAtt": ["Role", "Arn"]},
        });
        if self.dice.one_in(2) {
            parameters["Name"] =
                self.dice.json(&[json!({"Fn::Sub": "${Name}-in"}), json!("inner"), json!({"Ref": "Size"})]);
        }
        if self.dice.one_in(3) {
            parameters["Accounts"] = json!({"Fn::Join": [",", {"Ref": "Accounts"}]});
        }
        if self.dice.one_in(3) {
            parameters["Verb"] = self.perhaps(json!("CreateGrant"), |_| json!({"Ref": "Verb"}));
        }
        let properties = json!({"TemplateURL": format!("{INNER}.json"), "Parameters": parameters});
        self.resource("AWS::CloudFormation::Stack", properties)
    }
}

/// Rows for stages and sizes, but not for all of them.
fn mappings() -> Value {
    json!({
        "Stages": {
            "one": {"Verb": "Decrypt", "Account": "111122223333", "Verbs": ["kms:Decrypt", "kms:DescribeKey"]},
            "two": {"Verb": "CreateGrant", "Account": "444455556666", "Verbs": ["kms:*"]},
        },
        "Sizes": {
            "small": {"Verb": "Decrypt", "Account": "111122223333"},
            "big": {"Verb": "GenerateDataKey"},
        },
        "Regions": {
            "eu-west-1": {"Home": "true", "Account": "111122223333"},
            "us-east-1": {"Home": "false", "Account": "444455556666"},
        },
    })
}
