//! What each address does. A click on "Download SDK" is: form used once, client registered and proved,
//! record written, archive kept for this session, and a page that begins the download. Whatever fails
//! before the record is written leaves nothing behind.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{self, Data, Form, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::accounts::PASSWORD_BYTES_MAX;
use crate::browser::{self, LoggedIn, LoginForms, see_other};
use crate::issuer::IssuerError;
use crate::pages::{self, LoginPage};
use crate::records::Record;
use crate::sessions::Package;
use crate::{Portal, sdk};

const FORM_BYTES_MAX: usize = 4 * 1024;
/// Who needs more has lost more than a download.
const CLIENTS_A_DAY: usize = 20;
const DAY_SECONDS: i64 = 24 * 60 * 60;

pub fn all(app: &mut ServiceConfig) {
    app.app_data(web::FormConfig::default().limit(FORM_BYTES_MAX).error_handler(|error, _| {
        let page = pages::message(StatusCode::BAD_REQUEST, "This form cannot be read", "Nothing was done.");
        actix_web::error::InternalError::from_response(error, page).into()
    }))
    .route("/", web::get().to(home))
    .route("/login", web::get().to(login_page))
    .route("/login", web::post().to(log_in))
    .route("/logout", web::post().to(log_out))
    .route("/sdk", web::post().to(new_sdk))
    .route("/sdk", web::get().to(ready))
    .route(pages::ARCHIVE_PATH, web::get().to(archive))
    .route("/portal.css", web::get().to(style))
    .route("/icon.svg", web::get().to(icon))
    .route("/livez", web::get().to(async || "ok\n"))
    .default_service(web::to(async || {
        pages::message(StatusCode::NOT_FOUND, "There is no such page", "The address leads nowhere.")
    }));
}

async fn style() -> HttpResponse {
    let css = include_str!("../templates/portal.css");
    HttpResponse::Ok().content_type("text/css; charset=utf-8").body(css)
}

async fn icon() -> HttpResponse {
    HttpResponse::Ok().content_type("image/svg+xml").body(include_str!("../templates/icon.svg"))
}

async fn login_page(request: HttpRequest, portal: Data<Portal>, logged_in: Option<LoggedIn>) -> HttpResponse {
    if logged_in.is_some() {
        return see_other("/");
    }
    let ended = browser::had_a_session(&request, &portal.settings);
    let problem = ended.then_some("Your session has ended, and nothing was done. Log in again.");
    show_login(&request, &portal, StatusCode::OK, "", problem)
}

fn show_login(
    request: &HttpRequest,
    portal: &Portal,
    status: StatusCode,
    name: &str,
    problem: Option<&str>,
) -> HttpResponse {
    let Ok((field, cookie)) = portal.login_forms.begin(request, &portal.settings) else {
        return pages::message(
            StatusCode::INTERNAL_SERVER_ERROR,
            "This does not work now",
            "Try again later.",
        );
    };
    let mut response = pages::html(status, &LoginPage { form: &field, name, problem });
    LoginForms::set_cookie(&mut response, &portal.settings, &cookie);
    browser::forget_session(&mut response, &portal.settings);
    response
}

#[derive(Deserialize)]
struct LoginForm {
    form: String,
    name: String,
    password: String,
}

async fn log_in(request: HttpRequest, portal: Data<Portal>, sent: Form<LoginForm>) -> HttpResponse {
    let LoginForm { form, name, password } = sent.0;
    let show = |status, problem| show_login(&request, &portal, status, &name, Some(problem));
    if !portal.login_forms.is_valid(&request, &portal.settings, &form) {
        return show(
            StatusCode::FORBIDDEN,
            "The form was too old, or the browser keeps no cookies. Log in again.",
        );
    }
    let Some(address) = request.peer_addr().map(|peer| peer.ip()) else {
        return show(StatusCode::BAD_REQUEST, "Log in again.");
    };
    if let Err(seconds) = portal.failed_logins.try_once(&name, address) {
        let problem = format!("Too many failed logins. Wait {seconds} seconds, then try again.");
        let mut response = show(StatusCode::TOO_MANY_REQUESTS, &problem);
        pages::retry_after(&mut response, seconds);
        return response;
    }
    if password.len() > PASSWORD_BYTES_MAX || !portal.accounts.check(&name, password).await {
        return show(StatusCode::FORBIDDEN, "Name or password is wrong.");
    }
    portal.failed_logins.succeeded(&name, address);
    let Ok(session) = portal.sessions.begin(&name) else {
        return show(StatusCode::INTERNAL_SERVER_ERROR, "This does not work now. Try again later.");
    };
    let mut response = see_other("/");
    browser::set_session(&mut response, &portal.settings, &session);
    response
}

/// A form that is only a button.
#[derive(Deserialize)]
struct ButtonForm {
    form: String,
}

async fn log_out(logged_in: LoggedIn, portal: Data<Portal>, sent: Form<ButtonForm>) -> HttpResponse {
    if !portal.sessions.use_form(&logged_in.session, &sent.form) {
        return used_before();
    }
    portal.sessions.end(&logged_in.session);
    let mut response = see_other("/login");
    browser::forget_session(&mut response, &portal.settings);
    response
}

async fn home(logged_in: LoggedIn, portal: Data<Portal>) -> HttpResponse {
    let records = portal.records.of(&logged_in.developer);
    let forms = [portal.sessions.new_form(&logged_in.session), portal.sessions.new_form(&logged_in.session)];
    let [Some(download_form), Some(logout_form)] = forms else { return see_other("/login") };
    let settings = &portal.settings;
    pages::home(
        &logged_in.developer,
        [&download_form, &logout_form],
        &settings.scope,
        &records,
        portal.clock.now(),
    )
}

async fn new_sdk(logged_in: LoggedIn, portal: Data<Portal>, sent: Form<ButtonForm>) -> HttpResponse {
    if !portal.sessions.use_form(&logged_in.session, &sent.form) {
        return used_before();
    }
    let now = portal.clock.now();
    let records = portal.records.of(&logged_in.developer);
    let today = records.iter().filter(|record| record.issued_at > now - DAY_SECONDS).count();
    if today >= CLIENTS_A_DAY {
        let text = format!(
            "{CLIENTS_A_DAY} downloads in a day are the limit. Nothing was registered. Try again tomorrow."
        );
        return pages::message(StatusCode::TOO_MANY_REQUESTS, "Enough for today", &text);
    }
    let name = format!("Catalog SDK of {}", logged_in.developer);
    let client = match portal.issuer.new_client(&name, &portal.settings.scope).await {
        Ok(client) => client,
        Err(error) => return no_client(&error),
    };
    let record = Record {
        developer: logged_in.developer,
        client_id: client.client_id.clone(),
        issued_at: client.issued_at,
        expires_at: client.expires_at,
    };
    let place =
        sdk::Place { issuer: portal.issuer.url(), api: &portal.settings.api, scope: &portal.settings.scope };
    // First the archive, which may fail, then the record; only then anybody can get it.
    let Ok(archive) = sdk::archive(&client, &place) else { return thrown_away() };
    let shared = portal.clone();
    if !matches!(web::block(move || shared.records.append(record)).await, Ok(Ok(()))) {
        return thrown_away();
    }
    let (client_id, expires_at) = (client.client_id, client.expires_at);
    portal
        .sessions
        .keep_package(&logged_in.session, Package { archive, client_id, expires_at, made_at: now });
    see_other("/sdk")
}

async fn ready(logged_in: LoggedIn, portal: Data<Portal>) -> HttpResponse {
    match portal.sessions.package(&logged_in.session) {
        Some(package) => pages::ready(&logged_in.developer, &package),
        None => see_other("/"),
    }
}

async fn archive(logged_in: LoggedIn, portal: Data<Portal>) -> HttpResponse {
    let Some(package) = portal.sessions.package(&logged_in.session) else {
        let text = "An archive is kept for ten minutes after the click. Go back and click again: that makes a new client.";
        return pages::message(StatusCode::GONE, "This archive is gone", text);
    };
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/zip"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"catalog-sdk.zip\""))
        .body(package.archive)
}

fn used_before() -> HttpResponse {
    let text = "It was sent a second time, is too old, or does not come from this portal. Nothing was done.";
    pages::message(StatusCode::FORBIDDEN, "This form was used already", text)
}

fn thrown_away() -> HttpResponse {
    let text = "The portal could not keep its records, so it threw the new client away with its key. Try again later.";
    pages::message(StatusCode::INTERNAL_SERVER_ERROR, "Nothing was handed out", text)
}

/// The page for a developer, and one line for the operator.
fn no_client(error: &IssuerError) -> HttpResponse {
    let _ = std::io::Write::write_fmt(
        &mut std::io::stderr(),
        format_args!("no new client: token service: {error}\n"),
    );
    let (status, wait_seconds) = match error {
        IssuerError::Unreachable => (StatusCode::SERVICE_UNAVAILABLE, Some(30)),
        IssuerError::Busy { wait_seconds } => {
            (StatusCode::SERVICE_UNAVAILABLE, Some(wait_seconds.unwrap_or(30)))
        }
        IssuerError::Refused(_) | IssuerError::Unusable(_) => (StatusCode::BAD_GATEWAY, None),
    };
    let after = match wait_seconds {
        Some(seconds) => format!("Try again in {seconds} seconds."),
        None => "Trying again will not help: tell the operator of this portal.".to_owned(),
    };
    let text = format!(
        "The token service made no client: {error}. Nothing was handed out, and your clients are as they were. {after}"
    );
    let mut page = pages::message(status, "No SDK right now", &text);
    if let Some(seconds) = wait_seconds {
        pages::retry_after(&mut page, i64::from(seconds));
    }
    page
}
