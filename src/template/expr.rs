//! Expressions: short tags and long forms become one.

use std::borrow::Cow;

use super::lower::{is_null, join, what_transform};
use super::sub;
use super::{Expr, Form, Logic, Name, StackOutput};
use crate::source::{Span, Spanned};
use crate::syntax::{Kind, Node, Plain, Style, plain};

/// Deeper than any template that CloudFormation accepts; everything after lowering may recurse without asking.
const MAX_DEPTH: usize = 100;

/// Whether `{"Condition": "X"}` means a condition (inside condition functions) or a map (in a policy statement).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Value,
    Condition,
}

/// The state of lowering one template.
pub(super) struct Lowering<'t> {
    /// `Mappings`, for loops over them.
    pub(super) mappings: Option<Node<'t>>,
    /// Identifiers of the loops around, with their values.
    pub(super) loops: Vec<(String, String)>,
    /// How many more entries loops may make.
    pub(super) expansions: usize,
    depth: usize,
}

/// The argument of a function call; in a short form its node carries the tag that was the function's name.
#[derive(Clone, Copy)]
struct Argument<'t> {
    node: Node<'t>,
    tag_is_call: bool,
}

impl<'t> Argument<'t> {
    /// The elements, if it is a list as written.
    fn items(self) -> Option<Vec<Node<'t>>> {
        let is_written_list = self.tag_is_call || function_of(self.node).is_none();
        match self.node.kind() {
            Kind::Sequence(_) if is_written_list => Some(self.node.items().collect()),
            Kind::Sequence(_) | Kind::Scalar(..) | Kind::Mapping(_) => None,
        }
    }

    /// The text, if it is a scalar as written.
    fn text(self) -> Option<&'t str> {
        if self.tag_is_call || function_of(self.node).is_none() { self.node.text() } else { None }
    }
}

/// The text that CloudFormation makes of a scalar: booleans are `true` and `false`, numbers keep their spelling, null is nothing.
pub(super) fn text_of(text: &str, style: Style) -> Option<Cow<'_, str>> {
    if style != Style::Plain {
        return Some(Cow::Borrowed(text));
    }
    match plain(text) {
        Plain::Null => None,
        Plain::Bool(yes) => Some(Cow::Borrowed(if yes { "true" } else { "false" })),
        Plain::Int(_) | Plain::Float(_) | Plain::Text => Some(Cow::Borrowed(text)),
    }
}

/// The name in a local tag; global tags (`!!str`) name no function.
pub(super) fn function_of(node: Node<'_>) -> Option<&str> {
    node.tag().map(|tag| tag.name.as_ref()).filter(|name| !name.starts_with("tag:") && !name.is_empty() && *name != "!")
}

fn opaque(what: impl Into<String>) -> Form {
    Form::Opaque(what.into())
}

impl<'t> Lowering<'t> {
    pub(super) fn new(mappings: Option<Node<'t>>) -> Self {
        Self { mappings, loops: Vec::new(), expansions: 10_000, depth: 0 }
    }

    /// A scalar as a name.
    pub(super) fn name(&self, node: Node<'_>) -> Option<Name> {
        node.text().map(|text| Spanned::new(self.substituted(text).into_owned(), node.span()))
    }

    /// Lowers a value.
    pub(super) fn expr(&mut self, node: Node<'t>, mode: Mode) -> Expr {
        if self.depth >= MAX_DEPTH {
            return Expr { span: node.span(), form: opaque(format!("nesting deeper than {MAX_DEPTH} levels")) };
        }
        self.depth += 1;
        let (span, form) = self.read(node, mode);
        self.depth -= 1;
        Expr { span, form }
    }

    fn read(&mut self, node: Node<'t>, mode: Mode) -> (Span, Form) {
        if let Some(tag) = node.tag()
            && let Some(function) = function_of(node)
        {
            let span = join(tag.span, node.span());
            let form = self.call(function, Argument { node, tag_is_call: true }, mode);
            return (span, form.unwrap_or_else(|| opaque(format!("the tag `!{function}`"))));
        }
        (node.span(), self.body(node, mode))
    }

    /// Lowers a node whose tag, if any, has been read.
    fn body(&mut self, node: Node<'t>, mode: Mode) -> Form {
        match node.kind() {
            Kind::Scalar(text, style) => {
                let style =
                    if node.tag().is_some_and(|tag| tag.name.ends_with(":str")) { Style::Quoted } else { style };
                if is_null(text, style) { Form::Null } else { Form::Literal(self.substituted(text).into(), style) }
            }
            Kind::Sequence(_) => Form::List(node.items().map(|item| self.expr(item, mode)).collect()),
            Kind::Mapping(entries) => {
                let only = if entries.len() == 1 { node.entries().next() } else { None };
                if let Some((key, value)) = only
                    && let Some(form) = self.long_call(key, value, mode)
                {
                    return form;
                }
                self.map(node, mode)
            }
        }
    }

    /// `{"Fn::X": …}`, `{"Ref": …}`, and in condition functions `{"Condition": …}`.
    fn long_call(&mut self, key: Node<'t>, value: Node<'t>, mode: Mode) -> Option<Form> {
        let key = key.text()?;
        let function = match key {
            "Ref" => "Ref",
            "Condition" if mode == Mode::Condition => "Condition",
            _ => key.strip_prefix("Fn::").filter(|name| !name.starts_with("ForEach::"))?,
        };
        let argument = Argument { node: value, tag_is_call: false };
        Some(self.call(function, argument, mode).unwrap_or_else(|| opaque(format!("the function `{key}`"))))
    }

    fn map(&mut self, node: Node<'t>, mode: Mode) -> Form {
        if let Some(transform) = node.get("Fn::Transform") {
            return opaque(what_transform(transform));
        }
        let mut entries = Vec::with_capacity(node.entries().count());
        let unseen = self.each_entry(node, &mut |lowering, name, value| {
            let value = lowering.expr(value, mode);
            entries.push((name, value));
        });
        match unseen {
            Some(unseen) => opaque(unseen.what),
            None => Form::Map(entries),
        }
    }

    fn argument(&mut self, argument: Argument<'t>, mode: Mode) -> Expr {
        if !argument.tag_is_call {
            return self.expr(argument.node, mode);
        }
        let form = self.body(argument.node, mode);
        Expr { span: argument.node.span(), form }
    }

    /// Lowers a call; none for a function that is not known.
    fn call(&mut self, function: &str, argument: Argument<'t>, mode: Mode) -> Option<Form> {
        let malformed = || opaque(format!("a malformed `{function}`"));
        let form = match function {
            "Ref" => self.reference(argument),
            "GetAtt" => self.get_att(argument),
            "Sub" => self.sub(argument),
            "Condition" => argument.text().map(|text| {
                let name = Spanned::new(self.substituted(text).into_owned(), argument.node.span());
                Form::Logic(Box::new(Logic::Condition(name)))
            }),
            "Join" => self.two(argument).map(|(delimiter, list)| Form::Join(delimiter, list)),
            "Select" => self.two(argument).map(|(index, list)| Form::Select(index, list)),
            "Split" => self.two(argument).map(|(delimiter, text)| Form::Split(delimiter, text)),
            "If" => self.choice(argument, mode),
            "FindInMap" => self.find_in_map(argument),
            "ImportValue" => Some(Form::ImportValue(Box::new(self.argument(argument, Mode::Value)))),
            "GetStackOutput" => self.stack_output(argument),
            "Base64" => Some(Form::Base64(Box::new(self.argument(argument, Mode::Value)))),
            "ToJsonString" => Some(Form::ToJsonString(Box::new(self.argument(argument, Mode::Value)))),
            "Length" => Some(Form::Length(Box::new(self.argument(argument, Mode::Value)))),
            "And" => self.all(argument).map(|parts| Form::Logic(Box::new(Logic::And(parts)))),
            "Or" => self.all(argument).map(|parts| Form::Logic(Box::new(Logic::Or(parts)))),
            "Not" => self.all(argument).and_then(|parts| {
                let [part] = <[Expr; 1]>::try_from(parts).ok()?;
                Some(Form::Logic(Box::new(Logic::Not(part))))
            }),
            "Equals" => self.two(argument).map(|(a, b)| Form::Logic(Box::new(Logic::Equals(*a, *b)))),
            "Contains" => self.two(argument).map(|(list, value)| Form::Logic(Box::new(Logic::Contains(*list, *value)))),
            "Transform" => Some(opaque(what_transform(argument.node))),
            "Cidr" | "GetAZs" | "RefAll" | "ValueOf" | "ValueOfAll" | "EachMemberEquals" | "EachMemberIn" => {
                Some(opaque(format!("`Fn::{function}`")))
            }
            _ => return None,
        };
        Some(form.unwrap_or_else(malformed))
    }

    fn reference(&mut self, argument: Argument<'t>) -> Option<Form> {
        let text = argument.text()?;
        if let Some((_, value)) = self.loops.iter().rev().find(|(id, _)| id == text) {
            return Some(Form::Literal(value.as_str().into(), Style::Quoted));
        }
        Some(Form::Ref(Spanned::new(self.substituted(text).into_owned(), argument.node.span())))
    }

    fn get_att(&mut self, argument: Argument<'t>) -> Option<Form> {
        if let Some(text) = argument.text() {
            let span = argument.node.span();
            let text = self.substituted(text);
            let (name, attribute) = text.split_once('.')?;
            let exact = sub::exact_start(span, &text);
            let part = |from: usize, to: usize| match exact {
                Some(start) => Span::new(span.file, start + from, start + to),
                None => span,
            };
            let attribute_expr =
                Expr { span: part(name.len() + 1, text.len()), form: Form::Literal(attribute.into(), Style::Quoted) };
            return Some(Form::GetAtt(Spanned::new(name.to_owned(), part(0, name.len())), Box::new(attribute_expr)));
        }
        let items = argument.items()?;
        let (name, rest) = items.split_first()?;
        let name = self.plain_name(*name)?;
        match rest {
            [] => None,
            [attribute] => Some(Form::GetAtt(name, Box::new(self.expr(*attribute, Mode::Value)))),
            [first, .., last] => {
                let parts: Option<Vec<_>> = rest.iter().map(|part| part.text()).collect();
                let span = join(first.span(), last.span());
                let form = Form::Literal(parts?.join(".").into(), Style::Quoted);
                Some(Form::GetAtt(name, Box::new(Expr { span, form })))
            }
        }
    }

    /// A name that is written as text, or comes from a loop.
    fn plain_name(&mut self, node: Node<'t>) -> Option<Name> {
        let expr = self.expr(node, Mode::Value);
        match expr.form {
            Form::Literal(text, _) => Some(Spanned::new(text.into(), expr.span)),
            _ => None,
        }
    }

    fn sub(&mut self, argument: Argument<'t>) -> Option<Form> {
        if let Some(text) = argument.text() {
            let pieces = sub::pieces(&self.substituted(text), argument.node.span(), &[]);
            return Some(Form::Sub(pieces, Vec::new()));
        }
        let items = argument.items()?;
        let (text, variables) = match items.as_slice() {
            [text] => (*text, Vec::new()),
            [text, variables] => {
                let Form::Map(variables) = self.expr(*variables, Mode::Value).form else { return None };
                (*text, variables)
            }
            _ => return None,
        };
        let format = self.plain_name(text)?;
        Some(Form::Sub(sub::pieces(&format.value, format.span, &variables), variables))
    }

    fn choice(&mut self, argument: Argument<'t>, mode: Mode) -> Option<Form> {
        let items = argument.items()?;
        let [condition, yes, no] = items.as_slice() else { return None };
        let name = self.plain_name(*condition)?;
        Some(Form::If(name, Box::new(self.expr(*yes, mode)), Box::new(self.expr(*no, mode))))
    }

    fn find_in_map(&mut self, argument: Argument<'t>) -> Option<Form> {
        let items = argument.items()?;
        let (keys, rest) = items.split_first_chunk::<3>()?;
        let keys = keys.map(|key| self.expr(key, Mode::Value));
        let default = match rest {
            [] => None,
            [options] => Some(Box::new(self.expr(options.get("DefaultValue")?, Mode::Value))),
            _ => return None,
        };
        Some(Form::FindInMap(Box::new(keys), default))
    }

    fn stack_output(&mut self, argument: Argument<'t>) -> Option<Form> {
        let node = argument.node;
        let mut part = |key: &str| node.get(key).map(|value| self.expr(value, Mode::Value));
        let stack = part("StackName")?;
        let output = part("OutputName")?;
        Some(Form::GetStackOutput(Box::new(StackOutput {
            stack,
            output,
            region: part("Region"),
            role: part("RoleArn"),
        })))
    }

    fn two(&mut self, argument: Argument<'t>) -> Option<(Box<Expr>, Box<Expr>)> {
        let items = argument.items()?;
        let [first, second] = items.as_slice() else { return None };
        let mode = Mode::Value;
        Some((Box::new(self.expr(*first, mode)), Box::new(self.expr(*second, mode))))
    }

    /// The conditions of `And`, `Or`, `Not`.
    fn all(&mut self, argument: Argument<'t>) -> Option<Vec<Expr>> {
        let items = argument.items()?;
        Some(items.into_iter().map(|item| self.expr(item, Mode::Condition)).collect())
    }
}
