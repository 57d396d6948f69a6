//! What `serve` and `dev` share: the flags about how a server runs, and the run itself.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use tracing::level_filters::LevelFilter;

use super::exit::failure;
use super::{Exit, Global, output};
use crate::app::{self, RunSettings, Running};
use crate::client_auth::{FetchedKeys, Memory};
use crate::config::{
    ClientKeySettings, InputSettings, LimitSettings, ReloadSettings, ReplayStoreSettings, TokenSettings,
};
use crate::http::Limits;
use crate::inputs::{BuiltIn, Inputs};
use crate::issuer::IssuerSettings;
use crate::oauth::IssuerUrl;
use crate::reload::GuardSettings;
use crate::remote_keys::FetchSettings;
use crate::replay_store;
use crate::telemetry::{self, LogFormat, LogGuard};
use crate::token::MintSettings;

#[derive(Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub files: InputSettings,
    #[command(flatten)]
    reload: ReloadSettings,
    #[command(flatten)]
    pub token: TokenSettings,
    #[command(flatten)]
    replay_store: ReplayStoreSettings,
    #[command(flatten)]
    limits: LimitSettings,
    #[command(flatten)]
    client_keys: ClientKeySettings,
}

impl RunArgs {
    pub fn inputs(&self, built_in: BuiltIn) -> Inputs {
        Inputs {
            clients: self.files.clients.clone(),
            keys: self.files.keys.clone(),
            signer: self.token.signer.clone(),
            clock_allowance_seconds: self.token.clock_allowance,
            built_in,
        }
    }

    /// The part of the settings that tokens and metadata are made from.
    pub fn issuer(&self, issuer: IssuerUrl, reveal_reasons: bool) -> IssuerSettings {
        IssuerSettings {
            mint: MintSettings {
                issuer,
                access_token_lifetime_seconds: self.token.access_token_lifetime,
                clock_allowance_seconds: self.token.clock_allowance,
            },
            reveal_reasons,
            authorization_endpoint: self.token.authorization_endpoint,
            publish_scopes: self.token.publish_scopes,
        }
    }

    /// Settings of a server that listens nowhere yet and has no rules of its own.
    ///
    /// # Errors
    /// When the replay store is not described as one.
    pub fn settings(
        &self,
        issuer: IssuerSettings,
        log_format: LogFormat,
        log: &LogGuard,
    ) -> anyhow::Result<RunSettings> {
        let replay_store = replay_store::Settings::new(&self.replay_store);
        let replay_store = replay_store.map_err(|reason| failure(Exit::Configuration, reason))?;
        let dropped = log.dropped();
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(RunSettings {
            issuer,
            rules: Vec::new(),
            listen: Vec::new(),
            certificate: None,
            limits: self.limits(),
            slow_check_threads: self
                .limits
                .slow_check_threads
                .map_or_else(|| cores().div_ceil(2), usize::from),
            workers: self.limits.workers.map_or_else(cores, usize::from),
            poll_interval: Duration::from_secs(self.reload.poll_interval.into()),
            guard: GuardSettings {
                max_removed_percent: self.reload.max_removed,
                require_end_marker: self.reload.require_end_marker,
            },
            log_format,
            public_readyz: false,
            for_development: false,
            memory: Arc::new(Memory {
                fetched_keys: FetchedKeys::with_max_age(self.client_keys.max_age_seconds()),
                ..Memory::new(self.limits.replay_entries_max, self.limits.failures_per_minute)
            }),
            replay_store,
            dropped_log_lines: Box::new(move || dropped.dropped_lines() as u64),
            client_keys: FetchSettings {
                refresh_seconds: self.client_keys.jwks_uri_refresh,
                networks: self.client_keys.jwks_uri_networks.clone().unwrap_or_default(),
                ca: self.client_keys.jwks_uri_ca.clone(),
                ..FetchSettings::default()
            },
        })
    }

    fn limits(&self) -> Limits {
        let seconds = |value: u32| Duration::from_secs(value.into());
        Limits {
            connections_max: self.limits.connections_max,
            body_bytes_max: self.limits.body_bytes_max,
            head_deadline: seconds(self.limits.head_deadline),
            body_deadline: seconds(self.limits.body_deadline),
            write_stall_deadline: seconds(self.limits.write_deadline),
            idle_deadline: seconds(self.limits.idle_deadline),
            shutdown_deadline: seconds(self.limits.shutdown_deadline),
            ..Limits::default()
        }
    }
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
