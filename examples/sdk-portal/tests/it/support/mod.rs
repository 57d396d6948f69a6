//! Starts a portal with a clock to move and a fake token service, and is its browser.

mod browser;
mod fake_issuer;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use sdk_portal::{Accounts, Clock, Issuer, Portal, Records, Registrar, Settings, serve};
use tempfile::TempDir;

pub use browser::{Answer, Browser};
pub use fake_issuer::{FakeIssuer, Mood, REGISTRAR_SECRET};

pub const PASSWORD: &str = "correct horse battery";

pub struct Bench {
    pub issuer: FakeIssuer,
    pub directory: TempDir,
    pub address: SocketAddr,
    now: Arc<AtomicI64>,
}

impl Bench {
    pub fn start() -> Self {
        Self::with(FakeIssuer::start(), "http")
    }

    /// `scheme` is what browsers use; the socket is plain in any case, as behind a proxy.
    pub fn with(issuer: FakeIssuer, scheme: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let now = Arc::new(AtomicI64::new(1_800_000_000));
        let ticking = now.clone();
        let lines = ["dana", "eli"].map(|name| Accounts::line(name, PASSWORD).unwrap()).join("\n");
        let registrar =
            Registrar { client_id: "sdk-portal".to_owned(), client_secret: REGISTRAR_SECRET.to_owned() };
        let origin = format!("{scheme}://{address}");
        let portal = Portal::new(
            Settings::new(&origin, "http://localhost:8071".to_owned(), "catalog:read".to_owned()).unwrap(),
            Accounts::parse(&lines).unwrap(),
            Issuer::new(issuer.url.clone(), registrar).unwrap(),
            Records::open(&directory.path().join("records.jsonl")).unwrap(),
            Clock::new(move || ticking.load(Ordering::SeqCst)),
        );
        let portal = portal.unwrap();
        in_background(move || serve(listener, portal).unwrap());
        Self { issuer, directory, address, now }
    }

    pub fn browser(&self) -> Browser {
        Browser::new(self.address)
    }

    pub fn logged_in(&self) -> Browser {
        let mut browser = self.browser();
        let answer = browser.log_in("dana", PASSWORD);
        assert_eq!((answer.status, answer.header("location")), (303, Some("/")), "{answer:?}");
        browser
    }

    pub fn later(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn records(&self) -> String {
        std::fs::read_to_string(self.records_file()).unwrap()
    }

    pub fn records_file(&self) -> PathBuf {
        self.directory.path().join("records.jsonl")
    }
}

pub fn in_background(server: impl FnOnce() -> actix_web::dev::Server + Send + 'static) {
    std::thread::spawn(move || actix_web::rt::System::new().block_on(async { server().await }));
}
