//! Evaluation: an expression in a stack becomes what it is in each deployment.

use std::cell::Cell;

use super::{Atom, Cause, Guard, Piece, Resolved, Scope, Symbol, Text, Value, Valued};
use crate::source::Span;
use crate::template::{Expr, Form, Name, Parameter};

/// Alternatives: their guards exclude each other and cover every deployment that the evaluation is about.
pub(super) type Cases<T> = Vec<(Guard, T)>;

/// Texts, or why there is none.
pub(super) type Texts = Cases<Result<Text, Cause>>;

/// More alternatives than this are not told apart: the value is unknown.
const MAX_CASES: usize = 64;

/// How often one evaluation looks into other resources; after that they are only named. Names made of names could grow without end.
const MAX_VISITS: u32 = 1000;

/// One evaluation: a scope, the guard under which it happens, and the resources whose names are being found.
#[derive(Clone)]
pub(super) struct Eval<'e> {
    pub(super) scope: Scope<'e>,
    under: Guard,
    visiting: Option<&'e Visit<'e>>,
    visits_left: &'e Cell<u32>,
}

/// A resource whose physical name is being found, and those that led to it.
struct Visit<'e> {
    name: &'e str,
    outer: Option<&'e Visit<'e>>,
}

/// What an expression is in each deployment.
pub(super) fn value(scope: &Scope<'_>, expr: &Expr) -> Valued {
    evaluating(*scope, |eval| eval.valued(expr))
}

/// Runs an evaluation in a scope.
pub(super) fn evaluating<T>(scope: Scope<'_>, run: impl FnOnce(&Eval<'_>) -> T) -> T {
    let visits_left = Cell::new(MAX_VISITS);
    run(&Eval { scope, under: Guard::ALWAYS, visiting: None, visits_left: &visits_left })
}

/// A single case, in every deployment.
pub(super) fn always<T>(value: T) -> Cases<T> {
    vec![(Guard::ALWAYS, value)]
}

/// A value that cannot be known.
pub(super) fn unknown(span: Span, why: impl Into<String>) -> Cases<Value> {
    always(Value::Unknown(Cause { span, why: why.into() }))
}

/// Values of texts.
pub(super) fn text_values(texts: Texts) -> Cases<Value> {
    let value = |text: Result<Text, Cause>| match text {
        Ok(text) => Value::Text(text),
        Err(cause) => Value::Unknown(cause),
    };
    texts.into_iter().map(|(guard, text)| (guard, value(text))).collect()
}

/// Texts of values; what is no text is the cause.
pub(super) fn value_texts(values: Cases<Value>, span: Span) -> Texts {
    values.into_iter().map(|(guard, value)| (guard, text_of(value, span))).collect()
}

pub(super) fn text_of(value: Value, span: Span) -> Result<Text, Cause> {
    let why = match value {
        Value::Text(text) => return Ok(text),
        Value::Unknown(cause) => return Err(cause),
        Value::Absent => "`AWS::NoValue` stands where text is needed",
        Value::Null => "null stands where text is needed",
        Value::List(_) => "a list stands where text is needed",
        Value::Map(_) => "a map stands where text is needed",
    };
    Err(Cause { span, why: why.to_owned() })
}

/// The value of alternatives; equal ones are the same in every deployment.
pub(super) fn resolved(mut cases: Cases<Value>, span: Span) -> Resolved<Value> {
    let all_equal = cases.windows(2).all(|pair| matches!(pair, [a, b] if a.1 == b.1));
    if !all_equal {
        return Resolved::Depends(cases);
    }
    match cases.pop() {
        Some((_, value)) => Resolved::Known(value),
        None => Resolved::Known(Value::Unknown(Cause { span, why: "this is in no deployment that can be".to_owned() })),
    }
}

impl<'e> Eval<'e> {
    /// The same evaluation where a guard holds too.
    pub(super) fn within(&self, guard: &Guard) -> Self {
        if guard.is_always() {
            return self.clone();
        }
        let under = self.under.and(guard).unwrap_or_else(|| self.under.clone());
        Self { under, ..self.clone() }
    }

    /// Whether some deployment that this evaluation is about fulfils the guard.
    pub(super) fn possible(&self, guard: &Guard) -> bool {
        guard.is_always() || self.under.and(guard).is_some_and(|both| self.scope.worlds.feasible(&both))
    }

    /// Both guards together, if some deployment fulfils them.
    pub(super) fn both(&self, a: &Guard, b: &Guard) -> Option<Guard> {
        if b.is_always() {
            return Some(a.clone());
        }
        let both = a.and(b)?;
        (both == *a || both == *b || self.possible(&both)).then_some(both)
    }

    /// Continues each alternative, evaluated where its guard holds; none past the cap.
    pub(super) fn then<T, U>(&self, cases: &Cases<T>, next: impl Fn(&Eval<'_>, &T) -> Cases<U>) -> Option<Cases<U>> {
        let mut all = Vec::new();
        for (guard, value) in cases {
            for (inner, made) in next(&self.within(guard), value) {
                if let Some(both) = self.both(guard, &inner) {
                    all.push((both, made));
                }
            }
            if all.len() > MAX_CASES {
                return None;
            }
        }
        Some(all)
    }

    /// [`Eval::then`] for values: past the cap they are unknown.
    pub(super) fn then_values<T>(
        &self,
        cases: &Cases<T>,
        span: Span,
        next: impl Fn(&Eval<'_>, &T) -> Cases<Value>,
    ) -> Cases<Value> {
        self.then(cases, next).unwrap_or_else(|| too_many(span))
    }

    /// Values that another layer gave, without those that cannot be here.
    pub(super) fn admitted(&self, value: &Resolved<Value>) -> Cases<Value> {
        value
            .iter()
            .filter(|(guard, _)| self.possible(guard))
            .map(|(guard, value)| (guard.clone(), value.clone()))
            .collect()
    }

    /// Runs `find` unless the name of this resource is being found already, or too much has been looked up.
    pub(super) fn visit<T>(&self, name: &str, find: impl FnOnce(&Eval<'_>) -> T) -> Option<T> {
        let mut open = self.visiting;
        while let Some(visit) = open {
            if visit.name == name {
                return None;
            }
            open = visit.outer;
        }
        self.visits_left.set(self.visits_left.get().checked_sub(1)?);
        let visit = Visit { name, outer: self.visiting };
        Some(find(&Eval { visiting: Some(&visit), ..self.clone() }))
    }

    pub(super) fn valued(&self, expr: &Expr) -> Valued {
        Valued { span: expr.span, value: resolved(self.cases(expr), expr.span) }
    }

    /// The texts of an expression.
    pub(super) fn texts(&self, expr: &Expr) -> Texts {
        value_texts(self.cases(expr), expr.span)
    }

    /// The alternatives of an expression.
    pub(super) fn cases(&self, expr: &Expr) -> Cases<Value> {
        let span = expr.span;
        match &expr.form {
            Form::Null => always(Value::Null),
            Form::Literal(..) => match expr.text() {
                Some(text) => always(Value::Text(self.looked_up(Text::literal(&text)))),
                None => always(Value::Null),
            },
            Form::List(items) => always(Value::List(items.iter().map(|item| self.valued(item)).collect())),
            Form::Map(entries) => {
                always(Value::Map(entries.iter().map(|(name, value)| (name.clone(), self.valued(value))).collect()))
            }
            Form::Ref(name) => self.reference(&name.value, span),
            Form::GetAtt(name, attribute) => self.then_values(&self.texts(attribute), span, |eval, attribute| {
                match attribute.as_ref().map(Text::as_literal) {
                    Ok(Some(attribute)) => eval.attribute(&name.value, attribute, span),
                    Ok(None) => unknown(span, format!("the attribute of `{}` is not literal", name.value)),
                    Err(cause) => always(Value::Unknown(cause.clone())),
                }
            }),
            Form::Sub(pieces, variables) => text_values(self.sub(pieces, variables, span)),
            Form::Join(delimiter, list) => self.join(delimiter, list, span),
            Form::Select(index, list) => self.select(index, list, span),
            Form::Split(..) => self.split_value(expr),
            Form::If(condition, yes, no) => self.choose(condition, yes, no, Self::cases),
            Form::FindInMap(keys, default) => self.find_in_map(keys, default.as_deref(), span),
            Form::ImportValue(name) => self.then_values(&self.texts(name), span, |eval, name| match name {
                Ok(name) => eval.admitted(&eval.scope.links.import(eval.scope.stack, name, span)),
                Err(cause) => always(Value::Unknown(cause.clone())),
            }),
            Form::GetStackOutput(output) => self.stack_output(&output.stack, &output.output, span),
            Form::Base64(inner) => self.derived(inner, "base64 of"),
            Form::ToJsonString(inner) => text_values(self.to_json(inner)),
            Form::Length(list) => self.length(list, span),
            Form::Logic(_) => unknown(span, "a condition function stands where a value is needed"),
            Form::Opaque(what) => unknown(span, format!("{what} cannot be evaluated from here")),
        }
    }

    /// Evaluates the branches of `Fn::If` that some deployment takes.
    pub(super) fn choose<T>(
        &self,
        condition: &Name,
        yes: &Expr,
        no: &Expr,
        read: impl Fn(&Self, &Expr) -> Cases<T>,
    ) -> Cases<T> {
        let guard = |holds| {
            let atom = Atom::Condition { stack: self.scope.stack, name: condition.value.clone() };
            Guard::of(atom, holds)
        };
        let (when, unless) = (guard(true), guard(false));
        match (self.possible(&when), self.possible(&unless)) {
            (true, false) => read(self, yes),
            (false, true) => read(self, no),
            (true, true) | (false, false) => {
                let mut cases = Vec::new();
                for (guard, branch) in [(when, yes), (unless, no)] {
                    let inner = read(&self.within(&guard), branch);
                    let is_single = inner.len() == 1;
                    for (inner, value) in inner {
                        // A single alternative is there wherever the branch is: its own guard says nothing more.
                        let both = if is_single { Some(guard.clone()) } else { self.both(&guard, &inner) };
                        cases.extend(both.map(|both| (both, value)));
                    }
                }
                cases
            }
        }
    }

    /// `Ref`.
    pub(super) fn reference(&self, name: &str, span: Span) -> Cases<Value> {
        if let Some(pseudo) = name.strip_prefix("AWS::") {
            return self.pseudo(pseudo, name, span);
        }
        match self.scope.template.parameter(name) {
            Some(parameter) => self.parameter(parameter, span),
            None => self.resource_reference(name, span),
        }
    }

    fn pseudo(&self, short: &str, name: &str, span: Span) -> Cases<Value> {
        let environment = self.scope.environment;
        let symbol = || Text::symbol(Symbol::Pseudo(self.scope.stack, name.to_owned()));
        let text = match short {
            "NoValue" => return always(Value::Absent),
            "AccountId" => environment.account.clone(),
            "Region" => environment.region.clone(),
            "Partition" => environment.partition.clone(),
            "StackName" => environment.stack_name.clone(),
            "URLSuffix" => match environment.partition.as_literal() {
                Some("aws" | "aws-us-gov") => Text::literal("amazonaws.com"),
                Some("aws-cn") => Text::literal("amazonaws.com.cn"),
                Some(_) | None => symbol(),
            },
            "StackId" => symbol(),
            "NotificationARNs" => return unknown(span, "`AWS::NotificationARNs` is not known before deployment"),
            _ => return unknown(span, format!("`{name}` is no pseudo parameter that is known here")),
        };
        always(Value::Text(text))
    }

    fn parameter(&self, parameter: &Parameter, span: Span) -> Cases<Value> {
        let name = &parameter.name.value;
        let kind = parameter.kind.as_str();
        let symbol = || Value::Text(Text::symbol(Symbol::Parameter(self.scope.stack, name.clone())));
        let mut supplied = self.scope.links.parameter(self.scope.stack, name, span);
        if let Some(supplied) = &mut supplied {
            // What a parent does not pass, in the worlds where it does not, keeps its default.
            let default = parameter.default.as_ref().map(|default| Value::Text(Text::literal(&default.value)));
            supplied.replace(&Value::Absent, &default.unwrap_or_else(symbol));
        }
        let is_list = parameter.is_list();
        if kind.starts_with("AWS::SSM::Parameter::Value<") {
            if is_list {
                return unknown(span, format!("the list in parameter `{name}` is read from Parameter Store"));
            }
            return match supplied {
                Some(supplied) => self.then_values(&self.admitted(&supplied), span, |_, value| {
                    always(match stored_parameter(value) {
                        Some(Value::Text(stored)) => Value::Text(self.looked_up(stored)),
                        Some(other) => other,
                        None => symbol(),
                    })
                }),
                None => self.stored_by_default(parameter).unwrap_or_else(|| always(symbol())),
            };
        }
        match supplied {
            Some(supplied) if is_list => {
                self.then_values(&self.admitted(&supplied), span, |_, value| always(comma_separated(value, span)))
            }
            Some(supplied) => self.admitted(&supplied),
            None if is_list => unknown(span, format!("parameter `{name}` has no value")),
            None => always(symbol()),
        }
    }

    /// What a parameter reads from Parameter Store while it keeps the name that is its default. Where a stack in view writes that name, the
    /// value rests on the default, and says so.
    fn stored_by_default(&self, parameter: &Parameter) -> Option<Cases<Value>> {
        let default = &parameter.default.as_ref()?.value;
        let reference = stored_parameter(&Value::Text(Text::literal(default)))?;
        let Value::Text(symbol) = &reference else { return Some(always(reference)) };
        let linked = self.looked_up(symbol.clone());
        if linked == *symbol {
            return Some(always(reference));
        }
        let (stack, name) = (self.scope.stack, parameter.name.value.clone());
        let kept = Atom::Parameter { stack, name, value: default.clone(), default: true };
        let branches = [(true, Value::Text(linked)), (false, reference)];
        let branch = |(holds, value)| (Guard::of(kept.clone(), holds), value);
        Some(branches.into_iter().map(branch).filter(|(guard, _)| self.possible(guard)).collect())
    }

    /// The text with its dynamic references as symbols, or as what stacks in view write there.
    pub(super) fn looked_up(&self, text: Text) -> Text {
        let text = text.with_dynamic_references();
        if !text.symbols().any(|symbol| matches!(symbol, Symbol::Dynamic(_))) {
            return text;
        }
        let mut found = Text::default();
        for piece in text.pieces() {
            let stored = match piece {
                Piece::Symbol(Symbol::Dynamic(reference)) => self.scope.links.stored(self.scope.stack, reference),
                Piece::Symbol(_) | Piece::Literal(_) => None,
            };
            match stored {
                Some(stored) => found.push(&stored),
                None => found.push_piece(piece),
            }
        }
        found
    }

    fn stack_output(&self, stack: &Expr, output: &Expr, span: Span) -> Cases<Value> {
        self.then_values(&self.texts(stack), span, |eval, stack| {
            eval.then_values(&eval.texts(output), span, |eval, output| match (stack, output) {
                (Ok(stack), Ok(output)) => {
                    eval.admitted(&eval.scope.links.stack_output(eval.scope.stack, stack, output, span))
                }
                (Err(cause), _) | (_, Err(cause)) => always(Value::Unknown(cause.clone())),
            })
        })
    }

    /// A function of text that is not computed: equal arguments give equal results.
    fn derived(&self, inner: &Expr, what: &str) -> Cases<Value> {
        let derive = |text: Text| Text::symbol(Symbol::Derived(format!("${{{what} {}}}", text.canonical())));
        let texts = self.texts(inner).into_iter().map(|(guard, text)| (guard, text.map(derive))).collect();
        text_values(texts)
    }
}

/// The value behind the name of a stored parameter, if that is literal.
fn stored_parameter(name: &Value) -> Option<Value> {
    let Value::Text(name) = name else { return None };
    let literal = name.as_literal()?;
    // Whoever knows what is stored may say so: what the name of no stored parameter can be is the value itself.
    if literal.starts_with("arn:") && !literal.contains(":ssm:") {
        return Some(Value::Text(name.clone()));
    }
    let name = literal;
    Some(Value::Text(Text::symbol(Symbol::Dynamic(format!("{{{{resolve:ssm:{name}}}}}")))))
}

/// The list that a supplied text stands for; blanks around its elements do not count.
fn comma_separated(value: &Value, span: Span) -> Value {
    let Value::Text(text) = value else { return value.clone() };
    let Some(parts) = text.split(',') else {
        return Value::Unknown(Cause { span, why: "the elements of this list are not known".to_owned() });
    };
    let element = |part: Text| Valued { span, value: Resolved::Known(Value::Text(part.trimmed())) };
    Value::List(parts.into_iter().map(element).collect())
}

pub(super) fn too_many(span: Span) -> Cases<Value> {
    unknown(span, format!("this has more than {MAX_CASES} alternatives"))
}
