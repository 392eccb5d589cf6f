//! What to do is told in the terms of CDK where it wrote the template, and in those of CloudFormation elsewhere.

use crate::support::estate;
use kmslint::rules::{self, Cx};

const KEYS: &str = "
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties: { EnableKeyRotation: true, RotationPeriodInDays: 30 }
  Period: { Type: AWS::KMS::Key, Properties: { RotationPeriodInDays: 180 } }
  Signer: { Type: AWS::KMS::Key, Properties: { KeySpec: RSA_4096, KeyUsage: SIGN_VERIFY, EnableKeyRotation: true } }
  Own:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Statement:
          - { Effect: Allow, Principal: { AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root' }, Action: 'kms:*', Resource: !GetAtt Own.Arn }
  Alias: { Type: AWS::KMS::Alias, Properties: { AliasName: alias/data, TargetKeyId: !Ref Key } }
  Odd: { Type: AWS::KMS::Alias, Properties: { AliasName: 'alias/a b', TargetKeyId: !Ref Key } }
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      KeySchema: []
      SSESpecification: { SSEEnabled: true, KMSMasterKeyId: alias/data }
  Vault: { Type: AWS::Backup::BackupVault, Properties: { BackupVaultName: v, EncryptionKeyArn: !Ref Key } }
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement:
              - { Effect: Allow, Action: kms:Decrypt, Resource: !Sub 'arn:aws:kms:${AWS::Region}:${AWS::AccountId}:alias/data' }
              - { Effect: Allow, Action: kms:Encrypt, Resource: !Ref Key }
              - { Effect: Allow, Action: kms:GenerateDataKey, Resource: '*' }
";

/// What CDK writes into every template.
const BOOTSTRAP: &str = "
Parameters:
  BootstrapVersion: { Type: AWS::SSM::Parameter::Value<String>, Default: /cdk-bootstrap/hnb659fds/version }
";

#[test]
fn a_repair_names_what_its_author_writes() {
    let cases = [
        ("alias-arn-in-resource", "`key/*` with the condition", "`alias.keyArn` is the ARN of the alias"),
        ("alias-race", "`!Ref Alias`", "`@aws-cdk/aws-kms:aliasNameRef`"),
        ("invalid-alias-name", "write `alias/`", "`aliasName`"),
        ("key-id-in-resource", "`!GetAtt Key.Arn`", "`key.keyArn`"),
        (
            "kms-wildcard-resource",
            "`arn:${AWS::Partition}:kms:",
            "`@aws-cdk/aws-kms:reduceCrossAccountRegionPolicyScope`",
        ),
        ("rotation-period-out-of-range", "`RotationPeriodInDays`", "`rotationPeriod`"),
        ("rotation-period-without-rotation", "`EnableKeyRotation: true`", "`enableKeyRotation: true`"),
        ("rotation-unsupported", "`EnableKeyRotation`", "`enableKeyRotation`"),
        ("self-referencing-key-policy", "`Resource: \"*\"`", "`resources: ['*']`"),
        ("wrong-key-identifier", "`!GetAtt Key.Arn`", "`key.keyArn`"),
    ];
    for (id, cloudformation, cdk) in cases {
        for (text, wanted) in [(KEYS.to_owned(), cloudformation), (format!("{BOOTSTRAP}{KEYS}"), cdk)] {
            let estate = estate(&[("keys.yaml", &text)]);
            let (findings, _) = rules::run(&Cx::new(&estate), &[rules::rule(id).unwrap()]);
            let helps: Vec<&str> = findings.iter().filter_map(|finding| finding.help.as_deref()).collect();
            assert!(!helps.is_empty(), "{id} finds nothing");
            assert!(helps.iter().any(|help| help.contains(wanted)), "{id}: {wanted} is not in {helps:?}");
        }
    }
}
