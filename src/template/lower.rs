//! A tree of nodes becomes a template, section by section.

use super::expr::{Lowering, Mode};
use super::{Expr, Form, Name, Opaque, Output, Parameter, Resource, Rule, Template};
use crate::source::{Span, Spanned};
use crate::syntax::{Kind, Node, Style, Tree};

/// Transforms that add to a template without changing what its author wrote about keys and policies.
const KNOWN_TRANSFORMS: [&str; 4] =
    ["AWS::Serverless-", "AWS::LanguageExtensions", "AWS::SecretsManager-", "AWS::CodeDeployBlueGreen"];

/// Whether a file is a CloudFormation template: it has resources with types, or says so itself.
#[must_use]
pub fn is_template(tree: &Tree) -> bool {
    let Some(root) = tree.root() else { return false };
    if !matches!(root.kind(), Kind::Mapping(_)) {
        return false;
    }
    let resources = root.get("Resources");
    if resources.is_some_and(|resources| resources.entries().any(|(key, value)| is_resource(key, value))) {
        return true;
    }
    let is_map = |node: Node<'_>| matches!(node.kind(), Kind::Mapping(_));
    let has_version = root.get("AWSTemplateFormatVersion").and_then(Node::text).is_some();
    let has_transform = root.get("Transform").is_some_and(|transform| {
        std::iter::once(transform)
            .chain(transform.items())
            .any(|name| name.text().is_some_and(|text| text.starts_with("AWS::")))
    });
    (has_version || has_transform) && resources.is_none_or(is_map)
}

fn is_resource(key: Node<'_>, value: Node<'_>) -> bool {
    let is_call = key.text().is_some_and(|text| text.starts_with("Fn::ForEach::") || text == "Fn::Transform");
    is_call || value.get("Type").and_then(Node::text).is_some_and(|kind| kind.contains("::"))
}

/// Reads a tree as a template. Never fails: what is not understood is kept as opaque, with its reason.
#[must_use]
pub fn lower(tree: &Tree) -> Template {
    let mut template = Template {
        file: tree.file,
        transforms: Vec::new(),
        parameters: Vec::new(),
        mappings: Vec::new(),
        conditions: Vec::new(),
        rules: Vec::new(),
        resources: Vec::new(),
        outputs: Vec::new(),
        globals: None,
        opaque: Vec::new(),
    };
    let Some(root) = tree.root() else { return template };
    let mut lowering = Lowering::new(root.get("Mappings"));
    for (key, value) in root.entries() {
        match key.text().unwrap_or("") {
            "Transform" => transforms(value, &mut template),
            "Fn::Transform" => template.opaque.push(macro_call(key.span(), value)),
            "Parameters" => {
                template.parameters = value.entries().filter_map(|(name, body)| parameter(name, body)).collect()
            }
            "Rules" => template.rules = value.entries().map(|(_, body)| rule(&mut lowering, body)).collect(),
            "Globals" => template.globals = Some(lowering.expr(value, Mode::Value)),
            "Mappings" => {
                section(&mut lowering, value, &mut template.opaque, &mut template.mappings, |lowering, name, body| {
                    (name, lowering.expr(body, Mode::Value))
                });
            }
            "Conditions" => {
                section(
                    &mut lowering,
                    value,
                    &mut template.opaque,
                    &mut template.conditions,
                    |lowering, name, body| (name, lowering.expr(body, Mode::Condition)),
                );
            }
            "Resources" => section(&mut lowering, value, &mut template.opaque, &mut template.resources, resource),
            "Outputs" => section(&mut lowering, value, &mut template.opaque, &mut template.outputs, output),
            _ => {}
        }
    }
    super::globals::apply(&mut template);
    template
}

/// Lowers the entries of a section; what may add entries that are not seen is noted.
fn section<'t, T>(
    lowering: &mut Lowering<'t>,
    node: Node<'t>,
    opaque: &mut Vec<Opaque>,
    into: &mut Vec<T>,
    read: fn(&mut Lowering<'t>, Name, Node<'t>) -> T,
) {
    into.reserve_exact(node.entries().count());
    let unseen = lowering.each_entry(node, &mut |lowering, name, body| into.push(read(lowering, name, body)));
    opaque.extend(unseen);
}

fn transforms(node: Node<'_>, template: &mut Template) {
    let several = matches!(node.kind(), Kind::Sequence(_));
    let entries: Vec<Node<'_>> = if several { node.items().collect() } else { vec![node] };
    for entry in entries {
        let Some(name) = entry.text().or_else(|| entry.get("Name").and_then(Node::text)) else {
            template.opaque.push(macro_call(entry.span(), entry));
            continue;
        };
        template.transforms.push(Spanned::new(name.to_owned(), entry.span()));
        if !KNOWN_TRANSFORMS.iter().any(|known| name.starts_with(known)) {
            template.opaque.push(macro_call(entry.span(), entry));
        }
    }
}

/// What a macro may do where it is called.
fn macro_call(span: Span, node: Node<'_>) -> Opaque {
    Opaque { span, what: what_transform(node) }
}

/// A transform's name for people.
pub(super) fn what_transform(node: Node<'_>) -> String {
    match node.text().or_else(|| node.get("Name").and_then(Node::text)) {
        Some("AWS::Include") => "`AWS::Include`".to_owned(),
        Some(name) => format!("the macro `{name}`"),
        None => "a macro".to_owned(),
    }
}

fn parameter(name: Node<'_>, body: Node<'_>) -> Option<Parameter> {
    let text = |key: &str| body.get(key).and_then(written_text);
    Some(Parameter {
        name: Spanned::new(name.text()?.to_owned(), name.span()),
        kind: body.get("Type").and_then(Node::text).unwrap_or("String").to_owned(),
        default: text("Default"),
        allowed_values: body.get("AllowedValues").into_iter().flat_map(Node::items).filter_map(written_text).collect(),
        allowed_pattern: text("AllowedPattern"),
        span: join(name.span(), body.span()),
    })
}

/// A scalar as CloudFormation turns it into text.
fn written_text(node: Node<'_>) -> Option<Spanned<String>> {
    match node.kind() {
        Kind::Scalar(text, style) => {
            Some(Spanned::new(super::expr::text_of(text, style).unwrap_or_default().into_owned(), node.span()))
        }
        Kind::Sequence(_) | Kind::Mapping(_) => None,
    }
}

fn rule<'t>(lowering: &mut Lowering<'t>, body: Node<'t>) -> Rule {
    let asserts = body.get("Assertions").into_iter().flat_map(Node::items).filter_map(|entry| entry.get("Assert"));
    Rule {
        condition: body.get("RuleCondition").map(|node| lowering.expr(node, Mode::Condition)),
        assertions: asserts.map(|node| lowering.expr(node, Mode::Condition)).collect(),
    }
}

fn resource<'t>(lowering: &mut Lowering<'t>, name: Name, body: Node<'t>) -> Resource {
    let kind = body.get("Type").and_then(|node| lowering.name(node));
    let mut attribute = |key: &str| body.get(key).map(|node| lowering.expr(node, Mode::Value));
    let properties = attribute("Properties");
    let metadata = attribute("Metadata");
    let deletion_policy = attribute("DeletionPolicy");
    let update_replace_policy = attribute("UpdateReplacePolicy");
    let properties = properties.unwrap_or(Expr { span: body.span(), form: Form::Map(Vec::new()) });
    let is_written = matches!(body.kind(), Kind::Mapping(_)) && super::expr::function_of(body).is_none();
    let added = body.get("Fn::Transform").map(what_transform).or_else(|| {
        let has_loop = body.entries().any(|(key, _)| key.text().is_some_and(|text| text.starts_with("Fn::ForEach::")));
        has_loop.then(|| "a loop beside the properties".to_owned())
    });
    let added = added.or_else(|| (!is_written).then(|| "a resource that is not written here".to_owned()));
    Resource {
        span: join(name.span, body.span()),
        kind: kind.unwrap_or_else(|| Spanned::new(String::new(), name.span)),
        condition: body.get("Condition").and_then(|node| lowering.name(node)),
        depends_on: body.get("DependsOn").map(|node| names(lowering, node)).unwrap_or_default(),
        ignores_globals: body.get("IgnoreGlobals").map(|node| names(lowering, node)).unwrap_or_default(),
        properties: match added {
            Some(what) => Expr { span: properties.span, form: Form::Opaque(what) },
            None => properties,
        },
        metadata,
        deletion_policy,
        update_replace_policy,
        name,
    }
}

fn names(lowering: &Lowering<'_>, node: Node<'_>) -> Vec<Name> {
    std::iter::once(node).chain(node.items()).filter_map(|entry| lowering.name(entry)).collect()
}

fn output<'t>(lowering: &mut Lowering<'t>, name: Name, body: Node<'t>) -> Output {
    let value = body.get("Value").map(|node| lowering.expr(node, Mode::Value));
    Output {
        condition: body.get("Condition").and_then(|node| lowering.name(node)),
        value: value.unwrap_or(Expr { span: body.span(), form: Form::Null }),
        export: body.get("Export").and_then(|export| export.get("Name")).map(|node| lowering.expr(node, Mode::Value)),
        name,
    }
}

/// From the beginning of one span to the end of the other.
pub(super) fn join(from: Span, to: Span) -> Span {
    Span { file: from.file, start: from.start, end: to.end.max(from.end) }
}

/// Whether a scalar stands for nothing.
pub(super) fn is_null(text: &str, style: Style) -> bool {
    style == Style::Plain && matches!(crate::syntax::plain(text), crate::syntax::Plain::Null)
}
