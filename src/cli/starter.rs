//! The files of a starter directory. What the repository has as an example is taken from there, so
//! that the two cannot differ.

use clap::ValueEnum;

use crate::config::{NewClient, NewCredential, client_file};

/// The client that comes with the directory.
pub const CLIENT_ID: &str = "first-client";

/// What else is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Deploy {
    /// A unit, its user and its settings
    Systemd,
    /// A workflow for pull requests, and a git hook
    Github,
    /// A pipeline for merge requests, and a git hook
    Gitlab,
    /// A base, and an overlay for this directory
    Kustomize,
}

/// (Path below the directory, content).
pub type File = (&'static str, String);

const ISSUER: &str = "http://localhost:8080";

/// What every starter directory has.
pub fn files(issuer: &str, client_secret: &str) -> Vec<File> {
    let client = NewClient {
        client_id: CLIENT_ID.to_owned(),
        client_name: Some("First client".to_owned()),
        credentials: vec![NewCredential::secret(client_secret, None)],
        scope: vec!["api:read".to_owned()],
        ..NewClient::default()
    };
    let head = "# One file a client keeps reviews small: `signet clients new ID --scope SCOPE` writes the next one.\n";
    vec![
        ("signet.yaml", include_str!("starter/signet.yaml").replace(ISSUER, issuer)),
        ("clients/_resources.yaml", include_str!("starter/resources.yaml").to_owned()),
        ("clients/first-client.yaml", format!("{head}{}", client_file(&client))),
        ("keys/README.md", include_str!("../../keys/README.md").to_owned()),
        ("keys/.gitignore", include_str!("../../keys/.gitignore").to_owned()),
    ]
}

/// The files of one way to run it.
pub fn deploy_files(deploy: Deploy, issuer: &str) -> Vec<File> {
    match deploy {
        Deploy::Github => gitops((
            ".github/workflows/clients.yaml",
            include_str!("../../deploy/gitops/github/workflow.yaml").to_owned(),
        )),
        Deploy::Gitlab => gitops((
            "ci/clients.gitlab-ci.yml",
            include_str!("../../deploy/gitops/gitlab/clients.gitlab-ci.yml").to_owned(),
        )),
        Deploy::Systemd => systemd(issuer),
        Deploy::Kustomize => kustomize(issuer),
    }
}

/// What every platform runs, and its own file. Who owns which part is for people to say, so the
/// example of CODEOWNERS is not among them.
fn gitops(pipeline: File) -> Vec<File> {
    vec![
        ("ci/clients.sh", include_str!("../../deploy/gitops/clients.sh").to_owned()),
        ("ci/pre-commit", include_str!("../../deploy/gitops/pre-commit").to_owned()),
        pipeline,
    ]
}

fn systemd(issuer: &str) -> Vec<File> {
    let settings = include_str!("../../deploy/systemd/signet.env");
    vec![
        ("deploy/systemd/README.md", include_str!("../../deploy/systemd/README.md").to_owned()),
        ("deploy/systemd/signet.env", settings.replace("https://auth.example.com", issuer)),
        ("deploy/systemd/signet.service", include_str!("../../deploy/systemd/signet.service").to_owned()),
        (
            "deploy/systemd/signet.sysusers.conf",
            include_str!("../../deploy/systemd/signet.sysusers.conf").to_owned(),
        ),
    ]
}

/// The overlay stands at the top, because Kustomize reads no file above its own directory and the
/// client files are to be the same ones.
fn kustomize(issuer: &str) -> Vec<File> {
    let overlay = include_str!("../../deploy/kustomize/overlays/example/kustomization.yaml")
        .replace("../../base", "deploy/kustomize/base")
        .replace("- namespace.yaml", "- deploy/kustomize/namespace.yaml")
        .replace("path: settings.yaml", "path: deploy/kustomize/settings.yaml")
        .replace("clients/reporting.yaml", "clients/first-client.yaml");
    let settings = include_str!("../../deploy/kustomize/overlays/example/settings.yaml")
        .replace("https://auth.platform.example", issuer);
    macro_rules! base {
        ($($name:literal)*) => {
            vec![$((
                concat!("deploy/kustomize/base/", $name),
                include_str!(concat!("../../deploy/kustomize/base/", $name)).to_owned(),
            )),*]
        };
    }
    let mut files: Vec<File> = base![
        "kustomization.yaml" "deployment.yaml" "service.yaml" "poddisruptionbudget.yaml" "networkpolicy.yaml"
        "clients/_resources.yaml" "clients/billing-worker.yaml"
    ];
    files.extend([
        ("kustomization.yaml", overlay),
        ("deploy/kustomize/settings.yaml", settings),
        (
            "deploy/kustomize/namespace.yaml",
            include_str!("../../deploy/kustomize/overlays/example/namespace.yaml").to_owned(),
        ),
    ]);
    files
}
