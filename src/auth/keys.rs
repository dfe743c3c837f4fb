//! The keys that tokens are checked with: each for one algorithm, which comes
//! from the key and the configuration (RFC 8725 §3.1).

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey, VerificationAlgorithm,
};
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use super::jws::Reason;
use crate::config::Issuer;

/// RSA keys of fewer bits can be broken (RFC 7518 §3.3).
const RSA_BITS_MIN: usize = 2048;

/// Keys of a set that are used. A token that names none is tried with each.
const KEYS_MAX: usize = 64;

/// A key and the one algorithm it is used with. The token never chooses.
pub(super) struct TrustedKey {
    /// Its name in the set.
    pub(super) id: Option<String>,
    pub(super) algorithm: Algorithm,
    key: DecodingKey,
}

impl TrustedKey {
    /// A shared secret.
    pub(super) fn secret(secret: &SecretString) -> Self {
        Self {
            id: None,
            algorithm: Algorithm::HS256,
            key: DecodingKey::from_secret(secret.expose_secret().as_bytes()),
        }
    }

    /// The public key in a PEM file, for the first listed algorithm that fits it.
    pub(super) fn from_pem(pem: &[u8], listed: &[Algorithm]) -> Result<Self, Reason> {
        let mut reason = Reason::from("the public key is of no type that algorithms lists");
        for &algorithm in listed {
            let key = match algorithm.family() {
                AlgorithmFamily::Rsa => DecodingKey::from_rsa_pem(pem),
                AlgorithmFamily::Ec => DecodingKey::from_ec_pem(pem),
                AlgorithmFamily::Ed => DecodingKey::from_ed_pem(pem),
                AlgorithmFamily::Hmac => continue,
            };
            let Ok(key) = key else { continue };
            match check(&key, algorithm) {
                Ok(()) => {
                    return Ok(Self {
                        id: None,
                        algorithm,
                        key,
                    });
                }
                Err(why) => reason = format!("the public key is {why}").into(),
            }
        }
        Err(reason)
    }

    /// A key of a set; why not, in words that follow “is”.
    fn from_jwk(value: &Value, listed: &[Algorithm]) -> Result<Self, &'static str> {
        if value.get("d").is_some() {
            return Err("private, and everybody can read it");
        }
        let jwk = Jwk::deserialize(value).map_err(|_| "malformed")?;
        let common = &jwk.common;
        if common
            .public_key_use
            .as_ref()
            .is_some_and(|to| *to != PublicKeyUse::Signature)
        {
            return Err("not for signatures");
        }
        let operations = common.key_operations.as_ref();
        if operations.is_some_and(|operations| !operations.contains(&KeyOperations::Verify)) {
            return Err("not for checking signatures");
        }
        let mut fitting = listed
            .iter()
            .copied()
            .filter(|algorithm| fits(&jwk.algorithm, *algorithm));
        // The one that the key names, else the first.
        let named = common.key_algorithm.map(Algorithm::try_from);
        let algorithm = match named {
            None => fitting.next(),
            Some(named) => named.ok().filter(|named| fitting.any(|algorithm| algorithm == *named)),
        };
        let algorithm = algorithm.ok_or("of no type that algorithms lists")?;
        let key = DecodingKey::from_jwk(&jwk).map_err(|_| "malformed")?;
        check(&key, algorithm)?;
        Ok(Self {
            id: jwk.common.key_id.filter(|id| !id.is_empty()),
            algorithm,
            key,
        })
    }

    /// Whether `signature` is this key's, of `message`.
    pub(super) fn has_signed(&self, message: &str, signature: &str) -> bool {
        jsonwebtoken::crypto::verify(signature, message.as_bytes(), &self.key, self.algorithm).unwrap_or(false)
    }
}

/// Keys of a JSON Web Key Set (RFC 7517).
pub(super) struct KeySet {
    pub(super) keys: Vec<TrustedKey>,
    /// What is said of those that are not used.
    pub(super) ignored: Vec<String>,
}

impl KeySet {
    /// The keys that can be used; one that cannot spoils no other.
    ///
    /// # Errors
    /// What is no key set.
    pub(super) fn parse(json: &[u8], listed: &[Algorithm]) -> Result<Self, Reason> {
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<Value>,
        }
        let document: Document = serde_json::from_slice(json).map_err(|_| "this is no JSON Web Key Set")?;
        let mut set = Self {
            keys: Vec::new(),
            ignored: Vec::new(),
        };
        for (number, value) in document.keys.iter().enumerate() {
            let key = if number < KEYS_MAX {
                TrustedKey::from_jwk(value, listed)
            } else {
                Err("one too many")
            };
            match key {
                Ok(key) => set.keys.push(key),
                Err(why) => {
                    let id: String = value
                        .get("kid")
                        .and_then(Value::as_str)
                        .unwrap_or("?")
                        .chars()
                        .take(64)
                        .collect();
                    set.ignored.push(format!("{id:?} is {why}"));
                }
            }
        }
        Ok(set)
    }
}

/// The algorithms of an issuer.
///
/// # Errors
/// A name that is none.
pub(super) fn algorithms(issuer: &Issuer) -> Result<Vec<Algorithm>, Reason> {
    let algorithms = issuer.algorithms.iter().map(|name| {
        name.parse()
            .map_err(|_| Reason::from(format!("there is no algorithm {name}")))
    });
    algorithms.collect()
}

/// Whether keys of this type are for the algorithm. A secret in a set that others
/// can read is for none.
fn fits(parameters: &AlgorithmParameters, algorithm: Algorithm) -> bool {
    match parameters {
        AlgorithmParameters::RSA(_) => algorithm.family() == AlgorithmFamily::Rsa,
        AlgorithmParameters::EllipticCurve(curve) => match curve.curve {
            EllipticCurve::P256 => algorithm == Algorithm::ES256,
            EllipticCurve::P384 => algorithm == Algorithm::ES384,
            _ => false,
        },
        AlgorithmParameters::OctetKeyPair(pair) => {
            pair.curve == EllipticCurve::Ed25519 && algorithm == Algorithm::EdDSA
        }
        _ => false,
    }
}

/// Whether the key is sound and strong enough: points lie on their curve, moduli
/// are long.
fn check(key: &DecodingKey, algorithm: Algorithm) -> Result<(), &'static str> {
    let curve: &'static dyn VerificationAlgorithm = match algorithm {
        Algorithm::ES256 => &ECDSA_P256_SHA256_FIXED,
        Algorithm::ES384 => &ECDSA_P384_SHA384_FIXED,
        Algorithm::EdDSA => &ED25519,
        _ => {
            let modulus = match key.kind() {
                DecodingKeyKind::RsaModulusExponent { n, .. } => Some(n.as_slice()),
                DecodingKeyKind::SecretOrDer(der) => modulus(der),
            };
            let bits = bits(modulus.ok_or("malformed")?);
            return if bits < RSA_BITS_MIN { Err("too weak") } else { Ok(()) };
        }
    };
    let point = key.try_get_as_bytes().map_err(|_| "malformed")?;
    ParsedPublicKey::new(curve, point).map(drop).map_err(|_| "malformed")
}

/// Bits of a number without its leading zeros.
fn bits(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let first = number.get(zeros).map_or(0, |byte| byte.leading_zeros() as usize);
    (number.len() - zeros) * 8 - first
}

/// The modulus in an `RSAPublicKey` (RFC 8017 §A.1.1): the first number of a
/// sequence.
fn modulus(der: &[u8]) -> Option<&[u8]> {
    element(element(der, 0x30)?, 0x02)
}

/// Content of the element of DER that begins here.
fn element(der: &[u8], tag: u8) -> Option<&[u8]> {
    let (&[given, length], rest) = der.split_first_chunk::<2>()?;
    if given != tag {
        return None;
    }
    let (length, rest) = match usize::from(length) {
        length @ 0..0x80 => (length, rest),
        // So many bytes of length follow.
        many => {
            let (bytes, rest) = rest.split_at_checked((many - 0x80).min(4))?;
            (
                bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)),
                rest,
            )
        }
    };
    rest.get(..length)
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde_json::json;

    use super::*;

    const LISTED: [Algorithm; 4] = [Algorithm::HS256, Algorithm::PS256, Algorithm::RS256, Algorithm::ES256];

    #[test]
    fn short_moduli_are_too_weak() {
        let modulus = |bytes: usize, first: u8| {
            let mut modulus = vec![0xff; bytes];
            modulus[0] = first;
            URL_SAFE_NO_PAD.encode(modulus)
        };
        for (n, is_used) in [
            (modulus(128, 0xff), false),
            (modulus(255, 0xff), false),
            (modulus(256, 0x7f), false),
            (modulus(257, 0), true),
            (modulus(256, 0x80), true),
            (modulus(512, 0xff), true),
            (String::new(), false),
        ] {
            let set = json!({ "keys": [{ "kty": "RSA", "kid": "a", "n": n, "e": "AQAB" }] });
            let set = KeySet::parse(set.to_string().as_bytes(), &LISTED).unwrap();
            let algorithms: Vec<_> = set.keys.iter().map(|key| key.algorithm).collect();
            let (used, ignored) = if is_used {
                (vec![Algorithm::PS256], 0)
            } else {
                (vec![], 1)
            };
            assert_eq!((algorithms, set.ignored.len()), (used, ignored), "{:?}", set.ignored);
        }
    }

    #[test]
    fn a_key_in_a_file_is_for_one_algorithm_and_strong() {
        let good = include_bytes!("../../tests/it/identity/keys/rsa.public.pem");
        assert_eq!(TrustedKey::from_pem(good, &LISTED).unwrap().algorithm, Algorithm::PS256);
        assert!(TrustedKey::from_pem(good, &[Algorithm::ES256, Algorithm::HS256]).is_err());
        let curve = include_bytes!("../../tests/it/identity/keys/ec.public.pem");
        let listed = [Algorithm::ES384, Algorithm::ES256];
        assert_eq!(
            TrustedKey::from_pem(curve, &listed).unwrap().algorithm,
            Algorithm::ES256
        );
        for weak in [
            &include_bytes!("../../tests/it/identity/keys/rsa-weak.public.pem")[..],
            include_bytes!("../../tests/it/identity/keys/rsa-weak.pkcs1.pem"),
        ] {
            let refused = TrustedKey::from_pem(weak, &LISTED).err().unwrap();
            assert!(refused.contains("too weak"), "{refused}");
        }
    }

    #[test]
    fn a_set_is_not_tried_without_end() {
        let key = json!({ "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" });
        let set = json!({ "keys": vec![key; KEYS_MAX + 5] }).to_string();
        let set = KeySet::parse(set.as_bytes(), &LISTED).unwrap();
        assert_eq!(set.keys.len(), 0);
        assert_eq!(set.ignored.iter().filter(|why| why.contains("too many")).count(), 5);
        for bad in ["", "[]", "{}", "{\"keys\": 5}", "<html>"] {
            assert!(KeySet::parse(bad.as_bytes(), &LISTED).is_err(), "{bad}");
        }
    }

    #[test]
    fn broken_der_is_no_modulus() {
        for der in [
            &[][..],
            &[0x30],
            &[0x30, 0x84, 0xff],
            &[0x30, 2, 2, 9],
            &[0x31, 3, 2, 1, 1],
        ] {
            assert_eq!(modulus(der), None, "{der:?}");
        }
        assert_eq!(modulus(&[0x30, 3, 2, 1, 7]), Some(&[7][..]));
    }
}
