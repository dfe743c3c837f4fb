//! How the secrets of webhooks are kept: encrypted, so that whoever reads the
//! database, a replica or a backup can sign nothing.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::config::ConfigError;

/// Keys made of the secrets in the configuration: the first seals, all open.
pub(super) struct Seals(Vec<RandomizedNonceKey>);

impl fmt::Debug for Seals {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Seals")
    }
}

impl Seals {
    /// A key of each secret.
    pub(super) fn new(secrets: &[SecretString]) -> Result<Self, ConfigError> {
        let key = |secret: &SecretString| {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).ok()?;
            mac.update(b"secrets of webhooks");
            RandomizedNonceKey::new(&AES_256_GCM, &mac.finalize().into_bytes()).ok()
        };
        let keys: Option<Vec<_>> = secrets.iter().map(key).collect();
        keys.map(Self)
            .ok_or_else(|| ConfigError::new("webhooks.secret cannot be used".into()))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The nonce, and behind it `plain` encrypted. It opens in the same `context`.
    pub(super) fn seal(&self, plain: &[u8], context: &str) -> Option<Vec<u8>> {
        let mut text = plain.to_vec();
        let nonce = self
            .0
            .first()?
            .seal_in_place_append_tag(Aad::from(context), &mut text)
            .ok()?;
        let nonce: &[u8] = nonce.as_ref();
        Some([nonce, &text].concat())
    }

    /// What was sealed; `None` if it was with another key, or elsewhere.
    pub(super) fn open(&self, sealed: &[u8], context: &str) -> Option<Vec<u8>> {
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN)?;
        self.0.iter().find_map(|key| {
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            let mut text = text.to_vec();
            let plain = key.open_in_place(nonce, Aad::from(context), &mut text).ok()?;
            Some(plain.to_vec())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_its_key_and_in_its_place() {
        let seals = |secrets: &[&str]| {
            let secrets: Vec<_> = secrets.iter().map(|secret| SecretString::from(*secret)).collect();
            Seals::new(&secrets).unwrap()
        };
        let old = seals(&["old"]);
        let sealed = old.seal(b"a secret", "1").unwrap();
        assert!(!sealed.windows(8).any(|part| part == b"a secret"));
        assert_ne!(sealed, old.seal(b"a secret", "1").unwrap());
        for (seals, opens) in [(&old, true), (&seals(&["new", "old"]), true), (&seals(&["new"]), false)] {
            assert_eq!(seals.open(&sealed, "1"), opens.then(|| b"a secret".to_vec()), "{opens}");
            assert_eq!(seals.open(&sealed, "2"), None);
        }
        for broken in [&sealed[..5], &sealed[..sealed.len() - 1], &[][..]] {
            assert_eq!(old.open(broken, "1"), None);
        }
        assert_eq!(seals(&[]).seal(b"a secret", "1"), None);
    }
}
