//! What a PEM file (RFC 7468) holds: exactly one private key or one public key, or a problem that
//! can be named. The labels are looked at first, because the parser steps over those that it does
//! not know: an encrypted key would look like an empty file.

use rustls_pki_types::pem::{PemObject, SectionKind};
use rustls_pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use zeroize::Zeroizing;

/// The one key of a file.
pub enum Content {
    /// PKCS#8, PKCS#1 or SEC 1; wiped when it is dropped.
    Private(Zeroizing<PrivateKeyDer<'static>>),
    Public(SubjectPublicKeyInfoDer<'static>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    NotPem,
    /// Binary: a key without the PEM text around it, most likely.
    Binary,
    Encrypted,
    Certificate,
    SeveralKeys,
    /// OpenSSH's own format.
    OpenSsh,
    /// `BEGIN RSA PUBLIC KEY`: PKCS#1, where `BEGIN PUBLIC KEY` is read.
    Pkcs1Public,
    /// PEM, but something else than a key.
    NoKey,
}

pub fn read(content: &[u8]) -> Result<Content, Problem> {
    let labels: Vec<&[u8]> = content.split(|byte| matches!(byte, b'\n' | b'\r')).filter_map(label).collect();
    if labels.is_empty() {
        // DER begins with a SEQUENCE, 0x30, which is `0` as text.
        let binary = content.first() == Some(&0x30) && std::str::from_utf8(content).is_err();
        return Err(if binary { Problem::Binary } else { Problem::NotPem });
    }
    let has = |wanted: &[u8]| labels.contains(&wanted);
    // RFC 1421 §4.6.1.1, as OpenSSL's traditional format writes it.
    let old_encryption = content.windows(10).any(|window| window == b"Proc-Type:");
    if has(b"ENCRYPTED PRIVATE KEY") || old_encryption {
        return Err(Problem::Encrypted);
    }
    // Curve parameters stand before the key in what `openssl ecparam -genkey` writes.
    let labels: Vec<_> = labels.into_iter().filter(|label| *label != b"EC PARAMETERS").collect();
    match labels.as_slice() {
        [b"OPENSSH PRIVATE KEY"] => Err(Problem::OpenSsh),
        [b"RSA PUBLIC KEY"] => Err(Problem::Pkcs1Public),
        [_] => one(content),
        many if many.iter().any(|label| label.ends_with(b"CERTIFICATE")) => Err(Problem::Certificate),
        _ => Err(Problem::SeveralKeys),
    }
}

/// The content when the file has one section of a kind that is understood.
fn one(content: &[u8]) -> Result<Content, Problem> {
    let mut sections = <(SectionKind, Vec<u8>)>::pem_slice_iter(content);
    let (kind, der) = match sections.next() {
        Some(Ok(section)) => section,
        Some(Err(_)) => return Err(Problem::NotPem),
        None => return Err(Problem::NoKey),
    };
    match kind {
        SectionKind::Certificate => Err(Problem::Certificate),
        SectionKind::PublicKey => Ok(Content::Public(SubjectPublicKeyInfoDer::from(der))),
        kind => {
            PrivateKeyDer::from_pem(kind, der).map(Zeroizing::new).map(Content::Private).ok_or(Problem::NoKey)
        }
    }
}

/// `X` of a line `-----BEGIN X-----`.
fn label(line: &[u8]) -> Option<&[u8]> {
    line.strip_prefix(b"-----BEGIN ")?.trim_ascii_end().strip_suffix(b"-----")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(label: &str) -> String {
        format!("-----BEGIN {label}-----\nMAMCAQA=\n-----END {label}-----\n")
    }

    fn problem(text: &str) -> Option<Problem> {
        read(text.as_bytes()).err()
    }

    #[test]
    fn the_three_private_forms_and_the_public_one_are_read() {
        for label in ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"] {
            assert!(matches!(read(section(label).as_bytes()), Ok(Content::Private(_))), "{label}");
        }
        assert!(matches!(read(section("PUBLIC KEY").as_bytes()), Ok(Content::Public(_))));
        let with_parameters = section("EC PARAMETERS") + &section("EC PRIVATE KEY");
        assert!(matches!(read(with_parameters.as_bytes()), Ok(Content::Private(_))));
        let windows = format!("made by hand\r\n{}", section("PRIVATE KEY").replace('\n', "\r\n"));
        assert!(matches!(read(windows.as_bytes()), Ok(Content::Private(_))));
    }

    #[test]
    fn c15_everything_else_has_a_name() {
        let key = section("PRIVATE KEY");
        let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nMAMCAQA=\n-----END RSA PRIVATE KEY-----\n";
        for (text, expected) in [
            ("", Problem::NotPem),
            ("hello", Problem::NotPem),
            ("-----BEGIN PRIVATE KEY-----\nMAMCAQA=\n", Problem::NotPem),
            ("-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n", Problem::NotPem),
            (&section("ENCRYPTED PRIVATE KEY"), Problem::Encrypted),
            (old, Problem::Encrypted),
            (&section("CERTIFICATE"), Problem::Certificate),
            (&(key.clone() + &section("CERTIFICATE")), Problem::Certificate),
            (&(key.clone() + &key), Problem::SeveralKeys),
            (&(key.clone() + &section("PUBLIC KEY")), Problem::SeveralKeys),
            (&section("OPENSSH PRIVATE KEY"), Problem::OpenSsh),
            (&section("RSA PUBLIC KEY"), Problem::Pkcs1Public),
            (&section("CERTIFICATE REQUEST"), Problem::NoKey),
            (&section("PGP MESSAGE"), Problem::NoKey),
        ] {
            assert_eq!(problem(text), Some(expected), "{text}");
        }
        assert_eq!(read(&[0x30, 0x82, 0x04, 0xbd, 0x02, 0x01]).err(), Some(Problem::Binary));
    }
}
