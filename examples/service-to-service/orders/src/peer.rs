//! One request to another service: no redirect, so that secrets and tokens reach the address they are
//! for and no other; a deadline; an answer of limited length. Knows neither tokens nor orders.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde::de::DeserializeOwned;

/// Longer than shipping gives its own requests, so that it is shipping who says what is wrong.
const DEADLINE: Duration = Duration::from_secs(11);
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// # Errors
/// When the system gives no client.
pub fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(DEADLINE).build()
}

/// The JSON of an answer with status 200.
///
/// # Errors
/// For whatever else comes, or when nothing does.
pub async fn json<T: DeserializeOwned>(request: reqwest::RequestBuilder) -> anyhow::Result<T> {
    let mut response = request.send().await?;
    ensure!(response.status() == reqwest::StatusCode::OK, "{} answers {}", response.url(), response.status());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        ensure!(body.len() + chunk.len() <= ANSWER_BYTES_MAX, "the answer is too long");
        body.extend_from_slice(&chunk);
    }
    serde_json::from_slice(&body).context("the answer is something else than expected")
}
