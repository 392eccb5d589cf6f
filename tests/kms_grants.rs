//! KMS grants of the inventory: what they give to whom, whatever the policies say but for a `Deny`.

use super::inventory::{ADMIN_ONLY, ONE, arn, check, found, look, role};
use kmslint::InView;
use kmslint::authz::{
    Asker, Caller, Context, ContextValue, Decision, IdentityPolicy, PolicyRef, Request, Side, Way, decide, key_side,
};
use kmslint::estate::Key;
use kmslint::policy::{Action, Policy, PolicyKind, parse, valued};
use kmslint::resolve::{Guard, Text};
use kmslint::source::{FileId, Span};
use kmslint::view::grants::{Filter, Outcome, Through, grants};
use kmslint::view::why::{Answer, Why, why};
use serde_json::{Value, json};

const APP: &str = "arn:aws:iam::111122223333:role/App";

fn grant(grantee: &str, operations: &[&str]) -> Value {
    json!({"KeyId": arn(ONE), "GrantId": "9f1", "GranteePrincipal": grantee, "Operations": operations})
}

/// A key with this policy and these grants.
fn inventory(policy: &str, grants: &[Value]) -> String {
    json!([{"KeyMetadata": {"KeyId": ONE, "Arn": arn(ONE)}, "Policy": policy, "Grants": grants}]).to_string()
}

/// A role `App` whose own policy gives `kms:Decrypt` on the key.
fn template() -> String {
    role(&[&arn(ONE)]).replace("    Properties:\n", "    Properties:\n      RoleName: App\n")
}

fn seen(policy: &str, grants: &[Value]) -> InView {
    let view = look(&[("t/a.yaml", &template()), ("kms/all.json", &inventory(policy, grants))]);
    assert!(view.errors.is_empty(), "{:?}", view.errors);
    view
}

fn rules(policy: &str, grants: &[Value]) -> Vec<&'static str> {
    let files = [("t/a.yaml", &*template()), ("kms/all.json", &*inventory(policy, grants))];
    found(&check(&files, Some("111122223333")), ONE)
}

fn asked(view: &InView, principal: &str, action: &str) -> Why {
    why(&view.estate, principal, Action::named(action).unwrap(), ONE).unwrap()
}

fn answer(policy: &str, grants: &[Value], action: &str) -> Answer {
    let answered = asked(&seen(policy, grants), "Role", action);
    assert_eq!(answered.worlds.len(), 1);
    answered.worlds[0].answer
}

fn document(json: &Value, kind: PolicyKind) -> Policy {
    parse(&valued(json, Span { file: FileId(0), start: 0, end: 1 }), kind)
}

/// Decides for a caller with all of these condition keys and no others.
fn decided(key: &Key, caller: &Caller, action: &str, context: &Context, boundary: &[IdentityPolicy<'_>]) -> Decision {
    let side = key_side(key);
    let action = Action::named(action).unwrap();
    decide(&Request { caller, identity: &[], boundary, key: &side, action, context }).decision
}

fn app() -> Caller {
    Caller::role(Text::literal(APP), Text::literal("111122223333"))
}

#[test]
fn what_only_a_grant_gives_is_allowed_and_is_no_dead_permission() {
    let given = [grant(APP, &["Decrypt"])];
    assert_eq!(rules(ADMIN_ONLY, &[]), ["ineffective-grant"]);
    assert_eq!(rules(ADMIN_ONLY, &given), Vec::<&str>::new());
    let view = seen(ADMIN_ONLY, &given);
    let answered = asked(&view, "Role", "kms:Decrypt");
    assert_eq!(answered.worlds[0].answer, Answer::Allowed);
    let policy = answered.worlds[0].policies.iter().find(|policy| policy.title.starts_with("KMS grants on")).unwrap();
    assert_eq!(policy.statements[0].name, "`9f1`");
    assert_eq!(policy.statements[0].text, "gives `kms:Decrypt` to `Role`");
    let place = policy.statements[0].place.as_ref().unwrap();
    assert_eq!(view.sources.file(place.span.file).unwrap().path, "kms/all.json");
    assert!(view.sources.text_of(place.span).contains("9f1"));
}

#[test]
fn a_grant_is_listed_with_its_place() {
    let view = seen(ADMIN_ONLY, &[grant(APP, &["Decrypt"]), grant("rds.amazonaws.com", &["CreateGrant"])]);
    let rows = grants(&view.estate, &Filter::default()).unwrap();
    let by_grant: Vec<_> = rows.iter().filter(|row| row.through == Some(Through::Grant)).collect();
    let short: Vec<_> = by_grant.iter().map(|row| (row.principal.name.as_str(), row.actions.join(" "))).collect();
    assert_eq!(short, [("rds.amazonaws.com", "kms:CreateGrant".to_owned()), ("Role", "kms:Decrypt".to_owned())]);
    for row in by_grant {
        assert_eq!(row.outcome, Outcome::Effective);
        assert_eq!(row.evidence.len(), 1, "{:?}", row.evidence);
        assert_eq!(row.evidence[0].text, format!("KMS grant `9f1` on key `{ONE}`"));
        assert!(row.evidence[0].place.is_some());
    }
}

#[test]
fn a_grant_of_another_operation_or_to_somebody_else_gives_nothing() {
    for other in [grant(APP, &["Encrypt", "DescribeKey"]), grant(&APP.replace("App", "Other"), &["Decrypt"])] {
        assert_eq!(rules(ADMIN_ONLY, std::slice::from_ref(&other)), ["ineffective-grant"], "{other}");
        assert_eq!(answer(ADMIN_ONLY, &[other], "kms:Decrypt"), Answer::Denied);
    }
    // A deleted role leaves its unique id.
    assert_eq!(rules(ADMIN_ONLY, &[grant("AROAEXAMPLEEXAMPLE123", &["Decrypt"])]), ["ineffective-grant"]);
}

#[test]
fn a_constraint_is_a_condition_on_the_encryption_context() {
    let constrained = |constraint: Value| {
        let mut one = grant(APP, &["Decrypt", "DescribeKey"]);
        one["Constraints"] = constraint;
        one
    };
    let subset = constrained(json!({"EncryptionContextSubset": {"team": "a"}}));
    let equals = constrained(json!({"EncryptionContextEquals": {"team": "a"}}));
    for one in [&subset, &equals] {
        assert_eq!(answer(ADMIN_ONLY, std::slice::from_ref(one), "kms:Decrypt"), Answer::Conditional, "{one}");
        assert_eq!(answer(ADMIN_ONLY, std::slice::from_ref(one), "kms:DescribeKey"), Answer::Allowed, "{one}");
    }
    let pairs = |pairs: &[(&str, &str)]| {
        let keys = pairs.iter().map(|(key, _)| Text::literal(key)).collect();
        let mut context = Context::complete();
        for (key, value) in pairs {
            context.set(&format!("kms:EncryptionContext:{key}"), ContextValue::One(Text::literal(value)));
        }
        context.with("kms:EncryptionContextKeys", ContextValue::Many(keys))
    };
    let exactly = pairs(&[("team", "a")]);
    let more = pairs(&[("team", "a"), ("stage", "b")]);
    let other = pairs(&[("team", "b")]);
    let none = Context::complete();
    for (one, allowed) in [(subset, [true, true, false, false]), (equals, [true, false, false, false])] {
        let view = seen(ADMIN_ONLY, std::slice::from_ref(&one));
        for (context, allowed) in [&exactly, &more, &other, &none].into_iter().zip(allowed) {
            let expected = if allowed { Decision::Allow } else { Decision::ImplicitDeny };
            assert_eq!(
                decided(&view.estate.keys[0], &app(), "kms:Decrypt", context, &[]),
                expected,
                "{one} {context:?}"
            );
        }
    }
    let unheard_of = constrained(json!({"Weather": {"sky": "blue"}}));
    assert_eq!(answer(ADMIN_ONLY, &[unheard_of], "kms:Decrypt"), Answer::Undecided);
}

#[test]
fn a_deny_is_stronger_than_a_grant() {
    let admin: Value = serde_json::from_str(ADMIN_ONLY).unwrap();
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"});
    let policy = json!({"Statement": [admin["Statement"], deny]}).to_string();
    let given = [grant(APP, &["Decrypt", "Encrypt"])];
    assert_eq!(answer(&policy, &given, "kms:Decrypt"), Answer::DeniedExplicitly);
    assert_eq!(answer(&policy, &given, "kms:Encrypt"), Answer::Allowed);
    assert_eq!(rules(&policy, &given), ["ineffective-grant"]);
    let own = template().replace("Effect: Allow\n", "Effect: Deny\n");
    let view = look(&[("t/a.yaml", &own), ("kms/all.json", &inventory(ADMIN_ONLY, &given))]);
    assert_eq!(asked(&view, "Role", "kms:Decrypt").worlds[0].answer, Answer::DeniedExplicitly);
}

#[test]
fn a_grantee_of_another_account_needs_no_policy() {
    let foreign = ADMIN_ONLY.replace("111122223333", "444455556666");
    let key = arn(ONE).replace("111122223333", "444455556666");
    let list = |grantee: &str| {
        let one = json!({"KeyId": key, "GrantId": "1", "GranteePrincipal": grantee, "Operations": ["Decrypt"]});
        json!([{"KeyMetadata": {"KeyId": ONE, "Arn": key}, "Policy": foreign, "Grants": [one]}]).to_string()
    };
    let template = template().replace(&arn(ONE), &key);
    let rules = |grantee| {
        found(&check(&[("t/a.yaml", &template), ("kms/all.json", &list(grantee))], Some("111122223333")), ONE)
    };
    assert_eq!(rules(APP), Vec::<&str>::new());
    assert_eq!(rules(&APP.replace("App", "Other")), ["one-sided-cross-account-grant"]);
    let idle = template.replace("kms:Decrypt", "s3:GetObject");
    let view = look(&[("t/a.yaml", &idle), ("kms/all.json", &list(APP))]);
    let answered = asked(&view, "Role", "kms:Decrypt");
    assert_eq!(answered.worlds[0].answer, Answer::Allowed);
    assert!(answered.worlds[0].reasons[0].contains("no policy is needed"), "{:?}", answered.worlds[0].reasons);
}

#[test]
fn a_session_named_by_a_grant_is_some_session_of_its_role() {
    let session = "arn:aws:sts::111122223333:assumed-role/App/nightly";
    let given = [grant(session, &["Decrypt"])];
    assert_eq!(answer(ADMIN_ONLY, &given, "kms:Decrypt"), Answer::Undecided);
    assert_eq!(rules(ADMIN_ONLY, &given), Vec::<&str>::new());
    let view = seen(ADMIN_ONLY, &given);
    let key = &view.estate.keys[0];
    assert_eq!(decided(key, &Caller::of_arn(session).unwrap(), "kms:Decrypt", &Context::open(), &[]), Decision::Allow);
    let other = Caller::of_arn(&session.replace("nightly", "daily")).unwrap();
    assert_eq!(decided(key, &other, "kms:Decrypt", &Context::open(), &[]), Decision::ImplicitDeny);
}

#[test]
fn who_may_retire_a_grant_is_the_retiring_principal_and_who_got_the_operation() {
    let mut retirable = grant(APP, &["Decrypt"]);
    assert_eq!(answer(ADMIN_ONLY, std::slice::from_ref(&retirable), "kms:RetireGrant"), Answer::Denied);
    retirable["RetiringPrincipal"] = json!(APP);
    retirable["Constraints"] = json!({"EncryptionContextSubset": {"team": "a"}});
    assert_eq!(answer(ADMIN_ONLY, &[retirable], "kms:RetireGrant"), Answer::Allowed);
    let own = grant(APP, &["RetireGrant"]);
    assert_eq!(answer(ADMIN_ONLY, &[own], "kms:RetireGrant"), Answer::Allowed);
}

#[test]
fn a_service_is_admitted_by_a_grant_to_it() {
    let view = seen(ADMIN_ONLY, &[grant("rds.amazonaws.com", &["Decrypt"])]);
    assert_eq!(asked(&view, "rds.amazonaws.com", "kms:Decrypt").worlds[0].answer, Answer::Allowed);
    assert_eq!(asked(&view, "sqs.amazonaws.com", "kms:Decrypt").worlds[0].answer, Answer::Denied);
}

#[test]
fn what_is_nowhere_said_of_grants_stays_open() {
    let given = [grant(APP, &["Decrypt"]), grant("arn:aws:iam::111122223333:root", &["Encrypt"])];
    let view = seen(ADMIN_ONLY, &given);
    let key = &view.estate.keys[0];
    let boundary = |action: &str| {
        document(&json!({"Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}}), PolicyKind::Identity)
    };
    let (narrow, wide) = (boundary("s3:*"), boundary("kms:Decrypt"));
    let with = |policy| decided(key, &app(), "kms:Decrypt", &Context::open(), &[IdentityPolicy::always(policy)]);
    assert_eq!(with(&narrow), Decision::Undecided);
    assert_eq!(with(&wide), Decision::Allow);
    let everything = Asker::trusted_with_everything(&Text::literal("111122223333"));
    let side = key_side(key);
    let worlds = everything.may(&view.estate, &Guard::ALWAYS, &side, Action::named("kms:Encrypt").unwrap());
    assert_eq!(worlds[0].verdict.decision, Decision::Undecided);
    assert!(worlds[0].verdict.sides.is_empty());
    assert!(worlds[0].verdict.causes().any(|cause| cause.why.contains("a KMS grant to an account")));
    assert_eq!(decided(key, &app(), "kms:Encrypt", &Context::open(), &[]), Decision::ImplicitDeny);
}

#[test]
fn the_verdict_names_the_grant_only_where_no_policy_would_do() {
    let trusts = ADMIN_ONLY.replace("role/Admin", "root");
    let view = seen(&trusts, &[grant(APP, &["Decrypt", "Encrypt"])]);
    let entry = &view.estate.principals[0];
    let (asker, side) = (Asker::of(entry), key_side(&view.estate.keys[0]));
    let way = |action: &str| {
        let worlds = asker.may(&view.estate, &Guard::ALWAYS, &side, Action::named(action).unwrap());
        assert!(worlds[0].verdict.statements.iter().any(|applied| applied.policy == PolicyRef::Grants));
        worlds[0].verdict.way
    };
    assert_eq!(way("kms:Decrypt"), Some(Way::Delegation));
    assert_eq!(way("kms:Encrypt"), Some(Way::Grant));
    let worlds = asker.may(&view.estate, &Guard::ALWAYS, &side, Action::named("kms:Encrypt").unwrap());
    assert_eq!(worlds[0].verdict.sides.as_slice(), [Side::Grants]);
}

#[test]
fn a_key_whose_grants_are_not_listed_is_decided_by_its_policy_and_why_says_so() {
    let without = json!([{"KeyMetadata": {"KeyId": ONE, "Arn": arn(ONE)}, "Policy": ADMIN_ONLY}]).to_string();
    let files = [("t/a.yaml", &*template()), ("kms/all.json", &*without)];
    assert_eq!(found(&check(&files, Some("111122223333")), ONE), ["ineffective-grant"]);
    let says = |view: &InView| asked(view, "Role", "kms:Decrypt").notes.iter().any(|note| note.contains("list-grants"));
    assert!(says(&look(&files)));
    assert!(!says(&seen(ADMIN_ONLY, &[])));
    let empty = format!("kms/{ONE}/grants.json");
    let listed = look(&[files[0], files[1], (empty.as_str(), r#"{"Grants": []}"#)]);
    assert!(!says(&listed));
}

#[test]
fn a_list_of_grants_alone_names_its_key() {
    let list = json!({"Grants": [grant(APP, &["Decrypt"])]}).to_string();
    let view = look(&[("t/a.yaml", &template()), ("kms/all.json", &list)]);
    assert_eq!(view.estate.keys.len(), 1);
    let answered = asked(&view, "Role", "kms:Decrypt");
    // The key policy could still deny it.
    assert_eq!(answered.worlds[0].answer, Answer::Undecided);
}
