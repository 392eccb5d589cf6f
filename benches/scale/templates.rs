//! The twenty templates of a team.

use super::estate::Team;
use serde_json::{Value, json};

/// All of them, with their paths below the team's folder, without endings.
pub(crate) fn all(team: &mut Team) -> Vec<(&'static str, Value)> {
    let mut all = vec![
        ("keys", keys(team)),
        ("platform", platform(team)),
        ("app", app(team)),
        ("worker", worker(team)),
        ("parent", parent(team)),
        ("nested/service", service(team)),
        ("functions", functions(team)),
        ("events", events(team)),
        ("pipeline", pipeline(team)),
        ("cdk/Api", cdk(team)),
        ("data", data(team)),
        ("queues", queues(team)),
        ("people", people(team)),
        ("container", container(team)),
    ];
    for name in ["network", "dns", "dashboard", "site", "schedule", "parameters"] {
        all.push((name, plain(team)));
    }
    all
}

fn reference(id: &str) -> Value {
    json!({ "Ref": id })
}

fn arn(id: &str) -> Value {
    json!({ "Fn::GetAtt": [id, "Arn"] })
}

fn sub(text: impl Into<String>) -> Value {
    json!({ "Fn::Sub": text.into() })
}

fn import(name: impl Into<String>) -> Value {
    json!({ "Fn::ImportValue": name.into() })
}

/// Writes an entry of a map.
fn set(map: &mut Value, key: &str, value: Value) {
    if let Value::Object(entries) = map {
        entries.insert(key.to_owned(), value);
    }
}

fn allow(action: &Value, resource: &Value) -> Value {
    json!({ "Effect": "Allow", "Action": action, "Resource": resource })
}

fn policy(statements: Vec<Value>) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn role(service: &str, statements: Vec<Value>) -> Value {
    let trust = json!({ "Effect": "Allow", "Principal": { "Service": service }, "Action": "sts:AssumeRole" });
    json!({ "Type": "AWS::IAM::Role", "Properties": {
        "AssumeRolePolicyDocument": policy(vec![trust]),
        "Policies": [{ "PolicyName": "own", "PolicyDocument": policy(statements) }],
    } })
}

/// What a role may do with keys, as people write it.
fn actions(team: &mut Team) -> Value {
    let ways = [
        json!(["kms:Decrypt", "kms:GenerateDataKey*"]),
        json!(["kms:Decrypt"]),
        json!("kms:Decrypt"),
        json!(["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]),
        json!(["kms:DescribeKey", "kms:GenerateDataKey"]),
    ];
    team.dice.one(&ways).cloned().unwrap_or_default()
}

/// The account's trust, in one of its spellings.
fn root(team: &mut Team) -> Value {
    let ways = [
        sub("arn:aws:iam::${AWS::AccountId}:root"),
        sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root"),
        reference("AWS::AccountId"),
        json!({ "Fn::Join": [":", ["arn:aws:iam:", reference("AWS::AccountId"), "root"]] }),
    ];
    team.dice.one(&ways).cloned().unwrap_or_default()
}

/// The team's key, its alias, and what others may know of it. One policy in ten trusts the account in part, one names a role only.
fn keys(team: &mut Team) -> Value {
    let name = team.name();
    let statement = |principal: Value, action: Value| json!({ "Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*" });
    let trusted = root(team);
    let administration =
        json!(["kms:Create*", "kms:Describe*", "kms:Enable*", "kms:List*", "kms:Put*", "kms:GetKeyPolicy"]);
    let mut statements = match team.dice.below(10) {
        0 => vec![statement(json!({ "AWS": trusted }), administration)],
        1 => vec![statement(
            json!({ "AWS": sub("arn:aws:iam::${AWS::AccountId}:role/KeyAdministrator") }),
            json!("kms:*"),
        )],
        _ => vec![statement(json!({ "AWS": trusted }), json!("kms:*"))],
    };
    if team.dice.percent(50) {
        let uses = actions(team);
        let app = sub(format!("arn:aws:iam::${{AWS::AccountId}}:role/{name}-app"));
        statements.push(statement(json!({ "AWS": app }), uses));
    }
    if team.dice.percent(40) {
        statements
            .push(statement(json!({ "Service": "s3.amazonaws.com" }), json!(["kms:Decrypt", "kms:GenerateDataKey"])));
    }
    if team.dice.percent(10) {
        let partner = format!("arn:aws:iam::{:012}:root", 444_455_556_666_u64 + team.dice.below(5) as u64);
        statements.push(statement(json!({ "AWS": partner }), json!(["kms:Decrypt", "kms:DescribeKey"])));
    }
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": format!("The key of {name}"),
        "Resources": {
            "DataKey": { "Type": "AWS::KMS::Key", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", "Properties": {
                "Description": format!("data of {name}"),
                "EnableKeyRotation": !team.dice.percent(10),
                "KeyPolicy": policy(statements),
            } },
            "DataKeyAlias": { "Type": "AWS::KMS::Alias",
                "Properties": { "AliasName": format!("alias/{name}/data"), "TargetKeyId": reference("DataKey") } },
            "DataKeyParameter": { "Type": "AWS::SSM::Parameter",
                "Properties": { "Name": format!("/{name}/key-arn"), "Type": "String", "Value": arn("DataKey") } },
        },
        "Outputs": {
            "KeyArn": { "Value": arn("DataKey"), "Export": { "Name": format!("{name}-KeyArn") } },
            "KeyAlias": { "Value": reference("DataKeyAlias"), "Export": { "Name": format!("{name}-KeyAlias") } },
        },
    })
}

/// A bucket, a queue and a topic under the team's key.
fn platform(team: &mut Team) -> Value {
    let name = team.name();
    let key = import(format!("{name}-KeyArn"));
    let by_default = json!({ "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key });
    json!({
        "Resources": {
            "Bucket": { "Type": "AWS::S3::Bucket", "Properties": {
                "BucketEncryption": { "ServerSideEncryptionConfiguration": [{ "ServerSideEncryptionByDefault": by_default }] },
                "VersioningConfiguration": { "Status": "Enabled" },
            } },
            "Queue": { "Type": "AWS::SQS::Queue",
                "Properties": { "KmsMasterKeyId": { "Fn::ImportValue": sub(format!("{name}-KeyAlias")) } } },
            "Topic": { "Type": "AWS::SNS::Topic", "Properties": { "KmsMasterKeyId": "alias/aws/sns" } },
        },
        "Outputs": {
            "BucketArn": { "Value": arn("Bucket"), "Export": { "Name": format!("{name}-BucketArn") } },
            "QueueArn": { "Value": arn("Queue") },
        },
    })
}

/// A function whose role uses the key of some team.
fn app(team: &mut Team) -> Value {
    let key = import(format!("{}-KeyArn", team.other()));
    let bucket = import(format!("{}-BucketArn", team.name()));
    let statements = vec![allow(&actions(team), &key), allow(&json!(["s3:GetObject", "s3:PutObject"]), &bucket)];
    let mut role = role("lambda.amazonaws.com", statements);
    if team.dice.percent(50)
        && let Some(properties) = role.get_mut("Properties")
    {
        set(properties, "RoleName", json!(format!("{}-app", team.name())));
    }
    json!({ "Resources": {
        "Role": role,
        "Function": { "Type": "AWS::Lambda::Function", "Properties": {
            "Runtime": "nodejs20.x", "Handler": "index.handler", "Role": arn("Role"), "KmsKeyArn": key,
            "Code": { "ZipFile": "exports.handler = async (event) => event;" },
        } },
        "Logs": { "Type": "AWS::Logs::LogGroup", "Properties": { "LogGroupName": sub("/aws/lambda/${Function}"), "RetentionInDays": 30 } },
    } })
}

/// A role that knows the key by a parameter in SSM.
fn worker(team: &mut Team) -> Value {
    let statements =
        vec![allow(&actions(team), &reference("KeyArn")), allow(&json!("sqs:ReceiveMessage"), &json!("*"))];
    json!({
        "Parameters": { "KeyArn": {
            "Type": "AWS::SSM::Parameter::Value<String>", "Default": format!("/{}/key-arn", team.name()) } },
        "Resources": {
            "Role": role("ecs-tasks.amazonaws.com", statements),
            "Table": { "Type": "AWS::DynamoDB::Table", "Properties": {
                "BillingMode": "PAY_PER_REQUEST",
                "SSESpecification": { "SSEEnabled": true, "SSEType": "KMS", "KMSMasterKeyId": reference("KeyArn") },
            } },
        },
    })
}

/// Hands a key to a nested stack.
fn parent(team: &mut Team) -> Value {
    let key = import(format!("{}-KeyArn", team.name()));
    json!({ "Resources": {
        "Service": { "Type": "AWS::CloudFormation::Stack",
            "Properties": { "TemplateURL": "./nested/service.yaml", "Parameters": { "KeyArn": key } } },
        "Policy": { "Type": "AWS::IAM::ManagedPolicy", "Properties": {
            "Roles": [{ "Fn::GetAtt": ["Service", "Outputs.RoleName"] }],
            "PolicyDocument": policy(vec![allow(&json!("kms:DescribeKey"), &key)]),
        } },
    } })
}

fn service(team: &mut Team) -> Value {
    let statements = vec![allow(&actions(team), &reference("KeyArn"))];
    json!({
        "Parameters": { "KeyArn": { "Type": "String" }, "Size": { "Type": "Number", "Default": 2, "AllowedValues": [1, 2, 4] } },
        "Conditions": { "IsLarge": { "Fn::Equals": [reference("Size"), "4"] } },
        "Resources": {
            "Role": role("ec2.amazonaws.com", statements),
            "Volume": { "Type": "AWS::EC2::Volume", "Properties": {
                "AvailabilityZone": "eu-west-1a", "Encrypted": true, "KmsKeyId": reference("KeyArn"),
                "Size": { "Fn::If": ["IsLarge", 400, 40] } } },
        },
        "Outputs": { "RoleName": { "Value": reference("Role") } },
    })
}

/// Functions of the Serverless Application Model.
fn functions(team: &mut Team) -> Value {
    let name = team.name();
    let policies = match team.dice.below(3) {
        0 => json!([{ "KMSDecryptPolicy": { "KeyId": "1b2c3d4e-0000-4000-8000-0123456789ab" } }]),
        1 => json!([policy(vec![allow(&actions(team), &import(format!("{name}-KeyArn")))])]),
        _ => json!(["AWSLambdaBasicExecutionRole", policy(vec![allow(&json!("dynamodb:GetItem"), &json!("*"))])]),
    };
    json!({
        "Transform": "AWS::Serverless-2016-10-31",
        "Globals": { "Function": { "Runtime": "nodejs20.x", "Timeout": 10, "MemorySize": 256 } },
        "Resources": { "Handler": { "Type": "AWS::Serverless::Function", "Properties": {
            "CodeUri": "src/", "Handler": "app.handler", "Policies": policies,
            "Events": { "Get": { "Type": "Api", "Properties": { "Path": format!("/{name}"), "Method": "get" } } },
        } } },
    })
}

fn events(team: &mut Team) -> Value {
    let key = sub(format!("arn:aws:kms:${{AWS::Region}}:${{AWS::AccountId}}:alias/{}/data", team.name()));
    let resource = if team.dice.percent(20) { key } else { json!("*") };
    let mut statement = allow(&json!("kms:Decrypt"), &resource);
    if resource == "*" {
        let queues = json!({ "kms:ViaService": sub("sqs.${AWS::Region}.amazonaws.com") });
        set(&mut statement, "Condition", json!({ "StringEquals": queues }));
    }
    json!({
        "Transform": ["AWS::Serverless-2016-10-31"],
        "Resources": {
            "Source": { "Type": "AWS::SQS::Queue", "Properties": { "KmsMasterKeyId": format!("alias/{}/data", team.name()) } },
            "Consumer": { "Type": "AWS::Serverless::Function", "Properties": {
                "CodeUri": "consumer/", "Handler": "app.handler", "Runtime": "python3.12", "Policies": [policy(vec![statement])],
                "Events": { "Message": { "Type": "SQS", "Properties": { "Queue": arn("Source") } } },
            } },
        },
    })
}

/// A pipeline that works for several environments.
fn pipeline(team: &mut Team) -> Value {
    let row = |account: &str| json!({ "Account": account, "KeyId": "0a1b2c3d-1111-4222-8333-0123456789ab" });
    let key = json!({ "Fn::Join": ["", ["arn:aws:kms:", reference("AWS::Region"), ":",
        { "Fn::FindInMap": ["Environments", reference("Environment"), "Account"] }, ":key/",
        { "Fn::FindInMap": ["Environments", reference("Environment"), "KeyId"] }]] });
    json!({
        "Parameters": { "Environment": { "Type": "String", "Default": "dev", "AllowedValues": ["dev", "test", "prod"] } },
        "Mappings": { "Environments": { "dev": row("111122223333"), "test": row("444455556666"), "prod": row("777788889999") } },
        "Conditions": { "IsProduction": { "Fn::Equals": [reference("Environment"), "prod"] } },
        "Resources": {
            "Role": role("codepipeline.amazonaws.com", vec![allow(&actions(team), &key)]),
            "Artifacts": { "Type": "AWS::S3::Bucket", "Condition": "IsProduction", "Properties": {} },
        },
    })
}

/// As CDK writes it: long names, joined ARNs, policies of their own.
fn cdk(team: &mut Team) -> Value {
    let name = team.name();
    let key = import(format!("{}-KeyArn", team.other()));
    let trust =
        json!({ "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" });
    let basic = json!({ "Fn::Join": ["", ["arn:", reference("AWS::Partition"), ":iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]] });
    let mut resources = json!({});
    for (number, hash) in ["3F1C9A7B", "A94D20E6"].into_iter().enumerate() {
        let id = format!("Handler{number}ServiceRole{hash}");
        let path = format!("{name}Api/Handler{number}/ServiceRole");
        let role = json!({ "Type": "AWS::IAM::Role",
            "Properties": { "AssumeRolePolicyDocument": policy(vec![trust.clone()]), "ManagedPolicyArns": [basic.clone()] },
            "Metadata": { "aws:cdk:path": format!("{path}/Resource") } });
        let own = json!({ "Type": "AWS::IAM::Policy",
            "Properties": { "PolicyName": format!("Handler{number}DefaultPolicy{hash}"), "Roles": [reference(&id)],
                "PolicyDocument": policy(vec![allow(&actions(team), &key)]) },
            "Metadata": { "aws:cdk:path": format!("{path}/DefaultPolicy/Resource") } });
        set(&mut resources, &id, role);
        set(&mut resources, &format!("Handler{number}ServiceRoleDefaultPolicy{hash}"), own);
    }
    json!({ "Resources": resources, "Parameters": { "BootstrapVersion": {
        "Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/hnb659fds/version" } } })
}

/// Stores that name keys of AWS.
fn data(team: &mut Team) -> Value {
    json!({ "Resources": {
        "Database": { "Type": "AWS::RDS::DBInstance", "Properties": {
            "Engine": "postgres", "DBInstanceClass": "db.t4g.small", "AllocatedStorage": "20", "StorageEncrypted": true,
            "KmsKeyId": "alias/aws/rds", "ManageMasterUserPassword": true, "MasterUsername": team.name() } },
        "Files": { "Type": "AWS::EFS::FileSystem", "Properties": { "Encrypted": true } },
        "Secret": { "Type": "AWS::SecretsManager::Secret", "Properties": { "GenerateSecretString": { "PasswordLength": 32 } } },
    } })
}

/// Queues that know the key by its alias, one behind a topic.
fn queues(team: &mut Team) -> Value {
    let alias = format!("alias/{}/data", team.name());
    json!({ "Resources": {
        "Orders": { "Type": "AWS::SQS::Queue", "Properties": {
            "KmsMasterKeyId": alias, "RedrivePolicy": { "deadLetterTargetArn": arn("Lost"), "maxReceiveCount": 3 } } },
        "Lost": { "Type": "AWS::SQS::Queue", "Properties": { "SqsManagedSseEnabled": true } },
        "Topic": { "Type": "AWS::SNS::Topic", "Properties": {} },
        "Subscription": { "Type": "AWS::SNS::Subscription", "Properties": {
            "Protocol": "sqs", "TopicArn": reference("Topic"), "Endpoint": arn("Orders") } },
    } })
}

/// Roles of people: some may use every key.
fn people(team: &mut Team) -> Value {
    let everything = team.dice.percent(10);
    let resource = if everything { json!("*") } else { sub("arn:aws:kms:*:${AWS::AccountId}:key/*") };
    let mut statement = allow(&json!(["kms:Describe*", "kms:List*", "kms:Get*"]), &resource);
    if everything {
        set(&mut statement, "Action", json!(["kms:Decrypt", "kms:DescribeKey"]));
    }
    json!({ "Resources": { "Developers": role("ec2.amazonaws.com", vec![statement]) } })
}

fn container(team: &mut Team) -> Value {
    let statements = vec![allow(&json!(["ecr:GetAuthorizationToken", "logs:PutLogEvents"]), &json!("*"))];
    json!({ "Resources": {
        "Role": role("ecs-tasks.amazonaws.com", statements),
        "Repository": { "Type": "AWS::ECR::Repository", "Properties": { "RepositoryName": team.name() } },
        "Logs": { "Type": "AWS::Logs::LogGroup", "Properties": { "RetentionInDays": 14 } },
    } })
}

/// What has nothing to do with keys: most of what a real estate is.
fn plain(team: &mut Team) -> Value {
    let mut resources = json!({ "Vpc": { "Type": "AWS::EC2::VPC", "Properties": { "CidrBlock": "10.0.0.0/16" } } });
    for number in 0..team.dice.below(12) {
        let subnet = json!({ "Type": "AWS::EC2::Subnet", "Properties": {
            "VpcId": reference("Vpc"), "CidrBlock": format!("10.0.{number}.0/24"),
            "Tags": [{ "Key": "Name", "Value": sub("${AWS::StackName}-subnet") }] } });
        set(&mut resources, &format!("Subnet{number}"), subnet);
    }
    json!({ "Description": format!("network of {}", team.name()), "Resources": resources })
}
