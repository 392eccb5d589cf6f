//! By which names people call principals and keys.

use crate::estate::{AliasTarget, Estate, Key, KeyId, PrincipalEntry};
use crate::finding::Site;
use crate::resolve::StackId;

/// Logical id, ARN, construct path, and the logical id with the stack's name before it.
pub(super) fn of_key(estate: &Estate, key: &Key) -> Vec<String> {
    let mut names = vec![key.name.clone(), key.arn.to_string()];
    names.extend(key.stack.map(|stack| with_stack(estate, stack, &key.name)));
    names.extend(constructs(estate, key.site));
    names
}

/// The logical ids and the names of the aliases of a key.
pub(super) fn of_aliases(estate: &Estate, id: KeyId) -> Vec<String> {
    let points_to_it = |target: &AliasTarget| *target == AliasTarget::Key(id);
    let aliases = estate.aliases.iter().filter(|alias| alias.targets.iter().any(|(_, target)| points_to_it(target)));
    let names = aliases.flat_map(|alias| {
        std::iter::once(alias.logical.clone()).chain(alias.names.iter().map(|(_, name)| name.to_string()))
    });
    let known = estate.known_aliases.iter().filter(|alias| alias.key == Some(id)).map(|alias| alias.name.clone());
    names.chain(known).collect()
}

/// Logical id, name, ARN and what stands at its end, construct path, and the logical id with the stack's name before it. What is only named
/// goes by the logical id of the policy that names it, too.
pub(super) fn of_principal(estate: &Estate, entry: &PrincipalEntry) -> Vec<String> {
    let arn = entry.arn.to_string();
    let mut names = vec![entry.logical.clone(), entry.name.clone()];
    names.extend(last_part(&arn).map(str::to_owned));
    names.push(arn);
    names.push(with_stack(estate, entry.stack, &entry.logical));
    names.extend(constructs(estate, entry.declared.then_some(entry.site)));
    names
}

/// `stack/name`.
pub(super) fn with_stack(estate: &Estate, stack: StackId, name: &str) -> String {
    estate.stack(stack).map_or_else(|| name.to_owned(), |stack| format!("{}/{name}", stack.label))
}

/// What stands after the last `/` of an ARN.
pub(super) fn last_part(arn: &str) -> Option<&str> {
    arn.rsplit_once('/').map(|(_, name)| name)
}

/// The construct path of the resource at a site, with and without CDK's `/Resource` at its end.
fn constructs(estate: &Estate, site: Option<Site>) -> Vec<String> {
    let Some(path) = site.and_then(|site| estate.place(site).construct) else { return Vec::new() };
    let short = path.strip_suffix("/Resource").map(str::to_owned);
    std::iter::once(path).chain(short).collect()
}
