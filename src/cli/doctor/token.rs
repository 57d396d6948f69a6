//! The token endpoint, asked without credentials; and a token that was issued, judged with what the
//! issuer shows now.

use reqwest::header::CONTENT_TYPE;

use super::visit::{Visit, Visitor};
use crate::clock::UnixTime;
use crate::diagnostic::catalogue::issuers as codes;
use crate::diagnostic::{Finding, Findings};
use crate::jose::strict_json;
use crate::jose::verify::{Expected, verify};

/// RFC 6749 §5.2. The answer is never shown: it may hold a token. Gives the visit, for its time.
pub fn endpoint(visitor: &Visitor, url: &str, findings: &mut Findings) -> Option<Visit> {
    let visit = match visitor.ask_without_credentials(url) {
        Ok(visit) => visit,
        Err(unreachable) => {
            findings.push(unreachable.finding(url));
            return None;
        }
    };
    let status = visit.answer.status;
    let has_error = strict_json::object(&visit.answer.body)
        .is_ok_and(|members| members.get("error").is_some_and(serde_json::Value::is_string));
    let media_type = visit.header(&CONTENT_TYPE).unwrap_or_default();
    let is_json = media_type.to_ascii_lowercase().starts_with("application/json");
    let wrong = match status {
        300..400 => Some(visit.bad_status()),
        200..300 => Some(
            visit
                .finding(
                    &codes::TOKEN_FOR_NOBODY,
                    format!("a request without credentials is answered with {status}"),
                )
                .help("require client authentication, now"),
        ),
        400 | 401 if has_error && is_json => None,
        400 | 401 => Some(
            visit
                .finding(
                    &codes::TOKEN_ENDPOINT,
                    format!(
                        "a request without credentials is answered with {status} and no JSON that has `error`"
                    ),
                )
                .help("curl -i -d grant_type=client_credentials URL shows what answers"),
        ),
        _ => Some(
            visit
                .finding(
                    &codes::TOKEN_ENDPOINT,
                    format!(
                        "a request without credentials is answered with {status}; 401 is the right answer"
                    ),
                )
                .help("curl -i -d grant_type=client_credentials URL shows what answers"),
        ),
    };
    wrong.into_iter().for_each(|finding| findings.push(finding));
    Some(visit)
}

/// One finding for each check that the token does not pass.
pub fn judge(token: &str, issuer: &str, key_set: &Visit, now: UnixTime, findings: &mut Findings) {
    let expected = Expected { issuer, audience: None, now, leeway_seconds: 0 };
    for check in verify(token, &key_set.answer.body, &expected).checks {
        if let Err(reason) = check.outcome {
            let message = format!("the token does not verify: {}: {reason}", check.name);
            let help = "signet verify shows all checks; with several replicas, compare their key sets";
            findings
                .push(Finding::new(&codes::TOKEN_REFUSED, message).help(help).in_file(key_set.url.clone()));
        }
    }
}
