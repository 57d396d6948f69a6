//! Sends the token requests of a file of cases with the crate `oauth2`, unmodified.
//!
//!     stock-client LIBRARY CASES.json
//!
//! prints a JSON line for each case: `outcome` is `token`, `refused` (the crate reports
//! invalid_client) or `error` with a text. Of a token only the claims are printed.

use oauth2::basic::{BasicClient, BasicErrorResponseType};
use oauth2::{
    AuthType, ClientId, ClientSecret, RequestTokenError, Scope, TokenResponse as _, TokenUrl, reqwest,
};
use serde_json::{Value, json};

fn text<'a>(case: &'a Value, name: &str) -> &'a str {
    case[name].as_str().unwrap_or_default()
}

fn outcome(http: &reqwest::blocking::Client, endpoint: &str, case: &Value) -> Value {
    let token_url = TokenUrl::new(endpoint.to_owned()).expect("the token endpoint is a URL");
    let mut client = BasicClient::new(ClientId::new(text(case, "client_id").to_owned()))
        .set_client_secret(ClientSecret::new(text(case, "secret").to_owned()))
        .set_token_uri(token_url);
    client = match text(case, "method") {
        "default" => client,
        "client_secret_basic" => client.set_auth_type(AuthType::BasicAuth),
        "client_secret_post" => client.set_auth_type(AuthType::RequestBody),
        other => panic!("unknown method {other}"),
    };
    let mut request = client.exchange_client_credentials();
    for scope in text(case, "scope").split_whitespace() {
        request = request.add_scope(Scope::new(scope.to_owned()));
    }
    if !text(case, "resource").is_empty() {
        request = request.add_extra_param("resource", text(case, "resource").to_owned());
    }
    match request.request(http) {
        Ok(token) => json!({"outcome": "token", "claims": token.access_token().secret().split('.').nth(1)}),
        Err(RequestTokenError::ServerResponse(answer))
            if *answer.error() == BasicErrorResponseType::InvalidClient =>
        {
            json!({"outcome": "refused"})
        }
        Err(error) => json!({"outcome": "error", "text": format!("{error:?}")}),
    }
}

fn main() {
    let file = std::env::args().nth(2).expect("stock-client LIBRARY CASES.json");
    let asked: Value = serde_json::from_slice(&std::fs::read(file).expect("the cases")).expect("JSON");
    // As the documentation of the crate asks: a redirect of a token endpoint is not followed.
    let http = reqwest::blocking::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("an HTTP client");
    for case in asked["cases"].as_array().expect("cases") {
        let mut line = outcome(&http, text(&asked, "token_endpoint"), case);
        line["case"] = case["case"].clone();
        println!("{line}");
    }
}
