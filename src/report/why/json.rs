//! `why` as JSON: `version` first, additions only.

use super::super::json::{self, Choice, Range, Tool};
use crate::finding::Place;
use crate::source::Sources;
use crate::view::why::{Answer, Part, Party, Policy, Repair, Statement, Step, Why, World};
use serde::Serialize;
use serde_json::Value;

pub(super) fn document<'a>(why: &'a Why, sources: &'a Sources) -> Document<'a> {
    let of = Maker { sources };
    Document {
        version: 1,
        tool: Tool::THIS,
        principal: of.party(&why.principal),
        action: &why.action,
        key: of.party(&why.key),
        worlds: why.worlds.iter().map(|world| of.world(world)).collect(),
        notes: &why.notes,
    }
}

struct Maker<'a> {
    sources: &'a Sources,
}

impl<'a> Maker<'a> {
    fn place(&self, place: Option<&'a Place>) -> Where<'a> {
        Where {
            file: place.and_then(|place| json::path(place.span, self.sources)),
            stack: place.and_then(|place| place.stack.as_deref()),
            resource: place.and_then(|place| place.resource.as_deref()),
            construct: place.and_then(|place| place.construct.as_deref()),
            path: place.map(|place| place.path.as_str()),
            range: place.and_then(|place| json::range(place.span, self.sources)),
        }
    }

    fn party(&self, party: &'a Party) -> PartyJson<'a> {
        let place = self.place(party.place.as_ref());
        PartyJson { name: &party.name, kind: party.kind, arn: &party.arn, place }
    }

    fn world(&self, world: &'a World) -> WorldJson<'a> {
        let unknown = world
            .unknown
            .iter()
            .map(|unknown| UnknownJson { text: &unknown.text, place: self.place(unknown.place.as_ref()) });
        WorldJson {
            when: json::choices(&world.guard),
            answer: match world.answer {
                Answer::Allowed => "allowed",
                Answer::Conditional => "conditional",
                Answer::DeniedExplicitly => "explicit_deny",
                Answer::Denied => "implicit_deny",
                Answer::Undecided => "undecided",
            },
            reasons: &world.reasons,
            policies: world.policies.iter().map(|policy| self.policy(policy)).collect(),
            unknown: unknown.collect(),
            repairs: world.repairs.iter().map(|repair| self.repair(repair)).collect(),
        }
    }

    fn policy(&self, policy: &'a Policy) -> PolicyJson<'a> {
        PolicyJson {
            title: &policy.title,
            place: self.place(policy.place.as_ref()),
            statements: policy.statements.iter().map(|statement| self.statement(statement)).collect(),
            remarks: &policy.remarks,
        }
    }

    fn statement(&self, statement: &'a Statement) -> StatementJson<'a> {
        StatementJson {
            name: &statement.name,
            part: match statement.part {
                Part::Allows => "allows",
                Part::Denies => "denies",
                Part::Depends => "depends",
                Part::Misses => "misses",
            },
            text: &statement.text,
            says: &statement.says,
            place: self.place(statement.place.as_ref()),
        }
    }

    fn repair(&self, repair: &'a Repair) -> RepairJson<'a> {
        RepairJson {
            steps: repair.steps.iter().map(|step| self.step(step)).collect(),
            then: &repair.then,
            within: repair.within.iter().map(json::choices).collect(),
        }
    }

    fn step(&self, step: &'a Step) -> StepJson<'a> {
        StepJson {
            text: &step.text,
            place: self.place(step.place.as_ref()),
            statement: step.statement.as_ref(),
            code: step.code.as_deref(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct Document<'a> {
    version: u32,
    tool: Tool,
    principal: PartyJson<'a>,
    action: &'a str,
    key: PartyJson<'a>,
    worlds: Vec<WorldJson<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct Where<'a> {
    file: Option<&'a str>,
    stack: Option<&'a str>,
    resource: Option<&'a str>,
    construct: Option<&'a str>,
    path: Option<&'a str>,
    range: Option<Range>,
}

#[derive(Serialize)]
struct PartyJson<'a> {
    name: &'a str,
    kind: &'a str,
    arn: &'a str,
    #[serde(flatten)]
    place: Where<'a>,
}

#[derive(Serialize)]
struct WorldJson<'a> {
    /// All of these hold; empty: always.
    when: Vec<Choice<'a>>,
    answer: &'a str,
    reasons: &'a [String],
    policies: Vec<PolicyJson<'a>>,
    unknown: Vec<UnknownJson<'a>>,
    repairs: Vec<RepairJson<'a>>,
}

#[derive(Serialize)]
struct PolicyJson<'a> {
    title: &'a str,
    #[serde(flatten)]
    place: Where<'a>,
    statements: Vec<StatementJson<'a>>,
    remarks: &'a [String],
}

#[derive(Serialize)]
struct StatementJson<'a> {
    name: &'a str,
    part: &'a str,
    text: &'a str,
    says: &'a str,
    #[serde(flatten)]
    place: Where<'a>,
}

#[derive(Serialize)]
struct UnknownJson<'a> {
    text: &'a str,
    #[serde(flatten)]
    place: Where<'a>,
}

#[derive(Serialize)]
struct RepairJson<'a> {
    steps: Vec<StepJson<'a>>,
    then: &'a str,
    /// Any of these, all of its entries; empty: wherever the answer holds.
    within: Vec<Vec<Choice<'a>>>,
}

#[derive(Serialize)]
struct StepJson<'a> {
    text: &'a str,
    #[serde(flatten)]
    place: Where<'a>,
    statement: Option<&'a Value>,
    code: Option<&'a str>,
}
