//! Which guards hold: in all deployments at once, or in those of one world.

use crate::resolve::{Guard, Truth};

/// The deployments in which an assignment holds.
#[derive(Clone, Copy)]
pub(super) struct World<'w> {
    /// Choices that are made.
    pub(super) assignment: &'w Guard,
    /// Whether a guard can hold in some deployment.
    pub(super) feasible: &'w dyn Fn(&Guard) -> bool,
}

impl World<'_> {
    /// Whether a guard holds in all, none or some of these deployments.
    #[inline]
    pub(super) fn holds(&self, guard: &Guard) -> Truth {
        if guard.is_always() { Truth::Yes } else { self.holds_sometimes(guard) }
    }

    fn holds_sometimes(&self, guard: &Guard) -> Truth {
        let Some(joined) = self.assignment.and(guard) else { return Truth::No };
        if joined == *self.assignment {
            return Truth::Yes;
        }
        if (self.feasible)(&joined) { Truth::Unknown } else { Truth::No }
    }
}
