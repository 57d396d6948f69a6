//! How long a token lives, and who says so: the client, else the shortest of the resources, else
//! the server.

use crate::client::{Client, Resource};
use crate::token::Reach;

/// The lifetime of a token and where it comes from.
#[derive(Clone, Copy, Debug)]
pub struct Lifetime<'s> {
    pub seconds: u32,
    pub source: LifetimeSource<'s>,
}

#[derive(Clone, Copy, Debug)]
pub enum LifetimeSource<'s> {
    Client,
    Resource(&'s Resource),
    /// The setting of the server.
    Server,
}

/// `default_seconds` is the setting of the server.
pub fn lifetime<'s>(client: &Client, reach: &Reach<'s>, default_seconds: u32) -> Lifetime<'s> {
    if let Some(seconds) = client.access_token_lifetime_seconds {
        return Lifetime { seconds, source: LifetimeSource::Client };
    }
    let of_resource = |resource: &'s Resource| match resource.access_token_lifetime_seconds {
        Some(seconds) => Lifetime { seconds, source: LifetimeSource::Resource(resource) },
        None => Lifetime { seconds: default_seconds, source: LifetimeSource::Server },
    };
    let shortest = reach.resources().map(of_resource).min_by_key(|lifetime| lifetime.seconds);
    shortest.unwrap_or(Lifetime { seconds: default_seconds, source: LifetimeSource::Server })
}
