//! TLS 1.3 and 1.2 for the listeners (RFC 8446, RFC 9325). One function holds the policy; a
//! reload swaps the identity and cannot change anything else. It writes nothing.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::crypto::aws_lc_rs;
use rustls::server::ServerConfig;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use zeroize::Zeroizing;

use crate::config;

/// Largest file of a chain or a key; a chain of ten certificates has 20 KiB.
pub const TLS_FILE_BYTES_MAX: u64 = 1024 * 1024;

/// A certificate chain and the private key of its first certificate; proved to belong together.
#[derive(Clone, Debug)]
pub struct Identity(Arc<CertifiedKey>);

impl Identity {
    /// # Errors
    /// A file that cannot be read or parsed, or a key that is not the certificate's.
    pub fn from_pem_files(chain: &Path, key: &Path) -> Result<Self, TlsError> {
        let certificates = CertificateDer::pem_slice_iter(&read(chain)?)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| TlsError::in_file(chain, format!("is not valid PEM: {error}")))?;
        if certificates.is_empty() {
            return Err(TlsError::in_file(chain, "holds no certificate"));
        }
        let private_key = PrivateKeyDer::from_pem_slice(&read(key)?)
            .map_err(|_| TlsError::in_file(key, "holds no private key in PEM that is not encrypted"))?;
        Self::from_der(certificates, private_key).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => TlsError::in_file(
                key,
                format!("is not the private key of the first certificate in {}", chain.display()),
            ),
            rustls::Error::InvalidCertificate(error) => {
                TlsError::in_file(chain, format!("begins with a certificate that cannot be used: {error:?}"))
            }
            error => TlsError::in_file(key, format!("holds a key that cannot be used: {error}")),
        })
    }

    /// A fresh P-256 key and a certificate for `names` (DNS names or IP addresses) that only it
    /// has signed: for trying things out, never for production.
    ///
    /// # Errors
    /// A name that is neither, or a failing random source.
    pub fn self_signed(names: &[&str]) -> Result<Self, TlsError> {
        let names = names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let made = rcgen::generate_simple_self_signed(names).map_err(TlsError::general)?;
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        Self::from_der(vec![made.cert.der().clone()], key.into()).map_err(TlsError::general)
    }

    /// The chain as it is sent, the server's own certificate first.
    pub fn certificates(&self) -> &[CertificateDer<'static>] {
        &self.0.cert
    }

    fn from_der(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Self, rustls::Error> {
        let identity = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())?;
        // `from_der` lets keys pass that cannot tell their public half; these here all can.
        identity.keys_match()?;
        Ok(Self(Arc::new(identity)))
    }
}

/// Where a listener finds the configuration for the next handshake. Clones share it.
#[derive(Clone, Debug)]
pub struct TlsAcceptorSource(Arc<ArcSwap<ServerConfig>>);

impl TlsAcceptorSource {
    /// # Errors
    /// A failing random source.
    pub fn new(identity: Identity) -> Result<Self, TlsError> {
        Ok(Self(Arc::new(ArcSwap::from_pointee(server_config(identity)?))))
    }

    /// Handshakes from now on show the new identity; open connections stay.
    ///
    /// # Errors
    /// A failing random source; the old identity then stays.
    pub fn replace(&self, identity: Identity) -> Result<(), TlsError> {
        self.0.store(Arc::new(server_config(identity)?));
        Ok(())
    }

    pub(super) fn current(&self) -> Arc<ServerConfig> {
        self.0.load_full()
    }
}

/// The policy. Every TLS 1.2 suite of the provider is ECDHE with AEAD (RFC 9325 §4.2). No 0-RTT:
/// a replayed token request would be a second token. ALPN offers HTTP/1.1 only, so that no
/// client can choose HTTP/2, whose framing nothing here guards.
fn server_config(identity: Identity) -> Result<ServerConfig, TlsError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(TlsError::general)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(identity.0)));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // Resumption without memory for each client; the ticket keys change by themselves.
    config.ticketer = aws_lc_rs::Ticketer::new().map_err(TlsError::general)?;
    Ok(config)
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, TlsError> {
    config::read_regular(path, TLS_FILE_BYTES_MAX)
        .map(Zeroizing::new)
        .map_err(|error| TlsError::in_file(path, format!("cannot be read: {error}")))
}

/// What is wrong, beginning with the file that it is about.
#[derive(Debug)]
pub struct TlsError {
    file: Option<PathBuf>,
    problem: String,
}

impl TlsError {
    fn in_file(file: &Path, problem: impl Into<String>) -> Self {
        Self { file: Some(file.to_owned()), problem: problem.into() }
    }

    fn general(error: impl fmt::Display) -> Self {
        Self { file: None, problem: error.to_string() }
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{} {}", file.display(), self.problem),
            None => write!(f, "TLS cannot be set up: {}", self.problem),
        }
    }
}

impl std::error::Error for TlsError {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes a chain and a key of two different identities when `mixed`.
    fn files(folder: &Path, mixed: bool) -> (PathBuf, PathBuf) {
        let make = || rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let (first, second) = (make(), make());
        let key = if mixed { &second } else { &first }.signing_key.serialize_pem();
        let (chain_path, key_path) = (folder.join("chain.pem"), folder.join("key.pem"));
        std::fs::write(&chain_path, first.cert.pem()).unwrap();
        std::fs::write(&key_path, key).unwrap();
        (chain_path, key_path)
    }

    fn problem(chain: &Path, key: &Path) -> String {
        Identity::from_pem_files(chain, key).unwrap_err().to_string()
    }

    #[test]
    fn l4_a_chain_and_its_key_are_an_identity() {
        let folder = tempfile::tempdir().unwrap();
        let (chain, key) = files(folder.path(), false);
        let identity = Identity::from_pem_files(&chain, &key).unwrap();
        assert_eq!(identity.certificates().len(), 1);
        TlsAcceptorSource::new(identity).unwrap();
    }

    #[test]
    fn l4_a_key_of_another_certificate_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let (chain, key) = files(folder.path(), true);
        assert!(problem(&chain, &key).contains("key.pem is not the private key of the first certificate"));
    }

    #[test]
    fn l4_missing_and_swapped_files_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let (chain, key) = files(folder.path(), false);
        assert!(problem(&chain, &chain).contains("chain.pem holds no private key"));
        assert!(problem(&key, &key).contains("key.pem holds no certificate"));
        assert!(problem(&folder.path().join("none.pem"), &key).contains("none.pem cannot be read"));
    }

    #[test]
    fn l1_alpn_offers_http_1_1_only_and_a_replaced_identity_keeps_the_policy() {
        let names = ["localhost", "127.0.0.1", "::1"];
        let source = TlsAcceptorSource::new(Identity::self_signed(&names).unwrap()).unwrap();
        source.replace(Identity::self_signed(&names).unwrap()).unwrap();
        assert_eq!(source.current().alpn_protocols, [b"http/1.1".to_vec()]);
        assert_eq!(source.current().max_early_data_size, 0);
        assert!(Identity::self_signed(&["not a name\u{e4}"]).is_err());
    }
}
