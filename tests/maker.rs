//! Templates made of bytes, to hold the resolver and the lowering against something else.

use serde_json::{Value as Json, json};

/// Makes a template of bytes; when they are used up, it ends with the simplest choice.
pub(crate) struct Maker<'b> {
    pub(crate) bytes: std::slice::Iter<'b, u8>,
    pub(crate) depth: usize,
}

impl Maker<'_> {
    fn pick(&mut self, of: usize) -> usize {
        let byte = self.bytes.next().copied().unwrap_or(0);
        if self.depth > 5 { 0 } else { byte as usize % of }
    }

    fn one(&mut self, of: &[&str]) -> String {
        let index = self.pick(of.len());
        of[index].to_owned()
    }

    fn deeper<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> T {
        self.depth += 1;
        let made = make(self);
        self.depth -= 1;
        made
    }

    fn parameter(&mut self) -> String {
        self.one(&["P", "Q", "S"])
    }

    fn condition_name(&mut self) -> String {
        self.one(&["C0", "C1", "C2", "C3"])
    }

    /// A text in a condition: no resources.
    fn simple_text(&mut self) -> Json {
        match self.pick(6) {
            0 | 1 => json!({"Ref": self.parameter()}),
            2 | 3 => json!(self.one(&["a", "b", "c"])),
            4 => json!({"Fn::FindInMap": ["M", {"Ref": self.parameter()}, self.one(&["x", "y"])]}),
            _ => json!({"Fn::Sub": format!("{}${{{}}}", self.one(&["", "a"]), self.parameter())}),
        }
    }

    fn condition(&mut self, before: usize) -> Json {
        self.deeper(|maker| match maker.pick(6) {
            0 | 1 => json!({"Fn::Equals": [{"Ref": maker.parameter()}, maker.one(&["a", "b", "c"])]}),
            2 => json!({"Fn::Equals": [maker.simple_text(), maker.simple_text()]}),
            3 => json!({"Fn::Not": [maker.condition(before)]}),
            4 if before > 0 => json!({"Condition": format!("C{}", maker.pick(before))}),
            n => {
                let function = if n == 4 { "Fn::And" } else { "Fn::Or" };
                json!({function: [maker.condition(before), maker.condition(before)]})
            }
        })
    }

    /// A condition of a rule: no mappings.
    fn assertion(&mut self) -> Json {
        let one = json!({"Fn::Equals": [{"Ref": self.parameter()}, self.one(&["a", "b", "c"])]});
        match self.pick(3) {
            0 => one,
            1 => json!({"Fn::Not": [one]}),
            _ => json!({"Fn::Or": [one, {"Fn::Equals": [{"Ref": self.parameter()}, {"Ref": self.parameter()}]}]}),
        }
    }

    fn text(&mut self) -> Json {
        self.deeper(|maker| match maker.pick(12) {
            0 => json!(maker.one(&["a", "x:y", "b/c", ""])),
            1 => json!({"Ref": maker.parameter()}),
            2 => json!({"Ref": maker.one(&["AWS::AccountId", "AWS::Region", "Key", "Role"])}),
            3 => json!({"Fn::GetAtt": [maker.one(&["Key", "Role"]), "Arn"]}),
            4 | 5 => json!({"Fn::If": [maker.condition_name(), maker.text(), maker.text()]}),
            6 => json!({"Fn::Join": [maker.one(&["", ":", "/"]), maker.list()]}),
            7 => json!({"Fn::Sub": format!("${{{}}}/${{Key.Arn}}:${{Role}}", maker.parameter())}),
            8 => json!({"Fn::Sub": ["<${V}${AWS::Region}>", {"V": maker.text()}]}),
            9 => json!({"Fn::Select": [maker.pick(3), maker.list()]}),
            10 => {
                let mut lookup = vec![json!("M"), maker.simple_text(), json!(maker.one(&["x", "y"]))];
                if maker.pick(2) == 1 {
                    lookup.push(json!({"DefaultValue": maker.text()}));
                }
                json!({"Fn::FindInMap": lookup})
            }
            _ => json!({"Fn::Length": maker.list()}),
        })
    }

    fn list(&mut self) -> Json {
        self.deeper(|maker| match maker.pick(5) {
            0..3 => {
                let count = maker.pick(4);
                json!((0..count).map(|_| maker.element()).collect::<Vec<_>>())
            }
            3 => json!({"Fn::Split": [maker.one(&[":", "/"]), maker.text()]}),
            _ => json!({"Fn::If": [maker.condition_name(), maker.list(), maker.list()]}),
        })
    }

    fn element(&mut self) -> Json {
        match self.pick(3) {
            0 => self.text(),
            1 => json!({"Fn::If": [self.condition_name(), self.text(), {"Ref": "AWS::NoValue"}]}),
            _ => json!({"Fn::If": [self.condition_name(), {"Ref": "AWS::NoValue"}, self.text()]}),
        }
    }

    fn any(&mut self) -> Json {
        match self.pick(4) {
            0 => self.text(),
            1 => self.list(),
            2 => json!({"A": self.text(), "B": self.element(), "C": {"D": self.list()}}),
            _ => json!({"Fn::If": [self.condition_name(), {"A": self.text()}, self.list()]}),
        }
    }

    pub(crate) fn template(&mut self) -> Json {
        let mut parameters =
            json!({"P": {"Type": "String"}, "Q": {"Type": "String", "Default": "a"}, "S": {"Type": "String"}});
        if self.pick(2) == 1 {
            parameters["Q"]["AllowedValues"] = json!(["a", "b"]);
        }
        if self.pick(3) == 1 {
            parameters["S"]["AllowedValues"] = json!(["b", "c", "other"]);
        }
        let mut conditions = json!({});
        for index in 0..4 {
            conditions[format!("C{index}")] = self.condition(index);
        }
        let mut rules = json!({});
        if self.pick(3) == 1 {
            rules["R"] = json!({"RuleCondition": self.assertion(), "Assertions": [{"Assert": self.assertion()}]});
        }
        json!({
            "Parameters": parameters,
            "Mappings": {"M": {"a": {"x": "b", "y": "a"}, "b": {"x": "c", "y": "a"}, "other": {"x": "a"}}},
            "Conditions": conditions,
            "Rules": rules,
            "Resources": {
                "Key": {"Type": "AWS::KMS::Key"},
                "Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": without_itself(self.element())}},
            },
            "Outputs": {"One": {"Value": self.any()}, "Two": {"Value": self.any()}},
        })
    }
}

/// A name that is not made of itself.
fn without_itself(name: Json) -> Json {
    let text = name.to_string().replace("\"Role\"", "\"Key\"").replace("${Role}", "${Key}");
    serde_json::from_str(&text).unwrap()
}
