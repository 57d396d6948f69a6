//! The metrics of keys: which there are, which signs and since when, and what the plan brings next.
//! Series of what is not there any more are dropped, so that an alert can ask for their absence.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::metrics::raise;
use crate::clock::UnixTime;
use crate::keys::{KeyStatus, Keyring, State, withheld_signatures};

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct KeyLabels {
    kid: String,
    alg: &'static str,
    state: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct AlgorithmLabels {
    alg: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct SourceLabels {
    source: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct SignerLabels {
    alg: &'static str,
    backend: &'static str,
}

#[derive(Default)]
pub struct KeyMetrics {
    info: Family<KeyLabels, Gauge>,
    next_change: Family<AlgorithmLabels, Gauge>,
    signing_age: Family<AlgorithmLabels, Gauge>,
    loaded: Family<SourceLabels, Gauge>,
    signer: Family<SignerLabels, Gauge>,
    withheld: Counter,
}

impl KeyMetrics {
    pub fn register(&self, registry: &mut Registry) {
        registry.register("key_info", "Keys in the key plan and their state", self.info.clone());
        let help = "Seconds to the next change of the key set";
        registry.register("key_next_change_seconds", help, self.next_change.clone());
        let help = "Seconds since the key that signs became active";
        registry.register("signing_key_age_seconds", help, self.signing_age.clone());
        registry.register("keys_loaded", "Keys by what they were read from", self.loaded.clone());
        registry.register("signer_info", "What signs, by algorithm", self.signer.clone());
        let help = "Signatures that did not verify and were made again by another library";
        registry.register("withheld_signatures", help, self.withheld.clone());
    }

    pub fn set(&self, keyring: &Keyring, now: UnixTime) {
        self.info.clear();
        self.next_change.clear();
        self.signing_age.clear();
        self.loaded.clear();
        self.signer.clear();
        raise(&self.withheld, withheld_signatures());
        for key in keyring.states(now) {
            let alg = key.algorithm.name();
            let labels = KeyLabels { kid: key.kid.to_owned(), alg, state: key.state.name() };
            self.info.get_or_create(&labels).set(1);
            let labels = AlgorithmLabels { alg };
            if key.state == State::Signing {
                self.signing_age.get_or_create(&labels).set(now.since(key.activation));
                if let Some(backend) = key.backend {
                    self.signer.get_or_create(&SignerLabels { alg, backend }).set(1);
                }
            }
            if let Some(seconds) = next_change_seconds(&key, now) {
                let soonest = self.next_change.get_or_create(&labels);
                // A series that is new here is zero, and no change is that close.
                let earlier = Some(soonest.get()).filter(|earlier| *earlier > 0).unwrap_or(seconds);
                soonest.set(seconds.min(earlier));
            }
            self.loaded.get_or_create(&SourceLabels { source: source(&key) }).inc();
        }
        let revoked = i64::try_from(keyring.revoked().len()).unwrap_or(i64::MAX);
        if revoked > 0 {
            self.loaded.get_or_create(&SourceLabels { source: "revoked_file" }).set(revoked);
        }
    }
}

/// To the next instant at which this key appears, takes over or leaves; at least 1.
fn next_change_seconds(key: &KeyStatus<'_>, now: UnixTime) -> Option<i64> {
    let instants = [Some(key.activation), key.gone];
    instants.into_iter().flatten().map(|at| at.since(now)).filter(|seconds| *seconds > 0).min()
}

fn source(key: &KeyStatus<'_>) -> &'static str {
    match (key.file.ends_with(".pem"), key.has_private_half) {
        (true, true) => "private_file",
        (true, false) => "public_file",
        (false, _) => "memory",
    }
}
