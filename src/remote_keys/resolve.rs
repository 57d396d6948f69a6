//! Names to addresses. Every address that a connection could go to is judged here, after the
//! look-up and before the connection: a name that leads outside today may lead inside tomorrow
//! (DNS rebinding).

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::client_auth::networks::{Networks, is_public};

/// The addresses of a name, for now.
pub type Looked = Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send>>;

/// Looks names up.
pub trait Lookup: Send + Sync {
    fn lookup(&self, name: &str) -> Looked;
}

/// As the system does it.
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, name: &str) -> Looked {
        let name = name.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Why a name gives no address to connect to.
#[derive(Debug)]
pub(super) enum ResolveError {
    Unresolved(String),
    Forbidden(IpAddr),
}

impl fmt::Display for ResolveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unresolved(why) => write!(f, "the name has no address: {why}"),
            Self::Forbidden(address) => {
                write!(f, "{address} is not public and in no network that is allowed")
            }
        }
    }
}

impl std::error::Error for ResolveError {}

/// # Errors
/// When a connection may not go there.
pub(super) fn admit(address: IpAddr, networks: &Networks) -> Result<(), ResolveError> {
    let is_admitted = is_public(address) || networks.contains(address);
    if is_admitted { Ok(()) } else { Err(ResolveError::Forbidden(address)) }
}

/// The resolver of the HTTP client: it connects to what comes from here and to nothing else.
pub(super) struct Guarded {
    pub lookup: Arc<dyn Lookup>,
    pub networks: Networks,
}

impl Resolve for Guarded {
    /// One address that is refused refuses the name: which one is taken is not for us to choose.
    fn resolve(&self, name: Name) -> Resolving {
        let looked = self.lookup.lookup(name.as_str());
        let networks = self.networks.clone();
        Box::pin(async move {
            let addresses = looked.await.map_err(|error| ResolveError::Unresolved(error.to_string()))?;
            if addresses.is_empty() {
                return Err(ResolveError::Unresolved("nothing was found".to_owned()).into());
            }
            addresses.iter().try_for_each(|address| admit(*address, &networks))?;
            // Port 0: that of the URL.
            let sockets = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(sockets) as Addrs)
        })
    }
}
