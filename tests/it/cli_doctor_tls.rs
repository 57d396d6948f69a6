//! `signet doctor` and the certificates of an issuer; `--cacert` of all commands that fetch.

use std::io::{Read as _, Write as _};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::SupportedProtocolVersion;
use rustls::server::ServerConfig;
use rustls::version::{TLS12, TLS13};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::Value;
use signet::clock::{Clock as _, SystemClock};

use crate::support::foreign_issuer::ForeignIssuer;
use crate::support::{Process, Workspace};

const DAY: i64 = 86_400;

struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::new()).expect("params");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// Certificate and key for `name`, good from yesterday until `days` from now.
    fn leaf(&self, name: &str, days: i64) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("params");
        params.distinguished_name.push(DnType::CommonName, "the server");
        let at = |days: i64| {
            let time =
                jiff::Timestamp::from_second(SystemClock.now().seconds() + days * DAY).expect("a time");
            let date = time.to_zoned(jiff::tz::TimeZone::UTC).date();
            rcgen::date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
        };
        params.not_before = at(days.min(0) - 2);
        params.not_after = at(days);
        (params.signed_by(&key, &self.issuer).expect("a certificate"), key)
    }
}

fn config(
    certificate: &rcgen::Certificate,
    key: &KeyPair,
    versions: &[&'static SupportedProtocolVersion],
) -> ServerConfig {
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ServerConfig::builder_with_provider(provider).with_protocol_versions(versions).expect("versions");
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    builder.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).expect("an identity")
}

/// `code severity` of every finding.
fn found(json: &Value) -> String {
    let findings = json["findings"].as_array().expect("a list").iter();
    let words = |finding: &Value| {
        ["code", "severity"].map(|name| finding[name].as_str().expect("text").to_owned()).join(" ")
    };
    let mut found: Vec<String> = findings.map(words).collect();
    found.sort();
    found.join(", ")
}

#[test]
fn certificates_that_clients_refuse_or_soon_will_are_found() {
    let (authority, stranger) = (Authority::new("ours"), Authority::new("a stranger"));
    let workspace = Workspace::empty();
    workspace.write("ca.pem", &authority.pem);
    let own_key = KeyPair::generate().expect("a key");
    let own =
        CertificateParams::new(vec!["127.0.0.1".to_owned()]).and_then(|params| params.self_signed(&own_key));
    let both = [&TLS13, &TLS12];
    for (name, (certificate, key), versions, expected, words) in [
        ("good", authority.leaf("127.0.0.1", 60), &both[..], "", ""),
        ("TLS 1.2", authority.leaf("127.0.0.1", 60), &both[1..], "SG0442 note", "TLS 1.2"),
        ("soon", authority.leaf("127.0.0.1", 5), &both[..], "SG0441 warning", "ends in"),
        ("expired", authority.leaf("127.0.0.1", -5), &both[..], "SG0440 error", "expired at"),
        (
            "another name",
            authority.leaf("auth.example.com", 60),
            &both[..],
            "SG0440 error",
            "auth.example.com",
        ),
        ("a stranger's", stranger.leaf("127.0.0.1", 60), &both[..], "SG0440 error", "alone"),
        ("its own", (own.expect("a certificate"), own_key), &both[..], "SG0440 error", "nobody but itself"),
    ] {
        let issuer = ForeignIssuer::https(config(&certificate, &key, versions));
        let output = workspace.run(&format!("doctor {} --cacert ca.pem --format json", issuer.issuer()));
        let json = output.json();
        assert_eq!(found(&json), expected, "{name}: {}", output.all());
        assert!(output.stdout.contains(words), "{name}: {}", output.stdout);
        assert_eq!(output.code, i32::from(expected.ends_with("error")), "{name}");
        let insecure = workspace.run(&format!("doctor {} --insecure", issuer.issuer()));
        assert_eq!(insecure.code, 0, "{name}: {}", insecure.all());
    }
}

/// Answers the first message with the head of a ServerHello of this version, or with an alert.
fn old_server(head: [u8; 11]) -> std::net::SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut record = [0; 5];
            if stream.read_exact(&mut record).is_ok() {
                let mut hello = vec![0; usize::from(u16::from_be_bytes([record[3], record[4]]))];
                let _ = stream.read_exact(&mut hello).and_then(|()| stream.write_all(&head));
            }
        }
    });
    address
}

#[test]
fn a_server_that_agrees_to_old_versions_of_tls_is_found() {
    let workspace = Workspace::empty();
    // A handshake record with a ServerHello, its version last; and the alert protocol_version.
    for (head, expected) in [
        ([22, 3, 1, 0, 7, 2, 0, 0, 3, 3, 1], "SG0446 error, SG0447 warning"),
        ([22, 3, 2, 0, 7, 2, 0, 0, 3, 3, 2], "SG0446 error, SG0447 warning"),
        ([21, 3, 1, 0, 2, 2, 70, 0, 0, 0, 0], "SG0446 error"),
    ] {
        let url = format!("https://{}", old_server(head));
        let output = workspace.run(&format!("doctor {url} --format json"));
        let json = output.json();
        assert_eq!(found(&json), expected, "{}", output.all());
    }
}

#[test]
fn our_own_server_over_tls_is_trusted_with_its_authority_and_not_without() {
    let authority = Authority::new("ours");
    let (certificate, key) = authority.leaf("127.0.0.1", 60);
    let workspace = Workspace::ready();
    workspace.write("ca.pem", &authority.pem);
    workspace.write("tls.pem", &certificate.pem());
    workspace.write("tls.key", &key.serialize_pem());
    workspace.write("empty.pem", "nothing\n");
    let arguments =
        "serve --issuer https://PUBLIC --listen PUBLIC --tls-certificate tls.pem --tls-key tls.key";
    let server = Process::start(workspace, arguments, true);
    let issuer = format!("https://{}", server.public);
    let doctor = |more: &str| server.workspace.run(&format!("doctor {issuer} {more} --format json"));
    let trusted = doctor("--cacert ca.pem --deny notes");
    assert_eq!((trusted.code, &trusted.json()["findings"]), (0, &serde_json::json!([])), "{}", trusted.all());
    assert_eq!(doctor("").code, 1);
    for (file, words) in [("nowhere.pem", "cannot read"), ("empty.pem", "no certificate")] {
        let output = doctor(&format!("--cacert {file}"));
        assert!(output.code == 4 && output.stderr.contains(words), "{}", output.all());
    }
    let token = |more: &str| {
        let arguments = format!("token --issuer {issuer} --client-id worker --secret-stdin {more}");
        server.workspace.run_with(&arguments, &[], "worker-secret-of-the-tests")
    };
    let (with, without) = (token("--cacert ca.pem"), token(""));
    assert_eq!((with.code, without.code), (0, 4), "{} {}", with.all(), without.all());
    let verify = |more: &str| {
        server.workspace.run_with(&format!("verify --issuer {issuer} {more}"), &[], &with.stdout)
    };
    assert_eq!((verify("--cacert ca.pem").code, verify("").code), (0, 4));
}
