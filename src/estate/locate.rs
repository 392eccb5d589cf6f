//! From a site to a place that people can find.

use super::{Estate, Fact};
use crate::finding::{Place, Site, Undecided};
use crate::resolve::{Resolved, Value, Valued};

impl Estate {
    /// The place of a site: stack, resource, construct path and semantic path.
    #[must_use]
    pub fn place(&self, site: Site) -> Place {
        let template = self.template(site.stack).filter(|template| template.file == site.span.file);
        let resource = template.and_then(|template| template.resource_at(site.span));
        let written = resource.and_then(|resource| resource.metadata.as_ref()?.get("aws:cdk:path")?.literal());
        let constructs = self.stack(site.stack).and_then(|stack| stack.constructs.as_ref());
        let remembered = constructs.zip(resource).and_then(|(all, resource)| all.get(&resource.name.value));
        let construct = written.or(remembered.map(|construct| construct.path.as_str())).map(str::to_owned);
        Place {
            span: site.span,
            stack: self.stack(site.stack).map(|stack| stack.label.clone()),
            resource: resource.map(|resource| resource.name.value.clone()),
            construct,
            created: remembered.and_then(|construct| construct.created.clone()),
            path: template.map(|template| template.path_of(site.span)).unwrap_or_default(),
        }
    }

    /// Whether CDK wrote what stands at a site: the resource has a construct path, or the template a parameter or resource that CDK adds.
    #[must_use]
    pub fn is_from_cdk(&self, site: Site) -> bool {
        let (Some(stack), Some(template)) = (self.stack(site.stack), self.template(site.stack)) else { return false };
        stack.constructs.is_some()
            || self.place(site).construct.is_some()
            || template.parameter("BootstrapVersion").is_some()
            || template.resources.iter().any(|resource| resource.kind.value == "AWS::CDK::Metadata")
    }
}

impl Estate {
    /// Parts of reported templates into which nobody can look: what a macro, an include or a loop makes may be anything.
    pub(crate) fn opaque_parts(&self) -> impl Iterator<Item = Undecided> {
        let parts = self.stacks.iter().filter(|stack| stack.reported).flat_map(|stack| {
            let opaque = self.template(stack.id).map_or(&[][..], |template| template.opaque.as_slice());
            opaque.iter().map(move |opaque| (stack.id, opaque))
        });
        parts.map(|(stack, opaque)| Undecided {
            what: "part",
            principal: None,
            key: None,
            actions: Vec::new(),
            place: self.place(Site { stack, span: opaque.span }),
            why: format!("{}: what it makes is not known from here", opaque.what),
        })
    }
}

impl Fact {
    /// The value of a top-level property, where the properties are a known map that has it (it may still be absent in some worlds).
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&Valued> {
        match &self.properties.value {
            Resolved::Known(Value::Map(entries)) => {
                entries.iter().find(|(key, _)| key.value == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// The site of the logical id: where a finding about the whole resource stands.
    #[must_use]
    pub fn site(&self) -> Site {
        Site { stack: self.stack, span: self.span }
    }
}
