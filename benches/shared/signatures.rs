//! The raw signing rate of this build: what every rate of tokens is held against.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use signet::clock::{Clock as _, SystemClock};
use signet::jose::Algorithm;
use signet::keys::{self, BACKENDS, LoadOptions, SigningKey};

use super::cpu;

/// The length of what is signed for a token.
const MESSAGE: [u8; 500] = [b'x'; 500];

/// How many signatures, in which time, in which time on the core.
pub struct Signed {
    pub count: usize,
    pub elapsed: Duration,
    pub cpu: Duration,
}

/// Names of the backends of an algorithm, the preferred one first.
pub fn backends(algorithm: Algorithm) -> Vec<&'static str> {
    let of_algorithm = BACKENDS.iter().filter(|backend| backend.algorithm() == algorithm);
    of_algorithm.map(|backend| backend.name()).collect()
}

/// The key of a directory as the server would load it.
pub fn key(directory: &Path, backend: &str, algorithm: Algorithm) -> Arc<dyn SigningKey> {
    let options = LoadOptions {
        backend: Some(backend),
        retention: signet::inputs::retention(5),
        require_private_permissions: true,
    };
    let now = SystemClock.now();
    let (keyring, findings) = keys::load(&directory.join("keys"), now, &options);
    let keyring = keyring.unwrap_or_else(|| panic!("{findings:?}"));
    Arc::clone(keyring.signing(algorithm, now).expect("a key of every algorithm"))
}

/// Signs `batch` messages at a time on the calling thread.
pub fn sign_for(key: &dyn SigningKey, batch: usize, duration: Duration) -> Signed {
    let messages = vec![&MESSAGE[..]; batch];
    let mut signatures = vec![0; key.signature_bytes() * batch];
    let (started, cpu, mut count) = (Instant::now(), cpu::of_thread(), 0);
    while started.elapsed() < duration {
        key.sign(std::hint::black_box(&messages), &mut signatures).expect("signatures");
        count += batch;
    }
    Signed { count, elapsed: started.elapsed(), cpu: cpu::of_thread() - cpu }
}
