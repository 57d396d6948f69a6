//! What every member of the plug-in lists must do; a new one is held to it without a new test.
//! The suite of the signing backends stands in `rfc7518_algorithms.rs`.

use std::collections::HashSet;

use signet::client_auth::{KINDS, RequestView};
use signet::diagnostic::{Findings, Section, Source, Span, Value, catalogue};
use signet::grant::GRANTS;
use signet::oauth::{ErrorCode, Params};

use crate::support::TestServer;

fn section(value: Value) -> Section {
    let text = "kind: value\n";
    Section { source: Source::new("clients.yaml", text), span: Span::between(6, 11), value }
}

fn is_identifier(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[test]
fn kinds_have_names_and_methods_of_their_own() {
    let mut names = HashSet::new();
    let mut methods = HashSet::new();
    for kind in KINDS {
        assert!(is_identifier(kind.name()) && names.insert(kind.name()), "{}", kind.name());
        assert!(!kind.methods().is_empty(), "{}", kind.name());
        for method in kind.methods() {
            assert!(is_identifier(method) && methods.insert(*method), "{method}");
        }
        assert!(kind.parameters().iter().all(|name| is_identifier(name)), "{}", kind.name());
    }
}

#[test]
fn kinds_refuse_values_of_every_wrong_type_with_a_place_and_without_a_panic() {
    let wrong = [
        Value::Null,
        Value::Boolean(true),
        Value::Integer(-1),
        Value::Float(f64::NAN),
        Value::List(vec![section(Value::Null)]),
        Value::Map(Vec::new()),
        Value::Text(String::new()),
        Value::Text("canary-in-clear".to_owned()),
        Value::Text("\u{0}\u{feff}".repeat(1000)),
    ];
    for kind in KINDS {
        for value in wrong.clone() {
            let mut findings = Findings::default();
            let verifier = kind.configure(&section(value.clone()), &mut (), &mut findings);
            assert!(verifier.is_none(), "{} takes {value:?}", kind.name());
            assert!(findings.errors() > 0, "{} is silent about {value:?}", kind.name());
            assert!(findings.iter().all(|finding| finding.place.is_some()), "{}", kind.name());
            let text = signet::diagnostic::human(&findings, false);
            assert!(!text.contains("canary-in-clear"), "{text}");
        }
    }
}

#[test]
fn kinds_see_nothing_in_an_empty_request() {
    let params = Params::parse(b"grant_type=x", &[]).expect("a form");
    let request = RequestView { authorization: &[], params: &params };
    for kind in KINDS {
        let mut found = Vec::new();
        assert!(kind.presented(&request, &mut found).is_ok() && found.is_empty(), "{}", kind.name());
    }
}

#[test]
fn parameters_of_kinds_and_grants_may_not_be_repeated() {
    let server = TestServer::start();
    let of_kinds = KINDS.iter().flat_map(|kind| kind.parameters());
    let of_grants = GRANTS.iter().flat_map(|grant| grant.parameters());
    for name in of_kinds.chain(of_grants) {
        let answer = server.post(&format!("grant_type=client_credentials&{name}=a&{name}=a"));
        assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_request"), "{name}");
    }
}

#[test]
fn grants_need_a_client_that_is_proved_and_allowed() {
    let server = TestServer::start();
    let mut names = HashSet::new();
    for grant in GRANTS {
        let name = grant.grant_type();
        assert!(names.insert(name), "{name}");
        let anonymous = server.post(&format!("grant_type={name}"));
        assert_eq!((anonymous.status, anonymous.error().as_str()), (401, "invalid_client"), "{name}");
        let pair = format!("no-grant:{}", crate::support::secret("no-grant"));
        let answer = server.basic(&pair, &format!("grant_type={name}"));
        assert_eq!((answer.status, answer.error().as_str()), (400, "unauthorized_client"), "{name}");
    }
}

#[test]
fn every_reason_has_a_code_of_its_group_and_every_code_of_the_group_a_reason() {
    let reasons: Vec<_> = signet::http::reasons().collect();
    for reason in &reasons {
        assert!(reason.code.id.starts_with("SG05"), "{}", reason.code.id);
        // RFC 6749 §5.2: the title becomes error_description.
        let allowed = |b: u8| (0x20..=0x7e).contains(&b) && b != b'"' && b != b'\\';
        assert!(reason.code.title.bytes().all(allowed), "{}", reason.code.title);
    }
    for code in catalogue::requests::ALL {
        assert!(reasons.iter().any(|reason| reason.code == *code), "{} has no reason", code.id);
    }
    for error in ErrorCode::ALL {
        assert!(reasons.iter().any(|reason| reason.error == *error), "{} has no reason", error.as_str());
    }
}
