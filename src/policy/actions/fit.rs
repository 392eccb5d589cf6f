//! Which actions a key of a spec and usage can do.

use super::Action;

impl Action {
    /// Whether a key of this `KeySpec` and `KeyUsage` can do it, as far as these two decide: what else it depends on (the origin of its
    /// material, other Regions) may be as it has to be. Source: the key type reference of the KMS developer guide.
    #[must_use]
    pub fn works_with(self, spec: &str, usage: &str) -> bool {
        self.info().valid_keys.iter().any(|valid| match valid.split_once(':') {
            None => true,
            Some((valid_usage, family)) => {
                let family = family.split_once(" with ").map_or(family, |(family, _)| family);
                (valid_usage == "*" || valid_usage == usage) && is_of_family(spec, family)
            }
        })
    }
}

/// Whether a key spec is of a family as the table of actions names it.
fn is_of_family(spec: &str, family: &str) -> bool {
    match family {
        "symmetric" => spec == "SYMMETRIC_DEFAULT",
        "rsa" => spec.starts_with("RSA_"),
        "sm2" => spec == "SM2",
        "hmac" => spec.starts_with("HMAC_"),
        "ecc-nist" => spec.starts_with("ECC_NIST_P"),
        "asymmetric" => spec != "SYMMETRIC_DEFAULT" && !spec.starts_with("HMAC_"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cryptographic_action_on_a_key_works_with_some_key_and_not_with_every_key() {
        let keys = [
            ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
            ("RSA_4096", "ENCRYPT_DECRYPT"),
            ("RSA_4096", "SIGN_VERIFY"),
            ("ECC_NIST_P256", "KEY_AGREEMENT"),
            ("HMAC_256", "GENERATE_VERIFY_MAC"),
        ];
        for action in Action::all().filter(|action| action.info().cryptographic && action.info().on_key) {
            let fitting = keys.iter().filter(|(spec, usage)| action.works_with(spec, usage)).count();
            assert!(fitting > 0 && fitting < keys.len(), "{}", action.name());
        }
    }

    #[test]
    fn a_symmetric_key_encrypts_and_does_not_sign() {
        let works = |name| Action::named(name).unwrap().works_with("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
        assert!(works("kms:Decrypt") && works("kms:GenerateDataKeyPair") && works("kms:PutKeyPolicy"));
        assert!(!works("kms:Sign") && !works("kms:GenerateMac") && !works("kms:GetPublicKey"));
        assert!(works("kms:EnableKeyRotation") && works("kms:ReplicateKey") && works("kms:ImportKeyMaterial"));
    }

    #[test]
    fn a_key_for_signatures_shows_its_public_half_and_does_not_rotate() {
        let works = |name| Action::named(name).unwrap().works_with("RSA_4096", "SIGN_VERIFY");
        assert!(works("kms:Sign") && works("kms:GetPublicKey") && works("kms:DescribeKey"));
        assert!(!works("kms:Decrypt") && !works("kms:EnableKeyRotation") && !works("kms:GenerateDataKey"));
    }
}
