//! A portal to copy: a developer logs in, clicks once, and gets an SDK with a client that exists for
//! this download, registered by a web call (RFC 7591) and limited to one scope.
//!
//! ```text
//! routes.rs     what each address does                pages.rs     what people see
//! browser.rs    cookies, origin, headers              sdk.rs       the archive that is handed out
//! sessions.rs   who is logged in, forms used once     issuer.rs    discovery, registration, first token
//! accounts.rs   names and hashed passwords            records.rs   which client went to whom
//! throttle.rs   failed logins                         clock.rs     time, as a value
//! ```
//!
//! The token service keeps no record of the clients that it registers, so the portal keeps one. A
//! client's secret stands in the archive and, for the minutes of a download, in memory; nowhere else.

mod accounts;
mod browser;
mod clock;
mod issuer;
mod pages;
mod records;
mod routes;
mod sdk;
mod sessions;
mod throttle;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::{App, HttpServer, middleware, web};
use anyhow::{Context as _, ensure};
use url::Url;

pub use accounts::Accounts;
pub use clock::Clock;
pub use issuer::{Issuer, Registrar};
pub use records::Records;

const WORKERS: usize = 2;
/// Who sends its request head slower than this is dropped.
const HEAD_DEADLINE: Duration = Duration::from_secs(5);

/// What an operator chooses.
pub struct Settings {
    /// `https://portal.example.com`, as browsers send it in `Origin`.
    origin: String,
    /// Cookies go over TLS only, when the portal is reached so.
    https: bool,
    api: String,
    scope: String,
}

impl Settings {
    /// # Errors
    /// When `public_url` is more, or less, than an origin.
    pub fn new(public_url: &str, api: String, scope: String) -> anyhow::Result<Self> {
        let url = Url::parse(public_url).with_context(|| format!("{public_url} is no URL"))?;
        ensure!(url.path() == "/" && url.query().is_none(), "{public_url}: leave out what follows the port");
        let https = url.scheme() == "https";
        ensure!(https || url.scheme() == "http", "{public_url} begins with neither https nor http");
        Ok(Self { origin: url.origin().ascii_serialization(), https, api, scope })
    }
}

/// All that requests share.
pub struct Portal {
    settings: Settings,
    accounts: Accounts,
    issuer: Issuer,
    records: Records,
    sessions: sessions::Sessions,
    failed_logins: throttle::Throttle,
    login_forms: browser::LoginForms,
    clock: Clock,
}

impl Portal {
    /// # Errors
    /// When the system has no random numbers.
    pub fn new(
        settings: Settings,
        accounts: Accounts,
        issuer: Issuer,
        records: Records,
        clock: Clock,
    ) -> anyhow::Result<Self> {
        let sessions = sessions::Sessions::new(clock.clone());
        let failed_logins = throttle::Throttle::new(clock.clone());
        let login_forms = browser::LoginForms::new()?;
        Ok(Self { settings, accounts, issuer, records, sessions, failed_logins, login_forms, clock })
    }
}

/// The server, listening; it runs when awaited.
///
/// # Errors
/// When the socket cannot be used.
pub fn serve(listener: TcpListener, portal: Portal) -> std::io::Result<Server> {
    let portal = web::Data::from(Arc::new(portal));
    let app = move || {
        App::new()
            .app_data(portal.clone())
            .wrap(browser::response_headers())
            .wrap(middleware::from_fn(browser::refuse_other_origins))
            .configure(routes::all)
    };
    let server = HttpServer::new(app).workers(WORKERS).client_request_timeout(HEAD_DEADLINE);
    Ok(server.listen(listener)?.run())
}
