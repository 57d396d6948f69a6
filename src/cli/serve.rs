//! `signet serve`: run for real. It refuses what only a demo may have.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use tracing::level_filters::LevelFilter;

use super::exit::failure;
use super::{Exit, Global, output};
use crate::app::{self, BuiltIn, Certificate, Inputs, Listen, Rule, RunSettings, Running};
use crate::clock::{Clock, SystemClock};
use crate::config::{self, InputSettings, LimitSettings, ListenAddress, ReloadSettings, TokenSettings};
use crate::http::{Limits, Side};
use crate::issuer::IssuerSettings;
use crate::oauth::IssuerUrl;
use crate::reload;
use crate::telemetry::{self, LogFormat, LogGuard};
use crate::token::MintSettings;

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
    #[command(flatten)]
    inputs: InputSettings,
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
    token: TokenSettings,
    #[command(flatten)]
    limits: LimitSettings,
    #[command(flatten)]
    reload: ReloadSettings,
}

pub fn run(args: ServeArgs, global: Global) -> anyhow::Result<Exit> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let inputs = Inputs {
        clients: args.inputs.clients.clone(),
        keys: args.inputs.keys.clone(),
        signer: args.token.signer.clone(),
        clock_allowance_seconds: args.token.clock_allowance,
        built_in: BuiltIn::default(),
    };
    let issuer_settings = issuer_settings(args.issuer.clone(), &args.token, false);
    let rules: Vec<Rule> = vec![config::published_secrets];
    let (issuer, findings) = inputs.build(&issuer_settings, &rules, clock.now());
    let Some(issuer) = issuer else {
        return Ok(output::findings(&findings, global.format, global.color, Exit::Configuration));
    };
    let certificate = match (&args.tls_certificate, &args.tls_key) {
        (Some(chain), Some(key)) => {
            let loaded = Certificate::load(chain, key);
            Some(loaded.map_err(|error| failure(Exit::Configuration, error.to_string()))?)
        }
        (None, None) => None,
        // Flags and environment are checked as they are parsed; the settings file only gives defaults.
        _ => {
            let message = "tls-certificate and tls-key belong together, and one of them is missing";
            return Err(failure(Exit::Configuration, message));
        }
    };
    let tls = certificate.as_ref().map(Certificate::source);
    let default_port = if tls.is_some() { "0.0.0.0:8443" } else { "0.0.0.0:8080" };
    let public = match args.listen {
        Some(address) => address,
        None => default_port.parse().map_err(anyhow::Error::msg)?,
    };
    let log = start_log(args.log_format, global);
    // Warnings only: as lines of the log, so that whoever reads it can read every line.
    reload::report(findings);
    let dropped = log.dropped();
    let settings = RunSettings {
        issuer: issuer_settings,
        rules,
        listen: vec![
            Listen { address: public, side: Side::Public, tls, flag: "--listen" },
            Listen { address: args.admin_listen, side: Side::Admin, tls: None, flag: "--admin-listen" },
        ],
        certificate,
        limits: limits(&args.limits),
        workers: workers(&args.limits),
        poll_interval: Duration::from_secs(args.reload.poll_interval.into()),
        log_format: args.log_format,
        public_readyz: args.public_readyz,
        dropped_log_lines: Box::new(move || dropped.dropped_lines() as u64),
        swapped: Box::new(|_, _| {}),
    };
    until_stopped(async move {
        let revision = issuer.revision().to_owned();
        let clients = issuer.registry().client_count();
        let running = app::start(inputs, issuer, clock, settings).await?;
        let addresses = running.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        tracing::info!(
            version = env!("CARGO_PKG_VERSION"),
            issuer = args.issuer.as_str(),
            listening = addresses,
            config_revision = revision,
            clients,
            "signet serves"
        );
        Ok(running)
    })?;
    drop(log);
    Ok(Exit::Fine)
}

/// The part of the settings that tokens and metadata are made from.
pub fn issuer_settings(issuer: IssuerUrl, token: &TokenSettings, reveal_reasons: bool) -> IssuerSettings {
    IssuerSettings {
        mint: MintSettings {
            issuer,
            access_token_lifetime_seconds: token.access_token_lifetime,
            clock_allowance_seconds: token.clock_allowance,
        },
        reveal_reasons,
        authorization_endpoint: token.authorization_endpoint,
        publish_scopes: token.publish_scopes,
    }
}

pub fn limits(settings: &LimitSettings) -> Limits {
    let seconds = |value: u32| Duration::from_secs(value.into());
    Limits {
        connections_max: settings.connections_max,
        body_bytes_max: settings.body_bytes_max,
        head_deadline: seconds(settings.head_deadline),
        body_deadline: seconds(settings.body_deadline),
        write_stall_deadline: seconds(settings.write_deadline),
        idle_deadline: seconds(settings.idle_deadline),
        shutdown_deadline: seconds(settings.shutdown_deadline),
        ..Limits::default()
    }
}

pub fn workers(settings: &LimitSettings) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    settings.workers.map_or_else(cores, usize::from)
}

pub fn start_log(format: LogFormat, global: Global) -> LogGuard {
    let level = match (global.quiet, global.verbose) {
        (true, _) => LevelFilter::WARN,
        (false, 0) => LevelFilter::INFO,
        (false, 1) => LevelFilter::DEBUG,
        (false, _) => LevelFilter::TRACE,
    };
    telemetry::init(format, level, output::coloured(global.color, std::io::stderr().is_terminal()))
}

/// Runs what `start` starts until SIGTERM or SIGINT; SIGHUP reads the files again.
pub fn until_stopped(start: impl Future<Output = anyhow::Result<Running>>) -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    app::runtime()?.block_on(async {
        let mut hangup = signal(SignalKind::hangup()).context("cannot watch for SIGHUP")?;
        let mut terminate = signal(SignalKind::terminate()).context("cannot watch for SIGTERM")?;
        let mut interrupt = signal(SignalKind::interrupt()).context("cannot watch for SIGINT")?;
        let mut running = start.await?;
        loop {
            tokio::select! {
                _ = hangup.recv() => running.reload(),
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                ended = running.failed() => {
                    ended.context("a listener ended")?;
                    anyhow::bail!("a listener ended by itself");
                }
            }
        }
        tracing::info!("shutting down");
        running.stop().await;
        Ok(())
    })
}
