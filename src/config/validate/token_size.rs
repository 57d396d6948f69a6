//! Row D11: how large the largest token of a client can become. An estimate from above, with the
//! longest issuer and the largest key, because neither is known here.

use super::super::raw::RawClient;
use crate::client::Granted;
use crate::diagnostic::catalogue::clients as codes;
use crate::diagnostic::{Finding, Findings};
use crate::jose::Algorithm;
use crate::oauth::ISSUER_BYTES_MAX;

/// Half of the 8 KiB that many servers allow for all headers.
const TOKEN_BYTES_GOOD: usize = 4 * 1024;
/// `alg`, `typ` and a `kid` of 43 characters.
const HEADER_BYTES: usize = 90;
/// Names and punctuation of all claims, two times, `jti`.
const FIXED_CLAIMS_BYTES: usize = 120;
/// The largest signature of the algorithm, base64url: RSA keys have at most 4096 bits.
const fn signature_bytes(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 => 683,
        Algorithm::Es256 | Algorithm::EdDsa => 86,
    }
}

pub(super) fn check(client: &RawClient, granted: &[Granted], findings: &mut Findings) {
    let bytes = largest_token(client, granted);
    if bytes > TOKEN_BYTES_GOOD {
        let message = format!("the largest token of client `{}` may have {bytes} bytes", client.id_text());
        findings.push(
            Finding::new(&codes::TOKEN_LARGE, message)
                .at(client.id_place(), "more than 4 KiB")
                .help("fewer scopes by default (`default_scope`), several clients, or shorter claims"),
        );
    }
}

fn largest_token(client: &RawClient, granted: &[Granted]) -> usize {
    let size = |granted: &Granted| {
        let scopes: usize = granted.scopes.iter().map(|scope| scope.as_str().len() + 1).sum();
        scopes + granted.resource.audience.as_str().len() + 3
    };
    let reach: usize = match client.multiple_audiences.is_some_and(|allowed| allowed.value) {
        true => granted.iter().map(size).sum(),
        false => granted.iter().map(size).max().unwrap_or(0),
    };
    let of_client = 2 * client.id_text().len() + client.claims_json.len();
    let claims = FIXED_CLAIMS_BYTES + ISSUER_BYTES_MAX + of_client + reach;
    let algorithms = granted.iter().map(|granted| granted.resource.signing_alg);
    let signature = algorithms.map(signature_bytes).max().unwrap_or_default();
    base64_size(HEADER_BYTES) + base64_size(claims) + signature + 2
}

fn base64_size(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}
