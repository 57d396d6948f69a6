//! What figures have to be read with: the processor and the commit.

use std::process::Command;

pub struct Machine {
    pub cpu: String,
    pub cores: usize,
    /// Which kind of figures to expect; recorded figures are kept by it.
    pub kind: &'static str,
    pub commit: String,
}

const WITH_IFMA: &str = "with AVX-512 IFMA";

impl Machine {
    pub fn has_ifma(&self) -> bool {
        self.kind == WITH_IFMA
    }

    pub fn here() -> Self {
        let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
        // aws-lc-rs can be told to do without instructions.
        let has_ifma = info.contains("avx512ifma") && std::env::var_os("OPENSSL_ia32cap").is_none();
        Self {
            cpu: name.map_or("unknown CPU", |(_, name)| name.trim()).to_owned(),
            // Not those that this process is pinned to.
            cores: info.lines().filter(|line| line.starts_with("processor")).count(),
            kind: if has_ifma { WITH_IFMA } else { "without AVX-512 IFMA" },
            commit: commit(),
        }
    }
}

impl std::fmt::Display for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { cpu, cores, kind, commit } = self;
        write!(f, "{cores} x {cpu} {kind}, commit {commit}")
    }
}

/// With `+` when the sources differ from it.
fn commit() -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short=12", "HEAD"]) else { return "unknown".to_owned() };
    let changed = git(&["status", "--porcelain", "--untracked-files=no"]).is_none_or(|text| !text.is_empty());
    if changed { commit + "+" } else { commit }
}
