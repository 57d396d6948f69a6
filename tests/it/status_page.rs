//! The page of the admin listener: what the server is about, for people.

use signet::clock::UnixTime;

use crate::support::{CLIENTS, NOW, Options, Response, TestServer, new_key_pem};

fn page(server: &TestServer) -> Response {
    let page = server.admin("/");
    assert_eq!(page.status, 200);
    page
}

#[test]
fn it_shows_issuer_revision_and_the_keys_with_their_states() {
    let server = TestServer::start();
    let page = page(&server);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let text = page.text();
    let kid = server.key_set()["keys"][0]["kid"].as_str().expect("a kid").to_owned();
    for part in ["https://auth.example.com", server.revision().as_str(), &kid, "signing", "<svg "] {
        assert!(text.contains(part), "no {part} in {text}");
    }
}

#[test]
fn the_picture_moves_with_the_plan_and_no_reload() {
    let server = TestServer::start();
    let pem = new_key_pem();
    let next = server.directory.path().join("keys/20261124T120000Z.rs256.pem");
    std::fs::write(&next, pem).expect("a key file");
    std::fs::set_permissions(&next, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("a mode");
    server.reload_and_wait();
    let states = |server: &TestServer| {
        let text = page(server).text();
        let cell = |state: &str| text.contains(&format!("<td>{state}</td>"));
        ["next", "signing", "retiring"].map(cell)
    };
    assert_eq!(states(&server), [true, true, false]);
    server.clock.set(UnixTime::from_seconds(NOW + 86_400));
    assert_eq!(states(&server), [false, true, true]);
}

#[test]
fn it_runs_no_script_and_loads_its_own_style_sheet_alone() {
    let server = TestServer::start();
    let page = page(&server);
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'self' 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("script"), "{policy}");
    assert_eq!(page.header("cache-control"), Some("no-store"));
    // What stands in the page itself may be referred to.
    let text =
        page.text().replace("url(#", "").replace("<link rel=\"stylesheet\" href=\"page/style.css\">", "");
    for part in ["<script", "src=", "<link", "@import", "url(", "style="] {
        assert!(!text.contains(part), "{part} in {text}");
    }
}

#[test]
fn it_counts_what_was_issued_and_what_was_refused_by_error() {
    let server = TestServer::start();
    assert!(page(&server).text().contains("0 since the start"));
    (0..3).for_each(|_| assert_eq!(server.ask("worker", "").status, 200));
    (0..2).for_each(|_| assert_eq!(server.ask("worker", "scope=none:such").status, 400));
    assert_eq!(server.basic("worker:wrong", "grant_type=client_credentials").status, 401);
    let text = page(&server).text();
    for part in ["3 since the start", "<code>invalid_scope</code> 2", "<code>invalid_client</code> 1"] {
        assert!(text.contains(part), "no {part} in {text}");
    }
}

#[test]
fn it_shows_why_the_last_reload_was_not_taken_with_markup_as_text_and_then_that_it_is_over() {
    let server = TestServer::start();
    assert!(page(&server).text().contains("(the start)"));
    server.clock.set(UnixTime::from_seconds(NOW + 600));
    server.write_clients(&format!("{CLIENTS}  - client_id: <script>alert(1)</script>\n    scopes: x\n"));
    server.reload_and_wait();
    server.until("the findings", |server| page(server).text().contains("<pre"));
    server.clock.set(UnixTime::from_seconds(NOW + 660));
    let text = page(&server).text();
    for part in
        ["not taken</span> because of clients", "<details open>", "error[SG", "1 min ago", "11 min ago"]
    {
        assert!(text.contains(part), "no {part} in {text}");
    }
    assert!(text.contains("script&#62;") && !text.contains("<script"), "{text}");
    server.write_clients(CLIENTS);
    server.reload_and_wait();
    let text = page(&server).text();
    assert!(text.contains("taken</span>, 0 s ago") && text.contains("What was wrong before"), "{text}");
    assert!(!text.contains("<details open>"), "{text}");
}

/// Thirty days and no second more, the soonest first, no more than twenty.
#[test]
fn it_lists_the_credentials_that_end_soon_and_what_happens_then() {
    let client = |number: i64, expires: i64, more: &str| {
        let at = UnixTime::from_seconds(NOW + expires);
        format!(
            "  - client_id: client-{number:02}\n    client_name: \"<b>{number}</b>\"\n    scope: a:b\n    credentials:\n      \
             - client_secret: ${{secret:the-secret-of-client-{number}}}\n        expires: {at}\n{more}"
        )
    };
    let day = 86_400;
    let another = "      - client_secret: ${secret:another-secret-of-this-client}\n";
    let mut clients: Vec<String> = (1..=25).map(|number| client(number, number * day, "")).collect();
    clients.push(client(26, 30 * day, another));
    clients.push(client(27, 30 * day + 1, ""));
    clients.push(client(28, 3_600, another));
    clients.push(client(29, 60, "    disabled: true\n"));
    let list =
        format!("resources:\n  - audience: api\n    scopes: [a:b]\nclients:\n{}...\n", clients.concat());
    let server = TestServer::with(Options { clients: list, ..Options::default() });
    let text = page(&server).text();
    let ids: Vec<&str> = text.split("<code>client-").skip(1).filter_map(|rest| rest.get(..2)).collect();
    let expected: Vec<String> =
        ["28".to_owned()].into_iter().chain((1..=19).map(|number| format!("{number:02}"))).collect();
    assert_eq!(ids, expected);
    assert!(text.contains("The 20 soonest of 27") && text.contains("in 1 h"), "{text}");
    assert_eq!(text.matches("the client is refused").count(), 19);
    assert_eq!(text.matches("another one is valid").count(), 1);
    assert!(text.contains("&#60;b&#62;1&#60;/b&#62;") && !text.contains("<b>"), "{text}");
}
