//! The rotation simulator against three judges: the closed form of the worst case, every phase one
//! after the other, and a second-by-second walk that shares no code with it.

use std::collections::BTreeSet;

use proptest::prelude::*;
use signet::inputs::retention;
use signet::jose::Algorithm;
use signet::keys::generate::{AHEAD_SECONDS, AHEAD_SECONDS_MIN};
use signet::keys::simulate::{PlannedKey, Refusal, Rotation};
use signet::keys::verifiers::{self, Evidence, Refetch, Renewal, VERIFIERS, Verifier};

use crate::key_fixtures::{DAY, NOW};

const LIFETIME: i64 = 900;

fn key(algorithm: Algorithm, lead: i64, activation: i64) -> PlannedKey {
    let activation = NOW.plus(activation);
    PlannedKey { algorithm, appears: Some(activation.minus(lead)), activation }
}

fn rotation(keys: Vec<PlannedKey>) -> Rotation {
    Rotation::new(keys, retention(5), LIFETIME)
}

/// One change of keys, ten days after the first.
fn one_change(lead: i64) -> Rotation {
    rotation(vec![key(Algorithm::Rs256, 0, 0), key(Algorithm::Rs256, lead, 10 * DAY)])
}

/// Seconds of the only refusal there may be.
fn worst(verifier: &Verifier, lead: i64) -> Option<i64> {
    let found = one_change(lead).worst_refusals(verifier);
    assert!(found.len() <= 1, "{}: {found:?}", verifier.name);
    found.first().map_or(Some(0), Refusal::seconds)
}

#[test]
fn with_the_usual_lead_every_verifier_that_fetches_by_itself_refuses_nothing() {
    for verifier in VERIFIERS.iter().filter(|verifier| verifier.renewal != Renewal::ByHand) {
        assert_eq!(worst(verifier, AHEAD_SECONDS), Some(0), "{}", verifier.name);
        let poll = verifier.poll_seconds().unwrap_or(0);
        assert_eq!(worst(verifier, poll), Some(0), "{}: the lead is its poll", verifier.name);
    }
    // What is uploaded by hand is refused until somebody does it.
    let by_hand = verifiers::find("cloudflare").expect("in the table");
    assert_eq!(worst(&by_hand, AHEAD_SECONDS), None);
}

#[test]
fn a_blind_poller_refuses_for_its_poll_less_the_lead() {
    for (name, poll) in [("envoy", 600), ("trino", 900), ("istio", 1_200)] {
        let verifier = verifiers::find(name).expect("in the table");
        for lead in [0, 1, 300, poll - 1] {
            assert_eq!(worst(&verifier, lead), Some(poll - lead), "{name}, {lead}");
        }
        assert_eq!(worst(&verifier, poll), Some(0), "{name}");
    }
}

/// What `keys new --now` means for whom.
#[test]
fn a_key_that_signs_at_once_is_refused_as_the_table_says() {
    let table: Vec<String> = VERIFIERS
        .iter()
        .map(|verifier| {
            let seconds = worst(verifier, 0).map_or("-".to_owned(), |seconds| seconds.to_string());
            format!("{} {seconds}", verifier.name)
        })
        .collect();
    insta::assert_snapshot!(table.join("\n"), @r"
    envoy 600
    trino 900
    istio 1200
    pinggateway 120
    aws-http-api 7200
    apisix 86400
    jose 30
    express-oauth2-jwt-bearer 30
    jwks-rsa 0
    pyjwt 30
    oauth4webapi 60
    spring 0
    go-oidc 0
    kubernetes 0
    keyfunc 300
    aws-rest-api 0
    ktor 0
    aspnet 301
    kafka 1
    jwx 900
    confluent-cloud 300
    http-cache 300
    cache-12h 43200
    cloudflare -
    ");
}

#[test]
fn the_table_has_distinct_names_and_figures_that_are_times() {
    let names: BTreeSet<&str> = VERIFIERS.iter().map(|verifier| verifier.name).collect();
    assert_eq!(names.len(), VERIFIERS.len());
    for verifier in VERIFIERS {
        assert!(verifier.poll_seconds().is_none_or(|seconds| (1..=DAY).contains(&seconds)));
        assert!(verifier.on_unknown.is_none_or(|refetch| (0..=DAY).contains(&refetch.cooldown_seconds)));
        assert_eq!(verifiers::find(verifier.name), Some(*verifier));
    }
    assert_eq!((verifiers::find("nobody"), verifiers::find("Envoy")), (None, None));
}

/// Every phase of a small poller, each played on its own: none is worse than the worst, and one is
/// as bad.
#[test]
fn the_worst_phase_is_the_worst_of_all_phases() {
    for (poll, lead) in [(120, 0), (120, 45), (120, 119), (120, 120), (120, 200), (97, 30)] {
        let rotation = one_change(lead);
        let verifier = Verifier::poller(poll);
        let end = NOW.plus(11 * DAY);
        let seconds = |phase| -> i64 {
            let found = rotation.refusals(&verifier, NOW.plus(phase), end);
            found.iter().map(|refusal| refusal.seconds().expect("it polls")).sum()
        };
        let all: Vec<i64> = (0..poll).map(seconds).collect();
        assert_eq!(all.iter().copied().max(), Some((poll - lead).max(0)), "{poll} {lead}");
        assert_eq!(worst(&verifier, lead), all.iter().copied().max());
        let lucky = all.iter().filter(|seconds| **seconds == 0).count() as i64;
        assert_eq!(lucky, lead.min(poll), "{poll} {lead}: phases in which nothing is refused");
    }
}

fn any_verifier() -> impl Strategy<Value = Verifier> {
    let renewal = prop_oneof![
        (1_i64..90).prop_map(Renewal::Every),
        Just(Renewal::Never),
        Just(Renewal::ByHand),
        (301_i64..400).prop_map(|floor_seconds| Renewal::Headers { floor_seconds }),
    ];
    let refetch = (0_i64..70, any::<bool>())
        .prop_map(|(cooldown_seconds, first_fails)| Refetch { cooldown_seconds, first_fails });
    (renewal, proptest::option::of(refetch)).prop_map(|(renewal, on_unknown)| Verifier {
        name: "any",
        title: "any",
        renewal,
        on_unknown,
        evidence: Evidence::Definition,
    })
}

/// Keys of two algorithms within some minutes, each with its own lead.
fn keys() -> impl Strategy<Value = Vec<PlannedKey>> {
    proptest::collection::btree_map((0_usize..2, 1_i64..900), 0_i64..150, 0..6).prop_map(|keys| {
        let of = |((algorithm, activation), lead)| key(Algorithm::ALL[algorithm], lead, activation);
        keys.into_iter().map(of).chain([key(Algorithm::Rs256, 0, 0)]).collect()
    })
}

/// Which seconds of `0..end` refuse a token of which key, walked one second at a time.
fn walked(rotation: &Rotation, verifier: &Verifier, first: i64, end: i64) -> BTreeSet<(usize, i64)> {
    let mut refused = BTreeSet::new();
    let known = |at: i64, asked: bool| -> BTreeSet<usize> {
        let seen = |turn: &signet::keys::simulate::Turn| {
            turn.key.appears.is_none_or(|appears| appears < NOW.plus(at + i64::from(asked)))
        };
        rotation.turns().iter().enumerate().filter(|(_, turn)| seen(turn)).map(|(key, _)| key).collect()
    };
    let poll = verifier.poll_seconds().filter(|_| verifier.renewal != Renewal::Never);
    let (mut copy, mut fetched) = (known(first, false), first);
    let mut arriving = None;
    for second in first..end {
        if let Some(arrived) = arriving.take() {
            copy = arrived;
        }
        if poll.is_some_and(|poll| fetched + poll == second) {
            (copy, fetched) = (known(second, false), second);
        }
        for (key, turn) in rotation.turns().iter().enumerate() {
            let now = NOW.plus(second);
            let used = turn.starts <= now && turn.expired.is_none_or(|expired| now < expired);
            if !used || copy.contains(&key) {
                continue;
            }
            let asks = verifier.on_unknown.filter(|refetch| second >= fetched + refetch.cooldown_seconds);
            match asks {
                Some(refetch) if refetch.first_fails => {
                    (arriving, fetched) = (Some(known(second, true)), second);
                    refused.insert((key, second));
                }
                Some(_) => (copy, fetched) = (known(second, true), second),
                None => {
                    refused.insert((key, second));
                }
            }
        }
    }
    refused
}

fn seconds_of(rotation: &Rotation, refusals: &[Refusal], end: i64) -> BTreeSet<(usize, i64)> {
    let of = |refusal: &Refusal| {
        let last = refusal.until.or(rotation.turns()[refusal.key].expired);
        let until = last.map_or(end, |until| until.since(NOW).min(end));
        (refusal.from.since(NOW)..until).map(move |second| (refusal.key, second)).collect::<Vec<_>>()
    };
    refusals.iter().flat_map(of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_simulator_agrees_with_a_walk_over_every_second(
        keys in keys(), verifier in any_verifier(), phase in 0_i64..90
    ) {
        let rotation = rotation(keys);
        let (first, end) = (-200 + phase, 2_000);
        let found = rotation.refusals(&verifier, NOW.plus(first), NOW.plus(end));
        prop_assert_eq!(seconds_of(&rotation, &found, end), walked(&rotation, &verifier, first, end), "{:?}", found);
    }

    #[test]
    fn the_closed_form_agrees_with_the_simulator(
        number in 0..VERIFIERS.len(), lead in prop_oneof![0_i64..2_000, 0..100_000_i64], poll in 1_i64..100_000
    ) {
        for verifier in [VERIFIERS[number], Verifier::poller(poll)] {
            prop_assert_eq!(worst(&verifier, lead), verifier.refuses_seconds(lead), "{}", verifier.name);
        }
    }

    #[test]
    fn more_lead_never_refuses_more(number in 0..VERIFIERS.len(), lead in 0_i64..90_000, more in 0_i64..9_000) {
        let seconds = |lead| worst(&VERIFIERS[number], lead).unwrap_or(i64::MAX);
        prop_assert!(seconds(lead + more) <= seconds(lead));
        prop_assert!(lead < AHEAD_SECONDS_MIN || seconds(lead) == 0 || VERIFIERS[number].poll_seconds() > Some(lead)
            || VERIFIERS[number].renewal == Renewal::ByHand);
    }

    /// Rows C12, C13: the simulator's cache that obeys the headers refuses nothing at any lead that
    /// `keys new` gives, whatever other keys come and go.
    #[test]
    fn a_cache_that_obeys_the_headers_refuses_nothing(
        leads in proptest::collection::vec(AHEAD_SECONDS_MIN..3 * DAY, 1..6), gap in 10_i64..4 * DAY
    ) {
        let mut keys = vec![key(Algorithm::Rs256, 0, 0)];
        for (turn, lead) in leads.into_iter().enumerate() {
            keys.push(key(Algorithm::Rs256, lead, (turn as i64 + 1) * gap));
        }
        let cache = verifiers::find("http-cache").expect("in the table");
        prop_assert_eq!(rotation(keys).worst_refusals(&cache), vec![]);
    }
}

#[test]
fn durations_are_said_in_two_units_at_most() {
    for (seconds, words) in [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (90, "1 min 30 s"),
        (3_600, "1 h"),
        (86_400, "1 day"),
        (90_005, "1 day 1 h"),
        (200_000, "2 days 7 h"),
    ] {
        assert_eq!(verifiers::duration(seconds), words);
    }
}
