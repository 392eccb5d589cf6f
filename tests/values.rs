//! Lowering and evaluation on short templates, and on every template at hand.

use std::path::{Path, PathBuf};

use kmslint::resolve::{Environment, Links, Resolved, Scope, StackId, Symbol, Text, Value, Worlds};
use kmslint::source::{FileId, SourceFile, Span};
use kmslint::template::{Template, is_template, lower};

/// No other stack is in view; parameters are what the list says.
pub(crate) struct Alone(pub(crate) Vec<(String, String)>);

impl Links for Alone {
    fn import(&self, _: StackId, name: &Text, _: Span) -> Resolved<Value> {
        Resolved::Known(Value::Text(Text::symbol(Symbol::Import(name.canonical()))))
    }

    fn stack_output(&self, _: StackId, name: &Text, output: &Text, _: Span) -> Resolved<Value> {
        Resolved::Known(Value::Text(Text::symbol(Symbol::Output(name.canonical(), output.canonical()))))
    }

    fn nested_output(&self, stack: StackId, child: &str, output: &str, _: Span) -> Resolved<Value> {
        Resolved::Known(Value::Text(Text::symbol(Symbol::Attribute(stack, child.to_owned(), output.to_owned()))))
    }

    fn parameter(&self, _: StackId, name: &str, _: Span) -> Option<Resolved<Value>> {
        let (_, value) = self.0.iter().find(|(parameter, _)| parameter == name)?;
        Some(Resolved::Known(Value::Text(Text::literal(value))))
    }
}

pub(crate) const STACK: StackId = StackId(0);

pub(crate) fn environment() -> Environment {
    Environment {
        account: Text::symbol(Symbol::Account(STACK)),
        region: Text::symbol(Symbol::Region(STACK)),
        partition: Text::symbol(Symbol::Partition(STACK)),
        stack_name: Text::symbol(Symbol::Pseudo(STACK, "AWS::StackName".to_owned())),
    }
}

pub(crate) fn template(text: &str) -> Template {
    let source = SourceFile::new(FileId(0), "t.yaml".to_owned(), text.to_owned());
    lower(&kmslint::syntax::parse(&source))
}

/// Evaluates in a stack whose parameters are supplied as listed.
pub(crate) fn in_stack<T>(template: &Template, supplied: &[(&str, &str)], run: impl FnOnce(&Scope<'_>) -> T) -> T {
    let links = Alone(supplied.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
    let environment = environment();
    let given = |name: &str| links.0.iter().find(|(id, _)| id == name).map(|(_, value)| Text::literal(value));
    let worlds = Worlds::new(template, STACK, &environment, &given);
    run(&Scope { stack: STACK, template, environment: &environment, links: &links, worlds: &worlds })
}

/// The folder with templates that are not part of the project, where it stands beside it.
fn shared() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    ["../shared", "../../shared"].iter().map(|path| root.join(path)).find(|path| path.is_dir())
}

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, into);
        } else if path.extension().is_some_and(|kind| ["yaml", "yml", "json", "template"].iter().any(|k| kind == *k)) {
            into.push(path);
        }
    }
}

#[test]
fn every_template_at_hand_is_lowered_and_evaluated() {
    let Some(shared) = shared() else { return };
    let mut paths = Vec::new();
    files(&shared.join("corpus"), &mut paths);
    files(&shared.join("cases"), &mut paths);
    let show = std::env::var("SHOW").unwrap_or_default();
    let mut templates = 0;
    for path in paths {
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        let source = SourceFile::new(FileId(0), path.display().to_string(), text);
        let tree = kmslint::syntax::parse(&source);
        if !is_template(&tree) {
            if show == "skipped" {
                println!("skipped {}", path.display())
            }
            continue;
        }
        templates += 1;
        let template = lower(&tree);
        in_stack(&template, &[], |scope| {
            for resource in &template.resources {
                let value = scope.value(&resource.properties);
                assert!(!template.path_of(resource.properties.span).is_empty());
                if !show.is_empty() && path.display().to_string().contains(&show) {
                    println!("{} {:#?}", resource.name.value, value);
                }
                if show == "unknown" {
                    unknown(&value, &mut |cause| println!("unknown: {cause}"))
                }
            }
            for output in &template.outputs {
                for expr in output.export.iter().chain([&output.value]) {
                    assert_eq!(scope.value(expr).span, expr.span);
                }
            }
            for (name, _) in &template.conditions {
                let decided = scope.worlds.decided(&name.value);
                if show == "decided" && decided.is_some() {
                    println!("{} {decided:?} {}", name.value, path.display())
                }
            }
        });
    }
    println!("{templates} templates");
}

fn unknown(value: &kmslint::resolve::Valued, see: &mut dyn FnMut(&str)) {
    for (_, value) in value.value.iter() {
        match value {
            Value::Unknown(cause) => see(&cause.why),
            Value::List(items) => items.iter().for_each(|item| unknown(item, see)),
            Value::Map(entries) => entries.iter().for_each(|(_, item)| unknown(item, see)),
            _ => {}
        }
    }
}
