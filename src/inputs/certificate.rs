//! The certificate of the public listener: read from files, and read again like everything else.

use std::path::{Path, PathBuf};

use ring::digest::{Context, SHA256};

use crate::config;
use crate::http::{Identity, TLS_FILE_BYTES_MAX, TlsAcceptorSource, TlsError};

#[derive(Clone, Debug)]
pub struct Certificate {
    chain: PathBuf,
    key: PathBuf,
    source: TlsAcceptorSource,
}

impl Certificate {
    /// # Errors
    /// Names the file that is not right, or says that key and certificate do not belong together.
    pub fn load(chain: &Path, key: &Path) -> Result<Self, TlsError> {
        let source = TlsAcceptorSource::new(Identity::from_pem_files(chain, key)?)?;
        Ok(Self { chain: chain.to_owned(), key: key.to_owned(), source })
    }

    /// What a listener takes its handshakes from; a reload shows there.
    pub fn source(&self) -> TlsAcceptorSource {
        self.source.clone()
    }

    /// # Errors
    /// As [`Certificate::load`]; the certificate in force then stays.
    pub fn reload(&self) -> Result<(), TlsError> {
        self.source.replace(Identity::from_pem_files(&self.chain, &self.key)?)
    }

    pub fn files(&self) -> [&Path; 2] {
        [&self.chain, &self.key]
    }

    /// SHA-256 over both files; a file that cannot be read counts as such.
    pub fn digest(&self) -> [u8; 32] {
        let mut context = Context::new(&SHA256);
        for file in self.files() {
            match config::read_regular(file, TLS_FILE_BYTES_MAX).map(zeroize::Zeroizing::new) {
                Ok(bytes) => {
                    // With its length, so that no byte can move from one file to the other.
                    context.update(&(bytes.len() as u64).to_be_bytes());
                    context.update(&bytes);
                }
                Err(_) => context.update(b"unreadable"),
            }
        }
        // SHA-256 has 32 bytes; the default is never taken.
        context.finish().as_ref().try_into().unwrap_or_default()
    }
}
