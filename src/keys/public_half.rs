//! Public halves as files: SubjectPublicKeyInfo (RFC 5280 §4.1) in `.pub.pem`, read and written.

use super::der::{self, BIT_STRING, INTEGER, KeyType, NULL, OBJECT_IDENTIFIER, SEQUENCE, element};
use super::{KeyRejected, check_public_key, pem};
use crate::jose::{Algorithm, Jwk, PublicKey};

/// The key of a document, as it is published for `algorithm`.
pub fn jwk(algorithm: Algorithm, info: &[u8]) -> Result<Jwk, KeyRejected> {
    let (kind, key) = public_key(info)?;
    if !key.algorithms().contains(&algorithm) {
        return Err(KeyRejected::WrongType(kind.name()));
    }
    check_public_key(&key)?;
    Jwk::new(algorithm, key).map_err(|_| KeyRejected::Malformed)
}

fn public_key(info: &[u8]) -> Result<(KeyType, PublicKey), KeyRejected> {
    let (kind, key) = der::subject_public_key(info).ok_or(KeyRejected::Malformed)?;
    let key = match kind {
        KeyType::Rsa => der::rsa_public_key(key).and_then(|(n, e)| PublicKey::rsa(n, e)),
        KeyType::EcP256 => PublicKey::p256_from_point(key),
        KeyType::Ed25519 => key.try_into().ok().map(PublicKey::ed25519),
        other => return Err(KeyRejected::WrongType(other.name())),
    };
    Ok((kind, key.ok_or(KeyRejected::Malformed)?))
}

/// The public key of somebody else as PEM (RFC 7468 §13). Whether it is strong is another question:
/// [`check_public_key`].
///
/// # Errors
/// What the file holds instead, to follow "the file".
pub fn public_key_from_pem(content: &[u8]) -> Result<PublicKey, String> {
    let info = match pem::read(content) {
        Ok(pem::Content::Public(info)) => info,
        Ok(pem::Content::Private(_)) | Err(pem::Problem::Encrypted | pem::Problem::OpenSsh) => {
            return Err("holds a private key, which nobody but its owner may have".to_owned());
        }
        Err(pem::Problem::Certificate) => {
            return Err("holds a certificate (openssl x509 -pubkey -noout gives its public key)".to_owned());
        }
        Err(pem::Problem::SeveralKeys) => return Err("holds several PEM sections, not one".to_owned()),
        Err(pem::Problem::Pkcs1Public) => {
            return Err("holds a key in the PKCS#1 form (openssl rsa -RSAPublicKey_in -pubout)".to_owned());
        }
        Err(pem::Problem::NotPem | pem::Problem::Binary | pem::Problem::NoKey) => {
            return Err("is no JWK Set and no PEM file with BEGIN PUBLIC KEY".to_owned());
        }
    };
    public_key(&info).map(|(_, key)| key).map_err(|reason| match reason {
        KeyRejected::WrongType(kind) => format!("holds an {kind} key; known are RSA, EC P-256 and Ed25519"),
        _ => "holds no public key that can be read".to_owned(),
    })
}

/// The text of a `.pub.pem` file.
pub fn public_key_pem(key: &PublicKey) -> String {
    let identifier = |oid| element(OBJECT_IDENTIFIER, oid);
    let (algorithm, key) = if let Some((n, e)) = key.rsa_components() {
        let integers = [element(INTEGER, &der::unsigned(n)), element(INTEGER, &der::unsigned(e))].concat();
        ([identifier(der::RSA_ENCRYPTION), element(NULL, &[])].concat(), element(SEQUENCE, &integers))
    } else if let Some(point) = key.p256_point() {
        ([identifier(der::EC_PUBLIC_KEY), identifier(der::P256)].concat(), point)
    } else {
        (identifier(der::ED25519), key.ed25519_octets().map_or(Vec::new(), |octets| octets.to_vec()))
    };
    // The first octet counts the unused bits: none.
    let bits = element(BIT_STRING, &[&[0], key.as_slice()].concat());
    der::pem("PUBLIC KEY", &element(SEQUENCE, &[element(SEQUENCE, &algorithm), bits].concat()))
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn document(text: &str) -> Vec<u8> {
        let base64: String = text.lines().filter(|line| !line.starts_with('-')).collect();
        STANDARD.decode(base64).expect("base64")
    }

    #[test]
    fn a_public_half_is_read_back_as_it_was_written() {
        for size in [256, 300, 384, 512] {
            let key = PublicKey::rsa(&vec![0x9d; size], &[1, 0, 1]).expect("RSA");
            let text = public_key_pem(&key);
            assert!(text.lines().all(|line| line.len() <= 64), "{text}");
            let info = document(&text);
            let read = jwk(Algorithm::Rs256, &info).expect("an RSA key");
            assert_eq!(read.public_key(), &key);
            assert_eq!(jwk(Algorithm::Es256, &info), Err(KeyRejected::WrongType("RSA")));
            for cut in 0..info.len() {
                assert_eq!(der::subject_public_key(&info[..cut]), None, "{cut}");
            }
        }
        let key = PublicKey::ed25519([7; 32]);
        let info = document(&public_key_pem(&key));
        assert_eq!(jwk(Algorithm::EdDsa, &info).map(|jwk| jwk.public_key().clone()), Ok(key));
        assert_eq!(jwk(Algorithm::Rs256, &info), Err(KeyRejected::WrongType("Ed25519")));
    }

    #[test]
    fn a_point_that_is_not_on_the_curve_is_refused() {
        let info = document(&public_key_pem(&PublicKey::p256([1; 32], [1; 32])));
        assert_eq!(jwk(Algorithm::Es256, &info), Err(KeyRejected::Malformed));
    }
}
