//! Listening sockets, and the message when one cannot be had.

use std::io::ErrorKind;
use std::net::TcpListener;

use anyhow::Context as _;

use crate::config::ListenAddress;
use crate::http::{Side, TlsAcceptorSource};

/// What one listening address is for.
pub struct Listen {
    pub address: ListenAddress,
    pub side: Side,
    pub tls: Option<TlsAcceptorSource>,
    /// The flag that changes the address; named when it is in use.
    pub flag: &'static str,
}

impl Listen {
    /// Binds the sockets of the address. With port 0 the second family gets the port of the first;
    /// the second may be missing, because not every machine has IPv6.
    ///
    /// # Errors
    /// Says which port is in use and how to choose another.
    pub fn bind(&self) -> anyhow::Result<Vec<TcpListener>> {
        let mut bound: Vec<TcpListener> = Vec::new();
        for mut address in self.address.sockets() {
            if let Some(first) = bound.first() {
                address.set_port(first.local_addr()?.port());
            }
            match TcpListener::bind(address) {
                Ok(socket) => bound.push(socket),
                Err(error) if error.kind() == ErrorKind::AddrInUse => anyhow::bail!(
                    "port {} of {} is in use by another program; choose another with {} ADDRESS:PORT",
                    address.port(),
                    address.ip(),
                    self.flag
                ),
                Err(_) if !bound.is_empty() => {}
                Err(error) => {
                    return Err(error).with_context(|| format!("cannot listen on {address} ({})", self.flag));
                }
            }
        }
        Ok(bound)
    }
}
