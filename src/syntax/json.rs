//! JSON: the tokens of `jsonc-parser`, every leniency off, into a tree.
//!
//! The grammar is read here, without recursion, so that depth costs no stack and every problem has its own place and words.

use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::tokens::Token;
use jsonc_parser::{ParseStringErrorKind, Scanner, ScannerOptions};

use super::build::{Builder, Flow};
use super::{Style, Tree};
use crate::source::SourceFile;

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    Value,
    ItemOrEnd,
    KeyOrEnd,
    Key,
    Colon,
    CommaOrEnd,
    Nothing,
}

/// What a text that begins with `{` seems to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// JSON, maybe with a mistake that YAML would take for something else: a comment or a missing comma becomes part of a text there.
    Json,
    /// YAML: it has what JSON lacks, such as a key without quotes.
    Yaml,
    /// Whatever can read it.
    Either,
}

/// A text read as JSON.
pub(super) struct Reading {
    /// The tree, with what stopped it.
    pub(super) tree: Tree,
    /// What it seems to be, judged where the reading stopped.
    pub(super) language: Language,
}

/// Reads a text as JSON.
pub(super) fn parse(source: &SourceFile) -> Reading {
    let options = ScannerOptions {
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let mut parser = Parser {
        text: &source.text,
        scanner: Scanner::new(&source.text, &options),
        builder: Builder::new(source.id, source.text.len(), true),
        expected: Expected::Value,
        language: Language::Either,
        behind: 0,
    };
    while matches!(parser.step(), Flow::On) {}
    Reading { tree: parser.builder.finish(), language: parser.language }
}

struct Parser<'s> {
    text: &'s str,
    scanner: Scanner<'s>,
    builder: Builder,
    expected: Expected,
    language: Language,
    /// The end of the last token.
    behind: usize,
}

impl Parser<'_> {
    /// Reads one token.
    fn step(&mut self) -> Flow {
        let token = match self.scanner.scan() {
            Ok(token) => token,
            Err(error) => return self.refuse(&error),
        };
        let Some(token) = token else { return self.end() };
        let at = (self.scanner.token_start(), self.scanner.token_end());
        if let Some(place) = self.foreign_blank(at.0) {
            return self.stop("this blank is none of JSON's; use a space", place);
        }
        self.behind = at.1;
        match (self.expected, token) {
            (_, Token::CommentLine(_) | Token::CommentBlock(_)) => {
                self.language = Language::Json;
                self.stop("JSON has no comments; remove it, or write the template in YAML", at)
            }
            (Expected::Value | Expected::ItemOrEnd, Token::OpenBrace) => self.open(true, at),
            (Expected::Value | Expected::ItemOrEnd, Token::OpenBracket) => self.open(false, at),
            (Expected::Value | Expected::ItemOrEnd, Token::String(text)) => self.scalar(&text, Style::Quoted, at),
            (Expected::Value | Expected::ItemOrEnd, Token::Number(_) | Token::Boolean(_) | Token::Null) => {
                let written = self.text.get(at.0..at.1).unwrap_or_default();
                self.scalar(written, Style::Plain, at)
            }
            (Expected::KeyOrEnd | Expected::Key, Token::String(text)) => {
                self.expected = Expected::Colon;
                self.text(&text, Style::Quoted, at)
            }
            (Expected::Colon, Token::Colon) => {
                self.expected = Expected::Value;
                Flow::On
            }
            (Expected::CommaOrEnd, Token::Comma) => {
                self.expected = if self.builder.in_mapping() == Some(true) { Expected::Key } else { Expected::Value };
                Flow::On
            }
            (Expected::KeyOrEnd | Expected::ItemOrEnd | Expected::CommaOrEnd, Token::CloseBrace)
                if self.builder.in_mapping() == Some(true) =>
            {
                self.close(at)
            }
            (Expected::ItemOrEnd | Expected::CommaOrEnd, Token::CloseBracket)
                if self.builder.in_mapping() == Some(false) =>
            {
                self.close(at)
            }
            (expected, token) => self.unexpected(expected, &token, at),
        }
    }

    /// A blank before the token at `start` that the scanner skips although JSON does not have it, such as a no-break space.
    fn foreign_blank(&self, start: usize) -> Option<(usize, usize)> {
        let gap = self.text.get(self.behind..start)?;
        let offset = gap.bytes().position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))?;
        let width = gap.get(offset..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        Some((self.behind + offset, self.behind + offset + width))
    }

    fn open(&mut self, mapping: bool, at: (usize, usize)) -> Flow {
        self.expected = if mapping { Expected::KeyOrEnd } else { Expected::ItemOrEnd };
        self.builder.open(mapping, at, None, 0)
    }

    fn close(&mut self, at: (usize, usize)) -> Flow {
        self.builder.close(Some(at.1));
        self.after_value();
        Flow::On
    }

    fn scalar(&mut self, text: &str, style: Style, at: (usize, usize)) -> Flow {
        self.after_value();
        self.text(text, style, at)
    }

    fn after_value(&mut self) {
        self.expected = if self.builder.depth() == 0 { Expected::Nothing } else { Expected::CommaOrEnd };
    }

    /// Places a scalar or a key; a line break or another control character inside a string must be escaped.
    fn text(&mut self, text: &str, style: Style, at: (usize, usize)) -> Flow {
        let written = self.text.get(at.0..at.1).unwrap_or_default();
        let control = written.bytes().position(|byte| byte < b' ').map(|offset| at.0 + offset);
        self.builder.scalar(text, style, at, None, 0);
        match control {
            Some(place) => self.stop(
                "a line break, tab or control character stands in a string; write it as an escape such as `\\n`",
                (place, place + 1),
            ),
            None => Flow::On,
        }
    }

    fn end(&mut self) -> Flow {
        let length = self.text.len();
        match (self.expected, self.builder.open_start(), self.builder.in_mapping()) {
            (Expected::Nothing, ..) => {}
            (_, Some(start), Some(true)) => self.builder.problem("this `{` is never closed; add `}`", start, start + 1),
            (_, Some(start), _) => self.builder.problem("this `[` is never closed; add `]`", start, start + 1),
            (_, None, _) => self.builder.problem("a value was expected here; write one", length, length),
        }
        Flow::Stop
    }

    fn unexpected(&mut self, expected: Expected, token: &Token<'_>, at: (usize, usize)) -> Flow {
        self.language = match (expected, token) {
            (_, Token::Word(_)) => Language::Yaml,
            (Expected::CommaOrEnd, Token::String(_) | Token::Number(_) | Token::Boolean(_) | Token::Null) => {
                Language::Json
            }
            _ => Language::Either,
        };
        let closes = matches!(token, Token::CloseBrace | Token::CloseBracket);
        let message = match expected {
            Expected::Value | Expected::Key if closes => {
                "a `,` stands before this bracket and nothing follows it; remove the comma"
            }
            Expected::Value | Expected::ItemOrEnd => "a value was expected here; write one, text in double quotes",
            Expected::KeyOrEnd | Expected::Key => "a key was expected here; write it in double quotes",
            Expected::Colon => "`:` was expected between the key and its value; add it",
            Expected::CommaOrEnd if self.builder.in_mapping() == Some(true) => {
                "`,` or `}` was expected here; separate the entries of the object, or close it"
            }
            Expected::CommaOrEnd => "`,` or `]` was expected here; separate the items of the list, or close it",
            Expected::Nothing => "the template ends before this; remove what follows it",
        };
        self.stop(message, at)
    }

    fn refuse(&mut self, error: &ParseError) -> Flow {
        let range = error.range();
        let at = (range.start.min(self.text.len()), range.end.min(self.text.len()));
        let message = match error.kind() {
            ParseErrorKind::SingleQuotedStringsNotAllowed => {
                self.language = Language::Yaml;
                "JSON has no single quotes; use double quotes"
            }
            ParseErrorKind::UnexpectedToken => {
                self.language = Language::Yaml;
                "this is not JSON; write text in double quotes"
            }
            ParseErrorKind::String(ParseStringErrorKind::UnterminatedStringLiteral) => {
                return self.stop("the string that begins here is never closed; add `\"`", (at.0, at.0 + 1));
            }
            ParseErrorKind::String(kind) => return self.stop(explain_escape(kind), (at.0, self.escape_end(at.0))),
            ParseErrorKind::UnterminatedCommentBlock => {
                "JSON has no comments; remove it, or write the template in YAML"
            }
            _ => "this is not a JSON number; write it in digits, or put it in double quotes",
        };
        self.stop(message, at)
    }

    /// The end of the backslash and the character it escapes.
    fn escape_end(&self, start: usize) -> usize {
        let escape = self.text.get(start..).unwrap_or_default().chars().take(2);
        start + escape.map(char::len_utf8).sum::<usize>()
    }

    fn stop(&mut self, message: &str, at: (usize, usize)) -> Flow {
        self.builder.problem(message, at.0, at.1);
        Flow::Stop
    }
}

const fn explain_escape(kind: &ParseStringErrorKind) -> &'static str {
    match kind {
        ParseStringErrorKind::InvalidUnicodeEscapeSequence(_) => {
            "this escape is no character; write both halves of a surrogate pair, or the character itself"
        }
        ParseStringErrorKind::ExpectedFourHexDigits => "four hexadecimal digits were expected after `\\u`; write them",
        _ => "JSON has no such escape; use one of `\\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX`",
    }
}
