//! What the header fields of a document say: its type, who may read it, how long it may be kept.

use reqwest::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG, EXPIRES, IF_NONE_MATCH,
};

use super::visit::{Visit, Visitor};
use crate::diagnostic::Findings;
use crate::diagnostic::Severity;
use crate::diagnostic::catalogue::issuers as codes;
use crate::jose::strict_json::shown;
use crate::keys::generate::AHEAD_SECONDS_MIN;
use crate::keys::verifiers::duration;

/// Type and CORS of any public document. The first of `media_types` is the one to recommend.
pub fn common(visit: &Visit, media_types: &[&str], findings: &mut Findings) {
    let content_type = visit.header(&CONTENT_TYPE).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !media_types.contains(&media_type.as_str()) {
        let message = match content_type {
            "" => "this has no `Content-Type`".to_owned(),
            other => format!("the `Content-Type` is `{}`", shown(other)),
        };
        let help = format!("send {}", media_types.first().copied().unwrap_or_default());
        findings.push(visit.finding(&codes::CONTENT_TYPE, message).help(help));
    }
    if visit.header(&ACCESS_CONTROL_ALLOW_ORIGIN).is_none() {
        let message = "this has no `Access-Control-Allow-Origin`, so no page in a browser can read it";
        findings
            .push(visit.finding(&codes::CORS_MISSING, message).help("send Access-Control-Allow-Origin: *"));
    }
}

/// The directives of `Cache-Control` that matter here, in seconds (RFC 9111 §5.2, RFC 5861).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Directives {
    max_age: Option<i64>,
    /// How much longer an old copy may be used.
    stale: i64,
    is_forbidden: bool,
}

fn directives(text: &str) -> Directives {
    let mut found = Directives::default();
    for directive in text.split(',') {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        let seconds = value.trim().trim_matches('"').parse::<i64>().ok().filter(|seconds| *seconds >= 0);
        match (name.trim().to_ascii_lowercase().as_str(), seconds) {
            ("max-age", Some(seconds)) => found.max_age = Some(seconds),
            ("stale-if-error" | "stale-while-revalidate", Some(seconds)) => {
                found.stale = found.stale.max(seconds)
            }
            ("no-store" | "no-cache", _) => found.is_forbidden = true,
            _ => {}
        }
    }
    found
}

/// How long the key set may be kept, in words for people; findings when that is unsaid, or longer
/// than keys are announced ahead.
pub fn caching(visit: &Visit, lead_seconds: i64, findings: &mut Findings) -> String {
    let Some(text) = visit.header(&CACHE_CONTROL) else {
        if visit.header(&EXPIRES).is_none() {
            let message = "the key set has no `Cache-Control`: every verifier keeps it as long as it likes";
            findings.push(
                visit.finding(&codes::CACHE_UNSAID, message).help("send Cache-Control: public, max-age=300"),
            );
        }
        return "unsaid".to_owned();
    };
    let found = directives(text);
    let fresh = found.max_age.unwrap_or(0);
    if found.is_forbidden || found.max_age == Some(0) {
        let message = format!("the key set may not be kept: `Cache-Control: {}`", shown(text));
        findings
            .push(visit.finding(&codes::CACHE_NONE, message).help("public, max-age=300 suits all verifiers"));
        return "not at all".to_owned();
    }
    let longest = fresh.saturating_add(found.stale);
    let long = |message: String| visit.finding(&codes::CACHE_LONG, message);
    let help = "a new key must be in the set for so long before it signs; max-age=300 keeps that short";
    if longest > lead_seconds {
        let message = format!(
            "the key set may be used for {} after it was fetched; keys are announced {} ahead",
            duration(longest),
            duration(lead_seconds)
        );
        findings.push(long(message).help(help));
    } else if fresh > AHEAD_SECONDS_MIN {
        let message =
            format!("the key set is fresh for {}; a withdrawn key is trusted as long", duration(fresh));
        findings.push(long(message).severity(Severity::Note).help(help));
    }
    match (found.max_age, found.stale) {
        (None, _) => "unsaid".to_owned(),
        (Some(fresh), 0) => duration(fresh),
        (Some(fresh), stale) => format!("{}, {} more during an outage", duration(fresh), duration(stale)),
    }
}

/// Asks again with the tag that came: 304 is the right answer.
pub fn validation(visitor: &Visitor, visit: &Visit, findings: &mut Findings) {
    let help = "a tag and a 304 save verifiers that poll the whole set";
    let Some(tag) = visit.header(&ETAG) else {
        let finding = visit.finding(&codes::NOT_VALIDATED, "the key set has no `ETag`");
        return findings.push(finding.help(help));
    };
    let Ok(again) = visitor.get(&visit.url, Some((IF_NONE_MATCH.as_str(), tag))) else { return };
    // A set that changed in between is no fault.
    let is_same = again.header(&ETAG) == Some(tag) || again.answer.body == visit.answer.body;
    if again.answer.status != 304 && is_same {
        let message =
            format!("`If-None-Match` with the tag of the set is answered with {}", again.answer.status);
        findings.push(visit.finding(&codes::NOT_VALIDATED, message).help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_are_read_in_any_case_and_order() {
        let found = directives("Public, stale-if-error=60, MAX-AGE=\"300\" , stale-while-revalidate=30");
        assert_eq!(found, Directives { max_age: Some(300), stale: 60, is_forbidden: false });
        assert_eq!(directives("no-cache"), Directives { is_forbidden: true, ..Directives::default() });
        for text in ["", "max-age", "max-age=-1", "max-age=soon", "max-agent=3"] {
            assert_eq!(directives(text), Directives::default(), "{text}");
        }
    }
}
