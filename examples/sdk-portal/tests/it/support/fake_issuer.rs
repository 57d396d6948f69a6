//! A token service that registers clients, or is in another mood. Counts what it is asked for.

use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use actix_web::web::{self, Data, Json};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use base64::Engine as _;
use serde_json::{Value, json};

use super::in_background;

pub const REGISTRAR_SECRET: &str = "s: e+c/ret";
const MONTH_SECONDS: i64 = 30 * 24 * 60 * 60;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mood {
    Well,
    RegistrationIsOff,
    AnotherIssuer,
    RefusesRegistration,
    AsksToWait,
    AnswersNonsense,
    AnswersTooMuch,
    RefusesTheToken,
    GrantsTooMuch,
}

#[derive(Clone)]
pub struct FakeIssuer {
    pub url: String,
    pub mood: Arc<Mutex<Mood>>,
    pub registrations: Arc<AtomicUsize>,
    /// The last registration request, as it came.
    pub asked: Arc<Mutex<Value>>,
}

impl FakeIssuer {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = Self::at(format!("http://{}", listener.local_addr().unwrap()));
        let shared = Data::new(issuer.clone());
        let app = move || {
            App::new()
                .app_data(shared.clone())
                .route("/.well-known/openid-configuration", web::get().to(metadata))
                .route("/oauth2/register", web::post().to(register))
                .route("/oauth2/token", web::post().to(token))
        };
        in_background(move || HttpServer::new(app).workers(1).listen(listener).unwrap().run());
        issuer
    }

    /// Nobody listens there.
    pub fn down() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self::at(format!("http://{}", listener.local_addr().unwrap()))
    }

    fn at(url: String) -> Self {
        Self {
            url,
            mood: Arc::new(Mutex::new(Mood::Well)),
            registrations: Arc::default(),
            asked: Arc::default(),
        }
    }

    pub fn becomes(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn is(&self, mood: Mood) -> bool {
        *self.mood.lock().unwrap() == mood
    }

    pub fn registered(&self) -> usize {
        self.registrations.load(Ordering::SeqCst)
    }
}

async fn metadata(issuer: Data<FakeIssuer>) -> HttpResponse {
    let url = &issuer.url;
    let mut metadata = json!({"issuer": url, "token_endpoint": format!("{url}/oauth2/token")});
    if !issuer.is(Mood::RegistrationIsOff) {
        metadata["registration_endpoint"] = json!(format!("{url}/oauth2/register"));
    }
    if issuer.is(Mood::AnotherIssuer) {
        metadata["issuer"] = json!("https://other.example.com");
    }
    HttpResponse::Ok().json(metadata)
}

async fn register(request: HttpRequest, issuer: Data<FakeIssuer>, asked: Json<Value>) -> HttpResponse {
    // Both halves are form-encoded before they are joined (RFC 6749 §2.3.1).
    assert_eq!(basic(&request), "sdk-portal:s%3A+e%2Bc%2Fret");
    *issuer.asked.lock().unwrap() = asked.0;
    match *issuer.mood.lock().unwrap() {
        Mood::RefusesRegistration => {
            return HttpResponse::Forbidden().json(json!({"error": "access_denied"}));
        }
        Mood::AsksToWait => {
            let refusal = json!({"error": "temporarily_unavailable"});
            return HttpResponse::TooManyRequests().insert_header(("Retry-After", "17")).json(refusal);
        }
        Mood::AnswersNonsense => return HttpResponse::Created().body("<html>"),
        Mood::AnswersTooMuch => return HttpResponse::Created().body(vec![b' '; 100_000]),
        _ => {}
    }
    let number = issuer.registrations.fetch_add(1, Ordering::SeqCst) + 1;
    let issued_at = 1_800_000_000;
    HttpResponse::Created().json(json!({
        "client_id": format!("sgc_client-number-{number}"), "client_secret": format!("sgs_secret-{number}"),
        "client_id_issued_at": issued_at, "client_secret_expires_at": issued_at + MONTH_SECONDS,
        "scope": "catalog:read",
    }))
}

async fn token(request: HttpRequest, issuer: Data<FakeIssuer>, body: String) -> HttpResponse {
    assert!(basic(&request).starts_with("sgc_client-number-"));
    assert_eq!(body, "grant_type=client_credentials");
    if issuer.is(Mood::RefusesTheToken) {
        return HttpResponse::Unauthorized().json(json!({"error": "invalid_client"}));
    }
    let scope = if issuer.is(Mood::GrantsTooMuch) { "catalog:read catalog:write" } else { "catalog:read" };
    HttpResponse::Ok()
        .json(json!({"access_token": "a.b.c", "token_type": "Bearer", "expires_in": 600, "scope": scope}))
}

fn basic(request: &HttpRequest) -> String {
    let header = request.headers().get("Authorization").expect("credentials").to_str().unwrap();
    let encoded = header.strip_prefix("Basic ").expect("Basic");
    String::from_utf8(base64::prelude::BASE64_STANDARD.decode(encoded).unwrap()).unwrap()
}
