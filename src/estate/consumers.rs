//! Properties that name a key.

mod table;

use super::{Fact, Target};
use crate::finding::Site;
use crate::resolve::{Guard, StackId, Symbol, Text, Value, Valued};

/// Forms in which a property may name a key, and how sure that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forms {
    /// A bare key id.
    pub key_id: bool,
    /// A key ARN.
    pub key_arn: bool,
    /// An alias name.
    pub alias_name: bool,
    /// An alias ARN.
    pub alias_arn: bool,
    /// Whether a schema or a read source says so (else the forms are a guess, not for findings).
    pub certain: bool,
}

/// A property of a resource that names a key.
#[derive(Clone, Debug)]
pub struct Consumer {
    /// The stack.
    pub stack: StackId,
    /// The resource's logical id.
    pub resource: String,
    /// The resource's type.
    pub kind: String,
    /// The property's path in the table, with `*` for the elements of a list: `BucketEncryption.…*.KMSMasterKeyID`.
    pub property: &'static str,
    /// When it is set.
    pub guard: Guard,
    /// Where the value is written.
    pub site: Site,
    /// The value; a hole of its own where nothing of it is known.
    pub value: Text,
    /// What it names.
    pub target: Target,
    /// What the property accepts.
    pub forms: Forms,
    /// Whether a change of it replaces the resource.
    pub create_only: bool,
}

/// Whether resources of this type have a property that names a key.
pub(crate) fn names_a_key(kind: &str) -> bool {
    !table::rows(kind).is_empty()
}

/// Every property of a resource that names a key, in the order of the table and then of the text. A value that cannot be read is there with
/// its cause: whether and which key it names is unknown, not no.
pub(super) fn collect(fact: &Fact, target: &dyn Fn(&Text) -> Target) -> Vec<Consumer> {
    let mut consumers = Vec::new();
    for row in table::rows(&fact.kind) {
        let path: Vec<&str> = row.path.split('.').collect();
        let mut found = Vec::new();
        follow(&fact.properties, &path, &fact.guard, &mut found);
        consumers.extend(found.into_iter().map(|(guard, named)| Consumer {
            stack: fact.stack,
            resource: fact.name.clone(),
            kind: fact.kind.clone(),
            property: row.path,
            guard,
            site: Site { stack: fact.stack, span: named.span },
            target: named.target(target),
            value: named.text,
            forms: row.forms(),
            create_only: row.create_only,
        }));
    }
    consumers
}

/// A value at the end of a path, with its place in the file of the resource.
struct Named {
    span: crate::source::Span,
    text: Text,
    unknown: Option<String>,
}

impl Named {
    fn target(&self, target: &dyn Fn(&Text) -> Target) -> Target {
        match &self.unknown {
            Some(why) => Target::Unknown(why.clone()),
            None => target(&self.text),
        }
    }
}

/// Follows a path through a value in every world; `*` is any element of a list.
fn follow(valued: &Valued, path: &[&str], guard: &Guard, found: &mut Vec<(Guard, Named)>) {
    for (own, value) in valued.value.iter() {
        let Some(guard) = guard.and(own) else { continue };
        match (value, path) {
            (Value::Text(text), []) => {
                found.push((guard, Named { span: valued.span, text: text.clone(), unknown: None }));
            }
            (Value::Unknown(cause), _) => {
                let hole = Symbol::Derived(format!("(unknown value at {}..{})", valued.span.start, valued.span.end));
                let named = Named { span: valued.span, text: Text::symbol(hole), unknown: Some(cause.why.clone()) };
                found.push((guard, named));
            }
            (Value::List(items), ["*", rest @ ..]) => {
                for item in items {
                    follow(item, rest, &guard, found);
                }
            }
            (Value::Map(entries), [key, rest @ ..]) => {
                if let Some((_, inner)) = entries.iter().find(|(name, _)| name.value == *key) {
                    follow(inner, rest, &guard, found);
                }
            }
            (Value::Absent | Value::Null | Value::Text(_) | Value::List(_) | Value::Map(_), _) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::{Atom, Cause, Resolved};
    use crate::source::{FileId, Span, Spanned};

    fn at(start: usize) -> Span {
        Span::new(FileId(0), start, start + 1)
    }

    fn known(start: usize, value: Value) -> Valued {
        Valued { span: at(start), value: Resolved::Known(value) }
    }

    fn text(start: usize, text: &str) -> Valued {
        known(start, Value::Text(Text::literal(text)))
    }

    fn map(entries: Vec<(&str, Valued)>) -> Valued {
        let entries = entries.into_iter().map(|(key, value)| (Spanned::new(key.to_owned(), value.span), value));
        known(0, Value::Map(entries.collect()))
    }

    fn fact(kind: &str, properties: Valued) -> Fact {
        Fact {
            stack: StackId(0),
            name: "It".to_owned(),
            kind: kind.to_owned(),
            guard: Guard::ALWAYS,
            properties,
            span: at(0),
        }
    }

    fn condition(name: &str, holds: bool) -> Guard {
        Guard::of(Atom::Condition { stack: StackId(0), name: name.to_owned() }, holds)
    }

    fn pattern(text: &Text) -> Target {
        Target::Pattern(text.clone())
    }

    #[test]
    fn only_types_of_the_table_name_a_key() {
        assert!(names_a_key("AWS::S3::Bucket") && names_a_key("AWS::SQS::Queue"));
        assert!(!names_a_key("AWS::S3::BucketPolicy") && !names_a_key("AWS::KMS::Alias") && !names_a_key(""));
    }

    #[test]
    fn a_top_level_property_is_a_consumer_with_its_place_and_forms() {
        let fact = fact("AWS::Logs::LogGroup", map(vec![("KmsKeyId", text(7, "arn:x"))]));
        let found = collect(&fact, &pattern);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].property, found[0].site.span), ("KmsKeyId", at(7)));
        assert!(found[0].forms.key_arn && found[0].forms.certain && !found[0].forms.key_id);
    }

    #[test]
    fn elements_of_lists_are_consumers_each() {
        let rule = |start, id| {
            let default = map(vec![("KMSMasterKeyID", text(start, id))]);
            map(vec![("ServerSideEncryptionByDefault", default)])
        };
        let rules = known(1, Value::List(vec![rule(2, "a"), rule(3, "b")]));
        let encryption = map(vec![("ServerSideEncryptionConfiguration", rules)]);
        let found = collect(&fact("AWS::S3::Bucket", map(vec![("BucketEncryption", encryption)])), &pattern);
        let values: Vec<_> = found.iter().map(|consumer| consumer.value.to_string()).collect();
        assert_eq!(values, ["a", "b"]);
    }

    #[test]
    fn a_branch_is_a_consumer_under_its_guard_and_an_absent_one_is_none() {
        let branches =
            vec![(condition("Own", true), Value::Text(Text::literal("a"))), (condition("Own", false), Value::Absent)];
        let key = Valued { span: at(4), value: Resolved::Depends(branches) };
        let found = collect(&fact("AWS::SQS::Queue", map(vec![("KmsMasterKeyId", key)])), &pattern);
        assert_eq!(found.iter().map(|consumer| &consumer.guard).collect::<Vec<_>>(), [&condition("Own", true)]);
    }

    #[test]
    fn guards_that_exclude_each_other_give_no_consumer() {
        let inner = Valued {
            span: at(4),
            value: Resolved::Depends(vec![(condition("Own", false), Value::Text(Text::literal("a")))]),
        };
        let mut fact = fact("AWS::SQS::Queue", map(vec![("KmsMasterKeyId", inner)]));
        fact.guard = condition("Own", true);
        assert!(collect(&fact, &pattern).is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_a_consumer_of_an_unknown_key() {
        let cause = Cause { span: at(5), why: "the macro `M` may write anything".to_owned() };
        let fact = fact("AWS::SQS::Queue", map(vec![("KmsMasterKeyId", known(5, Value::Unknown(cause)))]));
        let found = collect(&fact, &pattern);
        assert_eq!(found[0].target, Target::Unknown("the macro `M` may write anything".to_owned()));
    }
}
