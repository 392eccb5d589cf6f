//! YAML: the events of `granit-parser` into a tree.

use std::borrow::Cow;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError};

use super::build::{Builder, Flow, MAX_DEPTH, too_deep};
use super::{Style, Tag, Tree};
use crate::source::{FileId, SourceFile, Span};

/// Comments without a blank before them that are tolerated in one file: each costs another reading.
const MAX_GLUED_COMMENTS: usize = 16;

/// Reads a text as YAML.
///
/// `"value"# comment` is no YAML, but the parsers of PyYAML and CloudFormation take it. Where the parser stops at such a comment it
/// is blanked out, which moves no byte, and the text is read again.
pub(super) fn parse(source: &SourceFile) -> Tree {
    let mut text = Cow::Borrowed(source.text.as_str());
    let mut glued = Vec::new();
    loop {
        let mut reading = Reading::of(source.id, &text);
        let comment = reading.read().filter(|_| glued.len() < MAX_GLUED_COMMENTS);
        let Some((start, end)) = comment else {
            for (start, end) in glued {
                reading.builder.comment(start, end, false);
            }
            return reading.builder.finish();
        };
        text.to_mut().replace_range(start..end, &" ".repeat(end - start));
        glued.push((start, end));
    }
}

struct Reading<'s> {
    file: FileId,
    text: &'s str,
    builder: Builder,
    /// Where the document at hand begins: its `---`, if it has one.
    document: (usize, usize),
    /// The end of the last scalar: comments lie between scalars.
    behind: usize,
}

impl<'s> Reading<'s> {
    fn of(file: FileId, text: &'s str) -> Self {
        Self { file, text, builder: Builder::new(file, text.len(), false), document: (0, 0), behind: 0 }
    }

    /// Reads to the end or to the first problem. Returns the comment that stopped it because no blank stands before it.
    fn read(&mut self) -> Option<(usize, usize)> {
        let options = granit_parser::options! {
            block_scalar_eof_without_line_feed: true,
            emit_unresolved_aliases: true,
            emit_comments: false,
            flow_nesting_limit: MAX_DEPTH as usize,
            block_nesting_limit: MAX_DEPTH as usize,
        };
        for event in Parser::new_from_str_with_options(self.text, options) {
            let flow = match event {
                Ok((event, span)) => self.event(event, &span),
                Err(error) => {
                    self.error(&error);
                    return self.glued_comment(&error);
                }
            };
            if matches!(flow, Flow::Stop) {
                return None;
            }
        }
        self.comments(self.text.len());
        None
    }

    fn glued_comment(&self, error: &ScanError) -> Option<(usize, usize)> {
        let start = self.byte(error.marker());
        let rest = self.text.get(start..).filter(|rest| rest.starts_with('#'))?;
        let comment = rest.split(['\n', '\r']).next()?;
        (*error.kind() == ErrorKind::CommentNotSeparated).then_some((start, start + comment.len()))
    }

    fn event(&mut self, event: Event<'_>, span: &granit_parser::Span) -> Flow {
        let at = self.bytes(span);
        match event {
            Event::DocumentStart(..) => self.document = at,
            Event::Scalar(text, style, anchor, tag) => {
                self.comments(at.0);
                self.behind = at.1;
                let is_absent = at.0 == at.1 && style == ScalarStyle::Plain;
                if is_absent && tag.is_none() && anchor == 0 && self.builder.depth() == 0 {
                    return Flow::On;
                }
                if self.begins_second_document() {
                    return self.refuse_second_document();
                }
                let tag = self.tag(tag, span);
                let text = if is_absent { "" } else { &*text };
                let at = if is_absent { self.behind_colon(at.0) } else { self.scalar_bytes(style, at) };
                self.builder.scalar(text, style_of(style), at, tag, anchor);
            }
            Event::SequenceStart(_, anchor, tag) => return self.open(false, anchor, tag, at, span),
            Event::MappingStart(_, anchor, tag) => return self.open(true, anchor, tag, at, span),
            // The end of a block collection is empty and stands at the next token; that of a flow collection is its bracket.
            Event::SequenceEnd | Event::MappingEnd => self.builder.close((at.0 < at.1).then_some(at.1)),
            Event::Alias(anchor) => return self.builder.alias(anchor, at),
            Event::UnresolvedAlias(name) => {
                let message = format!("no anchor `&{name}` stands before this alias; define it, or quote the text");
                self.builder.problem(message, at.0, at.1);
                self.builder.scalar("", Style::Plain, at, None, 0);
            }
            // Beginnings and ends of the stream and of documents; metadata that was not asked for.
            _ => {}
        }
        Flow::On
    }

    fn open(
        &mut self,
        mapping: bool,
        anchor: usize,
        tag: Option<Cow<'_, granit_parser::Tag>>,
        at: (usize, usize),
        span: &granit_parser::Span,
    ) -> Flow {
        if self.begins_second_document() {
            return self.refuse_second_document();
        }
        let tag = self.tag(tag, span);
        self.builder.open(mapping, at, tag, anchor)
    }

    fn begins_second_document(&self) -> bool {
        self.builder.depth() == 0 && self.builder.has_root()
    }

    fn refuse_second_document(&mut self) -> Flow {
        let message =
            "a second YAML document begins here, and a template is one document; move it into a file of its own";
        self.builder.problem(message, self.document.0, self.document.1);
        Flow::Stop
    }

    fn tag(&self, tag: Option<Cow<'_, granit_parser::Tag>>, span: &granit_parser::Span) -> Option<Tag> {
        let tag = tag?;
        let at = span.tag_span().map_or((0, 0), |span| self.bytes(&span));
        let name: Box<str> = match (tag.handle(), tag.suffix()) {
            // A lone `!` asks for a node without a tag, as PyYAML and CloudFormation read it.
            ("", "!") => return None,
            ("!" | "", suffix) => suffix.into(),
            (handle, suffix) => [handle, suffix].concat().into(),
        };
        Some(Tag { name, span: Span::new(self.file, at.0, at.1) })
    }

    /// Records the comments between the last scalar and the one that begins at `until`.
    ///
    /// Outside scalars a `#` behind a blank begins a comment. To find them here costs less than to have the parser hand them out.
    fn comments(&mut self, until: usize) {
        while let Some(place) = self.text.get(self.behind..until).and_then(|gap| gap.find('#')) {
            let start = self.behind + place;
            let before = self.text.get(..start).unwrap_or_default();
            self.behind = start + 1;
            if before.ends_with([' ', '\t', '\n', '\r']) || before.is_empty() {
                let rest = self.text.get(start..).unwrap_or_default();
                let end = start + rest.find(['\n', '\r']).unwrap_or(rest.len());
                let line = before.trim_end_matches([' ', '\t']);
                self.builder.comment(start, end, line.is_empty() || line.ends_with(['\n', '\r']));
                self.behind = end;
            }
        }
    }

    /// The parser places a value that is not written before its `:`; a reader looks for it behind.
    fn behind_colon(&self, at: usize) -> (usize, usize) {
        let place = at + usize::from(self.text.as_bytes().get(at) == Some(&b':'));
        (place, place)
    }

    /// The parser's range for a block scalar takes in the line breaks behind its last line.
    fn scalar_bytes(&self, style: ScalarStyle, at: (usize, usize)) -> (usize, usize) {
        if !matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            return at;
        }
        let written = self.text.get(at.0..at.1).unwrap_or_default();
        (at.0, at.0 + written.trim_end_matches(['\n', '\r', ' ']).len())
    }

    fn bytes(&self, span: &granit_parser::Span) -> (usize, usize) {
        (self.byte(&span.start), self.byte(&span.end))
    }

    fn byte(&self, marker: &granit_parser::Marker) -> usize {
        marker.byte_offset().unwrap_or(self.text.len()).min(self.text.len())
    }

    fn error(&mut self, error: &ScanError) {
        let start = self.byte(error.marker());
        let next = self.text.get(start..).and_then(|rest| rest.chars().next());
        let width = next.filter(|character| !matches!(character, '\n' | '\r')).map_or(0, char::len_utf8);
        self.builder.problem(explain(error.kind()), start, start + width);
    }
}

const fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
        ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
    }
}

/// What is wrong and what to do about it.
fn explain(kind: &ErrorKind) -> String {
    let fixed = match kind {
        ErrorKind::RecursionLimitExceeded => return too_deep(),
        ErrorKind::UnexpectedCharacter { character } => {
            let written =
                if *character == '`' { "a backtick".to_owned() } else { format!("`{}`", character.escape_debug()) };
            return format!("no value can begin with {written}; quote the text");
        }
        ErrorKind::UnclosedFlowCollection { open } => {
            let close = if *open == '[' { ']' } else { '}' };
            return format!("this `{open}` is never closed; add `{close}`");
        }
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            return format!("this `{open}` is closed by `{close}`; make the brackets match");
        }
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
            "no `:` can stand here; check the indentation of this line and the one before, or quote the text that contains the colon"
        }
        ErrorKind::ExpectedBlockMappingKey => {
            "a key was expected here; indent this line like the other keys of its mapping"
        }
        ErrorKind::ExpectedBlockSequenceEntry => {
            "a list item was expected here; begin it with `- `, or indent this line like the mapping it belongs to"
        }
        ErrorKind::BlockSequenceEntryNotAllowed | ErrorKind::BlockEntryInFlowCollection => {
            "no list item can stand here; put it on a line of its own, indented like its list"
        }
        ErrorKind::InvalidIndentation | ErrorKind::InvalidFlowScalarIndent | ErrorKind::InvalidQuotedScalarIndent => {
            "this line is indented too little; indent it deeper than the key it belongs to"
        }
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar
        | ErrorKind::TabAtBlockScalarStart => "a tab cannot indent YAML; use spaces",
        ErrorKind::UnclosedQuotedScalar => "the quote that begins here is never closed; close it",
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            "text follows a closed quote; put all of it inside the quotes"
        }
        ErrorKind::UnknownQuotedScalarEscape => {
            "this text in double quotes has a `\\` that escapes nothing; write `\\\\`, or use single quotes"
        }
        ErrorKind::ExpectedFlowMappingSeparator => {
            "`,` or `}` was expected here; separate the entries of the mapping, or close it"
        }
        ErrorKind::ExpectedFlowSequenceSeparator => {
            "`,` or `]` was expected here; separate the items of the list, or close it"
        }
        ErrorKind::MisplacedFlowCollectionEnd => "this bracket closes nothing; remove it, or open it before",
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            "`:` was expected after this key, on the same line; add it, or indent the line as part of the value before"
        }
        ErrorKind::InvalidTagTerminator => "a blank must follow the tag; put one before the value",
        ErrorKind::UndeclaredTagHandle => "a tag has one `!`; write CloudFormation's functions as `!Ref` or `Fn::…:`",
        ErrorKind::MissingAnchorOrAliasName => "`*` and `&` begin the name of an anchor; quote the text",
        ErrorKind::BomInsideDocument => "a byte order mark stands inside the text; remove it",
        // What the parser calls an unexpected end is a token where a value should be.
        ErrorKind::ExpectedNodeContent
        | ErrorKind::UnexpectedEof
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::UnexpectedEofBlockSequence
        | ErrorKind::UnexpectedEofBlockMapping => "a value was expected here; write one, or quote the text",
        ErrorKind::ExpectedDocumentStart => {
            "the value of the file ends before this line; indent the line like the lines before it, or remove it"
        }
        ErrorKind::MappingKeyNotAllowed => "no key can stand here; put it on a line of its own, as `key: value`",
        ErrorKind::DocumentIndicatorInQuotedScalar => {
            "the quote that begins here is not closed before the end of the document; close it"
        }
        ErrorKind::CommentInterceptedScalar => {
            "a comment stands between the lines of one text; move the comment, or indent the next line as a key"
        }
        ErrorKind::InvalidBlockScalarHeader => {
            "only `+`, `-` or a digit can follow `|` or `>`; put the text on the next line, or quote it"
        }
        ErrorKind::InvalidBlockScalarIndent => {
            "this line is indented less than the first line of its block of text; indent all of them alike"
        }
        ErrorKind::InvalidBlockEntryWhitespace | ErrorKind::InvalidMappingValueWhitespace => {
            "a tab cannot separate what follows here; use spaces"
        }
        ErrorKind::MissingTagUri => "`!` begins the name of a tag; write the name, or quote the text",
        ErrorKind::MissingDirectiveName | ErrorKind::InvalidDirectiveName => {
            "`%` at the beginning of a line begins a directive; indent the line, or quote the text"
        }
        ErrorKind::MissingDocumentEndBeforeDirective => "no value can begin with `%`; quote the text",
        ErrorKind::CommentNotSeparated => "a blank must stand before `#`; add it, or quote the text",
        _ => {
            return format!(
                "this is not YAML: {}; correct it here",
                kind.to_string().to_lowercase().replace('\'', "`")
            );
        }
    };
    fixed.to_owned()
}
