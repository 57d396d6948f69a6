//! What people see: templates, filled. Everything that comes from outside is escaped by askama.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use askama::Template;

use crate::records::Record;
use crate::sessions::Package;

pub const ARCHIVE_PATH: &str = "/sdk/catalog-sdk.zip";
/// The page lists so many of a developer's clients; the records have all.
const CLIENTS_SHOWN: usize = 10;

#[derive(Template)]
#[template(path = "login.html")]
pub struct LoginPage<'a> {
    pub form: &'a str,
    pub name: &'a str,
    pub problem: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage<'a> {
    developer: &'a str,
    download_form: &'a str,
    logout_form: &'a str,
    scope: &'a str,
    clients: Vec<ClientEntry<'a>>,
    more: usize,
}

struct ClientEntry<'a> {
    client_id: &'a str,
    /// The id is long; this much of it tells it from others.
    short: &'a str,
    since: String,
    until: String,
    state: State,
    client_id_sha256: String,
}

#[derive(PartialEq)]
enum State {
    InUse,
    Replaced,
    Ended,
}

#[derive(Template)]
#[template(path = "ready.html")]
struct ReadyPage<'a> {
    developer: &'a str,
    archive: &'static str,
    client_id: &'a str,
    until: String,
}

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage<'a> {
    title: &'a str,
    text: &'a str,
}

pub fn home(developer: &str, forms: [&str; 2], scope: &str, records: &[Record], now: i64) -> HttpResponse {
    let entry = |(position, record)| entry_of(record, position == 0, now);
    let clients = records.iter().enumerate().take(CLIENTS_SHOWN).map(entry).collect();
    let more = records.len().saturating_sub(CLIENTS_SHOWN);
    let [download_form, logout_form] = forms;
    html(StatusCode::OK, &HomePage { developer, download_form, logout_form, scope, clients, more })
}

fn entry_of(record: &Record, is_newest: bool, now: i64) -> ClientEntry<'_> {
    let state = match (record.has_ended(now), is_newest) {
        (true, _) => State::Ended,
        (false, true) => State::InUse,
        (false, false) => State::Replaced,
    };
    ClientEntry {
        client_id: &record.client_id,
        short: record.client_id.get(..16).unwrap_or(&record.client_id),
        since: day(record.issued_at),
        until: end(record.expires_at),
        state,
        client_id_sha256: record.client_id_sha256(),
    }
}

pub fn ready(developer: &str, package: &Package) -> HttpResponse {
    let until = end(package.expires_at);
    html(
        StatusCode::OK,
        &ReadyPage { developer, archive: ARCHIVE_PATH, client_id: &package.client_id, until },
    )
}

pub fn message(status: StatusCode, title: &str, text: &str) -> HttpResponse {
    html(status, &MessagePage { title, text })
}

pub fn html(status: StatusCode, page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(text) => HttpResponse::build(status).content_type("text/html; charset=utf-8").body(text),
        Err(_) => HttpResponse::InternalServerError().body("this page cannot be shown\n"),
    }
}

pub fn retry_after(response: &mut HttpResponse, seconds: i64) {
    response.headers_mut().insert(RETRY_AFTER, seconds.into());
}

fn end(expires_at: Option<i64>) -> String {
    expires_at.map_or_else(|| "it is ended".to_owned(), day)
}

fn day(seconds: i64) -> String {
    let time = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
