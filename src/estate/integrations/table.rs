//! Which services use the key of a resource for another resource, and what they need of it. From AWS's guides of these services.

/// A family of cases that one rule speaks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integration {
    /// SNS sends to a queue.
    TopicToQueue,
    /// S3 notifies a queue or topic.
    BucketNotification,
    /// EventBridge sends to a queue or topic.
    EventRule,
    /// An alarm publishes to a topic.
    Alarm,
    /// CloudWatch Logs encrypts a log group.
    LogGroup,
    /// CloudTrail encrypts what it writes.
    Trail,
}

/// How a resource comes to a key.
#[derive(Clone, Copy, Debug)]
pub enum Via {
    /// It names the key in this property.
    Own(&'static str),
    /// It names a queue or topic (the type) by its ARN at this path, `*` for the elements of a list; the key is that of the target.
    Target(&'static str, &'static str),
}

/// What must be for a case to be one.
#[derive(Clone, Copy, Debug)]
pub enum When {
    /// The property beside is nothing else than this.
    Is(&'static str, &'static str),
    /// The resource is not switched off by this value of a property.
    Unless(&'static str, &'static str),
    /// Neither the resource nor the entry has this property: with it a role acts in place of the service.
    Without(&'static str),
}

/// What a statement for the service may test, as a policy writes it: an operator, a condition key, and a value for `Fn::Sub`.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// The operator.
    pub operator: &'static str,
    /// The condition key.
    pub key: &'static str,
    /// The value.
    pub value: &'static str,
}

/// One case.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Its family.
    pub integration: Integration,
    /// The type of the resource for which the service acts.
    pub source: &'static str,
    /// How it comes to the key.
    pub via: Via,
    /// When it is a case.
    pub when: &'static [When],
    /// Who asks.
    pub service: Service,
    /// The least that it needs.
    pub actions: &'static [&'static str],
    /// The actions as its guide allows them.
    pub statement: &'static [&'static str],
    /// Condition keys that its requests lack there.
    pub absent: &'static [&'static str],
    /// Condition keys that its requests have, in lower case; a whole family of keys by what they begin with.
    pub supplied: &'static [&'static str],
    /// What the statement should test.
    pub limit: Option<Limit>,
    /// An action that it also asks for, which such a test would deny it.
    pub beside: Option<&'static str>,
}

/// The principal of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// One name everywhere: `sns` for `sns.amazonaws.com`.
    Global(&'static str),
    /// A name for each Region: `logs` for `logs.eu-west-1.amazonaws.com`.
    Regional(&'static str),
}

const QUEUE: &str = "AWS::SQS::Queue";
const TOPIC: &str = "AWS::SNS::Topic";
const PAIR: &[&str] = &["kms:GenerateDataKey", "kms:Decrypt"];
const PAIR_STATEMENT: &[&str] = &["kms:GenerateDataKey*", "kms:Decrypt"];
const SOURCE: &[&str] = &["aws:sourcearn", "aws:sourceaccount"];
const NO_SOURCE: &[&str] = &["aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths"];

const fn limit(operator: &'static str, key: &'static str, value: &'static str) -> Option<Limit> {
    Some(Limit { operator, key, value })
}

const OWN_ACCOUNT: Option<Limit> = limit("StringEquals", "aws:SourceAccount", "${AWS::AccountId}");

/// SNS sends `aws:SourceArn`: the topic.
const fn from_topic(source: &'static str, path: &'static str, when: &'static [When]) -> Case {
    Case {
        integration: Integration::TopicToQueue,
        source,
        via: Via::Target(QUEUE, path),
        when,
        service: Service::Global("sns"),
        actions: PAIR,
        statement: PAIR_STATEMENT,
        absent: &[],
        supplied: SOURCE,
        limit: limit("ArnLike", "aws:SourceArn", "arn:${AWS::Partition}:sns:*:${AWS::AccountId}:*"),
        beside: None,
    }
}

const fn from_bucket(source: &'static str, target: &'static str, path: &'static str) -> Case {
    Case {
        integration: Integration::BucketNotification,
        source,
        via: Via::Target(target, path),
        when: &[],
        service: Service::Global("s3"),
        actions: PAIR,
        statement: PAIR_STATEMENT,
        absent: &[],
        supplied: SOURCE,
        limit: OWN_ACCOUNT,
        beside: None,
    }
}

/// Whether EventBridge sends a source depends on the target: for a topic it does not.
const fn from_rule(target: &'static str, path: &'static str, when: &'static [When]) -> Case {
    Case {
        integration: Integration::EventRule,
        source: "AWS::Events::Rule",
        via: Via::Target(target, path),
        when,
        service: Service::Global("events"),
        actions: PAIR,
        statement: PAIR_STATEMENT,
        absent: &[],
        supplied: SOURCE,
        limit: limit("ArnLike", "aws:SourceArn", "arn:${AWS::Partition}:events:*:${AWS::AccountId}:rule/*"),
        beside: None,
    }
}

const fn from_alarm(source: &'static str, path: &'static str) -> Case {
    Case {
        integration: Integration::Alarm,
        source,
        via: Via::Target(TOPIC, path),
        when: &[When::Unless("ActionsEnabled", "false")],
        service: Service::Global("cloudwatch"),
        actions: PAIR,
        statement: PAIR_STATEMENT,
        absent: &[],
        supplied: SOURCE,
        limit: OWN_ACCOUNT,
        beside: None,
    }
}

/// All cases.
pub(super) const CASES: &[Case] = &[
    from_topic("AWS::SNS::Subscription", "Endpoint", &[When::Is("Protocol", "sqs")]),
    from_topic("AWS::SNS::Subscription", "RedrivePolicy.deadLetterTargetArn", &[]),
    from_topic("AWS::SNS::Topic", "Subscription.*.Endpoint", &[When::Is("Protocol", "sqs")]),
    from_bucket("AWS::S3::Bucket", QUEUE, "NotificationConfiguration.QueueConfigurations.*.Queue"),
    from_bucket("AWS::S3::Bucket", TOPIC, "NotificationConfiguration.TopicConfigurations.*.Topic"),
    from_bucket("Custom::S3BucketNotifications", QUEUE, "NotificationConfiguration.QueueConfigurations.*.QueueArn"),
    from_bucket("Custom::S3BucketNotifications", TOPIC, "NotificationConfiguration.TopicConfigurations.*.TopicArn"),
    from_rule(QUEUE, "Targets.*.Arn", &[When::Without("RoleArn")]),
    from_rule(QUEUE, "Targets.*.DeadLetterConfig.Arn", &[]),
    Case {
        absent: NO_SOURCE,
        supplied: &[],
        limit: None,
        ..from_rule(TOPIC, "Targets.*.Arn", &[When::Without("RoleArn")])
    },
    from_alarm("AWS::CloudWatch::Alarm", "AlarmActions.*"),
    from_alarm("AWS::CloudWatch::Alarm", "OKActions.*"),
    from_alarm("AWS::CloudWatch::Alarm", "InsufficientDataActions.*"),
    from_alarm("AWS::CloudWatch::CompositeAlarm", "AlarmActions.*"),
    from_alarm("AWS::CloudWatch::CompositeAlarm", "OKActions.*"),
    from_alarm("AWS::CloudWatch::CompositeAlarm", "InsufficientDataActions.*"),
    Case {
        integration: Integration::LogGroup,
        source: "AWS::Logs::LogGroup",
        via: Via::Own("KmsKeyId"),
        when: &[],
        service: Service::Regional("logs"),
        actions: &["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"],
        statement: &["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        absent: &[],
        supplied: &[
            "kms:encryptioncontext:aws:logs:arn",
            "kms:encryptioncontextkeys",
            "aws:sourcearn",
            "aws:sourceaccount",
        ],
        limit: limit(
            "ArnLike",
            "kms:EncryptionContext:aws:logs:arn",
            "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:*",
        ),
        beside: None,
    },
    Case {
        integration: Integration::Trail,
        source: "AWS::CloudTrail::Trail",
        via: Via::Own("KMSKeyId"),
        when: &[],
        service: Service::Global("cloudtrail"),
        actions: &["kms:GenerateDataKey"],
        statement: &["kms:GenerateDataKey*"],
        absent: &[],
        supplied: &[
            "kms:encryptioncontext:aws:cloudtrail:arn",
            "kms:encryptioncontextkeys",
            "aws:sourcearn",
            "aws:sourceaccount",
        ],
        limit: limit(
            "StringLike",
            "kms:EncryptionContext:aws:cloudtrail:arn",
            "arn:${AWS::Partition}:cloudtrail:*:${AWS::AccountId}:trail/*",
        ),
        beside: Some("kms:DescribeKey"),
    },
    Case {
        integration: Integration::Trail,
        source: "AWS::CloudTrail::EventDataStore",
        via: Via::Own("KmsKeyId"),
        when: &[],
        service: Service::Global("cloudtrail"),
        actions: PAIR,
        statement: PAIR,
        absent: &["aws:SourceArn", "aws:SourceAccount"],
        supplied: &[],
        limit: None,
        beside: None,
    },
];
