//! Nested stacks and stack sets: which template a resource deploys, and where.

use super::build::{Deployed, Input, Instance};
use super::stack_sets::{self, SetPlace};
use crate::finding::Construct;
use crate::resolve::StackId;
use crate::template::{Expr, Form, Resource, SubPiece, Template};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How deep stacks may nest; deeper ones are left out (CloudFormation itself has no such chains).
const DEEPEST: usize = 8;

/// A stack that a resource of a template deploys.
struct Child {
    logical: String,
    source: usize,
    /// Where, if a stack set deploys it.
    set: Option<SetPlace>,
    /// Its constructs, as far as the assembly tells those of the template.
    constructs: Option<Arc<BTreeMap<String, Construct>>>,
}

/// The templates in view, by their paths and by the names under which they are uploaded.
struct Files<'i> {
    by_path: BTreeMap<&'i str, usize>,
    uploads: &'i BTreeMap<String, String>,
    /// The constructs of those that are only deployed by others.
    constructs: BTreeMap<usize, &'i Arc<BTreeMap<String, Construct>>>,
}

impl Files<'_> {
    fn at(&self, path: &str) -> Option<usize> {
        self.by_path.get(path).copied()
    }

    /// The template whose upload the address of a resource ends in.
    fn uploaded(&self, resource: &Resource) -> Option<usize> {
        let address = ends_in(resource.properties.get(property(resource)?)?)?;
        self.at(self.uploads.get(address.rsplit('/').next()?)?)
    }
}

/// The literal text at the end of an expression.
fn ends_in(expr: &Expr) -> Option<&str> {
    match &expr.form {
        Form::Join(_, list) => match &list.form {
            Form::List(items) => ends_in(items.last()?),
            _ => None,
        },
        Form::Sub(pieces, _) => match pieces.last()? {
            SubPiece::Text(text) => Some(text),
            SubPiece::Ref(_) | SubPiece::GetAtt(..) => None,
        },
        _ => expr.literal(),
    }
}

/// All stacks of an input: standalone ones, each followed by those that it deploys. A template that another one deploys
/// is no stack of its own unless a manifest says so.
pub(super) fn instances(input: &Input) -> Vec<Instance> {
    let by_path = (0..).zip(&input.sources).map(|(at, source)| (source.path.as_str(), at)).collect();
    let nested = input.deployments.iter().filter(|deployed| !deployed.standalone);
    let constructs = nested.filter_map(|deployed| Some((deployed.source, deployed.constructs.as_ref()?))).collect();
    let files = Files { by_path, uploads: &input.uploads, constructs };
    let bodies: BTreeMap<(usize, &str), usize> =
        (input.sources.len()..).zip(&input.bodies).map(|(at, body)| ((body.source, body.set.as_str()), at)).collect();
    let of_source = |(at, source): (usize, &super::Source)| {
        let body = |set: &str| bodies.get(&(at, set)).copied();
        children(&source.template, &source.path, &files, &body)
    };
    let mut children: Vec<Vec<Child>> = (0..).zip(&input.sources).map(of_source).collect();
    let of_body = |body: &super::Body| {
        let path = input.sources.get(body.source).map_or("", |source| source.path.as_str());
        self::children(&body.template, path, &files, &|_| None)
    };
    children.extend(input.bodies.iter().map(of_body));
    let mut is_nested = vec![false; input.sources.len()];
    for child in children.iter().flatten() {
        mark(&mut is_nested, child.source);
    }
    let mut instances = Vec::new();
    let mut is_deployed = vec![false; input.sources.len()];
    for deployed in &input.deployments {
        let inner = is_nested.get(deployed.source).copied().unwrap_or(false);
        if deployed.standalone && (deployed.named || !inner) {
            add(Instance::alone(deployed), &children, 0, &mut instances);
        }
    }
    for instance in &instances {
        mark(&mut is_deployed, instance.deployed.source);
    }
    // A template that is only nested in itself, or in one that is only nested, would be lost: it stands alone.
    for deployed in &input.deployments {
        if !is_deployed.get(deployed.source).copied().unwrap_or(true) {
            mark(&mut is_deployed, deployed.source);
            add(Instance::alone(deployed), &children, DEEPEST, &mut instances);
        }
    }
    instances
}

fn mark(marks: &mut [bool], at: usize) {
    if let Some(mark) = marks.get_mut(at) {
        *mark = true;
    }
}

fn add(instance: Instance, children: &[Vec<Child>], depth: usize, instances: &mut Vec<Instance>) {
    let Ok(own) = u32::try_from(instances.len()) else { return };
    let deployed = instance.deployed.clone();
    instances.push(instance);
    if depth >= DEEPEST {
        return;
    }
    for child in children.get(deployed.source).map_or(&[][..], Vec::as_slice) {
        let mut inner = Deployed {
            source: child.source,
            name: format!("{}-{}", deployed.name, child.logical),
            named: false,
            depends_on: Vec::new(),
            constructs: child.constructs.clone().or_else(|| deployed.constructs.as_ref().map(|_| Arc::default())),
            parameters: BTreeMap::new(),
            ..deployed.clone()
        };
        if let Some(place) = &child.set {
            (inner.account, inner.region) = (place.account.clone(), place.region.clone());
            inner.name = place.told_apart(&inner.name);
        }
        let parent = Some((StackId(own), child.logical.clone()));
        add(Instance { deployed: inner, parent, set: child.set.clone() }, children, depth + 1, instances);
    }
}

/// The stacks that the resources of a template deploy, of templates in view.
fn children(template: &Template, path: &str, files: &Files<'_>, body: &dyn Fn(&str) -> Option<usize>) -> Vec<Child> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut found = Vec::new();
    for resource in &template.resources {
        let logical = &resource.name.value;
        let is_set = resource.kind.value == stack_sets::KIND;
        let local = || files.at(&joined(folder, nested_path(resource)?));
        let uploaded = || files.uploaded(resource);
        let Some(source) = body(logical).filter(|_| is_set).or_else(local).or_else(uploaded) else { continue };
        let places = if is_set { stack_sets::places(resource).into_iter().map(Some).collect() } else { vec![None] };
        let constructs = files.constructs.get(&source);
        found.extend(places.into_iter().map(|set| Child {
            logical: logical.clone(),
            source,
            set,
            constructs: constructs.map(|constructs| Arc::clone(constructs)),
        }));
    }
    found
}

/// The property of a resource that says where the template is which it deploys.
fn property(resource: &Resource) -> Option<&'static str> {
    match resource.kind.value.as_str() {
        "AWS::CloudFormation::Stack" | stack_sets::KIND => Some("TemplateURL"),
        "AWS::Serverless::Application" => Some("Location"),
        _ => None,
    }
}

/// The local path of the template that a resource deploys: as written, or as an assembly's asset.
fn nested_path(resource: &Resource) -> Option<&str> {
    let property = property(resource)?;
    let asset = resource.metadata.as_ref().and_then(|metadata| metadata.get("aws:asset:path")?.literal());
    let written = || {
        let url = resource.properties.get(property)?.literal()?;
        Some(url.strip_prefix("file://").unwrap_or(url))
    };
    asset.or_else(written).filter(|path| !path.contains("://"))
}

/// A relative path seen from a folder, with `.` and `..` resolved.
fn joined(folder: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    let absolute = if folder.starts_with('/') { "/" } else { "" };
    format!("{absolute}{}", parts.join("/"))
}
