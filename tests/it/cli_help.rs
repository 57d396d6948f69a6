//! Help, unknown words, and the long text behind a code.

use crate::support::Workspace;

const COMMANDS: &[&str] = &[
    "dev",
    "serve",
    "init",
    "check",
    "fmt",
    "diff",
    "why",
    "clients list",
    "clients show",
    "clients new",
    "clients import",
    "secret new",
    "secret hash",
    "secret verify",
    "keys new",
    "keys list",
    "keys plan",
    "keys prune",
    "keys revoke",
    "keys jwks",
    "keys export",
    "token",
    "decode",
    "verify",
    "doctor",
    "explain",
    "schema",
];

#[test]
fn help_of_every_command_ends_with_examples_and_fits_a_screen() {
    let workspace = Workspace::empty();
    for command in COMMANDS {
        // `-h` leaves out the limits, which few ever change; `--help` names every setting.
        let screen = if matches!(*command, "dev" | "serve") { 60 } else { 48 };
        for (flag, screen) in [("-h", screen), ("--help", 280)] {
            let help = workspace.run_with(&format!("{command} {flag}"), &[("COLUMNS", "120")], "");
            assert_eq!((help.code, help.stderr.as_str()), (0, ""), "{command}");
            let (_, examples) = help.stdout.split_once("Examples:\n").expect("examples");
            assert!(examples.contains(&format!("signet {command}")), "{command}: {examples}");
            let lines = help.stdout.lines().count();
            assert!(lines <= screen, "{command} {flag} has {lines} lines:\n{}", help.stdout);
        }
    }
    let help = workspace.run("--help").stdout;
    assert!(help.contains("Examples:") && help.contains("Exit codes: 0 fine"));
}

#[test]
fn help_names_the_variable_of_every_setting_and_shows_no_value_of_it() {
    let workspace = Workspace::empty();
    for command in ["serve", "dev"] {
        let environment = [("SIGNET_ISSUER", "https://canary.example.com"), ("COLUMNS", "120")];
        let help = workspace.run_with(&format!("{command} --help"), &environment, "").stdout;
        assert!(!help.contains("canary"), "{help}");
        let in_one_line = help.split_whitespace().collect::<Vec<_>>().join(" ");
        let flags: Vec<&str> = help.lines().filter_map(|line| line.trim_start().strip_prefix("--")).collect();
        assert!(flags.len() > 15, "{help}");
        for flag in flags {
            let name = flag.split([' ', ',']).next().unwrap_or_default();
            let variable = format!("SIGNET_{}", name.to_uppercase().replace('-', "_"));
            assert!(in_one_line.contains(&format!("[env: {variable}]")), "{command} --{name}");
        }
    }
}

#[test]
fn an_unknown_command_or_flag_is_answered_with_a_similar_one_and_exit_code_2() {
    let workspace = Workspace::empty();
    for (arguments, hint) in [
        ("serv", "'serve'"),
        ("serve --isuer x", "'--issuer'"),
        ("keys lst", "'list'"),
        ("check --client x", "'--clients'"),
        ("check --format xml", "human, json"),
        ("", "Usage: signet"),
    ] {
        let output = workspace.run(arguments);
        assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{arguments}: {}", output.stderr);
        assert!(output.stderr.contains(hint), "{arguments}: {}", output.stderr);
    }
}

#[test]
fn a_format_that_a_command_does_not_print_is_a_usage_error_and_prints_nothing_else() {
    let workspace = Workspace::ready();
    for (arguments, environment) in
        [("keys list --format sarif", "human"), ("--format sarif keys list", "json"), ("keys list", "sarif")]
    {
        let output = workspace.run_with(arguments, &[("SIGNET_FORMAT", environment)], "");
        assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{arguments}: {}", output.stderr);
        let reason = "`signet keys` prints human, json";
        assert!(output.stderr.starts_with("error: --format sarif is "), "{arguments}: {}", output.stderr);
        assert!(output.stderr.contains(reason), "{arguments}: {}", output.stderr);
    }
    for format in ["human", "json"] {
        assert_eq!(workspace.run(&format!("keys list --format {format}")).code, 0);
    }
}

#[test]
fn explain_knows_codes_and_reasons_of_the_log() {
    let workspace = Workspace::empty();
    let by_code = workspace.run("explain SG0202");
    assert_eq!(by_code.code, 0);
    assert_eq!(by_code.stdout, workspace.run("explain sg0202").stdout);
    assert_eq!(by_code.stdout, workspace.run("explain no_keys").stdout);
    insta::assert_snapshot!(by_code.stdout, @r"
    SG0202 (no_keys)
    the directory holds no signing key

    A token cannot be issued without a key. `signet keys new` makes the first one, active at once.

    In Kubernetes an empty directory is often a Secret that was mounted with `items` or with another name.
    ");
    let json = workspace.run("explain SG0202 --format json").json();
    assert_eq!(json["codes"][0]["name"], "no_keys");
}

#[test]
fn explain_lists_every_code_and_answers_an_unknown_one_with_the_nearest() {
    let workspace = Workspace::empty();
    let list = workspace.run("explain");
    let codes: Vec<&str> = signet::diagnostic::catalogue::all().map(|code| code.id).collect();
    let listed: Vec<&str> = list.stdout.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(listed, codes);
    let unknown = workspace.run("explain secret_wrng");
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("did you mean secret_wrong?"), "{}", unknown.stderr);
}
