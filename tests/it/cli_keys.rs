//! `keys new --activate|--every`, `prune`, `revoke`, `jwks` and `export` as people run them.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use signet::clock::{Clock as _, SystemClock};

use crate::support::{Options, TestServer, Workspace};

/// The name of an RS256 key whose activation is so many seconds from now.
fn name(seconds: i64) -> String {
    let time: String =
        SystemClock.now().plus(seconds).to_string().chars().filter(|c| !"-:".contains(*c)).collect();
    format!("{time}.rs256.pem")
}

const DAY: i64 = 86_400;

fn kids(list: &Value) -> Vec<(String, String)> {
    let text = |key: &Value, member: &str| key[member].as_str().expect("text").to_owned();
    list["keys"].as_array().expect("keys").iter().map(|key| (text(key, "state"), text(key, "kid"))).collect()
}

#[test]
fn c14_a_key_can_be_made_for_a_moment_that_lies_an_hour_ahead_at_least() {
    let workspace = Workspace::ready();
    let at = |seconds: i64| SystemClock.now().plus(seconds).to_string();
    for (seconds, words) in [(-60, "in the past"), (1800, "too soon")] {
        let refused = workspace.run(&format!("keys new --activate {}", at(seconds)));
        assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{}", refused.stderr);
        assert!(refused.stderr.contains(words), "{}", refused.stderr);
    }
    let moment = at(10 * DAY);
    let made = workspace.run(&format!("keys new --activate {moment} --format json")).json();
    assert_eq!((&made["activation"], &made["state"]), (&moment.into(), &"next".into()));
    for wrong in ["--activate tomorrow", "--activate 2027-01-01", "--activate 2027-01-01T00:00:00Z --now"] {
        assert_eq!(workspace.run(&format!("keys new {wrong}")).code, 2, "{wrong}");
    }
}

#[test]
fn a_daily_job_makes_a_key_only_when_one_is_due() {
    let workspace = Workspace::empty();
    let run = || workspace.run("keys new --every 30d --alg ES256 --format json");
    assert!(run().json()["file"].is_string(), "the first key is always due");
    let (first, second) = (run(), run());
    for output in [&first, &second] {
        assert_eq!((output.code, &output.json()["file"]), (0, &Value::Null));
    }
    let said = workspace.run("keys new --every 30d --alg ES256");
    assert!(said.stdout.is_empty() && said.stderr.contains("No key is due"), "{}", said.stderr);
    // 29 days on, less an hour, it is not due; a day before the 30 days are over it is.
    for (age, due) in [(29 * DAY - 3600, false), (29 * DAY + 3600, true)] {
        let workspace = Workspace::empty();
        workspace.run("keys new --alg ES256");
        let old = workspace.path().join("keys").join(name(-age).replace("rs256", "es256"));
        let made = std::fs::read_dir(workspace.path().join("keys")).expect("keys").next().expect("one");
        std::fs::rename(made.expect("an entry").path(), old).expect("renamed");
        let made = workspace.run("keys new --every 30d --alg ES256 --format json").json();
        assert_eq!(made["file"].is_string(), due, "{age}");
    }
    for wrong in ["0d", "30", "soon", "-1d"] {
        assert_eq!(workspace.run(&format!("keys new --every={wrong}")).code, 2, "{wrong}");
    }
}

#[test]
fn an_emergency_key_names_the_verifiers_that_fail_in_json_too() {
    let workspace = Workspace::ready();
    workspace.run("keys new");
    let made = workspace.run("keys new --now --format json").json();
    assert_eq!(made["state"], "signing");
    let unprepared = made["unprepared"].as_array().expect("a list");
    let seconds = |name: &str| {
        unprepared.iter().find(|entry| entry["verifier"] == name).map(|entry| entry["seconds"].clone())
    };
    assert_eq!(seconds("envoy"), Some(600.into()));
    assert_eq!((seconds("cloudflare"), seconds("go-oidc")), (Some(Value::Null), None));
    let list = workspace.run("keys list --format json").json();
    let states: Vec<String> = kids(&list).into_iter().map(|(state, _)| state).collect();
    assert_eq!(states, ["retiring", "signing", "next"], "the key that was next still is");
}

#[test]
fn pruning_lists_first_and_deletes_when_told() {
    let workspace = Workspace::empty();
    let keys = workspace.path().join("keys");
    for (alg, seconds) in [("ES256", -90 * DAY), ("ES256", -60 * DAY), ("ES256", -3600)] {
        workspace.run(&format!("keys new --alg {alg}"));
        let made = std::fs::read_dir(&keys).expect("keys").map(|entry| entry.expect("an entry").path());
        let newest = made.max().expect("a key");
        std::fs::rename(newest, keys.join(name(seconds).replace("rs256", "es256"))).expect("renamed");
    }
    let count = || std::fs::read_dir(&keys).expect("keys").count();
    let listed = workspace.run("keys prune");
    assert!(
        listed.stdout.starts_with("would delete keys/") && listed.stderr.contains("--yes"),
        "{}",
        listed.all()
    );
    let json = workspace.run("keys prune --private --format json").json();
    let states: Vec<_> =
        json["steps"].as_array().expect("steps").iter().filter_map(|step| step["state"].as_str()).collect();
    assert_eq!((json["done"].as_bool(), states, count()), (Some(false), vec!["gone", "retiring"], 3));
    let done = workspace.run("keys prune --private --yes");
    assert_eq!((done.code, done.stdout.lines().count(), count()), (0, 2, 2), "{}", done.all());
    assert!(workspace.run("keys prune --private").stderr.contains("nothing to prune"));
    assert_eq!(workspace.run("keys list --format json").json()["keys"][0]["private"], false);
}

#[test]
fn a_half_written_file_is_noticed_and_pruned_once_its_writer_must_be_gone() {
    let workspace = Workspace::ready();
    let [old, new] = ["0123456789abcdef", "fedcba9876543210"].map(|n| format!("keys/.new-{n}"));
    for name in [&old, &new, &"keys/.new-notes".to_owned(), &"keys/.gitignore".to_owned()] {
        workspace.write(name, "half a key");
        if *name != new {
            let file =
                std::fs::File::options().write(true).open(workspace.path().join(name)).expect("a file");
            let before = std::time::SystemTime::now() - std::time::Duration::from_secs(3_600);
            file.set_modified(before).expect("a time");
        }
    }
    let check = workspace.run("check --format json").json();
    let notes: Vec<_> =
        check["findings"].as_array().expect("a list").iter().map(|f| (&f["code"], &f["file"])).collect();
    assert_eq!(notes, [(&json!("SG0233"), &json!(old))]);
    let listed = workspace.run("keys list");
    assert!(listed.code == 0 && listed.stderr.contains("note[SG0233]"), "{}", listed.all());
    assert_eq!(workspace.run("keys list --format json").json()["leftovers"], json!([old]));
    let would = workspace.run("keys prune");
    assert_eq!(would.stdout, format!("would delete {old} (a half-written file)\n"));
    assert!(workspace.path().join(&old).exists());
    assert_eq!(workspace.run("keys prune --yes --format json").json()["leftovers"], json!([old]));
    let mut left: Vec<_> = std::fs::read_dir(workspace.path().join("keys"))
        .expect("keys")
        .map(|entry| format!("keys/{}", entry.expect("an entry").file_name().to_string_lossy()))
        .filter(|name| name.starts_with("keys/."))
        .collect();
    left.sort();
    assert_eq!(left, ["keys/.gitignore", "keys/.new-fedcba9876543210", "keys/.new-notes"]);
    assert!(workspace.run("keys list").stderr.is_empty());
}

#[test]
fn a_leaked_key_is_withdrawn_and_the_message_says_for_how_long_it_is_trusted() {
    let workspace = Workspace::ready();
    let list = workspace.run("keys list --format json").json();
    let leaked = kids(&list)[0].1.clone();
    let alone = workspace.run(&format!("keys revoke {leaked}"));
    assert_eq!((alone.code, alone.stdout.as_str()), (1, ""));
    assert!(alone.stderr.contains("signet keys new --alg RS256 --now"), "{}", alone.stderr);
    workspace.run("keys new");
    let done = workspace.run(&format!("keys revoke {leaked}"));
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert_eq!(done.stdout, "keys/20200101T000000Z.rs256.revoked.pem\n");
    for words in [
        "was signing",
        "from now on",
        "5 min: ",
        "Istio",
        "12 h: ",
        "until it meets an unknown kid: go-oidc, Kubernetes API server\n",
        "until uploaded: Cloudflare",
    ] {
        assert!(done.stderr.contains(words), "{words}: {}", done.stderr);
    }
    let list = workspace.run("keys list --format json").json();
    assert_eq!((kids(&list).len(), &kids(&list)[0].0), (1, &"signing".to_owned()));
    assert_eq!(list["revoked"][0]["kid"].as_str(), Some(leaked.as_str()));
    assert!(workspace.run("keys list").stdout.contains("revoked"));
    assert!(!workspace.run("keys jwks").stdout.contains(&leaked));
    assert_eq!(workspace.run(&format!("keys revoke {leaked}")).code, 2, "it is no key any more");
    let forced = workspace.run(&format!("keys revoke {} --force --format json", kids(&list)[0].1)).json();
    assert_eq!((&forced["then"], &forced["was"]), (&"nothing".into(), &"signing".into()));
}

#[test]
fn a_kid_that_begins_with_hyphens_is_no_flag() {
    let workspace = Workspace::ready();
    for kid in ["-HZLMXMu4z1zdRfCDD1v01sHCuKMP2PPwthbIqLp8cc", "--ZLMXMu4z1zdRfCDD1v01sHCuKMP2PPwthbIqLp8cc"]
    {
        let output = workspace.run(&format!("keys revoke {kid} --force"));
        assert_eq!(output.code, 2);
        assert!(output.stderr.contains("no key has this kid"), "{}", output.stderr);
    }
    assert!(workspace.run("keys revoke --forse x").stderr.contains("unexpected argument"));
}

const PRIVATE_MEMBERS: [&str; 6] = ["d", "p", "q", "dp", "dq", "qi"];

#[test]
fn c7_public_halves_are_printed_as_jwks_and_as_pem_and_never_a_private_one() {
    let workspace = Workspace::ready();
    for alg in ["PS256", "ES256", "EdDSA"] {
        workspace.run(&format!("keys new --alg {alg}"));
    }
    let jwks = workspace.run("keys jwks");
    let set = jwks.json();
    let keys = set["keys"].as_array().expect("keys");
    assert_eq!(keys.len(), 4);
    assert!(keys.iter().all(|key| PRIVATE_MEMBERS.iter().all(|member| key.get(member).is_none())));
    assert_eq!(workspace.run("keys export --jwks").stdout, jwks.stdout);
    let pem = workspace.run("keys export --pem");
    assert_eq!(pem.stdout.matches("-----BEGIN PUBLIC KEY-----").count(), 4);
    assert!(!pem.stdout.contains("PRIVATE"));
    let json = workspace.run("keys export --pem --format json").json();
    let kids: BTreeSet<_> =
        json["keys"].as_array().expect("keys").iter().map(|key| &key["kid"]).map(Value::to_string).collect();
    assert_eq!(kids, keys.iter().map(|key| key["kid"].to_string()).collect());
    for wrong in ["keys export", "keys export --pem --jwks", "keys export --site public"] {
        assert_eq!(workspace.run(wrong).code, 2, "{wrong}");
    }
    assert_eq!(workspace.run("keys jwks --keys none").code, 3);
}

/// Every file of the export is, byte for byte and header for header, what a server answers at its
/// path.
#[test]
fn c1_the_exported_site_is_what_a_server_serves() {
    for (issuer, files) in [("https://auth.example.com", 3), ("https://auth.example.com/tenant/1", 5)] {
        let server = TestServer::with(Options { issuer, ..Options::default() });
        server.clock.set(SystemClock.now());
        let workspace = Workspace::empty();
        let root = server.directory.path().display();
        let command = format!(
            "keys export --site public --issuer {issuer} --keys {root}/keys --clients {root}/clients.yaml --format json"
        );
        let output = workspace.run(&command).json();
        let written = output["files"].as_array().expect("files");
        assert_eq!(written.len(), files + 1, "and _headers");
        let rules = std::fs::read_to_string(workspace.path().join("public/_headers")).expect("rules");
        for file in written.iter().filter_map(Value::as_str).filter(|file| !file.ends_with("_headers")) {
            let path = file.strip_prefix("public").expect("below the directory");
            let answer = server.get(path);
            assert_eq!(answer.status, 200, "{path}");
            let content = std::fs::read(workspace.path().join(file)).expect("a file");
            assert_eq!(String::from_utf8(content).expect("UTF-8"), answer.text(), "{path}");
            let block = rules.split_once(&format!("{path}\n")).expect("a block for it").1;
            for (name, value) in output["headers"].as_object().expect("headers") {
                let value = value.as_str().expect("text");
                assert_eq!(answer.header(&name.to_lowercase()), Some(value), "{path} {name}");
                assert!(block.contains(&format!("  {name}: {value}\n")), "{rules}");
            }
        }
        let again = workspace.run(&command.replace(" --format json", ""));
        assert_eq!(again.code, 0, "a second export replaces the first");
        assert!(again.stderr.contains("Cache-Control: public, max-age=300"), "{}", again.stderr);
        assert!(!Path::new(&workspace.path().join("public/_headers.new")).exists());
    }
}
