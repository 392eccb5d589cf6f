//! A service is admitted that never calls KMS by its own name for what the key is used for.

use super::statements::{self, Written};
use super::{Cx, Rule, Sink};
use crate::estate::{Estate, Fact, KeyId};
use crate::finding::Meta;
use crate::policy::{Action, Effect, Guarded, Match, Principal};
use crate::resolve::{Text, Truth};
use crate::template::references;

pub(super) const RULE: Rule = Rule { meta: Meta::of(include_str!("../../rules/useless-service-principal.md")), check };

const LAMBDA: &str = "lambda.amazonaws.com";

/// What Lambda itself does with keys: it keeps packages and filter criteria. Source: the Lambda developer guide.
const OF_LAMBDA: [&str; 2] = ["kms:Decrypt", "kms:GenerateDataKey"];

/// Properties under whose key Lambda keeps variables: it decrypts them by a grant from whoever deployed the function.
const VARIABLES: [(&str, &str); 2] =
    [("AWS::Lambda::Function", "KmsKeyArn"), ("AWS::Serverless::Function", "KmsKeyArn")];

fn check(cx: &Cx<'_>, sink: &mut Sink<'_>) {
    for (id, key, fact) in cx.estate.declared_keys() {
        for written in statements::of_key(cx.estate, key, fact) {
            let Some(principal) = only_lambda(&written) else { continue };
            let Some(why) = why_useless(cx, id, fact, &written) else { continue };
            let Some(guard) = written.with(cx, &principal.guard) else { continue };
            sink.report(written.site(principal.span), format!("`{LAMBDA}` does nothing with `{}`", key.name))
                .when(&guard)
                .here(why)
                .about(written.subject())
                .help("drop the statement, and give the role of the function what its code needs");
        }
    }
}

/// The service Lambda, where an Allow is for it alone.
fn only_lambda<'w>(written: &Written<'w>) -> Option<&'w Guarded<Principal>> {
    let Match::Only(principals) = &written.statement.principals else { return None };
    let [principal] = principals.as_slice() else { return None };
    let Principal::Service(name) = &principal.value else { return None };
    let is_lambda = name.equals(&Text::literal(LAMBDA)) == Truth::Yes;
    (is_lambda && written.statement.effect == Some(Effect::Allow)).then_some(principal)
}

/// Why Lambda has no use for what a statement gives it; none where it may have one.
fn why_useless(cx: &Cx<'_>, id: KeyId, fact: &Fact, written: &Written<'_>) -> Option<&'static str> {
    let Match::Only(patterns) = &*written.statement.actions else { return None };
    let may_be_used = |name: &&str| {
        let action = Action::named(name);
        action.is_some_and(|action| patterns.iter().any(|pattern| pattern.value.matches(action) != Truth::No))
    };
    if !OF_LAMBDA.iter().any(may_be_used) {
        return Some("functions act by their roles, and Lambda itself does none of this");
    }
    holds_variables_alone(cx, id, fact)
        .then_some("variables are decrypted by a grant from whoever deploys the function, without this")
}

/// Whether the key is in view whole, and all that names it are the variables of functions.
fn holds_variables_alone(cx: &Cx<'_>, id: KeyId, fact: &Fact) -> bool {
    let mut holds_variables = false;
    for naming in cx.namings() {
        for named in &naming.named {
            if !cx.keys_of(&named.target).iter().any(|(_, key)| *key == id) {
                continue;
            }
            let consumer = naming.consumer;
            if !VARIABLES.contains(&(consumer.kind.as_str(), consumer.property)) {
                return false;
            }
            holds_variables = true;
        }
    }
    holds_variables && !is_exported(cx.estate, fact)
}

/// Whether an output of the stack shows the key to others.
fn is_exported(estate: &Estate, fact: &Fact) -> bool {
    let outputs = estate.template(fact.stack).map_or(&[][..], |template| template.outputs.as_slice());
    outputs.iter().any(|output| references(&output.value).any(|reference| reference.name == fact.name))
}
