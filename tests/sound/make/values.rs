//! Values under conditions, and texts by every function.

use super::{CONDITIONS, Maker};
use serde_json::{Value, json};

impl Maker<'_> {
    /// A value, now and then under a condition.
    pub(super) fn perhaps(&mut self, value: Value, other: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.dice.one_in(6) {
            return value;
        }
        let condition = self.dice.pick(&CONDITIONS).to_owned();
        let other = if self.dice.one_in(2) { json!({"Ref": "AWS::NoValue"}) } else { other(self) };
        let (yes, no) = if self.dice.one_in(2) { (value, other) } else { (other, value) };
        json!({"Fn::If": [condition, yes, no]})
    }

    /// One to three of something: alone or as a list.
    pub(super) fn some(&mut self, one: impl Fn(&mut Self) -> Value) -> Value {
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

    /// An entry of a mapping; not every row has it.
    pub(super) fn entry(&mut self, column: &str) -> Value {
        let (mapping, key) = match self.dice.below(4) {
            0 => ("Sizes", json!({"Ref": "Size"})),
            1 if column == "Account" => ("Regions", json!({"Ref": "AWS::Region"})),
            2 => ("Stages", json!({"Fn::Sub": "${Stage}"})),
            _ => ("Stages", json!({"Ref": "Stage"})),
        };
        let mut keys = vec![json!(mapping), key, json!(column)];
        if self.extended && self.dice.one_in(2) {
            let default = if column == "Account" { "444455556666" } else { "DescribeKey" };
            keys.push(json!({ "DefaultValue": default }));
        }
        json!({ "Fn::FindInMap": keys })
    }

    /// Twelve digits.
    pub(super) fn account(&mut self) -> Value {
        match self.dice.below(9) {
            0..=2 => json!({"Ref": "AWS::AccountId"}),
            3 => json!({"Ref": "Owner"}),
            4 => json!("111122223333"),
            5 => self.entry("Account"),
            6 => json!({"Fn::Select": [self.dice.below(2), {"Ref": "Accounts"}]}),
            7 => json!({"Fn::Select": ["4", {"Fn::Split": [":", {"Fn::GetAtt": ["Role", "Arn"]}]}]}),
            _ => json!({"Fn::Select": [self.dice.below(2), ["111122223333", {"Ref": "Owner"}]]}),
        }
    }

    /// An export or a stored parameter of another stack, or something of this one.
    pub(super) fn elsewhere(&mut self, output: &str) -> Value {
        let own = json!({"Fn::GetAtt": [output, "Arn"]});
        if self.is_inner() && self.dice.one_in(2) {
            return json!({"Ref": if output == "Key" { "KeyArn" } else { "Peer" }});
        }
        if self.nests && self.dice.one_in(2) {
            let child = json!({"Fn::GetAtt": ["Child", format!("Outputs.{output}")]});
            return if self.dice.one_in(2) {
                child
            } else {
                json!({"Fn::Sub": format!("${{Child.Outputs.{output}}}")})
            };
        }
        if self.others.is_empty() {
            return own;
        }
        let other = self.others[self.dice.below(self.others.len())].clone();
        match self.dice.below(4) {
            0 if output == "Key" => json!({"Ref": "StoredArn"}),
            1 if output == "Key" => json!(format!("{{{{resolve:ssm:/{other}/key}}}}")),
            2 => json!({"Fn::ImportValue": {"Fn::Join": ["-", [other, output]]}}),
            3 if self.dice.one_in(3) => json!({"Fn::ImportValue": {"Fn::Sub": format!("{other}-${{Name}}")}}),
            _ => json!({"Fn::ImportValue": format!("{other}-{output}")}),
        }
    }
}
