//! The certificate of the public listener: read from files, and read again like everything else.

use std::path::{Path, PathBuf};

use crate::http::{Identity, TlsAcceptorSource, TlsError};

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
}
