//! Resources as text: what `Ref` and `Fn::GetAtt` give for each type.

use super::eval::{Cases, Eval, always, text_values, unknown};
use super::{Symbol, Text, Value};
use crate::source::Span;
use crate::template::{Form, Resource};

/// What `Ref` gives.
#[derive(Clone, Copy)]
enum Shown {
    /// The physical name or id.
    Name,
    /// The ARN.
    Arn,
    /// This attribute, which has no known form.
    Attribute(&'static str),
}

/// What is known of the texts of a resource type. In `arn`, `{p}`, `{r}`, `{a}` are partition, Region and account, `{n}` is the name
/// and `{path}` the property `Path`.
struct Shape {
    kind: &'static str,
    /// The property that gives the name; without it the name is generated.
    name: Option<&'static str>,
    reference: Shown,
    arn: &'static str,
    /// Attributes that give the ARN.
    arns: &'static [&'static str],
    /// Attributes that give the name.
    names: &'static [&'static str],
}

const fn shape(
    kind: &'static str,
    name: Option<&'static str>,
    reference: Shown,
    arn: &'static str,
    arns: &'static [&'static str],
    names: &'static [&'static str],
) -> Shape {
    Shape { kind, name, reference, arn, arns, names }
}

const ROLE: &str = "arn:{p}:iam::{a}:role{path}{n}";
const KEY: &str = "arn:{p}:kms:{r}:{a}:key/{n}";
const FUNCTION: &str = "arn:{p}:lambda:{r}:{a}:function:{n}";
const TABLE: &str = "arn:{p}:dynamodb:{r}:{a}:table/{n}";
const MACHINE: &str = "arn:{p}:states:{r}:{a}:stateMachine:{n}";
const DOMAIN: &str = "arn:{p}:es:{r}:{a}:domain/{n}";
const IMPLICIT_ROLE: Shape = shape("", None, Shown::Name, ROLE, &["Arn"], &[]);

const SHAPES: &[Shape] = &[
    shape("AWS::KMS::Key", None, Shown::Name, KEY, &["Arn"], &["KeyId"]),
    shape("AWS::KMS::ReplicaKey", None, Shown::Name, KEY, &["Arn"], &["KeyId"]),
    shape("AWS::IAM::Role", Some("RoleName"), Shown::Name, ROLE, &["Arn"], &[]),
    shape("AWS::IAM::User", Some("UserName"), Shown::Name, "arn:{p}:iam::{a}:user{path}{n}", &["Arn"], &[]),
    shape("AWS::IAM::Group", Some("GroupName"), Shown::Name, "arn:{p}:iam::{a}:group{path}{n}", &["Arn"], &[]),
    shape(
        "AWS::IAM::InstanceProfile",
        Some("InstanceProfileName"),
        Shown::Name,
        "arn:{p}:iam::{a}:instance-profile{path}{n}",
        &["Arn"],
        &[],
    ),
    shape(
        "AWS::IAM::ManagedPolicy",
        Some("ManagedPolicyName"),
        Shown::Arn,
        "arn:{p}:iam::{a}:policy{path}{n}",
        &["PolicyArn"],
        &[],
    ),
    shape("AWS::S3::Bucket", Some("BucketName"), Shown::Name, "arn:{p}:s3:::{n}", &["Arn"], &[]),
    shape(
        "AWS::SQS::Queue",
        Some("QueueName"),
        Shown::Attribute("QueueUrl"),
        "arn:{p}:sqs:{r}:{a}:{n}",
        &["Arn"],
        &["QueueName"],
    ),
    shape("AWS::SNS::Topic", Some("TopicName"), Shown::Arn, "arn:{p}:sns:{r}:{a}:{n}", &["TopicArn"], &["TopicName"]),
    shape("AWS::Lambda::Function", Some("FunctionName"), Shown::Name, FUNCTION, &["Arn"], &[]),
    shape("AWS::Serverless::Function", Some("FunctionName"), Shown::Name, FUNCTION, &["Arn"], &[]),
    shape(
        "AWS::Logs::LogGroup",
        Some("LogGroupName"),
        Shown::Name,
        "arn:{p}:logs:{r}:{a}:log-group:{n}:*",
        &["Arn"],
        &[],
    ),
    shape("AWS::DynamoDB::Table", Some("TableName"), Shown::Name, TABLE, &["Arn"], &[]),
    shape("AWS::DynamoDB::GlobalTable", Some("TableName"), Shown::Name, TABLE, &["Arn"], &[]),
    shape("AWS::Serverless::SimpleTable", Some("TableName"), Shown::Name, TABLE, &["Arn"], &[]),
    shape(
        "AWS::CloudTrail::Trail",
        Some("TrailName"),
        Shown::Name,
        "arn:{p}:cloudtrail:{r}:{a}:trail/{n}",
        &["Arn"],
        &[],
    ),
    shape("AWS::Kinesis::Stream", Some("Name"), Shown::Name, "arn:{p}:kinesis:{r}:{a}:stream/{n}", &["Arn"], &[]),
    shape(
        "AWS::KinesisFirehose::DeliveryStream",
        Some("DeliveryStreamName"),
        Shown::Name,
        "arn:{p}:firehose:{r}:{a}:deliverystream/{n}",
        &["Arn"],
        &[],
    ),
    shape("AWS::StepFunctions::StateMachine", Some("StateMachineName"), Shown::Arn, MACHINE, &["Arn"], &["Name"]),
    shape("AWS::Serverless::StateMachine", Some("Name"), Shown::Arn, MACHINE, &["Arn"], &["Name"]),
    shape(
        "AWS::ECR::Repository",
        Some("RepositoryName"),
        Shown::Name,
        "arn:{p}:ecr:{r}:{a}:repository/{n}",
        &["Arn"],
        &[],
    ),
    shape("AWS::CodeBuild::Project", Some("Name"), Shown::Name, "arn:{p}:codebuild:{r}:{a}:project/{n}", &["Arn"], &[]),
    shape(
        "AWS::EFS::FileSystem",
        None,
        Shown::Name,
        "arn:{p}:elasticfilesystem:{r}:{a}:file-system/{n}",
        &["Arn"],
        &["FileSystemId"],
    ),
    shape(
        "AWS::Backup::BackupVault",
        Some("BackupVaultName"),
        Shown::Name,
        "arn:{p}:backup:{r}:{a}:backup-vault:{n}",
        &["BackupVaultArn"],
        &["BackupVaultName"],
    ),
    shape("AWS::ECS::Cluster", Some("ClusterName"), Shown::Name, "arn:{p}:ecs:{r}:{a}:cluster/{n}", &["Arn"], &[]),
    shape("AWS::OpenSearchService::Domain", Some("DomainName"), Shown::Name, DOMAIN, &["Arn", "DomainArn"], &[]),
    shape("AWS::Elasticsearch::Domain", Some("DomainName"), Shown::Name, DOMAIN, &["Arn", "DomainArn"], &[]),
    shape(
        "AWS::CloudWatch::Alarm",
        Some("AlarmName"),
        Shown::Name,
        "arn:{p}:cloudwatch:{r}:{a}:alarm:{n}",
        &["Arn"],
        &[],
    ),
    shape(
        "AWS::Events::EventBus",
        Some("Name"),
        Shown::Name,
        "arn:{p}:events:{r}:{a}:event-bus/{n}",
        &["Arn"],
        &["Name"],
    ),
    shape("AWS::IAM::OIDCProvider", None, Shown::Attribute("Arn"), "", &[], &[]),
    shape("AWS::IAM::SAMLProvider", None, Shown::Attribute("Arn"), "", &[], &[]),
    shape("AWS::SSM::Parameter", Some("Name"), Shown::Name, "", &[], &[]),
    shape("AWS::CodePipeline::Pipeline", Some("Name"), Shown::Name, "", &[], &[]),
];

impl Eval<'_> {
    /// `Ref` of a name that is no parameter.
    pub(super) fn resource_reference(&self, name: &str, span: Span) -> Cases<Value> {
        let Some(resource) = self.scope.template.resource(name) else {
            return self.undeclared(name, None, span);
        };
        match resource.kind.value.as_str() {
            "AWS::KMS::Alias" => return self.alias_name(resource, span),
            "AWS::SecretsManager::Secret" => return self.secret(resource),
            _ => {}
        }
        let Some(shape) = shape_of(resource) else {
            return self.opaque_attribute(name, "Ref");
        };
        match shape.reference {
            Shown::Name => self.with_name(resource, shape, Value::Text),
            Shown::Arn => self.arn(resource, shape),
            Shown::Attribute(attribute) => self.opaque_attribute(name, attribute),
        }
    }

    /// `Fn::GetAtt`.
    pub(super) fn attribute(&self, name: &str, attribute: &str, span: Span) -> Cases<Value> {
        let Some(resource) = self.scope.template.resource(name) else {
            return self.undeclared(name, Some(attribute), span);
        };
        match (resource.kind.value.as_str(), attribute) {
            ("AWS::CloudFormation::Stack" | "AWS::Serverless::Application", _) if attribute.starts_with("Outputs.") => {
                let output = attribute.trim_start_matches("Outputs.");
                return self.admitted(&self.scope.links.nested_output(self.scope.stack, name, output, span));
            }
            // What CDK reads of another Region: its exports, by the names of parameters.
            ("Custom::CrossRegionExportReader", _) => {
                let import = resource.properties.path(&["ReaderProps", "imports"]).and_then(|all| all.get(attribute));
                let value = import.and_then(|value| self.visit(name, |eval| eval.cases(value)));
                return value.unwrap_or_else(|| self.opaque_attribute(name, attribute));
            }
            ("AWS::SecretsManager::Secret", "Id") => return self.secret(resource),
            ("AWS::SSM::Parameter", "Value") => {
                let value =
                    resource.properties.get("Value").and_then(|value| self.visit(name, |eval| eval.cases(value)));
                return value.unwrap_or_else(|| self.opaque_attribute(name, attribute));
            }
            _ => {}
        }
        match shape_of(resource) {
            Some(shape) if shape.arns.contains(&attribute) => self.arn(resource, shape),
            Some(shape) if shape.names.contains(&attribute) => self.with_name(resource, shape, Value::Text),
            Some(_) | None => self.opaque_attribute(name, attribute),
        }
    }

    /// A resource that a transform makes, or a mistake.
    fn undeclared(&self, name: &str, attribute: Option<&str>, span: Span) -> Cases<Value> {
        if self.is_implicit_role(name) {
            let role = Text::symbol(Symbol::Resource(self.scope.stack, name.to_owned()));
            return match attribute {
                None => always(Value::Text(role)),
                Some("Arn") => always(Value::Text(self.filled(&IMPLICIT_ROLE, &role, &Text::literal("/")))),
                Some(attribute) => self.opaque_attribute(name, attribute),
            };
        }
        // SAM's `!Ref Function.Alias`.
        if let Some((owner, part)) =
            name.split_once('.').filter(|(owner, _)| self.scope.template.resource(owner).is_some())
        {
            return self.opaque_attribute(owner, part);
        }
        unknown(span, format!("`{name}` is not declared here"))
    }

    /// Whether this is the role that SAM makes for a function or state machine without one.
    fn is_implicit_role(&self, name: &str) -> bool {
        let Some(owner) = name.strip_suffix("Role").and_then(|owner| self.scope.template.resource(owner)) else {
            return false;
        };
        let has_role = owner.properties.get("Role").is_some();
        !has_role && matches!(owner.kind.value.as_str(), "AWS::Serverless::Function" | "AWS::Serverless::StateMachine")
    }

    fn opaque_attribute(&self, name: &str, attribute: &str) -> Cases<Value> {
        let symbol = Symbol::Attribute(self.scope.stack, name.to_owned(), attribute.to_owned());
        always(Value::Text(Text::symbol(symbol)))
    }

    /// An alias is its name.
    fn alias_name(&self, resource: &Resource, span: Span) -> Cases<Value> {
        let name = &resource.name.value;
        match resource.properties.get("AliasName") {
            Some(property) => self
                .visit(name, |eval| text_values(eval.texts(property)))
                .map(|names| names.into_iter().map(|(guard, value)| (guard, self.as_alias_name(name, value))).collect())
                .unwrap_or_else(|| unknown(span, format!("the name of alias `{name}` is made of itself"))),
            None => unknown(span, format!("alias `{name}` has no name")),
        }
    }

    /// The name of an alias as a text that begins as all of them do: whatever it is, it is no ARN.
    fn as_alias_name(&self, alias: &str, value: Value) -> Value {
        let is_open = match &value {
            Value::Text(text) => text.literal_ends().0.is_empty() && !text.pieces().is_empty(),
            Value::Unknown(_) => true,
            Value::Absent | Value::Null | Value::List(_) | Value::Map(_) => false,
        };
        if !is_open {
            return value;
        }
        Value::Text(Text::name_of_alias(self.scope.stack, alias))
    }

    /// The ARN of a secret: its name, then six characters that nobody knows before.
    fn secret(&self, resource: &Resource) -> Cases<Value> {
        let suffix = Text::symbol(Symbol::Resource(self.scope.stack, resource.name.value.clone()));
        let named = self.property_texts(resource, "Name");
        let shape = shape("", None, Shown::Arn, "arn:{p}:secretsmanager:{r}:{a}:secret:{n}", &[], &[]);
        let arn = |name: Option<Text>| {
            let mut full = name.unwrap_or_default();
            if !full.pieces().is_empty() {
                full.push_str("-");
            }
            full.push(&suffix);
            Value::Text(self.filled(&shape, &full, &Text::default()))
        };
        named.into_iter().map(|(guard, name)| (guard, arn(name))).collect()
    }

    /// The texts of a top-level property: none where it is absent, a symbol where it cannot be known.
    fn property_texts(&self, resource: &Resource, key: &str) -> Cases<Option<Text>> {
        let id = &resource.name.value;
        let symbol = || Some(Text::symbol(Symbol::Attribute(self.scope.stack, id.clone(), key.to_owned())));
        let text = |value| match value {
            Value::Text(text) => Some(text),
            Value::Absent | Value::Null => None,
            Value::List(_) | Value::Map(_) | Value::Unknown(_) => symbol(),
        };
        match (&resource.properties.form, resource.properties.get(key)) {
            (Form::Map(_), None) => always(None),
            (_, None) => always(symbol()),
            (_, Some(value)) => match self.visit(id, |eval| eval.cases(value)) {
                Some(cases) => cases.into_iter().map(|(guard, value)| (guard, text(value))).collect(),
                None => always(symbol()),
            },
        }
    }

    fn with_name(&self, resource: &Resource, shape: &Shape, make: impl Fn(Text) -> Value) -> Cases<Value> {
        let generated = || Text::symbol(Symbol::Resource(self.scope.stack, resource.name.value.clone()));
        let names = shape.name.map_or_else(|| always(None), |key| self.property_texts(resource, key));
        names.into_iter().map(|(guard, name)| (guard, make(name.unwrap_or_else(generated)))).collect()
    }

    fn arn(&self, resource: &Resource, shape: &Shape) -> Cases<Value> {
        if !shape.arn.contains("{path}") {
            return self.with_name(resource, shape, |name| Value::Text(self.filled(shape, &name, &Text::default())));
        }
        let paths = self.property_texts(resource, "Path");
        self.then_values(&paths, resource.name.span, |eval, path| {
            let path = path.clone().unwrap_or_else(|| Text::literal("/"));
            eval.with_name(resource, shape, |name| Value::Text(eval.filled(shape, &name, &path)))
        })
    }

    /// The ARN of a shape, with its holes filled.
    fn filled(&self, shape: &Shape, name: &Text, path: &Text) -> Text {
        let environment = self.scope.environment;
        let mut arn = Text::default();
        let mut parts = shape.arn.split('{');
        arn.push_str(parts.next().unwrap_or(""));
        for part in parts {
            let (hole, literal) = part.split_once('}').unwrap_or((part, ""));
            match hole {
                "p" => arn.push(&environment.partition),
                "r" => arn.push(&environment.region),
                "a" => arn.push(&environment.account),
                "path" => arn.push(path),
                _ => arn.push(name),
            }
            arn.push_str(literal);
        }
        arn
    }
}

fn shape_of(resource: &Resource) -> Option<&'static Shape> {
    SHAPES.iter().find(|shape| shape.kind == resource.kind.value)
}
