//! The JSON Schemas against the reader they come from, judged by a library that is not ours: what
//! the reader refuses because of its shape the schema refuses, and what the schema refuses the
//! reader refuses.

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};
use signet::client_auth::stored_secret;
use signet::clock::UnixTime;
use signet::config::{Loaded, Options, client_schema, client_tables, load_text};
use signet::diagnostic::human;

use crate::support::{NOW, Workspace, client_lists};

/// Findings about one value by itself, which a schema can tell. The others need other values, the
/// clock, arithmetic or the text of the YAML; these are told below, at `BEYOND_A_SCHEMA`.
pub const SHAPE: &[&str] = &[
    "SG0113", "SG0114", "SG0115", "SG0117", "SG0120", "SG0124", "SG0128", "SG0129", "SG0130", "SG0133",
    "SG0134", "SG0135", "SG0140", "SG0141", "SG0148", "SG0149", "SG0150", "SG0157", "SG0180", "SG0193",
    "SG0196", "SG0197",
];

fn validator(schema: &Value) -> Validator {
    jsonschema::draft202012::meta::validate(schema).expect("a schema of draft 2020-12");
    jsonschema::draft202012::new(schema).expect("a schema that compiles")
}

/// JSON is YAML: the text is read by the loader of client files.
fn load(list: &Value) -> Loaded {
    load_text("clients.yaml", &list.to_string(), UnixTime::from_seconds(NOW), &Options::default())
}

fn key() -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
}

fn good() -> Value {
    json!({
        "resources": [
            {"audience": "https://a.example", "scopes": ["read", "write"]},
            {"audience": "https://b.example"},
        ],
        "clients": [{
            "client_id": "a", "scope": "read",
            "credentials": [
                {"client_secret": stored_secret("a secret of thirty-two random bytes")},
                {"private_key_jwt": {"jwks": {"keys": [key()]}}},
            ],
        }],
        "teams": [{"files": "b/**", "audiences": ["https://b.example"]}],
        "registration": {
            "policies": [{"registrars": ["a"], "scope": "read", "validity": "30d"}],
            "denied": [{"registrar": "a"}],
        },
    })
}

/// By YAML 1.2, with a reader that is not ours.
pub fn yaml_as_json(text: &str) -> Option<Value> {
    serde_yaml::from_str_with_options(text, serde_yaml::options! { strict_booleans: true }).ok()
}

/// Reader and schema about one list.
fn agree(validator: &Validator, list: &Value) {
    let loaded = load(list);
    let shape = loaded.findings.iter().find(|finding| SHAPE.contains(&finding.code.id));
    let told = || human(&loaded.findings, false);
    match validator.validate(list) {
        Ok(()) => assert!(shape.is_none(), "the schema accepts {list}\n{}", told()),
        Err(error) => {
            assert!(loaded.registry.is_none(), "check accepts {list}\nthe schema says {error}\n{}", told())
        }
    }
}

/// Values that are right somewhere, and their neighbours.
fn values() -> Vec<Value> {
    let digest = stored_secret("another secret of thirty-two random bytes");
    let mut values: Vec<Value> = [
        json!(null),
        json!(true),
        json!(0),
        json!(7),
        json!(1.5),
        json!([]),
        json!({}),
        json!([1]),
        json!([null]),
        json!([[]]),
        json!({"a": 1}),
        json!([""]),
        json!(["read", "read"]),
        json!(["a b"]),
        json!({"a": "b"}),
    ]
    .into();
    let texts = [
        "",
        "a",
        "read",
        "read write",
        " read  write ",
        "re\"ad",
        "é",
        "a b",
        "at+jwt",
        "JWT",
        "at+JWT",
        "RS256",
        "HS256",
        "none",
        "client_credentials",
        "password",
        "client_secret_basic",
        "client_secret_post",
        "15m",
        "1h 30m",
        "1h30m",
        "0s",
        "0h 0m",
        "0d",
        "1d",
        "0d 1h",
        "900",
        "25h",
        "1m 1h",
        "24 hours",
        "PT15M",
        "-5m",
        "1.5h",
        " 15m",
        "2027-03-01",
        "2027-13-01",
        "2027-03-32",
        "2027-03-01T09:00:00Z",
        "2027-03-01T09:00:00",
        "2027-3-1",
        "2027-03-01T09:00:00.25+01:00",
        "2027-03-01T09:00:60Z",
        "2027-03-01T09:00Z",
        "2099-12-31T23:59:59-23:59",
        "https://a.example",
        "https://a.example/",
        "sha256:short",
        "b/*/c.yaml",
        "b/**/",
        "/b",
        "b//c",
        "../b",
        ".b/...",
        "b**",
        "***",
        "b[cd]",
        "b\\c",
        "hunter2",
        "$2b$12$abcdefghijklmnopqrstuv",
    ];
    values.extend(texts.map(Value::from));
    values.extend(
        [digest.as_str(), &digest[..49], &format!("{digest}="), &format!("{digest}A")].map(Value::from),
    );
    for length in [128, 129, 256, 257] {
        values.push("a".repeat(length).into());
        values.push("é".repeat(length).into());
        values.push(vec!["a"; length].into());
    }
    values.push(vec![json!("a"); 64].into());
    values.push(vec![json!("a"); 65].into());
    values.push(json!({"iss": 1}));
    values.push(key());
    values.push(json!({"keys": [key()]}));
    values.push(json!({"keys": [key(), {"kty": "oct", "k": "AQ"}]}));
    values.push(json!(["issuer", "array"]));
    values.push("issuer token_endpoint".into());
    values.push(json!({"": 1}));
    values.push(json!({"é".repeat(128): 1}));
    values.push(json!({"é".repeat(129): 1}));
    values.push(json!({"a": [[[[[[[1]]]]]]]}));
    values.push(json!({"a": [[[[[[[[1]]]]]]]]}));
    values.push(json!({"a": [[[[[[[[]]]]]]]]}));
    values
}

/// Where a mapping of the table stands in [`good`].
fn pointer(table: &str) -> &'static str {
    match table {
        "" => "",
        "resource" => "/resources/0",
        "client" => "/clients/0",
        "credential" => "/clients/0/credentials/0",
        "team" => "/teams/0",
        "registration" => "/registration",
        "policy" => "/registration/policies/0",
        "denied" => "/registration/denied/0",
        "private_key_jwt" => "/clients/0/credentials/1/private_key_jwt",
        other => panic!("a table that this test does not know: {other}"),
    }
}

#[test]
fn every_member_with_every_value_is_judged_alike_by_schema_and_reader() {
    let validator = validator(&client_schema());
    agree(&validator, &good());
    assert!(validator.is_valid(&good()) && load(&good()).registry.is_some());
    let mut judged = 0;
    for table in client_tables() {
        let members = table.members.iter().map(|member| member.name);
        for member in members.chain(["unknown", "Client_id"]) {
            let at = pointer(table.name);
            for value in values() {
                let mut list = good();
                list.pointer_mut(at).expect("the mapping")[member] = value;
                agree(&validator, &list);
                judged += 1;
            }
            let mut list = good();
            list.pointer_mut(at).and_then(Value::as_object_mut).expect("the mapping").remove(member);
            agree(&validator, &list);
        }
    }
    assert!(judged > 2_000, "{judged}");
}

#[test]
fn every_mapping_itself_is_judged_alike() {
    let validator = validator(&client_schema());
    for table in client_tables() {
        for value in values() {
            let mut list = good();
            *list.pointer_mut(pointer(table.name)).expect("the mapping") = value;
            agree(&validator, &list);
        }
    }
}

/// Each member of a public key that could be wrong by itself; strength is beyond a schema.
#[test]
fn public_keys_are_judged_alike() {
    let validator = validator(&client_schema());
    let (x, n) = ("l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs", "gAAB");
    let y = "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA";
    let ec = |more: &str| format!(r#"{{"kty": "EC", "crv": "P-256", "x": "{x}", "y": "{y}"{more}}}"#);
    let okp = key().to_string();
    for (text, good) in [
        (ec(""), true),
        (ec(r#", "alg": "ES256", "use": "sig", "kid": "a", "key_ops": ["verify"], "x5t": "b""#), true),
        (okp.replace("\"kty\"", "\"alg\": \"Ed25519\", \"kty\""), true),
        (ec(r#", "alg": "RS256""#), false),
        (ec(r#", "use": "enc""#), false),
        (ec(r#", "kid": 1"#), false),
        (ec(r#", "key_ops": ["sign"]"#), false),
        (ec(r#", "d": "AQ""#), false),
        (ec("").replace("P-256", "P-521"), false),
        (ec("").replace(y, "AQ"), false),
        (ec("").replace(y, &format!("{}B", &y[..42])), false),
        (ec("").replace("EC", "ec"), false),
        (okp.replace("Ed25519", "X25519"), false),
        (format!(r#"{{"kty": "RSA", "n": "{n}="}}"#), false),
        (format!(r#"{{"kty": "RSA", "n": "{n}=", "e": "AQAB"}}"#), false),
        (r#"{"kty": "oct", "k": "AQ"}"#.to_owned(), false),
        ("7".to_owned(), false),
    ] {
        let mut list = good_list_with_key(&text);
        agree(&validator, &list);
        assert_eq!(validator.is_valid(&list), good, "{text}");
        assert_eq!(load(&list).registry.is_some(), good, "{text}");
        let keys = &mut list["clients"][0]["credentials"][1]["private_key_jwt"]["jwks"]["keys"];
        *keys = vec![keys[0].clone(); 9].into();
        assert!(!validator.is_valid(&list) && load(&list).registry.is_none(), "nine keys");
    }
}

fn good_list_with_key(text: &str) -> Value {
    let mut list = good();
    list["clients"][0]["credentials"][1]["private_key_jwt"]["jwks"]["keys"][0] =
        serde_json::from_str(text).expect("JSON");
    list
}

/// Each example and default of a table is taken by schema and reader at its member.
#[test]
fn examples_and_defaults_are_good_values() {
    let schema = client_schema();
    let validator = validator(&schema);
    let mut seen = 0;
    for table in client_tables() {
        let properties = match table.name {
            "" => &schema["properties"],
            name => &schema["$defs"][name]["properties"],
        };
        for (name, member) in properties.as_object().expect("members") {
            let description = member["description"].as_str().expect("a description");
            assert!(description.ends_with('.'), "{name}: {description}");
            let examples = member["examples"].as_array().into_iter().flatten();
            for value in examples.chain(member.get("default")) {
                assert!(!value.is_null(), "{name}: no JSON");
                let mut list = good();
                let mapping = list.pointer_mut(pointer(table.name)).expect("the mapping");
                // It excludes the other members.
                if name == "client_id_sha256" {
                    *mapping = json!({});
                }
                mapping[name] = value.clone();
                assert!(validator.is_valid(&list), "{name}: {value}");
                agree(&validator, &list);
                seen += 1;
            }
        }
    }
    assert!(seen > 20, "{seen}");
}

/// Bad lists that no schema can tell from good ones, by what it would take to tell.
const BEYOND_A_SCHEMA: &[(&str, &str, &str)] = &[
    ("SG0107", "other entries", r#"{"resources": [], "clients": [{"client_id": "a", "scope": "read"}]}"#),
    (
        "SG0118",
        "other entries",
        r#"{"resources": [{"audience": "x"}], "clients": [{"client_id": "a", "audience": "x"}, {"client_id": "a", "audience": "x"}]}"#,
    ),
    ("SG0121", "other entries", r#"{"resources": [{"audience": "x"}, {"audience": "x"}]}"#),
    ("SG0122", "other entries", r#"{"clients": [{"client_id": "a", "audience": "x"}]}"#),
    ("SG0123", "what an empty list leaves over", r#"{"clients": [{"client_id": "a", "scope": []}]}"#),
    (
        "SG0125",
        "other entries",
        r#"{"resources": [{"audience": "x", "scopes": "read"}, {"audience": "y", "scopes": "read"}], "clients": [{"client_id": "a", "scope": "read"}]}"#,
    ),
    (
        "SG0126",
        "other entries",
        r#"{"resources": [{"audience": "x", "scopes": "read"}, {"audience": "y"}], "clients": [{"client_id": "a", "audience": "y", "scope": "read"}]}"#,
    ),
    (
        "SG0127",
        "two members",
        r#"{"resources": [{"audience": "x", "scopes": "read"}], "clients": [{"client_id": "a", "audience": "x", "default_scope": "read"}]}"#,
    ),
    ("SG0131", "arithmetic", r#"{"resources": [{"audience": "x", "access_token_lifetime": "23h 61m"}]}"#),
    (
        "SG0137",
        "other entries",
        r#"{"resources": [{"audience": "x"}, {"audience": "y", "typ": "JWT"}], "clients": [{"client_id": "a", "audience": ["x", "y"], "multiple_audiences": true}]}"#,
    ),
    (
        "SG0142",
        "a calendar",
        r#"{"resources": [{"audience": "x"}], "clients": [{"client_id": "a", "audience": "x", "credentials": [{"client_secret": "sha256:jinN5QfVp0RF3ReORXuKZf3b_8c2dcBEsKO0QhhCoOk", "expires": "2027-02-30"}]}]}"#,
    ),
    (
        "SG0143",
        "two members",
        r#"{"resources": [{"audience": "x"}], "clients": [{"client_id": "a", "audience": "x", "credentials": [{"client_secret": "sha256:jinN5QfVp0RF3ReORXuKZf3b_8c2dcBEsKO0QhhCoOk", "not_before": "2028-01-01", "expires": "2027-01-01"}]}]}"#,
    ),
    (
        "SG0151",
        "a digest",
        r#"{"resources": [{"audience": "x"}], "clients": [{"client_id": "a", "audience": "x", "credentials": [{"client_secret": "sha256:K7gNU3sdo-OL0wNhqoVWhr3g6s1xYv72ol_pe_Unols"}]}]}"#,
    ),
    (
        "SG0190",
        "other entries",
        r#"{"resources": [{"audience": "x"}], "registration": {"policies": [{"registrars": "a", "audience": "x", "validity": "1d"}]}}"#,
    ),
    (
        "SG0191",
        "other entries",
        r#"{"resources": [{"audience": "x"}], "clients": [{"client_id": "a", "audience": "x"}], "registration": {"policies": [{"registrars": ["a", "a"], "audience": "x", "validity": "1d"}]}}"#,
    ),
    (
        "SG0192",
        "arithmetic",
        r#"{"resources": [{"audience": "x"}], "clients": [{"client_id": "a", "audience": "x"}], "registration": {"policies": [{"registrars": "a", "audience": "x", "validity": "366d"}]}}"#,
    ),
    (
        "SG0194",
        "a word of its own",
        r#"{"resources": [{"audience": "x", "scopes": "clients:register"}], "clients": [{"client_id": "a", "audience": "x"}], "registration": {"policies": [{"registrars": "a", "scope": "clients:register", "validity": "1d"}]}}"#,
    ),
];

#[test]
fn what_is_beyond_a_schema_is_refused_by_check_alone() {
    let validator = validator(&client_schema());
    for (code, why, text) in BEYOND_A_SCHEMA {
        let list: Value = serde_json::from_str(text).expect("JSON");
        let loaded = load(&list);
        let codes: Vec<&str> = loaded.findings.iter().map(|finding| finding.code.id).collect();
        assert!(codes.contains(code) && loaded.registry.is_none(), "{code}: {codes:?}");
        assert!(!SHAPE.contains(code) && validator.is_valid(&list), "{code} ({why}): a schema can tell");
    }
    // Sums: the size of all claims, the number of scopes in one text.
    let mut sums = [good(), good()];
    sums[0]["clients"][0]["claims"] = json!({"a": "x".repeat(2_100)});
    sums[1]["resources"][0]["scopes"] = "a ".repeat(10_001).into();
    for (list, code) in sums.iter().zip(["SG0136", "SG0138"]) {
        assert!(validator.is_valid(list));
        assert!(load(list).findings.iter().any(|finding| finding.code.id == code), "{code}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn the_schema_accepts_every_valid_list(list in client_lists()) {
        let json = yaml_as_json(&list.yaml()).expect("YAML that others can read");
        let validator = jsonschema::draft202012::new(&client_schema()).expect("a schema");
        if let Err(error) = validator.validate(&json) {
            prop_assert!(false, "{error} at {}\n{}", error.instance_path(), list.yaml());
        }
    }
}

#[test]
fn the_lists_of_the_repository_pass_the_schema() {
    let validator = validator(&client_schema());
    let files = ["clients.yaml", "deploy/kustomize/base/clients/billing-worker.yaml"];
    for file in files {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let text = std::fs::read_to_string(path).expect("a file");
        let json = yaml_as_json(&text).expect("YAML");
        assert!(validator.is_valid(&json), "{file}");
    }
}

/// What a settings file may hold: each member with each value, by the schema and by the program.
#[test]
fn every_setting_with_every_value_is_judged_alike_by_schema_and_program() {
    let workspace = Workspace::ready();
    let schema = workspace.run("schema settings").json();
    let validator = validator(&schema);
    let names: Vec<&String> = schema["properties"].as_object().expect("members").keys().collect();
    assert!(names.len() > 20);
    let texts = [
        "",
        "a",
        "true",
        "1",
        "15m",
        "0s",
        "0",
        "25h",
        "90 s",
        "localhost:80",
        "127.0.0.1:80",
        "[::1]:80",
        "nowhere:80",
        "json",
        "ring",
        "auto",
        "https://a.example",
        "https://a.example:8443/t",
        "https://a.example/",
        "http://a.example",
        "http://localhost:80",
        "https://a.example?x=1",
        "https://a.example/..",
        "https://u@a.example",
        "envoy",
        "envoy,poll=90s,istio",
        "envoy, istio",
        "envoy,",
        "envoy:poll=5m,jose:poll=20m:cooldown=0s,pyjwt:cooldown=2m",
        "envoy:cooldown=2m",
        "cloudflare:poll=5m",
        "jose:cooldown=2m:poll=20m",
        "envoy:poll=0s",
        "poll=0s",
        "poll=100000s",
    ];
    let mut values: Vec<Value> = texts.map(Value::from).into();
    values.extend([
        json!(null),
        json!(true),
        json!(0),
        json!(1),
        json!(1024),
        json!(1025),
        json!(-1),
        json!(1.5),
        json!(i64::MAX),
        json!([]),
        json!(["a"]),
        json!({}),
        json!({"a": 1}),
    ]);
    for value in values {
        let file: Value = names.iter().map(|name| ((*name).clone(), value.clone())).collect();
        workspace.write("signet.yaml", &file.to_string());
        let output = workspace.run("serve --config signet.yaml --listen 127.0.0.1:0");
        assert_eq!(output.code, 3, "{value} fits every setting: {}", output.all());
        for name in &names {
            let schema_refuses = !validator.is_valid(&json!({name.as_str(): value}));
            let message = output.stderr.lines().find(|line| line.contains(&format!("`{name}`")));
            // The caps of durations are arithmetic, and a port is in range by counting.
            let beyond = message.is_some_and(|line| {
                ["at most 24h", "at most 60s", "at most 7d"].iter().any(|cap| line.contains(cap))
            });
            assert!(
                schema_refuses == message.is_some() || beyond,
                "{name}: {value}: {message:?}\n{}",
                output.stderr
            );
        }
    }
    assert!(!validator.is_valid(&json!({})) && !validator.is_valid(&json!({"unknown": 1})));
}

/// The reference pages are what the program prints. After a change of a table write them anew:
/// `cargo run -- schema clients --format markdown > docs/src/reference-clients.md`, and `settings`.
#[test]
fn the_reference_pages_are_up_to_date() {
    for of in ["clients", "settings"] {
        let printed = Workspace::empty().run(&format!("schema {of} --format markdown")).stdout;
        let file = format!("docs/src/reference-{of}.md");
        let page = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(&file));
        let again = format!("cargo run -- schema {of} --format markdown > {file}");
        assert!(page.is_ok_and(|page| page == printed), "{file} is out of date: {again}");
        for line in printed.lines().filter(|line| line.starts_with("| `")) {
            assert!(!line.contains("null") && !line.contains("|  |  |"), "{line}");
        }
    }
}
