//! Lists as large organisations would have them: a team has a resource and 200 clients, most
//! clients are alike, one in ten uses the rare members. The same arguments give the same bytes.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::Instant;

use signet::client::Registry;
use signet::client_auth::stored_secret;

const CLIENTS_OF_A_TEAM: usize = 200;

/// Writes `clients` registrations into `files` files below `directory`, and the resources into one
/// more, or everything into one file; returns the size of all.
pub fn write(directory: &Path, clients: usize, files: usize) -> u64 {
    std::fs::create_dir_all(directory).expect("a directory");
    let mut bytes = 0;
    let mut text = resources(clients.div_ceil(CLIENTS_OF_A_TEAM));
    for number in 0..files {
        let (from, to) = (clients * number / files, clients * (number + 1) / files);
        if number > 0 || files > 1 {
            bytes += save(&directory.join(format!("{number:05}.yaml")), &text);
            text.clear();
        }
        text.push_str("clients:\n");
        (from..to).for_each(|client| push_client(&mut text, client));
    }
    bytes + save(&directory.join(format!("{files:05}.yaml")), &text)
}

/// The id of a client of the list.
pub fn client_id(client: usize) -> String {
    format!("team-{:04}-worker-{client:07}", client / CLIENTS_OF_A_TEAM)
}

/// `id:secret` of it, form-encoded (RFC 6749 §2.3.1).
pub fn pair(client: usize) -> String {
    format!("{}:{client}%3A+a+secret+that+only+benchmarks+use", client_id(client))
}

/// A walk over clients of a list, far apart, so that the caches of the CPU help as little as they
/// would help real traffic.
pub fn far_apart(step: usize, clients: usize) -> usize {
    step * 7_919 % clients
}

/// What one look-up takes in a registry made of such a list.
pub fn look_up_nanoseconds(registry: &Registry) -> f64 {
    let count = registry.client_count();
    let ids: Vec<String> = (0..100_000).map(|n| client_id(far_apart(n, count))).collect();
    let before = Instant::now();
    let found = ids.iter().filter(|id| registry.find(std::hint::black_box(id)).is_some()).count();
    let nanoseconds = before.elapsed().as_nanos() as f64 / ids.len() as f64;
    assert_eq!(found, ids.len());
    nanoseconds
}

fn save(path: &Path, text: &str) -> u64 {
    let mut file = BufWriter::new(File::create(path).expect("a file"));
    file.write_all(text.as_bytes()).expect("space on the disk");
    file.write_all(b"...\n").expect("space on the disk");
    file.flush().expect("space on the disk");
    text.len() as u64
}

fn resources(teams: usize) -> String {
    let mut text = String::from("resources:\n");
    for team in 0..teams {
        let _ = write!(
            text,
            "  - audience: https://team-{team:04}.example.com\n    name: API of team {team}\n    \
             scopes: [team-{team:04}:read, team-{team:04}:write, team-{team:04}:admin]\n    owner: team-{team:04}\n"
        );
    }
    text
}

fn push_client(text: &mut String, client: usize) {
    let (id, team) = (client_id(client), client / CLIENTS_OF_A_TEAM);
    let digest = stored_secret(&format!("{client}: a secret that only benchmarks use"));
    let _ = write!(
        text,
        "  - client_id: {id}\n    client_name: Worker {client} of team {team}\n    \
         contacts: [team-{team:04}@example.com]\n    credentials:\n      - client_secret: {digest}\n"
    );
    if client % 10 == 9 {
        let second = stored_secret(&format!("{client}: another secret that only benchmarks use"));
        let _ = write!(
            text,
            "        expires: 2099-01-01\n      - client_secret: {second}\n        not_before: 2026-01-01\n        \
             note: rolled out by ticket {client}\n    scope: [team-{team:04}:read, team-{team:04}:admin]\n    \
             default_scope: team-{team:04}:read\n    access_token_lifetime: 10m\n    \
             claims: {{tenant: tenant-{}}}\n",
            client % 1000
        );
    } else {
        let _ = writeln!(text, "    scope: team-{team:04}:read team-{team:04}:write");
    }
}
