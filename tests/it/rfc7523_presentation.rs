//! RFC 7523 §2.2 and RFC 7521 §4.2: how an assertion is presented, and how often it counts.

use std::sync::Barrier;

use serde_json::json;

use crate::support::assertion::{ClientKey, JWT_BEARER, claims, client_list, client_list_of, form};
use crate::support::{Door, Options, SIGNER, TestServer};

const GRANT: &str = "grant_type=client_credentials";

#[test]
fn b14_the_last_step_uses_an_assertion_up_and_no_earlier_one() {
    let key = ClientKey::ec();
    let door = Door::of(&[&key]);
    let assertion = key.assertion(SIGNER, "one");
    // A request that fails before leaves it unused.
    assert_eq!(door.quiet.post(&format!("{}&client_id=other", form(&assertion))).status, 400);
    door.accepts(&assertion);
    let again = door.quiet.post(&form(&assertion));
    assert_eq!((again.status, again.error().as_str()), (401, "invalid_client"));
    // The jti is what counts, not the text.
    let mut later = claims(SIGNER, "one");
    later.as_object_mut().expect("an object").remove("iat");
    assert_eq!(door.quiet.post(&form(&key.jwt(&json!({"alg": "ES256"}), &later))).status, 401);
    door.accepts(&key.assertion(SIGNER, "two"));
}

/// CVE-2020-5300 and CVE-2020-15222: a `jti` was never looked at. CVE-2026-1035, CVE-2026-22751:
/// looked at and noted in two steps.
#[test]
fn b14_of_a_hundred_copies_at_once_exactly_one_gets_a_token() {
    const COPIES: usize = 100;
    let key = ClientKey::ed25519();
    let clients = client_list(SIGNER, &[key.jwk()], "");
    let server = TestServer::with(Options { clients, workers: 4, ..Options::default() });
    for round in 0..5 {
        let form = form(&key.assertion(SIGNER, &round.to_string()));
        let start = Barrier::new(COPIES);
        let post = || {
            start.wait();
            server.post(&form).status
        };
        let answers: Vec<u16> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..COPIES).map(|_| scope.spawn(post)).collect();
            threads.into_iter().map(|thread| thread.join().expect("an answer")).collect()
        });
        let of = |status| answers.iter().filter(|answer| **answer == status).count();
        assert_eq!((of(200), of(401)), (1, COPIES - 1), "round {round}: {answers:?}");
    }
}

#[test]
fn b15_the_same_jti_of_two_clients_does_not_collide() {
    let (first, second) = (ClientKey::ed25519(), ClientKey::ed25519());
    let clients = client_list_of(&[("first", &first), ("second", &second)]);
    let server = TestServer::with(Options { clients, ..Options::default() });
    let ask = |key: &ClientKey, client: &str| server.post(&form(&key.assertion(client, "same"))).status;
    assert_eq!((ask(&first, "first"), ask(&second, "second")), (200, 200));
    assert_eq!((ask(&first, "first"), ask(&second, "second")), (401, 401));
}

#[test]
fn b16_type_and_assertion_stand_once_and_together() {
    let key = ClientKey::ed25519();
    let door = Door::of(&[&key]);
    let assertion = key.assertion(SIGNER, "1");
    let alone = format!("{GRANT}&client_assertion={assertion}");
    door.refuses_form(&alone, "assertion_type_missing");
    door.refuses_form(&format!("{alone}&client_assertion_type="), "assertion_type_missing");
    for wrong in [
        "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
        "urn:ietf:params:oauth:client-assertion-type:JWT-bearer",
        "URN:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer+",
        "jwt-bearer",
    ] {
        door.refuses_form(&format!("{alone}&client_assertion_type={wrong}"), "assertion_type_wrong");
    }
    door.refuses_form(&format!("{GRANT}&client_assertion_type={JWT_BEARER}"), "assertion_missing");
    door.refuses_form(
        &format!("{GRANT}&client_assertion_type={JWT_BEARER}&client_assertion="),
        "assertion_missing",
    );
    door.refuses_form(GRANT, "credentials_missing");

    let good = form(&assertion);
    let other = key.assertion(SIGNER, "2");
    for more in [
        format!("client_assertion_type={JWT_BEARER}"),
        "client_assertion_type=other".to_owned(),
        format!("client_assertion={assertion}"),
        format!("client_assertion={other}"),
        "client_secret=secret".to_owned(),
    ] {
        let answer = door.quiet.post(&format!("{good}&{more}"));
        assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_request"), "{more:.60}");
    }
    let answer = door.quiet.basic("signer:secret", &good);
    assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_request"));
    door.accepts(&assertion);
}

#[test]
fn a30_a_client_that_is_pinned_to_assertions_has_no_use_for_its_secret() {
    let key = ClientKey::ed25519();
    let pinned = client_list(
        SIGNER,
        &[key.jwk()],
        "      - client_secret: ${secret:signer-secret-of-the-tests}\n    token_endpoint_auth_method: private_key_jwt\n",
    );
    let door = Door::with(&pinned);
    let secret = format!("{GRANT}&client_id={SIGNER}&client_secret=signer-secret-of-the-tests");
    door.refuses_form(&secret, "method_not_allowed");
    assert_eq!(door.quiet.basic("signer:signer-secret-of-the-tests", GRANT).status, 401);
    door.accepts(&key.assertion(SIGNER, "1"));
    let free = pinned.replace("    token_endpoint_auth_method: private_key_jwt\n", "");
    door.reload_with(&free);
    assert_eq!(door.quiet.post(&secret).status, 200);
}

/// CVE-2026-1486: what was switched off was still trusted.
#[test]
fn b39_a_removed_client_or_key_fails_right_after_the_reload() {
    let (old, new) = (ClientKey::ed25519(), ClientKey::ed25519());
    let both = client_list(SIGNER, &[old.jwk(), new.jwk()], "");
    let door = Door::with(&both);
    door.accepts(&old.assertion(SIGNER, "1"));

    door.reload_with(&client_list(SIGNER, &[new.jwk()], ""));
    door.refuses(&old.assertion(SIGNER, "2"), "assertion_signature");
    door.accepts(&new.assertion(SIGNER, "3"));

    door.reload_with(&format!("{both}    disabled: true\n"));
    door.refuses(&new.assertion(SIGNER, "4"), "client_disabled");

    door.reload_with(&both);
    door.accepts(&old.assertion(SIGNER, "5"));

    let others = client_list_of(&[("other", &new), ("last", &new)]);
    door.reload_with(&others);
    door.refuses(&old.assertion(SIGNER, "6"), "client_unknown");
}
