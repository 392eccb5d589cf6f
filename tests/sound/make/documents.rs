//! Policy documents.

use super::Maker;
use serde_json::{Value, json};

impl Maker<'_> {
    pub(super) fn document(&mut self, of_key: bool) -> Value {
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
        statement[action] = match self.dice.below(12) {
            0 => json!({"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "Verbs"]}),
            _ => self.some(Self::action),
        };
        if of_key {
            statement["Resource"] = self.dice.json(&[json!("*"), json!("*"), json!("arn:aws:kms:*:*:key/*")]);
            let name = if deny && self.dice.one_in(4) { "NotPrincipal" } else { "Principal" };
            statement[name] = match self.dice.below(8) {
                0 => json!("*"),
                1 => json!({"Service": self.some(Self::service)}),
                2 => json!({"AWS": self.some(Self::principal), "Service": self.some(Self::service)}),
                _ => json!({"AWS": self.some(Self::principal)}),
            };
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
        let entry = self.entry("Verb");
        self.dice.json(&[
            json!("kms:*"),
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
            json!({"Fn::Sub": ["kms:${V}", {"V": entry}]}),
        ])
    }

    fn service(&mut self) -> Value {
        self.dice.json(&[
            json!("sns.amazonaws.com"),
            json!("logs.eu-west-1.amazonaws.com"),
            json!({"Fn::Sub": "logs.${AWS::Region}.amazonaws.com"}),
            json!({"Fn::Join": ["", ["logs.", {"Ref": "AWS::Region"}, ".", {"Ref": "AWS::URLSuffix"}]]}),
            json!({"Fn::Sub": "${Name}.amazonaws.com"}),
        ])
    }

    fn principal(&mut self) -> Value {
        let account = self.account();
        let elsewhere = self.elsewhere("Role");
        self.dice.json(&[
            json!({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}),
            json!({"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}),
            json!({"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::", {"Ref": "AWS::AccountId"}, ":root"]]}),
            account.clone(),
            account.clone(),
            json!({"Fn::Sub": ["arn:aws:iam::${A}:root", {"A": account.clone()}]}),
            json!({"Fn::Join": [":", ["arn:aws:iam:", account, "root"]]}),
            json!({"Fn::GetAtt": ["Role", "Arn"]}),
            json!({"Fn::GetAtt": ["Role", "Arn"]}),
            json!({"Fn::Sub": "${User.Arn}"}),
            json!({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/worker"}),
            json!({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/${Name}"}),
            json!({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/${Role}"}),
            json!({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/${AWS::StackName}-worker"}),
            json!({"Fn::Sub": "arn:aws:sts::${AWS::AccountId}:assumed-role/${Role}/one"}),
            json!({"Fn::Sub": "arn:aws:sts::${AWS::AccountId}:assumed-role/${Name}/other"}),
            json!("arn:aws:iam::111122223333:role/worker"),
            json!({"Ref": "Who"}),
            elsewhere,
            json!("*"),
        ])
    }

    fn resource_name(&mut self) -> Value {
        let account = self.account();
        let elsewhere = self.elsewhere("Key");
        self.dice.json(&[
            json!("*"),
            json!({"Fn::GetAtt": ["Key", "Arn"]}),
            json!({"Fn::GetAtt": ["Key", "Arn"]}),
            json!({"Fn::Sub": "${Key.Arn}"}),
            json!({"Fn::Sub": "arn:aws:kms:${AWS::Region}:${AWS::AccountId}:key/*"}),
            json!({"Fn::Sub": "arn:${AWS::Partition}:kms:*:${AWS::AccountId}:key/${Key}"}),
            json!({"Fn::Sub": ["arn:aws:kms:*:${A}:key/${K}", {"A": account.clone(), "K": {"Ref": "Key"}}]}),
            json!({"Fn::Sub": ["arn:aws:kms:eu-west-1:${A}:key/*", {"A": account}]}),
            json!({"Fn::Join": ["/", [{"Fn::Select": [0, {"Fn::Split": ["/", {"Fn::GetAtt": ["Key", "Arn"]}]}]}, {"Ref": "Key"}]]}),
            json!("arn:aws:kms:eu-west-1:111122223333:key/*"),
            json!({"Fn::Sub": "arn:aws:kms:*:*:alias/${Name}"}),
            json!({"Ref": "Whose"}),
            elsewhere.clone(),
            elsewhere,
        ])
    }

    fn condition(&mut self) -> Value {
        let account = self.account();
        self.dice.json(&[
            json!({"StringEquals": {"kms:ViaService": {"Fn::Sub": "s3.${AWS::Region}.amazonaws.com"}}}),
            json!({"StringLike": {"kms:ViaService": ["s3.*.amazonaws.com", {"Fn::Sub": "${Name}.*"}]}}),
            json!({"StringEquals": {"kms:CallerAccount": {"Ref": "AWS::AccountId"}}}),
            json!({"StringEquals": {"aws:PrincipalAccount": account.clone()}}),
            json!({"StringEquals": {"aws:PrincipalAccount": {"Ref": "Accounts"}}}),
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
            json!({"Null": {"aws:SourceArn": {"Fn::If": ["C0", "true", "false"]}}}),
            json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
            json!({"StringEqualsIfExists": {"aws:ResourceAccount": account.clone()}}),
            json!({"StringEquals": {"aws:RequestedRegion": {"Ref": "AWS::Region"}}}),
            json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}, "Null": {"aws:SourceIp": "false"}}),
            json!({"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}),
            json!({"StringEquals": {"aws:SourceAccount": account}}),
            json!({"ArnLike": {"aws:SourceArn": {"Fn::Sub": "arn:aws:sns:*:${AWS::AccountId}:*"}}}),
            json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::${aws:PrincipalAccount}:*"}}),
        ])
    }
}
