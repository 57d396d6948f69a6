//! The published key set (RFC 7517 §5, RFC 7518 §6.3.1): what stands in it, in which order, and
//! for how long others may keep it.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use proptest::prelude::*;
use serde_json::Value;
use signet::clock::UnixTime;
use signet::jose::{Algorithm, PublicKey, compact};
use signet::keys::{BACKENDS, Key, Keyring, Retention, SigningKey, State, key_set_json};

use crate::key_fixtures::{DAY, NOW, another, generated};

/// The signers of the fixtures, parsed once.
fn signer(number: usize) -> Arc<dyn SigningKey> {
    static SIGNERS: [OnceLock<Arc<dyn SigningKey>>; 4] = [const { OnceLock::new() }; 4];
    let load = || Arc::from(BACKENDS[0].load(&another(number).0.der()).expect("loaded"));
    Arc::clone(SIGNERS[number].get_or_init(load))
}

/// A keyring in memory from activations relative to `NOW`. There are four keys, so that any four
/// in a row differ.
fn keyring(activations: &[i64]) -> Keyring {
    let keys = activations
        .iter()
        .zip((0..4).cycle())
        .map(|(seconds, number)| Key::private(number.to_string(), NOW.plus(*seconds), signer(number)));
    Keyring::new(keys.collect(), Retention::for_lifetime(900, 5)).expect("distinct instants")
}

const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

fn json(keyring: &Keyring, now: UnixTime) -> Vec<Value> {
    let set: Value = serde_json::from_slice(&key_set_json(&keyring.published(now))).expect("JSON");
    set["keys"].as_array().expect("a list").clone()
}

#[test]
fn c8_every_key_has_exactly_the_public_members_in_one_order() {
    let keyring = keyring(&[-DAY, 0, DAY]);
    let text = String::from_utf8(key_set_json(&keyring.published(NOW))).expect("UTF-8");
    let keys = json(&keyring, NOW);
    assert_eq!(keys.len(), 3);
    for key in &keys {
        let members: BTreeSet<_> = key.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(members, BTreeSet::from(["kty", "use", "alg", "kid", "n", "e"]));
        assert_eq!((&key["kty"], &key["use"], &key["alg"]), (&"RSA".into(), &"sig".into(), &"RS256".into()));
    }
    let kids: BTreeSet<_> = keys.iter().map(|key| key["kid"].as_str()).collect();
    assert_eq!(kids.len(), 3, "distinct");
    assert!(text.starts_with(r#"{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":""#), "{text}");
    assert_eq!(key_set_json(&[]), br#"{"keys":[]}"#);
}

#[test]
fn c9_n_and_e_are_base64url_without_padding_or_leading_zeros() {
    for bits in [2048, 3072, 4096] {
        let jwk: Value = serde_json::from_str(&generated(bits).1.to_json()).expect("JSON");
        for member in ["n", "e"] {
            let bytes = compact::decode(jwk[member].as_str().expect("text")).expect("canonical base64url");
            assert_ne!(bytes.first(), Some(&0), "{member}");
        }
        assert_eq!(jwk["n"].as_str().map(str::len), Some((bits / 8 * 8).div_ceil(6)));
        assert_eq!(jwk["e"], "AQAB");
    }
}

#[test]
fn c10_coordinates_of_2000_ec_keys_have_full_length() {
    let short = |n: u16| {
        let mut coordinate = [0x77; 32];
        coordinate[..2].copy_from_slice(&(n % 300).to_be_bytes());
        coordinate
    };
    for number in 0..2000 {
        let key = PublicKey::p256(short(number), short(number.wrapping_mul(7)));
        let jwk = signet::jose::Jwk::new(Algorithm::Es256, key).expect("EC");
        let json: Value = serde_json::from_str(&jwk.to_json()).expect("JSON");
        assert_eq!(
            (json["x"].as_str().map(str::len), json["y"].as_str().map(str::len)),
            (Some(43), Some(43))
        );
    }
}

#[test]
fn the_order_is_signing_next_retiring() {
    let keyring = keyring(&[-3600, -7200, DAY, 2 * DAY]);
    let states: Vec<_> = keyring.published(NOW).iter().map(|key| key.state).collect();
    assert_eq!(states, [State::Signing, State::Next, State::Next, State::Retiring]);
    let kids: Vec<_> = keyring.published(NOW).iter().map(|key| key.jwk.kid()).collect();
    assert_eq!(kids, [0, 2, 3, 1].map(|number| another(number).1.kid()));
}

#[test]
fn same_keys_same_bytes() {
    let (one, other) = (keyring(&[-DAY, 0, DAY]), keyring(&[-DAY, 0, DAY]));
    assert_eq!(key_set_json(&one.published(NOW)), key_set_json(&other.published(NOW)));
}

/// A year and a half of daily changes, each new file a day ahead of its activation as `keys new`
/// makes them: no private member ever, never more than three keys, the key that signs is in every
/// copy that may be fresh, and the key of every token that may be valid is in the set.
#[test]
fn c7_c13_500_rotations_publish_no_private_member_and_lose_no_verifier() {
    let activations: Vec<i64> = (0..500).map(|day| day * DAY).collect();
    let files_at = |now: UnixTime| {
        let made = activations.partition_point(|activation| *activation <= now.since(NOW) + DAY);
        keyring(&activations[..made])
    };
    let kids = |now: UnixTime| -> BTreeSet<String> {
        let keys = json(&files_at(now), now);
        assert!(keys.len() <= 3, "{now}: {}", keys.len());
        for (key, member) in
            keys.iter().flat_map(|key| PRIVATE_MEMBERS.iter().map(move |member| (key, member)))
        {
            assert!(key.get(member).is_none(), "{member}");
        }
        keys.iter().filter_map(|key| key["kid"].as_str().map(str::to_owned)).collect()
    };
    let signing = |now: UnixTime| {
        files_at(now).signing(Algorithm::Rs256, now).map(|key| key.kid().to_owned()).expect("a key signs")
    };
    for day in 1..500 {
        for offset in [-1, 0, 1, DAY / 2] {
            let now = NOW.plus(day * DAY + offset);
            assert!(kids(now.minus(300)).contains(&signing(now)), "{now}: a copy lacks the key");
            assert!(kids(now).contains(&signing(now.minus(905))), "{now}: a token lost its key");
        }
    }
}

#[test]
fn c12_max_age_is_short_against_the_time_a_key_is_published_ahead() {
    let steady = keyring(&[-DAY]).caching(NOW);
    assert_eq!(steady.to_string(), "public, max-age=300, stale-if-error=82500");
    let before_a_change = keyring(&[-DAY, 100]);
    assert_eq!(before_a_change.caching(NOW).max_age, 50);
    assert_eq!(before_a_change.caching(NOW.plus(99)).max_age, 0);
    assert_eq!(before_a_change.caching(NOW.plus(100)).max_age, 300);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whoever keeps a set as long as the header allows never holds one that lacks the signing key
    /// or that still has a key which has gone.
    #[test]
    fn c13_a_copy_that_may_be_used_is_never_wrong(
        activations in proptest::collection::btree_set(-200_000_i64..200_000, 1..4),
        at in -250_000_i64..250_000, share in 0.0_f64..=1.0
    ) {
        let keyring = keyring(&activations.into_iter().collect::<Vec<_>>());
        let fetched = NOW.plus(at);
        let copy: BTreeSet<_> = keyring.published(fetched).iter().map(|key| key.jwk.kid().to_owned()).collect();
        let caching = keyring.caching(fetched);
        let kept = ((caching.max_age + caching.stale_if_error) as f64 * share) as i64;
        let used = fetched.plus(kept);
        if let Some(signer) = keyring.signing(Algorithm::Rs256, used) {
            prop_assert!(copy.contains(signer.kid()));
        }
        let published: BTreeSet<_> = keyring.published(used).iter().map(|key| key.jwk.kid().to_owned()).collect();
        prop_assert_eq!(copy, published);
    }
}
