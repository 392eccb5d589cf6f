//! Places as SARIF names them.

use std::num::NonZeroU32;

use super::model::{ArtifactLocation, Location, LogicalLocation, Message, PhysicalLocation, Region};
use crate::finding::Place;
use crate::source::{SourceFile, Sources, Span};

/// The name of the folder that reported paths start from.
pub(super) const ROOT: &str = "%SRCROOT%";

/// Longest text in bytes that is given as a snippet.
const SNIPPET: usize = 4096;
/// Lines around a region that are shown with it.
const AROUND: u32 = 2;
/// Bytes around a region that are shown where its line is too long.
const BESIDE: usize = 120;

/// A place with what it says.
pub(super) fn location(place: &Place, text: Option<String>, sources: &Sources) -> Location {
    Location {
        id: None,
        physical_location: physical(place.span, sources),
        logical_locations: logical(place),
        message: text.map(|text| Message { text }),
    }
}

/// The same without text of the file, for steps that repeat places that are named elsewhere.
pub(super) fn step(place: &Place, text: String, sources: &Sources) -> Location {
    let mut step = location(place, Some(text), sources);
    if let Some(physical) = &mut step.physical_location {
        physical.context_region = None;
        if let Some(region) = &mut physical.region {
            region.snippet = None;
        }
    }
    step
}

/// The region under a span; none where the file is not one of this run.
pub(super) fn physical(span: Span, sources: &Sources) -> Option<PhysicalLocation> {
    let file = sources.file(span.file)?;
    Some(PhysicalLocation {
        artifact_location: artifact(&file.path),
        region: Some(region(file, span)),
        context_region: context(file, span).map(|around| region(file, around)),
    })
}

/// A file by its reported path.
pub(super) fn artifact(path: &str) -> ArtifactLocation {
    let absolute = path.starts_with('/') || path.get(1..3).is_some_and(|rest| rest == ":/");
    if absolute {
        let slash = if path.starts_with('/') { "" } else { "/" };
        return ArtifactLocation { uri: format!("file://{slash}{}", encoded(path)), uri_base_id: None };
    }
    ArtifactLocation { uri: encoded(path.strip_prefix("./").unwrap_or(path)), uri_base_id: Some(ROOT) }
}

/// Percent-encoded, but for what a path may hold anywhere and its `/`.
fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn region(file: &SourceFile, span: Span) -> Region {
    let (start, end) = (file.position_utf16(span.start), file.position_utf16(span.end));
    let text = file.text_of(span);
    Region {
        start_line: start.line.get(),
        start_column: start.column.get(),
        end_line: end.line.get(),
        end_column: end.column.get(),
        snippet: (text.len() <= SNIPPET).then(|| Message { text: text.to_owned() }),
    }
}

/// The lines around a span or, where they are too long, the text beside it; none where that is no more than the span itself.
fn context(file: &SourceFile, span: Span) -> Option<Span> {
    let line = |number: u32| file.line_span(NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN));
    let count = u32::try_from(file.line_count()).unwrap_or(u32::MAX).max(file.line(span.end).get());
    let first = file.line(span.start).get().saturating_sub(AROUND).max(1);
    let last = file.line(span.end).get().saturating_add(AROUND).min(count);
    let lines = Span { file: span.file, start: line(first).start, end: line(last).end.max(span.end) };
    let around = if lines.range().len() <= SNIPPET { lines } else { beside(file, span) };
    (around != span && around.contains(&span) && around.range().len() <= SNIPPET).then_some(around)
}

fn beside(file: &SourceFile, span: Span) -> Span {
    let line = |offset: u32| file.line_span(file.line(offset)).range();
    let boundary = |mut at: usize| {
        while !file.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = boundary(span.range().start.saturating_sub(BESIDE)).max(line(span.start).start);
    let end = boundary((span.range().end + BESIDE).min(file.text.len())).min(line(span.end).end);
    Span::new(span.file, start, end.max(span.range().end))
}

fn logical(place: &Place) -> Vec<LogicalLocation> {
    let mut locations = Vec::new();
    if let Some(resource) = &place.resource {
        let fully_qualified_name = match &place.stack {
            Some(stack) => format!("{stack}/{resource}"),
            None => resource.clone(),
        };
        locations.push(LogicalLocation { name: resource.clone(), fully_qualified_name, kind: "resource" });
    }
    if !place.path.is_empty() {
        let name = place.path.rsplit('.').next().unwrap_or(&place.path).to_owned();
        locations.push(LogicalLocation { name, fully_qualified_name: place.path.clone(), kind: "property" });
    }
    locations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_relative_and_percent_encoded() {
        assert_eq!(artifact("./a b/é#1:x%.yaml").uri, "a%20b/%C3%A9%231%3Ax%25.yaml");
        assert_eq!(artifact("a/b.yaml").uri_base_id, Some(ROOT));
        assert_eq!(artifact("/tmp/a b.yaml").uri, "file:///tmp/a%20b.yaml");
        assert_eq!(artifact("/tmp/a b.yaml").uri_base_id, None);
    }
}
