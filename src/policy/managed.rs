//! What the AWS managed policies say of KMS.
//!
//! As of August 2026, in the partition `aws`; the others are taken to differ in the partition of their ARNs alone.

mod table;

use super::{Policy, PolicyKind, Version, parse};
use crate::resolve::{Resolved, Text, Value, Valued};
use crate::source::Span;
use std::cmp::Ordering;
use table::TABLE;

/// The names of the AWS managed policies that say nothing of KMS, one a line, sorted.
const SILENT: &str = include_str!("managed/silent.txt");

/// What the AWS managed policy of this name says of KMS where it is attached in a partition: all its statements that reach actions of
/// KMS, each wholly at `span`; of the actions, only what reaches KMS. None where the name is unheard-of: such a policy may say anything.
#[must_use]
pub fn aws_managed(name: &str, partition: &Text, span: Span) -> Option<Policy> {
    let Ok(at) = TABLE.binary_search_by(|(row, _)| (*row).cmp(name)) else {
        return has_line(SILENT, name).then(|| Policy { version: Version::V2012, ..Policy::empty(span) });
    };
    let (_, statements) = TABLE.get(at)?;
    let mut document = Text::literal(r#"{"Version":"2012-10-17","Statement":["#);
    for (index, part) in statements.split("arn:aws:").enumerate() {
        if index > 0 {
            document.push_str("arn:");
            document.push(partition);
            document.push_str(":");
        }
        document.push_str(part);
    }
    document.push_str("]}");
    let document = Valued { span, value: Resolved::Known(Value::Text(document)) };
    Some(parse(&document, PolicyKind::Identity))
}

/// Whether one of sorted lines, each with its line end, is this.
fn has_line(lines: &str, wanted: &str) -> bool {
    let mut rest = lines;
    while let Some((before, after)) = rest.split_at_checked(rest.len() / 2) {
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let Some((earlier, from_line)) = rest.split_at_checked(start) else { return false };
        let Some((line, _)) = from_line.split_once('\n') else { return false };
        rest = match wanted.cmp(line) {
            Ordering::Equal => return true,
            Ordering::Less => earlier,
            Ordering::Greater => after.split_once('\n').map_or("", |(_, later)| later),
        };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Action, Effect, Match, OperatorKind};
    use crate::resolve::{StackId, Symbol};
    use crate::source::FileId;

    fn of(name: &str) -> Option<Policy> {
        aws_managed(name, &Text::literal("aws"), Span::new(FileId(3), 4, 9))
    }

    fn allows(name: &str, action: &str) -> bool {
        let action = Action::named(action).unwrap();
        let policy = of(name).unwrap();
        policy.statements.iter().any(|said| said.effect == Some(Effect::Allow) && said.may_cover(action))
    }

    #[test]
    fn the_names_are_sorted_and_each_is_in_one_list() {
        assert!(TABLE.is_sorted_by(|(one, _), (next, _)| one < next));
        let silent: Vec<&str> = SILENT.lines().collect();
        assert!(silent.is_sorted_by(|one, next| one < next));
        assert!(SILENT.ends_with('\n'));
        for name in &silent {
            assert!(has_line(SILENT, name), "{name}");
            assert!(of(name).unwrap().statements.is_empty(), "{name}");
        }
    }

    #[test]
    fn every_row_is_read_whole() {
        for (name, _) in TABLE {
            let policy = of(name).unwrap();
            assert!(policy.unknown.is_empty() && !policy.statements.is_empty(), "{name}");
            for statement in &policy.statements {
                assert!(statement.unknown.is_empty() && statement.unread.is_empty(), "{name}: {statement:?}");
                assert!(statement.effect.is_some(), "{name}");
                assert!(Action::all().any(|action| statement.may_cover(action)), "{name}: {statement:?}");
                assert!(statement.conditions.iter().all(|condition| condition.operator.is_some()), "{name}");
            }
        }
    }

    #[test]
    fn an_administrator_may_do_everything_and_a_reader_may_not_decrypt() {
        for action in Action::all() {
            assert!(allows("AdministratorAccess", action.name()), "{action}");
            assert!(allows("PowerUserAccess", action.name()), "{action}");
        }
        assert!(allows("ReadOnlyAccess", "kms:DescribeKey"));
        assert!(!allows("ReadOnlyAccess", "kms:Decrypt"));
        assert!(!allows("AWSKeyManagementServicePowerUser", "kms:PutKeyPolicy"));
    }

    #[test]
    fn a_policy_that_does_not_reach_kms_is_empty_and_one_that_is_unheard_of_is_none() {
        let policy = of("AWSLambdaBasicExecutionRole").unwrap();
        assert_eq!((policy.statements.len(), policy.unknown.len()), (0, 0));
        for name in ["", "\n", "AWSLambdaBasicExecutionRol", "awslambdabasicexecutionrole", "ZZZ", "AAA"] {
            assert_eq!(of(name), None, "{name}");
        }
    }

    #[test]
    fn what_is_excepted_is_not_denied() {
        let policy = of("AmazonSecurityLakePermissionsBoundary").unwrap();
        let denies = |action: &str| {
            let unconditional = |said: &&crate::policy::Statement| said.conditions.is_empty();
            let mut denies = policy.statements.iter().filter(|said| said.effect == Some(Effect::Deny));
            denies.any(|said| unconditional(&said) && said.may_cover(Action::named(action).unwrap()))
        };
        assert!(denies("kms:CreateGrant"));
        assert!(!denies("kms:Decrypt"));
    }

    #[test]
    fn conditions_and_resources_are_those_of_the_policy_in_its_partition() {
        let name = "AWSBackupAccessPointOperatorAccess";
        let policy = of(name).unwrap();
        let [statement] = policy.statements.as_slice() else { panic!("{policy:?}") };
        assert_eq!(statement.sid.as_deref(), Some("DecryptKMSEncryptedDataByAWSBackup"));
        assert_eq!(statement.span, Span::new(FileId(3), 4, 9));
        let conditions = statement.conditions.iter();
        let via = conditions.clone().find(|condition| condition.key.folded == "kms:viaservice").unwrap();
        assert_eq!(via.operator.unwrap().kind, OperatorKind::StringLike);
        assert_eq!(via.values.first().unwrap().value.as_literal(), Some("backup.*.amazonaws.com"));
        assert_eq!(conditions.count(), 2);

        let resource = |partition: &Text| {
            let policy = aws_managed(name, partition, policy.span).unwrap();
            let Match::Only(resources) = &policy.statements.first().unwrap().resources else { panic!("{policy:?}") };
            resources.first().unwrap().value.clone()
        };
        assert_eq!(resource(&Text::literal("aws-cn")), Text::literal("arn:aws-cn:kms:*:*:key/*"));
        let partition = Text::symbol(Symbol::Partition(StackId(1)));
        assert_eq!(resource(&partition).symbols().count(), 1);
    }
}
