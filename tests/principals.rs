//! Members of groups, service-linked roles, and names that are no ARNs: what is known of principals without their being written as roles.

use super::inventory::look;
use super::support::estate;
use kmslint::authz::{Asker, Decision, key_side};
use kmslint::estate::{Estate, PolicySource, PrincipalEntry, PrincipalKind, Target};
use kmslint::policy::Action;
use kmslint::resolve::Guard;
use kmslint::rules::{Cx, rule, run};
use kmslint::view::why::{Answer, why};

const TRUST: &str =
    "          - {Effect: Allow, Principal: {AWS: !Ref AWS::AccountId}, Action: 'kms:*', Resource: '*'}";
const NAMES_A_ROLE: &str = "          - {Effect: Allow, Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:role/Admin'}, Action: 'kms:*', Resource: '*'}";

/// A key with this statement, a group whose policy gives `kms:Decrypt` on it, and more resources.
fn with_group(statement: &str, more: &str) -> String {
    format!(
        "Parameters:
  Team: {{Type: String}}
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
{statement}
  Readers:
    Type: AWS::IAM::Group
    Properties:
      Policies:
        - PolicyName: use
          PolicyDocument:
            Statement: {{Effect: Allow, Action: 'kms:Decrypt', Resource: !GetAtt Key.Arn}}
{more}"
    )
}

fn entry<'e>(estate: &'e Estate, name: &str) -> &'e PrincipalEntry {
    estate.principals.iter().find(|entry| entry.name == name).unwrap()
}

/// What the first key says to `kms:Decrypt` for a principal.
fn decrypt(estate: &Estate, name: &str) -> Decision {
    let (asker, side) = (Asker::of(entry(estate, name)), key_side(&estate.keys[0]));
    let worlds = asker.may(estate, &Guard::ALWAYS, &side, Action::named("kms:Decrypt").unwrap());
    assert_eq!(worlds.len(), 1);
    worlds[0].verdict.decision
}

#[test]
fn a_user_has_the_policies_of_its_groups_from_whichever_side_it_is_put_into_them() {
    for more in [
        "  Ann: {Type: AWS::IAM::User, Properties: {Groups: [!Ref Readers]}}\n",
        "  Ann: {Type: AWS::IAM::User}
  Join:
    Type: AWS::IAM::UserToGroupAddition
    Properties: {GroupName: !Ref Readers, Users: [!Ref Ann]}
",
    ] {
        let estate = estate(&[("a.yaml", &with_group(TRUST, more))]);
        assert_eq!(decrypt(&estate, "Ann"), Decision::Allow, "{more}");
    }
    let alone = estate(&[("a.yaml", &with_group(TRUST, "  Ann: {Type: AWS::IAM::User}\n"))]);
    assert_eq!(decrypt(&alone, "Ann"), Decision::ImplicitDeny);
}

#[test]
fn a_user_that_no_template_declares_gets_what_its_group_gives_and_perhaps_more() {
    let more = "  Join:
    Type: AWS::IAM::UserToGroupAddition
    Properties: {GroupName: !Ref Readers, Users: [ann]}
";
    let estate = estate(&[("a.yaml", &with_group(TRUST, more))]);
    let ann = entry(&estate, "ann");
    assert!(!ann.declared && ann.kind == PrincipalKind::User);
    assert_eq!(ann.policies.len(), 1);
    assert_eq!(decrypt(&estate, "ann"), Decision::Undecided, "another policy may deny it");
}

#[test]
fn a_group_that_cannot_be_read_leaves_its_user_open() {
    for more in [
        "  Ann: {Type: AWS::IAM::User, Properties: {Groups: [!Ref Team]}}\n",
        "  Ann: {Type: AWS::IAM::User, Properties: {Groups: !Split [',', !Ref Team]}}\n",
        "  Ann: {Type: AWS::IAM::User}
  Join:
    Type: AWS::IAM::UserToGroupAddition
    Properties: {GroupName: !Ref Team, Users: [!Ref Ann]}
",
    ] {
        let estate = estate(&[("a.yaml", &with_group(TRUST, more))]);
        assert_eq!(decrypt(&estate, "Ann"), Decision::Undecided, "{more}");
    }
}

#[test]
fn whoever_is_in_a_group_is_a_user_and_no_role() {
    let named = |statement: &str| decrypt(&estate(&[("a.yaml", &with_group(statement, ""))]), "Readers");
    assert_eq!(named(TRUST), Decision::Allow);
    assert_eq!(named(NAMES_A_ROLE), Decision::ImplicitDeny);
    assert_eq!(named(&NAMES_A_ROLE.replace("role/", "user/")), Decision::Undecided, "the user may be in the group");
    let dead = estate(&[(
        "a.yaml",
        &with_group(NAMES_A_ROLE, "  Ann: {Type: AWS::IAM::User, Properties: {Groups: [!Ref Readers]}}\n"),
    )]);
    let (findings, undecided) = run(&Cx::new(&dead), &[rule("ineffective-grant").unwrap()]);
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert!(findings[0].message.contains("`Readers`"), "{}", findings[0].message);
    assert!(undecided.is_empty(), "{undecided:?}");
}

#[test]
fn groups_of_the_inventory_count_for_users_of_the_inventory() {
    let details = r#"{
        "UserDetailList": [{"UserName": "Ann", "Arn": "arn:aws:iam::111122223333:user/Ann", "GroupList": ["Readers"]}],
        "GroupDetailList": [{"GroupName": "Readers", "Arn": "arn:aws:iam::111122223333:group/Readers", "GroupPolicyList": [
            {"PolicyName": "use", "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}}}]}],
        "RoleDetailList": []}"#;
    let template = "Resources:\n  Key: {Type: AWS::KMS::Key}\n";
    let view = look(&[("t/a.yaml", template), ("kms/iam.json", details)]);
    assert!(view.errors.is_empty(), "{:?}", view.errors);
    assert_eq!(decrypt(&view.estate, "Ann"), Decision::Allow);
}

#[test]
fn the_policies_of_a_service_linked_role_are_not_known_and_nobody_changes_them() {
    let template = format!(
        "Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
{TRUST}
  Linked:
    Type: AWS::IAM::ServiceLinkedRole
    Properties: {{AWSServiceName: autoscaling.amazonaws.com}}
"
    );
    let estate = estate(&[("a.yaml", &template)]);
    let linked = entry(&estate, "Linked");
    assert!(matches!(linked.policies[0].source, PolicySource::NotInView(_)));
    assert_eq!(linked.trusted_services, ["autoscaling.amazonaws.com"]);
    assert_eq!(decrypt(&estate, "Linked"), Decision::Undecided);
    let arn = "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";
    for who in ["Linked", arn] {
        let answered = why(&estate, who, Action::named("kms:Decrypt").unwrap(), "Key").unwrap();
        let world = &answered.worlds[0];
        assert_eq!(world.answer, Answer::Undecided, "{who}");
        assert!(world.unknown.iter().any(|unknown| unknown.text.contains("AWS's own")), "{who}: {:?}", world.unknown);
        let steps = world.repairs.iter().flat_map(|repair| &repair.steps);
        assert!(steps.clone().all(|step| step.text.contains("the policy of key")), "{who}: {:?}", world.repairs);
    }
    let all: Vec<_> = kmslint::rules::RULES.to_vec();
    let (findings, _) = run(&Cx::new(&estate), &all);
    assert!(!findings.iter().any(|finding| finding.message.contains("Linked")), "{findings:#?}");
}

#[test]
fn the_name_of_an_alias_is_no_arn_whatever_it_is() {
    let template = "Parameters:
  Name: {Type: String}
Resources:
  Key: {Type: AWS::KMS::Key}
  Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: !Ref Name, TargetKeyId: !Ref Key}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement: {Effect: Allow, Action: 'kms:Decrypt', Resource: !Ref Alias}
  Queue: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: !Ref Alias}}
";
    let estate = estate(&[("a.yaml", template)]);
    assert_eq!(decrypt(&estate, "Role"), Decision::ImplicitDeny);
    let (findings, _) = run(&Cx::new(&estate), &[rule("key-id-in-resource").unwrap()]);
    assert_eq!(findings.len(), 1, "{findings:#?}");
    let queue = estate.consumers.iter().find(|consumer| consumer.resource == "Queue").unwrap();
    assert!(matches!(queue.target, Target::AliasName(_, Some(_))), "{:?}", queue.target);
    assert_eq!(estate.keys_behind(queue.stack, &queue.target), [kmslint::estate::KeyId(0)]);
}
