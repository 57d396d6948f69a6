//! `--config`: one definition for flag, environment and file, in that order of strength.

use crate::support::{Output, Workspace};

fn refused(workspace: &Workspace, settings: &str, words: &[&str]) -> Output {
    workspace.write("signet.yaml", settings);
    let output = workspace.run("serve --config signet.yaml");
    assert_eq!(output.code, 3, "{settings}: {}", output.all());
    for word in words {
        assert!(output.stderr.contains(word), "{settings}: no {word:?} in: {}", output.stderr);
    }
    output
}

#[test]
fn an_unknown_member_is_answered_with_the_nearest_name() {
    let output = refused(&Workspace::ready(), "issuer: https://a.example\nadmin_listen: 127.0.0.1:1\n", &[]);
    insta::assert_snapshot!(output.stderr, @r"
    error[SG0303]: the settings file has no member `admin_listen`
     --> signet.yaml:2:1
      |
    2 | admin_listen: 127.0.0.1:1
      | ^^^^^^^^^^^^ not known
      |
      = help: did you mean `admin-listen`? `signet serve --help` lists all
      = more: signet explain SG0303

    1 error in 1 file
    ");
}

#[test]
fn values_of_another_kind_are_refused_at_their_place() {
    let workspace = Workspace::ready();
    refused(&workspace, "listen: [127.0.0.1:1]\n", &["SG0302", "signet.yaml:1:10", "not a list"]);
    refused(&workspace, "listen: {port: 1}\n", &["SG0302", "signet.yaml:1:9"]);
    refused(&workspace, "listen: 1.5\n", &["SG0302", "signet.yaml:1:9"]);
    refused(&workspace, "- listen\n", &["signet.yaml"]);
}

#[test]
fn a_value_that_the_flag_would_refuse_is_refused_at_its_place() {
    let workspace = Workspace::ready();
    for (settings, reason) in [
        ("workers: many", "invalid digit"),
        ("workers: 0", "not in 1..=1024"),
        ("access-token-lifetime: 900", "write `900s` for seconds"),
        ("access-token-lifetime: 25h", "at most 24h"),
        ("issuer: https://auth.example.com/", "ends with a slash"),
        ("listen: nowhere", "expected ADDRESS:PORT"),
        ("publish-scopes: maybe", "it must be one of"),
        ("signer: openssl", "aws-lc-rs"),
    ] {
        refused(&workspace, &format!("{settings}\n"), &["SG0305", "signet.yaml:1:", reason]);
    }
}

#[test]
fn a_missing_settings_file_is_named() {
    let output = Workspace::ready().run("serve --config none.yaml");
    assert_eq!(output.code, 3);
    assert!(output.stderr.contains("the settings file none.yaml cannot be read: No such file"));
}

#[test]
fn a_flag_beats_the_environment_which_beats_the_file() {
    let workspace = Workspace::ready();
    workspace.write("signet.yaml", "clients: from-file.yaml\n");
    let missing = |arguments: &str, environment: &[(&str, &str)]| {
        workspace.run_with(&format!("check --clients-only {arguments}"), environment, "").stderr
    };
    let variable = [("SIGNET_CLIENTS", "from-environment.yaml")];
    assert!(missing("", &[]).is_empty(), "the default is there");
    assert!(missing("--config signet.yaml", &[]).contains("from-file.yaml does not exist"));
    assert!(missing("", &[("SIGNET_CONFIG", "signet.yaml")]).contains("from-file.yaml does not exist"));
    assert!(missing("--config=signet.yaml", &variable).contains("from-environment.yaml does not exist"));
    let flag = "--config signet.yaml --clients from-flag.yaml";
    assert!(missing(flag, &variable).contains("from-flag.yaml does not exist"));
}

#[test]
fn half_a_tls_identity_in_the_file_never_means_plain_http() {
    let workspace = Workspace::ready();
    let issuer = "issuer: https://auth.example.com\nlisten: 127.0.0.1:0\nadmin-listen: 127.0.0.1:0\n";
    for half in ["tls-certificate: tls.crt\n", "tls-key: tls.key\n"] {
        refused(&workspace, &format!("{issuer}{half}"), &["tls-certificate and tls-key belong together"]);
    }
}

#[test]
fn check_prints_findings_as_one_json_document_with_the_documented_members() {
    let workspace = Workspace::ready();
    let good = workspace.run("check --format json");
    assert_eq!((good.code, good.stderr.as_str()), (0, ""));
    let nothing = serde_json::json!({"version": 1, "findings": [], "errors": 0, "warnings": 0, "notes": 0});
    assert_eq!(good.json(), nothing);
    workspace.write("clients.yaml", "resources: []\nclients:\n  - client_idd: x\n");
    let bad = workspace.run("check --format json");
    assert_eq!((bad.code, bad.stderr.as_str()), (1, ""));
    let json = bad.json();
    let findings = json["findings"].as_array().expect("a list");
    assert_eq!(json["errors"].as_u64(), Some(findings.len() as u64));
    for finding in findings {
        let mut members: Vec<&String> = finding.as_object().expect("an object").keys().collect();
        members.sort_unstable();
        let documented = [
            "code",
            "column",
            "docs",
            "end_column",
            "end_line",
            "file",
            "help",
            "line",
            "message",
            "name",
            "reason",
            "related",
            "severity",
        ];
        assert_eq!(members, documented);
    }
    let unknown = findings.iter().find(|finding| finding["code"] == "SG0113").expect("the unknown member");
    assert_eq!((&unknown["line"], &unknown["column"]), (&3.into(), &5.into()));
    assert_eq!((&unknown["file"], &unknown["severity"]), (&"clients.yaml".into(), &"error".into()));
    assert!(unknown["help"].as_str().is_some_and(|help| help.contains("client_id")));
    assert!(bad.stdout.ends_with("}\n") && !bad.stdout.ends_with("\n\n"));
}

#[test]
fn a_member_reaches_commands_of_commands() {
    let workspace = Workspace::empty();
    workspace.key("elsewhere");
    workspace.write("signet.yaml", "keys: elsewhere\n");
    let output = workspace.run_with("keys list", &[("SIGNET_CONFIG", "signet.yaml")], "");
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    assert!(output.stdout.contains("signing"), "{}", output.stdout);
    let without = workspace.run("keys list");
    assert_ne!(without.code, 0, "nothing is in the default directory");
}
