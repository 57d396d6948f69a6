//! Starts the application as `serve` composes it, in this process.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, mpsc};
use std::time::{Duration, Instant};

use serde_json::Value;
use signet::app::{self, Listen, RunSettings};
use signet::client_auth::{Memory, REPLAY_ENTRIES_MAX, stored_secret};
use signet::clock::{FixedClock, UnixTime};
use signet::config::ReplayStoreSettings;
use signet::http::{Limits, Side};
use signet::inputs::{BuiltIn, Inputs};
use signet::issuer::IssuerSettings;
use signet::jose::Algorithm;
use signet::keys::{Keyring, generate};
use signet::oauth::IssuerUrl;
use signet::reload::GuardSettings;
use signet::remote_keys::FetchSettings;
use signet::replay_store;
use signet::telemetry::LogFormat;
use signet::token::MintSettings;
use tempfile::TempDir;

use super::http::{self, FORM, Response, basic};
use super::judge::{Token, judge};
use super::{CLIENTS, secret};

pub const ISSUER: &str = "https://auth.example.com";
/// 2026-11-23T12:00:00Z.
pub const NOW: i64 = 1_795_435_200;

/// Between two looks at a condition, so that the look does not keep the server from its work.
const PAUSE: Duration = Duration::from_millis(1);

/// What differs from test to test.
pub struct Options {
    pub issuer: &'static str,
    pub clients: String,
    /// Names and contents of what stands beside the list.
    pub files: Vec<(&'static str, String)>,
    pub reveal_reasons: bool,
    pub signer: &'static str,
    pub limits: Limits,
    /// Threads that answer requests.
    pub workers: usize,
    pub authorization_endpoint: bool,
    /// As `dev` runs.
    pub for_development: bool,
    /// The clock of this one is the machine's.
    pub poll_interval: Duration,
    pub guard: GuardSettings,
    /// Of one client; most tests fail more often than anybody may, at a clock that stands still.
    pub failures_per_minute: u32,
    pub replay_store: Option<ReplayStoreSettings>,
    /// How long a connection to it, or an answer of it, may take: a busy machine is no outage.
    pub replay_store_patience: Duration,
    /// Instead of the key in the directory.
    pub keyring: Option<Arc<Keyring>>,
    /// Names of seal keys, and what their content is made from: equal numbers are equal keys.
    pub seal_keys: Vec<(&'static str, u8)>,
    pub client_keys: FetchSettings,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            issuer: ISSUER,
            clients: CLIENTS.to_owned(),
            files: Vec::new(),
            reveal_reasons: false,
            signer: "aws-lc-rs",
            limits: Limits::default(),
            workers: 1,
            authorization_endpoint: true,
            for_development: false,
            poll_interval: Duration::from_secs(3600),
            guard: GuardSettings { max_removed_percent: 25, require_end_marker: true },
            failures_per_minute: 0,
            replay_store: None,
            replay_store_patience: Duration::from_secs(20),
            keyring: None,
            seal_keys: Vec::new(),
            client_keys: FetchSettings::default(),
        }
    }
}

pub struct TestServer {
    pub public: SocketAddr,
    pub admin: SocketAddr,
    pub clock: Arc<FixedClock>,
    pub directory: TempDir,
    commands: tokio::sync::mpsc::UnboundedSender<Command>,
    thread: Option<std::thread::JoinHandle<()>>,
}

enum Command {
    Reload,
    Stop,
}

/// One key for all tests: making one takes longer than most of them.
pub fn key_pem() -> &'static str {
    static KEY: OnceLock<String> = OnceLock::new();
    KEY.get_or_init(new_key_pem)
}

pub fn new_key_pem() -> String {
    let (key, _) = generate::private_key(Algorithm::Rs256, generate::BITS).expect("a key");
    key.pem().to_string()
}

/// `${secret:TEXT}` becomes the stored form of TEXT.
pub fn with_hashes(clients: &str) -> String {
    let mut text = String::new();
    let mut rest = clients;
    while let Some((before, after)) = rest.split_once("${secret:") {
        let (secret, after) = after.split_once('}').expect("a closing brace");
        text.push_str(before);
        text.push_str(&stored_secret(secret));
        rest = after;
    }
    text + rest
}

pub fn write_key(directory: &Path, name: &str) {
    write_private(directory, name, key_pem());
}

fn write_private(directory: &Path, name: &str, content: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::create_dir_all(directory).expect("a directory");
    let path = directory.join(name);
    std::fs::write(&path, content).expect("a key file");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("permissions");
}

/// The digest of `seed` as a seal key: another one is another key.
pub fn write_seal_key(directory: &Path, name: &str, seed: u8) {
    use base64::Engine as _;
    let digest = ring::digest::digest(&ring::digest::SHA256, &[seed]);
    let line = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest) + "\n";
    write_private(directory, name, &line);
}

impl TestServer {
    pub fn start() -> Self {
        Self::with(Options::default())
    }

    pub fn with(options: Options) -> Self {
        let directory = TempDir::new().expect("a directory");
        std::fs::write(directory.path().join("clients.yaml"), with_hashes(&options.clients))
            .expect("a client list");
        for (name, content) in &options.files {
            std::fs::write(directory.path().join(name), content).expect("a file beside the list");
        }
        write_key(&directory.path().join("keys"), "20261101T000000Z.rs256.pem");
        for (name, seed) in &options.seal_keys {
            write_seal_key(&directory.path().join("keys"), name, *seed);
        }
        let clock = Arc::new(FixedClock::at(UnixTime::from_seconds(NOW)));
        let inputs = Inputs {
            clients: directory.path().join("clients.yaml"),
            keys: directory.path().join("keys"),
            signer: options.signer.to_owned(),
            clock_allowance_seconds: 5,
            built_in: BuiltIn { keyring: options.keyring.clone(), ..BuiltIn::default() },
        };
        let settings = issuer_settings(&options);
        let (built, findings) = inputs.build(&settings, &[], UnixTime::from_seconds(NOW));
        let snapshot = built.unwrap_or_else(|_| panic!("{}", signet::diagnostic::human(&findings, false)));
        let settings = run_settings(settings, options);
        let (started, addresses) = mpsc::channel();
        let (commands, mut received) = tokio::sync::mpsc::unbounded_channel();
        let its_clock = Arc::clone(&clock);
        let thread = std::thread::spawn(move || {
            app::runtime().expect("a runtime").block_on(async move {
                let running =
                    app::start(inputs, snapshot, its_clock, settings).await.expect("the server starts");
                started.send(running.addresses.clone()).expect("the test waits");
                while let Some(command) = received.recv().await {
                    match command {
                        Command::Reload => running.reload(),
                        Command::Stop => break,
                    }
                }
                running.stop().await;
            });
        });
        let addresses = addresses.recv_timeout(Duration::from_secs(30)).expect("the server starts");
        let (public, admin) = (addresses[0], addresses[1]);
        Self { public, admin, clock, directory, commands, thread: Some(thread) }
    }

    pub fn clients_file(&self) -> PathBuf {
        self.directory.path().join("clients.yaml")
    }

    /// Replaces the client list as a careful writer does: a new file, renamed over the old one.
    pub fn write_clients(&self, clients: &str) {
        let new = self.directory.path().join(".clients.new");
        std::fs::write(&new, with_hashes(clients)).expect("a client list");
        std::fs::rename(&new, self.clients_file()).expect("a rename");
    }

    /// What SIGHUP does.
    pub fn reload(&self) {
        self.commands.send(Command::Reload).expect("the server runs");
    }

    /// Value of one series: `signet_clients`, `signet_config_reloads_total{outcome="success"}`.
    pub fn metric(&self, series: &str) -> f64 {
        let text = self.admin("/metrics").text();
        let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {series} in {text}")).parse().expect("a number")
    }

    /// As `/readyz` tells it.
    pub fn revision(&self) -> String {
        self.admin("/readyz").json()["config_revision"].as_str().expect("text").to_owned()
    }

    /// Does what SIGHUP does, and waits until the files have been read.
    pub fn reload_and_wait(&self) {
        let attempts = |server: &Self| -> f64 {
            let of =
                |outcome| server.metric(&format!("signet_config_reloads_total{{outcome=\"{outcome}\"}}"));
            of("success") + of("failure") + of("refused")
        };
        let before = attempts(self);
        self.reload();
        self.until("the end of the reload", |server| attempts(server) > before);
    }

    /// Asks `done` until it says yes; the wait is bounded and the question cheap.
    pub fn until(&self, what: &str, done: impl Fn(&Self) -> bool) {
        // A reload gives way to everything else, and a busy machine may let it wait long.
        let deadline = Instant::now() + Duration::from_secs(60);
        while !done(self) {
            assert!(Instant::now() < deadline, "never seen: {what}");
            std::thread::park_timeout(PAUSE);
        }
    }

    pub fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
        http::send(self.public, method, target, headers, body)
    }

    pub fn get(&self, target: &str) -> Response {
        self.send("GET", target, &[], b"")
    }

    pub fn admin(&self, target: &str) -> Response {
        http::send(self.admin, "GET", target, &[], b"")
    }

    /// A form to the token endpoint without an Authorization header.
    pub fn post(&self, form: &str) -> Response {
        self.send("POST", "/oauth2/token", &[FORM], form.as_bytes())
    }

    /// A form with HTTP Basic; the pair is sent as it is.
    pub fn basic(&self, pair: &str, form: &str) -> Response {
        let header = basic(pair.as_bytes());
        self.send("POST", "/oauth2/token", &[FORM, ("Authorization", &header)], form.as_bytes())
    }

    /// A client of the list asks for a token with `grant_type=client_credentials` and `more`.
    pub fn ask(&self, client: &str, more: &str) -> Response {
        let separator = if more.is_empty() { "" } else { "&" };
        let form = format!("grant_type=client_credentials{separator}{more}");
        self.basic(&format!("{client}:{}", secret(client)), &form)
    }

    pub fn key_set(&self) -> Value {
        self.get("/.well-known/jwks.json").json()
    }

    /// The token of a response, judged.
    pub fn judge(&self, response: &Response) -> Token {
        judge(&response.access_token(), &self.key_set())
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        let _ = self.commands.send(Command::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn issuer_settings(options: &Options) -> IssuerSettings {
    let issuer = IssuerUrl::parse(options.issuer).expect("an issuer");
    IssuerSettings {
        mint: MintSettings { issuer, access_token_lifetime_seconds: 900, clock_allowance_seconds: 5 },
        reveal_reasons: options.reveal_reasons,
        authorization_endpoint: options.authorization_endpoint,
        publish_scopes: true,
    }
}

fn run_settings(issuer: IssuerSettings, options: Options) -> RunSettings {
    let replay_store = options.replay_store.as_ref();
    let replay_store = replay_store.and_then(|given| {
        let mut settings = replay_store::Settings::new(given).expect("a store")?;
        settings.connect_max = options.replay_store_patience;
        settings.answer_max = options.replay_store_patience;
        Some(settings)
    });
    let any = "127.0.0.1:0".parse().expect("an address");
    RunSettings {
        issuer,
        rules: Vec::new(),
        listen: vec![
            Listen { address: any, side: Side::Public, tls: None, flag: "--listen" },
            Listen { address: any, side: Side::Admin, tls: None, flag: "--admin-listen" },
        ],
        certificate: None,
        limits: options.limits,
        workers: options.workers,
        poll_interval: options.poll_interval,
        guard: options.guard,
        slow_check_threads: 1,
        log_format: LogFormat::Json,
        public_readyz: false,
        for_development: options.for_development,
        memory: Arc::new(Memory::new(REPLAY_ENTRIES_MAX, options.failures_per_minute)),
        replay_store,
        dropped_log_lines: Box::new(|| 0),
        client_keys: options.client_keys,
    }
}
