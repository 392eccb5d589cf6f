//! `Globals` of SAM: properties that resources of a type share. They are merged into the resources, as SAM does it.
//!
//! Source: the SAM specification: maps are merged, the elements of lists come before those of the resource, and of anything else the
//! resource's own value holds. A value by a function is the resource's own, whatever it turns out to be.

use super::{Expr, Form, Template};

/// Names of a resource's `IgnoreGlobals` that stand for every property.
const ALL: &str = "*";

/// Gives every resource the properties that it shares with others of its type.
pub(super) fn apply(template: &mut Template) {
    let Some(globals) = &template.globals else { return };
    if !template.transforms.iter().any(|transform| transform.value.starts_with("AWS::Serverless-")) {
        return;
    }
    for resource in &mut template.resources {
        let Some(section) = resource.kind.value.strip_prefix("AWS::Serverless::") else { continue };
        let Some(Form::Map(shared)) = globals.path(&[section]).map(|section| &section.form) else { continue };
        let Form::Map(own) = &mut resource.properties.form else { continue };
        let is_ignored =
            |name: &str| resource.ignores_globals.iter().any(|ignored| [ALL, name].contains(&&*ignored.value));
        for (name, value) in shared.iter().filter(|(name, _)| !is_ignored(&name.value)) {
            match own.iter_mut().find(|(own, _)| own.value == name.value) {
                Some((_, own)) => merge(own, value),
                None => own.push((name.clone(), value.clone())),
            }
        }
    }
}

fn merge(own: &mut Expr, shared: &Expr) {
    match (&mut own.form, &shared.form) {
        (Form::Map(own), Form::Map(shared)) => {
            for (name, value) in shared {
                match own.iter_mut().find(|(own, _)| own.value == name.value) {
                    Some((_, own)) => merge(own, value),
                    None => own.push((name.clone(), value.clone())),
                }
            }
        }
        (Form::List(own), Form::List(shared)) => {
            own.splice(0..0, shared.iter().cloned());
        }
        _ => {}
    }
}
