//! How sure a finding is, in words.

use crate::finding::Certainty;
use crate::resolve::{Atom, Guard};

/// How many guards are written out before the rest is counted.
const SHOWN: usize = 3;

/// `holds while …`; none where it always holds.
pub(super) fn sentence(certainty: &Certainty) -> Option<String> {
    match certainty {
        Certainty::Always => None,
        Certainty::Conditional(guards) => Some(format!("holds while {}", any(guards, ", or while "))),
        Certainty::Defaults(guards) => Some(format!("holds as long as {}", any(guards, ", or as long as "))),
    }
}

/// The choices of several guards; the rest of many is counted.
pub(super) fn any(guards: &[Guard], or: &str) -> String {
    let mut text = guards.iter().take(SHOWN).map(all).collect::<Vec<_>>().join(or);
    match guards.len().saturating_sub(SHOWN) {
        0 => {}
        1 => text.push_str(", or in one more case"),
        more => text.push_str(&format!(", or in {more} more cases")),
    }
    text
}

/// The choices of one guard: ``condition `A` is true and `Env` is `prod` ``.
pub(super) fn all(guard: &Guard) -> String {
    guard.atoms().map(|(atom, holds)| one(atom, holds)).collect::<Vec<_>>().join(" and ")
}

fn one(atom: &Atom, holds: bool) -> String {
    match atom {
        Atom::Condition { name, .. } => format!("condition `{name}` is {holds}"),
        Atom::Parameter { name, value, default: true, .. } if holds => format!("`{name}` keeps its default `{value}`"),
        Atom::Parameter { name, value, .. } if holds => format!("`{name}` is `{value}`"),
        Atom::Parameter { name, value, .. } => format!("`{name}` is not `{value}`"),
        Atom::Provider { label, .. } if holds => format!("{label} provides what is imported"),
        Atom::Provider { label, .. } => format!("{label} does not provide what is imported"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resolve::StackId;

    fn parameter(name: &str, value: &str, default: bool) -> Atom {
        Atom::Parameter { stack: StackId(0), name: name.to_owned(), value: value.to_owned(), default }
    }

    #[test]
    fn each_certainty_has_its_sentence() {
        let prod = Guard::of(parameter("Env", "prod", false), true);
        let condition = Guard::of(Atom::Condition { stack: StackId(0), name: "IsEu".to_owned() }, false);
        let both = prod.and(&condition).unwrap();
        let kept = Guard::of(parameter("Rotate", "false", true), true);
        assert_eq!(sentence(&Certainty::Always), None);
        assert_eq!(sentence(&Certainty::of(vec![prod.clone()])).unwrap(), "holds while `Env` is `prod`");
        assert_eq!(
            sentence(&Certainty::of(vec![kept])).unwrap(),
            "holds as long as `Rotate` keeps its default `false`"
        );
        assert_eq!(
            sentence(&Certainty::Conditional(vec![both, Guard::of(parameter("Env", "dev", false), false)])).unwrap(),
            "holds while condition `IsEu` is false and `Env` is `prod`, or while `Env` is not `dev`"
        );
        assert_eq!(
            sentence(&Certainty::Conditional(vec![prod; 5])).unwrap(),
            "holds while `Env` is `prod`, or while `Env` is `prod`, or while `Env` is `prod`, or in 2 more cases"
        );
    }
}
