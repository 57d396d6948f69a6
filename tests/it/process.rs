//! The program as a process: its banner, its two protocols, its signals.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use crate::support::{Process, SHORT_LIST, Workspace, exchange};

const CLIENT: &str = "fioXfS_HLZiKc6bKlruVFJJWLjAa";
const SECRET: &str = "JIYG_OzuMcOj2KrRIamehEWJRMEa";

/// One token request by a stock client that accepts any certificate, as `curl -k` does.
fn ask(url: &str, id: &str, secret: &str) -> (u16, Value) {
    let runtime = signet::app::runtime().expect("a runtime");
    runtime.block_on(async {
        let client = reqwest::Client::builder().tls_danger_accept_invalid_certs(true).no_proxy().build();
        let request = client
            .expect("a client")
            .post(url)
            .basic_auth(id, Some(secret))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials");
        let response = request.send().await.expect("an answer");
        let status = response.status().as_u16();
        (status, serde_json::from_slice(&response.bytes().await.expect("a body")).expect("JSON"))
    })
}

fn issuer_of(answer: &Value) -> Value {
    let token = answer["access_token"].as_str().expect("a token");
    let part = token.split('.').nth(1).expect("three parts");
    let claims = signet::jose::compact::decode(part).expect("base64url");
    serde_json::from_slice::<Value>(&claims).expect("JSON")["iss"].clone()
}

#[test]
fn dev_starts_with_nothing_and_its_first_line_to_paste_is_right() {
    let server = Process::dev(Workspace::empty(), "");
    let tls = server.tls;
    let line = format!(
        "curl --user {CLIENT}:{SECRET} -k -d \"grant_type=client_credentials\" \
         -H \"Content-Type: application/x-www-form-urlencoded\" https://{tls}/oauth2/token"
    );
    server.until("the curl line", |server| server.stdout().contains(&line));
    let (status, by_tls) = ask(&format!("https://{tls}/oauth2/token"), CLIENT, SECRET);
    assert_eq!(status, 200, "{by_tls}");
    let (status, by_http) = ask(&format!("http://{}/oauth2/token", server.public), CLIENT, SECRET);
    assert_eq!(status, 200, "{by_http}");
    assert_eq!(issuer_of(&by_tls), issuer_of(&by_http));
    let left: Vec<_> = std::fs::read_dir(server.workspace.path()).expect("a directory").collect();
    assert!(left.is_empty(), "dev keeps nothing: {left:?}");
}

#[test]
fn dev_tells_the_reason_of_a_refusal_in_the_log_and_in_the_answer() {
    let server = Process::dev(Workspace::empty(), "");
    let (status, answer) = ask(&format!("http://{}/oauth2/token", server.public), CLIENT, "wrong-one");
    assert_eq!((status, &answer["error"]), (401, &"invalid_client".into()));
    server.until("the line", |server| server.stderr().contains("secret_wrong"));
    let log = server.stderr();
    let line = log.lines().find(|line| line.contains("secret_wrong")).expect("a line");
    assert!(
        line.contains("refused") && line.contains(CLIENT) && line.contains("signet explain SG0519"),
        "{line}"
    );
    assert!(!log.contains("wrong-one"));
}

#[test]
fn dev_uses_and_watches_the_files_that_are_there() {
    let server = Process::dev(Workspace::ready(), "--poll-interval 1s");
    server.until("the banner", |server| server.stdout().contains("from the key directory"));
    assert!(server.stdout().contains("clients   clients.yaml"));
    server.workspace.write("clients.yaml", &SHORT_LIST.replace("invoices:read plain:use", "plain:use"));
    server.until("what changed", |server| server.stderr().contains("access: "));
    assert!(server.stderr().contains("both"), "{}", server.stderr());
}

#[test]
fn l4_serve_with_a_certificate_speaks_tls_and_closes_plain_http() {
    let workspace = Workspace::ready();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into(), "127.0.0.1".into()]).expect("TLS");
    workspace.write("tls.crt", &made.cert.pem());
    workspace.write("tls.key", &made.signing_key.serialize_pem());
    let server = Process::serve(workspace, "--tls-certificate tls.crt --tls-key tls.key");
    let (status, answer) =
        ask(&format!("https://{}/oauth2/token", server.public), "worker", "worker-secret-of-the-tests");
    assert_eq!(status, 200, "{answer}");
    let plain = exchange(server.public, b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(!plain.starts_with(b"HTTP/"), "{:?}", String::from_utf8_lossy(&plain));
}

/// Does a client that trusts this certificate and no other get an answer?
fn is_shown(certificate: &str, server: &Process) -> bool {
    let trusted = reqwest::Certificate::from_pem(certificate.as_bytes()).expect("a certificate");
    signet::app::runtime().expect("a runtime").block_on(async {
        let client =
            reqwest::Client::builder().tls_certs_only([trusted]).no_proxy().build().expect("a client");
        client.get(format!("https://{}/livez", server.public)).send().await.is_ok()
    })
}

#[test]
fn a_renewed_certificate_is_shown_after_a_reload_and_a_bad_one_changes_nothing() {
    let workspace = Workspace::ready();
    let [old, new] = [1, 2].map(|_| {
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".into()]).expect("TLS");
        (made.cert.pem(), made.signing_key.serialize_pem())
    });
    workspace.write("tls.crt", &old.0);
    workspace.write("tls.key", &old.1);
    let server = Process::serve(workspace, "--tls-certificate tls.crt --tls-key tls.key");
    assert!(is_shown(&old.0, &server) && !is_shown(&new.0, &server));
    let failed =
        |server: &Process| server.admin("/metrics").text().contains("signet_config_last_reload_success 0");
    server.workspace.write("tls.crt", &new.0);
    server.signal("HUP");
    server.until("the refusal of half a pair", failed);
    assert!(is_shown(&old.0, &server), "the old pair stays whole");
    server.workspace.write("tls.key", &new.1);
    server.signal("HUP");
    server.until("the new certificate", |server| !failed(server));
    assert!(is_shown(&new.0, &server) && !is_shown(&old.0, &server));
    let plain = exchange(server.public, b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(!plain.starts_with(b"HTTP/"), "plain HTTP is closed as before");
}

#[test]
fn a_certificate_with_another_key_stops_serve_and_both_files_are_named() {
    let workspace = Workspace::ready();
    let [one, other] =
        ["a", "b"].map(|name| rcgen::generate_simple_self_signed(vec![name.into()]).expect("TLS"));
    workspace.write("tls.crt", &one.cert.pem());
    workspace.write("tls.key", &other.signing_key.serialize_pem());
    let output = workspace.run(
        "serve --issuer https://auth.example.com --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 \
         --tls-certificate tls.crt --tls-key tls.key",
    );
    assert_eq!(output.code, 3);
    assert!(output.stderr.contains("tls.key") && output.stderr.contains("tls.crt"), "{}", output.stderr);
}

#[test]
fn sighup_reads_the_clients_again_at_once() {
    let server = Process::serve(Workspace::ready(), "--poll-interval 1h");
    let before = server.revision();
    assert_eq!(server.ask("worker:worker-secret-of-the-tests", "grant_type=client_credentials").status, 200);
    server.workspace.write("clients.yaml", &SHORT_LIST.replace("client_id: worker", "client_id: successor"));
    server.signal("HUP");
    server.until("the new revision", |server| server.revision() != before);
    let gone = server.ask("worker:worker-secret-of-the-tests", "grant_type=client_credentials");
    assert_eq!(gone.error(), "invalid_client");
}

#[test]
fn a_change_is_picked_up_without_a_signal_and_a_demo_secret_is_not() {
    let server = Process::serve(Workspace::ready(), "--poll-interval 1s");
    let before = server.revision();
    server.workspace.write("clients.yaml", &SHORT_LIST.replace("client_id: worker", "client_id: successor"));
    server.until("the new revision", |server| server.revision() != before);
    let new = server.revision();
    server.workspace.write("clients.yaml", signet::dev::DEMO_CLIENTS);
    server.until("the failed reload", |server| {
        server.admin("/metrics").text().contains("signet_config_last_reload_success 0")
    });
    assert_eq!(server.revision(), new);
    server.until("the findings in the log", |server| server.stderr().contains("SG0601"));
}

#[test]
fn sigterm_ends_the_process_while_an_idle_connection_is_open() {
    let mut server = Process::serve(Workspace::ready(), "--shutdown-deadline 30s");
    let mut idle = TcpStream::connect(server.public).expect("a connection");
    idle.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    idle.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("a request");
    let mut answer = [0; 15];
    idle.read_exact(&mut answer).expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 200 OK");
    server.signal("TERM");
    let (status, took) = server.ended();
    assert_eq!(status.code(), Some(0), "{}", server.stderr());
    assert!(took < Duration::from_secs(20), "an idle connection is nothing to wait for: {took:?}");
}
