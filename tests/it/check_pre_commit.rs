//! The pre-commit hook of the documentation, word for word, in a real repository.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::support::Workspace;

const GOOD: &str = "resources:
  - audience: https://invoices.example.com
    scopes: [invoices:read]
clients:
  - client_id: worker
    credentials:
      - client_secret: ${secret:worker-secret-of-the-tests}
    scope: invoices:read
";

/// The code block of `docs/src/check.md` that is a script.
fn hook() -> String {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/src/check.md")).expect("a page");
    let (_, rest) = page.split_once("```sh\n#!/bin/sh\n").expect("a script");
    let (script, _) = rest.split_once("```\n").expect("its end");
    format!("#!/bin/sh\n{script}")
}

/// Runs git without the settings of whoever runs the tests: exit code and both streams.
fn git(workspace: &Workspace, arguments: &[&str]) -> (i32, String) {
    let program = Path::new(env!("CARGO_BIN_EXE_signet")).parent().expect("a directory");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").expect("PATH"));
    let mut command = Command::new("git");
    command.current_dir(workspace.path()).args(["-c", "user.name=t", "-c", "user.email=t@example.com"]);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("GIT_") || text.starts_with("SIGNET_") {
            command.env_remove(&name);
        }
    }
    let home = workspace.path().join(".git");
    command.env("PATH", path).env("HOME", home).env("GIT_CONFIG_NOSYSTEM", "1").args(arguments);
    let output = command.output().expect("git runs");
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.code().expect("a code"), text.concat())
}

#[test]
fn the_hook_judges_what_is_staged_and_nothing_else() {
    let workspace = Workspace::empty();
    assert_eq!(git(&workspace, &["init", "--quiet"]).0, 0);
    workspace.write(".git/hooks/pre-commit", &hook());
    let file = workspace.path().join(".git/hooks/pre-commit");
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    let commit = |message: &str| git(&workspace, &["commit", "--quiet", "-m", message]);

    workspace.write("clients/list.yaml", GOOD);
    assert_eq!(git(&workspace, &["add", "clients"]).0, 0);
    let (code, text) = commit("a good list");
    assert_eq!(code, 0, "{text}");

    // What is not staged is not judged, in either direction.
    workspace.write("clients/draft.yaml", "clients: [{client_id: 'a:b'}]\n");
    workspace.write("clients/list.yaml", &GOOD.replace("scope: invoices:read", "scope: invoices:write"));
    assert_eq!(git(&workspace, &["commit", "--quiet", "--allow-empty", "-m", "nothing staged"]).0, 0);
    assert_eq!(git(&workspace, &["add", "clients/list.yaml"]).0, 0);
    workspace.write("clients/list.yaml", GOOD);
    let (code, text) = commit("a scope that no resource defines");
    assert_ne!(code, 0, "{text}");
    for words in ["error[SG0107]", "clients/list.yaml:8:12", "1 error in 1 file"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert_eq!(git(&workspace, &["rev-list", "--count", "HEAD"]).1.trim(), "2");

    // A warning is denied too.
    let long = GOOD.replace("    scopes", "    access_token_lifetime: 2h\n    scopes");
    workspace.write("clients/list.yaml", &long);
    assert_eq!(git(&workspace, &["add", "clients/list.yaml"]).0, 0);
    let (code, text) = commit("a long lifetime");
    assert!(code != 0 && text.contains("error[SG0132]"), "{text}");
}
