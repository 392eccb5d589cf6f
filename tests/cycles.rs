//! Cycles through keys: which are found, where, through what, and what is none.

mod model;

use kmslint::estate::cycles::{Cycle, LatentCycle, Step, between_stacks, in_templates, latent, needs_key};
use kmslint::estate::{Deployed, Estate, Input, PrincipalId, Source, build};
use kmslint::source::{FileId, SourceFile};
use kmslint::{syntax, template};

/// The estate of some files, each a stack named by its file's stem.
fn estate(files: &[(&str, &str)]) -> Estate {
    let mut input = Input::default();
    for (at, (path, text)) in files.iter().enumerate() {
        let file = SourceFile::new(FileId(u32::try_from(at).unwrap()), (*path).to_owned(), (*text).to_owned());
        let tree = syntax::parse(&file);
        assert_eq!(tree.problems, [], "{text}");
        let template = template::lower(&tree);
        input.sources.push(Source { template, path: (*path).to_owned(), duplicates: Vec::new() });
        input.deployments.push(Deployed::loose(at, path.split('.').next().unwrap()));
    }
    build(input)
}

/// Steps as `A -> B (Properties.X)`, each with its first place.
fn told(estate: &Estate, steps: &[Step]) -> Vec<String> {
    let name = |node| estate.node_name(node);
    steps.iter().map(|step| format!("{} -> {} ({})", name(&step.from), name(&step.to), step.edges[0].path)).collect()
}

/// Each cycle as its key and its parts.
fn names(estate: &Estate, cycles: &[Cycle]) -> Vec<String> {
    let parts = |cycle: &Cycle| {
        let parts: Vec<_> = cycle.steps.iter().map(|step| estate.node_name(&step.from)).collect();
        format!("{}: {}", estate.node_name(&cycle.key), parts.join(" "))
    };
    cycles.iter().map(parts).collect()
}

/// The cycles of one template.
fn inside(text: &str) -> Vec<String> {
    let estate = estate(&[("stack.yaml", text)]);
    let cycles = in_templates(&estate);
    assert_eq!(cycles.undecided, []);
    names(&estate, &cycles.found)
}

fn between(files: &[(&str, &str)]) -> Vec<String> {
    let estate = estate(files);
    let cycles = between_stacks(&estate);
    assert_eq!(cycles.undecided, []);
    names(&estate, &cycles.found)
}

fn hidden(files: &[(&str, &str)]) -> Vec<String> {
    let estate = estate(files);
    let tell = |cycle: &LatentCycle| {
        let key = estate.key(cycle.key).unwrap();
        let principal = estate.principal(cycle.principal).unwrap();
        format!("{} names {}: {}", key.name, principal.logical, told(&estate, &cycle.steps).join(", "))
    };
    latent(&estate).iter().map(tell).collect()
}

/// A key whose policy has the account's statement and one more.
fn key(name: &str, statement: &str) -> String {
    format!(
        "  {name}:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
          - {{Effect: Allow, Principal: {{AWS: !Sub 'arn:aws:iam::${{AWS::AccountId}}:root'}}, Action: 'kms:*', Resource: '*'}}
          - {{Effect: Allow, Action: 'kms:Decrypt', {statement}}}
"
    )
}

/// A role with an inline policy on a resource.
fn role(name: &str, resource: &str) -> String {
    format!(
        "  {name}:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{}}
      Policies:
        - PolicyName: p
          PolicyDocument: {{Statement: [{{Effect: Allow, Action: '*', Resource: {resource}}}]}}
"
    )
}

fn resources(parts: &[String]) -> String {
    format!("Resources:\n{}", parts.concat())
}

const BUCKET: &str = "  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketEncryption: {ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {KMSMasterKeyID: !Ref Key}}]}
";

#[test]
fn a_key_that_names_a_role_whose_inline_policy_names_the_key() {
    let text =
        resources(&[key("Key", "Principal: {AWS: !GetAtt Role.Arn}, Resource: '*'"), role("Role", "!GetAtt Key.Arn")]);
    let estate = estate(&[("stack.yaml", &text)]);
    let cycles = in_templates(&estate).found;
    assert_eq!(names(&estate, &cycles), ["Key: Key Role"]);
    assert_eq!(
        told(&estate, &cycles[0].steps),
        [
            "Key -> Role (Properties.KeyPolicy.Statement[1].Principal.AWS)",
            "Role -> Key (Properties.Policies[0].PolicyDocument.Statement[0].Resource)",
        ]
    );
    assert!(cycles[0].guards.iter().all(kmslint::resolve::Guard::is_always));
}

#[test]
fn a_key_that_names_a_role_that_names_a_bucket_that_names_the_key() {
    let text = resources(&[
        key("Key", "Principal: {AWS: !GetAtt Role.Arn}, Resource: '*'"),
        role("Role", "!Sub '${Bucket.Arn}/*'"),
        BUCKET.to_owned(),
    ]);
    assert_eq!(inside(&text), ["Key: Key Role Bucket"]);
}

#[test]
fn a_key_with_the_arn_of_its_log_group_in_a_condition() {
    let condition = "Principal: {Service: logs.amazonaws.com}, Resource: '*', Condition: {ArnEquals: {'kms:EncryptionContext:aws:logs:arn': !GetAtt Logs.Arn}}";
    let logs = "  Logs: {Type: AWS::Logs::LogGroup, Properties: {KmsKeyId: !GetAtt Key.Arn}}\n";
    assert_eq!(inside(&resources(&[key("Key", condition), logs.to_owned()])), ["Key: Key Logs"]);
}

#[test]
fn a_key_with_the_arn_of_its_topic_as_source() {
    let condition =
        "Principal: {Service: sns.amazonaws.com}, Resource: '*', Condition: {ArnLike: {'aws:SourceArn': !Ref Topic}}";
    let topic = "  Topic: {Type: AWS::SNS::Topic, Properties: {KmsMasterKeyId: !Ref Key}}\n";
    assert_eq!(inside(&resources(&[key("Key", condition), topic.to_owned()])), ["Key: Key Topic"]);
}

#[test]
fn a_key_with_its_own_arn_as_resource() {
    let text = resources(&[key("Key", "Principal: '*', Resource: !Sub 'arn:aws:kms:${AWS::Region}:1:key/${Key}'")]);
    assert_eq!(inside(&text), ["Key: Key"]);
}

#[test]
fn a_key_that_names_the_execution_role_of_a_function_made_by_sam() {
    let function = |policies: &str| {
        format!("  Fn: {{Type: AWS::Serverless::Function, Properties: {{KmsKeyArn: !GetAtt Key.Arn, {policies}}}}}\n")
    };
    let template = |principal: &str, policies: &str| {
        let statement = format!("Principal: {{AWS: !GetAtt {principal}}}, Resource: '*'");
        format!("Transform: AWS::Serverless-2016-10-31\n{}", resources(&[key("Key", &statement), function(policies)]))
    };
    let needs_key = "Policies: [{KMSDecryptPolicy: {KeyId: !Ref Key}}]";
    assert_eq!(inside(&template("FnRole.Arn", needs_key)), ["Key: Key FnRole"]);
    assert_eq!(inside(&template("Fn.Arn", "Policies: []")), ["Key: Key Fn"]);
    // The function needs the key and its role, the key needs the role alone.
    assert_eq!(inside(&template("FnRole.Arn", "Policies: []")), [""; 0]);
    assert_eq!(inside(&template("FnRole.Arn", "Role: 'arn:aws:iam::1:role/x'")), [""; 0]);
    // Events need the function, not the function them.
    assert_eq!(inside(&template("FnRole.Arn", "Events: {E: {Type: SQS, Properties: {Queue: !Ref Key}}}")), [""; 0]);
}

#[test]
fn a_key_with_the_arn_of_a_distribution_of_its_bucket() {
    let condition = "Principal: {Service: cloudfront.amazonaws.com}, Resource: '*', Condition: {StringEquals: {'aws:SourceArn': !Sub 'arn:aws:cloudfront::1:distribution/${Cdn}'}}";
    let cdn = "  Cdn: {Type: AWS::CloudFront::Distribution, Properties: {DistributionConfig: {Origins: [{DomainName: !GetAtt Bucket.DomainName}]}}}\n";
    let text = resources(&[key("Key", condition), cdn.to_owned(), BUCKET.to_owned()]);
    assert_eq!(inside(&text), ["Key: Key Cdn Bucket"]);
}

#[test]
fn depends_on_and_metadata_close_cycles_too() {
    let role = role("Role", "!GetAtt Key.Arn");
    let key = "  Key: {Type: AWS::KMS::Key, DependsOn: Role}\n".to_owned();
    assert_eq!(inside(&resources(&[key, role.clone()])), ["Key: Key Role"]);
    let key = "  Key: {Type: AWS::KMS::Key, Metadata: {Owner: !Ref Role}}\n".to_owned();
    assert_eq!(inside(&resources(&[key, role])), ["Key: Key Role"]);
}

#[test]
fn an_alias_in_a_cycle_without_its_key_is_what_it_is_about() {
    let text = "Resources:
  Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/a, TargetKeyId: !GetAtt Finder.KeyId}}
  Finder: {Type: Custom::Finder, Properties: {Alias: !Ref Alias}}
";
    assert_eq!(inside(text), ["Alias: Alias Finder"]);
}

#[test]
fn a_cycle_over_the_alias_of_a_key_is_told_at_the_key_once() {
    let alias =
        "  Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/a, TargetKeyId: !Ref Key}}\n".to_owned();
    let key = key("Key", "Principal: {AWS: !GetAtt Role.Arn}, Resource: '*'");
    assert_eq!(inside(&resources(&[alias, key, role("Role", "!Ref Alias")])), ["Key: Key Role Alias"]);
}

#[test]
fn what_is_not_a_cycle_through_a_key_is_not_found() {
    // The permission is attached by a policy of its own.
    let policy = "  Policy: {Type: AWS::IAM::Policy, Properties: {Roles: [!Ref Role], PolicyDocument: {Statement: [{Effect: Allow, Action: '*', Resource: !GetAtt Key.Arn}]}}}\n";
    let named = key("Key", "Principal: {AWS: !GetAtt Role.Arn}, Resource: '*'");
    assert_eq!(inside(&resources(&[named.clone(), role("Role", "'*'"), policy.to_owned()])), [""; 0]);
    // The ARN is text.
    let text = key("Key", "Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:role/Role'}, Resource: '*'");
    assert_eq!(inside(&resources(&[text, role("Role", "!GetAtt Key.Arn")])), [""; 0]);
    // A cycle of others, beside a key that one of them needs.
    let others = "  A: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref B, KmsMasterKeyId: !Ref Key}}
  B: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref A}}
  Key: {Type: AWS::KMS::Key}
";
    assert_eq!(inside(&format!("Resources:\n{others}")), [""; 0]);
    // A parameter of the name of nothing, and a variable of `Fn::Sub` of the name of a resource.
    let variable = key("Key", "Principal: {AWS: !Sub ['arn:aws:iam::1:role/${Role}', {Role: x}]}, Resource: '*'");
    assert_eq!(inside(&resources(&[variable, role("Role", "!GetAtt Key.Arn")])), [""; 0]);
}

const CONDITIONS: &str = "Parameters: {Stage: {Type: String}}
Conditions: {Live: !Equals [!Ref Stage, live], Test: !Equals [!Ref Stage, test]}
";

#[test]
fn a_cycle_holds_under_the_conditions_of_its_places() {
    let key = key("Key", "Principal: {AWS: !If [Live, !GetAtt Role.Arn, '*']}, Resource: '*'");
    let text = format!("{CONDITIONS}{}", resources(&[key, role("Role", "!GetAtt Key.Arn")]));
    let estate = estate(&[("stack.yaml", &text)]);
    let cycles = in_templates(&estate).found;
    assert_eq!(names(&estate, &cycles), ["Key: Key Role"]);
    let atoms: Vec<_> = cycles[0].guards.iter().flat_map(|guard| guard.atoms().map(|(_, holds)| holds)).collect();
    assert_eq!((cycles[0].guards.len(), atoms), (1, vec![true]));
}

#[test]
fn places_that_exclude_each_other_close_no_cycle() {
    let named = key("Key", "Principal: {AWS: !If [Live, !GetAtt Role.Arn, '*']}, Resource: '*'");
    let template = |resource: &str| format!("{CONDITIONS}{}", resources(&[named.clone(), role("Role", resource)]));
    assert_eq!(inside(&template("!If [Live, '*', !GetAtt Key.Arn]")), [""; 0]);
    assert_eq!(inside(&template("!If [Test, !GetAtt Key.Arn, '*']")), [""; 0]);
    assert_eq!(inside(&template("!If [Test, '*', !GetAtt Key.Arn]")), ["Key: Key Role"]);
}

#[test]
fn each_key_in_a_cycle_with_one_role_is_told() {
    let one = key("One", "Principal: {AWS: !GetAtt Role.Arn}, Resource: '*'");
    let two = key("Two", "Principal: {AWS: !GetAtt Role.Arn}, Resource: '*'");
    let text = resources(&[one, two, role("Role", "[!GetAtt One.Arn, !GetAtt Two.Arn]")]);
    assert_eq!(inside(&text), ["One: One Role", "Two: Two Role"]);
}

const EXPORT_KEY: &str = "Outputs: {KeyArn: {Value: !GetAtt Key.Arn, Export: {Name: keys-Arn}}}\n";
const EXPORT_ROLE: &str = "Outputs: {RoleArn: {Value: !GetAtt Role.Arn, Export: {Name: roles-Arn}}}\n";

#[test]
fn stacks_that_import_each_other_s_key_and_role() {
    let keys = resources(&[key("Key", "Principal: {AWS: !ImportValue roles-Arn}, Resource: '*'")]) + EXPORT_KEY;
    let roles = resources(&[role("Role", "!ImportValue keys-Arn")]) + EXPORT_ROLE;
    let files = [("keys.yaml", keys.as_str()), ("roles.yaml", roles.as_str())];
    assert_eq!(between(&files), ["Key: keys roles"]);
    assert_eq!(between(&[files[1], files[0]]), ["Key: keys roles"]);
    let estate = estate(&files);
    assert_eq!(in_templates(&estate).found, []);
    assert!(latent(&estate).is_empty());
    assert_eq!(
        told(&estate, &between_stacks(&estate).found[0].steps),
        [
            "keys -> roles (Resources.Key.Properties.KeyPolicy.Statement[1].Principal.AWS)",
            "roles -> keys (Resources.Role.Properties.Policies[0].PolicyDocument.Statement[0].Resource)",
        ]
    );
}

#[test]
fn a_stack_cycle_whose_way_back_has_nothing_to_do_with_keys_is_told_at_the_key_that_is_imported() {
    let keys = "Resources:
  Key: {Type: AWS::KMS::Key, Properties: {Description: !ImportValue app-Name}}
Outputs: {KeyArn: {Value: !GetAtt Key.Arn, Export: {Name: keys-Arn}}}
";
    let app = "Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {KmsMasterKeyId: !ImportValue keys-Arn}}
Outputs: {Name: {Value: !GetAtt Topic.TopicName, Export: {Name: app-Name}}}
";
    assert_eq!(between(&[("app.yaml", app), ("keys.yaml", keys)]), ["Key: keys app"]);
}

#[test]
fn stack_cycles_without_a_key_and_one_way_imports_are_none() {
    let a = "Resources: {T: {Type: AWS::SNS::Topic, Properties: {DisplayName: !ImportValue b-T}}}
Outputs: {T: {Value: !GetAtt T.TopicName, Export: {Name: a-T}}}\n";
    let b =
        "Resources: {T: {Type: AWS::SNS::Topic, Properties: {DisplayName: !ImportValue a-T}}, K: {Type: AWS::KMS::Key}}
Outputs: {T: {Value: !GetAtt T.TopicName, Export: {Name: b-T}}}\n";
    assert_eq!(between(&[("a.yaml", a), ("b.yaml", b)]), [""; 0]);
    let keys = resources(&[key("Key", "Principal: '*', Resource: '*'")]) + EXPORT_KEY;
    let roles = resources(&[role("Role", "!ImportValue keys-Arn")]) + EXPORT_ROLE;
    assert_eq!(between(&[("keys.yaml", &keys), ("roles.yaml", &roles)]), [""; 0]);
}

fn parent(key_parameters: &str, role_parameters: &str) -> String {
    format!(
        "Resources:
  Keys: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: keys.yaml, Parameters: {{{key_parameters}}}}}}}
  Roles: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: roles.yaml, Parameters: {{{role_parameters}}}}}}}
"
    )
}

#[test]
fn nested_stacks_that_pass_each_other_a_key_and_a_role() {
    let parameter = "Parameters: {Other: {Type: String}}\n";
    let keys = parameter.to_owned()
        + &resources(&[key("Key", "Principal: {AWS: !Ref Other}, Resource: '*'")])
        + "Outputs: {KeyArn: {Value: !GetAtt Key.Arn}}\n";
    let roles = parameter.to_owned()
        + &resources(&[role("Role", "!Ref Other")])
        + "Outputs: {RoleArn: {Value: !GetAtt Role.Arn}}\n";
    let both = parent("Other: !GetAtt Roles.Outputs.RoleArn", "Other: !GetAtt Keys.Outputs.KeyArn");
    let files = |parent| [("keys.yaml", keys.as_str()), ("main.yaml", parent), ("roles.yaml", roles.as_str())];
    assert_eq!(between(&files(&both)), ["Key: Keys Roles"]);
    let one_way = parent("Other: '*'", "Other: !GetAtt Keys.Outputs.KeyArn");
    assert_eq!(between(&files(&one_way)), [""; 0]);
    // Passed on, the ARN of a role with a name of its own is no text: CloudFormation orders by it.
    assert_eq!(hidden(&files(&both)), [""; 0]);
}

#[test]
fn a_nested_stack_that_imports_from_a_sibling_to_which_it_passes_the_key() {
    let keys = resources(&[key("Key", "Principal: {AWS: !ImportValue roles-Arn}, Resource: '*'")])
        + "Outputs: {KeyArn: {Value: !GetAtt Key.Arn}}\n";
    let roles =
        "Parameters: {Other: {Type: String}}\n".to_owned() + &resources(&[role("Role", "!Ref Other")]) + EXPORT_ROLE;
    let main = parent("", "Other: !GetAtt Keys.Outputs.KeyArn");
    assert_eq!(between(&[("keys.yaml", &keys), ("main.yaml", &main), ("roles.yaml", &roles)]), ["Key: Keys Roles"]);
}

#[test]
fn a_parent_s_own_key_in_a_cycle_with_a_nested_stack_is_a_cycle_of_the_template() {
    let main = resources(&[key("Key", "Principal: {AWS: !GetAtt Roles.Outputs.RoleArn}, Resource: '*'")])
        + "  Roles: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: roles.yaml, Parameters: {Other: !GetAtt Key.Arn}}}\n";
    let roles = "Parameters: {Other: {Type: String}}\n".to_owned()
        + &resources(&[role("Role", "!Ref Other")])
        + "Outputs: {RoleArn: {Value: !GetAtt Role.Arn}}\n";
    let files = [("main.yaml", main.as_str()), ("roles.yaml", roles.as_str())];
    let estate = estate(&files);
    assert_eq!(names(&estate, &in_templates(&estate).found), ["Key: Key Roles"]);
    assert_eq!(between(&files), [""; 0]);
}

#[test]
fn imports_in_branches_that_exclude_each_other_close_no_cycle() {
    let keys = |principal: &str| {
        let statement = format!("Principal: {{AWS: {principal}}}, Resource: '*'");
        format!("{CONDITIONS}{}{EXPORT_KEY}", resources(&[key("Key", &statement)]))
    };
    let roles = resources(&[role("Role", "!ImportValue keys-Arn")]) + EXPORT_ROLE;
    let estate = estate(&[("keys.yaml", &keys("!If [Live, !ImportValue roles-Arn, '*']")), ("roles.yaml", &roles)]);
    let found = between_stacks(&estate).found;
    assert_eq!(found.len(), 1);
    assert!(!found[0].guards[0].is_always());
    let never = keys("!If [Live, !If [Test, !ImportValue roles-Arn, '*'], '*']");
    assert_eq!(between(&[("keys.yaml", &never), ("roles.yaml", &roles)]), [""; 0]);
}

#[test]
fn an_import_whose_name_rests_on_a_default_closes_a_cycle_as_long_as_it_is_kept() {
    let keys = resources(&[key("Key", "Principal: {AWS: !ImportValue roles-Arn}, Resource: '*'")]) + EXPORT_KEY;
    let roles = "Parameters: {Keys: {Type: String, Default: keys}}\n".to_owned()
        + &resources(&[role("Role", "{'Fn::ImportValue': !Sub '${Keys}-Arn'}")])
        + EXPORT_ROLE;
    let estate = estate(&[("keys.yaml", &keys), ("roles.yaml", &roles)]);
    let found = between_stacks(&estate).found;
    assert_eq!(names(&estate, &found), ["Key: keys roles"]);
    assert!(found[0].guards[0].atoms().all(|(atom, holds)| holds && atom.is_default()));
    assert!(!found[0].guards[0].is_always());
}

const NAMED: &str = "Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:role/app'}, Resource: '*'";

fn named_role(resource: &str) -> String {
    role("Role", resource).replace("    Properties:\n", "    Properties:\n      RoleName: app\n")
}

#[test]
fn a_policy_that_names_a_role_of_a_stack_that_imports_the_key() {
    let keys = resources(&[key("Key", NAMED)]) + EXPORT_KEY;
    let roles = resources(&[named_role("!ImportValue keys-Arn")]);
    assert_eq!(
        hidden(&[("keys.yaml", &keys), ("roles.yaml", &roles)]),
        ["Key names Role: roles -> keys (Resources.Role.Properties.Policies[0].PolicyDocument.Statement[0].Resource)"]
    );
}

#[test]
fn the_partition_of_a_named_role_may_be_written_or_not() {
    let keys = resources(&[key("Key", &NAMED.replace("arn:aws:", "arn:${AWS::Partition}:"))]) + EXPORT_KEY;
    let roles = resources(&[named_role("!ImportValue keys-Arn")]);
    assert_eq!(hidden(&[("keys.yaml", &keys), ("roles.yaml", &roles)]).len(), 1);
}

#[test]
fn a_policy_that_names_a_role_of_a_nested_stack_to_which_the_key_is_passed() {
    let keys = resources(&[key("Key", NAMED)]) + "Outputs: {KeyArn: {Value: !GetAtt Key.Arn}}\n";
    let roles = "Parameters: {Other: {Type: String}}\n".to_owned() + &resources(&[named_role("!Ref Other")]);
    let main = parent("", "Other: !GetAtt Keys.Outputs.KeyArn");
    assert_eq!(
        hidden(&[("keys.yaml", &keys), ("main.yaml", &main), ("roles.yaml", &roles)]),
        ["Key names Role: Roles -> Keys (Properties.Parameters.Other)"]
    );
}

#[test]
fn no_latent_cycle_where_the_arn_is_only_a_condition() {
    let condition = "Principal: '*', Resource: '*', Condition: {ArnLike: {'aws:PrincipalArn': !Sub 'arn:aws:iam::${AWS::AccountId}:role/app'}}";
    let keys = resources(&[key("Key", condition)]) + EXPORT_KEY;
    let roles = resources(&[named_role("!ImportValue keys-Arn")]);
    assert_eq!(hidden(&[("keys.yaml", &keys), ("roles.yaml", &roles)]), [""; 0]);
}

#[test]
fn no_latent_cycle_where_the_role_s_stack_does_not_need_the_key() {
    let keys = resources(&[key("Key", NAMED)]) + EXPORT_KEY;
    let roles = resources(&[named_role("'*'")]);
    assert_eq!(hidden(&[("keys.yaml", &keys), ("roles.yaml", &roles)]), [""; 0]);
}

#[test]
fn no_latent_cycle_where_the_role_is_in_the_stack_of_the_key() {
    let text = resources(&[key("Key", NAMED), named_role("!GetAtt Key.Arn")]);
    assert_eq!(hidden(&[("stack.yaml", &text)]), [""; 0]);
}

#[test]
fn no_latent_cycle_where_the_producer_of_the_key_is_not_certain() {
    let keys = resources(&[key("Key", NAMED)]) + EXPORT_KEY;
    let roles = resources(&[named_role("!ImportValue keys-Arn")]);
    let files = [("keys.yaml", keys.as_str()), ("more.yaml", keys.as_str()), ("roles.yaml", roles.as_str())];
    assert_eq!(hidden(&files), [""; 0]);
    assert_eq!(between(&files), [""; 0]);
}

/// Whether the only role in view can only be created after the only key.
fn role_needs_key(files: &[(&str, &str)]) -> bool {
    let estate = estate(files);
    let (role, _) = (0..).zip(&estate.principals).find(|(_, entry)| entry.logical.ends_with("Role")).unwrap();
    let (key, _, _) = estate.declared_keys().next().unwrap();
    needs_key(&estate, PrincipalId(role), key)
}

#[test]
fn a_role_whose_inline_policy_names_the_key_can_not_be_named_in_its_policy() {
    let plain = "  Key: {Type: AWS::KMS::Key}\n".to_owned();
    let own_policy = "  Policy: {Type: AWS::IAM::Policy, Properties: {Roles: [!Ref Role], PolicyDocument: {Statement: [{Effect: Allow, Action: 'kms:*', Resource: !GetAtt Key.Arn}]}}}\n";
    let inline = resources(&[plain.clone(), role("Role", "!GetAtt Key.Arn")]);
    assert!(role_needs_key(&[("stack.yaml", &inline)]));
    let apart = resources(&[plain.clone(), role("Role", "'*'"), own_policy.to_owned()]);
    assert!(!role_needs_key(&[("stack.yaml", &apart)]));
    let keys = resources(std::slice::from_ref(&plain)) + EXPORT_KEY;
    let importing = resources(&[role("Role", "!ImportValue keys-Arn")]);
    assert!(role_needs_key(&[("keys.yaml", &keys), ("roles.yaml", &importing)]));
    let beside = resources(&[role("Role", "'*'")]);
    assert!(!role_needs_key(&[("keys.yaml", &keys), ("roles.yaml", &beside)]));
    let made = format!(
        "Transform: AWS::Serverless-2016-10-31\n{}",
        resources(&[plain, "  Fn: {Type: AWS::Serverless::Function, Properties: {Policies: [{KMSDecryptPolicy: {KeyId: !Ref Key}}]}}\n".to_owned()])
    );
    assert!(role_needs_key(&[("stack.yaml", &made)]));
}
