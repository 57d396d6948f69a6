//! The findings about key files: which code, which words, which command helps. Words are made of
//! names, types and sizes; nothing here gets to see the content of a file.

use std::io;
use std::path::Path;

use super::KeyRejected;
use super::directory::{FILE_BYTES_MAX, Unreadable};
use super::file_name::{Half, KeyFileName};
use super::keyring::{KeyStatus, RevokedKey};
use super::load::Unusable;
use super::pem::Problem;
use super::permissions::Exposure;
use crate::clock::UnixTime;
use crate::diagnostic::Finding;
use crate::diagnostic::catalogue::keys as codes;
use crate::jose::Algorithm;
use crate::jose::strict_json::shown;

pub fn directory_unreadable(directory: &Path, error: &io::Error) -> Finding {
    let shown = directory.display().to_string();
    let finding = if error.kind() == io::ErrorKind::NotFound {
        Finding::new(
            &codes::KEYS_DIRECTORY_MISSING,
            format!("the directory of keys `{shown}` does not exist"),
        )
        .help(format!("signet keys new --keys {shown}"))
    } else {
        Finding::new(
            &codes::KEY_UNREADABLE,
            format!("the directory of keys `{shown}` cannot be read: {error}"),
        )
        .help(format!("ls -ld {shown}"))
    };
    finding.in_file(shown)
}

pub fn leftover(path: &Path) -> Finding {
    let message = "this was left by a command that was stopped; it may hold a private key";
    Finding::new(&codes::LEFTOVER, message)
        .help("signet keys prune --yes deletes it")
        .in_file(path.display().to_string())
}

pub fn no_keys(directory: &Path) -> Finding {
    let shown = directory.display().to_string();
    Finding::new(&codes::NO_KEYS, format!("there is no signing key in `{shown}`"))
        .help(format!("signet keys new --keys {shown}"))
        .in_file(shown)
}

pub fn foreign_file(name: &str) -> Finding {
    Finding::new(&codes::FOREIGN_FILE, format!("`{}` is not read: it is not named as keys are", shown(name)))
        .help("move it elsewhere; if it is a key, name it like 20261122T190000Z.rs256.pem")
}

pub fn misnamed(name: &str) -> Finding {
    let message =
        format!("`{}` does not say when the key becomes active and what it signs with", shown(name));
    Finding::new(&codes::KEY_NAME, message)
        .help("name it ACTIVATION.ALG.pem, like 20261122T190000Z.rs256.pem, or .pub.pem for a public half")
}

pub fn impossible_date(name: &str) -> Finding {
    Finding::new(&codes::KEY_DATE, format!("`{}` names a day or a time that does not exist", shown(name)))
        .help("the activation is YYYYMMDDTHHMMSSZ in UTC, like 20261122T190000Z")
}

pub fn unreadable(name: &str, error: &Unreadable) -> Finding {
    let reason = match error {
        Unreadable::Io(error) => error.to_string(),
        Unreadable::NotAFile => "it is not a regular file".to_owned(),
        Unreadable::TooLarge => format!("it is larger than {FILE_BYTES_MAX} bytes, which no key is"),
    };
    Finding::new(&codes::KEY_UNREADABLE, format!("`{}` cannot be read: {reason}", shown(name)))
        .help("ls -lL shows its owner and permissions; the account that runs signet must be able to read it")
}

pub fn exposed(name: &str, path: &str, half: Half, exposure: Exposure) -> Finding {
    let (what, command) = match half {
        Half::Private => ("private", "chmod 600"),
        Half::Public => ("public", "chmod 644"),
    };
    let message = match half {
        Half::Private => format!("the {what} key `{}` {}", shown(name), exposure.words()),
        Half::Public => format!("the {what} key `{}` can be changed by every account", shown(name)),
    };
    Finding::new(&codes::KEY_EXPOSED, message).help(format!("{command} {path}"))
}

pub fn unusable(name: &str, path: &str, wanted: &KeyFileName, problem: Unusable<'_>) -> Finding {
    let file = shown(name);
    match problem {
        Unusable::Pem(problem) => not_a_key(&file, path, problem),
        Unusable::WrongHalf => wrong_half(&file, wanted.half),
        Unusable::Rejected(rejected) => refused(&file, path, wanted, rejected),
        Unusable::NoBackend { name } => {
            let with = name.map_or(String::new(), |name| format!(" with the backend {}", shown(name)));
            let message = format!("`{file}`: nothing here signs {}{with}", wanted.algorithm);
            let offered: Vec<String> = super::BACKENDS
                .iter()
                .map(|backend| format!("{} ({})", backend.algorithm(), backend.name()))
                .collect();
            Finding::new(&codes::ALGORITHM_NOT_OFFERED, message)
                .help(format!("what signs: {}", offered.join(", ")))
        }
        Unusable::SelfTest => Finding::new(
            &codes::KEY_SELF_TEST,
            format!("`{file}` fails its test: what its private half signs, its public half does not verify"),
        )
        .help("the file is damaged or was put together by hand; make another: signet keys new"),
    }
}

fn not_a_key(file: &str, path: &str, problem: Problem) -> Finding {
    let (code, message, help) = match problem {
        Problem::Encrypted => (
            &codes::KEY_ENCRYPTED,
            "is encrypted with a passphrase, and a server has nobody to ask",
            format!("openssl pkey -in {path} -out DECRYPTED.pem, then chmod 600 it and put it in its place"),
        ),
        Problem::Certificate => (
            &codes::KEY_CERTIFICATE,
            "holds a certificate, where a key alone is expected",
            "keep only the part from BEGIN PRIVATE KEY to END PRIVATE KEY".to_owned(),
        ),
        Problem::SeveralKeys => (
            &codes::KEY_SEVERAL,
            "holds several keys; one file is one key",
            "split it: each key in its own file with its own activation".to_owned(),
        ),
        Problem::Binary => (
            &codes::KEY_NOT_PEM,
            "is binary (DER?), not PEM",
            format!("openssl pkey -inform DER -in {path} -out KEY.pem"),
        ),
        Problem::NotPem => (
            &codes::KEY_NOT_PEM,
            "is not a whole PEM file",
            "it must begin with -----BEGIN PRIVATE KEY----- and end with the END line of the same words"
                .to_owned(),
        ),
        Problem::OpenSsh => {
            (&codes::KEY_NOT_PEM, "is in OpenSSH's own format", format!("ssh-keygen -p -m PKCS8 -f {path}"))
        }
        Problem::Pkcs1Public => (
            &codes::KEY_NOT_PEM,
            "holds a public key in the PKCS#1 form",
            format!("openssl rsa -RSAPublicKey_in -in {path} -pubout -out KEY.pub.pem"),
        ),
        Problem::NoKey => (
            &codes::KEY_NOT_PEM,
            "is PEM, but what it holds is no key",
            "a key begins with -----BEGIN PRIVATE KEY----- (or RSA PRIVATE KEY, or PUBLIC KEY)".to_owned(),
        ),
    };
    Finding::new(code, format!("`{file}` {message}")).help(help)
}

fn wrong_half(file: &str, wanted: Half) -> Finding {
    let (message, help) = match wanted {
        Half::Private => ("holds a public key, but its name promises a private one", "name it .pub.pem"),
        Half::Public => (
            "holds a private key, but its name says that it is public",
            "whoever could read it has the key: remove it and make another: signet keys new --now",
        ),
    };
    Finding::new(&codes::KEY_WRONG_HALF, format!("`{file}` {message}")).help(help)
}

fn refused(file: &str, path: &str, wanted: &KeyFileName, rejected: KeyRejected) -> Finding {
    use super::rsa::{BITS_MAX, BITS_MIN};
    let another = "signet keys new --bits 2048";
    match rejected {
        KeyRejected::WrongType(found) => {
            let message =
                format!("`{file}` holds a key of type {found}, and {} needs another", wanted.algorithm);
            Finding::new(&codes::KEY_WRONG_TYPE, message)
                .help(format!("openssl pkey -in {path} -noout -text shows what it is; the name must fit"))
        }
        KeyRejected::TooSmall { bits } => Finding::new(
            &codes::KEY_TOO_SMALL,
            format!("`{file}` has {bits} bits; {} needs {BITS_MIN} at least", wanted.algorithm),
        )
        .help(another),
        KeyRejected::SmallExponent => {
            Finding::new(&codes::KEY_TOO_SMALL, format!("`{file}` has a public exponent below 65537"))
                .help(another)
        }
        KeyRejected::Factorable => {
            let message = format!("`{file}` can be factored: it is of a broken generator (CVE-2017-15361)");
            Finding::new(&codes::KEY_TOO_SMALL, message).help(another)
        }
        KeyRejected::TooLarge { bits } => Finding::new(
            &codes::KEY_TOO_LARGE,
            format!("`{file}` has {bits} bits; more than {BITS_MAX} are refused"),
        )
        .help(another),
        KeyRejected::Malformed => Finding::new(
            &codes::KEY_MALFORMED,
            format!(
                "`{file}` is not a valid key: its encoding is broken, or its parts do not belong together"
            ),
        )
        .help(format!("openssl pkey -in {path} -noout -check")),
    }
}

pub fn same_instant(one: &str, other: &str) -> Finding {
    let message = format!("`{other}` and `{one}` are different keys for the same algorithm and instant");
    Finding::new(&codes::SAME_INSTANT, message)
        .in_file(other)
        .help("give one of them a later activation, or remove the public half that belongs to another key")
}

pub fn same_key(one: &str, other: &str) -> Finding {
    let message = format!("`{other}` holds the same key as `{one}`");
    Finding::new(&codes::SAME_KEY, message)
        .in_file(other)
        .help("remove one of the two; a new algorithm or a new time needs a new key: signet keys new")
}

pub fn cannot_sign(status: &KeyStatus<'_>) -> Finding {
    let message =
        format!("the key of {} that should sign now has only its public half here", status.algorithm);
    Finding::new(&codes::SIGNING_KEY_PUBLIC, message)
        .in_file(status.file)
        .help("put the private half back, or make a new key that is active now: signet keys new --now")
}

pub fn will_not_sign(status: &KeyStatus<'_>) -> Finding {
    let message = format!("this key signs from {} on, but only its public half is here", status.activation);
    Finding::new(&codes::NEXT_KEY_PUBLIC, message)
        .in_file(status.file)
        .help("put the private half in its place before that moment")
}

pub fn nothing_active_yet(directory: &Path, first: &KeyStatus<'_>, now: UnixTime) -> Finding {
    let message = format!(
        "no key of {} is active yet: it is {now}, and the first starts at {}",
        first.algorithm, first.activation
    );
    Finding::new(&codes::NO_ACTIVE_KEY, message)
        .in_file(directory.display().to_string())
        .help("check the clock (`date -u`), or make a key that is active now: signet keys new --now")
}

pub fn revoked_key_present(file: &str, by: &RevokedKey) -> Finding {
    let message = format!("`{}` is left out: `{}` withdraws its key", shown(file), shown(&by.file));
    Finding::new(&codes::REVOKED_KEY_PRESENT, message)
        .in_file(file)
        .help("delete the file; a withdrawn key is never used again")
}

pub fn revoked_by_name_alone(file: &str) -> Finding {
    let message = format!("`{}` holds no public key: it withdraws its key by the name alone", shown(file));
    Finding::new(&codes::REVOKED_BY_NAME, message)
        .in_file(file)
        .help("`signet keys revoke` keeps the public half, so that the key is known under every name")
}

pub fn nothing_signs(algorithm: Algorithm) -> Finding {
    let message = format!("nothing signs {algorithm}: its keys are withdrawn and none can take over");
    Finding::new(&codes::ALL_REVOKED, message)
        .help(format!("make a key that signs at once: signet keys new --alg {algorithm} --now"))
}
