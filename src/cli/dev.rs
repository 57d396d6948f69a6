//! `signet dev`: start with nothing. Loopback only; a banner with the line that gets a token,
//! then one line a request with the full reason of every refusal.

use std::fmt::Write as _;
use std::sync::Arc;

use clap::Args;

use super::exit::failure;
use super::run_args::{RunArgs, start_log, until_stopped};
use super::{Exit, Format, Global, output};
use crate::app::{self, Listen, RunSettings};
use crate::client::Registry;
use crate::clock::{Clock, SystemClock};
use crate::config::{self, ListenAddress};
use crate::dev;
use crate::http::{Identity, Side, TlsAcceptorSource};
use crate::issuer::Issuer;
use crate::oauth::IssuerUrl;
use crate::telemetry::LogFormat;

const EXAMPLES: &str = "\
Examples:
  signet dev
  signet dev --listen localhost:8081 --tls-listen localhost:9444 --admin-listen 127.0.0.1:9091
  signet dev --clients my-clients.yaml --keys keys/";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct DevArgs {
    /// Address for http; loopback only
    #[arg(long, env = "SIGNET_LISTEN", value_name = "ADDRESS", default_value = "localhost:8080")]
    listen: ListenAddress,
    /// Address for https with a certificate made at start; loopback only
    #[arg(long, env = "SIGNET_TLS_LISTEN", value_name = "ADDRESS", default_value = "localhost:9443")]
    tls_listen: ListenAddress,
    /// Address of the admin listener: /readyz, /metrics; loopback only
    #[arg(long, env = "SIGNET_ADMIN_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:9090")]
    admin_listen: ListenAddress,
    /// Issuer identifier [default: http://localhost and the port of --listen]
    #[arg(long, env = "SIGNET_ISSUER", value_name = "URL", value_parser = config::issuer)]
    issuer: Option<IssuerUrl>,
    /// How log lines look
    #[arg(long, env = "SIGNET_LOG_FORMAT", value_name = "FORMAT", default_value = "human")]
    log_format: LogFormat,
    #[command(flatten)]
    run: RunArgs,
}

pub fn run(args: DevArgs, global: Global) -> anyhow::Result<Exit> {
    for address in [args.listen, args.tls_listen, args.admin_listen] {
        if !address.is_loopback() {
            let message =
                format!("`signet dev` listens on loopback only, not on {address}; use `signet serve`");
            return Err(failure(Exit::Usage, message));
        }
    }
    let issuer_url = match &args.issuer {
        Some(issuer) => issuer.clone(),
        None => default_issuer(args.listen)?,
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let files = &args.run.files;
    let inputs =
        args.run.inputs(dev::built_in(&files.clients, &files.keys, &args.run.token.signer, clock.now())?);
    let issuer_settings = args.run.issuer(issuer_url, true);
    let (built, findings) = inputs.build(&issuer_settings, &[], clock.now());
    let exit = output::findings(&findings, Format::Human, global.color, Exit::Configuration);
    let Ok(snapshot) = built else { return Ok(exit) };
    let (demo_clients, fresh_key) = (inputs.built_in.clients.is_some(), inputs.built_in.keyring.is_some());
    let banner = banner(&snapshot.issuer, &args, &clock, demo_clients, fresh_key);
    let log = start_log(args.log_format, global);
    let identity = Identity::self_signed(&["localhost", "127.0.0.1", "::1"])?;
    let tls = Some(TlsAcceptorSource::new(identity)?);
    let settings = RunSettings {
        listen: vec![
            Listen { address: args.listen, side: Side::Public, tls: None, flag: "--listen" },
            Listen { address: args.tls_listen, side: Side::Public, tls, flag: "--tls-listen" },
            Listen { address: args.admin_listen, side: Side::Admin, tls: None, flag: "--admin-listen" },
        ],
        public_readyz: true,
        for_development: true,
        ..args.run.settings(issuer_settings, args.log_format, &log)?
    };
    until_stopped(async move {
        let running = app::start(inputs, snapshot, clock, settings).await?;
        output::data(&banner);
        Ok(running)
    })?;
    drop(log);
    Ok(Exit::Fine)
}

fn default_issuer(listen: ListenAddress) -> anyhow::Result<IssuerUrl> {
    let port = listen.sockets().first().map_or(0, std::net::SocketAddr::port);
    if port == 0 {
        return Err(failure(Exit::Usage, "with port 0 the issuer cannot be guessed: give --issuer URL"));
    }
    let host = match listen {
        ListenAddress::Socket(address) if address.is_ipv6() => "[::1]".to_owned(),
        _ => "localhost".to_owned(),
    };
    config::issuer(&format!("http://{host}:{port}")).map_err(|reason| failure(Exit::Usage, reason))
}

/// Everything that a first-time user needs, ending with lines to paste.
fn banner(
    issuer: &Issuer,
    args: &DevArgs,
    clock: &Arc<dyn Clock>,
    demo_clients: bool,
    fresh_key: bool,
) -> String {
    let url = issuer.url();
    let mut text = format!("signet {} · development server, loopback only\n\n", env!("CARGO_PKG_VERSION"));
    // Writing to a String cannot fail.
    let _ = writeln!(text, "  issuer    {url}");
    let _ = writeln!(text, "  http      http://{}", args.listen);
    let _ =
        writeln!(text, "  https     https://{} (certificate made at start; curl needs -k)", args.tls_listen);
    let _ = writeln!(text, "  page      http://{}/ (keys, requests, token decoder, snippets)", args.listen);
    let _ = writeln!(text, "  admin     http://{} (/readyz, /metrics)", args.admin_listen);
    let clients = if demo_clients {
        "demo list, built in".to_owned()
    } else {
        args.run.files.clients.display().to_string()
    };
    let _ = writeln!(text, "  clients   {clients} (revision {})", issuer.revision());
    let keyring = issuer.keyring();
    for key in
        keyring.algorithms().into_iter().filter_map(|algorithm| keyring.signing(algorithm, clock.now()))
    {
        let origin = if fresh_key { "made at start, gone at the end" } else { "from the key directory" };
        let _ = writeln!(text, "  key       {} {} ({origin})", key.algorithm(), key.kid());
    }
    demo_lines(&mut text, issuer.registry(), url, args.tls_listen);
    text.push('\n');
    text
}

fn demo_lines(text: &mut String, registry: &Registry, url: &IssuerUrl, tls: ListenAddress) {
    let usable: Vec<_> = config::demo_secrets(registry).collect();
    let Some((id, secret)) = usable.first() else {
        let _ = writeln!(text, "\nGet a token (client ids are in the client list):\n");
        let _ = writeln!(
            text,
            "  curl --user ID:SECRET -k -d \"grant_type=client_credentials\" https://{tls}/oauth2/token"
        );
        return;
    };
    let _ = writeln!(text, "\nDemo clients (published secrets; `signet serve` refuses them):\n");
    for (id, secret) in &usable {
        let _ = writeln!(text, "  {}:{}", id, secret);
    }
    let _ = writeln!(text, "\nGet a token:\n");
    let _ = writeln!(
        text,
        "  curl --user {}:{} -k -d \"grant_type=client_credentials\" \
         -H \"Content-Type: application/x-www-form-urlencoded\" https://{tls}{}/oauth2/token",
        id,
        secret,
        url.path()
    );
    let audience = registry.find(id).and_then(|client| client.granted.first());
    let Some(audience) = audience.map(|granted| &granted.resource.audience) else { return };
    let _ = writeln!(text, "\nGet one and verify it offline:\n");
    let _ = writeln!(
        text,
        "  echo {} | signet token --issuer {url} --client-id {} --secret-stdin \\\n    \
         | signet verify --issuer {url} --audience {audience}",
        secret, id
    );
    let _ = writeln!(text, "\nResource servers:\n");
    let _ = writeln!(text, "  Node jose     createRemoteJWKSet(new URL('{url}/.well-known/jwks.json'))");
    let _ = writeln!(text, "  PyJWT         PyJWKClient('{url}/.well-known/jwks.json')");
    let _ = writeln!(
        text,
        "  Spring        spring.security.oauth2.resourceserver.jwt.issuer-uri={url}  (set typ: JWT)"
    );
    let _ = writeln!(text, "  Envoy, Istio  issuer: {url}, remote_jwks: {url}/.well-known/jwks.json");
}
