//! What makes `signet check` fail: errors, and what `--strict` and `--deny` make errors of.

use rstest::rstest;

use crate::support::Workspace;

const RESOURCE: &str = "resources:
  - audience: https://invoices.example.com
    scopes: [invoices:read]
";

/// A list whose one client has these credentials.
fn with_credentials(workspace: &Workspace, credentials: &str) {
    let list = format!(
        "{RESOURCE}clients:\n  - client_id: worker\n    scope: invoices:read\n    credentials:\n{credentials}"
    );
    workspace.write("clients.yaml", &list);
}

/// A day so many days from now, as it stands in a file.
fn in_days(days: i64) -> String {
    let day = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * days);
    day.to_string().split('T').next().expect("a day").to_owned()
}

fn second(days: i64) -> String {
    format!(
        "      - client_secret: ${{secret:first-secret-of-the-tests}}\n      - client_secret: \
         ${{secret:second-secret-of-the-tests}}\n        expires: {}\n",
        in_days(days)
    )
}

#[rstest]
#[case::a_warning_alone("", 0)]
#[case::denied("--deny warnings", 1)]
#[case::denied_with_notes("--deny notes", 1)]
#[case::strict("--strict", 1)]
fn expired_credentials_are_warnings_until_they_are_denied(#[case] flags: &str, #[case] code: i32) {
    let workspace = Workspace::empty();
    with_credentials(&workspace, &second(-10));
    let output = workspace.run(&format!("check --clients-only {flags}"));
    assert_eq!(output.code, code, "{}", output.all());
    let severity = if code == 0 { "warning[SG0144]" } else { "error[SG0144]" };
    assert!(output.stderr.contains(severity), "{}", output.stderr);
    assert_eq!(output.stdout.contains("no errors: 1 client,"), code == 0);
}

#[test]
fn strict_denies_dates_and_leaves_other_warnings() {
    let workspace = Workspace::empty();
    workspace.write(
        "clients.yaml",
        "resources:
  - audience: https://invoices.example.com
    scopes: [invoices:read]
    access_token_lifetime: 2h
clients:
  - client_id: worker
    scope: invoices:read
    credentials:
      - client_secret: ${secret:first-secret-of-the-tests}
",
    );
    let strict = workspace.run("check --clients-only --strict");
    assert_eq!(strict.code, 0, "{}", strict.all());
    assert!(strict.stderr.contains("warning[SG0132]"), "{}", strict.stderr);
    assert_eq!(workspace.run("check --clients-only --deny warnings").code, 1);
    // No credential that is valid is a client that is locked out.
    with_credentials(&workspace, "      []\n");
    assert_eq!(workspace.run("check --clients-only").code, 0);
    let locked_out = workspace.run("check --clients-only --strict");
    assert!(locked_out.code == 1 && locked_out.stderr.contains("error[SG0146]"), "{}", locked_out.all());
}

#[rstest]
#[case::default("", 29, true)]
#[case::default("", 32, false)]
#[case::longer("--expiring-within 60d", 32, true)]
#[case::shorter("--expiring-within 2d", 29, false)]
#[case::hours("--expiring-within 36h", 1, true)]
fn soon_is_what_expiring_within_says(#[case] flag: &str, #[case] days: i64, #[case] found: bool) {
    let workspace = Workspace::empty();
    with_credentials(&workspace, &second(days));
    let output = workspace.run(&format!("check --clients-only {flag} --strict"));
    assert_eq!(output.stderr.contains("SG0145"), found, "{}", output.all());
    assert_eq!(output.code, i32::from(found));
    if !flag.is_empty() && found {
        let span =
            flag.split(' ').next_back().expect("a duration").replace('d', " days").replace('h', " hours");
        assert!(output.stderr.contains(&format!("expires within {span}")), "{}", output.stderr);
    }
}

#[test]
fn flags_have_twins_in_the_environment_and_in_the_settings_file() {
    let workspace = Workspace::empty();
    with_credentials(&workspace, &second(40));
    let code =
        |environment: &[(&str, &str)]| workspace.run_with("check --clients-only", environment, "").code;
    assert_eq!(code(&[]), 0);
    assert_eq!(code(&[("SIGNET_DENY", "warnings")]), 0);
    assert_eq!(code(&[("SIGNET_DENY", "warnings"), ("SIGNET_EXPIRING_WITHIN", "41d")]), 1);
    assert_eq!(code(&[("SIGNET_STRICT", "true"), ("SIGNET_EXPIRING_WITHIN", "41d")]), 1);
    let only = workspace.run_with("check", &[("SIGNET_CLIENTS_ONLY", "true")], "");
    assert_eq!(only.code, 0, "{}", only.all());
    workspace.write("signet.yaml", "deny: warnings\nexpiring-within: 41d\n");
    assert_eq!(code(&[("SIGNET_CONFIG", "signet.yaml")]), 1);
}

#[test]
fn a_flag_with_another_value_is_a_usage_error() {
    let workspace = Workspace::empty();
    for (flag, hint) in [
        ("--deny errors", "warnings, notes"),
        ("--expiring-within 30", "`30s` for seconds"),
        ("--expiring-within soon", "`30d`"),
        ("--expiring-within 0d", "above zero"),
    ] {
        let output = workspace.run(&format!("check {flag}"));
        assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{flag}");
        assert!(output.stderr.contains(hint), "{flag}: {}", output.stderr);
    }
}

/// A note asks for nothing: it is there for who wants to see it.
#[test]
fn notes_are_counted_shown_with_v_and_denied_when_asked() {
    let workspace = Workspace::empty();
    let list = RESOURCE.replace("scopes", "typ: JWT\n    scopes");
    let client = "clients:\n  - client_id: worker\n    scope: invoices:read\n    credentials:\n      \
                  - client_secret: ${secret:first-secret-of-the-tests}\n";
    workspace.write("clients.yaml", &format!("{list}{client}"));
    let quiet = workspace.run("check --clients-only --deny warnings --strict");
    assert_eq!((quiet.code, quiet.stderr.as_str()), (0, ""));
    assert!(quiet.stdout.starts_with("no errors: 1 client, revision "), "{}", quiet.stdout);
    assert!(quiet.stdout.ends_with("; 1 note, shown with -v\n"), "{}", quiet.stdout);
    let shown = workspace.run("check --clients-only -v");
    assert_eq!(shown.code, 0);
    assert!(shown.stderr.contains("note[SG0160]") && shown.stderr.contains("1 note in 1 file"));
    assert!(!shown.stdout.contains("shown with"), "{}", shown.stdout);
    assert_eq!(workspace.run("check --clients-only --deny notes").code, 1);
}

/// What `serve` refuses is a note here, because `dev` is what the demo list is for.
#[test]
fn the_published_secrets_are_a_note_and_an_error_under_strict() {
    let workspace = Workspace::empty();
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/clients.yaml");
    let check = |flags: &str| workspace.run(&format!("check --clients-only --clients {demo} {flags}"));
    assert_eq!(check("--deny warnings").code, 0);
    assert!(check("-v").stderr.contains("note[SG0601]"));
    let strict = check("--strict");
    assert!(strict.code == 1 && strict.stderr.contains("error[SG0601]"), "{}", strict.all());
}

#[test]
fn the_shipped_lists_pass_with_warnings_denied() {
    let root = env!("CARGO_MANIFEST_DIR");
    let workspace = Workspace::empty();
    for list in ["clients.yaml", "deploy/kustomize/base/clients", "deploy/kustomize/overlays/example/clients"]
    {
        let output = workspace.run(&format!("check --clients-only --deny warnings --clients {root}/{list}"));
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{list}");
    }
}
