//! `signet clients import`: what the exports of other issuers become, and what is said of the rest.

use rstest::rstest;
use serde_json::{Value, json};
use signet::client_auth::stored_secret;

use crate::support::exports::{AUTH0, DEX, HYDRA_LIST, HYDRA_ROWS, KEYCLOAK, import, with};
use crate::support::{Output, Workspace};

/// Every export, and codes of the warnings that `check` gives for its list.
const ALL: &[(&str, &str, &[&str])] = &[
    ("keycloak", KEYCLOAK, &["SG0146", "SG0146"]),
    ("hydra", HYDRA_LIST, &["SG0162", "SG0146"]),
    ("hydra", HYDRA_ROWS, &["SG0146"]),
    ("dex", DEX, &["SG0146", "SG0146"]),
    ("auth0", AUTH0, &["SG0162", "SG0146"]),
];

fn notes(output: &Output) -> Vec<(String, String, String)> {
    let document = output.json();
    let text = |note: &Value, name: &str| note[name].as_str().unwrap_or("-").to_owned();
    let notes = document["notes"].as_array().expect("notes");
    notes.iter().map(|note| (text(note, "fate"), text(note, "client_id"), text(note, "member"))).collect()
}

fn has(notes: &[(String, String, String)], fate: &str, client: &str, member: &str) -> bool {
    notes.contains(&(fate.to_owned(), client.to_owned(), member.to_owned()))
}

#[test]
fn every_list_is_formatted_and_passes_check_with_the_warnings_that_are_announced() {
    for (from, export, warnings) in ALL {
        let workspace = Workspace::empty();
        workspace.write("export", export);
        let output = workspace.run(&format!("clients import --from {from} export --output clients.yaml"));
        assert_eq!((output.code, output.stdout.as_str()), (0, ""), "{from}: {}", output.stderr);
        assert_eq!(workspace.run("fmt --check clients.yaml").code, 0, "{from}");
        let findings = workspace.run("check --clients-only --format json").json();
        let codes: Vec<&str> = findings["findings"]
            .as_array()
            .expect("findings")
            .iter()
            .filter_map(|one| one["code"].as_str())
            .collect();
        assert_eq!(codes, *warnings, "{from}");
        let announced = format!("`signet check` will give {} warning", warnings.len());
        assert!(output.stderr.contains(&announced), "{from}: {}", output.stderr);
        let piped = import(from, export, "");
        let without_hashes = |text: &str| -> Vec<String> {
            text.lines().filter(|line| !line.contains("argon2id")).map(str::to_owned).collect()
        };
        assert_eq!(without_hashes(&piped.stdout), without_hashes(&workspace.read("clients.yaml")), "{from}");
    }
}

/// Row L7
#[test]
fn l7_no_secret_of_an_export_is_shown_and_none_stands_in_the_list() {
    for (from, export, _) in ALL {
        let mut secrets: Vec<String> = Vec::new();
        for word in export.split(['"', ' ', '\n']) {
            let is_secret = word.len() >= 31
                && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
            secrets.extend(is_secret.then(|| word.to_owned()));
        }
        secrets.push("cron-4711".to_owned());
        for format in ["human", "json"] {
            let printed = import(from, export, &format!("--format {format}")).all();
            for secret in &secrets {
                // Ids of Auth0 and of rows look like secrets and are none.
                let is_id = export.contains(&format!("\"client_id\": \"{secret}\""))
                    || export.contains(&format!("\"id\": \"{secret}\""));
                let is_uuid_or_key = secret.matches('-').count() == 4 || secret.starts_with("11qYAY");
                assert!(
                    is_id || is_uuid_or_key || !printed.contains(secret.as_str()),
                    "{from} {format}: {secret}"
                );
            }
        }
    }
}

#[test]
fn a_keycloak_realm_becomes_a_list() {
    let output = import("keycloak", KEYCLOAK, "");
    let list = output.stdout.split_once("  - client_id: old-cron").expect("the client").0;
    insta::assert_snapshot!(list, @r#"
    resources:
      - audience: https://invoices.example.com
        scopes: [invoices:read, invoices:write]
        access_token_lifetime: 5m
      - audience: https://search.example.com
        scopes: [search:read]
        access_token_lifetime: 5m

    clients:
      - client_id: billing-worker
        client_name: Billing worker
        credentials:
          - client_secret: sha256:LxXus_FkXbroWFzih8s2YsKJQKVAEYHgVn1qdpbP1ys
          - client_secret: sha256:f6ov3KvJu3chwSeeZMqyEGcqOShA_VT2DfjEwnSV5_E
            expires: 2100-01-01
        scope: invoices:read invoices:write
        default_scope: invoices:read
        audience: [https://invoices.example.com]
        access_token_lifetime: 10m
        claims: {tenant: acme}
      - client_id: indexer
        client_name: Search indexer
        credentials:
          - private_key_jwt: {jwks: {keys: [{crv: Ed25519, kid: indexer-1, kty: OKP, use: sig, x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}}
        scope: search:read
        audience: [https://search.example.com]
    "#);
    insta::assert_snapshot!(output.stderr, @r#"
    left out:
      account                       publicClient: a public client keeps no secret; every client here authenticates
      admin-cli                     publicClient: a public client keeps no secret; every client here authenticates
      broker                        bearerOnly: it is an API that asks for no tokens
      realm-management              bearerOnly: it is an API that asks for no tokens
      portal                        serviceAccountsEnabled: it has no service account, so it may not use client_credentials
      legacy-erp                    protocol: it speaks saml
      team mail                     client_id: an id has 1 to 128 characters of A-Z a-z 0-9 . _ ~ - here; the client needs another one
    not carried:
      billing-worker                realmRoles, clientRoles: roles of its service account are no scopes; if APIs decide by them, write them as `claims`: {realm_access: {roles: […]}}
      reporting                     clientAuthenticatorType: an assertion signed with a secret (HMAC) is not accepted: the server would need the secret in clear. Give the client a key, and register it as `private_key_jwt`
      edge-gateway                  clientAuthenticatorType: certificates of clients (`tls_client_auth`) are not supported by this version; give the client a key, and register it as `private_key_jwt`
      edge-gateway                  tls.client.certificate.bound.access.tokens: tokens are not bound to a key of the client by this version: they are bearer tokens
      indexer                       jwks.string: key 2 (indexer-0): its curve is "P-384"
    carried in another form:
      billing-worker                secret: kept as its SHA-256; the client keeps its secret
      billing-worker                client.secret.rotated: kept as its SHA-256; the client keeps its secret
      indexer                       jwks.string: its assertions must name this issuer in `aud`, as plain text
      old-cron                      secret: it holds at most 54 bits, below 128, so it is kept as an argon2id hash; the client keeps it for now, but replace it soon: signet secret new
    5 clients carried over, 7 left out; `signet check` will give 2 warnings
    "#);
}

#[test]
fn what_of_other_exports_is_not_carried_has_its_client_and_member() {
    let hydra = notes(&import("hydra", HYDRA_LIST, "--format json"));
    for (fate, client, member) in [
        ("left_out", "portal", "grant_types"),
        ("left_out", "cli", "token_endpoint_auth_method"),
        ("left_out", "no-audience", "audience"),
        ("not_carried", "billing-worker", "client_secret"),
        ("not_carried", "billing-worker", "scope"),
        ("not_carried", "indexer", "scope"),
        ("changed", "indexer", "audience"),
    ] {
        assert!(has(&hydra, fate, client, member), "{client} {member}: {hydra:?}");
    }
    let rows = notes(&import("hydra", HYDRA_ROWS, "--format json"));
    assert!(has(&rows, "not_carried", "from-scrypt", "client_secret"), "{rows:?}");
    assert!(has(&rows, "changed", "billing-worker", "rotated_secrets"), "{rows:?}");
    let dex = notes(&import("dex", DEX, "--format json"));
    for (fate, client, member) in [
        ("left_out", "kubernetes", "public"),
        ("left_out", "$GRAFANA_CLIENT_ID", "idEnv"),
        ("not_carried", "invoices-api", "secretEnv"),
        ("not_carried", "example-app", "secret"),
        ("changed", "billing-worker", "clientCredentialsClaims"),
    ] {
        assert!(has(&dex, fate, client, member), "{client} {member}: {dex:?}");
    }
    let auth0 = notes(&import("auth0", AUTH0, "--format json"));
    for (fate, client, member) in [
        ("left_out", "mN6bV3cX9zL1kJ4hG7fD0sA2pO5iU8yT", "grant_types"),
        ("left_out", "rT8yU1iO5pA3sD6fG9hJ2kL4zX7cV0bN", "token_endpoint_auth_method"),
        ("left_out", "qW1eR4tY7uI0oP3aS6dF9gH2jK5lZ8xC", "global"),
        ("left_out", "aS4dF7gH1jK3lQ6wE9rT2yU5iO8pZ0xC", "audience"),
        ("not_carried", "zX5cVb8Nm1Qw3Er6Ty9Ui2Op4As7Df0G", "client_authentication_methods.private_key_jwt"),
        ("not_carried", "pB7cVn2MxZ4kLs9QwE6rTy3UiO8aDf5G", "client_metadata"),
        ("not_carried", "-", "lifetime of https://search.example.com"),
        ("not_carried", "-", "signing_alg of https://search.example.com"),
    ] {
        assert!(has(&auth0, fate, client, member), "{client} {member}: {auth0:?}");
    }
}

/// `write` is granted at one API of two that define it. In a list it would count for both.
#[test]
fn nothing_gets_wider_on_the_way() {
    let worker = "kT3wXn8QeR5vYb2HsZ7mLc4PdJ9fGa6U";
    let output = import("auth0", AUTH0, "");
    assert!(output.stdout.contains("    scope: invoices:read search:read\n"), "{}", output.stdout);
    assert!(has(&notes(&import("auth0", AUTH0, "--format json")), "not_carried", worker, "scope"));
    let everywhere = with(AUTH0, "/client_grants/1/scope", json!(["search:read", "write"]));
    let output = import("auth0", &everywhere, "");
    assert!(output.stdout.contains("    scope: invoices:read write search:read\n"), "{}", output.stdout);
    // A grant for logins of users gives a machine nothing.
    let for_users = with(AUTH0, "/client_grants/2/subject_type", json!("user"));
    let output = import("auth0", &for_users, "--format json");
    assert!(has(&notes(&output), "left_out", "pB7cVn2MxZ4kLs9QwE6rTy3UiO8aDf5G", "audience"));
    // A stronger algorithm is kept, with the key that it needs.
    let output = import("auth0", &with(AUTH0, "/resource_servers/2/signing_alg", json!("PS256")), "");
    assert!(
        output.stdout.contains("    signing_alg: PS256\n") && output.stderr.contains("keys new --alg PS256")
    );
    // Lifetimes are never rounded down to the cap: the default of the server is shorter.
    let long = with(KEYCLOAK, "/clients/6/attributes/access.token.lifespan", json!("90000"));
    let output = import("keycloak", &long, "--format json");
    assert!(has(&notes(&output), "not_carried", "billing-worker", "access_token_lifetime"));
}

#[test]
fn an_audience_for_clients_without_one_is_taken_and_others_keep_theirs() {
    let output = import("hydra", HYDRA_LIST, "--audience https://reports.example.com");
    assert!(
        output.stdout.contains("  - audience: https://reports.example.com\n    scopes: [reports:read]\n"),
        "{}",
        output.stdout
    );
    assert!(output.stdout.contains("  - client_id: no-audience\n"));
    assert_eq!(output.stdout.matches("[https://reports.example.com]").count(), 1);
    let dex = import("dex", DEX, "--audience https://reports.example.com");
    assert!(dex.stdout.contains("    audience: [invoices-api]\n    claims"), "{}", dex.stdout);
    assert!(dex.stdout.contains("    audience: [https://reports.example.com]\n"), "{}", dex.stdout);
    assert_eq!(import("hydra", HYDRA_LIST, "--audience").code, 2);
    assert_eq!(import("hydra", HYDRA_LIST, "--audience a\"b").code, 2);
}

#[test]
fn masked_vaulted_and_expired_secrets_are_told_apart_and_never_hashed() {
    for (value, hint) in [
        ("**********", "partial export hides secrets"),
        ("${vault.billing}", "stands in a vault"),
        ("", "holds none"),
    ] {
        let export = with(KEYCLOAK, "/clients/6/secret", json!(value));
        let output = import("keycloak", &export, "");
        assert!(output.stderr.contains(hint), "{value}: {}", output.stderr);
        assert!(!output.stdout.contains(&stored_secret(value)), "{value}");
    }
    let rotated = "/clients/6/attributes/client.secret.rotated.expiration.time";
    let output = import("keycloak", &with(KEYCLOAK, rotated, json!("1577836800")), "");
    assert!(output.stderr.contains("client.secret.rotated: it has expired, 2020-01-01"), "{}", output.stderr);
    // Lines of a file that cannot be read may hold what only its owner knows to be a secret.
    let output = import("dex", "connectors: [{bindPW: &a hidden-in-the-line}]\n", "");
    assert!(
        output.code == 3 && output.stderr.contains("-:1:") && !output.all().contains("hidden-in"),
        "{}",
        output.all()
    );
    let private = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}]});
    let output = import("hydra", &with(HYDRA_LIST, "/items/1/jwks", private), "");
    assert!(output.stderr.contains("it is private or symmetric"), "{}", output.stderr);
    assert!(!output.all().contains("nWGxne"), "{}", output.all());
}

/// Carried as an address where this version reads keys from one, reported otherwise; never lost.
#[test]
fn the_address_of_a_key_set_is_carried_or_reported() {
    const URI: &str = "https://indexer.example.com/jwks.json";
    let mut list: Value = serde_json::from_str(HYDRA_LIST).expect("JSON");
    list["items"][1]["jwks"] = json!({});
    list["items"][1]["jwks_uri"] = URI.into();
    let mut realm: Value = serde_json::from_str(KEYCLOAK).expect("JSON");
    realm["clients"][7]["attributes"] = json!({"use.jwks.url": "true", "jwks.url": URI});
    let kind = signet::client_auth::kind("private_key_jwt").expect("a kind");
    let reads_addresses = kind.members().iter().any(|member| member.name == "jwks_uri");
    for (from, export, member) in [("hydra", list, "jwks_uri"), ("keycloak", realm, "jwks.url")] {
        let output = import(from, &export.to_string(), "--format json");
        let fate = if reads_addresses { "changed" } else { "not_carried" };
        assert!(has(&notes(&output), fate, "indexer", member), "{}", output.stdout);
        let list = output.json()["list"].as_str().expect("a list").to_owned();
        assert_eq!(
            list.contains(&format!("private_key_jwt: {{jwks_uri: \"{URI}\"}}"))
                || list.contains(&format!("{{jwks_uri: {URI}}}")),
            reads_addresses,
            "{list}"
        );
    }
}

#[test]
fn other_forms_of_the_same_export_are_read() {
    let realm: Value = serde_json::from_str(KEYCLOAK).expect("JSON");
    let ids = |from: &str, export: &Value| {
        import(from, &export.to_string(), "--format json --audience a").json()["client_ids"].clone()
    };
    assert_eq!(ids("keycloak", &json!([realm])), ids("keycloak", &realm));
    assert_eq!(ids("keycloak", &realm["clients"]), ids("keycloak", &realm));
    let list: Value = serde_json::from_str(HYDRA_LIST).expect("JSON");
    assert_eq!(ids("hydra", &list["items"]), ids("hydra", &list));
    assert_eq!(ids("hydra", &list["items"][0]), json!(["billing-worker"]));
    let mut rows: Value = serde_json::from_str(HYDRA_ROWS).expect("JSON");
    rows[0]["token_endpoint_auth_method"] = "private_key_jwt".into();
    rows[0]["jwks"] = list["items"][1]["jwks"].to_string().into();
    rows[0]["metadata"] = json!({"tier": "gold"}).to_string().into();
    let output = import("hydra", &rows.to_string(), "");
    assert!(output.stdout.contains("private_key_jwt: {jwks: {keys: [{alg: EdDSA"), "{}", output.stdout);
    assert!(output.stderr.contains("metadata: if tokens carry any of it"), "{}", output.stderr);
    let tenant: Value = serde_json::from_str(AUTH0).expect("JSON");
    let pages = json!({"clients": {"clients": tenant["clients"], "total": 7, "start": 0, "limit": 50}, "client_grants": tenant["client_grants"]});
    assert_eq!(ids("auth0", &pages), ids("auth0", &tenant));
    let cut = with(&pages.to_string(), "/clients/total", json!(70));
    assert!(import("auth0", &cut, "").stderr.contains("one page of several"));
    let cut = with(HYDRA_LIST, "/is_last_page", json!(false));
    assert!(import("hydra", &cut, "").stderr.contains("one page of several"));
    assert!(import("keycloak", &format!("\u{feff}{KEYCLOAK}"), "").code == 0);
}

#[rstest]
#[case("keycloak", "", 3, "line 1 column 0")]
#[case("keycloak", "{\"clients\":[", 3, "line 1 column 12")]
#[case("keycloak", "{\"clients\":[],\"clients\":[]}", 3, "the member \"clients\" stands twice")]
#[case("keycloak", "{\"clients\":{}}", 3, "clients must be a list, not an object")]
#[case("keycloak", "{\"clients\":[{\"clientId\":7}]}", 3, "clients[0].clientId must be text, not a number")]
#[case("keycloak", "{\"clients\":[{}]}", 3, "clients[0].clientId is missing or empty")]
#[case("keycloak", "{\"clients\":[\"secret-of-somebody\"]}", 3, "clients[0] must be an object, not text")]
#[case("keycloak", "{\"realm\":\"a\"}", 3, "holds no clients of keycloak")]
#[case("keycloak", "[{\"realm\":\"a\"},{\"realm\":\"b\"}]", 3, "several realms")]
#[case("hydra", "\"text\"", 3, "the export must be an object, not text")]
#[case(
    "hydra",
    "[{\"client_id\":\"a\",\"grant_types\":[1]}]",
    3,
    "[0].grant_types[0] must be text, not a number"
)]
#[case("hydra", "[{\"client_id\":\"a\",\"grant_types\":[\"client_credentials\"]}]", 1, "say --audience")]
#[case(
    "auth0",
    "{\"clients\":[{\"client_id\":\"a\",\"global\":\"yes\"}]}",
    3,
    "clients[0].global must be true or false, not text"
)]
#[case("dex", "staticClients: [", 3, "SG0106")]
#[case("dex", "staticClients:\n  - id: &a x\n", 3, "export:2")]
#[case("dex", "staticClients:\n  - name: x\n", 3, "staticClients[0] (line 2).idEnv is missing or empty")]
#[case(
    "dex",
    "staticClients:\n  - id: a\n    secret: [1]\n",
    3,
    "staticClients[0] (line 2).secret must be text, not a list"
)]
#[case("dex", "staticClients: 7\n", 3, "must be an object, not a number")]
#[case("dex", "issuer: x\n", 3, "holds no clients of dex")]
fn bad_input_is_answered_with_its_place_and_writes_nothing(
    #[case] from: &str,
    #[case] export: &str,
    #[case] code: i32,
    #[case] hint: &str,
) {
    let workspace = Workspace::empty();
    workspace.write("export", export);
    let output = workspace.run(&format!("clients import --from {from} export --output clients.yaml"));
    assert_eq!((output.code, output.stdout.as_str()), (code, ""), "{}", output.stderr);
    assert!(output.stderr.contains(hint), "{}", output.stderr);
    assert!(!output.stderr.contains("secret-of-somebody"), "{}", output.stderr);
    assert!(!workspace.path().join("clients.yaml").exists());
}

#[test]
fn what_is_there_is_never_overwritten_and_large_or_foreign_files_are_refused() {
    let workspace = Workspace::empty();
    workspace.write("realm.json", KEYCLOAK);
    workspace.write("clients.yaml", "kept\n");
    std::os::unix::fs::symlink("nowhere", workspace.path().join("link.yaml")).expect("a link");
    for taken in ["clients.yaml", "link.yaml", "."] {
        let refused = workspace.run(&format!("clients import --from keycloak realm.json --output {taken}"));
        assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{}", refused.stderr);
        assert!(refused.stderr.contains("exists already; nothing was written"), "{}", refused.stderr);
    }
    assert_eq!(workspace.read("clients.yaml"), "kept\n");
    assert!(!workspace.path().join("nowhere").exists());
    let large = std::fs::File::create(workspace.path().join("large.json")).expect("a file");
    large.set_len(64 * 1024 * 1024 + 1).expect("a sparse file");
    std::fs::write(workspace.path().join("utf16.json"), b"\xff\xfe{\x00}\x00").expect("a file");
    for (file, code, hint) in [
        ("large.json", 3, "larger than 64 MiB"),
        ("utf16.json", 3, "is not UTF-8: byte 0"),
        ("missing.json", 4, "cannot open missing.json"),
        ("realm.json --from ldap", 2, "keycloak"),
    ] {
        let from = if file.contains("--from") { "" } else { "--from keycloak" };
        let refused = workspace.run(&format!("clients import {from} {file}"));
        assert_eq!((refused.code, refused.stdout.as_str()), (code, ""), "{file}: {}", refused.stderr);
        assert!(refused.stderr.contains(hint), "{file}: {}", refused.stderr);
    }
}

/// What the reader of client files refuses leaves its client out, and no other.
#[test]
fn a_client_that_the_list_would_refuse_is_left_out_with_the_reason() {
    let claim = "/clients/6/protocolMappers/3/config/claim.name";
    let output = import("keycloak", &with(KEYCLOAK, claim, json!("azp")), "--format json");
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(has(&notes(&output), "left_out", "billing-worker", "client"), "{}", output.stdout);
    assert!(!has(&notes(&output), "changed", "billing-worker", "secret"));
    assert_eq!(output.json()["client_ids"], json!(["indexer", "old-cron", "reporting", "edge-gateway"]));
    let twice = with(HYDRA_LIST, "/items/1/client_id", json!("billing-worker"));
    let output = import("hydra", &twice, "");
    assert!(output.stderr.contains("the id stands twice in the export"), "{}", output.stderr);
    assert!(
        output.stderr.contains("`offline_access` speaks about users"),
        "the first one is there: {}",
        output.stderr
    );
}

/// The blocks of the page that hold nothing but our commands, in order, section by section.
#[test]
fn every_command_of_the_page_about_imports_runs() {
    let page = include_str!("../../docs/src/import.md");
    let program = assert_cmd::cargo::cargo_bin!("signet").parent().expect("a directory");
    let path = std::env::join_paths(
        [program.to_owned()]
            .into_iter()
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
    );
    let path = path.expect("a PATH");
    let mut sections = 0;
    for section in page.split("\n## From ").skip(1) {
        let workspace = Workspace::empty();
        for (name, text) in [
            ("realm.json", KEYCLOAK),
            ("clients.json", HYDRA_LIST),
            ("hydra_client.json", HYDRA_ROWS),
            ("config.yaml", DEX),
            ("tenant.json", AUTH0),
            ("keycloak.txt", "Yt4Wq8Er2Ui6Op0As5Df9Gh3Jk7Lz1Xc"),
            ("hydra.txt", "the-newer-hydra-secret-of-billing"),
        ] {
            workspace.write(name, text);
        }
        let mut ran = 0;
        for block in section.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next()) {
            if !block.lines().all(|line| line.starts_with("signet ")) {
                continue;
            }
            let mut command = std::process::Command::new("sh");
            command.args(["-ec", block]).env("PATH", &path).current_dir(workspace.path());
            let output = command.output().expect("a shell");
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{block}\n{said}");
            ran += block.lines().count();
        }
        assert!(ran >= 1, "no command of ours in: {section}");
        sections += 1;
    }
    assert_eq!(sections, 4);
}
