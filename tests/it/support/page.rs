//! Pages of the documentation, run as they stand.

use std::process::Command;

use super::{Process, Workspace};

/// The blocks of a language, in order.
pub fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let parts = page.split("```").skip(1).step_by(2);
    parts.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n')).collect()
}

/// Runs a block with `signet` on the path; a command that fails ends it.
pub fn sh(workspace: &Workspace, block: &str) -> String {
    let program = assert_cmd::cargo::cargo_bin!("signet").parent().expect("a directory").to_owned();
    let others = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([program].into_iter().chain(std::env::split_paths(&others)));
    let mut command = Command::new("sh");
    command.args(["-ec", block]).current_dir(workspace.path()).env("PATH", path.expect("a path"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().to_ascii_uppercase();
        if text.starts_with("SIGNET_") || text.ends_with("_PROXY") {
            command.env_remove(name);
        }
    }
    for name in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{name}_NAME"), "Test").env(format!("GIT_{name}_EMAIL"), "test@example.com");
    }
    let output = command.output().expect("a shell");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{block}\n{}{said}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The same at a running server instead of that of the page.
pub fn at(server: &Process, block: &str) -> String {
    assert!(!block.contains("pidof") || block.contains("\"$(pidof signet)\""), "{block}");
    let block = block.replace("https://auth.example.com", &server.issuer());
    sh(&server.workspace, &block.replace("\"$(pidof signet)\"", &server.id().to_string()))
}
