//! Orders, in Rust: `GET /orders/{id}` shows an order; `GET /orders/{id}/status` tells when it leaves, for
//! which it asks shipping with a token of its own. Every request here needs a token for this service;
//! the crate `example-api` judges it.

mod own_token;
mod peer;

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{self, Data, Path};
use actix_web::{App, HttpResponse, HttpServer};
use anyhow::Context as _;
use example_api::{Authorized, KeySet, Scope, Verifier};
use serde_json::{Value, json};

use crate::own_token::OwnToken;

const AUDIENCE: &str = "https://orders.example.com";
const WORKERS: usize = 2;
const HEAD_DEADLINE: Duration = Duration::from_secs(5);

struct Read;
impl Scope for Read {
    const NAME: &'static str = "orders:read";
}

struct Cancel;
impl Scope for Cancel {
    const NAME: &'static str = "orders:cancel";
}

/// Requests to shipping, each with this service's token for it.
struct Shipping {
    url: String,
    http: reqwest::Client,
    token: OwnToken,
}

impl Shipping {
    async fn shipment(&self, order: u32) -> anyhow::Result<Value> {
        let token = self.token.get().await?;
        peer::json(self.http.get(format!("{}/shipments/{order}", self.url)).bearer_auth(token)).await
    }
}

async fn order(caller: Authorized<Read>, id: Path<u32>) -> HttpResponse {
    HttpResponse::Ok().json(json!({
        "order": id.to_string(), "item": "lamp", "quantity": 2, "asked_by": caller.token.client_id,
    }))
}

async fn status(caller: Authorized<Read>, id: Path<u32>, shipping: Data<Shipping>) -> HttpResponse {
    match shipping.shipment(*id).await {
        Ok(shipment) => HttpResponse::Ok().json(json!({
            "order": id.to_string(), "asked_by": caller.token.client_id, "shipment": shipment,
        })),
        Err(error) => {
            say(&format!("shipping: {error:#}"));
            let message = "no shipment from shipping: it does not answer as it should";
            HttpResponse::BadGateway().json(json!({"message": message}))
        }
    }
}

async fn cancel(caller: Authorized<Cancel>, id: Path<u32>) -> HttpResponse {
    HttpResponse::Ok().json(json!({"order": id.to_string(), "cancelled_by": caller.token.client_id}))
}

/// To the log. Whoever read it may be gone; that is no reason to stop.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn setting(name: &str) -> anyhow::Result<String> {
    std::env::var(name).with_context(|| format!("set {name}; ../start does it"))
}

fn main() -> anyhow::Result<()> {
    let issuer = setting("ISSUER")?;
    let address = format!("localhost:{}", setting("PORT")?);
    let secret_file = setting("CLIENT_SECRET_FILE")?;
    let secret = std::fs::read_to_string(&secret_file).with_context(|| secret_file.clone())?;
    let http = peer::client()?;
    let client = ("orders", secret.trim());
    let token =
        OwnToken::new(http.clone(), &issuer, client, "shipments:read", "https://shipping.example.com");
    let shipping = Data::new(Shipping { url: setting("SHIPPING_URL")?, http, token });
    actix_web::rt::System::new().block_on(async {
        let keys = KeySet::new(&issuer)?;
        let verifier = Data::from(Arc::new(Verifier::new(issuer, AUDIENCE.to_owned(), keys)));
        let app = move || {
            App::new()
                .app_data(verifier.clone())
                .app_data(shipping.clone())
                .route("/livez", web::get().to(async || "ok\n"))
                .route("/orders/{id}", web::get().to(order))
                .route("/orders/{id}/status", web::get().to(status))
                .route("/orders/{id}/cancel", web::post().to(cancel))
        };
        let server =
            HttpServer::new(app).workers(WORKERS).client_request_timeout(HEAD_DEADLINE).bind(&address)?;
        say(&format!("serves http://{address}"));
        server.run().await.context("the server stopped")
    })
}
