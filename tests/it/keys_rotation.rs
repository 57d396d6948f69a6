//! 500 rotations on three replicas that share nothing but the directory (rows C7, C14). Each has a
//! clock of its own within the allowance and reads the files at a time of its own; keys are made
//! and pruned by what the commands call. Nothing waits: the clocks are told the time.

use std::path::PathBuf;

use serde_json::Value;
use signet::client_auth::{Memory, Outcomes};
use signet::clock::UnixTime;
use signet::inputs::{BuiltIn, Inputs};
use signet::issuer::{Issuer, IssuerSettings, Ready, Step, TokenRequest};
use signet::jose::{Algorithm, compact, verify};
use signet::keys::generate::{Activation, new_file};
use signet::keys::{prune, public_key_pem};
use signet::token::MintSettings;
use tempfile::TempDir;

use crate::support::{ISSUER, basic, with_hashes};

const START: UnixTime = UnixTime::from_seconds(1_795_374_000);
const DAY: i64 = 86_400;
/// `--clock-allowance` of every replica; their clocks differ by as much, to both sides.
const ALLOWANCE: u32 = 5;
/// Longest freshness of a copy of the key set.
const COPY_SECONDS: i64 = 300;

/// How many rotations of each algorithm. RSA keys take long to make, so there are few.
const ROTATIONS: [(Algorithm, usize); 3] =
    [(Algorithm::Es256, 250), (Algorithm::EdDsa, 244), (Algorithm::Rs256, 6)];

fn clients() -> String {
    let names = ROTATIONS.map(|(algorithm, _)| algorithm.name());
    let resources = names.map(|name| {
        format!(
            "  - audience: https://{name}.example.com\n    scopes: [use:{name}]\n    signing_alg: {name}\n"
        )
    });
    let clients = names.map(|name| {
        format!(
            "  - client_id: {name}\n    credentials:\n      - client_secret: ${{secret:{name}-secret-of-the-tests}}\n    \
             scope: use:{name}\n"
        )
    });
    format!("resources:\n{}clients:\n{}", resources.concat(), clients.concat())
}

struct Replica {
    inputs: Inputs,
    settings: IssuerSettings,
    memory: Memory,
    issuer: Option<Issuer>,
    /// Seconds that its clock is ahead of the true time.
    skew: i64,
}

impl Replica {
    fn new(root: &TempDir, skew: i64) -> Self {
        let inputs = Inputs {
            clients: root.path().join("clients.yaml"),
            keys: root.path().join("keys"),
            signer: "aws-lc-rs".to_owned(),
            clock_allowance_seconds: ALLOWANCE,
            built_in: BuiltIn::default(),
        };
        let settings = IssuerSettings {
            mint: MintSettings {
                issuer: signet::oauth::IssuerUrl::parse(ISSUER).expect("an issuer"),
                access_token_lifetime_seconds: 900,
                clock_allowance_seconds: ALLOWANCE,
            },
            reveal_reasons: false,
            authorization_endpoint: true,
            publish_scopes: true,
        };
        Self { inputs, settings, memory: Memory::default(), issuer: None, skew }
    }

    fn reload(&mut self, time: UnixTime) {
        let (built, findings) = self.inputs.build(&self.settings, &[], time.plus(self.skew));
        let snapshot = built.unwrap_or_else(|_| panic!("{}", signet::diagnostic::human(&findings, false)));
        self.issuer = Some(snapshot.issuer);
    }

    fn issuer(&self) -> &Issuer {
        self.issuer.as_ref().expect("loaded")
    }

    /// The `kid` of a token that it issues at this moment, and the token's expiry; the signature is
    /// checked with the key set that `judge` serves.
    fn token(&self, algorithm: Algorithm, time: UnixTime) -> (String, i64, String) {
        let name = algorithm.name();
        let header = basic(format!("{name}:{name}-secret-of-the-tests").as_bytes());
        let authorization: [&[u8]; 1] = [header.as_bytes()];
        let outcomes = Outcomes::default();
        let request = TokenRequest {
            form: b"grant_type=client_credentials",
            authorization: &authorization,
            outcomes: &outcomes,
        };
        let step = self.issuer().token(&request, &self.memory, time.plus(self.skew));
        let Step::Prepared(prepared) = step else { panic!("a generated secret is no slow check") };
        let Ok(Ready::Unsigned(unsigned)) = prepared.token else { panic!("not granted") };
        let mut signature = vec![0; unsigned.key().signature_bytes()];
        unsigned.key().sign(&[unsigned.signing_input()], &mut signature).expect("signed");
        let kid = unsigned.key().kid().to_owned();
        let token = unsigned.with_signature(&signature, std::time::Duration::ZERO).compact;
        let claims = token.split('.').nth(1).and_then(compact::decode).expect("claims");
        let claims: Value = serde_json::from_slice(&claims).expect("JSON");
        (kid, claims["exp"].as_i64().expect("a time"), token)
    }

    /// What a verifier gets here at this moment.
    fn key_set(&self, time: UnixTime) -> String {
        let published = self.issuer().key_set(time.plus(self.skew));
        String::from_utf8(published.document.bytes.to_vec()).expect("UTF-8")
    }
}

const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

fn assert_public(key_set: &str) {
    let set: Value = serde_json::from_str(key_set).expect("JSON");
    for key in set["keys"].as_array().expect("keys") {
        assert!(PRIVATE_MEMBERS.iter().all(|member| key.get(member).is_none()), "{key}");
    }
    assert!(!key_set.contains("PRIVATE"));
}

fn holds(key_set: &str, kid: &str) -> bool {
    key_set.contains(&format!("\"kid\":\"{kid}\""))
}

struct Fleet {
    root: TempDir,
    replicas: Vec<Replica>,
    tokens: usize,
}

impl Fleet {
    fn start() -> Self {
        let root = tempfile::tempdir().expect("a directory");
        std::fs::write(root.path().join("clients.yaml"), with_hashes(&clients())).expect("clients");
        let replicas = [-i64::from(ALLOWANCE), 0, ALLOWANCE.into()].map(|skew| Replica::new(&root, skew));
        Self { root, replicas: replicas.into(), tokens: 0 }
    }

    fn keys(&self) -> PathBuf {
        self.root.path().join("keys")
    }

    /// One replica after the other sees the files, minutes apart.
    fn reload_all(&mut self, time: UnixTime) {
        for (replica, minutes) in self.replicas.iter_mut().zip([0, 2, 7]) {
            replica.reload(time.plus(minutes * 60));
        }
    }

    /// Every replica issues a token at this moment. Every replica's key set has the key, so does every
    /// copy that a verifier may still hold, and so will every key set until the token has expired.
    fn judge(&mut self, algorithm: Algorithm, time: UnixTime) {
        for replica in &self.replicas {
            let (kid, expiry, token) = replica.token(algorithm, time);
            self.tokens += 1;
            for other in &self.replicas {
                for at in [time.minus(COPY_SECONDS), time, UnixTime::from_seconds(expiry)] {
                    assert!(holds(&other.key_set(at), &kid), "{algorithm} {time}: no {kid} at {at}");
                }
            }
            let key_set = replica.key_set(time);
            assert_public(&key_set);
            let audience = format!("https://{algorithm}.example.com");
            let expected = verify::Expected {
                issuer: ISSUER,
                audience: Some(&audience),
                now: time,
                leeway_seconds: ALLOWANCE.into(),
            };
            let report = verify::verify(&token, key_set.as_bytes(), &expected);
            assert!(report.accepted(), "{algorithm} {time}: {:?}", report.checks);
        }
    }
}

#[test]
fn c7_c14_500_rotations_lose_no_kid_on_any_replica_and_publish_no_private_member() {
    let mut fleet = Fleet::start();
    let directory = fleet.keys();
    for (algorithm, _) in ROTATIONS {
        new_file(&directory, algorithm, 2048, START, Activation::default()).expect("the first key");
    }
    let mut now = START.plus(60);
    fleet.reload_all(now);
    let mut left = ROTATIONS;
    let mut rotations = 0;
    while left.iter().any(|(_, count)| *count > 0) {
        // The algorithms take turns until one after the other has had its rotations.
        for (algorithm, count) in left.iter_mut().filter(|(_, count)| *count > 0) {
            *count -= 1;
            now = now.plus(3600);
            let made = new_file(&directory, *algorithm, 2048, now, Activation::default()).expect("made");
            fleet.reload_all(now);
            // What `keys prune --private --yes` does, while not every replica has read the files.
            let keyring = fleet.replicas[1].issuer().keyring();
            for step in prune::steps(&directory, keyring, now.minus(60), true) {
                step.run().expect("pruned");
            }
            let takes_over = made.activation;
            assert!(takes_over >= now.plus(DAY));
            for offset in [-6, -5, -1, 0, 1, 5, 6] {
                fleet.judge(*algorithm, takes_over.plus(offset));
            }
            now = takes_over.plus(DAY / 2);
            rotations += 1;
        }
    }
    fleet.reload_all(now);
    assert_eq!(rotations, 500);
    assert_eq!(fleet.tokens, 500 * 7 * 3);
    let files = std::fs::read_dir(&directory).expect("keys").count();
    assert!(files <= 9, "pruning keeps up: {files} files");
    let published = fleet.replicas[0].issuer().keyring().published(now);
    assert!(published.iter().all(|key| public_key_pem(key.jwk.public_key()).contains("PUBLIC KEY")));
}
