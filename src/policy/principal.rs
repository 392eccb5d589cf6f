//! What the principals of a statement are.

use super::Principal;
use crate::resolve::{Piece, Symbol, Text};

/// What a text under `AWS` in a `Principal` is.
#[must_use]
pub fn aws_principal(text: &Text) -> Principal {
    match text.as_literal() {
        Some(literal) => from_literal(literal, text),
        None => from_holes(text),
    }
}

/// Whether an ARN is that of a service-linked role: AWS makes it and keeps its policies, and nobody else can change them.
#[must_use]
pub fn is_service_linked(arn: &Text) -> bool {
    arn.pieces().iter().any(|piece| matches!(piece, Piece::Literal(part) if part.contains(":role/aws-service-role/")))
}

/// A service's name with the suffix that it has in every partition: what `AWS::URLSuffix` says in most of them.
pub(super) fn service_name(text: &Text) -> Text {
    let mut name = Text::default();
    for piece in text.pieces() {
        match piece {
            Piece::Symbol(Symbol::Pseudo(_, pseudo)) if pseudo == "AWS::URLSuffix" => name.push_str("amazonaws.com"),
            Piece::Symbol(symbol) => name.push(&Text::symbol(symbol.clone())),
            Piece::Literal(literal) => name.push_str(literal),
        }
    }
    name
}

fn from_literal(literal: &str, text: &Text) -> Principal {
    if literal == "*" {
        return Principal::Everyone;
    }
    if is_account(literal) {
        return Principal::Account(text.clone());
    }
    if is_unique_id(literal) {
        return Principal::UniqueId(literal.to_owned());
    }
    let parts: Vec<&str> = literal.splitn(6, ':').collect();
    let [arn, partition, service, region, account, resource] = parts.as_slice() else {
        return Principal::Malformed(text.clone());
    };
    let sound = *arn == "arn"
        && !partition.is_empty()
        && region.is_empty()
        && is_account(account)
        && !literal.contains(['*', '?']);
    match (sound, *service, *resource) {
        (true, "iam", "root") => Principal::Account(Text::literal(account)),
        (true, service, resource) if names_identity(service, resource) => Principal::Arn(text.clone()),
        _ => Principal::Malformed(text.clone()),
    }
}

/// Classifies by the literal parts: a hole is taken to fill its own part of the ARN.
fn from_holes(text: &Text) -> Principal {
    if let Some(Symbol::Account(_)) = text.as_symbol() {
        return Principal::Account(text.clone());
    }
    let (head, _) = text.literal_ends();
    if head.is_empty() {
        return Principal::Arn(text.clone());
    }
    let parts = colon_parts(text);
    if parts.len() < 6 {
        let could_be_arn = head.starts_with("arn:") || head.bytes().all(|byte| byte.is_ascii_digit());
        return if could_be_arn { Principal::Arn(text.clone()) } else { Principal::Malformed(text.clone()) };
    }
    let part = |at: usize| parts.get(at).cloned().unwrap_or_default();
    let wild =
        text.pieces().iter().any(|piece| matches!(piece, Piece::Literal(literal) if literal.contains(['*', '?'])));
    if part(0).as_literal() != Some("arn") || wild {
        return Principal::Malformed(text.clone());
    }
    if parts.len() == 6 && part(5).as_literal() == Some("root") && part(2).as_literal() == Some("iam") {
        return Principal::Account(part(4));
    }
    let resource = part(5);
    let (start, _) = resource.literal_ends();
    let service = part(2);
    let plain = start.contains('/').then_some(start);
    match (service.as_literal(), plain) {
        (Some(service), Some(start)) if !names_identity(service, start) => Principal::Malformed(text.clone()),
        _ => Principal::Arn(text.clone()),
    }
}

/// Splits at each `:` of literal text; holes are opaque.
fn colon_parts(text: &Text) -> Vec<Text> {
    let mut parts = vec![Text::default()];
    for piece in text.pieces() {
        match piece {
            Piece::Symbol(symbol) => {
                if let Some(last) = parts.last_mut() {
                    last.push(&Text::symbol(symbol.clone()));
                }
            }
            Piece::Literal(literal) => {
                for (index, part) in literal.split(':').enumerate() {
                    if index > 0 {
                        parts.push(Text::default());
                    }
                    if let Some(last) = parts.last_mut() {
                        last.push_str(part);
                    }
                }
            }
        }
    }
    parts
}

/// Whether the resource part of an ARN names someone who can be a principal. Groups cannot.
fn names_identity(service: &str, resource: &str) -> bool {
    match service {
        "iam" => {
            resource.starts_with("user/") || resource.starts_with("role/") || resource.starts_with("saml-provider/")
        }
        "sts" => resource.starts_with("assumed-role/") || resource.starts_with("federated-user/"),
        "cloudfront" => resource.starts_with("user/"),
        _ => false,
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `AIDA…`, `AROA…` and their like: four letters that say what it was, then at least twelve capitals and digits.
fn is_unique_id(text: &str) -> bool {
    text.len() >= 16
        && text.starts_with('A')
        && text.get(..4).is_some_and(|prefix| prefix.bytes().all(|byte| byte.is_ascii_uppercase()))
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::StackId;

    fn of(text: &str) -> Principal {
        aws_principal(&Text::literal(text))
    }

    #[test]
    fn an_account_is_one_thing_in_all_its_spellings() {
        let account = Principal::Account(Text::literal("012345678901"));
        assert_eq!(of("012345678901"), account);
        assert_eq!(of("arn:aws:iam::012345678901:root"), account);
        assert_eq!(of("arn:aws-us-gov:iam::012345678901:root"), account);
        let symbol = Text::symbol(Symbol::Account(StackId(0)));
        let mut root = Text::literal("arn:");
        root.push(&Text::symbol(Symbol::Partition(StackId(0))));
        root.push_str(":iam::");
        root.push(&symbol);
        root.push_str(":root");
        assert_eq!(aws_principal(&root), Principal::Account(symbol.clone()));
        assert_eq!(aws_principal(&symbol), Principal::Account(symbol));
    }

    #[test]
    fn groups_wildcards_and_bare_names_are_malformed() {
        for text in [
            "arn:aws:iam::012345678901:group/admins",
            "arn:aws:iam::012345678901:role/*",
            "arn:aws:iam::*:root",
            "s3",
            "s3.amazonaws.com",
            "12345678901",
            "arn:aws:s3:::bucket",
        ] {
            assert!(matches!(of(text), Principal::Malformed(_)), "{text}");
        }
    }

    #[test]
    fn identities_and_leftovers_are_told_apart() {
        assert!(matches!(of("arn:aws:iam::012345678901:role/path/Name"), Principal::Arn(_)));
        assert!(matches!(of("arn:aws:sts::012345678901:assumed-role/Name/session"), Principal::Arn(_)));
        assert!(matches!(of("AIDACKCEVSQ6C2EXAMPLE"), Principal::UniqueId(_)));
        assert_eq!(of("*"), Principal::Everyone);
    }

    #[test]
    fn a_parameter_may_be_any_principal() {
        let text = Text::symbol(Symbol::Parameter(StackId(0), "Admin".into()));
        assert_eq!(aws_principal(&text), Principal::Arn(text));
    }
}
