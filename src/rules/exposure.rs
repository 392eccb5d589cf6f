//! Statements that admit everyone, and what limits them in each world.

use super::{Cx, Sink, trust};
use crate::estate::{Fact, Key};
use crate::finding::{Site, Subject};
use crate::policy::{
    Action, Condition, CrossAccount, Effect, KeyPolicy, Limits, Match, OperatorKind, Policy, Principal, Statement,
};
use crate::resolve::{Atom, Guard, Truth, assignments};
use crate::source::Span;

/// An Allow for everyone on a key, where its conditions limit callers in this way.
pub(super) struct Open<'e> {
    pub(super) key: &'e Key,
    pub(super) fact: &'e Fact,
    pub(super) statement: &'e Statement,
    /// The principal as written.
    pub(super) site: Site,
    /// What limits the callers.
    pub(super) limits: Limits,
    /// Where that is so.
    pub(super) guards: Vec<Guard>,
}

impl Open<'_> {
    /// Counts it, where it is not known what limits the callers.
    pub(super) fn count_unknown(&self, sink: &mut Sink<'_>) {
        if self.limits == Limits::Unknown {
            let why = "whether the conditions of this statement limit everyone is not known from here";
            sink.undecided("key policy", self.site, why).key = Some(self.key.name.clone());
        }
    }

    /// The statement, for `yields-to`.
    pub(super) fn subject(&self) -> Subject {
        Subject::Place(Site { stack: self.fact.stack, span: self.statement.span })
    }

    /// What the statement allows to other accounts, as written.
    pub(super) fn actions(&self) -> String {
        match &*self.statement.actions {
            Match::Only(patterns) => {
                let given = patterns
                    .iter()
                    .filter(|pattern| pattern.value.expand().any(|action| reaches_others(self.statement, action)));
                super::words::list(&given.map(|pattern| pattern.value.text.to_string()).collect::<Vec<_>>())
            }
            Match::AllExcept(patterns) => {
                let spared: Vec<String> = patterns.iter().map(|pattern| pattern.value.text.to_string()).collect();
                format!("everything but {}", super::words::list(&spared))
            }
            Match::Missing => String::new(),
        }
    }
}

/// Every Allow for everyone in the policies of declared keys; one entry for each kind of limit it has in some world.
pub(super) fn open_statements<'e>(cx: &Cx<'e>) -> Vec<Open<'e>> {
    opened(cx, |statement| match &statement.principals {
        Match::Only(principals) => {
            let everyone = principals.iter().filter(|principal| principal.value == Principal::Everyone);
            everyone.map(|principal| (principal.guard.clone(), principal.span)).collect()
        }
        Match::AllExcept(_) | Match::Missing => Vec::new(),
    })
}

/// Every Allow for everyone but some, in the same way.
pub(super) fn all_but_some<'e>(cx: &Cx<'e>) -> Vec<Open<'e>> {
    opened(cx, |statement| match &statement.principals {
        Match::AllExcept(spared) if spared.iter().all(|spared| spared.value != Principal::Everyone) => {
            let first = spared.first().map(|spared| (statement.guard.clone(), spared.span));
            first.into_iter().collect()
        }
        Match::AllExcept(_) | Match::Only(_) | Match::Missing => Vec::new(),
    })
}

/// The Allow statements whose principals admit others, by what limits them; `admits` says where and under which guards they do.
fn opened<'e>(cx: &Cx<'e>, admits: impl Fn(&Statement) -> Vec<(Guard, Span)>) -> Vec<Open<'e>> {
    let mut open = Vec::new();
    for (_, key, fact) in cx.estate.declared_keys() {
        let KeyPolicy::Document(policy) = &key.policy else { continue };
        for statement in policy.statements.iter().filter(|statement| statement.effect == Some(Effect::Allow)) {
            let admitted = admits(statement);
            if admitted.is_empty() || !is_on_key(key, statement) || !gives_something(statement) {
                continue;
            }
            for (guard, span) in admitted {
                let base = fact.guard.and(&statement.guard).and_then(|base| base.and(&guard));
                let Some(base) = base.filter(|guard| cx.estate.feasible(guard)) else { continue };
                let site = Site { stack: fact.stack, span };
                for (limits, guards) in by_limits(cx, policy, statement, &base) {
                    open.push(Open { key, fact, statement, site, limits, guards });
                }
            }
        }
    }
    open
}

/// Whether a statement may speak of the key that has it: not where all it names is something else.
fn is_on_key(key: &Key, statement: &Statement) -> bool {
    match &statement.resources {
        Match::Only(resources) => resources.iter().any(|resource| trust::may_be_own(key, &resource.value)),
        Match::AllExcept(_) => true,
        Match::Missing => false,
    }
}

/// Whether a statement gives other accounts something.
fn gives_something(statement: &Statement) -> bool {
    match &*statement.actions {
        Match::Only(patterns) => {
            patterns.iter().flat_map(|pattern| pattern.value.expand()).any(|action| reaches_others(statement, action))
        }
        Match::AllExcept(_) => true,
        Match::Missing => false,
    }
}

/// Whether an action works across accounts, and its requests can carry every condition key of KMS that the statement demands.
fn reaches_others(statement: &Statement, action: Action) -> bool {
    let demands = |condition: &&Condition| {
        condition.guard == statement.guard
            && condition.operator.is_some_and(|operator| {
                !operator.negated
                    && !operator.if_exists
                    && operator.kind != OperatorKind::Null
                    && operator.set.is_none()
            })
    };
    let mut demanded = statement.conditions.iter().filter(demands);
    action.info().cross_account == CrossAccount::Yes
        && demanded.all(|condition| action.carries(&condition.key.folded) != Truth::No)
}

/// What limits the callers of a statement in the worlds of `base`. Where that cannot be told, it is unknown.
fn by_limits(cx: &Cx<'_>, policy: &Policy, statement: &Statement, base: &Guard) -> Vec<(Limits, Vec<Guard>)> {
    let mut atoms: Vec<Atom> = guards_of(statement)
        .chain(policy.statements.iter().filter(|other| other.effect == Some(Effect::Deny)).flat_map(guards_of))
        .flat_map(|guard| guard.atoms().map(|(atom, _)| atom.clone()).collect::<Vec<_>>())
        .filter(|atom| !base.atoms().any(|(known, _)| known == atom))
        .collect();
    atoms.sort();
    atoms.dedup();
    let feasible = |guard: &Guard| base.and(guard).is_some_and(|both| cx.estate.feasible(&both));
    let Some(choices) = assignments(&atoms, &feasible) else { return vec![(Limits::Unknown, vec![base.clone()])] };
    let mut found: Vec<(Limits, Vec<Guard>)> = Vec::new();
    for choice in choices {
        let mut chosen = atoms.iter().zip(choice);
        let world = chosen.try_fold(base.clone(), |world, (atom, holds)| world.and(&Guard::of(atom.clone(), holds)));
        let Some(world) = world else { continue };
        let limits = limits_in(policy, statement, &world);
        match found.iter_mut().find(|(known, _)| *known == limits) {
            Some((_, guards)) => guards.push(world),
            None => found.push((limits, vec![world])),
        }
    }
    found.iter_mut().for_each(|(_, guards)| *guards = super::worlds::shorten(std::mem::take(guards)));
    found
}

fn guards_of(statement: &Statement) -> impl Iterator<Item = &Guard> {
    let conditions = statement.conditions.iter().flat_map(|condition| {
        let values = condition.values.iter().map(|value| &value.guard);
        let unknown = condition.unknown.iter().map(|value| &value.guard);
        std::iter::once(&condition.guard).chain(values).chain(unknown)
    });
    let unread = statement.unread.iter().map(|(_, cause)| &cause.guard);
    let unknown = statement.unknown.iter().map(|cause| &cause.guard);
    std::iter::once(&statement.guard).chain(conditions).chain(unread).chain(unknown)
}

/// What limits the callers in one world: the statement's own conditions, else a Deny that keeps the others out.
fn limits_in(policy: &Policy, statement: &Statement, world: &Guard) -> Limits {
    let holds = |guard: &Guard| holds_in(world, guard);
    let own = statement.limits_caller_where(&holds);
    if matches!(own, Limits::Limited | Limits::Unknown) {
        return own;
    }
    let unread = policy.unknown.iter().any(|unknown| holds(&unknown.guard) != Truth::No)
        || policy.statements.iter().any(|other| other.effect.is_none() && holds(&other.guard) != Truth::No);
    let denies = policy.statements.iter().filter(|other| other.effect == Some(Effect::Deny));
    let kept_out = denies.fold(Truth::No, |sum, deny| sum.or(keeps_out(deny, statement, &holds)));
    match kept_out {
        Truth::Yes => Limits::Limited,
        Truth::Unknown => Limits::Unknown,
        Truth::No if unread => Limits::Unknown,
        Truth::No => own,
    }
}

fn holds_in(world: &Guard, guard: &Guard) -> Truth {
    guard.atoms().fold(Truth::Yes, |sum, (atom, holds)| {
        let chosen = world.atoms().find(|(known, _)| *known == atom);
        sum.and(chosen.map_or(Truth::Unknown, |(_, known)| Truth::from(known == holds)))
    })
}

/// Whether a Deny leaves only some fixed callers what an Allow gives to everyone.
fn keeps_out(deny: &Statement, allow: &Statement, holds: &dyn Fn(&Guard) -> Truth) -> Truth {
    let written = holds(&deny.guard);
    if written == Truth::No || matches!(*deny.actions, Match::Missing) || matches!(deny.resources, Match::Missing) {
        return Truth::No;
    }
    let covered = covers(deny, allow);
    let kept_out = match &deny.principals {
        Match::AllExcept(spared) if spared.iter().any(|spared| spared.value == Principal::Everyone) => Truth::No,
        Match::AllExcept(_) if deny.conditions.is_empty() => Truth::Yes,
        Match::AllExcept(_) => Truth::Unknown,
        Match::Only(principals) if principals.iter().any(|principal| principal.value == Principal::Everyone) => {
            spares_fixed_callers(deny, holds)
        }
        Match::Only(_) | Match::Missing => Truth::No,
    };
    written.and(covered).and(kept_out)
}

/// Whether a Deny covers every action that an Allow gives.
fn covers(deny: &Statement, allow: &Statement) -> Truth {
    let everything = |statement: &Statement| match &*statement.actions {
        Match::Only(patterns) => patterns.iter().any(|pattern| pattern.value.is_everything()),
        Match::AllExcept(patterns) => patterns.is_empty(),
        Match::Missing => false,
    };
    if everything(deny) {
        return Truth::Yes;
    }
    match &*allow.actions {
        Match::Only(patterns) => {
            let actions = patterns.iter().flat_map(|pattern| pattern.value.expand());
            actions.fold(Truth::Yes, |sum, action| sum.and(trust::covers(deny, action)))
        }
        Match::AllExcept(_) => Truth::Unknown,
        Match::Missing => Truth::No,
    }
}

/// Whether the conditions of a Deny spare only callers that some value fixes: `StringNotEquals` on what would limit an Allow.
/// Further conditions let others escape; whom is not known.
fn spares_fixed_callers(deny: &Statement, holds: &dyn Fn(&Guard) -> Truth) -> Truth {
    let negated = |condition: &Condition| condition.operator.is_some_and(|operator| operator.negated);
    let mut opposite = deny.clone();
    opposite.conditions.retain(negated);
    let all_negated = opposite.conditions.len() == deny.conditions.len() && deny.conditions.len() == 1;
    for condition in &mut opposite.conditions {
        if let Some(operator) = &mut condition.operator {
            operator.negated = false;
            operator.if_exists = false;
        }
    }
    match opposite.limits_caller_where(holds) {
        Limits::Limited if all_negated => Truth::Yes,
        Limits::Limited | Limits::Unknown => Truth::Unknown,
        Limits::ViaServiceOnly | Limits::Nothing => Truth::No,
    }
}
