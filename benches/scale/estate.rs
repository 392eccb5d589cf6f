//! A made-up estate: teams of twenty templates each, with a key a team, ten roles, and four links to keys of other stacks.

use super::templates;
use super::yaml;
use serde_json::Value;

/// Templates of a team.
pub(crate) const TEAM: usize = 20;

/// A template as a file.
#[derive(Debug)]
pub(crate) struct File {
    /// Below the estate's folder.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Numbers that look random and are the same for the same seed (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// The numbers of a seed.
    pub(crate) fn of(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap_or(0)
    }

    /// Whether it happens, in so many of a hundred cases.
    pub(crate) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// One of these.
    pub(crate) fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }
}

/// What the templates of a team are made from.
#[derive(Debug)]
pub(crate) struct Team {
    pub(crate) number: usize,
    /// The number of teams.
    pub(crate) teams: usize,
    pub(crate) dice: Dice,
}

impl Team {
    /// The team's name in names of things.
    pub(crate) fn name(&self) -> String {
        format!("team{:04}", self.number)
    }

    /// The name of some team, mostly one nearby.
    pub(crate) fn other(&mut self) -> String {
        let far = if self.dice.percent(80) { 4 } else { self.teams };
        format!("team{:04}", (self.number + self.dice.below(far)) % self.teams)
    }
}

/// The estate of about so many templates: whole teams, at least one.
pub(crate) fn files(count: usize, seed: u64) -> Vec<File> {
    let teams = count.div_ceil(TEAM).max(1);
    (0..teams).flat_map(|number| team(number, teams, seed)).collect()
}

fn team(number: usize, teams: usize, seed: u64) -> Vec<File> {
    let dice = Dice::of(seed ^ (number as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93));
    let mut team = Team { number, teams, dice };
    let written = templates::all(&mut team);
    written.into_iter().map(|(name, template)| file(&mut team, name, &template)).collect()
}

/// A template that a tool made is JSON; of those written by hand, a quarter.
fn file(team: &mut Team, name: &str, template: &Value) -> File {
    let folder = team.name();
    let made = name.starts_with("cdk/");
    if made || team.dice.percent(25) {
        let text = serde_json::to_string_pretty(template).unwrap_or_default();
        let ending = if made { "template.json" } else { "json" };
        return File { path: format!("{folder}/{name}.{ending}"), text };
    }
    File { path: format!("{folder}/{name}.yaml"), text: yaml::write(template) }
}
