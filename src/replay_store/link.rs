//! The connection to the store: kept up by one task, used by all workers. Whatever fails on it, it
//! is thrown away and made anew, with pauses; meanwhile whoever asks is told at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, RedisError, Value};
use tokio::sync::{Notify, Semaphore};
use tokio::time::timeout;

use super::address::Settings;
use super::{PREFIX, REPLAY_STORE_DOWN};
use crate::config::WhenStoreDown;

/// Questions without an answer yet: when each takes all the time it has (500 ms) 2,000 a second,
/// at a millisecond a million. Above it a request is refused instead of queued.
const IN_FLIGHT_MAX: usize = 1024;
/// The first pause between two connections, and the longest.
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// A connection that lasted so long was a good one: pauses begin anew.
const LASTED: Duration = Duration::from_secs(10);
/// Between two looks whether the store still takes writes, so that an outage is known before a
/// client finds it.
const LOOK_INTERVAL: Duration = Duration::from_secs(5);
/// After the longest pause there was an attempt.
pub const RETRY_AFTER_SECONDS: u32 = 2;

/// The store cannot be asked now.
pub struct Down;

pub struct Link {
    /// `None` while the store is down.
    connection: ArcSwapOption<MultiplexedConnection>,
    lost: Notify,
    places: Semaphore,
    settings: Settings,
}

impl Link {
    /// Waits for the first attempt, not for its success.
    pub async fn start(settings: Settings) -> Arc<Self> {
        let link = Arc::new(Self {
            connection: ArcSwapOption::empty(),
            lost: Notify::new(),
            places: Semaphore::new(IN_FLIGHT_MAX),
            settings,
        });
        let first = link.connect().await;
        if let Err(reason) = &first {
            link.tell_outage(reason);
        }
        tokio::spawn(Arc::clone(&link).keep_up(first));
        link
    }

    pub fn is_up(&self) -> bool {
        self.connection.load().is_some()
    }

    /// True when the name was absent and is there now, for so many seconds.
    pub async fn set_if_absent(&self, name: &str, seconds: i64) -> Result<bool, Down> {
        let connection = self.connection.load_full().ok_or(Down)?;
        let _place = self.places.try_acquire().map_err(|_| Down)?;
        self.ask(&connection, name, seconds).await.map_err(|reason| {
            self.lose(&connection, &reason);
            Down
        })
    }

    async fn keep_up(self: Arc<Self>, first: Result<Arc<MultiplexedConnection>, String>) {
        let mut attempt = first;
        let mut pause = PAUSE_MIN;
        loop {
            match attempt {
                Ok(connection) => {
                    let since = Instant::now();
                    self.watch_until_lost(&connection).await;
                    if since.elapsed() >= LASTED {
                        pause = PAUSE_MIN;
                    }
                }
                Err(reason) => {
                    tracing::debug!(replay_store = self.settings.address(), reason, "still no replay store");
                }
            }
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2).min(PAUSE_MAX);
            attempt = self.connect().await;
        }
    }

    async fn watch_until_lost(&self, connection: &Arc<MultiplexedConnection>) {
        while self.is_up() {
            // Ends early when the connection is lost.
            let _ = timeout(LOOK_INTERVAL, self.lost.notified()).await;
            if self.is_up()
                && let Err(reason) = self.look(connection).await
            {
                self.lose(connection, &reason);
            }
        }
    }

    /// Once for every connection, whoever notices first.
    fn lose(&self, connection: &Arc<MultiplexedConnection>, reason: &str) {
        let before = self.connection.compare_and_swap(connection, None);
        if before.as_ref().is_some_and(|before| Arc::ptr_eq(before, connection)) {
            self.tell_outage(reason);
            self.lost.notify_one();
        }
    }

    fn tell_outage(&self, reason: &str) {
        let meanwhile = match self.settings.when_down() {
            WhenStoreDown::Refuse => "client assertions are refused until it is back",
            WhenStoreDown::Local => "until it is back a client assertion is accepted once by every replica",
        };
        let code = REPLAY_STORE_DOWN.code;
        tracing::warn!(
            code = code.id,
            replay_store = self.settings.address(),
            reason,
            "the replay store cannot be used: {meanwhile}"
        );
    }

    /// A connection that takes writes; from then on everybody uses it.
    async fn connect(&self) -> Result<Arc<MultiplexedConnection>, String> {
        let client = self.settings.client()?;
        // The time for an answer is bounded below, the one for a connection here.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(None)
            .set_pipeline_buffer_size(IN_FLIGHT_MAX);
        let connecting = client.get_multiplexed_async_connection_with_config(&config);
        let most = self.settings.connect_max;
        let connection = match timeout(most, connecting).await {
            Ok(made) => made.map_err(|error| reason(&error))?,
            Err(_) => return Err(format!("no connection within {} ms", most.as_millis())),
        };
        self.look(&connection).await?;
        let connection = Arc::new(connection);
        self.connection.store(Some(Arc::clone(&connection)));
        tracing::info!(replay_store = self.settings.address(), "the replay store is connected");
        Ok(connection)
    }

    /// Does the store take writes from us? One that is full, read-only or still loading does not,
    /// and neither does one whose access list leaves us out.
    async fn look(&self, connection: &MultiplexedConnection) -> Result<(), String> {
        self.ask(connection, &format!("{PREFIX}look"), 1).await.map(|_| ())
    }

    async fn ask(
        &self,
        connection: &MultiplexedConnection,
        name: &str,
        seconds: i64,
    ) -> Result<bool, String> {
        let mut command = redis::cmd("SET");
        command.arg(name).arg(1).arg("NX").arg("EX").arg(seconds);
        let mut connection = connection.clone();
        let most = self.settings.answer_max;
        match timeout(most, command.query_async::<Value>(&mut connection)).await {
            Ok(Ok(Value::Okay)) => Ok(true),
            Ok(Ok(Value::Nil)) => Ok(false),
            Ok(Ok(_)) => Err("it answers what no SET answers".to_owned()),
            Ok(Err(error)) => Err(reason(&error)),
            Err(_) => Err(format!("no answer within {} ms", most.as_millis())),
        }
    }
}

/// Of what a server says only its code: old ones repeat the arguments of a command in a message.
fn reason(error: &RedisError) -> String {
    match error.code() {
        Some(code) => code.chars().filter(char::is_ascii_alphanumeric).take(32).collect(),
        None if error.is_io_error() => error.to_string(),
        None => error.category().to_owned(),
    }
}
