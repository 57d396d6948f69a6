//! Signatures beside ring's, over keys with p and q in either order; known answers; keys that are
//! refused. Without AVX-512 IFMA there is nothing to compare here: then `Signer::new` must say so.

mod support;

use ring::rand::SystemRandom;
use ring::signature::RSA_PKCS1_SHA256;
use signet_multibuffer::{EncodedMessage, RandomError, Signer, Unusual};

use support::{Parts, encoded, random};

fn signer(parts: &Parts) -> Option<Signer> {
    match Signer::new(&parts.components(), random) {
        Ok(signer) => Some(signer),
        Err(unusual) => {
            assert_eq!((unusual, Signer::is_supported()), (Unusual::Processor, false));
            eprintln!("no AVX-512 IFMA here: nothing was compared");
            None
        }
    }
}

/// Signs `messages` random ones in batches of one to four and compares every byte.
fn compare(parts: &Parts, messages: usize) {
    let Some(signer) = signer(parts) else { return };
    let ring = parts.ring();
    let mut left = messages;
    let mut size = 4;
    while left > 0 {
        size = if left < 4 { left } else { size % 4 + 1 };
        left -= size;
        let inputs: Vec<[u8; 40]> = (0..size)
            .map(|_| {
                let mut input = [0; 40];
                random(&mut input).expect("random numbers");
                input
            })
            .collect();
        let batch: Vec<EncodedMessage> = inputs.iter().map(|input| encoded(input)).collect();
        let outcomes = signer.sign(&batch).expect("random numbers");
        assert_eq!(outcomes.len(), size);
        for (input, outcome) in inputs.iter().zip(outcomes) {
            let mut expected = [0; 256];
            ring.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input, &mut expected).expect("signed");
            assert_eq!(outcome, Ok(expected));
        }
    }
}

#[test]
fn signatures_are_those_of_ring_with_p_and_q_in_either_order() {
    for _ in 0..3 {
        let parts = Parts::generate();
        compare(&parts, 400);
        compare(&parts.exchanged(), 400);
    }
}

/// About a quarter of an hour:
/// `cargo test --release -p signet-multibuffer --test ring -- --ignored`
#[test]
#[ignore = "takes a quarter of an hour"]
fn a_million_signatures_over_a_hundred_keys_are_those_of_ring() {
    assert!(Signer::is_supported(), "needs AVX-512 IFMA");
    for _ in 0..100 {
        let parts = Parts::generate();
        compare(&parts, 5_000);
        compare(&parts.exchanged(), 5_000);
    }
}

#[test]
fn many_messages_and_threads_share_a_signer() {
    let parts = Parts::generate();
    let Some(signer) = signer(&parts) else { return };
    let batch: Vec<EncodedMessage> = (0..11_u8).map(|number| encoded(&[number])).collect();
    let expected = signer.sign(&batch).expect("random numbers");
    assert_eq!(expected.len(), 11);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(signer.sign(&batch).expect("random numbers"), expected));
        }
    });
    assert_eq!(signer.sign(&[]), Ok(Vec::new()));
}

/// What no padding of ours makes is signed as well: any number with its first bit clear.
#[test]
fn encoded_messages_of_the_caller_are_opened_by_the_public_key() {
    use num_bigint::BigUint;
    let parts = Parts::generate();
    let Some(signer) = signer(&parts) else { return };
    let n = BigUint::from_bytes_be(parts.components().n);
    let mut bytes = [0xff; 256];
    assert_eq!(EncodedMessage::from_bytes(bytes), None);
    bytes[0] = 0x7f;
    let all = EncodedMessage::from_bytes(bytes).expect("the first bit is clear");
    let outcomes = signer.sign(std::slice::from_ref(&all)).expect("random numbers");
    let opened = BigUint::from_bytes_be(&outcomes[0].expect("signed")).modpow(&65_537_u32.into(), &n);
    assert_eq!(opened, BigUint::from_bytes_be(all.as_bytes()));
}

#[test]
fn a_key_that_signs_wrongly_fails_its_self_test() {
    let mut parts = Parts::generate();
    if signer(&parts).is_none() {
        return;
    }
    // The lowest bits of dP, dQ and qInv: numbers of the right size that are not the right ones.
    for part in [6, 7, 8] {
        let last = parts.part_mut(part).last_mut().expect("not empty");
        *last ^= 2;
        assert_eq!(Signer::new(&parts.components(), random).err(), Some(Unusual::SelfTest), "part {part}");
        *parts.part_mut(part).last_mut().expect("not empty") ^= 2;
    }
    assert_eq!(Signer::new(&parts.components(), |_| Err(RandomError)).err(), Some(Unusual::SelfTest));
    assert!(Signer::new(&parts.components(), random).is_ok());
}

#[test]
fn nothing_is_printed_of_a_key() {
    let parts = Parts::generate();
    if let Some(signer) = signer(&parts) {
        assert_eq!(format!("{signer:?}"), "Signer(RSA-2048)");
    }
}
