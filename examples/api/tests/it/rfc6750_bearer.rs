//! RFC 6750: where a token may stand, and how each refusal is said.

use crate::support::{Api, Issuer};

fn started() -> (Issuer, Api) {
    let issuer = Issuer::start();
    let api = Api::start(&issuer.url);
    (issuer, api)
}

#[test]
fn a_token_with_the_scope_reads_and_one_with_the_other_scope_writes() {
    let (issuer, api) = started();
    let read = api.get_with(&issuer.token("catalog:read"));
    assert_eq!(read.status, 200, "{read:?}");
    assert!(read.body.contains("\"read_by\":\"shop\""), "{}", read.body);

    let bearer = format!("authorization: bearer {}\r\n", issuer.token("catalog:read catalog:write"));
    let written = api.post(&bearer, "application/json", r#"{"title": "Sartor Resartus"}"#);
    assert_eq!((written.status, written.challenge), (201, None));
    let again = api.get_with(&issuer.token("catalog:read"));
    assert!(again.body.contains("Sartor Resartus"), "{}", again.body);
}

/// RFC 6750 §3.1: the client may not have known, so it is not told of an error.
#[test]
fn j1_without_a_token_the_challenge_has_no_error_code() {
    let (_issuer, api) = started();
    for none in
        ["", "Authorization: Basic c2hvcDpz\r\n", "Authorization: DPoP x.y.z\r\n", "Authorization:\r\n"]
    {
        let answer = api.get(none.as_bytes());
        assert_eq!(answer.status, 401, "{none:?}");
        assert_eq!(
            answer.challenge.as_deref(),
            Some("Bearer realm=\"https://catalog.example.com\""),
            "{none:?}"
        );
    }
    assert_eq!(api.post("", "application/json", "{").summary(), (401, "-"), "before the body is looked at");
}

#[test]
fn j2_a_malformed_header_is_an_invalid_request() {
    let (issuer, api) = started();
    let token = issuer.token("catalog:read");
    let good = format!("Authorization: Bearer {token}\r\n");
    for malformed in [
        "Authorization: Bearer\r\n".to_owned(),
        "Authorization: Bearer \r\n".to_owned(),
        format!("Authorization: Bearer\t{token}\r\n"),
        format!("Authorization: Bearer{token}\r\n"),
        format!("Authorization: Bearer:{token}\r\n"),
        format!("Authorization: Bearer {token} {token}\r\n"),
        format!("Authorization: Bearer {token},{token}\r\n"),
        format!("Authorization: Bearer \"{token}\"\r\n"),
        format!("Authorization: Bearer {token}===\r\n"),
        format!("Authorization: Bearer {token}é\r\n"),
        format!("{good}{good}"),
        format!("Authorization: Basic c2hvcDpz\r\n{good}"),
        format!("Authorization: Bearer {}\r\n", "x".repeat(64 * 1024)),
    ] {
        let answer = api.get(malformed.as_bytes());
        assert_eq!(answer.summary(), (400, "invalid_request"), "{malformed:.80}");
    }
    let bytes = [b"Authorization: Bearer ".as_slice(), &[0xff, 0xfe], b"\r\n"].concat();
    assert_eq!(api.get(&bytes).summary(), (400, "invalid_request"));
    for no_jwt in ["x", " x", "x.y", "x.y.z", "..", "...", "e30.e30.", "e30.e30.e30.e30.e30"] {
        assert_eq!(api.get_with(no_jwt).summary(), (401, "invalid_token"), "{no_jwt}");
    }
    assert_eq!(api.get(good.as_bytes()).status, 200);
}

#[test]
fn j3_a_token_in_the_query_or_the_body_is_never_accepted() {
    let (issuer, api) = started();
    let token = issuer.token("catalog:read catalog:write");
    let header = format!("Authorization: Bearer {token}\r\n");
    for query in
        [format!("access_token={token}"), format!("a=b&%61ccess_token={token}"), "access_token".into()]
    {
        for headers in ["", &header] {
            let answer = api.send(format!("GET /books?{query} HTTP/1.1\r\n{headers}").as_bytes(), b"");
            assert_eq!(answer.summary(), (400, "invalid_request"), "{query:.30} {headers:.15}");
        }
    }
    let form = "application/x-www-form-urlencoded";
    for form in [form, "application/X-WWW-form-urlencoded; charset=utf-8"] {
        for headers in ["", &header] {
            let answer = api.post(headers, form, &format!("title=a&access_token={token}"));
            assert_eq!(answer.summary(), (400, "invalid_request"), "{form} {headers:.15}");
        }
    }
    // Neighbours: another parameter is no token, and a form is no book.
    let other = api.send(format!("GET /books?access_tokens=1 HTTP/1.1\r\n{header}").as_bytes(), b"");
    assert_eq!(other.status, 200);
    assert_eq!(api.post(&header, form, "title=a").status, 400);
    assert_eq!(api.post("", form, "title=a").summary(), (401, "-"));
}

#[test]
fn j4_a_good_token_without_the_scope_is_forbidden_and_told_which_one_it_lacks() {
    let (issuer, api) = started();
    let limited = format!("Authorization: Bearer {}\r\n", issuer.token("catalog:read"));
    let answer = api.post(&limited, "application/json", r#"{"title": "a"}"#);
    assert_eq!(answer.summary(), (403, "insufficient_scope"));
    assert!(answer.challenge.unwrap().ends_with("scope=\"catalog:write\""));
    for near in
        ["", "catalog", "catalog:reads", "catalog:rea", "Catalog:read", "catalog:write", "catalog:read:all"]
    {
        assert_eq!(api.get_with(&issuer.token(near)).summary(), (403, "insufficient_scope"), "{near}");
    }
}

#[test]
fn a_book_is_one_title_of_some_length() {
    let (issuer, api) = started();
    let header = format!("Authorization: Bearer {}\r\n", issuer.token("catalog:write"));
    for (body, status) in [
        (r#"{"title": "a"}"#.to_owned(), 201),
        (r#"{"title": " "}"#.to_owned(), 422),
        (format!("{{\"title\": \"{}\"}}", "é".repeat(200)), 201),
        (format!("{{\"title\": \"{}\"}}", "é".repeat(201)), 422),
        (format!("{{\"title\": \"{}\"}}", "a".repeat(20_000)), 413),
        (r#"{"title": "a", "price": 1}"#.to_owned(), 400),
        ("{".to_owned(), 400),
        (String::new(), 400),
    ] {
        assert_eq!(api.post(&header, "application/json", &body).status, status, "{body:.60}");
    }
    assert_eq!(api.send(format!("DELETE /books HTTP/1.1\r\n{header}").as_bytes(), b"").status, 405);
    assert_eq!(api.send(b"GET / HTTP/1.1\r\n", b"").status, 404);
}
