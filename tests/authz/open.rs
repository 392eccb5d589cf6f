//! Questions as templates raise them: nothing is known of the request but who, what and which key.

use kmslint::authz::{
    Caller, Context, ContextValue, Decision, IdentityPolicy, KeySide, Request, Residual, Side, Verdict, Way, decide,
};
use kmslint::policy::{Action, Guarded, KeyPolicy, Match, Policy, PolicyKind, parse, valued};
use kmslint::resolve::{Guard, StackId, Symbol, Text, Truth};
use kmslint::source::{FileId, Span};
use serde_json::{Value, json};

const STACK: StackId = StackId(0);

pub(super) fn span() -> Span {
    Span::new(FileId(0), 0, 0)
}

pub(super) fn account() -> Text {
    Text::symbol(Symbol::Account(STACK))
}

/// `arn:P:SERVICE:REGION:ACCOUNT:RESOURCE` of the stack, with a made name at the end.
pub(super) fn arn(service: &str, resource: &str, name: &str) -> Text {
    let mut text = Text::literal("arn:");
    text.push(&Text::symbol(Symbol::Partition(STACK)));
    text.push_str(&format!(":{service}:"));
    if service == "kms" {
        text.push(&Text::symbol(Symbol::Region(STACK)));
    }
    text.push_str(":");
    text.push(&account());
    text.push_str(&format!(":{resource}/"));
    text.push(&Text::symbol(Symbol::Resource(STACK, name.to_owned())));
    text
}

pub(super) fn role() -> Caller {
    Caller::role(arn("iam", "role", "Role"), account())
}

pub(super) fn document(statements: &Value, kind: PolicyKind) -> Policy {
    parse(&valued(&json!({"Version": "2012-10-17", "Statement": statements}), span()), kind)
}

fn key_policy(statements: &Value) -> KeyPolicy {
    KeyPolicy::Document(document(statements, PolicyKind::Key))
}

pub(super) fn everything() -> Policy {
    document(&json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*"}), PolicyKind::Identity)
}

struct Asked<'a> {
    caller: Caller,
    policy: &'a KeyPolicy,
    identity: Option<Policy>,
    action: &'a str,
    context: Context,
}

impl<'a> Asked<'a> {
    fn new(caller: Caller, policy: &'a KeyPolicy, action: &'a str) -> Self {
        Self { caller, policy, identity: None, action, context: Context::open() }
    }

    fn with(mut self, identity: Policy) -> Self {
        self.identity = Some(identity);
        self
    }

    fn given(mut self, key: &str, value: &str) -> Self {
        self.context.set(key, ContextValue::One(Text::literal(value)));
        self
    }

    fn then(self, check: impl FnOnce(&Verdict<'_>)) {
        let key = KeySide::new(arn("kms", "key", "Key"), account(), self.policy, span());
        let identity: Vec<_> = self.identity.iter().map(IdentityPolicy::always).collect();
        let action = Action::named(self.action).unwrap();
        let (caller, context) = (&self.caller, &self.context);
        check(&decide(&Request { caller, identity: &identity, boundary: &[], key: &key, action, context }));
    }

    fn is(self, decision: Decision) {
        self.then(|verdict| assert_eq!(verdict.decision, decision, "{verdict:#?}"));
    }
}

fn words(verdict: &Verdict<'_>) -> Vec<String> {
    let of = |residual: &Residual| match residual {
        Residual::Request { words, .. } => words.clone(),
        Residual::Unresolved(cause) => cause.why.clone(),
    };
    verdict.statements.iter().flat_map(|applied| applied.residual.iter().map(of)).collect()
}

#[test]
fn the_default_policy_delegates_everything_and_gives_nothing() {
    let policy = KeyPolicy::Default;
    Asked::new(role(), &policy, "kms:Decrypt").is(Decision::ImplicitDeny);
    Asked::new(role(), &policy, "kms:Decrypt").with(everything()).then(|verdict| {
        assert_eq!(verdict.way, Some(Way::Delegation));
    });
}

#[test]
fn trust_in_the_account_is_trust_in_what_it_lists() {
    let root = json!({"AWS": "arn:aws:iam::111122223333:root"});
    let policy = key_policy(&json!({"Effect": "Allow", "Principal": root, "Action": "kms:Describe*", "Resource": "*"}));
    // Whether these 12 digits are the account of the stack is not known.
    Asked::new(role(), &policy, "kms:DescribeKey").with(everything()).is(Decision::Undecided);
    Asked::new(role(), &policy, "kms:Decrypt").with(everything()).is(Decision::ImplicitDeny);
}

#[test]
fn a_key_of_aws_works_through_its_service_only() {
    let policy = KeyPolicy::AwsManaged("s3".to_owned());
    let decrypt = || Asked::new(role(), &policy, "kms:Decrypt");
    decrypt().given("kms:ViaService", "s3.eu-west-1.amazonaws.com").is(Decision::Allow);
    decrypt().given("kms:ViaService", "sns.eu-west-1.amazonaws.com").is(Decision::ImplicitDeny);
    decrypt().then(|verdict| {
        assert_eq!(verdict.decision, Decision::Undecided);
        assert_eq!(words(verdict), ["`kms:ViaService` matches `s3.*.amazonaws.com*`"]);
    });
    Asked::new(role(), &policy, "kms:PutKeyPolicy").with(everything()).is(Decision::ImplicitDeny);
    Asked::new(role(), &policy, "kms:DescribeKey").with(everything()).is(Decision::Allow);
    let stranger = Caller::role(Text::literal("arn:aws:iam::111122223333:role/x"), Text::literal("111122223333"));
    Asked::new(stranger, &policy, "kms:Encrypt").is(Decision::Undecided);
}

#[test]
fn a_condition_key_that_the_action_does_not_know_makes_an_allow_dead() {
    let statement = |condition: Value| json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": condition});
    let grants = key_policy(&statement(json!({"Bool": {"kms:GrantIsForAWSResource": "true"}})));
    Asked::new(role(), &grants, "kms:CreateGrant").is(Decision::Undecided);
    Asked::new(role(), &grants, "kms:Decrypt").is(Decision::ImplicitDeny);
    let context = key_policy(&statement(json!({"StringEquals": {"kms:EncryptionContext:app": "x"}})));
    Asked::new(role(), &context, "kms:DescribeKey").is(Decision::ImplicitDeny);
    let source = key_policy(&statement(json!({"StringEquals": {"aws:SourceAccount": "111122223333"}})));
    Asked::new(role(), &source, "kms:Decrypt").is(Decision::ImplicitDeny);
    Asked::new(Caller::service(Text::literal("sns.amazonaws.com")), &source, "kms:Decrypt").is(Decision::Undecided);
}

#[test]
fn a_service_needs_the_key_policy_alone() {
    let policy = key_policy(&json!({"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*"}));
    Asked::new(Caller::service(Text::literal("sns.amazonaws.com")), &policy, "kms:Decrypt").is(Decision::Allow);
    Asked::new(Caller::service(Text::literal("s3.amazonaws.com")), &policy, "kms:Decrypt").is(Decision::ImplicitDeny);
    Asked::new(Caller::service(Text::literal("sns.amazonaws.com")), &policy, "kms:Encrypt").is(Decision::ImplicitDeny);
}

#[test]
fn a_deny_of_what_kms_never_gets_is_no_deny() {
    let policy = key_policy(&json!([
        {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*",
         "Condition": {"StringEquals": {"kms:CallerAccount": "${aws:ResourceAccount}"}}},
        {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*",
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ]));
    Asked::new(role(), &policy, "kms:Decrypt").is(Decision::Allow);
}

#[test]
fn across_accounts_both_sides_are_needed_and_some_actions_never_work() {
    let foreign = Text::literal("444455556666");
    let stranger = || Caller::role(Text::literal("arn:aws:iam::444455556666:role/x"), foreign.clone());
    let policy = key_policy(
        &json!({"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "kms:*", "Resource": "*"}),
    );
    let ask = |action, identity: Option<Policy>| {
        let key = KeySide::new(
            Text::literal("arn:aws:kms:eu-west-1:111122223333:key/1"),
            Text::literal("111122223333"),
            &policy,
            span(),
        );
        let (caller, context) = (stranger(), Context::open());
        let identity: Vec<_> = identity.iter().map(IdentityPolicy::always).collect();
        let action = Action::named(action).unwrap();
        let request =
            Request { caller: &caller, identity: &identity, boundary: &[], key: &key, action, context: &context };
        decide(&request).decision
    };
    assert_eq!(ask("kms:Decrypt", None), Decision::ImplicitDeny);
    assert_eq!(ask("kms:Decrypt", Some(everything())), Decision::Allow);
    assert_eq!(ask("kms:PutKeyPolicy", Some(everything())), Decision::ImplicitDeny);
    assert_eq!(ask("kms:ListKeys", Some(everything())), Decision::Allow);
}

#[test]
fn an_action_without_a_key_is_given_by_identity_policies_alone() {
    let policy = key_policy(&json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}));
    Asked::new(role(), &policy, "kms:CreateKey").is(Decision::ImplicitDeny);
    let on_keys = json!({"Effect": "Allow", "Action": "kms:*", "Resource": "arn:aws:kms:*:*:key/*"});
    Asked::new(role(), &policy, "kms:CreateKey")
        .with(document(&on_keys, PolicyKind::Identity))
        .is(Decision::ImplicitDeny);
    Asked::new(role(), &policy, "kms:CreateKey").with(everything()).then(|verdict| {
        assert_eq!(verdict.decision, Decision::Allow);
        assert_eq!(verdict.sides.as_slice(), [Side::Identity]);
    });
}

#[test]
fn the_root_user_needs_no_identity_policy() {
    let root = Caller::root(arn("iam", "x", "y"), account());
    Asked::new(root, &KeyPolicy::Default, "kms:PutKeyPolicy").is(Decision::Allow);
}

#[test]
fn a_key_that_is_not_in_the_resource_of_the_identity_policy_is_out_of_reach() {
    let alias = json!({"Effect": "Allow", "Action": "kms:*", "Resource": "arn:aws:kms:eu-west-1:111122223333:alias/x"});
    let alias = document(&alias, PolicyKind::Identity);
    Asked::new(role(), &KeyPolicy::Default, "kms:Decrypt").with(alias).is(Decision::ImplicitDeny);
}

#[test]
fn what_cannot_be_known_is_said_in_words() {
    let policy = key_policy(
        &json!({"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*",
        "Condition": {"StringLike": {"aws:PrincipalTag/team": ["red", "blue"]}, "Null": {"aws:MultiFactorAuthAge": "false"}}}),
    );
    Asked::new(role(), &policy, "kms:Decrypt").with(everything()).then(|verdict| {
        assert_eq!(verdict.decision, Decision::Undecided);
        assert_eq!(verdict.allowed, Truth::Unknown);
        assert_eq!(
            words(verdict),
            [
                "whether `111122223333` is `${AWS::AccountId}`".to_owned(),
                "`aws:PrincipalTag/team` matches `red` or `blue`".to_owned(),
                "`aws:MultiFactorAuthAge` is present".to_owned(),
            ]
        );
    });
}

#[test]
fn a_statement_that_is_not_understood_may_say_anything() {
    let odd = json!({"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:Sign", "Actions": "kms:*", "Resource": "*"});
    let policy = key_policy(&odd);
    Asked::new(role(), &policy, "kms:Decrypt").with(everything()).is(Decision::Undecided);
    let identity = json!({"Effect": "Allow", "Action": "kms:Sign", "Ressource": "*", "Resource": "*"});
    let identity = document(&identity, PolicyKind::Identity);
    Asked::new(role(), &KeyPolicy::Default, "kms:Decrypt").with(identity).is(Decision::Undecided);
}

#[test]
fn the_generated_ids_of_two_keys_are_never_the_same() {
    for (name, decision) in [("Key", Decision::Allow), ("Other", Decision::ImplicitDeny)] {
        let mut policy = everything();
        for statement in &mut policy.statements {
            let named = Guarded { guard: Guard::ALWAYS, span: span(), value: arn("kms", "key", name) };
            statement.resources = Match::Only(vec![named]);
        }
        Asked::new(role(), &KeyPolicy::Default, "kms:Decrypt").with(policy).is(decision);
    }
}
