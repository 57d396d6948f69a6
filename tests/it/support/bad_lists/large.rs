//! Bad lists that are too large for git, or no regular files.

use std::path::Path;
use std::process::Command;

const MIB: usize = 1 << 20;

/// Name, and what makes the content.
type Made = (&'static str, fn() -> Vec<u8>);
/// Name, and what puts it there.
type Placed = (&'static str, fn(&Path));

pub const MADE: &[Made] = &[
    ("made-lists-10000-deep", || repeat("clients: ", "[", 10_000, "")),
    ("made-lists-10000-deep-closed", || repeat("clients: ", "[", 10_000, &"]".repeat(10_000))),
    ("made-mappings-10000-deep", || repeat("clients: ", "{a: ", 10_000, &"}".repeat(10_000))),
    ("made-dashes-10000-deep", || repeat("clients:\n  ", "- ", 10_000, "a\n")),
    ("made-keys-10000-deep", || repeat("clients:\n  - ", "? ", 10_000, "a\n")),
    ("made-blocks-1000-deep", || {
        (0..1_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect::<String>().into_bytes()
    }),
    ("made-plain-scalar-of-4-mib", || repeat("clients:\n  - client_id: ", "x", 4 * MIB, "\n")),
    ("made-quoted-scalar-of-4-mib", || repeat("clients:\n  - client_id: \"", "x", 4 * MIB, "\"\n")),
    ("made-block-scalar-of-4-mib", || {
        repeat("clients:\n  - client_id: |\n", "      a line of text\n", 200_000, "")
    }),
    ("made-open-quote-of-4-mib", || repeat("clients:\n  - client_secret: \"", "hunter2\n", MIB / 2, "")),
    ("made-key-of-1-mib", || repeat("", "k", MIB, ": []\n")),
    ("made-100000-values-in-an-entry", || repeat("clients:\n  - claims: {a: [", "1,", 100_010, "]}\n")),
    ("made-5000-unknown-sections", || {
        (0..5_000).map(|number| format!("section{number}: []\n")).collect::<String>().into_bytes()
    }),
    ("made-65-credentials", || repeat(&client("credentials:\n"), "      - note: x\n", 65, "")),
    ("made-65-contacts", || repeat(&client("contacts: ["), "a,", 65, "]\n")),
    ("made-257-audiences", || repeat(&client("audience: ["), "a,", 257, "]\n")),
    ("made-10001-scopes", || repeat(&client("scope: ["), "a,", 10_001, "]\n")),
    ("made-10001-resources", || {
        let entries = (0..10_001).map(|number| format!("  - audience: a{number}\n"));
        format!("resources:\n{}", entries.collect::<String>()).into_bytes()
    }),
    ("made-one-mib-of-zeros", || vec![0; MIB]),
    ("made-one-mib-of-newlines", || vec![b'\n'; MIB]),
    ("made-one-mib-of-noise", noise),
    ("made-file-above-64-mib", || vec![b' '; 64 * MIB + 1]),
];

pub const PLACED: &[Placed] = &[
    ("placed-nothing", |_| {}),
    ("placed-directory", |path| std::fs::create_dir(path).expect("a directory")),
    ("placed-link-to-nothing", |path| link("nowhere.yaml", path)),
    ("placed-link-to-itself", |path| link(&path.display().to_string(), path)),
    ("placed-link-to-a-device", |path| link("/dev/zero", path)),
    ("placed-pipe", |path| {
        assert!(Command::new("mkfifo").arg(path).status().is_ok_and(|status| status.success()), "a pipe");
    }),
    ("placed-socket", |path| drop(std::os::unix::net::UnixListener::bind(path).expect("a socket"))),
];

fn repeat(before: &str, part: &str, times: usize, after: &str) -> Vec<u8> {
    format!("{before}{}{after}", part.repeat(times)).into_bytes()
}

fn client(member: &str) -> String {
    format!("resources:\n  - {{audience: a, scopes: [a]}}\nclients:\n  - client_id: a\n    {member}")
}

fn link(target: &str, path: &Path) {
    std::os::unix::fs::symlink(target, path).expect("a link");
}

/// The same bytes in every run: a linear congruential generator (Knuth's MMIX constants).
fn noise() -> Vec<u8> {
    let mut state = 7_u64;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..MIB).map(next).collect()
}
