//! `signet why` says what the server answers: the same requests to both, over a table that meets
//! every reason and over drawn lists; then what it says to people.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::Value;
use signet::client_auth::registered::Clients;
use signet::client_auth::{Memory, Outcomes};
use signet::clock::UnixTime;
use signet::issuer::{
    About, Check, Issuer, IssuerSettings, Question, Ready, Setting, Step, TokenRequest, why,
};
use signet::keys::{self, Keyring, LoadOptions};
use signet::oauth::IssuerUrl;
use signet::token::MintSettings;

use crate::support::assertion::ClientKey;
use crate::support::{
    CLIENTS, ISSUER, NOW, Options, Output, TestServer, Workspace, basic, client_lists, percent, secret,
    write_key,
};

fn encoded(text: &str) -> String {
    percent(text.as_bytes())
}

const AT: &str = "2026-11-23T12:00:00Z";

/// A request as `why` and as the token endpoint get it.
struct Case {
    client: &'static str,
    secret: String,
    /// Words for `why`, separated by `|`.
    asked: &'static str,
    method: &'static str,
}

fn case(client: &'static str, asked: &'static str) -> Case {
    Case { client, secret: secret(client), asked, method: "client_secret_basic" }
}

impl Case {
    fn words(&self) -> Vec<String> {
        self.asked.split('|').filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    fn ask_why(&self, server: &TestServer, at: &str) -> Output {
        let workspace = Workspace::empty();
        let mut command = workspace.command();
        command.args([
            "why",
            "--format",
            "json",
            "--client",
            self.client,
            "--method",
            self.method,
            "--at",
            at,
        ]);
        command.arg("--clients").arg(server.clients_file());
        command.arg("--keys").arg(server.directory.path().join("keys")).args(self.words());
        let output = command.output().expect("signet");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Output {
            code: output.status.code().expect("a code"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    fn ask_server(&self, server: &TestServer) -> crate::support::Response {
        let mut form = String::new();
        let mut grant = "client_credentials".to_owned();
        for pair in self.words().chunks(2) {
            match (pair[0].trim_start_matches("--"), &pair[1]) {
                ("grant", value) => grant.clone_from(value),
                (name, value) => form.push_str(&format!("&{name}={}", encoded(value))),
            }
        }
        form = format!("grant_type={}{form}", encoded(&grant));
        match self.method {
            "client_secret_post" => server.post(&format!(
                "{form}&client_id={}&client_secret={}",
                self.client,
                encoded(&self.secret)
            )),
            _ => server.basic(&format!("{}:{}", self.client, encoded(&self.secret)), &form),
        }
    }
}

fn assert_same(server: &TestServer, case: &Case, at: &str, met: &mut BTreeSet<String>) {
    let (output, response) = (case.ask_why(server, at), case.ask_server(server));
    let what = format!("{} {}: {}", case.client, case.asked, output.all());
    let why = output.json();
    assert_eq!(why["would_issue"], Value::Bool(response.status == 200), "{what}");
    if response.status != 200 {
        assert_eq!(output.code, 1, "{what}");
        assert_eq!(why["refusal"]["error"], response.json()["error"], "{what}");
        assert_eq!(why["refusal"]["message"], response.json()["error_description"], "{what}");
        met.insert(why["refusal"]["code"].as_str().expect("a code").to_owned());
        return;
    }
    assert_eq!(output.code, 0, "{what}");
    let token = server.judge(&response);
    assert_eq!(why["token"]["expires_in"], response.json()["expires_in"], "{what}");
    assert_eq!(why["token"]["scope"], *response.json().get("scope").unwrap_or(&Value::from("")), "{what}");
    let audience = &why["token"]["audience"];
    assert!(*audience == token.claims["aud"] || audience[0] == token.claims["aud"], "{what}");
    for member in ["typ", "alg", "kid"] {
        assert_eq!(why["token"][member], token.header[member], "{what}");
    }
    assert!(why["checks"].as_array().expect("checks").iter().all(|check| check["passed"] != false), "{what}");
}

#[test]
fn why_answers_what_the_server_answers_for_every_reason_there_is() {
    let clients = format!(
        "{CLIENTS}  - client_id: none-by-default\n    credentials:\n      - client_secret: \
         ${{secret:none-by-default-secret-of-the-tests}}\n    scope: invoices:read\n    default_scope: []\n"
    );
    let server = TestServer::with(Options { clients, reveal_reasons: true, ..Options::default() });
    let mut met = BTreeSet::new();
    let many: String = (0..17).map(|n| format!("--resource|https://r{n}.example|")).collect();
    let many: &'static str = many.leak();
    let with_secret =
        |secret: &str| Case { secret: format!("{secret}-secret-of-the-tests"), ..case("dated", "") };
    let cases = [
        case("worker", ""),
        case("worker", "--scope|invoices:read"),
        case("worker", "--scope|invoices:write  invoices:read invoices:write"),
        case("worker", "--audience|https://invoices.example.com"),
        case("worker", "--resource|https://invoices.example.com|--audience|https://invoices.example.com"),
        case("other", "--scope|search:read"),
        case("both", "--audience|plain-name"),
        case("both", "--scope|search:read"),
        case("defaults", ""),
        case("many", "--audience|plain-name|--audience|https://invoices.example.com"),
        case("claims", ""),
        with_secret("current"),
        Case { method: "client_secret_post", ..case("post-only", "") },
        // Refused.
        case("worker", "--scope|invoices:delete"),
        case("worker", "--scope|Invoices:read"),
        case("worker", "--scope|search:read"),
        case("worker", "--scope|invoices:read \"quoted\""),
        case("worker", "--audience|https://search.example.com"),
        case("worker", "--audience|https://invoices.example.com/"),
        case("worker", "--resource|relative"),
        case("worker", many),
        case("worker", "--grant|password"),
        case("both", ""),
        case("both", "--scope|invoices:read search:read"),
        case("both", "--audience|plain-name|--audience|https://invoices.example.com"),
        case("both", "--resource|https://search.example.com|--audience|https://invoices.example.com"),
        case("both", "--audience|https://search.example.com|--scope|invoices:read"),
        case("none-by-default", ""),
        case("nobody", ""),
        case("disabled", ""),
        case("no-grant", ""),
        case("no-credential", ""),
        case("post-only", ""),
    ];
    for case in &cases {
        assert_same(&server, case, AT, &mut met);
    }
    // Of the dates of one credential, the other two removed.
    for (secret, text) in [("expired", "expires: 2026-11-01"), ("future", "not_before: 2027-01-01")] {
        let list = format!(
            "resources: [{{audience: a, scopes: [x]}}]\nclients:\n  - client_id: dated\n    scope: x\n    credentials:\n      \
             - client_secret: ${{secret:{secret}-secret-of-the-tests}}\n        {text}\n"
        );
        let server = TestServer::with(Options { clients: list, reveal_reasons: true, ..Options::default() });
        assert_same(&server, &with_secret(secret), AT, &mut met);
    }
    // Before the first key is active.
    server.clock.set(UnixTime::from_seconds(NOW - 30 * 86_400));
    assert_same(&server, &case("worker", ""), "2026-10-24T12:00:00Z", &mut met);
    // Everything that is not about a proof, about HTTP, or about a machine that fails.
    let elsewhere = [
        "bad_form_encoding",
        "grant_type_missing",
        "two_credentials",
        "client_id_mismatch",
        "authorization_malformed",
        "credentials_missing",
        "secret_wrong",
        "secret_typo",
        "method_unsupported",
        "signing_failed",
        "too_many_failures",
        "client_keys_unavailable",
        "software_statement",
    ];
    // Assertions and registered clients have tests of their own.
    let prefixes = ["assertion_", "replay_", "registration_", "metadata_"];
    let expected: BTreeSet<String> = signet::issuer::reasons()
        .map(|reason| reason.code)
        .filter(|code| {
            !elsewhere.contains(&code.name) && !prefixes.iter().any(|prefix| code.name.starts_with(prefix))
        })
        .map(|code| code.id.to_owned())
        .collect();
    assert_eq!(met, expected);
}

fn keyring() -> &'static Keyring {
    static KEYRING: std::sync::OnceLock<Keyring> = std::sync::OnceLock::new();
    KEYRING.get_or_init(|| {
        let directory = tempfile::tempdir().expect("a directory");
        write_key(directory.path(), "20200101T000000Z.rs256.pem");
        let retention = signet::inputs::retention(5);
        let options = LoadOptions { backend: None, retention, require_private_permissions: true };
        let (keyring, findings) = keys::load(directory.path(), UnixTime::from_seconds(NOW), &options);
        keyring.unwrap_or_else(|| panic!("{}", signet::diagnostic::human(&findings, false)))
    })
}

/// The secret that does best at `now`.
fn best_secret(secrets: &[&str], client: &signet::client::Client) -> String {
    let now = UnixTime::from_seconds(NOW);
    let live = |at: &usize| {
        let validity = client.credentials[*at].validity;
        validity.expires.is_none_or(|end| now < end) && validity.not_before.is_none_or(|start| start <= now)
    };
    let at = (0..secrets.len()).find(live).unwrap_or(0);
    (*secrets.get(at).unwrap_or(&"none")).to_owned()
}

/// Names that exist somewhere in the list, and one that does not.
fn picked(names: &[String], choice: &[prop::sample::Index]) -> Vec<String> {
    let all: Vec<&str> = names.iter().map(String::as_str).chain(["https://nowhere.example"]).collect();
    choice.iter().map(|index| (*index.get(&all)).to_owned()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn why_and_the_pipeline_agree_on_drawn_lists_and_questions(
        list in client_lists(),
        scopes in prop::option::of(prop::collection::vec(any::<prop::sample::Index>(), 0..3)),
        resources in prop::collection::vec(any::<prop::sample::Index>(), 0..2),
        audiences in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
    ) {
        let now = UnixTime::from_seconds(NOW);
        let load = || {
            let loaded = signet::config::load_text("c.yaml", &list.yaml(), now, &Default::default());
            loaded.registry.expect("a drawn list loads")
        };
        let registry = load();
        let mint = MintSettings {
            issuer: IssuerUrl::parse(ISSUER).expect("an issuer"),
            access_token_lifetime_seconds: 900,
            clock_allowance_seconds: 5,
        };
        let settings =
            IssuerSettings { mint, reveal_reasons: true, authorization_endpoint: true, publish_scopes: true };
        let issuer = Issuer::new(settings, load(), std::sync::Arc::new(keyring().clone()), "r");
        let names = |of: fn(&signet::client::Resource) -> Vec<String>| -> Vec<String> {
            registry.resources().iter().flat_map(|resource| of(resource)).collect()
        };
        let all_scopes = names(|resource| resource.scopes.iter().map(|scope| scope.as_str().to_owned()).collect());
        let all_audiences = names(|resource| vec![resource.audience.to_string()]);
        let scope = scopes.map(|scopes| picked(&all_scopes, &scopes).join(" "));
        let (resources, audiences) = (picked(&all_audiences, &resources), picked(&all_audiences, &audiences));
        for entry in &list.clients {
            let client = registry.find(&entry.client_id).expect("a client");
            let method = client.token_endpoint_auth_method.unwrap_or("client_secret_basic");
            let question = Question {
                client_id: &entry.client_id,
                grant_type: "client_credentials",
                scope: scope.as_deref(),
                resources: &resources,
                audiences: &audiences,
                methods: &[method],
            };
            let setting = Setting { access_token_lifetime_seconds: 900, keyring: Some(keyring()), now };
            let known = Clients::listed(&registry);
            let answer = why(&known, &question, &setting);
            let mut form = "grant_type=client_credentials".to_owned();
            form.extend(scope.iter().map(|scope| format!("&scope={}", encoded(scope))));
            form.extend(resources.iter().map(|name| format!("&resource={}", encoded(name))));
            form.extend(audiences.iter().map(|name| format!("&audience={}", encoded(name))));
            let secrets: Vec<&str> = entry.credentials.iter().map(|one| one.secret.as_str()).collect();
            let secret = best_secret(&secrets, client);
            let header = basic(format!("{}:{}", encoded(&entry.client_id), encoded(&secret)).as_bytes());
            let mut authorization: Vec<&[u8]> = vec![header.as_bytes()];
            if method == "client_secret_post" {
                authorization.clear();
                form.push_str(&format!("&client_id={}&client_secret={secret}", encoded(&entry.client_id)));
            }
            let request = TokenRequest {
                form: form.as_bytes(), authorization: &authorization, outcomes: &Outcomes::default(),
            };
            let Step::Prepared(prepared) = issuer.token(&request, &Memory::default(), now) else { panic!("no secret is slow here") };
            match (answer.outcome, prepared.token) {
                (Ok(would), Ok(Ready::Unsigned(token))) => {
                    let token = token.with_signature(b"", std::time::Duration::ZERO);
                    prop_assert_eq!(would.reach.scope(), token.scope);
                    prop_assert_eq!(would.lifetime.seconds, token.lifetime_seconds);
                    prop_assert_eq!(would.kid.as_deref(), Some(token.kid.as_str()));
                    let audiences: Vec<&str> =
                        would.reach.resources().map(|resource| resource.audience.as_str()).collect();
                    prop_assert_eq!(audiences.join(" "), prepared.record.audience);
                    let of_credential = |check: &Check<'_>| matches!(check.about, About::Credential { .. });
                    let passed = answer.checks.iter().all(|check| check.verdict.is_ok() || of_credential(check));
                    prop_assert!(passed);
                }
                (Err(would), Err(refusal)) => {
                    prop_assert_eq!(would.private_description(), refusal.private_description());
                    prop_assert_eq!(would.reason, refusal.reason);
                    let shown = answer.checks.iter().any(|check| {
                        check.verdict.as_ref().is_err_and(|part| part.reason == would.reason)
                    });
                    prop_assert!(shown, "no check shows {}", would.private_description());
                }
                (would, token) => prop_assert!(
                    false, "why: {:?}, server: {:?}\n{}\n{form}", would, token.map(|_| "a token"), list.yaml()
                ),
            }
        }
    }
}

/// The list of the design's example, two files of a directory.
fn workspace() -> Workspace {
    let workspace = Workspace::empty();
    workspace.write(
        "clients/_resources.yaml",
        "resources:\n  - audience: https://invoices.example.com\n    scopes: [invoices:read, invoices:write]\n    \
         access_token_lifetime: 10m\n  - audience: https://search.example.com\n    scopes: [search:read]\n",
    );
    workspace.write(
        "clients/payments/billing-worker.yaml",
        "clients:\n  - client_id: billing-worker\n    credentials:\n      - client_secret: \
         ${secret:old-secret-of-the-tests}\n        expires: 2026-11-01\n      - client_secret: \
         ${secret:new-secret-of-the-tests}\n        expires: 2027-01-23\n    scope:\n      - invoices:read\n",
    );
    workspace.key("keys");
    workspace
}

fn human(arguments: &str) -> Output {
    let output = workspace().run(&format!("why --clients clients --at {AT} {arguments}"));
    let text = &output.stdout;
    Output { stdout: masked(text), ..output }
}

/// A revision depends on the bytes of the files.
fn masked(text: &str) -> String {
    match text.split_once("(revision ") {
        Some((before, after)) => format!("{before}(revision ============{}", &after[12..]),
        None => text.to_owned(),
    }
}

#[test]
fn each_step_has_the_line_that_decides_it_and_a_refusal_says_where_to_mend_it() {
    let asked = "--scope invoices:write --audience https://invoices.example.com";
    let output = human(&format!("--client billing-worker {asked}"));
    assert_eq!((output.code, output.stderr.as_str()), (1, ""));
    insta::assert_snapshot!(output.stdout, @r"
    ✓ client exists                          clients/payments/billing-worker.yaml:2  (revision ============)
    · credential 1 of 2 expired              clients/payments/billing-worker.yaml:4  client_secret, since 2026-11-01
    ✓ credential 2 of 2 live                 clients/payments/billing-worker.yaml:6  client_secret, expires in 60 days (2027-01-23)
    ✓ may authenticate                       clients/payments/billing-worker.yaml:3  client_secret_basic, client_secret_post
    ✓ grant allowed                          client_credentials
    ✓ audience https://invoices.example.com  clients/_resources.yaml:2
    ✗ scope invoices:write                   clients/payments/billing-worker.yaml:8  granted to this client: invoices:read
    ⇒ would answer invalid_scope (SG0503). Add it at clients/payments/billing-worker.yaml:8
    ");
}

#[test]
fn a_token_that_would_be_issued_is_described() {
    let output = human("--client billing-worker --keys keys");
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    let kid = output.stdout.lines().find(|line| line.contains("key for")).expect("a key");
    let masked = output.stdout.replace(kid, "  ✓ key for RS256               (kid)");
    insta::assert_snapshot!(masked, @r"
    ✓ client exists                          clients/payments/billing-worker.yaml:2  (revision ============)
    · credential 1 of 2 expired              clients/payments/billing-worker.yaml:4  client_secret, since 2026-11-01
    ✓ credential 2 of 2 live                 clients/payments/billing-worker.yaml:6  client_secret, expires in 60 days (2027-01-23)
    ✓ may authenticate                       clients/payments/billing-worker.yaml:3  client_secret_basic, client_secret_post
    ✓ grant allowed                          client_credentials
    ✓ audience https://invoices.example.com  clients/_resources.yaml:2
    ✓ scope invoices:read                    clients/payments/billing-worker.yaml:9
    ✓ lifetime 10m                           clients/_resources.yaml:4  that of https://invoices.example.com
    ✓ key for RS256               (kid)
    ⇒ would answer 200: scope invoices:read for https://invoices.example.com, valid for 10m
    ");
}

#[test]
fn everything_that_is_missing_shows_at_once_and_the_first_refusal_decides() {
    let output = human("--client billing-worker --scope nothing --scope-x").code;
    assert_eq!(output, 2);
    let asked = "--resource https://search.example.com --audience https://serch.example.com";
    let workspace = workspace();
    let mut command = workspace.command();
    command.args(["why", "--clients", "clients", "--at", "2028-01-01", "--client", "billing-worker"]);
    command.args(asked.split(' ')).args(["--scope", "invoices:read invoice:write search:read"]);
    let output = command.output().expect("signet");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    insta::assert_snapshot!(masked(&text), @r"
    ✓ client exists                        clients/payments/billing-worker.yaml:2  (revision ============)
    · credential 1 of 2 expired            clients/payments/billing-worker.yaml:4  client_secret, since 2026-11-01
    · credential 2 of 2 expired            clients/payments/billing-worker.yaml:6  client_secret, since 2027-01-23
    ✗ may authenticate                     clients/payments/billing-worker.yaml:3  the credential is right but has expired
    ✓ grant allowed                        client_credentials
    ✗ audience https://search.example.com  clients/_resources.yaml:5  granted to this client: https://invoices.example.com
    ✗ audience https://serch.example.com   granted to this client: https://invoices.example.com
    ✓ scope invoices:read                  clients/payments/billing-worker.yaml:9
    ✗ scope invoice:write                  clients/payments/billing-worker.yaml:8  granted to this client: invoices:read
    ✗ scope search:read                    clients/payments/billing-worker.yaml:8  granted to this client: invoices:read
    ⇒ would answer invalid_client (SG0520). No credential is in force; add one at clients/payments/billing-worker.yaml:3: signet secret new
    ");
}

#[test]
fn the_advice_names_the_nearest_spelling_and_the_place() {
    for (arguments, advice) in [
        ("--client biling-worker", "Did you mean `billing-worker` (clients/payments/billing-worker.yaml:2)?"),
        ("--client zzz", "No client has this id"),
        (
            "--client billing-worker --scope invoices:wite",
            "No resource defines it; did you mean `invoices:write` (clients/_resources.yaml:3)?",
        ),
        ("--client billing-worker --scope nothing", "No resource defines it"),
        ("--client billing-worker --scope search:read", "Add it at clients/payments/billing-worker.yaml:8"),
        (
            "--client billing-worker --audience https://search.example.com",
            "Grant the client a scope of it, or add it to `audience`, at clients/payments/billing-worker.yaml:2",
        ),
        (
            "--client billing-worker --audience https://invoice.example.com",
            "No resource has this audience; did you mean `https://invoices.example.com` (clients/_resources.yaml:2)?",
        ),
        (
            "--client billing-worker --at 2027-02-01",
            "No credential is in force; add one at clients/payments/billing-worker.yaml:3: signet secret new",
        ),
        (
            "--client billing-worker --method private_key_jwt",
            "It has no credential for that; add one at clients/payments/billing-worker.yaml:3",
        ),
    ] {
        let arguments = match arguments.contains("--at") {
            true => arguments.to_owned(),
            false => format!("{arguments} --at {AT}"),
        };
        let output = workspace().run(&format!("why --clients clients {arguments}"));
        assert_eq!(output.code, 1, "{}", output.all());
        let last = output.stdout.lines().last().expect("a verdict");
        assert!(last.ends_with(advice), "{arguments}: {last}");
    }
}

#[test]
fn a_list_or_keys_with_errors_are_shown_and_exit_with_3() {
    let workspace = Workspace::empty();
    workspace.write("clients.yaml", "clients: [{client_id: x, scope: nothing}]");
    for format in ["human", "json"] {
        let output = workspace.run(&format!("why --client x --format {format}"));
        assert_eq!(output.code, 3);
        assert!(output.all().contains("SG0107"), "{}", output.all());
    }
    let ready = Workspace::ready();
    let output = ready.run("why --client worker --keys nowhere");
    assert_eq!((output.code, output.stdout.as_str()), (3, ""));
    assert!(output.stderr.contains("error[SG02"), "{}", output.stderr);
}

#[test]
fn the_json_is_versioned_and_holds_the_checks_with_their_places() {
    let output = workspace().run(&format!(
        "why --clients clients --at {AT} --client billing-worker --scope invoices:write --format json"
    ));
    let json = output.json();
    assert_eq!((&json["version"], &json["at"]), (&1.into(), &AT.into()));
    assert_eq!(json["token"], Value::Null);
    assert_eq!(json["refusal"]["code"], "SG0503");
    assert_eq!(json["refusal"]["help"], "Add it at clients/payments/billing-worker.yaml:8");
    let scope = json["checks"].as_array().expect("checks").iter().find(|check| check["passed"] == false);
    assert_eq!(
        scope.expect("a refused check"),
        &serde_json::json!({
            "check": "scope invoices:write",
            "passed": false,
            "detail": "granted to this client: invoices:read",
            "code": "SG0503",
            "file": "clients/payments/billing-worker.yaml",
            "line": 8,
        })
    );
    assert!(!output.stdout.contains("sha256"));
}

/// A client that has a secret and keys: which of them are in force, where the keys come from, and what
/// a request by each method would meet.
#[test]
fn credentials_of_every_kind_are_told_with_their_keys_and_what_each_method_would_meet() {
    let key = ClientKey::ed25519();
    let list = |more: &str| {
        format!(
            "resources: [{{audience: a, scopes: [x]}}]\nclients:\n  - client_id: c\n    scope: x\n{more}    \
             credentials:\n      - client_secret: ${{secret:old-secret-of-the-tests}}\n        expires: 2026-11-01\n      \
             - private_key_jwt: {{jwks_file: c.pem}}\n      - private_key_jwt: {{jwks_uri: \
             \"https://keys.example.com/c\"}}\n        not_before: 2027-01-01\n"
        )
    };
    let workspace = Workspace::empty();
    workspace.write("c.pem", &key.pem());
    workspace.write("clients.yaml", &list(""));
    let ask = |more: &str| {
        let output = workspace.run(&format!("why --client c --at {AT} {more}"));
        let credentials =
            |line: &&str| ["credential", "method", "may", "⇒"].iter().any(|word| line.contains(word));
        (output.code, masked(&output.stdout).lines().filter(credentials).collect::<Vec<_>>().join("\n"))
    };
    let thumbprint = workspace.run("clients show c --format json").stdout;
    let thumbprint =
        thumbprint.split("key EdDSA ").nth(1).and_then(|rest| rest.get(..43)).expect("a thumbprint");
    let shown = |text: String| text.replace(thumbprint, "THUMBPRINT");
    let by_any = ask("");
    let by_secret = ask("--method client_secret_basic");
    workspace.write("clients.yaml", &list("    token_endpoint_auth_method: client_secret_post\n"));
    let pinned = ask("");
    assert_eq!([by_any.0, by_secret.0, pinned.0], [0, 1, 1]);
    insta::assert_snapshot!(shown([by_any.1, by_secret.1, pinned.1].join("\n\n")), @r"
    · credential 1 of 3 expired        clients.yaml:6  client_secret, since 2026-11-01
    ✓ credential 2 of 3 live           clients.yaml:8  private_key_jwt, jwks_file c.pem, never expires, key EdDSA THUMBPRINT
    · credential 3 of 3 not yet valid  clients.yaml:9  private_key_jwt, jwks_uri, fetched in the background, from 2027-01-01, keys of https://keys.example.com/c
    ✓ may authenticate                 clients.yaml:5  private_key_jwt
    · method client_secret_basic       clients.yaml:5  the credential is right but has expired
    · method client_secret_post        clients.yaml:5  the credential is right but has expired
    ✓ grant allowed                    client_credentials
    ⇒ would answer 200: scope x for a, valid for 15m

    · credential 1 of 3 expired        clients.yaml:6  client_secret, since 2026-11-01
    ✓ credential 2 of 3 live           clients.yaml:8  private_key_jwt, jwks_file c.pem, never expires, key EdDSA THUMBPRINT
    · credential 3 of 3 not yet valid  clients.yaml:9  private_key_jwt, jwks_uri, fetched in the background, from 2027-01-01, keys of https://keys.example.com/c
    ✗ may authenticate                 clients.yaml:5  the credential is right but has expired
    ✓ grant allowed                    client_credentials
    ⇒ would answer invalid_client (SG0520). Its credential for private_key_jwt is in force; or add one at clients.yaml:5

    · credential 1 of 3 expired        clients.yaml:7  client_secret, since 2026-11-01
    ✓ credential 2 of 3 live           clients.yaml:9  private_key_jwt, jwks_file c.pem, never expires, key EdDSA THUMBPRINT
    · credential 3 of 3 not yet valid  clients.yaml:10  private_key_jwt, jwks_uri, fetched in the background, from 2027-01-01, keys of https://keys.example.com/c
    ✗ may authenticate                 clients.yaml:5  the credential is right but has expired
    · method client_secret_basic       clients.yaml:5  the client may not use this authentication method
    · method private_key_jwt           clients.yaml:5  the client may not use this authentication method
    ✓ grant allowed                    client_credentials
    ⇒ would answer invalid_client (SG0520). No credential is in force; add one at clients.yaml:6: signet secret new
    ");
}
