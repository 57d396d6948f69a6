//! The program as people run it: a directory of its own, no settings in the environment, its
//! output whole.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use super::server::{with_hashes, write_key};

/// Active at any time that a machine's clock may say.
pub const KEY_NAME: &str = "20200101T000000Z.rs256.pem";

/// Clients without dates, because a program takes the time from the machine.
pub const SHORT_LIST: &str = r"
resources:
  - audience: https://invoices.example.com
    scopes: [invoices:read, invoices:write]
  - audience: plain-name
    scopes: [plain:use]
clients:
  - client_id: worker
    credentials:
      - client_secret: ${secret:worker-secret-of-the-tests}
    scope: invoices:read invoices:write
  - client_id: both
    credentials:
      - client_secret: ${secret:both-secret-of-the-tests}
    scope: invoices:read plain:use
";

/// Longest time that one run may take; most end within a tenth of a second.
const PATIENCE: Duration = Duration::from_secs(60);

/// The account that owns nothing, by custom of Linux.
const NOBODY: u32 = 65_534;

pub struct Output {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Output {
    /// What was printed, both streams.
    pub fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("no JSON: {}", self.all()))
    }
}

/// The working directory of a program.
pub struct Workspace {
    directory: TempDir,
    /// Instead of the program where cargo put it; then it runs as nobody.
    program: Option<PathBuf>,
}

impl Workspace {
    pub fn empty() -> Self {
        Self { directory: TempDir::new().expect("a directory"), program: None }
    }

    /// With `clients.yaml` and `keys/`, as `serve` wants them.
    pub fn ready() -> Self {
        let workspace = Self::empty();
        workspace.write("clients.yaml", SHORT_LIST);
        workspace.key("keys");
        workspace
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Where the tests run as root, whom no permission holds up, the program runs as nobody: from a
    /// copy, because nobody may not be allowed into the directory of the build.
    pub fn run_unprivileged(&mut self) {
        if !rustix::process::geteuid().is_root() {
            return;
        }
        let program = self.path().join(".program");
        std::fs::copy(assert_cmd::cargo::cargo_bin!("signet"), &program).expect("a copy");
        self.program = Some(program);
        give_away(self.path());
    }

    /// A text file; `${secret:TEXT}` becomes the stored form of TEXT.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        std::fs::write(path, with_hashes(text)).expect("a file");
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).expect("a file")
    }

    /// A directory with a signing key.
    pub fn key(&self, directory: &str) {
        write_key(&self.path().join(directory), KEY_NAME);
    }

    /// Words are separated by white space.
    pub fn run(&self, arguments: &str) -> Output {
        self.run_with(arguments, &[], "")
    }

    pub fn run_with(&self, arguments: &str, environment: &[(&str, &str)], stdin: &str) -> Output {
        let mut command = self.command();
        command.args(arguments.split_whitespace()).envs(environment.iter().copied());
        let mut command = assert_cmd::Command::from_std(command);
        let output = command.write_stdin(stdin).timeout(PATIENCE).output().expect("the program starts");
        let text = |bytes| String::from_utf8(bytes).expect("the program prints UTF-8");
        let code = output.status.code().unwrap_or_else(|| panic!("{arguments}: {:?}", output.status));
        Output { code, stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// The program in this directory, without the settings and proxies of whoever runs the tests.
    pub fn command(&self) -> std::process::Command {
        let mut command = match &self.program {
            None => std::process::Command::new(assert_cmd::cargo::cargo_bin!("signet")),
            Some(program) => {
                let mut command = std::process::Command::new(program);
                command.uid(NOBODY).gid(NOBODY);
                command
            }
        };
        command.current_dir(self.path());
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy().to_ascii_uppercase();
            if text.starts_with("SIGNET_") || text.ends_with("_PROXY") || text == "COLUMNS" {
                command.env_remove(name);
            }
        }
        command
    }
}

/// The path and everything below it.
fn give_away(path: &Path) {
    chown(path, Some(NOBODY), Some(NOBODY)).expect("root may give files away");
    if path.is_dir() {
        for entry in std::fs::read_dir(path).expect("a directory") {
            give_away(&entry.expect("an entry").path());
        }
    }
}
