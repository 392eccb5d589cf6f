//! Whole projects with what is known to be wrong with them, and what is known to be right: `testdata/cases`.

use kmslint::discover::{Request, discover};
use kmslint::estate::{self, Deployed, Input, Source};
use kmslint::finding::Finding;
use kmslint::rules::{self, Cx, RULES};
use kmslint::source::Sources;
use kmslint::{syntax, template};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The kinds of defects in `truth.json`, and the rules that speak about them.
const KINDS: [(&str, &[&str]); 20] = [
    ("alias-as-resource", &["alias-arn-in-resource"]),
    ("aws-managed-key-grant-useless", &["managed-key-grant"]),
    (
        "aws-managed-key-unsupported",
        &[
            "alarm-blocked-by-key",
            "cloudtrail-blocked-by-key",
            "eventbridge-blocked-by-key",
            "s3-notification-blocked-by-key",
            "sns-to-sqs-blocked-by-key",
        ],
    ),
    (
        "cross-account-grant-unverified",
        &["imported-key-grant", "unresolved-key-grant", "one-sided-cross-account-grant"],
    ),
    ("dependency-cycle", &["circular-key-dependency", "cross-stack-cycle", "latent-cross-stack-cycle"]),
    ("duplicate-alias", &["duplicate-alias"]),
    ("imported-key-grant-unverified", &["imported-key-grant", "unresolved-key-grant"]),
    ("ineffective-grant", &["ineffective-grant"]),
    ("ineffective-statement", &["statement-without-effect"]),
    ("invalid-alias-name", &["invalid-alias-name", "reserved-alias-name"]),
    ("invalid-alias-target", &["alias-targets-alias"]),
    ("invalid-rotation-period", &["rotation-period-out-of-range", "rotation-period-without-rotation"]),
    ("key-id-as-resource", &["key-id-in-resource"]),
    ("key-lockout", &["key-policy-lockout"]),
    ("missing-root-trust", &["missing-root-trust", "partial-root-trust", "key-policy-lockout"]),
    ("overly-broad-principal", &["public-key-policy", "via-service-only"]),
    ("public-key-policy", &["public-key-policy", "via-service-only"]),
    ("rotation-disabled", &["rotation-disabled", "rotation-period-without-rotation"]),
    ("rotation-unsupported", &["rotation-unsupported"]),
    (
        "service-principal-missing",
        &[
            "alarm-blocked-by-key",
            "cloudtrail-blocked-by-key",
            "eventbridge-blocked-by-key",
            "log-group-blocked-by-key",
            "s3-notification-blocked-by-key",
            "sns-to-sqs-blocked-by-key",
        ],
    ),
];

/// What all rules find in a folder.
fn lint(folder: &Path) -> (Sources, Vec<Finding>) {
    let request = Request {
        inputs: vec![folder.to_string_lossy().into_owned()],
        root: Some(folder.to_owned()),
        no_ignore: true,
        ..Request::default()
    };
    let found = discover(&request);
    let mut input = Input::default();
    let mut places = BTreeMap::new();
    for file in found.sources.iter() {
        let tree = syntax::parse(file);
        if !tree.problems.is_empty() || !template::is_template(&tree) {
            continue;
        }
        places.insert(file.id, input.sources.len());
        let duplicates = tree.duplicates.iter().map(|twice| (twice.key.clone(), twice.first, twice.again)).collect();
        input.sources.push(Source { template: template::lower(&tree), path: file.path.clone(), duplicates });
    }
    for deployment in &found.deployments {
        let Some(source) = places.get(&deployment.file) else { continue };
        input.deployments.push(Deployed {
            source: *source,
            name: deployment.name.clone(),
            named: deployment.named,
            account: deployment.account.clone(),
            region: deployment.region.clone(),
            scope: deployment.scope.0,
            depends_on: deployment.depends_on.clone(),
            constructs: deployment.constructs.clone(),
            standalone: deployment.standalone,
            reported: deployment.reported,
            parameters: std::collections::BTreeMap::new(),
        });
    }
    let estate = estate::build(input);
    let (findings, _) = rules::run(&Cx::new(&estate), RULES);
    (found.sources, findings)
}

/// An entry of `truth.json`.
struct Claim<'t> {
    kind: &'t str,
    file: &'t str,
    resource: Option<&'t str>,
    reason: &'t str,
}

fn claims<'t>(truth: &'t Value, list: &str) -> Vec<Claim<'t>> {
    let entries = truth[list].as_array().map(Vec::as_slice).unwrap_or_default();
    let certain = entries.iter().filter(|entry| entry["confidence"] != "optional");
    let claim = |entry: &'t Value| Claim {
        kind: entry["kind"].as_str().unwrap(),
        file: entry["template"].as_str().unwrap_or_default(),
        resource: entry["logicalId"].as_str(),
        reason: entry["reason"].as_str().unwrap_or_default(),
    };
    certain.map(claim).collect()
}

/// The rules for a kind of defect.
fn rules_for(kind: &str) -> &'static [&'static str] {
    KINDS.iter().find(|(name, _)| *name == kind).map_or(&[], |(_, rules)| rules)
}

/// Whether a finding is what a claim says; on the evidence too, where `anywhere`.
fn fits(sources: &Sources, finding: &Finding, claim: &Claim<'_>, anywhere: bool) -> bool {
    let evidence = finding.evidence.iter().filter(|_| anywhere).map(|label| &label.place);
    let mut places = std::iter::once(&finding.primary.place).chain(evidence);
    places.any(|place| {
        let path = sources.file(place.span.file).map_or("", |file| &file.path);
        path.ends_with(claim.file) && claim.resource.is_none_or(|resource| place.resource.as_deref() == Some(resource))
    })
}

/// Calls something with each case: its name, its truth, and what is found in it.
fn each_case(with: impl Fn(&str, &Value, &Sources, &[Finding])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/cases");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() > 40);
    for case in cases {
        let truth = serde_json::from_str(&std::fs::read_to_string(case.join("truth.json")).unwrap()).unwrap();
        for project in ["cdk.out", "templates"].map(|name| case.join(name)).iter().filter(|path| path.exists()) {
            let (sources, findings) = lint(project);
            with(&case.file_name().unwrap().to_string_lossy(), &truth, &sources, &findings);
        }
    }
}

#[test]
fn what_is_known_to_be_wrong_is_found() {
    let missed = std::cell::RefCell::new(Vec::new());
    each_case(|name, truth, sources, findings| {
        for claim in claims(truth, "expected") {
            let rules = rules_for(claim.kind);
            let is_it = |finding: &&Finding| rules.contains(&finding.rule.id) && fits(sources, finding, &claim, true);
            // A kind counts from the day on which all of its rules are there.
            let all_there = !rules.is_empty() && rules.iter().all(|id| rules::rule(id).is_some());
            if all_there && !findings.iter().any(|finding| is_it(&finding)) {
                missed.borrow_mut().push(format!("{name}: {} on {:?}: {}", claim.kind, claim.resource, claim.reason));
            }
        }
    });
    let missed = missed.into_inner();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn what_is_known_to_be_right_is_not_found() {
    let wrong = std::cell::RefCell::new(Vec::new());
    each_case(|name, truth, sources, findings| {
        for claim in claims(truth, "mustNotReport") {
            let rules = rules_for(claim.kind);
            let its = findings.iter().filter(|f| rules.contains(&f.rule.id) && fits(sources, f, &claim, false));
            wrong.borrow_mut().extend(its.map(|finding| format!("{name}: {}: {}", finding.message, claim.reason)));
        }
    });
    let wrong = wrong.into_inner();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
