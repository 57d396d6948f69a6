//! The token endpoint as somebody who presents client assertions sees it: twice, as `serve` answers
//! and as `dev` does, so that every refusal is compared with every other, and its reason is known.

use signet::diagnostic::catalogue;

use super::assertion::{ClientKey, client_list, form};
use super::{Options, Response, TestServer, percent};

/// The client of most tests.
pub const SIGNER: &str = "signer";

pub struct Door {
    /// Answers like `serve`.
    pub quiet: TestServer,
    /// Says the reason, like `dev`.
    pub telling: TestServer,
    /// What `serve` answers to an assertion of nobody.
    refusal: Response,
}

impl Door {
    /// One client, `signer`, with these keys.
    pub fn of(keys: &[&ClientKey]) -> Self {
        let keys: Vec<_> = keys.iter().map(|key| key.jwk()).collect();
        Self::with(&client_list(SIGNER, &keys, ""))
    }

    pub fn with(clients: &str) -> Self {
        let server = |reveal_reasons| {
            TestServer::with(Options { clients: clients.to_owned(), reveal_reasons, ..Options::default() })
        };
        let (quiet, telling) = (server(false), server(true));
        let refusal = quiet.post(&form(&ClientKey::ec().assertion("nobody", "1"))).without_date();
        assert_eq!((refusal.status, refusal.error().as_str()), (401, "invalid_client"));
        Self { quiet, telling, refusal }
    }

    /// # Panics
    /// Unless the assertion gets a token of the client.
    pub fn accepts(&self, assertion: &str) {
        let response = self.quiet.post(&form(&percent(assertion.as_bytes())));
        assert_eq!(response.status, 200, "{}", self.told(&form(&percent(assertion.as_bytes()))));
        assert_eq!(self.quiet.judge(&response).claims["client_id"], SIGNER);
    }

    /// # Panics
    /// Unless the assertion is refused for the reason of that name, in the words of every refusal.
    pub fn refuses(&self, assertion: &str, reason: &str) {
        self.refuses_form(&form(&percent(assertion.as_bytes())), reason);
    }

    /// The same of a whole form.
    pub fn refuses_form(&self, form: &str, reason: &str) {
        let title = catalogue::find(reason).expect("a reason").title;
        assert_eq!(self.told(form), title, "{form:.300}");
        assert_eq!(self.quiet.post(form).without_date(), self.refusal, "{form:.300}");
    }

    /// What `dev` says to it.
    fn told(&self, form: &str) -> String {
        let response = self.telling.post(form);
        response.json()["error_description"].as_str().unwrap_or_default().to_owned()
    }

    pub fn reload_with(&self, clients: &str) {
        for server in [&self.quiet, &self.telling] {
            server.write_clients(clients);
            server.reload_and_wait();
        }
    }
}
