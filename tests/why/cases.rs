//! Every grant of every case is asked about: the answer can be rendered, and what it offers works when the templates are changed so.

use super::{answers, in_view, page};
use kmslint::InView;
use kmslint::estate::{Estate, Grant, KeyOrigin, Target};
use kmslint::policy::Action;
use kmslint::report::{Style, WhyFormat, why as render};
use kmslint::view::why::{Answer, Repair, Why, why};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn projects() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/cases");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    let both = |case: &PathBuf| ["cdk.out", "templates"].map(|name| case.join(name));
    cases.iter().flat_map(both).filter(|path| path.exists()).collect()
}

/// A question about an estate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Question {
    principal: String,
    action: Action,
    key: String,
}

impl Question {
    fn ask(&self, estate: &Estate) -> Option<Why> {
        why(estate, &self.principal, self.action, &self.key).ok()
    }
}

/// What each grant gives, as questions: its first and last action on a key.
fn questions(estate: &Estate) -> BTreeSet<Question> {
    let of_grant = |grant: &Grant<'_>| {
        let Target::Key(key) = grant.target else { return Vec::new() };
        let key = estate.key(key).unwrap();
        let named = |stack, name: &str| format!("{}/{name}", estate.stack(stack).unwrap().name);
        let name = if grant.entry.declared { &grant.entry.logical } else { &grant.entry.name };
        let key = key.stack.map_or_else(|| key.arn.to_string(), |stack| named(stack, &key.name));
        let principal = named(grant.entry.stack, name);
        let patterns = grant.statement.actions.elements().iter();
        let actions: Vec<Action> = patterns.flat_map(|pattern| pattern.value.expand()).collect();
        let ends: Vec<Action> = actions.first().into_iter().chain(actions.last()).copied().collect();
        ends.into_iter().map(|action| Question { principal: principal.clone(), action, key: key.clone() }).collect()
    };
    estate.grants().iter().flat_map(of_grant).collect()
}

fn check_page(view: &InView, why: &Why) {
    for width in [80, 100] {
        let page = page(view, why, width);
        let too_long = page.lines().find(|line| line.chars().count() > width && line.trim_start().contains(' '));
        let is_code = |line: &str| line.contains('$') || line.contains("addToResourcePolicy") || line.contains("arn:");
        assert!(too_long.is_none_or(is_code), "{width}: {too_long:?}\n{page}");
    }
    let json: Value = serde_json::from_str(&render(WhyFormat::Json, why, &view.sources, &Style::default())).unwrap();
    assert_eq!(json["version"], 1);
    assert_eq!(json["worlds"].as_array().unwrap().len(), why.worlds.len());
}

#[test]
fn every_grant_of_every_case_has_an_answer_that_reads() {
    let mut asked = 0;
    for project in projects() {
        let view = in_view(&project);
        for question in questions(&view.estate) {
            let Some(why) = question.ask(&view.estate) else { continue };
            asked += 1;
            check_page(&view, &why);
        }
    }
    assert!(asked > 50, "{asked}");
}

/// Makes the changes of a repair in the JSON templates of a folder; false where one is not there to make.
fn make(repair: &Repair, folder: &Path, view: &InView) -> bool {
    repair.steps.iter().all(|step| {
        let (Some(place), Some(statement)) = (&step.place, &step.statement) else { return false };
        let Some(resource) = &place.resource else { return false };
        let path = folder.join(&view.sources.file(place.span.file).unwrap().path);
        let Ok(mut template) = serde_json::from_str::<Value>(&fs::read_to_string(&path).unwrap()) else { return false };
        if serde_json::to_string(statement).unwrap().contains("ImportValue") {
            return false;
        }
        let resource = &mut template["Resources"][resource.as_str()];
        let root = json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*",
            "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}});
        let document = match resource["Type"].as_str().unwrap() {
            "AWS::KMS::Key" => {
                let properties = &mut resource["Properties"];
                if properties["KeyPolicy"].is_null() {
                    properties["KeyPolicy"] = json!({"Version": "2012-10-17", "Statement": [root]});
                }
                &mut properties["KeyPolicy"]
            }
            "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" => &mut resource["Properties"]["PolicyDocument"],
            "AWS::IAM::Role" | "AWS::IAM::User" => {
                let properties = &mut resource["Properties"];
                if properties["Policies"].is_null() {
                    properties["Policies"] = json!([]);
                }
                let policies = properties["Policies"].as_array_mut().unwrap();
                policies
                    .push(json!({"PolicyName": "added", "PolicyDocument": {"Version": "2012-10-17", "Statement": []}}));
                &mut policies.last_mut().unwrap()["PolicyDocument"]
            }
            _ => return false,
        };
        let Some(statements) = document["Statement"].as_array_mut() else { return false };
        statements.push(statement.clone());
        fs::write(&path, template.to_string()).unwrap();
        true
    })
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &target) } else { fs::write(target, fs::read(&path).unwrap()).unwrap() }
    }
}

/// Every principal of an estate with every key: most of these are denied.
fn strangers(estate: &Estate) -> Vec<Question> {
    let mut questions = Vec::new();
    for entry in estate.principals.iter().filter(|entry| entry.declared) {
        for (_, key) in estate.keys().filter(|(_, key)| matches!(key.origin, KeyOrigin::Declared { .. })) {
            let stack = |id| &estate.stack(id).unwrap().name;
            questions.push(Question {
                principal: format!("{}/{}", stack(entry.stack), entry.logical),
                action: Action::named("kms:Decrypt").unwrap(),
                key: format!("{}/{}", stack(key.stack.unwrap()), key.name),
            });
        }
    }
    questions
}

#[test]
fn a_repair_that_is_made_in_the_templates_as_it_is_offered_works() {
    let (mut made, mut offered) = (0, 0);
    for project in projects() {
        let view = in_view(&project);
        let questions = questions(&view.estate).into_iter().chain(strangers(&view.estate)).collect::<BTreeSet<_>>();
        for question in questions {
            let Some(why) = question.ask(&view.estate) else { continue };
            let denied = why.worlds.first().filter(|world| world.answer == Answer::Denied && world.guard.is_always());
            for repair in
                denied.map_or(&[][..], |world| &world.repairs).iter().filter(|repair| repair.within.is_empty())
            {
                offered += 1;
                let folder = tempfile::tempdir().unwrap();
                copy(&project, folder.path());
                if !make(repair, folder.path(), &view) {
                    continue;
                }
                made += 1;
                let again = question.ask(&in_view(folder.path()).estate).unwrap();
                let works =
                    answers(&again).iter().all(|answer| !matches!(answer, Answer::Denied | Answer::DeniedExplicitly));
                assert!(works, "{}: {question:?}\n{repair:#?}\n{:?}", project.display(), answers(&again));
                if repair.then.starts_with("the key policy") {
                    assert_eq!(answers(&again), [Answer::Allowed], "{}: {question:?}\n{repair:#?}", project.display());
                }
            }
        }
    }
    assert!(made > 25, "{made} of {offered}");
}
