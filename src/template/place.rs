//! Semantic paths: where a span stands, in words that survive moved lines.

use super::{Expr, Form, Name, Template};
use crate::source::Span;

impl Template {
    /// The semantic path of a span, such as `Resources.AppRole.Properties.Policies[0].PolicyDocument.Statement[Sid=UseKey].Action`: the
    /// innermost value (or key) that contains it. A list element with a literal `Sid` is named by it. Empty outside all sections.
    #[must_use]
    pub fn path_of(&self, span: Span) -> String {
        self.resource_path(span)
            .or_else(|| self.output_path(span))
            .or_else(|| {
                let parameter = self.parameters.iter().find(|parameter| parameter.span.contains(&span))?;
                Some(format!("Parameters.{}", parameter.name.value))
            })
            .or_else(|| entries_path("Conditions", &self.conditions, span))
            .or_else(|| entries_path("Mappings", &self.mappings, span))
            .or_else(|| {
                let globals = self.globals.as_ref()?;
                into_expr(globals, span, "Globals".to_owned())
            })
            .or_else(|| {
                let is_here = self.transforms.iter().any(|transform| transform.span.contains(&span));
                is_here.then(|| "Transform".to_owned())
            })
            .unwrap_or_default()
    }

    fn resource_path(&self, span: Span) -> Option<String> {
        let resource = self.resource_at(span)?;
        let path = format!("Resources.{}", resource.name.value);
        let part = |key: &str| format!("{path}.{key}");
        let names = [("Type", Some(&resource.kind)), ("Condition", resource.condition.as_ref())];
        let exprs = [
            ("Properties", Some(&resource.properties)),
            ("Metadata", resource.metadata.as_ref()),
            ("DeletionPolicy", resource.deletion_policy.as_ref()),
            ("UpdateReplacePolicy", resource.update_replace_policy.as_ref()),
        ];
        let in_expr = exprs.into_iter().find_map(|(key, expr)| into_expr(expr?, span, part(key)));
        let in_name = || names.into_iter().find(|(_, name)| name.is_some_and(|name| name.span.contains(&span)));
        let in_depends_on = || resource.depends_on.iter().any(|name| name.span.contains(&span));
        in_expr
            .filter(|_| !resource.name.span.contains(&span))
            .or_else(|| in_name().filter(|_| !resource.name.span.contains(&span)).map(|(key, _)| part(key)))
            .or_else(|| in_depends_on().then(|| part("DependsOn")))
            .or(Some(path.clone()))
    }

    fn output_path(&self, span: Span) -> Option<String> {
        self.outputs.iter().find_map(|output| {
            let path = format!("Outputs.{}", output.name.value);
            into_expr(&output.value, span, format!("{path}.Value"))
                .or_else(|| into_expr(output.export.as_ref()?, span, format!("{path}.Export.Name")))
                .or_else(|| output.condition.as_ref()?.span.contains(&span).then(|| format!("{path}.Condition")))
                .or_else(|| output.name.span.contains(&span).then_some(path))
        })
    }
}

fn entries_path(section: &str, entries: &[(Name, Expr)], span: Span) -> Option<String> {
    entries.iter().find_map(|(name, expr)| {
        let path = format!("{section}.{}", name.value);
        if name.span.contains(&span) {
            return Some(path);
        }
        into_expr(expr, span, path)
    })
}

/// Extends a path as far into an expression as it contains the span; none where it does not.
fn into_expr(expr: &Expr, span: Span, path: String) -> Option<String> {
    if !expr.span.contains(&span) {
        return None;
    }
    let deeper = match &expr.form {
        Form::Map(entries) => entries.iter().find_map(|(name, value)| {
            let is_key = name.span.contains(&span);
            if is_key {
                return Some(format!("{path}.{}", name.value));
            }
            value.span.contains(&span).then(|| into_expr(value, span, format!("{path}.{}", name.value)))?
        }),
        Form::List(items) => items.iter().enumerate().find_map(|(index, item)| {
            if !item.span.contains(&span) {
                return None;
            }
            into_expr(item, span, format!("{path}{}", element(index, item)))
        }),
        Form::If(_, yes, no) => {
            let branch = [(1, yes), (2, no)].into_iter().find(|(_, branch)| branch.span.contains(&span));
            branch.and_then(|(index, branch)| into_expr(branch, span, format!("{path}.Fn::If[{index}]")))
        }
        _ => None,
    };
    deeper.or(Some(path))
}

fn element(index: usize, item: &Expr) -> String {
    match item.get("Sid").and_then(Expr::literal) {
        Some(sid) => format!("[Sid={sid}]"),
        None => format!("[{index}]"),
    }
}
