//! The page of the admin listener: what the server is about, for people.

use signet::clock::UnixTime;

use crate::support::{NOW, Response, TestServer, new_key_pem};

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
fn it_runs_no_script_loads_nothing_and_is_not_public() {
    let server = TestServer::start();
    let page = page(&server);
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'unsafe-inline'"), "{policy}");
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let text = page.text();
    // What stands in the page itself may be referred to.
    let text = text.replace("url(#", "");
    for part in ["<script", "src=", "<link", "@import", "url("] {
        assert!(!text.contains(part), "{part} in {text}");
    }
    assert_eq!(server.get("/").status, 404);
    assert_eq!(server.send("POST", "/", &[], b"").status, 404);
}
