//! With less knowledge the engine says less, but nothing else: a definite answer is that of the concrete request.

use super::random;
use kmslint::authz::vector::Vector;
use kmslint::authz::{
    Attached, Caller, CallerKind, Context, ContextValue, Decision, IdentityPolicy, KeySide, Request, Verdict, decide,
    decide_in_worlds,
};
use kmslint::policy::{Action, KeyPolicy, Policy, PolicyKind, parse, valued};
use kmslint::resolve::{Atom, Cause, Guard, Piece, Resolved, StackId, Symbol, Text, Truth, Value, Valued};
use kmslint::source::{FileId, Span};
use proptest::prelude::*;
use serde_json::Value as Json;

const STACK: StackId = StackId(0);

fn span() -> Span {
    Span::new(FileId(0), 0, 0)
}

fn cause() -> Cause {
    Cause { span: span(), why: "not in view".to_owned() }
}

/// What a test takes away from a request.
trait Veil {
    /// A text of the request or of a policy.
    fn text(&self, text: &str) -> Text {
        Text::literal(text)
    }
    /// A node of a policy document, counted over all documents.
    fn node(&self, _number: usize, value: Value) -> Resolved<Value> {
        Resolved::Known(value)
    }
    /// The value of a context key.
    fn context(&self, _key: &str, value: ContextValue) -> ContextValue {
        value
    }
}

/// A veiled request.
struct Veiled {
    caller: Caller,
    identity: Vec<Policy>,
    boundary: Option<Policy>,
    key_arn: Text,
    account: Text,
    key_policy: KeyPolicy,
    action: Action,
    context: Context,
}

fn literal(text: &Text) -> &str {
    text.as_literal().unwrap()
}

impl Veiled {
    fn new(json: &Json, veil: &dyn Veil) -> Self {
        let plain = Vector::read(json).unwrap();
        let text = |text: &Text| veil.text(literal(text));
        let (arn, role, account) = (text(&plain.caller.arn), text(&plain.caller.role), text(&plain.caller.account));
        let caller = match plain.caller.kind {
            CallerKind::User => Caller::user(arn, account),
            CallerKind::Role => Caller::role(arn, account),
            _ => Caller::session(arn, role, account),
        };
        let mut number = 0;
        let mut document = |json: &Json, kind| parse(&veiled(&valued(json, span()), veil, &mut number), kind);
        let key_policy = KeyPolicy::Document(document(&json["key_policy"], PolicyKind::Key));
        let policies = json["identity_policies"].as_array().unwrap().iter();
        let identity = policies.map(|policy| document(&policy["document"], PolicyKind::Identity)).collect();
        let boundary = json["boundary"].get("document").map(|json| document(json, PolicyKind::Identity));
        let mut context = Context::complete();
        for (key, value) in json["context"].as_object().unwrap() {
            let value = match value {
                Json::Array(items) => {
                    ContextValue::Many(items.iter().map(|item| veil.text(item.as_str().unwrap())).collect())
                }
                value => ContextValue::One(veil.text(value.as_str().unwrap())),
            };
            context.set(key, veil.context(key, value));
        }
        Self {
            caller,
            identity,
            boundary,
            key_arn: veil.text(&plain.key_arn),
            account: veil.text(&plain.account),
            key_policy,
            action: plain.action,
            context,
        }
    }

    fn ask<T>(&self, with: impl FnOnce(&Request<'_>) -> T) -> T {
        let key = KeySide::new(self.key_arn.clone(), self.account.clone(), &self.key_policy, span());
        let identity: Vec<_> = self.identity.iter().map(IdentityPolicy::always).collect();
        let boundary: Vec<_> = self.boundary.iter().map(IdentityPolicy::always).collect();
        with(&Request {
            caller: &self.caller,
            identity: &identity,
            boundary: &boundary,
            key: &key,
            action: self.action,
            context: &self.context,
        })
    }

    fn decide(&self) -> (Decision, Truth) {
        self.ask(|request| summary(&decide(request)))
    }
}

fn summary(verdict: &Verdict<'_>) -> (Decision, Truth) {
    (verdict.decision, verdict.allowed)
}

fn veiled(value: &Valued, veil: &dyn Veil, number: &mut usize) -> Valued {
    let own = *number;
    *number += 1;
    let new = match value.value.known().unwrap() {
        Value::Text(text) => Value::Text(veil.text(literal(text))),
        Value::List(items) => Value::List(items.iter().map(|item| veiled(item, veil, number)).collect()),
        Value::Map(entries) => {
            Value::Map(entries.iter().map(|(key, value)| (key.clone(), veiled(value, veil, number))).collect())
        }
        other => other.clone(),
    };
    Valued { span: value.span, value: veil.node(own, new) }
}

/// Text in which every occurrence of some text is a hole.
fn with_hole(text: &str, hidden: &str, symbol: &Symbol) -> Text {
    let mut whole = Text::default();
    for (index, part) in text.split(hidden).enumerate() {
        if index > 0 {
            whole.push(&Text::symbol(symbol.clone()));
        }
        whole.push_str(part);
    }
    whole
}

struct Hide(String, Symbol);

impl Veil for Hide {
    fn text(&self, text: &str) -> Text {
        with_hole(text, &self.0, &self.1)
    }
}

/// Takes some context keys away.
struct Forget(u64);

impl Veil for Forget {
    fn context(&self, key: &str, value: ContextValue) -> ContextValue {
        if !chance(self.0, key, 2) {
            return value;
        }
        match value {
            ContextValue::One(_) if chance(self.0, key, 3) => ContextValue::Present,
            ContextValue::One(text) if chance(self.0, key, 5) && text.pieces() == [Piece::Literal("x".into())] => {
                ContextValue::IfPresent(text)
            }
            _ => ContextValue::Unknown,
        }
    }
}

/// A decision that looks random but depends on the seed and the name alone.
fn chance(seed: u64, name: &str, one_in: u64) -> bool {
    let mixed = name.bytes().fold(seed ^ 0x9E37_79B9_7F4A_7C15, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3).rotate_left(17)
    });
    (mixed >> 7).is_multiple_of(one_in)
}

/// Hides a few nodes of the documents.
struct Obscure(u64);

impl Veil for Obscure {
    fn node(&self, number: usize, value: Value) -> Resolved<Value> {
        let hide = chance(self.0, &number.to_string(), 25);
        Resolved::Known(if hide { Value::Unknown(cause()) } else { value })
    }
}

fn choice(name: &str, holds: bool) -> Guard {
    Guard::of(Atom::Condition { stack: STACK, name: name.to_owned() }, holds)
}

/// Makes some nodes depend on one of two conditions; where the right ones hold the document is as it was.
struct Depend(u64);

impl Veil for Depend {
    fn node(&self, number: usize, value: Value) -> Resolved<Value> {
        let name = number.to_string();
        if !chance(self.0, &name, 8) {
            return Resolved::Known(value);
        }
        let condition = if chance(self.0, &name, 3) { "A" } else { "B" };
        let other = match &value {
            _ if chance(self.0, &name, 5) => Value::Unknown(cause()),
            Value::Text(text) if chance(self.0, &name, 2) => {
                Value::Text(if literal(text) == "Allow" { Text::literal("Deny") } else { Text::literal("*") })
            }
            _ => Value::Absent,
        };
        Resolved::Depends(vec![(choice(condition, true), value), (choice(condition, false), other)])
    }
}

fn concrete(vector: &Json) -> (Decision, Truth) {
    struct Nothing;
    impl Veil for Nothing {}
    Veiled::new(vector, &Nothing).decide()
}

/// Whether the answer to a veiled request contradicts the concrete one.
fn contradicts(veiled: (Decision, Truth), concrete: (Decision, Truth)) -> bool {
    let decision = veiled.0 != Decision::Undecided && veiled.0 != concrete.0;
    decision || (veiled.1 != Truth::Unknown && veiled.1 != concrete.1)
}

/// The answer that a vector expects.
fn expected(vector: &Json) -> (Decision, Truth) {
    match vector["expected"].as_str().unwrap() {
        "allow" => (Decision::Allow, Truth::Yes),
        "explicit_deny" => (Decision::ExplicitDeny, Truth::No),
        _ => (Decision::ImplicitDeny, Truth::No),
    }
}

/// A part of the vectors, of all families.
fn some_vectors() -> Vec<&'static Json> {
    crate::vectors::all().iter().step_by(7).collect()
}

/// Veils vectors and returns the share of definite answers, in percent.
fn share_of_definite(veil: impl Fn(usize, &Json) -> Box<dyn Veil>) -> usize {
    let vectors = some_vectors();
    let mut definite = 0;
    for (index, vector) in vectors.iter().enumerate() {
        let answer = Veiled::new(vector, &*veil(index, vector)).decide();
        let concrete = expected(vector);
        assert!(!contradicts(answer, concrete), "{}: {answer:?} but {concrete:?}", vector["id"]);
        definite += usize::from(answer.0 != Decision::Undecided);
    }
    definite * 100 / vectors.len()
}

fn arn_part(vector: &Json, part: usize) -> String {
    vector["key_arn"].as_str().unwrap().split(':').nth(part).unwrap().to_owned()
}

#[test]
fn an_unknown_account_changes_no_definite_answer() {
    let share = share_of_definite(|_, vector| Box::new(Hide(arn_part(vector, 4), Symbol::Account(STACK))));
    assert!(share > 80, "{share} %");
}

#[test]
fn an_account_from_a_parameter_changes_no_definite_answer() {
    let symbol = || Symbol::Parameter(STACK, "Account".into());
    let share = share_of_definite(|_, vector| Box::new(Hide(arn_part(vector, 4), symbol())));
    assert!(share > 75, "{share} %");
}

#[test]
fn an_unknown_region_changes_no_definite_answer() {
    let share = share_of_definite(|_, vector| Box::new(Hide(arn_part(vector, 3), Symbol::Region(STACK))));
    assert!(share > 80, "{share} %");
}

#[test]
fn an_unknown_partition_changes_no_definite_answer() {
    struct Partition(String);
    impl Veil for Partition {
        fn text(&self, text: &str) -> Text {
            let Some(rest) = text.strip_prefix(&format!("arn:{}:", self.0)) else { return Text::literal(text) };
            let mut new = Text::literal("arn:");
            new.push(&Text::symbol(Symbol::Partition(STACK)));
            new.push_str(":");
            new.push_str(rest);
            new
        }
    }
    let share = share_of_definite(|_, vector| Box::new(Partition(arn_part(vector, 1))));
    assert!(share > 95, "{share} %");
}

#[test]
fn a_key_that_a_stack_makes_changes_no_definite_answer() {
    let id = |vector: &Json| arn_part(vector, 5).trim_start_matches("key/").to_owned();
    let share = share_of_definite(|_, vector| Box::new(Hide(id(vector), Symbol::Resource(STACK, "Key".into()))));
    assert!(share > 80, "{share} %");
}

#[test]
fn context_that_is_not_known_changes_no_definite_answer() {
    let share = share_of_definite(|index, _| Box::new(Forget(index as u64)));
    assert!(share > 60, "{share} %");
}

#[test]
fn documents_that_are_read_in_part_change_no_definite_answer() {
    let share = share_of_definite(|index, _| Box::new(Obscure(index as u64)));
    assert!(share > 15, "{share} %");
}

#[test]
fn what_depends_on_conditions_is_decided_in_each_world() {
    for (index, vector) in some_vectors().into_iter().enumerate() {
        let veiled = Veiled::new(vector, &Depend(index as u64));
        let concrete = expected(vector);
        assert!(!contradicts(veiled.decide(), concrete), "{}", vector["id"]);
        let as_it_was = choice("A", true).and(&choice("B", true)).unwrap();
        veiled.ask(|request| {
            let worlds = decide_in_worlds(request, &|_| true);
            let holds = |guard: &Guard| guard.and(&as_it_was).is_some();
            let there: Vec<_> = worlds.iter().filter(|world| holds(&world.guard)).collect();
            assert_eq!(there.len(), 1, "one world for each deployment: {}", vector["id"]);
            assert_eq!(summary(&there[0].verdict), concrete, "{}", vector["id"]);
        });
    }
}

#[test]
fn a_policy_that_is_not_in_view_leaves_only_what_it_cannot_change() {
    for vector in some_vectors() {
        let plain = Vector::read(vector).unwrap();
        let unknown = vec![IdentityPolicy { guard: Guard::ALWAYS, policy: Attached::Unknown(cause()) }];
        let hidden = KeyPolicy::Unknown(cause());
        let key = KeySide::new(Text::literal(&plain.key_arn), Text::literal(&plain.account), &hidden, span());
        let (open, attached, bounds) = (plain.key(), plain.attached(), plain.bounds());
        let concrete = expected(vector);
        for request in [
            plain.request(&key, &attached, &bounds),
            plain.request(&open, &unknown, &bounds),
            plain.request(&open, &attached, &unknown),
        ] {
            let answer = summary(&decide(&request));
            let bounded = request.boundary.len() != bounds.len();
            assert!(bounded || !contradicts(answer, concrete), "{}: {answer:?} but {concrete:?}", vector["id"]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_requests_keep_their_answers_under_every_veil(vector in random::vector(), seed in any::<u64>()) {
        let concrete = concrete(&vector);
        let veils: [Box<dyn Veil>; 6] = [
            Box::new(Hide(random::OWNER.to_owned(), Symbol::Account(STACK))),
            Box::new(Hide("eu-west-1".to_owned(), Symbol::Region(STACK))),
            Box::new(Hide("mrk-1234".to_owned(), Symbol::Resource(STACK, "Key".into()))),
            Box::new(Hide("red".to_owned(), Symbol::Parameter(STACK, "Team".into()))),
            Box::new(Forget(seed)),
            Box::new(Obscure(seed)),
        ];
        for veil in &veils {
            let answer = Veiled::new(&vector, &**veil).decide();
            prop_assert!(concrete.0 == Decision::Undecided || !contradicts(answer, concrete), "{:#}", vector);
        }
    }
}
