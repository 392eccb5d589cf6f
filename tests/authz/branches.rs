//! What single branches of the engine decide: each of these fails when its branch is broken.

use super::open::{account, arn, document, everything, role, span};
use kmslint::authz::{
    Caller, Context, ContextValue, Decision, IdentityPolicy, KeySide, Request, Side, Verdict, Way, decide,
    decide_in_worlds,
};
use kmslint::policy::{Action, Guarded, KeyPolicy, Part, Policy, PolicyKind};
use kmslint::resolve::{Atom, Cause, Guard, StackId, Text, Truth};
use serde_json::{Value, json};

/// A question in parts, each of which a test may set.
struct Asked {
    caller: Caller,
    key: Policy,
    identity: Vec<Policy>,
    boundary: Vec<Policy>,
    action: &'static str,
    context: Context,
}

impl Asked {
    /// May the role decrypt, of which no policy says anything?
    fn new() -> Self {
        let nothing = || document(&json!([]), PolicyKind::Key);
        let (key, context) = (nothing(), Context::open());
        Self { caller: role(), key, identity: Vec::new(), boundary: Vec::new(), action: "kms:Decrypt", context }
    }

    fn request<T>(self, ask: impl FnOnce(&Request<'_>) -> T) -> T {
        let policy = KeyPolicy::Document(self.key);
        let key = KeySide::new(arn("kms", "key", "Key"), account(), &policy, span());
        let identity: Vec<_> = self.identity.iter().map(IdentityPolicy::always).collect();
        let boundary: Vec<_> = self.boundary.iter().map(IdentityPolicy::always).collect();
        let action = Action::named(self.action).unwrap();
        let (caller, context) = (&self.caller, &self.context);
        ask(&Request { caller, identity: &identity, boundary: &boundary, key: &key, action, context })
    }

    fn then(self, check: impl FnOnce(&Verdict<'_>)) {
        self.request(|request| check(&decide(request)));
    }

    fn is(self, decision: Decision) {
        self.then(|verdict| assert_eq!(verdict.decision, decision, "{verdict:#?}"));
    }
}

fn when(holds: bool) -> Guard {
    Guard::of(Atom::Condition { stack: StackId(0), name: "IsProduction".to_owned() }, holds)
}

/// The verdicts where the condition holds, and where it does not.
fn both_worlds<'p>(request: &Request<'p>) -> [Verdict<'p>; 2] {
    let worlds = decide_in_worlds(request, &|_| true);
    [true, false].map(|holds| {
        let there = worlds.iter().find(|world| world.guard.and(&when(!holds)).is_none());
        there.unwrap_or_else(|| panic!("{worlds:#?}")).verdict.clone()
    })
}

/// The same policy with a part that cannot be read, there under a condition.
fn torn(mut policy: Policy) -> Policy {
    let value = Cause { span: span(), why: "torn out".to_owned() };
    policy.unknown.push(Guarded { guard: when(true), span: span(), value });
    policy
}

fn trusting() -> Policy {
    let mut trust = document(
        &json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*",
        "Condition": {"StringEquals": {"kms:CallerAccount": "111122223333"}}}),
        PolicyKind::Key,
    );
    // Delegation to the account of the stack, which has no number here.
    for statement in &mut trust.statements {
        let value = kmslint::policy::Principal::Account(account());
        statement.principals =
            kmslint::policy::Match::Only(vec![Guarded { guard: Guard::ALWAYS, span: span(), value }]);
        statement.conditions.clear();
    }
    trust
}

fn identity(statement: &Value) -> Policy {
    document(statement, PolicyKind::Identity)
}

#[test]
fn what_cannot_be_read_counts_only_where_it_is_there() {
    let silent = || identity(&json!([]));
    let rows: [(&str, Asked); 3] = [
        (
            "key policy",
            Asked { key: torn(document(&json!([]), PolicyKind::Key)), identity: vec![everything()], ..Asked::new() },
        ),
        ("identity policy", Asked { key: trusting(), identity: vec![torn(silent())], ..Asked::new() }),
        (
            "boundary",
            Asked { key: trusting(), identity: vec![everything()], boundary: vec![torn(silent())], ..Asked::new() },
        ),
    ];
    for (what, asked) in rows {
        asked.request(|request| {
            let [with, without] = both_worlds(request);
            assert_eq!(with.decision, Decision::Undecided, "{what}");
            assert_eq!(with.causes().map(|cause| cause.why.as_str()).collect::<Vec<_>>(), ["torn out"], "{what}");
            assert_eq!(without.decision, Decision::ImplicitDeny, "{what}");
            assert_eq!(without.causes().count(), 0, "{what}");
        });
    }
}

#[test]
fn a_statement_that_says_neither_allow_nor_deny_decides_nothing() {
    let odd = json!({"Effect": "Perhaps", "Action": "kms:*", "Resource": "*"});
    let odd_key = json!({"Effect": "Perhaps", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"});
    let rows = [
        Asked { key: document(&odd_key, PolicyKind::Key), ..Asked::new() },
        Asked { key: trusting(), identity: vec![identity(&odd)], ..Asked::new() },
        Asked { key: trusting(), identity: vec![everything()], boundary: vec![identity(&odd)], ..Asked::new() },
        // It may also deny what another one allows.
        Asked { key: trusting(), identity: vec![everything(), identity(&odd)], ..Asked::new() },
    ];
    for asked in rows {
        asked.then(|verdict| {
            assert_eq!(verdict.decision, Decision::Undecided, "{verdict:#?}");
            assert_ne!(verdict.causes().count(), 0, "{verdict:#?}");
        });
    }
}

#[test]
fn a_boundary_caps_what_a_wildcard_gives_unless_the_statement_names_the_role_by_a_condition() {
    let wildcard = |condition: Value| {
        let statement = json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*",
            "Condition": condition});
        document(&statement, PolicyKind::Key)
    };
    let asked = |condition: Value| {
        let mut context = Context::open();
        for (key, value) in
            [("kms:calleraccount", "111122223333"), ("aws:principalarn", "arn:aws:iam::111122223333:role/R")]
        {
            context.set(key, ContextValue::One(Text::literal(value)));
        }
        let boundary = vec![identity(&json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}))];
        Asked { key: wildcard(condition), boundary, context, ..Asked::new() }
    };
    asked(json!({"StringEquals": {"kms:CallerAccount": "111122223333"}})).is(Decision::Undecided);
    asked(json!({
        "StringEquals": {"kms:CallerAccount": "111122223333"},
        "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/R"}
    }))
    .is(Decision::Allow);
}

#[test]
fn the_root_user_of_another_account_needs_no_policy_at_home() {
    let root = || Caller::root(Text::literal("arn:aws:iam::444455556666:root"), Text::literal("444455556666"));
    let key = Text::literal("arn:aws:kms:eu-west-1:111122223333:key/1");
    let policy = |principal: &str| {
        let statement = json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:*", "Resource": "*"});
        KeyPolicy::Document(document(&statement, PolicyKind::Key))
    };
    for (principal, action, expected) in [
        ("444455556666", "kms:Decrypt", Decision::Allow),
        ("777788889999", "kms:Decrypt", Decision::ImplicitDeny),
        ("777788889999", "kms:CreateKey", Decision::Allow),
    ] {
        let (caller, policy, context) = (root(), policy(principal), Context::open());
        let key = KeySide::new(key.clone(), Text::literal("111122223333"), &policy, span());
        let action = Action::named(action).unwrap();
        let request = Request { caller: &caller, identity: &[], boundary: &[], key: &key, action, context: &context };
        assert_eq!(decide(&request).decision, expected, "{principal} {action}");
    }
}

#[test]
fn where_nothing_allows_it_an_unknown_deny_changes_only_the_kind_of_the_answer() {
    let perhaps = json!({"Effect": "Deny", "Action": "kms:*", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}});
    let asked = Asked { identity: vec![everything(), identity(&perhaps)], ..Asked::new() };
    asked.then(|verdict| {
        assert_eq!(verdict.decision, Decision::Undecided);
        assert_eq!(verdict.allowed, Truth::No);
        assert_eq!(verdict.sides.as_slice(), [Side::KeyPolicy]);
    });
    let asked = Asked { key: trusting(), identity: vec![everything(), identity(&perhaps)], ..Asked::new() };
    asked.then(|verdict| {
        assert_eq!(verdict.decision, Decision::Undecided);
        assert_eq!(verdict.allowed, Truth::Unknown);
        assert!(verdict.sides.is_empty());
    });
}

#[test]
fn what_could_not_be_read_is_not_told_where_it_changes_nothing() {
    let denies = identity(&json!({"Effect": "Deny", "Action": "kms:*", "Resource": "*"}));
    let asked = Asked { key: trusting(), identity: vec![denies, torn(everything())], ..Asked::new() };
    asked.then(|verdict| {
        assert_eq!(verdict.decision, Decision::ExplicitDeny);
        assert_eq!(verdict.causes().count(), 0);
    });
}

#[test]
fn a_statement_of_some_worlds_about_something_else_leaves_nothing_open() {
    let mut other = identity(&json!({"Effect": "Allow", "Action": "kms:Sign", "Resource": "*"}));
    for statement in &mut other.statements {
        statement.guard = when(true);
    }
    Asked { key: trusting(), identity: vec![other], ..Asked::new() }.is(Decision::ImplicitDeny);
}

#[test]
fn a_condition_that_fails_decides_whatever_is_not_known_of_the_others() {
    let statement = |first: &str, second: &str| {
        identity(&json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Condition": {
            "StringEquals": {first: "x"}, "StringLike": {second: "x"}}}))
    };
    let asked = |first: &str, second: &str| {
        let mut context = Context::open();
        context.set("kms:viaservice", ContextValue::One(Text::literal("y")));
        Asked { key: trusting(), identity: vec![statement(first, second)], context, ..Asked::new() }
    };
    asked("aws:PrincipalTag/a", "kms:ViaService").is(Decision::ImplicitDeny);
    asked("kms:ViaService", "aws:PrincipalTag/a").is(Decision::ImplicitDeny);
    asked("aws:PrincipalTag/a", "aws:PrincipalTag/b").is(Decision::Undecided);
}

#[test]
fn an_element_that_cannot_be_read_opens_its_own_part_of_the_statement_only() {
    use Decision::{Allow, ImplicitDeny, Undecided};
    let unread = |policy: Policy, part: Part, guard: Guard| {
        let mut policy = policy;
        for statement in &mut policy.statements {
            let value = Cause { span: span(), why: "torn out".to_owned() };
            statement.unread.push((part, Guarded { guard: guard.clone(), span: span(), value }));
        }
        policy
    };
    let of = |action: Value, resource: Value| {
        let mut statement = json!({"Effect": "Allow"});
        statement.as_object_mut().unwrap().extend(action.as_object().unwrap().clone());
        statement.as_object_mut().unwrap().extend(resource.as_object().unwrap().clone());
        identity(&statement)
    };
    let (here, elsewhere) = (json!({"Resource": "*"}), json!({"Resource": "arn:aws:kms:eu-west-1:1:alias/x"}));
    let rows = [
        // What is read covers the action: more elements of that list change nothing.
        (json!({"Action": "kms:Decrypt"}), &here, Part::Actions, Allow),
        (json!({"Action": "kms:Sign"}), &here, Part::Actions, Undecided),
        (json!({"Action": "kms:Sign"}), &here, Part::Resources, ImplicitDeny),
        (json!({"Action": "kms:Sign"}), &here, Part::Conditions, ImplicitDeny),
        // What is spared by one element is spared whatever the others are; the rest may be spared by them.
        (json!({"NotAction": "kms:Decrypt"}), &here, Part::Actions, ImplicitDeny),
        (json!({"NotAction": "kms:Sign"}), &here, Part::Actions, Undecided),
        (json!({"NotAction": "kms:Sign"}), &here, Part::Resources, Allow),
        (json!({"Action": "kms:Decrypt"}), &elsewhere, Part::Resources, Undecided),
        (json!({"Action": "kms:Decrypt"}), &elsewhere, Part::Actions, ImplicitDeny),
        (json!({"Action": "kms:Decrypt"}), &here, Part::Conditions, Undecided),
    ];
    for (action, resource, part, expected) in rows {
        let policy = unread(of(action.clone(), resource.clone()), part, Guard::ALWAYS);
        let asked = Asked { key: trusting(), identity: vec![policy], ..Asked::new() };
        asked.then(|verdict| assert_eq!(verdict.decision, expected, "{action} {resource} {part:?}"));
    }
    // It is open only where the element is there.
    let policy = unread(of(json!({"Action": "kms:Sign"}), here), Part::Actions, when(true));
    Asked { key: trusting(), identity: vec![policy], ..Asked::new() }.request(|request| {
        let [with, without] = both_worlds(request);
        assert_eq!(with.decision, Undecided);
        assert_eq!(without.decision, ImplicitDeny);
    });
}

#[test]
fn a_statement_that_is_not_understood_in_some_worlds_is_understood_in_the_others() {
    let mut policy = identity(&json!({"Effect": "Allow", "Action": "kms:Sign", "Resource": "*"}));
    for statement in &mut policy.statements {
        let value = Cause { span: span(), why: "torn out".to_owned() };
        statement.unknown.push(Guarded { guard: when(true), span: span(), value });
    }
    Asked { key: trusting(), identity: vec![policy], ..Asked::new() }.request(|request| {
        let [with, without] = both_worlds(request);
        assert_eq!(with.decision, Decision::Undecided);
        assert_eq!(without.decision, Decision::ImplicitDeny);
    });
}

#[test]
fn what_follows_from_the_caller_is_known_of_its_requests() {
    use Decision::{Allow, ImplicitDeny, Undecided};
    let of = |arn: &str| Caller::of_arn(arn).unwrap();
    let role = || of("arn:aws:iam::111122223333:role/team/Reader");
    let session = || of("arn:aws:sts::111122223333:assumed-role/Reader/me");
    let user = || of("arn:aws:iam::111122223333:user/team/jo");
    let root = || of("arn:aws:iam::111122223333:root");
    let tagged = || role().with_tags([("team", Text::literal("red"))]);
    let rows = [
        (role(), json!({"StringEquals": {"aws:PrincipalAccount": "111122223333"}}), Allow),
        (role(), json!({"StringEquals": {"kms:CallerAccount": "444455556666"}}), ImplicitDeny),
        (role(), json!({"StringEquals": {"aws:PrincipalType": "AssumedRole"}}), Allow),
        (user(), json!({"StringEquals": {"aws:PrincipalType": "User"}}), Allow),
        (root(), json!({"StringEquals": {"aws:PrincipalType": "Account"}}), Allow),
        (role(), json!({"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/team/Reader"}}), Allow),
        (session(), json!({"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/Reader"}}), Allow),
        (user(), json!({"StringEquals": {"aws:username": "jo"}}), Allow),
        (role(), json!({"Null": {"aws:username": "true"}}), Allow),
        (user(), json!({"Null": {"aws:TokenIssueTime": "true"}}), Allow),
        (root(), json!({"Null": {"aws:TokenIssueTime": "true"}}), Allow),
        (role(), json!({"Null": {"aws:TokenIssueTime": "true"}}), Undecided),
        (role(), json!({"Bool": {"aws:PrincipalIsAWSService": "true"}}), ImplicitDeny),
        (role(), json!({"Null": {"aws:PrincipalServiceName": "true"}}), Allow),
        (role(), json!({"StringEquals": {"aws:PrincipalTag/team": "red"}}), Undecided),
        (tagged(), json!({"StringEquals": {"aws:PrincipalTag/team": "red"}}), Allow),
        (tagged(), json!({"StringEquals": {"aws:PrincipalTag/team": "blue"}}), ImplicitDeny),
        (tagged(), json!({"Null": {"aws:PrincipalTag/cost": "true"}}), Allow),
        (role().lacking(&["aws:SourceVpce"]), json!({"Null": {"aws:SourceVpce": "true"}}), Allow),
    ];
    let admit = |principal: Value, condition: &Value| {
        let statement = json!({"Effect": "Allow", "Principal": principal, "Action": "kms:Decrypt", "Resource": "*", "Condition": condition});
        document(&statement, PolicyKind::Key)
    };
    let ask = |caller: Caller, key: Policy| {
        let policy = KeyPolicy::Document(key);
        let arn = Text::literal("arn:aws:kms:eu-west-1:111122223333:key/1");
        let key = KeySide::new(arn, Text::literal("111122223333"), &policy, span());
        let (action, context) = (Action::named("kms:Decrypt").unwrap(), Context::open());
        decide(&Request { caller: &caller, identity: &[], boundary: &[], key: &key, action, context: &context })
            .decision
    };
    for (caller, condition, expected) in rows {
        let what = format!("{:?} {condition}", caller.kind);
        assert_eq!(ask(caller, admit(json!({"AWS": "*"}), &condition)), expected, "{what}");
    }
    let service = || Caller::service(Text::literal("sns.amazonaws.com"));
    for (condition, expected) in [
        (json!({"Bool": {"aws:PrincipalIsAWSService": "true"}}), Allow),
        (json!({"StringEquals": {"aws:PrincipalServiceName": "sns.amazonaws.com"}}), Allow),
        (json!({"StringEquals": {"aws:PrincipalServiceName": "s3.amazonaws.com"}}), ImplicitDeny),
        (json!({"Null": {"aws:PrincipalOrgID": "true"}}), Allow),
        (json!({"Null": {"aws:PrincipalTag/team": "true"}}), Allow),
    ] {
        let key = admit(json!({"Service": "sns.amazonaws.com"}), &condition);
        assert_eq!(ask(service(), key), expected, "{condition}");
    }
    assert!(Caller::of_arn("arn:aws:iam::111122223333:mfa").is_none());
    assert!(Caller::of_arn("arn:aws:iam::111122223333:group/x").is_none());
}

#[test]
fn a_condition_that_some_worlds_do_not_have_holds_there() {
    let asked = |via: &str| {
        let mut policy = identity(&json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*",
            "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}}));
        for condition in policy.statements.iter_mut().flat_map(|statement| &mut statement.conditions) {
            condition.guard = when(true);
        }
        let mut context = Context::open();
        context.set("kms:viaservice", ContextValue::One(Text::literal(via)));
        Asked { key: trusting(), identity: vec![policy], context, ..Asked::new() }
    };
    asked("sqs.eu-west-1.amazonaws.com").request(|request| {
        assert_eq!(decide(request).decision, Decision::Undecided);
        let [with, without] = both_worlds(request);
        assert_eq!((with.decision, without.decision), (Decision::ImplicitDeny, Decision::Allow));
    });
    asked("s3.eu-west-1.amazonaws.com").is(Decision::Allow);
}

/// Whether one of these values of `aws:PrincipalTag/x` in a request meets a condition of a policy of the role.
fn meets(condition: Value, values: ContextValue) -> Decision {
    let mut policy = identity(&json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*"}));
    let with = identity(&json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Condition": condition}));
    policy.statements = with.statements;
    let mut context = Context::open();
    context.set("aws:principaltag/x", values);
    let mut decision = None;
    Asked { key: trusting(), identity: vec![policy], context, ..Asked::new() }
        .then(|verdict| decision = Some(verdict.decision));
    decision.unwrap()
}

#[test]
fn a_condition_says_only_what_follows_from_what_is_known_of_its_key() {
    use Decision::{Allow, ImplicitDeny, Undecided};
    let text = |text: &str| Text::literal(text);
    let list = |items: &[&str]| ContextValue::Many(items.iter().map(|item| text(item)).collect());
    let key = "aws:PrincipalTag/x";
    let rows = [
        (json!({"StringEquals": {key: "a"}}), ContextValue::Present, Undecided),
        (json!({"StringEquals": {key: "a"}}), ContextValue::Unknown, Undecided),
        (json!({"StringEquals": {key: "a"}}), ContextValue::IfPresent(text("a")), Undecided),
        (json!({"StringEquals": {key: "a"}}), ContextValue::IfPresent(text("b")), ImplicitDeny),
        (json!({"StringEqualsIfExists": {key: "a"}}), ContextValue::IfPresent(text("a")), Allow),
        (json!({"Null": {key: "false"}}), ContextValue::Present, Allow),
        (json!({"Null": {key: "true"}}), ContextValue::Present, ImplicitDeny),
        (json!({"Null": {key: "TRUE"}}), ContextValue::Absent, Allow),
        (json!({"Null": {key: "perhaps"}}), ContextValue::Absent, Undecided),
        (json!({"Null": {key: "perhaps"}}), ContextValue::Present, Undecided),
        // One value against a list is nowhere defined, unless all of the list say the same.
        (json!({"StringEquals": {key: "a"}}), list(&["a", "a"]), Allow),
        (json!({"StringEquals": {key: "a"}}), list(&["b", "c"]), ImplicitDeny),
        (json!({"StringEquals": {key: "a"}}), list(&["a", "b"]), Undecided),
        (json!({"ForAllValues:StringEquals": {key: ["a", "b"]}}), list(&["a", "b"]), Allow),
        (json!({"ForAllValues:StringEquals": {key: "a"}}), list(&["a", "b"]), ImplicitDeny),
        (json!({"ForAnyValue:StringEquals": {key: "a"}}), list(&["b", "a"]), Allow),
        // Values that are no numbers, dates or networks are compared with nothing.
        (json!({"NumericEquals": {key: "many"}}), ContextValue::One(text("3")), Undecided),
        (json!({"NumericEquals": {key: "3"}}), ContextValue::One(text("3")), Allow),
        (json!({"DateLessThan": {key: "soon"}}), ContextValue::One(text("2026-01-01T00:00:00Z")), Undecided),
    ];
    for (condition, values, expected) in rows {
        let what = format!("{condition} with {values:?}");
        assert_eq!(meets(condition, values), expected, "{what}");
    }
}

#[test]
fn a_value_of_some_worlds_counts_in_them() {
    let mut policy = identity(&json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Condition": {"StringEquals": {"kms:ViaService": ["x", "y"]}}}));
    for condition in policy.statements.iter_mut().flat_map(|statement| &mut statement.conditions) {
        condition.values[1].guard = when(true);
        let value = Cause { span: span(), why: "torn out".to_owned() };
        condition.unknown.push(Guarded { guard: when(true), span: span(), value });
    }
    let asked = |via: &str| {
        let mut context = Context::open();
        context.set("kms:viaservice", ContextValue::One(Text::literal(via)));
        Asked { key: trusting(), identity: vec![policy.clone()], context, ..Asked::new() }
    };
    for (via, there, elsewhere) in [
        ("x", Decision::Allow, Decision::Allow),
        ("y", Decision::Allow, Decision::ImplicitDeny),
        ("z", Decision::Undecided, Decision::ImplicitDeny),
    ] {
        asked(via).request(|request| {
            let worlds = decide_in_worlds(request, &|_| true);
            let of = |holds: bool| {
                worlds.iter().find(|world| world.guard.and(&when(holds)).is_some()).unwrap().verdict.decision
            };
            assert_eq!((of(true), of(false)), (there, elsewhere), "{via}");
        });
    }
}

#[test]
fn a_kms_grant_is_enough_for_what_it_says_and_to_whom() {
    use Decision::{Allow, ExplicitDeny, ImplicitDeny, Undecided};
    /// What it is about, the grant, the action, identity policies, boundary, answer.
    type Row = (&'static str, Policy, &'static str, Vec<Policy>, Vec<Policy>, Decision, Option<Way>);
    let grant = |grantee: &str, condition: Value| {
        let statement = json!({"Effect": "Allow", "Principal": {"AWS": grantee}, "Action": "kms:Decrypt", "Resource": "*", "Condition": condition});
        document(&statement, PolicyKind::Key)
    };
    let ask = |granted: &Policy,
               action: &str,
               identity: &[Policy],
               boundary: &[Policy],
               check: &dyn Fn(&Verdict<'_>)| {
        let caller = Caller::of_arn("arn:aws:iam::111122223333:role/Reader").unwrap();
        let policy = KeyPolicy::Document(document(
            &json!({"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}),
            PolicyKind::Key,
        ));
        let arn = Text::literal("arn:aws:kms:eu-west-1:111122223333:key/1");
        let key = KeySide::new(arn, Text::literal("111122223333"), &policy, span()).with_grants(Some(granted));
        let identity: Vec<_> = identity.iter().map(IdentityPolicy::always).collect();
        let boundary: Vec<_> = boundary.iter().map(IdentityPolicy::always).collect();
        let mut context = Context::open();
        context.set("kms:encryptioncontext:team", ContextValue::One(Text::literal("red")));
        let action = Action::named(action).unwrap();
        let request =
            Request { caller: &caller, identity: &identity, boundary: &boundary, key: &key, action, context: &context };
        check(&decide(&request));
    };
    let role = "arn:aws:iam::111122223333:role/Reader";
    let denies = identity(&json!({"Effect": "Deny", "Action": "kms:*", "Resource": "*"}));
    let narrow = identity(&json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}));
    let context = |team: &str| json!({"StringEquals": {"kms:EncryptionContext:team": team}});
    let rows: [Row; 9] = [
        ("its grantee", grant(role, json!({})), "kms:Decrypt", vec![], vec![], Allow, Some(Way::Grant)),
        ("another action", grant(role, json!({})), "kms:Encrypt", vec![], vec![], ImplicitDeny, None),
        (
            "another role",
            grant("arn:aws:iam::111122223333:role/Other", json!({})),
            "kms:Decrypt",
            vec![],
            vec![],
            ImplicitDeny,
            None,
        ),
        ("its context", grant(role, context("red")), "kms:Decrypt", vec![], vec![], Allow, Some(Way::Grant)),
        ("another context", grant(role, context("blue")), "kms:Decrypt", vec![], vec![], ImplicitDeny, None),
        ("a deny", grant(role, json!({})), "kms:Decrypt", vec![denies], vec![], ExplicitDeny, None),
        (
            "policies too",
            grant(role, json!({})),
            "kms:Decrypt",
            vec![everything()],
            vec![],
            Allow,
            Some(Way::Delegation),
        ),
        ("a boundary", grant(role, json!({})), "kms:Decrypt", vec![], vec![narrow], Undecided, None),
        ("an account alone", grant("111122223333", json!({})), "kms:Decrypt", vec![], vec![], ImplicitDeny, None),
    ];
    for (what, granted, action, identity, boundary, decision, way) in rows {
        ask(&granted, action, &identity, &boundary, &|verdict| {
            assert_eq!((verdict.decision, verdict.way), (decision, way), "{what}: {verdict:#?}");
            let is_by_grant = way == Some(Way::Grant);
            assert_eq!(verdict.sides.as_slice() == [Side::Grants], is_by_grant, "{what}");
            assert_eq!(verdict.causes().count() > 0, decision == Undecided, "{what}");
        });
    }
}

#[test]
fn evidence_matters_only_where_it_could_change_the_answer() {
    let tagged = |effect: &str| {
        identity(&json!({"Effect": effect, "Action": "kms:*", "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}}))
    };
    let narrow = || vec![identity(&json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}))];
    let matters = |asked: Asked| {
        let mut open = Vec::new();
        asked.then(|verdict| {
            let of = verdict.statements.iter().filter(|applied| !applied.residual.is_empty());
            open = of.map(|applied| applied.matters).collect();
        });
        open
    };
    let asked =
        |identity: Vec<Policy>, boundary: Vec<Policy>| Asked { key: trusting(), identity, boundary, ..Asked::new() };
    assert_eq!(matters(asked(vec![tagged("Allow")], vec![])), [true]);
    assert_eq!(matters(asked(vec![tagged("Allow"), everything()], vec![])), [false], "another one allows it");
    assert_eq!(matters(asked(vec![tagged("Allow")], narrow())), [false], "the boundary does not");
    assert_eq!(matters(asked(vec![everything()], vec![tagged("Allow")])), [true], "the boundary may");
    assert_eq!(matters(asked(vec![tagged("Deny")], vec![])), [false], "nothing allows it");
    assert_eq!(matters(asked(vec![tagged("Deny"), everything()], vec![])), [true]);
}
