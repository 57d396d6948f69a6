//! This service's own token for another service: the client credentials grant (RFC 6749 §4.4), which is
//! one form, sent with the HTTP client that is there anyway (the crate `oauth2` would do as well). Kept
//! until shortly before its end; however many requests wait, one fetches. Knows nothing of its use.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::peer;

/// A token is not used in its last moments.
const SPARE: Duration = Duration::from_secs(10);
/// The issuer should say how long a token lives (RFC 6749 §5.1). If it does not:
const LIFETIME_SECONDS: u64 = 60;

pub struct OwnToken {
    http: reqwest::Client,
    url: String,
    id: String,
    secret: String,
    scope: String,
    audience: String,
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    token: String,
    ends: Instant,
}

/// RFC 6749 §5.1.
#[derive(Deserialize)]
struct Answer {
    access_token: String,
    token_type: String,
    expires_in: Option<u64>,
}

impl OwnToken {
    /// `id` and `secret` are those of this service, `scope` and `audience` what it may do where.
    pub fn new(
        http: reqwest::Client,
        issuer: &str,
        (id, secret): (&str, &str),
        scope: &str,
        audience: &str,
    ) -> Self {
        Self {
            http,
            url: format!("{issuer}/oauth2/token"),
            id: id.to_owned(),
            secret: secret.to_owned(),
            scope: scope.to_owned(),
            audience: audience.to_owned(),
            kept: Mutex::default(),
        }
    }

    /// A token that is good now.
    ///
    /// # Errors
    /// When there is none, and the issuer gives none.
    pub async fn get(&self) -> anyhow::Result<String> {
        let mut kept = self.kept.lock().await;
        if let Some(kept) = kept.as_ref().filter(|kept| Instant::now() + SPARE < kept.ends) {
            return Ok(kept.token.clone());
        }
        let started = Instant::now();
        let answer = self.ask().await.context("no token")?;
        let lifetime = Duration::from_secs(answer.expires_in.unwrap_or(LIFETIME_SECONDS));
        *kept = Some(Kept { token: answer.access_token.clone(), ends: started + lifetime });
        Ok(answer.access_token)
    }

    async fn ask(&self) -> anyhow::Result<Answer> {
        let form =
            [("grant_type", "client_credentials"), ("scope", &self.scope), ("resource", &self.audience)];
        // Ids and secrets that signet makes hold nothing that RFC 6749 §2.3.1 would encode.
        let request = self.http.post(&self.url).basic_auth(&self.id, Some(&self.secret)).form(&form);
        let answer: Answer = peer::json(request).await?;
        ensure!(answer.token_type.eq_ignore_ascii_case("Bearer"), "a token of type {}", answer.token_type);
        Ok(answer)
    }
}
