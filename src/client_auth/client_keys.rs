//! The section of `private_key_jwt` in `clients.yaml`: the public keys of a client, and how much
//! looser than usual its assertions may be.

use std::fmt::Write as _;

use super::client_keys_table::MEMBERS;
use super::key_source;
use super::private_key_jwt::{ClientKeys, LIFETIME_SECONDS};
use crate::diagnostic::catalogue::clients as codes;
use crate::diagnostic::{Finding, Findings, Section};
use crate::jose::key_set::{self, VerificationKey};
use crate::section::beside::Beside;
use crate::section::members::Members;
use crate::section::table::names;

/// Longest lifetime of an assertion that a registration may allow.
const LIFETIME_SECONDS_MAX: u32 = 60 * 60;
/// The words of `accept_audience`.
pub(super) const TOKEN_ENDPOINT: &str = "token_endpoint";
pub(super) const ARRAY: &str = "array";

pub(super) fn read(
    section: &Section,
    beside: &mut dyn Beside,
    findings: &mut Findings,
) -> Option<ClientKeys> {
    let mut members = Members::open(section.clone(), "`private_key_jwt`", findings)?;
    let source = key_source::take(&mut members, findings);
    let (accepts_token_endpoint, accepts_array) = accepted_audiences(&mut members, findings);
    let lifetime_seconds_max = longest_lifetime(&mut members, findings);
    members.close("`private_key_jwt`", names(MEMBERS), findings);
    let keys = key_source::read(&source?, beside, findings)?;
    Some(ClientKeys { keys, accepts_token_endpoint, accepts_array, lifetime_seconds_max })
}

/// These keys, and no tolerance.
pub(super) fn of_keys(keys: Vec<VerificationKey>) -> ClientKeys {
    ClientKeys {
        keys: key_source::Keys::Here { keys, file: None },
        accepts_token_endpoint: false,
        accepts_array: false,
        lifetime_seconds_max: LIFETIME_SECONDS,
    }
}

fn accepted_audiences(members: &mut Members, findings: &mut Findings) -> (bool, bool) {
    let (mut token_endpoint, mut array) = (false, false);
    for word in members.texts("accept_audience", true, findings).unwrap_or_default() {
        let place = members.place(word.span);
        let finding = match word.value.as_str() {
            "issuer" => continue,
            TOKEN_ENDPOINT => {
                token_endpoint = true;
                relaxed("assertions addressed to the token endpoint are accepted")
            }
            ARRAY => {
                array = true;
                relaxed("assertions whose `aud` is a list of one name are accepted")
            }
            _ => Finding::new(&codes::RELAXATION_UNKNOWN, "this audience of assertions cannot be accepted")
                .help(format!("known are: issuer, {TOKEN_ENDPOINT}, {ARRAY}")),
        };
        findings.push(finding.at(place, "said here"));
    }
    (token_endpoint, array)
}

fn longest_lifetime(members: &mut Members, findings: &mut Findings) -> u32 {
    let Some(longest) = members.seconds("max_lifetime", findings) else { return LIFETIME_SECONDS };
    let place = members.place(longest.span);
    if longest.value > LIFETIME_SECONDS_MAX {
        let finding = Finding::new(&codes::RELAXATION_UNKNOWN, "assertions may live at most an hour");
        findings.push(finding.at(place, "too long").help("write `max_lifetime: 1h` or less"));
        return LIFETIME_SECONDS;
    }
    if longest.value > LIFETIME_SECONDS {
        findings.push(relaxed("assertions may live longer than 5 minutes").at(place, "said here"));
    }
    longest.value
}

fn relaxed(message: &str) -> Finding {
    Finding::new(&codes::ASSERTION_RELAXED, message)
        .help("remove this once the library of the client addresses the issuer, and for 5 minutes at most")
}

/// One key for each algorithm, made for this place and their private halves forgotten. The
/// example keys of the RFCs would not do: their private halves are printed there.
pub(super) fn nobodys() -> Vec<VerificationKey> {
    let rsa = concat!(
        "liSy13Kzlu3MLO2isYjUqb6dxd2-cLAEYyGjz-OkIIvB1VLLNoWUd9WHVLDthA_IaY7gP_ojBR-Solh4qdnRRP-A84B0AbpcWNdZZW5evclz",
        "y3sss4mGcERU1te-jnA1-rxoFiIK5_DTgLMtKls5KbUOztRjb1N0GjtP7g3joA2C_0WJZfNx55VDk-S0Ciu14KbP-OKe01V_RTVZU1VzgdMh",
        "oIxLjPRp7mFTkf6SIauZFtOpnyTBSuHvtVqdX8P9f4-2k0VsGoWF1hlLFEXAhL8e65HksObsm72cuIqeH2duANoTdaZqTmsmLTWHePqzbp5X",
        "FKvmARdTkvw8pf8plQ",
    );
    let mut set = String::from("{\"keys\":[");
    for algorithm in ["RS256", "PS256"] {
        // Writing to a String cannot fail.
        let _ = write!(set, r#"{{"kty":"RSA","alg":"{algorithm}","e":"AQAB","n":"{rsa}"}},"#);
    }
    set.push_str(
        r#"{"kty":"EC","crv":"P-256","x":"De9DtJwvlYIDf0-hbkc_DsX6B37Z2-IVDpZmOjzoDfU","y":"7V0iGh2ejXKSV0XMquD1u3ZI2O486e2MWGwVNzY6210"},
        {"kty":"OKP","crv":"Ed25519","x":"qNHZtLVXW8J-8DrHrEvUrwVXaPyrv2HqASjsXihb1y4"}]}"#,
    );
    key_set::parse(set.as_bytes()).map(|set| set.keys).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::Algorithm;
    use crate::keys::check_public_key;

    #[test]
    fn nobody_has_a_key_of_every_algorithm() {
        let algorithms: Vec<Algorithm> = nobodys().iter().map(|key| key.algorithm).collect();
        assert_eq!(algorithms, Algorithm::ALL);
        assert!(nobodys().iter().all(|key| check_public_key(&key.public_key).is_ok()));
    }
}
