//! Which properties hand a key to the service of their resource, by resource type.
//!
//! Generated from the resource schemas and the services' documentation; a test compares it with its source where that is at hand.
//! A type that is not here names no key in any property.

use super::Forms;

/// A property, its path from `Properties` with `*` for the elements of a list.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) path: &'static str,
    accepts: u8,
    pub(super) create_only: bool,
}

const KEY_ID: u8 = 1;
const KEY_ARN: u8 = 2;
const ALIAS_NAME: u8 = 4;
const ALIAS_ARN: u8 = 8;
const CERTAIN: u8 = 16;

const fn row(path: &'static str, accepts: u8, create_only: bool) -> Row {
    Row { path, accepts, create_only }
}

impl Row {
    /// What the property accepts. No form at all: nothing is known about it.
    pub(super) const fn forms(&self) -> Forms {
        Forms {
            key_id: self.accepts & KEY_ID != 0,
            key_arn: self.accepts & KEY_ARN != 0,
            alias_name: self.accepts & ALIAS_NAME != 0,
            alias_arn: self.accepts & ALIAS_ARN != 0,
            certain: self.accepts & CERTAIN != 0,
        }
    }
}

/// The rows of a resource type; none where it names no key.
pub(super) fn rows(kind: &str) -> &'static [Row] {
    TYPES
        .binary_search_by(|(name, _)| (*name).cmp(kind))
        .ok()
        .and_then(|at| TYPES.get(at))
        .map_or(&[], |(_, rows)| rows)
}

#[rustfmt::skip]
static TYPES: &[(&str, &[Row])] = &[
    ("AWS::AIOps::InvestigationGroup", &[
        row("EncryptionConfig.KmsKeyId", 0, false),
    ]),
    ("AWS::APS::Workspace", &[
        row("KmsKeyArn", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::AmazonMQ::Broker", &[
        row("EncryptionOptions.KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::AppConfig::ConfigurationProfile", &[
        row("KmsKeyIdentifier", KEY_ID | KEY_ARN | ALIAS_NAME, false),
    ]),
    ("AWS::AppConfig::Deployment", &[
        row("KmsKeyIdentifier", KEY_ID | KEY_ARN | ALIAS_NAME, true),
    ]),
    ("AWS::AppFlow::ConnectorProfile", &[
        row("KMSArn", KEY_ARN | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::AppFlow::Flow", &[
        row("KMSArn", KEY_ARN | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::AppIntegrations::DataIntegration", &[
        row("KmsKey", 0, true),
    ]),
    ("AWS::AppRunner::Service", &[
        row("EncryptionConfiguration.KmsKey", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::Athena::WorkGroup", &[
        row("WorkGroupConfiguration.CustomerContentEncryptionConfiguration.KmsKey", KEY_ID | KEY_ARN | CERTAIN, false),
        row("WorkGroupConfiguration.ManagedQueryResultsConfiguration.EncryptionConfiguration.KmsKey", KEY_ID | KEY_ARN | CERTAIN, false),
        row("WorkGroupConfiguration.MonitoringConfiguration.ManagedLoggingConfiguration.KmsKey", KEY_ID | KEY_ARN | CERTAIN, false),
        row("WorkGroupConfiguration.MonitoringConfiguration.S3LoggingConfiguration.KmsKey", KEY_ID | KEY_ARN | CERTAIN, false),
        row("WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration.KmsKey", KEY_ID | KEY_ARN | CERTAIN, false),
        row("WorkGroupConfigurationUpdates.CustomerContentEncryptionConfiguration.KmsKey", KEY_ID | KEY_ARN | CERTAIN, false),
        row("WorkGroupConfigurationUpdates.ManagedQueryResultsConfiguration.EncryptionConfiguration.KmsKey", KEY_ID | KEY_ARN | CERTAIN, false),
        row("WorkGroupConfigurationUpdates.MonitoringConfiguration.ManagedLoggingConfiguration.KmsKey", KEY_ID | KEY_ARN | CERTAIN, false),
        row("WorkGroupConfigurationUpdates.MonitoringConfiguration.S3LoggingConfiguration.KmsKey", KEY_ID | KEY_ARN | CERTAIN, false),
        row("WorkGroupConfigurationUpdates.ResultConfigurationUpdates.EncryptionConfiguration.KmsKey", KEY_ID | KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::Backup::BackupVault", &[
        row("EncryptionKeyArn", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::Backup::LogicallyAirGappedBackupVault", &[
        row("EncryptionKeyArn", KEY_ARN, true),
    ]),
    ("AWS::BackupGateway::Hypervisor", &[
        row("KmsKeyArn", KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::Bedrock::Agent", &[
        row("CustomerEncryptionKeyArn", KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::Bedrock::AutomatedReasoningPolicy", &[
        row("KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::Bedrock::Blueprint", &[
        row("KmsKeyId", 0, false),
    ]),
    ("AWS::Bedrock::DataAutomationLibrary", &[
        row("EncryptionConfiguration.KmsKeyId", 0, true),
    ]),
    ("AWS::Bedrock::DataAutomationProject", &[
        row("KmsKeyId", 0, false),
    ]),
    ("AWS::Bedrock::DataSource", &[
        row("ServerSideEncryptionConfiguration.KmsKeyArn", KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::Bedrock::Flow", &[
        row("CustomerEncryptionKeyArn", KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::Bedrock::Guardrail", &[
        row("KmsKeyArn", KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::Bedrock::KnowledgeBase", &[
        row("KnowledgeBaseConfiguration.ManagedKnowledgeBaseConfiguration.ServerSideEncryptionConfiguration.KmsKeyArn", KEY_ARN, false),
    ]),
    ("AWS::Bedrock::Prompt", &[
        row("CustomerEncryptionKeyArn", KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::Bedrock::Session", &[
        row("EncryptionKeyArn", KEY_ARN, true),
    ]),
    ("AWS::BedrockAgentCore::CapacityProvider", &[
        row("ComputeConfiguration.Ec2Configuration.LaunchTemplateSource.LaunchParameters.EphemeralVolumes.*.Ebs.KmsKeyId", 0, false),
        row("ComputeConfiguration.Ec2Configuration.RootVolume.KmsKeyId", 0, false),
        row("ComputeConfiguration.Ec2Configuration.Volumes.*.EbsConfiguration.KmsKeyId", 0, false),
    ]),
    ("AWS::BedrockAgentCore::ConfigurationBundle", &[
        row("KmsKeyArn", KEY_ARN, false),
    ]),
    ("AWS::BedrockAgentCore::Dataset", &[
        row("KmsKeyArn", KEY_ARN, true),
    ]),
    ("AWS::BedrockAgentCore::Evaluator", &[
        row("KmsKeyArn", KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::BedrockAgentCore::Gateway", &[
        row("KmsKeyArn", KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::BedrockAgentCore::Harness", &[
        row("Memory.ManagedMemoryConfiguration.EncryptionKeyArn", KEY_ARN, true),
    ]),
    ("AWS::BedrockAgentCore::Memory", &[
        row("EncryptionKeyArn", KEY_ARN | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::BedrockAgentCore::OAuth2CredentialProvider", &[
        row("Oauth2ProviderConfigInput.CustomOauth2ProviderConfig.PrivateKeyJwtConfig.PrivateKeySource.KmsKeySource.KmsKeyArn", KEY_ARN, false),
    ]),
    ("AWS::BedrockAgentCore::PolicyEngine", &[
        row("EncryptionKeyArn", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::Cassandra::Table", &[
        row("EncryptionSpecification.KmsKeyIdentifier", KEY_ARN, false),
    ]),
    ("AWS::Chime::MediaInsightsPipelineConfiguration", &[
        row("Elements.*.AmazonTranscribeCallAnalyticsProcessorConfiguration.PostCallAnalyticsSettings.OutputEncryptionKMSKeyId", 0, false),
    ]),
    ("AWS::CleanRooms::IdMappingTable", &[
        row("KmsKeyArn", KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::CleanRooms::IntermediateTable", &[
        row("KmsKeyArn", 0, false),
    ]),
    ("AWS::CleanRoomsML::ConfiguredModelAlgorithm", &[
        row("KmsKeyArn", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::CloudTrail::EventDataStore", &[
        row("KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::CloudTrail::Trail", &[
        row("KMSKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::CodeArtifact::Domain", &[
        row("EncryptionKey", 0, true),
    ]),
    ("AWS::CodeBuild::Project", &[
        row("EncryptionKey", KEY_ARN | ALIAS_NAME | CERTAIN, false),
    ]),
    ("AWS::CodeBuild::ReportGroup", &[
        row("ExportConfig.S3Destination.EncryptionKey", 0, false),
    ]),
    ("AWS::CodeCommit::Repository", &[
        row("KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | CERTAIN, false),
    ]),
    ("AWS::CodePipeline::Pipeline", &[
        row("ArtifactStore.EncryptionKey.Id", KEY_ID | KEY_ARN | ALIAS_ARN | CERTAIN, false),
        row("ArtifactStores.*.ArtifactStore.EncryptionKey.Id", KEY_ID | KEY_ARN | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::CodeStarConnections::RepositoryLink", &[
        row("EncryptionKeyArn", KEY_ARN | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::Cognito::UserPool", &[
        row("KeyConfiguration.KmsKeyArn", 0, false),
        row("LambdaConfig.KMSKeyID", KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::Cognito::UserPoolRegionalConfigurationAttachment", &[
        row("LambdaConfig.KMSKeyID", 0, false),
    ]),
    ("AWS::Comprehend::DocumentClassifier", &[
        row("ModelKmsKeyId", KEY_ID | KEY_ARN, true),
        row("OutputDataConfig.KmsKeyId", KEY_ID | KEY_ARN | ALIAS_ARN, true),
        row("VolumeKmsKeyId", KEY_ID | KEY_ARN, true),
    ]),
    ("AWS::Comprehend::EntityRecognizer", &[
        row("ModelKmsKeyId", 0, true),
        row("VolumeKmsKeyId", 0, true),
    ]),
    ("AWS::Comprehend::Flywheel", &[
        row("DataSecurityConfig.DataLakeKmsKeyId", 0, false),
        row("DataSecurityConfig.ModelKmsKeyId", KEY_ID | KEY_ARN, false),
        row("DataSecurityConfig.VolumeKmsKeyId", 0, false),
    ]),
    ("AWS::Config::DeliveryChannel", &[
        row("S3KmsKeyArn", KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::Connect::InstanceStorageConfig", &[
        row("KinesisVideoStreamConfig.EncryptionConfig.KeyId", KEY_ARN, false),
        row("S3Config.EncryptionConfig.KeyId", KEY_ARN, false),
    ]),
    ("AWS::CustomerProfiles::Domain", &[
        row("DefaultEncryptionKey", 0, false),
    ]),
    ("AWS::CustomerProfiles::DomainObjectType", &[
        row("EncryptionKey", 0, false),
    ]),
    ("AWS::CustomerProfiles::Integration", &[
        row("FlowDefinition.KmsArn", KEY_ARN | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::CustomerProfiles::ObjectType", &[
        row("EncryptionKey", 0, false),
    ]),
    ("AWS::DLM::LifecyclePolicy", &[
        row("PolicyDetails.Actions.*.CrossRegionCopy.*.EncryptionConfiguration.CmkArn", KEY_ARN, false),
        row("PolicyDetails.Schedules.*.CrossRegionCopyRules.*.CmkArn", KEY_ARN, false),
    ]),
    ("AWS::DMS::Endpoint", &[
        row("KmsKeyId", KEY_ID, true),
        row("RedshiftSettings.ServerSideEncryptionKmsKeyId", KEY_ID, false),
        row("S3Settings.ServerSideEncryptionKmsKeyId", KEY_ID, false),
    ]),
    ("AWS::DMS::InstanceProfile", &[
        row("KmsKeyArn", KEY_ARN, false),
    ]),
    ("AWS::DMS::ReplicationConfig", &[
        row("ComputeConfig.KmsKeyId", KEY_ID | KEY_ARN, false),
    ]),
    ("AWS::DMS::ReplicationInstance", &[
        row("KmsKeyId", KEY_ID, true),
    ]),
    ("AWS::DRS::ReplicationConfigurationTemplate", &[
        row("EbsEncryptionKeyArn", KEY_ARN, false),
    ]),
    ("AWS::DSQL::Cluster", &[
        row("KmsEncryptionKey", 0, false),
    ]),
    ("AWS::DataBrew::Job", &[
        row("EncryptionKeyArn", KEY_ARN, false),
    ]),
    ("AWS::DataExchange::EventAction", &[
        row("Action.ExportRevisionToS3.Encryption.KmsKeyArn", KEY_ARN, false),
    ]),
    ("AWS::DataSync::LocationAzureBlob", &[
        row("CmkSecretConfig.KmsKeyArn", KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::DataSync::LocationFSxONTAP", &[
        row("Protocol.SMB.CmkSecretConfig.KmsKeyArn", KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::DataSync::LocationFSxWindows", &[
        row("CmkSecretConfig.KmsKeyArn", KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::DataSync::LocationHDFS", &[
        row("CmkSecretConfig.KmsKeyArn", KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::DataSync::LocationObjectStorage", &[
        row("CmkSecretConfig.KmsKeyArn", KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::DataSync::LocationSMB", &[
        row("CmkSecretConfig.KmsKeyArn", KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::DataZone::Connection", &[
        row("Props.GlueProperties.GlueConnectionInput.AuthenticationConfiguration.KmsKeyArn", KEY_ARN | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::DataZone::Domain", &[
        row("KmsKeyIdentifier", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::Deadline::Farm", &[
        row("KmsKeyArn", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::DevOpsAgent::AgentSpace", &[
        row("KmsKeyArn", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::DevOpsAgent::Service", &[
        row("KmsKeyArn", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::DocDB::DBCluster", &[
        row("KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, true),
        row("MasterUserSecretKmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN, false),
    ]),
    ("AWS::DocDBElastic::Cluster", &[
        row("KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME, true),
    ]),
    ("AWS::DynamoDB::GlobalTable", &[
        row("Replicas.*.SSESpecification.KMSMasterKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::DynamoDB::Table", &[
        row("SSESpecification.KMSMasterKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::EC2::EC2Fleet", &[
        row("LaunchTemplateConfigs.*.Overrides.*.BlockDeviceMappings.*.Ebs.KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN, true),
    ]),
    ("AWS::EC2::Instance", &[
        row("BlockDeviceMappings.*.Ebs.KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::EC2::LaunchTemplate", &[
        row("LaunchTemplateData.BlockDeviceMappings.*.Ebs.KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::EC2::VerifiedAccessEndpoint", &[
        row("SseSpecification.KmsKeyArn", KEY_ARN, false),
    ]),
    ("AWS::EC2::VerifiedAccessGroup", &[
        row("SseSpecification.KmsKeyArn", KEY_ARN, false),
    ]),
    ("AWS::EC2::VerifiedAccessTrustProvider", &[
        row("SseSpecification.KmsKeyArn", KEY_ARN, false),
    ]),
    ("AWS::EC2::Volume", &[
        row("KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::ECR::Repository", &[
        row("EncryptionConfiguration.KmsKey", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::ECR::RepositoryCreationTemplate", &[
        row("EncryptionConfiguration.KmsKey", KEY_ID | KEY_ARN, false),
    ]),
    ("AWS::ECS::Cluster", &[
        row("Configuration.ExecuteCommandConfiguration.KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
        row("Configuration.ManagedStorageConfiguration.FargateEphemeralStorageKmsKeyId", KEY_ID | KEY_ARN | CERTAIN, false),
        row("Configuration.ManagedStorageConfiguration.KmsKeyId", KEY_ID, false),
    ]),
    ("AWS::ECS::Service", &[
        row("ServiceConnectConfiguration.Services.*.Tls.KmsKey", 0, false),
        row("VolumeConfigurations.*.ManagedEBSVolume.KmsKeyId", KEY_ID | KEY_ARN, false),
    ]),
    ("AWS::EFS::FileSystem", &[
        row("KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, true),
        row("ReplicationConfiguration.Destinations.*.KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::EKS::Cluster", &[
        row("EncryptionConfig.*.Provider.KeyArn", KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::EMR::Cluster", &[
        row("LogEncryptionKmsKeyId", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::EMR::SecurityConfiguration", &[
        row("SecurityConfiguration.EncryptionConfiguration.AtRestEncryptionConfiguration.LocalDiskEncryptionConfiguration.AwsKmsKey", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, true),
        row("SecurityConfiguration.EncryptionConfiguration.AtRestEncryptionConfiguration.S3EncryptionConfiguration.AwsKmsKey", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, true),
        row("SecurityConfiguration.EncryptionConfiguration.AtRestEncryptionConfiguration.S3EncryptionConfiguration.Overrides.*.AwsKmsKey", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::EMR::Step", &[
        row("EncryptionKeyArn", KEY_ARN, true),
    ]),
    ("AWS::EMR::Studio", &[
        row("EncryptionKeyArn", KEY_ARN | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::EMRContainers::SecurityConfiguration", &[
        row("SecurityConfigurationData.EncryptionConfiguration.AtRestEncryptionConfiguration.LocalDiskEncryptionConfiguration.AwsKmsKeyId", KEY_ID, true),
        row("SecurityConfigurationData.EncryptionConfiguration.AtRestEncryptionConfiguration.S3EncryptionConfiguration.KMSKeyId", KEY_ID, true),
    ]),
    ("AWS::EMRServerless::Application", &[
        row("MonitoringConfiguration.CloudWatchLoggingConfiguration.EncryptionKeyArn", KEY_ARN | CERTAIN, true),
        row("MonitoringConfiguration.ManagedPersistenceMonitoringConfiguration.EncryptionKeyArn", KEY_ARN | CERTAIN, true),
        row("MonitoringConfiguration.S3MonitoringConfiguration.EncryptionKeyArn", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::EVS::Environment", &[
        row("KmsKeyId", KEY_ID, true),
    ]),
    ("AWS::ElastiCache::ReplicationGroup", &[
        row("KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::ElastiCache::ServerlessCache", &[
        row("KmsKeyId", 0, true),
    ]),
    ("AWS::ElastiCache::ServerlessCacheSnapshot", &[
        row("KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME, true),
    ]),
    ("AWS::Elasticsearch::Domain", &[
        row("EncryptionAtRestOptions.KmsKeyId", KEY_ID, true),
    ]),
    ("AWS::EntityResolution::IdMappingWorkflow", &[
        row("OutputSourceConfig.*.KMSArn", KEY_ARN | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::EntityResolution::MatchingWorkflow", &[
        row("OutputSourceConfig.*.KMSArn", KEY_ARN | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::Events::Archive", &[
        row("KmsKeyIdentifier", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::Events::Connection", &[
        row("KmsKeyIdentifier", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::Events::EventBus", &[
        row("KmsKeyIdentifier", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::EventsV2::EventBus", &[
        row("EncryptionConfiguration.KmsKeyIdentifier", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN, false),
    ]),
    ("AWS::EventsV2::EventSource", &[
        row("Configuration.PartnerEventsConfiguration.PartnerBusKmsKeyIdentifier", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN, false),
    ]),
    ("AWS::FSx::FileCache", &[
        row("KmsKeyId", KEY_ID, true),
    ]),
    ("AWS::FSx::FileSystem", &[
        row("KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::FinSpace::Environment", &[
        row("KmsKeyId", 0, true),
    ]),
    ("AWS::Forecast::Dataset", &[
        row("EncryptionConfig.KmsKeyArn", KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::Glue::Catalog", &[
        row("CatalogProperties.DataLakeAccessProperties.KmsKey", 0, false),
    ]),
    ("AWS::Glue::Connection", &[
        row("ConnectionInput.AuthenticationConfiguration.KmsKeyArn", KEY_ARN, false),
    ]),
    ("AWS::Glue::DataCatalogEncryptionSettings", &[
        row("DataCatalogEncryptionSettings.ConnectionPasswordEncryption.KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
        row("DataCatalogEncryptionSettings.EncryptionAtRest.SseAwsKmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::Glue::Integration", &[
        row("KmsKeyId", KEY_ARN, true),
    ]),
    ("AWS::Glue::IntegrationResourceProperty", &[
        row("TargetProcessingProperties.KmsArn", KEY_ARN | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::Glue::MLTransform", &[
        row("TransformEncryption.MLUserDataEncryption.KmsKeyId", 0, false),
    ]),
    ("AWS::Glue::SecurityConfiguration", &[
        row("EncryptionConfiguration.CloudWatchEncryption.KmsKeyArn", KEY_ARN | CERTAIN, false),
        row("EncryptionConfiguration.JobBookmarksEncryption.KmsKeyArn", KEY_ARN | CERTAIN, false),
        row("EncryptionConfiguration.S3Encryptions.*.KmsKeyArn", KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::GroundStation::MissionProfile", &[
        row("StreamsKmsKey.KmsAliasArn", 0, false),
        row("StreamsKmsKey.KmsAliasName", ALIAS_NAME | CERTAIN, false),
        row("StreamsKmsKey.KmsKeyArn", KEY_ARN, false),
    ]),
    ("AWS::GuardDuty::PublishingDestination", &[
        row("DestinationProperties.KmsKeyArn", KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::HealthImaging::Datastore", &[
        row("KmsKeyArn", KEY_ARN, true),
    ]),
    ("AWS::HealthLake::DataTransformationProfile", &[
        row("KmsKeyId", KEY_ID | KEY_ARN, true),
    ]),
    ("AWS::HealthLake::FHIRDatastore", &[
        row("SseConfiguration.KmsEncryptionConfig.KmsKeyId", 0, true),
    ]),
    ("AWS::ImageBuilder::Component", &[
        row("KmsKeyId", KEY_ID | KEY_ARN | ALIAS_ARN, true),
    ]),
    ("AWS::ImageBuilder::ContainerRecipe", &[
        row("InstanceConfiguration.BlockDeviceMappings.*.Ebs.KmsKeyId", KEY_ID | KEY_ARN | ALIAS_ARN, true),
        row("KmsKeyId", KEY_ID | KEY_ARN | ALIAS_ARN, true),
    ]),
    ("AWS::ImageBuilder::DistributionConfiguration", &[
        row("Distributions.*.AmiDistributionConfiguration.KmsKeyId", KEY_ARN | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::ImageBuilder::ImageRecipe", &[
        row("BlockDeviceMappings.*.Ebs.KmsKeyId", KEY_ID | KEY_ARN | ALIAS_ARN, true),
    ]),
    ("AWS::ImageBuilder::Workflow", &[
        row("KmsKeyId", KEY_ID | KEY_ARN | ALIAS_ARN, true),
    ]),
    ("AWS::IoT::EncryptionConfiguration", &[
        row("KmsKeyArn", KEY_ARN, false),
    ]),
    ("AWS::IoTSiteWise::Workspace", &[
        row("KmsKeyId", KEY_ARN, true),
    ]),
    ("AWS::Kendra::Index", &[
        row("ServerSideEncryptionConfiguration.KmsKeyId", 0, true),
    ]),
    ("AWS::Kinesis::Channel", &[
        row("EncryptionConfiguration.KeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN, false),
    ]),
    ("AWS::Kinesis::Stream", &[
        row("StreamEncryption.KeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::KinesisAnalyticsV2::Application", &[
        row("ApplicationConfiguration.ApplicationEncryptionConfiguration.KeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN, false),
    ]),
    ("AWS::KinesisFirehose::DeliveryStream", &[
        row("AmazonOpenSearchServerlessDestinationConfiguration.S3Configuration.EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN", KEY_ARN | ALIAS_ARN | CERTAIN, false),
        row("AmazonopensearchserviceDestinationConfiguration.S3Configuration.EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN", KEY_ARN | ALIAS_ARN | CERTAIN, false),
        row("DeliveryStreamEncryptionConfigurationInput.KeyARN", KEY_ARN | CERTAIN, false),
        row("ElasticsearchDestinationConfiguration.S3Configuration.EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN", KEY_ARN | ALIAS_ARN | CERTAIN, false),
        row("ExtendedS3DestinationConfiguration.EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN", KEY_ARN | ALIAS_ARN | CERTAIN, false),
        row("ExtendedS3DestinationConfiguration.S3BackupConfiguration.EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN", KEY_ARN | ALIAS_ARN | CERTAIN, false),
        row("HttpEndpointDestinationConfiguration.S3Configuration.EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN", KEY_ARN | ALIAS_ARN | CERTAIN, false),
        row("IcebergDestinationConfiguration.S3Configuration.EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN", KEY_ARN | ALIAS_ARN | CERTAIN, false),
        row("RedshiftDestinationConfiguration.S3BackupConfiguration.EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN", KEY_ARN | ALIAS_ARN | CERTAIN, false),
        row("RedshiftDestinationConfiguration.S3Configuration.EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN", KEY_ARN | ALIAS_ARN | CERTAIN, false),
        row("S3DestinationConfiguration.EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN", KEY_ARN | ALIAS_ARN | CERTAIN, false),
        row("SnowflakeDestinationConfiguration.S3Configuration.EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN", KEY_ARN | ALIAS_ARN | CERTAIN, false),
        row("SplunkDestinationConfiguration.S3Configuration.EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN", KEY_ARN | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::KinesisVideo::Stream", &[
        row("KmsKeyId", 0, false),
    ]),
    ("AWS::Lambda::CapacityProvider", &[
        row("KmsKeyArn", KEY_ARN, true),
    ]),
    ("AWS::Lambda::EventSourceMapping", &[
        row("KmsKeyArn", KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::Lambda::Function", &[
        row("Code.SourceKMSKeyArn", KEY_ARN | CERTAIN, false),
        row("DurableConfig.KMSKeyArn", KEY_ARN, false),
        row("KmsKeyArn", KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::Lex::Bot", &[
        row("BotLocales.*.SlotTypes.*.ExternalSourceSetting.GrammarSlotTypeSetting.Source.KmsKeyArn", KEY_ARN | ALIAS_ARN | CERTAIN, false),
        row("TestBotAliasSettings.ConversationLogSettings.AudioLogSettings.*.Destination.S3Bucket.KmsKeyArn", KEY_ARN | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::Lex::BotAlias", &[
        row("ConversationLogSettings.AudioLogSettings.*.Destination.S3Bucket.KmsKeyArn", KEY_ARN | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::LicenseManager::License", &[
        row("Issuer.SignKey", 0, false),
    ]),
    ("AWS::Location::GeofenceCollection", &[
        row("KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN, true),
    ]),
    ("AWS::Location::Tracker", &[
        row("KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN, true),
    ]),
    ("AWS::Logs::Integration", &[
        row("ResourceConfig.OpenSearchResourceConfig.KmsKeyArn", KEY_ARN, true),
    ]),
    ("AWS::Logs::LogAnomalyDetector", &[
        row("KmsKeyId", KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::Logs::LogGroup", &[
        row("KmsKeyId", KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::LookoutEquipment::InferenceScheduler", &[
        row("DataOutputConfiguration.KmsKeyId", 0, false),
        row("ServerSideKmsKeyId", 0, true),
    ]),
    ("AWS::LookoutMetrics::AnomalyDetector", &[
        row("KmsKeyArn", KEY_ARN, false),
    ]),
    ("AWS::M2::Application", &[
        row("KmsKeyId", 0, true),
    ]),
    ("AWS::M2::Environment", &[
        row("KmsKeyId", 0, true),
    ]),
    ("AWS::MGN::LaunchConfigurationTemplate", &[
        row("ParametersEncryptionKey", KEY_ARN, false),
    ]),
    ("AWS::MSK::Channel", &[
        row("EncryptionConfiguration.KmsKeyArn", KEY_ARN, false),
    ]),
    ("AWS::MSK::Cluster", &[
        row("EncryptionInfo.EncryptionAtRest.DataVolumeKMSKeyId", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::MWAA::Environment", &[
        row("KmsKey", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::MWAAServerless::Workflow", &[
        row("EncryptionConfiguration.KmsKeyId", 0, true),
    ]),
    ("AWS::MemoryDB::Cluster", &[
        row("KmsKeyId", 0, true),
    ]),
    ("AWS::MemoryDB::Snapshot", &[
        row("KmsKeyId", 0, true),
    ]),
    ("AWS::Neptune::DBCluster", &[
        row("KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::NeptuneGraph::Graph", &[
        row("ImportTask.ImportOptions.Neptune.S3ExportKmsKeyId", 0, false),
        row("KmsKeyIdentifier", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::NimbleStudio::Studio", &[
        row("StudioEncryptionConfiguration.KeyArn", KEY_ARN | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::OSIS::Pipeline", &[
        row("EncryptionAtRestOptions.KmsKeyArn", KEY_ARN, false),
    ]),
    ("AWS::ObservabilityAdmin::OrganizationCentralizationRule", &[
        row("Rule.Destination.DestinationLogsConfiguration.BackupConfiguration.KmsKeyArn", KEY_ARN | ALIAS_ARN | CERTAIN, false),
        row("Rule.Destination.DestinationLogsConfiguration.LogsEncryptionConfiguration.KmsKeyArn", KEY_ARN | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::ObservabilityAdmin::OrganizationTelemetryRule", &[
        row("Rule.DestinationConfiguration.KmsKeyArn", KEY_ARN, false),
    ]),
    ("AWS::ObservabilityAdmin::S3TableIntegration", &[
        row("Encryption.KmsKeyArn", KEY_ARN | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::ObservabilityAdmin::TelemetryRule", &[
        row("Rule.DestinationConfiguration.KmsKeyArn", KEY_ARN, false),
    ]),
    ("AWS::Omics::AnnotationStore", &[
        row("SseConfig.KeyArn", KEY_ARN | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::Omics::ReferenceStore", &[
        row("SseConfig.KeyArn", KEY_ARN | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::Omics::SequenceStore", &[
        row("SseConfig.KeyArn", KEY_ARN | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::Omics::VariantStore", &[
        row("SseConfig.KeyArn", KEY_ARN | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::OpenSearchServerless::Collection", &[
        row("EncryptionConfig.KmsKeyArn", KEY_ARN, true),
    ]),
    ("AWS::OpenSearchService::Application", &[
        row("KmsKeyArn", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::OpenSearchService::Domain", &[
        row("EncryptionAtRestOptions.KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::Personalize::DatasetGroup", &[
        row("KmsKeyArn", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::Personalize::MetricAttribution", &[
        row("MetricsOutputConfig.S3DataDestination.KmsKeyArn", KEY_ARN, false),
    ]),
    ("AWS::Pipes::Pipe", &[
        row("KmsKeyIdentifier", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::Proton::EnvironmentTemplate", &[
        row("EncryptionKey", KEY_ARN | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::Proton::ServiceTemplate", &[
        row("EncryptionKey", KEY_ARN | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::QBusiness::Application", &[
        row("EncryptionConfiguration.KmsKeyId", 0, true),
    ]),
    ("AWS::QLDB::Ledger", &[
        row("KmsKey", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN, false),
    ]),
    ("AWS::RDS::CustomDBEngineVersion", &[
        row("KMSKeyId", KEY_ID, true),
    ]),
    ("AWS::RDS::DBCluster", &[
        row("KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, true),
        row("MasterUserSecret.KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
        row("PerformanceInsightsKmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::RDS::DBInstance", &[
        row("AutomaticBackupReplicationKmsKeyId", KEY_ID | KEY_ARN, false),
        row("KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, true),
        row("MasterUserSecret.KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
        row("PerformanceInsightsKMSKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::RDS::Integration", &[
        row("KMSKeyId", KEY_ID, true),
    ]),
    ("AWS::Redshift::Cluster", &[
        row("KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
        row("MasterPasswordSecretKmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::Redshift::Integration", &[
        row("KMSKeyId", KEY_ID, true),
    ]),
    ("AWS::Redshift::SnapshotCopyGrant", &[
        row("KmsKeyId", KEY_ARN, true),
    ]),
    ("AWS::RedshiftServerless::Namespace", &[
        row("AdminPasswordSecretKmsKeyId", 0, false),
        row("KmsKeyId", 0, false),
        row("SnapshotCopyConfigurations.*.DestinationKmsKeyId", 0, false),
    ]),
    ("AWS::Rekognition::StreamProcessor", &[
        row("KmsKeyId", KEY_ID, true),
    ]),
    ("AWS::ResilienceHubV2::Policy", &[
        row("KmsKeyId", KEY_ID, true),
    ]),
    ("AWS::ResilienceHubV2::Service", &[
        row("KmsKeyId", KEY_ID, true),
    ]),
    ("AWS::ResilienceHubV2::System", &[
        row("KmsKeyId", KEY_ID, true),
    ]),
    ("AWS::Route53::KeySigningKey", &[
        row("KeyManagementServiceArn", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::S3::Bucket", &[
        row("BucketEncryption.ServerSideEncryptionConfiguration.*.ServerSideEncryptionByDefault.KMSMasterKeyID", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
        row("MetadataConfiguration.AnnotationTableConfiguration.EncryptionConfiguration.KmsKeyArn", KEY_ARN, false),
        row("MetadataConfiguration.InventoryTableConfiguration.EncryptionConfiguration.KmsKeyArn", KEY_ARN, false),
        row("MetadataConfiguration.JournalTableConfiguration.EncryptionConfiguration.KmsKeyArn", KEY_ARN, false),
        row("ReplicationConfiguration.Rules.*.Destination.EncryptionConfiguration.ReplicaKmsKeyID", KEY_ARN | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::S3::StorageLens", &[
        row("StorageLensConfiguration.DataExport.S3BucketDestination.Encryption.SSEKMS.KeyId", KEY_ARN | CERTAIN, false),
        row("StorageLensConfiguration.DataExport.StorageLensTableDestination.Encryption.SSEKMS.KeyId", KEY_ARN | CERTAIN, false),
        row("StorageLensConfiguration.ExpandedPrefixesDataExport.S3BucketDestination.Encryption.SSEKMS.KeyId", KEY_ARN | CERTAIN, false),
        row("StorageLensConfiguration.ExpandedPrefixesDataExport.StorageLensTableDestination.Encryption.SSEKMS.KeyId", KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::S3Express::DirectoryBucket", &[
        row("BucketEncryption.ServerSideEncryptionConfiguration.*.ServerSideEncryptionByDefault.KMSMasterKeyID", KEY_ID | KEY_ARN | ALIAS_NAME, false),
    ]),
    ("AWS::S3Files::FileSystem", &[
        row("KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::S3Tables::TableBucket", &[
        row("EncryptionConfiguration.KMSKeyArn", KEY_ARN, false),
    ]),
    ("AWS::S3Vectors::Index", &[
        row("EncryptionConfiguration.KmsKeyArn", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::S3Vectors::VectorBucket", &[
        row("EncryptionConfiguration.KmsKeyArn", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::SES::MailManagerArchive", &[
        row("KmsKeyArn", KEY_ARN | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::SES::MailManagerIngressPoint", &[
        row("IngressPointConfiguration.TlsAuthConfiguration.TrustStore.KmsKeyArn", KEY_ARN | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::SES::MailManagerRuleSet", &[
        row("Rules.*.Actions.*.WriteToS3.S3SseKmsKeyId", KEY_ID, false),
    ]),
    ("AWS::SES::ReceiptRule", &[
        row("Rule.Actions.*.S3Action.KmsKeyArn", KEY_ARN | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::SNS::Topic", &[
        row("KmsMasterKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::SQS::Queue", &[
        row("KmsMasterKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::SSM::ResourceDataSync", &[
        row("KMSKeyArn", KEY_ARN | CERTAIN, true),
        row("S3Destination.KMSKeyArn", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::SSMGuiConnect::Preferences", &[
        row("ConnectionRecordingPreferences.KMSKeyArn", KEY_ARN, false),
    ]),
    ("AWS::SSMIncidents::ReplicationSet", &[
        row("Regions.*.RegionConfiguration.SseKmsKeyId", KEY_ID, false),
    ]),
    ("AWS::SageMaker::Cluster", &[
        row("InstanceGroups.*.InstanceStorageConfigs.*.EbsVolumeConfig.VolumeKmsKeyId", 0, false),
        row("RestrictedInstanceGroups.*.InstanceStorageConfigs.*.EbsVolumeConfig.VolumeKmsKeyId", 0, false),
    ]),
    ("AWS::SageMaker::DataQualityJobDefinition", &[
        row("DataQualityJobOutputConfig.KmsKeyId", 0, true),
        row("JobResources.ClusterConfig.VolumeKmsKeyId", 0, true),
    ]),
    ("AWS::SageMaker::DeviceFleet", &[
        row("OutputConfig.KmsKeyId", KEY_ID, false),
    ]),
    ("AWS::SageMaker::Domain", &[
        row("DefaultUserSettings.SharingSettings.S3KmsKeyId", KEY_ID, false),
        row("KmsKeyId", 0, true),
    ]),
    ("AWS::SageMaker::EndpointConfig", &[
        row("AsyncInferenceConfig.OutputConfig.KmsKeyId", 0, true),
        row("DataCaptureConfig.KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN, true),
        row("KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN, true),
        row("ProductionVariants.*.CoreDumpConfig.KmsKeyId", KEY_ID | ALIAS_NAME, false),
        row("ShadowProductionVariants.*.CoreDumpConfig.KmsKeyId", KEY_ID | ALIAS_NAME, false),
    ]),
    ("AWS::SageMaker::FeatureGroup", &[
        row("OfflineStoreConfig.S3StorageConfig.KmsKeyId", KEY_ID | KEY_ARN, true),
        row("OnlineStoreConfig.SecurityConfig.KmsKeyId", KEY_ID | KEY_ARN, true),
    ]),
    ("AWS::SageMaker::InferenceExperiment", &[
        row("DataStorageConfig.KmsKey", 0, false),
        row("KmsKey", 0, true),
    ]),
    ("AWS::SageMaker::ModelBiasJobDefinition", &[
        row("JobResources.ClusterConfig.VolumeKmsKeyId", 0, true),
        row("ModelBiasJobOutputConfig.KmsKeyId", 0, true),
    ]),
    ("AWS::SageMaker::ModelCard", &[
        row("SecurityConfig.KmsKeyId", KEY_ID, true),
    ]),
    ("AWS::SageMaker::ModelExplainabilityJobDefinition", &[
        row("JobResources.ClusterConfig.VolumeKmsKeyId", 0, true),
        row("ModelExplainabilityJobOutputConfig.KmsKeyId", 0, true),
    ]),
    ("AWS::SageMaker::ModelPackage", &[
        row("SecurityConfig.KmsKeyId", KEY_ID, true),
        row("ValidationSpecification.ValidationProfiles.*.TransformJobDefinition.TransformOutput.KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN, true),
        row("ValidationSpecification.ValidationProfiles.*.TransformJobDefinition.TransformResources.VolumeKmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN, true),
    ]),
    ("AWS::SageMaker::ModelQualityJobDefinition", &[
        row("JobResources.ClusterConfig.VolumeKmsKeyId", 0, true),
        row("ModelQualityJobOutputConfig.KmsKeyId", 0, true),
    ]),
    ("AWS::SageMaker::MonitoringSchedule", &[
        row("MonitoringScheduleConfig.MonitoringJobDefinition.MonitoringOutputConfig.KmsKeyId", 0, false),
        row("MonitoringScheduleConfig.MonitoringJobDefinition.MonitoringResources.ClusterConfig.VolumeKmsKeyId", 0, false),
    ]),
    ("AWS::SageMaker::NotebookInstance", &[
        row("KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::SageMaker::PartnerApp", &[
        row("KmsKeyId", 0, true),
    ]),
    ("AWS::SageMaker::ProcessingJob", &[
        row("ProcessingInputs.*.DatasetDefinition.AthenaDatasetDefinition.KmsKeyId", 0, true),
        row("ProcessingInputs.*.DatasetDefinition.RedshiftDatasetDefinition.KmsKeyId", 0, true),
        row("ProcessingOutputConfig.KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN, true),
        row("ProcessingResources.ClusterConfig.VolumeKmsKeyId", KEY_ID, true),
    ]),
    ("AWS::SageMaker::UserProfile", &[
        row("UserSettings.SharingSettings.S3KmsKeyId", KEY_ID, false),
    ]),
    ("AWS::Scheduler::Schedule", &[
        row("KmsKeyArn", KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::SecretsManager::RotationSchedule", &[
        row("HostedRotationLambda.KmsKeyArn", KEY_ARN, false),
        row("HostedRotationLambda.MasterSecretKmsKeyArn", KEY_ARN, false),
        row("HostedRotationLambda.SuperuserSecretKmsKeyArn", KEY_ARN, false),
    ]),
    ("AWS::SecretsManager::Secret", &[
        row("KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
        row("ReplicaRegions.*.KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::SecurityAgent::AgentSpace", &[
        row("KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN, true),
    ]),
    ("AWS::SecurityAgent::Application", &[
        row("DefaultKmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN, false),
    ]),
    ("AWS::SecurityAgent::SecurityRequirementPack", &[
        row("KmsKeyId", 0, true),
    ]),
    ("AWS::SecurityHub::ConnectorV2", &[
        row("KmsKeyArn", KEY_ARN, true),
    ]),
    ("AWS::SecurityLake::DataLake", &[
        row("EncryptionConfiguration.KmsKeyId", 0, false),
    ]),
    ("AWS::Serverless::Function", &[
        row("KmsKeyArn", KEY_ARN | CERTAIN, false),
        row("SourceKMSKeyArn", KEY_ARN | CERTAIN, false),
    ]),
    ("AWS::Serverless::SimpleTable", &[
        row("SSESpecification.KMSMasterKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::StepFunctions::Activity", &[
        row("EncryptionConfiguration.KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::StepFunctions::StateMachine", &[
        row("EncryptionConfiguration.KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, false),
    ]),
    ("AWS::StorageGateway::Tape", &[
        row("KMSKey", KEY_ARN, true),
    ]),
    ("AWS::StorageGateway::Volume", &[
        row("KMSKey", KEY_ARN, true),
    ]),
    ("AWS::SupportAuthZ::SupportPermit", &[
        row("SigningKeyInfo.KmsKey", KEY_ARN, false),
    ]),
    ("AWS::Synthetics::Canary", &[
        row("ArtifactConfig.S3Encryption.KmsKeyArn", KEY_ARN | CERTAIN, false),
        row("KmsKeyArn", KEY_ARN, false),
        row("Replicas.*.KmsKeyArn", KEY_ARN, false),
    ]),
    ("AWS::Timestream::Database", &[
        row("KmsKeyId", 0, false),
    ]),
    ("AWS::Timestream::ScheduledQuery", &[
        row("KmsKeyId", KEY_ID | KEY_ARN | ALIAS_NAME | ALIAS_ARN, true),
    ]),
    ("AWS::Timestream::Table", &[
        row("MagneticStoreWriteProperties.MagneticStoreRejectedDataLocation.S3Configuration.KmsKeyId", KEY_ID, false),
    ]),
    ("AWS::VerifiedPermissions::PolicyStore", &[
        row("EncryptionSettings.KmsEncryptionSettings.Key", 0, true),
    ]),
    ("AWS::VoiceID::Domain", &[
        row("ServerSideEncryptionConfiguration.KmsKeyId", 0, false),
    ]),
    ("AWS::Wisdom::Assistant", &[
        row("ServerSideEncryptionConfiguration.KmsKeyId", KEY_ID, true),
    ]),
    ("AWS::Wisdom::KnowledgeBase", &[
        row("ServerSideEncryptionConfiguration.KmsKeyId", KEY_ID, true),
    ]),
    ("AWS::WorkSpaces::Workspace", &[
        row("VolumeEncryptionKey", KEY_ARN | ALIAS_NAME | ALIAS_ARN | CERTAIN, true),
    ]),
    ("AWS::WorkSpacesThinClient::Environment", &[
        row("KmsKeyArn", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::WorkSpacesWeb::BrowserSettings", &[
        row("CustomerManagedKey", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::WorkSpacesWeb::DataProtectionSettings", &[
        row("CustomerManagedKey", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::WorkSpacesWeb::IpAccessSettings", &[
        row("CustomerManagedKey", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::WorkSpacesWeb::Portal", &[
        row("CustomerManagedKey", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::WorkSpacesWeb::SessionLogger", &[
        row("CustomerManagedKey", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::WorkSpacesWeb::UserSettings", &[
        row("CustomerManagedKey", KEY_ARN | CERTAIN, true),
    ]),
    ("AWS::WorkspacesInstances::Volume", &[
        row("KmsKeyId", 0, true),
    ]),
    ("AWS::WorkspacesInstances::WorkspaceInstance", &[
        row("ManagedInstance.BlockDeviceMappings.*.Ebs.KmsKeyId", 0, true),
    ]),
];
