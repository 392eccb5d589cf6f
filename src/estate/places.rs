//! Where stacks are deployed: what is known, and what linked stacks share without its being known.

use super::build::Instance;
use super::{LinkKind, StackLink};
use crate::resolve::{Environment, StackId, Symbol, Text, partition_of};

/// Where each stack is deployed; stacks that are linked share what is not known.
pub(super) struct Places {
    known: Vec<(Option<String>, Option<String>)>,
    shared: Vec<u32>,
    partition: Option<String>,
}

impl Places {
    pub(super) fn new(instances: &[Instance], partition: Option<&str>) -> Self {
        let known: Vec<_> = instances.iter().map(|i| (i.deployed.account.clone(), i.deployed.region.clone())).collect();
        let shared = (0..).zip(instances).map(|(own, i)| match &i.parent {
            Some((parent, _)) if i.set.is_none() => parent.0,
            Some(_) | None => own,
        });
        let mut places = Self { shared: shared.collect(), known, partition: partition.map(str::to_owned) };
        for own in 0..places.shared.len() {
            let root = places.root(own);
            places.set(own, root);
        }
        places
    }

    /// The stack that stands for all that share an environment with this one: the first of them.
    fn root(&self, of: usize) -> u32 {
        let mut at = u32::try_from(of).unwrap_or(u32::MAX);
        while let Some(next) = self.shared.get(at as usize).filter(|next| **next != at) {
            at = *next;
        }
        at
    }

    fn set(&mut self, of: usize, root: u32) {
        if let Some(slot) = self.shared.get_mut(of) {
            *slot = root;
        }
    }

    /// Lets linked stacks share account and Region; whether anything changed.
    pub(super) fn join(&mut self, links: &[StackLink], instances: &[Instance]) -> bool {
        let before = self.shared.clone();
        for link in links.iter().filter(|link| !matches!(link.through, LinkKind::Manifest | LinkKind::StackSet)) {
            let (a, b) = (self.root(link.from.0 as usize), self.root(link.to.0 as usize));
            let (low, high) = (a.min(b), a.max(b));
            if low == high || link.through == LinkKind::StackOutput {
                continue;
            }
            self.set(high as usize, low);
            let other = self.known.get(high as usize).cloned().unwrap_or_default();
            if let Some(known) = self.known.get_mut(low as usize) {
                known.0 = known.0.take().or(other.0);
                known.1 = known.1.take().or(other.1);
            }
        }
        for own in 0..instances.len() {
            let root = self.root(own);
            self.set(own, root);
        }
        self.shared != before
    }

    /// Where a stack is deployed, and its name. That of a nested one is made by CloudFormation, with characters that nobody knows before.
    pub(super) fn environment(&self, id: StackId, name: Option<&str>) -> Environment {
        let root = StackId(self.root(id.0 as usize));
        let (account, region) = self.known.get(root.0 as usize).cloned().unwrap_or_default();
        let own = self.known.get(id.0 as usize).cloned().unwrap_or_default();
        let region = own.1.or(region);
        let partition =
            self.partition.clone().or_else(|| region.as_deref().map(|region| partition_of(region).to_owned()));
        let text = |known: Option<String>, symbol: Symbol| match known {
            Some(known) => Text::literal(&known),
            None => Text::symbol(symbol),
        };
        Environment {
            account: text(own.0.or(account), Symbol::Account(root)),
            region: text(region, Symbol::Region(root)),
            partition: text(partition, Symbol::Partition(root)),
            stack_name: text(name.map(str::to_owned), Symbol::Pseudo(id, "AWS::StackName".to_owned())),
        }
    }
}
