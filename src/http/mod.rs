//! HTTP: the only module that knows actix. A thin layer: it picks the answer by exact path,
//! refuses what HTTP alone can refuse, and leaves every decision to the `Issuer`.

mod decisions;
mod error;
mod health;
mod pages;
mod register;
mod respond;
mod routes;
mod shedding;
mod signing_queue;
mod slow_checks;
mod token;
mod transport;
mod well_known;

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::web::{self, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use arc_swap::ArcSwap;

use crate::client_auth::Memory;
use crate::clock::Clock;
use crate::issuer::{Issuer, Observer};
use crate::replay_store::ReplayStore;
use decisions::Decisions;
pub use pages::LastReload;
use routes::Route;
pub use routes::document_paths;
use shedding::Shedding;
use signing_queue::SigningQueue;
pub use slow_checks::SlowChecks;
pub use transport::{
    Connections, Identity, Limits, Listener, RunningServer, Shedder, TLS_FILE_BYTES_MAX, TlsAcceptorSource,
    TlsError, start,
};

/// What the handlers share. One for all workers and listeners.
pub struct State {
    /// The snapshot in force; a reload swaps it.
    pub current: Arc<ArcSwap<Issuer>>,
    pub clock: Arc<dyn Clock>,
    pub observer: Arc<dyn Observer>,
    /// Answers to the questions of operators.
    pub status: Arc<dyn Status>,
    /// Serve `/readyz` on the public listener too.
    pub public_readyz: bool,
    /// What authentication remembers between requests.
    pub memory: Arc<Memory>,
    pub slow_checks: Arc<SlowChecks>,
    /// Asked about proofs for one use, where a fleet shares one.
    replay_store: Option<Arc<ReplayStore>>,
    /// What the pages tell of decisions.
    decisions: Decisions,
    /// Is this `dev`, whose public listeners carry the pages too?
    for_development: bool,
    requests: AtomicU64,
    instance: u32,
}

/// What `/readyz`, `/metrics` and the pages tell.
pub trait Status: Send + Sync {
    /// False while the server shuts down.
    fn is_ready(&self) -> bool;

    fn last_reload(&self) -> LastReload;

    /// OpenMetrics text.
    fn metrics(&self) -> String;
}

/// Which listener a request came in by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Public,
    Admin,
}

impl State {
    pub fn new(
        current: Arc<ArcSwap<Issuer>>,
        clock: Arc<dyn Clock>,
        observer: Arc<dyn Observer>,
        status: Arc<dyn Status>,
        memory: Arc<Memory>,
        slow_checks: Arc<SlowChecks>,
        public_readyz: bool,
    ) -> Self {
        let (requests, instance) = (AtomicU64::new(0), random_instance());
        let (replay_store, decisions, for_development) = (None, Decisions::default(), false);
        Self {
            current,
            clock,
            observer,
            status,
            public_readyz,
            memory,
            slow_checks,
            replay_store,
            decisions,
            for_development,
            requests,
            instance,
        }
    }

    pub fn with_replay_store(self, replay_store: Option<Arc<ReplayStore>>) -> Self {
        Self { replay_store, ..self }
    }

    /// Shows the pages on the public listeners too, and the last decisions on them.
    pub fn for_development(self) -> Self {
        Self { decisions: Decisions::that_keep_the_last(), for_development: true, ..self }
    }

    fn issuer(&self) -> Arc<Issuer> {
        self.current.load_full()
    }

    /// Names one request in the log: which process, and a running number.
    fn request_id(&self) -> String {
        format!("{:08x}-{:x}", self.instance, self.requests.fetch_add(1, Ordering::Relaxed))
    }
}

fn random_instance() -> u32 {
    use ring::rand::SecureRandom as _;
    let mut bytes = [0; 4];
    // Without random numbers ids of two processes may collide; nothing but the log shows them.
    let _ = ring::rand::SystemRandom::new().fill(&mut bytes);
    u32::from_be_bytes(bytes)
}

/// The application for one listener.
pub fn configure(
    state: Arc<State>,
    side: Side,
) -> impl Fn(&mut ServiceConfig) -> Option<Rc<dyn Shedder>> + Clone + Send + 'static {
    move |config| {
        let state = Arc::clone(&state);
        let queue = Rc::<SigningQueue>::default();
        // In `dev` each request is shown, so each is read.
        let sheds = side == Side::Public && !state.for_development;
        let shedding = Shedding::new(Arc::clone(&state), Rc::clone(&queue));
        config.default_service(web::to(move |request: HttpRequest, payload: Payload| {
            let (state, queue) = (Arc::clone(&state), Rc::clone(&queue));
            async move { answer(request, payload, &state, &queue, side).await }
        }));
        sheds.then(|| Rc::new(shedding) as Rc<dyn Shedder>)
    }
}

async fn answer(
    request: HttpRequest,
    payload: Payload,
    state: &State,
    queue: &Rc<SigningQueue>,
    side: Side,
) -> HttpResponse {
    let issuer = state.issuer();
    let route = routes::find(request.path(), issuer.url().path(), side);
    if route == Some(Route::Token) {
        // Not held while a body comes in: a reload waits for the last holder before it frees a snapshot.
        drop(issuer);
        return token::handle(&request, payload, state, queue).await;
    }
    if route == Some(Route::Register) {
        if issuer.registration_endpoint().is_none() {
            return respond::not_found();
        }
        drop(issuer);
        return register::handle(&request, payload, state).await;
    }
    let is_served = |route: &Route<'_>| match route {
        Route::Page(page) => pages::is_served(*page, side, state),
        _ => true,
    };
    let Some(route) = route.filter(is_served) else { return respond::not_found() };
    if !matches!(request.method().as_str(), "GET" | "HEAD") {
        return respond::only_get();
    }
    let now = state.clock.now();
    match route {
        Route::Token | Route::Register => respond::not_found(),
        Route::KeySet => well_known::key_set(&issuer, now, request.headers()),
        Route::Metadata => well_known::metadata(&issuer, now, request.headers()),
        Route::Authorize if issuer.settings().authorization_endpoint => well_known::authorize(),
        Route::Authorize => respond::not_found(),
        Route::Errors(word) => pages::error_page(word, request.headers()),
        Route::Live => health::live(),
        Route::Ready if side == Side::Admin || state.public_readyz => health::ready(state, &issuer, now),
        Route::Ready => respond::not_found(),
        Route::Metrics => health::metrics(state),
        Route::Page(page) => pages::page(page, side, state, &issuer, now),
    }
}

/// Every reason for a refusal: the pipeline's, and what HTTP alone refuses.
pub fn reasons() -> impl Iterator<Item = &'static crate::oauth::Reason> {
    let of_here = [token::REASONS, register::REASONS, signing_queue::REASONS, slow_checks::REASONS];
    of_here
        .into_iter()
        .chain([crate::replay_store::REASONS])
        .flatten()
        .copied()
        .chain(crate::issuer::reasons())
}
