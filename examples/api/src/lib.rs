//! A resource server to copy: a catalog of books, read with the scope `catalog:read`, written with
//! `catalog:write`, behind access tokens (RFC 9068) that it verifies by itself.
//!
//! ```text
//! books.rs         what the API is about; one word, `Authorized<Read>`, protects a route
//! bearer.rs        RFC 6750: where a token may stand in a request, and how a refusal is said
//! access_token.rs  RFC 9068 §4: whether a token is good for this API
//! key_set.rs       the issuer's keys, fetched in advance and kept: requests go on while it is down
//! ```
//!
//! To protect an API of your own, take the three files below `books.rs` as they are.

mod access_token;
mod bearer;
mod books;
mod key_set;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::{App, HttpServer, web};

pub use access_token::{AccessToken, Refusal, Verifier};
pub use bearer::{Authorized, Scope};
pub use books::Shelf;
pub use key_set::KeySet;

/// Two threads are plenty for an example.
const WORKERS: usize = 2;
/// Who sends its request head slower than this is dropped.
const HEAD_DEADLINE: Duration = Duration::from_secs(5);

/// The server, listening; it runs when awaited.
///
/// # Errors
/// When the socket cannot be used.
pub fn serve(listener: TcpListener, verifier: Arc<Verifier>, shelf: Shelf) -> std::io::Result<Server> {
    let verifier = web::Data::from(verifier);
    let shelf = web::Data::new(shelf);
    let app = move || App::new().app_data(verifier.clone()).app_data(shelf.clone()).configure(books::routes);
    let server = HttpServer::new(app).workers(WORKERS).client_request_timeout(HEAD_DEADLINE);
    Ok(server.listen(listener)?.run())
}
