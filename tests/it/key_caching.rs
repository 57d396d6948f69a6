//! The caching headers of the key set (RFC 9111, RFC 5861) against every cache that obeys them: no
//! token is issued under a key that such a cache does not know, and none is valid after its key
//! has left the set or such a cache.
//!
//! What is asked for, and all that is asked for:
//!
//! - a key file is at every replica for its lead before it becomes active, an hour at least, which
//!   is what `keys new` does without `--now`, and the first key of an algorithm is there before a
//!   resource names it;
//! - a cache that cannot reach the server uses no copy that is older than the lead; the header
//!   forbids it by itself where the lead is 23 hours or more;
//! - a cache says how old its copy is (`Age`). Without outages up to twelve caches in a row may
//!   forget it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::Value;
use signet::client::Registry;
use signet::inputs::retention;
use signet::issuer::{Issuer, IssuerSettings};
use signet::jose::{Algorithm, Jwk, PublicKey};
use signet::keys::{Key, Keyring, SigningError, SigningKey};
use signet::oauth::IssuerUrl;
use signet::token::MintSettings;

use crate::key_fixtures::{DAY, NOW};
use crate::support::{Options, TestServer};

const HOUR: i64 = 3_600;
/// The longest lifetime there can be, and what verifiers forgive beyond it.
const TOKEN_SECONDS_MAX: i64 = DAY + 60;
/// What the header promises of itself: see `caching.rs`.
const COPY_SECONDS_MAX: i64 = 23 * HOUR;

/// A key that is published and never asked to sign: the tests ask which one would.
struct Unused(Jwk);

impl SigningKey for Unused {
    fn public_jwk(&self) -> &Jwk {
        &self.0
    }

    fn signature_bytes(&self) -> usize {
        64
    }

    fn backend(&self) -> &'static str {
        "none"
    }

    fn sign(&self, _inputs: &[&[u8]], _signatures: &mut [u8]) -> Result<(), SigningError> {
        Err(SigningError)
    }
}

fn jwk(algorithm: Algorithm, number: usize) -> Jwk {
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&(number as u64).to_be_bytes());
    bytes[0] = 1;
    let key = match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 => PublicKey::rsa(&bytes, &[1, 0, 1]).expect("not zero"),
        Algorithm::Es256 => PublicKey::p256(bytes, bytes),
        Algorithm::EdDsa => PublicKey::ed25519(bytes),
    };
    Jwk::new(algorithm, key).expect("a key of the algorithm")
}

/// A key file; times are seconds after `NOW`.
#[derive(Clone, Copy, Debug)]
struct File {
    algorithm: Algorithm,
    appears: i64,
    activation: i64,
}

impl File {
    fn lead(self) -> i64 {
        self.activation - self.appears
    }
}

/// What is known of a key from the whole plan, by arithmetic that is not the program's.
struct Life {
    file: File,
    kid: String,
    /// The last token of the key dies here.
    last_token: i64,
    gone: i64,
}

/// The server over time: one issuer for every state of the directory.
struct World {
    lives: Vec<Life>,
    issuers: Vec<(i64, Issuer)>,
}

/// What a cache gets from the server.
#[derive(Clone, Debug)]
struct Answer {
    keys: BTreeSet<usize>,
    etag: String,
    max_age: i64,
    stale_if_error: i64,
    /// Seconds since the server made it: `Age` (RFC 9111 §5.1).
    age: i64,
}

impl World {
    fn new(files: Vec<File>) -> Self {
        let retained = retention(5).seconds();
        let lives: Vec<Life> = files
            .iter()
            .enumerate()
            .map(|(number, file)| {
                let later =
                    files.iter().filter(|f| f.algorithm == file.algorithm && f.activation > file.activation);
                let succeeded = later.map(|file| file.activation).min();
                Life {
                    file: *file,
                    kid: jwk(file.algorithm, number).kid().to_owned(),
                    last_token: succeeded.map_or(i64::MAX, |at| at + TOKEN_SECONDS_MAX),
                    gone: succeeded.map_or(i64::MAX, |at| at + retained),
                }
            })
            .collect();
        let appearances: BTreeSet<i64> = files.iter().map(|file| file.appears).collect();
        let issuers = appearances.into_iter().map(|at| (at, issuer(&lives, at))).collect();
        Self { lives, issuers }
    }

    fn issuer(&self, at: i64) -> &Issuer {
        let known = self.issuers.partition_point(|(from, _)| *from <= at);
        &self.issuers[known - 1].1
    }

    /// The bytes and headers that go out at an instant, read as a cache reads them.
    fn answer(&self, at: i64) -> Answer {
        let published = self.issuer(at).key_set(NOW.plus(at));
        let set: Value = serde_json::from_slice(&published.document.bytes).expect("JSON");
        let number = |key: &Value| self.lives.iter().position(|life| key["kid"] == life.kid.as_str());
        let keys = set["keys"].as_array().expect("a list").iter();
        Answer {
            keys: keys.map(|key| number(key).expect("a key of ours")).collect(),
            etag: published.document.etag.clone(),
            max_age: directive(&published.cache_control, "max-age="),
            stale_if_error: directive(&published.cache_control, "stale-if-error="),
            age: 0,
        }
    }

    /// The keys that sign at an instant.
    fn signers(&self, at: i64) -> BTreeSet<usize> {
        let keyring = self.issuer(at).keyring();
        let kid = |algorithm: &Algorithm| {
            keyring.signing(*algorithm, NOW.plus(at)).map(|signer| signer.kid().to_owned())
        };
        let kids: BTreeSet<String> = Algorithm::ALL.iter().filter_map(kid).collect();
        (0..self.lives.len()).filter(|number| kids.contains(&self.lives[*number].kid)).collect()
    }

    /// Every instant at which files, states or the set change.
    fn events(&self) -> BTreeSet<i64> {
        let of = |life: &Life| [life.file.appears, life.file.activation, life.gone];
        self.lives.iter().flat_map(of).filter(|at| *at != i64::MAX).collect()
    }

    /// What a verifier that uses a copy of `taken` at `used` may find missing or too much.
    fn judge(&self, copy: &BTreeSet<usize>, taken: i64, used: i64, signers: &BTreeSet<usize>) {
        for (number, life) in self.lives.iter().enumerate() {
            let held = copy.contains(&number);
            assert!(!held || used < life.gone, "{taken}..{used}: a key that has gone, {:?}", life.file);
            let issued = life.file.activation <= used && used < life.last_token;
            assert!(!signers.contains(&number) || issued, "{used}: {:?} signs beyond its time", life.file);
            let lead = life.file.lead();
            let excused = lead < COPY_SECONDS_MAX && used - taken > lead;
            assert!(held || !issued || excused, "a copy of {taken} lacks at {used} the key {:?}", life.file);
        }
    }
}

fn issuer(lives: &[Life], at: i64) -> Issuer {
    // Files that went long ago are deleted, as `keys prune` does.
    let present =
        lives.iter().enumerate().filter(|(_, life)| life.file.appears <= at && life.gone > at - DAY);
    let key = |(number, life): (usize, &Life)| {
        let signer = Unused(jwk(life.file.algorithm, number));
        Key::private(number.to_string(), NOW.plus(life.file.activation), Arc::new(signer))
    };
    let keyring = Keyring::new(present.map(key).collect(), retention(5)).expect("distinct instants");
    let issuer = IssuerUrl::parse("https://auth.example.com").expect("an issuer");
    let mint = MintSettings { issuer, access_token_lifetime_seconds: 900, clock_allowance_seconds: 5 };
    let settings =
        IssuerSettings { mint, reveal_reasons: false, authorization_endpoint: true, publish_scopes: true };
    Issuer::new(settings, Registry::default(), Arc::new(keyring), "tests")
}

fn directive(header: &str, name: &str) -> i64 {
    let value = header.split(", ").find_map(|directive| directive.strip_prefix(name));
    value.unwrap_or_else(|| panic!("no {name} in {header}")).parse().expect("a number")
}

/// A key every so often, each file its lead ahead; the first is there from the start.
fn rotation(algorithm: Algorithm, every: i64, lead: i64, first: i64, end: i64) -> impl Iterator<Item = File> {
    (0..).map(move |turn| first + turn * every).take_while(move |at| *at < end).map(move |activation| File {
        algorithm,
        appears: if activation == first { -DAY } else { activation - lead },
        activation,
    })
}

/// Rows C12, C13, C14. A year, four algorithms, four leads; every instant near a change, every
/// copy that the headers allow, at every moment at which something is different.
#[test]
fn c12_c13_a_year_of_rotations_leaves_no_obeying_cache_without_a_key_or_with_a_gone_one() {
    let end = 365 * DAY;
    let files = rotation(Algorithm::Rs256, 7 * DAY, DAY, -DAY, end)
        .chain(rotation(Algorithm::Ps256, 30 * DAY + 17, HOUR, -DAY, end))
        .chain(rotation(Algorithm::Es256, 5 * DAY - 1, 23 * HOUR, -DAY, end))
        .chain(rotation(Algorithm::EdDsa, 90 * DAY, 2 * DAY, -DAY, end));
    let world = World::new(files.collect());
    let events = world.events();
    let near = [
        0,
        1,
        2,
        9,
        10,
        60,
        150,
        299,
        300,
        301,
        450,
        599,
        600,
        601,
        3_299,
        3_300,
        3_599,
        3_600,
        3_601,
        COPY_SECONDS_MAX - 1,
        COPY_SECONDS_MAX,
        COPY_SECONDS_MAX + 1,
        DAY - 1,
        DAY,
        DAY + 1,
    ];
    let instants: BTreeSet<i64> = events
        .iter()
        .flat_map(|event| near.iter().map(move |before| event - before).chain([event + 1]))
        .chain((0..365 * 4).map(|quarter| quarter * DAY / 4))
        .filter(|at| (0..end).contains(at))
        .collect();
    let mut signers = BTreeMap::new();
    let mut by_etag: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut uses = 0;
    for taken in instants {
        let copy = world.answer(taken);
        let bytes = &world.issuer(taken).key_set(NOW.plus(taken)).document.bytes;
        let same = by_etag.entry(copy.etag.clone()).or_insert_with(|| bytes.to_vec());
        assert_eq!(same, bytes, "one validator, one document");
        let stale_until = taken + copy.max_age + copy.stale_if_error;
        assert!(copy.max_age <= 300 && stale_until - taken <= COPY_SECONDS_MAX);
        let between = events.range(taken..=stale_until).flat_map(|event| [event - 1, *event]);
        let edges = [taken, taken + (copy.max_age - 1).max(0), taken + copy.max_age, stale_until];
        for used in between.chain(edges).filter(|used| (taken..=stale_until).contains(used)) {
            let signers = signers.entry(used).or_insert_with(|| world.signers(used));
            world.judge(&copy.keys, taken, used, signers);
            let fresh = used == taken || used < taken + copy.max_age;
            assert!(!fresh || signers.is_subset(&copy.keys), "{used}: a fresh copy lacks a key that signs");
            uses += 1;
        }
    }
    assert!(uses > 20_000, "only {uses} uses of copies were judged");
}

/// Rows C12: what was proved of the issuer is what goes over the wire, for the metadata too.
#[test]
fn c12_the_headers_on_the_wire_are_those_that_were_proved() {
    let world = World::new(rotation(Algorithm::Rs256, 5 * DAY, DAY, -DAY, 6 * DAY).collect());
    let keyring = Arc::clone(world.issuer(4 * DAY).keyring());
    let server = TestServer::with(Options { keyring: Some(keyring), ..Options::default() });
    let gone = 4 * DAY + retention(5).seconds();
    let mut etags = BTreeSet::new();
    for at in
        [3 * DAY, 4 * DAY - 601, 4 * DAY - 599, 4 * DAY - 1, 4 * DAY, gone - 60, gone - 1, gone, 30 * DAY]
    {
        server.clock.set(NOW.plus(at));
        let answer = world.answer(at);
        let header = format!("public, max-age={}, stale-if-error={}", answer.max_age, answer.stale_if_error);
        let set = server.get("/.well-known/jwks.json");
        assert_eq!((set.header("cache-control"), set.header("etag")), (Some(&*header), Some(&*answer.etag)));
        let metadata = server.get("/.well-known/oauth-authorization-server");
        assert_eq!(metadata.header("cache-control"), Some(&*header));
        let held = [("If-None-Match", answer.etag.as_str())];
        let unchanged = server.send("GET", "/.well-known/jwks.json", &held, b"");
        assert_eq!((unchanged.status, unchanged.header("cache-control")), (304, Some(&*header)), "{at}");
        etags.insert(answer.etag);
    }
    assert_eq!(etags.len(), 3, "before the change, while the old key retires, after it is gone");
}

/// The one exception, and why it is called an emergency: nobody can know the key before it signs.
/// Caches that obey the headers refuse its tokens for five minutes at most.
#[test]
fn a_key_that_signs_at_once_is_unknown_to_a_cache_for_no_longer_than_max_age() {
    let algorithm = Algorithm::Rs256;
    let first = File { algorithm, appears: -DAY, activation: -DAY };
    let emergency = File { algorithm, appears: 10 * DAY, activation: 10 * DAY };
    let world = World::new(vec![first, emergency]);
    let at = emergency.activation;
    let unlucky = world.answer(at - 1);
    assert!(!unlucky.keys.is_superset(&world.signers(at)), "a copy of a second before lacks the key");
    let unknown_until = at - 1 + unlucky.max_age;
    assert_eq!(unknown_until - at, 299);
    assert!(world.answer(unknown_until).keys.is_superset(&world.signers(unknown_until)));
}

/// A cache as RFC 9111 describes it: fresh copies are used, old ones validated by `ETag`, and when
/// what is behind it does not answer, an old one is used as long as `stale-if-error` allows.
#[derive(Default)]
struct Cache {
    stored: Option<(i64, Answer)>,
}

struct Chain {
    /// The verifier's own cache first, the one beside the server last.
    caches: Vec<Cache>,
    says_age: bool,
}

impl Chain {
    fn new(depth: usize, says_age: bool) -> Self {
        Self { caches: (0..depth).map(|_| Cache::default()).collect(), says_age }
    }

    /// What a request to the cache of a level gets; `None` stands for an error.
    fn get(&mut self, level: usize, now: i64, world: &World, reachable: bool) -> Option<Answer> {
        if level == self.caches.len() {
            return reachable.then(|| world.answer(now));
        }
        let aged =
            |(stored, answer): &(i64, Answer)| Answer { age: answer.age + now - stored, ..answer.clone() };
        let held = self.caches[level].stored.as_ref().map(aged);
        if let Some(copy) = held.as_ref().filter(|copy| copy.age < copy.max_age) {
            return Some(self.said(copy.clone()));
        }
        match self.get(level + 1, now, world, reachable) {
            Some(answer) => {
                // 304: the body that is held goes on under the new headers.
                let unchanged = held.filter(|copy| copy.etag == answer.etag);
                let keys = unchanged.map_or_else(|| answer.keys.clone(), |copy| copy.keys);
                let answer = Answer { keys, ..answer };
                self.caches[level].stored = Some((now, answer.clone()));
                Some(self.said(answer))
            }
            None => {
                held.filter(|copy| copy.age <= copy.max_age + copy.stale_if_error).map(|copy| self.said(copy))
            }
        }
    }

    fn said(&self, answer: Answer) -> Answer {
        if self.says_age { answer } else { Answer { age: 0, ..answer } }
    }
}

/// Each cache takes its copy at the last second at which that of the next one is fresh. Twelve that
/// do not say how old it is add up to less than the hour that a key is known ahead; one more does
/// not.
#[test]
fn twelve_caches_that_forget_age_know_a_key_in_time_and_thirteen_do_not() {
    let algorithm = Algorithm::Rs256;
    let first = File { algorithm, appears: -DAY, activation: -DAY };
    let next = File { algorithm, appears: 10 * DAY, activation: 10 * DAY + HOUR };
    let world = World::new(vec![first, next]);
    for (depth, knows) in [(1, true), (2, true), (12, true), (13, false)] {
        let mut chain = Chain::new(depth, false);
        for (hop, level) in (0..depth).rev().enumerate() {
            let answer = chain.get(level, next.appears - 1 + 299 * hop as i64, &world, true);
            assert!(!answer.expect("an answer").keys.contains(&1), "{depth}: a copy from before the key");
        }
        let used = chain.get(0, next.activation, &world, true).expect("an answer");
        assert_eq!(used.keys.contains(&1), knows, "{depth} caches in a row");
    }
}

/// Keys at random instants with random leads; the first of each algorithm was always there.
fn files() -> impl Strategy<Value = Vec<File>> {
    let key = (0..Algorithm::ALL.len(), 1..9 * DAY, prop_oneof![HOUR..2 * HOUR, 23 * HOUR..3 * DAY]);
    proptest::collection::vec(key, 1..9).prop_map(|keys| {
        let mut files: Vec<File> = Vec::new();
        for (algorithm, activation, lead) in keys {
            let algorithm = Algorithm::ALL[algorithm];
            let mut others = files.iter().filter(|file| file.algorithm == algorithm).peekable();
            if others.peek().is_none() {
                files.push(File { algorithm, appears: -10 * DAY, activation: -5 * DAY });
            } else if others.any(|file| file.activation == activation) {
                continue;
            }
            files.push(File { algorithm, appears: activation - lead, activation });
        }
        files
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Rows C12, C13. One to four caches in a row that obey and say `Age`, asked at random moments,
    /// through outages of any length.
    #[test]
    fn c12_chains_of_caches_that_say_their_age_never_serve_a_wrong_set(
        files in files(), depth in 1_usize..5, start in 0..8 * DAY,
        steps in proptest::collection::vec((prop_oneof![0_i64..700, 0..40_000_i64], prop::bool::weighted(0.7)), 1..80)
    ) {
        let world = World::new(files);
        let mut chain = Chain::new(depth, true);
        let mut now = start;
        for (step, reachable) in steps {
            now += step;
            if let Some(answer) = chain.get(0, now, &world, reachable) {
                world.judge(&answer.keys, now - answer.age, now, &world.signers(now));
                prop_assert!(answer.age <= COPY_SECONDS_MAX);

                let fresh = answer.age < answer.max_age || answer.age == 0;
                prop_assert!(!fresh || world.signers(now).is_subset(&answer.keys));
            }
        }
    }
}
