//! Row D11: how large the largest token of a client can become. An estimate from above: the
//! issuer and the key are not known here.

use super::super::raw::RawClient;
use crate::client::Granted;
use crate::diagnostic::catalogue::clients as codes;
use crate::diagnostic::{Finding, Findings};

/// Half of the 8 KiB that many servers allow for all headers.
const TOKEN_BYTES_GOOD: usize = 4 * 1024;
/// `alg`, `typ` and `kid`.
const HEADER_BYTES: usize = 120;
/// RS256 with 2048 bits, base64url.
const SIGNATURE_BYTES: usize = 342;
/// Names and punctuation of all claims, an issuer of 64 characters, two times, `jti`.
const FIXED_CLAIMS_BYTES: usize = 240;

pub(super) fn check(client: &RawClient, granted: &[Granted], findings: &mut Findings) {
    let bytes = largest_token(client, granted);
    if bytes > TOKEN_BYTES_GOOD {
        let message = format!("the largest token of client `{}` has about {bytes} bytes", client.id_text());
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
    let claims = FIXED_CLAIMS_BYTES + 2 * client.id_text().len() + reach + client.claims_json.len();
    base64_size(HEADER_BYTES) + base64_size(claims) + SIGNATURE_BYTES + 2
}

fn base64_size(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}
