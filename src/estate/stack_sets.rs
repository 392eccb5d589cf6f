//! Stack sets: one template in several accounts and Regions.

use crate::template::{Expr, Form, Resource};

/// The type of a stack set.
pub(super) const KIND: &str = "AWS::CloudFormation::StackSet";

/// More instances of one stack set than this are left out: they are all alike.
const MOST: usize = 16;

/// Where one instance of a stack set is deployed, as far as the template says.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SetPlace {
    /// 12 digits.
    pub(super) account: Option<String>,
    pub(super) region: Option<String>,
    /// The group of instances that it is in: index into `StackInstancesGroup`.
    pub(super) group: Option<usize>,
}

impl SetPlace {
    /// The name of the instance here among those of its set: `keys-Set/111122223333/eu-west-1`.
    pub(super) fn told_apart(&self, name: &str) -> String {
        let group = self.group.filter(|group| *group > 0).map(|group| format!("group {}", group + 1));
        let parts = [Some(name), self.account.as_deref(), self.region.as_deref(), group.as_deref()];
        parts.into_iter().flatten().collect::<Vec<_>>().join("/")
    }
}

/// Where the instances of a stack set are. Accounts of organizational units are not known; without any group there is one instance somewhere.
pub(super) fn places(set: &Resource) -> Vec<SetPlace> {
    let groups = set.properties.get("StackInstancesGroup").map_or(&[][..], items);
    let mut places: Vec<SetPlace> = Vec::new();
    for (group, instances) in groups.iter().enumerate() {
        let targets = instances.get("DeploymentTargets");
        let by_unit = targets.is_some_and(|targets| targets.get("OrganizationalUnitIds").is_some());
        let accounts = targets.and_then(|targets| targets.get("Accounts")).filter(|_| !by_unit);
        for account in literals(accounts) {
            for region in literals(instances.get("Regions")) {
                places.push(SetPlace { account: account.clone(), region, group: Some(group) });
            }
        }
    }
    places.sort();
    places.dedup();
    places.truncate(MOST);
    if places.is_empty() {
        places.push(SetPlace::default());
    }
    places
}

/// Names and values of the parameters that an instance gets, the later ones winning: those of the set, then those of its group.
pub(super) fn parameters<'t>(set: &'t Resource, group: Option<usize>) -> impl Iterator<Item = (&'t str, &'t Expr)> {
    let of_set = set.properties.get("Parameters");
    let groups = set.properties.get("StackInstancesGroup").map_or(&[][..], items);
    let of_group = group.and_then(|group| groups.get(group)?.get("ParameterOverrides"));
    let pair = |entry: &'t Expr| Some((entry.get("ParameterKey")?.literal()?, entry.get("ParameterValue")?));
    [of_set, of_group].into_iter().flatten().flat_map(items).filter_map(pair)
}

fn items(expr: &Expr) -> &[Expr] {
    match &expr.form {
        Form::List(items) => items,
        _ => &[],
    }
}

/// The elements of a list that are literal; one that is not known for each other element, or for what is no list.
fn literals(list: Option<&Expr>) -> Vec<Option<String>> {
    let elements = list.map_or(&[][..], items);
    let mut found: Vec<Option<String>> = elements.iter().map(|element| element.text().map(Into::into)).collect();
    if found.is_empty() {
        found.push(None);
    }
    found
}
