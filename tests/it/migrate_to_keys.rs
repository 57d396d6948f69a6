//! The pages about credentials of clients, run as they stand: a client moves from a secret to a
//! key while it asks for tokens all the time.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;

use signet::jose::Algorithm;
use signet::keys::{generate, public_key_pem};

use crate::support::page::{at, blocks, sh};
use crate::support::{Process, Traffic, Workspace};

const PAGE: &str = include_str!("../../docs/src/migrate-to-keys.md");
const SECRET: &str = "old-secret-of-the-tests-0123456789";
/// The stored form that the pages show.
const SHOWN: &str = "sha256:MTP_DPt5gKhRQQwqzng9LZKq28yLNOdw2kn0fuFDeL8";

fn write_list(workspace: &Workspace, client: &str) {
    let list = format!(
        "resources:\n  - audience: https://invoices.example.com\n    scopes: [invoices:read]\n\nclients:\n{client}"
    );
    workspace.write("clients.yaml", &list.replace(SHOWN, &format!("${{secret:{SECRET}}}")));
}

/// An instance of the client that signs, until it is told to stop.
struct Signing {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    thread: JoinHandle<()>,
}

impl Signing {
    fn start(server: &Process) -> Self {
        let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let key = std::fs::read_dir(server.workspace.path().join("billing-worker-key")).expect("a directory");
        let key = key.map(|entry| entry.expect("an entry").path()).next().expect("a key");
        let mut command = server.workspace.command();
        command
            .args(["token", "--issuer", &server.issuer(), "--client-id", "billing-worker", "--key"])
            .arg(key);
        let (stopped, count) = (Arc::clone(&stop), Arc::clone(&answered));
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                let output = command.output().expect("the program starts");
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        Self { stop, answered, thread }
    }

    fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }

    fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("every request got a token");
    }
}

/// Takes a state of the list into force as the page says, and waits until it is.
fn deliver(server: &Process, block: &str) {
    let before = server.revision();
    at(server, block);
    server.until("the new revision", |server| server.revision() != before);
}

#[test]
fn every_command_of_the_page_about_the_move_to_keys_runs_and_no_request_fails_meanwhile() {
    let (commands, lists, texts) = (blocks(PAGE, "sh"), blocks(PAGE, "yaml"), blocks(PAGE, "text"));
    let [make, review, both_in_force, try_key, watch, remove, refused] = commands[..] else {
        panic!("other steps than this test knows: {commands:#?}")
    };
    let [with_secret, with_both, with_key] = lists[..] else { panic!("other lists: {lists:#?}") };
    let workspace = Workspace::ready();
    write_list(&workspace, with_secret);
    workspace.write("old-secret.txt", SECRET);
    workspace.write(".gitignore", "keys/\nbilling-worker-key/\nold-secret.txt\nsignet.log\n");
    sh(
        &workspace,
        "git init --quiet --initial-branch=main; git add --all; git commit --quiet --message=start",
    );
    let server = Process::serve(workspace, "");
    let secrets = Traffic::start(server.public, &format!("billing-worker:{SECRET}"));

    at(&server, make);
    write_list(&server.workspace, with_both);
    let difference = at(&server, review);
    let lines: Vec<&str> = difference.lines().filter(|line| line.starts_with("billing-worker")).collect();
    let shown = texts[0].split("sH1gm").next().expect("words before the thumbprint").trim();
    assert!(lines.len() == 1 && lines[0].starts_with(shown), "{difference}\n{shown}");
    deliver(&server, both_in_force);
    let said = at(&server, try_key);
    assert!(said.contains("would answer 200") && said.contains("private_key_jwt, jwks_file"), "{said}");

    let keys = Signing::start(&server);
    server.until("both at work", |_| secrets.answered() > 20 && keys.answered() > 2);
    let log = || std::fs::write(server.workspace.path().join("signet.log"), server.stderr()).expect("a log");
    log();
    let used = at(&server, watch);
    assert!(used.contains("\"client_secret_basic\"") && used.contains("\"private_key_jwt\""), "{used}");
    let issued_by_secret = || {
        let metrics = server.admin("/metrics").text();
        let series = "signet_token_requests_total{grant=\"client_credentials\",method=\"client_secret_basic\",outcome=\"issued\"";
        let line = metrics.lines().find(|line| line.starts_with(series)).expect("a series").to_owned();
        line.rsplit(' ').next().expect("a number").parse::<f64>().expect("a number")
    };
    assert!(secrets.stop().len() > 20);
    let (at_the_end, signed) = (issued_by_secret(), keys.answered());
    server.until("requests with the key alone", |_| keys.answered() > signed + 2);
    assert_eq!(issued_by_secret().to_bits(), at_the_end.to_bits(), "nobody uses the secret any more");

    write_list(&server.workspace, with_key);
    deliver(&server, remove);
    let signed = keys.answered();
    server.until("requests without the secret", |_| keys.answered() > signed + 2);
    assert_eq!(at(&server, refused), "refused, as it should be\n");
    keys.stop();
    let refusals: Vec<String> = server
        .stderr()
        .lines()
        .filter(|line| line.contains("\"outcome\":\"refused\""))
        .map(str::to_owned)
        .collect();
    assert!(
        refusals.len() == 1 && refusals[0].contains("\"method\":\"client_secret_basic\""),
        "{refusals:#?}"
    );
    let history = sh(&server.workspace, "git log --format=%s");
    assert_eq!(history.lines().count(), 3, "{history}");
}

/// The other two pages: their commands need no server but that of the example.
#[test]
fn every_command_of_the_pages_about_credentials_runs() {
    let workspace = Workspace::ready();
    let (key, jwk) = generate::private_key(Algorithm::EdDsa, generate::BITS).expect("a key");
    workspace.write("billing-worker.pem", &key.pem());
    workspace.write("billing-worker.pub.pem", &public_key_pem(jwk.public_key()));
    workspace.write("secret.txt", SECRET);
    let client = "  - client_id: billing-worker\n    credentials:\n      - client_secret: SHOWN\n      - private_key_jwt: {jwks_file: billing-worker.pub.pem}\n    scope: invoices:read\n";
    write_list(&workspace, &client.replace("SHOWN", SHOWN));
    let server = Process::serve(workspace, "");
    for page in ["credentials.md", "client-keys.md"] {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/src").join(page));
        let text = text.expect("a page");
        let commands = blocks(&text, "sh");
        assert!(!commands.is_empty(), "{page}");
        for block in commands {
            assert!(block.lines().all(|line| line.starts_with("signet ")), "{block}");
            at(&server, block);
        }
    }
}
