//! `signet doctor`: nothing to say about our own server, and of an issuer that is wrong in one way
//! exactly that.

use serde_json::{Value, json};
use signet::jose::compact;

use crate::check_formats::is_sarif;
use crate::support::foreign_issuer::{ForeignIssuer, KEYS, OAUTH, OPENID, Reply, Site, TOKEN, p256, rsa};
use crate::support::{Output, Process, Workspace};

/// `code severity` of every finding.
fn findings(output: &Output) -> Vec<String> {
    let json = output.json();
    let findings = json["findings"].as_array().expect("a list").iter();
    let mut found: Vec<String> = findings
        .map(|finding| {
            let word = |name: &str| finding[name].as_str().expect("text").to_owned();
            format!("{} {}", word("code"), word("severity"))
        })
        .collect();
    found.sort();
    found
}

fn doctor(workspace: &Workspace, arguments: &str) -> Output {
    workspace.run(&format!("doctor {arguments} --format json"))
}

#[test]
fn c2_c7_c8_c12_our_own_server_gives_nothing_to_say() {
    for path in ["", "/tenant/1"] {
        let start = format!("serve --issuer http://PUBLIC{path} --listen PUBLIC");
        let server = Process::start(Workspace::ready(), &start, true);
        let token = server.workspace.run_with(
            &format!("token --issuer {}{path} --client-id worker --secret-stdin", server.issuer()),
            &[],
            "worker-secret-of-the-tests",
        );
        server.workspace.write("token.txt", &token.stdout);
        let arguments = format!("doctor {}{path} --token token.txt --deny notes", server.issuer());
        let output = doctor(&server.workspace, arguments.trim_start_matches("doctor "));
        assert_eq!((output.code, findings(&output).len()), (0, 0), "{}", output.all());
        let people = server.workspace.run(&format!("{arguments} -v"));
        assert_eq!((people.code, people.stderr.as_str()), (0, ""));
        for words in ["places", "1 key: RS256, 2048 bits", "5 min, 22 h 55 min more", "as here", "no errors"]
        {
            assert!(people.stdout.contains(words), "no {words:?} in {}", people.stdout);
        }
    }
}

/// What changes, and what is found then.
type Case = (&'static str, fn(&mut Site), &'static [&'static str]);

/// Runs every case against an issuer that is good but for it.
fn each(cases: &[Case]) {
    let (issuer, workspace) = (ForeignIssuer::http(), Workspace::empty());
    assert_eq!(findings(&doctor(&workspace, &issuer.issuer())), [""; 0], "the good one");
    for (name, change, expected) in cases {
        issuer.becomes(change);
        let output = doctor(&workspace, &issuer.issuer());
        assert_eq!(findings(&output), *expected, "{name}: {}", output.stdout);
        let is_refused = expected.iter().any(|finding| finding.ends_with("error"));
        assert_eq!(output.code, i32::from(is_refused), "{name}");
    }
}

#[test]
fn where_documents_stand_and_what_they_are() {
    each(&[
        ("RFC 8414 alone", |site| drop(site.replies.remove(OPENID)), &["SG0402 warning"]),
        ("OpenID alone", |site| drop(site.replies.remove(OAUTH)), &["SG0402 warning"]),
        (
            "neither",
            |site| [OAUTH, OPENID].iter().for_each(|path| drop(site.replies.remove(*path))),
            &["SG0401 error"],
        ),
        ("a 503", |site| site.reply(OAUTH).status = 503, &["SG0403 error"]),
        ("key set behind a login", |site| site.reply(KEYS).status = 401, &["SG0403 error"]),
        (
            "a redirect",
            |site| {
                let mut reply = Reply::new(302, "");
                reply.header("Location", "https://elsewhere.example/keys");
                site.replies.insert(KEYS.to_owned(), reply);
            },
            &["SG0404 error"],
        ),
        ("a page", |site| site.reply(OAUTH).body = b"<html>".to_vec(), &["SG0405 error"]),
        ("twice", |site| site.reply(KEYS).body = br#"{"keys":[],"keys":[]}"#.to_vec(), &["SG0405 error"]),
        ("too large", |site| site.reply(KEYS).body = vec![b' '; 300_000], &["SG0403 error"]),
        ("text/plain", |site| site.reply(OPENID).header("Content-Type", "text/plain"), &["SG0406 warning"]),
        ("no type", |site| drop(site.reply(KEYS).headers.remove("Content-Type")), &["SG0406 warning"]),
        ("charset", |site| site.reply(OAUTH).header("Content-Type", "application/json;charset=UTF-8"), &[]),
        ("RFC 7517", |site| site.reply(KEYS).header("Content-Type", "application/jwk-set+json"), &[]),
        (
            "other type",
            |site| site.reply(OAUTH).header("Content-Type", "application/jwk-set+json"),
            &["SG0406 warning"],
        ),
        (
            "places differ",
            |site| {
                site.members(OPENID, |members| {
                    drop(members.insert("ui_locales_supported".into(), json!(["en"])))
                });
            },
            &["SG0407 warning"],
        ),
    ]);
}

#[test]
fn of_an_issuer_with_a_path_two_places_are_needed_and_the_others_welcome() {
    let (issuer, workspace) = (ForeignIssuer::http(), Workspace::empty());
    let url = format!("{}/t", issuer.issuer());
    let cases: [(&[&str], &str); 3] = [
        (&["/.well-known/oauth-authorization-server/t", "/t/.well-known/openid-configuration"], ""),
        (&["/.well-known/oauth-authorization-server/t"], "SG0402 warning"),
        (
            &["/t/.well-known/oauth-authorization-server", "/.well-known/openid-configuration/t"],
            "SG0402 warning, SG0402 warning",
        ),
    ];
    for (places, expected) in cases {
        issuer.becomes(|site| {
            site.set("issuer", json!(url));
            let document = site.reply(OAUTH).clone();
            let page = Reply::new(200, "<html>");
            site.replies.insert("/.well-known/openid-configuration/t".to_owned(), page);
            places.iter().for_each(|place| drop(site.replies.insert((*place).to_owned(), document.clone())));
        });
        assert_eq!(findings(&doctor(&workspace, &url)).join(", "), expected, "{places:?}");
    }
}

#[test]
fn members_of_the_metadata() {
    each(&[
        (
            "slash",
            |site| {
                let issuer = format!("{}/", site.issuer);
                site.set("issuer", json!(issuer));
            },
            &["SG0408 error", "SG0410 note"],
        ),
        (
            "an issuer in clear",
            |site| site.set("issuer", json!("http://auth.example.com")),
            &["SG0408 error", "SG0409 error", "SG0417 warning"],
        ),
        (
            "a long issuer",
            |site| site.set("issuer", json!(format!("{}/{}", site.issuer, "a".repeat(300)))),
            &["SG0408 error", "SG0431 warning"],
        ),
        ("no issuer", |site| site.unset("issuer"), &["SG0411 error"]),
        ("no response types", |site| site.unset("response_types_supported"), &["SG0411 error"]),
        ("empty response types", |site| site.set("response_types_supported", json!([])), &[]),
        ("no endpoint", |site| site.unset("token_endpoint"), &["SG0411 error"]),
        ("no keys", |site| site.unset("jwks_uri"), &["SG0411 error"]),
        (
            "assertions without algorithms",
            |site| site.set("token_endpoint_auth_methods_supported", json!(["private_key_jwt"])),
            &["SG0411 error"],
        ),
        (
            "assertions without signature",
            |site| site.set("token_endpoint_auth_signing_alg_values_supported", json!(["RS256", "none"])),
            &["SG0419 error"],
        ),
        ("null", |site| site.set("scopes_supported", Value::Null), &["SG0412 error"]),
        ("text for a list", |site| site.set("scopes_supported", json!("a b")), &["SG0412 error"]),
        ("empty list", |site| site.set("scopes_supported", json!([])), &["SG0414 warning"]),
        ("a list", |site| site.set("scopes_supported", json!(["a"])), &[]),
        (
            "for people only",
            |site| site.set("grant_types_supported", json!(["authorization_code"])),
            &["SG0413 note"],
        ),
        (
            "what clients insist on",
            |site| {
                site.metadata(|members| {
                    for name in ["authorization_endpoint", "subject_types_supported", "grant_types_supported"]
                    {
                        members.remove(name);
                    }
                    members.remove("token_endpoint_auth_methods_supported");
                });
            },
            &["SG0413 note", "SG0413 warning", "SG0413 warning", "SG0413 warning"],
        ),
        ("misspelt", |site| site.set("scope_supported", json!(["a"])), &["SG0415 warning"]),
        ("a vendor's own", |site| site.set("x_region", json!("eu")), &["SG0415 note"]),
        (
            "endpoint in clear",
            |site| site.set("token_endpoint", json!("http://auth.example.com/token")),
            &["SG0416 error"],
        ),
        (
            "endpoint elsewhere",
            |site| site.set("revocation_endpoint", json!("https://other.example.com/revoke")),
            &["SG0417 warning"],
        ),
        (
            "algorithms that no key is for are fine",
            |site| site.set("id_token_signing_alg_values_supported", json!(["RS256", "ES256"])),
            &[],
        ),
        (
            "an algorithm that is not listed",
            |site| site.set("id_token_signing_alg_values_supported", json!(["ES256"])),
            &["SG0418 warning"],
        ),
    ]);
}

/// A key with a member changed; `null` takes it out.
fn with(mut key: Value, name: &str, value: Value) -> Value {
    let members = key.as_object_mut().expect("an object");
    match value {
        Value::Null => drop(members.remove(name)),
        value => drop(members.insert(name.to_owned(), value)),
    }
    key
}

#[test]
fn keys_of_the_set() {
    each(&[
        ("no list", |site| site.reply(KEYS).body = b"{}".to_vec(), &["SG0420 error"]),
        ("no key", |site| site.keys(json!([])), &["SG0420 error"]),
        ("two keys", |site| site.keys(json!([rsa("a"), rsa("b")])), &[]),
        (
            "a private member",
            |site| site.keys(json!([with(rsa("a"), "d", json!("AQAB"))])),
            &["SG0421 error"],
        ),
        (
            "a symmetric key beside it",
            |site| {
                site.keys(
                    json!([rsa("a"), {"kty": "oct", "kid": "b", "use": "sig", "alg": "HS256", "k": "AQAB"}]),
                )
            },
            &["SG0418 warning", "SG0421 error", "SG0430 note"],
        ),
        ("no kid", |site| site.keys(json!([with(rsa("a"), "kid", Value::Null)])), &["SG0422 warning"]),
        (
            "no kid beside another",
            |site| site.keys(json!([rsa("b"), with(rsa("a"), "kid", Value::Null)])),
            &["SG0422 error"],
        ),
        (
            "kid twice",
            |site| site.keys(json!([rsa("a"), with(rsa("b"), "kid", json!("a"))])),
            &["SG0423 error"],
        ),
        ("no alg", |site| site.keys(json!([with(rsa("a"), "alg", Value::Null)])), &["SG0424 warning"]),
        ("no use", |site| site.keys(json!([with(rsa("a"), "use", Value::Null)])), &["SG0425 note"]),
        (
            "two algorithms",
            |site| {
                let second = with(with(rsa("a"), "kid", json!("b")), "alg", json!("PS256"));
                site.keys(json!([rsa("a"), second]));
                site.set("id_token_signing_alg_values_supported", json!(["RS256", "PS256"]));
            },
            &["SG0426 error"],
        ),
        (
            "the same twice",
            |site| site.keys(json!([rsa("a"), with(rsa("a"), "kid", json!("b"))])),
            &["SG0427 warning"],
        ),
        (
            "1024 bits",
            |site| site.keys(json!([with(rsa("a"), "n", json!(compact::encode(&[0xc5; 128])))])),
            &["SG0428 error"],
        ),
        ("exponent 3", |site| site.keys(json!([with(rsa("a"), "e", json!("Aw"))])), &["SG0428 warning"]),
        ("a longer exponent", |site| site.keys(json!([with(rsa("a"), "e", json!("AQAAAAAAAAAB"))])), &[]),
        (
            "a zero octet",
            |site| {
                site.keys(json!([with(
                    rsa("a"),
                    "n",
                    json!(compact::encode(&[vec![0], vec![0xc5; 256]].concat()))
                )]))
            },
            &["SG0429 error"],
        ),
        (
            "padding",
            |site| site.keys(json!([rsa("b"), with(rsa("a"), "e", json!("AQA="))])),
            &["SG0429 error"],
        ),
        (
            "alg of another type",
            |site| site.keys(json!([rsa("b"), with(rsa("a"), "alg", json!("ES256"))])),
            &["SG0418 warning", "SG0429 error"],
        ),
        ("key_ops", |site| site.keys(json!([with(rsa("a"), "key_ops", json!(["verify"]))])), &[]),
        (
            "key_ops to sign",
            |site| site.keys(json!([rsa("b"), with(rsa("a"), "key_ops", json!(["sign"]))])),
            &["SG0429 error"],
        ),
        (
            "a key to encrypt to",
            |site| {
                site.keys(json!([
                    rsa("b"),
                    with(with(rsa("a"), "use", json!("enc")), "alg", json!("RSA-OAEP"))
                ]))
            },
            &["SG0430 note"],
        ),
        (
            "another curve",
            |site| {
                site.keys(json!([
                    rsa("b"),
                    with(with(p256("a"), "crv", json!("P-384")), "alg", json!("ES384"))
                ]));
                site.set("id_token_signing_alg_values_supported", json!(["RS256", "ES384"]));
            },
            &["SG0430 note"],
        ),
        (
            "no RS256",
            |site| {
                site.keys(json!([p256("a")]));
                site.set("id_token_signing_alg_values_supported", json!(["ES256"]));
            },
            &["SG0432 note"],
        ),
        ("5 keys", |site| site.keys(json!(["a", "b", "c", "d", "e"].map(rsa))), &[]),
        ("6 keys", |site| site.keys(json!(["a", "b", "c", "d", "e", "f"].map(rsa))), &["SG0431 note"]),
        (
            "11 keys",
            |site| site.keys(json!(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"].map(rsa))),
            &["SG0431 warning"],
        ),
        (
            "160 KB",
            |site| site.keys(json!([with(rsa("a"), "x5c", json!(["A".repeat(160 * 1024)]))])),
            &["SG0431 warning"],
        ),
        ("a long kid", |site| site.keys(json!([rsa(&"k".repeat(1_001))])), &["SG0431 warning"]),
        ("a kid of a thousand", |site| site.keys(json!([rsa(&"k".repeat(1_000))])), &[]),
    ]);
}

#[test]
fn headers_and_the_clock() {
    each(&[
        ("nothing said", |site| drop(site.reply(KEYS).headers.remove("Cache-Control")), &["SG0433 warning"]),
        ("no-store", |site| site.reply(KEYS).header("Cache-Control", "no-store"), &["SG0435 note"]),
        ("an hour", |site| site.reply(KEYS).header("Cache-Control", "max-age=3600"), &[]),
        ("six hours", |site| site.reply(KEYS).header("Cache-Control", "max-age=21600"), &["SG0434 note"]),
        (
            "a day and a second",
            |site| site.reply(KEYS).header("Cache-Control", "max-age=86401"),
            &["SG0434 warning"],
        ),
        (
            "stale for two days",
            |site| site.reply(KEYS).header("Cache-Control", "max-age=300, stale-if-error=172800"),
            &["SG0434 warning"],
        ),
        ("no tag", |site| drop(site.reply(KEYS).headers.remove("ETag")), &["SG0436 note"]),
        ("a tag for nothing", |site| site.has_304 = false, &["SG0436 note"]),
        (
            "no CORS",
            |site| drop(site.reply(KEYS).headers.remove("Access-Control-Allow-Origin")),
            &["SG0437 note"],
        ),
        ("ahead", |site| site.clock_ahead = Some(30), &["SG0438 warning"]),
        ("behind", |site| site.clock_ahead = Some(-30), &["SG0438 warning"]),
        ("far ahead", |site| site.clock_ahead = Some(3_600), &["SG0438 error"]),
        (
            "an old copy that says so",
            |site| {
                site.clock_ahead = Some(-3_600);
                for reply in site.replies.values_mut() {
                    reply.header("Age", "3600");
                }
            },
            &[],
        ),
        ("no date", |site| site.clock_ahead = None, &["SG0439 note"]),
    ]);
}

#[test]
fn the_token_endpoint_answers_like_one() {
    each(&[
        ("400", |site| site.reply(TOKEN).status = 400, &[]),
        ("404", |site| drop(site.replies.remove(TOKEN)), &["SG0443 error"]),
        ("500", |site| site.reply(TOKEN).status = 500, &["SG0443 error"]),
        ("a page", |site| site.reply(TOKEN).body = b"<html>".to_vec(), &["SG0443 error"]),
        ("no JSON", |site| site.reply(TOKEN).header("Content-Type", "text/html"), &["SG0443 error"]),
        ("a redirect", |site| site.reply(TOKEN).status = 307, &["SG0404 error"]),
        (
            "a token for nobody",
            |site| {
                let reply = site.reply(TOKEN);
                (reply.status, reply.body) =
                    (200, br#"{"access_token":"canary","token_type":"Bearer"}"#.to_vec());
            },
            &["SG0444 error"],
        ),
    ]);
}

#[test]
fn a_token_of_a_key_that_is_not_published_is_found() {
    let (issuer, other) = (ForeignIssuer::http(), Process::serve(Workspace::ready(), ""));
    let arguments = format!("token --issuer {} --client-id worker --secret-stdin", other.issuer());
    let token = other.workspace.run_with(&arguments, &[], "worker-secret-of-the-tests").stdout;
    let output =
        other.workspace.run_with(&format!("doctor {} --token - --format json", issuer.issuer()), &[], &token);
    let found = findings(&output);
    assert!(
        output.code == 1 && found.len() >= 2 && found.iter().all(|one| one == "SG0445 error"),
        "{found:?}"
    );
    assert!(output.stdout.contains("which the key set does not hold"), "{}", output.stdout);
    assert!(!output.all().contains(token.trim()), "the token is shown");
}

#[test]
fn neither_private_members_nor_tokens_nor_control_characters_are_shown() {
    let (issuer, workspace) = (ForeignIssuer::http(), Workspace::empty());
    issuer.becomes(|site| {
        site.keys(json!([with(with(rsa("a\u{1b}[31m"), "d", json!("canary")), "use", json!("\u{1b}[2J"))]));
        site.set("scopes_supported\u{1b}", json!(["canary"]));
        let reply = site.reply(TOKEN);
        (reply.status, reply.body) = (200, br#"{"access_token":"canary"}"#.to_vec());
    });
    for format in ["human", "json", "github", "sarif", "markdown"] {
        let output = workspace.run(&format!("doctor {} -v --format {format}", issuer.issuer()));
        assert_eq!(output.code, 1, "{}", output.all());
        assert!(output.all().contains("SG0421"), "{}", output.all());
        assert!(!output.all().contains("canary"), "{}", output.all());
        assert!(!output.all().contains('\u{1b}'), "{}", output.all());
    }
}

#[test]
fn findings_come_in_every_format_of_check_and_can_be_denied() {
    let (issuer, workspace) = (ForeignIssuer::http(), Workspace::empty());
    issuer.becomes(|site| {
        site.reply(KEYS).header("Content-Type", "text/plain");
        site.has_304 = false;
    });
    let url = issuer.issuer();
    let run = |more: &str| workspace.run(&format!("doctor {url} {more}"));
    let people = run("");
    assert_eq!(people.code, 0);
    assert!(people.stdout.ends_with("\nno errors; 1 note, shown with -v\n"), "{}", people.stdout);
    assert!(people.stderr.ends_with("\n1 warning in 1 place\n"), "{}", people.stderr);
    assert_eq!([run("--deny warnings").code, run("--deny notes").code], [1, 1]);
    issuer.becomes(|site| site.has_304 = false);
    assert_eq!([run("--deny warnings").code, run("--deny notes").code], [0, 1]);
    let github = run("--format github").stdout;
    assert_eq!(
        github.replace(&url, "URL"),
        "::notice title=SG0436 etag_not_honoured::URL/keys: `If-None-Match` with the tag of the set is answered \
         with 200%0Ahelp: a tag and a 304 save verifiers that poll the whole set%0Amore: signet explain SG0436\n"
    );
    let sarif = run("--format sarif").json();
    is_sarif(&sarif).unwrap_or_else(|errors| panic!("{errors}"));
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(place, &json!({"uri": format!("{url}/keys")}));
    let markdown = run("--format markdown").stdout;
    assert!(markdown.starts_with("### signet doctor: 1 note in 1 place\n"), "{markdown}");
}

#[test]
fn the_lead_is_what_caching_is_held_against() {
    let (issuer, workspace) = (ForeignIssuer::http(), Workspace::empty());
    for (lead, expected) in [("66m", ""), ("65m", ""), ("64m", "SG0434 warning")] {
        let output = doctor(&workspace, &format!("{} --lead {lead}", issuer.issuer()));
        assert_eq!(findings(&output).join(", "), expected, "300 s and an hour more, {lead}");
    }
}

/// A code that no test provokes might never be found.
#[test]
fn every_code_about_issuers_is_found_in_some_test() {
    let tests = concat!(include_str!("cli_doctor.rs"), include_str!("cli_doctor_tls.rs"));
    for code in signet::diagnostic::catalogue::issuers::ALL {
        let is_expected = ["error", "warning", "note"]
            .iter()
            .any(|severity| tests.contains(&format!("{} {severity}", code.id)));
        assert!(is_expected, "{}", code.id);
    }
}

#[test]
fn an_issuer_that_cannot_be_reached_is_exit_code_4_and_no_issuer_is_2() {
    let workspace = Workspace::empty();
    let closed =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let output = doctor(&workspace, &format!("http://{closed}"));
    assert_eq!((output.code, findings(&output)), (4, vec!["SG0403 error".to_owned()]), "{}", output.all());
    let plain = Process::serve(Workspace::ready(), "");
    let output = doctor(&workspace, &format!("https://{}", plain.public));
    assert_eq!((output.code, findings(&output)), (4, vec!["SG0446 error".to_owned()]), "{}", output.all());
    for (url, hint) in [
        ("auth.example.com", "https://"),
        ("ftp://auth.example.com", "https://"),
        ("https://user:canary@auth.example.com", "no place"),
        ("https://auth.example.com?x=1", "no query"),
        ("https://a.example/t/.well-known/openid-configuration", "https://a.example/t"),
    ] {
        let output = workspace.run(&format!("doctor {url}"));
        assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{url}: {}", output.stderr);
        assert!(output.stderr.contains(hint), "{url}: {}", output.stderr);
    }
}
