//! The page about registration, run as it stands: only host and credentials are others.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::page::{at, blocks, sh};
use crate::support::{Process, Workspace};

const PAGE: &str = include_str!("../../docs/src/registration.md");
const SECRET: &str = "portal-secret-of-the-tests-0123456789";
/// The stored form that the page shows, for a secret as for the id of a client.
const SHOWN: &str = "jinN5QfVp0RF3ReORXuKZf3b_8c2dcBEsKO0QhhCoOk";

/// The list of the page, with a secret that is known.
fn list(policy: &str) -> String {
    policy.replace(&format!("sha256:{SHOWN}"), &format!("${{secret:{SECRET}}}"))
}

fn members(text: &str) -> Vec<String> {
    let value: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    value.as_object().expect("an object").keys().cloned().collect()
}

fn seal_keys(keys: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(keys).expect("keys").map(|entry| entry.expect("an entry").path());
    files.filter(|path| path.to_string_lossy().ends_with(".seal.key")).collect()
}

fn reload(server: &Process) {
    let reloads = || {
        server.admin("/metrics").text().lines().find_map(|line| {
            line.strip_prefix("signet_config_reloads_total{outcome=\"success\"} ")?.parse::<f64>().ok()
        })
    };
    let before = reloads();
    server.hang_up();
    server.until("the reload", |_| reloads() > before);
}

#[test]
fn every_command_of_the_page_about_registration_runs() {
    let (commands, lists, answers) = (blocks(PAGE, "sh"), blocks(PAGE, "yaml"), blocks(PAGE, "json"));
    let [make_key, check, register, use_it, digest, replace_key] = commands[..] else {
        panic!("other steps than this test knows: {commands:#?}")
    };
    let ([policy, denied], [answer]) = (&lists[..], &answers[..]) else { panic!("other lists: {lists:#?}") };
    let workspace = Workspace::empty();
    workspace.key("keys");
    workspace.write("clients.yaml", &list(policy));
    let missing = workspace.run(check.trim().trim_start_matches("signet "));
    assert!(missing.code != 0 && missing.all().contains("keys new --seal"), "{}", missing.all());
    sh(&workspace, make_key);
    let keys = workspace.path().join("keys");
    // So that the one that replaces it has another name, however soon it is made.
    std::fs::rename(&seal_keys(&keys)[0], keys.join("20260101T000000Z.seal.key")).expect("a name");
    sh(&workspace, check);

    let server = Process::serve(workspace, "");
    let registered = at(&server, &format!("SECRET={SECRET}\n{register}"));
    assert_eq!(members(&registered), members(answer), "{registered}");
    let client: Value = serde_json::from_str(&registered).expect("JSON");
    let shown: Value = serde_json::from_str(answer).expect("JSON");
    for same in ["client_name", "scope", "audience", "access_token_lifetime", "token_endpoint_auth_method"] {
        assert_eq!(client[same], shown[same], "{same}");
    }
    let [id, secret] = ["client_id", "client_secret"].map(|name| client[name].as_str().expect("text"));
    let ask = || at(&server, &format!("CLIENT_ID={id}\nCLIENT_SECRET={secret}\n{use_it}"));
    assert!(members(&ask()).contains(&"access_token".to_owned()), "{}", ask());

    let digest = sh(&server.workspace, &format!("CLIENT_ID={id}\n{digest}"));
    let entry: Vec<&str> = denied.lines().take_while(|line| !line.contains("registrar:")).collect();
    let entry = entry.join("\n").replace("registration:\n", "").replace(SHOWN, digest.trim());
    let with_entry = format!("{}\n{entry}\n", list(policy).trim_end());
    server.workspace.write("clients.yaml", &with_entry);
    reload(&server);
    assert!(ask().contains("invalid_client"), "the one with this digest is denied: {}", ask());
    // The other entries of the page are read too.
    let all = format!("{}\n{}\n", list(policy).trim_end(), denied.replace("registration:\n", ""));
    server.workspace.write("clients.yaml", &all);
    let checked = server.workspace.run("check --clients-only");
    assert_eq!(checked.code, 0, "{}", checked.all());

    server.workspace.write("clients.yaml", &list(policy));
    reload(&server);
    assert!(ask().contains("access_token"), "{}", ask());
    at(&server, replace_key);
    std::fs::remove_file(keys.join("20260101T000000Z.seal.key")).expect("the old one");
    reload(&server);
    assert!(ask().contains("invalid_client"), "what the old one sealed is gone: {}", ask());
    let again = at(&server, &format!("SECRET={SECRET}\n{register}"));
    assert_eq!(members(&again), members(answer), "{again}");
}
