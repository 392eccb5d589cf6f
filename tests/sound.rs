//! No definite answer about an estate is contradicted by a deployment of it.
//!
//! Random templates go through the whole pipeline. Then everything that it could not know is chosen at random, every function is evaluated by
//! a second evaluator on JSON, and the second decision procedure decides the request with the policies that come out.

mod claims;
mod deploy;
mod found;
mod make;
mod reduce;
mod requests;

use deploy::Deployment;
use kmslint::estate::{Deployed, Estate, Input, Source, build};
use kmslint::resolve::{Atom, Guard, StackId, Truth};
use kmslint::source::{FileId, SourceFile};
use kmslint::{syntax, template};
use make::{Dice, Template};
use std::ops::AddAssign;

/// How many deployments each estate is held against, and how many are tried for that.
const DEPLOYMENTS: usize = 4;
const TRIES: usize = 24;

/// What was compared.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    deployments: usize,
    /// Verdicts of the engine that were held against a concrete one.
    verdicts: usize,
    /// Those that say yes or no.
    definite: usize,
    /// Deployments in which the survey or a rule says that something has no effect or is refused.
    claims: usize,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.deployments += other.deployments;
        self.verdicts += other.verdicts;
        self.definite += other.definite;
        self.claims += other.claims;
    }
}

fn estate(templates: &[Template]) -> Estate {
    let mut input = Input::default();
    for (at, written) in templates.iter().enumerate() {
        let path = format!("{}.json", written.name);
        let text = serde_json::to_string(&written.json).unwrap();
        let file = SourceFile::new(FileId(u32::try_from(at).unwrap()), path.clone(), text);
        let tree = syntax::parse(&file);
        assert!(tree.problems.is_empty(), "{:?}", tree.problems);
        input.sources.push(Source { template: template::lower(&tree), path, duplicates: Vec::new() });
        input.deployments.push(Deployed {
            account: written.account.clone(),
            region: written.region.clone(),
            ..Deployed::loose(at, &written.name)
        });
    }
    build(input)
}

/// An estate with some of its deployments.
struct Case<'c> {
    estate: &'c Estate,
    deployments: &'c [Deployment<'c>],
}

impl Case<'_> {
    /// The place of a stack of the estate in a deployment, if it is deployed there.
    fn stack(&self, deployment: &Deployment<'_>, id: StackId) -> Option<usize> {
        deployment.stack_called(&self.estate.stack(id)?.name)
    }

    /// Whether a guard holds in a deployment; unknown where it speaks of a stack that is not there.
    fn holds(&self, deployment: &Deployment<'_>, guard: &Guard) -> Truth {
        let chosen = |atom: &Atom| deployment.chosen(&self.estate.stack(atom.stack())?.name, atom);
        guard.holds(chosen)
    }
}

/// Holds an estate against some of its deployments.
fn compare(templates: &[Template], dice: &mut Dice) -> Result<Tally, String> {
    let mut deployments = Vec::new();
    for _ in 0..TRIES {
        if deployments.len() < DEPLOYMENTS {
            deployments.extend(deploy::deploy(templates, dice));
        }
    }
    let estate = estate(templates);
    let case = Case { estate: &estate, deployments: &deployments };
    let mut tally = Tally { deployments: deployments.len(), ..Tally::default() };
    requests::compare(&case, dice, &mut tally)?;
    claims::compare(&case, dice, &mut tally)?;
    Ok(tally)
}

/// Makes an estate from a seed and holds it against some of its deployments.
fn check(seed: u64) -> Result<Tally, String> {
    let mut dice = Dice::new(seed);
    let templates = make::templates(&mut dice);
    compare(&templates, &mut dice).map_err(|why| {
        if std::env::var_os("KMSLINT_REDUCE").is_some() {
            return format!("seed {seed}: {}", reduce::reduce(&templates));
        }
        let written: Vec<_> = templates.iter().map(|template| template.json.to_string()).collect();
        format!("seed {seed}: {why}\n{}", written.join("\n"))
    })
}

/// The seeds that are tried: the same in every run, and more of them where `PROPTEST_CASES` asks for it.
fn seeds() -> std::ops::Range<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let first = number("PROPTEST_RNG_SEED").unwrap_or(0);
    first..first + number("PROPTEST_CASES").unwrap_or(12)
}

#[test]
fn no_deployment_contradicts_a_definite_answer() {
    let mut tally = Tally::default();
    let mut contradictions = Vec::new();
    for seed in seeds() {
        match check(seed) {
            Ok(one) => tally += one,
            Err(why) if contradictions.len() < 3 => contradictions.push(why),
            Err(_) => {}
        }
    }
    println!("{tally:?}");
    assert!(contradictions.is_empty(), "{}", contradictions.join("\n\n"));
    assert!(tally.definite * 3 > tally.verdicts && tally.claims > 0, "{tally:?}");
}
