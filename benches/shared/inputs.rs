//! What a server under test is given: keys of every algorithm, and clients that authenticate in
//! every way.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use signet::client_auth::stored_secret;
use signet::jose::Algorithm;
use signet::keys::generate;

use super::assertion;

pub const ISSUER: &str = "https://bench.example.com";
pub const FORM: &str = "grant_type=client_credentials";
/// Their tokens are signed with RS256, ES256, EdDSA.
pub const RS256: &str = "rs256:a-secret-that-only-benchmarks-use-0123456789";
pub const ES256: &str = "es256:b-secret-that-only-benchmarks-use-0123456789";
pub const EDDSA: &str = "eddsa:c-secret-that-only-benchmarks-use-0123456789";
/// RS256; the same token again within a minute.
pub const REUSED: &str = "reused:d-secret-that-only-benchmarks-use-0123456789";
/// RS256, with a secret of another system.
pub const IMPORTED: &str = "imported:a+secret+that+somebody+chose";
/// Its hash, made with argon2-cffi of Python at the usual cost (19 MiB, two passes).
pub const IMPORTED_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$4yyZFDLHypuvppSeIUEl5w$aWYFkGgSKfBVNLWFLXb8OdQCWfnyRrmeRDE/1/rT7bQ";

/// Keys of every algorithm below `keys/`.
pub fn write_keys(directory: &Path) {
    let keys = directory.join("keys");
    std::fs::create_dir(&keys).expect("a directory");
    for algorithm in signet::keys::algorithms() {
        let (key, _) = generate::private_key(algorithm, generate::BITS).expect("a key");
        let file = keys.join(format!("20260101T000000Z.{}.pem", algorithm.file_part()));
        std::fs::write(&file, key.pem().as_bytes()).expect("a key file");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("permissions");
    }
    std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o700)).expect("permissions");
}

/// The clients above and one that `signs`, in a file below `clients/`. `signing_alg` would change
/// the default of a resource, so each algorithm has one of its own.
pub fn write_clients(directory: &Path, signs: &assertion::Client) {
    let mut text = String::from("resources:\n");
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa] {
        let (word, name) = (algorithm.file_part(), algorithm.name());
        text += &format!(
            "  - {{audience: https://{word}.example.com, scopes: [{word}:read, {word}:write], signing_alg: {name}}}\n"
        );
    }
    text += "clients:\n";
    for pair in [RS256, ES256, EDDSA] {
        let (id, secret) = pair.split_once(':').expect("a pair");
        text += &client(id, &format!("client_secret: \"{}\"", stored_secret(secret)), id);
    }
    let (reused, secret) = REUSED.split_once(':').expect("a pair");
    text += &client(reused, &format!("client_secret: \"{}\"", stored_secret(secret)), "rs256");
    text += "    reuse: 60s\n";
    text += &client("imported", &format!("client_secret: \"{IMPORTED_HASH}\""), "rs256");
    text += &client("signs", &format!("private_key_jwt: {{jwks: {{keys: [{}]}}}}", signs.jwk), "rs256");
    let clients = directory.join("clients");
    std::fs::create_dir_all(&clients).expect("a directory");
    std::fs::write(clients.join("methods.yaml"), text + "...\n").expect("a client list");
}

fn client(id: &str, credential: &str, scope: &str) -> String {
    format!(
        "  - client_id: {id}\n    credentials: [{{{credential}}}]\n    scope: {scope}:read {scope}:write\n"
    )
}
