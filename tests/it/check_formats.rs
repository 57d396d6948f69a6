//! `signet check` in its five formats: shapes as snapshots, SARIF against the schema of the
//! standard, and in none of them a secret or a way out of the format.

use std::path::Path;

use serde_json::Value;

use crate::support::{Output, Workspace};

/// One error, one warning and one note, and text that every format has to escape.
const LIST: &str = r#"resources:
  - audience: https://invoices.example.com
    scopes: [invoices:read, "%|`<b>,"]
    typ: JWT
clients:
  - client_id: worker
    credentials:
      - client_secret: ${secret:worker-secret-of-the-tests}
        expires: 2020-01-01
      - client_secret: ${secret:worker-second-secret-of-the-tests}
    scope: [invoices:read, "%|`<b>", invoice:read]
"#;
/// The stored form of the first secret must not be seen either.
const SECRET: &str = "worker-secret-of-the-tests";

fn check(list: &str, arguments: &str) -> Output {
    let workspace = Workspace::empty();
    workspace.write("clients.yaml", list);
    workspace.run(&format!("check --clients-only {arguments}"))
}

#[test]
fn people_get_errors_and_warnings_and_with_v_notes() {
    let output = check(LIST, "");
    assert_eq!((output.code, output.stdout.as_str()), (1, ""));
    assert!(output.stderr.ends_with("\n2 errors, 1 warning in 1 file\n"), "{}", output.stderr);
    assert!(!output.stderr.contains("note["));
    let verbose = check(LIST, "-v");
    assert!(verbose.stderr.contains("note[SG0160]"), "{}", verbose.stderr);
    assert!(verbose.stderr.ends_with("\n2 errors, 1 warning, 1 note in 1 file\n"), "{}", verbose.stderr);
}

#[test]
fn json_carries_places_reasons_and_counts() {
    let output = check(LIST, "--format json");
    assert_eq!((output.code, output.stderr.as_str()), (1, ""));
    let json = output.json();
    let counts: Vec<_> = ["version", "errors", "warnings", "notes"].map(|name| json[name].clone()).into();
    assert_eq!(counts, [1, 2, 1, 1]);
    let finding = json["findings"].as_array().expect("a list").iter().find(|finding| finding["line"] == 11);
    insta::assert_json_snapshot!(finding.expect("a finding"), @r#"
    {
      "code": "SG0107",
      "column": 28,
      "docs": "/errors/SG0107",
      "end_column": 36,
      "end_line": 11,
      "file": "clients.yaml",
      "help": "did you mean `%|`<b>,` (clients.yaml:3)?",
      "line": 11,
      "message": "client `worker` asks for scope `%|`<b>`, which no resource defines",
      "name": "scope_undefined",
      "reason": "no resource defines this",
      "related": [],
      "severity": "error"
    }
    "#);
}

#[test]
fn github_gets_one_workflow_command_a_finding() {
    let output = check(LIST, "--format github");
    assert_eq!((output.code, output.stderr.as_str()), (1, "2 errors, 1 warning, 1 note in 1 file\n"));
    insta::assert_snapshot!(output.stdout, @r"
    ::notice file=clients.yaml,line=4,endLine=4,col=10,endColumn=13,title=SG0160 typ_jwt::resource `https://invoices.example.com` takes tokens of the type JWT%0Ahelp: drop the line when the resource server accepts `at+jwt`%0Amore: signet explain SG0160
    ::warning file=clients.yaml,line=9,endLine=9,col=18,endColumn=28,title=SG0144 credential_outdated::a credential of client `worker` has expired%0Ahelp: remove it%0Amore: signet explain SG0144
    ::error file=clients.yaml,line=11,endLine=11,col=28,endColumn=36,title=SG0107 scope_undefined::client `worker` asks for scope `%25|`<b>`, which no resource defines%0Ahelp: did you mean `%25|`<b>,` (clients.yaml:3)?%0Amore: signet explain SG0107
    ::error file=clients.yaml,line=11,endLine=11,col=38,endColumn=50,title=SG0107 scope_undefined::client `worker` asks for scope `invoice:read`, which no resource defines%0Ahelp: did you mean `invoices:read` (clients.yaml:3)?%0Amore: signet explain SG0107
    ");
}

/// The schema of the OASIS Standard, by a library that is not ours.
pub fn is_sarif(log: &Value) -> Result<(), String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sarif/sarif-schema-2.1.0.json");
    let schema: Value =
        serde_json::from_str(&std::fs::read_to_string(path).expect("the schema")).expect("JSON");
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
    let errors: Vec<String> =
        validator.iter_errors(log).map(|error| format!("{}: {error}", error.instance_path())).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.join("\n")) }
}

#[test]
fn sarif_follows_the_schema_of_the_standard() {
    let workspace = Workspace::ready();
    workspace.write("lists/a b.yaml", LIST);
    workspace.write("lists/second.yaml", "clients:\n  - client_id: worker\n    scope: invoices:read\n");
    workspace.write("keys/extra.txt", "x");
    let absolute = workspace.path().canonicalize().expect("a path").join("lists");
    for arguments in [
        "--clients lists",
        "--clients lists --keys none",
        "--clients nowhere --keys none",
        "--clients-only --clients ./lists",
        &format!("--clients {}", absolute.display()),
        "",
    ] {
        let output = workspace.run(&format!("check --format sarif {arguments}"));
        let log = output.json();
        is_sarif(&log).unwrap_or_else(|errors| panic!("{arguments}: {errors}\n{log:#}"));
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
        for result in run["results"].as_array().expect("results") {
            let rule =
                &rules[usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small")];
            assert_eq!(rule["id"], result["ruleId"]);
            let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str();
            let uri = uri.expect("a uri");
            assert!(!uri.starts_with('/') && !uri.starts_with("./") && !uri.contains(' '), "{uri}");
        }
    }
    let log = workspace.run("check --format sarif --clients lists --clients-only").json();
    insta::assert_json_snapshot!(log["runs"][0]["results"][0], @r#"
    {
      "level": "note",
      "locations": [
        {
          "physicalLocation": {
            "artifactLocation": {
              "uri": "lists/a%20b.yaml",
              "uriBaseId": "%SRCROOT%"
            },
            "region": {
              "endColumn": 13,
              "endLine": 4,
              "startColumn": 10,
              "startLine": 4
            }
          }
        }
      ],
      "message": {
        "text": "resource `https://invoices.example.com` takes tokens of the type JWT\nhelp: drop the line when the resource server accepts `at+jwt`"
      },
      "ruleId": "SG0160",
      "ruleIndex": 4
    }
    "#);
    insta::assert_json_snapshot!(log["runs"][0]["tool"]["driver"]["rules"][0], @r#"
    {
      "defaultConfiguration": {
        "level": "error"
      },
      "fullDescription": {
        "text": "Scopes are defined by resources (`resources: - audience: … scopes: […]`); a client is granted some of them. A scope that no resource defines has no audience, so no token could carry it. Correct the spelling (scopes are case-sensitive), or define the scope at its resource."
      },
      "help": {
        "markdown": "**a client asks for a scope that no resource defines**\n\nScopes are defined by resources (`resources: - audience: … scopes: […]`); a client is granted some of them. A scope that no resource defines has no audience, so no token could carry it. Correct the spelling (scopes are case-sensitive), or define the scope at its resource.",
        "text": "SG0107 (scope_undefined)\na client asks for a scope that no resource defines\n\nScopes are defined by resources (`resources: - audience: … scopes: […]`); a client is granted some of them. A scope that no resource defines has no audience, so no token could carry it. Correct the spelling (scopes are case-sensitive), or define the scope at its resource.\n"
      },
      "id": "SG0107",
      "name": "scope_undefined",
      "shortDescription": {
        "text": "a client asks for a scope that no resource defines"
      }
    }
    "#);
}

#[test]
fn the_schema_refuses_what_is_nearly_sarif() {
    let good = check(LIST, "--format sarif").json();
    is_sarif(&good).expect("good");
    for (pointer, value) in [
        ("/version", "2.2.0".into()),
        ("/runs/0/results/0/level", "fatal".into()),
        ("/runs/0/results/0/message", Value::Null),
        ("/runs/0/results/0/locations/0/physicalLocation/region/startLine", 0.into()),
        ("/runs/0/columnKind", "bytes".into()),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
        assert!(is_sarif(&bad).is_err(), "{pointer}");
    }
}

#[test]
fn markdown_is_a_comment_for_a_pull_request() {
    let output = check(LIST, "--format markdown");
    assert_eq!((output.code, output.stderr.as_str()), (1, ""));
    let (table, explained) = output.stdout.split_once("\n<details>\n").expect("a fold");
    insta::assert_snapshot!(table, @r"
    ### signet check: 2 errors, 1 warning, 1 note in 1 file

    | | where | what |
    |---|---|---|
    | note SG0160 | <code>clients.yaml&#58;4</code> | resource <code>https&#58;//invoices.example.com</code> takes tokens of the type JWT<br>drop the line when the resource server accepts <code>at&#43;jwt</code> |
    | warning SG0144 | <code>clients.yaml&#58;9</code> | a credential of client <code>worker</code> has expired<br>remove it |
    | error SG0107 | <code>clients.yaml&#58;11</code> | client <code>worker</code> asks for scope <code>&#37;&#124;</code>\<b\><code>&#44; which no resource defines</code><br>did you mean <code>&#37;&#124;</code>\<b\>,<code> &#40;clients.yaml&#58;3&#41;&#63;</code> |
    | error SG0107 | <code>clients.yaml&#58;11</code> | client <code>worker</code> asks for scope <code>invoice&#58;read</code>, which no resource defines<br>did you mean <code>invoices&#58;read</code> (clients.yaml:3)? |
    ");
    assert!(explained.contains("**SG0107** a client asks for a scope that no resource defines\n"));
    assert!(explained.ends_with("\n</details>\n"));
    let nothing = check(GOOD, "--format markdown");
    assert_eq!((nothing.code, nothing.stdout.as_str()), (0, "### signet check: no findings\n"));
}

const GOOD: &str = r"resources:
  - audience: https://invoices.example.com
    scopes: [invoices:read]
clients:
  - client_id: worker
    credentials:
      - client_secret: ${secret:worker-secret-of-the-tests}
    scope: invoices:read
";

#[test]
fn every_format_of_a_good_list_is_well_formed_and_ends_with_0() {
    for format in ["human", "json", "github", "sarif", "markdown"] {
        let output = check(GOOD, &format!("--format {format}"));
        assert_eq!(output.code, 0, "{format}: {}", output.all());
    }
    assert_eq!(check(GOOD, "--format github").stdout, "");
    is_sarif(&check(GOOD, "--format sarif").json()).expect("SARIF");
    assert_eq!(check(GOOD, "--format json").json()["findings"], serde_json::json!([]));
}

#[test]
fn l7_no_format_shows_a_secret_or_a_digest() {
    let stored = crate::support::with_hashes(&format!("${{secret:{SECRET}}}"));
    let in_clear = LIST.replace("${secret:worker-second-secret-of-the-tests}", "hunter2hunter2");
    for format in ["human", "json", "github", "sarif", "markdown"] {
        let output = check(&in_clear, &format!("-v --format {format}"));
        assert!(output.all().contains("SG0148"), "{format}: {}", output.all());
        for hidden in ["hunter2", SECRET, stored.trim_start_matches("sha256:")] {
            assert!(!output.all().contains(hidden), "{format}: {}", output.all());
        }
    }
}

#[test]
fn findings_are_sorted_by_file_and_line_in_every_format() {
    let workspace = Workspace::empty();
    for name in ["b", "a", "c"] {
        let client = |id: &str| format!("  - client_id: {name}{id}\n    scope: nothing:here\n");
        workspace.write(&format!("lists/{name}.yaml"), &format!("clients:\n{}{}", client("1"), client("2")));
    }
    let output = workspace.run("check --clients-only --clients lists --format json");
    let places: Vec<(String, u64)> = output.json()["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|finding| {
            let line = finding["line"].as_u64().expect("a line");
            (finding["file"].as_str().expect("a file").to_owned(), line)
        })
        .collect();
    let mut sorted = places.clone();
    sorted.sort();
    assert!(places.len() >= 6);
    assert_eq!(places, sorted);
    let lines = workspace.run("check --clients-only --clients lists --format github").stdout;
    let in_order: Vec<&str> =
        lines.lines().filter_map(|line| line.split("file=").nth(1)?.split(',').next()).collect();
    assert!(in_order.is_sorted(), "{in_order:?}");
}
