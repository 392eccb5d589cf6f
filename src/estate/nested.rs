//! Nested stacks: which template a stack resource deploys.

use super::build::{Deployed, Input, Instance};
use crate::resolve::StackId;
use crate::template::{Resource, Template};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How deep stacks may nest; deeper ones are left out (CloudFormation itself has no such chains).
const DEEPEST: usize = 8;

/// All stacks of an input: standalone ones, each followed by those nested in it. A template that another one nests
/// is no stack of its own unless a manifest says so.
pub(super) fn instances(input: &Input) -> Vec<Instance> {
    let by_path: BTreeMap<&str, usize> =
        (0..).zip(&input.sources).map(|(at, source)| (source.path.as_str(), at)).collect();
    let children: Vec<Vec<(String, usize)>> =
        input.sources.iter().map(|source| children(&source.template, &source.path, &by_path)).collect();
    let mut is_nested = vec![false; input.sources.len()];
    for (_, child) in children.iter().flatten() {
        mark(&mut is_nested, *child);
    }
    let mut instances = Vec::new();
    let mut is_deployed = vec![false; input.sources.len()];
    for deployed in &input.deployments {
        let inner = is_nested.get(deployed.source).copied().unwrap_or(false);
        if deployed.standalone && (deployed.named || !inner) {
            add(deployed, None, &children, 0, &mut instances);
        }
    }
    for instance in &instances {
        mark(&mut is_deployed, instance.deployed.source);
    }
    // A template that is only nested in itself, or in one that is only nested, would be lost: it stands alone.
    for deployed in &input.deployments {
        if !is_deployed.get(deployed.source).copied().unwrap_or(true) {
            mark(&mut is_deployed, deployed.source);
            add(deployed, None, &children, DEEPEST, &mut instances);
        }
    }
    instances
}

fn mark(marks: &mut [bool], at: usize) {
    if let Some(mark) = marks.get_mut(at) {
        *mark = true;
    }
}

fn add(
    deployed: &Deployed,
    parent: Option<(StackId, String)>,
    children: &[Vec<(String, usize)>],
    depth: usize,
    instances: &mut Vec<Instance>,
) {
    let Ok(own) = u32::try_from(instances.len()) else { return };
    instances.push(Instance { deployed: deployed.clone(), parent });
    if depth >= DEEPEST {
        return;
    }
    for (logical, source) in children.get(deployed.source).map_or(&[][..], Vec::as_slice) {
        let child = Deployed {
            source: *source,
            name: format!("{}-{logical}", deployed.name),
            named: false,
            depends_on: Vec::new(),
            constructs: deployed.constructs.as_ref().map(|_| Arc::default()),
            parameters: BTreeMap::new(),
            ..deployed.clone()
        };
        add(&child, Some((StackId(own), logical.clone())), children, depth + 1, instances);
    }
}

/// The stack resources of a template whose templates are in view.
fn children(template: &Template, path: &str, by_path: &BTreeMap<&str, usize>) -> Vec<(String, usize)> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let child = |resource: &Resource| {
        let relative = nested_path(resource)?;
        let source = by_path.get(joined(folder, relative).as_str())?;
        Some((resource.name.value.clone(), *source))
    };
    template.resources.iter().filter_map(child).collect()
}

/// The local path of the template that a resource deploys: as written, or as an assembly's asset.
fn nested_path(resource: &Resource) -> Option<&str> {
    let property = match resource.kind.value.as_str() {
        "AWS::CloudFormation::Stack" => "TemplateURL",
        "AWS::Serverless::Application" => "Location",
        _ => return None,
    };
    let asset = resource.metadata.as_ref().and_then(|metadata| metadata.get("aws:asset:path")?.literal());
    asset.or_else(|| resource.properties.get(property)?.literal()).filter(|path| !path.contains("://"))
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
