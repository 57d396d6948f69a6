//! Where the store is and how to log in: the URL, the password, the certificates to trust. No text
//! that is made here holds the password.

use std::path::Path;
use std::time::Duration;

use redis::{Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo as _, TlsCertificates};

use crate::config::{ReplayStoreSettings, StoreUrl, WhenStoreDown, read_regular};

/// Passwords and bundles of certificates that are larger are something else.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// Name, TCP, TLS and login: within one network some milliseconds.
const CONNECT_MAX: Duration = Duration::from_secs(1);
/// An answer takes a millisecond. Half a second is a store that is gone, or a token too late for
/// the request behind the request.
const ANSWER_MAX: Duration = Duration::from_millis(500);
const SHAPE: &str = "expected rediss://HOST:PORT/DB or redis://HOST:PORT/DB";

/// Settings that were found to be usable.
#[derive(Clone, Debug)]
pub struct Settings {
    given: ReplayStoreSettings,
    info: ConnectionInfo,
    /// For a connection, and for an answer.
    pub connect_max: Duration,
    pub answer_max: Duration,
}

impl Settings {
    /// `None` when there is no store.
    ///
    /// # Errors
    /// Which setting cannot be used and why, for people.
    pub fn new(given: &ReplayStoreSettings) -> Result<Option<Self>, String> {
        let Some(url) = &given.replay_store else {
            return match given.replay_store_password_file.is_some() || given.replay_store_ca.is_some() {
                true => Err("replay-store-password-file and replay-store-ca need replay-store".to_owned()),
                false => Ok(None),
            };
        };
        let info = parse(url).map_err(|reason| format!("replay-store: {reason}"))?;
        let is_tls = matches!(info.addr(), ConnectionAddr::TcpTls { .. });
        if given.replay_store_ca.is_some() && !is_tls {
            return Err("replay-store-ca needs a replay-store that begins with rediss://".to_owned());
        }
        if given.replay_store_password_file.is_some() && info.redis_settings().password().is_some() {
            return Err("the password stands in replay-store and in replay-store-password-file".to_owned());
        }
        let (connect_max, answer_max) = (CONNECT_MAX, ANSWER_MAX);
        let settings = Self { given: given.clone(), info, connect_max, answer_max };
        settings.client()?;
        Ok(Some(settings))
    }

    pub fn when_down(&self) -> WhenStoreDown {
        self.given.replay_store_down
    }

    /// Host and port.
    pub fn address(&self) -> String {
        self.info.addr().to_string()
    }

    /// With what the files say now: passwords and certificates are replaced while a server runs.
    ///
    /// # Errors
    /// Which file cannot be used and why.
    pub(super) fn client(&self) -> Result<Client, String> {
        let mut info = self.info.clone();
        if let Some(path) = &self.given.replay_store_password_file {
            let text = read(path).map_err(|reason| format!("replay-store-password-file: {reason}"))?;
            let password = text.trim_end_matches(['\n', '\r']);
            if password.is_empty() {
                return Err(format!("replay-store-password-file: {} is empty", path.display()));
            }
            info = info.clone().set_redis_settings(info.redis_settings().clone().set_password(password));
        }
        let Some(path) = &self.given.replay_store_ca else {
            return Client::open(info).map_err(|error| error.category().to_owned());
        };
        let refused = |reason: String| format!("replay-store-ca: {reason}");
        let pem = read(path).map_err(refused)?;
        let none = || refused(format!("{} holds no certificate (PEM)", path.display()));
        if !pem.contains("-----BEGIN CERTIFICATE-----") {
            return Err(none());
        }
        let certificates = TlsCertificates { client_tls: None, root_cert: Some(pem.into_bytes()) };
        Client::build_with_tls(info, certificates).map_err(|_| none())
    }
}

fn parse(url: &StoreUrl) -> Result<ConnectionInfo, String> {
    let shape = || SHAPE.to_owned();
    let url = redis::parse_redis_url(url.reveal()).ok_or_else(shape)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("{SHAPE}, without `?` and `#` (in a password write %3F and %23)"));
    }
    // A reason of the crate may repeat a part of the URL.
    let info = url.into_connection_info().map_err(|_| shape())?;
    let is_network = matches!(info.addr(), ConnectionAddr::Tcp(..) | ConnectionAddr::TcpTls { .. });
    if is_network && info.redis_settings().db() >= 0 { Ok(info) } else { Err(shape()) }
}

fn read(path: &Path) -> Result<String, String> {
    let bytes = read_regular(path, FILE_BYTES_MAX);
    let bytes = bytes.map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    String::from_utf8(bytes).map_err(|_| format!("{} is no text (UTF-8)", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(url: &str) -> ReplayStoreSettings {
        ReplayStoreSettings {
            replay_store: Some(url.parse().expect("a text")),
            replay_store_down: WhenStoreDown::Refuse,
            replay_store_password_file: None,
            replay_store_ca: None,
        }
    }

    #[test]
    fn a_url_names_host_port_and_database() {
        for (url, address, database) in [
            ("redis://store.internal", "store.internal:6379", 0),
            ("rediss://store.internal:6380/2", "store.internal:6380", 2),
            ("valkey://[::1]:7000/0", "::1:7000", 0),
            ("redis://user:p%23ss@127.0.0.1", "127.0.0.1:6379", 0),
        ] {
            let settings = Settings::new(&given(url)).expect(url).expect("a store");
            assert_eq!(
                (settings.address(), settings.info.redis_settings().db()),
                (address.to_owned(), database)
            );
        }
    }

    #[test]
    fn what_is_refused_is_refused_without_its_password() {
        for url in [
            "store.internal:6379",
            "http://:hunter2@store.internal",
            "unix:///run/hunter2.sock",
            "redis://",
            "redis://:hunter2@",
            "redis://:hunter2@store.internal:port",
            "redis://:hunter2@store.internal:99999",
            "redis://:hunter2@store.internal/-1",
            "redis://:hunter2@store.internal/hunter2",
            "redis://:hunter2@store.internal?protocol=hunter2",
            "rediss://:hunter2@store.internal#insecure",
            "redis://:hunter2@0.0.0.0",
        ] {
            let reason = Settings::new(&given(url)).expect_err(url);
            assert!(
                reason.starts_with("replay-store: expected rediss://") && !reason.contains("hunter2"),
                "{reason}"
            );
        }
    }

    #[test]
    fn nothing_that_can_be_printed_holds_the_password() {
        let given = given("redis://user:hunter2@store.internal");
        let settings = Settings::new(&given).expect("usable");
        let printed = format!("{given:?} {settings:?} {:?}", given.replay_store);
        assert!(!printed.contains("hunter2"), "{printed}");
    }
}
