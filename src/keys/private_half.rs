//! A private key from a file that is none of ours: a client's own, which signs its assertions.

use std::sync::Arc;

use super::pem::{self, Content, Problem};
use super::{BACKENDS, KeyRejected, SigningKey};
use crate::jose::Algorithm;

/// The private key of a PEM file (PKCS#8, PKCS#1 or SEC 1), ready to sign with `algorithm`, or with
/// the usual one of its type: RS256, ES256 or EdDSA.
///
/// # Errors
/// What the file holds instead, to follow "the file". Never its content.
pub fn private_key_from_pem(
    content: &[u8],
    algorithm: Option<Algorithm>,
) -> Result<Arc<dyn SigningKey>, String> {
    let private = match pem::read(content) {
        Ok(Content::Private(private)) => private,
        Ok(Content::Public(_)) | Err(Problem::Pkcs1Public) => {
            return Err("holds a public key; what signs is the private one".to_owned());
        }
        Err(Problem::Encrypted) => {
            return Err(
                "is encrypted with a password (openssl pkey -in FILE -out PLAIN decrypts it)".to_owned()
            );
        }
        Err(Problem::OpenSsh) => {
            return Err("is in OpenSSH's own format (ssh-keygen -p -m PKCS8 -f FILE rewrites it)".to_owned());
        }
        Err(Problem::Certificate) => return Err("holds a certificate; what signs is its key".to_owned()),
        Err(Problem::SeveralKeys) => return Err("holds several PEM sections, not one".to_owned()),
        Err(Problem::NotPem | Problem::Binary | Problem::NoKey) => {
            return Err("is no PEM file with BEGIN PRIVATE KEY".to_owned());
        }
    };
    // The first that takes the key: RS256 stands before PS256.
    let wanted = BACKENDS.iter().filter(|backend| algorithm.is_none_or(|only| backend.algorithm() == only));
    let mut why = None;
    for backend in wanted {
        match backend.load(&private) {
            Ok(key) => return Ok(Arc::from(key)),
            // What another type says of the key is not news.
            Err(KeyRejected::WrongType(kind)) if why.is_none() => why = Some(KeyRejected::WrongType(kind)),
            Err(KeyRejected::WrongType(_)) => {}
            Err(other) => why = Some(other),
        }
    }
    Err(match why {
        Some(KeyRejected::WrongType(kind)) => format!("holds an {kind} key, which cannot sign so"),
        Some(KeyRejected::TooSmall { bits }) => {
            format!("holds an RSA key of {bits} bits; 2048 are the least")
        }
        Some(KeyRejected::TooLarge { bits }) => format!("holds an RSA key of {bits} bits; 4096 are the most"),
        Some(KeyRejected::Factorable) => "holds a key that can be factored (CVE-2017-15361)".to_owned(),
        Some(KeyRejected::SmallExponent | KeyRejected::Malformed) | None => {
            "holds a key that cannot be read, or whose parts do not belong together".to_owned()
        }
    })
}
