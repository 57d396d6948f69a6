//! Our own public keys as JSON Web Keys (RFC 7517, RFC 7518 §6, RFC 8037 §2): one variant per key
//! type, with the public members only. There is no place for a private member, so none can be
//! published. Keys of others are read by `key_set`.

use super::{Algorithm, compact, thumbprint};

/// A public key. The values cannot be wrong in form: integers without leading zero octets
/// (RFC 7518 §6.3.1), coordinates at full length (RFC 7518 §6.2.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256 { x: [u8; 32], y: [u8; 32] },
    Ed25519 { x: [u8; 32] },
}

impl PublicKey {
    /// Big-endian modulus and exponent; leading zero octets are dropped. `None` when one is zero.
    pub fn rsa(n: &[u8], e: &[u8]) -> Option<Self> {
        let (n, e) = (without_leading_zeros(n)?, without_leading_zeros(e)?);
        Some(Self(Kind::Rsa { n: n.to_vec(), e: e.to_vec() }))
    }

    pub const fn p256(x: [u8; 32], y: [u8; 32]) -> Self {
        Self(Kind::P256 { x, y })
    }

    pub const fn ed25519(x: [u8; 32]) -> Self {
        Self(Kind::Ed25519 { x })
    }

    /// Modulus and exponent of an RSA key, big-endian, without leading zero octets.
    pub fn rsa_components(&self) -> Option<(&[u8], &[u8])> {
        match &self.0 {
            Kind::Rsa { n, e } => Some((n, e)),
            Kind::P256 { .. } | Kind::Ed25519 { .. } => None,
        }
    }

    /// From an uncompressed point (SEC 1 §2.3.3); whether it lies on the curve is not asked.
    pub fn p256_from_point(point: &[u8]) -> Option<Self> {
        let (x, y) = point.strip_prefix(&[4])?.split_at_checked(32)?;
        Some(Self::p256(x.try_into().ok()?, y.try_into().ok()?))
    }

    /// The uncompressed point (SEC 1 §2.3.3) of a P-256 key.
    pub fn p256_point(&self) -> Option<Vec<u8>> {
        match &self.0 {
            Kind::P256 { x, y } => Some([&[4], x.as_slice(), y].concat()),
            Kind::Rsa { .. } | Kind::Ed25519 { .. } => None,
        }
    }

    /// The public key of RFC 8032 §5.1.5.
    pub const fn ed25519_octets(&self) -> Option<&[u8; 32]> {
        match &self.0 {
            Kind::Ed25519 { x } => Some(x),
            Kind::Rsa { .. } | Kind::P256 { .. } => None,
        }
    }

    /// The algorithms that a key of this type may be used with; the first is the one taken when a
    /// foreign key names none (RFC 8725 §3.1: a key has exactly one).
    pub const fn algorithms(&self) -> &'static [Algorithm] {
        match self.0 {
            Kind::Rsa { .. } => &[Algorithm::Rs256, Algorithm::Ps256],
            Kind::P256 { .. } => &[Algorithm::Es256],
            Kind::Ed25519 { .. } => &[Algorithm::EdDsa],
        }
    }

    /// The size that its strength is named by: bits of the modulus, or of the curve.
    pub fn bits(&self) -> usize {
        match &self.0 {
            Kind::Rsa { n, .. } => bit_length(n),
            Kind::P256 { .. } | Kind::Ed25519 { .. } => 256,
        }
    }

    pub(super) const fn kind(&self) -> &Kind {
        &self.0
    }

    /// The `kty` word (RFC 7518 §6.1, RFC 8037 §2).
    pub const fn key_type(&self) -> &'static str {
        match self.0 {
            Kind::Rsa { .. } => "RSA",
            Kind::P256 { .. } => "EC",
            Kind::Ed25519 { .. } => "OKP",
        }
    }

    /// The public members as `(name, base64url or registered word)`, in the order of the RFCs.
    pub(super) fn members(&self) -> Vec<(&'static str, String)> {
        let word = |text: &str| text.to_owned();
        match &self.0 {
            Kind::Rsa { n, e } => vec![("n", compact::encode(n)), ("e", compact::encode(e))],
            Kind::P256 { x, y } => {
                vec![("crv", word("P-256")), ("x", compact::encode(x)), ("y", compact::encode(y))]
            }
            Kind::Ed25519 { x } => vec![("crv", word("Ed25519")), ("x", compact::encode(x))],
        }
    }
}

/// The algorithm does not belong to the type of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongAlgorithm;

/// A key of ours, as it is published: for signatures, with one algorithm, named by its thumbprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwk {
    key: PublicKey,
    algorithm: Algorithm,
    kid: String,
}

impl Jwk {
    /// The `kid` is the RFC 7638 thumbprint: the same key has the same name at every replica.
    pub fn new(algorithm: Algorithm, key: PublicKey) -> Result<Self, WrongAlgorithm> {
        if !key.algorithms().contains(&algorithm) {
            return Err(WrongAlgorithm);
        }
        let kid = thumbprint::sha256(&key);
        Ok(Self { key, algorithm, kid })
    }

    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub fn kid(&self) -> &str {
        &self.kid
    }

    pub const fn public_key(&self) -> &PublicKey {
        &self.key
    }

    /// `kty`, `use`, `alg`, `kid` and the public members. Every value is base64url or a registered
    /// word, so none needs escaping.
    pub fn to_json(&self) -> String {
        let mut json = String::with_capacity(512);
        json.push_str("{\"kty\":\"");
        json.push_str(self.key.key_type());
        json.push_str("\",\"use\":\"sig\",\"alg\":\"");
        json.push_str(self.algorithm.name());
        json.push_str("\",\"kid\":\"");
        json.push_str(&self.kid);
        for (name, value) in self.key.members() {
            json.push_str("\",\"");
            json.push_str(name);
            json.push_str("\":\"");
            json.push_str(&value);
        }
        json.push_str("\"}");
        json
    }
}

fn without_leading_zeros(bytes: &[u8]) -> Option<&[u8]> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).filter(|rest| !rest.is_empty())
}

/// Bits of a big-endian integer without leading zero octets.
fn bit_length(bytes: &[u8]) -> usize {
    let leading = bytes.first().map_or(0, |byte| byte.leading_zeros() as usize);
    bytes.len().saturating_mul(8).saturating_sub(leading)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c9_leading_zero_octets_of_n_and_e_are_dropped() {
        let plain = PublicKey::rsa(&[0x80, 0, 1], &[1, 0, 1]).expect("not zero");
        assert_eq!(PublicKey::rsa(&[0, 0, 0x80, 0, 1], &[0, 1, 0, 1]), Some(plain.clone()));
        assert_eq!(PublicKey::rsa(&[0, 0], &[3]), None);
        assert_eq!(PublicKey::rsa(&[3], &[]), None);
        assert_eq!((plain.bits(), PublicKey::rsa(&[1, 0], &[3]).map(|key| key.bits())), (24, Some(9)));
    }

    #[test]
    fn c10_coordinates_keep_their_leading_zeros() {
        let mut x = [7; 32];
        x[0] = 0;
        let jwk = Jwk::new(Algorithm::Es256, PublicKey::p256(x, [0; 32])).expect("EC");
        let json: serde_json::Value = serde_json::from_str(&jwk.to_json()).expect("JSON");
        for member in ["x", "y"] {
            assert_eq!(json[member].as_str().map(str::len), Some(43), "{member}");
        }
    }

    #[test]
    fn c8_only_the_public_members_are_written_in_one_order() {
        let key = PublicKey::rsa(&[0x80, 0, 1], &[1, 0, 1]).expect("not zero");
        let jwk = Jwk::new(Algorithm::Rs256, key).expect("RSA");
        let expected = format!(
            r#"{{"kty":"RSA","use":"sig","alg":"RS256","kid":"{}","n":"gAAB","e":"AQAB"}}"#,
            jwk.kid()
        );
        assert_eq!(jwk.to_json(), expected);
    }

    #[test]
    fn an_algorithm_of_another_key_type_is_refused() {
        let key = PublicKey::rsa(&[0x80, 0, 1], &[1, 0, 1]).expect("not zero");
        assert!(Jwk::new(Algorithm::Ps256, key.clone()).is_ok());
        assert_eq!(Jwk::new(Algorithm::Es256, key), Err(WrongAlgorithm));
        assert_eq!(Jwk::new(Algorithm::Rs256, PublicKey::ed25519([1; 32])), Err(WrongAlgorithm));
    }
}
