//! `signet serve`: run for real. It refuses what only a demo may have.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::exit::failure;
use super::run_args::{RunArgs, start_log, until_stopped};
use super::{Exit, Global, output};
use crate::app::{self, Listen, RunSettings};
use crate::clock::{Clock, SystemClock, UnixTime};
use crate::config::{self, ListenAddress};
use crate::http::Side;
use crate::inputs::{BuiltIn, Certificate, Rule};
use crate::keys::{Keyring, State};
use crate::oauth::IssuerUrl;
use crate::reload;
use crate::telemetry::LogFormat;

const EXAMPLES: &str = "\
Examples:
  signet serve --issuer https://auth.example.com --clients clients/ --keys keys/
  signet serve --config signet.yaml
  signet serve --issuer https://auth.example.com --tls-certificate tls.crt --tls-key tls.key

SIGHUP reads clients and keys again; SIGTERM stops after what is in flight.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct ServeArgs {
    /// File with settings; its members are named like the flags
    #[arg(long, env = "SIGNET_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Issuer identifier: the https URL that stands in `iss`, without a slash at the end
    #[arg(long, env = "SIGNET_ISSUER", value_name = "URL", value_parser = config::issuer)]
    issuer: IssuerUrl,
    /// Address of the public listener [default: 0.0.0.0:8080, with a certificate 0.0.0.0:8443]
    #[arg(long, env = "SIGNET_LISTEN", value_name = "ADDRESS")]
    listen: Option<ListenAddress>,
    /// Address of the admin listener: /readyz, /metrics
    #[arg(long, env = "SIGNET_ADMIN_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:9090")]
    admin_listen: ListenAddress,
    /// Certificate chain (PEM); the public listener then speaks TLS
    #[arg(long, env = "SIGNET_TLS_CERTIFICATE", value_name = "FILE", requires = "tls_key")]
    tls_certificate: Option<PathBuf>,
    /// Private key of the certificate (PEM)
    #[arg(long, env = "SIGNET_TLS_KEY", value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
    /// Serve /readyz on the public listener too
    #[arg(long, env = "SIGNET_PUBLIC_READYZ", value_name = "true|false", default_value_t = false,
          hide_possible_values = true, action = clap::ArgAction::Set)]
    public_readyz: bool,
    /// How log lines look
    #[arg(long, env = "SIGNET_LOG_FORMAT", value_name = "FORMAT", default_value = "json")]
    log_format: LogFormat,
    #[command(flatten)]
    run: RunArgs,
}

pub fn run(args: ServeArgs, global: Global) -> anyhow::Result<Exit> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let inputs = args.run.inputs(BuiltIn::default());
    let issuer_settings = args.run.issuer(args.issuer.clone(), false);
    let rules: Vec<Rule> = vec![config::published_secrets];
    let (built, findings) = inputs.build(&issuer_settings, &rules, clock.now());
    let Ok(snapshot) = built else {
        return Ok(output::findings(&findings, global.format, global.color, Exit::Configuration));
    };
    let certificate = certificate(&args)?;
    let tls = certificate.as_ref().map(Certificate::source);
    let default_port = if tls.is_some() { "0.0.0.0:8443" } else { "0.0.0.0:8080" };
    let public = match args.listen {
        Some(address) => address,
        None => default_port.parse().map_err(anyhow::Error::msg)?,
    };
    let log = start_log(args.log_format, global);
    // Warnings only: as lines of the log, so that whoever reads it can read every line.
    reload::report(findings);
    let settings = RunSettings {
        rules,
        listen: vec![
            Listen { address: public, side: Side::Public, tls, flag: "--listen" },
            Listen { address: args.admin_listen, side: Side::Admin, tls: None, flag: "--admin-listen" },
        ],
        certificate,
        public_readyz: args.public_readyz,
        ..args.run.settings(issuer_settings, args.log_format, &log)?
    };
    until_stopped(async move {
        let revision = snapshot.issuer.revision().to_owned();
        let clients = snapshot.issuer.registry().client_count();
        let signers = signers(snapshot.issuer.keyring(), clock.now());
        let running = app::start(inputs, snapshot, clock, settings).await?;
        let addresses = running.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        tracing::info!(
            version = env!("CARGO_PKG_VERSION"),
            issuer = args.issuer.as_str(),
            listening = addresses,
            config_revision = revision,
            clients,
            signers,
            "signet serves"
        );
        Ok(running)
    })?;
    drop(log);
    Ok(Exit::Fine)
}

/// What signs with each algorithm, for the log.
fn signers(keyring: &Keyring, now: UnixTime) -> String {
    let states = keyring.states(now);
    let signing = states.iter().filter(|key| key.state == State::Signing);
    let names = signing.filter_map(|key| Some(format!("{}: {}", key.algorithm, key.backend?)));
    names.collect::<Vec<_>>().join(", ")
}

fn certificate(args: &ServeArgs) -> anyhow::Result<Option<Certificate>> {
    match (&args.tls_certificate, &args.tls_key) {
        (Some(chain), Some(key)) => {
            let loaded = Certificate::load(chain, key);
            Ok(Some(loaded.map_err(|error| failure(Exit::Configuration, error.to_string()))?))
        }
        (None, None) => Ok(None),
        // Flags and environment are checked as they are parsed; the settings file only gives defaults.
        _ => {
            let message = "tls-certificate and tls-key belong together, and one of them is missing";
            Err(failure(Exit::Configuration, message))
        }
    }
}
