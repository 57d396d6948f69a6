//! The catalog itself: a list of books in memory, its two routes, and the scope that each needs. How
//! a token is found and judged it does not know: a handler that names `Authorized<…>` among its
//! arguments runs only for requests that may.

use std::sync::{Mutex, PoisonError};

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Json, ServiceConfig};
use actix_web::{FromRequest as _, HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::bearer::{Authorized, Scope};

/// May list the books.
pub struct Read;
impl Scope for Read {
    const NAME: &'static str = "catalog:read";
}

/// May add a book.
pub struct Write;
impl Scope for Write {
    const NAME: &'static str = "catalog:write";
}

/// A book is one line of text; a request body has no reason to be larger.
const BODY_BYTES_MAX: usize = 16 * 1024;
const TITLE_CHARACTERS_MAX: usize = 200;
/// The list lives in memory and shall stay small.
const BOOKS_MAX: usize = 1_000;

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    title: String,
}

/// The books, for as long as the process lives.
pub struct Shelf(Mutex<Vec<Book>>);

impl Shelf {
    pub fn with_samples() -> Self {
        let titles = ["The Art of Computer Programming", "Structure and Interpretation of Computer Programs"];
        Self(Mutex::new(titles.map(|title| Book { title: title.to_owned() }).into()))
    }
}

pub fn routes(app: &mut ServiceConfig) {
    app.app_data(web::JsonConfig::default().limit(BODY_BYTES_MAX))
        .service(
            web::resource("/books")
                .route(web::get().to(list))
                .route(web::post().to(add))
                .default_service(web::to(wrong_method)),
        )
        .route("/livez", web::get().to(async || "ok\n"))
        .default_service(web::to(async || {
            said_with(StatusCode::NOT_FOUND, "there is /books, and nothing else")
        }));
}

async fn wrong_method() -> HttpResponse {
    HttpResponse::MethodNotAllowed().insert_header(("Allow", "GET, POST")).finish()
}

async fn list(authorized: Authorized<Read>, shelf: Data<Shelf>) -> HttpResponse {
    let books = shelf.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    HttpResponse::Ok().json(json!({"books": books, "read_by": authorized.token.client_id}))
}

/// The body is read behind the check of the token, so that who may not write learns nothing of it.
async fn add(
    _: Authorized<Write>,
    request: HttpRequest,
    payload: web::Payload,
    shelf: Data<Shelf>,
) -> HttpResponse {
    let book = match Json::<Book>::from_request(&request, &mut payload.into_inner()).await {
        Ok(book) => book.0,
        Err(error) => {
            let said = r#"send a book as JSON, for example {"title": "Sartor Resartus"}"#;
            return said_with(error.as_response_error().status_code(), said);
        }
    };
    let characters = book.title.chars().count();
    if book.title.trim().is_empty() || characters > TITLE_CHARACTERS_MAX {
        return said_with(StatusCode::UNPROCESSABLE_ENTITY, "a title has 1 to 200 characters");
    }
    let mut books = shelf.0.lock().unwrap_or_else(PoisonError::into_inner);
    if books.len() >= BOOKS_MAX {
        return said_with(StatusCode::INSUFFICIENT_STORAGE, "the shelf is full");
    }
    books.push(book.clone());
    HttpResponse::Created().json(book)
}

fn said_with(status: StatusCode, said: &str) -> HttpResponse {
    HttpResponse::build(status).json(json!({"message": said}))
}
