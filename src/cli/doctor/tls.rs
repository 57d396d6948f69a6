//! What TLS shows of a server: version, chain, and what a client here thinks of them. The handshake
//! is carried on whatever the verdict, so that a bad certificate does not hide everything else:
//! nothing secret is ever sent on these connections.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime as RustlsTime};
use rustls_platform_verifier::Verifier;
use x509_parser::certificate::X509Certificate;

use crate::clock::UnixTime;
use crate::diagnostic::catalogue::issuers as codes;
use crate::diagnostic::{Finding, Findings};
use crate::jose::strict_json::shown;
use crate::keys::verifiers::duration;

/// One handshake as it was seen.
#[derive(Clone, Debug)]
pub struct Handshake {
    pub host: String,
    pub chain: Vec<CertificateDer<'static>>,
    pub verdict: Result<(), Error>,
    /// `None` until the server has proved that it has the key.
    pub is_tls13: Option<bool>,
}

/// Accepts every certificate and remembers what the usual verifier says.
#[derive(Debug)]
pub struct Recorder {
    /// Made for the first certificate, because the system has many to read. `None` where it has none.
    judge: OnceLock<Option<Verifier>>,
    provider: Arc<CryptoProvider>,
    seen: Mutex<Vec<Handshake>>,
}

impl Recorder {
    /// # Errors
    /// A certificate among `extra_roots` that cannot be used.
    pub fn new(extra_roots: Vec<CertificateDer<'static>>) -> Result<Arc<Self>, Error> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let judge = OnceLock::new();
        if !extra_roots.is_empty() {
            let verifier = Verifier::new_with_extra_roots(extra_roots, Arc::clone(&provider))?;
            judge.get_or_init(|| Some(verifier));
        }
        Ok(Arc::new(Self { judge, provider, seen: Mutex::default() }))
    }

    /// # Errors
    /// A provider without TLS 1.2 and 1.3.
    pub fn client_config(self: &Arc<Self>) -> Result<ClientConfig, Error> {
        let verifier: Arc<dyn ServerCertVerifier> = Arc::clone(self) as _;
        let config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        Ok(config.with_no_client_auth())
    }

    /// The first handshake with each host.
    pub fn handshakes(&self) -> Vec<Handshake> {
        let mut first: Vec<Handshake> = Vec::new();
        for handshake in self.seen().iter() {
            if !first.iter().any(|known| known.host == handshake.host) {
                first.push(handshake.clone());
            }
        }
        first
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Vec<Handshake>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Handshakes come one after the other: the signature belongs to the last chain.
    fn note_version(&self, is_tls13: bool) {
        if let Some(last) = self.seen().last_mut() {
            last.is_tls13 = Some(is_tls13);
        }
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: RustlsTime,
    ) -> Result<ServerCertVerified, Error> {
        let judge = self.judge.get_or_init(|| Verifier::new(Arc::clone(&self.provider)).ok());
        let verdict = match judge {
            Some(judge) => judge.verify_server_cert(leaf, intermediates, name, ocsp, now).map(drop),
            None => Err(CertificateError::UnknownIssuer.into()),
        };
        let chain = [leaf].into_iter().chain(intermediates).map(|one| one.clone().into_owned()).collect();
        let host = name.to_str().into_owned();
        self.seen().push(Handshake { host, chain, verdict, is_tls13: None });
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.note_version(false);
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.note_version(true);
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// When the first certificate of the chain ends: the earliest of all that the server sent.
pub fn ends(handshake: &Handshake) -> Option<UnixTime> {
    let parsed = handshake.chain.iter().filter_map(|der| parse(der));
    parsed.map(|one| UnixTime::from_seconds(one.validity().not_after.timestamp())).min()
}

fn parse<'d>(der: &'d CertificateDer<'_>) -> Option<X509Certificate<'d>> {
    x509_parser::parse_x509_certificate(der).ok().map(|(_, certificate)| certificate)
}

/// What is wrong with a handshake. With `any_trust` nobody asks who made the certificate and for
/// whom. `soon_seconds`: what "soon" is.
pub fn findings(handshake: &Handshake, now: UnixTime, soon_seconds: i64, any_trust: bool) -> Findings {
    let mut findings = Findings::default();
    let host = shown(&handshake.host);
    let place = format!("https://{host}");
    let end = ends(handshake);
    if let (Err(error), false) = (&handshake.verdict, any_trust) {
        let (reason, help) = refusal(handshake, error);
        let message = format!("the certificate of `{host}` is refused: {reason}");
        findings.push(Finding::new(&codes::CERTIFICATE_REFUSED, message).help(help).in_file(&*place));
    }
    if let Some(left) = end.map(|end| end.since(now)).filter(|left| (0..=soon_seconds).contains(left)) {
        let message = format!("a certificate of `{host}` ends in {}", duration(left));
        let finding = Finding::new(&codes::CERTIFICATE_ENDS, message).in_file(&*place);
        findings.push(finding.help("renew it, and make sure that the server reads the new one"));
    }
    if handshake.is_tls13 == Some(false) {
        let message = format!("`{host}` speaks TLS 1.2 and not 1.3");
        let finding = Finding::new(&codes::TLS_VERSION, message).in_file(&*place);
        findings.push(finding.help("allow TLS 1.3 at the server or at the proxy in front of it"));
    }
    findings
}

/// The reason in words, and what to do.
fn refusal(handshake: &Handshake, error: &Error) -> (String, &'static str) {
    let Error::InvalidCertificate(error) = error else {
        return (
            shown(&error.to_string()),
            "look at the chain: openssl s_client -connect HOST:PORT -showcerts",
        );
    };
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            let when = ends(handshake).map_or(String::new(), |end| format!(" at {end}"));
            (format!("it, or one above it, expired{when}"), "renew it; check this machine's clock too")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            ("it is not valid yet".to_owned(), "compare the clocks of both machines: date -u")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            let names = names(handshake);
            let names = if names.is_empty() { "no host".to_owned() } else { names.join(", ") };
            (format!("it is for {names}"), "the host of the issuer must be among its subjectAltName entries")
        }
        CertificateError::UnknownIssuer => unknown_issuer(handshake),
        CertificateError::Revoked => ("it was revoked".to_owned(), "put a new one in its place"),
        CertificateError::BadSignature => (
            "its signature is not that of the certificate above it".to_owned(),
            "send the right intermediates",
        ),
        other => (shown(&format!("{other:?}")), "make a new one for a server, with its name and a usual key"),
    }
}

fn unknown_issuer(handshake: &Handshake) -> (String, &'static str) {
    let leaf = handshake.chain.first().and_then(|der| parse(der));
    let is_self_signed = leaf.is_some_and(|leaf| leaf.subject() == leaf.issuer());
    match (handshake.chain.len(), is_self_signed) {
        (_, true) => (
            "it is signed by nobody but itself".to_owned(),
            "take one from an authority that all verifiers trust; for this look, name it with --cacert",
        ),
        (0 | 1, false) => (
            "the server sends it alone, and it is from no authority that this machine trusts".to_owned(),
            "send the intermediates after it; for an authority of your own use --cacert FILE",
        ),
        _ => (
            "it is from no authority that this machine trusts".to_owned(),
            "for an authority of your own use --cacert FILE; every verifier needs it too",
        ),
    }
}

/// The names that the certificate is for.
fn names(handshake: &Handshake) -> Vec<String> {
    /// Enough to see what kind of certificate it is.
    const NAMES_MAX: usize = 8;
    let Some(leaf) = handshake.chain.first().and_then(|der| parse(der)) else { return Vec::new() };
    let Ok(Some(names)) = leaf.subject_alternative_name() else { return Vec::new() };
    let names = names.value.general_names.iter().take(NAMES_MAX);
    names.map(|name| shown(&name.to_string())).collect()
}
