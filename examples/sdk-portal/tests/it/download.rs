//! The click: a client of its own for every download, a form that works once, and an archive that is for
//! this session and for some minutes.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use serde_json::{Value, json};
use zip::ZipArchive;

use crate::support::{Answer, Bench, PASSWORD};

const ARCHIVE: &str = "/sdk/catalog-sdk.zip";

/// Name to text and permissions.
fn unzip(answer: &Answer) -> BTreeMap<String, (String, u32)> {
    let mut archive = ZipArchive::new(Cursor::new(answer.body.clone())).expect("an archive");
    let entries = 0..archive.len();
    let read = |index| {
        let mut file = archive.by_index(index).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        (file.name().unwrap().into_owned(), (text, file.unix_mode().unwrap() & 0o777))
    };
    entries.map(read).collect()
}

#[test]
fn a_click_registers_a_limited_client_and_hands_over_its_key() {
    let bench = Bench::start();
    let mut browser = bench.logged_in();
    assert!(browser.get("/").says("None yet."));
    assert_eq!(browser.download().header("location"), Some("/sdk"));
    assert_eq!(
        *bench.issuer.asked.lock().unwrap(),
        json!({
            "client_name": "Catalog SDK of dana", "scope": "catalog:read", "grant_types": ["client_credentials"],
            "token_endpoint_auth_method": "client_secret_basic",
        })
    );
    let page = browser.get("/sdk");
    assert!(page.says("Your SDK is ready") && page.says("sgc_client-number-1"));
    assert!(page.says(&format!("content=\"0; url={ARCHIVE}\"")), "the download begins by itself");
    assert!(!page.says("sgs_"), "the key is not on the page");

    let answer = browser.get(ARCHIVE);
    assert_eq!(answer.header("content-type"), Some("application/zip"));
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"catalog-sdk.zip\""));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let files = unzip(&answer);
    let modes: Vec<_> = files.iter().map(|(name, (_, mode))| (name.as_str(), *mode)).collect();
    assert_eq!(
        modes,
        [
            ("catalog-sdk/README.md", 0o644),
            ("catalog-sdk/catalog_sdk.py", 0o644),
            ("catalog-sdk/credentials.json", 0o600),
            ("catalog-sdk/first-call.sh", 0o755),
            ("catalog-sdk/first_call.py", 0o755),
        ]
    );
    let credentials: Value = serde_json::from_str(&files["catalog-sdk/credentials.json"].0).unwrap();
    assert_eq!(credentials["client_id"], "sgc_client-number-1");
    assert_eq!(credentials["client_secret"], "sgs_secret-1");
    assert_eq!(credentials["token_endpoint"], format!("{}/oauth2/token", bench.issuer.url));
    assert!(!bench.records().contains("sgs_"), "the records hold no key");
}

#[test]
fn a_second_click_rotates_and_the_list_says_how_the_older_one_ends() {
    let bench = Bench::start();
    let mut browser = bench.logged_in();
    browser.download();
    let first = unzip(&browser.get(ARCHIVE));
    browser.download();
    let second = unzip(&browser.get(ARCHIVE));
    assert_ne!(first, second);
    let home = browser.get("/").text();
    let entries: Vec<_> = home.split("<li>").skip(1).collect();
    let [newer, older] = entries.as_slice() else { panic!("{home}") };
    assert!(newer.contains("sgc_client-number-2") && newer.contains(">in use<"), "{newer}");
    assert!(newer.contains("It ends by itself on 2027-02-14 08:00 UTC."), "{newer}");
    assert!(older.contains("sgc_client-number-1") && older.contains(">replaced<"), "{older}");
    assert!(older.contains("It still works, and ends by itself on 2027-02-14 08:00 UTC."), "{older}");
    // printf sgc_client-number-1 | openssl dgst -sha256 -binary | basenc --base64url | tr -d =
    assert!(older.contains("- {client_id_sha256: q0cXvMhItpFDhMSBSv6ncztErYZVtEiRW5JD2lw10kk}"), "{older}");

    bench.later(30 * 24 * 60 * 60);
    let mut browser = bench.logged_in();
    let home = browser.get("/");
    assert!(home.says("It ended on 2027-02-14 08:00 UTC."));
    assert!(!home.says("client_id_sha256"), "what has ended needs no denial");
}

#[test]
fn a_form_works_once_and_only_in_its_session() {
    let bench = Bench::start();
    let mut browser = bench.logged_in();
    let form = browser.get("/").form("/sdk");
    assert_eq!(browser.post("/sdk", &[("form", &form)]).status, 303);
    let again = browser.post("/sdk", &[("form", &form)]);
    assert_eq!(again.status, 403);
    assert!(again.says("This form was used already"));

    let mut other = bench.browser();
    other.log_in("eli", PASSWORD);
    let stolen = browser.get("/").form("/sdk");
    for forged in [stolen.as_str(), "", "x"] {
        assert_eq!(other.post("/sdk", &[("form", forged)]).status, 403);
    }
    assert_eq!(other.post("/sdk", &[]).status, 400);
    let logout = browser.get("/").form("/logout");
    assert_eq!(browser.post("/sdk", &[("form", &stolen)]).status, 303, "and it still works where it belongs");
    let _ = logout;
    assert_eq!(bench.issuer.registered(), 2);
}

#[test]
fn a_form_of_another_site_is_refused_before_anything_else() {
    let bench = Bench::start();
    let browser = bench.logged_in();
    for (name, value) in [
        ("Origin", "https://evil.example".to_owned()),
        ("Origin", "null".to_owned()),
        ("Origin", format!("https://{}", bench.address)),
        ("Sec-Fetch-Site", "cross-site".to_owned()),
        ("Sec-Fetch-Site", "same-site".to_owned()),
    ] {
        let mut browser = browser.clone();
        let form = browser.get("/").form("/sdk");
        browser.headers.push((name.to_owned(), value.clone()));
        let answer = browser.post("/sdk", &[("form", &form)]);
        assert_eq!(answer.status, 403, "{name}: {value}");
        assert!(answer.says("This form comes from another address."));
    }
    let mut own = browser.clone();
    own.headers = vec![
        ("Origin".to_owned(), format!("http://{}", bench.address)),
        ("Sec-Fetch-Site".to_owned(), "same-origin".to_owned()),
    ];
    assert_eq!(own.download().status, 303);
}

#[test]
fn the_archive_is_for_its_session_and_gone_after_ten_minutes() {
    let bench = Bench::start();
    let mut browser = bench.logged_in();
    assert_eq!(browser.get(ARCHIVE).status, 410);
    assert_eq!(browser.get("/sdk").header("location"), Some("/"));
    browser.download();
    assert_eq!(bench.browser().get(ARCHIVE).header("location"), Some("/login"));
    assert_eq!(bench.logged_in().get(ARCHIVE).status, 410, "another session of the same developer");
    bench.later(10 * 60 - 1);
    assert_eq!(browser.get(ARCHIVE).status, 200, "a download that broke off can be repeated");
    bench.later(1);
    let gone = browser.get(ARCHIVE);
    assert_eq!(gone.status, 410);
    assert!(gone.says("This archive is gone"));
}

#[test]
fn a_developer_sees_only_the_own_clients_also_after_a_restart_of_the_portal() {
    let bench = Bench::start();
    let mut browser = bench.logged_in();
    browser.download();
    let mut eli = bench.browser();
    eli.log_in("eli", PASSWORD);
    assert!(eli.get("/").says("None yet."));
    let line: Value = serde_json::from_str(&bench.records()).expect("one line");
    assert_eq!(
        line,
        json!({"developer": "dana", "client_id": "sgc_client-number-1", "issued_at": 1_800_000_000,
               "expires_at": 1_802_592_000})
    );
    let reopened = sdk_portal::Records::open(&bench.records_file()).unwrap();
    assert_eq!(serde_json::to_value(reopened.of("dana")).unwrap(), json!([line]));
    assert!(reopened.of("eli").is_empty());
    std::fs::write(bench.records_file(), "{").unwrap();
    let problem = format!("{:#}", sdk_portal::Records::open(&bench.records_file()).err().unwrap());
    assert!(problem.contains("line 1"), "{problem}");
}

#[test]
fn twenty_downloads_a_day_are_enough() {
    let bench = Bench::start();
    let mut browser = bench.logged_in();
    for _ in 0..20 {
        assert_eq!(browser.download().status, 303);
    }
    let answer = browser.download();
    assert_eq!(answer.status, 429);
    assert!(answer.says("Nothing was registered."));
    assert_eq!(bench.issuer.registered(), 20);
}
