//! `signet init`: what it writes is good, starts, and never replaces anything.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::support::{Process, Workspace};

const FILES: &[&str] = &[
    "clients/_resources.yaml",
    "clients/first-client.yaml",
    "keys/.gitignore",
    "keys/README.md",
    "signet.yaml",
];

fn files(directory: &Path) -> Vec<String> {
    fn walk(directory: &Path, root: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => walk(&path, root, found),
                false => found.push(path.strip_prefix(root).expect("below").display().to_string()),
            }
        }
    }
    let mut found = Vec::new();
    walk(directory, directory, &mut found);
    found.sort();
    found
}

#[test]
fn the_starter_directory_passes_every_check_and_serves_its_client() {
    let workspace = Workspace::empty();
    let made = workspace.run("init");
    assert_eq!(made.code, 0, "{}", made.stderr);
    let secret = made.stdout.trim_end().to_owned();
    assert!(secret.starts_with("sgs_") && !made.stderr.contains(&secret), "{}", made.all());
    assert_eq!(files(workspace.path()), FILES);
    let keys = std::fs::metadata(workspace.path().join("keys")).expect("a directory");
    assert_eq!(keys.permissions().mode() & 0o077, 0);
    let environment = [("SIGNET_CONFIG", "signet.yaml")];
    // What the next steps say, in their order.
    for line in ["export SIGNET_CONFIG=signet.yaml", "signet keys new", "signet check", "signet serve"] {
        assert!(made.stderr.contains(line), "{}", made.stderr);
    }
    assert_eq!(workspace.run_with("keys new", &environment, "").code, 0);
    let checked = workspace.run_with("check --format json", &environment, "");
    assert_eq!(checked.code, 0, "{}", checked.stdout);
    assert_eq!(checked.json()["warnings"], 0, "{}", checked.stdout);
    assert_eq!(workspace.run_with("fmt --check", &environment, "").code, 0);
    let added = workspace.run_with("clients new second --scope api:write", &environment, "");
    assert_eq!(added.code, 0, "{}", added.stderr);
    assert!(workspace.path().join("clients/second.yaml").is_file());
    let process = Process::serve(workspace, "--config signet.yaml");
    for (client, secret, scope) in
        [("first-client", secret.as_str(), "api:read"), ("second", added.stdout.trim_end(), "api:write")]
    {
        let token = process.ask(&format!("{client}:{secret}"), "grant_type=client_credentials");
        assert_eq!((token.status, token.json()["scope"].as_str()), (200, Some(scope)));
    }
}

#[test]
fn where_a_file_exists_nothing_is_written_and_all_of_them_are_named() {
    let workspace = Workspace::empty();
    workspace.write("signet.yaml", "issuer: https://mine.example.com\n");
    workspace.write("clients/_resources.yaml", "# mine\n");
    let refused = workspace.run("init");
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""));
    assert!(refused.stderr.contains("signet.yaml") && refused.stderr.contains("clients/_resources.yaml"));
    assert_eq!(files(workspace.path()), ["clients/_resources.yaml", "signet.yaml"]);
    assert_eq!(workspace.read("clients/_resources.yaml"), "# mine\n");
    // A file in the way of a directory: what was made before is taken back.
    let other = Workspace::empty();
    other.write("keys", "a file\n");
    assert_eq!(other.run("init").code, 4);
    assert_eq!(files(other.path()), ["keys"]);
    let beside = other.run("init auth --format json").json();
    assert_eq!(beside["files"].as_array().map(Vec::len), Some(FILES.len()));
    assert_eq!(files(&other.path().join("auth")), FILES);
}

/// The kit for a list in git takes the directory as it is.
#[test]
fn the_check_of_pull_requests_passes_in_a_new_directory_and_fails_after_a_mistake() {
    let workspace = Workspace::empty();
    let made = workspace.run("init --deploy github,gitlab");
    assert_eq!(made.code, 0, "{}", made.stderr);
    let kit = [
        ("ci/clients.sh", "clients.sh"),
        ("ci/pre-commit", "pre-commit"),
        ("ci/clients.gitlab-ci.yml", "gitlab/clients.gitlab-ci.yml"),
        (".github/workflows/clients.yaml", "github/workflow.yaml"),
    ];
    for (written, original) in kit {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/gitops").join(original);
        let mode = |path: &Path| std::fs::metadata(path).expect("a file").permissions().mode() & 0o100;
        assert_eq!(mode(&workspace.path().join(written)), mode(&source), "{written}");
        assert_eq!(workspace.read(written), std::fs::read_to_string(source).expect("a file"), "{written}");
    }
    let check = || {
        let mut command = std::process::Command::new("ci/clients.sh");
        command
            .arg("check")
            .current_dir(workspace.path())
            .env("SIGNET", assert_cmd::cargo::cargo_bin!("signet"));
        command.output().expect("a shell")
    };
    let passed = check();
    assert!(passed.status.success(), "{}", String::from_utf8_lossy(&passed.stderr));
    workspace.write("clients/_resources.yaml", "resources: []\n");
    assert!(!check().status.success());
}

#[test]
fn the_files_to_deploy_are_those_of_the_source_with_the_issuer_of_the_directory() {
    let workspace = Workspace::empty();
    let made = workspace.run("init --issuer https://auth.acme.test --deploy kustomize,systemd,systemd");
    assert_eq!(made.code, 0, "{}", made.stderr);
    assert!(workspace.read("signet.yaml").contains("\nissuer: https://auth.acme.test\n"));
    let source = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut same = 0;
    for name in files(&workspace.path().join("deploy")) {
        let original = match name.as_str() {
            "kustomize/namespace.yaml" | "kustomize/settings.yaml" => {
                name.replace("kustomize/", "kustomize/overlays/example/")
            }
            other => other.to_owned(),
        };
        let original =
            std::fs::read_to_string(source.join("deploy").join(original)).expect("the source has it");
        let written = workspace.read(&format!("deploy/{name}"));
        let is_setting = ["kustomize/settings.yaml", "systemd/signet.env"].contains(&name.as_str());
        assert_eq!(is_setting, written.contains("https://auth.acme.test"), "{name}");
        assert!(is_setting || written == original, "{name}");
        same += usize::from(!is_setting);
    }
    assert_eq!(same, 11);
    // Everything that the overlay names stands where it says.
    let overlay = workspace.read("kustomization.yaml");
    let names = [
        "deploy/kustomize/namespace.yaml",
        "deploy/kustomize/base",
        "clients/_resources.yaml",
        "clients/first-client.yaml",
        "deploy/kustomize/settings.yaml",
    ];
    for name in names {
        assert!(overlay.contains(&format!(" {name}\n")) && workspace.path().join(name).exists(), "{name}");
    }
    assert!(!overlay.contains("..") && !overlay.contains("reporting"), "{overlay}");
    assert_eq!(workspace.run("init x --deploy nomad").code, 2);
    assert_eq!(workspace.run("init x --issuer http://auth.acme.test").code, 2);
}
