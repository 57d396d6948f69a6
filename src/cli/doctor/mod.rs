//! `signet doctor`: looks at a live issuer from outside, as clients and verifiers do, and says what
//! they would stumble over. It knows no secret and sends none.

mod discovery;
mod headers;
mod key_set;
mod members;
mod metadata;
mod old_tls;
mod tls;
mod token;
mod visit;

use clap::Args;
use reqwest::Url;
use zeroize::Zeroizing;

use self::discovery::Document;
use self::visit::{Visit, Visitor};
use super::deny::{self, DenyArgs};
use super::fetch::TrustArgs;
use super::{Exit, Format, Global, output, verifier_args};
use crate::clock::{Clock as _, SystemClock};
use crate::config;
use crate::diagnostic::catalogue::issuers as codes;
use crate::diagnostic::{Finding, Findings, Severity};
use crate::jose::strict_json::shown;
use crate::keys::verifiers::duration;

const EXAMPLES: &str = "\
Examples:
  signet doctor https://auth.example.com
  signet doctor https://auth.example.com --cacert company-ca.pem --deny warnings
  signet doctor https://auth.example.com --token token.txt      and is this token of it any good?
  signet doctor http://localhost:8080 -v                        with notes

It fetches metadata and key set, and asks for a token without credentials, which is refused.
Exit code 0: nothing denied, 1: findings, 4: the issuer cannot be reached.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct DoctorArgs {
    /// Issuer, as it stands in `iss` of its tokens
    #[arg(env = "SIGNET_ISSUER", value_name = "URL", value_parser = issuer)]
    issuer: String,
    /// File that holds a token of the issuer, to be verified as well; - is standard input
    #[arg(long, value_name = "FILE")]
    token: Option<String>,
    /// How far ahead the issuer announces its keys, which its caching headers are held against
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = verifier_args::duration)]
    lead: i64,
    /// Find certificates that end within this time
    #[arg(long, env = "SIGNET_CERTIFICATE_EXPIRING_WITHIN", value_name = "DURATION", default_value = "14d",
          value_parser = config::seconds)]
    certificate_expiring_within: u32,
    #[command(flatten)]
    deny: DenyArgs,
    #[command(flatten)]
    trust: TrustArgs,
}

/// Any issuer of others, so no more than a URL with a host. What is wrong with it, the findings say.
fn issuer(text: &str) -> Result<String, String> {
    let url = Url::parse(text).map_err(|error| format!("{error}; write https://auth.example.com"))?;
    if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none() {
        return Err("it must begin with https://".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a user name or password has no place in it".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("an issuer has no query and no fragment (RFC 8414 section 2)".to_owned());
    }
    match text.split_once("/.well-known/") {
        Some((issuer, _)) => Err(format!("give the issuer, not its metadata: {issuer}")),
        None => Ok(text.to_owned()),
    }
}

pub fn run(args: &DoctorArgs, global: Global) -> anyhow::Result<Exit> {
    let token = args.token.as_deref().map(output::read_input).transpose()?;
    let visitor = Visitor::new(&args.trust)?;
    let mut examination = Examination { args, visitor, findings: Findings::default(), facts: Vec::new() };
    let is_reachable = examination.run(token.as_ref());
    let Examination { findings, facts, .. } = examination;
    if global.format == Format::Human {
        facts.iter().for_each(|(name, fact)| output::line(&format!("{name:<12}{fact}")));
    }
    let findings = findings.denying(|severity, _| args.deny.denies(severity));
    let exit = if is_reachable { Exit::Refused } else { Exit::Io };
    let (exit, also) = deny::print(&findings, "doctor", global, exit);
    if let (Format::Human, Exit::Fine) = (global.format, exit) {
        output::line(&format!("no errors{also}"));
    }
    Ok(exit)
}

struct Examination<'a> {
    args: &'a DoctorArgs,
    visitor: Visitor,
    findings: Findings,
    /// What was seen, for people: name and words.
    facts: Vec<(&'static str, String)>,
}

impl Examination<'_> {
    /// Could the issuer be reached?
    fn run(&mut self, token: Option<&Zeroizing<String>>) -> bool {
        let asked = &self.args.issuer;
        let spinner = output::spinner(&format!("looking at {asked}"));
        let discovered = discovery::discover(&self.visitor, asked, &mut self.findings);
        if !discovered.is_reachable {
            self.tls();
            spinner.finish_and_clear();
            return false;
        }
        self.fact("issuer", asked.clone());
        self.fact("metadata", format!("at {} of {} places", discovered.found, discovered.places));
        for document in &discovered.documents {
            discovery::judge_issuer(document, asked, &mut self.findings);
            metadata::judge(document, asked, &mut self.findings);
        }
        let mut visits = Vec::new();
        if let Some(document) = discovered.documents.first() {
            visits.extend(self.key_set(document, token));
            if let Some(url) = self.endpoint(document, "token_endpoint") {
                visits.extend(token::endpoint(&self.visitor, &url, &mut self.findings));
            }
        }
        self.clock(discovered.documents.iter().map(|document| &document.visit).chain(&visits));
        self.tls();
        spinner.finish_and_clear();
        true
    }

    fn fact(&mut self, name: &'static str, words: String) {
        self.facts.push((name, words));
    }

    /// The URL of a member, when it may be visited; when not, `metadata` has said so.
    fn endpoint(&self, document: &Document, name: &str) -> Option<String> {
        let url = Url::parse(document.text(name)?).ok()?;
        metadata::is_safe(&url, &self.args.issuer).then(|| url.to_string())
    }

    fn key_set(&mut self, document: &Document, token: Option<&Zeroizing<String>>) -> Option<Visit> {
        let url = self.endpoint(document, "jwks_uri")?;
        let visit = match self.visitor.get(&url, None) {
            Ok(visit) => visit,
            Err(unreachable) => {
                self.findings.push(unreachable.finding(&url));
                return None;
            }
        };
        let Some(members) = visit.object(&mut self.findings) else { return Some(visit) };
        headers::common(&visit, &["application/json", "application/jwk-set+json"], &mut self.findings);
        let summary = key_set::judge(&visit, &members, &mut self.findings);
        let count = match summary.keys.len() {
            1 => "1 key".to_owned(),
            count => format!("{count} keys"),
        };
        self.fact("key set", format!("{count}: {}", summary.keys.join("; ")));
        let kept = headers::caching(&visit, self.args.lead, &mut self.findings);
        self.fact("kept for", kept);
        headers::validation(&self.visitor, &visit, &mut self.findings);
        self.algorithms(document, &summary);
        if let Some(token) = token {
            let issuer = document.text("issuer").unwrap_or(&self.args.issuer);
            token::judge(token, issuer, &visit, SystemClock.now(), &mut self.findings);
        }
        Some(visit)
    }

    /// go-oidc and others read this member as the list of what tokens may be signed with.
    fn algorithms(&mut self, document: &Document, summary: &key_set::Summary) {
        const MEMBER: &str = "id_token_signing_alg_values_supported";
        let listed = document.texts(MEMBER);
        let missing: Vec<String> = summary
            .algorithms
            .iter()
            .filter(|alg| !listed.contains(&alg.as_str()))
            .map(|alg| shown(alg))
            .collect();
        if document.members.contains_key(MEMBER) && !missing.is_empty() {
            let message = format!("`{MEMBER}` does not list {}, which keys are for", missing.join(", "));
            let help = "list every algorithm that tokens are signed with";
            self.findings.push(document.visit.finding(&codes::ALGORITHMS_DISAGREE, message).help(help));
        }
    }

    /// The smallest difference counts: a cache that does not say how old its copy is shows a larger.
    fn clock<'v>(&mut self, visits: impl Iterator<Item = &'v Visit>) {
        /// What PyJWT refuses is three seconds ahead.
        const SECONDS_MAX: i64 = 2;
        /// What most verifiers allow.
        const SECONDS_TOLERATED: i64 = 60;
        let visits: Vec<&Visit> = visits.filter(|visit| visit.answer.status < 500).collect();
        let Some(first) = visits.first() else { return };
        let Some(ahead) =
            visits.iter().filter_map(|visit| visit.clock_ahead()).min_by_key(|ahead| ahead.abs())
        else {
            let finding = first.finding(&codes::DATE_MISSING, "no answer has a `Date` that can be read");
            return self.findings.push(finding.help("a server with a clock sends one"));
        };
        let (size, way) = (ahead.abs(), if ahead > 0 { "ahead of" } else { "behind" });
        self.fact(
            "clock",
            if size == 0 { "as here".to_owned() } else { format!("{} {way} ours", duration(size)) },
        );
        if size > SECONDS_MAX {
            let message = format!("the clock of the issuer is {} {way} that of this machine", duration(size));
            let severity = if size > SECONDS_TOLERATED { Severity::Error } else { Severity::Warning };
            let finding = first.finding(&codes::CLOCK_SKEW, message).severity(severity);
            self.findings.push(finding.help("ask both: date -u, chronyc tracking"));
        }
    }

    fn tls(&mut self) {
        let now = SystemClock.now();
        for handshake in self.visitor.recorder.handshakes() {
            let version = match handshake.is_tls13 {
                Some(true) => "TLS 1.3",
                Some(false) => "TLS 1.2",
                None => "TLS that broke off",
            };
            let until =
                tls::ends(&handshake).map_or(String::new(), |end| format!(", certificate until {end}"));
            self.fact("connection", format!("{} {version}{until}", shown(&handshake.host)));
            let soon = i64::from(self.args.certificate_expiring_within);
            self.findings.extend(tls::findings(&handshake, now, soon, self.args.trust.insecure));
        }
        let issuer = Url::parse(&self.args.issuer).ok().filter(|url| url.scheme() == "https");
        if let Some(version) = issuer.and_then(|url| old_tls::accepted(&url)) {
            let message = format!("the server still agrees to {version}");
            let finding = Finding::new(&codes::TLS_OLD, message).in_file(self.args.issuer.clone());
            self.findings.push(finding.help("allow TLS 1.2 and 1.3 only"));
        }
    }
}
